"""Results: what a grading run found, as JSON for programs and as a table for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.table import Table

from autograder.card import LOOKS, number
from autograder.grading.grade import Graded
from autograder.verdict import Status, Verdict

_STYLES = {Status.CORRECT: "green", Status.NOT_ATTEMPTED: "dim", Status.NOT_GRADED: "yellow"}


def results_json(assignment: str, sandbox: str, engine: dict[str, float], graded: Sequence[Graded]) -> dict[str, Any]:
    """The run's results in the form that `grade --json` promises, in the order of the learners' ids."""
    rows = sorted(graded, key=lambda one: one.submission.student)
    return {
        "assignment": assignment,
        "sandbox": sandbox,
        "engine": engine,
        "submissions": [_submission(one) for one in rows],
    }


def _submission(graded: Graded) -> dict[str, Any]:
    return {
        "student": graded.submission.student,
        "score": graded.score,
        "max_score": graded.max_score,
        "status": str(graded.outcome),
        "problems": list(graded.problems),
        "exercises": [_exercise(verdict) for verdict in graded.verdicts.values()],
    }


def _exercise(verdict: Verdict) -> dict[str, Any]:
    return {
        "name": verdict.exercise,
        "status": str(verdict.status),
        "points": verdict.points,
        "max_points": verdict.max_points,
        "diagnosis": verdict.diagnosis,
        "message": " ".join((verdict.message, *verdict.findings)),
    }


def results_table(assignment: str, graded: Sequence[Graded]) -> Table:
    """Learner × exercise: a symbol for each status, and the diagnoses in words."""
    rows = sorted(graded, key=lambda one: one.submission.student)
    exercises = list(rows[0].verdicts) if rows else []
    legend = "   ".join(f"{index} {name}" for index, name in enumerate(exercises, start=1))
    symbols = "   ".join(f"{look.symbol} {look.word.lower()}" for look in LOOKS.values())
    table = Table(title=assignment, caption=f"{legend}\n{symbols}", caption_justify="left", header_style="bold")
    table.add_column("learner", no_wrap=True)
    table.add_column("score", justify="right", no_wrap=True)
    for index in range(1, len(exercises) + 1):
        table.add_column(str(index), justify="center", no_wrap=True)
    table.add_column("what was found", overflow="fold")
    for one in rows:
        marks = [f"[{_STYLES.get(v.status, 'red')}]{LOOKS[v.status].symbol}[/]" for v in one.verdicts.values()]
        table.add_row(
            one.submission.student, f"{number(one.score)}/{number(one.max_score)}", *marks, "\n".join(found(one))
        )
    return table


def found(graded: Graded) -> list[str]:
    """What is worth saying of a submission in a few words: diagnoses, errors, what follows, the file's problems."""
    said = [f"{verdict.exercise}: {_in_short(verdict)}" for verdict in graded.verdicts.values() if _in_short(verdict)]
    return (said if graded.outcome not in ("rejected", "not_graded") else []) + list(graded.problems)


def _in_short(verdict: Verdict) -> str:
    if verdict.diagnosis:
        return verdict.diagnosis
    if verdict.status is Status.CORRECT:
        return verdict.next_step.partition(",")[0].lower() if verdict.next_step else ""
    if verdict.status is Status.NOT_ATTEMPTED:
        return ""
    return verdict.message.removeprefix("Not right yet. ")
