"""Summary: what a class did in a lesson, as numbers and lists. Pure functions of what grading and the gradebook have."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from autograder.grading.grade import Graded, Outcome
from autograder.grading.scores import Points
from autograder.verdict import Status, Verdict

MOST_BINS = 12
NEAR_THE_LIMIT = 0.5  # of the time that a cell may take


@dataclass(frozen=True)
class Learner:
    """One learner's part in a lesson, under the name that is shown.

    `row` is what the newest run found, None where that run did not grade their work; `points` is what the gradebook
    has, None where it has nothing. One of them is there.
    """

    name: str
    row: Graded | None
    points: Points | None

    @property
    def score(self) -> float:
        """Points, those of a person included."""
        return self.points.score if self.points is not None else self.row.score if self.row is not None else 0.0

    @property
    def max_score(self) -> float:
        return self.points.max_score if self.points is not None else self.row.max_score if self.row is not None else 0.0

    @property
    def undecided(self) -> bool:
        """Whether there is no grade at all yet, because a person has to look at the work first."""
        lost = self.row is not None and self.row.outcome in (Outcome.REJECTED, Outcome.NOT_GRADED)
        return lost and (self.points is None or bool(self.points.waiting))


def class_of(rows: Sequence[Graded], points: Mapping[str, Points]) -> list[Learner]:
    """The class, from one row for each learner and what the gradebook has, in the order of their ids."""
    by_student = {row.student: row for row in rows}
    students = sorted(by_student.keys() | points.keys())
    return [Learner(student, by_student.get(student), points.get(student)) for student in students]


def verdicts(learners: Sequence[Learner]) -> Iterator[tuple[Learner, Verdict]]:
    """Each verdict that the newest run made, with its learner."""
    for learner in learners:
        if learner.row is not None:
            for verdict in learner.row.verdicts.values():
                yield learner, verdict


# --- scores ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bin:
    """How many scores there are of so many points."""

    label: str
    count: int


def histogram(scores: Sequence[float], most: float) -> list[Bin]:
    """Counts of scores, rounded down to whole points, in at most `MOST_BINS` bins, of which the last ends at `most`.

    All are of one width, but maybe the first. What is above `most` (extra credit) counts there.
    """
    top = math.floor(most)
    width = math.ceil((top + 1) / MOST_BINS)
    counts = Counter((top - min(max(math.floor(score), 0), top)) // width for score in scores)
    bins = []
    for number in reversed(range(math.ceil((top + 1) / width))):
        high = top - number * width
        low = max(high - width + 1, 0)
        bins.append(Bin(f"{low}–{high}" if low < high else f"{high}", counts[number]))
    return bins


# --- exercises ---------------------------------------------------------------------------------------------


class Kind(StrEnum):
    """How an exercise stands: a verdict's status, where a mistake that has a name is told from one that has none."""

    CORRECT = "correct"
    NAMED = "named"
    UNNAMED = "unnamed"
    ERROR = "error"
    TIMEOUT = "timeout"
    NOT_ATTEMPTED = "not_attempted"
    NOT_GRADED = "not_graded"


NOT_NAMED = (Kind.UNNAMED, Kind.ERROR, Kind.TIMEOUT)


@dataclass(frozen=True)
class ExerciseSummary:
    """How many learners stand how in an exercise; how long their code ran, in seconds, where it was run."""

    name: str
    counts: Mapping[Kind, int]
    seconds: tuple[tuple[str, float], ...]
    """Learners and seconds, the slowest first."""

    @property
    def unnamed(self) -> int:
        """How many answers are wrong, or stopped, in a way that has no name."""
        return sum(self.counts.get(kind, 0) for kind in NOT_NAMED)

    @property
    def typical_seconds(self) -> float | None:
        """The median."""
        return median(seconds for _, seconds in self.seconds) if self.seconds else None

    def slow(self, limit: float) -> list[tuple[str, float]]:
        """Who came near the time limit of a cell, or went beyond it."""
        return [(name, seconds) for name, seconds in self.seconds if seconds >= NEAR_THE_LIMIT * limit]


