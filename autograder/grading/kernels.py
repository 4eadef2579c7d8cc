"""Kernels: where the process for a notebook comes from. The sandboxed kind is `forkserver`; the open kind is here."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import site
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Child:
    """A process that runs learner code: what is written to `requests` it answers on `replies`."""

    pid: int
    requests: int
    replies: int


class NoKernelError(RuntimeError):
    """No process for learner code can be had: our fault, never the learner's. The sentence says what to do."""


class Kernels(Protocol):
    """A source of processes for learner code, for one thread."""

    def start(self) -> Child:
        """A new process. Raises NoKernelError."""

    def end(self, child: Child) -> str:
        """Kill the process and everything that it started; returns when all of it is gone.

        Says why the process had ended before, where that is known; else "".
        """

    def close(self) -> None:
        """End what is left."""


class FreshInterpreters:
    """`--sandbox off`: a fresh interpreter for each notebook, which may do whatever the user may do."""

    def __init__(self, lesson_module: str, data_files: Mapping[str, Path] | None = None) -> None:
        self._lesson_module = lesson_module
        self._data_files = data_files or {}
        self._running: dict[int, tuple[subprocess.Popen[bytes], str]] = {}

    def start(self) -> Child:
        """A new interpreter in a folder of its own, with copies of the data files. Raises NoKernelError."""
        home = tempfile.mkdtemp(prefix="autograder-")
        work = Path(home, "work")
        work.mkdir()
        for name, path in self._data_files.items():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, work / name)
        try:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "autograder.grading.kernel", self._lesson_module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=work,
                env=clean_environment(home),
                start_new_session=True,
            )
        except OSError as error:
            shutil.rmtree(home, ignore_errors=True)
            raise NoKernelError(f"no process could be started for learner code ({error})") from None
        assert process.stdin is not None
        assert process.stdout is not None
        self._running[process.pid] = process, home
        return Child(process.pid, process.stdin.fileno(), process.stdout.fileno())

    def end(self, child: Child) -> str:
        """Kill the interpreter's process group and remove its folder."""
        process, home = self._running.pop(child.pid)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        process.wait()
        shutil.rmtree(home, ignore_errors=True)
        return ""

    def close(self) -> None:
        """End all interpreters that still run."""
        for pid in list(self._running):
            self.end(Child(pid, -1, -1))


def clean_environment(home: str) -> dict[str, str]:
    """Nothing of the instructor's; one thread for BLAS; figures drawn without a screen."""
    return {
        "PATH": os.pathsep.join([os.path.dirname(sys.executable), os.defpath]),  # for `!python` and the like
        "HOME": home,
        "USER": "learner",
        "TMPDIR": home,
        "IPYTHONDIR": f"{home}/.ipython",
        "MPLCONFIGDIR": f"{home}/.matplotlib",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUSERBASE": site.getuserbase(),  # packages that were installed with pip --user
        "PYTHONHASHSEED": "0",
        "LANG": "C.UTF-8",
        "TRAINING_LOOPS_PROGRESS": "off",  # a logbook is a learner's own
        "NBGRADER_EXECUTION": "autograde",  # which tests of ordinary courses may ask for, as nbgrader documents it
    }
