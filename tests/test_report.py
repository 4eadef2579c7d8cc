"""Report: what to teach, who needs what and who did how, from a class that was really graded; no name where none may be."""

from __future__ import annotations

import html
import re
import shutil
import sqlite3
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import mean

import nbformat
import pytest

from autograder.authoring.answers import answer_source, fill, reference_sources
from autograder.authoring.course import Course, find_course
from autograder.authoring.release import released
from autograder.authoring.sources import grade_id, load_lesson
from autograder.grading.archive import newest_run
from autograder.grading.pseudonyms import pseudonyms, without_names
from autograder.grading.report import course_page, lesson_page
from autograder.grading.scores import Points, points_of
from autograder.grading.summary import class_of, histogram
from tests.conftest import copy_of_the_course
from tests.grading import cli, grade, row_of, submit
from tests.made_up_class import HOSTILE, made_up_report
from tests.ordinary_course import EVERYTHING, hand_in, make_course

LESSON = "01_loop_by_hand"
WRITTEN = "written_why"
RIGHT, HALF, ALSO_HALF = "zelda.zacharias@uni.example", "yusuf_yilmaz", "xenia-xu"
ODD, STOPS, NO_FILE, NO_ID = "victor+vale", "ursula", "sara.surname", "nobody <i>at all"
IDENTIFYING = [
    *("zelda", "zacharias", "uni.example", "yusuf", "yilmaz", "xenia", "victor", "vale", "ursula", "sara", "surname"),
    *("nobody <", "nobody &lt;", "homework", "submitted/", "autograded/", "was here"),
]

slow = pytest.mark.slow  # needs the graded class


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A graded class of seven, of which one has been graded by hand as well, with both kinds of report."""
    course = copy_of_the_course(tmp_path_factory.mktemp("report") / "class")
    ask_for_words(course)
    lesson = load_lesson(course.lesson_folder(LESSON))
    given, right = released(lesson.notebook), reference_sources(lesson)
    half = next(
        item for item in lesson.mistakes if (item.exercise, item.name) == ("mse_gradient", "missing_factor_two")
    )
    wrong = {"mse_gradient": answer_source(lesson, half)}
    odd = {"mse": "def mse(predictions, y):\n    return 42.0 + float(np.mean((predictions - y) ** 2))"}
    stops = {"mse": "def mse(predictions, y):\n    raise ValueError('ursula was here <script>alert(1)</script>')"}
    answers = {RIGHT: {}, HALF: wrong, ALSO_HALF: wrong, ODD: odd, STOPS: stops}
    for student, changed in answers.items():
        work = fill(given, {**right, **changed})
        if student in (RIGHT, HALF):
            next(cell for cell in work.cells if grade_id(cell) == WRITTEN).source = "Because it converges."
        submit(course, LESSON, student, work)
    submit(course, LESSON, NO_ID, given)
    (course.submitted / NO_FILE / LESSON).mkdir(parents=True)
    (course.submitted / NO_FILE / LESSON / "Sara Surname <b>homework.docx").write_text("Hello.")
    grade(course, LESSON)
    with sqlite3.connect(course.root / "gradebook.db") as database:
        database.execute(
            "update grade set manual_score = 2.5, needs_manual_grade = 0 where cell_id in"
            " (select id from base_cell where name = ?) and notebook_id in (select n.id from submitted_notebook n"
            " join submitted_assignment a on n.assignment_id = a.id where a.student_id = ?)",
            (WRITTEN, RIGHT),
        )
    for options in ((), ("--hide-names", "--out", "shown")):
        done = cli("report", *options, folder=course.root)
        assert (done.returncode, done.stderr) == (0, "")
    return course


def ask_for_words(course: Course) -> None:
    """Give the lesson a question that is answered in words, for 3 points."""
    path = course.solutions / LESSON / f"{LESSON}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    marks = {"grade_id": WRITTEN, "grade": True, "solution": True, "locked": False, "task": False, "schema_version": 3}
    cell = nbformat.v4.new_markdown_cell("YOUR ANSWER HERE", id="why", metadata={"nbgrader": {**marks, "points": 3}})
    notebook.cells.append(cell)
    nbformat.write(notebook, path)


def page_of(course: Course, name: str = f"{LESSON}.html", folder: str = "reports") -> str:
    return (course.root / folder / name).read_text()


def section(page: str, name: str) -> str:
    """The HTML of a section."""
    found = re.search(rf'<section aria-labelledby="{name}">(.*?)</section>', page, re.DOTALL)
    assert found, name
    return found[1]


def text(part: str) -> str:
    """What a part of a page says."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", part.replace("<wbr>", ""))).split())


