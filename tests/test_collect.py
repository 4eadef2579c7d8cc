"""Collect: what LMSs hand out, under the names that they give it, ends where it is graded from, and nothing elsewhere."""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from autograder.authoring.course import Course
from autograder.grading.collect import Collected, collect
from autograder.grading.downloads import DownloadError
from autograder.grading.reading import MAX_FILE_BYTES
from autograder.grading.senders import Roster, RosterError, read_roster
from tests.grading import cli

LESSON = "01_loop_by_hand"
WORK = f"{LESSON}.ipynb"
ROSTER = """id,name,email,canvas
al01,Ann Lee,ann.lee@uni.example,5001
bk02,Björn Kraus,bjoern@uni.example,5002
cd03,"D'Arcy, Chloé",chloe@uni.example,5003
"""
MOODLE = {
    f"Ann Lee_881_assignsubmission_file/{WORK}": b"ann",
    "Ann Lee_881_assignsubmission_file/data/a.csv": b"1",
    f"Björn Kraus_882_assignsubmission_file_/{WORK}": b"bjorn",
    f"Chloé D'Arcy_883_assignsubmission_file_{WORK}": b"chloe",
    "Ann Lee_881_assignsubmission_onlinetext_onlinetext.html": b"<p>hello</p>",
    "__MACOSX/._x": b"junk",
}
CANVAS = {
    f"leeann_5001_90001_{WORK}": b"ann",
    f"krausbjorn_LATE_5002_90002_{LESSON}-2.ipynb": b"bjorn",
    f"darcychloe_5003_90003_{WORK}": b"chloe",
}
GRADESCOPE = {
    f"assignment_77_export/submission_301/{WORK}": b"ann",
    f"assignment_77_export/submission_302/{WORK}": b"bjorn",
    f"assignment_77_export/submission_303/{WORK}": b"chloe",
    "assignment_77_export/submission_metadata.yml": b"""---
submission_301:
  :submitters:
  - :name: Ann Lee
    :sid: al01
    :email: ann.lee@uni.example
  :created_at: 2026-03-01 10:11:12.123456789 Z
submission_302:
  :submitters:
  - :name: B. Kraus
    :sid:
    :email: bjoern@uni.example
  :created_at: 2026-03-02 08:00:00.000000000 Z
submission_303:
  :submitters:
  - :name: Chlo\xc3\xa9 D'Arcy
    :sid: cd03
  :created_at: 2026-03-02 09:00:00.000000000 Z
""",
}
CLASSROOM = {
    f"Lesson 1/Ann Lee - {WORK}": b"ann",
    f"Lesson 1/Björn Kraus - {WORK}": b"bjorn",
    f"Lesson 1/Chloé D'Arcy - {WORK}": b"chloe",
}
EXCHANGE = {
    f"al01+{LESSON}+2026-03-01 10:11:12.131415 UTC+aGVsbG8/{WORK}": b"ann",
    f"bk02+{LESSON}+2026-03-01 10:11:12.131415 UTC+aGVsbG8/{WORK}": b"old",
    f"bk02+{LESSON}+2026-03-02 10:11:12.131415 UTC+d29ybGQ/{WORK}": b"bjorn",
    f"bk02+{LESSON}+2026-03-02 10:11:12.131415 UTC+d29ybGQ/timestamp.txt": b"2026-03-02 10:11:12.131415 UTC",
    f"cd03+{LESSON}+2026-03-01 11:11:12.131415 UTC+aGVsbG8/{WORK}": b"chloe",
}
FOLDERS = {
    f"submitted/al01/{LESSON}/{WORK}": b"ann",
    f"bk02/{LESSON}/{WORK}": b"bjorn",
    f"cd03/{LESSON}/{WORK}": b"chloe",
}
DOWNLOADS = {
    "Moodle": MOODLE,
    "Canvas": CANVAS,
    "Gradescope": GRADESCOPE,
    "Google Classroom": CLASSROOM,
    "nbgrader's exchange": EXCHANGE,
    "folders": FOLDERS,
}


@pytest.fixture
def roster(tmp_path: Path) -> Roster:
    path = tmp_path / "roster.csv"
    path.write_text(ROSTER, encoding="utf-8")
    return read_roster(path)


def zipped(path: Path, files: Mapping[str, bytes], time: tuple[int, ...] = (2026, 3, 1, 12, 0, 0)) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, time), content)  # type: ignore[arg-type]
    return path


