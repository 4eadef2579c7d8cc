"""Ordinary user: run a command as a user without any rights, in tests that root runs.

Where the interpreter lies below a folder that others may not enter (/root), it is shown at the same place in a mount
namespace of the command's own: nothing is copied, and nothing outside changes.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import ROOT

UID = 12_345


@contextmanager
def users_folder() -> Iterator[Path]:
    """A folder that belongs to the user."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another user; the suite as a whole is being run as one")
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode != 0:
        pytest.skip("root may make no mount namespace here, so it cannot show the interpreter to another user")
    folder = Path(tempfile.mkdtemp(prefix="ordinary-user-"))
    try:
        os.chown(folder, UID, UID)
        yield folder
    finally:
        shutil.rmtree(folder)


def as_user(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run `command` in `folder` as the user."""
    settings = [f"{name}={value}" for name, value in environment.items()]
    become = ["setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]
    last = shlex.join(["exec", *become, "env", "-i", *settings, *command])
    script = "\n".join(["set -e", *_make_reachable(folder), f"cd {shlex.quote(str(folder))}", last])
    shell = ["unshare", "--mount", "--propagation", "private", "bash", "-c", script]
    return subprocess.run(shell, capture_output=True, text=True)


def with_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run tests as the user."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={ROOT}"]
    options = [str(ROOT / one) if one.startswith("tests/") else one for one in arguments]
    return as_user([*command, *options], folder, environment_of(folder))


def environment_of(folder: Path) -> dict[str, str]:
    """An environment for the user, whose home is `folder`."""
    return {
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "USER": "ordinary",
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(ROOT),
    }


def give(folder: Path) -> None:
    """Make the user the owner of all that is in `folder`."""
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, UID, UID, follow_symlinks=False)


def _make_reachable(folder: Path) -> list[str]:
    """The shell's lines that put what Python needs where others may go."""
    needed = {Path(path) for path in (sys.prefix, sys.base_prefix, ROOT)}
    closed: dict[Path, list[Path]] = {}
    for path in needed | {path.resolve() for path in needed}:
        shut = [parent for parent in reversed(path.parents) if not parent.stat().st_mode & 0o001]
        if shut:
            closed.setdefault(shut[0], []).append(path)
    stash = f"{folder}/.stash"
    pairs = [(path, f"{stash}/{number}") for number, path in enumerate(p for paths in closed.values() for p in paths)]
    keep = [f"mkdir -p {there}; mount --bind {shlex.quote(str(path))} {there}" for path, there in pairs]
    open_up = [f"mount -t tmpfs -o mode=755 tmpfs {shlex.quote(str(parent))}" for parent in closed]
    back = [
        f"mkdir -p {shlex.quote(str(path))}; mount --bind {there} {shlex.quote(str(path))}" for path, there in pairs
    ]
    return [f"mkdir {stash}; mount -t tmpfs tmpfs {stash}", *keep, *open_up, *back]
