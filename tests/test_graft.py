"""Graft: the learner's text goes into the instructor's notebook; structure, locked cells and order never come back."""

from __future__ import annotations

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.grading.graft import Grafted, Role, graft
from autograder.grading.submissions import LearnerCell

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
