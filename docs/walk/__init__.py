"""Runs the pages of the handbook: every command in order, every edit of a file, and compares what came out."""
