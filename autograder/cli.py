"""The command line: `autograder …`. Thin: each command reads its arguments, calls one function, says what came of it.

Exit codes: 0 done, 1 done but something needs a person, 2 bad usage or input.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from autograder.errors import InputError

if TYPE_CHECKING:  # commands import what they need when they are called: --help need not wait for it
    from autograder.grading.grade import Graded

# nbformat brings jsonschema, which compiles a grammar of international addresses while it is imported: half of a command's
# start, for a check that the schema of notebooks never asks for. None: as if it were not installed.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Training Loops: Build, Break, Defend. Grade the course, and make what learners get.",
)
console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)

REPORTS = "reports"

CourseDir = Annotated[
    Path | None, typer.Option("--course-dir", metavar="DIR", help="The folder that holds nbgrader_config.py.")
]
LessonName = Annotated[str, typer.Argument(help="The lesson, for example 01_loop_by_hand.")]
RosterFile = Annotated[
    Path | None, typer.Option(metavar="CSV", help="Who is who: a column `id`, and columns with names or numbers.")
]
Lessons = Annotated[
    list[str] | None, typer.Argument(metavar="[LESSON]...", help="Lessons; all of them if none is named.")
]
Check = Annotated[bool, typer.Option("--check", help="Change nothing; exit 1 where something is stale.")]


_FIRST_LINES = 12  # of an example, where many are listed
_READ_IT_FIRST = (
    "\nThis is {student}'s code. It will run as you, with all that you may do: now, and whenever keys are recorded. "
    "Read it first. Does it do anything but this exercise?"
)


class Sandbox(StrEnum):
    """Whether learner code is locked in."""

    STRICT = "strict"
    OFF = "off"


class Target(StrEnum):
    """Where scores are exported to."""

    CSV = "csv"
    CANVAS = "canvas"
    MOODLE = "moodle"
    GRADESCOPE = "gradescope"


@contextmanager
def _sentences() -> Iterator[None]:
    """Turn what we know can go wrong into one sentence and exit code 2."""
    try:
        yield
    except ImportError as error:
        if (error.name or "").split(".")[0] == "autograder":
            raise
        _stop(f"{error.name or error} is not installed. Install what grading needs: pip install '.[grading]'")
    except InputError as error:
        _stop(str(error))


def _stop(sentence: str) -> None:
    print(f"autograder: {sentence}", file=sys.stderr)
    raise typer.Exit(2)


@app.command()
def grade(
    lesson: LessonName,
    course_dir: CourseDir = None,
    student: Annotated[list[str] | None, typer.Option(help="Only this learner; may be given again.")] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Submissions at a time (default: one a core).")] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Grade on the Dask cluster of this scheduler, tcp://HOST:PORT."),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Grade anew, on new secret seeds, what was graded before.")
    ] = False,
    sandbox: Annotated[Sandbox, typer.Option(help="Whether learner code is locked in.")] = Sandbox.STRICT,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the results there as JSON.")
    ] = None,
) -> None:
    """Grade what lies in submitted/ID/LESSON/ into autograded/ and the gradebook."""
    with _sentences():
        from autograder.authoring.course import find_course
        from autograder.grading.run import grade_lesson

        if sandbox is Sandbox.OFF:
            _say_sandbox_is_off("as you say")
        course = find_course(course_dir)
        locked_in = sandbox is Sandbox.STRICT
        try:
            run = grade_lesson(
                course,
                lesson,
                student or [],
                jobs,
                sandbox=locked_in,
                progress=_progress,
                scheduler=scheduler,
                again=again,
            )
        except KeyboardInterrupt:
            print("autograder: stopped. What was graded is kept; the same command goes on from there.", file=sys.stderr)
            raise typer.Exit(130) from None
        if json_file is not None:
            json_file.write_text(json.dumps(run.as_json(str(sandbox)), indent=2) + "\n", encoding="utf-8")
        console.print(run.table())
    raise typer.Exit(1 if run.needs_a_person else 0)


@app.command()
def collect(
    lesson: LessonName,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Zip files or folders, as the LMS gave them.")],
    roster: RosterFile = None,
    course_dir: CourseDir = None,
) -> None:
    """Put what learners sent through an LMS into submitted/ID/LESSON/. The latest attempt of each wins."""
    with _sentences():
        from autograder.authoring.course import find_course
        from autograder.grading import collect as collecting
        from autograder.grading.senders import Roster, read_roster

        known = read_roster(roster) if roster is not None else Roster()
        found = collecting.collect(find_course(course_dir), lesson, paths, known)
        console.print(str(found), markup=False, soft_wrap=True)
    raise typer.Exit(1 if found.problems else 0)


@app.command()
def rejudge(
    lesson: LessonName,
    course_dir: CourseDir = None,
) -> None:
    """Apply a changed tolerance, message or named mistake to a graded class, without running its code again."""
    with _sentences():
        from autograder.authoring.course import find_course
        from autograder.grading import rejudge as rejudging
        from autograder.grading.results import changes_table

        course = find_course(course_dir)
        found = rejudging.rejudge(course, lesson)
        if found.grades:
            console.print(changes_table(found.grades))
        console.print(
            f"{found.judged} submissions judged again: {len(found.changes)} verdicts differ, {len(found.grades)} grades."
        )
        if found.lowered and not typer.confirm(f"{len(found.lowered)} grades would fall. Store the changes?"):
            console.print("Nothing was stored.")
            raise typer.Exit(1)
        rejudging.store(course, found)


@app.command("name-mistake")
def name_mistake(
    lesson: LessonName,
    cluster: Annotated[
        str | None, typer.Argument(metavar="CLUSTER", help="Which mistake; all without a name are listed if none is.")
    ] = None,
    name: Annotated[str, typer.Option("--as", metavar="NAME", help="Its name, for example missing_factor_two.")] = "",
    message: Annotated[
        str, typer.Option(metavar="TEXT", help="What learners who made it read. It asks or points.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="You have read the code: add it without asking.")] = False,
    course_dir: CourseDir = None,
) -> None:
    """Name a mistake that many made in a graded class: a learner's code becomes an entry of mistakes.py."""
    with _sentences():
        from autograder.authoring.course import find_course
        from autograder.grading import unnamed

        course = find_course(course_dir)
        if cluster is None:
            if name:
                _stop(f"Say which cluster is {name}; without --as they are listed.")
            found = unnamed.unnamed_mistakes(course, lesson)
            for one in found:
                console.print(f"{one.in_words(_FIRST_LINES)}\n", markup=False, soft_wrap=True)
            console.print(f"{len(found)} mistakes without a name.")
            return
        if not name:
            console.print(unnamed.find(course, lesson, cluster).in_words(), markup=False, soft_wrap=True)
            return
        draft = unnamed.draft(course, lesson, cluster, name, message)
        console.print(draft.text, markup=False, soft_wrap=True)
        console.print(_READ_IT_FIRST.format(student=draft.cluster.example_student), soft_wrap=True)
        if not (yes or typer.confirm("Add it to mistakes.py?")):
            console.print("Nothing was written.")
            raise typer.Exit(1)
        named = unnamed.write(course, lesson, draft)
        console.print(f"{named.path} has it, at the end. Edit it as you like.", soft_wrap=True)
        console.print(named.in_words(), soft_wrap=True)


