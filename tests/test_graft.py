"""Graft: the learner's text goes into the instructor's notebook; structure, locked cells and order never come back."""

from __future__ import annotations

import time
from collections.abc import Mapping

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.authoring.answers import fill, reference_sources
from autograder.authoring.release import released
from autograder.authoring.sources import Lesson, grade_id
from autograder.grading.graft import graft
from autograder.grading.grafted import Grafted, Role
from autograder.grading.reading import LearnerCell

MARKS = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}


def cell(source: str, tags: tuple[str, ...] = (), kind: str = "code", **marks: object) -> NotebookNode:
    make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    made = make(source, id=str(marks.get("grade_id", f"id-{abs(hash(source)) % 10**6}")))
    if marks:
        made.metadata["nbgrader"] = nbformat.from_dict({**MARKS, **marks})
    if tags:
        made.metadata["tags"] = list(tags)
    return made


STUB_F, STUB_G = "def f(x):\n    raise NotImplementedError()", "def g(x):\n    raise NotImplementedError()"
GIVEN = nbformat.v4.new_notebook(
    cells=[
        cell("# Title", kind="markdown"),
        cell("import numpy as np", locked=True, grade_id="imports"),
        cell(STUB_F, solution=True, grade_id="f"),
        cell('check("f")', grade=True, locked=True, grade_id="check_f", points=2),
        cell("plot(f)", tags=("demo",), locked=True, grade_id="demo_1"),
        cell(STUB_G, solution=True, grade_id="g"),
        cell('check("g")', grade=True, locked=True, grade_id="check_g", points=1),
        cell("YOUR ANSWER HERE", kind="markdown", grade=True, solution=True, grade_id="written_why", points=1),
        cell("# try things here"),
    ]
)
F, G = "def f(x):\n    return 2 * x", "def g(x):\n    return f(x) + 1"


def sent(*changes: LearnerCell, **sources: str) -> list[LearnerCell]:
    """The given notebook as a learner sends it, with `sources` in the cells of these grade_ids, and cells added at the end."""
    cells = []
    for original in GIVEN.cells:
        grade_id = original.metadata.get("nbgrader", {}).get("grade_id")
        cells.append(
            LearnerCell(original.cell_type, sources.get(grade_id or "", original.source), original.id, grade_id)
        )
    return [*cells, *changes]


def stripped(cells: list[LearnerCell]) -> list[LearnerCell]:
    """As Colab sends it: without marks and with other ids."""
    return [LearnerCell(one.kind, one.source, f"colab-{index}") for index, one in enumerate(cells)]


def code(grafted: Grafted) -> list[str]:
    return [one.cell.source for one in grafted.cells if one.cell.cell_type == "code"]


def source_of(grafted: Grafted, name: str) -> str:
    return next(one.cell.source for one in grafted.cells if one.role is Role.SOLUTION and one.name == name)


def test_answers_go_into_their_cells_and_everything_else_is_the_instructors() -> None:
    grafted = graft(GIVEN, sent(f=F, g=G))
    assert code(grafted) == ["import numpy as np", F, 'check("f")', "plot(f)", G, 'check("g")', "# try things here"]
    assert grafted.problems == ()


def test_roles_decide_what_is_run() -> None:
    roles = [one.role for one in graft(GIVEN, sent()).cells]
    assert roles == [
        Role.PROSE, Role.GIVEN, Role.SOLUTION, Role.CHECK, Role.DEMO, Role.SOLUTION, Role.CHECK, Role.WRITTEN, Role.GIVEN,
    ]  # fmt: skip


def test_a_changed_check_cell_is_the_instructors_again_and_it_is_said_so() -> None:
    grafted = graft(GIVEN, sent(check_f="100.0"))
    assert 'check("f")' in code(grafted)
    assert "100.0" not in code(grafted)
    assert grafted.problems == ("Check cells were changed; the course's own were used: check_f.",)


