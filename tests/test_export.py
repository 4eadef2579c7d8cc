"""Export: the database's own points, in the form that each LMS reads, and nothing in it that a spreadsheet would run."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.api import Gradebook

from autograder.authoring.answers import answer_source, fill, reference_sources
from autograder.authoring.course import Course, find_course
from autograder.authoring.release import released
from autograder.authoring.sources import Lesson
from autograder.errors import InputError
from autograder.grading.export import Exported, export
from autograder.grading.scores import ScoresError, decimal_of
from autograder.grading.senders import Roster, read_roster
from autograder.grading.spreadsheet import TableError, as_text, harmless
from tests.conftest import copy_of_the_course
from tests.grading import cli, grade, submit
from tests.stock import nbgrader

pytestmark = pytest.mark.filterwarnings("ignore:Object of type <Submitted")  # nbgrader 0.9 with SQLAlchemy 2

LESSON = "01_loop_by_hand"
CELLS = {"check_mse": 2.0, "check_train": 3.0}
ROSTER = """id,Name,Email address,Canvas ID,SIS User ID,SIS Login ID,Section,ID number,Participant
ann,Ann Lee,ann.lee@uni.example,5001,S-77,al01,Monday,77,881
bjorn,"Kraus, Björn",bjoern@uni.example,5002,S-78,bk02,Monday,78,882
cho,Chloé D'Arcy,chloe@uni.example,5003,S-79,cd03,Tuesday,79,883
"""
CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Notes,Quiz (31),01 Loop by hand (32),Current Score,Final Score
,,,,,,,Manual Posting,,
    Points Possible,,,,,,10.00,5.00,(read only),(read only)
"D'Arcy, Chloé",5003,S-79,cd03,Tuesday,,7.00,EX,70,70
"Kraus, Björn",5002,S-78,bk02,Monday,"says ""hi"", twice",8.00,,80,80
"Lee, Ann",5001,S-77,al01,Monday,,9.00,1.00,90,90
"Student, Test",5999,,f00,Monday,,,,,
"""
MOODLE = """Identifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,Grade can be changed,Last modified (submission),Last modified (grade),Feedback comments
Participant 881,Ann Lee,77,ann.lee@uni.example,Submitted for grading,1.00,5.00,Yes,"Monday, 2 March 2026, 9:00 AM",-,
Participant 882,Björn Kraus,78,bjoern@uni.example,Submitted for grading,,5.00,Yes,-,-,"old, but kept"
Participant 883,Chloé D'Arcy,79,chloe@uni.example,No submission,,5.00,Yes,-,-,
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which Ann and Björn handed in and Cho did not. nbgrader takes seconds to make one."""
    path = tmp_path_factory.mktemp("database") / "gradebook.db"
    with Gradebook(f"sqlite:///{path}", "training_loops") as gradebook:
        gradebook.add_assignment(LESSON)
        gradebook.add_notebook(LESSON, LESSON)
        for name, points in CELLS.items():
            gradebook.add_grade_cell(name, LESSON, LESSON, max_score=points, cell_type="code")
        gradebook.add_solution_cell("mse", LESSON, LESSON)
        for student in ("ann", "bjorn", "cho"):
            gradebook.add_student(student)
    return path


@pytest.fixture
def course(course: Course, database: Path) -> Course:
    """A course with such a database."""
    shutil.copy(database, course.root)
    give(course, "ann", check_mse=2.0, check_train=0.0)
    give(course, "bjorn", check_mse=0.1, check_train=0.2)
    return course


@pytest.fixture
def roster(tmp_path: Path) -> Roster:
    return read_roster(written(tmp_path / "roster.csv", ROSTER))


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def give(course: Course, student: str, penalty: float | None = None, **scores: float | None) -> None:
    """Put automatic scores into the database."""
    with Gradebook(course.db_url, "training_loops") as gradebook:
        gradebook.update_or_create_student(student)
        gradebook.update_or_create_submission(LESSON, student)
        for name, score in scores.items():
            found = gradebook.find_grade(name, LESSON, LESSON, student)
            found.auto_score, found.needs_manual_grade = score, score is None
        if penalty is not None:
            gradebook.find_submission_notebook(LESSON, LESSON, student).late_submission_penalty = penalty
        gradebook.db.commit()


