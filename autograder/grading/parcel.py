"""Parcel: a submission with the contents of its files, so that it can be graded where our folders are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from autograder.grading.reading import MAX_FILE_BYTES, RejectedError, read_regular_file
from autograder.grading.submissions import Submission

_MOST_FILES = 8


@dataclass(frozen=True)
class Parcel:
    """What one learner sent for one notebook, as data.

    `files` are those that may be meant, by their names below the learner's folder, the likeliest first: their bytes, or
    the sentence that says why a file cannot be read. `beside` are the files that came along, `absent` a notebook that
    was not sent although others of its assignment were.
    """

    student: str
    files: Mapping[str, bytes | str]
    problems: tuple[str, ...] = ()
    timestamp: str | None = None
    beside: Mapping[str, bytes] = field(default_factory=dict)
    absent: bool = False


def packed(submission: Submission) -> Parcel:
    """Read a submission's files."""
    paths = [path for path in (submission.path, *submission.others) if path is not None]
    beside = {name: _content(path) for name, path in submission.beside.items()}
    return Parcel(
        submission.student,
        {str(path.relative_to(submission.folder)): _content(path) for path in islice(paths, _MOST_FILES)},
        (*submission.problems, *(why for why in beside.values() if isinstance(why, str))),
        submission.timestamp,
        {name: content for name, content in beside.items() if isinstance(content, bytes)},
        submission.absent,
    )


def _content(path: Path) -> bytes | str:
    """A file's bytes, or why it cannot be read."""
    try:
        return read_regular_file(path, MAX_FILE_BYTES)
    except RejectedError as error:
        return str(error)
