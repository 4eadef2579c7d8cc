"""What a command costs: wall and CPU seconds of all its processes, and the most memory that they take at once."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class Cost:
    """Seconds of wall and CPU time, and bytes of memory, of all its processes (shared pages once) and of the first alone."""

    wall: float
    cpu: float
    own_cpu: float
    memory: int
    own_memory: int


class CommandFailedError(RuntimeError):
    """The command that was to be measured failed."""


def measure(command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> Cost:
    """Run `command` in `folder` to its end. Raises CommandFailedError."""
    log = folder / "command.log"
    start = time.perf_counter()
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, cwd=folder, stdout=file, stderr=file, env={**os.environ, **(environment or {})}
        )
    own_cpu, own_memory, memory = 0.0, 0, 0
    tree = psutil.Process(process.pid)
    while True:
        pid, status, used = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        own_cpu, own_memory = max(own_cpu, _cpu(tree)), max(own_memory, _high_water(process.pid))
        memory = max(memory, _memory(tree))
        time.sleep(_LOOK_SECONDS)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise CommandFailedError(f"{' '.join(command)} ended with {process.returncode}:\n{log.read_text()[-2000:]}")
    return Cost(wall, used.ru_utime + used.ru_stime, own_cpu, memory, own_memory)


def _cpu(process: psutil.Process) -> float:
    """The CPU seconds of one process so far; 0 where it has just ended."""
    try:
        used = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return used.user + used.system


def _high_water(pid: int) -> int:
    """The most memory that a process had so far; 0 where it has just ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM:"))


def _memory(tree: psutil.Process) -> int:
    """The proportional set sizes of a process and all below it."""
    total = 0
    try:
        family = [tree, *tree.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    for process in family:
        try:
            total += process.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied, OSError):
            continue
    return total
