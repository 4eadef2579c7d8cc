"""Similar: disguised copies come first, independent answers do not reach them, and nobody is accused."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.authoring.answers import fill, reference_sources
from autograder.authoring.course import Course
from autograder.authoring.release import released
from autograder.authoring.sources import Lesson, load_lesson
from autograder.grading.shapes import given_in, shapes_in
from autograder.grading.similarity import Found, Mark, Pair, Work, compare
from autograder.grading.similarity_page import similarity_page
from tests.classmates import Answers, copies_by_hand, disguised, people, write_class
from tests.conftest import ROOT, copy_of_the_course
from tests.grading import cli, grade, submit
from tests.ordinary_course import QUICKSTART, hand_in, make_course

LESSON = "01_loop_by_hand"
PEOPLE = people()


@pytest.fixture(scope="module")
def lesson() -> Lesson:
    return load_lesson(ROOT / "solutions" / LESSON)


@pytest.fixture(scope="module")
def stub(lesson: Lesson) -> list[str]:
    """The code that everybody was given."""
    return [cell.source for cell in released(lesson.notebook).cells if cell.cell_type == "code"]


def compared(answers: Mapping[str, Mapping[str, str]], stub: Sequence[str], lesson: Lesson, top: int = 20) -> Found:
    works = [Work(learner, cells) for learner, cells in sorted(answers.items())]
    return compare(works, stub, list(reference_sources(lesson).values()), top)


def learners_of(pair: Pair) -> set[str]:
    return {*pair.left.learners, *pair.right.learners}


def marked_lines(pair: Pair, learner: str, mark: Mark) -> list[str]:
    side = pair.left if learner in pair.left.learners else pair.right
    return [line.text.strip() for lines in side.cells.values() for line in lines if line.mark is mark]


# --- what it finds -----------------------------------------------------------------------------------


@pytest.mark.parametrize("temporaries", [False, True])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_of_sixty_the_three_disguised_copies_come_first(
    seed: int, temporaries: bool, lesson: Lesson, stub: list[str]
) -> None:
    answers, rng = write_class(lesson, seed), random.Random(seed)
    originals = rng.sample(sorted(answers), 3)
    for number, original in enumerate(originals):
        answers[f"zoe-{number}"] = disguised(answers[original], rng, temporaries=temporaries)

    found = compared(answers, stub, lesson)

    assert len(answers) == found.compared == 60
    expected = [{original, f"zoe-{number}"} for number, original in enumerate(originals)]
    assert sorted(map(sorted, expected)) == sorted(sorted(learners_of(pair)) for pair in found.pairs[:3])
    others = [pair.score for pair in found.pairs if not any(name.startswith("zoe") for name in learners_of(pair))]
    assert max(others) < found.pairs[2].score - 0.1


@pytest.mark.parametrize("seed", [0, 1])
def test_copies_that_were_disguised_by_hand_come_first(seed: int, lesson: Lesson, stub: list[str]) -> None:
    copies = {f"copy-of-{person}": answers for person, answers in copies_by_hand().items()}
    found = compared({**write_class(lesson, seed, size=58), **copies}, stub, lesson)
    assert [learners_of(pair) for pair in found.pairs[:2]] == [
        {person, f"copy-of-{person}"} for person in ("elif", "jun")
    ]
    assert found.pairs[2].score < found.pairs[1].score - 0.05


def test_people_who_wrote_for_themselves_are_not_alike(lesson: Lesson, stub: list[str]) -> None:
    found = compared(PEOPLE, stub, lesson)
    assert found.pairs[0].score < 0.3


def test_what_everybody_writes_counts_next_to_nothing(lesson: Lesson, stub: list[str]) -> None:
    usual = reference_sources(lesson)
    answers = {f"usual-{number:02d}": {**usual, "mse": f"{usual['mse']}  # {number}"} for number in range(50)}
    found = compared({**answers, **PEOPLE}, stub, lesson)
    assert max(pair.score for pair in found.pairs if all("usual" in name for name in learners_of(pair))) < 0.1


def test_the_stub_counts_nothing(lesson: Lesson, stub: list[str]) -> None:
    started = {name: f"{source}\n# later" for name, source in zip("abc", stub[1:4], strict=True)}
    found = compared({"ann": started, "bob": {}, "eve": PEOPLE["jun"]}, stub, lesson)
    assert set(found.empty) == {"ann", "bob"}
    assert found.pairs == ()


def test_the_same_text_is_one_group_and_not_many_pairs(lesson: Lesson, stub: list[str]) -> None:
    same = {f"twin-{number:02d}": PEOPLE["ivo"] for number in range(30)}
    found = compared({**PEOPLE, **same}, stub, lesson)
    (group,) = found.groups
    assert group.learners == ("ivo", *sorted(same))
    assert sum(found.counts) == 10 * 9 / 2
    assert all(len(pair.left.learners) == 1 or pair.left.learners == group.learners for pair in found.pairs)


def test_a_copy_of_one_half_is_found_and_its_lines_are_marked(lesson: Lesson, stub: list[str]) -> None:
    copied = disguised(PEOPLE["goran"], random.Random(5))
    half = {**PEOPLE["fatou"], **{name: copied[name] for name in ("make_data", "predict", "mse_gradient", "train")}}
    found = compared({**PEOPLE, "zoe": half}, stub, lesson)
    names = [learners_of(pair) for pair in found.pairs[:2]]
    assert {"goran", "zoe"} in names
    pair = found.pairs[names.index({"goran", "zoe"})]
    alike = marked_lines(pair, "goran", Mark.ALIKE)
    assert "y = np.apply_along_axis(target, 1, X)" in alike
    assert "return float(len(X) / max(np.linalg.eigvals(gram).real))" not in alike
    assert "return X, y + noise * rng.standard_normal(n)" not in marked_lines(pair, "zoe", Mark.ALIKE)


def test_a_whole_copy_has_no_line_that_is_only_partly_alike(lesson: Lesson, stub: list[str]) -> None:
    copy = disguised(PEOPLE["goran"], random.Random(5), temporaries=True)
    pair = compared({**PEOPLE, "zoe": copy}, stub, lesson).pairs[0]
    assert learners_of(pair) == {"goran", "zoe"}
    for learner in ("goran", "zoe"):
        assert marked_lines(pair, learner, Mark.PARTLY) == []
        assert len(marked_lines(pair, learner, Mark.ALIKE)) > 10


def test_code_with_a_syntax_error_is_compared_all_the_same(lesson: Lesson, stub: list[str]) -> None:
    broken = {name: source.replace("):", ")", 1) for name, source in PEOPLE["hana"].items()}
    found = compared({**PEOPLE, "zoe": broken}, stub, lesson)
    assert learners_of(found.pairs[0]) == {"hana", "zoe"}
    assert found.pairs[0].score > 2 * found.pairs[1].score


@settings(max_examples=40, deadline=None)
@given(person=st.sampled_from(sorted(PEOPLE)), seed=st.integers(0, 2**32), temporaries=st.booleans())
def test_names_order_layout_and_temporaries_make_no_difference(person: str, seed: int, temporaries: bool) -> None:
    answers = PEOPLE[person]
    other = disguised(answers, random.Random(seed), temporaries=temporaries)
    known = given_in(["import numpy as np", *(f"def {name}(): ..." for name in answers)])
    assert all_shapes(other, known) == all_shapes(answers, known)


def all_shapes(answers: Answers, known: object) -> set[int]:
    return {shape for lines in shapes_in(list(answers.values()), known) for found in lines.values() for shape in found}


@pytest.mark.parametrize(
    "source",
    [
        "(" * 50_000,
        "-" * 90_000 + "1",
        "x = " + "1+" * 40_000 + "1",
        "x" + ".a" * 40_000,
        "f(" * 5_000 + ")" * 5_000,
        "def f(x):\n" + "".join(f"    t{k + 1} = g(t{k})\n" for k in range(4_000)) + "    return t4000",
        "def f(x):\n    while x:\n        a = b\n        b = a",
        "def f(x):\n    a = g(a)\n    return 0",
        "x = 0x" + "f" * 90_000,
        "'" + "\ud800\u202e" * 1_000 + "'",
        "%%bash\nrm -rf /\n" * 20_000,
        "a;" * 30_000,
        "x, " * 20_000 + "= " + "y, " * 20_000,
        "match x:\n" + "    case [a, *b] if a: pass\n" * 2_000,
        "é" * 2_000_000,
    ],
    ids=lambda source: source[:12],
)
def test_code_that_is_made_to_hurt_does_not(source: str, lesson: Lesson, stub: list[str]) -> None:
    hostile = {**PEOPLE["ben"], "mse": source}
    found = compared({**PEOPLE, "eve": hostile, "eva": {**hostile, "predict": "1"}}, stub, lesson, top=3)
    assert found.compared == 12
    assert len(similarity_page(LESSON, found)) < 500_000


# --- what it says ------------------------------------------------------------------------------------


def test_the_page_shows_hostile_text_as_text_and_needs_no_network(lesson: Lesson, stub: list[str]) -> None:
    evil = {**PEOPLE["jun"], "mse": PEOPLE["jun"]["mse"] + "\n# </pre><script>alert(1)</script>\x1b[31m\u202e"}
    page = similarity_page(LESSON, compared({**PEOPLE, "eve": evil}, stub, lesson))
    assert "&lt;script&gt;alert(1)" in page
    assert not any(text in page for text in ("<script", "\x1b", "\u202e", "http:", "https:", "<link", "<img"))


# --- the command -------------------------------------------------------------------------------------

SMALL = "00_orientation"


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A graded class of lesson 00: bob's work is ann's in disguise, dan's and eve's are one file, zed sent the stub."""
    course = copy_of_the_course(tmp_path_factory.mktemp("similar") / "class")
    lesson = load_lesson(course.solutions / SMALL)
    given_notebook, right = released(lesson.notebook), reference_sources(lesson)
    own = {
        "column_mean": "def column_mean(X):\n    total = np.zeros(X.shape[1])\n    for row in X:\n        total = total + row\n"
        "    count = np.float64(X.shape[0])\n    return np.true_divide(total, count)"
    }
    answers = {
        "ann": {**right, **own},
        "bob": {**right, **disguised(own, random.Random(1))},
        "cat": {**right, "column_mean": "def column_mean(X):\n    return np.array([sum(c) / len(c) for c in X.T])"},
        "dan": right,
        "eve": right,
        "zed": {},
    }
    for student, own_answers in answers.items():
        submit(course, SMALL, student, fill(given_notebook, own_answers))
    grade(course, SMALL)
    return course


