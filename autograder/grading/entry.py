"""Entry: a learner's answer as the text of an entry of mistakes.py. Nothing of it is run here.

Nor is anything of it run when mistakes.py is imported: all that the answer needs stands inside the entry's function, and
what could act outside of it (decorators, computed defaults, annotations) is moved inside or left out.

The text is made from the syntax tree. So it holds no comments, which may name the learner, and no layout that makes a
reader see other code than Python does: one statement a line, and what cannot be seen is written as an escape.
"""

from __future__ import annotations

import ast
import builtins
import keyword
import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import InputError
from autograder.grading.names import names_in, parse_python
from autograder.grading.outputs import plain_text

_WIDTH = 120
_BY_HAND = "Write the entry by hand."
# fmt: off
_PACKAGES = frozenset([
    "cmath", "collections", "copy", "dataclasses", "decimal", "fractions", "functools", "heapq", "itertools",
    "math", "numpy", "operator", "random", "scipy", "sklearn", "statistics", "torch", "torchmetrics", "typing",
])
# What no answer needs, and what leads out of the packages above (`torch.os`). Not a fence: a person reads the code.
_BUILTINS = frozenset([
    "breakpoint", "compile", "delattr", "eval", "exec", "getattr", "globals", "locals", "open", "setattr", "vars",
])
_MODULES = frozenset([
    "builtins", "ctypes", "importlib", "io", "os", "pathlib", "pickle", "shutil", "socket", "subprocess", "sys",
    "threading",
])
# fmt: on
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_IMPORTS = (ast.Import, ast.ImportFrom)
_TAKEN_ALONG = (ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign, *_IMPORTS)


class EntryError(InputError):
    """An answer cannot be made an entry of mistakes.py; the sentence says why and what to do."""


@dataclass(frozen=True)
class Answer:
    """A learner's answer: the source of its solution cell, and of all code cells that had run when it was checked."""

    exercise: str
    is_value: bool
    cell: str
    cells: tuple[str, ...]


def entry_text(answer: Answer, name: str, message: str, mistakes: str) -> str:
    """What is to be appended to `mistakes`, the text of mistakes.py, so that the answer is the mistake `name`.

    Raises EntryError where the name cannot be had, or where the answer needs what should not run in the instructor's
    process.
    """
    there = _parsed(mistakes)
    _require_a_free_name(name, there)
    if not (words := " ".join(plain_text(message).split())):
        raise EntryError("A mistake needs a message: say with --message what learners who made it should read.")
    statements = [_without_remarks(node) for cell in answer.cells for node in _statements(cell)]
    main = _main(answer, statements)
    imported = {ast.dump(node) for node in _with_single_imports(there.body) if isinstance(node, _IMPORTS)}
    helpers = [node for node in _needed_by(main, statements) if ast.dump(node) not in imported]
    for node in (*helpers, *main):
        _require_harmless(node)
    definition = _entry(answer, main, helpers, name)
    definition.body.insert(0, ast.Expr(ast.Constant(_as_docstring(words))))
    definition.decorator_list = [ast.Call(ast.Name("mistake"), [ast.Constant(answer.exercise)], [])]
    lines = [] if "mistake" in _bound(there.body) else ["from autograder.authoring import mistake\n\n"]
    return _formatted("\n".join([*lines, ast.unparse(ast.fix_missing_locations(definition))]) + "\n")


# --- what is taken along ----------------------------------------------------------------------------


def _parsed(mistakes: str) -> ast.Module:
    try:
        return ast.parse(mistakes)
    except SyntaxError as error:
        raise EntryError(f"mistakes.py cannot be read (line {error.lineno}: {error.msg}); mend it first.") from None


def _require_a_free_name(name: str, there: ast.Module) -> None:
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise EntryError(f"{name!r} cannot name a mistake: small letters, digits and _, beginning with a letter.")
    keys = {
        word.value.value
        for call in ast.walk(there)
        if isinstance(call, ast.Call)
        for word in call.keywords
        if word.arg == "name" and isinstance(word.value, ast.Constant)
    }
    if name in keys or name in _bound(there.body) or hasattr(builtins, name):
        raise EntryError(f"The name {name} is taken, in mistakes.py or by Python itself; choose another.")


def _bound(statements: Sequence[ast.stmt]) -> set[str]:
    return {name for node in statements for name in names_in(ast.unparse(node)).defined}


def _statements(cell: str) -> Iterator[ast.stmt]:
    """The top-level statements of a cell; none of one that is no Python."""
    tree = parse_python(cell)
    return _with_single_imports(tree.body if tree is not None else ())


