"""Similarity: whose code is alike beyond what the task makes alike. Sources in, pairs out: a reason to look, no verdict.

Code is compared by its shapes (see `shapes`). What everybody was given counts nothing, and a shape counts the less the
more of the class have it: the natural one-liner next to nothing. The score of two is the cosine of their weighted
shapes, drawn towards zero where few rare shapes speak: two who solved everything in the usual way are as alike as can
be, and that tells nothing.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer

from autograder.grading.shapes import MAX_CHARACTERS, Given, given_in, shapes_in

STEPS = 50  # in which the scores of all pairs are counted
_ENOUGH = 5  # shapes that only two have: with so many, a perfect likeness has half of the highest score
_ROWS = 256  # of the matrix of all pairs that are in memory at a time
_COMMON = 1 / 4  # what more than this part of the class has is not marked
_ALIKE, _PARTLY = 0.9, 0.5  # parts of a line's weight

Cells = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Work:
    """The code that one learner wrote, by the names of its cells."""

    learner: str
    cells: Mapping[str, str]


class Mark(StrEnum):
    """How much of a line the other one has as well, of what is rare in the class."""

    ALIKE = "alike"
    PARTLY = "partly"
    NONE = ""


@dataclass(frozen=True)
class Line:
    """A line of code and its mark."""

    text: str
    mark: Mark


@dataclass(frozen=True)
class Side:
    """One half of a pair: who sent just this code, and its lines by cell."""

    learners: tuple[str, ...]
    cells: Mapping[str, tuple[Line, ...]]

    @property
    def alike(self) -> int:
        """How many lines are alike."""
        return sum(line.mark is Mark.ALIKE for lines in self.cells.values() for line in lines)


@dataclass(frozen=True)
class Pair:
    """Two pieces of work whose code is alike; the score is between 0 and 1."""

    score: float
    left: Side
    right: Side


@dataclass(frozen=True)
class Group:
    """Learners whose code is the same text. The score is low where that is what many write."""

    score: float
    learners: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """What a comparison found, the highest scores first.

    `compared` is the number of learners; `counts` has the number of pairs of different texts by their scores, in equal
    steps from 0 to 1. Who is in `empty` wrote no code; of those in `cut` only the beginning was compared.
    """

    pairs: tuple[Pair, ...]
    groups: tuple[Group, ...]
    counts: tuple[int, ...]
    compared: int
    empty: tuple[str, ...]
    cut: tuple[str, ...]


def compare(works: Sequence[Work], given: Sequence[str], reference: Sequence[str] = (), top: int = 20) -> Found:
    """Compare the work of a class: the `top` pairs of different texts, and whoever sent the same text.

    `given` are the code cells of the released notebook, `reference` those of the instructor's answers, which count as
    one more learner's.
    """
    known = given_in(given)
    learners: dict[Cells, list[str]] = {}
    for work in works:
        learners.setdefault(tuple(work.cells.items()), []).append(work.learner)
    stub = np.concatenate([_shapes([source], known) for source in given or [""]])  # each within the limit
    shapes = {text: np.setdiff1d(_shapes([source for _, source in text], known), stub) for text in learners}
    texts = [text for text in learners if shapes[text].size]
    empty = tuple(name for text, same in learners.items() if not shapes[text].size for name in same)
    cut = tuple(name for text, same in learners.items() if _length(text) > MAX_CHARACTERS for name in same)
    if not texts:
        return Found((), (), (0,) * STEPS, 0, empty, cut)
    names = [tuple(learners[text]) for text in texts]
    answers = np.setdiff1d(_shapes(reference, known), stub)
    weighed = _weigh([shapes[text] for text in texts], [len(same) for same in names], answers)
    best, counts = _best_pairs(weighed, top)

    def side(one: int, other: int) -> Side:
        return Side(names[one], _marked(texts[one], known, set(shapes[texts[other]].tolist()), weighed))

    return Found(
        tuple(Pair(score, side(i, j), side(j, i)) for score, i, j in best),
        _groups(names, weighed),
        counts,
        sum(map(len, names)),
        empty,
        cut,
    )


def _shapes(cells: Sequence[str], known: Given) -> np.ndarray:
    """The shapes of one learner's code, sorted: an array, for there are many learners."""
    found = {shape for lines in shapes_in(cells, known) for shapes in lines.values() for shape in shapes}
    return np.array(sorted(found), dtype=np.int64)


