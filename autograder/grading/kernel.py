"""Kernel: the program in the learner's process. Runs cells as IPython would, and probes; sends back data.

    python -P -m autograder.grading.kernel LESSON_MODULE

Requests are JSON lines on stdin, one reply each on stdout: `{"run": source}` gives `{"outputs": […]}`,
`{"probe": name, "seeds": […]}` gives `{"observations": [JSON text a seed]}`, and neither says that we are ready. Learner code shares this process, so
whatever comes out of it is treated as a stranger's word: the verdict is made elsewhere, from the data alone.
"""

from __future__ import annotations

import builtins
import importlib
import io
import json
import os
import sys
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from autograder.check import observe_in
from autograder.encoding import to_json
from autograder.exercise import exercises_of

MAX_OUTPUT = 1_000_000  # characters a cell; the rest is dropped, and it is said so


class Outputs:
    """A cell's outputs in the order in which they come, in the notebook format's words."""

    def __init__(self) -> None:
        self.cell: list[dict[str, Any]] = []
        self._left = MAX_OUTPUT

    def start(self) -> None:
        self.cell, self._left = [], MAX_OUTPUT

    def add(self, output: dict[str, Any], size: int) -> None:
        if self._left <= 0:
            return
        self._left -= size
        if self._left <= 0:
            output = {"output_type": "stream", "name": "stdout", "text": "\n[further output was dropped]\n"}
        self.cell.append(output)

    def stream(self, name: str, text: str) -> None:
        last = self.cell[-1] if self.cell else {}
        if last.get("output_type") == "stream" and last["name"] == name and self._left > len(text):
            last["text"] += text
            self._left -= len(text)
        elif text:
            self.add({"output_type": "stream", "name": name, "text": text}, len(text))


_outputs = Outputs()


class _Stream(io.TextIOBase):
    """What the learner prints becomes an output of the running cell."""

    def __init__(self, name: str) -> None:
        self._name = name

    def write(self, text: str) -> int:
        _outputs.stream(self._name, str(text))
        return len(text)

    def writable(self) -> bool:
        return True


class _Publisher(DisplayPublisher):
    def publish(self, data: Any, metadata: Any = None, source: Any = None, **_: Any) -> None:
        _outputs.add({"output_type": "display_data", **_bundle(data, metadata)}, len(str(data)))


class _Hook(DisplayHook):
    def __call__(self, result: Any = None) -> None:
        if result is not None and not self.quiet():
            self.update_user_ns(result)
            data, metadata = self.compute_format_data(result)
            output = {"output_type": "execute_result", **_bundle(data, metadata)}
            _outputs.add(output, len(str(data)))


def _bundle(data: Any, metadata: Any) -> dict[str, Any]:
    return {"data": dict(data), "metadata": dict(metadata or {})}


class _Shell(InteractiveShell):
    """IPython without a terminal, history or files of its own."""

    def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:
        name = getattr(etype, "__name__", str(etype))
        output = {"output_type": "error", "ename": name, "evalue": str(evalue)[:2000], "traceback": stb[-50:]}
        _outputs.add(output, sum(map(len, stb)))

    def enable_gui(self, gui: Any = None) -> None:
        """`%matplotlib` asks for an event loop; there is none here, and nobody to look."""


def _no_input(*_: Any) -> str:
    raise StdinNotImplementedError("input() has nobody to ask while notebooks are graded")


def _make_shell() -> InteractiveShell:
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = _Shell.instance(config=config, display_pub_class=_Publisher, displayhook_class=_Hook)
    sys.stdout, sys.stderr = _Stream("stdout"), _Stream("stderr")
    builtins.input = _no_input
    return shell


def _run(shell: InteractiveShell, source: str) -> dict[str, Any]:
    _outputs.start()
    shell.run_cell(source, store_history=True)
    return {"outputs": _outputs.cell}


def answer_requests(lesson_module: str) -> None:
    """Answer requests from descriptor 0 on descriptor 1 until there are no more."""
    exercises = exercises_of(importlib.import_module(f"autograder.exercises.{lesson_module}"))
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):  # what is printed behind Python's back must not mix with the replies
        os.dup2(nowhere, descriptor)
    shell = _make_shell()
    for line in requests:
        request = json.loads(line)
        reply: dict[str, Any] = {}
        if "run" in request:
            reply = _run(shell, request["run"])
        elif "probe" in request:
            observed = observe_in(exercises[request["probe"]], shell.user_ns, request["seeds"])
            reply = {"observations": [to_json(seen) for seen in observed]}
        replies.write(json.dumps({"nonce": request["nonce"], **reply}, default=str).encode() + b"\n")
        replies.flush()


if __name__ == "__main__":
    answer_requests(sys.argv[1])
