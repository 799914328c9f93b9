"""Results as pages a person wants to read: a class page, a page per student, a table for the terminal."""
