"""Report: what a class did, as HTML pages that need nothing from the network: one for each lesson, one for the course."""

from __future__ import annotations

import math
import os
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from statistics import mean, median
from urllib.parse import quote

from jinja2 import Environment
from markupsafe import Markup, escape

from autograder.authoring.course import Course
from autograder.card import LOOKS, number, prose, verdict_html
from autograder.errors import InputError
from autograder.grading import summary
from autograder.grading.archive import graded_assignments, newest_run
from autograder.grading.pages import page_environment
from autograder.grading.pseudonyms import pseudonyms, without_names
from autograder.grading.results import one_row_each
from autograder.grading.scores import points_of
from autograder.grading.submissions import is_student_id
from autograder.grading.summary import Kind, Learner
from autograder.grading.unnamed import Cluster, unnamed_mistakes
from autograder.verdict import Tier, Verdict

INDEX = "index.html"
TO_TEACH = 3
MOST_CLUSTERS = 20
ROWS_AT_ONCE = 250  # of a table of learners: a browser lays out no more until it is asked to
WORDS = {
    Kind.CORRECT: "Correct",
    Kind.NAMED: "Known mistake",
    Kind.UNNAMED: "Wrong, no name yet",
    Kind.ERROR: "Stopped by an error",
    Kind.TIMEOUT: "Took too long",
    Kind.NOT_ATTEMPTED: "Not attempted",
    Kind.NOT_GRADED: "Could not be checked",
}

Link = Callable[[str, str], str]
"""From a folder of the course and a learner to the address of the learner's work there; "" where there is none."""


class ReportError(InputError):
    """There is nothing to report, or no place for it; the sentence says what to do."""


@dataclass(frozen=True)
class LessonReport:
    """What is known of a class in one lesson. `step_seconds` is how long a cell might take; `clusters` are the mistakes
    without a name that several learners made."""

    lesson: str
    began: datetime
    step_seconds: float
    learners: tuple[Learner, ...]
    clusters: tuple[Cluster, ...] = ()

    @property
    def scores(self) -> list[float]:
        """The scores of all whose work has a grade."""
        return [learner.score for learner in self.learners if not learner.undecided]

    @property
    def max_score(self) -> float:
        return max(learner.max_score for learner in self.learners)

    @property
    def histogram(self) -> list[summary.Bin]:
        return summary.histogram(self.scores, self.max_score)

    @property
    def mean(self) -> float | None:
        return mean(self.scores) if self.scores else None

    @property
    def median(self) -> float | None:
        return median(self.scores) if self.scores else None

    @property
    def page(self) -> str:
        """The name of its page."""
        return f"{self.lesson}.html"


def write_reports(course: Course, lessons: Sequence[str], out: Path, *, hide_names: bool = False) -> list[Path]:
    """Write the page of the course and those of `lessons` (all that were graded, if none is named) to the folder `out`.

    Returns the pages, that of the course first. With `hide_names` learners are numbers, the same on all pages, and what
    could tell who they are is left out. Raises ReportError, ArchiveError or CourseError.
    """
    reports = [read_report(course, lesson) for lesson in lessons or graded_assignments(course)]
    if not lessons:
        reports = [report for report in reports if report.learners]
    if not reports:
        raise ReportError(f"No lesson was graded in {course.root} yet: `autograder grade LESSON` comes first.")
    if empty := [report.lesson for report in reports if not report.learners]:
        raise ReportError(
            f"Nobody's work on {', '.join(empty)} was graded yet: `autograder grade {empty[0]}` comes first."
        )
    links = {report.lesson: _links(course, out, report.lesson) for report in reports}
    if hide_names:
        reports = _without_names(reports)
        links = dict.fromkeys(links, _no_link)
    pages = {out / INDEX: course_page(reports, hide_names=hide_names)}
    for report in reports:
        pages[out / report.page] = lesson_page(report, links[report.lesson], hide_names=hide_names)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for path, page in pages.items():
            path.write_text(page, encoding="utf-8", errors="replace")
    except OSError as error:
        raise ReportError(
            f"The report cannot be written to {out} ({error.strerror}); name a folder with --out."
        ) from None
    return list(pages)


def read_report(course: Course, lesson: str) -> LessonReport:
    """What the newest run of a lesson and the gradebook have. Raises ArchiveError, and CourseError for an unknown lesson."""
    if lesson not in graded_assignments(course):
        course.lesson_folder(lesson)
    with newest_run(course, lesson) as run:
        learners = summary.class_of(one_row_each(run.rows()), points_of(course, lesson))
        began, step_seconds = run.began, run.how["limits"]["step_seconds"]
    shared = tuple(cluster for cluster in unnamed_mistakes(course, lesson) if cluster.size > 1)
    return LessonReport(lesson, began, step_seconds, tuple(learners), shared)


def _without_names(reports: Sequence[LessonReport]) -> list[LessonReport]:
    """The reports with the same numbers for the same learners. The secret that orders them is forgotten at once."""
    names = pseudonyms({learner.name for report in reports for learner in report.learners}, secrets.token_bytes(32))
    return [
        replace(report, learners=tuple(without_names(report.learners, names)), clusters=())  # they show learners' code
        for report in reports
    ]


