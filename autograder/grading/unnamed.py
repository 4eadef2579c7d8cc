"""Unnamed: wrong answers of a graded class that are no known mistake, put together where they are the same one.

Two answers are the same mistake where the judge would give them the same name: what was seen of them is equal on all of
the run's seeds, within the exercise's own tolerance, or they stopped with the same exception at the same place. So naming
one of them names all.

Being equal within a tolerance is not transitive. Answers are therefore compared with one of each cluster, its leader, and
never with each other; the leader of a cluster is the answer whose learner's id comes first. What lies between two leaders
goes to the first of them, and no chain of small steps joins answers that are far apart. It does not come to that while
the tolerance leaves room for rounding only, and mistakes differ by more.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from nbformat import NotebookNode

from autograder.atomic import write_atomically
from autograder.authoring.course import Course
from autograder.authoring.sources import check_cell_exercise, grade_id, is_demo, load_lesson
from autograder.comparison import equal
from autograder.errors import InputError
from autograder.exercise import Exercise
from autograder.grading.archive import Run, newest_run
from autograder.grading.entry import Answer, EntryError, entry_text
from autograder.grading.grade import Seen
from autograder.grading.outputs import plain_text
from autograder.grading.rejudge import rejudge
from autograder.grading.runner import Observed
from autograder.judge import NOT_A_FUNCTION
from autograder.observation import GeneratorState, Node, Observations, Opaque, Raised
from autograder.verdict import Status, Tier, Verdict

MISTAKES = "mistakes.py"
_NOT_WRITTEN = f"{MISTAKES} stays as it is; write the entry by hand, with the code as an example."
_MOST_EXAMPLES = _MOST_LISTED = 20
_DIGITS = 8  # of a digest, in a cluster's name


@dataclass(frozen=True)
class Cluster:
    """A mistake without a name. All texts are free of control characters, and otherwise as learners wrote them.

    `name` calls it on the command line, and stays the same within a run while its leader does. `messages` are what its
    learners read now, the commonest first: of answers that stopped, different ones may have different causes, which one
    name would tell alike. `example` is the shortest of the solution cells (of the first twenty), sent by
    `example_student`. `blamed` are the exercises that the answer may call and that none of these learners has right: the
    mistake may come from there.
    """

    name: str
    exercise: str
    students: tuple[str, ...]
    messages: tuple[str, ...]
    example: str
    example_student: str
    blamed: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """How many learners."""
        return len(self.students)

    def in_words(self, most_lines: int | None = None) -> str:
        """For a terminal: who, what differs, where else to look, and the example (its first lines)."""
        lines = self.example.splitlines()
        cut = lines[:most_lines] + (["…"] if most_lines is not None and len(lines) > most_lines else [])
        students = ", ".join(self.students[:_MOST_LISTED])
        more = f" and {self.size - _MOST_LISTED} more" if self.size > _MOST_LISTED else ""
        said = [f"{self.name}   {_learners(self.size)}: {students}{more}", f"  {self.messages[0]}"]
        if len(self.messages) > 1:
            said.append(f"  ({len(self.messages)} different messages: there may be several causes)")
        if self.blamed:
            said.append(
                f"  Their {' and '.join(f'`{name}`' for name in self.blamed)} is not right either: begin there."
            )
        return "\n".join([*said, f"  One of them, {self.example_student}:", *(f"    {line}" for line in cut)])


def _learners(number: int) -> str:
    return f"{number} learner{'' if number == 1 else 's'}"


@dataclass(frozen=True)
class Draft:
    """An entry that was not written yet: `text` is to be read by a person first, for it will run as that person."""

    cluster: Cluster
    name: str
    text: str


@dataclass(frozen=True)
class Named:
    """A mistake that has its name now, and what `rejudge` will make of it: who is told, who of them is in another
    cluster, and how many other verdicts change (an answer that follows from the mistake is credited)."""

    path: Path
    told: tuple[str, ...]
    others: tuple[str, ...]
    changed_besides: int

    def in_words(self) -> str:
        """What to do next, and what comes of it."""
        said = (
            f"`make course`, for the public keys do not know it yet; then `autograder rejudge {self.path.parent.name}`"
        )
        more = f" {', '.join(self.others)} did not belong to the cluster and made it too." if self.others else ""
        besides = f" {self.changed_besides} other verdicts change." if self.changed_besides else ""
        return f"Next: {said}, which tells {_learners(len(self.told))}.{more}{besides}"


# --- the clusters -----------------------------------------------------------------------------------


def unnamed_mistakes(course: Course, lesson_name: str) -> tuple[Cluster, ...]:
    """The clusters of the newest run of a lesson, the largest first; none for a course without probes.

    Raises ArchiveError where the lesson was not graded, CourseError, SourceError.
    """
    with newest_run(course, lesson_name) as run:
        return tuple(found.cluster for found in _clusters(course, lesson_name, run))


@dataclass(frozen=True)
class _Given:
    """One learner's wrong answer to one exercise; `digest` names what was seen of it."""

    student: str
    content: str
    digest: str
    verdicts: Mapping[str, Verdict]


