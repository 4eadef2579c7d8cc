"""Plain: an ordinary nbgrader assignment made ready for grading. No probes, no keys: its test cells are its tests.

The notebooks are made as `nbgrader generate_assignment` makes them, by the course's own configured preprocessors:
what stands before `SaveCells` gives the whole notebook with its hidden tests, the rest what learners get.
"""

from __future__ import annotations

import copy
import stat
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.preprocessors import SaveCells
from nbgrader.utils import find_all_files
from traitlets.utils.importstring import import_item

from autograder.authoring.course import Course
from autograder.authoring.sources import SourceError, check_cell_exercise, in_folder
from autograder.grading.grade import Assignment
from autograder.grading.runner import Limits, PutFile
from autograder.grading.submissions import Submission, find_submissions
from autograder.key import KEYS

_MOST_BYTES_GIVEN = 32 << 20  # of files that are copied for each submission; larger ones are mounted, read-only
_MOST_BYTES_SENT = 16 << 20
_MOST_BYTES_A_FILE = 8 << 20
_MOST_FILES_SENT = 200
_NO_WORK = ("*.ipynb", ".ipynb_checkpoints", "*.pyc", "__pycache__")
_STOCK_CELL_SECONDS = 30


def is_plain(folder: Path) -> bool:
    """Whether an assignment's folder holds no lesson with probes: each of those has its mistakes.py."""
    return not (folder / "mistakes.py").is_file()


def prepare(course: Course, folder: Path) -> tuple[Assignment, ...]:
    """The notebooks of an ordinary assignment, each made ready for a grading run. Raises SourceError."""
    ignored = CourseDirectory(config=course.config).ignore
    files = [Path(path) for path in find_all_files(str(folder), [*ignored, "*.ipynb"])]
    small, large = _small_and_large(files, _MOST_BYTES_GIVEN)
    copies = tuple(PutFile(str(path.relative_to(folder)), path.read_bytes()) for path in small)
    prepared = []
    for path in sorted(folder.glob("*.ipynb")):
        whole, given = _whole_and_given(course, path)
        mounted = {str(file.relative_to(folder)): file for file in large}
        prepared.append(Assignment(folder.name, path.stem, given, whole, files=mounted, copies=copies))
    return tuple(prepared)


def find_sent(
    course: Course, assignments: Sequence[Assignment], students: Sequence[str] = ()
) -> list[list[Submission]]:
    """What learners sent for each of an ordinary assignment's notebooks, with the files that lay beside it."""
    sent = []
    for assignment in assignments:
        siblings = [other.notebook for other in assignments if other is not assignment]
        found = find_submissions(course, assignment.name, students, assignment.notebook, siblings)
        sent.append([_complete(course, one, assignment, siblings) for one in found])
    return sent


def limits(course: Course) -> Limits:
    """The wall-clock limits of an ordinary course: a cell has the seconds that its `Execute.timeout` gives it."""
    configured = course.config.ExecutePreprocessor.get("timeout", _STOCK_CELL_SECONDS)
    configured = course.config.Execute.get("timeout", configured)
    total = Limits().total_seconds
    seconds = configured if configured and configured > 0 else total  # None and -1: no limit
    return Limits(seconds, max(total, 10 * seconds))


def _whole_and_given(course: Course, path: Path) -> tuple[NotebookNode, NotebookNode]:
    """A notebook with its solutions cleared: with its hidden tests, and as learners got it. Raises SourceError."""
    try:
        notebook = nbformat.read(path, as_version=4)
        _refuse_other_languages(notebook)
        _refuse_lost_lesson(notebook)
        notebook = MetadataValidator().upgrade_notebook_metadata(notebook)
        whole, given = _converted(course, path, notebook)
    except SourceError as error:
        raise SourceError(f"{path}: {error}") from None
    except Exception as error:  # the course's own preprocessors may raise anything
        raise SourceError(f"{path}: {error} Mend it; `nbgrader generate_assignment` needs that too.") from error
    given.nbformat_minor = 5
    for index, cell in enumerate(given.cells):
        cell.setdefault("id", f"given-{index}")
    return whole, given