def _length(text: Cells) -> int:
    return sum(len(source) for _, source in text)


# --- weights ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Weighed:
    """A class as a matrix, text × shape, of weights; `columns` has each shape's column.

    `weights` is the logarithm of how rare a shape is, and `rare` the least weight of what is marked. `squares` has
    the squared length of each row, `enough` what is added to the product of two lengths.
    """

    matrix: Any
    columns: Mapping[int, int]
    weights: np.ndarray
    squares: np.ndarray
    enough: float
    rare: float


def _weigh(shapes: Sequence[np.ndarray], learners: Sequence[int], reference: np.ndarray) -> _Weighed:
    """Weights by how many have a shape: each text counts for all its learners, the reference for one more.

    scikit-learn's own idf adds 1 to every weight, so that what all have would still count; here it counts nothing.
    """
    counting = CountVectorizer(analyzer=np.ndarray.tolist, binary=True, dtype=np.float64)
    has = counting.fit_transform([*shapes, reference])
    sizes = np.array([*learners, 1])
    everybody = sizes.sum()
    weights = np.log((everybody + 1) / (sizes @ has))
    matrix = has[:-1].multiply(weights).tocsr()
    squares = np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel()
    enough = _ENOUGH * np.log((everybody + 1) / 2) ** 2
    rare = np.log((everybody + 1) / max(2, _COMMON * everybody))
    return _Weighed(matrix, counting.vocabulary_, weights, squares, float(enough), float(rare))


def _best_pairs(weighed: _Weighed, top: int) -> tuple[list[tuple[float, int, int]], tuple[int, ...]]:
    """The pairs of the highest scores, and how many pairs have which; a block of the matrix of all pairs at a time."""
    best: list[tuple[float, int, int]] = []
    counts = np.zeros(STEPS, dtype=np.int64)
    lengths = np.sqrt(weighed.squares)
    for start in range(0, len(lengths), _ROWS):
        rows = slice(start, start + _ROWS)
        products = (weighed.matrix[rows] @ weighed.matrix.T).toarray()
        scores = products / (lengths[rows, None] * lengths + weighed.enough)
        first, second = np.triu_indices(len(scores), start + 1, len(lengths))
        found = scores[first, second]
        counts += np.histogram(found, STEPS, (0, 1))[0]
        highest = np.argpartition(-found, top)[:top] if top < found.size else np.arange(found.size)
        here = zip(found[highest].tolist(), (start + first[highest]).tolist(), second[highest].tolist(), strict=True)
        best = heapq.nsmallest(top, [*best, *here], key=lambda pair: (-pair[0], *pair[1:]))
    return [pair for pair in best if pair[0] > 0], tuple(counts.tolist())


def _groups(names: Sequence[tuple[str, ...]], weighed: _Weighed) -> tuple[Group, ...]:
    scores = weighed.squares / (weighed.squares + weighed.enough)
    groups = [Group(float(score), same) for score, same in zip(scores, names, strict=True) if len(same) > 1]
    return tuple(sorted(groups, key=lambda group: -group.score))


# --- marks ------------------------------------------------------------------------------------------


def _marked(text: Cells, known: Given, others: set[int], weighed: _Weighed) -> dict[str, tuple[Line, ...]]:
    """The lines of one learner's cells, marked by how much of each is among the shapes of the other."""
    shapes = shapes_in([source for _, source in text], known)
    return {
        name: tuple(
            Line(line, _mark(of_cell.get(number, set()), others, weighed))
            for number, line in enumerate(source.split("\n"), start=1)
        )
        for (name, source), of_cell in zip(text, shapes, strict=True)
    }


def _mark(shapes: set[int], others: set[int], weighed: _Weighed) -> Mark:
    weights = {shape: weighed.weights[weighed.columns[shape]] for shape in shapes if shape in weighed.columns}
    if max(weights.values(), default=0) < weighed.rare:
        return Mark.NONE
    alike = sum(weight for shape, weight in weights.items() if shape in others) / sum(weights.values())
    if alike >= _ALIKE:
        return Mark.ALIKE
    return Mark.PARTLY if alike >= _PARTLY else Mark.NONE
