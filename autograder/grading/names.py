"""Names: what a cell's code defines and what it needs, found without running it, in bounded time and memory."""

from __future__ import annotations

import ast
import re
import symtable
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

# Python's own parser takes up to 0.6 GB and 4 s for a megabyte; longer code is only searched for `def name`.
MAX_PARSED = 100_000
MAX_PARSED_IN_ALL = 1_000_000

_ONE_AT_A_TIME = threading.Lock()  # of many submissions that are graded side by side

_PYTHON_CELL_MAGICS = {"time", "timeit", "capture", "prun", "drill"}
_LENDS_WHAT_IS_MISSING = "drill"  # the cell magic that needs no name of the notebook
_CELL_MAGIC = re.compile(r"\s*%%(\w+)")
_MAGIC = re.compile(r"^([ \t]*)[%!].*$", re.MULTILINE)
_DEFINITION = re.compile(r"^(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)|^(\w+)[ \t]*=(?!=)", re.MULTILINE)
_RUN_AT_ONCE = {"listcomp", "setcomp", "dictcomp", "genexpr"}
_UNPARSABLE = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)


@dataclass(frozen=True)
class Names:
    """The names of one cell at its top level.

    `functions` gives the number of parameters of each, `blocks` names functions and classes; `needed_now` has to be
    there when the cell is run, `needed_later` when what it defines is called.
    """

    parses: bool = False
    defined: tuple[str, ...] = ()
    functions: Mapping[str, int] = field(default_factory=dict)
    blocks: frozenset[str] = frozenset()
    needed_now: frozenset[str] = frozenset()
    needed_later: frozenset[str] = frozenset()


def names_in(source: str) -> Names:
    """The names of a cell; where it does not parse, what it seems to define."""
    code = _without_magics(source)
    table = _symbols(code) if code is not None else None
    if table is None:
        return guessed_names(source)
    defined = [symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()]
    functions = {
        child.get_name(): len(child.get_parameters())
        for child in table.get_children()
        if isinstance(child, symtable.Function) and child.get_name() in defined
    }
    blocks = {child.get_name() for child in table.get_children()} & {*defined}
    magic = _CELL_MAGIC.match(source)
    lent = magic is not None and magic[1] == _LENDS_WHAT_IS_MISSING
    now, later = (frozenset[str](), frozenset[str]()) if lent else _needed(table)
    return Names(True, tuple(defined), functions, frozenset(blocks), now - {*defined}, later - {*defined})


class NameBook:
    """The names in the cells of one notebook, each cell read once, and all of them within a budget."""

    def __init__(self) -> None:
        self._known: dict[str, Names] = {}
        self._left = MAX_PARSED_IN_ALL

    def of(self, source: str) -> Names:
        """The names in a cell; those of a cell beyond the budget are only guessed."""
        if source not in self._known:
            self._left -= len(source)
            self._known[source] = names_in(source) if self._left >= 0 else guessed_names(source)
        return self._known[source]


def guessed_names(source: str) -> Names:
    """What a cell that does not parse, or is too long for it, seems to define."""
    code = _without_magics(source) or ""
    return Names(defined=tuple(dict.fromkeys(one or other for one, other in _DEFINITION.findall(code))))


def parse_python(source: str) -> ast.Module | None:
    """The syntax tree of code that is not too long and has no error; None for any other."""
    code = _without_magics(source)
    if code is None or len(code) > MAX_PARSED:
        return None
    try:
        with _quietly():
            return ast.parse(code)
    except _UNPARSABLE:
        return None


def added_definitions(source: str, given: str) -> str:
    """The imports, functions and classes at the top level of `source` that `given` has not."""
    tree, original = parse_python(source), parse_python(given)
    if tree is None or original is None:
        return ""
    there = {ast.dump(statement) for statement in original.body}
    kept = [node for node in tree.body if isinstance(node, _DEFINING) and ast.dump(node) not in there]
    lines = source.split("\n")
    return "\n".join("\n".join(lines[_first_line(node) - 1 : node.end_lineno]) for node in kept)


def only_defines(source: str) -> bool:
    """Whether a cell does nothing but import, define and give names to plain values, so that it can run anywhere."""
    tree = parse_python(source)
    return tree is not None and all(isinstance(node, _DEFINING) or _is_plain(node) for node in tree.body)


_DEFINING = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _is_plain(node: ast.stmt) -> bool:
    value = node.value if isinstance(node, (ast.Assign, ast.Expr)) else None
    return isinstance(value, ast.Constant)


def _first_line(node: ast.stmt) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", ()))])


@contextmanager
def _quietly() -> Iterator[None]:
    """Parse one at a time, and without warnings about the learner's escape sequences."""
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _without_magics(source: str) -> str | None:
    """The Python of a cell, with `pass` where IPython's commands stand; None for a cell in another language."""
    magic = _CELL_MAGIC.match(source)
    if magic is not None and magic[1] not in _PYTHON_CELL_MAGICS:
        return None
    return _MAGIC.sub(r"\1pass", source)


def _symbols(code: str) -> symtable.SymbolTable | None:
    if len(code) > MAX_PARSED:
        return None
    try:
        with _quietly():
            return symtable.symtable(code, "<cell>", "exec")
    except _UNPARSABLE:
        return None


def _needed(table: symtable.SymbolTable) -> tuple[frozenset[str], frozenset[str]]:
    now = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()}
    later: set[str] = set()
    for scope, at_once in _scopes(table):
        used = {symbol.get_name() for symbol in scope.get_symbols() if symbol.is_global() and symbol.is_referenced()}
        (now if at_once else later).update(used)
    return frozenset(now), frozenset(later)


def _scopes(table: symtable.SymbolTable) -> Iterator[tuple[symtable.SymbolTable, bool]]:
    """All scopes inside a module, and whether their code runs with it or only when it is called."""
    waiting = [(child, True) for child in table.get_children()]
    while waiting:
        scope, outside_at_once = waiting.pop()
        at_once = outside_at_once and (scope.get_type() == "class" or scope.get_name() in _RUN_AT_ONCE)
        yield scope, at_once
        waiting += [(child, at_once) for child in scope.get_children()]
