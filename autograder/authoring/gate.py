"""Gate: the hygiene of all lessons in one command. Each refusal says what is wrong and what to do about it.

python -m autograder.authoring.gate [LESSON]…      (or: autograder gate)
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import io
import os
import pkgutil
import signal
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

import autograder
from autograder.authoring.claims import broken_claims
from autograder.authoring.mutants import mutants
from autograder.authoring.record import RecordError, record_secret, stale_public_keys
from autograder.authoring.release import released, stale_files
from autograder.authoring.sources import (
    Lesson,
    SourceError,
    attempt_of,
    checked_in,
    grade_id,
    load_lesson,
)
from autograder.check import examine, observe_in
from autograder.comparison import equal
from autograder.exercise import Exercise
from autograder.judge import judge
from autograder.key import Key
from autograder.verdict import Status, Verdict

MOST_CELLS = 45
MOST_WORDS = 2500
SECRET_RUNS = 2
_SECONDS_AN_ATTEMPT = 5.0


@dataclass(frozen=True)
class Refusal:
    """One thing that keeps a lesson from being released."""

    lesson: str
    what: str
    do: str

    def __str__(self) -> str:
        return f"{self.lesson}: {self.what}. {self.do}"


Refusals = Iterator[Refusal]


def inspect_lessons(folders: Sequence[Path], course: Path, wheel_url: str = "") -> list[Refusal]:
    """All refusals over the lessons in `folders`; `course` is where their releases are kept. One process a core."""
    found: list[Refusal] = []
    lessons = []
    for folder in folders:
        try:
            lessons.append(load_lesson(folder))
        except SourceError as error:
            found.append(Refusal(folder.name, str(error).rstrip("."), "Nothing else was looked at."))
    found += names_are_unique(lessons)
    look = partial(_inspect_folder, course, wheel_url)
    good = [lesson.folder for lesson in lessons]
    with ProcessPoolExecutor(min(len(good), os.cpu_count() or 1) or 1, get_context("spawn")) as pool:
        return found + [refusal for refusals in pool.map(look, good) for refusal in refusals]


def _inspect_folder(course: Path, wheel_url: str, folder: Path) -> list[Refusal]:
    return inspect_lesson(load_lesson(folder), course, wheel_url)


def inspect_lesson(lesson: Lesson, course: Path, wheel_url: str = "") -> list[Refusal]:
    """All refusals of one lesson."""
    found = [
        refusal
        for check in (notebook_is_complete, budgets_are_kept, lists_are_long_enough)
        for refusal in check(lesson)
    ]
    try:
        keys = [record_secret(lesson) for _ in range(SECRET_RUNS)]
        stale = stale_public_keys(lesson)
    except (RecordError, SourceError) as error:
        return [*found, Refusal(lesson.name, str(error).rstrip("."), "Then run the gate again.")]
    found += [Refusal(lesson.name, f"the public key of `{name}` is stale", "Run `make course`.") for name in stale]
    found += [
        Refusal(lesson.name, f"{name} is stale", "Run `make course`.")
        for name in stale_files(lesson, course, wheel_url)
    ]
    if not stale:
        found += home_agrees(lesson)
    for key in keys:
        found += answers_get_their_verdicts(lesson, key)
    found += stub_is_not_attempted(lesson, keys[0])
    found += observations_differ_over_seeds(lesson, keys[0])
    found += references_hold_under_last_bits(lesson, keys[0])
    found += mutants_are_caught(lesson, keys[0])
    found += claims_hold(lesson)
    found += nothing_that_ships_is_an_answer(lesson, keys[0])
    return list(dict.fromkeys(found))


def claims_hold(lesson: Lesson) -> Refusals:
    """What the prose says in numbers is what the code gives."""
    for claim, why in broken_claims(lesson):
        yield Refusal(lesson.name, f"the claim “{claim.sentence}”: {why}", "Correct the prose or claims.py.")


# --- what the notebook must hold -----------------------------------------------------------------


def notebook_is_complete(lesson: Lesson) -> Refusals:
    """Every exercise has its solution cell and its check cell, worth its points; all is executed without an error."""
    cells = {grade_id(cell): cell for cell in lesson.notebook.cells if grade_id(cell)}
    for name, exercise in lesson.exercises.items():
        check = cells.get(f"check_{name}")
        if name not in cells or "### BEGIN SOLUTION" not in cells[name].source:
            yield Refusal(
                lesson.name, f"`{name}` has no solution cell", f"Give one the grade_id {name} and a solution region."
            )
        if check is None or checked_in(check) != name:
            yield Refusal(
                lesson.name,
                f"`{name}` has no check cell",
                f'Add a locked grade cell check_{name} that holds check("{name}").',
            )
        elif check.metadata.nbgrader.grade == bool(exercise.extra):
            yield Refusal(
                lesson.name,
                f"`{name}` {'needs a package that the sandbox does not have' if exercise.extra else 'is not graded'}",
                "Let its check cell be " + ("a demonstration, without points." if exercise.extra else "a grade cell."),
            )
        elif not exercise.extra and check.metadata.nbgrader.points != exercise.points:
            yield Refusal(
                lesson.name,
                f"the check cell of `{name}` is worth {check.metadata.nbgrader.points} points, its probe says {exercise.points}",
                "Make them equal.",
            )
        elif "# NBVAL_CHECK_OUTPUT" not in check.source:
            yield Refusal(
                lesson.name, f"CI does not compare what check_{name} shows", "Add the line # NBVAL_CHECK_OUTPUT."
            )
    for index, cell in enumerate(lesson.notebook.cells):
        if cell.cell_type != "code":
            continue
        if cell.execution_count is None:
            yield Refusal(lesson.name, f"cell {index} is not executed", "Run `autograder execute`.")
        if any(output.output_type == "error" for output in cell.outputs):
            yield Refusal(lesson.name, f"cell {index} shows an error", "Mend the cell and execute the notebook.")


def budgets_are_kept(lesson: Lesson) -> Refusals:
    """A lesson fits into an evening."""
    words = sum(len(cell.source.split()) for cell in lesson.notebook.cells if cell.cell_type == "markdown")
    if len(lesson.notebook.cells) > MOST_CELLS:
        yield Refusal(
            lesson.name, f"it has {len(lesson.notebook.cells)} cells", f"At most {MOST_CELLS} fit one sitting."
        )
    if words > MOST_WORDS:
        yield Refusal(lesson.name, f"it has {words} words", f"At most {MOST_WORDS} fit one sitting.")


def lists_are_long_enough(lesson: Lesson) -> Refusals:
    """Hints, known mistakes and variants are there, have something to say, and name exercises that exist."""
    named = {item.exercise for items in (lesson.mistakes, lesson.variants, lesson.equivalents) for item in items}
    for name in sorted(named - set(lesson.exercises) - lesson.left_out):
        yield Refusal(
            lesson.name, f"mistakes.py or variants.py names `{name}`, which is no exercise here", "Correct the name."
        )
    for name, exercise in lesson.exercises.items():
        if not 2 <= len(exercise.hints) <= 3 or not all(hint.strip() for hint in exercise.hints):
            yield Refusal(
                lesson.name, f"`{name}` has {len(exercise.hints)} hints", "Write two or three, from a nudge to a plan."
            )
        if not any(known.exercise == name for known in lesson.mistakes):
            yield Refusal(lesson.name, f"`{name}` has no known mistake", "Write down what learners get wrong.")
        if sum(right.exercise == name for right in lesson.variants) < 2:
            yield Refusal(lesson.name, f"`{name}` has fewer than two variants", "Write it in two other styles.")
        if exercise.self_check and exercise.points > 1:
            yield Refusal(
                lesson.name,
                f"`{name}` is a self-check worth {exercise.points} points",
                "Its key gives it away: 1 at most.",
            )
        if unknown := [used for used in exercise.uses if used not in lesson.exercises]:
            yield Refusal(
                lesson.name, f"`{name}` uses {unknown}, which this lesson does not have", "Correct the names."
            )
    for known in lesson.mistakes:
        if not known.message:
            yield Refusal(
                lesson.name, f"the mistake {known.name} of `{known.exercise}` says nothing", "Give it a docstring."
            )


def names_are_unique(lessons: Iterable[Lesson]) -> Refusals:
    counts = Counter(name for lesson in lessons for name in lesson.exercises)
    for name in (name for name, count in counts.items() if count > 1):
        yield Refusal("all lessons", f"two exercises are called `{name}`", "Rename one: `check` finds them by name.")


# --- what answers must get -----------------------------------------------------------------------


def verdict_on(exercise: Exercise, key: Key, attempt: Any) -> Verdict:
    """The verdict on an answer, on the key's seeds."""
    return judge(exercise, key, [exercise.observe(attempt, seed) for seed in key.seeds])


