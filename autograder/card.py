"""Card: how a verdict or a hint looks, as HTML for notebooks and as text for terminals. Pure functions of what is said.

Status is told by a word, a symbol and a colour, in that order of importance: the card reads well without colour,
by a screen reader, and in light and dark themes. Its text has the page's colour; the symbol is white on a colour that
is dark enough for it, and light enough to be seen on a dark page: no front end tells HTML which theme it has.
"""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.shell import current_shell
from autograder.verdict import Status, Tier, Verdict


@dataclass(frozen=True)
class Look:
    """How something is told: a symbol, a word, and one of the colours below."""

    symbol: str
    word: str
    colour: str


@dataclass(frozen=True)
class Trail:
    """What is known at home alone: that the answer is an older one, what changed since the check before, the hints read."""

    older: str = ""
    since: str = ""
    hints: str = ""


NO_TRAIL = Trail()


@dataclass(frozen=True)
class Guidance:
    """Where to go on from an answer that is not right: the first hint, and the section that explains the idea.

    `anchor` is the section's id on the page that a notebook becomes.
    """

    hint: str
    section: str = ""
    anchor: str = ""


@dataclass(frozen=True)
class Code:
    """Lines of code on a card, set as they stand; `label` is what a screen reader calls them."""

    text: str
    label: str


# White on them has a contrast of at least 4.5, they have one of at least 3 on white and on dark grey (#282828).
GREEN, RED, GREY, AMBER, BLUE = "#318535", "#d73838", "#747474", "#a86400", "#1873db"

LOOKS = {
    Status.CORRECT: Look("✓", "Correct", GREEN),
    Status.WRONG: Look("✗", "Not yet", RED),
    Status.NOT_ATTEMPTED: Look("○", "Not attempted", GREY),
    Status.ERROR: Look("!", "Stopped by an error", RED),
    Status.TIMEOUT: Look("…", "Took too long", RED),
    Status.NOT_GRADED: Look("?", "Could not be checked", AMBER),
}
_HINT = Look("→", "Hint", BLUE)
_DONE = (Status.CORRECT, Status.NOT_GRADED)  # nothing that a learner could mend


def number(points: float) -> str:
    """Points for people: 2, not 2.0."""
    return f"{points:g}"


def verdict_text(verdict: Verdict, guidance: Guidance | None = None, trail: Trail = NO_TRAIL) -> str:
    """The card of a verdict as plain text, at most 100 characters wide; with guidance where something is to mend."""
    look = LOOKS[verdict.status]
    head = f"{look.symbol} {look.word} · {verdict.exercise} · {_points(verdict)}"
    lines = [verdict.message, *(f"- {finding}" for finding in verdict.findings)]
    if trail.older:
        lines.insert(0, trail.older)
    if trail.since:
        lines.append(f"Since your last check: {trail.since}")
    if verdict.next_step:
        lines.append(f"Next: {verdict.next_step}")
    if trail.hints:
        lines.append(f"Hints: {trail.hints}")
    if guidance is not None and verdict.status not in _DONE:
        lines.append(f"Hint: {guidance.hint}")
        if guidance.section:
            lines.append(f"Explained in: {guidance.section}")
    return _text(head, lines)


def verdict_html(verdict: Verdict, guidance: Guidance | None = None, trail: Trail = NO_TRAIL) -> str:
    """The card of a verdict as one self-contained HTML element; every text in it is escaped.

    With guidance where something is to mend: for a page that also holds the lesson, since it links to a section there.
    A trail is for the learner's own notebook.
    """
    look = LOOKS[verdict.status]
    body = f"<div>{prose(trail.older)}</div>" if trail.older else ""
    body += f"<div>{prose(verdict.message)}</div>"
    if verdict.findings:
        items = "".join(f"<li>{prose(finding)}</li>" for finding in verdict.findings)
        body += f'<ul style="margin:.3em 0 0 1.2em;padding:0">{items}</ul>'
    if trail.since:
        body += paragraph("Since your last check", prose(trail.since))
    if verdict.next_step:
        body += paragraph("Next", prose(verdict.next_step))
    if trail.hints:
        body += paragraph("Hints", prose(trail.hints))
    if guidance is not None and verdict.status not in _DONE:
        body += paragraph("Hint", prose(guidance.hint))
        if guidance.section:
            link = f'<a href="#{html.escape(guidance.anchor)}">{html.escape(guidance.section)}</a>'
            body += paragraph("Explained in", link)
    return frame(look, verdict.exercise, _points(verdict), body)


