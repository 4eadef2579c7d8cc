"""The logbook: what a learner did survives restarts, and a broken file costs nothing but itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.logbook import Drilled, Logbook, logbook_path, open_logbook, read_logbook


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRAINING_LOOPS_PROGRESS", str(tmp_path / "progress.json"))
    return tmp_path / "progress.json"


def test_what_was_kept_is_read_again(file: Path) -> None:
    with open_logbook() as book:
        book.drills["loss"] = Drilled(2, "2026-11-22")
    assert read_logbook() == Logbook(drills={"loss": Drilled(2, "2026-11-22")})
    assert "stays on this machine" in json.loads(file.read_text())["about"]


def test_it_lies_beside_the_lessons_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRAINING_LOOPS_PROGRESS", raising=False)
    (tmp_path / "01_loop_by_hand").mkdir()
    monkeypatch.chdir(tmp_path / "01_loop_by_hand")
    assert logbook_path() == tmp_path / "progress.json"
    monkeypatch.chdir(tmp_path)
    assert logbook_path() == tmp_path / "progress.json"


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[" * 100_000, b""], ids=["cut off", "bytes", "deep", "empty"])
def test_a_file_that_is_no_json_is_put_aside_and_a_new_one_begun(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with open_logbook() as book:
        book.drills["loss"] = Drilled(1)
    assert read_logbook().drills == {"loss": Drilled(1)}
    assert file.with_name("progress.broken.json").read_bytes() == content


@pytest.mark.parametrize("content", ["[]", "null", '{"exercises": 3, "drills": [1]}', '{"drills": {"loss": 7}}'])
def test_json_of_another_form_is_an_empty_logbook(file: Path, content: str) -> None:
    file.write_text(content)
    assert read_logbook() == Logbook()


def test_what_is_usable_of_an_entry_is_kept(file: Path) -> None:
    file.write_text(
        '{"drills": {"loss": {"reps": 3, "date": 7, "colour": "red"}, "gradient": {"reps": true}, "forward_pass": {"reps": -1}}}'
    )
    assert read_logbook().drills == {"loss": Drilled(3), "gradient": Drilled(), "forward_pass": Drilled()}


def test_where_it_cannot_be_written_it_lasts_as_long_as_the_kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a file").touch()
    monkeypatch.setenv("TRAINING_LOOPS_PROGRESS", str(tmp_path / "a file" / "progress.json"))
    with open_logbook() as book:
        book.drills["loss"] = Drilled(1)
    assert read_logbook() == Logbook(drills={"loss": Drilled(1)})


def test_once_it_can_be_written_it_is(file: Path) -> None:
    file.mkdir()
    with open_logbook() as book:
        book.drills["loss"] = Drilled(1)
    file.rmdir()
    with open_logbook() as book:
        book.drills["loss"].reps += 1
    assert json.loads(file.read_text())["drills"]["loss"]["reps"] == 2


def test_switched_off_it_lasts_as_long_as_the_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINING_LOOPS_PROGRESS", "off")
    monkeypatch.chdir(tmp_path)
    with open_logbook() as book:
        book.drills["a made-up drill"] = Drilled(4)
    assert read_logbook().drills.pop("a made-up drill") == Drilled(4)
    assert not list(tmp_path.iterdir())
