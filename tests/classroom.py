"""A class of sixty as three LMSs hand it out: right work, other styles, known mistakes, half-done and damaged files."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.authoring.answers import answer_source, fill, reference_sources
from autograder.authoring.release import released
from autograder.authoring.sources import Lesson, Mistake, Variant

LESSON = "01_loop_by_hand"
_FIRST = ("Ann", "Björn", "Chloé", "Dmitri", "Eve")
_LAST = ("Adams", "Berg", "Çelik", "Dvořák", "Evans", "Fox", "García", "Hall", "Ito", "Jensen", "Kraus", "Lee")


@dataclass(frozen=True)
class Learner:
    """A row of the roster, and what this learner hands in."""

    id: str
    name: str
    number: int
    file: bytes
    mistake: str | None = None
    """The key of the known mistake that is in it."""
    readable: bool = True

    @property
    def email(self) -> str:
        return f"{self.id}@uni.example"


def sixty_learners(lesson: Lesson) -> list[Learner]:
    """No two files alike: 18 are right, 18 right in another style, 18 make a known mistake, 6 are damaged or not begun."""
    names = [f"{first} {last}" for last in _LAST for first in _FIRST]
    files = _files(lesson)
    return [Learner(f"u{number:02d}", name, 7000 + number, *next(files)) for number, name in enumerate(names)]


def _files(lesson: Lesson) -> Iterator[tuple[bytes, str | None, bool]]:
    """Each learner's file, the known mistake in it, and whether it can be read."""
    given, right = released(lesson.notebook), reference_sources(lesson)
    variants, mistakes = cycle(_written(lesson, lesson.variants)), cycle(_written(lesson, lesson.mistakes[::2]))
    damaged = cycle(_damaged(given, fill(given, right)))
    for number in range(60):
        answers, mistake = dict(right), None
        match number % 10:
            case 0:
                file, readable = next(damaged)
                yield file, None, readable
                continue
            case 1 | 2 | 3:
                answers |= [next(variants)[:2]]
            case 4 | 5 | 6:
                name, source, mistake = next(mistakes)
                answers[name] = source
        yield _as_bytes(fill(given, {name: f"{text}\n# {number}" for name, text in answers.items()})), mistake, True


def _written(lesson: Lesson, items: Sequence[Variant | Mistake]) -> list[tuple[str, str, str]]:
    """Exercise, solution cell and name of each answer that a learner can have written."""
    graded = [item for item in items if item.exercise in lesson.graded]
    found = [(item.exercise, answer_source(lesson, item), item.name) for item in graded]
    return [one for one in found if "autograder" not in one[1]]


def _damaged(stub: NotebookNode, solved: NotebookNode) -> list[tuple[bytes, bool]]:
    """Not begun, a byte order mark, all metadata lost as on Colab, cut off, empty, and no notebook at all."""
    bare = nbformat.from_dict(solved)
    for cell in bare.cells:
        cell.metadata.clear()
    whole = _as_bytes(solved)
    readable = [_as_bytes(stub), b"\xef\xbb\xbf" + whole, _as_bytes(bare)]
    return [*((file, True) for file in readable), *((file, False) for file in (whole[: len(whole) // 2], b"", b"%PDF"))]


def _as_bytes(notebook: NotebookNode) -> bytes:
    return nbformat.writes(notebook).encode()


def write_downloads(folder: Path, learners: list[Learner]) -> None:
    """`roster.csv`, and a third of the learners each in `downloads/` `moodle.zip`, `canvas.zip` and `gradescope.zip`."""
    with (folder / "roster.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "name", "email", "canvas"])
        rows.writerows([one.id, one.name, one.email, one.number] for one in learners)
    (folder / "downloads").mkdir()
    third = len(learners) // 3
    moodle, canvas, gradescope = learners[:third], learners[third : 2 * third], learners[2 * third :]
    work = f"{LESSON}.ipynb"
    _zip(folder / "downloads" / "moodle.zip", {
        f"{one.name}_{one.number}_assignsubmission_file/{work}": one.file for one in moodle
    })  # fmt: skip
    _zip(folder / "downloads" / "canvas.zip", {
        f"{''.join(reversed(one.name.lower().split()))}_{one.number}_{90000 + one.number}_{work}": one.file for one in canvas
    })  # fmt: skip
    _zip(folder / "downloads" / "gradescope.zip", {
        "assignment_77_export/submission_metadata.yml": "".join(map(_metadata, gradescope)).encode(),
        **{f"assignment_77_export/submission_{one.number}/{work}": one.file for one in gradescope},
    })  # fmt: skip


def _metadata(one: Learner) -> str:
    return (
        f"submission_{one.number}:\n  :submitters:\n  - :name: {one.name}\n    :sid: {one.id}\n    :email: {one.email}\n"
        "  :created_at: 2026-03-01 10:11:12.123456789 Z\n"
    )


def _zip(path: Path, files: Mapping[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
