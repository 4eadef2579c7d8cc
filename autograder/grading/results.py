"""Results: what a grading run found, as JSON for programs and as a table for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from autograder.card import LOOKS, number
from autograder.grading.grade import Graded, Outcome
from autograder.judge import NOT_WRITTEN
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
    table = Table(
        title=assignment,
        caption=f"{legend}\n{symbols}",
        caption_justify="left",
        header_style="bold",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    table.add_column("learner", no_wrap=True)
    table.add_column("score", justify="right", no_wrap=True)
    for index in range(1, len(exercises) + 1):
        table.add_column(str(index), justify="center", no_wrap=True)
    table.add_column("what was found", overflow="fold")
    for one in rows:
        marks = [f"[{_STYLES.get(v.status, 'red')}]{LOOKS[v.status].symbol}[/]" for v in one.verdicts.values()]
        table.add_row(
            one.submission.student,
            f"{number(one.score)}/{number(one.max_score)}",
            *marks,
            escape("\n".join(found(one))),
        )
    return table


def found(graded: Graded) -> list[str]:
    """What is worth saying of a submission in a few words: diagnoses, errors, what follows, the file's problems."""
    if graded.outcome in (Outcome.REJECTED, Outcome.NOT_GRADED):
        return list(graded.problems)
    said = [f"{verdict.exercise}: {short}" for verdict in graded.verdicts.values() if (short := _in_short(verdict))]
    return said + list(graded.problems)


def _in_short(verdict: Verdict) -> str:
    """A verdict in a few words for the instructor; nothing where the symbol says it all."""
    if verdict.diagnosis is not None:
        return verdict.diagnosis
    match verdict.status:
        case Status.CORRECT:
            return f"follows from {verdict.follows_from}" if verdict.follows_from else ""
        case Status.NOT_ATTEMPTED:
            return "" if verdict.message == NOT_WRITTEN else verdict.message.replace("`", "")
        case Status.TIMEOUT:
            return "took too long"
        case Status.WRONG:
            return "wrong in a way that has no name yet"
        case Status.ERROR | Status.NOT_GRADED:
            return verdict.message.replace("`", "")
