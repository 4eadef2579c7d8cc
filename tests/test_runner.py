"""Runner: cells run as IPython would, a step that dies costs itself only, and replies are a stranger's word.

All of it with both kinds of kernels: in the sandbox, and as fresh interpreters without one.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.grading.forkserver import ForkServer
from autograder.grading.kernels import FreshInterpreters, Kernels
from autograder.grading.runner import Died, Limits, Observed, Ran, Result, RunCell, RunProbe, run
from tests.conftest import LESSON_NAMES

MODULE = LESSON_NAMES[0].partition("_")[2]
LIMITS = Limits(step_seconds=3.0, total_seconds=60.0)

PROBE = RunProbe("column_mean", (1, 2))
RIGHT = RunCell("import numpy as np\ndef column_mean(X):\n    return np.mean(X, axis=0)")


@pytest.fixture(params=[ForkServer, FreshInterpreters], ids=["sandboxed", "open"])
def kernels(request: pytest.FixtureRequest) -> Iterator[Kernels]:
    made = request.param(MODULE)
    yield made
    made.close()


@pytest.fixture
def sandboxed() -> Iterator[Kernels]:
    made = ForkServer(MODULE)
    yield made
    made.close()


def texts(result: Result) -> str:
    assert isinstance(result, Ran)
    return "".join(str(output.get("text", output.get("data", output.get("evalue")))) for output in result.outputs)


def test_cells_share_their_names_and_show_what_ipython_shows(kernels: Kernels) -> None:
    cells = [
        "x = 3\nprint('hi')\nx * 2",
        "x + 1",
        "%time y = 1",
        "import asyncio\nawait asyncio.sleep(0)\nprint('awaited')",
    ]
    printed, last, magic, awaited = run([RunCell(cell) for cell in cells], kernels, LIMITS)
    assert "hi" in texts(printed)
    assert "'text/plain': '6'" in texts(printed)
    assert "'text/plain': '4'" in texts(last)
    assert "time" in texts(magic)
    assert "awaited" in texts(awaited)


def test_an_error_ends_its_cell_and_not_the_notebook(kernels: Kernels) -> None:
    wrong, after = run([RunCell("print('before')\n1 / 0"), RunCell("print('after')")], kernels, LIMITS)
    assert "before" in texts(wrong)
    assert "division by zero" in texts(wrong)
    assert "after" in texts(after)


def test_figures_become_pictures(kernels: Kernels) -> None:
    (result,) = run(
        [RunCell("%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()")], kernels, LIMITS
    )
    assert "image/png" in texts(result)


def test_input_has_nobody_to_ask(kernels: Kernels) -> None:
    (result,) = run([RunCell("input('name?')")], kernels, LIMITS)
    assert "nobody to ask" in texts(result)


def test_what_would_end_a_notebook_by_hand_does_not_end_grading(kernels: Kernels) -> None:
    ends = ["exit()", "quit()", "import sys\nsys.exit(1)", "raise KeyboardInterrupt", "raise SystemExit"]
    *_, after = run([RunCell(end) for end in ends] + [RunCell("print('after')")], kernels, LIMITS)
    assert "after" in texts(after)


def test_an_exception_that_cannot_be_shown_is_still_an_error(kernels: Kernels) -> None:
    hostile = "class E(Exception):\n    def __str__(self): raise self\nraise E"
    failed, after = run([RunCell(hostile), RunCell("print('after')")], kernels, LIMITS)
    assert isinstance(failed, Ran)
    assert failed.outputs[-1]["output_type"] == "error"
    assert "after" in texts(after)


def test_pictures_that_come_as_bytes_are_pictures_too(kernels: Kernels) -> None:
    """Pillow's do."""
    (result,) = run([RunCell("class P:\n    def _repr_png_(self): return b'\\x89PNG'\nP()")], kernels, LIMITS)
    assert isinstance(result, Ran)
    assert result.outputs[0]["data"]["image/png"] == "iVBORw=="


def test_a_thousand_small_outputs_are_cut_as_well(kernels: Kernels) -> None:
    (result,) = run([RunCell("for i in range(20_000): display(i)")], kernels, Limits(20.0, 60.0))
    assert isinstance(result, Ran)
    assert len(result.outputs) < 12_000


