"""The learner's bundle: what is in it, what must never be, and a start script that says what is missing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from autograder.authoring.bundle import CONDA_NAMES, make_bundle
from autograder.authoring.course import Course
from autograder.authoring.release import release, stale_files
from autograder.authoring.sources import load_lesson
from tests.conftest import ROOT, copy_of_the_course
from tests.test_project import PYPROJECT, bounds, layer, modules

RELEASED = ("00_orientation", "01_loop_by_hand")
WHEEL = "training_loop_course-0.1.0-py3-none-any.whl"


@dataclass(frozen=True)
class Bundle:
    """The course that it was made in, the zip, and the folder where it was unzipped."""

    course: Course
    zip: Path
    folder: Path

    def names(self) -> set[str]:
        return {str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Made where two lessons are released, and somebody has already worked in course/."""
    folder = tmp_path_factory.mktemp("bundle")
    course = copy_of_the_course(folder / "class")
    shutil.copy(ROOT / "LICENSE", course.root)
    shutil.copytree(ROOT / "docs", course.root / "docs")
    for name in RELEASED:
        release(load_lesson(course.solutions / name), course.released)
    solved = course.solutions / RELEASED[0] / f"{RELEASED[0]}.ipynb"
    shutil.copy(solved, course.released / RELEASED[0])
    (course.released / "progress.json").write_text("{}")
    made = make_bundle(course)
    zipfile.ZipFile(made).extractall(folder)
    return Bundle(course, made, folder / "training-loops")


def test_it_holds_the_released_lessons_the_wheel_what_starts_them_and_what_to_look_up(bundle: Bundle) -> None:
    lessons = {f"course/{name}/{name}.ipynb" for name in RELEASED}
    beside = {"README.md", "LICENSE", "start.py", "requirements.txt", "environment.yml", WHEEL}
    to_look_up = {"docs/glossary.md", "docs/notation.md"}
    assert bundle.names() == lessons | beside | to_look_up
    assert (bundle.course.root / "dist" / WHEEL).read_bytes() == (bundle.folder / WHEEL).read_bytes()


def test_what_somebody_solved_in_the_course_folder_is_not_handed_out(bundle: Bundle) -> None:
    unpacked = bundle.folder / "course"
    assert [
        name for one in RELEASED for name in stale_files(load_lesson(bundle.course.solutions / one), unpacked)
    ] == []
    assert "BEGIN SOLUTION" not in (unpacked / RELEASED[0] / f"{RELEASED[0]}.ipynb").read_text()


def test_its_wheel_is_the_learners_side_whole_and_alone(bundle: Bundle) -> None:
    names = {name for name in zipfile.ZipFile(bundle.folder / WHEEL).namelist() if ".dist-info/" not in name}
    learners = {str(path.relative_to(ROOT)) for name, path in modules().items() if layer(name) == 0}
    keys = {str(path.relative_to(ROOT)) for path in (ROOT / "autograder" / "keys").rglob("*.npz")}
    assert names == learners | keys | {"autograder/py.typed"}
    noted = zipfile.ZipFile(bundle.folder / WHEEL).namelist()
    assert not [name for name in noted if re.search(r"entry_points|mistakes|variants|claims|\.json$|/data/", name)]


def test_its_wheel_asks_for_what_the_project_says_that_learners_need(bundle: Bundle) -> None:
    (path,) = (name for name in zipfile.ZipFile(bundle.folder / WHEEL).namelist() if name.endswith("/METADATA"))
    noted = zipfile.ZipFile(bundle.folder / WHEEL).read(path).decode()
    required = bounds(re.findall(r"Requires-Dist: (.*)", noted))
    wanted = bounds(PYPROJECT["project"]["dependencies"])
    assert {name: set(bound.split(",")) for name, bound in required.items()} == {
        name: set(bound.split(",")) for name, bound in wanted.items()
    }
    environment = yaml.safe_load((bundle.folder / "environment.yml").read_text())["dependencies"]
    assert {"pip": [f"./{WHEEL}"]} in environment
    conda = bounds([one for one in environment if isinstance(one, str) and one != "pip"])
    assert conda == {CONDA_NAMES.get(name, name): bound for name, bound in wanted.items()} | {"python": ">=3.11"}
    assert f"./{WHEEL}" in (bundle.folder / "requirements.txt").read_text().splitlines()


def test_the_same_sources_give_the_same_bytes(bundle: Bundle) -> None:
    before, mask = bundle.zip.read_bytes(), os.umask(0o077)
    try:
        again = make_bundle(bundle.course)
    finally:
        os.umask(mask)
    assert again.read_bytes() == before


# --- the start script -------------------------------------------------------------------------------


def start(folder: Path, before: str = "pass") -> subprocess.CompletedProcess[str]:
    """Run a folder's start.py, in a Python to which `before` was done."""
    code = f"import runpy, sys; sys.argv = ['start.py']; {before}; runpy.run_path('start.py', run_name='__main__')"
    return subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("before", "says"),
    [
        ("sys.version_info = (3, 10, 1)", "The course needs Python 3.11 or newer"),
        ("sys.modules['ensurepip'] = None", "sudo apt install python3-venv"),
        ("sys.modules['venv'] = None", "sudo apt install python3-venv"),
    ],
)
def test_a_python_that_will_not_do_is_told_in_a_sentence(bundle: Bundle, before: str, says: str) -> None:
    done = start(bundle.folder, before)
    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not (bundle.folder / ".venv").exists()


def test_a_start_script_on_its_own_says_what_is_missing(bundle: Bundle, tmp_path: Path) -> None:
    shutil.copy(bundle.folder / "start.py", tmp_path)
    done = start(tmp_path)
    assert done.returncode == 1
    assert "Unzip the course again, the whole of it" in done.stderr
