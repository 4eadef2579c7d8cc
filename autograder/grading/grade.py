"""Grade: one submission from its file to its verdicts and its graded notebook. Touches no database."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path

from nbformat import NotebookNode, v4

from autograder import card
from autograder.authoring.record import record
from autograder.authoring.release import data_files, released
from autograder.authoring.sources import Lesson
from autograder.grading.graft import Grafted, GraftedCell, Role, graft
from autograder.grading.kernels import Kernels, NoKernelError
from autograder.grading.outputs import safe_outputs
from autograder.grading.runner import (
    Died,
    Limits,
    Observed,
    Ran,
    Result,
    RunCell,
    RunProbe,
    Step,
    run,
)
from autograder.grading.submissions import LearnerCell, RejectedError, Submission, read_cells
from autograder.judge import Blame, judge, not_graded
from autograder.key import Key
from autograder.verdict import Status, Verdict

SEEDS_A_RUN = 3


class Outcome(StrEnum):
    """How a submission as a whole came through grading."""

    GRADED = "graded"
    PARTLY_GRADED = "partly_graded"
    REJECTED = "rejected"
    NOT_GRADED = "not_graded"


@dataclass(frozen=True)
class Assignment:
    """A lesson made ready for a grading run: the notebook as given out, and the secret keys of this run."""

    lesson: Lesson
    given: NotebookNode
    keys: Mapping[str, Key]
    files: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Graded:
    """What came of one submission. `notebook` holds the learner's work with our cards in its grade cells."""

    submission: Submission
    outcome: Outcome
    problems: tuple[str, ...]
    verdicts: Mapping[str, Verdict]
    notebook: NotebookNode

    @property
    def score(self) -> float:
        return sum(verdict.points for verdict in self.verdicts.values())

    @property
    def max_score(self) -> float:
        return sum(verdict.max_points for verdict in self.verdicts.values())


def prepare(lesson: Lesson) -> Assignment:
    """Record the secret keys of one grading run, on seeds that nobody can guess. Raises RecordError, SourceError."""
    seeds = tuple(secrets.randbits(63) for _ in range(SEEDS_A_RUN))
    return Assignment(lesson, released(lesson.notebook), record(lesson, seeds), tuple(data_files(lesson.folder)))


def grade(assignment: Assignment, submission: Submission, kernels: Kernels, limits: Limits) -> Graded:
    """Grade one submission. Never raises for what is in it; our own failures give `not_graded`, never a zero."""
    try:
        cells = _read(submission)
    except RejectedError as error:
        return _without_running(assignment, submission, Outcome.REJECTED, str(error))
    try:
        return _grade_cells(assignment, submission, cells, kernels, limits)
    except NoKernelError as error:
        return _without_running(assignment, submission, Outcome.NOT_GRADED, f"Not graded, our fault: {error}.")


def failed(assignment: Assignment, submission: Submission, error: Exception) -> Graded:
    """The row of a submission at which our own code failed."""
    why = f"Not graded, our fault: {type(error).__name__}: {error}. Please report it with the submission."
    return _without_running(assignment, submission, Outcome.NOT_GRADED, why)


def _read(submission: Submission) -> list[LearnerCell]:
    if submission.path is None:
        raise RejectedError(submission.problems[-1])
    return read_cells(submission.path)


def _grade_cells(
    assignment: Assignment, submission: Submission, cells: Sequence[LearnerCell], kernels: Kernels, limits: Limits
) -> Graded:
    grafted = graft(assignment.given, cells)
    steps = {index: step for index, cell in enumerate(grafted.cells) if (step := _step(assignment, cell)) is not None}
    results = run(list(steps.values()), kernels, limits)
    by_cell = dict(zip(steps, results, strict=True))
    verdicts = _verdicts(assignment, grafted, by_cell)
    notebook = _graded_notebook(assignment, grafted, by_cell, verdicts, (*submission.problems, *grafted.problems))
    partly = any(verdict.status is Status.NOT_GRADED for verdict in verdicts.values())
    return Graded(
        submission,
        Outcome.PARTLY_GRADED if partly else Outcome.GRADED,
        (*submission.problems, *grafted.problems),
        verdicts,
        notebook,
    )


def _step(assignment: Assignment, grafted: GraftedCell) -> Step | None:
    """What grading runs for a cell: its source, a probe, or nothing."""
    if grafted.role is Role.CHECK:
        return RunProbe(grafted.name, assignment.keys[grafted.name].seeds)
    if grafted.role in (Role.GIVEN, Role.SOLUTION, Role.ADDED) and grafted.cell.source.strip():
        return RunCell(grafted.cell.source)
    return None


# --- verdicts, from data ----------------------------------------------------------------------------


