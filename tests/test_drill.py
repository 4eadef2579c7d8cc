"""Drills: any layout of the target counts, once a cell; what differs is shown with a caret; nothing of it is graded."""

from __future__ import annotations

import copy
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell
from jupyter_client.manager import KernelManager
from nbformat import NotebookNode
from traitlets.config import Config

from autograder.authoring.answers import fill, reference_sources
from autograder.authoring.course import Course
from autograder.authoring.release import released
from autograder.authoring.sources import load_lesson
from autograder.drill import DRILLS, SCHEDULE, Drill, due
from autograder.grading.names import names_in
from autograder.logbook import read_logbook
from autograder.typed import first_difference, is_blank, is_the_same
from tests.conftest import LESSON_FOLDERS, LESSON_NAMES
from tests.grading import grade, submit

every_drill = pytest.mark.parametrize("drill", DRILLS.values(), ids=DRILLS.keys())
WITH_DRILLS = [name for name in LESSON_NAMES if int(name[:2]) in SCHEDULE]
TYPED_NAMES = {"weights", "learning_rate", "num_epochs", "predictions", "loss", "error", "gradient", "epoch"}
LOSS = DRILLS["loss"].target
WIDE = DRILLS["complete_loop"].target.replace("    ", "        ")


# --- what is due ------------------------------------------------------------------------------------


def test_six_patterns_and_seven_lines_are_51_repetitions() -> None:
    assert Counter((drill.hidden, drill.reps) for drill in DRILLS.values()) == {(False, 5): 6, (True, 3): 7}
    assert sum(drill.reps for drill in DRILLS.values()) == 51


def test_lessons_00_to_05_hold_all_repetitions_and_08_and_10_bring_each_drill_back() -> None:
    planned = Counter(name for lesson in range(6) for name in SCHEDULE[lesson])
    assert planned == {name: drill.reps for name, drill in DRILLS.items()}
    assert set(SCHEDULE[8]) == set(SCHEDULE[10]) == set(DRILLS)
    assert sorted(SCHEDULE) == [0, 1, 2, 3, 4, 5, 8, 10]


def test_a_drill_comes_back_in_the_next_lesson_or_the_one_after_and_never_twice_in_one() -> None:
    for name, drill in DRILLS.items():
        lessons = [lesson for lesson in range(6) for other in SCHEDULE[lesson] if other == name]
        assert {later - earlier for earlier, later in pairwise(lessons)} == ({2} if drill.hidden else {1})


def test_what_is_due_grows_with_the_lessons_and_shrinks_with_the_repetitions() -> None:
    once, all_done = dict.fromkeys(DRILLS, 1), {name: drill.reps for name, drill in DRILLS.items()}
    assert due({}, 0) == ["rapid_2", "rapid_3", "rapid_6"]
    assert due({"rapid_2": 1}, 0) == ["rapid_3", "rapid_6"]
    assert due(once, 1) == []
    assert due(once, 2) == [*list(DRILLS)[:6], "rapid_2", "rapid_3", "rapid_6"]
    assert due(all_done, 7) == []
    assert due(all_done, 8) == due(all_done, 9) == list(DRILLS)
    assert due({name: reps + 2 for name, reps in all_done.items()}, 10) == []
    assert due({"a drill of another year": 3}, -1) == []


# --- what is the same, and where it is not ----------------------------------------------------------


def tokens_of(code: str) -> list[str]:
    return re.findall(r"\n *|\d[\d.]*|\.?\w+|\*\*|\S", code)


@st.composite
def laid_out_anew(draw: st.DrawFn, tokens: list[str], idle: bool = True) -> str:
    """The tokens with other spaces, comments, empty lines, line breaks in brackets and, if wanted, idle parentheses."""
    code, depth = "", 0
    for token in tokens:
        if token.startswith("\n"):
            code += draw(st.sampled_from(["", " ", "  # why"])) + draw(st.sampled_from(["\n", "\n\n"])) + token[1:]
            continue
        if code.rpartition("\n")[2].strip():
            code += " " if re.search(r"\w$", code) and re.match(r"\w", token) else ""
            code += draw(st.sampled_from(["", " ", "  ", "\n \t"] if depth else ["", " ", "  "]))
        wrap = idle and depth > 0 and token.isidentifier() and draw(st.booleans())
        code += f"( {token})" if wrap else token
        depth += (token == "(") - (token == ")")
    margin = draw(st.sampled_from(["", "  ", "\t"]))
    return (
        "\n" + "\n".join(margin + line for line in code.split("\n")) + draw(st.sampled_from(["", "\n", "  # done\n\n"]))
    )


