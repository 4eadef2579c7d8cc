"""Grade: one submission from its file to its verdicts and its graded notebook. Touches no database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from pathlib import Path

from nbformat import NotebookNode, v4
from nbgrader.utils import is_task

from autograder import card
from autograder.authoring.release import data_files, released
from autograder.authoring.sources import Lesson, grade_id
from autograder.exercise import Exercise
from autograder.grading.graft import graft
from autograder.grading.grafted import Grafted, GraftedCell, Role
from autograder.grading.guidance import guidance_of
from autograder.grading.intake import take_in
from autograder.grading.kernels import Kernels, NoKernelError
from autograder.grading.outputs import new_output, safe_outputs, safe_source
from autograder.grading.parcel import Parcel
from autograder.grading.reading import RejectedError
from autograder.grading.runner import (
    Died,
    Limits,
    Observed,
    PutFile,
    Ran,
    Result,
    RunCell,
    RunProbe,
    Step,
    run,
)
from autograder.grading.self_reported import exception_said, self_reported, verdict_of_test
from autograder.judge import Blame, judge, not_graded
from autograder.key import Key
from autograder.verdict import Status, Tier, Verdict


class Outcome(StrEnum):
    """How a submission as a whole came through grading."""

    GRADED = "graded"
    PARTLY_GRADED = "partly_graded"
    REJECTED = "rejected"
    NOT_GRADED = "not_graded"


@dataclass(frozen=True)
class Assignment:
    """A notebook made ready for a grading run. `given` is what learners got, `whole` has its hidden tests as well.

    A lesson has `exercises`, and the secret `keys` of this run; a notebook of an ordinary course has only tests.
    `files` lie beside the notebook and cannot be changed, `copies` can; `notebook` is the name without `.ipynb`.
    `graded_with` is written into each graded notebook's metadata: whether there was a sandbox, where the keys are kept.
    `guidance` stands on the cards of exercises that are not right.
    """

    name: str
    notebook: str
    given: NotebookNode
    whole: NotebookNode
    exercises: Mapping[str, Exercise] = field(default_factory=dict)
    keys: Mapping[str, Key] = field(default_factory=dict)
    lesson_module: str = ""
    files: Mapping[str, Path] = field(default_factory=dict)
    copies: tuple[PutFile, ...] = ()
    graded_with: Mapping[str, str] = field(default_factory=dict)
    guidance: Mapping[str, card.Guidance] = field(default_factory=dict)

    @property
    def is_lesson(self) -> bool:
        """Whether this is a lesson with probes, and no ordinary notebook."""
        return bool(self.lesson_module)


@dataclass(frozen=True)
class Graded:
    """What came of one submission: a row of the class's table.

    `seconds` is how long the learner's code ran for each exercise, by the clock on the wall.
    """

    notebook_name: str
    student: str
    outcome: Outcome
    problems: tuple[str, ...]
    verdicts: Mapping[str, Verdict]
    seconds: Mapping[str, float] = field(default_factory=dict, compare=False)

    @property
    def score(self) -> float:
        return sum(verdict.points for verdict in self.verdicts.values())

    @property
    def max_score(self) -> float:
        return sum(verdict.max_points for verdict in self.verdicts.values())


@dataclass(frozen=True)
class Seen:
    """All that a verdict on an exercise is made from: what the probe saw, and the error that its own cell ended with.

    Either of them may not have come to an end; None: the probe was not run.
    """

    probed: Observed | Died | None
    solved: Died | str | None


@dataclass(frozen=True)
class GradedWork:
    """A row with what is stored besides: the learner's work with our cards in its grade cells, what was seen of each
    exercise, and when the work was sent."""

    row: Graded
    notebook: NotebookNode
    seen: Mapping[str, Seen] = field(default_factory=dict)
    timestamp: str | None = None
    absent: bool = False


def prepare(lesson: Lesson) -> Assignment:
    """A lesson made ready for grading, but for the keys. Raises SourceError."""
    given = released(lesson.notebook)
    return Assignment(
        lesson.name,
        lesson.name,
        given,
        given,
        lesson.graded,
        lesson_module=lesson.module_name,
        files={str(path.relative_to(lesson.folder)): path for path in data_files(lesson.folder)},
        guidance=guidance_of(given, lesson.graded),
    )


def grade(assignment: Assignment, parcel: Parcel, kernels: Kernels, limits: Limits) -> GradedWork:
    """Grade one submission. Never raises for what is in it; our own failures give `not_graded`, never a zero."""
    if parcel.absent:
        return _without_running(assignment, parcel, Outcome.GRADED, Status.NOT_ATTEMPTED, parcel.problems[-1])
    try:
        grafted = take_in(assignment.given, assignment.notebook, parcel)
    except RejectedError as error:
        return _without_running(assignment, parcel, Outcome.REJECTED, Status.NOT_GRADED, str(error))
    try:
        return _grade_cells(assignment, parcel, _checks_or_tests(assignment, grafted), kernels, limits)
    except NoKernelError as error:
        why = f"Not graded, our fault: {error}."
        return _without_running(assignment, parcel, Outcome.NOT_GRADED, Status.NOT_GRADED, why)


def failed(assignment: Assignment, parcel: Parcel, error: Exception) -> GradedWork:
    """The row of a submission at which our own code failed."""
    why = f"Not graded, our fault: {type(error).__name__}: {error}. Please report it with the submission."
    return _without_running(assignment, parcel, Outcome.NOT_GRADED, Status.NOT_GRADED, why)


def _grade_cells(
    assignment: Assignment, parcel: Parcel, grafted: Grafted, kernels: Kernels, limits: Limits
) -> GradedWork:
    beside = _beside(assignment, parcel)
    steps = {index: step for index, cell in enumerate(grafted.cells) if (step := _step(assignment, cell)) is not None}
    results = run([*beside, *steps.values()], kernels, limits)
    by_cell = dict(zip(steps, results[len(beside) :], strict=True))
    problems = (*grafted.problems, *_file_problems(beside, results))
    seen = _seen(grafted, by_cell)
    judged = verdicts_on(assignment, seen)
    tests = [(cell, by_cell[i]) for i, cell in enumerate(grafted.cells) if cell.role is Role.TEST]
    reported = {cell.name: _verdict_of_test(cell, result) for cell, result in tests}
    graded = [cell.name for cell in grafted.cells if cell.role in (Role.CHECK, Role.TEST)]
    verdicts = {name: judged[name] if name in judged else reported[name] for name in graded}
    notebook = _graded_notebook(assignment, grafted, by_cell, verdicts, problems)
    seconds = _seconds(grafted, by_cell, graded)
    row = Graded(assignment.notebook, parcel.student, outcome_of(verdicts), problems, verdicts, seconds)
    return GradedWork(row, notebook, seen, parcel.timestamp, parcel.absent)


def outcome_of(verdicts: Mapping[str, Verdict]) -> Outcome:
    """How a submission whose cells were run came through grading."""
    partly = any(verdict.status is Status.NOT_GRADED for verdict in verdicts.values())
    return Outcome.PARTLY_GRADED if partly else Outcome.GRADED


def _checks_or_tests(assignment: Assignment, grafted: Grafted) -> Grafted:
    """A check of something that is no exercise of this assignment is an ordinary test."""
    return replace(grafted, cells=tuple(_check_or_test(assignment, cell) for cell in grafted.cells))


def _check_or_test(assignment: Assignment, grafted: GraftedCell) -> GraftedCell:
    if grafted.role is Role.CHECK and grafted.name not in assignment.exercises:
        return replace(grafted, role=Role.TEST, name=grade_id(grafted.cell) or grafted.name)
    return grafted


def _beside(assignment: Assignment, parcel: Parcel) -> list[PutFile]:
    """What is written beside the notebook: what the instructor gave and the learner sent."""
    return [*assignment.copies, *(PutFile(name, content) for name, content in parcel.beside.items())]


def _file_problems(beside: Sequence[PutFile], results: Sequence[Result]) -> Iterator[str]:
    lost = [file.path for file, result in zip(beside, results, strict=False) if isinstance(result, Died)]
    if lost:
        yield f"Files could not be put beside the notebook: {', '.join(lost)}."


def _step(assignment: Assignment, grafted: GraftedCell) -> Step | None:
    """What grading runs for a cell: its source, a probe, or nothing."""
    if grafted.role is Role.CHECK:
        return RunProbe(grafted.name, assignment.keys[grafted.name].seeds)
    if grafted.role is Role.TEST:
        return RunCell(_whole_source(assignment, grafted.cell))
    if grafted.cell.cell_type == "code" and grafted.role is not Role.DEMO and grafted.cell.source.strip():
        return RunCell(grafted.cell.source)
    return None


def _whole_source(assignment: Assignment, cell: NotebookNode) -> str:
    """The instructor's source of a given cell, with the parts that learners did not get."""
    return next(whole.source for whole in assignment.whole.cells if grade_id(whole) == grade_id(cell))


