"""LMS: scores as tables that Canvas and Moodle import, alone or filled into a table that they exported.

How the two read such a file was looked up in their own sources (Canvas: `lib/gradebook_importer.rb`; Moodle:
`mod/assign/feedback/offline/importgradeslib.php`, `grade/import/csv/classes/load_data.php`, `lib/csvlib.class.php`):

| | Canvas | Moodle |
|---|---|---|
| who | `ID`, else `SIS User ID`, else `SIS Login ID`, else the name | `Identifier` (worksheet), or a column that a person chooses |
| what | the column `Title (number)`; without the number, the one of that title, or a new one | `Grade` (worksheet), or a column that a person chooses |
| an empty cell | deletes the grade that is there | deletes the grade that is there |
| a byte order mark | stays in the first title, which it must not begin | is taken off |

So a template's cells stay as they are where there is no score for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from autograder.grading.reading import shown
from autograder.grading.scores import Learner, Scores
from autograder.grading.senders import Roster
from autograder.grading.spreadsheet import Cell, Table, TableError, as_text, read_table

_TITLE = re.compile(r"(?P<title>.*)\s\((?P<number>\d+)\)", re.DOTALL)
_POINTS_POSSIBLE = "    Points Possible"  # as Canvas writes it
_NAME = ("name", "full name", "student")
_FIRST_NAME = ("first name", "given name")
_LAST_NAME = ("last name", "surname", "family name")
_EMAIL = ("email", "email address", "mail")
_ID_NUMBER = ("id number", "sid", "student number", "matriculation number")


@dataclass(frozen=True)
class Filled:
    """A table for an LMS. `said` is worth knowing; each of `problems` needs a person."""

    rows: tuple[tuple[Cell, ...], ...]
    delimiter: str = ","
    said: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def name_of(learner: Learner, roster: Roster) -> str:
    """A learner's name as the roster or the database has it; empty where neither does."""
    parts = [roster.about(learner.id, *_FIRST_NAME), roster.about(learner.id, *_LAST_NAME)]
    known = roster.about(learner.id, *_NAME) or " ".join(filter(None, parts))
    return known or " ".join(filter(None, (learner.first_name, learner.last_name)))


def email_of(learner: Learner, roster: Roster) -> str:
    """A learner's address as the roster or the database has it; empty where neither does."""
    return roster.about(learner.id, *_EMAIL) or learner.email


# --- Canvas -----------------------------------------------------------------------------------------


def for_canvas(scores: Scores, roster: Roster, template: Path | None) -> Filled:
    """What Canvas' gradebook imports. Raises TableError for a template that Canvas did not export."""
    if template is not None:
        return _fill(_canvas_columns(read_table(template), template, scores.assignment), template, scores, roster)
    header = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section", scores.assignment)
    rows: list[tuple[Cell, ...]] = [header, (_POINTS_POSSIBLE, None, None, None, None, scores.max_score)]
    for learner in scores.learners:
        who = (
            roster.about(learner.id, "canvas id", "canvas") or learner.lms_user_id,
            roster.about(learner.id, "sis user id", "sis id"),
            roster.about(learner.id, "sis login id", "login id", "login", "username") or learner.id,
        )
        name = name_of(learner, roster) or learner.id
        rows.append((name, *who, roster.about(learner.id, "section"), _final(learner)))
    return Filled(tuple(rows), problems=tuple(_disguised(rows, (1, 2, 3), "Canvas")))


@dataclass(frozen=True)
class _Template:
    """An LMS's own table: which columns are kept, which of them takes the score, and who a row is about.

    `identifiers` are all that may tell a row's learner, a full name last; `maximum` is what a row says is the most
    points, empty where it says nothing; `is_learner` tells the rows that are about somebody.
    """

    table: Table
    kept: tuple[int, ...]
    column: int
    identifiers: Callable[[Sequence[str]], list[str]]
    maximum: Callable[[Sequence[str]], str]
    is_learner: Callable[[Sequence[str]], bool]