def _converted(course: Course, path: Path, notebook: NotebookNode) -> tuple[NotebookNode, NotebookNode]:
    folder = path.parent
    names = {"assignment": folder.name, "notebook": path.stem, "student": ".", "db_url": course.db_url}
    resources = ResourcesDict(metadata={"path": str(folder)}, nbgrader=names)
    whole = None
    with in_folder(course.root):  # in which a configured header's path begins
        for name in GenerateAssignment(config=course.config).preprocessors:
            preprocessor = (import_item(name) if isinstance(name, str) else name)(config=course.config)
            if isinstance(preprocessor, SaveCells):
                whole = copy.deepcopy(notebook)
            else:
                notebook, resources = preprocessor(notebook, resources)
    return whole or notebook, notebook


def _refuse_other_languages(notebook: NotebookNode) -> None:
    metadata = notebook.metadata
    language = metadata.get("kernelspec", {}).get("language") or metadata.get("language_info", {}).get("name", "python")
    if "python" not in language.lower():
        raise SourceError(f"it is written in {language}; only Python is graded here.")


def _refuse_lost_lesson(notebook: NotebookNode) -> None:
    """A lesson with probes that lost its mistakes.py would be graded with less trust than it deserves."""
    checked = [name for cell in notebook.cells if (name := check_cell_exercise(cell)) is not None]
    if any(any(KEYS.glob(f"*/{name}.npz")) for name in checked):
        raise SourceError("mistakes.py is missing; each lesson with checks has one beside its notebook.")


# --- files beside the notebook ---------------------------------------------------------------------


def _small_and_large(files: Sequence[Path], most: int) -> tuple[list[Path], list[Path]]:
    """Those of `files` that are small, as many as `most` bytes hold, and the rest."""
    small: list[Path] = []
    for path in sorted(files, key=lambda path: (path.stat().st_size, path)):
        most -= path.stat().st_size
        if path.stat().st_size <= _MOST_BYTES_A_FILE and most >= 0:
            small.append(path)
    return small, [path for path in files if path not in small]


def _complete(course: Course, found: Submission, assignment: Assignment, siblings: Sequence[str]) -> Submission:
    """A submission with the files that lie beside its notebook, or marked as absent where only others were sent."""
    folder = course.submitted / found.student / assignment.name
    if found.path is None:
        if any((folder / f"{name}.ipynb").is_file() for name in siblings):
            said = f"{assignment.notebook}.ipynb was not handed in; what it asks for counts 0."
            return replace(found, absent=True, problems=(said,))
        return found
    given = {Path(copy.path) for copy in assignment.copies} | {Path(name) for name in assignment.files}
    sent = [path for path in _sent_files(folder) if not _in_the_way(path.relative_to(folder), given)]
    small, large = _small_and_large(sent, _MOST_BYTES_SENT)
    left_out = [path.name for path in (*small[_MOST_FILES_SENT:], *large)]
    if left_out:
        said = f"Files beside the notebook were left out, for they are too large or too many: {', '.join(left_out)}."
        found = replace(found, problems=(*found.problems, said))
    return replace(found, beside={str(path.relative_to(folder)): path for path in small[:_MOST_FILES_SENT]})


def _in_the_way(path: Path, given: Collection[Path]) -> bool:
    """Whether a file has the name of one that the instructor gave, or of a folder above it, or lies below it."""
    return any(path == other or path in other.parents or other in path.parents for other in given)


def _sent_files(folder: Path) -> Iterator[Path]:
    """The files that a learner sent along. No links: what they point to was not sent."""
    for path in folder.rglob("*"):
        status = path.lstat()
        parts = path.relative_to(folder).parts
        is_ignored = any(fnmatch(part, pattern) for part in parts for pattern in _NO_WORK)
        if stat.S_ISREG(status.st_mode) and status.st_nlink == 1 and not is_ignored:
            yield path
