"""Budgets: a lesson fits into an evening and a notebook into a minute of one core. Shows the figures (`pytest -rP`)."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from autograder.authoring.gate import MOST_CELLS, MOST_WORDS
from autograder.authoring.sources import Lesson, is_demo
from tests.conftest import LESSON_NAMES

MOST_CPU_SECONDS = (
    60  # on one core, demonstrations included; lessons take a fraction of it, so that noise does not matter
)

# As a kernel would run them, but in one process whose CPU seconds the system counts.
RUN_CELLS = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_cell("%matplotlib agg")
for source in json.load(sys.stdin):
    shell.run_cell(source).raise_error()
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", LESSON_NAMES)
def test_a_solved_notebook_keeps_its_budgets(name: str, lessons: Mapping[str, Lesson]) -> None:
    lesson = lessons[name]
    code = [cell for cell in lesson.notebook.cells if cell.cell_type == "code"]
    words = sum(len(cell.source.split()) for cell in lesson.notebook.cells if cell.cell_type == "markdown")
    whole = cpu_seconds([cell.source for cell in code], lesson.folder)
    graded = cpu_seconds([cell.source for cell in code if not is_demo(cell)], lesson.folder)
    start = start_seconds(any("import torch" in cell.source for cell in code if not is_demo(cell)))
    print(
        f"{name}: {len(lesson.notebook.cells)} cells, {words} words, "
        f"{whole:.1f} s of CPU, {graded:.1f} s without demonstrations, {start:.1f} s of it to start and import"
    )
    assert len(lesson.notebook.cells) <= MOST_CELLS
    assert words <= MOST_WORDS
    assert whole < MOST_CPU_SECONDS


@functools.cache
def start_seconds(with_torch: bool) -> float:
    """The CPU seconds before a lesson's own work begins: the interpreter, and the packages that it imports."""
    return cpu_seconds(["import numpy, autograder"] + ["import torch"] * with_torch, Path())


def cpu_seconds(sources: list[str], folder: Path) -> float:
    """The CPU seconds of a fresh interpreter that runs `sources` in the notebook's folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", RUN_CELLS], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd=folder
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(sources).encode())
    process.stdin.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_utime + usage.ru_stime
