"""Rejudge: a changed tolerance or message, or a newly named mistake, for a class that was graded. Runs no learner code.

All that verdicts are made from is in the archive of the run. The answer keys are recorded anew on the run's own seeds,
with the lesson as it is now, and every submission is judged again with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from autograder.authoring.course import Course
from autograder.authoring.record import record
from autograder.authoring.sources import check_cell_exercise, load_lesson
from autograder.comparison import compare_nodes, relative
from autograder.exercise import Exercise
from autograder.grading.archive import ArchiveError, Run, newest_run
from autograder.grading.grade import Assignment, GradedWork, Seen, outcome_of, prepare, verdict_outputs, verdicts_on
from autograder.grading.gradebook import GradebookWriter
from autograder.key import Key
from autograder.verdict import Status, Verdict

_SAME_INPUTS = relative(1e-9)


@dataclass(frozen=True)
class Change:
    """One learner's verdict on one exercise, as it was and as it is now."""

    student: str
    before: Verdict
    after: Verdict


@dataclass(frozen=True)
class Rejudged:
    """What judging again found. Nothing is stored until `store` is called."""

    assignment: Assignment
    changes: tuple[Change, ...]
    verdicts: Mapping[str, Mapping[str, Verdict]]
    """All verdicts on each piece of work of which some differ, by the work's content."""
    judged: int

    @property
    def grades(self) -> list[Change]:
        """The changes that change points."""
        return [change for change in self.changes if change.before.points != change.after.points]

    @property
    def lowered(self) -> list[Change]:
        """Those by which a learner loses points."""
        return [change for change in self.grades if change.after.points < change.before.points]


def rejudge(course: Course, lesson_name: str) -> Rejudged:
    """Judge the newest run of a lesson again. Raises ArchiveError, SourceError, RecordError, CourseError."""
    lesson = load_lesson(course.lesson_folder(lesson_name))
    with newest_run(course, lesson_name) as run:
        if not run.keys:
            raise ArchiveError(f"{lesson_name} has no probes; there is nothing to judge again.")
        seeds = next(iter(run.keys.values())).seeds
        assignment = replace(prepare(lesson), keys=record(lesson, seeds, lesson.graded))
        for name, exercise in assignment.exercises.items():
            _require_the_same_probe(exercise, run.keys.get(name), assignment.keys[name])
        judge = _Judge(assignment, run)
        stored = run.stored()
        changed: dict[str, list[tuple[Verdict, Verdict]]] = {}
        revised: dict[str, Mapping[str, Verdict]] = {}
        for content in dict.fromkeys(content for _, content in stored):
            judged = run.judged(content)
            after = {**judged.verdicts, **judge.verdicts(judged.digests)}
            pairs = [(before, after[name]) for name, before in judged.verdicts.items()]
            changed[content] = [(before, now) for before, now in pairs if before != now]
            if changed[content]:
                revised[content] = after
        changes = [Change(student, *pair) for student, content in stored for pair in changed[content]]
    return Rejudged(assignment, tuple(changes), revised, len(stored))


def store(course: Course, rejudged: Rejudged) -> None:
    """Write the changes to the archive, the graded notebooks and the gradebook. What a person entered stays."""
    assignment = rejudged.assignment
    with newest_run(course, assignment.name) as run, GradebookWriter(course, [assignment]) as writer:
        for content, verdicts in rejudged.verdicts.items():
            before = run.find(content)
            assert before is not None
            work = _with_verdicts(assignment, before, verdicts)
            # Another message is no other grade: the gradebook's rows stay as they are, which is quicker.
            same = _grades(before.row.verdicts) == _grades(verdicts)
            write = writer.write_notebook if same else writer.write
            for student, timestamp in run.senders(content):
                write(replace(work, row=replace(work.row, student=student), timestamp=timestamp))
            run.revise(content, work)
        run.replace_keys(course, assignment)


def _grades(verdicts: Mapping[str, Verdict]) -> dict[str, tuple[Status, float]]:
    return {name: (verdict.status, verdict.points) for name, verdict in verdicts.items()}


def _require_the_same_probe(exercise: Exercise, before: Key | None, now: Key) -> None:
    """Raise ArchiveError where a probe looks elsewhere than when the class was graded."""
    same = before is not None and all(
        compare_nodes(old, new, _SAME_INPUTS) is None for old, new in zip(before.inputs, now.inputs, strict=True)
    )
    if before is None or not same or list(_labels(before)) != list(_labels(now)):
        raise ArchiveError(
            f"The probe of `{exercise.name}` has changed since the class was graded, so its old observations say nothing "
            "about it. Grade the lesson with --again."
        )


def _labels(key: Key) -> Iterator[str]:
    for observations in key.reference:
        yield from (label for label, _ in observations.items)


class _Judge:
    """Judges what is in a run's archive; what was seen of many learners alike is judged once."""

    def __init__(self, assignment: Assignment, run: Run) -> None:
        self._assignment = assignment
        self._run = run
        self._known: dict[tuple[str, ...], Verdict] = {}

    def verdicts(self, digests: Mapping[str, str]) -> dict[str, Verdict]:
        """The verdicts on one piece of work, by the names of what was seen of it."""
        missing = [name for name in digests if self._place(name, digests) not in self._known]
        if missing:
            needed = {used for name in missing for used in self._with_uses(name)}
            seen: dict[str, Seen] = {name: self._run.seen(digests[name]) for name in digests if name in needed}
            for name, verdict in verdicts_on(self._assignment, seen).items():
                self._known[self._place(name, digests)] = verdict
        return {name: self._known[self._place(name, digests)] for name in digests}

    def _place(self, name: str, digests: Mapping[str, str]) -> tuple[str, ...]:
        """All that a verdict depends on: what was seen of the exercise and of those that its answer may call."""
        return (name, *(digests.get(used, "") for used in self._with_uses(name)))

    def _with_uses(self, name: str) -> list[str]:
        found = [name]
        for used in found:
            found += [more for more in self._assignment.exercises[used].uses if more not in found]
        return found


def _with_verdicts(assignment: Assignment, work: GradedWork, verdicts: Mapping[str, Verdict]) -> GradedWork:
    """The graded work, whose cells are written anew, with other verdicts in its row and its cards."""
    for cell in work.notebook.cells:
        name = check_cell_exercise(cell) if cell.cell_type == "code" else None
        if name is not None and name in verdicts:
            cell.outputs = verdict_outputs(verdicts[name], assignment.guidance.get(name))
    return replace(work, row=replace(work.row, verdicts=verdicts, outcome=outcome_of(verdicts)))