def rows(part: str) -> list[str]:
    """What each row of the tables in a part says."""
    return [text(row) for row in re.findall(r"<tr[^>]*>(.*?)(?=<tr|</tbody>|</thead>)", part, re.DOTALL)]


def row(part: str, name: str) -> str:
    return next(said for said in rows(part) if said.startswith(name))


@slow
def test_what_to_teach_comes_first_with_its_message(course: Course) -> None:
    page = page_of(course)
    first = re.search(r"<section.*?</section>", page, re.DOTALL)
    assert first
    said = text(first[0])
    assert "mse_gradient : missing_factor_two , 2 learners (29 %)" in said
    assert "What does the derivative of a square bring?" in said
    assert "4 answers are wrong or stopped in a way that nobody has named yet" in said


@slow
def test_points_are_the_gradebooks_with_those_of_a_person(course: Course) -> None:
    results = {item["student"]: item["score"] for item in grade(course, LESSON)["submissions"]}
    learners = section(page_of(course), "learners")
    assert row(learners, RIGHT).split()[1] == f"{results[RIGHT] + 2.5:g}"
    assert row(learners, HALF).split()[1] == f"{results[HALF]:g}"
    assert row(learners, NO_FILE).split()[1] == "?"
    graded = [results[HALF], results[ALSO_HALF], results[ODD], results[STOPS], results[RIGHT] + 2.5]
    assert f"mean {mean(graded):.1f}" in text(page_of(course))
    assert row(section(page_of(course, "index.html"), "learners"), RIGHT).split()[1] == f"{results[RIGHT] + 2.5:g}"


@slow
def test_the_distribution_can_be_seen_and_read(course: Course) -> None:
    scores = section(page_of(course), "scores")
    said = re.search(r'<svg[^>]*role="img" aria-label="([^"]*)"', scores)
    assert said
    read = dict(re.findall(r"(\d+–\d+): (\d+) learner", said[1]))
    table = dict(re.findall(r"(\d+–\d+) (\d+)", " ".join(rows(scores))))
    assert read == table
    assert sum(map(int, table.values())) == 5


@slow
def test_exercises_are_counted_by_how_learners_stand(course: Course) -> None:
    page = page_of(course)
    words = ["correct", "known mistake", "unnamed", "error", "timeout", "not attempted", "not graded"]
    counts = dict(zip(words, map(int, row(section(page, "exercises"), "mse ").split()[1:]), strict=True))
    assert counts == dict.fromkeys(words, 0) | {"correct": 3, "unnamed": 1, "error": 1, "not graded": 2}
    assert row(section(page, "unnamed"), "mse ") == "mse 1 1 0"
    assert not any(said.startswith("mse_gradient") for said in rows(section(page, "unnamed")))


@slow
def test_each_mistake_is_told_with_its_number_and_who_made_it(course: Course) -> None:
    mistakes = section(page_of(course), "mistakes")
    assert row(mistakes, "mse_gradient") == "mse_gradient missing_factor_two 2"
    told = row(mistakes, "missing_factor_two mse_gradient 2")
    assert told.endswith(f"What does the derivative of a square bring? {ALSO_HALF} , {HALF}")


@slow
def test_what_needs_a_person_leads_to_the_work(course: Course) -> None:
    part = section(page_of(course), "person")
    assert f"{WRITTEN} has no score yet: grade it by hand. {HALF}" in text(part)
    assert RIGHT not in part  # graded by hand already
    assert "No notebook was found" in text(part)
    links = re.findall(r'href="([^"]*)"', part)
    assert f"../autograded/{HALF}/{LESSON}/" in links
    assert len(links) == 2
    for link in links:
        assert (course.root / "reports" / html.unescape(link)).resolve().is_dir()
    assert text(section(page_of(course, "index.html"), "lessons")).endswith(" 3")