def _seconds(grafted: Grafted, results: Mapping[int, Result], names: Sequence[str]) -> dict[str, float]:
    """How long the learner's code ran for each exercise: in its own cell, and where that is checked or tested."""
    seconds = dict.fromkeys(names, 0.0)
    for index, cell in enumerate(grafted.cells):
        if cell.role in (Role.SOLUTION, Role.CHECK, Role.TEST) and cell.name in seconds and index in results:
            seconds[cell.name] += results[index].seconds
    return seconds


# --- verdicts ---------------------------------------------------------------------------------------


def _seen(grafted: Grafted, results: Mapping[int, Result]) -> dict[str, Seen]:
    """What was seen of each exercise."""
    solved = {cell.name: results.get(i) for i, cell in enumerate(grafted.cells) if cell.role is Role.SOLUTION}
    checks = {cell.name: results[i] for i, cell in enumerate(grafted.cells) if cell.role is Role.CHECK}
    return {
        name: Seen(probed if isinstance(probed, (Observed, Died)) else None, _how_it_ended(solved.get(name)))
        for name, probed in checks.items()
    }


def verdicts_on(assignment: Assignment, seen: Mapping[str, Seen]) -> dict[str, Verdict]:
    """The verdicts on all exercises, from what was seen of them."""

    def blame(name: str) -> Verdict | None:
        return verdict(name) if name in seen else None

    @cache
    def verdict(name: str) -> Verdict:
        return _verdict(assignment, name, seen[name], blame)

    return {name: verdict(name) for name in seen}


