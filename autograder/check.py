"""Check: what a learner calls after an exercise. Looks the name up, runs its probe, judges with the public key.

What `check` says at home is what grading says: the same probe, the same judge, other seeds.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from autograder import card
from autograder.attempts import remember, what_changed
from autograder.comparison import compare_nodes, relative
from autograder.exercise import Exercise, Printed
from autograder.judge import NOT_A_FUNCTION, NOT_DEFINED, judge, not_graded
from autograder.key import INSTALL_AGAIN, KEYS, KeyFileError, load_public
from autograder.observation import Observations, Raised
from autograder.shell import current_shell
from autograder.verdict import Status, Verdict

_SAME_INPUTS = relative(1e-9)


class Points(float):
    """Points whose text is the plain float, which nbgrader reads; notebooks show the card above it and nothing here."""

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": repr(float(self)), "text/html": ""}


def check(name: str) -> Points:
    """Judge the exercise `name` as it stands in this notebook, show the card, return its points. Never raises."""
    printed = Printed()
    with _patience(name):
        verdict = examine(name, namespace_of_caller(), printed)
    trail = _trail(verdict)
    card.show(card.verdict_html(verdict, trail=trail), card.verdict_text(verdict, trail=trail))
    if printed.text:
        print(f"Your code printed this when it was checked:\n{printed.text.rstrip()}")
    return Points(verdict.points)


def _trail(verdict: Verdict) -> card.Trail:
    """What the learner's logbook adds to the card; the verdict is kept in it."""
    before = remember(verdict)
    hints = _hints_read(verdict, before.hints) if verdict.status in (Status.WRONG, Status.ERROR) else ""
    return card.Trail(_older_than_the_cell(verdict), what_changed(before, verdict), hints)


def _older_than_the_cell(verdict: Verdict) -> str:
    """That the newest cell with this answer is no Python, so that the one before it still stands; "" where it is not so."""
    if verdict.status not in (Status.CORRECT, Status.WRONG, Status.ERROR):
        return ""
    shell = current_shell()
    was_run = shell.history_manager.input_hist_parsed if shell is not None else []
    defines = re.compile(rf"^((def|class) +{verdict.exercise}\b|{verdict.exercise} *=)", re.MULTILINE)
    newest = next((text for text in reversed(was_run) if defines.search(text)), "")
    try:
        compile(newest, "", "exec", ast.PyCF_ONLY_AST)
    except (SyntaxError, ValueError):  # the latter for what no file may hold, a null byte
        return (
            f"The newest cell with `{verdict.exercise}` stopped at a SyntaxError. This is about the version before it:"
        )
    return ""


def _hints_read(verdict: Verdict, read: int) -> str:
    """How many of the hints were read, and how to go on from there where the next step does not say it."""
    most, call = len(find_exercise(verdict.exercise)[0].hints), f'`hint("{verdict.exercise}")`'
    if read >= most:
        return f"all {most} read; {call} shows them again, and what else helps."
    return f"{read} of {most} read." if call in verdict.next_step else f"{read} of {most} read; {call} gives the next."


@contextlib.contextmanager
def _patience(name: str) -> Iterator[None]:
    """Say that a slow check is at work, on a line that is blank again when the card comes."""
    try:
        said = find_exercise(name)[0].patience
    except UnknownExerciseError:
        said = ""
    if said:
        print(said, end="\r", flush=True)
    yield
    if said:
        print(" " * len(said), end="\r", flush=True)


def examine(name: str, namespace: Mapping[str, Any], printed: Printed | None = None) -> Verdict:
    """The verdict on `name` as `namespace` holds it, with the public key. What the first run prints goes to `printed`."""
    try:
        exercise, lesson = find_exercise(name)
        key = load_public(lesson, name)
    except UnknownExerciseError as error:
        return Verdict(str(name), Status.NOT_GRADED, 0.0, error.said, next_step=error.advice)
    except KeyFileError as error:
        return not_graded(exercise, str(error), INSTALL_AGAIN)
    for seed, inputs in zip(key.seeds, key.inputs, strict=True):
        if compare_nodes(inputs, exercise.first_inputs(seed), _SAME_INPUTS) is not None:
            return not_graded(
                exercise,
                "This machine draws other random inputs than the answer key was made with, so it cannot be checked "
                "here. Grading does not depend on that.",
                "Restart the kernel and check again; if it stays so, your NumPy differs from the course's.",
            )
    observed = observe_in(exercise, namespace, key.seeds, printed)
    return judge(exercise, key, observed, lambda dependency: examine(dependency, namespace))


class UnknownExerciseError(LookupError):
    """There is no such exercise, or its lesson cannot be imported: what is `said`, and the `advice` that goes with it."""

    def __init__(self, said: str, advice: str) -> None:
        super().__init__(f"{said} {advice}")
        self.said = said
        self.advice = advice


def find_exercise(name: str) -> tuple[Exercise, str]:
    """The exercise called `name` and its lesson's module name. Raises UnknownExerciseError."""
    if callable(name):
        called = getattr(name, "__name__", name)
        raise UnknownExerciseError("This takes the exercise's name.", f'Put it in quotation marks: "{called}".')
    paths = _key_paths()
    if not isinstance(name, str) or name not in paths:
        close = get_close_matches(str(name), paths, n=1)
        advice = f"Did you mean `{close[0]}`?" if close else "The name stands in the exercise's check cell."
        raise UnknownExerciseError(f"There is no exercise called `{name}`.", advice)
    module_name = paths[name].parent.name
    try:
        module = importlib.import_module(f"autograder.exercises.{module_name}")
    except ImportError as error:
        said = f"`{name}` needs a package that is missing here: {error}."
        raise UnknownExerciseError(said, "Install it with pip, then restart the kernel.") from None
    return getattr(module, name), module_name


def _key_paths() -> dict[str, Path]:
    """The public keys by their exercises' names."""
    return {path.stem: path for path in sorted(KEYS.glob("*/*.npz"))}


def observe_in(
    exercise: Exercise, namespace: Mapping[str, Any], seeds: Sequence[int], printed: Printed | None = None
) -> list[Observations]:
    """What the probe sees of the answer that `namespace` holds, one a seed; a missing answer is an observation too."""
    if exercise.name not in namespace:
        others = [
            name
            for name in namespace.keys() - _key_paths().keys()
            if not name.startswith("_") and (exercise.value or callable(namespace[name]))
        ]
        close = get_close_matches(exercise.name, others, n=1)
        return [_absent(NOT_DEFINED, close[0] if close else "")] * len(seeds)
    attempt = namespace[exercise.name]
    if exercise.value and _has_ellipsis(attempt):
        return [_absent("NotImplementedError", "")] * len(seeds)
    if not exercise.value and not callable(attempt):
        return [_absent(NOT_A_FUNCTION, type(attempt).__name__)] * len(seeds)
    return [exercise.observe(attempt, seed, printed if seed == seeds[0] else None) for seed in seeds]


def _absent(name: str, message: str) -> Observations:
    return Observations((), Raised((name,), message))


def _has_ellipsis(value: Any) -> bool:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return value is ... or any(_has_ellipsis(child) for child in children)


def namespace_of_caller() -> Mapping[str, Any]:
    """The notebook's names; outside of one, those of the module that called the function that calls this."""
    shell = current_shell()
    return shell.user_ns if shell is not None else sys._getframe(2).f_globals
