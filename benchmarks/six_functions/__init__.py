"""One assignment of six PyTorch functions, 60 points, 12 checks: for our grader, for nbgrader and for otter-grader.

solutions/01_six_functions.py   the source; its answers are what every tool is given to grade
checks/six_functions/           our checks
asserts.py                      the same checks as plain asserts, for the other two
course.py, nbgrader.py, otter.py   lay each tool's folder out
"""