def answers_get_their_verdicts(lesson: Lesson, keys: dict[str, Key]) -> Refusals:
    """On secret seeds the reference and all variants are correct, and each mistake is named exactly."""
    references = lesson.references()
    for name, exercise in lesson.exercises.items():
        rights = {"the reference": references[name]}
        rights |= {v.name: attempt_of(exercise, v.attempt) for v in lesson.variants if v.exercise == name}
        for title, attempt in rights.items():
            verdict = verdict_on(exercise, keys[name], attempt)
            if verdict.status is not Status.CORRECT:
                yield Refusal(
                    lesson.name,
                    f"`{name}`: {title} is judged {_said(verdict)}",
                    "Mend the probe, its tolerance or the answer.",
                )
        for known in (known for known in lesson.mistakes if known.exercise == name):
            verdict = verdict_on(exercise, keys[name], attempt_of(exercise, known.attempt))
            if verdict.status is not Status.WRONG or verdict.diagnosis != known.name:
                yield Refusal(
                    lesson.name,
                    f"`{name}`: the mistake {known.name} is judged {_said(verdict)}",
                    "Let the probe tell it apart.",
                )


def home_agrees(lesson: Lesson) -> Refusals:
    """With the public key, as `check` judges at home, the verdicts are the same."""
    namespace = lesson.references()
    for name, exercise in lesson.exercises.items():
        right = namespace[name]
        verdict = examine(name, namespace)
        if verdict.status is not Status.CORRECT:
            yield Refusal(
                lesson.name, f"`{name}`: at home the reference is judged {_said(verdict)}", "Run `make course`."
            )
        for known in (known for known in lesson.mistakes if known.exercise == name):
            verdict = examine(name, namespace | {name: attempt_of(exercise, known.attempt)})
            if verdict.diagnosis != known.name:
                yield Refusal(
                    lesson.name,
                    f"`{name}`: at home the mistake {known.name} is judged {_said(verdict)}",
                    "Run `make course`.",
                )
        namespace[name] = right


