"""Submissions: find what learners sent, and read their notebooks' text from whatever bytes they are."""

from __future__ import annotations

import json
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.authoring.course import Course

MAX_NOTEBOOK_BYTES = 50_000_000

_STUDENT_ID = re.compile(r"[\w.@+-]{1,100}")


class RejectedError(ValueError):
    """A submission that no person could grade either; the sentence says why, for learner and instructor."""


@dataclass(frozen=True)
class LearnerCell:
    """All that a learner's cell contributes: text, and where to look for the given cell that it belongs to."""

    kind: str
    source: str
    cell_id: str | None = None
    grade_id: str | None = None


@dataclass(frozen=True)
class Submission:
    """What one learner sent for one lesson: the notebook file, or the reason why there is none."""

    student: str
    path: Path | None
    problems: tuple[str, ...] = ()
    timestamp: str | None = None


def find_submissions(course: Course, lesson: str, students: list[str] | None = None) -> list[Submission]:
    """One submission for each learner who has a folder `submitted/ID/LESSON`; `students` names some of them."""
    wanted = students or sorted(path.name for path in course.submitted.glob("*") if (path / lesson).is_dir())
    return [_find(course.submitted / student / lesson, student, lesson) for student in wanted]


def is_student_id(name: str) -> bool:
    """Whether a folder's name can be a learner's id: letters, digits and . @ + - _ only."""
    return _STUDENT_ID.fullmatch(name) is not None and name not in (".", "..")


def _find(folder: Path, student: str, lesson: str) -> Submission:
    if not is_student_id(student):
        return Submission(student, None, ("The folder's name is no learner's id (letters, digits, . @ + - _).",))
    candidates = sorted(path for path in folder.glob("*.ipynb") if not path.name.startswith("."))
    exact = [path for path in candidates if path.name == f"{lesson}.ipynb"]
    time = _timestamp(folder)
    if exact:
        others = [path.name for path in candidates if path not in exact]
        note = (
            (f"There were other notebooks as well ({', '.join(others)}); {lesson}.ipynb was graded.",) if others else ()
        )
        return Submission(student, exact[0], note, time)
    if len(candidates) == 1:
        return Submission(
            student,
            candidates[0],
            (f"The notebook is called {candidates[0].name}; it was taken for {lesson}.ipynb.",),
            time,
        )
    if candidates:
        named = ", ".join(path.name for path in candidates)
        return Submission(
            student, None, (f"None of {named} is called {lesson}.ipynb; leave one and send it again.",), time
        )
    return Submission(student, None, (f"No notebook was found in the submission; send {lesson}.ipynb.",), time)


def _timestamp(folder: Path) -> str | None:
    """The time of submission, as nbgrader's exchange leaves it in timestamp.txt."""
    try:
        return (folder / "timestamp.txt").read_text(encoding="utf-8")[:100].strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def read_cells(path: Path) -> list[LearnerCell]:
    """The cells of a learner's notebook. Raises RejectedError where the file is no notebook."""
    return parse_cells(_read_bytes(path))


def _read_bytes(path: Path) -> bytes:
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            raise RejectedError(f"{path.name} is a link or no ordinary file; send the notebook itself.")
        if status.st_size > MAX_NOTEBOOK_BYTES:
            raise RejectedError(
                f"{path.name} is {status.st_size >> 20} MB large; clear its outputs (at most {MAX_NOTEBOOK_BYTES >> 20} MB)."
            )
        return path.read_bytes()
    except OSError as error:
        raise RejectedError(f"{path.name} cannot be read ({error.strerror}); send it again.") from None


def parse_cells(data: bytes) -> list[LearnerCell]:
    """The cells of a notebook's bytes. Raises RejectedError."""
    try:
        notebook = json.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise RejectedError("The file is no notebook: it holds no JSON. Save the notebook and send it again.") from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise RejectedError("The file is no notebook: it has no cells. Save the notebook and send it again.")
    return [_cell(cell) for cell in cells if isinstance(cell, dict)]


def _cell(cell: dict[str, Any]) -> LearnerCell:
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return LearnerCell(
        cell["cell_type"] if cell.get("cell_type") in ("code", "markdown", "raw") else "raw",
        source.replace("\r\n", "\n") if isinstance(source, str) else "",
        cell.get("id") if isinstance(cell.get("id"), str) else None,
        grade_id if isinstance(grade_id, str) else None,
    )