def test_a_changed_locked_cell_is_the_instructors_again() -> None:
    assert "import numpy as np" in code(graft(GIVEN, sent(imports="import evil")))


def test_a_deleted_check_cell_is_put_back() -> None:
    grafted = graft(GIVEN, [one for one in sent(f=F) if one.grade_id != "check_f"])
    assert 'check("f")' in code(grafted)
    assert grafted.problems == ("Check cells were missing and were put back: check_f.",)


def test_added_cells_keep_their_place() -> None:
    cells = sent(f=F)
    cells.insert(2, LearnerCell("code", "helper = 1"))
    cells.insert(0, LearnerCell("code", "first = 1"))
    assert code(graft(GIVEN, cells))[:4] == ["first = 1", "import numpy as np", "helper = 1", F]


def test_an_edited_free_cell_is_the_learners() -> None:
    cells = sent()
    cells[-1] = LearnerCell("code", "z = 3", GIVEN.cells[-1].id)
    assert code(graft(GIVEN, cells))[-1] == "z = 3"


def test_a_written_answer_is_the_learners() -> None:
    grafted = graft(GIVEN, sent(written_why="Because."))
    assert [one.cell.source for one in grafted.cells if one.role is Role.WRITTEN] == ["Because."]


def test_of_a_doubled_cell_the_last_that_differs_from_the_stub_is_graded() -> None:
    first = LearnerCell("code", "def f(x):\n    return 0", None, "f")
    stub = LearnerCell("code", STUB_F, None, "f")
    grafted = graft(GIVEN, [first, *sent(f=F), stub])
    assert source_of(grafted, "f") == F
    assert grafted.problems == ("There are 2 different answers to `f`; the last one was graded.",)


def test_cells_in_another_order_go_where_they_belong() -> None:
    grafted = graft(GIVEN, sent(f=F, g=G)[::-1])
    assert (source_of(grafted, "f"), source_of(grafted, "g")) == (F, G)
    assert code(grafted)[0] == "import numpy as np"


def test_answers_without_marks_are_known_by_what_they_define() -> None:
    grafted = graft(GIVEN, stripped(sent(f=F, g=G)))
    assert (source_of(grafted, "f"), source_of(grafted, "g")) == (F, G)
    assert [one for one in grafted.cells if one.role is Role.ADDED] == []


@pytest.mark.parametrize("broken", ["def f(x)\n    return 2 * x", "def f(x):\n  return (2 * x"])
def test_an_answer_that_does_not_parse_is_still_known_by_its_name(broken: str) -> None:
    assert source_of(graft(GIVEN, stripped(sent(f=broken))), "f") == broken


def test_a_mark_moved_to_another_cell_moves_no_check() -> None:
    moved = [
        LearnerCell(one.kind, one.source, one.cell_id, "check_g" if one.grade_id == "f" else one.grade_id)
        for one in sent(f="100.0")
    ]
    checks = [one.cell.source for one in graft(GIVEN, moved).cells if one.role is Role.CHECK]
    assert checks == ['check("f")', 'check("g")']


def test_nothing_at_all_gives_the_stubs() -> None:
    grafted = graft(GIVEN, [])
    assert source_of(grafted, "f") == STUB_F
    assert "No cell for `f` was found." in grafted.problems


def test_the_given_notebook_is_left_as_it_was() -> None:
    before = nbformat.writes(GIVEN)
    graft(GIVEN, sent(f=F))
    assert nbformat.writes(GIVEN) == before


# --- split, merged, doubled, retyped ----------------------------------------------------------------


def marked(source: str, name: str, kind: str = "code") -> LearnerCell:
    return LearnerCell(kind, source, None, name)


def replaced(cells: list[LearnerCell], name: str, *others: LearnerCell) -> list[LearnerCell]:
    """The cells with others in place of the one with this grade_id."""
    place = next(index for index, one in enumerate(cells) if one.grade_id == name)
    return [*cells[:place], *others, *cells[place + 1 :]]


