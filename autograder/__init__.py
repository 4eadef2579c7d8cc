"""The course's helper package: `check` an exercise, get a `hint`, see your `progress`. Importing it loads NumPy and nothing heavier."""

import sys
from typing import Any

if sys.version_info < (3, 11):  # noqa: UP036  (pip refuses too, but Colab and copied folders never ask pip)
    raise ImportError("This course needs Python 3.11 or newer; this is " + sys.version.split()[0] + ".")

from autograder.check import check
from autograder.hint import hint
from autograder.progress import progress
from autograder.ready import ready

__all__ = ["check", "hint", "progress", "ready"]


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext autograder` makes `%%drill` known to a notebook."""
    from autograder.drill import register

    register(shell)
