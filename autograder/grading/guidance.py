"""Guidance: what a graded notebook tells a learner beside the verdict, all of it from what learners have anyway."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from nbconvert.filters import markdown2html
from nbformat import NotebookNode

from autograder.authoring.sources import grade_id
from autograder.card import Guidance
from autograder.exercise import Exercise

# As nbconvert writes a heading; the link at its end is what a reader copies.
_HEADING = re.compile(r'<h[1-6] id="(?P<anchor>[^"]*)">(?P<text>.*?)<a class="anchor-link"', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


def guidance_of(notebook: NotebookNode, exercises: Mapping[str, Exercise]) -> dict[str, Guidance]:
    """For each exercise its first hint, and the section of a lesson's notebook in which it stands."""
    found = {}
    section, anchor = "", ""
    for cell in notebook.cells:
        name = grade_id(cell)
        if name is not None and name in exercises:
            found[name] = Guidance(exercises[name].hints[0], section, anchor)
        elif cell.cell_type == "markdown":
            for heading in _HEADING.finditer(markdown2html(cell.source)):
                section = html.unescape(_TAG.sub("", heading["text"]))
                anchor = html.unescape(heading["anchor"])
    return found
