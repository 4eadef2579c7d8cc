"""Start the course: `python3 start.py`. The first time this makes .venv and installs the course into it.

What else is on the line goes to JupyterLab, for example `--no-browser`.
"""

import hashlib
import importlib.util
import json
import subprocess
import sys
import urllib.request
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036  (nothing in this file stops an older Python before it comes here)
    sys.exit(
        f"The course needs Python 3.11 or newer, and this is {sys.version.split()[0]}. "
        "Install a newer one from https://www.python.org and start with it, for example: python3.12 start.py"
    )

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
READY = VENV / "course-is-installed"  # written last; holds the digest of the wheel that was installed
# For Linux, PyPI's torch brings 4 GB of CUDA with it. The course needs none of that.
CPU_TORCH = "https://download.pytorch.org/whl/cpu"
# No question about news on the first screen, and no word to anybody about what is installed here.
QUIET = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
FIRST_LESSON = "/lab/tree/course/00_orientation/00_orientation.ipynb"


def main(options: list[str]) -> int:
    """Install what is not there yet, then open JupyterLab; gives its exit code."""
    wheel = the_wheel()
    is_first = not is_installed(wheel)
    if is_first:
        install(wheel)
    print(
        "JupyterLab opens in your browser. Leave this window open; Ctrl-C in it ends the course for today.", flush=True
    )
    where = [f"--ServerApp.root_dir={HERE}", "--log-level=WARN"]  # the address is printed all the same
    if is_first:  # later on, what was open last time is open again
        where.append(f"--LabApp.default_url={FIRST_LESSON}")
    return run([str(PYTHON), "-m", "jupyterlab", *where, *options])


def the_wheel() -> Path:
    """The course's package, which lies beside this file."""
    wheels = sorted(HERE.glob("training_loop_course-*.whl"))
    if not wheels:
        sys.exit(
            f"{HERE} holds no training_loop_course-….whl. Unzip the course again, the whole of it, and start there."
        )
    return wheels[-1]


def digest(wheel: Path) -> str:
    """What tells this wheel from any other."""
    return hashlib.sha256(wheel.read_bytes()).hexdigest()


def is_installed(wheel: Path) -> bool:
    """Whether an earlier start came to its end, with this wheel and with a Python that is still there."""
    return PYTHON.exists() and READY.is_file() and READY.read_text(encoding="ascii") == digest(wheel)


def install(wheel: Path) -> None:
    """Make .venv anew and install the course into it. What pip has downloaded before it does not download again."""
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        sys.exit(_NO_VENV)
    print("This is the first start: installing the course into .venv. It takes some minutes, once.", flush=True)
    if run([sys.executable, "-m", "venv", "--clear", str(VENV)]):
        sys.exit(_NO_VENV)
    smaller = ["--extra-index-url", CPU_TORCH] if sys.platform == "linux" and answers(CPU_TORCH) else []
    if run([str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", *smaller, str(wheel)]):
        sys.exit(
            "\nThe course could not be installed; why, pip says above. Most often the network was away or the disk is "
            "full (it takes 2 GB). Then start again with the same command: what was downloaded is kept."
        )
    settings = VENV / "share" / "jupyter" / "lab" / "settings"
    settings.mkdir(parents=True, exist_ok=True)
    (settings / "overrides.json").write_text(json.dumps(QUIET), encoding="ascii")
    READY.write_text(digest(wheel), encoding="ascii")


_NO_VENV = (
    "This Python cannot make an environment for the course. On Debian and Ubuntu: sudo apt install python3-venv. "
    "Elsewhere, install Python from https://www.python.org. Then start again with the same command."
)


def answers(address: str) -> bool:
    """Whether a server can be reached now: pip would ask it a hundred times before it gives up."""
    try:
        with urllib.request.urlopen(f"{address}/torch/", timeout=10):
            return True
    except OSError:
        return False


def run(command: list[str]) -> int:
    """Run a command to its end; Ctrl-C is for the command to answer."""
    process = subprocess.Popen(command)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
