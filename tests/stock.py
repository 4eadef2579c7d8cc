"""Stock nbgrader, run as an instructor runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from autograder.authoring.course import Course


def nbgrader(course: Course, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `nbgrader …` in the course's folder, and fail where it fails."""
    return nbgrader_in(course.root, *arguments)


def nbgrader_in(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `nbgrader …` in any folder, and fail where it fails."""
    # alembic and jupyter must be on PATH, as they are in an activated environment.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=True,
    )


def leave_nbgrader_to_itself(course: Course) -> None:
    """Take our own preprocessors out of a course's configuration, so that `nbgrader autograde` is stock."""
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write("\nc.pop('Autograde')\n")
