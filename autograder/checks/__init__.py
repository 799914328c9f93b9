"""The checks of every notebook: a package per topic, ordinary pytest functions, public code."""