def work_of(course: Course) -> dict[str, bytes]:
    return {path.parts[-3]: path.read_bytes() for path in sorted(course.submitted.glob(f"*/{LESSON}/{WORK}"))}


def everything_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


@pytest.mark.parametrize("form", ["zip", "folder"])
@pytest.mark.parametrize("files", DOWNLOADS.values(), ids=DOWNLOADS.keys())
def test_each_lms_s_names_are_understood(
    files: Mapping[str, bytes], form: str, course: Course, roster: Roster, tmp_path: Path
) -> None:
    download = zipped(tmp_path / "download.zip", files)
    if form == "folder":
        with zipfile.ZipFile(download) as archive:
            archive.extractall(download := tmp_path / "download")
    found = collect(course, LESSON, [download], roster)
    assert found.problems == ()
    assert found.new == ("al01", "bk02", "cd03")
    assert found.missing == ()
    assert work_of(course) == {"al01": b"ann", "bk02": b"bjorn", "cd03": b"chloe"}


def test_files_beside_the_notebook_come_along(course: Course, roster: Roster, tmp_path: Path) -> None:
    collect(course, LESSON, [zipped(tmp_path / "a.zip", MOODLE)], roster)
    assert everything_below(course.submitted / "al01" / LESSON) == [WORK, "data/a.csv"]


def test_without_a_roster_learners_are_called_after_what_the_lms_says(course: Course, tmp_path: Path) -> None:
    collect(course, LESSON, [zipped(tmp_path / "a.zip", MOODLE)], Roster())
    assert list(work_of(course)) == ["Ann-Lee-881", "Bjorn-Kraus-882", "Chloe-D-Arcy-883"]


def test_the_latest_attempt_wins_whatever_the_order(course: Course, roster: Roster, tmp_path: Path) -> None:
    old = zipped(tmp_path / "old.zip", {f"leeann_5001_90001_{WORK}": b"old"}, (2026, 3, 1, 12, 0, 0))
    new = zipped(tmp_path / "new.zip", {f"leeann_5001_90009_{LESSON}-1.ipynb": b"new"}, (2026, 3, 2, 12, 0, 0))
    collect(course, LESSON, [new, old], roster)
    assert work_of(course) == {"al01": b"new"}


def test_collecting_again_changes_nothing_and_never_puts_an_older_attempt_in_place_of_a_newer(
    course: Course, roster: Roster, tmp_path: Path
) -> None:
    download = zipped(tmp_path / "a.zip", EXCHANGE)
    collect(course, LESSON, [download], roster)
    assert (course.submitted / "bk02" / LESSON / "timestamp.txt").read_text() == "2026-03-02 10:11:12.131415 UTC"
    again = collect(course, LESSON, [download], roster)
    assert (again.new, again.same) == ((), ("al01", "bk02", "cd03"))

    first = {name: content for name, content in EXCHANGE.items() if "bk02" in name and content == b"old"}
    older = collect(course, LESSON, [zipped(tmp_path / "b.zip", first)], roster)
    assert older.older == ("bk02",)
    assert work_of(course)["bk02"] == b"bjorn"


def test_what_is_not_understood_is_told_and_the_rest_is_taken(course: Course, roster: Roster, tmp_path: Path) -> None:
    files = {**CANVAS, "homework.ipynb": b"whose?", f"strangersam_1_2_{WORK}": b"sam"}
    found = collect(course, LESSON, [zipped(tmp_path / "a.zip", files)], roster)
    assert sorted(work_of(course)) == ["al01", "bk02", "cd03"]
    assert [problem.place for problem in found.problems] == ["a.zip: homework.ipynb", f"a.zip: strangersam_1_2_{WORK}"]
    assert "not in the roster" in found.problems[1].why


def test_who_is_missing_is_told(course: Course, roster: Roster, tmp_path: Path) -> None:
    only = {f"leeann_5001_90001_{WORK}": b"ann"}
    assert collect(course, LESSON, [zipped(tmp_path / "a.zip", only)], roster).missing == ("bk02", "cd03")


