"""Fork server: a warm interpreter that forks one sandboxed child for each notebook, and the client that asks it to.

The server is started with an empty environment and holds no secret, for its children can read its memory: no key, no
token, no learner's work ever comes near it. It imports what notebooks need once (NumPy, IPython, matplotlib, the
lesson's probes and with them perhaps torch); a fork of it costs milliseconds where an interpreter costs seconds. It has
one thread, or forks would hang. It also watches how much memory each child's processes use together, which no limit of
the kernel counts. It ends when its control socket does, that is: with the program that started it, however that ends.

    python -P -m autograder.grading.forkserver LESSON_MODULE      (the control socket is descriptor 0)
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

from autograder.grading.kernels import Child, NoKernelError, clean_environment
from autograder.grading.sandbox import HOME, SLOTS, Caps, Room, enter

_PR_SUBREAPER = 36
_START_SECONDS = 120.0
_ANSWER_SECONDS = 60.0
_WATCH_SECONDS = 0.1  # two cores fill less than half a gigabyte in that time
_REAP_SECONDS = 1.0
_MAX_MESSAGE = 1 << 16


class ForkServer:
    """The client's side: starts the server, asks for children, and knows when each is wholly gone. For one thread."""

    def __init__(
        self, lesson_module: str, data_files: Mapping[str, Path] | None = None, caps: Caps | None = None
    ) -> None:
        self._lesson_module = lesson_module
        files = {name: str(path.resolve()) for name, path in (data_files or {}).items()}
        self._room = Room(caps or Caps(), data_files=files)
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._home: str | None = None

    def _start_server(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._home = tempfile.mkdtemp(prefix="autograder-warm-")
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "autograder.grading.forkserver", self._lesson_module],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=clean_environment(self._home),
                start_new_session=True,
            )
        self._socket = ours
        ours.settimeout(_START_SECONDS)
        try:
            self._receive()  # it is warm
        except OSError as error:
            self.close()
            raise NoKernelError(f"the warm interpreter did not come up ({error})") from None
        ours.settimeout(_ANSWER_SECONDS)

    def start(self) -> Child:
        """A new child in a sandbox of its own. Starts the server if it does not run. Raises NoKernelError."""
        if self._process is None:
            self._start_server()
        assert self._socket is not None
        requests_in, requests_out = os.pipe()
        replies_in, replies_out = os.pipe()
        try:
            message = json.dumps({"fork": asdict(self._room)}).encode()
            socket.send_fds(self._socket, [message], [requests_in, replies_out])
            pid = self._receive()["pid"]
        except (OSError, KeyError) as error:
            os.close(requests_out)
            os.close(replies_in)
            self.close()  # a server that cannot fork is of no further use: the next call starts another one
            raise NoKernelError(f"the warm interpreter was lost ({error})") from None
        finally:
            os.close(requests_in)
            os.close(replies_out)
        return Child(pid, requests_out, replies_in)

    def end(self, child: Child) -> str:
        """Kill a child and everything that it started; returns when all of it is gone. Says why it ended, if it knows."""
        os.close(child.requests)
        os.close(child.replies)
        if self._socket is None:
            return ""
        try:
            self._socket.send(json.dumps({"kill": child.pid}).encode())
            return str(self._receive()["why"])
        except (OSError, KeyError):
            self.close()  # its children die with it
            return ""

    def close(self) -> None:
        """End the server; its children die with it."""
        if self._socket is not None:
            self._socket.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._home is not None:
            shutil.rmtree(self._home, ignore_errors=True)
        self._socket = self._process = self._home = None

    def _receive(self) -> dict[str, Any]:
        assert self._socket is not None
        data = self._socket.recv(_MAX_MESSAGE)
        if not data:
            raise OSError("it closed its end")
        return dict(json.loads(data))


# --- the server's side -----------------------------------------------------------------------------


def warm_up(lesson_module: str) -> None:
    """Import what the lesson's notebooks need, and have lazy parts do their first work once, here."""
    import matplotlib.pyplot  # noqa: F401
    import numpy as np
    import pyseccomp  # noqa: F401
    from matplotlib.figure import Figure

    if lesson_module:
        importlib.import_module(f"autograder.exercises.{lesson_module}")
    importlib.import_module("autograder.grading.kernel")
    for name in _imported_by_a_shell():
        with contextlib.suppress(ImportError):  # some modules are made, and cannot be imported
            importlib.import_module(name)
    np.random.default_rng(0).normal(size=(4, 4)) @ np.ones(4)
    figure = Figure()  # not pyplot's: its backend looks for IPython when it is first used, which must be in the child
    figure.subplots().plot([0, 1], label="warm")
    figure.savefig(os.devnull, format="png")  # reads the fonts
    if "torch" in sys.modules:
        import torch

        torch.set_num_threads(1)
        model = torch.nn.Linear(2, 1)
        optimizer = torch.optim.Adam(model.parameters())  # its first step imports seconds' worth of modules
        model(torch.ones(1, 2)).sum().backward()
        optimizer.step()


def _imported_by_a_shell() -> list[str]:
    """The modules that IPython imports when a shell is made and a cell is run. A fork tries it: a shell is for one child."""
    names_in, names_out = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            from autograder.grading.kernel import imports_of_a_shell

            os.write(names_out, "\n".join(imports_of_a_shell()).encode())
        finally:
            os._exit(0)
    os.close(names_out)
    with open(names_in, encoding="utf-8") as names:
        found = names.read().split()
    os.waitpid(pid, 0)
    return found


