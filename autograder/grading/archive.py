"""Archive: what a grading run keeps in `grading/LESSON/TIME/`, where the instructor alone can read it.

A run has secret keys on seeds of its own, and `run.db` with what it found of each piece of work. So a run that was
interrupted goes on where it stopped, work that was graded is not graded again, and identical work is graded once. All
of that holds within one run: on other seeds, or where anything has changed that a verdict may depend on (lesson, keys,
this package, the environment, the data files, the sandbox, the limits), everything is graded anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat

import autograder
from autograder.authoring.course import Course
from autograder.errors import InputError
from autograder.grading.grade import Assignment, Graded, GradedWork, Outcome
from autograder.grading.parcel import Parcel
from autograder.key import Key, load, save
from autograder.verdict import Status, Tier, Verdict

_VERSION = "version.txt"
_TABLES = """
create table if not exists work (content text primary key, found blob not null) without rowid;
create table if not exists stored (
    student text, notebook text, content text not null, timestamp text not null, primary key (student, notebook)
) without rowid;
"""


class ArchiveError(InputError):
    """The archive of a run cannot be used; the sentence says what to do."""


class Run:
    """One grading run of an assignment: its keys, and what it found so far. A context manager."""

    def __init__(self, folder: Path, keys: Mapping[str, Key]) -> None:
        self.folder = folder
        self.keys = keys
        path = folder / "run.db"
        try:
            self._database = sqlite3.connect(path, timeout=60)
            path.chmod(0o600)
            self._database.execute("pragma journal_mode = wal")
            self._database.execute("pragma synchronous = normal")
            self._database.executescript(_TABLES)
        except sqlite3.Error as error:
            raise ArchiveError(f"{path} cannot be used ({error}); grade with --again, which starts another.") from None

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close its database."""
        self._database.close()

    def find(self, content: str) -> GradedWork | None:
        """What was found of such work before."""
        row = self._database.execute("select found from work where content = ?", (content,)).fetchone()
        return _read(row[0]) if row else None

    def keep(self, content: str, work: GradedWork) -> bool:
        """Remember what was found. What failed through our fault is not kept, so that it is tried again."""
        if work.row.outcome is Outcome.NOT_GRADED:
            return False
        with self._database:
            self._database.execute("insert or replace into work values (?, ?)", (content, _written(work)))
        return True

    def is_stored(self, content: str, notebook: str, student: str, timestamp: str | None) -> bool:
        """Whether just this was written to the gradebook as that learner's work."""
        found = self._database.execute(
            "select content, timestamp from stored where student = ? and notebook = ?", (student, notebook)
        ).fetchone()
        return bool(found == (content, timestamp or ""))

    def mark_stored(self, content: str, notebook: str, student: str, timestamp: str | None) -> None:
        """Remember that the gradebook has it."""
        row = (student, notebook, content, timestamp or "")
        with self._database:
            self._database.execute("insert or replace into stored values (?, ?, ?, ?)", row)


def open_run(
    course: Course,
    assignments: Sequence[Assignment],
    circumstances: Sequence[str],
    record: Callable[[], Mapping[str, Key]],
    *,
    again: bool,
) -> Run:
    """The newest run of the same version of everything, or a new one: with `again`, or where there is none.

    `circumstances` are further texts that a verdict may depend on. A new run's keys come from `record`.
    """
    folder = course.root / "grading" / assignments[0].name
    version = _version(assignments, circumstances)
    if not again and (before := _newest(folder, version)) is not None:
        return Run(before, {path.stem: load(path) for path in sorted(before.glob("*.npz"))})
    keys = record()
    return Run(_start(folder, version, keys), keys)


def _newest(folder: Path, version: str) -> Path | None:
    runs = sorted((path.parent for path in folder.glob(f"*/{_VERSION}")), reverse=True)
    return next((run for run in runs if (run / _VERSION).read_text() == version), None)


def _start(folder: Path, version: str, keys: Mapping[str, Key]) -> Path:
    """A run's folder, named after its start. Its seeds are fresh, so nothing else can tell later what was asked."""
    start = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S.%fZ")
    part = folder / f"{start}.part"
    part.mkdir(parents=True)
    for place in (folder.parent, folder, part):
        place.chmod(0o700)
    for name, key in keys.items():
        with os.fdopen(os.open(part / f"{name}.npz", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            save(key, file)
    (part / _VERSION).write_text(version)
    return part.rename(folder / start)  # whole, or not there


# --- what makes two gradings the same --------------------------------------------------------------------


def content_of(notebook: str, parcel: Parcel) -> str:
    """A digest of all that a learner sent for a notebook, but for who and when."""
    named = replace(parcel, student="", timestamp=None)
    return _digest((notebook, repr((named.problems, named.absent)), *_flat(named.files), "", *_flat(named.beside)))


def _flat(files: Mapping[str, bytes | str]) -> Iterator[bytes | str]:
    for name, content in files.items():
        yield name
        yield content


def _version(assignments: Sequence[Assignment], circumstances: Sequence[str]) -> str:
    parts: list[bytes | str] = [sys.version, *circumstances, *_environment(), *_flat(_package())]
    for one in assignments:
        parts += [one.notebook, nbformat.writes(one.given), nbformat.writes(one.whole), repr(one.copies)]
        parts += _flat({name: path.read_bytes() for name, path in one.files.items()})
    return _digest(parts)


def _environment() -> list[str]:
    """All packages that are installed, with their versions."""
    return sorted({entry.name for path in sys.path if Path(path).is_dir() for entry in Path(path).glob("*.dist-info")})


def _package() -> dict[str, bytes]:
    root = Path(autograder.__file__).parent
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*.py"))}


def _digest(parts: Sequence[bytes | str]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(b"%c%d:" % (b"s" if isinstance(part, str) else b"b", len(data)) + data)
    return digest.hexdigest()


# --- what was found, as bytes ------------------------------------------------------------------------------


def _written(work: GradedWork) -> bytes:
    row = work.row
    tree = {
        "notebook_name": row.notebook_name,
        "outcome": row.outcome,
        "problems": row.problems,
        "verdicts": [asdict(verdict) for verdict in row.verdicts.values()],
        "notebook": nbformat.writes(work.notebook),
        "absent": work.absent,
    }
    return zlib.compress(json.dumps(tree).encode())


def _read(data: bytes) -> GradedWork:
    tree = json.loads(zlib.decompress(data))
    verdicts = {fields["exercise"]: _verdict(fields) for fields in tree["verdicts"]}
    row = Graded(tree["notebook_name"], "", Outcome(tree["outcome"]), tuple(tree["problems"]), verdicts)
    return GradedWork(row, nbformat.reads(tree["notebook"], as_version=4), None, tree["absent"])


def _verdict(fields: dict[str, Any]) -> Verdict:
    changed = {"status": Status(fields["status"]), "tier": Tier(fields["tier"]), "findings": tuple(fields["findings"])}
    return Verdict(**{**fields, **changed})
