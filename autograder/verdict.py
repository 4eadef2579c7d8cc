"""Verdict: what is said about one exercise.

status          points  when
`correct`       all     the observations are the reference's, or follow from a mistake already paid for
`wrong`         0       they are not; `diagnosis` is the known mistake's key where they are exactly its
`not_attempted` 0       the stub is still there, or the name is missing
`error`         0       the learner's code raised
`timeout`       0       the learner's code took too long
`not_graded`    0       our fault: shown to a person, never counted as a zero
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How an exercise stands."""

    CORRECT = "correct"
    WRONG = "wrong"
    NOT_ATTEMPTED = "not_attempted"
    ERROR = "error"
    TIMEOUT = "timeout"
    NOT_GRADED = "not_graded"


class Tier(StrEnum):
    """How far a verdict can be trusted."""

    JUDGED = "judged"  # made from data, outside the learner's process
    SELF_REPORTED = "self-reported"  # what a test that ran beside the learner's code said of itself


@dataclass(frozen=True)
class Verdict:
    """One exercise's verdict. `message` and `findings` are plain text for the learner.

    `diagnosis` is the key of the known mistake that was found, `follows_from` the dependency whose mistake explains
    an answer that was credited, `part` the points of a test that gives them in parts.
    """

    exercise: str
    status: Status
    max_points: float
    message: str
    findings: tuple[str, ...] = ()
    diagnosis: str | None = None
    next_step: str = ""
    follows_from: str | None = None
    part: float | None = None
    tier: Tier = Tier.JUDGED

    @property
    def points(self) -> float:
        """Between 0 and `max_points`: all or nothing, but for a test that gave a part."""
        if self.part is not None:
            return self.part
        return self.max_points if self.status is Status.CORRECT else 0.0
