"""Front ends: whatever a learner works in, the card at home says what grading says of the file that is sent.

At home is a real kernel that runs the released notebook's cells: every front end has the same one, and shows what it
sends. The files are those of tests/front_ends.py. Grading knows of a file only the cells that it takes from it: these
must be the same for every front end, and the file in the worst state is graded.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

import nbconvert
import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode
from traitlets.config import Config

from autograder.authoring.answers import answer_source, fill, reference_sources
from autograder.authoring.record import record
from autograder.authoring.release import released
from autograder.authoring.sources import Lesson, check_cell_exercise, is_demo
from autograder.card import verdict_text
from autograder.grading.grade import Assignment, prepare
from autograder.grading.grader import Engine, Grader
from autograder.grading.intake import take_in
from autograder.grading.parcel import Parcel
from autograder.grading.runner import Limits
from tests.conftest import LESSON_NAMES
from tests.front_ends import WRITERS, colab_without_marks
from tests.test_lessons import packs

LESSON = "00_orientation"

Run: TypeAlias = Callable[[NotebookNode], None]


# --- the same verdict everywhere --------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "most"),
    [
        (LESSON, 5),
        ("01_loop_by_hand", 10),
        ("05_pytorch_loop", 3),
        *(pytest.param(name, 1000, marks=pytest.mark.full) for name in LESSON_NAMES),
    ],
)
def test_check_at_home_says_what_grading_says_of_each_front_ends_file(
    name: str, most: int, lessons: Mapping[str, Lesson]
) -> None:
    """Of the stub, of what is right, and of all known mistakes and variants: the whole card and the points."""
    lesson = lessons[name]
    assignment = replace(prepare(lesson), keys=record(lesson, (101, 102, 103), lesson.graded))
    grader = Grader([assignment], Engine(Limits(), sandbox=True, jobs=1))
    with contextlib.closing(grader), a_kernel_at_home(lesson.folder) as run:
        for work in islice(known_works(lesson), most):
            run(work)
            worst = colab_without_marks(work)
            for write in WRITERS:
                assert taken(assignment, write(work)) == taken(assignment, worst), write.__name__
            verdicts = grader.grade(name, parcel(assignment, worst)).row.verdicts
            graded = {exercise: (verdict_text(verdict), verdict.points) for exercise, verdict in verdicts.items()}
            assert shown_at_home(work) == graded


def known_works(lesson: Lesson) -> Iterator[NotebookNode]:
    """The notebook as given out, as solved, and with all known mistakes and variants in as few as will hold them."""
    given, right = released(lesson.notebook), reference_sources(lesson)
    yield fill(given, {})
    yield fill(given, right)
    for pack in packs(lesson):
        yield fill(given, right | {name: answer_source(lesson, item) for name, item in pack.items()})


@contextlib.contextmanager
def a_kernel_at_home(folder: Path) -> Iterator[Run]:
    """A kernel in which notebooks are run one after another, each as after a restart; demonstrations are left out."""
    client = NotebookClient(nbformat.v4.new_notebook(), kernel_name="python3", allow_errors=True, timeout=120)
    client.resources["metadata"] = {"path": str(folder)}

    def run(notebook: NotebookNode) -> None:
        forget = nbformat.v4.new_code_cell("%reset -f")
        client.nb = nbformat.v4.new_notebook(cells=[forget, *notebook.cells])
        for index, cell in enumerate(client.nb.cells):
            if cell.cell_type == "code" and not is_demo(cell):
                client.execute_cell(cell, index)

    with client.setup_kernel():
        yield run


def shown_at_home(work: NotebookNode) -> dict[str, tuple[str, float]]:
    """The card below each check cell, as text, and the points that nbgrader reads there."""
    found = {}
    for cell in work.cells:
        if (exercise := check_cell_exercise(cell)) is not None:
            (said,) = (one for one in cell.outputs if one.output_type == "display_data")
            (points,) = (one for one in cell.outputs if one.output_type == "execute_result")
            found[exercise] = _without_trail(said.data["text/plain"]), float(points.data["text/plain"])
    return found


def _without_trail(card: str) -> str:
    """A card but for what the learner's own logbook adds to it: what changed since the last check, and the hints read."""
    return re.sub(r"\n  Since your last check:.*?(?=\n  Next:|\n  Hints:|\Z)|\n  Hints:.*", "", card, flags=re.DOTALL)


