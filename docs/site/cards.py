"""Cards: what `check` says of a known mistake, as it says it today, on a page of the site."""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from autograder.authoring.sources import attempt_of, load_lesson
from autograder.card import verdict_html
from autograder.check import examine


class Card(SphinxDirective):
    """```{card} LESSON MISTAKE: the card of an answer that makes this mistake."""

    required_arguments = 2

    def run(self) -> list[nodes.Node]:
        folder, wanted = self.arguments
        lesson = load_lesson(Path(self.env.srcdir) / "solutions" / folder)
        mistake = next(mistake for mistake in lesson.mistakes if mistake.name == wanted)
        wrong = {mistake.exercise: attempt_of(lesson.exercises[mistake.exercise], mistake.attempt)}
        verdict = examine(mistake.exercise, lesson.references() | wrong)
        return [nodes.raw("", verdict_html(verdict), format="html")]


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this."""
    app.add_directive("card", Card)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
