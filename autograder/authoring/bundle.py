"""Bundle: the zip that a learner unzips and starts: the released lessons, the wheel of the learner's side, a start script.

The same sources give the same bytes: nothing in it depends on the day, on the folder or on what lies in course/.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path, PurePosixPath
from typing import Any

from autograder.atomic import write_atomically
from autograder.authoring.course import Course
from autograder.authoring.release import released_files
from autograder.authoring.sources import lesson_folders, load_lesson
from autograder.errors import InputError

CONDA_NAMES = {"torch": "pytorch", "matplotlib": "matplotlib-base"}  # where conda-forge has others than PyPI
NAME = "training-loops"  # of the zip, and of the one folder in it
_PROJECT = "training-loop-course"
_SAID = ("name", "version", "description", "license", "requires-python", "dependencies")
_PACKAGE = Path(__file__).parents[1]
_HANDOUT = Path(__file__).parent / "handout"
_INSTRUCTORS = ("authoring", "grading", "cli.py")  # of the package's folder
_LICENCE = "LICENSE"
_TO_LOOK_UP = ("docs/glossary.md", "docs/notation.md")  # their links lead to ../course
_DAY = (1980, 1, 1, 0, 0, 0)  # the first that a zip can hold
_SECONDS = 315_532_800  # the same for setuptools

_BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"

_REQUIREMENTS = """\
# For an environment of your own: pip install -r requirements.txt && jupyter lab
--extra-index-url https://download.pytorch.org/whl/cpu
# ^ For Linux, PyPI's torch brings 4 GB of CUDA with it. The course needs none of that.
./{wheel}
"""

_ENVIRONMENT = """\
# For conda users: conda env create -f environment.yml && conda activate training-loops && jupyter lab
name: {name}
channels:
  - conda-forge
dependencies:
{dependencies}
  - pip:
      - ./{wheel}
"""


class BundleError(InputError):
    """The learner's bundle cannot be made; the sentence says why and what to do."""


def make_bundle(course: Course) -> Path:
    """Write the zip, and beside it the wheel (Colab wants it alone), to the course's dist/. Returns the zip's path.

    It holds the lessons that are released so far, made from their sources: what somebody solved in course/ stays there.
    The course's glossary and notation sheet go with them, where it has such.
    Raises BundleError.
    """
    about = project()
    licence = course.root / _LICENCE
    common = {_LICENCE: licence.read_bytes()} if licence.is_file() else {}
    wheel, content = learners_wheel(about, common)
    files = {
        **common,
        **{name: (course.root / name).read_bytes() for name in _TO_LOOK_UP if (course.root / name).is_file()},
        **{path.name: path.read_bytes() for path in _HANDOUT.iterdir() if path.is_file()},
        wheel: content,
        "requirements.txt": _REQUIREMENTS.format(wheel=wheel).encode(),
        "environment.yml": _environment(about, wheel).encode(),
        **_lessons(course),
    }
    folder = course.root / "dist"
    write_atomically(folder / wheel, content)
    write_atomically(folder / f"{NAME}.zip", _zip(files))
    return folder / f"{NAME}.zip"


def _lessons(course: Course) -> dict[str, bytes]:
    folders = [folder for folder in lesson_folders(course.solutions) if (course.released / folder.name).is_dir()]
    return {
        str(PurePosixPath("course", folder.name, *path.parts)): content
        for folder in folders
        for path, content in released_files(load_lesson(folder), course.wheel_url).items()
    }


def _zip(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{NAME}/{name}", _DAY)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue()


# --- the wheel --------------------------------------------------------------------------------------


def learners_wheel(about: Mapping[str, Any], licence: Mapping[str, bytes]) -> tuple[str, bytes]:
    """The wheel of the package without the instructor's side: its file's name, and its content. Raises BundleError.

    `about` is what `project` gives; `licence` goes into it too.
    """
    with tempfile.TemporaryDirectory() as name:
        stage, out = Path(name, "stage"), Path(name, "out")
        out.mkdir()
        shutil.copytree(_PACKAGE, stage / _PACKAGE.name, ignore=_instructors, copy_function=shutil.copyfile)
        (stage / "pyproject.toml").write_text(_pyproject(about), encoding="utf-8")
        for file, content in licence.items():
            (stage / file).write_bytes(content)
        for path in stage.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)  # a wheel keeps what the umask left
        built = subprocess.run(
            [sys.executable, "-P", "-c", _BUILD, out],
            cwd=stage,
            env={**os.environ, "SOURCE_DATE_EPOCH": str(_SECONDS)},
            capture_output=True,
            text=True,
            umask=0o022,
        )
        if built.returncode:
            why = (built.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise BundleError(f"The learner's wheel cannot be built ({why}); pip install -U 'setuptools>=77' may help.")
        (wheel,) = out.glob("*.whl")
        return wheel.name, wheel.read_bytes()


def _instructors(folder: str, names: list[str]) -> set[str]:
    left_out = {name for name in names if name == "__pycache__"}
    return left_out | ({*_INSTRUCTORS} & {*names} if Path(folder) == _PACKAGE else set())


def project() -> dict[str, Any]:
    """What the learner's wheel says of itself, in the words of pyproject.toml. Raises BundleError.

    Where the package lies in its source tree, that is the truth: what pip noted at an editable install may be old.
    """
    tree = _PACKAGE.parent / "pyproject.toml"
    if tree.is_file():
        said = tomllib.loads(tree.read_text(encoding="utf-8"))["project"]
        return {key: said[key] for key in _SAID}
    try:
        noted = metadata(_PROJECT)
    except PackageNotFoundError:
        raise BundleError(
            f"{_PROJECT} is not installed here, so that its version is unknown; pip install it."
        ) from None
    required = [one for one in noted.get_all("Requires-Dist", []) if "extra ==" not in one]
    values = (_PROJECT, *(noted[name] for name in ("Version", "Summary", "License-Expression", "Requires-Python")))
    return dict(zip(_SAID, (*values, required), strict=True))


def _pyproject(about: Mapping[str, Any]) -> str:
    """A project file for the learner's side alone: no commands, no server extension."""
    lines = [f"{key} = {json.dumps(value)}" for key, value in about.items()]  # such JSON is TOML as well
    packages = [f'packages.find.include = ["{_PACKAGE.name}*"]', 'package-data."*" = ["py.typed", "**/*.npz"]']
    return "\n".join(["[project]", *lines, "[tool.setuptools]", *packages, ""])


def _environment(about: Mapping[str, Any], wheel: str) -> str:
    named = (re.fullmatch(r"([\w.-]+)(.*)", requirement.replace(" ", "")) for requirement in about["dependencies"])
    conda = [f"{CONDA_NAMES.get(match[1], match[1])}{match[2]}" for match in named if match]
    dependencies = [f"python{about['requires-python']}", "pip", *conda]
    listed = "\n".join(f"  - {one}" for one in dependencies)
    return _ENVIRONMENT.format(name=NAME, dependencies=listed, wheel=wheel)