def test_parts_that_were_split_off_an_answer_run_where_they_stand() -> None:
    helper, after = "def twice(x):\n    return 2 * x", "print(f(1))"
    split = replaced(
        sent(), "f", marked(helper, "f"), marked("def f(x):\n    return twice(x)", "f"), marked(after, "f")
    )
    grafted = graft(GIVEN, split)
    assert code(grafted)[1:5] == [helper, "def f(x):\n    return twice(x)", after, 'check("f")']
    assert grafted.problems == ("The answer to `f` is split over several cells; all of them were used.",)


def test_older_attempts_run_before_the_last_one() -> None:
    first = "def twice(x):\n    return 2 * x\n\ndef f(x):\n    return 0"
    grafted = graft(GIVEN, [*replaced(sent(), "f", marked("def f(x):\n    return twice(x)", "f")), marked(F, "f")])
    assert source_of(grafted, "f") == F
    grafted = graft(GIVEN, replaced(sent(), "f", marked(first, "f"), marked("def f(x):\n    return twice(x)", "f")))
    assert code(grafted)[1:3] == [first, "def f(x):\n    return twice(x)"]


def test_a_function_cut_in_two_is_named() -> None:
    halves = marked("def f(x):\n    y = 2 * x", "f"), LearnerCell("code", "    return y")
    assert graft(GIVEN, replaced(sent(), "f", *halves)).problems == (
        "The function `f` is cut in two: its lower half stands in the next cell. "
        "Join the two cells and send the notebook again.",
    )


def test_a_cell_with_two_answers_is_the_answer_to_both() -> None:
    both = f"{F}\n\n\n{G}"
    grafted = graft(GIVEN, sent(f=both))
    assert (source_of(grafted, "f"), source_of(grafted, "g")) == (both, both)
    assert grafted.problems == ("One cell answers f, g; it was used for each of them.",)


def test_a_variable_that_answers_use_again_is_no_answer_to_the_next() -> None:
    given = nbformat.v4.new_notebook(
        cells=[
            cell("result = ...", solution=True, grade_id="one"),
            cell("result = ...  # of two", solution=True, grade_id="two"),
        ]
    )
    grafted = graft(given, [marked("result = 1", "one"), marked("result = ...  # of two", "two")])
    assert [one.cell.source for one in grafted.cells] == ["result = 1", "result = ...  # of two"]
    assert grafted.written == {"one": "result = 1"}


@pytest.mark.parametrize("text", [F, f"My answer:\n\n```python\n{F}\n```\n"])
@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_an_answer_that_became_text_is_code_again(kind: str, text: str) -> None:
    grafted = graft(GIVEN, replaced(sent(), "f", marked(text, "f", kind)))
    assert source_of(grafted, "f").strip() == F
    assert grafted.problems == (f"The cell of `f` has become {kind}; it was graded as code all the same.",)


def test_code_goes_before_text_that_defines_the_same() -> None:
    grafted = graft(GIVEN, [LearnerCell("markdown", f"```\n{F}\n```"), *stripped(sent(f="def f(x):\n    return x"))])
    assert source_of(grafted, "f") == "def f(x):\n    return x"


def test_a_written_answer_in_a_code_cell_is_taken_as_text() -> None:
    grafted = graft(GIVEN, replaced(sent(), "written_why", marked("Because.", "written_why")))
    assert [one.cell.source for one in grafted.cells if one.role is Role.WRITTEN] == ["Because."]
    assert grafted.problems == ("The cell of `written_why` has become code; it was graded as markdown all the same.",)


def test_prose_that_was_made_a_code_cell_is_run() -> None:
    cells = [LearnerCell("code", "helper = 1", GIVEN.cells[0].id), *sent()[1:]]
    assert code(graft(GIVEN, cells))[0] == "helper = 1"


# --- answers that have to be recognised -------------------------------------------------------------