def stub_is_not_attempted(lesson: Lesson, keys: dict[str, Key]) -> Refusals:
    """A learner who has written nothing is told just that."""
    stubs = Lesson(lesson.name, lesson.folder, lesson.module, released(lesson.notebook), (), (), ()).references()
    for name, exercise in lesson.exercises.items():
        verdict = judge(exercise, keys[name], observe_in(exercise, stubs, keys[name].seeds))
        if verdict.status is not Status.NOT_ATTEMPTED:
            yield Refusal(
                lesson.name, f"`{name}`: the stub is judged {_said(verdict)}", "Let it raise NotImplementedError."
            )


def observations_differ_over_seeds(lesson: Lesson, keys: dict[str, Key]) -> Refusals:
    """What is the same for every seed can be learnt at home and sent without having computed anything."""
    for name, key in keys.items():
        exercise = lesson.exercises[name]
        first, *others = key.reference
        by_data = exercise.conclude is None  # conclusions may well be the same; they are drawn from data that are not
        if by_data and not exercise.self_check and any(equal(first, other, exercise.tolerance) for other in others):
            yield Refusal(
                lesson.name, f"`{name}` looks the same on two seeds", "Draw the inputs from rng, or mark it self_check."
            )


def references_hold_under_last_bits(lesson: Lesson, keys: dict[str, Key]) -> Refusals:
    """A right answer whose rounding differs stays right."""
    references = lesson.references()
    for name, exercise in lesson.exercises.items():
        if exercise.value:
            continue
        verdict = verdict_on(exercise, keys[name], _perturbed(references[name]))
        if verdict.status is not Status.CORRECT:
            yield Refusal(
                lesson.name,
                f"`{name}`: with inputs off in their last bits the reference is judged {_said(verdict)}",
                "Keep the probe's inputs away from jumps, or widen the tolerance.",
            )