def serve(lesson_module: str) -> None:
    """Fork on request until the control socket ends."""
    ctypes.CDLL(None).prctl(_PR_SUBREAPER, 1, 0, 0, 0)  # what a killed child leaves comes to us to be reaped
    control = socket.socket(fileno=os.dup(0))
    slot, _claim = _claim_slot()
    warm_up(lesson_module)
    shutil.rmtree(os.environ["HOME"], ignore_errors=True)  # was for warming up: nothing is left when we are killed
    control.send(json.dumps({"ready": True}).encode())
    memory: dict[int, int] = {}  # what each child's processes may use together
    ended: dict[int, str] = {}  # why we ended a child before we were asked to
    while True:
        while not select.select([control], [], [], _WATCH_SECONDS if memory else None)[0]:
            for pid, most in list(memory.items()):
                if _memory_of(pid) > most:
                    _kill(pid)
                    del memory[pid]
                    ended[pid] = f"its processes used more than {most >> 20} MB of memory"
        data, descriptors, _, _ = socket.recv_fds(control, _MAX_MESSAGE, 2)
        if not data:
            break
        message = json.loads(data)
        if "fork" in message:
            room = {**message["fork"], "slot": slot}
            pid = _fork(control, lesson_module, room, descriptors)
            memory[pid] = room["caps"]["memory"]
            reply: dict[str, Any] = {"pid": pid}
        else:
            pid = message["kill"]
            if memory.pop(pid, None) is not None:
                _kill(pid)
            reply = {"why": ended.pop(pid, "")}
        for descriptor in descriptors:
            os.close(descriptor)
        control.send(json.dumps(reply).encode())
    for pid in memory:
        _kill(pid)


def _claim_slot() -> tuple[int, socket.socket | None]:
    """A number that no other fork server on this machine has now, and the claim to it, which ends with this process."""
    for slot in range(SLOTS):
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0autograder-slot-{slot}")
        except OSError:
            claim.close()
        else:
            return slot, claim
    return SLOTS, None


def _memory_of(pid: int) -> int:
    """The bytes of memory that a process and all that descend from it use, what they share counted once for each."""
    used = 0
    for member in _family(pid):
        with contextlib.suppress(OSError):  # it may just have ended
            lines = Path(f"/proc/{member}/status").read_text().splitlines()
            used += sum(int(line.split()[1]) << 10 for line in lines if line.startswith(("RssAnon:", "RssShmem:")))
    return used


def _family(pid: int) -> Iterator[int]:
    """A process and its descendants. In a namespace all descend from its process 1, whoever is orphaned there too."""
    yield pid
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError):
                for child in Path(f"/proc/{pid}/task/{task}/children").read_text().split():
                    yield from _family(int(child))


def _fork(control: socket.socket, lesson_module: str, room: dict[str, Any], descriptors: Sequence[int]) -> int:
    ready_in, ready_out = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        control.close()
        os.close(ready_in)
        os.close(ready_out)
        _become_kernel(lesson_module, room, descriptors)
    os.close(ready_out)
    select.select([ready_in], [], [])  # the child has its own process group now: it can be killed as one
    os.close(ready_in)
    return pid


def _become_kernel(lesson_module: str, room: dict[str, Any], descriptors: Sequence[int]) -> None:
    """In the child: no descriptor but the two pipes, as 0 and 1; then the sandbox; then the kernel."""
    from autograder.grading.kernel import answer_requests
    from autograder.grading.sandbox import say_and_exit

    requests, replies = descriptors
    os.dup2(requests, 0)
    os.dup2(replies, 1)
    os.dup2(os.open(os.devnull, os.O_RDWR), 2)
    os.closerange(3, 65_536)
    try:
        os.environ.clear()
        os.environ.update(clean_environment(HOME))
        tempfile.tempdir = None  # looked up anew: a module that was warmed up may have asked, and been given our folder
        _forget_random_states()
        room["caps"] = Caps(**room["caps"])
        enter(Room(**room), lambda: answer_requests(lesson_module))
    except BaseException as error:
        say_and_exit(error)


def _forget_random_states() -> None:
    """Global generators start where nobody knows, as in a fresh interpreter, and not where all other children start."""
    import numpy as np

    np.random.seed()
    if "torch" in sys.modules:
        import torch

        torch.seed()


def _kill(pid: int) -> None:
    """Kill a child's process group, and reap until nothing of it is left.

    The group holds the child and process 1 of its namespace; when that one is reaped, the kernel has ended all others.
    """
    _end_job(pid)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-pid, 0)


def _end_job(pid: int) -> None:
    """Kill the job below process 1, which then reaps it and ends: so its CPU time is counted.

    What outlives process 1 the kernel reaps without adding it up. An end that takes long is not waited for.
    """
    for job in islice(_family(pid), 2, 3):
        with contextlib.suppress(OSError):  # it ends just now
            os.kill(job, signal.SIGKILL)
            child = os.pidfd_open(pid)
            select.select([child], [], [], _REAP_SECONDS)
            os.close(child)


if __name__ == "__main__":
    serve(sys.argv[1])
