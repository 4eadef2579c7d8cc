"""Drills in JupyterLab: typed without touching the mouse, and counted on after the kernel was restarted."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from autograder.drill import DRILLS
from tests.browser.conftest import run_first
from tests.conftest import ROOT

LESSON = "00_orientation"


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A learner's folder with one lesson, cut down to what a drill needs."""
    monkeypatch.delenv("TRAINING_LOOPS_PROGRESS")
    shutil.copytree(ROOT / "course" / LESSON, tmp_path / LESSON)
    path = tmp_path / LESSON / f"{LESSON}.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"] = [
        cell
        for cell in notebook["cells"]
        if any("%load_ext" in line or "%%drill" in line for line in cell["source"]) and cell["cell_type"] == "code"
    ]
    path.write_text(json.dumps(notebook))
    return tmp_path


@pytest.mark.browser
@pytest.mark.slow
def test_drills_are_typed_by_keyboard_only_and_repetitions_outlive_the_kernel(
    bundle: Path, page: Page, jupyter: Callable[[Path], str]
) -> None:
    page.goto(f"{jupyter(bundle)}/lab/tree/{LESSON}/{LESSON}.ipynb?reset")
    cells = page.locator(".jp-Notebook .jp-Cell")
    expect(cells).to_have_count(2)
    drill = cells.nth(1)
    card = drill.get_by_role("group")
    press = page.keyboard.press

    run_first(page, "Shift+Enter")  # from here on, keys alone
    press("Control+Enter")
    expect(card).to_have_accessible_name("Drill: rapid_2")
    expect(card).to_contain_text("0 of 3 reps")

    for number, (name, following) in enumerate([("rapid_2", "rapid_3 1"), ("rapid_3", "rapid_6 1")]):
        press("Enter")
        press("ArrowDown" if number else "Control+End")
        page.keyboard.insert_text(("" if number else "\n") + DRILLS[name].target)
        press("Control+Enter")
        expect(card).to_have_accessible_name(f"Counted: {name}")
        expect(drill.locator(".cm-line").first).to_have_text(f"%%drill {following}")

    press("Enter")
    page.keyboard.insert_text("weights = weights - learning_rate * gradiant")  # the cursor stands above the magic
    press("Control+Enter")
    expect(card).to_have_accessible_name("Not yet: rapid_6")
    expect(card.get_by_role("region")).to_have_text(
        "weights = weights - learning_rate * gradiant\n" + " " * 36 + "^" * 8
    )
    press("Escape")
    press("0")
    press("0")
    press("Enter")  # yes, restart the kernel
    press("Enter")
    press("Control+A")
    page.keyboard.insert_text(f"%%drill rapid_6 1\n{DRILLS['rapid_6'].target}")
    press("Escape")
    press("ArrowUp")
    press("Shift+Enter")
    press("Control+Enter")
    expect(card).to_have_accessible_name("Counted: rapid_6")
    expect(card).to_contain_text("No drill is due in it now.")
    expect(drill.locator(".jp-InputPrompt")).to_have_text("[2]:")  # the second cell of a new kernel

    reps = json.loads((bundle / "progress.json").read_text())["drills"]
    assert {name: drilled["reps"] for name, drilled in reps.items()} == {"rapid_2": 1, "rapid_3": 1, "rapid_6": 1}