@slow
def test_the_time_of_each_exercise_is_in_the_archive_and_in_no_notebook(course: Course) -> None:
    with newest_run(course, LESSON) as run:
        seconds = {one.student: one.seconds for one in run.rows()}
    assert all(0 < time < 60 for time in seconds[RIGHT].values())
    assert len(seconds[RIGHT]) == 8
    assert seconds[NO_FILE] == {}
    assert "seconds" not in (course.autograded / RIGHT / LESSON / f"{LESSON}.ipynb").read_text()
    assert re.fullmatch(r"train (< )?[\d.]+ s (< )?[\d.]+ s none", row(section(page_of(course), "time"), "train"))


@slow
def test_problems_with_files_are_listed(course: Course) -> None:
    said = text(section(page_of(course), "files"))
    assert "The folder's name is no learner's id" in said
    assert "only Sara Surname <b>homework.docx" in said


@slow
def test_nothing_of_a_learner_is_markup(course: Course) -> None:
    page = page_of(course)
    assert "ursula was here &lt;script&gt;alert(1)&lt;/script&gt;" in page
    for harmful in ("<script", "<i>", "<b>homework"):
        assert harmful not in page + page_of(course, "index.html")


@slow
@pytest.mark.parametrize("name", ["index.html", f"{LESSON}.html"])
def test_a_page_needs_nothing_but_itself(name: str, course: Course) -> None:
    for folder in ("reports", "shown"):
        page = page_of(course, name, folder)
        assert not re.search(r"https?:|\ssrc=|@import|url\(|<link|<script", page)


@slow
@pytest.mark.parametrize("name", ["index.html", f"{LESSON}.html"])
def test_hidden_names_are_nowhere(name: str, course: Course) -> None:
    shown, open_page = page_of(course, name, "shown"), page_of(course, name)
    assert [word for word in IDENTIFYING if word in shown.lower()] == []
    assert all(word in open_page.lower() for word in ("zelda", "yusuf", "xenia", "victor", "ursula", "sara"))
    assert all(f"Learner {number}" in shown for number in range(1, 8))


@slow
def test_hidden_names_leave_what_can_be_taught_and_one_number_to_each(course: Course) -> None:
    page, index = page_of(course, folder="shown"), page_of(course, "index.html", "shown")
    assert text(section(page, "teach")) == text(section(page_of(course), "teach"))
    assert row(section(page, "unnamed"), "mse ") == "mse 1 1 0"

    def points(part: str) -> dict[str, str]:
        return dict(re.findall(r"^(Learner \d+) (\S+)", "\n".join(rows(part)), re.MULTILINE))

    totals = {name: said.replace("?", "0") for name, said in points(section(page, "learners")).items()}
    assert totals == points(section(index, "learners"))
    assert len(totals) == 7


@slow
def test_without_a_gradebook_the_points_are_the_runs_and_no_database_is_made(course: Course, tmp_path: Path) -> None:
    moved = find_course(shutil.copytree(course.root, tmp_path / "moved"))
    (moved.root / "gradebook.db").unlink()
    assert cli("report", LESSON, folder=moved.root).returncode == 0
    assert row(section(page_of(moved), "learners"), RIGHT).split()[1] == "17"
    assert not (moved.root / "gradebook.db").exists()


@slow
def test_reading_the_gradebook_changes_nothing_in_it(course: Course) -> None:
    path = course.root / "gradebook.db"
    before = path.read_bytes()
    assert points_of(course, LESSON)[RIGHT] == Points(19.5, 20.0)
    assert points_of(course, "no_such_lesson") == {}
    assert path.read_bytes() == before


@slow
def test_a_lesson_whose_newest_run_has_less_says_so(course: Course, tmp_path: Path) -> None:
    changed = find_course(shutil.copytree(course.root, tmp_path / "changed"))
    with (changed.solutions / LESSON / "mistakes.py").open("a") as file:
        file.write("\n# another version\n")
    assert row_of(grade(changed, LESSON, "--student", HALF), HALF)
    assert cli("report", folder=changed.root).returncode == 0
    said = text(section(page_of(changed), "person"))
    assert "Graded in an earlier run" in said
    assert said.index("Graded in an earlier run") < said.index(RIGHT)
    assert row(section(page_of(changed), "learners"), RIGHT).split()[1:3] == ["19.5", "–"]


