"""Fork server: a warm interpreter that forks one sandboxed child for each notebook, and the client that asks it to.

The server is started with an empty environment and holds no secret, for its children can read its memory: no key, no
token, no learner's work ever comes near it. It imports what notebooks need once (NumPy, IPython, the lesson's probes
and with them perhaps torch); a fork of it costs milliseconds where an interpreter costs seconds. It has one thread,
or forks would hang.

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
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from autograder.grading.kernels import Child, NoKernelError, clean_environment
from autograder.grading.sandbox import HOME, Caps, Room, enter

_PR_SUBREAPER = 36
_START_SECONDS = 120.0
_MAX_MESSAGE = 1 << 16


class ForkServer:
    """The client's side: starts the server, asks for children, and knows when each is wholly gone. For one thread."""

    def __init__(self, lesson_module: str, data_files: Sequence[Path] = (), caps: Caps | None = None) -> None:
        self._lesson_module = lesson_module
        self._room = Room(caps or Caps(), data_files=tuple(str(path.resolve()) for path in data_files))
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
        ours.settimeout(None)

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

    def end(self, child: Child) -> None:
        """Kill a child and everything that it started; returns when all of it is gone."""
        os.close(child.requests)
        os.close(child.replies)
        if self._socket is None:
            return
        try:
            self._socket.send(json.dumps({"kill": child.pid}).encode())
            while self._receive().get("gone") != child.pid:
                pass
        except (OSError, ValueError):
            self.close()

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
    import numpy as np
    import pyseccomp  # noqa: F401

    importlib.import_module(f"autograder.exercises.{lesson_module}")
    importlib.import_module("autograder.grading.kernel")
    np.random.default_rng(0).normal(size=(4, 4)) @ np.ones(4)
    if "torch" in sys.modules:
        import torch

        torch.set_num_threads(1)
        model = torch.nn.Linear(2, 1)
        optimizer = torch.optim.Adam(model.parameters())  # its first step imports seconds' worth of modules
        model(torch.ones(1, 2)).sum().backward()
        optimizer.step()


def serve(lesson_module: str) -> None:
    """Fork on request until the control socket ends."""
    ctypes.CDLL(None).prctl(_PR_SUBREAPER, 1, 0, 0, 0)  # what a killed child leaves comes to us to be reaped
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # and we end with who started us
    control = socket.socket(fileno=os.dup(0))
    warm_up(lesson_module)
    control.send(json.dumps({"ready": True}).encode())
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, _MAX_MESSAGE, 2)
        if not data:
            return
        message = json.loads(data)
        if "fork" in message:
            reply = {"pid": _fork(control, lesson_module, message["fork"], descriptors)}
        else:
            _kill(message["kill"])
            reply = {"gone": message["kill"]}
        for descriptor in descriptors:
            os.close(descriptor)
        control.send(json.dumps(reply).encode())


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
        caps = Caps(**room["caps"])
        enter(Room(caps, tuple(room["readable"]), tuple(room["data_files"])), lambda: answer_requests(lesson_module))
    except BaseException as error:
        say_and_exit(error)


def _kill(pid: int) -> None:
    """Kill a child's process group, and reap until nothing of it is left.

    The group holds the child and process 1 of its namespace; when that one is reaped, the kernel has ended all others.
    """
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-pid, 0)


if __name__ == "__main__":
    serve(sys.argv[1])
