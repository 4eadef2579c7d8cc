"""Record: run each probe on the reference and on every known mistake; what it saw is the answer key."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from autograder.atomic import write_atomically
from autograder.authoring.sources import Lesson, Mistake, attempt_of
from autograder.comparison import equal, relative
from autograder.errors import InputError
from autograder.exercise import Exercise
from autograder.judge import has_mistake
from autograder.key import (
    KEYS,
    PUBLIC_SEEDS,
    CarriedError,
    Key,
    KnownMistake,
    load,
    to_bytes,
)
from autograder.observation import Node, Observations, Opaque, leaves

_SEEDS_A_RUN = 3
_DRAWS = 3
_SAME_NUMBERS = relative(1e-8)  # over machines: another libm or BLAS moves last bits only


class RecordError(InputError):
    """A key cannot be recorded; the sentence says which exercise, why and what to do."""


def record(lesson: Lesson, seeds: Sequence[int] = PUBLIC_SEEDS, names: Iterable[str] | None = None) -> dict[str, Key]:
    """The answer keys of the named exercises of a lesson (all, if none are named). Raises RecordError."""
    references = lesson.references()
    wanted = lesson.exercises if names is None else names
    return {name: _record_one(lesson, references, name, tuple(seeds)) for name in wanted}


def record_secret(lesson: Lesson, names: Iterable[str] | None = None) -> dict[str, Key]:
    """Keys for one grading run, on seeds that nobody can guess and that tell all known mistakes apart.

    Where by bad luck they do not, others are drawn. Raises RecordError.
    """
    wanted = None if names is None else tuple(names)
    for draw in range(1, _DRAWS + 1):
        try:
            return record(lesson, tuple(secrets.randbits(63) for _ in range(_SEEDS_A_RUN)), wanted)
        except RecordError:
            if draw == _DRAWS:
                raise
    raise AssertionError("the last draw returns or raises")


def record_public(lesson: Lesson, keys: Path = KEYS) -> None:
    """Write the lesson's public keys below `keys`, and remove those of exercises that are gone."""
    folder = keys / lesson.module_name
    folder.mkdir(parents=True, exist_ok=True)
    recorded = record(lesson)
    for path in folder.glob("*.npz"):
        if path.stem not in recorded and path.stem not in lesson.left_out:
            path.unlink()
    for name, key in recorded.items():
        path = folder / f"{name}.npz"
        if not (path.exists() and _same_key(load(path), key)):  # leave last bits alone: no commit without a change
            write_atomically(path, to_bytes(key))  # a check may be reading


def stale_public_keys(lesson: Lesson, keys: Path = KEYS) -> list[str]:
    """The exercises whose public key is missing, or is not what recording gives now (within the last bits)."""
    recorded = record(lesson)
    on_disk = {path.stem: path for path in (keys / lesson.module_name).glob("*.npz")}
    stale = [name for name, key in recorded.items() if name not in on_disk or not _same_key(load(on_disk[name]), key)]
    return stale + sorted(set(on_disk) - set(recorded) - lesson.left_out)


def _record_one(lesson: Lesson, references: dict[str, Any], name: str, seeds: tuple[int, ...]) -> Key:
    exercise = lesson.exercises[name]
    if name not in references:
        raise RecordError(f"{lesson.name}: the notebook defines no `{name}`; its solution cell must.")
    reference = _observe(exercise, references[name], seeds)
    _refuse_bad_reference(lesson, exercise, reference)
    key = Key(
        name,
        seeds,
        tuple(exercise.first_inputs(seed) for seed in seeds),
        reference,
        tuple(_known(exercise, item, seeds) for item in lesson.mistakes if item.exercise == name),
        tuple(_carried(lesson, references, exercise, seeds, reference)),
    )
    _refuse_twins(lesson, exercise, key)
    return key


def _observe(exercise: Exercise, attempt: Any, seeds: Sequence[int]) -> tuple[Observations, ...]:
    return tuple(exercise.concluded(exercise.observe(attempt, seed), seed) for seed in seeds)


def _known(exercise: Exercise, item: Mistake, seeds: Sequence[int]) -> KnownMistake:
    recordings = _observe(exercise, attempt_of(exercise, item.attempt), seeds)
    if item.seen_in:  # the other labels may be random; they tell nothing, and would never be recorded twice alike
        recordings = tuple(
            Observations(tuple(pair for pair in seen.items if pair[0] in item.seen_in)) for seen in recordings
        )
    return KnownMistake(item.name, item.message, tuple(map(_without_places, recordings)), item.seen_in)


def _without_places(seen: Observations) -> Observations:
    """A recording that names no line of the instructor's files."""
    if seen.stopped is None:
        return seen
    return Observations(seen.items, type(seen.stopped)(seen.stopped.names))