def _perturbed(function: Callable[..., Any]) -> Callable[..., Any]:
    rng = np.random.default_rng(0)

    def last_bits(argument: Any) -> Any:
        if isinstance(argument, np.ndarray) and argument.dtype == np.float64:
            return argument * (1 + 1e-15 * rng.standard_normal(argument.shape))
        return argument

    return lambda *arguments: function(*map(last_bits, arguments))


def mutants_are_caught(lesson: Lesson, keys: dict[str, Key]) -> Refusals:
    """Small changes to a reference make it wrong, or are listed as equivalent."""
    references = lesson.references()
    listed = {(item.exercise, item.change) for item in lesson.equivalents}
    for name, exercise in lesson.exercises.items():
        if exercise.value:
            continue
        for mutant in mutants(lesson.solution_source(name), name):
            if (name, mutant.change) in listed:
                listed.discard((name, mutant.change))
                continue
            if _is_correct(exercise, keys[name], mutant.define(name, references)):
                yield Refusal(
                    lesson.name,
                    f"`{name}`: the mutant “{mutant.change}” is judged correct",
                    "Let the probe look there, or list it in EQUIVALENT_MUTANTS with the reason.",
                )
    for name, change in sorted(listed):
        yield Refusal(lesson.name, f"`{name}` has no mutant “{change}”", "Take it out of EQUIVALENT_MUTANTS.")


def nothing_that_ships_is_an_answer(lesson: Lesson, keys: dict[str, Key]) -> Refusals:
    """No public callable on the learner's side solves an exercise."""
    for name, exercise in lesson.exercises.items():
        for title, function in _learner_side_callables():
            if _is_correct(exercise, keys[name], function):
                yield Refusal(
                    lesson.name,
                    f"{title}, which ships to learners, solves `{name}`",
                    "Make it private to the judge, or drop it.",
                )


def _learner_side_callables() -> Iterator[tuple[str, Callable[..., Any]]]:
    for info in pkgutil.walk_packages(autograder.__path__, "autograder."):
        if info.name.split(".")[1] in ("authoring", "grading", "cli", "__main__"):
            continue
        module = importlib.import_module(info.name)
        for name, item in list(vars(module).items()):
            public = not name.startswith("_") and getattr(item, "__module__", "").startswith("autograder.")
            if public and (inspect.isfunction(item) or inspect.isclass(item)):
                yield f"{info.name}.{name}", item


def _is_correct(exercise: Exercise, key: Key, attempt: Any) -> bool:
    """Whether an odd answer is judged correct; one that does not come to an end is not."""
    try:
        with _time_limit(_SECONDS_AN_ATTEMPT), contextlib.redirect_stdout(io.StringIO()):
            return verdict_on(exercise, key, attempt).status is Status.CORRECT
    except _TimeIsUpError:
        return False


class _TimeIsUpError(BaseException):
    """Not an Exception: a probe takes those for the learner's."""


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    def stop(signum: int, frame: FrameType | None) -> None:
        raise _TimeIsUpError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _said(verdict: Verdict) -> str:
    named = f" ({verdict.diagnosis})" if verdict.diagnosis else ""
    return f"{verdict.status}{named}: {verdict.message}"


if __name__ == "__main__":
    from autograder.cli import main

    main(["gate"])