def test_two_learners_of_one_name_are_never_mixed_up(course: Course, tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text("id,name,number\na1,Ann Lee,881\na2,Ann Lee,884\n")
    files = {
        f"Ann Lee_881_assignsubmission_file/{WORK}": b"first",
        f"Ann Lee_884_assignsubmission_file/{WORK}": b"second",
        f"Ann Lee - {WORK}": b"which?",
    }
    found = collect(course, LESSON, [zipped(tmp_path / "a.zip", files)], read_roster(path))
    assert work_of(course) == {"a1": b"first", "a2": b"second"}
    assert "may be a1 or a2" in found.problems[0].why


def attacked(course: Course, roster: Roster, path: Path) -> Collected:
    before = everything_below(course.root.parent)
    found = collect(course, LESSON, [path], roster)
    new = set(everything_below(course.root.parent)) - set(before)
    assert all(name.startswith("class/submitted/al01/") for name in new), new
    return found


def test_names_that_lead_elsewhere_lead_nowhere(course: Course, roster: Roster, tmp_path: Path) -> None:
    folder = "Ann Lee_881_assignsubmission_file"
    files = {
        f"{folder}/../../../evil.ipynb": b"1",
        f"../{folder}/../x/evil.py": b"2",
        f"/{folder}/{WORK}": b"fine: the name is only looked at",
        f"{folder}/..\\..\\evil.py": b"3",
        f"{folder}/a/b/c/d/e/f/g/h/i/deep.py": b"4",
        f"{folder}/{'x' * 300}.py": b"5",
        f"evil+../../{LESSON}+2026-03-01 10:11:12 UTC/{WORK}": b"6",
    }
    found = attacked(course, roster, zipped(tmp_path / "a.zip", files))
    assert work_of(course) == {"al01": files[f"/{folder}/{WORK}"]}
    assert len(found.problems) == 6


def test_links_are_not_followed(course: Course, roster: Roster, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    link = zipfile.ZipInfo(f"Ann Lee_881_assignsubmission_file/{WORK}")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert "is a link" in attacked(course, roster, path).problems[0].why

    folder = tmp_path / "unpacked" / "Ann Lee_881_assignsubmission_file"
    folder.mkdir(parents=True)
    (folder / WORK).symlink_to("/etc/passwd")
    assert "is a link" in collect(course, LESSON, [folder.parent], roster).problems[0].why
    assert work_of(course) == {}


def test_bombs_are_not_unpacked_to_their_end(course: Course, roster: Roster, tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "a.zip", {f"Ann Lee_881_assignsubmission_file/{WORK}": bytes(MAX_FILE_BYTES + 2)})
    assert "larger than" in attacked(course, roster, bomb).problems[0].why
    inside = {
        "Ann Lee_881_assignsubmission_file/all.zip": bomb.read_bytes(),
        f"Björn Kraus_882_assignsubmission_file/{WORK}": b"b",
    }
    found = collect(course, LESSON, [zipped(tmp_path / "b.zip", inside)], roster)
    assert len(found.problems) == 1
    assert work_of(course) == {"bk02": b"b"}


def test_a_learner_s_own_archive_is_looked_into(course: Course, roster: Roster, tmp_path: Path) -> None:
    own = zipped(tmp_path / "own.zip", {WORK: b"ann", "data.csv": b"1"})
    download = {"Ann Lee_881_assignsubmission_file/homework.zip": own.read_bytes()}
    assert collect(course, LESSON, [zipped(tmp_path / "a.zip", download)], roster).problems == ()
    assert everything_below(course.submitted / "al01" / LESSON) == [f"homework.zip/{WORK}", "homework.zip/data.csv"]


@pytest.mark.parametrize(
    ("text", "said"), [("name\nAnn\n", "needs a column `id`"), ("id\n../x\n", "line 2"), ("", "needs")]
)
def test_a_roster_that_cannot_be_used_is_a_sentence(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text(text)
    with pytest.raises(RosterError, match=said):
        read_roster(tmp_path / "roster.csv")


def test_what_is_no_download_is_a_sentence(course: Course, tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"no zip")
    with pytest.raises(DownloadError, match="is no zip file"):
        collect(course, LESSON, [tmp_path / "a.zip"], Roster())
    with pytest.raises(DownloadError, match="no file and no folder"):
        collect(course, LESSON, [tmp_path / "b.zip"], Roster())


def test_the_command_says_what_came_of_it(course: Course, tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    download = zipped(tmp_path / "a.zip", {**MOODLE, "homework.ipynb": b"whose?"})
    done = cli("collect", LESSON, download, "--roster", tmp_path / "roster.csv", folder=course.root)
    assert done.returncode == 1, done.stderr
    assert "3 new, 0 as before" in done.stdout
    assert "homework.ipynb" in done.stdout
    assert sorted(os.listdir(course.submitted)) == ["al01", "bk02", "cd03"]
