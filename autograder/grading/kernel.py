"""Kernel: the program in the learner's process. Runs cells as IPython would, and probes; sends back data.

    python -P -m autograder.grading.kernel LESSON_MODULE

Requests are JSON lines on stdin, one reply each on stdout: `{"run": source}` gives `{"outputs": […]}`,
`{"probe": name, "seeds": […]}` gives `{"observations": [JSON text a seed]}`, `{"put": path, "content": base64}` writes
a file beside the notebook, and none of these says that we are ready. For an ordinary course LESSON_MODULE is empty.
Learner code shares this process, so whatever comes out of it is treated as a stranger's word: the verdict is made
elsewhere, from the data alone.
"""

from __future__ import annotations

import base64
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
from IPython.utils.process import get_output_error_code
from traitlets.config import Config

from autograder.check import observe_in
from autograder.encoding import to_json
from autograder.exercise import exercises_of

MAX_OUTPUT = 1_000_000  # characters a cell; the rest is dropped, and it is said so
_COST_OF_AN_OUTPUT = 100  # of these, so that there are not 10⁵ short ones


class Outputs:
    """A cell's outputs in the order in which they come, in the notebook format's words."""

    def __init__(self) -> None:
        self.cell: list[dict[str, Any]] = []
        self._texts: list[str] = []
        self._left = MAX_OUTPUT

    def start(self) -> None:
        self.cell, self._left = [], MAX_OUTPUT

    def add(self, output: dict[str, Any], size: int) -> None:
        speaks = output["output_type"] in ("error", "execute_result")  # an ordinary test is judged by these
        if self._left <= 0 and not speaks:
            return
        self._left -= size + _COST_OF_AN_OUTPUT
        if self._left <= 0 and not speaks:
            output = {"output_type": "stream", "name": "stdout", "text": "\n[further output was dropped]\n"}
        self.cell.append(output)

    def stream(self, name: str, text: str) -> None:
        if self._streams(name) and self._left > len(text):
            self._texts.append(text)
            self._left -= len(text)
        elif text and self._left > 0:
            self._texts = [text]
            self.add({"output_type": "stream", "name": name, "text": self._texts}, len(text))

    def _streams(self, name: str) -> bool:
        """Whether what is printed to stream `name` now belongs to the last output."""
        return bool(self.cell) and self.cell[-1].get("name") == name and self.cell[-1]["text"] is self._texts

    def finished(self) -> list[dict[str, Any]]:
        """The cell's outputs, with each stream's texts made one (at once: adding them up as they come is quadratic)."""
        return [{**out, "text": "".join(out["text"])} if out["output_type"] == "stream" else out for out in self.cell]


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
        _add_shown("display_data", data)


class _Hook(DisplayHook):
    def __call__(self, result: Any = None) -> None:
        if result is not None and not self.quiet():
            self.update_user_ns(result)
            data, _ = self.compute_format_data(result)
            _add_shown("execute_result", data)


def _bundle(data: Any) -> dict[str, Any]:
    """What can be shown to an instructor: text and pictures, the latter as base64 whoever made them."""
    shown: dict[str, str] = {}
    if isinstance(text := data.get("text/plain"), str):
        shown["text/plain"] = text
    if isinstance(picture := data.get("image/png"), (str, bytes)):
        shown["image/png"] = picture if isinstance(picture, str) else base64.b64encode(picture).decode()
    return {"data": shown, "metadata": {}}


def _add_shown(kind: str, data: Any) -> None:
    output = {"output_type": kind, **_bundle(data)}
    _outputs.add(output, sum(map(len, output["data"].values())))


def _text_of(error: BaseException) -> str:
    try:
        return str(error)[:2000]
    except Exception:  # its own __str__ fails
        return ""


class _Shell(InteractiveShell):
    """IPython without a terminal, history or files of its own."""

    def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:
        name = getattr(etype, "__name__", str(etype))
        lines = [str(line)[:2000] for line in stb[-50:]]
        output = {"output_type": "error", "ename": str(name), "evalue": _text_of(evalue), "traceback": lines}
        _outputs.add(output, sum(map(len, lines)))

    def system(self, cmd: str) -> None:
        """`!command`: without a terminal, for a sandbox has none."""
        out, err, self.user_ns["_exit_code"] = get_output_error_code(self.var_expand(cmd, depth=1))
        sys.stdout.write(out + err)

    def ask_exit(self) -> None:
        """`exit()` and `quit()`: what comes after them is graded too."""

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
    sys.path.insert(0, "")  # as in any notebook, files beside it can be imported
    builtins.input = _no_input
    return shell


def _run(shell: InteractiveShell, source: str) -> dict[str, Any]:
    _outputs.start()
    result = shell.run_cell(source, store_history=True)
    error = result.error_before_exec or result.error_in_exec
    if error is not None and not any(output["output_type"] == "error" for output in _outputs.cell):
        said = f"{_text_of(error)} (what shows errors was replaced)".strip()
        _outputs.add(
            {"output_type": "error", "ename": type(error).__name__, "evalue": said, "traceback": []}, len(said)
        )
    return {"outputs": _outputs.finished()}


def imports_of_a_shell() -> list[str]:
    """The modules that are imported when a shell is made and runs a cell, in their order. Leaves this process changed."""
    before = set(sys.modules)
    _run(_make_shell(), "1")
    return [name for name in sys.modules if name not in before]


def _put(path: str, content: str) -> dict[str, Any]:
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "wb") as file:
        file.write(base64.b64decode(content))
    return {"outputs": []}


def answer_requests(lesson_module: str) -> None:
    """Answer requests from descriptor 0 on descriptor 1 until there are no more."""
    module = importlib.import_module(f"autograder.exercises.{lesson_module}") if lesson_module else None
    exercises = exercises_of(module) if module is not None else {}
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
        elif "put" in request:
            reply = _put(request["put"], request["content"])
        replies.write(json.dumps({"nonce": request["nonce"], **reply}).encode() + b"\n")
        replies.flush()


if __name__ == "__main__":
    answer_requests(sys.argv[1])
