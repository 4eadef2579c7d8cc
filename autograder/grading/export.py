"""Export: from nbgrader's database to what an LMS imports. Points are the database's own; nothing is written to it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import nbformat

from autograder.authoring.course import Course
from autograder.authoring.sources import grade_id
from autograder.errors import InputError
from autograder.grading.lms import Filled, email_of, for_canvas, for_moodle, name_of
from autograder.grading.reading import shown
from autograder.grading.scores import Learner, Scores, Work, read_scores
from autograder.grading.senders import Roster
from autograder.grading.spreadsheet import Cell, write_table
from autograder.grading.submissions import is_student_id

_LMS = {"canvas": for_canvas, "moodle": for_moodle}


class ExportError(InputError):
    """Nothing can be exported so; the sentence says what to do."""


@dataclass(frozen=True)
class Exported:
    """What was written where. `said` is worth knowing; each of `problems` needs a person."""

    path: Path
    scores: int
    learners: int
    said: tuple[str, ...]
    problems: tuple[str, ...]

    def __str__(self) -> str:
        """Where it is, then what is worth knowing, then each problem."""
        wrote = f"{self.path}: {self.scores} scores of {self.learners} learners."
        return "\n".join([wrote, *self.said, *(f"Needs a person: {problem}" for problem in self.problems)])


def export(
    course: Course, lesson: str, to: str, out: Path | None, roster: Roster, template: Path | None = None
) -> Exported:
    """Write the scores of a lesson to `out`, or to a file named after lesson and target, or for Gradescope to a folder.

    `to` is csv, canvas, moodle or gradescope. With a roster, the learners are those of the roster and whoever handed
    in. `template` is what Canvas or Moodle exported. Raises ScoresError, TableError, ExportError.
    """
    if template is not None and to not in _LMS:
        raise ExportError(f"--template is what Canvas or Moodle exported; {to} has none.")
    scores = _of_class(read_scores(course, lesson), roster)
    out = out or Path(f"{lesson}-{to}" if to == "gradescope" else f"{lesson}-{to}.csv")
    if to == "gradescope":
        filled = Filled((), problems=tuple(_write_results(course, scores, out)))
    else:
        filled = _LMS[to](scores, roster, template) if to in _LMS else Filled(tuple(_plain_rows(scores, roster)))
        # Canvas would keep a byte order mark in the first title.
        write_table(out, filled.rows, bom=to != "canvas", delimiter=filled.delimiter)
    graded = [learner for learner in scores.learners if learner.work is not None]
    problems = (*_open_work(course, scores, roster), *filled.problems)
    return Exported(out, len(graded), len(scores.learners), filled.said, problems)


def _of_class(scores: Scores, roster: Roster) -> Scores:
    """The scores of those whom the roster names and of whoever handed in; without a roster, of all in the database."""
    if not roster.ids:
        return scores
    known = {learner.id: learner for learner in scores.learners}
    in_class = {*roster.ids, *(learner.id for learner in scores.learners if learner.work is not None)}
    return replace(
        scores,
        learners=tuple(known.get(student) or Learner(student, "", "", "", "", None) for student in sorted(in_class)),
    )


def _open_work(course: Course, scores: Scores, roster: Roster) -> Iterator[str]:
    """What a person should do before these scores count: one sentence each."""
    for learner in scores.learners:
        student = shown(learner.id)
        if learner.work is not None and learner.work.final_score is None:
            yield f"{student} has no points yet, and no score is written; look at the work."
        elif learner.work is not None and learner.work.needs_a_person:
            open_cells = [name for name, cell in learner.work.cells.items() if cell.needs_a_person]
            yield f"{student} is to be graded by hand ({', '.join(open_cells)}); the score is what there is so far."
        if learner.work is not None and roster.ids and learner.id not in roster.ids:
            yield f"{student} is not in the roster."
        folder = course.submitted / learner.id / scores.assignment
        if learner.work is None and is_student_id(learner.id) and folder.is_dir():
            yield f"{student} handed in and is not graded; run `autograder grade {scores.assignment}`."


# --- a table for people -------------------------------------------------------------------------------


def _plain_rows(scores: Scores, roster: Roster) -> Iterator[tuple[Cell, ...]]:
    """All that a person needs; `score` is what counts, after the penalty."""
    counts = ("score", "max_score", "late_seconds", "penalty", "needs_manual_grade")
    yield ("id", "name", "email", *counts, *scores.cells)
    for learner in scores.learners:
        who = (learner.id, name_of(learner, roster), email_of(learner, roster))
        yield (*who, *_counts(learner.work, scores), *_points(learner.work, scores))


def _counts(work: Work | None, scores: Scores) -> tuple[Cell, ...]:
    if work is None:
        return None, scores.max_score, None, None, None
    needs_a_person = "yes" if work.needs_a_person else "no"
    return work.final_score, scores.max_score, work.late_seconds, work.penalty, needs_a_person


def _points(work: Work | None, scores: Scores) -> Iterator[Cell]:
    for name in scores.cells:
        yield work.cells[name].score if work is not None and name in work.cells else None


# --- Gradescope -------------------------------------------------------------------------------------


def _write_results(course: Course, scores: Scores, folder: Path) -> Iterator[str]:
    """One `ID.json` for each learner who has a score, as Gradescope's autograders write `results.json`.

    Gives the problems. Raises ExportError where nothing can be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for learner in scores.learners:
            if learner.work is None:
                continue
            if is_student_id(learner.id):
                results = _results(learner.work, scores, _cards(course, scores.assignment, learner.id))
                text = json.dumps(results, indent=2, ensure_ascii=False)
                (folder / f"{learner.id}.json").write_text(text + "\n", encoding="utf-8")
            else:
                yield f"{shown(learner.id)} is no name for a file; there is none for this learner."
    except OSError as error:
        raise ExportError(f"{folder} cannot be written ({error.strerror}).") from None


