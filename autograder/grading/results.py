"""Results: what a grading run found, as JSON for programs and as a table for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from autograder.card import LOOKS, number
from autograder.grading.grade import Graded, Outcome
from autograder.grading.rejudge import Change
from autograder.grading.self_reported import PASSED
from autograder.judge import NOT_FILLED_IN, NOT_WRITTEN
from autograder.verdict import Status, Tier, Verdict

_SELF_REPORTED = "\nself-reported: ordinary tests say themselves how they went, in the learner's process"
_STYLES = {Status.CORRECT: "green", Status.NOT_ATTEMPTED: "dim", Status.NOT_GRADED: "yellow"}


def results_json(assignment: str, sandbox: str, engine: dict[str, float], graded: Sequence[Graded]) -> dict[str, Any]:
    """The run's results in the form that `grade --json` promises, in the order of the learners' ids."""
    rows = sorted(graded, key=lambda one: one.student)
    return {
        "assignment": assignment,
        "sandbox": sandbox,
        "engine": engine,
        "submissions": [_submission(one) for one in rows],
    }


def one_row_each(graded: Sequence[Graded]) -> list[Graded]:
    """One row for each learner, also where an assignment has several notebooks (the row shows the first of them)."""
    by_student: dict[str, list[Graded]] = {}
    for one in graded:
        by_student.setdefault(one.student, []).append(one)
    return [_as_one(parts) for parts in by_student.values()]


def _as_one(parts: Sequence[Graded]) -> Graded:
    names = Counter(name for part in parts for name in part.verdicts)
    verdicts, seconds = {}, {}
    for part in parts:
        for name, verdict in part.verdicts.items():  # ids are unique within a notebook only
            unique = name if names[name] == 1 else f"{part.notebook_name}/{name}"
            verdicts[unique] = replace(verdict, exercise=unique)
            if name in part.seconds:
                seconds[unique] = part.seconds[name]
    outcomes = {part.outcome for part in parts}
    outcome = outcomes.pop() if len(outcomes) == 1 else Outcome.PARTLY_GRADED
    problems = tuple(dict.fromkeys(problem for part in parts for problem in part.problems))
    return replace(parts[0], outcome=outcome, problems=problems, verdicts=verdicts, seconds=seconds)


def _submission(graded: Graded) -> dict[str, Any]:
    return {
        "student": graded.student,
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
        "tier": str(verdict.tier),
    }


def results_table(assignment: str, graded: Sequence[Graded]) -> Table:
    """Learner × exercise: a symbol for each status, and the diagnoses in words."""
    rows = sorted(graded, key=lambda one: one.student)
    exercises = list(rows[0].verdicts) if rows else []
    legend = "   ".join(f"{index} {name}" for index, name in enumerate(exercises, start=1))
    symbols = "   ".join(f"{look.symbol} {look.word.lower()}" for look in LOOKS.values())
    verdicts = [verdict for one in rows for verdict in one.verdicts.values()]
    trust = _SELF_REPORTED if any(map(_is_self_reported, verdicts)) else ""
    table = Table(
        title=assignment,
        caption=f"{legend}\n{symbols}{trust}",
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
            one.student,
            f"{number(one.score)}/{number(one.max_score)}",
            *marks,
            escape("\n".join(found(one))),
        )
    return table


def changes_table(changes: Sequence[Change]) -> Table:
    """Whose grade changes by judging again, and by how much."""
    table = Table(header_style="bold", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in ("learner", "exercise", "was", "is"):
        table.add_column(column, justify="right" if column in ("was", "is") else "left")
    for change in changes:
        points = (number(change.before.points), number(change.after.points))
        table.add_row(change.student, change.after.exercise, *points)
    return table


def _is_self_reported(verdict: Verdict) -> bool:
    return verdict.tier is Tier.SELF_REPORTED


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
    if _is_self_reported(verdict):
        return "" if verdict.message in (PASSED, NOT_WRITTEN) else verdict.message.replace("`", "")
    match verdict.status:
        case Status.CORRECT:
            return f"follows from {verdict.follows_from}" if verdict.follows_from else ""
        case Status.NOT_ATTEMPTED:
            return "" if verdict.message in (NOT_WRITTEN, NOT_FILLED_IN) else verdict.message.replace("`", "")
        case Status.TIMEOUT:
            return "took too long"
        case Status.WRONG:
            return "wrong in a way that has no name yet"
        case Status.ERROR | Status.NOT_GRADED:
            return verdict.message.replace("`", "")
