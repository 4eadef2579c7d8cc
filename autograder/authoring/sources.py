"""Sources: a lesson as the instructor wrote it (notebook, mistakes, variants, claims), for the trusted process only."""

from __future__ import annotations

import ast
import contextlib
import importlib
import importlib.util
import inspect
import io
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat

from autograder.errors import InputError
from autograder.exercise import Exercise, exercises_of

_LESSON_NAME = re.compile(r"\d\d_([a-z][a-z0-9_]*)")


class SourceError(InputError):
    """A lesson's sources cannot be used; the sentence says which, why and what to do."""


@dataclass(frozen=True)
class Mistake:
    """One wrong answer that we know: `name` is its key, `message` what a learner who made it reads."""

    exercise: str
    name: str
    message: str
    attempt: Callable[..., Any]
    seen_in: tuple[str, ...] = ()
    variable: str = ""  # the name that holds it in mistakes.py


@dataclass(frozen=True)
class Variant:
    """A right answer in another style, which must pass."""

    exercise: str
    name: str
    attempt: Callable[..., Any]
    variable: str = ""


@dataclass(frozen=True)
class Equivalent:
    """A mutant of a reference that is right as well, so that no probe can catch it, and the reason why."""

    exercise: str
    change: str
    because: str


@dataclass(frozen=True)
class Claim:
    """A sentence of a lesson's prose that says a number, the numbers as they stand in it, and what computes them."""

    sentence: str
    numbers: tuple[str, ...]
    compute: Callable[[Mapping[str, Any]], Any]


def mistake(
    exercise: str, *, name: str | None = None, seen_in: tuple[str, ...] = ()
) -> Callable[[Callable[..., Any]], Mistake]:
    """Declare a known mistake. Its key is the function's name, or `name` where one key has several implementations.

    With `seen_in`, these labels alone tell it (for mistakes that have no numbers of their own, such as an
    unseeded generator). For an exercise whose answer is a value, the function returns that value.
    """

    def declare(attempt: Callable[..., Any]) -> Mistake:
        message = " ".join((inspect.getdoc(attempt) or "").split())
        return Mistake(exercise, name or attempt.__name__, message, attempt, seen_in)

    return declare


def also(known: Mistake, attempt: Callable[..., Any], message: str | None = None) -> Mistake:
    """Another way of making a mistake that is described already; `message` where it deserves words of its own."""
    return replace(known, attempt=attempt, message=message or known.message)


def variant(exercise: str) -> Callable[[Callable[..., Any]], Variant]:
    """Declare a right answer written in another style."""

    def declare(attempt: Callable[..., Any]) -> Variant:
        return Variant(exercise, attempt.__name__, attempt)

    return declare


def equivalent(exercise: str, change: str, *, because: str) -> Equivalent:
    """List a mutant, in the words in which the gate names it, as right as well."""
    return Equivalent(exercise, change, because)


def claim(sentence: str, *numbers: str) -> Callable[[Callable[[Mapping[str, Any]], Any]], Claim]:
    """Declare what a sentence of the prose claims. The function gets the names of the reference notebook.

    It returns the values of `numbers`, in their order (one value for one number); each must agree with its number to
    the last digit that is written. Without `numbers` it returns whether the sentence is true.
    """

    def declare(compute: Callable[[Mapping[str, Any]], Any]) -> Claim:
        return Claim(sentence, numbers, compute)

    return declare


@dataclass(frozen=True)
class Lesson:
    """One folder of `solutions/`, read: `name` is "01_loop_by_hand", `module` holds its probes."""

    name: str
    folder: Path
    module: ModuleType
    notebook: nbformat.NotebookNode
    mistakes: tuple[Mistake, ...]
    variants: tuple[Variant, ...]
    equivalents: tuple[Equivalent, ...]
    claims: tuple[Claim, ...] = ()

    @property
    def module_name(self) -> str:
        return self.module.__name__.rpartition(".")[2]

    @property
    def exercises(self) -> dict[str, Exercise]:
        """The exercises that can be run here."""
        return {name: item for name, item in exercises_of(self.module).items() if item.available}

    @property
    def graded(self) -> dict[str, Exercise]:
        """The exercises that grading looks at: what needs a package of its own is checked at home only."""
        return {name: item for name, item in self.exercises.items() if not item.extra}

    @property
    def left_out(self) -> set[str]:
        """The names of exercises that need a package which is not installed here."""
        return set(exercises_of(self.module)) - set(self.exercises)

    def references(self) -> dict[str, Any]:
        """A fresh namespace in which the reference notebook has run, without its demonstrations and checks.

        Raises SourceError where a cell cannot be run.
        """
        namespace: dict[str, Any] = {"__name__": "__main__"}
        with in_folder(self.folder), contextlib.redirect_stdout(io.StringIO()):
            for index, cell in enumerate(self.notebook.cells):
                if cell.cell_type == "code" and not is_demo(cell) and check_cell_exercise(cell) is None:
                    self._run(cell.source, f"<{self.name}, cell {index}>", namespace)
        return namespace

    def _run(self, source: str, where: str, namespace: dict[str, Any]) -> None:
        try:
            exec(compile(without_magics(source), where, "exec", dont_inherit=True), namespace)
        except Exception as error:
            raise SourceError(
                f"{self.folder}: the reference notebook stops at {where}: {type(error).__name__}: {error}"
            ) from error

    def solution_source(self, exercise: str) -> str:
        """The source of an exercise's solution cell. Raises SourceError where there is none."""
        for cell in self.notebook.cells:
            if grade_id(cell) == exercise:
                return cell.source
        raise SourceError(f"{self.folder}: no cell has the grade_id `{exercise}`; give it to the solution cell.")


