"""Submissions: found by folder, under any name, in any folder below; what is nobody's notebook has a reason."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.authoring.course import Course
from autograder.grading.submissions import find_submissions, is_student_id

LESSON = "01_loop_by_hand"


def send(course: Course, student: str, *names: str) -> Path:
    folder = course.submitted / student / LESSON
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"{}")
    return folder


def found(course: Course, *names: str) -> list[str]:
    """What is found of files with these names, the likeliest first."""
    folder = send(course, "ann", *names)
    (one,) = find_submissions(course, LESSON, ["ann"])
    paths = [one.path, *one.others] if one.path else []
    return [str(path.relative_to(folder)) for path in paths]


def test_all_who_submitted_are_found_in_order(course: Course) -> None:
    for student in ("zoe", "ann"):
        send(course, student, f"{LESSON}.ipynb")
    (course.submitted / "bob").mkdir()
    assert [one.student for one in find_submissions(course, LESSON)] == ["ann", "zoe"]
    assert [one.student for one in find_submissions(course, LESSON, ["zoe"])] == ["zoe"]


@pytest.mark.parametrize(
    "name",
    [
        "lesson (1).ipynb",
        f"{LESSON}-checkpoint.ipynb",
        f"Copy of {LESSON}.ipynb",
        f"{LESSON}.ipynb.txt",
        f"{LESSON}.IPYNB",
        f"{LESSON}.py",
        f"{LESSON} (1).py",
        f"ann/homework/{LESSON}.ipynb",
        "with\na line break.ipynb",
    ],
)
def test_a_lone_notebook_is_found_whatever_it_is_called(name: str, course: Course) -> None:
    assert found(course, name, "notes.txt") == [name]


@pytest.mark.parametrize(
    "name", ["helpers.py", f"._{LESSON}.ipynb", f"__MACOSX/{LESSON}.ipynb", f".git/{LESSON}.ipynb", "a/b/c/d/x.ipynb"]
)
def test_what_cannot_be_meant_is_not_found(name: str, course: Course) -> None:
    assert found(course, name) == []


def test_the_likeliest_name_comes_first(course: Course) -> None:
    likely = [f"{LESSON}.ipynb", f"sub/{LESSON}.ipynb", f"{LESSON}-Copy1.ipynb", "a scratch.ipynb", f"{LESSON}.py"]
    assert found(course, *reversed(likely)) == likely


def test_what_jupyter_keeps_aside_counts_only_where_nothing_else_is_there(course: Course) -> None:
    aside = f".ipynb_checkpoints/{LESSON}-checkpoint.ipynb"
    folder = send(course, "bob", aside)
    assert found(course, aside, "mine.ipynb") == ["mine.ipynb"]
    assert find_submissions(course, LESSON, ["bob"])[0].path == folder / aside


def test_the_other_notebooks_of_an_assignment_are_not_taken_for_this_one(course: Course) -> None:
    send(course, "ann", "Part 1.ipynb", "Part 2 (1).ipynb")
    (one,) = find_submissions(course, LESSON, [], "Part 2", ["Part 1"])
    assert one.path is not None
    assert (one.path.name, one.others) == ("Part 2 (1).ipynb", ())


def test_no_notebook_is_said_with_what_is_there(course: Course) -> None:
    send(course, "ann", "homework.docx")
    send(course, "bob")
    ann, bob = find_submissions(course, LESSON)
    assert ann.problems == (f"No notebook was found in the submission, only homework.docx; send {LESSON}.ipynb.",)
    assert bob.problems == (f"No notebook was found in the submission; send {LESSON}.ipynb.",)


def test_links_to_folders_are_not_followed(course: Course, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere" / LESSON
    elsewhere.mkdir(parents=True)
    (elsewhere / f"{LESSON}.ipynb").write_bytes(b"{}")
    (course.submitted / "ann").mkdir(parents=True)
    os.symlink(elsewhere, course.submitted / "ann" / LESSON)
    os.symlink(tmp_path / "elsewhere", course.submitted / "bob")
    os.symlink(elsewhere, send(course, "zoe") / "inside")
    assert [(one.student, one.path) for one in find_submissions(course, LESSON)] == [
        ("ann", None),
        ("bob", None),
        ("zoe", None),
    ]


def test_the_time_of_submission_is_read(course: Course) -> None:
    folder = send(course, "ann", f"{LESSON}.ipynb")
    (folder / "timestamp.txt").write_text("2026-01-31 12:00:00.000000 UTC\n")
    assert find_submissions(course, LESSON)[0].timestamp == "2026-01-31 12:00:00.000000 UTC"


@pytest.mark.parametrize("kind", ["link", "pipe", "large", "not text", "folder"])
def test_a_time_that_is_no_small_text_file_is_none(kind: str, course: Course, tmp_path: Path) -> None:
    path = send(course, "ann", f"{LESSON}.ipynb") / "timestamp.txt"
    if kind == "link":
        (tmp_path / "secret").write_text("2026-01-31 12:00:00 UTC")
        path.symlink_to(tmp_path / "secret")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.write_bytes(b"2026" * 1000 if kind == "large" else b"\xff\xfe\xff")
    assert find_submissions(course, LESSON)[0].timestamp is None


@pytest.mark.parametrize("name", ["ann", "ann.b+c@d-e_f", "99"])
def test_ordinary_ids_are_ids(name: str) -> None:
    assert is_student_id(name)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a b", "<b>", "=1+1\n", "x" * 101])
def test_odd_names_are_no_ids(name: str) -> None:
    assert not is_student_id(name)


def test_a_folder_that_is_no_learners_has_a_row_that_can_be_shown(course: Course) -> None:
    odd = b"\xff\x1b[31m<b>"
    os.makedirs(os.path.join(os.fsencode(course.submitted), odd, LESSON.encode()))
    (one,) = find_submissions(course, LESSON)
    assert (one.student, one.path) == ("??[31m<b>", None)
    assert "no learner's id" in one.problems[0]
