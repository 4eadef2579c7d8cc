"""Release: from the instructor's notebooks in solutions/ to the notebooks that learners get in course/.

The steps are nbgrader's own preprocessors, so that `nbgrader generate_assignment` gives the same notebooks.
"""

from __future__ import annotations

import copy
import shutil
from fnmatch import fnmatch
from pathlib import Path

import nbformat
from nbgrader import preprocessors as stock
from traitlets.config.loader import Config

from autograder.authoring.colab import InstallOnColab
from autograder.authoring.sources import Lesson, is_demo

NOT_RELEASED = (".*", "__pycache__", "*.pyc", "*.part", "mistakes.py", "variants.py", "claims.py")


class ClearSolutions(stock.ClearSolutions):
    """nbgrader's, but a region at the top level of a cell (a dict to fill in) leaves no `raise` behind.

    A function's stub raises when it is called; a cell's would stop "restart and run all" at an exercise
    that the learner has not come to yet.
    """

    def _replace_solution_region(self, cell: nbformat.NotebookNode, language: str) -> bool:
        top_level = any(line.startswith("### BEGIN SOLUTION") for line in cell.source.splitlines())
        replaced = super()._replace_solution_region(cell, language)
        if top_level and cell.cell_type == "code":
            cell.source = cell.source.replace("\nraise NotImplementedError()", "")
        return replaced


class LetDemosFail(stock.NbGraderPreprocessor):
    """Demonstrations run on the learner's functions: "run all" should go on where one is not written yet."""

    def preprocess_cell(
        self, cell: nbformat.NotebookNode, resources: dict[str, str], index: int
    ) -> tuple[nbformat.NotebookNode, dict[str, str]]:
        if is_demo(cell):
            cell.metadata.tags = [*cell.metadata.tags, "raises-exception"]
        return cell, resources


PREPROCESSORS = (
    InstallOnColab,
    stock.LockCells,
    LetDemosFail,
    ClearSolutions,
    stock.ClearOutput,
    stock.CheckCellMetadata,
    stock.ComputeChecksums,
    stock.ClearHiddenTests,
    stock.ClearMarkScheme,
    stock.ComputeChecksums,
)


def released(notebook: nbformat.NotebookNode, wheel_url: str = "") -> nbformat.NotebookNode:
    """The notebook as learners get it: solutions, outputs and hidden tests cleared, given cells locked.

    `wheel_url` is where its first cell finds the learner's wheel on Colab.
    """
    cleared = copy.deepcopy(notebook)
    config = Config({"InstallOnColab": {"wheel_url": wheel_url}})
    resources: dict[str, str] = {}
    for preprocessor in PREPROCESSORS:
        cleared, resources = preprocessor(config=config).preprocess(cleared, resources)
    return cleared


def release_text(lesson: Lesson, wheel_url: str = "") -> str:
    """The released notebook as it stands in its file."""
    return nbformat.writes(released(lesson.notebook, wheel_url), version=nbformat.NO_CONVERT) + "\n"


def release(lesson: Lesson, course: Path, wheel_url: str = "") -> None:
    """Write the lesson's folder below `course`: its notebook and its data files, and nothing that was there before."""
    folder = course / lesson.name
    shutil.rmtree(folder, ignore_errors=True)
    for path, content in released_files(lesson, wheel_url).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


def stale_files(lesson: Lesson, course: Path, wheel_url: str = "") -> list[str]:
    """The files below `course` that are not what `release` would write now, in words."""
    folder = course / lesson.name
    expected = released_files(lesson, wheel_url)
    on_disk = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    on_disk = {path: data for path, data in on_disk.items() if ".ipynb_checkpoints" not in path.parts}
    differ = [path for path in expected.keys() | on_disk.keys() if expected.get(path) != on_disk.get(path)]
    return sorted(str(folder / path) for path in differ)


def released_files(lesson: Lesson, wheel_url: str = "") -> dict[Path, bytes]:
    """What learners get of a lesson: its notebook and its data files, by their paths in the lesson's folder."""
    files = {path.relative_to(lesson.folder): path.read_bytes() for path in data_files(lesson.folder)}
    return {**files, Path(f"{lesson.name}.ipynb"): release_text(lesson, wheel_url).encode()}


def data_files(folder: Path) -> list[Path]:
    """The files of a lesson's folder that go out beside the notebook."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".ipynb"]
    return sorted(path for path in files if not _is_kept_back(path.relative_to(folder)))


def _is_kept_back(path: Path) -> bool:
    return any(fnmatch(part, pattern) for part in path.parts for pattern in NOT_RELEASED)
