"""Sandbox: what a process that runs learner code has, and has not. As root, and as an ordinary user (see the end)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest

from autograder.authoring.answers import fill, reference_sources
from autograder.authoring.release import released
from autograder.authoring.sources import load_lesson
from autograder.grading.forkserver import ForkServer
from autograder.grading.kernels import NoKernelError, clean_environment
from autograder.grading.runner import Died, Limits, Ran, Result, RunCell, run
from autograder.grading.sandbox import DENIED_CALLS, HOME, Caps, interpreter_folders
from tests.conftest import ROOT
from tests.ordinary_user import as_user, environment_of, give, users_folder, with_pytest

LIMITS = Limits(step_seconds=10.0, total_seconds=60.0)
MODULE = "orientation"
LIBC = "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"

Inside = Callable[[str], str]


def printed(result: Result) -> str:
    assert isinstance(result, Ran), result
    return "".join(str(output.get("text", output.get("evalue", ""))) for output in result.outputs)


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    made = ForkServer(MODULE)
    yield made
    made.close()


@pytest.fixture
def inside(server: ForkServer) -> Inside:
    """Runs code in a sandbox of its own, and returns what it printed or raised."""
    return lambda code: printed(run([RunCell(code)], server, LIMITS)[0])


def test_the_process_is_nobody_and_alone(inside: Inside) -> None:
    pids = "[pid for pid in range(1, 400) if libc.kill(pid, 0) == 0 or ctypes.get_errno() == 1]"
    uid, visible = inside(LIBC + f"import os\nprint(os.getresuid() + os.getresgid(), {pids}, sep='|')").split("|")
    assert len(set(json.loads(uid.replace("(", "[").replace(")", "]")))) == 1
    assert "0," not in uid.split()
    assert visible.strip() == "[1, 2]"


def test_it_has_no_capability_and_can_get_none(inside: Inside) -> None:
    said = inside(
        LIBC + "header, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()\n"
        "libc.capget(header, data)\n"
        "print(list(data), {libc.prctl(23, n, 0, 0, 0) for n in range(64)} <= {0, -1}, libc.prctl(39, 0, 0, 0, 0))"
    )
    assert said.strip() == "[0, 0, 0, 0, 0, 0] True 1"


def test_its_file_system_holds_the_interpreter_and_nothing_of_the_course(inside: Inside) -> None:
    said = inside(
        "import os\nprint(os.path.exists('/proc'), os.path.exists('/sys'), os.path.exists('/etc/passwd'),\n"
        f"      os.path.exists('{ROOT}/solutions'), os.path.exists('{ROOT}/tests'), os.path.exists('/usr/local/share'))"
    )
    assert said.strip() == "False False False False False False"


def test_it_can_write_to_its_home_and_shared_memory_alone(inside: Inside) -> None:
    said = inside("import os\nprint(*(folder for folder, *_ in os.walk('/') if os.access(folder, os.W_OK)))")
    assert {folder for folder in said.split() if not folder.startswith(f"{HOME}/")} == {"/dev/shm", HOME}


def test_it_has_two_pipes_and_no_other_descriptor_from_outside(inside: Inside) -> None:
    said = inside(
        "import os, stat\nkinds = {}\n"
        "for number in range(65536):\n"
        "    try: kinds[number] = stat.S_IFMT(os.fstat(number).st_mode)\n"
        "    except OSError: pass\n"
        "print(sorted(kinds.values()) == sorted([stat.S_IFCHR] * 4 + [stat.S_IFIFO] * 2), len(kinds))"
    )
    assert said.strip() == "True 6"  # /dev/null four times, as 0, 1, 2 and the one that those were made of


def test_its_environment_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    fresh = ForkServer(MODULE)
    said = printed(run([RunCell("import os, json\nprint(json.dumps(dict(os.environ)))")], fresh, LIMITS)[0])
    fresh.close()
    extra = {
        "PAGER",
        "GIT_PAGER",
        "TERM",
        "CLICOLOR",
        "FORCE_COLOR",
        "CLICOLOR_FORCE",
    }  # IPython's and matplotlib's own
    seen = {name: value for name, value in json.loads(said).items() if name not in extra}
    assert seen.items() >= clean_environment(HOME).items()
    assert "hunter2" not in said


def test_it_stays_on_its_core(inside: Inside) -> None:
    said = inside(
        "import os\nbefore = os.sched_getaffinity(0)\n"
        "try: os.sched_setaffinity(0, range(os.cpu_count()))\nexcept OSError as error: print(error.strerror)\n"
        "print(before == os.sched_getaffinity(0))"
    )
    assert said.split("\n")[:2] == ["Operation not permitted", "True"]


def test_what_happens_inside_one_is_not_seen_in_the_next(server: ForkServer, inside: Inside) -> None:
    inside(
        "import builtins, numpy\nbuiltins.x = numpy.x = 1\nopen('left', 'w').close()\nopen('/dev/shm/left', 'w').close()"
    )
    said = inside(
        "import os, builtins\nprint(os.listdir('.'), os.listdir('/dev/shm'), hasattr(builtins, 'x'), os.getpid())"
    )
    assert said.strip() == "['.ipython'] [] False 2"


def test_global_generators_start_somewhere_else_in_each(inside: Inside) -> None:
    draw = "import numpy, random\nprint(numpy.random.random(), random.random())"
    assert inside(draw).split()[0] != inside(draw).split()[0]


def test_two_at_a_time_cannot_see_each_other() -> None:
    """One listens, leaves files and says what it can signal; the other looks for it."""
    ours, theirs = ForkServer(MODULE), ForkServer(MODULE)
    first, second = ours.start(), theirs.start()
    try:
        listen = (
            "import socket, os\ns = socket.socket(socket.AF_UNIX)\ns.bind('\\0meet')\ns.listen()\n"
            "open('/dev/shm/meet', 'w').close()\nprint(os.getuid())"
        )
        look = (
            "import socket, os\ns = socket.socket(socket.AF_UNIX)\n"
            "try: s.connect('\\0meet')\nexcept OSError as error: print(error.strerror)\n"
            "print(os.path.exists('/dev/shm/meet'), os.getuid())"
        )
        replies = []
        for child, code in ((first, listen), (second, look)):
            os.write(child.requests, json.dumps({"nonce": "1", "run": code}).encode() + b"\n")
            with os.fdopen(os.dup(child.replies)) as lines:
                replies.append(json.loads(lines.readline())["outputs"][0]["text"])
    finally:
        ours.end(first)
        theirs.end(second)
        ours.close()
        theirs.close()
    refused, there, uid = replies[1].replace("\n", " ").rsplit(maxsplit=2)
    assert (refused, there) == ("Connection refused", "False")
    assert uid != replies[0].strip() or os.geteuid() != 0  # several ids, where root gives them out


def test_data_files_lie_beside_the_notebook_and_cannot_be_changed(tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text("1,2\n")
    server = ForkServer(MODULE, {"data.csv": data, "more/below/it.csv": data})
    code = (
        "import os\nprint(open('data.csv').read().strip())\n"
        "for change in (lambda: open('data.csv', 'w'), lambda: os.remove('data.csv'), lambda: os.chmod('data.csv', 0o777)):\n"
        "    try: change()\n    except OSError as error: print(error.strerror)\n"
        "open('beside.csv', 'w').write('x')\nopen('more/below/new.csv', 'w').write('x')\n"
        "print(sorted(os.listdir('.')), open('more/below/it.csv').read().strip())"
    )
    before, after = (
        printed(run([RunCell(one)], server, LIMITS)[0]) for one in (code, "import os\nprint(os.listdir('.'))")
    )
    server.close()
    assert before.splitlines()[0] == "1,2"
    assert before.splitlines()[1] == before.splitlines()[3] == "Read-only file system"
    assert before.splitlines()[2] == "Device or resource busy"
    assert before.splitlines()[-1] == "['.ipython', 'beside.csv', 'data.csv', 'more'] 1,2"
    assert "beside.csv" not in after
    assert data.read_text() == "1,2\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user's own files are readable inside")
def test_a_data_file_that_only_root_can_read_is_named_before_anything_runs(tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text("1,2\n")
    data.chmod(0o600)
    server = ForkServer(MODULE, {"data.csv": data})
    with pytest.raises(NoKernelError, match=r"data\.csv can be read by its owner only; let others read it"):
        run([], server, LIMITS)
    server.close()


def test_all_processes_together_have_a_limit_of_memory() -> None:
    server = ForkServer(MODULE, caps=Caps(memory=600 << 20))
    code = (
        "import os, time\n"
        "for _ in range(3):\n"
        "    if os.fork() == 0:\n"
        "        block = bytearray(b'x') * (250 << 20)\n"
        "        time.sleep(60)\n"
        "time.sleep(60)"
    )
    alone, together = run(
        [RunCell("block = bytearray(b'x') * (250 << 20)\ndel block\nprint('fine')"), RunCell(code)], server, LIMITS
    )
    server.close()
    assert "fine" in printed(alone)
    assert together == Died(False, "its processes used more than 600 MB of memory")


def test_the_fork_server_has_one_thread_and_nothing_of_ours() -> None:
    server = ForkServer(MODULE)
    run([], server, LIMITS)
    (pid,) = [
        int(child)
        for task in os.listdir("/proc/self/task")
        for child in Path(f"/proc/self/task/{task}/children").read_text().split()
        if b"grading.forkserver" in Path(f"/proc/{child}/cmdline").read_bytes()
        and Path(f"/proc/{child}/stat").read_text().split()[2] != "Z"
    ][-1:]
    assert len(os.listdir(f"/proc/{pid}/task")) == 1
    environment = dict(line.split("=", 1) for line in Path(f"/proc/{pid}/environ").read_text().split("\0") if line)
    assert environment == clean_environment(environment["HOME"])
    assert not os.path.exists(environment["HOME"])
    assert os.readlink(f"/proc/{pid}/cwd") == "/"
    server.close()
    assert not os.path.exists(f"/proc/{pid}")


def test_no_folder_that_a_course_could_lie_in_is_shown() -> None:
    shown = [Path(path) for path in interpreter_folders()]
    for hidden in (
        ROOT / "solutions",
        Path("/usr/local/share/nbgrader/exchange"),
        Path.home() / "course",
        Path(sys.prefix) / "course",
    ):
        assert not [path for path in shown if path in (hidden, *hidden.parents)]


@pytest.mark.parametrize("architecture", ["X86_64", "AARCH64"])
def test_denied_calls_are_known_by_name(architecture: str) -> None:
    import pyseccomp

    unknown = -1  # to this libseccomp; other negative numbers are calls that the architecture does not have
    arch = getattr(pyseccomp.Arch, architecture)
    newer = {"statmount", "listmount"}  # Linux 6.8
    assert [
        name for name in DENIED_CALLS if name not in newer and pyseccomp.resolve_syscall(arch, name) == unknown
    ] == []


FORBID = """
import ctypes, pyseccomp, sys
ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)
calls = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
calls.add_rule(pyseccomp.ERRNO(1), "unshare")
calls.load()
from autograder.grading.run import sandbox_problem
print(sandbox_problem("orientation"))
"""


def test_where_namespaces_are_forbidden_it_says_so_in_a_sentence() -> None:
    done = subprocess.run([sys.executable, "-c", FORBID], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == (
        "the sandbox could not be built: making namespaces is not allowed here (Operation not permitted); "
        "allow unprivileged user namespaces, or grade as root where mounts are allowed."
    )
    assert done.stderr == ""


def test_another_system_than_linux_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    from autograder.grading.sandbox import unavailable

    monkeypatch.setattr(sys, "platform", "darwin")
    assert unavailable() == "the sandbox needs Linux, and this is darwin; grade on Linux."


# --- as an ordinary user -----------------------------------------------------------------------------


@pytest.mark.slow
def test_all_of_this_holds_for_an_ordinary_user() -> None:
    with users_folder() as folder:
        done = with_pytest(folder, "tests/test_sandbox.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "failed" not in done.stdout
    assert "3 skipped" in done.stdout, done.stdout


@pytest.mark.slow
def test_a_class_is_graded_by_an_ordinary_user() -> None:
    """The whole path: command line, sandbox, gradebook, graded notebooks; an attacker sees nothing of it."""
    lesson = load_lesson(ROOT / "solutions" / "00_orientation")
    right = fill(released(lesson.notebook), reference_sources(lesson))
    with users_folder() as folder:
        (folder / "class").mkdir()
        shutil.copytree(
            ROOT / "solutions", folder / "class" / "solutions", ignore=shutil.ignore_patterns("__pycache__")
        )
        shutil.copy(ROOT / "nbgrader_config.py", folder / "class")
        look = (
            f"import os\nprint([os.path.exists(p) for p in ('{folder}', '{ROOT}/solutions', '/proc/1')], os.getuid())"
        )
        for student, cell in (("ann", "x = 1"), ("mallory", look), ("bob", "import os; os._exit(3)")):
            notebook = fill(right, {})
            notebook.cells.insert(0, nbformat.v4.new_code_cell(cell))
            there = folder / "class" / "submitted" / student / lesson.name
            there.mkdir(parents=True)
            nbformat.write(notebook, there / f"{lesson.name}.ipynb")
        give(folder)
        command = [sys.executable, "-P", "-m", "autograder.cli", "grade", lesson.name, "--json", "results.json"]
        done = as_user(command, folder / "class", environment_of(folder))
        assert done.returncode == 0, done.stdout + done.stderr
        results = json.loads((folder / "class" / "results.json").read_text())
        seen = (folder / "class" / "autograded" / "mallory" / lesson.name / f"{lesson.name}.ipynb").read_text()
        left = [path.name for path in folder.iterdir() if path.name.startswith("autograder")]
    assert {row["student"]: row["score"] for row in results["submissions"]} == {"ann": 5, "bob": 5, "mallory": 5}
    assert results["sandbox"] == "strict"
    assert "[False, False, False] 655" in seen
    assert left == []