def exported(
    course: Course, to: str, roster: Roster | None = None, template: Path | None = None
) -> tuple[Exported, list[list[str]]]:
    """Export, and read the file back."""
    done = export(course, LESSON, to, course.root / f"{to}.csv", roster or Roster(), template)
    with done.path.open(encoding="utf-8-sig", newline="") as file:
        return done, list(csv.reader(file))


def by_id(rows: Sequence[Sequence[str]], column: str = "id") -> dict[str, dict[str, str]]:
    header, *body = rows
    return {row[header.index(column)]: dict(zip(header, row, strict=True)) for row in body}


# --- points -----------------------------------------------------------------------------------------


def test_points_are_written_without_what_adding_floats_leaves_behind(course: Course) -> None:
    found = by_id(exported(course, "csv")[1])["bjorn"]
    assert (found["check_mse"], found["check_train"], found["score"]) == ("0.1", "0.2", "0.3")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.1 + 0.2, "0.3"),
        (1 / 3, "0.3333333333333333"),
        (2.3 * 0.1, "0.23"),
        (100.0, "100"),
        (1e-7, "0.0000001"),
        (-0.5, "-0.5"),
        (-0.0, "0"),
        (12345678.25, "12345678.25"),
    ],
)
def test_a_number_is_the_shortest_decimal_in_full(number: float, text: str) -> None:
    assert as_text(decimal_of(number)) == text


@pytest.mark.slow
def test_all_numbers_are_those_of_nbgraders_own_export(course: Course) -> None:
    with Gradebook(course.db_url, "training_loops") as gradebook:
        one = gradebook.find_grade("check_train", LESSON, LESSON, "ann")
        one.manual_score, one.extra_credit = 1.25, 0.75
        gradebook.update_or_create_assignment(LESSON, duedate="2026-01-31 11:00:00.000000 UTC")
        gradebook.update_or_create_submission(LESSON, "ann", timestamp="2026-01-31 12:00:00.000000 UTC")
        gradebook.db.commit()
    give(course, "ann", penalty=0.4)
    give(course, "below-zero", penalty=3.0, check_mse=1.0, check_train=1.5)
    nbgrader(course, "export", "--to", "stock.csv")

    stock = by_id(list(csv.reader((course.root / "stock.csv").open())), "student_id")
    ours = by_id(exported(course, "csv")[1])

    assert ours["ann"]["score"] == "3.6"
    assert ours["ann"]["late_seconds"] == "3600"
    assert ours["below-zero"]["score"] == "0"
    assert set(ours) == set(stock)
    for student in ("ann", "bjorn", "below-zero"):
        assert float(ours[student]["score"]) == pytest.approx(float(stock[student]["score"]), abs=1e-12)
        assert float(ours[student]["penalty"]) == float(stock[student]["late_submission_penalty"])
        assert float(ours[student]["max_score"]) == float(stock[student]["max_score"])
        points = sum(float(ours[student][name]) for name in CELLS)
        assert points == pytest.approx(float(stock[student]["raw_score"]), abs=1e-12)


def test_who_handed_in_nothing_has_no_score_and_not_zero(course: Course, roster: Roster) -> None:
    give(course, "zed", check_mse=0.0, check_train=0.0)
    done, rows = exported(course, "csv")
    assert (by_id(rows)["cho"]["score"], by_id(rows)["zed"]["score"]) == ("", "0")
    assert done.problems == ()


def test_the_roster_says_who_is_in_the_class(course: Course, tmp_path: Path) -> None:
    with Gradebook(course.db_url, "training_loops") as gradebook:
        gradebook.add_student("left-the-course")
    done, rows = exported(course, "csv", read_roster(written(tmp_path / "r.csv", "id,name\nann,Ann\nnew,Nia New\n")))
    assert list(by_id(rows)) == ["ann", "bjorn", "new"]
    assert by_id(rows)["new"] | {"id": "", "name": "", "max_score": ""} == dict.fromkeys(rows[0], "")
    assert done.problems == ("bjorn is not in the roster.",)


