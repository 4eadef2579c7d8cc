"""JupyterLab and Notebook 7: an answer is typed, its card is read by eye and by screen reader, validated, saved, graded.

axe-core looks at the cards as every status shows them, in light and dark; nothing of a card is cut off in a narrow window.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Locator, Page, expect

from autograder.authoring.answers import fill, reference_sources
from autograder.authoring.release import released
from autograder.authoring.sources import Lesson
from autograder.card import LOOKS, verdict_html
from autograder.grading.grade import prepare
from autograder.verdict import Status, Verdict
from tests.browser.conftest import StartJupyter, run_first, what_axe_finds
from tests.front_ends import colab_without_marks
from tests.test_front_ends import taken

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LESSON = "00_orientation"
WRONG = "def column_mean(X):\n    return X.mean()"
PAGES = {"lab": "lab/tree", "notebook": "notebooks"}
WIDE, ZOOMED, PHONE = 1280, 640, 400  # pixels of CSS: a window, the same at 200 %, a phone

both_but_lab_later = pytest.mark.parametrize("app", [pytest.param("lab", marks=pytest.mark.full), "notebook"])
each_in_another_theme = pytest.mark.parametrize(
    ("app", "theme"),
    [
        ("lab", "Dark"),
        ("notebook", "Light"),
        pytest.param("lab", "Light", marks=pytest.mark.full),
        pytest.param("notebook", "Dark", marks=pytest.mark.full),
    ],
)


def settings(folder: Path, theme: str) -> None:
    """What a person has set: a theme, and no news."""
    where = folder / ".jupyter-home" / "lab" / "user-settings" / "@jupyterlab"
    for name, values in (
        ("apputils-extension/themes", {"theme": f"JupyterLab {theme}"}),
        ("apputils-extension/notification", {"fetchNews": "false"}),
    ):
        path = where / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))


def open_notebook(page: Page, address: str, app: str, name: str) -> None:
    """Open a notebook and run the first cell whose code is shown."""
    page.goto(f"{address}/{PAGES[app]}/{name}.ipynb")
    if app == "lab":
        page.get_by_role("tab", name="File Browser").click()  # it takes half of a narrow window
    run_first(page, "Control+Enter")


def cell_with(page: Page, text: str) -> Locator:
    return page.locator(".jp-CodeCell", has_text=text).first


def run(cell: Locator) -> None:
    """Run a cell and wait until it has a new number."""
    prompt = cell.locator(".jp-InputPrompt")
    before = prompt.inner_text()
    cell.press("Control+Enter")
    expect(prompt).not_to_have_text(before)
    expect(prompt).to_have_text(re.compile(r"\[\d+\]:"))


def write(cell: Locator, source: str) -> None:
    """Type over what is in a cell; each line is pasted, for the editor indents what is typed by itself."""
    cell.locator(".cm-content").click()
    cell.page.keyboard.press("Control+a")
    cell.page.keyboard.insert_text(source)


@both_but_lab_later
def test_an_answer_is_typed_checked_validated_and_saved(
    app: str, page: Page, jupyter: StartJupyter, lessons: Mapping[str, Lesson], tmp_path: Path
) -> None:
    given, right = released(lessons[LESSON].notebook), reference_sources(lessons[LESSON])
    path = tmp_path / f"{LESSON}.ipynb"
    nbformat.write(fill(given, {name: text for name, text in right.items() if name != "column_mean"}), path)
    settings(tmp_path, "Light")
    open_notebook(page, jupyter(tmp_path, app), app, LESSON)

    answer, check = cell_with(page, "def column_mean"), cell_with(page, 'check("column_mean")')
    for source, word in ((None, "Not attempted"), (WRONG, "Not yet"), (right["column_mean"], "Correct")):
        if source is not None:
            write(answer, source)
        run(answer)
        run(check)
        expect(check.get_by_role("group", name=f"{word}: column_mean")).to_be_visible()
        said = validated(page)
        assert ("Success" in said) == (word == "Correct")
        assert ('check("column_mean")' in said) == (word != "Correct")

    save(page)
    assignment = prepare(lessons[LESSON])
    saved = path.read_bytes()
    assert "Correct" in saved.decode()
    assert taken(assignment, saved) == taken(assignment, colab_without_marks(fill(given, right)))


def save(page: Page) -> None:
    with page.expect_response(lambda one: one.request.method == "PUT" and "/api/contents/" in one.url) as saved:
        page.keyboard.press("Control+s")
    assert saved.value.ok


def validated(page: Page) -> str:
    """Press nbgrader's Validate button; gives what its dialog says."""
    page.get_by_role("button", name="Validate").click()
    dialog = page.locator(".jp-Dialog")
    expect(dialog).to_contain_text("Validation Results")
    said = dialog.inner_text()
    dialog.get_by_role("button", name="OK").click()
    return said


