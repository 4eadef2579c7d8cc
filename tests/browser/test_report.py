"""The report in a browser: readable in light, dark and print, by keyboard, by screen reader, on a phone; alone."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from autograder.grading.report import course_page, lesson_page
from tests.browser.conftest import what_axe_finds
from tests.made_up_class import made_up_report

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# For each text that is shown: how far it stands out from what lies behind it (WCAG's contrast ratio). A canvas says what
# colour any of CSS's notations is.
CONTRASTS = """
() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const behind = (element) => {
    const colours = [];
    for (let one = element; one; one = one.parentElement) colours.push(rgba(getComputedStyle(one).backgroundColor));
    return colours.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const luminance = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const ground = behind(element);
    const ink = over(rgba(element.closest("svg") ? style.fill : style.color), ground);
    const [low, high] = [luminance(ink), luminance(ground)].sort((a, b) => a - b);
    found.push([(high + 0.05) / (low + 0.05), walker.currentNode.data.trim().slice(0, 40), element.tagName]);
  }
  return found.sort((a, b) => a[0] - b[0]);
}
"""


@pytest.fixture
def pages(tmp_path: Path) -> Mapping[str, Path]:
    """The pages of a lesson and of the course, as files."""
    report = made_up_report(60)
    paths = {"lesson": tmp_path / report.page, "course": tmp_path / "index.html"}
    paths["lesson"].write_text(lesson_page(report, lambda folder, student: f"../{folder}/{student}/"), errors="replace")
    paths["course"].write_text(course_page([report]))
    return paths


def show(page: Page, path: Path, scheme: str = "light", media: str = "screen") -> None:
    page.emulate_media(color_scheme=scheme, media=media)  # type: ignore[arg-type]
    page.goto(path.as_uri())


def open_everything(page: Page) -> None:
    """Open what is folded up, and one card."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    if buttons := page.locator("button").all():
        buttons[0].click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["lesson", "course"])
def test_all_text_stands_out_from_what_is_behind_it(
    name: str, scheme: str, pages: Mapping[str, Path], page: Page
) -> None:
    show(page, pages[name], scheme)
    open_everything(page)
    contrasts = page.evaluate(CONTRASTS)
    page.screenshot(path=pages[name].with_suffix(f".{scheme}.png"), full_page=True)
    assert len(contrasts) > 100
    assert [found for found in contrasts if found[0] < 4.5] == []


@pytest.mark.parametrize("name", ["lesson", "course"])
def test_paper_is_white_and_has_what_a_reader_needs(name: str, pages: Mapping[str, Path], page: Page) -> None:
    page.set_viewport_size({"width": 703, "height": 1000})  # A4 with margins of 12 mm
    show(page, pages[name], "dark", "print")
    assert page.evaluate("document.documentElement.scrollWidth") <= 703
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert [found for found in page.evaluate(CONTRASTS) if found[0] < 4.5] == []
    expect(page.locator("[popover]:visible")).to_have_count(0)
    expect(page.locator("nav:visible")).to_have_count(0)
    for folded in page.locator("details.names").all():  # whom to look at is on the paper, folded up or not
        expect(folded.locator("bdi").first).to_be_visible()
    page.pdf(path=pages[name].with_suffix(".pdf"), format="A4", print_background=False)


@pytest.mark.parametrize("width", [400, 320, 640])  # a phone, and a window of 640 or 1280 at 200 % zoom
@pytest.mark.parametrize("name", ["lesson", "course"])
def test_nothing_is_wider_than_a_small_window(name: str, width: int, pages: Mapping[str, Path], page: Page) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    show(page, pages[name])
    open_everything(page)
    page.screenshot(path=pages[name].with_suffix(f".{width}.png"), full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if name == "lesson":
        box = page.locator("[popover]:visible").bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


@pytest.mark.parametrize("name", ["lesson", "course"])
def test_headings_landmarks_and_tables_guide_a_screen_reader(name: str, pages: Mapping[str, Path], page: Page) -> None:
    show(page, pages[name])
    levels = page.eval_on_selector_all("h1, h2, h3, h4", "all => all.map((one) => Number(one.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert page.locator("html").get_attribute("lang") == "en"
    for landmark in ("banner", "main"):
        expect(page.get_by_role(landmark)).to_have_count(1)  # type: ignore[arg-type]
    ids = page.eval_on_selector_all("[id]", "all => all.map((one) => one.id)")
    assert len(ids) == len(set(ids))
    assert page.eval_on_selector_all("th:not([scope])", "all => all.length") == 0
    unnamed = "all => all.filter((one) => !one.getAttribute('aria-label') && !one.ariaHidden).length"
    assert page.eval_on_selector_all("svg", unnamed) == 0
    broken = "all => all.filter((one) => !document.getElementById(one.hash.slice(1))).length"
    assert page.eval_on_selector_all('a[href^="#"]', broken) == 0


def test_everything_can_be_done_with_the_keyboard(pages: Mapping[str, Path], page: Page) -> None:
    show(page, pages["lesson"])
    reached = []
    for _ in range(400):
        page.keyboard.press("Tab")
        kind, outline = page.evaluate(
            "[document.activeElement.tagName, getComputedStyle(document.activeElement).outlineStyle]"
        )
        assert kind == "BODY" or outline == "solid"  # one sees where one is
        reached.append(kind)
        if kind == "SUMMARY" and reached.count("SUMMARY") == 1:
            page.keyboard.press("Enter")
            expect(page.locator("details[open]")).to_have_count(1)
        if kind == "BUTTON":
            break
    assert reached[0] == "A"  # the way to the sections
    assert reached.count("SUMMARY") == page.locator("details").count()
    page.keyboard.press("Enter")
    card = page.locator("[popover]:visible")
    expect(card).to_have_count(1)
    expect(card.get_by_role("group")).to_be_visible()
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)


def test_the_page_asks_for_nothing_and_runs_nothing(pages: Mapping[str, Path], page: Page) -> None:
    asked, complaints = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.on("console", lambda message: complaints.append(message.text))
    show(page, pages["lesson"])
    open_everything(page)
    assert asked == [pages["lesson"].as_uri()]
    assert complaints == []
    page.goto(pages["course"].as_uri())
    page.get_by_role("link", name="01_loop_by_hand").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("01_loop_by_hand")


def test_a_class_of_5000_is_there_at_once_and_opens_in_parts(tmp_path: Path, page: Page) -> None:
    path = tmp_path / "large.html"
    path.write_text(lesson_page(made_up_report(5_000)), errors="replace")
    show(page, path)
    assert (
        page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd") < 20_000
    )  # 0.8 s where it was measured
    groups = page.locator("section[aria-labelledby=learners] > details")
    expect(groups).to_have_count(20)
    expect(page.get_by_role("rowheader", name="learner-00300", exact=True)).to_be_hidden()
    groups.nth(1).locator("summary").click()
    expect(page.get_by_role("rowheader", name="learner-00300", exact=True)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(scheme: str, pages: Mapping[str, Path], page: Page) -> None:
    for path in pages.values():
        show(page, path, scheme)
        open_everything(page)
        assert what_axe_finds(page) == ""
