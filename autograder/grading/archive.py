"""Archive: the secret keys of each grading run, kept where the instructor alone can read them, for judging again."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from autograder.authoring.course import Course
from autograder.key import Key, save


def archive_keys(course: Course, lesson: str, keys: Mapping[str, Key]) -> Path:
    """Keep the keys of a run below `grading/LESSON/`, in a folder named after its start; returns that folder.

    Its seeds were fresh, so nothing else can tell later what was asked. Only the owner can enter the folder.
    """
    start = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S.%fZ")
    folder = course.root / "grading" / lesson / start
    folder.mkdir(parents=True)
    for place in (folder.parent.parent, folder.parent, folder):
        place.chmod(0o700)
    for name, key in keys.items():
        with os.fdopen(os.open(folder / f"{name}.npz", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            save(key, file)
    return folder