def test_processes_of_a_learners_own_work(sandboxed: Kernels) -> None:
    pool = "from concurrent.futures import ProcessPoolExecutor\nwith ProcessPoolExecutor(2) as pool: print(list(pool.map(abs, [-1, -2])))"
    (result,) = run([RunCell(pool)], sandboxed, LIMITS)
    assert "[1, 2]" in texts(result)


def test_a_probe_brings_back_observations_one_a_seed(kernels: Kernels) -> None:
    _, observed = run([RIGHT, PROBE], kernels, LIMITS)
    assert isinstance(observed, Observed)
    assert len(observed.observations) == 2
    assert all(seen.stopped is None for seen in observed.observations)


@pytest.mark.parametrize(
    ("fatal", "timeout"),
    [
        ("while True: pass", True),
        ("import os; os._exit(0)", False),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", False),
        (
            "import signal, os\nfor s in (signal.SIGTERM, signal.SIGINT): signal.signal(s, signal.SIG_IGN)\nwhile True: pass",
            True,
        ),
    ],
    ids=["endless loop", "exit", "segfault", "ignored signals"],
)
def test_a_cell_that_kills_the_process_costs_itself_only(fatal: str, timeout: bool, kernels: Kernels) -> None:
    first, dead, last, observed = run(
        [RIGHT, RunCell(fatal), RunCell("column_mean(np.ones((2, 3)))"), PROBE], kernels, LIMITS
    )
    assert isinstance(first, Ran)
    assert isinstance(dead, Died)
    assert dead.timeout is timeout
    assert "array([1., 1., 1.])" in texts(last)
    assert isinstance(observed, Observed)


def test_memory_is_limited(sandboxed: Kernels) -> None:
    (result,) = run([RunCell("import numpy as np\nnp.ones(10**10)")], sandboxed, LIMITS)
    assert "allocate" in texts(result)


def test_a_notebook_has_a_time_of_its_own(kernels: Kernels) -> None:
    limits = Limits(step_seconds=2.0, total_seconds=3.0)
    results = run([RunCell("while True: pass")] * 5 + [RunCell("print('never')")], kernels, limits)
    assert all(isinstance(result, Died) and result.timeout for result in results)


@pytest.mark.parametrize(
    "forgery",
    [
        "import os\nfor d in range(3, 20):\n    try: os.write(d, b'{}\\n')\n    except OSError: pass",
        'import os\nfor d in range(3, 20):\n    try: os.write(d, b\'{"nonce": "0", "observations": []}\\n\')\n    except OSError: pass',
        "import os\nfor d in range(3, 20):\n    try: os.write(d, b'[' * 100000 + b'\\n')\n    except OSError: pass",
    ],
)
def test_words_forged_into_the_pipe_are_no_reply(forgery: str, kernels: Kernels) -> None:
    forged, _ = run([RunCell(forgery), RunCell("1")], kernels, LIMITS)
    assert isinstance(forged, Died)


def test_words_of_a_strangers_process_can_stand_in_a_terminal(kernels: Kernels) -> None:
    hostile = (
        "E = type('\\x1b[1mE', (Exception,), {})\ndef column_mean(X): raise E('\\x1b[31m' + '\\ud800')\ncolumn_mean(1)"
    )
    shown, observed = run([RunCell(hostile), PROBE], kernels, LIMITS)
    assert isinstance(shown, Ran)
    assert isinstance(observed, Observed)
    error, stops = shown.outputs[-1], [seen.stopped for seen in observed.observations]
    for text in (
        error["ename"],
        error["evalue"],
        *(part for stop in stops if stop for part in (stop.name, stop.message)),
    ):
        assert "\x1b" not in text
        text.encode("utf-8")
    assert [stop.name for stop in stops if stop] == ["E", "E"]


def test_endless_output_is_cut(kernels: Kernels) -> None:
    (result,) = run([RunCell("for i in range(10**5): print('x' * 100)")], kernels, LIMITS)
    assert len(texts(result)) < 1_100_000
    assert "further output was dropped" in texts(result)


def test_the_process_gets_nothing_of_the_instructors_environment(
    monkeypatch: pytest.MonkeyPatch, kernels: Kernels
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    (result,) = run([RunCell("import os\nprint(dict(os.environ))")], kernels, LIMITS)
    assert "hunter2" not in texts(result)