@given(
    st.sampled_from(list(DRILLS.values())).flatmap(
        lambda drill: st.tuples(st.just(drill), laid_out_anew(tokens_of(drill.target)))
    )
)
def test_any_layout_of_the_target_is_the_same_code(case: tuple[Drill, str]) -> None:
    drill, typed = case
    assert is_the_same(typed, drill.target)


def changed(token: str) -> str:
    """Another token of the same kind, which no target has."""
    others = {
        "=": "==",
        "+": "-",
        "-": "+",
        "*": "/",
        "/": "*",
        "**": "*",
        "(": "[",
        ")": "]",
        ",": ";",
        ":": ",",
        "in": "of",
    }
    return others.get(token) or (f"{token}9" if token[0].isdigit() else f"{token[:-1]}q")


@given(st.data())
def test_one_changed_token_is_found_in_any_layout(data: st.DataObject) -> None:
    drill = data.draw(st.sampled_from(list(DRILLS.values())))
    tokens = tokens_of(drill.target)
    index = data.draw(st.sampled_from([index for index, token in enumerate(tokens) if token[0] != "\n"]))
    old, tokens[index] = tokens[index], changed(tokens[index])
    typed = data.draw(laid_out_anew(tokens, idle=False))

    assert not is_the_same(typed, drill.target)
    difference = first_difference(typed, drill.target)
    if tokens[index] != ";":  # is as good as the end of a line
        assert difference.source[difference.column :].startswith(tokens[index])
        assert f"`{tokens[index]}`" in difference.says
        assert f"`{old}` was expected" in difference.says
    line, carets = difference.caret.expandtabs().split("\n")
    assert line.strip()
    assert set(carets.strip()) == {"^"}


@every_drill
def test_a_token_left_out_or_typed_twice_is_not_the_same_code(drill: Drill) -> None:
    tokens = tokens_of(drill.target)
    for index, token in enumerate(tokens):
        for instead in ("", f"{token} {token}"):
            typed = " ".join([*tokens[:index], instead, *tokens[index + 1 :]])
            if not is_the_same(typed, drill.target):
                assert first_difference(typed, drill.target).says
            else:
                assert token.startswith("\n")  # an empty line


@pytest.mark.parametrize(
    ("typed", "caret", "says"),
    [
        ("loss = np.mean((predictions - y) ** 3)", 36, "after `loss = np.mean((predictions - y) **`, stands `3`"),
        ("loss = np.mean(((predictions) - y) ** 3)", 38, "stands `3`, and `2` was expected"),
        ("loss = np.mean(predictions - y) ** 2", 15, "stands `predictions`, and `(` was expected"),
        ("loss = np.mean((predictions − y) ** 2)", 28, "stands `−` (minus sign), and `-` was expected"),
        ("loss = np.mean((predictions - y) ** 2", 37, "the line ends, and `)` was expected"),
        ("loss = np.mean((predictions - y) ** 2))", 38, "stands `)`, and the end of the line was expected"),
        ("loss", 4, "the line ends, and `=` was expected"),
        ("Loss = 1", 0, "At the start of your line 1 stands `Loss`, and `loss` was expected"),
        ("loss = 'np", 7, "stands `'`, and `np` was expected"),
    ],
)
def test_the_caret_stands_below_the_first_token_that_differs(typed: str, caret: int, says: str) -> None:
    difference = first_difference(typed, LOSS)
    assert difference.caret.split("\n")[1].index("^") == caret
    assert says in difference.says


