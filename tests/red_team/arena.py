"""Arena: a world with recognisable secrets in it, in which a class of attackers and honest learners is graded.

The grading happens in a process of its own (this file as a program), which adopts whatever its children leave behind.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

import autograder
from autograder.authoring.answers import fill, reference_sources
from autograder.authoring.course import Course, find_course
from autograder.authoring.release import released
from autograder.authoring.sources import Lesson, load_lesson
from tests.conftest import ROOT
from tests.red_team.attacks import Attack, Evidence

LESSON = "00_orientation"
SEGMENT = 0x5EC2E7
_PR_SUBREAPER = 36


@dataclass
class World:
    """One arena. `arrived` holds what came in at its sockets."""

    root: Path
    secret: str
    bystander: subprocess.Popen[bytes]
    port: int
    abstract: str
    arrived: set[str] = field(default_factory=set)

    @property
    def home(self) -> Path:
        return self.root / "instructor"

    @property
    def course(self) -> Path:
        return self.root / "class"

    @property
    def temporary(self) -> Path:
        return self.root / "tmp"

    def fill_in(self, text: str) -> str:
        """`text` with this world's places in it."""
        places = {
            "<COURSE>": str(self.course), "<HOME>": str(self.home), "<TMP>": str(self.temporary),
            "<SITE>": str(Path(nbformat.__file__).parents[1]), "<PACKAGE>": str(Path(autograder.__file__).parent),
            "<PORT>": str(self.port), "<BYSTANDER>": str(self.bystander.pid), "<NAME>": self.abstract,
        }  # fmt: skip
        for name, place in places.items():
            text = text.replace(name, place)
        return text

    def path_of(self, marker: str) -> Path:
        return Path(self.fill_in(marker.replace("~", "<HOME>", 1)))

    def environment(self) -> dict[str, str]:
        keep = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return {
            **keep,
            "HOME": str(self.home),
            "TMPDIR": str(self.temporary),
            "OMP_NUM_THREADS": "1",
            "GRADER_TOKEN": self.secret,
        }


@dataclass(frozen=True)
class Outcome:
    """What one grading run left to see."""

    rows: Mapping[str, dict[str, Any]]
    notebooks: Mapping[str, NotebookNode]
    processes: tuple[str, ...]
    mounts: tuple[str, ...]
    temporary: tuple[str, ...]

    def shown(self, student: str) -> str:
        """All that a submission got into its graded notebook's outputs and into the results, as JSON text."""
        outputs = [cell.get("outputs", []) for cell in self.notebooks[student].cells]
        return json.dumps([outputs, self.rows[student]])


@contextlib.contextmanager
def arena(root: Path) -> Iterator[World]:
    """A world with a course, secrets, sockets and a bystander in it; all of it is gone afterwards."""
    secret = f"canary-{secrets.token_hex(8)}"
    with contextlib.ExitStack() as stack:
        bystander = stack.enter_context(subprocess.Popen(["sleep", "600"]))
        stack.callback(bystander.kill)
        sockets = [socket.socket(), socket.socket(type=socket.SOCK_DGRAM)]
        sockets[0].bind(("127.0.0.1", 0))
        port = sockets[0].getsockname()[1]
        sockets[1].bind(("127.0.0.1", port))
        world = World(root, secret, bystander, port, f"red-{secret[-6:]}")
        for folder in (world.home, world.course, world.temporary):
            folder.mkdir(parents=True)
        for address in (f"\0{world.abstract}", str(world.home / "socket")):
            sockets.append(socket.socket(socket.AF_UNIX))
            sockets[-1].bind(address)
        for one in sockets:
            stack.enter_context(one)
            threading.Thread(target=_listen, args=(one, world.arrived), daemon=True).start()
        (world.home / "secret-key.npz").write_text(secret)
        shutil.copy(ROOT / "nbgrader_config.py", world.course)
        folder = world.course / "solutions" / LESSON
        shutil.copytree(ROOT / "solutions" / LESSON, folder, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "mistakes.py").open("a").write(f"\n# {secret}\n")
        _add_written_answer(folder / f"{LESSON}.ipynb")
        yield world


def _listen(one: socket.socket, arrived: set[str]) -> None:
    with contextlib.suppress(OSError):  # it is closed at the end
        if one.type == socket.SOCK_DGRAM:
            while True:
                arrived.add(one.recv(100).decode())
        one.listen()
        while True:
            with one.accept()[0] as connection:
                arrived.add(connection.recv(100).decode())