@dataclass(frozen=True)
class _Found:
    """A cluster, and its example as it can be made an entry."""

    cluster: Cluster
    answer: Answer


def _clusters(course: Course, lesson_name: str, run: Run) -> list[_Found]:
    folder = course.lesson_folder(lesson_name)
    if not run.keys:
        return []
    exercises = {name: item for name, item in load_lesson(folder).graded.items() if name in run.keys}
    found = []
    for name, given in _unnamed_answers(run, exercises).items():
        for leader, members in _put_together(run, exercises[name], given):
            found.append(_described(run, exercises[name], leader, members))
    return sorted(found, key=lambda one: -one.cluster.size)


def _unnamed_answers(run: Run, exercises: Mapping[str, Exercise]) -> dict[str, list[_Given]]:
    """The answers that are wrong in a way without a name, by exercise, in the order of the learners' ids."""
    answers: dict[str, list[_Given]] = {name: [] for name in exercises}
    works = {content: run.judged(content) for content in dict.fromkeys(content for _, content in run.stored())}
    for student, content in run.stored():
        judged = works[content]
        for name, digest in judged.digests.items():
            if name in exercises and _is_unnamed(judged.verdicts[name]):
                answers[name].append(_Given(student, content, digest, judged.verdicts))
    return answers


def _is_unnamed(verdict: Verdict) -> bool:
    wrong = verdict.status in (Status.WRONG, Status.ERROR)
    return wrong and verdict.diagnosis is None and verdict.tier is Tier.JUDGED


def _put_together(run: Run, exercise: Exercise, given: Sequence[_Given]) -> Iterator[tuple[str, list[_Given]]]:
    """Answers that are the same mistake, with the digest of their leader. What was seen alike is compared once."""
    by_digest: dict[str, list[_Given]] = {}
    for answer in given:
        by_digest.setdefault(answer.digest, []).append(answer)
    seeds = run.keys[exercise.name].seeds
    leaders: dict[tuple[object, ...], _Leaders] = {}
    members: dict[str, list[_Given]] = {}
    for digest, answers in by_digest.items():
        if (observed := _comparable(run.seen(digest))) is None:
            continue
        concluded = tuple(exercise.concluded(one, seed) for one, seed in zip(observed, seeds, strict=True))
        alike = leaders.setdefault(tuple(map(_form, concluded)), _Leaders(exercise))
        members.setdefault(alike.leader_of(digest, concluded), []).extend(answers)
    yield from members.items()


