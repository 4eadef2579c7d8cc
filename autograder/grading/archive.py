"""Archive: what a grading run keeps in `grading/LESSON/TIME/`, where the instructor alone can read it.

A run has secret keys on seeds of its own, and `run.db` with what it found of each piece of work. So a run that was
interrupted goes on where it stopped, work that was graded is not graded again, and identical work is graded once. All
of that holds within one run: on other seeds, or where anything has changed that a verdict may depend on (lesson, keys,
this package, the environment, the data files, the sandbox, the limits), everything is graded anew.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat

import autograder
from autograder.atomic import write_atomically
from autograder.authoring.course import Course
from autograder.encoding import from_json, to_json
from autograder.errors import InputError
from autograder.grading.grade import Assignment, Graded, GradedWork, Outcome, Seen
from autograder.grading.parcel import Parcel
from autograder.grading.runner import Died, Observed
from autograder.key import Key, load, to_bytes
from autograder.verdict import Status, Tier, Verdict

_VERSION = "version.json"
_START = "%Y-%m-%dT%H-%M-%S.%fZ"  # how a run's folder is called, by the time in UTC at which it began
_TABLES = """
create table if not exists work (content text primary key, found blob not null, notebook blob not null);
create table if not exists seen (digest text primary key, data blob not null);
create table if not exists stored (
    student text, notebook text, content text not null, timestamp text not null, primary key (student, notebook)
);
create table if not exists unfinished (
    student text, notebook text, found blob not null, primary key (student, notebook)
);
"""


class ArchiveError(InputError):
    """The archive of a run cannot be used; the sentence says what to do."""


@dataclass(frozen=True)
class Judged:
    """What was judged of a piece of work: the verdicts, and for each exercise a name of what was seen of it.

    The same name, the same was seen.
    """

    verdicts: Mapping[str, Verdict]
    digests: Mapping[str, str]


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

    @property
    def began(self) -> datetime:
        """When the run began, in UTC."""
        return datetime.strptime(self.folder.name, _START).replace(tzinfo=UTC)

    @property
    def how(self) -> dict[str, Any]:
        """How learner code was run, as `open_run` was told."""
        return dict(json.loads((self.folder / _VERSION).read_text())["how"])

    def close(self) -> None:
        """Close its database."""
        self._database.close()

    def find(self, content: str) -> GradedWork | None:
        """What was found of such work before."""
        row = self._database.execute("select found, notebook from work where content = ?", (content,)).fetchone()
        return _work_of(_unpacked(row[0]), zlib.decompress(row[1]).decode()) if row else None

    def keep(self, content: str, work: GradedWork) -> bool:
        """Remember what was found; says whether it did. What our own failure spoiled is not kept: it is tried again."""
        if work.row.outcome in (Outcome.NOT_GRADED, Outcome.PARTLY_GRADED):
            return False
        seen = {name: zlib.compress(_seen_as_text(one).encode()) for name, one in work.seen.items()}
        digests = {name: hashlib.sha256(data).hexdigest() for name, data in seen.items()}
        with self._database:
            pairs = [(digests[name], data) for name, data in seen.items()]
            self._database.executemany("insert or ignore into seen values (?, ?)", pairs)
            self._write(content, work, digests)
        return True

    def revise(self, content: str, work: GradedWork) -> None:
        """Remember that such work, which must be here, is judged otherwise now. What was seen of it stays."""
        with self._database:
            self._write(content, work, self.judged(content).digests)

    def _write(self, content: str, work: GradedWork, digests: Mapping[str, str]) -> None:
        found = zlib.compress(json.dumps(_tree_of(work) | {"seen": digests}).encode())
        notebook = zlib.compress(json.dumps(work.notebook).encode())
        self._database.execute("insert or replace into work values (?, ?, ?)", (content, found, notebook))

    def judged(self, content: str) -> Judged:
        """The verdicts on such work, which must be here."""
        (found,) = self._database.execute("select found from work where content = ?", (content,)).fetchone()
        tree = _unpacked(found)
        return Judged(_verdicts(tree), tree["seen"])

    def seen(self, digest: str) -> Seen:
        """What was seen, by its name."""
        (data,) = self._database.execute("select data from seen where digest = ?", (digest,)).fetchone()
        return _seen_from_text(zlib.decompress(data))

    def stored(self) -> list[tuple[str, str]]:
        """The learners whose work is in the gradebook, and the content of that work."""
        return self._database.execute("select student, content from stored order by student, notebook").fetchall()

    def senders(self, content: str) -> list[tuple[str, str | None]]:
        """The learners in the gradebook who sent just this, and when."""
        rows = self._database.execute("select student, timestamp from stored where content = ?", (content,))
        return [(student, timestamp or None) for student, timestamp in rows]

    def rows(self) -> list[Graded]:
        """A row for each notebook of each learner, in the order of their ids; also of what was graded in part or not."""
        found = self._database.execute(
            "select student, stored.notebook, found from stored join work using (content)"
            " union all select student, notebook, found from unfinished order by 1, 2"
        )
        return [replace(_row_of(_unpacked(data)), student=student) for student, _, data in found]

    def replace_keys(self, course: Course, assignment: Assignment) -> None:
        """Go on with the assignment as it is now, and with its keys, which are on the same seeds."""
        _write_keys(self.folder, assignment.keys)
        path = self.folder / _VERSION
        version = json.loads(path.read_text()) | {"what": _version(course, [assignment])}
        write_atomically(path, json.dumps(version).encode(), private=True)

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
            self._database.execute("delete from unfinished where student = ? and notebook = ?", (student, notebook))

    def set_aside(self, work: GradedWork) -> None:
        """Remember the row of work that was not kept. What the gradebook has of that learner is now this."""
        student, notebook = work.row.student, work.row.notebook_name
        found = zlib.compress(json.dumps(_tree_of(work)).encode())
        with self._database:
            self._database.execute("delete from stored where student = ? and notebook = ?", (student, notebook))
            self._database.execute("insert or replace into unfinished values (?, ?, ?)", (student, notebook, found))


def graded_assignments(course: Course) -> list[str]:
    """The names of all assignments that were graded here, in their order."""
    return sorted({path.parents[1].name for path in (course.root / "grading").glob(f"*/*/{_VERSION}")})


def newest_run(course: Course, assignment: str) -> Run:
    """The run that was started last. Raises ArchiveError where there is none."""
    run = next(_newest_first(_folder(course, assignment)), None)
    if run is None:
        raise ArchiveError(f"{assignment} was not graded here yet; grade it first.")
    return _reopened(run)


def _folder(course: Course, assignment: str) -> Path:
    return course.root / "grading" / assignment


def _newest_first(folder: Path) -> Iterator[Path]:
    """The folders of runs that have begun, named after their start."""
    yield from sorted((path.parent for path in folder.glob(f"*/{_VERSION}")), reverse=True)


def _reopened(folder: Path) -> Run:
    return Run(folder, {path.stem: load(path) for path in sorted(folder.glob("*.npz"))})


def open_run(
    course: Course,
    assignments: Sequence[Assignment],
    how: Mapping[str, Any],
    record: Callable[[], Mapping[str, Key]],
    *,
    again: bool,
) -> Run:
    """The newest run of the same version of everything, or a new one: with `again`, or where there is none.

    `how` says how learner code is run, where a verdict may depend on it, in words that JSON has. A new run's keys come from `record`.
    """
    folder = _folder(course, assignments[0].name)
    version = {"how": dict(how), "what": _version(course, assignments)}
    same = (run for run in _newest_first(folder) if json.loads((run / _VERSION).read_text()) == version)
    if not again and (before := next(same, None)) is not None:
        return _reopened(before)
    keys = record()
    return Run(_start(folder, version, keys), keys)


def _start(folder: Path, version: dict[str, Any], keys: Mapping[str, Key]) -> Path:
    """A run's folder, named after its start. Its seeds are fresh, so nothing else can tell later what was asked."""
    start = datetime.now(UTC).strftime(_START)
    part = folder / f"{start}.part"
    part.mkdir(parents=True)
    for place in (folder.parent, folder, part):
        place.chmod(0o700)
    _write_keys(part, keys)
    write_atomically(part / _VERSION, json.dumps(version).encode(), private=True)
    return part.rename(folder / start)  # whole, or not there


