"""Senders: whose file this is, from the place that an LMS gave it in its download.

| from | looks like |
|---|---|
| nbgrader's exchange | `ann+01_loop_by_hand+2026-03-01 10:11:12.131415 UTC+a1b2/…` |
| nbgrader's folders | `ann/01_loop_by_hand/…` |
| Moodle | `Ann Lee_123456_assignsubmission_file/…`, or `…_assignsubmission_file_work.ipynb` |
| Gradescope | `submission_123456/…`, and who that is in `submission_metadata.yml` |
| Canvas | `leeann_12345_678901_work.ipynb`, `leeann_LATE_12345_678901_work-2.ipynb` |
| Google Classroom | `Ann Lee - work.ipynb` |
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import yaml

from autograder.errors import InputError
from autograder.grading.submissions import is_student_id

METADATA = "submission_metadata.yml"

_EXCHANGE = re.compile(
    r"(?P<name>[^+]+)\+(?P<lesson>[^+]+)\+(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? \w+)(\+.*)?"
)
_MOODLE = re.compile(r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_file(_(?P<file>.*))?", re.DOTALL)
_GRADESCOPE = re.compile(r"submission_(?P<number>\d+)")
_CANVAS = re.compile(r"(?P<name>[^_]+)(_LATE)?_(?P<number>\d+)_(?P<attempt>\d+)_(?P<file>.+)", re.DOTALL)
_CANVAS_VERSION = re.compile(r"-\d{1,3}(?=\.[^.]+$)")
_CLASSROOM = re.compile(r"(?P<name>.+?) - (?P<file>.+)", re.DOTALL)


class RosterError(InputError):
    """The roster cannot be used; the sentence says what to do."""


@dataclass(frozen=True)
class Sender:
    """Who sent a file, as far as its place tells: a name, perhaps a number; `attempt` tells several of one sender apart.

    `file` is where the file lies in what they sent. `time` is when they sent it, where the LMS says so.
    """

    name: str
    file: tuple[str, ...]
    number: str = ""
    attempt: str = ""
    time: datetime | None = None
    aliases: tuple[str, ...] = ()


def sender_of(parts: Sequence[str], lesson: str, known: Mapping[str, Sender]) -> Sender | None:
    """The sender of the file at `parts` of a download; None where no pattern fits. `known` is Gradescope's metadata."""
    for index, part in enumerate(parts[:-1]):
        rest = tuple(parts[index + 1 :])
        if found := _EXCHANGE.fullmatch(part):
            return Sender(found["name"], rest, attempt=part, time=parse_time(found["time"]))
        if found := _MOODLE.fullmatch(part):
            return Sender(found["name"], rest, found["number"], part)
        if (found := _GRADESCOPE.fullmatch(part)) and part in known:
            one = known[part]
            return Sender(one.name, rest, found["number"], part, one.time, one.aliases)
        if index and part == lesson and is_student_id(parts[index - 1]):
            return Sender(parts[index - 1], rest, attempt=parts[index - 1])
    name = parts[-1]
    if (found := _MOODLE.fullmatch(name)) and found["file"]:
        return Sender(found["name"], (found["file"],), found["number"], f"{found['name']}_{found['number']}")
    if found := _CANVAS.fullmatch(name):
        file = _CANVAS_VERSION.sub("", found["file"])
        return Sender(found["name"], (file,), found["number"], found["attempt"])
    if (found := _CLASSROOM.fullmatch(name)) and name.lower().endswith(".ipynb"):
        return Sender(found["name"], (found["file"],), attempt=found["name"])
    return None


def gradescope_senders(text: bytes) -> dict[str, Sender]:
    """Who sent which submission, from Gradescope's metadata; empty where it cannot be read."""
    try:
        tree = yaml.safe_load(text)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError):
        return {}
    found = {}
    for folder, entry in tree.items() if isinstance(tree, dict) else ():
        who = entry.get(":submitters") if isinstance(entry, dict) else None
        if isinstance(who, list) and who and isinstance(who[0], dict):
            fields = {key: str(who[0].get(key) or "") for key in (":name", ":sid", ":email")}
            time = parse_time(str(entry.get(":created_at", "")))
            found[str(folder)] = Sender(fields[":name"], (), time=time, aliases=(fields[":sid"], fields[":email"]))
    return found