@app.command()
def export(
    lesson: LessonName,
    to: Annotated[Target, typer.Option(help="What is to read it.")],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where to write it: a file, for gradescope a folder (default: LESSON-TO…)."),
    ] = None,
    roster: RosterFile = None,
    template: Annotated[
        Path | None,
        typer.Option(
            metavar="CSV", help="What Canvas exported, or Moodle's grading worksheet: filled in, else as it is."
        ),
    ] = None,
    course_dir: CourseDir = None,
) -> None:
    """Write the scores of a lesson, as nbgrader's database has them, for a person or an LMS to read."""
    with _sentences():
        from autograder.authoring.course import find_course
        from autograder.grading import export as exporting
        from autograder.grading.senders import Roster, read_roster

        known = read_roster(roster) if roster is not None else Roster()
        done = exporting.export(find_course(course_dir), lesson, str(to), out, known, template)
        console.print(str(done), markup=False, soft_wrap=True)
    raise typer.Exit(1 if done.problems else 0)


@app.command()
def report(
    lessons: Annotated[
        list[str] | None, typer.Argument(metavar="[LESSON]...", help="Lessons; all that were graded if none is named.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help=f"Where the pages go (default: {REPORTS}/ of the course).")
    ] = None,
    hide_names: Annotated[
        bool, typer.Option("--hide-names", help="For showing in class: learners are numbers, in no order.")
    ] = False,
    course_dir: CourseDir = None,
) -> None:
    """Write a page for each graded lesson and one for the course: what to teach next, and who needs what."""
    with _sentences():
        from autograder.authoring.course import find_course
        from autograder.grading.report import write_reports

        course = find_course(course_dir)
        index, *pages = write_reports(course, lessons or [], out or course.root / REPORTS, hide_names=hide_names)
        console.print(f"{len(pages)} lessons: {index}", markup=False, soft_wrap=True)


@app.command()
def similar(
    lesson: LessonName,
    top: Annotated[int, typer.Option(min=1, metavar="N", help="So many pairs, the most alike first.")] = 20,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where the page goes (default: reports/LESSON-similar.html).")
    ] = None,
    course_dir: CourseDir = None,
) -> None:
    """Show pairs of a graded class whose code is alike, side by side: worth a look, no verdict."""
    with _sentences():
        from autograder.authoring.course import find_course
        from autograder.grading.classwork import classwork
        from autograder.grading.similarity import compare
        from autograder.grading.similarity_page import pairs_table, spread, write_similarity_page

        course = find_course(course_dir)
        of_class = classwork(course, lesson)
        found = compare(of_class.works, of_class.given, of_class.reference, top)
        page = out or course.root / REPORTS / f"{lesson}-similar.html"
        write_similarity_page(page, lesson, found)
        if found.pairs:
            console.print(pairs_table(lesson, found.pairs))
        for group in found.groups:
            console.print(f"The same text: {', '.join(group.learners)}", markup=False, soft_wrap=True)
        console.print(spread(found), soft_wrap=True)
        console.print(f"A score is a reason to look at the code, no verdict. Side by side: {page}", soft_wrap=True)