def _write_keys(folder: Path, keys: Mapping[str, Key]) -> None:
    for name, key in keys.items():
        write_atomically(folder / f"{name}.npz", to_bytes(key), private=True)


# --- what makes two gradings the same --------------------------------------------------------------------


def content_of(notebook: str, parcel: Parcel) -> str:
    """A digest of all that a learner sent for a notebook, but for who and when."""
    named = replace(parcel, student="", timestamp=None)
    return _digest((notebook, repr((named.problems, named.absent)), *_flat(named.files), "", *_flat(named.beside)))


def _flat(files: Mapping[str, bytes | str]) -> Iterator[bytes | str]:
    for name, content in files.items():
        yield name
        yield content


def _version(course: Course, assignments: Sequence[Assignment]) -> str:
    """A digest of all that a verdict may depend on, but for how learner code is run."""
    folder = course.lesson_folder(assignments[0].name)
    sources = [path.read_bytes() for path in sorted([*folder.glob("*.ipynb"), *folder.glob("mistakes.py")])]
    parts: list[bytes | str] = [sys.version, *_environment(), *_flat(_package()), *sources]
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
        # A file's name may hold bytes that are no text, which Python keeps as lone surrogates.
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(b"%c%d:" % (b"s" if isinstance(part, str) else b"b", len(data)) + data)
    return digest.hexdigest()


