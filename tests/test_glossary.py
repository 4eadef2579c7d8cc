"""What one looks up beside the lessons: glossary, notation and the README's table say what the lessons say."""

from __future__ import annotations

import html
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
from nbconvert.filters import markdown2html

from tests.conftest import LESSON_NAMES, ROOT

DOCS = ROOT / "docs"
LINK = re.compile(r"\]\((?P<path>\.\./course/[^#)]+)(?:#(?P<anchor>[^)]+))?\)")
TERM = re.compile(
    r"^- \*\*(?P<term>.+?)\*\*: (?P<sentence>.+?\.) \(\[lesson \d\d, .+?\]\((?P<link>.+?)\)\)$", re.MULTILINE
)
# As nbconvert and JupyterLab name a heading; the link at its end is what a reader copies.
HEADING = re.compile(r'<h[1-6] id="(?P<anchor>[^"]*)">.*?<a class="anchor-link"', re.DOTALL)


@cache
def sections(path: Path) -> dict[str, str]:
    """The anchor of each heading of a released notebook -> the words below it, those of code included."""
    found, anchor = {}, ""
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type != "markdown":
            found[anchor] = found.get(anchor, "") + f"\n{cell.source}"
            continue
        page = markdown2html(cell.source)
        start = 0
        for heading in HEADING.finditer(page):
            found[anchor] = found.get(anchor, "") + page[start : heading.start()]
            anchor, start = unquote(html.unescape(heading["anchor"])), heading.start()
        found[anchor] = found.get(anchor, "") + page[start:]
    return found


def section(link: str) -> str | None:
    path, _, anchor = link.partition("#")
    return sections((DOCS / path).resolve()).get(unquote(anchor))


@pytest.mark.parametrize("page", ["glossary.md", "notation.md"])
def test_each_link_leads_to_a_heading_of_a_released_lesson(page: str) -> None:
    links = list(LINK.finditer((DOCS / page).read_text()))
    assert len(links) > 60
    lost = [match[0] for match in links if section(f"{match['path']}#{match['anchor']}") is None]
    assert lost == []


def test_each_term_occurs_in_the_section_that_introduces_it() -> None:
    terms = list(TERM.finditer((DOCS / "glossary.md").read_text()))
    assert len(terms) == (DOCS / "glossary.md").read_text().count("\n- **")
    missing = []
    for match in terms:
        words = re.findall(r"[\w']{2,}", match["term"].partition(" (")[0].lower())
        stems = [re.sub(r"(ing|tion|ize|s|e|y)$", "", word) for word in words]
        text = (section(match["link"]) or "").lower()
        if not any(stem in text for stem in stems):
            missing.append(match["term"])
    assert missing == []


def test_the_glossary_is_in_order_and_names_nothing_twice() -> None:
    terms = [match["term"].lower() for match in TERM.finditer((DOCS / "glossary.md").read_text())]
    assert terms == sorted(set(terms))


def minutes(name: str) -> int:
    """How long a lesson takes, as its header says: the sum of its parts, or the one number."""
    header = nbformat.read(ROOT / "course" / name / f"{name}.ipynb", as_version=4).cells[0].source
    said = re.search(r"\*\*Time:\*\* (.+?)\*\*Builds on", header, re.DOTALL)
    assert said is not None, name
    whole, _, parts = said[1].replace("an hour", "60").partition(":")
    return sum(int(number) for number in re.findall(r"(?<![§\d])\d+\b", parts or whole.partition("(")[0]))


def test_the_readme_says_how_long_each_lesson_takes_as_its_header_does() -> None:
    """The site's table is the README's."""
    rows = re.findall(
        r"^\| \[.+?\]\(course/(\w+)/\1\.ipynb\) \| .+? \| (\d+) \|$", (ROOT / "README.md").read_text(), re.MULTILINE
    )
    assert {name: int(said) for name, said in rows} == {name: minutes(name) for name in LESSON_NAMES}


def test_the_header_of_a_lesson_says_one_time() -> None:
    """Where it gives a sum in minutes and the parts, they agree."""
    for name in LESSON_NAMES:
        header = nbformat.read(ROOT / "course" / name / f"{name}.ipynb", as_version=4).cells[0].source
        whole = re.search(r"\*\*Time:\*\* about (\d+) minutes", header)
        assert whole is None or int(whole[1]) == minutes(name), name
