"""Functions that checks hand to student code, such as a distance field to be traced. None is an answer."""
