"""How nbgrader sees this course: where things are, and what never leaves the instructor's side."""

import contextlib
from pathlib import Path

c = get_config()  # noqa: F821  (nbgrader defines it)

c.CourseDirectory.root = str(Path(__file__).parent)
c.CourseDirectory.course_id = "training_loops"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "course"
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints",
    "*.pyc",
    "*.part",
    "__pycache__",
    ".pytest_cache",
    "mistakes.py",
    "variants.py",
    "claims.py",
]

# The exchange lies inside the course's own folder until a school names a shared one, so that nothing warns
# about a missing /usr/local/share/nbgrader/exchange.
c.Exchange.root = str(Path(c.CourseDirectory.root) / ".exchange")
# The formgrader shows its buttons for release and collect only where the exchange is there already.
with contextlib.suppress(OSError):
    Path(c.Exchange.root).mkdir(exist_ok=True)

c.GenerateAssignment.preprocessors = [
    "autograder.authoring.colab.InstallOnColab",
    "nbgrader.preprocessors.LockCells",
    "autograder.authoring.release.LetDemosFail",
    "autograder.authoring.release.ClearSolutions",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# Where Colab finds the learner's wheel (dist/ has it after `autograder release`). Without an address learners upload
# the file or put it on their Drive.
c.InstallOnColab.wheel_url = ""

# `nbgrader autograde` grades as `autograder grade` does, as far as nbgrader can read the file.
c.Autograde.sanitize_preprocessors = []
c.Autograde.autograde_preprocessors = [
    "autograder.grading.preprocessor.GraftRunJudge",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
