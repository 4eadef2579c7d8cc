"""The site of lessons and documents: builds without a warning, gives no solution away, and asks no other machine for anything."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from playwright.sync_api import Page, Route

from tests.conftest import LESSON_FOLDERS, LESSON_NAMES, ROOT

every_lesson = pytest.mark.parametrize("name", LESSON_NAMES)
FETCHED = {("img", "src"), ("script", "src"), ("link", "href"), ("source", "src"), ("iframe", "src")}
LANDING, GLOSSARY = "docs/site/index.html", "docs/glossary.html"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, as `make site` builds it."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-d", str(folder / "doctrees")]
    built = subprocess.run(
        [*command, "-c", "docs/site", ".", str(folder / "html")], cwd=ROOT, capture_output=True, text=True
    )
    assert (built.returncode, built.stderr) == (0, "")  # -W: a warning is an error, and a link to nothing is a warning
    return folder / "html"


def page_of(name: str) -> str:
    return f"course/{name}/{name}.html"


class Parts(HTMLParser):
    """What a page names, links to, shows and says."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[tuple[str, str, str]] = []  # tag, attribute, address
        self.images: list[dict[str, str | None]] = []
        self.words: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
            elif name in ("href", "src") and value:
                self.links.append((tag, name, value))
        if tag == "img":
            self.images.append(dict(attrs))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


parts_of = cache(Parts)


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def test_every_link_within_the_site_leads_to_a_page_and_a_place_on_it(site: Path) -> None:
    astray = []
    for page in pages(site):
        for _, _, address in parts_of(page).links:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            lost = target.suffix == ".html" and parts.fragment and unquote(parts.fragment) not in parts_of(target).ids
            if not target.is_file() or lost:
                astray.append(f"{page.relative_to(site)}: {address}")
    assert astray == []


def test_links_to_elsewhere_are_https_and_nothing_is_fetched_by_them(site: Path) -> None:
    """Whether they still answer is for `sphinx-build -b linkcheck`, where there is a network."""
    for page in pages(site):
        for tag, attribute, address in parts_of(page).links:
            parts = urlsplit(address)
            if parts.scheme in ("", "data") and not parts.netloc:
                continue
            assert (tag, attribute) not in FETCHED, address
            assert parts.scheme == "https", address
            assert re.fullmatch(r"[\w-]+(\.[\w-]+)+", parts.netloc), address


def solution_lines(name: str) -> Iterator[str]:
    """Lines that stand in a lesson's solutions, and not in what learners get."""
    solved = nbformat.read(ROOT / "solutions" / name / f"{name}.ipynb", as_version=4)
    for cell in solved.cells:
        regions = re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", cell.source, re.DOTALL)
        if cell.cell_type == "markdown" and cell.metadata.get("nbgrader", {}).get("solution"):
            regions.append(cell.source)
        for region in regions:
            yield from (" ".join(line.split()) for line in region.splitlines() if len(line.strip()) >= 12)


def given() -> str:
    """All that learners get."""
    notebooks = [nbformat.read(path, as_version=4) for path in sorted((ROOT / "course").glob("*/*.ipynb"))]
    return " ".join(" ".join(cell.source for notebook in notebooks for cell in notebook.cells).replace("`", "").split())


def test_no_line_of_a_solution_is_on_the_site(site: Path) -> None:
    public = given()
    secret = {line for name in LESSON_NAMES for line in solution_lines(name) if line not in public}
    assert len(secret) > 200
    texts = {page: parts_of(page).text for page in pages(site)}
    for path in site.rglob("*.*"):
        if path.suffix in (".js", ".ipynb", ".txt", ".md", ".py"):
            texts[path] = " ".join(path.read_text(encoding="utf-8").split())
    told = [(str(path.relative_to(site)), line) for path, text in texts.items() for line in secret if line in text]
    assert told == []


@every_lesson
def test_a_lessons_page_holds_its_text_its_exercises_and_its_pictures_in_words_too(site: Path, name: str) -> None:
    page = parts_of(site / page_of(name))
    for cell in nbformat.read(ROOT / "course" / name / f"{name}.ipynb", as_version=4).cells:
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade_id") != "colab":
            code = " ".join(cell.source.removeprefix("# NBVAL_CHECK_OUTPUT\n").split())
            assert code in page.text
    pictures = [image for image in page.images if (image["src"] or "").startswith("data:image/png")]
    assert len(pictures) >= 2
    assert [image["src"] for image in pictures if len(image["alt"] or "") < 60] == []
    assert all(image["alt"] for image in page.images)


def test_a_picture_that_answers_a_question_stays_in_the_notebook(site: Path) -> None:
    """Its words are folded away in the lesson."""
    solved = nbformat.read(LESSON_FOLDERS[9] / "09_poisoned_gradients.ipynb", as_version=4)
    cell = next(
        cell for cell in solved.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "attack_and_defence"
    )
    picture = next(output.data["image/png"] for output in cell.outputs if "image/png" in output.get("data", {}))
    assert picture.strip()[:200] not in (site / page_of("09_poisoned_gradients")).read_text()


def test_the_landing_page_has_the_readmes_table_and_a_card_that_names_a_mistake(site: Path) -> None:
    landing = parts_of(site / LANDING)
    rows = re.findall(r"^\| \[(.+?)\]\(.+?\) \| (.+?) \| (\d+) \|$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert len(rows) == len(LESSON_NAMES)
    for row in rows:
        assert " ".join(row) in landing.text
    assert "This is the gradient of ½·MSE" in landing.text


def test_each_term_of_the_glossary_is_on_its_page(site: Path) -> None:
    terms = re.findall(r"^- \*\*(.+?)\*\*: (.+?) \(\[", (ROOT / "docs" / "glossary.md").read_text(), re.MULTILINE)
    page = parts_of(site / GLOSSARY).text
    assert len(terms) > 80
    assert [term for term, _ in terms if f"{term}: " not in page] == []


@pytest.mark.browser
def test_the_site_opens_without_any_network_and_fits_a_phone(site: Path, page: Page) -> None:
    asked, complaints = [], []

    def only_files(route: Route) -> None:
        if route.request.url.startswith(("file:", "data:")):
            route.continue_()
        else:
            asked.append(route.request.url)
            route.abort()

    page.route("**/*", only_files)
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto((site / "index.html").as_uri())
    page.wait_for_url(f"**/{LANDING}")
    for theme, width in (("light", 1280), ("dark", 400)):
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 900})
        for address in (LANDING, page_of("03_backprop"), GLOSSARY, "docs/notation.html", "docs/instructors.html"):
            page.goto((site / address).as_uri())
            assert page.evaluate("[...document.images].filter(image => !image.naturalWidth).length") == 0
            assert (
                page.evaluate("[...document.querySelectorAll('math')].filter(math => !math.clientHeight).length") == 0
            )
            assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert (asked, complaints) == ([], [])