def _carried(
    lesson: Lesson,
    references: dict[str, Any],
    exercise: Exercise,
    seeds: Sequence[int],
    reference: Sequence[Observations],
) -> list[CarriedError]:
    """The reference's recordings with each known mistake of each dependency in turn, where they differ from its own."""
    found: list[CarriedError] = []
    for item in lesson.mistakes:
        if item.exercise not in exercise.uses or item.seen_in:
            continue
        right = references[item.exercise]
        references[item.exercise] = attempt_of(lesson.exercises[item.exercise], item.attempt)
        try:
            recordings = _observe(exercise, references[exercise.name], seeds)
        finally:
            references[item.exercise] = right
        error = CarriedError(item.exercise, item.name, tuple(map(_without_places, recordings)))
        if not any(_carries_the_same(exercise, error, other) for other in found):
            found.append(error)
    return [error for error in found if not all(map(_equal(exercise), error.recordings, reference))]


def _carries_the_same(exercise: Exercise, one: CarriedError, other: CarriedError) -> bool:
    same_mistake = (one.uses, one.mistake) == (other.uses, other.mistake)
    return same_mistake and all(map(_equal(exercise), one.recordings, other.recordings))


def _equal(exercise: Exercise) -> Callable[[Observations, Observations], bool]:
    return lambda left, right: equal(left, right, exercise.tolerance)


def _refuse_bad_reference(lesson: Lesson, exercise: Exercise, recordings: Sequence[Observations]) -> None:
    where = f"{lesson.name}, `{exercise.name}`"
    for seen in recordings:
        if seen.stopped is not None:
            raise RecordError(
                f"{where}: the reference raises {seen.stopped.name}: {seen.stopped.message}. Mend it or the probe."
            )
        if len(set(seen.labels)) != len(seen.labels):
            raise RecordError(f"{where}: the probe yields a label twice; number the labels.")
        for label, node in seen.items:
            opaque = next((leaf for leaf in leaves(node) if isinstance(leaf, Opaque)), None)
            if opaque is not None and not label.startswith("the inputs after call"):
                raise RecordError(f"{where}: at “{label}” the probe yields {opaque.phrase}; yield data.")


def _refuse_twins(lesson: Lesson, exercise: Exercise, key: Key) -> None:
    """Two answers that no recorded seed tells apart would be told apart by luck."""
    where = f"{lesson.name}, `{exercise.name}`"
    for known in key.mistakes:
        if has_mistake(exercise, known, key.reference):
            raise RecordError(f"{where}: the mistake {known.name} looks like the reference; let the probe look harder.")
    for one, other in combinations(key.mistakes, 2):
        if one.name != other.name and _twins(exercise, one, other):
            raise RecordError(
                f"{where}: the mistakes {one.name} and {other.name} cannot be told apart on the recorded seeds; "
                "let the probe look harder, or make them one."
            )


def _twins(exercise: Exercise, one: KnownMistake, other: KnownMistake) -> bool:
    if bool(one.seen_in) != bool(other.seen_in):
        return False  # the one with all its numbers goes first
    return all(map(_equal(exercise), one.recordings, other.recordings))


def _same_key(one: Key, other: Key) -> bool:
    return _texts(one) == _texts(other) and all(
        _same_recording(left, right) for left, right in zip(_recordings(one), _recordings(other), strict=True)
    )


def _same_recording(one: Observations, other: Observations) -> bool:
    """Equal but for what has blown up: the numbers of a diverging loop are decided by last bits, which machines set."""
    blown_up = {label for seen in (one, other) for label, node in seen.items if any(map(_is_enormous, leaves(node)))}
    left, right = (
        Observations(tuple(item for item in seen.items if item[0] not in blown_up), seen.stopped)
        for seen in (one, other)
    )
    return equal(left, right, _SAME_NUMBERS)


def _is_enormous(leaf: Node) -> bool:
    return isinstance(leaf, np.ndarray) and leaf.dtype.kind == "f" and not bool((np.abs(leaf) < 1e6).all())


def _texts(key: Key) -> Mapping[str, Any]:
    return {
        "exercise": key.exercise,
        "seeds": key.seeds,
        "mistakes": [(known.name, known.message, known.seen_in) for known in key.mistakes],
        "carried": [(error.uses, error.mistake) for error in key.carried],
    }


def _recordings(key: Key) -> list[Observations]:
    inputs = [Observations((("inputs", node),)) for node in key.inputs]
    known = [seen for item in key.mistakes for seen in item.recordings]
    carried = [seen for item in key.carried for seen in item.recordings]
    return [*inputs, *key.reference, *known, *carried]