def test_what_needs_a_person_is_exported_and_told(course: Course) -> None:
    give(course, "ann", check_train=None)
    done, rows = exported(course, "csv")
    assert (by_id(rows)["ann"]["score"], by_id(rows)["ann"]["check_train"]) == ("2", "")
    assert (by_id(rows)["ann"]["needs_manual_grade"], by_id(rows)["bjorn"]["needs_manual_grade"]) == ("yes", "no")
    assert done.problems == ("ann is to be graded by hand (check_train); the score is what there is so far.",)


def test_work_that_was_not_graded_is_told(course: Course) -> None:
    (course.submitted / "cho" / LESSON).mkdir(parents=True)
    done, _ = exported(course, "csv")
    assert done.problems == (f"cho handed in and is not graded; run `autograder grade {LESSON}`.",)


@pytest.mark.parametrize("to", ["csv", "canvas", "moodle"])
def test_the_database_is_only_read(to: str, course: Course) -> None:
    database = course.root / "gradebook.db"
    before = database.read_bytes()
    exported(course, to)
    assert database.read_bytes() == before


def test_a_course_that_was_renamed_is_read_and_not_added(course: Course) -> None:
    before = (course.root / "gradebook.db").read_bytes()
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write("\nc.CourseDirectory.course_id = 'another'\n")
    _, rows = exported(find_course(course.root), "csv")
    assert by_id(rows)["ann"]["score"] == "2"
    assert (course.root / "gradebook.db").read_bytes() == before


# --- formulas ---------------------------------------------------------------------------------------

HOSTILE = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1+1", '=HYPERLINK("http://x")']


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_spreadsheet_would_compute_is_made_text(text: str) -> None:
    assert harmless(text).startswith("'")


@pytest.mark.parametrize(
    "text", ["", "-", "-5", "-0,5", "Ann", "al-01", "    Points Possible", "'=1", "ann@uni.example"]
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


@given(st.text())
def test_no_text_at_all_begins_a_formula(text: str) -> None:
    found = harmless(text)
    assert found.lstrip()[:1] not in ("=", "+", "@")
    assert not found.startswith(("\t", "\r"))
    assert not found.startswith("-") or found == "-" or found[1].isdigit()


@pytest.mark.parametrize("to", ["csv", "canvas", "moodle"])
def test_hostile_names_and_ids_come_through_every_table_as_text(to: str, course: Course) -> None:
    hostile = [*HOSTILE, 'a"b,c\nd', "\x1b[31mred"]
    for text in hostile:
        with Gradebook(course.db_url, "training_loops") as gradebook:
            gradebook.add_student(text, first_name=text, last_name=text, email=text, lms_user_id=text)
        give(course, text, check_mse=-0.5, check_train=1.25)
    done, rows = exported(course, to)
    assert {len(row) for row in rows} == {len(rows[0])}
    assert [cell for row in rows for cell in row if cell != harmless(cell) or "\x1b" in cell] == []
    assert sum("0.75" in row for row in rows) == len(hostile)
    assert sum("-0.5" in row for row in rows) == (len(hostile) if to == "csv" else 0)
    assert [line for line in str(done).splitlines() if not line.isprintable()] == []


# --- Canvas -----------------------------------------------------------------------------------------


def test_canvas_gets_its_own_columns_in_its_own_order(course: Course, roster: Roster) -> None:
    done, rows = exported(course, "canvas", roster)
    assert rows == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", LESSON],
        ["    Points Possible", "", "", "", "", "5"],
        ["Ann Lee", "5001", "S-77", "al01", "Monday", "2"],
        ["Kraus, Björn", "5002", "S-78", "bk02", "Monday", "0.3"],
        ["Chloé D'Arcy", "5003", "S-79", "cd03", "Tuesday", ""],
    ]
    assert done.problems == ()
    assert not done.path.read_bytes().startswith(b"\xef\xbb\xbf")  # Canvas would keep it in the first title


