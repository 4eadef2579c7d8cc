"""Report: a grading run as one HTML page that needs nothing from the network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from autograder.card import LOOKS, number, verdict_html
from autograder.grading.grade import Graded
from autograder.grading.results import found


def class_page(assignment: str, graded: Sequence[Graded]) -> str:
    """The page of a class: learner × exercise, each cell with its card behind it. All texts in it are escaped."""
    environment = Environment(
        loader=PackageLoader("autograder.grading", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["number"] = number
    environment.filters["breakable"] = lambda name: Markup(escape(name).replace("_", Markup("_<wbr>")))
    environment.filters["card"] = verdict_html
    rows = sorted(graded, key=lambda one: one.student)
    exercises = list(rows[0].verdicts) if rows else []
    template = environment.get_template("class_page.html.j2")
    return template.render(assignment=assignment, rows=rows, exercises=exercises, looks=LOOKS, found=found)


def write_class_page(path: Path, assignment: str, graded: Sequence[Graded]) -> None:
    """Write `class_page` to a file."""
    path.write_text(class_page(assignment, graded), encoding="utf-8")
