"""Course: the folders and the database of one course, as its nbgrader_config.py names them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from traitlets.config.loader import Config, PyFileConfigLoader

from autograder.errors import InputError

CONFIG = "nbgrader_config.py"


class CourseError(InputError):
    """There is no usable course here; the sentence says what to do."""


@dataclass(frozen=True)
class Course:
    """Where a course keeps what. `config` is what its nbgrader_config.py says, for nbgrader's own parts."""

    root: Path
    solutions: Path
    released: Path
    submitted: Path
    autograded: Path
    feedback: Path
    db_url: str
    config: Config

    @property
    def wheel_url(self) -> str:
        """Where learners' wheel can be had, for Colab; empty where the configuration does not say."""
        return str(self.config.InstallOnColab.get("wheel_url", ""))

    def lesson_folder(self, lesson: str) -> Path:
        """The folder of a lesson's sources. Raises CourseError with the names that there are."""
        folder = self.solutions / lesson
        if not any(folder.glob("*.ipynb")):
            there = ", ".join(sorted({path.parent.name for path in self.solutions.glob("*/*.ipynb")})) or "none"
            raise CourseError(f"There is no lesson {lesson!r} in {self.solutions}; the lessons are: {there}.")
        return folder


def find_course(start: Path | None = None) -> Course:
    """The course in `start`, or in the working directory or above it. Raises CourseError."""
    if start is not None:
        root = start.resolve()
        if not (root / CONFIG).is_file():
            raise CourseError(f"{root} holds no {CONFIG}; name the course's folder with --course-dir.")
        return _load(root)
    here = Path.cwd()
    for root in (here, *here.parents):
        if (root / CONFIG).is_file():
            return _load(root)
    raise CourseError(f"No {CONFIG} in {here} or above it; go to the course's folder or name it with --course-dir.")


def _load(root: Path) -> Course:
    try:
        config = PyFileConfigLoader(CONFIG, path=str(root)).load_config()
    except Exception as error:
        raise CourseError(f"{root / CONFIG} cannot be read ({type(error).__name__}: {error}); mend it.") from None
    # Only nbgrader itself knows all its defaults, but importing it takes seconds: name the ones that we use.
    names = config.CourseDirectory
    folder = {
        step: root / str(names.get(f"{step}_directory", step))
        for step in ("source", "release", "submitted", "autograded", "feedback")
    }
    db_url = str(names.get("db_url", "sqlite:///" + os.fspath(root / "gradebook.db")))
    return Course(
        root,
        folder["source"],
        folder["release"],
        folder["submitted"],
        folder["autograded"],
        folder["feedback"],
        db_url,
        config,
    )
