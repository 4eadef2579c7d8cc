"""Mutants: small changes to a reference's code, each of which ought to make it wrong.

A mutant that a probe judges correct shows where the probe does not look.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_OPERATORS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Pow: ast.Mult,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
_NAMES = {
    "mean": "sum",
    "sum": "mean",
    "min": "max",
    "max": "min",
    "argmin": "argmax",
    "argmax": "argmin",
    "zeros": "ones",
    "ones": "zeros",
    "normal": "uniform",
}


@dataclass(frozen=True)
class Mutant:
    """A changed reference: `change` says what was changed, as "before -> after" of one statement."""

    change: str
    tree: ast.Module

    def define(self, name: str, namespace: dict[str, Any]) -> Any:
        """The changed function, with `namespace` as its globals; `namespace` keeps its own definition of `name`."""
        before = namespace[name]
        try:
            exec(compile(self.tree, f"<mutant of {name}>", "exec"), namespace)
            return namespace[name]
        finally:
            namespace[name] = before


def mutants(source: str, name: str) -> Iterator[Mutant]:
    """All single changes to the function or class `name` in a solution cell's source, each described once."""
    tree = ast.parse(source)
    seen = {ast.unparse(tree)}
    for index, node in enumerate(_body_nodes(tree, name)):
        for changed_node in _changes(node):
            changed = copy.deepcopy(tree)
            target = _body_nodes(changed, name)[index]
            statement = _statement_of(changed, target)
            before = _one_line(statement)
            _replace(changed, target, changed_node)
            ast.fix_missing_locations(changed)
            if (text := ast.unparse(changed)) in seen:
                continue
            seen.add(text)
            after = "(dropped)" if isinstance(changed_node, ast.Pass) else _one_line(statement)
            yield Mutant(f"{before} -> {after}", changed)


def _body_nodes(tree: ast.Module, name: str) -> list[ast.AST]:
    definition = next(node for node in tree.body if getattr(node, "name", None) == name)
    body = definition.body  # type: ignore[attr-defined]
    if ast.get_docstring(definition) is not None:  # type: ignore[arg-type]
        body = body[1:]
    return [node for statement in body for node in ast.walk(statement)]


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, (ast.Assign, ast.AugAssign, ast.Expr)):
        yield ast.Pass()
    elif isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in _OPERATORS:
        yield _with(node, op=_OPERATORS[type(node.op)]())
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in _OPERATORS:
        yield _with(node, ops=[_OPERATORS[type(node.ops[0])](), *node.ops[1:]])
    elif isinstance(node, ast.BoolOp):
        yield _with(node, op=_OPERATORS[type(node.op)]())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.Not, ast.Invert)):
        yield node.operand
    elif isinstance(node, (ast.If, ast.IfExp, ast.While)):
        yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))
    elif isinstance(node, ast.Constant):
        yield from _other_constants(node)
    elif isinstance(node, ast.Attribute):
        yield from _other_attributes(node)
    elif isinstance(node, ast.Call) and len(node.args) == 2:
        yield _with(node, args=node.args[::-1])
    if isinstance(node, ast.AugAssign) and type(node.op) in _OPERATORS:
        yield _with(node, op=_OPERATORS[type(node.op)]())


def _other_constants(node: ast.Constant) -> Iterator[ast.AST]:
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, (int, float)):
        yield ast.Constant(node.value + 1)
        if node.value:
            yield ast.Constant(node.value - 1 if isinstance(node.value, int) else node.value / 2)


def _other_attributes(node: ast.Attribute) -> Iterator[ast.AST]:
    if node.attr in ("T", "mT"):
        yield node.value
    elif node.attr in _NAMES:
        yield _with(node, attr=_NAMES[node.attr])


def _with(node: ast.AST, **fields: Any) -> ast.AST:
    changed = copy.copy(node)
    for field, value in fields.items():
        setattr(changed, field, value)
    return changed


def _statement_of(tree: ast.Module, target: ast.AST) -> ast.stmt:
    """The innermost statement that holds `target`."""
    holders = [
        node for node in ast.walk(tree) if isinstance(node, ast.stmt) and any(n is target for n in ast.walk(node))
    ]
    return min(holders, key=lambda node: sum(1 for _ in ast.walk(node)))


def _replace(tree: ast.Module, target: ast.AST, replacement: ast.AST) -> None:
    replacement = copy.deepcopy(replacement)
    if type(replacement) is type(target):
        target.__dict__.update(replacement.__dict__)  # in place, so that the statement around it shows the change
        return
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if value is target:
                setattr(parent, field, replacement)
            elif isinstance(value, list) and any(item is target for item in value):
                setattr(parent, field, [replacement if item is target else item for item in value])


def _one_line(statement: ast.stmt) -> str:
    return ast.unparse(statement).splitlines()[0]
