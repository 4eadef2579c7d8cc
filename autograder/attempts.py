"""Attempts: keeps each check in the learner's logbook, and says in a line what changed since the one before."""

from __future__ import annotations

import re

from autograder.judge import MOST_FINDINGS, NOT_RIGHT_YET
from autograder.logbook import Tried, open_logbook, today
from autograder.verdict import Status, Verdict

_TRIED = (Status.CORRECT, Status.WRONG, Status.ERROR)  # any other says nothing of an answer, nor changes what is kept
_MOST_QUOTED = 160


def remember(verdict: Verdict) -> Tried:
    """Keep a verdict as the exercise's last one; gives what was kept until now."""
    if verdict.status not in _TRIED:
        return Tried()
    with open_logbook() as book:
        before = book.exercises.get(verdict.exercise, Tried())
        still_right = before.status == verdict.status == Status.CORRECT
        book.exercises[verdict.exercise] = Tried(
            str(verdict.status),
            verdict.points,
            verdict.max_points,
            verdict.message,
            list(verdict.findings),
            verdict.diagnosis or "",
            before.checks + (not still_right),
            before.hints,
            today(),
        )
    return before


def what_changed(before: Tried, now: Verdict) -> str:
    """What is different from the check before; "" where there was none, and where a right answer is still right."""
    if before.status not in _TRIED or now.status not in _TRIED:
        return ""
    if before.status == Status.CORRECT:
        return "" if now.status is Status.CORRECT else "It was right then. What is different now?"
    if now.status is Status.CORRECT:
        return f"It was not right yet; now it is, at check {before.checks + 1}."
    if _same(before, now):
        return "It is the same as then. If you edited the code: has its cell been run?"
    if before.status != now.status:
        return "The error is new." if now.status is Status.ERROR else "The error is gone."
    if now.status is Status.WRONG and not before.diagnosis and not now.diagnosis:
        return _change_of_findings(_findings(before.message, before.findings), _findings(now.message, now.findings))
    if before.message == now.message:
        return "It is the same as then, in another place."
    thing = "error" if now.status is Status.ERROR else "thing"
    return f"It was another {thing} then: “{_in_short(before.message)}”"


def _same(before: Tried, now: Verdict) -> bool:
    then = before.status, before.diagnosis, before.message, before.findings
    return then == (now.status, now.diagnosis or "", now.message, list(now.findings))


def _findings(message: str, findings: list[str] | tuple[str, ...]) -> dict[str, str]:
    """The findings of an answer whose mistake has no name, by what they are about, in the probe's order."""
    sentences = [message.removeprefix(NOT_RIGHT_YET), *findings]
    return {label: reason for label, _, reason in (sentence.partition(": ") for sentence in sentences)}


def _change_of_findings(before: dict[str, str], now: dict[str, str]) -> str:
    gone = _gone(list(before), list(now))
    new = [label for label in now if label not in before]
    left = len(before.keys() & now.keys())
    if not gone and not new:
        return "What differs is the same, but by another amount or in another way."
    said = [f"Gone: {_listed(gone)}."] if gone else []
    said += [f"New: {_listed(new)}."] if new else []
    if gone and left:
        said.append(f"{left} of {len(before)} findings {'is' if left == 1 else 'are'} left.")
    return " ".join(said)


def _gone(before: list[str], now: list[str]) -> list[str]:
    """The findings that are no longer there. Of a full card, none that may have been pushed off its end."""
    if len(now) >= MOST_FINDINGS:
        shared = [place for place, label in enumerate(before) if label in now]
        before = before[: shared[-1]] if shared else []
    return [label for label in before if label not in now]


def _listed(labels: list[str]) -> str:
    return ", ".join(f"“{label.rstrip('.')}”" for label in labels)


def _in_short(message: str) -> str:
    """A message's first sentence."""
    first = re.split(r"(?<=[.?]) ", message.removeprefix(NOT_RIGHT_YET), maxsplit=1)[0]
    return first if len(first) <= _MOST_QUOTED else f"{first[:_MOST_QUOTED]}…"
