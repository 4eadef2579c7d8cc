"""Pages: where our HTML pages come from. All texts in them are escaped, and a name that a template lacks is an error."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined


def page_environment() -> Environment:
    """The templates beside this file, for a page to add its own filters to."""
    return Environment(
        loader=PackageLoader("autograder.grading", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
