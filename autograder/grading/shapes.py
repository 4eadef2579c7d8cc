"""Shapes: what Python code is made of, whatever its layout, comments, names and order. Nothing of it is run.

Each line of code has a set of numbers, its shapes. One stands for each statement as a whole, the others for the
expressions in it, each seen to a depth of one, two and three. The learner's own names and texts are left out of that,
and so is the order of what can be swapped; library functions, numbers and operators stay. What a function gives a name
only to use it once counts as if it stood where it is used. Sets have no order, so statements and functions may stand
anywhere. All of it is linear in the length of the code.
"""

from __future__ import annotations

import ast
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from autograder.grading.names import parse_python

MAX_CHARACTERS = 50_000  # of one learner's code; what stands behind them is not looked at
_MAX_LOOSE_LINES = 1_000  # of a cell that is no Python, which are read one by one
_MAX_LOOSE_LINE = 500  # characters of each
_DEPTH = 3
_MAX_DOTS = 8

_OWN = "·"
_BLOCKS = ("cases", "body", "handlers", "orelse", "finalbody")
_NO_MATTER = {"annotation", "returns", "type_params", "type_comment", "ctx"}
_SWAPPABLE = (ast.Add, ast.Mult, ast.BitAnd, ast.BitOr, ast.BitXor)
_TURNED = {ast.Gt: ast.Lt, ast.GtE: ast.LtE}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_WORD = re.compile(r"\w+|[^\w\s]")

Block = ast.stmt | ast.ExceptHandler | ast.match_case
Shapes = dict[int, set[int]]
"""The shapes of one cell by its lines, which are counted from 1."""


@dataclass(frozen=True)
class Given:
    """What everybody was given, so that it is no name of one's own.

    `functions` has functions, classes and values to be filled in; `modules` what imported names stand for, as
    "np": "numpy".
    """

    functions: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    modules: Mapping[str, str] = field(default_factory=dict)


def given_in(cells: Iterable[str]) -> Given:
    """What the code cells of a released notebook give."""
    trees = [tree for source in cells if (tree := parse_python(source)) is not None]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    values = {
        target.id
        for tree in trees
        for statement in tree.body
        if isinstance(statement, ast.Assign) and _is_left_open(statement.value)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    return Given(
        frozenset({node.name for node in nodes if isinstance(node, (*_FUNCTIONS, ast.ClassDef))} | values),
        frozenset(node.attr for node in nodes if isinstance(node, ast.Attribute)),
        frozenset(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)),
        _modules(nodes),
    )


def shapes_in(cells: Sequence[str], given: Given) -> list[Shapes]:
    """The shapes of each of one learner's cells. What is no Python is read line by line, as far as it goes."""
    left, cells_trees = MAX_CHARACTERS, []
    for source in cells:
        cells_trees.append(list(_trees(source[:left])))
        left -= len(source[:left])
    names = _names_in([node for trees in cells_trees for tree, _ in trees for node in ast.walk(tree)], given)
    found: list[Shapes] = [{} for _ in cells]
    for shapes, trees in zip(found, cells_trees, strict=True):
        for tree, lines_before in trees:
            _add_shapes(shapes, tree, lines_before, names)
    return found


# --- from text to statements ------------------------------------------------------------------------


def _trees(source: str) -> Iterator[tuple[ast.Module, int]]:
    """The syntax trees of a cell, and how many lines stand before each: one tree, or one for each line."""
    tree = parse_python(source)
    if tree is not None:
        yield tree, 0
        return
    for number, line in enumerate(source.split("\n")[:_MAX_LOOSE_LINES]):
        text = line.strip()[:_MAX_LOOSE_LINE]
        if text and not text.startswith("#"):
            yield _tree_of_line(text), number


def _tree_of_line(text: str) -> ast.Module:
    """A line as a statement, or as the head of one; the words in it where it is neither."""
    head = text.removeprefix("el") if text.startswith("elif ") else text
    for attempt in (text, f"{head} pass"):
        if (tree := parse_python(attempt)) is not None:
            return tree
    words: list[ast.expr] = [
        ast.Name(word) if word.isidentifier() else ast.Constant(word) for word in _WORD.findall(text)
    ]
    return ast.Module([ast.Expr(ast.Tuple(words), lineno=1)], [])


def _add_shapes(shapes: Shapes, tree: ast.Module, lines_before: int, names: _Names) -> None:
    """Add the shapes of all statements in a tree."""
    waiting: list[tuple[ast.AST, _Names]] = [(tree, names)]
    while waiting:
        node, here = waiting.pop()
        if isinstance(node, _FUNCTIONS) and not here.in_function:
            here = replace(here, once=_named_to_be_used_once(node), in_function=True)
        blocks = [getattr(node, name, None) for name in _BLOCKS]
        waiting += [(child, here) for block in blocks if isinstance(block, list) for child in block]
        for statement in _alone(node) if isinstance(node, Block) else ():
            if not _says_nothing(statement, here):
                for line, shape in _shapes_of(statement, here):
                    shapes.setdefault(lines_before + line, set()).add(shape)


