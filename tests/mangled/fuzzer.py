"""The fuzzer: seeded random damage to real submissions, to their bytes and to their structure.

A mutation knows whether it spares the text of the code that the learner wrote: then the score must stay as it was.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import nbformat
from nbformat import NotebookNode

from tests.mangled.corpus import NAME, as_file

Tree: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Mutant:
    """What is handed in: files by name. `spares` says that all that the learner wrote is still there, `done` what happened."""

    files: Mapping[str, bytes]
    spares: bool
    done: str


def mutant(notebook: NotebookNode, seed: int) -> Mutant:
    """The mutant with this number of a submission."""
    rng = random.Random(seed)
    return _of_bytes(notebook, rng) if rng.random() < 0.5 else _of_structure(notebook, rng)


# --- bytes ------------------------------------------------------------------------------------------


def _of_bytes(notebook: NotebookNode, rng: random.Random) -> Mutant:
    data, done = as_file(notebook).encode(), []
    kept = [_stored(cell) for cell in notebook.cells if is_learners(cell)]
    for _ in range(rng.randint(1, 3)):
        damage = rng.choice(BYTES)
        data = damage(data, rng)
        done.append(damage.__name__)
    return Mutant({NAME: data}, all(text in data for text in kept), ", ".join(done))


def is_learners(cell: NotebookNode) -> bool:
    """Whether a cell is an answer, or code that the learner added."""
    marks = cell.metadata.get("nbgrader")
    return bool(marks.solution if marks else cell.cell_type == "code")


def _stored(cell: NotebookNode) -> bytes:
    """How a cell's source stands in the file, with its key."""
    lone = as_file(nbformat.v4.new_notebook(cells=[cell]))
    start = lone.index('   "source": [') if cell.source else lone.index('   "source": ')
    return lone[start : lone.rindex("]", start, lone.rindex("]")) + 1].encode()


def _range(data: bytes, rng: random.Random, most: int) -> tuple[int, int]:
    start = rng.randrange(len(data) + 1)
    return start, min(len(data), start + rng.randint(1, most))


def one_byte_changed(data: bytes, rng: random.Random) -> bytes:
    start, end = _range(data, rng, 1)
    return data[:start] + bytes([rng.randrange(256)]) + data[end:]


def one_bit_flipped(data: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << rng.randrange(8)]) + data[place + 1 :]


def bytes_deleted(data: bytes, rng: random.Random) -> bytes:
    start, end = _range(data, rng, rng.choice((1, 3, 40, 400)))
    return data[:start] + data[end:]


def bytes_inserted(data: bytes, rng: random.Random) -> bytes:
    start, _ = _range(data, rng, 1)
    inserted = rng.choice((b'"', b"{", b"}", b"[", b"]", b",", b"\\", b"\0", b"\n", b"\xff\xfe", rng.randbytes(20)))
    return data[:start] + inserted + data[start:]


def bytes_doubled(data: bytes, rng: random.Random) -> bytes:
    start, end = _range(data, rng, rng.choice((3, 200)))
    return data[:end] + data[start:]


def bytes_zeroed(data: bytes, rng: random.Random) -> bytes:
    start, end = _range(data, rng, 30)
    return data[:start] + bytes(end - start) + data[end:]


def cut_off(data: bytes, rng: random.Random) -> bytes:
    return data[: int(len(data) * (1 - rng.random() ** 2))]


def structure_misspelt(data: bytes, rng: random.Random) -> bytes:
    """One sign of JSON's own, wherever it stands, is gone or another one."""
    places = [place for place, byte in enumerate(data) if byte in b'{}[]:,"']
    place = rng.choice(places or [0])
    return data[:place] + rng.choice((b"", b"{", b"]", b'"', b";")) + data[place + 1 :]


BYTES: list[Callable[[bytes, random.Random], bytes]] = [
    one_byte_changed,
    one_bit_flipped,
    bytes_deleted,
    bytes_inserted,
    bytes_doubled,
    bytes_zeroed,
    cut_off,
    structure_misspelt,
]