def _say_sandbox_is_off(why: str) -> None:
    print(f"autograder: the sandbox is off, {why}: learner code may do what you may do.", file=sys.stderr)


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="Where the demo class is written.")] = Path("demo"),
    course_dir: CourseDir = None,
) -> None:
    """Write a small class with right, wrong and mangled submissions, grade it, and show table and page."""
    with _sentences():
        from autograder.authoring.course import find_course
        from autograder.grading.demo import LIMITS, write_demo_class
        from autograder.grading.report import write_reports
        from autograder.grading.run import grade_lesson, sandbox_problem

        course, lesson = write_demo_class(find_course(course_dir), folder)
        problem = sandbox_problem("loop_by_hand")
        if problem is not None:
            _say_sandbox_is_off(f"for {problem} The demo runs only what it wrote itself")
        run = grade_lesson(course, lesson, [], limits=LIMITS, sandbox=problem is None, progress=_progress)
        console.print(run.table())
        _, page = write_reports(course, [lesson], course.root / REPORTS)
    rate = 60 * len(run.graded) / run.wall_seconds
    console.print(f"{len(run.graded)} submissions in {run.wall_seconds:.0f} s, {rate:.0f} a minute.")
    console.print(f"The page of the class: {page}", soft_wrap=True)
    console.print(f"nbgrader's formgrader on it: cd {course.root} && jupyter lab", soft_wrap=True)


