"""Runner: run a notebook's steps in a process for learner code, and bring back outputs and observations as data.

`run(steps, kernels, limits)` is the seam between grading and whatever runs the learner's code. A step that hangs,
crashes or eats the memory costs itself only: its process is replaced, and the notebook runs again without it.

What the process sends is a stranger's word. Its size is capped before it is parsed, and parsing it is cheap, for
it happens in the trusted process, which other submissions wait for too.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import select
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from autograder.encoding import ObservationError, from_json
from autograder.grading.kernels import Child, Kernels, NoKernelError
from autograder.grading.outputs import plain_text
from autograder.observation import MAX_NODES, MAX_TOTAL_BYTES, Node, Observations, Opaque, Raised

START_SECONDS = 60.0
MAX_CELL_REPLY = 8_000_000
MAX_PROBE_REPLY = 6 * MAX_TOTAL_BYTES
MOST_PARTS = 40 * MAX_NODES  # brackets and commas in a text of observations: each costs far more memory than its byte

# A process can be killed by others than the learner's code (by hand, by a machine that is out of memory), and that
# must not cost the learner points: a step is believed to be fatal when it was so twice.
BELIEVED_AFTER = 2


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


@dataclass(frozen=True)
class PutFile:
    """Write a file beside the notebook; `path` is below its folder."""

    path: str
    content: bytes


Step: TypeAlias = RunCell | RunProbe | PutFile


@dataclass(frozen=True)
class Ran:
    """A cell came to its end, maybe with an error among its outputs.

    `seconds` is, here and below, how long the step took: no two runs have the same, so it counts in no comparison.
    """

    outputs: tuple[Mapping[str, Any], ...]
    seconds: float = field(default=0.0, compare=False)


@dataclass(frozen=True)
class Observed:
    """A probe came to its end."""

    observations: tuple[Observations, ...]
    seconds: float = field(default=0.0, compare=False)


@dataclass(frozen=True)
class Died:
    """The process did not survive the step, or ran out of time in it."""

    timeout: bool
    why: str
    seconds: float = field(default=0.0, compare=False)


Result: TypeAlias = Ran | Observed | Died


def run(steps: Sequence[Step], kernels: Kernels, limits: Limits) -> list[Result]:
    """Run `steps` in order, in one process where they let it live.

    Raises NoKernelError where no process can be had.
    """
    results: list[Result | None] = [None] * len(steps)
    deaths: Counter[int] = Counter()
    seconds_left = limits.total_seconds
    while True:
        child = _start(kernels)
        start = time.monotonic()
        try:
            died_in = _run_through(child, steps, results, limits, seconds_left)
        finally:
            why = kernels.end(child)
        if died_in is not None:
            deaths[died_in] += 1
            died = results[died_in]
            assert isinstance(died, Died)
            if not died.timeout and deaths[died_in] < BELIEVED_AFTER:
                results[died_in] = None
            elif why:
                results[died_in] = replace(died, why=why)
        seconds_left -= time.monotonic() - start
        if None not in results:
            return [result for result in results if result is not None]


def _start(kernels: Kernels) -> Child:
    """A process that is ready. Where the source of processes was lost, a new one is tried. Raises NoKernelError."""
    try:
        return _ready(kernels)
    except NoKernelError:
        return _ready(kernels)


def _ready(kernels: Kernels) -> Child:
    child = kernels.start()
    try:
        os.set_blocking(child.requests, False)
        _greet(child)
    except BaseException:
        kernels.end(child)
        raise
    return child


def _run_through(
    child: Child, steps: Sequence[Step], results: list[Result | None], limits: Limits, seconds: float
) -> int | None:
    """Fill in results until all are there, or the process dies: then the number of the step in which it did.

    Cells run again in a new process, probes do not.
    """
    deadline = time.monotonic() + seconds
    for index, step in enumerate(steps):
        known = results[index]
        if isinstance(known, (Died, Observed)):
            continue
        left = min(limits.step_seconds, deadline - time.monotonic())
        if left <= 0:
            if known is None:
                results[index] = Died(True, f"the notebook took longer than {limits.total_seconds:g} s in all")
            continue
        results[index] = _ask(child, step, left)
        if isinstance(results[index], Died):
            return index
    return None


def _greet(child: Child) -> None:
    """Wait until the process is ready. Raises NoKernelError: before learner code runs in it, a failure is ours."""
    reply = _exchange(child, json.dumps({"nonce": "hello"}).encode() + b"\n", START_SECONDS, MAX_CELL_REPLY)
    if isinstance(reply, Died):
        raise NoKernelError(f"the process for learner code did not start: {reply.why}")
    match json.loads(reply):
        case {"sandbox": str(why)}:
            raise NoKernelError(f"the sandbox could not be built: {why}")


def _ask(child: Child, step: Step, seconds: float) -> Result:
    """The result of one step; whatever else the process sends is its death."""
    nonce = secrets.token_hex(8)
    request = json.dumps({"nonce": nonce, **_request(step)}).encode() + b"\n"
    start = time.monotonic()
    reply = _exchange(child, request, seconds, MAX_PROBE_REPLY if isinstance(step, RunProbe) else MAX_CELL_REPLY)
    took = time.monotonic() - start
    if isinstance(reply, Died):
        return replace(reply, seconds=took)
    try:
        return replace(_read_reply(step, nonce, reply), seconds=took)
    except (ValueError, TypeError, KeyError, RecursionError):
        return Died(False, "the process sent something that is no reply", took)


def _request(step: Step) -> dict[str, Any]:
    match step:
        case RunCell(source):
            return {"run": source}
        case RunProbe(exercise, seeds):
            return {"probe": exercise, "seeds": seeds}
        case PutFile(path, content):
            return {"put": path, "content": base64.b64encode(content).decode()}


def _exchange(child: Child, request: bytes, seconds: float, most: int) -> bytes | Died:
    """Send a request and wait for one line of reply; the process may neither read nor answer, so both have an end."""
    until, received = time.monotonic() + seconds, bytearray()
    poll = select.poll()
    poll.register(child.replies, select.POLLIN)
    poll.register(child.requests, select.POLLOUT)
    while not received.endswith(b"\n"):
        late = time.monotonic() > until  # perhaps because this process was slow: what lies in the pipe counts
        ready = dict(poll.poll(0 if late else 1000 * (until - time.monotonic())))
        if child.requests in ready:
            try:
                request = request[os.write(child.requests, request) :]
            except BrokenPipeError:
                request = b""  # it ended; what it said before is still to be read
            if not request:
                poll.unregister(child.requests)
        if child.replies in ready:
            chunk = os.read(child.replies, 1 << 20)
            if not chunk:
                return Died(False, "the process ended")
            received += chunk
            if len(received) > most:
                return Died(False, "it sent too much")
        if late and not received.endswith(b"\n"):
            return Died(True, f"it took longer than {seconds:.0f} s")
    return bytes(received)


def _read_reply(step: Step, nonce: str, line: bytes) -> Result:
    """The result that a line holds. Raises ValueError, TypeError, KeyError or RecursionError where it holds none."""
    if isinstance(step, RunProbe) and _parts(line, b"[{,") > MOST_PARTS * len(step.seeds):
        raise ValueError("it is made of too many parts")
    reply = json.loads(line, parse_constant=_refuse, object_pairs_hook=_without_doubles)
    if reply["nonce"] != nonce:
        raise ValueError("not the reply to this request")
    if not isinstance(step, RunProbe):
        return Ran(tuple(_readable_output(output) for output in reply["outputs"]))
    texts = reply["observations"]
    if len(texts) != len(step.seeds):
        raise ObservationError("there is not one observation a seed")
    if any(_parts(text, "[{,") > MOST_PARTS for text in texts):
        raise ObservationError("the observations are made of too many parts")
    return Observed(tuple(_readable(from_json(text)) for text in texts))


def _readable_output(output: Mapping[str, Any]) -> dict[str, Any]:
    """An output whose error can stand in a sentence for a terminal."""
    texts = {name: plain_text(output[name]) for name in ("ename", "evalue") if isinstance(output.get(name), str)}
    return {**output, **texts}


def _readable(seen: Observations) -> Observations:
    """Observations whose words can stand in a sentence for a terminal; a text that is an answer stays as it is."""
    items = tuple((plain_text(label), _readable_node(node)) for label, node in seen.items)
    return Observations(items, None if seen.stopped is None else _readable_exception(seen.stopped))


def _readable_node(node: Node) -> Node:
    if isinstance(node, Raised):
        return _readable_exception(node)
    if isinstance(node, Opaque):
        return Opaque(plain_text(node.phrase))
    if isinstance(node, list):
        return [_readable_node(item) for item in node]
    return {key: _readable_node(item) for key, item in node.items()} if isinstance(node, dict) else node


def _readable_exception(raised: Raised) -> Raised:
    return Raised(tuple(map(plain_text, raised.names)), plain_text(raised.message), plain_text(raised.where))


def _parts(text: Any, marks: Any) -> int:
    """How many of `marks` a text has: counting them is quick, and parsing them may not be."""
    return sum(text.count(marks[index : index + 1]) for index in range(len(marks)))


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} has no place here")


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice")
    return found