def _add_written_answer(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    marks = {
        "grade": True,
        "solution": True,
        "locked": False,
        "points": 2,
        "grade_id": "written_why",
        "schema_version": 3,
    }
    notebook.cells.append(nbformat.v4.new_markdown_cell("Your answer here.", metadata={"nbgrader": marks}))
    nbformat.write(notebook, path)


def lesson_of(world: World) -> Lesson:
    return load_lesson(world.course / "solutions" / LESSON)


def wrong_everywhere(lesson: Lesson) -> NotebookNode:
    answers = {name: f"def {name}(*arguments):\n    return 0.123" for name in lesson.exercises}
    answers["label_lines"] = "label_lines = {1: 0, 2: 0, 3: 0, 4: 0}"
    return fill(released(lesson.notebook), answers)


def attacking(lesson: Lesson, world: World, attack: Attack) -> NotebookNode:
    """A notebook that is wrong everywhere, with the attack in it."""
    notebook, code = wrong_everywhere(lesson), world.fill_in(attack.code)
    if attack.as_answer:
        return fill(notebook, {"column_mean": code})
    notebook.cells.insert(0, nbformat.v4.new_code_cell(code))
    return notebook


def honest(lesson: Lesson) -> dict[str, NotebookNode]:
    """Neighbours of several kinds, who print what they can see of others."""
    given = released(lesson.notebook)
    right = fill(given, reference_sources(lesson))
    looking = fill(given, reference_sources(lesson))
    look = (
        "import os, builtins, numpy\n"
        "print(sorted(os.listdir('.')), sorted(os.listdir('/dev/shm')), sorted(os.listdir('/tmp')))\n"
        "print(hasattr(builtins, 'red_left'), hasattr(numpy, 'red_left'), os.path.exists(os.path.expanduser('~/.red-profile')))"
    )
    looking.cells.insert(0, nbformat.v4.new_code_cell(look))
    axis = fill(right, {"column_mean": "def column_mean(X):\n    return X.mean(axis=1)"})
    raises = fill(right, {"residuals": "def residuals(predictions, y):\n    return predictions - z"})
    return {"right": right, "looking": looking, "other-axis": axis, "raises": raises, "not-started": given}


def hand_in(world: World, student: str, notebook: NotebookNode) -> None:
    folder = world.course / "submitted" / student / LESSON
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{LESSON}.ipynb")


def run(world: World, *, sandbox: bool, step_seconds: float) -> Outcome:
    """Grade all that was handed in, in a process of its own."""
    out = world.root / "outcome.json"
    command = [
        sys.executable,
        "-P",
        "-m",
        "tests.red_team.arena",
        str(world.course),
        str(out),
        str(sandbox),
        str(step_seconds),
    ]
    done = subprocess.run(
        command, cwd=world.course, env={**world.environment(), "PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(out.read_text())
    rows = {row["student"]: row for row in said["rows"]}
    notebooks = {
        student: nbformat.read(world.course / "autograded" / student / LESSON / f"{LESSON}.ipynb", as_version=4)
        for student in rows
    }
    return Outcome(rows, notebooks, tuple(said["processes"]), tuple(said["mounts"]), tuple(os.listdir(world.temporary)))


def left_in(world: World, outcome: Outcome, attacks: Mapping[str, Attack]) -> set[str]:
    """The markers of `attacks` that are there now; they are cleared away."""
    found = {f"process {name}" for name in outcome.processes}
    if world.bystander.poll() is not None:
        found.add("bystander dead")
    with sqlite3.connect(world.course / "gradebook.db") as database:
        if database.execute("select 1 from sqlite_master where name = 'red'").fetchone():
            found.add("table red")
    if any(line.split()[:1] == [str(SEGMENT)] for line in Path("/proc/sysvipc/shm").read_text().splitlines()):
        found.add("segment")
        libc = ctypes.CDLL(None)
        libc.shmctl(libc.shmget(SEGMENT, 0, 0), 0, None)
    for attack in attacks.values():
        for marker in attack.markers:
            if "/" in marker and world.path_of(marker).exists():
                found.add(marker)
                world.path_of(marker).unlink()
    return found


def evidence(world: World, outcome: Outcome, student: str, left: set[str]) -> Evidence:
    row = outcome.rows[student]
    return Evidence(row["score"], outcome.shown(student), world.secret, frozenset(world.arrived), frozenset(left))


# --- the process that grades ------------------------------------------------------------------------


def _grade(course: Course, sandbox: bool, step_seconds: float) -> dict[str, Any]:
    from autograder.grading.run import grade_lesson
    from autograder.grading.runner import Limits

    ctypes.CDLL(None).prctl(_PR_SUBREAPER, 1, 0, 0, 0)
    mounts = Path("/proc/self/mounts").read_text()
    limits = Limits(step_seconds, 4 * step_seconds)
    # With the sandbox off right here: a worker has no gradebook open that learner code could reach.
    graded = grade_lesson(course, LESSON, [], 2 if sandbox else 1, limits, sandbox=sandbox, progress=_silently)
    return {
        "rows": graded.as_json(str(sandbox))["submissions"],
        "processes": _adopted(),
        "mounts": sorted(set(Path("/proc/self/mounts").read_text().splitlines()) - set(mounts.splitlines())),
    }


@contextlib.contextmanager
def _silently(_: int) -> Iterator[Any]:
    yield lambda student: None


def _adopted() -> list[str]:
    """The names of all processes that are still there and came to us; they are ended."""
    names = []
    for child in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
        if b"multiprocessing.resource_tracker" in Path(f"/proc/{child}/cmdline").read_bytes():
            continue  # Python's own, as long as this process lives
        names.append(Path(f"/proc/{child}/comm").read_text().strip())
        os.kill(int(child), signal.SIGKILL)
        os.waitpid(int(child), 0)
    return names


if __name__ == "__main__":
    result = _grade(find_course(Path(sys.argv[1])), sys.argv[3] == "True", float(sys.argv[4]))
    Path(sys.argv[2]).write_text(json.dumps(result))
