"""Progress: a card that says where a learner stands and what comes next, from the logbook. Nothing is sent anywhere."""

from __future__ import annotations

import html
import importlib
from collections.abc import Sequence
from dataclasses import dataclass

from autograder import card
from autograder.drill import due as drills_due
from autograder.exercise import Exercise, exercises_of
from autograder.exercises import TITLES
from autograder.key import KEYS
from autograder.logbook import Logbook, Tried, read_logbook
from autograder.verdict import Status

_LOOK = card.Look("→", "Progress", card.BLUE)
_NAME = "all lessons"
_NOT_TRIED = card.Look("○", "not tried", card.GREY)
_PARTS = {  # how the exercises of a lesson that was begun are told, in this order
    Status.CORRECT: card.Look("✓", "right", card.GREEN),
    Status.WRONG: card.Look("✗", "not yet", card.RED),
    Status.ERROR: card.Look("!", "error", card.RED),
    Status.NOT_ATTEMPTED: _NOT_TRIED,
}
_IN_WORDS = "Lesson 10 also asks for an answer in words, which a person reads: it is not counted here."
_MOST_NAMED = 3  # of drills that are due, and of exercises that were not tried


@dataclass(frozen=True)
class Standing:
    """How an exercise stands. An `optional` one needs a package that is not the course's."""

    name: str
    status: Status
    points: float
    optional: bool = False

    @property
    def is_left(self) -> bool:
        return self.status is not Status.CORRECT and not self.optional


@dataclass(frozen=True)
class LessonStanding:
    """How a lesson stands: its exercises in order, once one of them was tried; before that, how many there are.

    `problem` says why a lesson that was begun cannot be looked into.
    """

    folder: str
    title: str
    count: int
    exercises: tuple[Standing, ...] = ()
    problem: str = ""

    @property
    def number(self) -> str:
        return self.folder[:2]

    @property
    def left(self) -> list[Standing]:
        return [one for one in self.exercises if one.is_left]

    @property
    def is_begun(self) -> bool:
        return bool(self.exercises or self.problem)


def progress() -> None:
    """Show the lessons, how their exercises stand, which drills are due, and one next step. Never raises."""
    book = read_logbook()
    lessons = standings(book)
    due = _drills_due(book, lessons)
    step = next_step(lessons, due)
    card.show(progress_html(lessons, due, step), progress_text(lessons, due, step))


def standings(book: Logbook) -> list[LessonStanding]:
    """How all lessons stand, in order. Imports the modules of those that were begun, and of no others."""
    return [_standing(folder, title, book.exercises) for folder, title in TITLES.items()]


def _standing(folder: str, title: str, tried: dict[str, Tried]) -> LessonStanding:
    module = folder[3:]
    names = [path.stem for path in (KEYS / module).glob("*.npz")]
    if not any(_status(tried, name) is not Status.NOT_ATTEMPTED for name in names):
        return LessonStanding(folder, title, len(names))
    try:
        exercises = exercises_of(importlib.import_module(f"autograder.exercises.{module}"))
    except (ImportError, OSError) as error:  # a library that cannot be loaded is the latter on Windows
        return LessonStanding(folder, title, len(names), problem=f"a package is missing here: {error}")
    found = tuple(_standing_of(exercise, tried) for exercise in exercises.values())
    return LessonStanding(folder, title, len(found), found)


def _standing_of(exercise: Exercise, tried: dict[str, Tried]) -> Standing:
    return Standing(exercise.name, _status(tried, exercise.name), exercise.points, bool(exercise.extra))


def _status(tried: dict[str, Tried], name: str) -> Status:
    """An exercise's status as it was kept; not attempted where nothing usable was."""
    kept = tried.get(name, Tried()).status
    return next((status for status in _PARTS if status == kept), Status.NOT_ATTEMPTED)


def _drills_due(book: Logbook, lessons: Sequence[LessonStanding]) -> list[str]:
    """The names of the drills that are due as far as the learner has come."""
    begun = [int(lesson.number) for lesson in lessons if lesson.is_begun]
    return drills_due({name: drill.reps for name, drill in book.drills.items()}, max(begun, default=-1))


def next_step(lessons: Sequence[LessonStanding], due: Sequence[str]) -> str:
    """The one thing to do next: a lesson that was begun is finished first, then comes the next; drills stand beside it."""
    for lesson in lessons:
        if lesson.left:
            first = lesson.left[0]
            stuck = f' Stuck? `hint("{first.name}")`.' if first.status is not Status.NOT_ATTEMPTED else ""
            if len(lesson.left) == 1:
                return f"Lesson {lesson.number} has one left: `{first.name}`.{stuck}"
            return f"Go on with lesson {lesson.number}: `{first.name}`.{stuck}"
    if unbegun := [lesson for lesson in lessons if not lesson.is_begun]:
        farthest = max((lesson.number for lesson in lessons if lesson.is_begun), default="")
        new = next((lesson for lesson in unbegun if lesson.number > farthest), unbegun[0])
        return f"Begin lesson {new.number}, {new.title}: open `{new.folder}`."
    if problem := next((lesson for lesson in lessons if lesson.problem), None):
        return f"Install with pip what lesson {problem.number} needs."
    if due:
        return f"Every exercise is right. A drill is due, in any code cell: `%%drill {due[0]}`. {_IN_WORDS}"
    return f"Every exercise is right, and no drill is due. {_IN_WORDS} Its end says where to go from here."