@slow
def test_an_ordinary_course_is_reported_too(tmp_path: Path) -> None:
    ordinary = make_course(tmp_path, EVERYTHING)
    hand_in(ordinary, EVERYTHING, "ann", {})
    grade(ordinary, EVERYTHING)
    assert cli("report", folder=ordinary.root).returncode == 0
    assert 'href="hw%202.html"' in page_of(ordinary, "index.html")
    page = page_of(ordinary, f"{EVERYTHING}.html")
    assert row(section(page, "exercises"), "test_magics") == "test_magics 1 0 0 0 0 0 0"
    assert "show has no score yet: grade it by hand. ann" in text(section(page, "person"))
    assert "rejudge" not in page  # there is nothing to judge again


@pytest.mark.parametrize(
    ("lesson", "said"),
    [("", "No lesson was graded"), (LESSON, f"{LESSON} was not graded here yet"), ("02_lossses", "There is no lesson")],
)
def test_without_a_graded_class_there_is_one_sentence(lesson: str, said: str, tmp_path: Path) -> None:
    empty = copy_of_the_course(tmp_path / "empty")
    done = cli("report", *[lesson][: len(lesson)], folder=empty.root)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (empty.root / "reports").exists()


@slow
def test_a_folder_that_cannot_be_written_is_one_sentence(course: Course) -> None:
    done = cli("report", "--out", course.root / "results.json", folder=course.root)
    assert done.returncode == 2
    assert "name a folder with --out" in done.stderr
    assert "Traceback" not in done.stderr


# --- without a graded class ----------------------------------------------------------------------------


def test_a_class_of_5000_is_a_page_that_a_browser_can_bear() -> None:
    report = made_up_report(5_000)
    page, index = lesson_page(report), course_page([report])
    assert len(page.encode("utf-8", "replace")) < 5_000_000
    assert len(index.encode()) < 500_000
    learners = section(page, "learners")
    assert learners.count("<details>") == 20  # closed, 250 rows each
    assert page.count("<div popover") < 5_000 * 8 * 0.15  # what many are told is there once


def test_hostile_words_stay_words() -> None:
    report = made_up_report(60)
    learners = [replace(one, name=f"{one.name}{HOSTILE}") for one in report.learners]
    page = lesson_page(replace(report, lesson=f"x{HOSTILE}", learners=tuple(learners)))
    assert "<script" not in page
    assert html.escape(HOSTILE) in page.replace("&#39;", "&#x27;")


def test_numbers_follow_no_order_of_the_names_and_differ_from_report_to_report() -> None:
    students = [f"student{number:03d}" for number in range(200)]
    orders = [list(pseudonyms(students, secret)) for secret in (b"one", b"two")]
    assert sorted(orders[0]) == sorted(orders[1]) == students
    assert orders[0] != orders[1]
    in_order = sum(a < b for a, b in pairwise(orders[0]))
    assert 70 < in_order < 130
    assert list(pseudonyms(reversed(students), b"one")) == orders[0]


def test_learners_words_are_taken_out_of_the_data() -> None:
    learners = made_up_report(60).learners
    hidden = without_names(learners, pseudonyms([one.name for one in learners], b"secret"))
    assert [one.name for one in hidden] == [f"Learner {number}" for number in range(1, 61)]
    assert "learner-" not in repr(hidden)
    assert "ValueError" in repr(learners)
    assert not re.search(r"ValueError|alert|instead of|PDF|check_mse", repr(hidden))


def test_scores_fall_into_bins_that_end_at_full_marks() -> None:
    bins = histogram([0, 0.5, 16.9, 17, 20, -1], 17)
    assert [one.label for one in bins] == ["0–1", "2–3", "4–5", "6–7", "8–9", "10–11", "12–13", "14–15", "16–17"]
    assert [one.count for one in bins] == [3, 0, 0, 0, 0, 0, 0, 0, 3]
    assert [one.label for one in histogram([1], 1)] == ["0", "1"]
    assert [one.label for one in histogram([], 0.5)] == ["0"]
    assert histogram([], 30)[0].label == "0"
    assert len(histogram([], 1000)) == 12


def test_a_learner_without_a_row_and_a_row_without_points_are_both_in_the_class() -> None:
    row = made_up_report(2).learners[0].row
    assert row is not None
    assert [one.name for one in class_of([row], {"ann": Points(1, 2)})] == ["ann", row.student]