def _canvas_columns(table: Table, path: Path, lesson: str) -> _Template:
    titles = table.header
    named = 2 if titles[0] == "LastName" else 1
    is_export = ("Student" in titles[0] or named == 2) and titles[named : named + 1] == ("ID",) and "Section" in titles
    if not is_export:
        raise TableError(f"{path} is no gradebook that Canvas exported: it begins with {shown(', '.join(titles[:5]))}.")
    about = titles.index("Section") + 1
    column = _assignment_column(titles, path, lesson)

    def identifiers(row: Sequence[str]) -> list[str]:
        name = " ".join(row[:named])
        return [*row[named : about - 1], name, f"{name} {row[named]}"]

    return _Template(
        table,
        (*range(about), column),
        column,
        identifiers,
        lambda row: row[column] if row[0].strip() == _POINTS_POSSIBLE.strip() else "",
        lambda row: bool(row[0].strip()) and row[0].strip() != _POINTS_POSSIBLE.strip(),
    )


def _assignment_column(titles: Sequence[str], path: Path, lesson: str) -> int:
    """The column of the assignment that is called like the lesson, or of the only one that there is."""
    columns = {index: found["title"] for index, title in enumerate(titles) if (found := _TITLE.fullmatch(title))}
    wanted = {_letters(lesson), _letters(lesson.lstrip("0123456789_"))}
    fitting = [index for index, title in columns.items() if _letters(title) in wanted] or list(columns)
    if len(fitting) != 1:
        there = ", ".join(shown(title) for title in columns.values()) or "none"
        raise TableError(
            f"Which assignment of {path} is {lesson}? There are: {there[:300]}. Name it so in its first line, "
            "and leave the number behind it as it is."
        )
    return fitting[0]


def _letters(title: str) -> str:
    return "".join(letter for letter in title.casefold() if letter.isalnum())


# --- Moodle -----------------------------------------------------------------------------------------


def for_moodle(scores: Scores, roster: Roster, template: Path | None) -> Filled:
    """What Moodle imports: an assignment's grading worksheet (`template`), or a file for its gradebook.

    Raises TableError for a template that is no grading worksheet.
    """
    if template is not None:
        return _fill(_moodle_columns(read_table(template), template), template, scores, roster)
    header = (
        "Identifier",
        "Full name",
        "ID number",
        "Email address",
        "Grade",
        "Maximum Grade",
        "Last modified (grade)",
    )
    rows: list[tuple[Cell, ...]] = [header]
    problems = []
    for learner in scores.learners:
        number = roster.about(learner.id, "identifier", "participant", "moodle").removeprefix("Participant").strip()
        identifier = f"Participant {number}" if number else ""
        id_number, email = roster.about(learner.id, *_ID_NUMBER), email_of(learner, roster)
        if learner.work is not None and not (identifier or id_number or email):
            problems.append(
                f"{shown(learner.id)}: Moodle needs an address or a number; give the roster a column with it."
            )
        who = (identifier, name_of(learner, roster), id_number, email)
        rows.append((*who, _final(learner), scores.max_score, "-"))
    return Filled(tuple(rows), problems=(*problems, *_disguised(rows, (2, 3), "Moodle")))


def _moodle_columns(table: Table, path: Path) -> _Template:
    titles = {title: index for index, title in enumerate(table.header)}
    needed = ("Identifier", "Grade", "Last modified (grade)")
    if missing := [title for title in needed if title not in titles]:
        raise TableError(
            f"{path} is no grading worksheet of Moodle: it has no column {', '.join(missing)}. "
            "Download it while Moodle speaks English to you."
        )

    def cell(row: Sequence[str], title: str) -> str:
        return row[titles[title]] if title in titles else ""

    def identifiers(row: Sequence[str]) -> list[str]:
        number = cell(row, "Identifier").removeprefix("Participant").strip()
        name = cell(row, "Full name")
        return [cell(row, "Email address"), cell(row, "ID number"), f"Participant {number}", name, f"{name} {number}"]

    return _Template(
        table,
        tuple(range(len(table.header))),
        titles["Grade"],
        identifiers,
        lambda row: cell(row, "Maximum Grade"),
        lambda row: bool(cell(row, "Identifier")),
    )


