"""The progress card in a browser: a real table for a screen reader, readable in light and dark, and in a narrow window."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from autograder.progress import LessonStanding, Standing, next_step, progress_html
from autograder.verdict import Status

# What JupyterLab's own style says of tables.
LAB = "table{table-layout:fixed;font-size:12px}th,td{text-align:right}tbody tr:nth-child(odd){background:#f5f5f5}"
OVERFULL = "[...document.querySelectorAll('th, td')].filter(cell => cell.scrollWidth > cell.clientWidth).length"
LESSONS = [
    LessonStanding("00_done", "All done", 1, (Standing("first", Status.CORRECT, 2.0),)),
    LessonStanding(
        "01_begun",
        "The training loop in NumPy",
        4,
        tuple(
            Standing(name, status, 2.0)
            for name, status in (
                ("make_data", Status.CORRECT),
                ("stable_learning_rate", Status.WRONG),
                ("layer_gradient_norms", Status.ERROR),
                ("train", Status.NOT_ATTEMPTED),
            )
        ),
    ),
    LessonStanding("02_long", "Backpropagation: a title that is as long as the longest one, and longer", 14),
]


@pytest.mark.browser
def test_a_screen_reader_finds_a_table_and_a_narrow_window_holds_it(page: Page, tmp_path: Path) -> None:
    card = progress_html(LESSONS, ["complete_loop"] * 4, next_step(LESSONS, []))
    page.set_viewport_size({"width": 400, "height": 800})
    for scheme, colours in {"light": "background:#fff;color:#222", "dark": "background:#111;color:#ddd"}.items():
        page.set_content(f'<style>{LAB}</style><body style="{colours};font:14px sans-serif">{card}')
        page.screenshot(path=tmp_path / f"{scheme}.png", full_page=True)
    expect(page.get_by_role("group", name="Progress: all lessons")).to_be_visible()
    for head in ("Lesson", "Exercises", "Points"):
        expect(page.get_by_role("columnheader", name=head)).to_be_visible()
    expect(page.get_by_role("row", name="01 The training loop")).to_contain_text("not yet: stable_learning_rate")
    expect(page.get_by_role("rowheader", name="02 Backpropagation")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert page.evaluate(OVERFULL) == 0
