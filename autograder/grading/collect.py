"""Collect: from an LMS's downloads to submitted/ID/LESSON/. The latest attempt wins, and what was not understood is told."""

from __future__ import annotations

import filecmp
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from autograder.authoring.course import Course
from autograder.grading.downloads import File, files_in
from autograder.grading.reading import shown
from autograder.grading.senders import METADATA, Roster, RosterError, Sender, gradescope_senders, parse_time, sender_of
from autograder.grading.submissions import TIMESTAMP, timestamp_in

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Problem:
    """A file that was not taken, and why."""

    place: str
    why: str


@dataclass(frozen=True)
class Collected:
    """What came of it: the learners whose work is new, the same as before, or older than what is there; and problems."""

    new: tuple[str, ...]
    same: tuple[str, ...]
    older: tuple[str, ...]
    missing: tuple[str, ...]
    """Learners of the roster of whom nothing is there."""
    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        """Counts, then whoever is missing, then each file that was not taken, and why."""
        lines = [f"{len(self.new)} new, {len(self.same)} as before, {len(self.older)} older than what is there."]
        if self.missing:
            lines.append(f"Nothing came from {', '.join(self.missing)}.")
        return "\n".join([*lines, *(f"Not taken: {problem.place}: {problem.why}" for problem in self.problems)])


@dataclass
class _Attempt:
    """What one learner sent at one time, in a folder of ours. `order` is that of coming: later names replace earlier ones."""

    student: str
    folder: Path
    order: int
    sent: datetime | None = None
    changed: datetime = _NEVER
    files: set[str] = field(default_factory=set)

    @property
    def rank(self) -> tuple[datetime, int]:
        return self.sent or self.changed, self.order


def collect(course: Course, lesson: str, paths: Sequence[Path], roster: Roster) -> Collected:
    """Put what is in the zip files and folders at `paths` into `submitted/`. Raises DownloadError, CourseError."""
    course.lesson_folder(lesson)
    course.submitted.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".collecting-", dir=course.submitted) as folder:
        staged = _Staging(Path(folder), lesson, roster)
        for path in paths:
            staged.take(path)
        came: dict[str, list[str]] = {"new": [], "same": [], "older": []}
        for attempt in staged.latest():
            came[_put(attempt, course.submitted / attempt.student / lesson)].append(attempt.student)
    missing = [student for student in roster.ids if not (course.submitted / student / lesson).is_dir()]
    return Collected(
        tuple(came["new"]), tuple(came["same"]), tuple(came["older"]), tuple(missing), tuple(staged.problems)
    )


class _Staging:
    """Attempts as they are read, each in a folder of its own that is called after a number of ours."""

    def __init__(self, root: Path, lesson: str, roster: Roster) -> None:
        self.problems: list[Problem] = []
        self._root = root
        self._lesson = lesson
        self._roster = roster
        self._attempts: dict[tuple[Path, str, str], _Attempt] = {}

    def take(self, path: Path) -> None:
        """Read one download."""
        known = _gradescope(path)
        for file in files_in(path):
            place = f"{shown(path.name)}: {shown('/'.join(file.parts))}"
            if file.parts[-1] == METADATA or file.parts[-1].endswith("_onlinetext.html"):
                continue
            sender = sender_of(file.parts, self._lesson, known)
            if sender is None:
                why = "its place says of nobody that they sent it; put it into a folder ID/LESSON."
                self.problems.append(Problem(place, why))
            elif isinstance(file.content, str):
                self.problems.append(Problem(place, file.content))
            else:
                self._keep(path, sender, file, place)

    def _keep(self, path: Path, sender: Sender, file: File, place: str) -> None:
        try:
            student = self._roster.find(sender)
        except RosterError as error:
            self.problems.append(Problem(place, str(error)))
            return
        number = len(self._attempts)
        attempt = self._attempts.setdefault(
            (path, student, sender.attempt), _Attempt(student, self._root / str(number), number)
        )
        if (target := _below(attempt.folder, sender.file)) is None:
            self.problems.append(Problem(place, "its name is no name for a file here."))
            return
        assert isinstance(file.content, bytes)
        if sender.file[-1] == TIMESTAMP:  # written anew: the time is in the folder's name, too
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.content)
        attempt.sent = sender.time
        attempt.changed = max(attempt.changed, file.time or _NEVER)

    def latest(self) -> Iterable[_Attempt]:
        """Each learner's latest attempt, by the time of sending, or of the files' last change."""
        by_student: dict[str, list[_Attempt]] = {}
        for attempt in self._attempts.values():
            if attempt.folder.is_dir():
                by_student.setdefault(attempt.student, []).append(attempt)
        return [max(attempts, key=lambda one: one.rank) for _, attempts in sorted(by_student.items())]


def _gradescope(path: Path) -> dict[str, Sender]:
    found: dict[str, Sender] = {}
    for file in files_in(path, named=METADATA):
        if isinstance(file.content, bytes):
            found |= gradescope_senders(file.content)
    return found


def _below(folder: Path, parts: Sequence[str]) -> Path | None:
    """A path below `folder` for a file that a stranger named; None where the name leads elsewhere or is none."""
    if any(part in ("", ".", "..") or "\0" in part or "/" in part or len(part.encode()) > 200 for part in parts):
        return None
    return folder.joinpath(*parts) if len(parts) <= 8 else None


def _put(attempt: _Attempt, target: Path) -> str:
    """Move an attempt to where it is graded from; says whether it is new, the same as what is there, or older."""
    before = parse_time(timestamp_in(target) or "")
    if attempt.sent is not None and before is not None and before > attempt.sent:
        return "older"
    if attempt.sent is not None:
        stamp = attempt.sent.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC")
        (attempt.folder / TIMESTAMP).write_text(stamp, encoding="utf-8")
    if target.is_dir() and _are_same(attempt.folder, target):
        return "same"
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists() or target.is_symlink():
        target.rename(attempt.folder.with_suffix(".before"))  # goes with the folder of attempts
    shutil.move(attempt.folder, target)
    return "new"


def _are_same(one: Path, other: Path) -> bool:
    names = [{str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()} for root in (one, other)]
    return names[0] == names[1] and not any(filecmp.cmpfiles(one, other, list(names[0]), shallow=False)[1:])