# --- both -------------------------------------------------------------------------------------------


def _fill(template: _Template, path: Path, scores: Scores, roster: Roster) -> Filled:
    """The template with the scores in its column; a cell for which there is none stays as it is."""
    learners = {learner.id: learner for learner in scores.learners}
    known = Roster([_everything_about(learner, roster) for learner in scores.learners])
    rows: list[tuple[Cell, ...]] = [tuple(template.table.header[index] for index in template.kept)]
    filled: dict[str, int] = {}
    problems, nobody, other_maximum = [], [], ""
    for row in template.table.rows:
        score: Cell = row[template.column]
        maximum = template.maximum(row)
        if maximum and not _is_number(maximum, scores.max_score):
            other_maximum = maximum
        if template.is_learner(row):
            who = _whose(template.identifiers(row), known)
            if len(who) > 1:
                problems.append(f"{_row_name(template, row)} of {path.name} may be {' or '.join(sorted(who))}.")
            elif not who:
                nobody.append(_row_name(template, row))
            else:
                (student,) = who
                filled[student] = filled.get(student, 0) + 1
                final = _final(learners[student])
                score = score if final is None else final
        rows.append(tuple(score if index == template.column else row[index] for index in template.kept))
    for learner in scores.learners:
        if learner.work is not None and learner.id not in filled:
            problems.append(f"{shown(learner.id)} is in no row of {path.name}.")
    problems += [
        f"{shown(student)} is in {count} rows of {path.name}." for student, count in filled.items() if count > 1
    ]
    if other_maximum:
        said_there = (
            f"{path.name} says {shown(other_maximum)} points at most, the lesson has {as_text(scores.max_score)}."
        )
        problems.append(f"{said_there} Points are not converted.")
    said = [f"The scores are in the column {shown(template.table.header[template.column])}."]
    if nobody:
        said.append(f"Nothing is known here of {', '.join(nobody)}; what {path.name} says of them stays.")
    return Filled(tuple(rows), template.table.delimiter, tuple(said), tuple(problems))


def _everything_about(learner: Learner, roster: Roster) -> dict[str, str]:
    """A row of a roster with all that the roster and the database know of a learner."""
    return {
        "name": " ".join(filter(None, (learner.first_name, learner.last_name))),
        "email": learner.email,
        "lms user id": learner.lms_user_id,
        **roster.row(learner.id),
        "id": learner.id,
    }


def _whose(identifiers: Sequence[str], known: Roster) -> set[str]:
    """Whom a row is about. Where two identifiers point to different learners, both: a person must look."""
    called = [who for text in identifiers if (who := known.called(text))]
    certain = {student for who in called if len(who) == 1 for student in who}
    return certain or {student for who in called for student in who}


def _row_name(template: _Template, row: Sequence[str]) -> str:
    return shown(template.identifiers(row)[-1].strip())


def _final(learner: Learner) -> Decimal | None:
    return learner.work.final_score if learner.work is not None else None


def _is_number(text: str, number: Decimal) -> bool:
    try:
        return float(text.replace(",", ".")) == float(number)
    except ValueError:
        return True  # "(read only)", a scale's name


def _disguised(rows: Sequence[Sequence[Cell]], columns: Sequence[int], lms: str) -> Iterator[str]:
    """The identifiers that had to be made harmless, so that the LMS does not know them again."""
    for row in rows[1:]:
        for index in columns:
            if isinstance(text := row[index], str) and text and as_text(text) != text:
                yield f"{shown(text)} looks like a formula and was made harmless; {lms} will not know whose it is."
