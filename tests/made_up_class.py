"""A class that was never graded: rows and points made from numbers, as many as a test wants."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from autograder.grading.grade import Graded, Outcome
from autograder.grading.report import LessonReport
from autograder.grading.scores import Points
from autograder.grading.summary import class_of
from autograder.verdict import Status, Verdict

EXERCISES = ("make_data", "init_weights", "predict", "mse", "mse_gradient", "sgd_step", "train", "stable_learning_rate")
MISTAKES = {
    "mse_gradient": (
        "missing_factor_two",
        "This is the gradient of ½·MSE. What does the derivative of a square bring?",
    ),
    "sgd_step": ("ascends", "This goes up the hill. Which sign leads `weights` down?"),
    "predict": ("elementwise_product", "This multiplies entry by entry. What does `@` do?"),
}
HOSTILE = "</td><script>alert('x')</script>\x1b[31m\u202e"


def made_up_report(size: int) -> LessonReport:
    """A lesson's report: most answers are right, each kind of verdict occurs, the last learner could not be read."""
    rows = [_row(number) for number in range(size - 1)]
    rejected = Graded("lesson", "learner-last", Outcome.REJECTED, ("The file is a PDF; send the notebook.",), {})
    points = {
        row.student: Points(row.score, row.max_score + 3, ("written_why",)[: index % 2])
        for index, row in enumerate(rows)
    }
    learners = class_of([*rows, rejected], points)
    return LessonReport("01_loop_by_hand", datetime(2026, 3, 2, 8, 30, tzinfo=UTC), 20.0, tuple(learners))


def _row(number: int) -> Graded:
    chance = random.Random(number)
    kinds = 10 + round(60 * chance.random())  # the more there are, the more of them are right answers
    verdicts = {name: _verdict(name, chance.randrange(kinds), number) for name in EXERCISES}
    seconds = {
        name: 15.0 if verdict.status is Status.TIMEOUT else 0.01 * (1 + number % 5)
        for name, verdict in verdicts.items()
    }
    problems = ("Check cells were missing and were put back: check_mse.",) if number % 9 == 0 else ()
    return Graded("lesson", f"learner-{number:05d}", Outcome.GRADED, problems, verdicts, seconds)


def _verdict(exercise: str, what: int, number: int) -> Verdict:
    """One of all kinds, by `what`; what learners say themselves differs from one to the next."""
    name, message = MISTAKES.get(exercise, ("ones", "All weights are one: what tells them apart?"))
    match what:
        case 0 | 1 | 2:
            return Verdict(exercise, Status.WRONG, 2.0, message, diagnosis=name, next_step="Change one thing.")
        case 3:
            said = f"Not right yet. The result: 0.{number} instead of 0.5."
            return Verdict(exercise, Status.WRONG, 2.0, said, next_step="Change one thing.")
        case 4:
            said = f"Your code stopped with ValueError: {number} {HOSTILE}"
            return Verdict(exercise, Status.ERROR, 2.0, said, (f"In {exercise}, line 2: raise ValueError({number})",))
        case 5:
            return Verdict(exercise, Status.TIMEOUT, 2.0, "Running this cell took too long (it took longer than 20 s).")
        case 6 | 7:
            return Verdict(exercise, Status.NOT_ATTEMPTED, 2.0, "Not written yet.", next_step="Write it.")
        case 8:
            return Verdict(
                exercise, Status.NOT_GRADED, 2.0, "The check was not run.", next_step="Tell your instructor."
            )
        case 9:
            said = "Right as far as it goes: what is off here follows from your `predict`."
            mend = "Mend `predict`, and this one is right with it."
            return Verdict(exercise, Status.CORRECT, 2.0, said, next_step=mend, follows_from="predict")
    return Verdict(exercise, Status.CORRECT, 2.0, "Right on all inputs that were tried.")
