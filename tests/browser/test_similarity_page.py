"""The page of pairs in Chromium: it asks the network for nothing, and reads well by keyboard, screen reader and on paper."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from autograder.grading.similarity import Work, compare
from autograder.grading.similarity_page import write_similarity_page
from tests.classmates import disguised, people

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def opened(page: Page, tmp_path: Path) -> Page:
    """The page of the ten people and a disguised copy."""
    answers = people()
    answers["zoe"] = disguised(answers["goran"], random.Random(3))
    file = tmp_path / "similar.html"
    works = [Work(learner, own) for learner, own in answers.items()]
    write_similarity_page(file, "01_loop_by_hand", compare(works, [], top=5))
    page.goto(file.as_uri())
    return page


def test_the_page_asks_the_network_for_nothing(opened: Page) -> None:
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.reload()
    assert asked == [opened.url]


def test_the_keyboard_leads_from_the_list_to_a_pair_and_back(opened: Page) -> None:
    opened.keyboard.press("Tab")
    expect(opened.locator(":focus")).to_have_text("goran · zoe")
    opened.keyboard.press("Enter")
    expect(opened.get_by_role("region", name="1. goran · zoe")).to_be_in_viewport()
    opened.keyboard.press("Tab")
    expect(opened.locator(":focus")).to_have_text("Back to the list")
    opened.keyboard.press("Enter")
    expect(opened.get_by_role("heading", level=1)).to_be_in_viewport()


def test_a_screen_reader_meets_headings_a_table_and_words_for_the_marks(opened: Page) -> None:
    expect(opened.get_by_role("table", name="Pairs, the highest score first")).to_be_visible()
    expect(opened.get_by_role("img", name="Histogram of the scores.")).to_be_visible()
    pair = opened.get_by_role("region", name="1. goran · zoe")
    expect(pair.get_by_role("heading", name="train", exact=True)).to_be_visible()
    assert pair.get_by_role("img", name="alike:").count() > 5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marked_code_can_be_read_in_light_and_dark(scheme: str, opened: Page) -> None:
    opened.emulate_media(color_scheme=scheme)
    for mark in ("alike", "partly"):
        assert contrast(opened, f"pre .{mark}") >= 4.5


def contrast(page: Page, selector: str) -> float:
    """The WCAG contrast of an element's text on its own background."""
    colours = page.locator(selector).first.evaluate(
        "one => [getComputedStyle(one).color, getComputedStyle(one).backgroundColor].map(c => c.match(/[\\d.]+/g).map(Number))"
    )
    lighter, darker = sorted((luminance(colour[:3]) for colour in colours), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: list[float]) -> float:
    """The relative luminance of an sRGB colour."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_it_prints_a_pair_on_a_page_of_its_own(opened: Page) -> None:
    opened.emulate_media(media="print")
    assert opened.locator("#pair-1").evaluate("one => getComputedStyle(one).breakBefore") == "page"
    expect(opened.locator("#pair-1 pre").first).to_be_visible()
