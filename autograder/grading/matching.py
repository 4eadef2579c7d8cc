"""Matching: which of the learner's cells belongs to which given cell, however it lost its marks on the way.

First by what is written on a cell (grade_id, then cell id), then by its text, then by what it defines, and last by
its likeness to the given cell and its place among the others. Likeness is counted in words: linear in the text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from nbformat import NotebookNode

from autograder.authoring.sources import grade_id
from autograder.grading.grafted import ANSWERS, Role, role_of
from autograder.grading.names import NameBook, Names
from autograder.grading.reading import LearnerCell

LIKE = 0.75  # the share of a given cell's words that a cell has to hold to be taken for it
LIKE_IN_ITS_PLACE = 0.4  # the same for a cell that stands where the given one should
_MAX_COMPARED = 500  # cells
_MAX_WORDS_FROM = 20_000  # characters


@dataclass(frozen=True)
class Piece:
    """A learner's cell, its text read as code (out of the fences, where it is prose), and the names in that."""

    cell: LearnerCell
    code: str
    names: Names


@dataclass(frozen=True)
class Match:
    """Where the learner's cells belong, all by number.

    `places` gives the given cell that a learner's cell is; cells not in it were added. `answers` gives the learner's
    cell that answers a given one, `older` further attempts at it, `parts` what was split off it.
    """

    places: Mapping[int, int]
    answers: Mapping[int, int]
    older: Mapping[int, Sequence[int]]
    parts: Mapping[int, Sequence[int]]


def pieces_of(learner: Sequence[LearnerCell], book: NameBook) -> list[Piece]:
    """The learner's cells as matching looks at them."""
    return [_piece(cell, book) for cell in learner]


def wanted_names(cell: NotebookNode, book: NameBook) -> frozenset[str]:
    """The names that an answer to a given cell has to define, as far as its stub tells."""
    if cell.cell_type != "code":
        return frozenset()
    defined = book.of(cell.source).defined
    name = grade_id(cell)
    return frozenset({name} if name in defined else defined)


def same(one: str, other: str) -> bool:
    """Whether two texts are the same but for white space at ends of lines and letters that another encoding spoils."""
    return _normal(one) == _normal(other)


def match_cells(given: Sequence[NotebookNode], pieces: Sequence[Piece], book: NameBook) -> Match:
    """Find each learner's cell its place, and each cell to be answered its answer."""
    places = _by_marks(given, pieces)
    _by_text(given, pieces, places)
    slots = {index: cell for index, cell in enumerate(given) if role_of(cell) in ANSWERS}
    wanted = {slot: wanted_names(cell, book) for slot, cell in slots.items()}
    attempts = {slot: _definers(slot, given, pieces, places, wanted) for slot in slots}
    _by_likeness(given, pieces, places, attempts)
    answers = {slot: found[-1] for slot, found in attempts.items() if found}
    for slot, cell in slots.items():
        if slot not in answers and (own := _at(slot, places)):
            answers[slot] = _last_written(own, pieces, cell.source)
    for slot, index in answers.items():
        if index not in places or (role_of(given[places[index]]) in ANSWERS and answers.get(places[index]) != index):
            places[index] = slot
    older, parts = _rest(given, pieces, places, answers, attempts)
    return Match(places, answers, older, parts)


_FENCED = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def _piece(cell: LearnerCell, book: NameBook) -> Piece:
    if cell.kind == "code":
        return Piece(cell, cell.source, book.of(cell.source))
    code = "\n".join(_FENCED.findall(cell.source)) or cell.source
    names = book.of(code) if "def " in code or "=" in code else Names()
    return Piece(cell, code, names if names.parses else Names())


def _normal(text: str) -> str:
    lines = "\n".join(map(str.rstrip, text.strip().split("\n")))
    return re.sub(r"[^\x00-\x7f]+", "?", lines)


def _at(place: int, places: Mapping[int, int]) -> list[int]:
    return [index for index, where in sorted(places.items()) if where == place]


def _last_written(own: Sequence[int], pieces: Sequence[Piece], stub: str) -> int:
    """The last cell that differs from the stub; where none does, the last."""
    return next((index for index in reversed(own) if not same(pieces[index].cell.source, stub)), own[-1])


# --- by marks, by text, by what is defined ----------------------------------------------------------


def _by_marks(given: Sequence[NotebookNode], pieces: Sequence[Piece]) -> dict[int, int]:
    by_grade_id = {grade_id(cell): index for index, cell in enumerate(given) if grade_id(cell)}
    by_id = {cell.id: index for index, cell in enumerate(given) if cell.get("id")}
    places = {}
    for index, piece in enumerate(pieces):
        place = by_grade_id.get(piece.cell.grade_id, by_id.get(piece.cell.cell_id or ""))
        # Prose that was turned into code is code that the learner added.
        if place is not None and not (role_of(given[place]) is Role.PROSE and piece.cell.kind == "code"):
            places[index] = place
    return places


def _by_text(given: Sequence[NotebookNode], pieces: Sequence[Piece], places: dict[int, int]) -> None:
    """Texts that occur more than once (stubs of ordinary courses) are taken in order."""
    taken = set(places.values())
    free: dict[tuple[str, str], list[int]] = {}
    for place, cell in enumerate(given):
        if place not in taken:
            free.setdefault((cell.cell_type, _normal(cell.source)), []).append(place)
    known = {(cell.cell_type, _normal(cell.source)): place for place, cell in enumerate(given)}
    for index, piece in enumerate(pieces):
        if index not in places:
            text = piece.cell.kind, _normal(piece.cell.source)
            if free.get(text):
                places[index] = free[text].pop(0)
            elif text in known:
                places[index] = known[text]


