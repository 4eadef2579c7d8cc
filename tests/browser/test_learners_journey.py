"""A learner's first evening: from the zip, by the two commands of its README and one edit, to the first green card.

Nothing is there beforehand but a Python: no package, no settings, no home. At the end the saved file is graded.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from autograder.authoring.bundle import make_bundle
from autograder.authoring.course import Course
from autograder.authoring.release import release
from autograder.authoring.sources import load_lesson
from autograder.exercises.loop_by_hand import predict
from tests.browser.conftest import run_first
from tests.grading import cli, grade

LESSON = "01_loop_by_hand"
STUB, ANSWER = "raise NotImplementedError()", "return X @ weights"


@dataclass(frozen=True)
class Machine:
    """A learner's machine, with the unzipped bundle in its folder."""

    folder: Path
    environment: dict[str, str]

    def commands(self) -> list[str]:
        """The commands of the README's first block, as they stand there."""
        readme = (self.folder / "training-loops" / "README.md").read_text()
        block = re.search(r"```console\n(.*?)```", readme, re.DOTALL)
        assert block is not None
        return [line.removeprefix("$ ") for line in block[1].splitlines()]

    def type_commands(self, **settings: str) -> subprocess.Popen[str]:
        """Type them into a terminal of their own."""
        return subprocess.Popen(
            ["/bin/sh", "-c", " && ".join(self.commands())],
            cwd=self.folder,
            env=self.environment | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    @contextlib.contextmanager
    def started(self, seconds: float) -> Iterator[str]:
        """Start the course; gives what the browser is told to open, within so many seconds."""
        told = self.folder / "told"
        told.unlink(missing_ok=True)
        terminal, begun, said = self.type_commands(), time.monotonic(), []
        assert terminal.stdout is not None
        threading.Thread(target=said.extend, args=[terminal.stdout], daemon=True).start()
        try:
            while not told.exists():
                with contextlib.suppress(subprocess.TimeoutExpired):
                    terminal.wait(0.1)
                assert terminal.returncode is None, "".join(said)
                assert time.monotonic() < begun + seconds, "".join(said)
            print(f"From two commands to JupyterLab: {time.monotonic() - begun:.0f} s")
            yield told.read_text().strip()
        finally:
            os.killpg(terminal.pid, signal.SIGKILL)
            terminal.wait()


@pytest.fixture
def handed_out(course: Course) -> Course:
    """The instructor's side: two lessons are released, and the bundle is made."""
    for name in ("00_orientation", LESSON):
        release(load_lesson(course.solutions / name), course.released)
    make_bundle(course)
    return course


@pytest.fixture
def machine(handed_out: Course, tmp_path: Path) -> Machine:
    """The bundle unzipped where nothing else is. pip finds packages where it finds them on this machine."""
    folder = tmp_path / "learner"
    zipfile.ZipFile(handed_out.root / "dist" / "training-loops.zip").extractall(folder)
    browser, told = folder / "browser", shlex.quote(str(folder / "told"))
    browser.write_text(f'#!/bin/sh\necho "$1" > {told}.part && mv {told}.part {told}\n')
    browser.chmod(0o755)
    settings = folder / "home" / ".jupyter" / "jupyter_server_config.py"
    settings.parent.mkdir(parents=True)
    settings.write_text("c.ServerApp.allow_root = True\nc.ServerApp.port = 0\n")  # root, in CI; and any free port
    environment = {
        "HOME": str(folder / "home"),
        "PATH": os.pathsep.join([str(Path(sys.base_prefix, "bin")), "/usr/bin", "/bin"]),
        "LANG": "C.UTF-8",
        "BROWSER": f"{browser} %s",
        **pip_settings(),
    }
    return Machine(folder, environment)


def pip_settings() -> dict[str, str]:
    """Where pip gets packages on this machine, as variables that need no home."""
    said = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    named = re.findall(r"^(?:global|install|:env:)\.([\w-]+)='(.*)'$", said.stdout, re.MULTILINE)
    return {f"PIP_{name.replace('-', '_').upper()}": value for name, value in named}


class Lab:
    """JupyterLab as a learner uses it, and a picture of each thing that was looked at."""

    def __init__(self, page: Page, pictures: Path) -> None:
        self.page, self._pictures = page, pictures
        self.active = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell.jp-mod-active")

    def open(self, lesson: str) -> None:
        """Open a lesson by the file browser, wait until its kernel runs cells, and click into its first cell."""
        files = self.page.locator(".jp-FileBrowser")
        files.locator(".jp-BreadCrumbs-home").click()
        for name in ("course", lesson, f"{lesson}.ipynb"):
            files.locator(".jp-DirListing-item", has_text=re.compile(f"^{re.escape(name)}")).dblclick()
        panel = self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
        first = panel.locator(".jp-Cell").first
        expect(first).to_contain_text("The training loop in NumPy")
        run_first(panel, "Control+Enter")
        first.click()

    def run_down_to(self, text: str) -> Locator:
        """Press Shift-Enter until a cell with this text is the next; gives that cell."""
        for _ in range(60):
            if text in self.active.inner_text():
                return self.active
            before = self.active.get_attribute("data-windowed-list-index")
            self.page.keyboard.press("Shift+Enter")
            expect(self.active).not_to_have_attribute("data-windowed-list-index", before or "")
        pytest.fail(f"no cell with {text}")

    def replace_line(self, old: str, new: str) -> None:
        """Type `new` over the line `old` of the active cell."""
        self.active.get_by_text(old).click()
        self.page.keyboard.press("Home")
        self.page.keyboard.press("Shift+End")
        self.page.keyboard.type(new)

    def type_cell(self, *lines: str) -> None:
        """Type a cell of one's own above the active one, and run it. The keyboard is enough."""
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("a")
        self.page.keyboard.press("Enter")
        for number, line in enumerate(lines):
            if number:
                self.page.keyboard.press("Enter")
            self.page.keyboard.type(line)
        self.page.keyboard.press("Control+Enter")

    def save(self) -> None:
        """Press Ctrl-S and wait until it is saved."""
        with self.page.expect_response(lambda one: one.request.method == "PUT" and "/api/contents/" in one.url) as done:
            self.page.keyboard.press("Control+s")
        assert done.value.ok

    def picture(self, name: str) -> None:
        """Keep what is on the screen."""
        self.page.screenshot(path=self._pictures / f"{name}.png")


@pytest.mark.browser
@pytest.mark.slow
def test_two_commands_and_one_edit_lead_from_the_zip_to_a_green_card_and_its_points(
    handed_out: Course, machine: Machine, page: Page, tmp_path: Path
) -> None:
    assert len(machine.commands()) == 2
    without_network = machine.type_commands(PIP_NO_INDEX="1", PIP_FIND_LINKS="")
    said, _ = without_network.communicate(timeout=120)
    assert without_network.returncode == 1
    assert "start again with the same command" in said
    assert "Traceback" not in said

    lab = Lab(page, tmp_path)
    with machine.started(seconds=500) as address:
        page.goto(address)
        expect(page.get_by_role("heading", name="How this course talks to you")).to_be_visible()
        lab.picture("first-start")
        lab.open(LESSON)
        lab.run_down_to("def predict(")
        lab.replace_line(STUB, ANSWER)
        page.keyboard.press("Shift+Enter")
        lab.run_down_to('check("predict")')
        lab.picture("before-the-check")
        page.keyboard.press("Shift+Enter")
        card = page.get_by_role("group", name="Correct: predict")
        expect(card).to_be_visible()
        card.scroll_into_view_if_needed()
        lab.picture("green-card")
        lab.type_cell("%%drill forward_pass", "predictions = np.dot(X, weights)")
        expect(page.get_by_role("group", name="Counted: forward_pass")).to_be_visible()
        lab.picture("drill")
        lab.save()
    with machine.started(seconds=30) as address:
        assert address
    notes = json.loads((machine.folder / "training-loops" / "course" / "progress.json").read_text())
    assert notes["drills"]["forward_pass"]["reps"] == 1

    work = machine.folder / "training-loops" / "course" / LESSON / f"{LESSON}.ipynb"
    upload = tmp_path / "submissions.zip"
    with zipfile.ZipFile(upload, "w") as archive:
        archive.write(work, f"leeann_5001_90001_{work.name}")  # as Canvas hands it out
    assert cli("collect", LESSON, upload, folder=handed_out.root).returncode == 0
    (row,) = grade(handed_out, LESSON)["submissions"]
    assert row["score"] == predict.points
    assert [one["name"] for one in row["exercises"] if one["status"] == "correct"] == ["predict"]
    assert row["problems"] == []