def _results(work: Work, scores: Scores, cards: Mapping[str, str]) -> dict[str, Any]:
    """One learner's results in Gradescope's form. The score at the top goes before the sum of the tests' scores."""
    said = [f"{name}: {text}" for name, text in work.comments.items()]
    if work.penalty:
        said.insert(0, f"Late: {work.penalty.normalize():f} points less.")
    score = work.final_score
    return {
        **({"score": _json_number(score)} if score is not None else {}),
        "output": "\n\n".join(said),
        "visibility": "visible",
        "tests": [_test(name, work, cards.get(name, "")) for name in scores.cells if name in work.cells],
    }


def _test(name: str, work: Work, card: str) -> dict[str, Any]:
    cell = work.cells[name]
    test = {"name": name, "max_score": _json_number(cell.max_score), "output": card, "visibility": "visible"}
    if cell.score is None:
        return test | {"output": "A person has not graded this yet."}
    if cell.by_hand:
        test["output"] = f"A person gave these points.\n{card}".rstrip()
    passed = "passed" if cell.score >= cell.max_score else "failed"
    return test | {"score": _json_number(cell.score), "status": passed}


def _json_number(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


def _cards(course: Course, lesson: str, student: str) -> dict[str, str]:
    """What the verdicts' cards say, by cell, from the graded notebooks; without the line that tells the points.

    A cell's name is preceded by its notebook's too, as it is in `Scores` where two share one.
    """
    found = {}
    for path in sorted((course.autograded / student / lesson).glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            texts = [output.data.get("text/plain", "") for output in cell.get("outputs", ()) if "data" in output]
            marks = cell.metadata.get("nbgrader", {})
            if marks.get("grade") and not marks.get("solution") and texts:
                name = grade_id(cell) or ""
                found[name] = found[f"{path.stem}/{name}"] = texts[0].partition("\n")[2]
    return found
