"""Graft: the learner's sources into the instructor's notebook. Text goes in; structure never does.

Locked cells, metadata, tags and the order of the given cells are the instructor's. From the learner come the
sources of solution cells, of unlocked cells that they edited, and the cells that they added. Whatever had to be
mended for that is said in `problems`, one sentence each.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import nbformat
from nbformat import NotebookNode

from autograder.authoring.sources import check_cell_exercise, grade_id
from autograder.grading.grafted import ANSWERS, Grafted, GraftedCell, Role, is_free, role_of
from autograder.grading.matching import Match, Piece, match_cells, pieces_of, same, wanted_names
from autograder.grading.names import NameBook, added_definitions
from autograder.grading.ordering import in_working_order, undefined_names
from autograder.grading.reading import LearnerCell


def graft(given: NotebookNode, learner: Sequence[LearnerCell]) -> Grafted:
    """The instructor's cleared notebook `given` with the learner's sources in it."""
    book = NameBook()
    pieces = pieces_of(learner, book)
    match = match_cells(given.cells, pieces, book)
    wanted = {slot: wanted_names(cell, book) for slot, cell in enumerate(given.cells)}
    aliases = _aliases(given.cells, pieces, match, wanted, book)
    cells, order_problems = in_working_order(list(_assembled(given.cells, pieces, match, aliases)), book)
    names = {slot: _name(given.cells[slot]) for slot in range(len(given.cells))}
    slots = [slot for slot, cell in enumerate(given.cells) if role_of(cell) in ANSWERS]
    problems = [
        *_locked_cell_problems(given.cells, pieces, match),
        *_answer_problems(given.cells, pieces, match, aliases, wanted),
        *_halves(pieces),
        *order_problems,
    ]
    return Grafted(
        tuple(cells),
        tuple(problems if learner else [f"No cell for `{names[slot]}` was found." for slot in slots]),
        {
            names[slot]: pieces[index].cell.source
            for slot, index in match.answers.items()
            if not same(pieces[index].cell.source, given.cells[slot].source)
        },
        tuple(names[slot] for slot in slots if slot not in match.answers),
        undefined_names(cells, book),
    )


def _name(cell: NotebookNode) -> str:
    return grade_id(cell) or cell.get("id") or ""


# --- the cells, in their places ---------------------------------------------------------------------


def _assembled(
    given: Sequence[NotebookNode], pieces: Sequence[Piece], match: Match, aliases: Mapping[int, str]
) -> Iterator[GraftedCell]:
    """The given cells with the learner's text, and between them the cells that the learner added."""
    added = _added(pieces, match)
    kept = _kept_of_locked_cells(given, pieces, match)
    yield from added.get(-1, ())
    for place, cell in enumerate(given):
        role = role_of(cell)
        older = [pieces[index] for index in match.older.get(place, ())] if cell.cell_type == "code" else []
        for number, piece in enumerate(older):
            yield GraftedCell(Role.ADDED, _code_cell(piece.code, f"older-{place}-{number}"))
        if role in (Role.CHECK, Role.TEST):
            yield from kept.get(place, ())  # what the test calls has to be there before it
        yield _grafted_cell(cell, _text_for(place, cell, pieces, match, aliases))
        if role not in (Role.CHECK, Role.TEST):
            yield from kept.get(place, ())
        yield from added.get(place, ())


def _grafted_cell(cell: NotebookNode, source: str) -> GraftedCell:
    cell, role = copy.deepcopy(cell), role_of(cell)
    cell.source = source
    name = check_cell_exercise(cell) if role is Role.CHECK else grade_id(cell)
    return GraftedCell(role, cell, name or "")


def _text_for(place: int, cell: NotebookNode, pieces: Sequence[Piece], match: Match, aliases: Mapping[int, str]) -> str:
    """What stands in a given cell: the learner's text, if it is for them to write; else the instructor's."""
    if place in match.answers:
        piece = pieces[match.answers[place]]
        alias = f"\n\n{aliases[place]}" if place in aliases else ""
        return (piece.code if cell.cell_type == "code" else piece.cell.source) + alias
    if is_free(cell):
        own = [pieces[index].cell for index, where in sorted(match.places.items()) if where == place]
        edited = [one.source for one in own if one.kind == cell.cell_type and not same(one.source, cell.source)]
        return str(edited[-1] if edited else cell.source)
    return str(cell.source)