def _verdict_of_test(test: GraftedCell, result: Result) -> Verdict:
    points = _points(test)
    if isinstance(result, Died):
        return replace(_died(points, test.name, result, "Running this test"), tier=Tier.SELF_REPORTED)
    return verdict_of_test(test.name, points, result.outputs if isinstance(result, Ran) else ())


def _points(test: GraftedCell) -> float:
    return float(test.cell.metadata.nbgrader.points)


def _verdict(assignment: Assignment, name: str, seen: Seen, blame: Blame) -> Verdict:
    exercise = assignment.exercises[name]
    if isinstance(seen.solved, Died):
        return _died(exercise.points, name, seen.solved, "Running this cell")
    if isinstance(seen.probed, Died):
        return _died(exercise.points, name, seen.probed, f"Calling your `{name}`")
    if seen.probed is None:
        return not_graded(exercise, "The check was not run.", "Tell your instructor: this is our fault.")
    verdict = judge(exercise, assignment.keys[name], seen.probed.observations, blame)
    if verdict.status is Status.NOT_ATTEMPTED and seen.solved is not None:
        return replace(
            verdict,
            status=Status.ERROR,
            message=f"The cell of `{name}` stopped with {seen.solved}.",
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


def _how_it_ended(solved: Result | None) -> Died | str | None:
    """How a solution cell died, or its exception, as "NameError: name 'x' is not defined"; stubs do not count."""
    if isinstance(solved, Died):
        return solved
    if not isinstance(solved, Ran):
        return None
    errors = (output for output in solved.outputs if output.get("output_type") == "error")
    return next((exception_said(output) for output in errors if output.get("ename") != "NotImplementedError"), None)


# --- the graded notebook ----------------------------------------------------------------------------


def _without_running(assignment: Assignment, parcel: Parcel, outcome: Outcome, status: Status, why: str) -> GradedWork:
    """The row of a submission of which nothing was run: rejected (a person decides), our fault, or never sent."""
    problems = tuple(dict.fromkeys((*parcel.problems, why)))
    grafted = _checks_or_tests(assignment, graft(assignment.given, ()))
    rejected_or_ours = status is Status.NOT_GRADED
    next_step = "A person will look at it." if rejected_or_ours else "Send it, if the course still takes it."
    verdicts = {}
    for cell in grafted.cells:
        if cell.role is Role.CHECK:
            points = assignment.exercises[cell.name].points
            verdicts[cell.name] = Verdict(cell.name, status, points, why, next_step=next_step)
        elif cell.role is Role.TEST:
            verdicts[cell.name] = self_reported(cell.name, status, _points(cell), why, next_step=next_step)
    notebook = _graded_notebook(assignment, grafted, {}, verdicts, problems)
    row = Graded(assignment.notebook, parcel.student, outcome, problems, verdicts)
    return GradedWork(row, notebook, timestamp=parcel.timestamp, absent=parcel.absent)


def _graded_notebook(
    assignment: Assignment,
    grafted: Grafted,
    results: Mapping[int, Result],
    verdicts: Mapping[str, Verdict],
    problems: Sequence[str],
) -> NotebookNode:
    """The instructor's notebook with the learner's sources, what they showed, and our verdict in each grade cell."""
    cells = [_problem_cell(problems)] if problems else []
    instructors = {cell.source for cell in assignment.given.cells}
    for index, item in enumerate(grafted.cells):
        cell = item.cell
        if cell.source not in instructors:
            cell.source = safe_source(cell.cell_type, cell.source)
        if is_task(cell):  # with the marking scheme, which is for whoever grades it
            cell.source = _whole_source(assignment, cell)
        if cell.cell_type == "code":
            cell.outputs = _outputs(assignment, item, results.get(index), verdicts)
            cell.execution_count = index + 1 if index in results else None
        cells.append(cell)
    given = assignment.given
    metadata = {**given.metadata, "autograder": dict(assignment.graded_with)}
    return v4.new_notebook(cells=cells, metadata=metadata, nbformat_minor=given.nbformat_minor)


def _outputs(
    assignment: Assignment, item: GraftedCell, result: Result | None, verdicts: Mapping[str, Verdict]
) -> list[NotebookNode]:
    """What is shown below a cell: for a grade cell our verdict first, from which nbgrader could read the points."""
    if item.role not in (Role.CHECK, Role.TEST):
        return _shown(result)
    said = verdict_outputs(verdicts[item.name], assignment.guidance.get(item.name))
    has_hidden_part = _whole_source(assignment, item.cell) != item.cell.source
    return said if item.role is Role.CHECK or has_hidden_part else [*said, *_shown(result)]


def _problem_cell(problems: Sequence[str]) -> NotebookNode:
    lines = ["**What grading met in this file**", "", *(f"- {_escaped(problem)}" for problem in problems)]
    return v4.new_markdown_cell("\n".join(lines), id="problems")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\n", " ")


def verdict_outputs(verdict: Verdict, guidance: card.Guidance | None = None) -> list[NotebookNode]:
    """The card, then the points as the one execute_result, whose text nbgrader reads as a float."""
    shown = {"text/html": card.verdict_html(verdict, guidance), "text/plain": card.verdict_text(verdict, guidance)}
    points = {"text/plain": repr(float(verdict.points))}
    return [
        new_output("display_data", data=shown, metadata={}),
        new_output("execute_result", data=points, metadata={}, execution_count=1),
    ]


def _shown(result: Result | None) -> list[NotebookNode]:
    if isinstance(result, Ran):
        return safe_outputs(result.outputs)
    if isinstance(result, Died):
        return [new_output("stream", name="stderr", text=f"[This cell was stopped: {result.why}.]\n")]
    return []