def parse_time(text: str) -> datetime | None:
    """A time as nbgrader and Gradescope write it; without a zone it is UTC. None where it is none."""
    cut = re.sub(r"(\.\d{6})\d+", r"\1", text.strip().removesuffix(" UTC").removesuffix(" Z"))
    try:
        time = datetime.fromisoformat(cut)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


# --- the roster --------------------------------------------------------------------------------------


class Roster:
    """Which learner a name, number or address belongs to. Without rows, learners are called after what the LMS says."""

    def __init__(self, rows: Sequence[Mapping[str, str]] = ()) -> None:
        self._by_alias: dict[str, set[str]] = {}
        self._columns = {row["id"]: {_plain(column): text for column, text in row.items()} for row in rows}
        self.ids = [row["id"] for row in rows]
        for row in rows:
            for alias in _aliases(row):
                self._by_alias.setdefault(alias, set()).add(row["id"])

    def find(self, sender: Sender) -> str:
        """The learner's id. Raises RosterError where there is none, or more than one."""
        if not self.ids:
            return _made_up(sender)
        for alias in (sender.number, *sender.aliases, sender.name):
            fitting = self.called(alias)
            if len(fitting) == 1:
                return next(iter(fitting))
            if fitting:
                raise RosterError(
                    f"{alias} may be {' or '.join(sorted(fitting))}; give the roster a column with their numbers."
                )
        raise RosterError(f"{sender.name} is not in the roster.")

    def called(self, text: str) -> set[str]:
        """The ids of all learners who may be called so."""
        return self._by_alias.get(_plain(text), set()) if text else set()

    def about(self, student: str, *columns: str) -> str:
        """What the first of these columns that says something says of a learner; empty where none does."""
        row = self.row(student)
        return next((text for column in columns if (text := row.get(_plain(column), ""))), "")

    def row(self, student: str) -> Mapping[str, str]:
        """All that is said of a learner; the columns' names without case, spaces and signs. Empty for a stranger."""
        return self._columns.get(student, {})


def read_roster(path: Path) -> Roster:
    """A CSV file with a column `id`; all other columns hold what the learner may be called. Raises RosterError."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [
                {
                    (key or "").strip().lower(): (value or "").strip()
                    for key, value in row.items()
                    if isinstance(value, str)
                }
                for row in csv.DictReader(file)
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RosterError(f"The roster {path} cannot be read ({error}).") from None
    if not rows or "id" not in rows[0]:
        raise RosterError(f"The roster {path} needs a column `id`, and a row for each learner.")
    for line, row in enumerate(rows, start=2):
        if not is_student_id(row["id"]):
            raise RosterError(f"{path}, line {line}: {row['id']!r} is no id; letters, digits and . @ + - _ are.")
    return Roster(rows)


def _aliases(row: Mapping[str, str]) -> Iterator[str]:
    """Everything that a learner may be called: each column, and names from any of their words on (Canvas: last first)."""
    names = [row[key] for key in row if "first" in key or "last" in key or "sur" in key or "given" in key]
    for text in (*row.values(), " ".join(names), " ".join(reversed(names))):
        words = re.split(r"[\s,]+", text)
        for start in range(len(words)):
            if alias := _plain("".join((*words[start:], *words[:start]))):
                yield alias


def _plain(text: str) -> str:
    """Without accents, case and whatever is no letter or digit."""
    return "".join(letter for letter in _without_accents(text).casefold() if letter.isalnum())


def _without_accents(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))


def _made_up(sender: Sender) -> str:
    """An id from what the LMS says of a learner; its number keeps two of one name apart."""
    words = re.findall(r"[A-Za-z0-9]+", _without_accents(sender.name))
    name = sender.name if is_student_id(sender.name) else "-".join(words)
    return f"{name[:60] or 'learner'}-{sender.number}".removesuffix("-")
