"""Logbook: what a learner did in this course, in one readable file beside the lessons. Nothing is ever sent anywhere.

The file is `progress.json` in the folder that holds the lessons' folders. `TRAINING_LOOPS_PROGRESS` names another
one (a folder of a mounted drive, say), or is `off`. No grade is made from it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from autograder.atomic import write_atomically

FILE = "progress.json"
ABOUT = "What you did in this course. It stays on this machine, nobody grades it, and you may delete it to start over."


@dataclass
class Tried:
    """How an exercise stood when it was last checked; no status: never, its hints alone were read.

    `checks` counts until it is right, and on when it changes again; `hints` is how many of them were read.
    """

    status: str = ""
    points: float = 0.0
    max_points: float = 0.0
    message: str = ""
    findings: list[str] = field(default_factory=list)
    diagnosis: str = ""
    checks: int = 0
    hints: int = 0
    date: str = ""


@dataclass
class Drilled:
    """How often a pattern was typed from memory, and when last."""

    reps: int = 0
    date: str = ""


@dataclass
class Logbook:
    """Everything that is kept: exercises and drills by name, and the last text of each drill cell by the cell's id."""

    exercises: dict[str, Tried] = field(default_factory=dict)
    drills: dict[str, Drilled] = field(default_factory=dict)
    drill_cells: dict[str, str] = field(default_factory=dict)


_unsaved: dict[Path | None, Logbook] = {None: Logbook()}  # this kernel's own, where no file is kept or can be written


def logbook_path() -> Path | None:
    """The file, or None where none is kept."""
    named = os.environ.get("TRAINING_LOOPS_PROGRESS", "")
    if named:
        return None if named == "off" else Path(os.path.expanduser(named))
    try:
        here = Path.cwd()
    except OSError:  # the folder is gone
        return None
    return (here.parent if re.match(r"\d\d_", here.name) else here) / FILE


def read_logbook() -> Logbook:
    """What is kept. Entries that cannot be read count as never written; a missing file is an empty logbook."""
    path = logbook_path()
    if path in _unsaved:
        return _unsaved[path]
    assert path is not None
    try:
        kept = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return Logbook()
    kept = kept if isinstance(kept, dict) else {}
    return Logbook(
        _entries(Tried, kept.get("exercises")),
        _entries(Drilled, kept.get("drills")),
        {id_: text for id_, text in _items(kept.get("drill_cells")) if isinstance(text, str)},
    )


@contextlib.contextmanager
def open_logbook() -> Iterator[Logbook]:
    """The logbook, to be changed; kept at the end. Where it cannot be written it lasts as long as the kernel, silently.

    Two kernels that change it in the same instant lose one of the changes: a repetition, never an answer.
    """
    book = read_logbook()
    yield book
    path = logbook_path()
    if path is None:
        return
    content = {"about": ABOUT, **dataclasses.asdict(book)}
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    try:
        _put_aside_if_broken(path)
        write_atomically(path, text.encode(errors="replace"))  # learners' exceptions may say what is no Unicode
        _unsaved.pop(path, None)
    except OSError:
        _unsaved[path] = book


def today() -> str:
    """The day, as it is written into the logbook."""
    return date.today().isoformat()


Entry = TypeVar("Entry", Tried, Drilled)


def _entries(kind: type[Entry], kept: Any) -> dict[str, Entry]:
    return {name: _entry(kind, values) for name, values in _items(kept) if isinstance(values, dict)}


def _entry(kind: type[Entry], kept: dict[str, Any]) -> Entry:
    """An entry with what is usable of the kept one: fields that are missing, unknown or of another kind are left out."""
    default = dataclasses.asdict(kind())
    return kind(**{name: kept[name] for name in default if _is_like(kept.get(name), default[name])})


def _is_like(value: Any, default: Any) -> bool:
    if isinstance(default, list):
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if isinstance(default, float):
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if isinstance(default, int):
        return type(value) is int and value >= 0
    return type(value) is type(default)


def _items(kept: Any) -> list[tuple[str, Any]]:
    return list(kept.items()) if isinstance(kept, dict) else []


def _put_aside_if_broken(path: Path) -> None:
    """A file that is not JSON is kept under another name: somebody may have edited it, and want it back."""
    try:
        json.loads(path.read_bytes())
    except FileNotFoundError:
        return
    except (ValueError, RecursionError):
        path.replace(path.with_name(f"{path.stem}.broken{path.suffix}"))