# --- structure --------------------------------------------------------------------------------------


def _of_structure(notebook: NotebookNode, rng: random.Random) -> Mutant:
    """Any of these spares the learner's text."""
    tree: Tree = json.loads(as_file(notebook))
    tree["cells"] = [_own(raw, cell) for raw, cell in zip(tree["cells"], notebook.cells, strict=True)]
    done = rng.sample(STRUCTURE, rng.randint(1, 4))
    for change in done:
        change(tree, rng)
    store = rng.choice(FILES)
    return Mutant(store(tree, rng), True, ", ".join(change.__name__ for change in (*done, store)))


def _own(raw: Tree, cell: NotebookNode) -> Tree:
    if not is_learners(cell):
        return raw
    return _Answer(raw) if "nbgrader" in cell.metadata else _Own(raw)


class _Own(dict[str, Any]):
    """A cell in which the learner wrote."""


class _Answer(_Own):
    """An answer to an exercise."""


def _cells(tree: Tree, kind: type = dict) -> list[Any]:
    return [cell for cell in tree["cells"] if isinstance(cell, kind) and cell]


def _some(cells: list[Any], rng: random.Random) -> list[Any]:
    return rng.sample(cells, rng.randint(0, len(cells)))


def other_cells_dropped(tree: Tree, rng: random.Random) -> None:
    gone = _some([cell for cell in tree["cells"] if not isinstance(cell, _Own)], rng)
    tree["cells"] = [cell for cell in tree["cells"] if isinstance(cell, _Own) or cell not in gone]


def cells_shuffled(tree: Tree, rng: random.Random) -> None:
    rng.shuffle(tree["cells"])


def two_cells_exchanged(tree: Tree, rng: random.Random) -> None:
    one, other = rng.sample(range(len(tree["cells"])), 2)  # the answers alone are more than two
    tree["cells"][one], tree["cells"][other] = tree["cells"][other], tree["cells"][one]


def cells_doubled(tree: Tree, rng: random.Random) -> None:
    for cell in _some(_cells(tree), rng):
        tree["cells"].insert(rng.randrange(len(tree["cells"]) + 1), copy.deepcopy(cell))


def ids_dropped(tree: Tree, rng: random.Random) -> None:
    for cell in _some(_cells(tree), rng):
        cell.pop("id", None)


def ids_all_the_same(tree: Tree, rng: random.Random) -> None:
    for cell in _some(_cells(tree), rng):
        cell["id"] = "1"


def marks_dropped(tree: Tree, rng: random.Random) -> None:
    for cell in _some(_cells(tree), rng):
        cell["metadata"] = {"collapsed": True}


def marks_renamed(tree: Tree, rng: random.Random) -> None:
    for cell in _some(_cells(tree), rng):
        marks = {"grade_id": f"cell-{rng.randrange(99)}", "locked": rng.random() < 0.5}
        cell["metadata"] = {"nbgrader": marks}


def metadata_of_any_type(tree: Tree, rng: random.Random) -> None:
    for cell in _some(_cells(tree), rng):
        cell["metadata"] = rng.choice((None, [], 3, "x", {"nbgrader": 3}, {"nbgrader": {"grade_id": []}}))


def answers_turned_into_text(tree: Tree, rng: random.Random) -> None:
    for cell in _some(_cells(tree, _Answer), rng):
        cell["cell_type"] = rng.choice(("markdown", "raw"))


def types_misspelt(tree: Tree, rng: random.Random) -> None:
    for cell in _some([cell for cell in _cells(tree) if "outputs" in cell], rng):
        cell["cell_type"] = rng.choice(("Code", "python", None, 3))


def sources_as_text(tree: Tree, rng: random.Random) -> None:
    for cell in _some(_cells(tree), rng):
        cell["source"] = _joined(cell)


def _joined(cell: Tree) -> str:
    return "".join(cell["source"]) if isinstance(cell.get("source"), (list, str)) else ""


def line_ends_of_windows(tree: Tree, rng: random.Random) -> None:
    for cell in _some(_cells(tree), rng):
        cell["source"] = _joined(cell).replace("\n", rng.choice(("\r\n", "\r")))