# --- what was found, as bytes ------------------------------------------------------------------------------


def _unpacked(data: bytes) -> dict[str, Any]:
    return dict(json.loads(zlib.decompress(data)))


def _tree_of(work: GradedWork) -> dict[str, Any]:
    row = work.row
    return {
        "notebook_name": row.notebook_name,
        "outcome": row.outcome,
        "problems": row.problems,
        "verdicts": [asdict(verdict) for verdict in row.verdicts.values()],
        "absent": work.absent,
        "seconds": {name: round(seconds, 4) for name, seconds in row.seconds.items()},
    }


def _work_of(tree: dict[str, Any], notebook: str) -> GradedWork:
    """The work, without its learner and without what was seen."""
    return GradedWork(_row_of(tree), nbformat.from_dict(json.loads(notebook)), absent=tree["absent"])


def _row_of(tree: dict[str, Any]) -> Graded:
    """The row, without its learner."""
    outcome, problems = Outcome(tree["outcome"]), tuple(tree["problems"])
    return Graded(tree["notebook_name"], "", outcome, problems, _verdicts(tree), tree.get("seconds", {}))


def _verdicts(tree: dict[str, Any]) -> dict[str, Verdict]:
    return {fields["exercise"]: _verdict(fields) for fields in tree["verdicts"]}


def _verdict(fields: dict[str, Any]) -> Verdict:
    changed = {"status": Status(fields["status"]), "tier": Tier(fields["tier"]), "findings": tuple(fields["findings"])}
    return Verdict(**{**fields, **changed})


def _seen_as_text(seen: Seen) -> str:
    match seen.probed:
        case Observed(observations):
            probed: Any = [to_json(one) for one in observations]
        case died:
            probed = _died_as_tree(died)
    solved = _died_as_tree(seen.solved) if isinstance(seen.solved, Died) else seen.solved
    return json.dumps([probed, solved])


def _died_as_tree(died: Died | None) -> dict[str, Any] | None:
    return {"timeout": died.timeout, "why": died.why} if died is not None else None


def _seen_from_text(text: bytes) -> Seen:
    probed, solved = json.loads(text)
    if isinstance(probed, list):
        probed = Observed(tuple(map(from_json, probed)))
    elif probed is not None:
        probed = Died(**probed)
    return Seen(probed, Died(**solved) if isinstance(solved, dict) else solved)