def _links(course: Course, out: Path, lesson: str) -> Link:
    folders = {"submitted": course.submitted, "autograded": course.autograded}

    def link(folder: str, student: str) -> str:
        if not is_student_id(student):
            return ""
        path = Path(os.path.relpath(folders[folder] / student / lesson, out.resolve()))
        return quote(path.as_posix()) + "/"

    return link


def _no_link(folder: str, student: str) -> str:
    return ""


# --- pages -----------------------------------------------------------------------------------------------


def lesson_page(report: LessonReport, link: Link = _no_link, *, hide_names: bool = False) -> str:
    """The page of a lesson. All texts in it are escaped."""
    learners = report.learners
    exercises, mistakes = summary.by_exercise(learners), summary.known_mistakes(learners)
    made = {
        one.name: [(i, mistake) for i, mistake in enumerate(mistakes, 1) if mistake.exercise == one.name]
        for one in exercises
    }
    for_a_person = summary.for_a_person(learners)
    cards: dict[Verdict, int] = {}
    rows = [(learner, _cells(learner, exercises, cards)) for learner in learners]
    return _page(
        "report_lesson.html.j2",
        report=report,
        exercises=exercises,
        timed=[one for one in exercises if one.seconds],
        has_probes=any(verdict.tier is Tier.JUDGED for _, verdict in summary.verdicts(learners)),
        unnamed=[one for one in exercises if one.unnamed],
        clusters=report.clusters[:MOST_CLUSTERS],
        mistakes=mistakes,
        made=made,
        to_teach=mistakes[:TO_TEACH],
        judged=sum(learner.row is not None for learner in learners),
        for_a_person=for_a_person,
        by_hand=any(group.folder == "autograded" for group in for_a_person),
        graded_before=summary.graded_before(learners),
        file_problems=summary.file_problems(learners),
        rows=rows,
        cards=cards,
        link=link,
        hide_names=hide_names,
    )


def course_page(reports: Sequence[LessonReport], *, hide_names: bool = False) -> str:
    """The page of a course: its lessons, and who has how many points in which."""
    by_learner: dict[str, dict[str, Learner]] = {}
    for report in reports:
        for learner in report.learners:
            by_learner.setdefault(learner.name, {})[report.lesson] = learner
    names = sorted(by_learner, key=(lambda name: (len(name), name)) if hide_names else None)
    lessons = [
        (report, summary.known_mistakes(report.learners)[:1], _learners_in(summary.for_a_person(report.learners)))
        for report in reports
    ]
    rows = [(name, _total(by_learner[name].values()), by_learner[name]) for name in names]
    return _page("report_course.html.j2", lessons=lessons, rows=rows, hide_names=hide_names)


def _learners_in(groups: Sequence[summary.Group]) -> int:
    return len({name for group in groups for name in group.learners})


def _total(learners: Iterable[Learner]) -> float:
    return sum(learner.score for learner in learners if not learner.undecided)


def _page(template: str, **context: object) -> str:
    return _environment().get_template(template).render(context)


@cache
def _environment() -> Environment:
    environment = page_environment()
    environment.globals |= {"KINDS": WORDS, "NOT_NAMED": summary.NOT_NAMED, "ROWS_AT_ONCE": ROWS_AT_ONCE}
    environment.filters |= {
        "number": number,
        "rounded": lambda value: number(round(value, 1)),
        "percent": lambda share: f"{100 * share:.0f} %",
        "seconds": _seconds,
        "breakable": lambda name: Markup(escape(name).replace("_", Markup("_<wbr>"))),
        "prose": lambda text: Markup(prose(text)),
        "card": lambda verdict: Markup(verdict_html(verdict)),
        "id": quote,
    }
    return environment


def _seconds(seconds: float) -> str:
    if seconds < 0.01:
        return "< 0.01 s"
    return f"{seconds:.{max(0, 1 - math.floor(math.log10(seconds)))}f} s"


@dataclass(frozen=True)
class Cell:
    """One learner's answer to one exercise in the table: a symbol, words where the symbol is not enough, a card."""

    kind: Kind
    symbol: str
    words: str = ""
    card: int | None = None


def _cells(
    learner: Learner, exercises: Sequence[summary.ExerciseSummary], cards: dict[Verdict, int]
) -> list[Cell | None]:
    """The cells of a row. What is told to many is one card: `cards` numbers them."""
    verdicts: Mapping[str, Verdict] = learner.row.verdicts if learner.row is not None else {}
    return [_cell(verdicts[one.name], cards) if one.name in verdicts else None for one in exercises]


def _cell(verdict: Verdict, cards: dict[Verdict, int]) -> Cell:
    kind, look = summary.kind_of(verdict), LOOKS[verdict.status]
    if kind is Kind.CORRECT and not verdict.next_step:
        return Cell(kind, look.symbol)
    follows = f"follows from {verdict.follows_from}" if verdict.follows_from else ""
    card = cards.setdefault(verdict, len(cards) + 1)
    return Cell(kind, look.symbol, verdict.diagnosis or follows or look.word.lower(), card)