def without_magics(source: str) -> str:
    """A lesson's cell without what IPython alone understands; nothing is left of a cell that is given to a magic."""
    return "" if source.startswith("%%") else re.sub(r"^%.*$", "", source, flags=re.MULTILINE)


def lesson_folders(solutions: Path) -> list[Path]:
    """The folders of all lessons, in order. Raises SourceError where there are none."""
    found = sorted(path for path in solutions.glob("*") if path.is_dir() and _LESSON_NAME.fullmatch(path.name))
    if not found:
        raise SourceError(f"{solutions} holds no lesson; a lesson is a folder like 01_loop_by_hand.")
    return found


def load_lesson(folder: Path) -> Lesson:
    """Read a lesson's sources. Raises SourceError."""
    named = _LESSON_NAME.fullmatch(folder.name)
    notebook = folder / f"{folder.name}.ipynb"
    if named is None or not notebook.is_file():
        raise SourceError(
            f"{folder} is no lesson: it needs a name like 01_loop_by_hand and the notebook {notebook.name}."
        )
    try:
        module = importlib.import_module(f"autograder.exercises.{named[1]}")
    except ModuleNotFoundError as error:
        raise SourceError(
            f"{folder}: its probes cannot be imported ({error}); they belong in exercises/{named[1]}.py."
        ) from None
    mistakes, variants = _python_file(folder / "mistakes.py"), _python_file(folder / "variants.py")
    return Lesson(
        folder.name,
        folder,
        module,
        nbformat.read(notebook, as_version=4),
        tuple(replace(item, variable=name) for name, item in vars(mistakes).items() if isinstance(item, Mistake)),
        tuple(replace(item, variable=name) for name, item in vars(variants).items() if isinstance(item, Variant)),
        tuple(getattr(variants, "EQUIVALENT_MUTANTS", ())),
        tuple(item for item in vars(_python_file(folder / "claims.py")).values() if isinstance(item, Claim)),
    )


def attempt_of(exercise: Exercise, written: Callable[..., Any]) -> Any:
    """What is handed to the probe for a mistake or variant: the function, or the value that it returns."""
    return written() if exercise.value else written


def _python_file(path: Path) -> ModuleType:
    """Import a file that lies in no package, leaving no cached bytecode beside it. Raises SourceError."""
    if not path.is_file():
        raise SourceError(
            f"{path} is missing; each lesson has one beside its notebook (it may be empty but for a docstring)."
        )
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise SourceError(f"{path} cannot be imported: {type(error).__name__}: {error}") from error
    finally:
        sys.dont_write_bytecode = before
    if doubled := _defined_twice(path):
        raise SourceError(f"{path} defines `{doubled}` twice, and the second hides the first: rename one of them.")
    return module


def _defined_twice(path: Path) -> str | None:
    """A name that two functions or classes of a file share, or None: the first would be lost without a word."""
    tree = ast.parse(path.read_bytes())
    names = [node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    return next((name for name in names if names.count(name) > 1), None)


# --- how cells are told apart ----------------------------------------------------------------------

_CHECK_CALL = re.compile(r"""\s*check\((["'])(\w+)\1\)\s*""")


def grade_id(cell: nbformat.NotebookNode) -> str | None:
    """The nbgrader id of a cell, or None."""
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def is_demo(cell: nbformat.NotebookNode) -> bool:
    """Whether a cell is a locked demonstration, which is not run in grading."""
    return "demo" in cell.metadata.get("tags", [])


def check_cell_exercise(cell: nbformat.NotebookNode) -> str | None:
    """The exercise that a check cell checks, or None for any other cell."""
    return checked_in(cell) if cell.metadata.get("nbgrader", {}).get("grade") else None


def checked_in(cell: nbformat.NotebookNode) -> str | None:
    """The exercise that a cell does nothing but check, graded or not; None where it does something else."""
    if cell.cell_type != "code":
        return None
    call = _CHECK_CALL.fullmatch(_without_comments(cell.source))
    return call[2] if call else None


def _without_comments(source: str) -> str:
    return "\n".join(line for line in source.splitlines() if not line.lstrip().startswith("#"))


@contextlib.contextmanager
def in_folder(folder: Path) -> Iterator[None]:
    """Work inside `folder`, as a kernel does that opens the notebook there."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