def hint_text(name: str, which: str, hint: str, next_step: str = "", before: Sequence[str] = ()) -> str:
    """The card of a hint as plain text, with those that were read `before` it."""
    lines = [hint, *(f"Hint {place} was: {text}" for place, text in enumerate(before, 1))]
    if next_step:
        lines.append(f"Next: {next_step}")
    return _text(f"{_HINT.symbol} {_HINT.word} · {name} · {which}", lines)


def hint_html(name: str, which: str, hint: str, next_step: str = "", before: Sequence[str] = ()) -> str:
    """The card of a hint as HTML."""
    body = f"<div>{prose(hint)}</div>"
    body += "".join(paragraph(f"Hint {place} was", prose(text)) for place, text in enumerate(before, 1))
    if next_step:
        body += paragraph("Next", prose(next_step))
    return frame(_HINT, name, which, body)


def note_text(look: Look, name: str, aside: str, lines: Sequence[str | Code]) -> str:
    """A card that is no verdict, as plain text."""
    return _text(f"{look.symbol} {look.word} · {name} · {aside}", lines)


def note_html(look: Look, name: str, aside: str, lines: Sequence[str | Code]) -> str:
    """A card that is no verdict, as HTML."""
    return frame(look, name, aside, "".join(map(_block, lines)))


def _block(line: str | Code) -> str:
    if isinstance(line, str) and line.startswith("Next: "):
        return paragraph("Next", prose(line.removeprefix("Next: ")))
    if isinstance(line, str):
        return f"<div>{prose(line)}</div>"
    # Long lines are scrolled, not wrapped (a caret stands below its token), and that needs the focus.
    return (
        f'<pre tabindex="0" role="region" aria-label="{html.escape(line.label)}" style="margin:.4em 0;padding:.4em .6em;'
        'overflow-x:auto;white-space:pre;font-family:monospace;color:inherit;background:rgba(127,127,127,.14);line-height:1.35">'
        f"{html.escape(line.text)}</pre>"
    )


def show(as_html: str, as_text: str) -> None:
    """Show a card where it can be shown: as a rich output in a notebook, else as text on stdout."""
    shell = current_shell()
    if shell is None or not hasattr(shell, "display_pub"):
        print(as_text)
        return
    shell.display_pub.publish({"text/html": as_html, "text/plain": as_text})


def _points(verdict: Verdict) -> str:
    unit = "point" if verdict.max_points == 1 else "points"
    points = f"{number(verdict.points)} of {number(verdict.max_points)} {unit}"
    return f"{points} · {verdict.tier}" if verdict.tier is Tier.SELF_REPORTED else points


def _text(head: str, lines: Sequence[str | Code]) -> str:
    wrapped = [
        textwrap.indent(line.text, "      ")
        if isinstance(line, Code)
        else textwrap.fill(line, 100, initial_indent="  ", subsequent_indent="    " if line.startswith("- ") else "  ")
        for line in lines
    ]
    return "\n".join([head, *wrapped])


def frame(look: Look, name: str, aside: str, body: str) -> str:
    """The frame of all cards, around HTML: symbol, word, name and aside above it."""
    name = html.escape(name)
    return (
        f'<div role="group" aria-label="{look.word}: {name}" style="border-left:6px solid {look.colour};'
        'background:rgba(127,127,127,.1);color:inherit;padding:.5em .9em;margin:.3em 0;max-width:46em;line-height:1.45;overflow-wrap:break-word">'
        f"<div>{chip(look)} <b>{look.word}</b> · <code>{name}</code> · {html.escape(aside)}</div>{body}</div>"
    )


def chip(look: Look) -> str:
    """A look's symbol on its colour, which screen readers pass over: the word stands beside it."""
    return (
        f'<span aria-hidden="true" style="background:{look.colour};color:#fff;font-weight:bold;'
        f'padding:0 .35em;border-radius:.25em">{look.symbol}</span>'
    )


def paragraph(word: str, content: str) -> str:
    """A line of a card's body: a word in bold, and HTML."""
    return f'<div style="margin-top:.3em"><b>{word}:</b> {content}</div>'


def prose(text: str) -> str:
    """Escaped text in which `code` between backticks is set as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
