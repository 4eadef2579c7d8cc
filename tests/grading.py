"""What tests of grading share: hand in a notebook, run the command line, read the results."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.authoring.course import Course
from tests.conftest import BARE_PATH, ROOT


def submit(course: Course, lesson: str, student: str, content: NotebookNode | bytes | str) -> Path:
    """Put a submission where an instructor's collect would."""
    folder = course.submitted / student / lesson
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{lesson}.ipynb"
    data = nbformat.writes(content) if isinstance(content, NotebookNode) else content
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def cli(*arguments: str | Path, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run `autograder …` in `folder`."""
    command = [sys.executable, "-P", "-m", "autograder.cli", *map(str, arguments)]
    environment = {**os.environ, "PATH": BARE_PATH}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def grade(course: Course, lesson: str, *options: str) -> dict[str, Any]:
    """Grade through the command line, and return what it wrote as JSON."""
    file = course.root / "results.json"
    done = cli("grade", lesson, "--json", file, *options, folder=course.root)
    assert file.exists(), done.stderr  # an exception of ours exits with 1 too
    return json.loads(file.read_text())


def row_of(results: dict[str, Any], student: str) -> dict[str, Any]:
    """One learner's row."""
    return next(row for row in results["submissions"] if row["student"] == student)


def statuses(row: dict[str, Any]) -> dict[str, str]:
    """The status of each exercise of a row."""
    return {item["name"]: item["status"] for item in row["exercises"]}
