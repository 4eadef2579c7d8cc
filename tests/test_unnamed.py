"""Unnamed mistakes: what many got wrong in the same way is one cluster, and naming it tells exactly these learners."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from markupsafe import escape
from typer.testing import CliRunner, Result

from autograder.authoring.answers import answer_source, fill, reference_sources
from autograder.authoring.course import Course, find_course
from autograder.authoring.release import released
from autograder.authoring.sources import Lesson
from autograder.cli import app
from autograder.grading.archive import newest_run
from autograder.grading.entry import EntryError
from autograder.grading.rejudge import rejudge, store
from autograder.grading.report import write_reports
from autograder.grading.unnamed import Cluster, draft, unnamed_mistakes, write
from tests.conftest import copy_of_the_course
from tests.grading import cli, grade, submit

pytestmark = pytest.mark.slow

LESSON = "00_orientation"
# The sum over one more than the number of rows, as twelve people write it: the last bits differ.
TWELVE = {
    "p01": "def column_mean(X):\n    return X.sum(axis=0) / (len(X) + 1)",
    "p02": "def column_mean(X):\n    return X.mean(axis=0) * len(X) / (len(X) + 1)",
    "p03": """
def column_mean(X):
    means = []
    for column in X.T:
        total, count = 0.0, 1
        for value in column:
            total += value
            count += 1
        means.append(total / count)
    return means
""",
    "p04": "def column_mean(X):\n    return sum(row / (len(X) + 1) for row in X[::-1])",
    "p05": "def column_mean(X):\n    n = X.shape[0] + 1\n    return np.full(len(X), 1 / n) @ X",
    "p06": "def column_mean(X):\n    return np.einsum('nd->d', X) / np.float64(X.shape[0] + 1)",
    "p07": """
import math

def column_mean(X):
    return np.array([math.fsum(column) / (len(column) + 1) for column in X.T])
""",
    "p08": "def column_mean(X: np.ndarray) -> np.ndarray:\n    return np.vstack([np.zeros(X.shape[1]), X]).mean(axis=0)",
    "p09": "def column_mean(X):\n    return np.cumsum(X[::-1], axis=0)[-1] / (1 + len(X))",
    "p10": """
def halves(rows):
    if len(rows) == 1:
        return rows[0]
    middle = len(rows) // 2
    return halves(rows[:middle]) + halves(rows[middle:])


def column_mean(X):
    return halves(X) / (len(X) + 1)
""",
    "p11": """
def column_mean(X):
    mean = np.zeros(X.shape[1])
    for seen, row in enumerate(X, start=2):
        mean += (row - mean) / seen
    return mean