def _verdicts(assignment: Assignment, grafted: Grafted, results: Mapping[int, Result]) -> dict[str, Verdict]:
    """The verdicts of all exercises, in the notebook's order."""
    probed = {cell.name: results[i] for i, cell in enumerate(grafted.cells) if cell.role is Role.CHECK}
    solved = {
        cell.name: results[i] for i, cell in enumerate(grafted.cells) if cell.role is Role.SOLUTION and i in results
    }

    @cache
    def verdict(name: str) -> Verdict:
        return _verdict(
            assignment, name, probed[name], solved.get(name), lambda used: verdict(used) if used in probed else None
        )

    return {name: verdict(name) for name in probed}


def _verdict(assignment: Assignment, name: str, probed: Result, solved: Result | None, blame: Blame) -> Verdict:
    exercise = assignment.lesson.exercises[name]
    if isinstance(solved, Died):
        return _died(exercise.points, name, solved, "Running this cell")
    if isinstance(probed, Died):
        return _died(exercise.points, name, probed, f"Calling your `{name}`")
    if not isinstance(probed, Observed):
        return not_graded(exercise, "The check was not run.", "Tell your instructor: this is our fault.")
    verdict = judge(exercise, assignment.keys[name], probed.observations, blame)
    if verdict.status is Status.NOT_ATTEMPTED and (stop := _error_in(solved)) is not None:
        return replace(
            verdict,
            status=Status.ERROR,
            message=f"The cell of `{name}` stopped with {stop}.",
            next_step="Run the cell by itself and mend that first.",
        )
    return verdict


def _died(points: float, name: str, died: Died, doing: str) -> Verdict:
    if died.timeout:
        message, next_step = f"{doing} took too long ({died.why}).", "Is there a loop that never ends?"
        return Verdict(name, Status.TIMEOUT, points, message, next_step=next_step)
    message = f"{doing} ended the whole Python process ({died.why})."
    return Verdict(
        name, Status.ERROR, points, message, next_step="Look for exit calls, endless recursion or huge arrays."
    )


def _error_in(solved: Result | None) -> str | None:
    """The exception that a solution cell ended with, as "NameError: name 'x' is not defined"; stubs do not count."""
    if isinstance(solved, Ran):
        for output in solved.outputs:
            match output:
                case {"output_type": "error", "ename": str(name), "evalue": str(value)} if (
                    name != "NotImplementedError"
                ):
                    return re.sub(r"\(<ipython-input[^,]*, line", "(line", f"{name}: {value[:300]}")
    return None


# --- the graded notebook ----------------------------------------------------------------------------


def _without_running(assignment: Assignment, submission: Submission, outcome: Outcome, why: str) -> Graded:
    """The row of a submission of which nothing was run: rejected (a person decides), or our fault."""
    problems = tuple(dict.fromkeys((*submission.problems, why)))
    exercises = assignment.lesson.exercises.values()
    verdicts = {exercise.name: not_graded(exercise, why, "A person will look at it.") for exercise in exercises}
    notebook = _graded_notebook(assignment, graft(assignment.given, ()), {}, verdicts, problems)
    return Graded(submission, outcome, problems, verdicts, notebook)


def _graded_notebook(
    assignment: Assignment,
    grafted: Grafted,
    results: Mapping[int, Result],
    verdicts: Mapping[str, Verdict],
    problems: Sequence[str],
) -> NotebookNode:
    """The instructor's notebook with the learner's sources, what they showed, and our verdict in each grade cell."""
    cells = [_problem_cell(problems)] if problems else []
    for index, item in enumerate(grafted.cells):
        cell = item.cell
        if item.role is Role.CHECK:
            cell.outputs = _verdict_outputs(verdicts[item.name])
        elif cell.cell_type == "code":
            cell.outputs = _shown(results.get(index))
        if cell.cell_type == "code":
            cell.execution_count = index + 1 if index in results else None
        cells.append(cell)
    given = assignment.given
    return v4.new_notebook(cells=cells, metadata=given.metadata, nbformat_minor=given.nbformat_minor)


def _problem_cell(problems: Sequence[str]) -> NotebookNode:
    lines = ["**What grading met in this file**", "", *(f"- {_escaped(problem)}" for problem in problems)]
    return v4.new_markdown_cell("\n".join(lines), id="problems")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\n", " ")


def _verdict_outputs(verdict: Verdict) -> list[NotebookNode]:
    """The card, then the points as the one execute_result, whose text nbgrader reads as a float."""
    shown = {"text/html": card.verdict_html(verdict), "text/plain": card.verdict_text(verdict)}
    points = {"text/plain": repr(float(verdict.points))}
    return [v4.new_output("display_data", data=shown), v4.new_output("execute_result", data=points, execution_count=1)]


def _shown(result: Result | None) -> list[NotebookNode]:
    if isinstance(result, Ran):
        return safe_outputs(result.outputs)
    if isinstance(result, Died):
        return [v4.new_output("stream", name="stderr", text=f"[This cell was stopped: {result.why}.]\n")]
    return []