def _added(pieces: Sequence[Piece], match: Match) -> dict[int, list[GraftedCell]]:
    """The cells that the learner added, by the given cell behind which they stand (-1: before the first)."""
    added: dict[int, list[GraftedCell]] = {}
    place = -1
    for index, piece in enumerate(pieces):
        if index in match.places:
            place = match.places[index]
        elif piece.cell.source.strip():
            added.setdefault(place, []).append(_added_cell(piece.cell, f"added-{index}"))
    return added


def _added_cell(cell: LearnerCell, cell_id: str) -> GraftedCell:
    if cell.kind == "code":
        return GraftedCell(Role.ADDED, _code_cell(cell.source, cell_id))
    return GraftedCell(Role.PROSE, nbformat.v4.new_markdown_cell(cell.source, id=cell_id))  # how tasks are answered


def _code_cell(source: str, cell_id: str) -> NotebookNode:
    return nbformat.v4.new_code_cell(source, id=cell_id)


def _kept_of_locked_cells(
    given: Sequence[NotebookNode], pieces: Sequence[Piece], match: Match
) -> dict[int, list[GraftedCell]]:
    """What learners import and define in cells that are not theirs to edit, by the given cell."""
    kept: dict[int, list[GraftedCell]] = {}
    for index, place in _changed_locked_cells(given, pieces, match):
        if source := added_definitions(pieces[index].cell.source, given[place].source):
            kept.setdefault(place, []).append(GraftedCell(Role.ADDED, _code_cell(source, f"kept-{index}")))
    return kept


def _changed_locked_cells(
    given: Sequence[NotebookNode], pieces: Sequence[Piece], match: Match
) -> list[tuple[int, int]]:
    """The learner's cells that are changed copies of the instructor's code, and the places of these."""
    answers = set(match.answers.values())
    return [
        (index, place)
        for index, place in sorted(match.places.items())
        if given[place].cell_type == "code"
        and role_of(given[place]) not in ANSWERS
        and not is_free(given[place])
        and index not in answers
        and not same(pieces[index].cell.source, given[place].source)
    ]


# --- functions under another name -------------------------------------------------------------------


def _aliases(
    given: Sequence[NotebookNode],
    pieces: Sequence[Piece],
    match: Match,
    wanted: Mapping[int, frozenset[str]],
    book: NameBook,
) -> dict[int, str]:
    """For answers whose function has another name than it should: the line that gives it the right one."""
    known = {name for cell in given if cell.cell_type == "code" for name in book.of(cell.source).defined}
    aliases = {}
    for slot, index in match.answers.items():
        names, parameters = pieces[index].names, book.of(given[slot].source).functions
        if len(wanted[slot]) == 1 and wanted[slot] <= parameters.keys() and wanted[slot].isdisjoint(names.defined):
            (name,) = wanted[slot]
            alike = [
                other for other, count in names.functions.items() if count == parameters[name] and other not in known
            ]
            if len(alike) == 1:
                aliases[slot] = f"{name} = {alike[0]}"
    return aliases


# --- what has to be said ----------------------------------------------------------------------------


def _locked_cell_problems(given: Sequence[NotebookNode], pieces: Sequence[Piece], match: Match) -> Iterator[str]:
    """What happened to the instructor's cells, one sentence a kind. Demonstrations are not run: nothing hangs on them."""
    there = set(match.places.values())
    changed = [place for _, place in _changed_locked_cells(given, pieces, match)]
    for title, roles in (("Check", (Role.CHECK, Role.TEST)), ("Locked", (Role.GIVEN,))):
        locked = [place for place, cell in enumerate(given) if role_of(cell) in roles and not is_free(cell)]
        if missing := [place for place in locked if place not in there]:
            yield f"{title} cells were missing and were put back: {_listed(given, missing)}."
        if edited := [place for place in locked if place in changed]:
            yield f"{title} cells were changed; the course's own were used: {_listed(given, edited)}."
    if kept := _kept_of_locked_cells(given, pieces, match):
        yield f"What was imported or defined in cells of the course was kept: {_listed(given, sorted(kept))}."
    if any(later < earlier for earlier, later in pairwise(_order(given, pieces, match))):
        yield "Cells stood in another order than the course's; they were put back in order."