class _Leaders:
    """The leaders among answers to an exercise that are of one form. Most pairs differ in the size of some array, which
    is looked at for all leaders at once; only what is left is compared."""

    def __init__(self, exercise: Exercise) -> None:
        self._exercise = exercise
        self._leaders: list[tuple[str, tuple[Observations, ...]]] = []
        self._sizes = np.empty(0)
        self._limits = np.empty(0)

    def leader_of(self, digest: str, concluded: tuple[Observations, ...]) -> str:
        """The digest of the first leader that is the same mistake; the answer's own, which leads now, if there is none."""
        arrays = [array for seen in concluded for array in _arrays(dict(seen.items))]
        sizes = np.array([[np.abs(array[np.isfinite(array)]).max(initial=0.0) for array in arrays]])
        if self._leaders:
            near = (np.abs(self._sizes - sizes) <= self._limits).all(axis=1)
            for index in np.flatnonzero(near):
                name, other = self._leaders[index]
                if _same(self._exercise, other, concluded):
                    return name
        limits = np.array([[1.001 * self._exercise.tolerance.limit(array) for array in arrays]])
        self._sizes = np.vstack([self._sizes, sizes]) if self._leaders else sizes
        self._limits = np.vstack([self._limits, limits]) if self._leaders else limits
        self._leaders.append((digest, concluded))
        return digest


def _arrays(node: Node) -> Iterator[np.ndarray]:
    """All numbers in a node, in an order that is the same for equal nodes."""
    if isinstance(node, np.ndarray):
        yield node.astype(np.complex128 if node.dtype.kind == "c" else np.float64)
    elif isinstance(node, dict):
        yield from (array for key in sorted(node, key=repr) for array in _arrays(node[key]))
    elif isinstance(node, list):
        yield from (array for item in node for array in _arrays(item))


def _comparable(seen: Seen) -> tuple[Observations, ...] | None:
    """What the probe saw, or None where the code never came to a result of its own: then there is nothing to name."""
    if not isinstance(seen.probed, Observed):
        return None
    stops = [one.stopped for one in seen.probed.observations if one.stopped is not None]
    if stops and (seen.solved is not None or any(stop.name == NOT_A_FUNCTION for stop in stops)):
        return None
    return seen.probed.observations


def _same(exercise: Exercise, leader: Iterable[Observations], other: Iterable[Observations]) -> bool:
    return all(equal(one, two, exercise.tolerance) for one, two in zip(leader, other, strict=True))


def _form(seen: Observations) -> tuple[object, ...]:
    """What has to be the same of equal observations, without regard to numbers: most pairs need no other look."""
    stopped = seen.stopped.names if seen.stopped is not None else None
    return (stopped, *sorted((label, _form_of(node)) for label, node in seen.items))


def _form_of(node: Node) -> str:
    match node:
        case Raised():
            return f"raised {node.names}"
        case GeneratorState():
            return f"generator {node.moved}"
        case Opaque() | str() | None:
            return repr(node)
        case list():
            return f"[{', '.join(map(_form_of, node))}]"
        case dict():
            return f"{{{', '.join(sorted(f'{key!r}: {_form_of(value)}' for key, value in node.items()))}}}"
        case array:
            return f"{'bools' if array.dtype.kind == 'b' else 'numbers'} {array.shape}"


def _described(run: Run, exercise: Exercise, leader: str, members: Sequence[_Given]) -> _Found:
    members = sorted(members, key=lambda one: one.student)
    senders: dict[str, str] = {}
    for one in members:
        senders.setdefault(one.content, one.student)
    examples = [(_answer(run, exercise, sent), sender) for sent, sender in islice(senders.items(), _MOST_EXAMPLES)]
    answer, sender = min(examples, key=lambda example: len(example[0].cell))
    messages = Counter(plain_text(one.verdicts[exercise.name].message) for one in members)
    cluster = Cluster(
        f"{exercise.name}-{leader[:_DIGITS]}",
        exercise.name,
        tuple(one.student for one in members),
        tuple(message for message, _ in messages.most_common()),
        plain_text(answer.cell),
        sender,
        tuple(name for name in exercise.uses if not any(_is_right(name, one.verdicts) for one in members)),
    )
    return _Found(cluster, answer)


def _is_right(exercise: str, verdicts: Mapping[str, Verdict]) -> bool:
    return exercise not in verdicts or verdicts[exercise].status is Status.CORRECT


