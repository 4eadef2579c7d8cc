"""Submissions: found by folder, read from any bytes, rejected with a reason that says what to do."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from autograder.authoring.course import Course
from autograder.grading.submissions import RejectedError, find_submissions, is_student_id, parse_cells, read_cells

LESSON = "01_loop_by_hand"


def notebook(*sources: object) -> bytes:
    return json.dumps(
        {"cells": [{"cell_type": "code", "source": source, "metadata": {}} for source in sources]}
    ).encode()


def send(course: Course, student: str, **files: bytes) -> None:
    folder = course.submitted / student / LESSON
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name.replace("__", ".")).write_bytes(data)


@pytest.mark.parametrize("data", [notebook("x = 1"), b"\xef\xbb\xbf" + notebook("x = 1"), notebook(["x = ", "1"])])
def test_sources_are_read_from_text_and_from_lists_with_or_without_a_bom(data: bytes) -> None:
    assert [cell.source for cell in parse_cells(data)] == ["x = 1"]


@pytest.mark.parametrize("source", [None, 3, {"a": 1}, [1, 2]])
def test_a_cell_whose_source_is_no_text_is_empty(source: object) -> None:
    assert [cell.source for cell in parse_cells(notebook(source))] == [""]


@pytest.mark.parametrize("data", [b"", b"homework", b"[]", b"{}", b'{"cells": 3}', b"\xff\xfe\x00", b"[" * 100_000])
def test_what_is_no_notebook_is_rejected_with_what_to_do(data: bytes) -> None:
    with pytest.raises(RejectedError, match="Save the notebook and send it again"):
        parse_cells(data)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.ipynb"
    secret.write_bytes(notebook("x"))
    link = tmp_path / "link.ipynb"
    os.symlink(secret, link)
    with pytest.raises(RejectedError, match="link"):
        read_cells(link)


def test_all_who_submitted_are_found_in_order(course: Course) -> None:
    for student in ("zoe", "ann"):
        send(course, student, **{f"{LESSON}__ipynb": notebook("x")})
    assert [one.student for one in find_submissions(course, LESSON)] == ["ann", "zoe"]
    assert [one.student for one in find_submissions(course, LESSON, ["zoe"])] == ["zoe"]


def test_a_misnamed_notebook_is_taken_and_it_is_said_so(course: Course) -> None:
    send(course, "ann", **{"lesson (1)__ipynb": notebook("x")})
    (one,) = find_submissions(course, LESSON)
    assert one.path is not None
    assert "lesson (1).ipynb" in one.problems[0]


def test_two_misnamed_notebooks_or_none_need_a_person(course: Course) -> None:
    send(course, "two", a__ipynb=notebook("x"), b__ipynb=notebook("x"))
    send(course, "none", notes__txt=b"hello")
    none, two = find_submissions(course, LESSON)
    assert none.path is None
    assert "No notebook" in none.problems[0]
    assert two.path is None
    assert "a.ipynb, b.ipynb" in two.problems[0]


def test_the_time_of_submission_is_read(course: Course) -> None:
    send(course, "ann", **{f"{LESSON}__ipynb": notebook("x"), "timestamp__txt": b"2026-01-31 12:00:00.000000 UTC\n"})
    assert find_submissions(course, LESSON)[0].timestamp == "2026-01-31 12:00:00.000000 UTC"


@pytest.mark.parametrize("name", ["ann", "ann.b+c@d-e_f", "99"])
def test_ordinary_ids_are_ids(name: str) -> None:
    assert is_student_id(name)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a b", "<b>", "=1+1\n", "x" * 101])
def test_odd_names_are_no_ids(name: str) -> None:
    assert not is_student_id(name)
