"""Answers: the source text of mistakes and variants as a learner would have written it, and notebooks filled with them.

The demo class and the tests are made of these.
"""

from __future__ import annotations

import ast
import copy
import textwrap
from collections.abc import Mapping

import nbformat

from autograder.authoring.sources import Lesson, Mistake, Variant, grade_id


def answer_source(lesson: Lesson, written: Mistake | Variant) -> str:
    """A cell that defines `written` under its exercise's name, with the imports and helpers that it needs."""
    path = lesson.folder / ("mistakes.py" if isinstance(written, Mistake) else "variants.py")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    wanted = written.attempt.__name__
    shared = [node for node in tree.body if _is_shared(node)]
    own = next(node for node in tree.body if getattr(node, "name", None) == wanted)
    answer = copy.deepcopy(own)
    assert isinstance(answer, (ast.FunctionDef, ast.ClassDef))
    answer.decorator_list = []
    if ast.get_docstring(answer) is not None and len(answer.body) > 1:
        answer.body = answer.body[1:]  # a mistake's docstring is our message, not the learner's
    if lesson.exercises[written.exercise].value:
        value = answer.body[-1].value  # type: ignore[attr-defined]
        return _text(shared, f"{written.exercise} = {ast.unparse(value)}")
    answer.name = written.exercise
    return _text(shared, ast.unparse(answer))


def _is_shared(node: ast.stmt) -> bool:
    """Imports, constants and undecorated helpers of a mistakes.py or variants.py."""
    if isinstance(node, ast.ImportFrom):
        return not (node.module or "").startswith(("autograder", "__future__"))
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return not node.decorator_list
    return isinstance(node, ast.Import) or (
        isinstance(node, ast.Assign) and "EQUIVALENT_MUTANTS" not in ast.unparse(node)
    )


def _text(shared: list[ast.stmt], answer: str) -> str:
    return "\n".join([*(ast.unparse(node) for node in shared), answer])


def fill(given: nbformat.NotebookNode, answers: Mapping[str, str]) -> nbformat.NotebookNode:
    """A copy of a released notebook in which `answers` (exercise → source) stand in the solution cells."""
    notebook = copy.deepcopy(given)
    for cell in notebook.cells:
        if (name := grade_id(cell)) in answers and name is not None:
            cell.source = answers[name]
    return notebook


def reference_sources(lesson: Lesson) -> dict[str, str]:
    """The instructor's own answers, as a learner would have them in the solution cells."""
    return {name: _without_delimiters(lesson.solution_source(name)) for name in lesson.exercises}


def _without_delimiters(source: str) -> str:
    lines = [
        line for line in source.splitlines() if "### BEGIN SOLUTION" not in line and "### END SOLUTION" not in line
    ]
    return textwrap.dedent("\n".join(lines))
