"""Lesson pages: a released notebook as a page of the site. Nothing is run.

The page holds the text, the given code and the empty exercises. The one thing that comes from the instructor's notebook
are pictures that its demonstrations drew; each is shown with the words that the lesson has for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat
from docutils import nodes
from markdown_it import MarkdownIt
from myst_parser.parsers.sphinx_ import MystParser
from sphinx.application import Sphinx
from sphinx.parsers import Parser

_MARKDOWN = MarkdownIt("commonmark")
_OUR_MARK = re.compile(r"^# NBVAL_CHECK_OUTPUT\n", re.MULTILINE)  # for our own tests
_CHECKBOX = re.compile(r"^- \[ \] ", re.MULTILINE)  # nobody ticks a preview's checklist
_COLAB = "colab"  # the cell that installs the course on Google Colab: for notebooks alone
_FEWEST_LETTERS = 60  # of the words for a picture; other emphasis is shorter


@dataclass(frozen=True)
class Picture:
    """What a demonstration drew, as the base64 of a PNG, and the lesson's words for it."""

    png: str
    words: str


def anchor(heading: str) -> str:
    """A heading's name in links, as JupyterLab and nbconvert give it: the same link works in a notebook and here."""
    return heading.replace(" ", "-")


def descriptions(markdown: str) -> list[str]:
    """The words for pictures in a Markdown cell: its long emphasised passages that no fold hides.

    Words in a fold answer a question, and so would the picture.
    """
    found, folds = [], 0
    for token in _MARKDOWN.parse(markdown):
        if token.type == "html_block":
            folds += token.content.count("<details") - token.content.count("</details")
        elif token.type == "inline" and not folds:
            text, depth = "", 0
            for part in token.children or ():
                depth += (part.type == "em_open") - (part.type == "em_close")
                if depth:
                    text += " " if part.type == "softbreak" else part.content
                elif part.type == "em_close":
                    found.append(text)
                    text = ""
    return [text for text in found if len(text) >= _FEWEST_LETTERS]


def pictures(solved: nbformat.NotebookNode) -> dict[str, list[Picture]]:
    """grade_id of a demonstration -> its pictures, in order.

    The words stand in the nearest text above, or in the next below; no passage serves two demonstrations.
    A picture without words is left out: its words are folded away, since they would answer a question.
    """
    found: dict[str, list[Picture]] = {}
    used = set()
    for place, cell in enumerate(solved.cells):
        outputs = [output.get("data", {}) for output in cell.get("outputs", ())]
        drawn = [data["image/png"].replace("\n", "") for data in outputs if "image/png" in data]
        if not drawn or "demo" not in cell.metadata.get("tags", ()):
            continue
        for text in _texts_beside(solved, place):
            words = descriptions(text.source)
            if words and text.id not in used:
                used.add(text.id)
                shared = [" ".join(words)] * len(drawn)
                each = words if len(words) == len(drawn) else shared
                found[cell.metadata.nbgrader.grade_id] = [Picture(*pair) for pair in zip(drawn, each, strict=True)]
                break
    return found


def _texts_beside(notebook: nbformat.NotebookNode, place: int) -> Iterator[nbformat.NotebookNode]:
    """The nearest Markdown cell above a place, then the one below."""
    for cells in (reversed(notebook.cells[:place]), notebook.cells[place:]):
        yield from [cell for cell in cells if cell.cell_type == "markdown"][:1]


def lesson_markdown(notebook: nbformat.NotebookNode, drawn: Mapping[str, list[Picture]], name: str) -> str:
    """A released notebook as one Markdown text, with the pictures below the cells that draw them."""
    return "\n\n".join(_parts(notebook, drawn, name)) + "\n"


def _parts(notebook: nbformat.NotebookNode, drawn: Mapping[str, list[Picture]], name: str) -> Iterator[str]:
    first, *rest = notebook.cells
    yield first.source
    yield (
        ":::{admonition} This is a preview\n:class: preview\n"
        f"To do the exercises, open `course/{name}/{name}.ipynb` in Jupyter: there, `check` and `hint` answer. "
        "[How to start](../../docs/site/index.md#How-to-start) gets you all lessons; "
        f"{{download}}`this one alone <{name}.ipynb>` is a file of its own.\n:::"
    )
    for cell in rest:
        if cell.cell_type != "code":
            yield _CHECKBOX.sub("- ", cell.source)
            continue
        code = _OUR_MARK.sub("", cell.source)
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id == _COLAB:
            continue
        demo = "demo" in cell.metadata.get("tags", ())
        if demo:
            yield '<details class="demonstration"><summary>The code of this demonstration</summary>'
        yield f"````ipython3\n{code}\n````"
        if demo:
            yield "</details>"
        for picture in drawn.get(grade_id, ()):
            yield f"![{_as_alt(picture.words)}](data:image/png;base64,{picture.png})"


def _as_alt(words: str) -> str:
    return re.sub(r"([\\\[\]*_`<>$])", r"\\\1", words)


class LessonParser(MystParser):
    """Reads a released notebook as the Markdown text of its page."""

    supported = ("lesson",)

    def parse(self, inputstring: str, document: nodes.document) -> None:
        environment = document.settings.env
        name = Path(environment.docname).name
        solved = Path(environment.srcdir) / "solutions" / name / f"{name}.ipynb"
        environment.note_dependency(str(solved))
        drawn = pictures(nbformat.read(solved, as_version=4))
        super().parse(lesson_markdown(nbformat.reads(inputstring, as_version=4), drawn, name), document)


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this."""
    parser: type[Parser] = LessonParser
    app.add_source_parser(parser)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