@pytest.mark.slow
def test_the_command_names_the_pair_that_is_worth_a_look(graded: Course) -> None:
    done = cli("similar", SMALL, "--top", "3", folder=graded.root)
    assert done.returncode == 0, done.stderr
    first = next(line for line in done.stdout.splitlines() if line.strip().startswith("1 "))
    assert "ann · bob" in first
    assert "The same text: dan, eve" in done.stdout
    page = (graded.root / "reports" / f"{SMALL}-similar.html").read_text()
    assert "Without code of their own: zed" in page
    for word in ("plagiar", "cheat", "copied", "copy of"):
        assert word not in (page + done.stdout).lower()


@pytest.mark.slow
def test_the_page_goes_where_it_is_wanted_and_a_bad_place_is_a_sentence(graded: Course, tmp_path: Path) -> None:
    assert cli("similar", SMALL, "--out", tmp_path / "new" / "page.html", folder=graded.root).returncode == 0
    assert "ann · bob" in (tmp_path / "new" / "page.html").read_text()
    done = cli("similar", SMALL, "--out", tmp_path, folder=graded.root)
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_lesson_that_was_not_graded_is_a_sentence(graded: Course) -> None:
    done = cli("similar", LESSON, folder=graded.root)
    assert done.returncode == 2
    assert f"{LESSON} was not graded here yet" in done.stderr


