"""Stock nbgrader, run as an instructor runs it, or a learner at the other end of the exchange.

It finds alembic and jupyter as in an activated environment: conftest puts them on PATH.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from autograder.authoring.course import Course


def nbgrader(course: Course, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `nbgrader …` in the course's folder, and fail where it fails."""
    return nbgrader_in(course.root, *arguments)


def nbgrader_in(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `nbgrader …` in any folder, and fail where it fails."""
    command = [sys.executable, "-m", "nbgrader", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)


def in_exchange(course: Course, folder: Path, home: Path, *options: str) -> Callable[[str, str], None]:
    """A person who runs `nbgrader COMMAND ASSIGNMENT` in a folder of theirs, with a home of their own and the strictest
    umask, so that nothing depends on what this user's files may be."""
    home.mkdir(exist_ok=True)
    where = (f"--Exchange.root={course.root / '.exchange'}", "--course=training_loops")

    def run(command: str, assignment: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", command, assignment, *where, *options],
            cwd=folder,
            env={
                **os.environ,
                "HOME": str(home),
                "JUPYTER_DATA_DIR": str(home / "data"),
                "JUPYTER_CONFIG_DIR": str(home / "config"),
            },
            umask=0o077,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr

    return run


def leave_nbgrader_to_itself(course: Course) -> None:
    """Take our own preprocessors out of a course's configuration, so that `nbgrader autograde` is stock."""
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write("\nc.pop('Autograde')\n")
