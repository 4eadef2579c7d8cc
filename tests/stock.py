"""Stock nbgrader, run as an instructor runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from autograder.authoring.course import Course


def nbgrader(course: Course, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `nbgrader …` in the course's folder, and fail where it fails."""
    # alembic and jupyter must be on PATH, as they are in an activated environment.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=course.root,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