def test_canvas_own_export_is_filled_in_and_all_else_in_it_stays(
    course: Course, roster: Roster, tmp_path: Path
) -> None:
    done, rows = exported(course, "canvas", roster, written(tmp_path / "canvas.csv", CANVAS))
    assert rows == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "01 Loop by hand (32)"],
        ["", "", "", "", "", "Manual Posting"],
        ["    Points Possible", "", "", "", "", "5.00"],
        ["D'Arcy, Chloé", "5003", "S-79", "cd03", "Tuesday", "EX"],
        ["Kraus, Björn", "5002", "S-78", "bk02", "Monday", "0.3"],
        ["Lee, Ann", "5001", "S-77", "al01", "Monday", "2"],
        ["Student, Test", "5999", "", "f00", "Monday", ""],
    ]
    assert done.problems == ()
    assert "Nothing is known here of Student, Test 5999" in str(done)


def test_a_learner_who_is_in_no_row_is_told(course: Course, tmp_path: Path) -> None:
    text = "\n".join(line for line in CANVAS.splitlines() if "Björn" not in line)
    give(course, "eve", check_mse=1.0, check_train=1.0)
    done, rows = exported(course, "canvas", template=written(tmp_path / "canvas.csv", text))
    assert "bjorn is in no row of canvas.csv." in done.problems
    assert "eve is in no row of canvas.csv." in done.problems
    assert by_id(rows, "ID")["5001"]["01 Loop by hand (32)"] == "1.00"  # nothing here says that al01 is ann


def test_learners_that_collect_called_after_what_the_lms_says_are_found_again(course: Course, tmp_path: Path) -> None:
    give(course, "leeann-5001", check_mse=1.5, check_train=0.0)
    _, rows = exported(course, "canvas", template=written(tmp_path / "canvas.csv", CANVAS))
    assert by_id(rows, "ID")["5001"]["01 Loop by hand (32)"] == "1.5"
    give(course, "Bjorn-Kraus-882", check_mse=0.5, check_train=0.0)
    _, rows = exported(course, "moodle", template=written(tmp_path / "moodle.csv", MOODLE))
    assert by_id(rows, "Identifier")["Participant 882"]["Grade"] == "0.5"


def test_identifiers_of_two_learners_in_one_row_give_nobody_a_score(course: Course, tmp_path: Path) -> None:
    confused = ROSTER.replace("5002", "5001").replace(
        "5001,S-77", "5002,S-77"
    )  # Ann's number in Canvas is Björn's here
    known = read_roster(written(tmp_path / "roster.csv", confused))
    done, rows = exported(course, "canvas", known, written(tmp_path / "canvas.csv", CANVAS))
    assert by_id(rows, "ID")["5001"]["01 Loop by hand (32)"] == "1.00"
    assert "Lee, Ann 5001 of canvas.csv may be ann or bjorn." in done.problems


def test_which_assignment_of_an_export_is_meant_must_be_plain(course: Course, tmp_path: Path) -> None:
    two = written(tmp_path / "two.csv", CANVAS.replace("01 Loop by hand", "Lesson one"))
    with pytest.raises(TableError, match="There are: Quiz, Lesson one"):
        exported(course, "canvas", template=two)
    one = written(tmp_path / "one.csv", CANVAS.replace("01 Loop by hand", "Lesson one").replace("Quiz (31)", "Quiz"))
    done, rows = exported(course, "canvas", template=one)
    assert rows[0][-1] == "Lesson one (32)"
    assert "The scores are in the column Lesson one (32)." in done.said


def test_other_maximum_points_are_told_and_nothing_is_converted(course: Course, roster: Roster, tmp_path: Path) -> None:
    for to, text, points in (("canvas", CANVAS, "5.00,(read"), ("moodle", MOODLE, "5.00,Yes")):
        other = written(tmp_path / f"{to}.csv", text.replace(points, points.replace("5.00", "100.00")))
        done, rows = exported(course, to, roster, other)
        assert f"{to}.csv says 100.00 points at most, the lesson has 5. Points are not converted." in done.problems
        assert "0.3" in {cell for row in rows for cell in row}


