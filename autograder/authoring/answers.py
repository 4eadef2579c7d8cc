"""Answers: the source text of mistakes and variants as a learner would have written it, and notebooks filled with them.

The demo class and the tests are made of these.
"""

from __future__ import annotations

import ast
import copy
import functools
import textwrap
from collections.abc import Mapping

import nbformat

from autograder.authoring.sources import Lesson, Mistake, Variant, grade_id


def answer_source(lesson: Lesson, written: Mistake | Variant) -> str:
    """A cell that defines `written` under its exercise's name, with the imports and helpers that it needs."""
    path = lesson.folder / ("mistakes.py" if isinstance(written, Mistake) else "variants.py")
    tree = _parsed(path.read_text(encoding="utf-8"))
    definition = copy.deepcopy(_definitions(tree)[written.variable])
    is_value = lesson.exercises[written.exercise].value
    if not is_value and isinstance(definition, (ast.FunctionDef, ast.ClassDef)) and len(definition.decorator_list) == 1:
        definition.decorator_list = []
        if ast.get_docstring(definition) is not None and len(definition.body) > 1:
            definition.body = definition.body[1:]  # a mistake's docstring is our message, not the learner's
        needed = _needed_by(tree, definition, written.variable)
        definition.name = written.exercise
        return _text([*needed, definition])
    call = "()" if is_value else ""
    if (attempt := _attempt_of_also(definition)) is not None:
        written_out = ast.unparse(attempt)
        return (
            f"{_text(_needed_by(tree, attempt, written.variable))}\n{written.exercise} = ({written_out}){call}".strip()
        )
    return (
        _text([*_needed_by(tree, definition, written.variable), definition])
        + f"\n{written.exercise} = {written.variable}.attempt{call}"
    )


def _attempt_of_also(definition: ast.stmt) -> ast.expr | None:
    """The attempt in `name = also(known, attempt)`, so that a learner's cell need not import what only authors have."""
    match definition:
        case ast.Assign(value=ast.Call(func=ast.Name(id="also"), args=[_, attempt, *_])):
            return attempt
    return None


@functools.lru_cache(maxsize=4)
def _parsed(text: str) -> ast.Module:
    """The tree of a file, which is not to be changed: files of mistakes are long, and asked for often."""
    return ast.parse(text)


def _definitions(tree: ast.Module) -> dict[str, ast.stmt]:
    """The top-level statements of a file by the names that they define."""
    found: dict[str, ast.stmt] = {}
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found[node.name] = node
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {(alias.asname or alias.name).split(".")[0]: node for alias in node.names}
        elif isinstance(node, ast.Assign):
            names = [name for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)]
            found |= {name.id: node for name in names}
    return found


def _needed_by(tree: ast.Module, statement: ast.stmt | ast.expr, its_name: str) -> list[ast.stmt]:
    """The other top-level statements that `statement` needs, directly or not, in the file's order."""
    definitions, needed, open_ends = _definitions(tree), set(), [statement]
    while open_ends:
        for node in ast.walk(open_ends.pop()):
            used = definitions.get(node.id) if isinstance(node, ast.Name) and node.id != its_name else None
            if used is not None and used not in needed:
                needed.add(used)
                open_ends.append(used)
    return [node for node in tree.body if node in needed]


def _text(statements: list[ast.stmt]) -> str:
    return "\n".join(ast.unparse(node) for node in statements)


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
