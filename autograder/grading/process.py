"""Process: run a notebook's steps in a fresh interpreter, and bring back outputs and observations as data.

`run(steps, limits)` is the seam between grading and whatever runs the learner's code. A step that hangs, crashes or
eats the memory costs itself only: its process is replaced, and the notebook runs again without it.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import secrets
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from autograder.encoding import ObservationError, from_json
from autograder.observation import MAX_TOTAL_BYTES, Observations

MAX_REPLY = 8 * MAX_TOTAL_BYTES


@dataclass(frozen=True)
class Limits:
    """What one notebook may use: wall-clock seconds a step and in all, and address space."""

    step_seconds: float = 20.0
    total_seconds: float = 180.0
    memory_bytes: int = 4 << 30


@dataclass(frozen=True)
class RunCell:
    """Run a cell's source."""

    source: str


@dataclass(frozen=True)
class RunProbe:
    """Observe the answer to an exercise, once a seed."""

    exercise: str
    seeds: tuple[int, ...]


Step: TypeAlias = RunCell | RunProbe


@dataclass(frozen=True)
class Ran:
    """A cell came to its end, maybe with an error among its outputs."""

    outputs: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Observed:
    """A probe came to its end."""

    observations: tuple[Observations, ...]


@dataclass(frozen=True)
class Died:
    """The process did not survive the step, or ran out of time in it."""

    timeout: bool
    why: str


Result: TypeAlias = Ran | Observed | Died


class KernelError(RuntimeError):
    """The learner's process could not even be started: our fault."""


def run(steps: Sequence[Step], lesson_module: str, limits: Limits, files: Sequence[Path] = ()) -> list[Result]:
    """Run `steps` in order, in one process where they let it live; `files` lie beside the notebook.

    Raises KernelError where no process can be had.
    """
    results: list[Result | None] = [None] * len(steps)
    deadline = time.monotonic() + limits.total_seconds
    while None in results:
        with _Kernel(lesson_module, limits, files) as kernel:
            _run_through(kernel, steps, results, limits, deadline)
    return [result for result in results if result is not None]


def _run_through(
    kernel: _Kernel, steps: Sequence[Step], results: list[Result | None], limits: Limits, deadline: float
) -> None:
    """Fill in results until all are there or the process dies. Cells run again in a new process, probes do not."""
    for index, step in enumerate(steps):
        known = results[index]
        if isinstance(known, (Died, Observed)):
            continue
        seconds = min(limits.step_seconds, deadline - time.monotonic())
        if seconds <= 0:
            if known is None:
                results[index] = Died(True, f"the notebook took longer than {limits.total_seconds:g} s in all")
            continue
        results[index] = kernel.ask(step, seconds)
        if isinstance(results[index], Died):
            return


class _Kernel:
    """One fresh interpreter for learner code."""

    def __init__(self, lesson_module: str, limits: Limits, files: Sequence[Path]) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="autograder-"))
        (work := self._folder / "work").mkdir()
        for path in files:
            shutil.copy(path, work)
        command = [sys.executable, "-P", "-m", "autograder.grading.kernel", lesson_module]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=work,
                env=_environment(self._folder),
                start_new_session=True,
            )
        except OSError as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise KernelError(f"no process could be started for learner code: {error}") from None
        resource.prlimit(self._process.pid, resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
        resource.prlimit(self._process.pid, resource.RLIMIT_CORE, (0, 0))

    def __enter__(self) -> _Kernel:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def ask(self, step: Step, seconds: float) -> Result:
        """The result of one step; whatever else the process sends is its death."""
        nonce = secrets.token_hex(8)
        body = {"run": step.source} if isinstance(step, RunCell) else {"probe": step.exercise, "seeds": step.seeds}
        reply = self._exchange(json.dumps({"nonce": nonce, **body}).encode() + b"\n", seconds)
        if isinstance(reply, Died):
            return reply
        try:
            return _read_reply(step, nonce, reply)
        except (ValueError, TypeError, KeyError, RecursionError):
            return Died(False, "the process sent something that is no reply")

    def _exchange(self, request: bytes, seconds: float) -> bytes | Died:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        until, received = time.monotonic() + seconds, bytearray()
        try:
            self._process.stdin.write(request)
            self._process.stdin.flush()
        except BrokenPipeError:
            return Died(False, "the process ended")
        descriptor = self._process.stdout.fileno()
        while not received.endswith(b"\n"):
            ready, _, _ = select.select([descriptor], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                return Died(True, f"it took longer than {seconds:.0f} s")
            chunk = os.read(descriptor, 1 << 20)
            if not chunk:
                return Died(False, "the process ended")
            received += chunk
            if len(received) > MAX_REPLY:
                return Died(False, "it sent too much")
        return bytes(received)


def _read_reply(step: Step, nonce: str, line: bytes) -> Result:
    reply = json.loads(line)
    if reply["nonce"] != nonce:
        raise ValueError("not the reply to this request")
    if isinstance(step, RunCell):
        return Ran(tuple(dict(output) for output in reply["outputs"]))
    texts = reply["observations"]
    if len(texts) != len(step.seeds):
        raise ObservationError("there is not one observation a seed")
    return Observed(tuple(from_json(text) for text in texts))


def _environment(home: Path) -> dict[str, str]:
    """A clean environment: nothing of the instructor's, one thread for BLAS, figures drawn without a screen."""
    return {
        "PATH": os.defpath,
        "HOME": str(home),
        "IPYTHONDIR": str(home / ".ipython"),
        "MPLCONFIGDIR": str(home / ".matplotlib"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "LANG": "C.UTF-8",
    }