def _alone(statement: Block) -> Sequence[Block]:
    """`a, b = 1, 2` as two statements; any other as it is."""
    match statement:
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(targets) == len(values):
            if not any(isinstance(one, ast.Starred) for one in (*targets, *values)):
                pairs = zip(targets, values, strict=True)
                return [ast.Assign([target], value, lineno=target.lineno) for target, value in pairs]
    return [statement]


def _says_nothing(statement: Block, names: _Names) -> bool:
    """Whether a statement is a text (a docstring), an import, has no effect, or counts elsewhere."""
    match statement:
        case ast.Expr(value=ast.Constant()) | ast.Import() | ast.ImportFrom() | ast.Pass() | ast.AnnAssign(value=None):
            return True
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name in names.once
    return isinstance(statement, (ast.Global, ast.Nonlocal))


def _named_to_be_used_once(function: ast.AST) -> dict[str, ast.expr]:
    """What a function gives a name to, once, and uses once. The names are those of the whole function."""
    nodes = list(ast.walk(function))
    values: dict[str, ast.expr] = {}
    for node in nodes:
        for statement in _alone(node) if isinstance(node, ast.Assign) else [node]:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    values[name] = value
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    values[name] = value
    bound = Counter(name for node in nodes for name in _bound_by(node))
    used = Counter(node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
    return {name: value for name, value in values.items() if bound[name] == used[name] == 1}


# --- names ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Names:
    """What one learner's names stand for.

    `own` are variables, parameters and functions, `attributes` those of own objects; `once` has the values of names
    that are used once, in the function that is looked at.
    """

    given: Given
    own: frozenset[str]
    attributes: frozenset[str]
    modules: Mapping[str, str]
    once: Mapping[str, ast.expr] = field(default_factory=dict)
    in_function: bool = False

    def is_own_function(self, name: str) -> bool:
        """Whether it is written by the learner, be it under the name that was given."""
        return name in self.own

    def label(self, name: str) -> str:
        if name in self.given.functions:
            return name
        return self.modules.get(name, _OWN if name in self.own else name)

    def attribute(self, name: str) -> str:
        return f".{_OWN if name in self.attributes else name}"


def _names_in(nodes: Sequence[ast.AST], given: Given) -> _Names:
    attributes: set[str] = set()
    for node in nodes:
        match node:
            case ast.Attribute(attr=name, ctx=ast.Store()):
                attributes.add(name)
            case ast.ClassDef(body=body):
                attributes |= {one.name for one in body if isinstance(one, _FUNCTIONS)}
    own = frozenset(name for node in nodes for name in _bound_by(node))
    modules = {name: module for name, module in {**given.modules, **_modules(nodes)}.items() if name not in own}
    return _Names(given, own, frozenset(attributes - given.attributes - given.functions), modules)


def _bound_by(node: ast.AST) -> Sequence[str]:
    """The names to which a node gives a value."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
            return (name,)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return (name,)
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return (name,)
        case ast.MatchMapping(rest=str(name)):
            return (name,)
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            return names
    return ()


def _modules(nodes: Iterable[ast.AST]) -> dict[str, str]:
    """What imported names stand for."""
    found = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for one in node.names:  # `import a.b` gives the name a; `import a.b as c` gives c
                found[one.asname or _head(one.name)] = one.name if one.asname else _head(one.name)
        elif isinstance(node, ast.ImportFrom):
            found |= {one.asname or one.name: f"{node.module or ''}.{one.name}" for one in node.names}
    return found


def _head(dotted: str) -> str:
    return dotted.partition(".")[0]


def _is_left_open(value: ast.expr) -> bool:
    """Whether a given value is there to be filled in: `answer = ...`, or a dict of such."""
    return any(isinstance(node, ast.Constant) and node.value in (..., None) for node in ast.walk(value))


# --- from statements to shapes ----------------------------------------------------------------------


@dataclass(frozen=True)
class _Part:
    """A node: its name as a number, where its children are in the list of all nodes, and its line."""

    number: int
    first: int
    count: int
    swappable: bool
    line: int


def _shapes_of(statement: Block, names: _Names) -> Iterator[tuple[int, int]]:
    """The lines and shapes of a statement, from its leaves upwards; without recursion, for it may be nested deeply."""
    nodes: list[tuple[ast.AST, int]] = [(statement, 1)]
    parts: list[_Part] = []
    used: set[str] = set()
    for node, line in nodes:  # grows as it goes
        while isinstance(node, ast.Name) and node.id in names.once and node.id not in used:
            used.add(node.id)  # a name that is used in its own value must come to an end
            node = names.once[node.id]
        line = getattr(node, "lineno", line)
        label, children, swappable = _described(node, names)
        number = zlib.crc32(label.encode("utf-8", "replace"))
        parts.append(_Part(number, len(nodes), len(children), swappable, line))
        nodes += [(child, line) for child in children]
    levels: list[tuple[int, ...]] = [()] * len(nodes)
    for index in range(len(parts) - 1, -1, -1):
        part = parts[index]
        below = levels[part.first : part.first + part.count]
        levels[index] = (
            part.number,
            *(_joined(part, below, depth) for depth in range(_DEPTH)),
            _joined(part, below, -1),
        )
        if below:
            yield from ((part.line, shape) for shape in levels[index][1 : _DEPTH + 1])
    yield parts[0].line, levels[0][-1]


def _joined(part: _Part, below: Sequence[tuple[int, ...]], depth: int) -> int:
    """A node with what is below it to a depth; -1: with everything."""
    if not below:
        return part.number
    inner = [levels[depth] for levels in below]
    return hash((part.number, *(sorted(inner) if part.swappable else inner)))  # of numbers: alike in all processes


def _described(node: ast.AST, names: _Names) -> tuple[str, Sequence[ast.AST], bool]:
    """What a node is called, its children, and whether their order does not matter."""
    match node:
        case ast.Name(id=name):
            return names.label(name), (), False
        case ast.Attribute(value=value, attr=name):
            library = _library_name(node, names)
            return (library, (), False) if library else (names.attribute(name), (value,), False)
        case ast.Constant(value=value):
            return _constant(value, names.given), (), False
        case ast.JoinedStr(values=values):
            return "text", [one.value for one in values if isinstance(one, ast.FormattedValue)], False
        case ast.BinOp(op=op) if isinstance(op, _SWAPPABLE):
            return type(op).__name__, _operands(node), True
        case ast.BinOp(left=left, op=op, right=right):
            return type(op).__name__, (left, right), False
        case ast.BoolOp(op=op, values=values):
            return type(op).__name__, values, True
        case ast.UnaryOp(op=op, operand=operand):
            return type(op).__name__, (operand,), False
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _TURNED:
            return _TURNED[type(op)].__name__, (right, left), False  # a > b is b < a
        case ast.Compare(left=left, ops=ops, comparators=others):
            swappable = len(ops) == 1 and isinstance(ops[0], (ast.Eq, ast.NotEq))
            return " ".join(type(op).__name__ for op in ops), (left, *others), swappable
        case ast.Assign(targets=targets, value=value):
            return "Assign", (*targets, value), False
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            return "Assign", (target, value), False
        case ast.AugAssign(target=target, op=op, value=value):
            return "Assign", (target, ast.BinOp(target, op, value)), False
        case ast.Call(func=ast.Name(id=name) as func, args=args, keywords=keywords) if names.is_own_function(name):
            return "Call", (func, *args, *(one.value for one in keywords)), False  # its parameters are own names too
        case ast.Call(func=func, args=args, keywords=keywords):
            return "Call", (func, *args, *sorted(keywords, key=lambda one: one.arg or "")), False
        case ast.keyword(arg=name, value=value):
            return f"{name}=", (value,), False
        case ast.arg():
            return _OWN, (), False
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return f"{type(node).__name__} {names.label(name)}", list(_children(node)), False
    return type(node).__name__, list(_children(node)), False


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes right below one, but for the statements of its blocks and what says nothing of what it does."""
    for name, value in ast.iter_fields(node):
        if name in _NO_MATTER or (name in _BLOCKS and isinstance(value, list)):
            continue
        yield from (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, ast.AST))


def _operands(node: ast.BinOp) -> list[ast.AST]:
    """The operands of a + (b + c) + d: all four."""
    found: list[ast.AST] = []
    waiting: list[ast.AST] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, ast.BinOp) and type(one.op) is type(node.op):
            waiting += (one.right, one.left)
        else:
            found.append(one)
    return found


def _library_name(node: ast.Attribute, names: _Names) -> str | None:
    """`np.linalg.norm` as "numpy.linalg.norm", whatever NumPy is called here; None for what is no module's."""
    dotted: list[str] = []
    at: ast.expr = node
    while isinstance(at, ast.Attribute) and len(dotted) < _MAX_DOTS:
        dotted.append(at.attr)
        at = at.value
    if isinstance(at, ast.Name) and at.id in names.modules:
        return ".".join([names.modules[at.id], *reversed(dotted)])
    return None


def _constant(value: object, given: Given) -> str:
    """A constant's label. 2 and 2.0 are the same; texts are anybody's own, but for those that were given."""
    if isinstance(value, str):
        return value if value in given.texts else "text"
    if isinstance(value, (int, float, complex)) and not isinstance(value, bool):
        return f"number {hash(value)}"
    return "bytes" if isinstance(value, bytes) else repr(value)
