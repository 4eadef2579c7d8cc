"""Diagrams and formulas for a site that asks no other machine for anything: pictures drawn before, and MathML."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

DIAGRAMS = Path(__file__).parents[1] / "images" / "diagrams"
# TeX that latex2mathml reads otherwise than TeX does, and how to say the same so that it reads it right.
_SAID_OTHERWISE = (
    (re.compile(r"\\\\\[[^]]*\]"), r"\\\\"),  # \\[2mm], a line break with more room
    (re.compile(r"\\_"), "_"),  # stands in \text{} alone
    (re.compile(r"\\[lr]Vert"), r"\\|"),
    (re.compile(r"\\log\b(?=\s*[a-zA-Z\\])"), r"\\,\\log\\,"),
)
# What is wider than the screen is scrolled by itself, also by keyboard.
_SCROLLS = '<div class="scrolls" tabindex="0" role="group" aria-label="{}">'
_LABEL = re.compile(r'\["?(.*?)"?\]|\{+"?(.*?)"?\}+')


def diagram_name(source: str) -> str:
    """What the picture of a Mermaid diagram is called: a hash of its source, so that no stale one is shown."""
    return hashlib.sha256(source.strip().encode()).hexdigest()[:12]


class Mermaid(SphinxDirective):
    """A ```mermaid block: shown as the picture that draw_diagrams.py made of it."""

    has_content: ClassVar[bool] = True

    def run(self) -> list[nodes.Node]:
        source = "\n".join(self.content)
        picture = DIAGRAMS / f"{diagram_name(source)}.svg"
        if not picture.is_file():
            raise self.severe("This diagram has not been drawn yet: see docs/site/draw_diagrams.py.")
        labels = [(box or braces).replace("<br>", " ") for box, braces in _LABEL.findall(source)]
        uri = "/" + picture.relative_to(self.env.srcdir).as_posix()
        image = nodes.image(uri=uri, alt=f"Diagram: {'; '.join(labels)}.", classes=["diagram"])
        return [nodes.raw("", _SCROLLS.format("diagram"), format="html"), image, nodes.raw("", "</div>", format="html")]


def mathml(tex: str, display: str = "inline") -> str:
    """A formula as MathML, which browsers show and screen readers read without any script."""
    for pattern, better in _SAID_OTHERWISE:
        tex = pattern.sub(better, tex)
    return convert(tex, display=display)


def _inline(translator: HTML5Translator, node: nodes.math) -> None:
    translator.body.append(mathml(node.astext()))
    raise nodes.SkipNode


def _block(translator: HTML5Translator, node: nodes.math_block) -> None:
    translator.body.append(f"{_SCROLLS.format('formula')}{mathml(node.astext(), display='block')}</div>")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this."""
    app.add_directive("mermaid", Mermaid)
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