""",
    "p12": "column_mean = lambda X: np.average(np.r_[X, X[:1] * 0], axis=0)",
}
# Neighbours are within the tolerance of 1e-6, the ends are not.
CHAIN = {f"q{k}": f"def column_mean(X):\n    return X.sum(axis=0) / (len(X) + 2) * (1 + {k} * 8e-7)" for k in range(3)}
STOPPED = {
    "r1": "def column_mean(X):\n    return X.mean(axis=7)",
    "r2": "def column_mean(X):\n    return sum(np.swapaxes(X, 0, 2)) / len(X)",
    "r3": "def column_mean(X):\n    return X.mean(axis=0) if X.shape[1] != 1 else X.mean(axis=7)",
}
ALONE = {
    "t1": "scale = [3.0]\nscale.append(4.0)\n\ndef column_mean(X):\n    return scale[-1] * X.mean(axis=0)",
    "t2": "def column_mean(X):\n    return X.mean(axis=0) + 7",
    "t4": "scale = [1.0]\nscale.append(5.0)\n\ndef column_mean(X):\n    return scale[-1] * X.mean(axis=0)",
    "t3": "import os\n\ndef column_mean(X):\n    return X.mean(axis=0) - len(os.name)",
}
WORDS = 'label_lines = {}\nlabel_lines[1] = "forward"\nlabel_lines[2] = label_lines[3] = label_lines[4] = "step"'
KNOWN = ("wrong_axis", "sums_columns", "median", "rounds", "returns_nothing", "returns_the_table", "first_row")
UNFINISHED = {"v1": "def column_mean(X):\n    raise NotImplementedError()", "v2": "def my_mean(X, y):\n    return 1"}
MESSAGE = 'You divide by one more than there are rows. Is there a "0" in your sum that you count as well?'


@pytest.fixture(scope="module")
def class_of_60(tmp_path_factory: pytest.TempPathFactory, lessons: dict[str, Lesson]) -> Course:
    """A graded class in which twelve have made the same new mistake; the others are right, known, alone, unfinished."""
    course, lesson = copy_of_the_course(tmp_path_factory.mktemp("desk") / "class"), lessons[LESSON]
    right = reference_sources(lesson)
    answers = {**TWELVE, **CHAIN, **STOPPED, **ALONE, **UNFINISHED}
    known = {item.variable: item for item in lesson.mistakes}
    answers |= {f"k-{name}": answer_source(lesson, known[name]) for name in KNOWN}
    answers |= {f"w{number}": right["column_mean"] for number in range(60 - len(answers))}
    assert len(answers) == 60
    for student, source in answers.items():
        labels = {"label_lines": WORDS} if student in ("w1", "w2") else {}
        its_own = f"{source}\n# {student}'s own file, so that none is graded for another"
        notebook = fill(released(lesson.notebook), {**right, "column_mean": its_own, **labels})
        submit(course, LESSON, student, notebook)
    grade(course, LESSON, "--jobs", "2")
    with sqlite3.connect(course.root / "gradebook.db") as database:
        database.execute("update grade set manual_score = 0.25 where id in (select id from grade limit 40)")
    return course


@pytest.fixture
def course_of_60(class_of_60: Course, tmp_path: Path) -> Course:
    """A copy of that class, to name mistakes in."""
    return find_course(Path(shutil.copytree(class_of_60.root, tmp_path / "class")))


@pytest.fixture(scope="module")
def clusters(class_of_60: Course) -> tuple[Cluster, ...]:
    return unnamed_mistakes(class_of_60, LESSON)


def name_mistake(course: Course, *arguments: str, said: str = "") -> Result:
    """Run `autograder name-mistake` in this process: starting another takes seconds."""
    return CliRunner().invoke(app, ["name-mistake", LESSON, *arguments, "--course-dir", str(course.root)], input=said)


def of(clusters: tuple[Cluster, ...], student: str, exercise: str = "column_mean") -> Cluster:
    return next(one for one in clusters if student in one.students and one.exercise == exercise)


def mistakes_of(course: Course) -> str:
    return (course.solutions / LESSON / "mistakes.py").read_text()


def messages(course: Course) -> dict[tuple[str, str], str]:
    """What each learner reads of each exercise, from the archive."""
    with newest_run(course, LESSON) as run:
        return {
            (student, name): verdict.message
            for student, content in run.stored()
            for name, verdict in run.judged(content).verdicts.items()
        }


def grades(course: Course) -> list[Any]:
    with sqlite3.connect(course.root / "gradebook.db") as database:
        return sorted(database.execute("select id, auto_score, manual_score from grade"))


def test_one_mistake_in_twelve_ways_is_one_cluster_of_these_twelve(
    class_of_60: Course, clusters: tuple[Cluster, ...]
) -> None:
    with newest_run(class_of_60, LESSON) as run:
        contents = dict(run.stored())
        seen = {run.judged(contents[student]).digests["column_mean"] for student in TWELVE}
    assert len(seen) > 4  # observations that differ in bits
    assert clusters[0].students == tuple(TWELVE)
    assert clusters[0].exercise == "column_mean"
    assert not any(set(one.students) & set(TWELVE) for one in clusters[1:])


def test_its_example_is_the_shortest_of_their_answers(clusters: tuple[Cluster, ...]) -> None:
    assert clusters[0].example_student == min(TWELVE, key=lambda student: len(TWELVE[student]))
    assert clusters[0].example.startswith(TWELVE[clusters[0].example_student])


def test_what_is_right_known_or_unfinished_is_in_no_cluster(clusters: tuple[Cluster, ...]) -> None:
    found = {student for one in clusters for student in one.students}
    assert found == {*TWELVE, *CHAIN, *STOPPED, *ALONE, "w1", "w2"}


def test_small_steps_do_not_join_what_is_far_apart(clusters: tuple[Cluster, ...]) -> None:
    assert of(clusters, "q0").students == ("q0", "q1")
    assert of(clusters, "q2").students == ("q2",)


def test_the_same_exception_at_the_same_place_is_the_same_mistake(clusters: tuple[Cluster, ...]) -> None:
    assert of(clusters, "r1").students == ("r1", "r2")
    assert len(of(clusters, "r1").messages) == 2
    assert of(clusters, "r3").students == ("r3",)


def test_naming_it_changes_these_twelve_messages_and_nobodys_grade(
    course_of_60: Course, clusters: tuple[Cluster, ...]
) -> None:
    course = course_of_60
    before, grades_before, text = messages(course), grades(course), mistakes_of(course)

    named = name_mistake(course, clusters[0].name, "--as", "one_row_too_many", "--message", MESSAGE, said="y\n")

    assert named.exit_code == 0, named.output
    assert "which tells 12 learners." in named.output
    assert "make course" in named.output
    assert mistakes_of(course).startswith(text.rstrip())
    assert messages(course) == before  # until the class is judged again

    judged = cli("rejudge", LESSON, folder=course.root)

    assert "60 submissions judged again: 12 verdicts differ, 0 grades." in judged.stdout
    after = messages(course)
    changed = {student for student, _ in before if before[student, "column_mean"] != after[student, "column_mean"]}
    assert changed == set(TWELVE)
    assert {after[student, "column_mean"] for student in TWELVE} == {MESSAGE}
    assert {key: said for key, said in before.items() if key[0] not in TWELVE} == {
        key: said for key, said in after.items() if key[0] not in TWELVE
    }
    assert grades(course) == grades_before
    assert sum(manual == 0.25 for _, _, manual in grades_before) == 40
    assert not set(TWELVE) & {student for one in unnamed_mistakes(course, LESSON) for student in one.students}


def test_nothing_is_written_or_run_unless_a_person_says_so(class_of_60: Course, clusters: tuple[Cluster, ...]) -> None:
    before = mistakes_of(class_of_60)
    for said in ("n\n", ""):
        done = name_mistake(class_of_60, clusters[0].name, "--as", "one_row_too_many", "--message", MESSAGE, said=said)
        assert done.exit_code == 1
        assert "def one_row_too_many" in done.output
        assert "It will run as you" in done.output
        assert mistakes_of(class_of_60) == before


def test_clusters_are_listed_and_shown(class_of_60: Course, clusters: tuple[Cluster, ...]) -> None:
    listed = name_mistake(class_of_60)
    assert listed.exit_code == 0, listed.output
    assert listed.output.startswith(f"{clusters[0].name}   12 learners: p01, p02, ")
    assert f"{len(clusters)} mistakes without a name." in listed.output
    shown = name_mistake(class_of_60, clusters[0].name)
    assert clusters[0].messages[0] in shown.output
    assert clusters[0].example.splitlines()[0] in shown.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("column_mean-nothing", "--as", "a_name", "--message", "Why?"), "There is no 'column_mean-nothing'"),
        (("--as", "a_name"), "Say which cluster is a_name"),
        (("CLUSTER", "--as", "a_name"), "A mistake needs a message"),
        (("CLUSTER", "--as", "wrong_axis", "--message", "Why?"), "The name wrong_axis is taken"),
    ],
)
def test_what_cannot_be_is_a_sentence(
    class_of_60: Course, clusters: tuple[Cluster, ...], arguments: tuple[str, ...], sentence: str
) -> None:
    before = mistakes_of(class_of_60)
    done = name_mistake(class_of_60, *(clusters[0].name if word == "CLUSTER" else word for word in arguments))
    assert done.exit_code == 2
    assert sentence in done.output
    assert mistakes_of(class_of_60) == before


def test_the_report_shows_what_several_made_unless_names_are_hidden(
    class_of_60: Course, clusters: tuple[Cluster, ...], tmp_path: Path
) -> None:
    _, page = write_reports(class_of_60, [LESSON], tmp_path / "open")
    _, shown = write_reports(class_of_60, [LESSON], tmp_path / "hidden", hide_names=True)
    for cluster in clusters:
        example = str(escape(cluster.example)) + "</pre>"
        assert (f"{LESSON} {cluster.name} --as" in page.read_text()) == (cluster.size > 1)
        assert (example in page.read_text()) == (cluster.size > 1)
        assert cluster.name not in shown.read_text()
    assert "<pre" not in shown.read_text()


def test_a_lesson_that_was_not_graded_is_a_sentence(course: Course) -> None:
    done = name_mistake(course)
    assert done.exit_code == 2
    assert f"{LESSON} was not graded here yet" in done.output


def test_a_choice_gets_a_name_too(course_of_60: Course, clusters: tuple[Cluster, ...]) -> None:
    cluster = of(clusters, "w1", "label_lines")
    assert cluster.students == ("w1", "w2")
    done = name_mistake(course_of_60, cluster.name, "--as", "three_steps", "--message", "Which is which?", "--yes")
    assert done.exit_code == 0, done.output
    assert "which tells 2 learners" in done.output


@pytest.mark.parametrize(
    ("student", "sentence"),
    [
        ("t1", "1 of 1 would not be told"),
        ("t4", "a_new_one looks like the reference"),
        ("t3", "imports `os`"),
        ("r1", None),
        ("q0", None),
    ],
)
def test_an_entry_is_written_only_where_it_is_the_learners_mistake(
    course_of_60: Course, clusters: tuple[Cluster, ...], student: str, sentence: str | None
) -> None:
    before, cluster = mistakes_of(course_of_60), of(clusters, student)
    if sentence is None:
        named = write(course_of_60, LESSON, draft(course_of_60, LESSON, cluster.name, "a_new_one", "Why?"))
        assert named.told[: cluster.size] == cluster.students
        assert mistakes_of(course_of_60) != before
    else:
        with pytest.raises(EntryError, match=sentence):
            write(course_of_60, LESSON, draft(course_of_60, LESSON, cluster.name, "a_new_one", "Why?"))
        assert mistakes_of(course_of_60) == before


def test_a_mistake_is_named_once(course_of_60: Course, clusters: tuple[Cluster, ...]) -> None:
    cluster = clusters[0].name
    write(course_of_60, LESSON, draft(course_of_60, LESSON, cluster, "one_row_too_many", MESSAGE))
    before = mistakes_of(course_of_60)
    with pytest.raises(EntryError, match="one_row_too_many and again cannot be told apart"):
        write(course_of_60, LESSON, draft(course_of_60, LESSON, cluster, "again", MESSAGE))
    assert mistakes_of(course_of_60) == before


def test_what_follows_from_a_mistake_is_credited_once_it_has_a_name(course: Course, lessons: dict[str, Lesson]) -> None:
    lesson = "01_loop_by_hand"
    right = reference_sources(lessons[lesson])
    for student, source in {
        "ann": "def mse_gradient(X, y, weights):\n    return 5 * X.T @ (predict(X, weights) - y) / len(y)",
        "bob": "def mse_gradient(X, y, weights):\n    return 5 / len(y) * (X @ weights - y) @ X",
    }.items():
        submit(course, lesson, student, fill(released(lessons[lesson].notebook), {**right, "mse_gradient": source}))
    grade(course, lesson)
    gradient, train = (of(unnamed_mistakes(course, lesson), "ann", exercise) for exercise in ("mse_gradient", "train"))
    assert gradient.students == train.students == ("ann", "bob")
    assert (gradient.blamed, train.blamed) == ((), ("mse_gradient",))

    named = write(course, lesson, draft(course, lesson, gradient.name, "five_times", "Where does the 5 come from?"))

    assert named.told == ("ann", "bob")
    assert named.changed_besides == 2
    assert "2 other verdicts change" in named.in_words()
    store(course, rejudge(course, lesson))
    assert unnamed_mistakes(course, lesson) == ()