@pytest.mark.parametrize(
    ("typed", "line", "says"),
    [
        ("for epoch in range(num_epochs):\npredictions = 1", 2, "indented one level more"),
        ("for epoch in range(num_epochs):\n    predictions = np.dot(X, weights)", 2, "which begins with `loss`"),
        (
            "    for epoch in range(num_epochs):\n\n        predictions = np.dot(X)",
            3,
            "stands `)`, and `,` was expected",
        ),
        ("for epoch in range(num_epochs): predictions = 1", 1, "stands `predictions`, and the end of the line"),
        (DRILLS["complete_loop"].target + "\nprint(loss)", 7, "one too many"),
        (DRILLS["complete_loop"].target.replace("    loss", "      loss"), 3, "indented one level less"),
        (DRILLS["complete_loop"].target.replace("    loss", "  loss"), 3, "as deep as a line above it"),
        (WIDE.replace("        loss", "\tloss"), 3, "Python cannot read your line 3"),
    ],
)
def test_a_difference_in_lines_is_told_by_the_line(typed: str, line: int, says: str) -> None:
    difference = first_difference(typed, DRILLS["complete_loop"].target)
    assert (difference.line, says in difference.says) == (line, True), difference


@pytest.mark.parametrize(
    "typed", ["\0", "(" * 5000, "loss = " + "-" * 100_000 + "1", "λ" * 3000, "\\", '"""', ";;", "\r"]
)
def test_whatever_is_typed_gets_an_answer(typed: str) -> None:
    assert not is_the_same(typed, LOSS)
    assert is_blank(typed) or first_difference(typed, LOSS).says


# --- a notebook -------------------------------------------------------------------------------------


