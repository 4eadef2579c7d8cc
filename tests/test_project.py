"""The project as a whole: what it installs, what importing costs, which way imports run, what ships."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from autograder.authoring.bundle import CONDA_NAMES
from tests.conftest import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROCESSES = {
    "autograder.grading.kernels",
    "autograder.grading.forkserver",
    "autograder.grading.entry",  # ruff, where it is installed
    "autograder.authoring.gate",
    "autograder.authoring.bundle",  # setuptools, which builds the wheel
    "autograder.authoring.handout.start",  # a learner's own, not imported: Python's venv, pip, JupyterLab
}
DATABASE = {"autograder.grading.gradebook", "autograder.grading.scores"}  # the only writer, and a reader


def bounds(requirements: list[str]) -> dict[str, str]:
    parsed = (re.fullmatch(r"([\w.-]+)(.*)", requirement.replace(" ", "")) for requirement in requirements)
    return {match[1]: match[2] for match in parsed if match}


def test_conda_users_get_the_same_packages_and_bounds() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    conda = bounds([item for item in environment["dependencies"] if item != "pip"])
    project = PYPROJECT["project"]
    wanted = bounds(project["dependencies"] + project["optional-dependencies"]["grading"])
    wanted = {CONDA_NAMES.get(name, name): bound.partition(";")[0] for name, bound in wanted.items()}
    assert conda == wanted | {"python": project["requires-python"]}


def imported_by(code: str) -> set[str]:
    """The top-level names of all modules that `code` loads in a fresh interpreter."""
    probe = f"{code}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    return set(subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout.split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    loaded = imported_by("import autograder")
    assert loaded & {"torch", "matplotlib", "nbgrader", "IPython", "nbformat", "sklearn", "typer", "rich"} == set()
    assert "numpy" in loaded


def test_checking_a_numpy_exercise_loads_nothing_heavy() -> None:
    loaded = imported_by("import autograder\nautograder.check('mse')")
    assert loaded & {"torch", "matplotlib", "nbgrader"} == set()


def test_a_command_does_not_wait_for_a_grammar_that_it_never_uses() -> None:
    loaded = imported_by("import autograder.cli\nimport autograder.grading.run")
    assert "jsonschema" in loaded
    assert "lark" not in loaded


def modules() -> dict[str, Path]:
    paths = sorted((ROOT / "autograder").rglob("*.py"))
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in paths]
    return dict(zip(names, paths, strict=True))


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def layer(name: str) -> int:
    """Imports run downwards: 0 the learner's side, 1 authoring, 2 grading, 3 the command line."""
    part = name.split(".")[1] if "." in name else ""
    return {"authoring": 1, "grading": 2, "cli": 3, "__main__": 3}.get(part, 0)


@pytest.mark.parametrize(("name", "path"), modules().items(), ids=modules().keys())
def test_imports_run_downwards_only(name: str, path: Path) -> None:
    used = {other for other in imports_of(path) if other.startswith("autograder")}
    entry_point = {"autograder.cli"} if name == "autograder.authoring.gate" else set()  # python -m …gate
    upwards = {other for other in used if layer(other) > layer(name)} - entry_point - {"autograder.cli.main"}
    assert upwards == set()
    if name.startswith("autograder.exercises."):
        assert not used & {"autograder.key", "autograder.judge", "autograder.check"}


@pytest.mark.parametrize(("name", "path"), modules().items(), ids=modules().keys())
def test_one_module_only_touches_what_is_dangerous(name: str, path: Path) -> None:
    used = imports_of(path)
    if name not in DATABASE:
        assert not {other for other in used if other.startswith(("nbgrader.api", "sqlalchemy"))}
    if name not in PROCESSES:
        assert not used & {"subprocess", "multiprocessing"}
    assert not used & {"pickle", "dill", "marshal", "shelve"}


@pytest.mark.parametrize(("name", "path"), modules().items(), ids=modules().keys())
def test_every_module_says_in_its_first_line_what_it_is_for(name: str, path: Path) -> None:
    assert re.match(r'"""\w.{20,}', path.read_text()), f"{name} needs a docstring"


def test_there_is_no_drawer_for_odds_and_ends() -> None:
    names = {path.name for path in (ROOT / "autograder").rglob("*.py")}
    assert not names & {"utils.py", "helpers.py", "misc.py", "common.py"}


@pytest.mark.full
def test_the_wheel_holds_keys_and_probes_and_no_source_of_an_answer(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", tmp_path, ROOT], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    listing = subprocess.run(
        [sys.executable, "-m", "zipfile", "-l", wheel], capture_output=True, text=True, check=True
    ).stdout
    assert "autograder/exercises/loop_by_hand.py" in listing
    assert "autograder/keys/loop_by_hand/mse.npz" in listing
    assert "etc/jupyter/jupyter_server_config.d/autograder.json" in listing
    assert not re.search(r"mistakes\.py|variants\.py|solutions|\.ipynb", listing)


def test_no_path_of_one_machine_is_committed() -> None:
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    texts = [ROOT / name for name in files if name.endswith((".py", ".md", ".toml", ".yml", ".ipynb", ".j2"))]
    home = os.path.expanduser("~")
    assert [str(path) for path in texts if path.is_file() and home != "/" and f"{home}/" in path.read_text()] == []