def test_a_template_keeps_its_separator(course: Course, roster: Roster, tmp_path: Path) -> None:
    rows = [";".join(f'"{cell}"' for cell in row) for row in csv.reader(CANVAS.replace('""', "").splitlines())]
    done, _ = exported(course, "canvas", roster, written(tmp_path / "canvas.csv", "\ufeff" + "\n".join(rows)))
    assert "Lee, Ann;5001;S-77;al01;Monday;2" in done.path.read_text(encoding="utf-8").splitlines()


# --- Moodle -----------------------------------------------------------------------------------------


def test_moodles_worksheet_is_filled_in_and_all_else_in_it_stays(
    course: Course, roster: Roster, tmp_path: Path
) -> None:
    template = written(tmp_path / "moodle.csv", MOODLE)
    done, rows = exported(course, "moodle", roster, template)
    expected = list(csv.reader(MOODLE.splitlines()))
    expected[1][5], expected[2][5] = "2", "0.3"
    assert rows == expected
    assert done.problems == ()


def test_moodle_without_a_worksheet_gets_a_table_for_its_gradebook(course: Course, roster: Roster) -> None:
    done, rows = exported(course, "moodle", roster)
    assert by_id(rows, "Identifier")["Participant 882"] == {
        "Identifier": "Participant 882",
        "Full name": "Kraus, Björn",
        "ID number": "78",
        "Email address": "bjoern@uni.example",
        "Grade": "0.3",
        "Maximum Grade": "5",
        "Last modified (grade)": "-",
    }
    assert done.problems == ()
    assert done.path.read_bytes().startswith(b"\xef\xbb\xbf")  # Excel needs it, Moodle takes it off


def test_a_learner_without_address_and_number_is_told(course: Course) -> None:
    done, _ = exported(course, "moodle")
    assert "ann: Moodle needs an address or a number; give the roster a column with it." in done.problems


# --- Gradescope -------------------------------------------------------------------------------------


def results(course: Course) -> Mapping[str, dict]:
    export(course, LESSON, "gradescope", course.root / "out", Roster())
    return {path.stem: json.loads(path.read_text()) for path in (course.root / "out").iterdir()}


def test_gradescope_gets_a_result_for_each_who_handed_in(course: Course) -> None:
    give(course, "bjorn", penalty=0.1)
    with Gradebook(course.db_url, "training_loops") as gradebook:
        gradebook.find_grade("check_train", LESSON, LESSON, "ann").manual_score = 3.0
        gradebook.find_comment("mse", LESSON, LESSON, "ann").manual_comment = "Nicely done."
        gradebook.db.commit()
    found = results(course)
    assert set(found) == {"ann", "bjorn"}
    assert found["ann"]["score"] == 5
    assert found["ann"]["output"] == "mse: Nicely done."
    assert [(one["name"], one["score"], one["max_score"], one["status"]) for one in found["ann"]["tests"]] == [
        ("check_mse", 2, 2, "passed"),
        ("check_train", 3, 3, "passed"),
    ]
    assert found["ann"]["tests"][1]["output"] == "A person gave these points."
    assert (found["bjorn"]["score"], found["bjorn"]["output"]) == (0.2, "Late: 0.1 points less.")
    assert {test["visibility"] for one in found.values() for test in one["tests"]} == {"visible"}


def test_what_nobody_graded_has_no_score_in_gradescope(course: Course) -> None:
    give(course, "ann", check_train=None)
    test = results(course)["ann"]["tests"][1]
    assert "score" not in test
    assert test["output"] == "A person has not graded this yet."


def test_no_id_leads_out_of_the_folder(course: Course) -> None:
    give(course, "../outside", check_mse=1.0, check_train=0.0)
    done = export(course, LESSON, "gradescope", course.root / "deep" / "out", Roster())
    assert "../outside is no name for a file; there is none for this learner." in done.problems
    assert {path.name for path in (course.root / "deep").rglob("*")} == {"out", "ann.json", "bjorn.json"}


# --- a graded class ---------------------------------------------------------------------------------

PLUGIN = """
from nbgrader.plugins import LateSubmissionPlugin

class Tenth(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return score * 0.1

c.AssignLatePenalties.plugin_class = Tenth
"""


