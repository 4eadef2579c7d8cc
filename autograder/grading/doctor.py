"""Doctor: look at this machine and say which of the grader's promises hold on it, and what to do about the others."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from autograder.authoring.course import Course, CourseError, find_course
from autograder.authoring.sources import SourceError, lesson_folders, load_lesson
from autograder.grading.run import sandbox_problem

_LEARNERS_PACKAGES = ("numpy", "torch", "matplotlib", "scikit-learn", "jupyterlab")
_GRADERS_PACKAGES = ("nbgrader", "nbclient", "nbformat", "jinja2")


@dataclass(frozen=True)
class Finding:
    """One promise: whether it holds here, and why or what to do."""

    promise: str
    holds: bool
    says: str


def examine_machine(course_dir: Path | None = None) -> Iterator[Finding]:
    """All findings, in the order in which they matter."""
    yield Finding("Python is new enough", sys.version_info >= (3, 11), sys.version.split()[0])
    yield _packages("learners can run the lessons", _LEARNERS_PACKAGES, "pip install .")
    yield _packages("lessons can be graded", _GRADERS_PACKAGES, "pip install '.[grading]'")
    yield _locked_in()
    try:
        course = find_course(course_dir)
    except CourseError as error:
        yield Finding("there is a course", False, str(error))
        return
    yield _lessons(course)
    writable = os.access(course.root, os.W_OK)
    yield Finding(
        "grades can be written", writable, str(course.root) if writable else f"{course.root} cannot be written to"
    )


def _packages(promise: str, names: tuple[str, ...], remedy: str) -> Finding:
    found, missing = [], []
    for name in names:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return Finding(promise, False, f"missing: {', '.join(missing)}; {remedy}")
    return Finding(promise, True, ", ".join(found))


def _locked_in() -> Finding:
    """Building a sandbox is the only way to know."""
    promise = "learner code is locked in"
    problem = sandbox_problem("orientation")
    if problem is not None:
        return Finding(promise, False, problem)
    who = "as root, learner code becomes nobody" if os.geteuid() == 0 else "as an ordinary user, in a user namespace"
    return Finding(promise, True, f"a sandbox was built and left again ({who})")


def _lessons(course: Course) -> Finding:
    try:
        names = [load_lesson(folder).name for folder in lesson_folders(course.solutions)]
    except SourceError as error:
        return Finding("the lessons can be read", False, str(error))
    return Finding("the lessons can be read", True, ", ".join(names))