def test_an_answer_beside_its_empty_stub_is_found() -> None:
    grafted = graft(GIVEN, sent(LearnerCell("code", F)))
    assert source_of(grafted, "f") == F
    assert grafted.problems == ("The answers stood in other cells than their own, and were graded: f.",)


def test_an_answer_in_its_check_cell_is_found_and_the_check_is_the_instructors() -> None:
    grafted = graft(GIVEN, sent(check_f=f'{F}\ncheck("f")'))
    assert source_of(grafted, "f") == f'{F}\ncheck("f")'
    assert [one.cell.source for one in grafted.cells if one.role is Role.CHECK] == ['check("f")', 'check("g")']


def test_an_answer_in_its_own_cell_goes_before_experiments_with_its_name() -> None:
    experiment = "def f(x):\n    return 'no'"
    grafted = graft(GIVEN, sent(LearnerCell("code", experiment), f=F))
    assert source_of(grafted, "f") == F
    assert code(grafted)[-1] == experiment


LONG_STUB = 'def g(x, y):\n    """The sum of squares of both numbers.\n\n    Returns one number."""\n    raise NotImplementedError()'
LONG_GIVEN = nbformat.v4.new_notebook(
    cells=[
        cell(STUB_F, solution=True, grade_id="f"),
        cell('check("f")', grade=True, locked=True, grade_id="check_f", points=2),
        cell(LONG_STUB, solution=True, grade_id="g"),
        cell('check("g")', grade=True, locked=True, grade_id="check_g", points=1),
    ]
)


def test_a_renamed_function_is_known_by_its_likeness_and_gets_its_name() -> None:
    renamed = LONG_STUB.replace("def g", "def plus").replace("raise NotImplementedError()", "return x**2 + y**2")
    grafted = graft(LONG_GIVEN, [LearnerCell("code", F), LearnerCell("code", renamed)])
    assert source_of(grafted, "g") == f"{renamed}\n\ng = plus"
    assert "The function of `g` has another name (g = plus); it was graded under the right one." in grafted.problems


def test_the_only_new_cell_where_one_is_missing_is_that_one() -> None:
    cells = [LearnerCell("code", source) for source in (F, 'check("f")', "def h(a, b):\n    return a", 'check("g")')]
    assert source_of(graft(LONG_GIVEN, cells), "g") == "def h(a, b):\n    return a\n\ng = h"


@pytest.mark.parametrize("source", ["def h(a):\n    return a", "def h(a, b): ...\ndef i(a, b): ...", "h = 3"])
def test_a_function_that_may_not_be_the_one_gets_no_other_name(source: str) -> None:
    grafted = graft(LONG_GIVEN, [marked(source, "g")])
    assert source_of(grafted, "g") == source
    assert any("no `g`; give the function that is meant this name." in said for said in grafted.problems) == (
        "def" in source
    )


def test_an_edited_copy_of_a_given_cell_without_marks_is_not_run_beside_it() -> None:
    given = nbformat.v4.new_notebook(cells=[cell("rate = 0.1  # change this number and look at the picture")])
    edited = LearnerCell("code", "rate = 0.5  # change this number and look at the picture")
    assert code(graft(given, [edited])) == [edited.source]


def test_letters_that_an_encoding_spoiled_make_no_difference() -> None:
    given = nbformat.v4.new_notebook(cells=[cell("größe = 1", locked=True, grade_id="size")])
    assert graft(given, [LearnerCell("code", "grÃ¶ÃŸe = 1", None, "size")]).problems == ()


# --- locked cells, and the order of things ----------------------------------------------------------


def test_imports_and_definitions_in_locked_cells_are_kept() -> None:
    changed = "import numpy as np\nimport math\nnp = 3\n\ndef twice(x):\n    return 2 * x"
    grafted = graft(GIVEN, sent(imports=changed, check_f='import json\ncheck("f")'))
    assert code(grafted)[:5] == [
        "import numpy as np",
        "import math\ndef twice(x):\n    return 2 * x",
        STUB_F,
        "import json",
        'check("f")',
    ]
    assert "What was imported or defined in cells of the course was kept: imports, check_f." in grafted.problems


