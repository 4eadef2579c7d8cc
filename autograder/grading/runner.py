"""Runner: run a notebook's steps in a process for learner code, and bring back outputs and observations as data.

`run(steps, kernels, limits)` is the seam between grading and whatever runs the learner's code. A step that hangs,
crashes or eats the memory costs itself only: its process is replaced, and the notebook runs again without it.
"""

from __future__ import annotations

import json
import os
import secrets
import select
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from autograder.encoding import ObservationError, from_json
from autograder.grading.kernels import Child, Kernels, NoKernelError
from autograder.observation import MAX_TOTAL_BYTES, Observations

START_SECONDS = 60.0
MAX_REPLY = 8 * MAX_TOTAL_BYTES


@dataclass(frozen=True)
class Limits:
    """Wall-clock seconds that a notebook may take, for one cell or probe and in all."""

    step_seconds: float = 20.0
    total_seconds: float = 180.0


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


def run(steps: Sequence[Step], kernels: Kernels, limits: Limits) -> list[Result]:
    """Run `steps` in order, in one process where they let it live.

    Raises NoKernelError where no process can be had.
    """
    results: list[Result | None] = [None] * len(steps)
    deadline = time.monotonic() + limits.total_seconds
    while True:
        child = kernels.start()
        os.set_blocking(child.requests, False)
        try:
            _greet(child)
            _run_through(child, steps, results, limits, deadline)
        finally:
            kernels.end(child)
        if None not in results:
            return [result for result in results if result is not None]


def _run_through(
    child: Child, steps: Sequence[Step], results: list[Result | None], limits: Limits, deadline: float
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
        results[index] = _ask(child, step, seconds)
        if isinstance(results[index], Died):
            return


def _greet(child: Child) -> None:
    """Wait until the process is ready. Raises NoKernelError: before learner code runs in it, a failure is ours."""
    reply = _exchange(child, json.dumps({"nonce": "hello"}).encode() + b"\n", START_SECONDS)
    if isinstance(reply, Died):
        raise NoKernelError(f"the process for learner code did not start: {reply.why}")
    match json.loads(reply):
        case {"sandbox": str(why)}:
            raise NoKernelError(f"the sandbox could not be built: {why}")


def _ask(child: Child, step: Step, seconds: float) -> Result:
    """The result of one step; whatever else the process sends is its death."""
    nonce = secrets.token_hex(8)
    body = {"run": step.source} if isinstance(step, RunCell) else {"probe": step.exercise, "seeds": step.seeds}
    reply = _exchange(child, json.dumps({"nonce": nonce, **body}).encode() + b"\n", seconds)
    if isinstance(reply, Died):
        return reply
    try:
        return _read_reply(step, nonce, reply)
    except (ValueError, TypeError, KeyError, RecursionError):
        return Died(False, "the process sent something that is no reply")


def _exchange(child: Child, request: bytes, seconds: float) -> bytes | Died:
    """Send a request and wait for one line of reply; the process may neither read nor answer, so both have an end."""
    until, received = time.monotonic() + seconds, bytearray()
    while not received.endswith(b"\n"):
        writable = [child.requests] if request else []
        readable, ready, _ = select.select([child.replies], writable, [], max(0.0, until - time.monotonic()))
        if (not readable and not ready) or time.monotonic() > until:
            return Died(True, f"it took longer than {seconds:.0f} s")
        if ready:
            try:
                request = request[os.write(child.requests, request) :]
            except BrokenPipeError:
                request = b""  # it ended; what it said before is still to be read
        if readable:
            chunk = os.read(child.replies, 1 << 20)
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