# --- the cards --------------------------------------------------------------------------------------

SHOW_EVERY_CARD = """
from autograder import card
from autograder.verdict import Status, Verdict

long = "a_name_that_is_longer_than_any_line_and_has_no_blank_at_which_it_could_be_broken" * 3
finding = f"`{long}` differs at index (0, 1): 0.123456 and not 0.654321."
for status in Status:
    verdict = Verdict("mse", status, 2.0, "Use `np.mean` and look again.", (finding, "One more."), None, "Try `hint('mse')`.")
    card.show(card.verdict_html(verdict), card.verdict_text(verdict))
card.show(card.hint_html("mse", "1 of 3", "Look at `np.mean`."), card.hint_text("mse", "1 of 3", "Look at `np.mean`."))
note = card.Look("=", "Note", card.BLUE), "mse", "for once", ["A line."]
card.show(card.note_html(*note), card.note_text(*note))

from autograder import progress

progress()
%load_ext autograder
get_ipython().run_cell_magic("drill", "gradient", "error = predictions + y")
"""
WORDS = [*(look.word for look in LOOKS.values()), "Hint", "Note"]


@each_in_another_theme
def test_every_card_is_accessible(app: str, theme: str, page: Page, jupyter: StartJupyter, tmp_path: Path) -> None:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cell = nbformat.v4.new_code_cell(SHOW_EVERY_CARD)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel}), tmp_path / "cards.ipynb")
    settings(tmp_path, theme)
    address = jupyter(tmp_path, app)
    open_notebook(page, address, app, "cards")
    cards = page.get_by_role("group", name=": mse")
    expect(cards).to_have_count(len(WORDS))
    for word in WORDS:
        expect(page.get_by_role("group", name=f"{word}: mse", exact=True)).to_be_visible()
    expect(page.get_by_role("group", name="Progress: all lessons")).to_be_visible()
    expect(page.get_by_role("group", name="Not yet: gradient")).to_be_visible()
    assert what_axe_finds(page, ".jp-OutputArea-output") == ""
    for width in (WIDE, ZOOMED, PHONE):
        page.set_viewport_size({"width": width, "height": 1600})
        page.screenshot(path=tmp_path / f"{app}-{theme}-{width}.png")
        for card in cards.all():
            assert card.evaluate(CUT_OFF) == [], width


def test_a_card_saved_by_somebody_else_reads_well_though_its_roles_are_taken_away(
    page: Page, jupyter: StartJupyter, tmp_path: Path
) -> None:
    """A notebook that was downloaded is not trusted: JupyterLab strips its outputs of all but a list of attributes."""
    shown = verdict_html(Verdict("mse", Status.WRONG, 2.0, "Use `np.mean`."))
    output = nbformat.v4.new_output("display_data", data={"text/html": shown, "text/plain": "as text"})
    cell = nbformat.v4.new_code_cell('check("mse")', outputs=[output])
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "cards.ipynb")
    settings(tmp_path, "Dark")
    page.goto(f"{jupyter(tmp_path, 'notebook')}/notebooks/cards.ipynb")
    card = page.locator(".jp-OutputArea-output")
    expect(card).to_contain_text("✗ Not yet · mse · 0 of 2 points")
    expect(card).to_contain_text("Use np.mean.")
    expect(card.get_by_role("group")).to_have_count(0)
    expect(card.get_by_text("✗", exact=True)).to_have_css("background-color", "rgb(215, 56, 56)")
    assert what_axe_finds(page, ".jp-OutputArea-output") == ""


# What sticks out of a card, or a card that sticks out of its output area.
CUT_OFF = """(card) => [...card.querySelectorAll("*")]
  .filter((one) => one.getBoundingClientRect().right > card.getBoundingClientRect().right + 1)
  .map((one) => one.outerHTML)
  .concat(card.getBoundingClientRect().right > card.closest(".jp-OutputArea").getBoundingClientRect().right + 1 ? ["card"] : [])
"""
