"""The tasks of trained exercises, one module each: how it is drawn from a seed, and the bands of its grading."""
