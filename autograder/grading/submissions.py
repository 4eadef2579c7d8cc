"""Submissions: find what learners sent for an assignment, under whatever name and in whatever folder it lies."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from autograder.authoring.course import Course
from autograder.grading.reading import RejectedError, read_regular_file, shown

TIMESTAMP, SECRET = "timestamp.txt", "submission_secret.txt"  # what nbgrader's exchange puts beside a submission
_MOST_ENTRIES = 2_000  # of a learner's folder
_MOST_LEVELS = 3
_LONGEST_LINE = 200  # of what nbgrader's exchange adds to a submission
_CHECKPOINTS = ".ipynb_checkpoints"

_STUDENT_ID = re.compile(r"[\w.@+-]{1,100}")
_NOTEBOOK = re.compile(r"(?P<stem>.*)\.ipynb(\.(txt|json))?", re.IGNORECASE | re.DOTALL)
# What browsers, drives and editors make of a file's name.
_COPY = re.compile(
    r"^(copy|kopie|copie|copia) (of|von|de|di) |[ _-]*(\(\d+\)|copy\d*|checkpoint|final|v\d+)$", re.IGNORECASE
)


@dataclass(frozen=True)
class Submission:
    """What one learner sent for one notebook of an assignment: the file, or the reason why there is none.

    `path` is the most likely file by its name, `others` are further ones that may be meant, the likeliest first, all
    of them somewhere below `folder`. `beside` are the other files that came with it, by their paths below the notebook's folder; `absent` is a notebook
    that was not sent although others of its assignment were.
    """

    student: str
    path: Path | None
    problems: tuple[str, ...] = ()
    timestamp: str | None = None
    beside: Mapping[str, Path] = field(default_factory=dict)
    absent: bool = False
    others: tuple[Path, ...] = ()
    folder: Path = Path()


def find_submissions(
    course: Course,
    lesson: str,
    students: Sequence[str] = (),
    notebook: str | None = None,
    siblings: Sequence[str] = (),
) -> list[Submission]:
    """One submission for each learner who has a folder `submitted/ID/LESSON`; `students` names some of them.

    An assignment may consist of several notebooks: then `notebook` names one of them and `siblings` the others.
    """
    wanted = students or sorted(path.name for path in course.submitted.glob("*") if os.path.lexists(path / lesson))
    name = notebook or lesson
    return [_find(course.submitted / student / lesson, student, name, siblings) for student in wanted]


def is_student_id(name: str) -> bool:
    """Whether a folder's name can be a learner's id: letters, digits and . @ + - _ only."""
    return _STUDENT_ID.fullmatch(name) is not None and name not in (".", "..")


def likeness(path: Path, notebook: str) -> int:
    """How little a file's name says that it is the notebook: 0 it is called so, 1 it is a copy by its name, 2 neither."""
    named = _NOTEBOOK.fullmatch(path.name)
    stem = named["stem"] if named else path.stem
    if stem == notebook and named:
        return 0
    return 1 if _plain(stem) == _plain(notebook) else 2


def _plain(stem: str) -> str:
    """A file's name without what marks a copy, and without regard to case, spaces and underscores."""
    before = None
    while stem != before:
        before, stem = stem, _COPY.sub("", stem).strip()
    return re.sub(r"[\s_-]+", "_", stem).casefold()


def _find(folder: Path, student: str, notebook: str, siblings: Sequence[str]) -> Submission:
    if not is_student_id(student):
        why = "The folder's name is no learner's id (letters, digits, . @ + - _)."
        return Submission(shown(student), None, (why,))
    if folder.is_symlink() or folder.parent.is_symlink() or not folder.is_dir():
        why = f"{folder.name} is a link or no folder; send the notebook itself in a folder of that name."
        return Submission(student, None, (why,))
    files = list(islice(_files(folder), _MOST_ENTRIES))
    time = timestamp_in(folder)
    if found := _candidates(files, folder, notebook, siblings):
        return Submission(student, found[0], (), time, others=tuple(found[1:]), folder=folder)
    there = ", ".join(shown(path.name) for path in files if path.name != TIMESTAMP)
    only = f", only {there[:200]}" if there else ""
    why = f"No notebook was found in the submission{only}; send {notebook}.ipynb."
    return Submission(student, None, (why,), time)


def _files(folder: Path, levels: int = _MOST_LEVELS) -> Iterator[Path]:
    """All that is no folder in a learner's folder, without following links, up to a limit."""
    try:
        with os.scandir(folder) as entries:
            listed = sorted(islice(entries, _MOST_ENTRIES), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in listed:
        if not entry.is_dir(follow_symlinks=False):
            yield Path(entry.path)
        elif levels and entry.name != "__MACOSX" and (not entry.name.startswith(".") or entry.name == _CHECKPOINTS):
            yield from _files(Path(entry.path), levels - 1)


def _candidates(files: Sequence[Path], folder: Path, notebook: str, siblings: Sequence[str]) -> list[Path]:
    """The files that may be meant, the likeliest first. What an editor keeps aside counts where nothing else is there."""
    found = [path for path in files if _is_candidate(path, notebook, siblings)]
    aside = [path for path in found if _CHECKPOINTS in path.relative_to(folder).parts]
    return sorted([path for path in found if path not in aside] or aside, key=lambda path: _rank(path, notebook))


def _is_candidate(path: Path, notebook: str, siblings: Sequence[str]) -> bool:
    if path.name.startswith("."):
        return False
    if named := _NOTEBOOK.fullmatch(path.name):
        return named["stem"] not in siblings
    return path.suffix.lower() == ".py" and likeness(path, notebook) < 2


def _rank(path: Path, notebook: str) -> tuple[bool, int, int, str]:
    return path.suffix.lower() == ".py", likeness(path, notebook), len(path.parts), path.name


def timestamp_in(folder: Path) -> str | None:
    """The time of submission, as nbgrader's exchange leaves it in timestamp.txt."""
    return _line_in(folder / TIMESTAMP)


def secret_in(folder: Path) -> str | None:
    """The secret of a submission through nbgrader's exchange, under whose name its feedback waits there."""
    return _line_in(folder / SECRET)


def _line_in(path: Path) -> str | None:
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return None
        return read_regular_file(path, _LONGEST_LINE).decode("utf-8").strip() or None
    except (OSError, RejectedError, UnicodeDecodeError):
        return None