@pytest.mark.slow
def test_a_graded_class_with_the_courses_own_penalty(tmp_path: Path, lessons: Mapping[str, Lesson]) -> None:
    """What was graded arrives: the penalty of nbgrader_config.py, and in Gradescope the words of the cards."""
    name, course = "00_orientation", copy_of_the_course(tmp_path / "graded")
    given, right = released(lessons[name].notebook), reference_sources(lessons[name])
    wrong = next(one for one in lessons[name].mistakes if one.exercise == "residuals")
    late = submit(course, name, "ann", fill(given, right)).with_name("timestamp.txt")
    late.write_text("2026-01-31 12:00:00.000000 UTC")
    submit(course, name, "bob", fill(given, {**right, "residuals": answer_source(lessons[name], wrong)}))
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(PLUGIN)
    grade(course, name)
    with Gradebook(course.db_url, "training_loops") as gradebook:
        gradebook.update_or_create_assignment(name, duedate="2026-01-31 11:59:00.000000 UTC")
    graded = {row["student"]: row["score"] for row in grade(course, name)["submissions"]}

    export(course, name, "csv", course.root / "a.csv", Roster())
    export(course, name, "gradescope", course.root / "out", Roster())

    with (course.root / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        found = by_id(list(csv.reader(file)))
    assert (found["ann"]["late_seconds"], found["bob"]["late_seconds"]) == ("60", "0")
    assert float(found["ann"]["penalty"]) == pytest.approx(graded["ann"] / 10)
    assert float(found["ann"]["score"]) == pytest.approx(graded["ann"] * 0.9)
    assert float(found["bob"]["score"]) == graded["bob"]
    in_order = [f"check_{exercise}" for exercise in lessons[name].exercises]
    assert list(found["ann"])[-len(in_order) :] == in_order
    tests = {test["name"]: test for test in json.loads((course.root / "out" / "bob.json").read_text())["tests"]}
    assert tests["check_residuals"]["status"] == "failed"
    assert " ".join(wrong.message.split()[:4]) in tests["check_residuals"]["output"]
    assert tests["check_column_mean"]["status"] == "passed"


# --- the command line -------------------------------------------------------------------------------


def test_the_command_writes_a_file_and_says_what_needs_a_person(course: Course) -> None:
    done = cli("export", LESSON, "--to", "csv", folder=course.root)
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 scores of 3 learners" in done.stdout
    assert (course.root / f"{LESSON}-csv.csv").is_file()
    give(course, "ann", check_train=None)
    done = cli("export", LESSON, "--to", "csv", "--out", "other.csv", folder=course.root)
    assert done.returncode == 1
    assert "Needs a person: ann is to be graded by hand" in done.stdout
    assert (course.root / "other.csv").is_file()


@pytest.mark.parametrize(
    ("to", "template", "said"),
    [
        ("csv", CANVAS, "csv has none"),
        ("canvas", None, "template.csv cannot be read"),
        ("canvas", MOODLE, "is no gradebook that Canvas exported"),
        ("canvas", "", "template.csv is empty"),
        ("moodle", CANVAS, "is no grading worksheet of Moodle"),
    ],
)
def test_a_template_of_something_else_is_a_sentence(
    to: str, template: str | None, said: str, course: Course, tmp_path: Path
) -> None:
    path = tmp_path / "template.csv"
    if template is not None:
        written(path, template)
    with pytest.raises(InputError, match=said):
        exported(course, to, template=path)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["02_losses", "--to", "csv"], "was not graded here yet"),
        ([LESSON, "--to", "csv", "--out", "no/x.csv"], "written"),
    ],
)
def test_bad_input_gets_a_sentence_and_exit_code_2(arguments: list[str], said: str, course: Course) -> None:
    done = cli("export", *arguments, folder=course.root)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_without_a_database_nothing_is_made(course: Course) -> None:
    (course.root / "gradebook.db").unlink()
    with pytest.raises(ScoresError, match="grade the lesson first"):
        exported(course, "csv")
    assert not (course.root / "gradebook.db").exists()


def test_a_file_that_is_no_database_is_a_sentence(course: Course) -> None:
    (course.root / "gradebook.db").write_text("not a database at all, but long enough to look like one" * 20)
    with pytest.raises(ScoresError, match="cannot be read"):
        exported(course, "csv")
