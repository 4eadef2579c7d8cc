"""Pseudonyms: a class as it may be shown to the class. What is hidden is taken out of the data, before any page is made."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace

from autograder.card import LOOKS
from autograder.grading.grade import Graded
from autograder.grading.summary import Learner
from autograder.verdict import Status, Tier, Verdict

_A_PROBLEM = "Something with the file, which the report with names tells."


def pseudonyms(students: Iterable[str], secret: bytes) -> dict[str, str]:
    """A number for each learner, in an order that nobody can work out who does not have `secret` (at most 64 bytes)."""

    def digest(student: str) -> bytes:
        return hashlib.blake2b(student.encode("utf-8", "surrogatepass"), key=secret).digest()

    return {student: f"Learner {number}" for number, student in enumerate(sorted(students, key=digest), start=1)}


def without_names(learners: Iterable[Learner], names: Mapping[str, str]) -> list[Learner]:
    """The class under other names, in their order, without any text that learners wrote."""
    renamed = [
        Learner(names[one.name], _without_names(one.row, names[one.name]) if one.row is not None else None, one.points)
        for one in learners
    ]
    return sorted(renamed, key=lambda one: (len(one.name), one.name))


def _without_names(row: Graded, name: str) -> Graded:
    verdicts = {exercise: _without_learners_words(verdict) for exercise, verdict in row.verdicts.items()}
    problems = (_A_PROBLEM,) if row.problems else ()
    return replace(row, student=name, problems=problems, verdicts=verdicts)


def _without_learners_words(verdict: Verdict) -> Verdict:
    """The verdict as far as its words are the instructor's or ours: others may hold a learner's code, output or names."""
    if verdict.tier is Tier.JUDGED and (verdict.diagnosis is not None or verdict.status is Status.CORRECT):
        return replace(verdict, findings=())
    message = f"{LOOKS[verdict.status].word}. The rest is between the learner and the instructor."
    return replace(verdict, message=message, findings=(), next_step="")