SQUARES = """def squares(n):
    if n < 1:
        raise ValueError("n must be positive")
    found = []
    while len(found) < n:
        found.append(pow(len(found) + 1, 2))
    return found"""
ALSO_SQUARES = """def squares(count):
    result = []
    if count < 1: raise ValueError("too small")
    while count > len(result): result.append(pow(1 + len(result), 2))  # next one
    return result"""


@pytest.mark.full
@pytest.mark.slow
def test_an_ordinary_course_is_compared_as_well(tmp_path: Path) -> None:
    course = make_course(tmp_path, QUICKSTART)
    answers = {
        "ann": SQUARES,
        "bob": ALSO_SQUARES,
        "cat": "def squares(n):\n    assert n >= 1\n    return [i**2 for i in range(1, n + 1)]",
    }
    for student, source in answers.items():
        hand_in(course, QUICKSTART, student, {"squares": source})
    cli("grade", QUICKSTART, folder=course.root)
    done = cli("similar", QUICKSTART, folder=course.root)
    assert done.returncode == 0, done.stderr
    first = next(line for line in done.stdout.splitlines() if line.strip().startswith("1 "))
    assert "ann · bob" in first
    assert "<code>problem1: squares</code>" in (course.root / "reports" / f"{QUICKSTART}-similar.html").read_text()