@app.command()
def release(lessons: Lessons = None, course_dir: CourseDir = None, check: Check = False) -> None:
    """Make the learners' notebooks in course/ from those in solutions/, and a zip of all that is released so far."""
    with _sentences():
        from autograder.authoring import release as releasing
        from autograder.authoring.bundle import make_bundle

        course, sources = _course_and_lessons(course_dir, lessons)
        url = course.wheel_url
        if check:
            _exit_stale([name for lesson in sources for name in releasing.stale_files(lesson, course.released, url)])
        for lesson in sources:
            releasing.release(lesson, course.released, url)
            console.print(f"{lesson.name}: released to {course.released / lesson.name}", soft_wrap=True)
        console.print(f"The learner's bundle: {make_bundle(course)}", soft_wrap=True)


@app.command()
def record(lessons: Lessons = None, course_dir: CourseDir = None, check: Check = False) -> None:
    """Record the public answer keys, with which `check` works at home."""
    with _sentences():
        from autograder.authoring import record as recording

        _, sources = _course_and_lessons(course_dir, lessons)
        if check:
            stale = [f"the key of `{name}`" for lesson in sources for name in recording.stale_public_keys(lesson)]
            _exit_stale(stale)
        for lesson in sources:
            recording.record_public(lesson)
            console.print(f"{lesson.name}: {len(lesson.exercises)} keys recorded")


@app.command()
def execute(lessons: Lessons = None, course_dir: CourseDir = None) -> None:
    """Run the notebooks in solutions/ from top to bottom and keep their outputs."""
    with _sentences():
        import nbformat

        from autograder.authoring.execute import execute as run_notebook

        _, sources = _course_and_lessons(course_dir, lessons)
        for lesson in sources:
            run_notebook(lesson.notebook, lesson.folder)
            nbformat.write(lesson.notebook, lesson.folder / f"{lesson.name}.ipynb")
            console.print(f"{lesson.name}: executed")


@app.command()
def gate(lessons: Lessons = None, course_dir: CourseDir = None) -> None:
    """Look whether all lessons are fit for release; each refusal says what is wrong and what to do."""
    with _sentences():
        from autograder.authoring.course import find_course
        from autograder.authoring.gate import inspect_lessons
        from autograder.authoring.sources import lesson_folders

        course = find_course(course_dir)
        folders = [course.lesson_folder(name) for name in lessons] if lessons else lesson_folders(course.solutions)
        refusals = inspect_lessons(folders, course.released, course.wheel_url)
    for refusal in refusals:
        console.print(f"✗ {refusal}", markup=False, soft_wrap=True)
    console.print(f"{len(folders)} lessons, {len(refusals)} refusals")
    raise typer.Exit(1 if refusals else 0)


@app.command()
def doctor(course_dir: CourseDir = None) -> None:
    """Look at this machine and say which of the grader's promises hold on it."""
    with _sentences():
        from autograder.grading.doctor import examine_machine

        healthy = True
        for finding in examine_machine(course_dir):
            healthy = healthy and finding.holds
            mark = "[green]✓[/]" if finding.holds else "[red]✗[/]"
            console.print(f"{mark} {finding.promise}: {escape(finding.says)}", soft_wrap=True)
    raise typer.Exit(0 if healthy else 1)


def _course_and_lessons(course_dir: Path | None, names: Sequence[str] | None) -> tuple[Any, list[Any]]:
    from autograder.authoring.course import find_course
    from autograder.authoring.sources import lesson_folders, load_lesson

    course = find_course(course_dir)
    folders = [course.lesson_folder(name) for name in names] if names else lesson_folders(course.solutions)
    return course, [load_lesson(folder) for folder in folders]


def _exit_stale(stale: Sequence[str]) -> None:
    for name in stale:
        console.print(f"stale: {name}", soft_wrap=True)
    if stale:
        console.print("Run `make course` and commit what changes.")
    raise typer.Exit(1 if stale else 0)


def _progress(total: int) -> AbstractContextManager[Callable[[Graded], None]]:
    from autograder.grading import progress

    return progress.shown(total, console)


def main(arguments: Sequence[str] | None = None) -> None:
    """The console script."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # several processes at a time: more threads would only fight
    os.environ["TRAINING_LOOPS_PROGRESS"] = "off"  # only a learner keeps a logbook; we run checks and drills of others
    app(args=list(arguments) if arguments is not None else None, prog_name="autograder")


if __name__ == "__main__":
    main()
