"""Draws the Mermaid diagrams of lessons and documents as SVG, for the site: python docs/site/draw_diagrams.py mermaid.min.js

The site draws nothing when it is opened, and its build needs no browser: the pictures are committed, each under the
hash of its source (`offline.diagram_name`), and the build stops at a diagram that has none. Needs the extra `dev`,
Chromium and Mermaid's one file: `npm pack mermaid@11` has it as package/dist/mermaid.min.js.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import nbformat
from offline import DIAGRAMS, diagram_name
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[2]
_DIAGRAM = re.compile(r"^```mermaid\n(?P<source>.*?)^```", re.DOTALL | re.MULTILINE)
_FROM_LEFT = re.compile(r"^(graph|flowchart) LR")
_COLUMN = 760  # pixels: a diagram that is wider than the site's text is drawn from top to bottom
_SETTINGS = {
    "startOnLoad": False,
    "theme": "neutral",  # readable in greyscale
    "htmlLabels": False,  # text of SVG's own: pictures in a page show no HTML
    "flowchart": {"htmlLabels": False, "useMaxWidth": False},
    "fontFamily": "system-ui, sans-serif",
    "deterministicIds": True,
}


def sources() -> list[str]:
    """The source of each diagram in lessons, documents and README, in order."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))]
    for path in sorted((ROOT / "course").glob("*/*.ipynb")):
        texts += [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "markdown"]
    return [match["source"].strip() for text in texts for match in _DIAGRAM.finditer(text)]


def _render(page: Page, name: str, source: str) -> str:
    return page.evaluate("async ([id, source]) => (await mermaid.render(id, source)).svg", [f"d{name}", source])


def _width(svg: str) -> float:
    return float(re.search(r'viewBox="\S+ \S+ (\S+) ', svg)[1])


def draw(mermaid: Path) -> None:
    """Write a picture for each diagram, and remove those that nobody shows any more."""
    drawn = set()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        page.set_content("<body></body>")
        page.add_script_tag(path=mermaid)
        page.evaluate("settings => mermaid.initialize(settings)", _SETTINGS)
        for source in sources():
            name = diagram_name(source)
            svg = _render(page, name, source)
            if _width(svg) > _COLUMN:
                svg = min(svg, _render(page, name, _FROM_LEFT.sub(r"\1 TB", source)), key=_width)
            DIAGRAMS.mkdir(parents=True, exist_ok=True)
            (DIAGRAMS / f"{name}.svg").write_text(svg + "\n", encoding="utf-8")
            drawn.add(name)
        browser.close()
    for path in DIAGRAMS.glob("*.svg"):
        if path.stem not in drawn:
            path.unlink()


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
