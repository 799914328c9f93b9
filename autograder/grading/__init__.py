"""Grading a class.

intake.py reads what was handed in; batch.py keeps a crew busy (crew.py here, cluster.py on a cluster) and a store
informed; in each grading process grade_one.py grades one submission by the runs of exercise_runs.py.
"""