def parcel(assignment: Assignment, file: bytes) -> Parcel:
    return Parcel("ann", {f"{assignment.notebook}.ipynb": file})


def taken(assignment: Assignment, file: bytes) -> list[tuple[Any, ...]]:
    """The cells that grading runs and judges when it is sent this file."""
    grafted = take_in(assignment.given, assignment.notebook, parcel(assignment, file))
    return [(one.role, one.name, one.cell.source) for one in grafted.cells]


# --- without a front end ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def works(lessons: Mapping[str, Lesson]) -> dict[str, NotebookNode]:
    """The lesson untouched, and solved."""
    given = released(lessons[LESSON].notebook)
    return {"untouched": given, "solved": fill(given, reference_sources(lessons[LESSON]))}


@pytest.fixture(scope="module")
def executed(works: Mapping[str, NotebookNode], tmp_path_factory: pytest.TempPathFactory) -> dict[str, NotebookNode]:
    """The same after `jupyter execute --inplace`, which must have succeeded."""
    return {state: after_execute(work, tmp_path_factory.mktemp(state)) for state, work in works.items()}


def after_execute(work: NotebookNode, folder: Path) -> NotebookNode:
    path = folder / "lesson.ipynb"
    nbformat.write(work, path)
    done = command("-m", "jupyter", "execute", "--inplace", path)
    assert done.returncode == 0, done.stderr
    return nbformat.read(path, as_version=4)


def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run Python in a terminal that shows no windows."""
    environment = {**os.environ, "MPLBACKEND": "agg", "NO_COLOR": "1"}
    return subprocess.run([sys.executable, *map(str, arguments)], capture_output=True, text=True, env=environment)


@pytest.mark.slow
def test_jupyter_execute_saves_the_cards(executed: Mapping[str, NotebookNode]) -> None:
    for state, word in (("untouched", "○ Not attempted"), ("solved", "✓ Correct")):
        cards = [text for text, _ in shown_at_home(executed[state]).values()]
        assert [text.partition(" · ")[0] for text in cards] == [word] * 3


@pytest.mark.full
@pytest.mark.parametrize("name", LESSON_NAMES)
def test_every_lesson_runs_through_untouched(name: str, lessons: Mapping[str, Lesson], tmp_path: Path) -> None:
    cards = shown_at_home(after_execute(released(lessons[name].notebook), tmp_path))
    assert set(cards) == set(lessons[name].graded)
    assert {text.partition(" · ")[0] for text, _ in cards.values()} <= {"○ Not attempted", "? Could not be checked"}


@pytest.mark.slow
def test_cards_are_in_pages_made_by_nbconvert(executed: Mapping[str, NotebookNode]) -> None:
    html, _ = nbconvert.HTMLExporter().from_notebook_node(executed["solved"])
    assert '<div aria-label="Correct: column_mean" role="group"' in html  # attributes in alphabetical order
    markdown, _ = nbconvert.MarkdownExporter().from_notebook_node(executed["untouched"])
    assert "<b>Not attempted</b> · <code>residuals</code>" in markdown
    only_text = Config({"NbConvertBase": {"display_data_priority": ["text/plain"]}})  # as where a page becomes a PDF
    markdown, _ = nbconvert.MarkdownExporter(config=only_text).from_notebook_node(executed["untouched"])
    assert "    ○ Not attempted · residuals · 0 of" in markdown


@pytest.mark.slow
@pytest.mark.parametrize("program", ["python", "ipython"])
def test_cards_are_readable_text_in_a_terminal(program: str, works: Mapping[str, NotebookNode], tmp_path: Path) -> None:
    if program == "ipython":  # which runs notebooks as they are
        nbformat.write(works["solved"], tmp_path / "lesson.ipynb")
        done = command("-m", "IPython", "--colors=NoColor", tmp_path / "lesson.ipynb")
    else:
        script, _ = nbconvert.PythonExporter().from_notebook_node(works["solved"])
        (tmp_path / "lesson.py").write_text(re.sub(r"(?m)^get_ipython\(\).*", "", script))  # drills are IPython's alone
        done = command(tmp_path / "lesson.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert "✓ Correct · column_mean · 2 of 2 points\n  " in done.stdout
    assert "<div" not in done.stdout