def outputs_of_any_type(tree: Tree, rng: random.Random) -> None:
    for cell in _some([cell for cell in _cells(tree) if "outputs" in cell], rng):
        cell["outputs"] = rng.choice((None, [3], {}, [{"output_type": "execute_result", "data": {"text/plain": "99"}}]))


def cells_that_are_none(tree: Tree, rng: random.Random) -> None:
    for _ in range(rng.randint(1, 9)):
        tree["cells"].insert(rng.randrange(len(tree["cells"]) + 1), rng.choice((None, 3, "x", [], {}, {"source": 3})))


def cells_added(tree: Tree, rng: random.Random) -> None:
    for number in range(rng.randint(1, 6)):
        source = rng.choice(
            (f"x_{number} = {number}", "1 / 0", "def (:", "print('hello')", "%matplotlib inline", "", "import math")
        )
        cell = {"cell_type": rng.choice(("code", "markdown")), "source": source, "metadata": {}}
        tree["cells"].insert(rng.randrange(len(tree["cells"]) + 1), cell)


def other_formats(tree: Tree, rng: random.Random) -> None:
    tree.update(nbformat=rng.choice((0, 3, 5, "4", None)), nbformat_minor=rng.choice((-1, 0, 99, None)), metadata=None)


def keys_added(tree: Tree, rng: random.Random) -> None:
    for part in (tree, *_cells(tree)):
        part[rng.choice(("a", "cell", "widgets", "\ud800"))] = rng.choice(([], {}, 1e400, float("nan"), -1, [[[[]]]]))


STRUCTURE: list[Callable[[Tree, random.Random], None]] = [
    other_cells_dropped,
    cells_shuffled,
    two_cells_exchanged,
    cells_doubled,
    ids_dropped,
    ids_all_the_same,
    marks_dropped,
    marks_renamed,
    metadata_of_any_type,
    answers_turned_into_text,
    types_misspelt,
    sources_as_text,
    line_ends_of_windows,
    outputs_of_any_type,
    cells_that_are_none,
    cells_added,
    other_formats,
    keys_added,
]


# --- files ------------------------------------------------------------------------------------------


def in_one_line(tree: Tree, rng: random.Random) -> dict[str, bytes]:
    return {NAME: json.dumps(tree).encode()}


def in_another_encoding(tree: Tree, rng: random.Random) -> dict[str, bytes]:
    text = json.dumps(tree, indent=rng.choice((None, 1, 4)), ensure_ascii=rng.random() < 0.5)
    return {NAME: text.encode(rng.choice(("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "utf-8")), "replace")}


def in_format_3(tree: Tree, rng: random.Random) -> dict[str, bytes]:
    cells = []
    for cell in tree["cells"]:
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            cell = {**cell, "input": cell.get("source")}
            cell.pop("source", None)
        cells.append(cell)
    return {NAME: json.dumps({"worksheets": [{"cells": cells}], "nbformat": 3}).encode()}


def under_another_key(tree: Tree, rng: random.Random) -> dict[str, bytes]:
    return {NAME: json.dumps({"type": "notebook", "content": tree}, indent=2).encode()}


def under_another_name(tree: Tree, rng: random.Random) -> dict[str, bytes]:
    name = rng.choice(
        (NAME.upper(), f"a folder/{NAME}", f"Copy of {NAME}", f"{NAME}.json", "homework (3).ipynb", "é\n.ipynb")
    )
    return {name: json.dumps(tree).encode(), "notes.txt": b"hello"}


def with_junk_behind_it(tree: Tree, rng: random.Random) -> dict[str, bytes]:
    return {NAME: json.dumps(tree, indent=1).encode() + rng.choice((b"}", b"\n\n", bytes(99), rng.randbytes(30)))}


FILES: list[Callable[[Tree, random.Random], dict[str, bytes]]] = [
    in_one_line,
    in_another_encoding,
    in_format_3,
    under_another_key,
    under_another_name,
    with_junk_behind_it,
]
