"""Answers to notebook 4 that its checks are tested on. Each cell runs after the solution and replaces functions of it."""
# ruff: noqa

# --- second half
