"""Trained exercises: a student predicts views that nobody has shown, the grader compares them with the hidden ones."""