class Notebook:
    """Cells, run in a real shell; `asked_for` is what was put into the cell instead of its text, `card` what was shown."""

    def __init__(self, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
        self.shell, self._capsys = shell, capsys
        self.card = self.asked_for = ""

    def run(self, source: str, cell: str | None = None) -> str:
        """Run a cell that the front end calls `cell`; gives the card as text."""
        metadata = {} if cell is None else {"cellId": cell}
        vars(self.shell)["parent_header"] = {"metadata": metadata}
        vars(self.shell)["rl_next_input"] = ""
        result = self.shell.run_cell(source)
        said = self._capsys.readouterr()
        assert result.success
        assert said.err == ""
        self.card, self.asked_for = " ".join(said.out.split()), vars(self.shell)["rl_next_input"]
        return self.card


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The logbook of a learner who is in lesson 01."""
    monkeypatch.delenv("TRAINING_LOOPS_PROGRESS")
    (tmp_path / "01_loop_by_hand").mkdir()
    monkeypatch.chdir(tmp_path / "01_loop_by_hand")
    return tmp_path / "progress.json"


@pytest.fixture
def notebook(file: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Notebook]:
    """A notebook in lesson 01 that has imported NumPy."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    hook = sys.displayhook
    shell = InteractiveShell.instance(config=config)
    notebook = Notebook(shell, capsys)
    notebook.run("import numpy as np\n%load_ext autograder")
    yield notebook
    InteractiveShell.clear_instance()
    sys.displayhook = hook


def reps() -> dict[str, int]:
    return {name: drilled.reps for name, drilled in read_logbook().drills.items()}


def test_an_empty_cell_shows_a_pattern_and_only_describes_a_rapid_line(notebook: Notebook) -> None:
    assert LOSS in notebook.run("%%drill loss")
    assert "0 of 5 reps" in notebook.card
    described = notebook.run("%%drill rapid_3\n\n# from memory\n")
    assert LOSS not in described
    assert "the mean of the squares" in described
    assert LOSS in notebook.run("%%drill rapid_3 show")
    assert reps() == {}


@every_drill
def test_a_right_cell_is_run_and_counted_and_asks_for_the_next(drill: Drill, notebook: Notebook) -> None:
    card = notebook.run(f"%%drill {drill.name}\n{drill.target}")
    assert f"✓ Counted · {drill.name} · 1 of {drill.reps} reps" in card
    assert reps() == {drill.name: 1}
    assert notebook.asked_for.startswith("%%drill ")
    names = set(re.findall(r"^ *(\w+) =", drill.target, re.MULTILINE)) or {"epoch"}
    assert names <= notebook.shell.user_ns.keys()
    assert names <= TYPED_NAMES


def test_typed_lines_work_on_the_notebooks_own_names(notebook: Notebook) -> None:
    notebook.run("X, weights = np.eye(3), np.array([1.0, 2.0, 3.0])")
    notebook.run("%%drill forward_pass\npredictions = np.dot(X, weights)")
    assert notebook.shell.user_ns["predictions"].tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("given", ["", "X = 'no array'; weights = 1", "X = np.ones((2, 8, 8)); weights = np.ones(3)"])
def test_where_the_notebook_has_not_what_a_line_needs_an_example_is_lent_and_taken_back(
    given: str, notebook: Notebook
) -> None:
    notebook.run(f"{given}\nbefore = dict(globals())" if given else "before = {}")
    card = notebook.run("%%drill forward_pass\npredictions = np.dot(X, weights)")
    assert "✓ Counted" in card
    assert "it ran on a small example" in card
    space = notebook.shell.user_ns
    assert space["predictions"].shape == (4,)
    assert space.get("X") is space["before"].get("X")


def test_the_card_names_the_drill_that_makes_what_is_missing(notebook: Notebook) -> None:
    notebook.run("X = np.eye(2)")
    card = notebook.run("%%drill forward_pass\npredictions = np.dot(X, weights)")
    assert "This notebook has no `weights` now (the drill `initialization` makes it)" in card


def test_a_function_of_the_learners_is_never_replaced(notebook: Notebook) -> None:
    notebook.run("def loss(): return 'mine'")
    assert "Your function `loss` stays as it is." in notebook.run(f"%%drill loss\n{LOSS}")
    assert notebook.shell.user_ns["loss"]() == "mine"
    assert reps() == {"loss": 1}


def test_a_wrong_cell_is_not_run_and_shows_a_caret(notebook: Notebook) -> None:
    card = notebook.run("%%drill gradient\nerror = predictions - y\ngradient = print('ran')")
    assert "ran" not in card.replace("'ran'", "")
    assert "^" in card
    assert "In your line 2, after `gradient =`, stands `print`, and `np` was expected." in card
    assert reps() == {}
    assert notebook.asked_for == ""


def test_a_hidden_line_stays_hidden_where_it_is_typed_wrongly(notebook: Notebook) -> None:
    card = notebook.run("%%drill rapid_5\ngradient = np.dot(X, error)")
    assert "`.T` was expected" in card
    assert "len" not in card
    assert "`%%drill rapid_5 show`" in card


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("%%drill forwardpass", "Did you mean `forward_pass`?"),
        ("%%drill Loss\nx = 1", "Did you mean `loss`?"),
        ("%%drill qqq", "There is no drill called `qqq`. The drills are: `initialization`"),
        ("%%drill", "Which drill? The drills are: `initialization`"),
    ],
)
def test_a_wrong_name_gets_a_sentence(line: str, says: str, notebook: Notebook) -> None:
    assert says in notebook.run(line)


def test_a_session_goes_through_all_that_is_due_in_one_cell_and_says_when_it_ends(notebook: Notebook) -> None:
    text, typed = "%%drill initialization", []
    while not (last := "No drill is due" in text):
        name = text.split()[1]
        typed.append(name)
        assert len(typed) < 20, last
        notebook.run(f"{text}\n{DRILLS[name].target}", cell="drill-01")
        text = notebook.asked_for
    behind = ["rapid_2", "rapid_3", "rapid_6"]  # of lesson 00, which was left out
    assert sorted(typed) == sorted([*SCHEDULE[1], *behind])
    assert "No drill is due in it now." in notebook.card
    assert due(reps(), 1) == []
    assert "→ Drill" in notebook.run(text)


