"""Colab: the cell that installs the course's package there. Released notebooks have it, the instructor's own do not."""

from __future__ import annotations

import nbformat
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode

_MARKS = {"grade": False, "grade_id": "colab", "locked": True, "schema_version": 3, "solution": False, "task": False}
# Inside a function, so that no name is left behind that an answer could use there and would miss in grading.
# Without dependencies, because Colab breaks when its own ipykernel is replaced, and to keep its torch.
_SOURCE = """# @title Only for Google Colab: installs the course there. Anywhere else it does nothing.
if "google.colab" in __import__("sys").modules:

    def _install(url):
        import glob, importlib.util, os, subprocess, sys

        folders = ("/content", "/content/drive/MyDrive", "/content/drive/MyDrive/*")
        found = [path for folder in folders for path in sorted(glob.glob(f"{folder}/training_loop_course-*-any.whl"))]
        if found and "/drive/" in found[-1]:  # what you do is noted beside it: /content is gone tomorrow
            os.environ.setdefault("TRAINING_LOOPS_PROGRESS", os.path.join(os.path.dirname(found[-1]), "progress.json"))
        if importlib.util.find_spec("autograder"):
            return
        if not (url or found):
            print("Upload training_loop_course-….whl (the folder symbol on the left), then run this cell again.")
            return
        for what in (["--no-deps", url or found[-1]], ["torchmetrics"]):
            done = subprocess.run([sys.executable, "-m", "pip", "install", "-q", *what], capture_output=True, text=True)
            if done.returncode:
                print("The course could not be installed. Run this cell again; if it stays so, show this to your instructor:")
                print(done.stderr)
                return
        importlib.invalidate_caches()

    _install(THE_URL)"""


class InstallOnColab(NbGraderPreprocessor):
    """Puts a cell below the title of a notebook that imports the course's package: on Google Colab it is not there yet.

    The cell carries the tag `demo`: grading does not run it, and nobody is told that it is missing or has another address.
    """

    wheel_url = Unicode(
        "",
        help="Where the learner's wheel can be had; without it learners upload the file, or put it on their Drive.",
    ).tag(config=True)

    def preprocess(
        self, nb: nbformat.NotebookNode, resources: dict[str, str]
    ) -> tuple[nbformat.NotebookNode, dict[str, str]]:
        if any(cell.cell_type == "code" and "from autograder import" in cell.source for cell in nb.cells):
            nb.cells.insert(1 if nb.cells[0].cell_type == "markdown" else 0, colab_cell(self.wheel_url))
        return nb, resources


def colab_cell(wheel_url: str) -> nbformat.NotebookNode:
    """The cell that installs the learner's wheel on Colab: from `wheel_url`, or from where the learner put it."""
    cell = nbformat.v4.new_code_cell(_SOURCE.replace("THE_URL", repr(wheel_url)), id="colab")
    hidden = {"jupyter": {"source_hidden": True}, "cellView": "form"}
    cell.metadata = nbformat.from_dict({"nbgrader": dict(_MARKS), "tags": ["demo"], **hidden})
    return cell