def _definers(
    slot: int,
    given: Sequence[NotebookNode],
    pieces: Sequence[Piece],
    places: Mapping[int, int],
    wanted: Mapping[int, frozenset[str]],
) -> list[int]:
    """The cells that define what `slot` asks for: its own before others, code before text that was code once."""
    found = [
        index
        for index, piece in enumerate(pieces)
        if wanted[slot] & _offered(index, slot, piece.names, places, wanted)
        and not same(piece.cell.source, given[slot].source)
        and not (index in places and same(piece.cell.source, given[places[index]].source))
    ]
    for code in (True, False):
        alike = [index for index in found if (pieces[index].cell.kind == "code") is code]
        own = [index for index in alike if places.get(index) == slot]
        if own or alike:
            return own or alike
    return []


def _offered(
    index: int, slot: int, names: Names, places: Mapping[int, int], wanted: Mapping[int, frozenset[str]]
) -> set[str]:
    """The names by which a cell may be the answer to `slot`.

    For a cell that answers something else, these are functions and classes alone: variables such as `result` are
    used again and again.
    """
    place = places.get(index, slot)
    if place == slot:
        return {*names.defined}
    return {*names.blocks} - wanted[place] if place in wanted else {*names.defined}


# --- by likeness and place --------------------------------------------------------------------------


def _by_likeness(
    given: Sequence[NotebookNode],
    pieces: Sequence[Piece],
    places: dict[int, int],
    attempts: Mapping[int, Sequence[int]],
) -> None:
    used = {*places, *(index for found in attempts.values() for index in found)}
    loose = [index for index, piece in enumerate(pieces) if index not in used and piece.cell.source.strip()]
    taken = {*places.values(), *(slot for slot, found in attempts.items() if found)}
    open_places = [place for place in range(len(given)) if place not in taken]
    words = {place: _words(given[place].source) for place in open_places}
    gaps = _gaps(pieces, given, places)
    alike = [
        (likeness, place, index)
        for index in loose[:_MAX_COMPARED]
        for place, likeness in _likenesses(pieces[index].cell, given, words)
        if likeness >= (LIKE_IN_ITS_PLACE if gaps[index][0] < place < gaps[index][1] else LIKE)
    ]
    for _, place, index in sorted(alike, key=lambda item: (-item[0], item[1:])):
        if index not in places and place not in taken:
            places[index] = place
            taken.add(place)
    _alone_in_its_place(given, pieces, places, [place for place in open_places if place not in taken], loose)


def _likenesses(
    cell: LearnerCell, given: Sequence[NotebookNode], words: Mapping[int, Counter[str]]
) -> Iterator[tuple[int, float]]:
    """How much of each open given cell of its kind a learner's cell holds."""
    own = _words(cell.source)
    for place, wanted in words.items():
        if (given[place].cell_type == "code") is (cell.kind == "code") and wanted:
            yield place, (own & wanted).total() / wanted.total()


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text[:_MAX_WORDS_FROM]))


def _gaps(pieces: Sequence[Piece], given: Sequence[NotebookNode], places: Mapping[int, int]) -> list[tuple[int, int]]:
    """For each learner's cell the places of the nearest placed cells before and behind it."""
    before, behind, last, following = [], [], -1, len(given)
    for index in range(len(pieces)):
        last = places.get(index, last)
        before.append(last)
    for index in reversed(range(len(pieces))):
        following = places.get(index, following)
        behind.append(following)
    return list(zip(before, reversed(behind), strict=True))


def _alone_in_its_place(
    given: Sequence[NotebookNode],
    pieces: Sequence[Piece],
    places: dict[int, int],
    open_places: Sequence[int],
    loose: Sequence[int],
) -> None:
    """The only new cell where only one is missing must be that one, whatever is in it."""
    gaps = _gaps(pieces, given, places)
    new = [index for index in loose if index not in places]
    groups = Counter((gaps[index], pieces[index].cell.kind) for index in new)
    for index in new:
        (before, behind), kind = gaps[index], pieces[index].cell.kind
        missing = [place for place in open_places if before < place < behind and given[place].cell_type == kind]
        if groups[gaps[index], kind] == len(missing) == 1 and role_of(given[missing[0]]) in ANSWERS:
            places[index] = missing[0]


# --- what is left -----------------------------------------------------------------------------------


def _rest(
    given: Sequence[NotebookNode],
    pieces: Sequence[Piece],
    places: dict[int, int],
    answers: Mapping[int, int],
    attempts: Mapping[int, Sequence[int]],
) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """Of cells that are not the answer to their slot: older attempts, and parts split off it (which lose their place)."""
    older: dict[int, list[int]] = {}
    parts: dict[int, list[int]] = {}
    chosen = set(answers.values())
    for slot in answers:
        own = set(_at(slot, places))
        for index in sorted((own | set(attempts[slot])) - chosen):
            if same(pieces[index].cell.source, given[slot].source) or places.get(index, slot) != slot:
                continue
            if index in attempts[slot] or not attempts[slot]:
                older.setdefault(slot, []).append(index)
                places[index] = slot
            elif pieces[index].cell.kind == "code":
                parts.setdefault(slot, []).append(index)
                del places[index]
    return older, parts