# --- how it looks -----------------------------------------------------------------------------------


def progress_text(lessons: Sequence[LessonStanding], due: Sequence[str], step: str) -> str:
    """The card as plain text."""
    lines = [f"Next: {step}", *_drill_lines(due)]
    for lesson in lessons:
        parts = " · ".join(f"{look.symbol} {said}" for look, said in _parts(lesson))
        points = f" · {_points(lesson)}" if lesson.exercises else ""
        lines.append(f"- {lesson.number} {lesson.title}: {parts}{points}")
    return card.note_text(_LOOK, _NAME, _summary(lessons), lines)


def progress_html(lessons: Sequence[LessonStanding], due: Sequence[str], step: str) -> str:
    """The card as HTML; a table with a row for each lesson."""
    body = card.paragraph("Next", card.prose(step))
    body += "".join(f'<div style="margin-top:.3em">{card.prose(line)}</div>' for line in _drill_lines(due))
    heads = "".join(f'<th scope="col" style="{_CELL}">{head}</th>' for head in ("Lesson", "Exercises", "Points"))
    rows = "".join(_row(lesson) for lesson in lessons)
    body += f'<table style="{_TABLE}"><thead><tr style="{_PLAIN}">{heads}</tr></thead><tbody>{rows}</tbody></table>'
    return card.frame(_LOOK, _NAME, _summary(lessons), body)


# Notebooks stripe and right-align tables, and give all columns one width: these look the same everywhere, and take their colours from the page.
_TABLE = "table-layout:auto;border-collapse:collapse;margin:.6em 0 0;width:100%;font-size:inherit;color:inherit"
_PLAIN = "background:none"
_CELL = (
    "text-align:left;vertical-align:top;padding:.25em .9em .25em 0;border:0;"
    "border-bottom:1px solid rgba(127,127,127,.35);white-space:normal"
)


def _row(lesson: LessonStanding) -> str:
    title = f"{lesson.number} {html.escape(lesson.title)}"
    parts = "".join(f"<div>{card.chip(look)} {card.prose(said)}</div>" for look, said in _parts(lesson))
    points = _points(lesson).removesuffix(" points") if lesson.exercises else "–"
    return (
        f'<tr style="{_PLAIN}"><th scope="row" style="{_CELL};font-weight:normal">{title}</th>'
        f'<td style="{_CELL}">{parts}</td><td style="{_CELL};white-space:nowrap">{points}</td></tr>'
    )


def _parts(lesson: LessonStanding) -> list[tuple[card.Look, str]]:
    """How a lesson's exercises stand, in words: each status that occurs, with how many or which."""
    if lesson.problem:
        return [(card.LOOKS[Status.NOT_GRADED], lesson.problem)]
    if not lesson.exercises:
        return [(_NOT_TRIED, f"not started, {lesson.count} exercises")]
    said = []
    for status, look in _PARTS.items():
        which = [one for one in lesson.exercises if one.status is status]
        if status is Status.CORRECT and len(which) == lesson.count:
            said.append((look, f"all {lesson.count} right"))
        elif which:
            said.append((look, _counted(which, look.word, status)))
    return said


def _counted(which: Sequence[Standing], word: str, status: Status) -> str:
    if status is Status.CORRECT or (status is Status.NOT_ATTEMPTED and len(which) > _MOST_NAMED):
        return f"{len(which)} {word}"
    return f"{word}: {', '.join(f'`{one.name}`' + ' (optional)' * one.optional for one in which)}"


def _points(lesson: LessonStanding) -> str:
    have = sum(one.points for one in lesson.exercises if one.status is Status.CORRECT)
    return f"{card.number(have)} of {card.number(sum(one.points for one in lesson.exercises))} points"


def _summary(lessons: Sequence[LessonStanding]) -> str:
    """How many exercises are right, of those that everybody can do (of a lesson not begun nobody knows: all)."""
    known = [one for lesson in lessons for one in lesson.exercises]
    optional = sum(one.optional for one in known)
    right = sum(one.status is Status.CORRECT and not one.optional for one in known)
    return f"{right} of {sum(lesson.count for lesson in lessons) - optional} exercises right"


def _drill_lines(due: Sequence[str]) -> list[str]:
    if not due:
        return []
    more = f" and {len(due) - _MOST_NAMED} more" if len(due) > _MOST_NAMED else ""
    named = ", ".join(f"`%%drill {name}`" for name in due[:_MOST_NAMED])
    return [f"{'Drill' if len(due) == 1 else 'Drills'} due: {named}{more}."]