def _order(given: Sequence[NotebookNode], pieces: Sequence[Piece], match: Match) -> list[int]:
    """The places of the given cells in the learner's order: of those that are there once and have their marks."""
    once = [place for place, count in Counter(match.places.values()).items() if count == 1]
    return [
        place
        for index, place in sorted(match.places.items())
        if place in once and (role_of(given[place]) not in ANSWERS or _is_marked(pieces[index], given[place]))
    ]


def _is_marked(piece: Piece, cell: NotebookNode) -> bool:
    return piece.cell.grade_id is not None and piece.cell.grade_id == grade_id(cell)


def _listed(given: Sequence[NotebookNode], places: Sequence[int]) -> str:
    return ", ".join(_name(given[place]) for place in places)


def _answer_problems(
    given: Sequence[NotebookNode],
    pieces: Sequence[Piece],
    match: Match,
    aliases: Mapping[int, str],
    wanted: Mapping[int, frozenset[str]],
) -> Iterator[str]:
    """What happened to the learner's answers."""
    for slot in (slot for slot, cell in enumerate(given) if role_of(cell) in ANSWERS):
        name = f"`{_name(given[slot])}`"
        if slot not in match.answers:
            yield f"No cell for {name} was found."
            continue
        piece = pieces[match.answers[slot]]
        if (number := _different_answers(slot, pieces, match)) > 1:
            yield f"There are {number} different answers to {name}; the last one was graded."
        if slot in match.parts:
            yield f"The answer to {name} is split over several cells; all of them were used."
        if slot in aliases:
            yield f"The function of {name} has another name ({aliases[slot]}); it was graded under the right one."
        elif wanted[slot] and piece.names.functions and wanted[slot].isdisjoint(piece.names.defined):
            there = ", ".join(f"`{function}`" for function in piece.names.functions)
            yield f"The cell of {name} defines {there} and no {name}; give the function that is meant this name."
        if given[slot].cell_type != piece.cell.kind:
            yield f"The cell of {name} has become {piece.cell.kind}; it was graded as {given[slot].cell_type} all the same."
    yield from _cells_of_answers(given, pieces, match)


def _different_answers(slot: int, pieces: Sequence[Piece], match: Match) -> int:
    return len({pieces[index].cell.source.strip() for index in (*match.older.get(slot, ()), match.answers[slot])})


def _cells_of_answers(given: Sequence[NotebookNode], pieces: Sequence[Piece], match: Match) -> Iterator[str]:
    """Where the answers were found: in cells of others, without their marks, or several times."""
    slots_of: dict[int, list[int]] = {}
    for slot, index in sorted(match.answers.items()):
        slots_of.setdefault(index, []).append(slot)
    lost_marks: list[int] = []
    elsewhere: list[int] = []
    doubled: list[int] = []
    for index, slots in slots_of.items():
        place = match.places[index]
        if len(slots) > 1:
            yield f"One cell answers {_listed(given, slots)}; it was used for each of them."
        elif place not in slots:
            yield f"The answer to `{_name(given[slots[0]])}` stood in the cell `{_name(given[place])}`; it was graded."
        elif _is_marked(pieces[index], given[place]):
            many = list(match.places.values()).count(place) > 1 and _different_answers(place, pieces, match) == 1
            doubled += slots if many else []
        else:
            others = [i for i, where in match.places.items() if where == place and _is_marked(pieces[i], given[place])]
            (elsewhere if others else lost_marks).append(place)
    if doubled:
        yield f"Of cells that are there more than once, the last with an answer was graded: {_listed(given, doubled)}."
    if elsewhere:
        yield f"The answers stood in other cells than their own, and were graded: {_listed(given, elsewhere)}."
    if lost_marks:
        yield f"The marks of some cells were lost; they were recognised all the same: {_listed(given, lost_marks)}."


def _halves(pieces: Sequence[Piece]) -> Iterator[str]:
    """Functions of which the lower half stands in the next cell, where it is no Python."""
    for upper, lower in pairwise(pieces):
        if (
            upper.cell.kind == lower.cell.kind == "code"
            and lower.code.startswith((" ", "\t"))
            and not lower.names.parses
        ):
            joined = NameBook().of(f"{upper.code.rstrip()}\n{lower.code}")
            if joined.parses and joined.functions:
                name = list(joined.functions)[-1]
                yield (
                    f"The function `{name}` is cut in two: its lower half stands in the next cell. "
                    "Join the two cells and send the notebook again."
                )
