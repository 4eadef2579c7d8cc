"""The course's helper package: `check` an exercise, get a `hint`. Importing it loads NumPy and nothing heavier."""

from autograder.check import check
from autograder.hint import hint

__all__ = ["check", "hint"]
