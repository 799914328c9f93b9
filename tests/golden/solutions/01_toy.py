# ruff: noqa: E402
# ---
# jupyter:
#   kernelspec:
#     name: python3
# ---

# %% [markdown]
# # 1 · Toys — süß
#
# Two exercises of every shape that a source may have.

# %%
WHEEL = "{{wheel}}"
# %pip list

# %% export
import math

from course_lib.shapes import Float


# %% exercise="areas" title="Areas" points=4.5 tags=["geometry"]
def square(side: Float) -> Float:
    """The area of a square."""
    # BEGIN SOLUTION
    return side**2
    # END SOLUTION


def ring(outer: Float, inner: Float) -> Float:
    """The area between two circles."""

    ### BEGIN SOLUTION

    large = math.pi * square(outer)
    ### END SOLUTION

    small = 0.0
    if inner > 0:
        # BEGIN SOLUTION
        small = math.pi * square(inner)  # the hole's area
        # END SOLUTION
    return large - small


# %%
print("same cell")

# %% [markdown] written="why" title="Why?" points=2
# **Question 1.** Why is the ring not a disc?
#
# BEGIN SOLUTION
# Because it has a hole in the middle.
# END SOLUTION

# %%
print("same cell")

# %% exercise="counter" title="A class" points=3
class Counter:
    """Counts."""

    def __init__(self, start: int = 0) -> None:
        # BEGIN SOLUTION
        self.count = start + 0
        # END SOLUTION

    def step(self) -> int:
        """The next number."""
        # BEGIN SOLUTION
        self.count += 1
        return self.count
        # END SOLUTION


# %% [markdown] written="quoted" title="In quotes" points=1
"""
*Say it:*
# BEGIN SOLUTION
All of it was said before.
# END SOLUTION
"""
