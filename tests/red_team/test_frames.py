"""Red team, frame forging: what a submission writes into the pipe for replies is worth nothing.

Each forgery does arrive: a reader that believes the first line it gets would believe it (the twin test).
"""

from __future__ import annotations

import json
import os
import tracemalloc
from collections.abc import Iterator

import pytest

from autograder.authoring.record import record
from autograder.authoring.sources import load_lesson
from autograder.grading.forkserver import ForkServer
from autograder.grading.kernels import FreshInterpreters, Kernels
from autograder.grading.runner import Died, Limits, Observed, Ran, RunCell, RunProbe, run
from autograder.judge import judge
from autograder.verdict import Status
from tests.conftest import ROOT

LIMITS = Limits(step_seconds=5.0, total_seconds=60.0)
PROBE = RunProbe("column_mean", (11, 12))
WRONG = RunCell("def column_mean(X):\n    return 0.123")

FIND = """
import sys, json, os
frame = next(f for f in map(sys._getframe, range(50)) if 'request' in f.f_locals)
request, replies, exercises = (frame.f_locals[name] for name in ('request', 'replies', 'exercises'))
"""
FORGERIES = {
    "a guessed nonce, into every descriptor": (
        "import os\nline = b'{\"nonce\": \"00\", \"points\": 100, \"outputs\": [], \"observations\": []}\\n'\n"
        "for number in range(3, 32):\n    try: os.write(number, line)\n    except OSError: pass"
    ),
    "the right nonce, found in a frame": (
        FIND + "replies.write(json.dumps({'nonce': request['nonce'], 'points': 100, 'outputs': []}).encode() + b'\\n')\n"
        "replies.flush()"
    ),
    "the right nonce, and an end": (
        FIND + "replies.write(json.dumps({'nonce': request['nonce'], 'points': 100, 'outputs': []}).encode() + b'\\n')\n"
        "replies.flush()\nos._exit(0)"
    ),
    "the same line twice": (
        FIND + "line = json.dumps({'nonce': request['nonce'], 'points': 100, 'outputs': []}).encode() + b'\\n'\n"
        "replies.write(line + line)\nreplies.flush()"
    ),
    "a name twice": (
        FIND + "replies.write(b'{\"nonce\": \"0\", \"points\": 100, \"outputs\": [], \"nonce\": \"%s\"}\\n' % request['nonce'].encode())\n"
        "replies.flush()\nos._exit(0)"
    ),
    "no number": (
        FIND + "replies.write(b'{\"points\": 100, \"nonce\": \"%s\", \"outputs\": [{\"x\": NaN}]}\\n' % request['nonce'].encode())\n"
        "replies.flush()\nos._exit(0)"
    ),
}  # fmt: skip


@pytest.fixture
def sandboxed() -> Iterator[Kernels]:
    made = ForkServer("orientation")
    yield made
    made.close()


@pytest.mark.parametrize("code", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_line_brings_no_answer_that_was_not_computed(code: str, sandboxed: Kernels) -> None:
    _, forged, observed = run([WRONG, RunCell(code), PROBE], sandboxed, LIMITS)
    assert isinstance(forged, (Died, Ran))
    if isinstance(observed, Observed):
        assert all(float(seen.items[0][1]) == 0.123 for seen in observed.observations)  # type: ignore[arg-type]
    else:  # the line was taken for the cell's, and the process was gone or out of step when the probe came
        assert isinstance(observed, Died)


@pytest.mark.parametrize("code", FORGERIES.values(), ids=FORGERIES)
def test_a_reader_that_believes_the_first_line_would_believe_it(code: str) -> None:
    kernels = FreshInterpreters("orientation")
    child = kernels.start()
    os.write(child.requests, json.dumps({"nonce": "secret", "run": code}).encode() + b"\n")
    with os.fdopen(os.dup(child.replies)) as replies:
        assert '"points": 100' in replies.readline()
    kernels.end(child)
    kernels.close()


def test_a_forged_frame_with_observations_for_a_probe_is_not_taken_before_it_was_asked(sandboxed: Kernels) -> None:
    """Written in a cell, it is the cell's reply and no reply; nothing stays in the pipe for the probe to come."""
    forge = FIND + (
        "line = {'nonce': request['nonce'], 'observations': ['[[[\"a table\",[\"text\",\"forged\"]]],[\"none\"]]'] * 2}\n"
        "replies.write(json.dumps(line).encode() + b'\\n')\nreplies.flush()"
    )
    _, forged, observed = run([WRONG, RunCell(forge), PROBE], sandboxed, LIMITS)
    assert isinstance(forged, Died)
    assert isinstance(observed, Observed)
    assert "forged" not in repr(observed)


def test_an_answer_cannot_reply_for_the_probe_that_called_it(sandboxed: Kernels) -> None:
    """Whoever does not know the nonce, that is: another process of the sandbox, or a line from before."""
    line = '{"nonce": "00", "observations": ["[[[\\"a\\",[\\"none\\"]]],[\\"none\\"]]", "[[[\\"a\\",[\\"none\\"]]],[\\"none\\"]]"]}\n'
    code = f"import os\nline = {line.encode()!r}\ndef column_mean(X):\n" + (
        "    for number in range(3, 32):\n        try: os.write(number, line)\n        except OSError: pass\n    os._exit(0)"
    )
    _, forged = run([RunCell(code), PROBE], sandboxed, LIMITS)
    assert isinstance(forged, Died)


@pytest.mark.parametrize(
    "flood",
    [
        "while True: replies.write(b'x' * (1 << 20))",
        "while True: replies.write(b'[],' * (1 << 19))",
        "replies.write(b'[' * 5_000_000 + b'\\n')\nreplies.flush()",
        "replies.write(b'{\"nonce\": ' + b'9' * 5_000_000 + b'}\\n')\nreplies.flush()",
    ],
    ids=["bytes", "lists", "depth", "digits"],
)
def test_a_flood_into_the_pipe_is_cut_and_costs_its_cell_only(flood: str, sandboxed: Kernels) -> None:
    flooded, observed = run([RunCell(FIND + flood), PROBE], sandboxed, LIMITS)
    assert isinstance(flooded, Died)
    assert isinstance(observed, Observed)


def test_observations_of_too_many_parts_are_refused_before_they_are_parsed(sandboxed: Kernels) -> None:
    """A megabyte of brackets becomes a hundred in memory; it is counted first."""
    patch = FIND + ("frame.f_globals['to_json'] = lambda seen: '[' + '[],' * 5_000_000 + '[]]'")
    tracemalloc.start()
    *_, refused = run([WRONG, RunCell(patch), PROBE], sandboxed, LIMITS)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(refused, Died)
    assert "no reply" in refused.why
    assert most < 200 << 20


def test_a_patched_sender_sends_what_it_likes_and_it_is_compared_like_anything_else(sandboxed: Kernels) -> None:
    claim = '[[["the result",["text","correct"]]],["none"]]'
    patch = FIND + f"frame.f_globals['to_json'] = lambda seen: {claim!r}"
    *_, observed = run([WRONG, RunCell(patch), PROBE], sandboxed, LIMITS)
    assert isinstance(observed, Observed)
    lesson = load_lesson(ROOT / "solutions" / "00_orientation")
    verdict = judge(lesson.exercises["column_mean"], record(lesson, PROBE.seeds)["column_mean"], observed.observations)
    assert (verdict.status, verdict.points) == (Status.WRONG, 0)
