"""Dask's processes, for tests: a cluster as people start one, and the workers that a command of ours has started."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil


@contextlib.contextmanager
def cluster(folder: Path, workers: int) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A scheduler and workers as people start them, each in a folder of its own; gives its address and its process."""
    with contextlib.ExitStack() as stack:

        def start(name: str, *command: str) -> subprocess.Popen[str]:
            (folder / name).mkdir()
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "distributed.cli." + command[0], *command[1:]],
                cwd=folder / name, stderr=subprocess.PIPE, text=True, start_new_session=True,
            )  # fmt: skip
            stack.callback(process.wait)
            stack.callback(os.killpg, process.pid, signal.SIGKILL)
            return process

        scheduler = start("scheduler", "dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        assert scheduler.stderr is not None
        address = next(found[0] for line in scheduler.stderr if (found := re.search(r"tcp://127\.0\.0\.1:\d+", line)))
        for number in range(workers):
            start(f"worker-{number}", "dask_worker", address, "--nthreads", "1", "--no-dashboard")
        yield address, scheduler


def workers_of(process: psutil.Process) -> list[psutil.Process]:
    """The processes below `process` that are Dask's workers: multiprocessing started them."""
    return [child for child in process.children(recursive=True) if "--multiprocessing-fork" in _command(child)]


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:  # sandboxed ones come and go
        return []