def _answer(run: Run, exercise: Exercise, content: str) -> Answer:
    work = run.find(content)
    assert work is not None
    cells = list(_code_before_check(work.notebook, exercise.name))
    cell = next((cell.source for cell in cells if grade_id(cell) == exercise.name), "")
    return Answer(exercise.name, exercise.value, cell, tuple(cell.source for cell in cells))


def _code_before_check(notebook: NotebookNode, exercise: str) -> Iterator[NotebookNode]:
    """The code cells that grading had run when it looked at an exercise."""
    for cell in notebook.cells:
        checked = check_cell_exercise(cell) if cell.cell_type == "code" else None
        if checked == exercise:
            return
        if cell.cell_type == "code" and checked is None and not is_demo(cell):
            yield cell


# --- their names ------------------------------------------------------------------------------------


def find(course: Course, lesson_name: str, cluster: str) -> Cluster:
    """The cluster of that name. Raises EntryError where there is none, ArchiveError, CourseError, SourceError."""
    return _find(course, lesson_name, cluster).cluster


def _find(course: Course, lesson_name: str, cluster: str) -> _Found:
    with newest_run(course, lesson_name) as run:
        found = {one.cluster.name: one for one in _clusters(course, lesson_name, run)}
    if cluster not in found:
        raise EntryError(
            f"There is no {cluster!r} in the newest run of {lesson_name}; there is: {', '.join(found) or 'none'}."
        )
    return found[cluster]


def draft(course: Course, lesson_name: str, cluster: str, name: str, message: str) -> Draft:
    """The entry that would give the cluster the name. Runs none of it and writes nothing.

    Raises EntryError where there is no such cluster, where the name is taken, or where the code is none that may run in
    the instructor's process; ArchiveError, CourseError, SourceError.
    """
    found = _find(course, lesson_name, cluster)
    mistakes = (course.lesson_folder(lesson_name) / MISTAKES).read_text(encoding="utf-8")
    return Draft(found.cluster, name, entry_text(found.answer, name, message, mistakes))


def write(course: Course, lesson_name: str, entry: Draft) -> Named:
    """Add the entry to mistakes.py. **Runs the learner's code**: only after a person has read `entry.text`.

    It is tried first on a copy of the lesson, by judging the class again. Where it does not name the whole cluster, or
    cannot be told from something else, EntryError says so and mistakes.py stays as it is.
    """
    path = course.lesson_folder(lesson_name) / MISTAKES
    text = f"{path.read_text(encoding='utf-8').rstrip()}\n\n\n{entry.text}"
    named = _tried(course, path, text, entry)
    if missed := sorted(set(entry.cluster.students) - set(named.told)):
        raise EntryError(
            f"The entry as it came from the notebook gives other results than its learners' answers: {len(missed)} of "
            f"{entry.cluster.size} would not be told. {_NOT_WRITTEN}"
        )
    write_atomically(path, text.encode())
    return named


def _tried(course: Course, path: Path, text: str, entry: Draft) -> Named:
    """What judging the class again would say if mistakes.py were `text`."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch) / path.parent.name
        shutil.copytree(path.parent, folder, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
        (folder / MISTAKES).write_text(text, encoding="utf-8")
        try:
            changes = rejudge(replace(course, solutions=Path(scratch)), path.parent.name).changes
        except InputError as error:
            raise EntryError(f"With the entry as it came from the notebook: {error} {_NOT_WRITTEN}") from None
        except Exception as error:  # a stranger's code, in our process
            why = plain_text(f"{type(error).__name__}: {error}")
            raise EntryError(f"The entry as it came from the notebook stops with {why}. {_NOT_WRITTEN}") from None
    told = {
        change.student
        for change in changes
        if change.after.exercise == entry.cluster.exercise and change.after.diagnosis == entry.name
    }
    others = told - set(entry.cluster.students)
    return Named(path, tuple(sorted(told)), tuple(sorted(others)), len(changes) - len(told))