def kind_of(verdict: Verdict) -> Kind:
    """How the exercise stands by this verdict."""
    if verdict.status is Status.WRONG:
        return Kind.NAMED if verdict.diagnosis is not None else Kind.UNNAMED
    return Kind(verdict.status.value)


def by_exercise(learners: Sequence[Learner]) -> list[ExerciseSummary]:
    """One summary for each exercise, in the lesson's order."""
    counts: dict[str, Counter[Kind]] = {}
    seconds: dict[str, list[tuple[str, float]]] = {}
    for learner, verdict in verdicts(learners):
        name, kind = verdict.exercise, kind_of(verdict)
        counts.setdefault(name, Counter())[kind] += 1
        ran = kind not in (Kind.NOT_ATTEMPTED, Kind.NOT_GRADED)
        if ran and learner.row is not None and name in learner.row.seconds:
            seconds.setdefault(name, []).append((learner.name, learner.row.seconds[name]))
    slowest_first = {name: sorted(times, key=lambda one: -one[1]) for name, times in seconds.items()}
    return [ExerciseSummary(name, count, tuple(slowest_first.get(name, ()))) for name, count in counts.items()]


# --- mistakes ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MistakeSummary:
    """A known mistake, what it tells those who made it, and who they are."""

    exercise: str
    name: str
    message: str
    learners: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.learners)


def known_mistakes(learners: Sequence[Learner]) -> list[MistakeSummary]:
    """The known mistakes that somebody made, the most common first; of equally common ones the first in the lesson."""
    place: dict[str, int] = {}
    made: dict[tuple[str, str], list[str]] = {}
    messages: dict[tuple[str, str], Counter[str]] = {}
    for learner, verdict in verdicts(learners):
        place.setdefault(verdict.exercise, len(place))
        if verdict.diagnosis is not None:
            mistake = verdict.exercise, verdict.diagnosis
            made.setdefault(mistake, []).append(learner.name)
            messages.setdefault(mistake, Counter())[verdict.message] += 1  # one name may have several
    found = [MistakeSummary(*mistake, messages[mistake].most_common(1)[0][0], tuple(made[mistake])) for mistake in made]
    return sorted(found, key=lambda one: (-one.count, place[one.exercise], one.name))


# --- what needs somebody -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Group:
    """Learners of whom the same is to be said. `folder` is where in the course their work lies."""

    what: str
    learners: tuple[str, ...]
    folder: str = "submitted"


def for_a_person(learners: Sequence[Learner]) -> list[Group]:
    """What a person has to do, and for whom: files to look at, answers to grade."""
    groups: dict[tuple[str, str], list[str]] = {}
    for learner in learners:
        for what, folder in _for_a_person(learner):
            groups.setdefault((what, folder), []).append(learner.name)
    return [Group(what, tuple(names), folder) for (what, folder), names in groups.items()]


def _for_a_person(learner: Learner) -> Iterator[tuple[str, str]]:
    if learner.undecided and learner.row is not None:
        yield learner.row.problems[-1] if learner.row.problems else "Not graded.", "submitted"
        return
    points = learner.points or Points(0, 0)
    for cell in points.waiting:
        yield f"`{cell}` has no score yet: grade it by hand.", "autograded"
    for cell in points.graded_before:
        yield f"`{cell}` was scored by hand and then graded again: does the score still fit?", "autograded"


def file_problems(learners: Sequence[Learner]) -> list[Group]:
    """What was wrong with files, the most common first."""
    groups: dict[str, list[str]] = {}
    for learner in learners:
        for problem in learner.row.problems if learner.row is not None else ():
            groups.setdefault(problem, []).append(learner.name)
    found = [Group(problem, tuple(names)) for problem, names in groups.items()]
    return sorted(found, key=lambda group: -len(group.learners))


def graded_before(learners: Sequence[Learner]) -> list[str]:
    """Whose grade is of an earlier run than the newest."""
    return [learner.name for learner in learners if learner.row is None]