def _with_single_imports(statements: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements, with one name in each import."""
    for node in statements:
        if isinstance(node, ast.Import):
            yield from (ast.Import([alias]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (ast.ImportFrom(node.module, [alias], node.level) for alias in node.names)
        else:
            yield node


def _main(answer: Answer, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The statements that are the answer: the function's definition, or all that make a value in its cell."""
    if answer.is_value:
        own = [_without_remarks(node) for node in _statements(answer.cell)]
        return [node for node in own if not isinstance(node, (ast.Expr, ast.Pass))]
    definition = _definitions(statements).get(answer.exercise)
    if definition is None:
        raise EntryError(f"No cell that could be read defines `{answer.exercise}`. {_BY_HAND}")
    return [definition]


def _definitions(statements: Sequence[ast.stmt]) -> dict[str, ast.stmt]:
    """The statement that gave each name what it last held."""
    return {name: node for node in statements for name in names_in(_source(node)).defined}


def _source(node: ast.stmt) -> str:
    try:
        return ast.unparse(node)
    except RecursionError:
        raise EntryError(f"The code is nested too deeply to be looked at. {_BY_HAND}") from None


def _needed_by(main: Sequence[ast.stmt], statements: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The other statements that the answer needs, directly or not, in their order."""
    definitions = _definitions(statements)
    own = {name for node in main for name in names_in(_source(node)).defined}
    needed: list[ast.stmt] = []
    waiting = list(main)
    while waiting:
        for name in sorted(_needs(waiting.pop()) - own):
            node = definitions.get(name)
            if node is not None and node not in needed:
                needed.append(node)
                waiting.append(node)
    return [node for node in statements if node in needed]


def _needs(node: ast.stmt) -> frozenset[str]:
    names = names_in(_source(node))
    return names.needed_now | names.needed_later


def _require_harmless(statement: ast.stmt) -> None:
    """Raise EntryError for what an answer does not need, and what cannot stand inside a function."""
    if not isinstance(statement, _TAKEN_ALONG):
        line = _source(statement).split("\n")[0]
        raise EntryError(f"The answer needs more than imports, functions and plain names: `{line[:80]}`. {_BY_HAND}")
    for node in ast.walk(statement):
        if isinstance(node, ast.Global):
            raise EntryError(f"The answer keeps something in a global name ({', '.join(node.names)}). {_BY_HAND}")
        for name in _reached(node):
            refused = _MODULES | _BUILTINS if isinstance(node, ast.Name) else _MODULES  # `model.eval()` is fine
            if name in refused or (name.startswith("__") and name != "__init__"):
                raise EntryError(f"The answer uses `{name}`, which may reach beyond the exercise. {_BY_HAND}")
        for package in _packages(node):
            if package not in _PACKAGES:
                raise EntryError(f"The answer imports `{package}`, which no answer needs. {_BY_HAND}")


def _reached(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.alias):
        yield from node.name.split(".")


def _packages(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name.partition(".")[0] for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield "." * node.level + (node.module or "").partition(".")[0]


# --- the entry --------------------------------------------------------------------------------------


def _entry(answer: Answer, main: list[ast.stmt], helpers: list[ast.stmt], name: str) -> ast.FunctionDef:
    """The function, still without its message: the learner's own where that means the same, else one that calls it."""
    (definition,) = main if len(main) == 1 else (None,)
    if isinstance(definition, ast.FunctionDef) and not answer.is_value and _can_hold(definition, helpers):
        return _function(name, definition.args, [*helpers, *definition.body])
    nothing = ast.arguments([], [], None, [], [], None, [])
    result: ast.expr = ast.Name(answer.exercise)
    if not answer.is_value:
        nothing.vararg = ast.arg("arguments")
        result = ast.Call(result, [ast.Starred(ast.Name("arguments"))], [])
    return _function(name, nothing, [*helpers, *main, ast.Return(result)])


def _function(name: str, arguments: ast.arguments, body: list[ast.stmt]) -> ast.FunctionDef:
    made = ast.parse(f"def {name}(): pass").body[0]  # with whatever fields this Python's functions have
    assert isinstance(made, ast.FunctionDef)
    made.args, made.body = arguments, body
    return made


def _can_hold(definition: ast.FunctionDef, helpers: Sequence[ast.stmt]) -> bool:
    """Whether the function's body means the same under another name and with its helpers inside."""
    args = definition.args
    defaults = [*args.defaults, *(default for default in args.kw_defaults if default is not None)]
    if definition.decorator_list or not all(isinstance(default, ast.Constant) for default in defaults):
        return False
    renamed = _function("_", args, definition.body)
    if any(definition.name in _needs(node) for node in (renamed, *helpers)):
        return False
    stored = {
        node.id for node in ast.walk(definition) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    own = stored | {node.arg for node in ast.walk(definition) if isinstance(node, ast.arg)}
    return own.isdisjoint(_bound(helpers))


class _WithoutRemarks(ast.NodeTransformer):
    """Takes out annotations, which would run, and texts that do nothing, which speak to others than this course."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(node.arg)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        node.returns = None
        return self._without_docstring(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.stmt:
        return self._without_docstring(node)

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        return ast.Pass() if _is_remark(node) else node

    def _without_docstring(self, node: ast.FunctionDef | ast.ClassDef) -> ast.stmt:
        node.body = [line for line in node.body if not _is_remark(line)] or [ast.Pass()]
        return self.generic_visit(node)  # type: ignore[return-value]


def _is_remark(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _without_remarks(node: ast.stmt) -> ast.stmt:
    try:
        return ast.fix_missing_locations(_WithoutRemarks().visit(node))
    except RecursionError:
        raise EntryError(f"The code is nested too deeply to be looked at. {_BY_HAND}") from None


def _as_docstring(words: str) -> str:
    quotes_and_indent = 10
    return "\n    ".join(textwrap.wrap(words, _WIDTH - quotes_and_indent))


def _formatted(source: str) -> str:
    """`source` as ruff lays it out, with the settings of the folder's project, where ruff is installed."""
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    if (ruff := shutil.which("ruff", path=places)) is None:
        return source
    command = [ruff, "format", "--quiet", f"--config=line-length={_WIDTH}", "-"]
    done = subprocess.run(command, input=source, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else source
