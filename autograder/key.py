"""Answer keys: what the probe saw of the reference and of each known mistake, recorded as data.

A *public* key (fixed seeds, one file an exercise under `keys/`) ships to learners, so that `check` works at home.
A *secret* key has fresh seeds, lives for one grading run, and never enters a process that runs learner code.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.encoding import ObservationError, load_npz, save_npz
from autograder.observation import Node, Observations

PUBLIC_SEEDS = (11, 23, 47)
KEYS = Path(__file__).parent / "keys"


INSTALL_AGAIN = "Install the course package again (instructors: `autograder record`)."


class KeyFileError(RuntimeError):
    """A public key is missing or damaged; `INSTALL_AGAIN` says what to do."""


@dataclass(frozen=True)
class KnownMistake:
    """One implementation of a known mistake, one recording a seed. `name` is its key, `message` what learners read.

    With `seen_in`, an answer has this mistake where these labels agree, whatever the others say: some mistakes
    (an unseeded generator) have no numbers of their own.
    """

    name: str
    message: str
    recordings: Sequence[Observations]
    seen_in: tuple[str, ...] = ()


@dataclass(frozen=True)
class CarriedError:
    """The reference's recordings where its dependency `uses` has the known mistake `mistake`."""

    uses: str
    mistake: str
    recordings: Sequence[Observations]


@dataclass(frozen=True)
class Key:
    """The answer key of one exercise on `seeds`: concluded recordings, one a seed.

    `inputs` are the first call's arguments, one node a seed.
    """

    exercise: str
    seeds: tuple[int, ...]
    inputs: tuple[Node, ...]
    reference: Sequence[Observations]
    mistakes: tuple[KnownMistake, ...] = ()
    carried: tuple[CarriedError, ...] = ()


def to_bytes(key: Key) -> bytes:
    """`key` as the content of a file."""
    tree = {
        "exercise": key.exercise,
        "seeds": key.seeds,
        "inputs": [Observations((("inputs", node),)) for node in key.inputs],
        "reference": key.reference,
        "mistakes": [[m.name, m.message, m.recordings, m.seen_in] for m in key.mistakes],
        "carried": [[c.uses, c.mistake, c.recordings] for c in key.carried],
    }
    save_npz(tree, buffer := io.BytesIO())
    return buffer.getvalue()


def load(file: Any) -> Key:
    """Read a path or binary file that holds what `to_bytes` gives. Raises ObservationError where it is damaged."""
    tree = load_npz(file)
    try:
        return Key(
            tree["exercise"],
            tuple(tree["seeds"]),
            tuple(observations.get("inputs") for observations in tree["inputs"]),
            tree["reference"],
            tuple(KnownMistake(name, text, seen, tuple(labels)) for name, text, seen, labels in tree["mistakes"]),
            tuple(CarriedError(uses, mistake, seen) for uses, mistake, seen in tree["carried"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ObservationError(f"this is not an answer key: {error}") from None


def public_key_path(lesson_module: str, exercise: str) -> Path:
    """Where the public key of an exercise is kept."""
    return KEYS / lesson_module / f"{exercise}.npz"


def load_public(lesson_module: str, exercise: str) -> Key:
    """The public key of an exercise. Raises KeyFileError."""
    path = public_key_path(lesson_module, exercise)
    try:
        return load(path)
    except FileNotFoundError:
        raise KeyFileError(f"The answer key {path} is missing.") from None
    except ObservationError as error:
        raise KeyFileError(f"The answer key {path} is damaged ({error}).") from None