def test_where_the_folder_tells_no_lesson_one_lesson_is_gone_through_at_a_time(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("rapid_2", "rapid_3"):
        notebook.run(f"%%drill {name}\n{DRILLS[name].target}")
    assert notebook.asked_for == "%%drill rapid_6 1\n"
    notebook.run(f"%%drill rapid_6\n{DRILLS['rapid_6'].target}")
    assert notebook.asked_for.startswith("%%drill rapid_7 1")


def test_a_cell_that_is_only_run_again_does_not_count_again(notebook: Notebook, file: Path) -> None:
    text = f"%%drill loss\n{LOSS}"
    notebook.run(text, cell="a")
    assert "was counted in this cell before" in notebook.run(text, cell="a")
    assert reps() == {"loss": 1}
    assert json.loads(file.read_text())["drill_cells"].keys() == {"a"}
    notebook.run(text, cell="b")
    assert reps() == {"loss": 2}


def test_the_same_line_typed_anew_where_a_cell_asks_for_it_counts(notebook: Notebook, file: Path) -> None:
    file.write_text(json.dumps({"drills": {name: {"reps": 9} for name in DRILLS if name != "loss"}}))
    notebook.run("import os; os.makedirs('../04_optimizers', exist_ok=True); os.chdir('../04_optimizers')")
    text = "%%drill loss"
    for _ in range(4):
        notebook.run(f"{text}\n{LOSS}", cell="a")
        text = notebook.asked_for.rstrip("\n")
    assert reps()["loss"] == 4


def test_where_a_front_end_does_not_name_its_cells_every_right_run_counts(notebook: Notebook) -> None:
    for _ in range(2):
        notebook.run(f"%%drill loss\n{LOSS}")
    assert reps() == {"loss": 2}


def test_where_the_logbook_cannot_be_written_drills_go_on(
    notebook: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a file").touch()
    monkeypatch.setenv("TRAINING_LOOPS_PROGRESS", str(tmp_path / "a file" / "progress.json"))
    assert "✓ Counted · loss · 1 of 5 reps" in notebook.run(f"%%drill loss\n{LOSS}")


def test_what_is_typed_above_the_magic_counts_too(notebook: Notebook) -> None:
    """JupyterLab's cursor stands there in a cell whose text was replaced."""
    assert "✓ Counted" in notebook.run(f"{LOSS}%%drill loss 2\n")
    assert "✓ Counted" in notebook.run(
        f"error = predictions - y\n%%drill gradient\n{DRILLS['gradient'].target.split(chr(10))[1]}"
    )
    notebook.run("text = '%%drill loss'  # %%drill loss")
    assert notebook.shell.user_ns["text"] == "%%drill loss"


def test_numpys_warnings_are_kept_from_a_learner_whose_loop_diverges(notebook: Notebook) -> None:
    notebook.run(
        "X = 1e200 * np.ones((3, 2)); y = np.ones(3); weights = np.ones(2); learning_rate, num_epochs = 1e9, 99"
    )
    assert "✓ Counted" in notebook.run(f"%%drill complete_loop\n{DRILLS['complete_loop'].target}")
    assert not np.isfinite(notebook.shell.user_ns["loss"])


# --- a kernel ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_repetitions_outlive_the_kernel_and_run_all_counts_nothing_twice(file: Path) -> None:
    """With a real kernel: what it is told of the cell, and what it asks the front end to do."""

    def run_all() -> dict[str, Any]:
        """A new kernel that runs the imports and the drill cell, as "restart and run all" does."""
        manager = KernelManager()
        manager.start_kernel(cwd=str(Path.cwd()))
        client = manager.blocking_client()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        for source in ("import numpy as np\n%load_ext autograder", f"%%drill loss\n{LOSS}"):
            content = {
                "code": source,
                "silent": False,
                "store_history": True,
                "user_expressions": {},
                "allow_stdin": False,
                "stop_on_error": True,
            }
            message = client.session.msg("execute_request", content, metadata={"cellId": "drill-01"})
            client.shell_channel.send(message)
            while (reply := client.get_shell_msg(timeout=60))["parent_header"]["msg_id"] != message["header"]["msg_id"]:
                pass
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        return reply["content"]

    reply = run_all()
    assert reply["status"] == "ok"
    assert reply["payload"] == [{"source": "set_next_input", "text": "%%drill gradient 1\n", "replace": True}]
    assert run_all()["status"] == "ok"
    assert reps() == {"loss": 1}


# --- the lessons ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def notebooks() -> dict[str, NotebookNode]:
    """The lessons' reference notebooks by name."""
    return {folder.name: nbformat.read(folder / f"{folder.name}.ipynb", as_version=4) for folder in LESSON_FOLDERS}


@pytest.mark.parametrize("name", WITH_DRILLS)
def test_a_lesson_with_drills_gives_one_open_cell_and_the_magic_it_needs(
    name: str, notebooks: Mapping[str, NotebookNode]
) -> None:
    cells = released(notebooks[name]).cells
    (cell,) = [cell for cell in cells if cell.source.startswith("%%drill")]
    assert cell.source.removeprefix("%%drill ") in SCHEDULE[int(name[:2])]
    assert cell.id == f"drill-{name[:2]}"
    assert dict(cell.metadata) == {}
    (imports,) = [cell for cell in cells if "%load_ext autograder" in cell.source]
    assert imports.metadata.nbgrader.locked
    assert cells.index(imports) < cells.index(cell)


@pytest.mark.parametrize("name", LESSON_NAMES)
def test_no_lesson_reads_a_name_that_a_drill_sets(name: str, notebooks: Mapping[str, NotebookNode]) -> None:
    """So a drill, run at any moment, changes neither an exercise nor a demonstration."""
    for cell in notebooks[name].cells:
        if cell.cell_type == "code":
            names = names_in(cell.source)
            assert TYPED_NAMES.isdisjoint(names.needed_now | names.needed_later), cell.source


def test_other_lessons_have_no_drill(notebooks: Mapping[str, NotebookNode]) -> None:
    for name in set(LESSON_NAMES) - set(WITH_DRILLS):
        assert not any("drill" in cell.source.split("\n")[0] for cell in notebooks[name].cells)


def test_grading_reads_what_a_drill_cell_defines_and_asks_nothing_for_it() -> None:
    names = names_in(f"%%drill gradient\n{DRILLS['gradient'].target}")
    assert names.defined == ("error", "gradient")
    assert names.needed_now == names.needed_later == frozenset()


def drill_states(notebook: NotebookNode) -> dict[str, NotebookNode]:
    """A solved lesson 00 as learners send it, by what became of its drill cell."""
    place = next(index for index, cell in enumerate(notebook.cells) if cell.source.startswith("%%drill"))
    right = f"%%drill rapid_2\n{DRILLS['rapid_2'].target}"
    texts = {
        "wrong": "%%drill rapid_2 1\npredictions = while True",
        "typed above the magic": f"{LOSS}%%drill rapid_3 1\n",
        "without the magic": "predictions = np.dot(X, weights)",
        "used for something else": "def helper(X):\n    return X.mean(axis=0)",
        "colab": right,
        "many": right,
    }
    sent = {title: copy.deepcopy(notebook) for title in [*texts, "deleted"]}
    for title, text in texts.items():
        sent[title].cells[place].source = text
    del sent["deleted"].cells[place]
    for where in (0, 5, place):  # the first stands above the cell that makes the magic known
        sent["many"].cells.insert(where, nbformat.v4.new_code_cell(right))
    for cell in sent["colab"].cells:
        cell.metadata = nbformat.from_dict({"id": cell.id})
    return sent


@pytest.mark.slow
def test_honest_work_is_graded_in_full_whatever_became_of_the_drill_cell(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRAINING_LOOPS_PROGRESS", str(tmp_path / "progress.json"))
    lesson = load_lesson(course.solutions / "00_orientation")
    titles = {}
    for number, (title, notebook) in enumerate(
        drill_states(fill(released(lesson.notebook), reference_sources(lesson))).items()
    ):
        titles[f"learner-{number}"] = title
        submit(course, lesson.name, f"learner-{number}", notebook)

    rows = grade(course, lesson.name)["submissions"]

    total = sum(exercise.points for exercise in lesson.exercises.values())
    assert {titles[row["student"]]: row["score"] for row in rows} == dict.fromkeys(titles.values(), total)
    said = {titles[row["student"]]: row["problems"] for row in rows if row["problems"]}
    assert said.keys() <= {"colab"}  # lost marks are told, and have nothing to do with drills
    assert not (tmp_path / "progress.json").exists()