def test_a_helper_further_down_is_moved_above_the_answer_that_needs_it() -> None:
    helper = LearnerCell("code", "import math\n\ndef twice(x):\n    return math.prod([2, x])")
    grafted = graft(GIVEN, sent(helper, f="def f(x):\n    return twice(x)"))
    assert code(grafted)[1:3] == [helper.source, "def f(x):\n    return twice(x)"]
    assert grafted.problems == ("`f` needs `twice`, which is defined further down; that cell was moved up.",)


def test_helpers_of_helpers_are_moved_as_well() -> None:
    helpers = [LearnerCell("code", f"def h{n}(x):\n    return h{n + 1}(x)") for n in range(3)]
    last = LearnerCell("code", "def h3(x):\n    return x")
    grafted = graft(GIVEN, sent(*helpers, last, f="def f(x):\n    return h0(x)"))
    above = code(grafted)[: code(grafted).index('check("f")')]
    assert {one.source for one in (*helpers, last)} < set(above)


@pytest.mark.parametrize(
    "below", ["twice = make()", "def twice(x):\n    return 2 * x\nprint(twice(1))", "def twice(x): ...\ndef g(x): ..."]
)
def test_what_cannot_be_moved_is_told_by_name(below: str) -> None:
    answer = "def f(x):\n    return twice(x)"
    grafted = graft(GIVEN, sent(LearnerCell("code", below), f=answer, g=G))
    assert code(grafted)[1] == answer
    assert [said for said in grafted.problems if said.startswith("`f` needs `twice`, which is defined only further")]


def test_a_use_at_the_top_of_a_cell_counts_where_it_stands() -> None:
    cells = sent(f=F)
    cells.insert(1, LearnerCell("code", "table = f(3)"))
    (said,) = graft(GIVEN, cells).problems
    assert said.startswith("A cell that was added needs `f`, which is defined only further down")


def test_the_reference_in_its_own_order_needs_no_word(lessons: Mapping[str, Lesson]) -> None:
    for lesson in lessons.values():
        given = released(lesson.notebook)
        solved = fill(given, reference_sources(lesson))
        cells = [LearnerCell(one.cell_type, one.source, one.id, grade_id(one)) for one in solved.cells]
        grafted = graft(given, cells)
        assert (grafted.problems, grafted.undefined, grafted.missing) == ((), (), ())
        assert set(grafted.written) == set(lesson.exercises)


# --- the trusted process is not hurt ----------------------------------------------------------------

MANY = 1_900
HOSTILE = {
    "long names": [LearnerCell("code", "a" * 900_000)] * 20,
    "expressions": [LearnerCell("code", "a\n" * 45_000 + str(number)) for number in range(300)],
    "nested": [LearnerCell("code", opening * 90_000) for opening in ("-", "(", "not ", "lambda:", "a.", "f(")],
    "words": [LearnerCell("code", "x return def f g numpy " * 300 + str(number)) for number in range(MANY)],
    "answers": [marked(f"def f(x):\n    return {number}", "f") for number in range(MANY)],
    "helpers": [marked("def f(x):\n    return " + "+".join(f"h{n}(x)" for n in range(MANY)), "f")]
    + [LearnerCell("code", f"def h{number}(x):\n    return x") for number in range(MANY)],
    "chains": [marked("def f(x):\n    return h0(x)", "f")]
    + [LearnerCell("code", f"def h{number}(x):\n    return h{number + 1}(x)") for number in reversed(range(MANY))],
    "fences": [LearnerCell("markdown", "```\ndef f = \n" * 300_000)] * 4,
}


@pytest.mark.slow
@pytest.mark.parametrize("cells", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_cells_cost_little(cells: list[LearnerCell]) -> None:
    start = time.process_time()
    graft(GIVEN, cells)
    assert time.process_time() - start < 10
