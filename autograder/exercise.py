"""Exercise: a probe with its points, tolerance and hints; `observe` runs it on an attempt and returns plain data.

A probe is one function `(attempt, rng)` that calls the learner's code on generated inputs and yields labelled
observations (or returns a single one). It holds no expected value and draws no conclusion.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import linecache
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType, TracebackType
from typing import Any

import numpy as np

from autograder.comparison import Tolerance, relative
from autograder.observation import GeneratorState, Node, Observations, Raised, generator_digest, normalise

RESULT = "the result"
INPUTS = "the inputs after call"
MOST_PRINTED = 2_000

Probe = Callable[[Any, np.random.Generator], Any]
Conclude = Callable[[Observations, int], Observations]


@dataclass(frozen=True)
class Exercise:
    """One exercise, as learners get it: how we look, never what we expect.

    `uses` names the exercises that a natural answer calls. `value` marks an answer that is a value and not a
    function; `self_check` one with so few possible answers that its public key gives it away (worth 1 point at
    most). `conclude` derives, on the judge's side, what is compared instead of the raw observations. It gets the seed
    as well, so that it can draw the probe's inputs itself: it must believe the learner's process nothing but the answer.
    `extra` names a package beyond the course's own that the exercise needs. Such an exercise is checked at home, where the
    package is, and never graded: the sandbox's limits are too narrow for TensorFlow.
    `patience` is what the learner reads while a check of more than a second or two runs.
    """

    name: str
    probe: Probe
    points: float
    hints: tuple[str, ...]
    tolerance: Tolerance
    uses: tuple[str, ...] = ()
    value: bool = False
    self_check: bool = False
    conclude: Conclude | None = None
    extra: str = ""
    patience: str = ""

    def __reduce__(self) -> tuple[Callable[[str, str], Exercise], tuple[str, str]]:
        """Pickled by name: its probe is code, which every process has that grades it."""
        return _find, (self.probe.__module__, self.name)

    @property
    def available(self) -> bool:
        """Whether what it needs beyond the course's own packages is installed."""
        return not self.extra or find_spec(self.extra) is not None

    def observe(self, attempt: Any, seed: int, printed: Printed | None = None) -> Observations:
        """What the probe sees of `attempt` on inputs drawn from `seed`; the learner's exceptions are data too.

        What learner code prints goes to `printed`, or nowhere.
        """
        items: list[tuple[str, Node]] = []
        watched = attempt if self.value else _Watched(attempt)
        try:
            with _quietly(printed or Printed()):
                for label, value in self._labelled(watched, np.random.default_rng(seed)):
                    items.append((label, normalise(value)))
                    if isinstance(watched, _Watched):
                        items.extend(watched.take_inputs())
        except (Exception, SystemExit) as error:
            where = where_in_learners_code(error)
            if where and isinstance(watched, _Watched) and watched.given:
                where += f"\n{watched.given}"
            return Observations(tuple(items), Raised.from_exception(error, where))
        return Observations(tuple(items))

    def concluded(self, seen: Observations, seed: int) -> Observations:
        """What is compared of the observations on `seed`. Data from which nothing follows are never right."""
        if self.conclude is None:
            return seen
        try:
            return self.conclude(seen, seed)
        except Exception as error:  # a stranger's data: anything may be missing in them, or of another kind
            return Observations((), seen.stopped or Raised.from_exception(error))

    def first_inputs(self, seed: int) -> Node:
        """The arguments of the probe's first call, without calling any learner code: do two machines draw the same?"""
        captured: list[Node] = []

        def capture(*arguments: Any) -> None:
            captured.append([normalise(argument) for argument in arguments])
            raise _CapturedError

        with contextlib.suppress(Exception), _quietly(Printed()):
            for _ in self._labelled(capture, np.random.default_rng(seed)):
                pass
        return captured[0] if captured else None

    def _labelled(self, attempt: Any, rng: np.random.Generator) -> Iterator[tuple[str, Any]]:
        seen = self.probe(attempt, rng)
        if inspect.isgenerator(seen) and inspect.isgeneratorfunction(self.probe):
            yield from seen
        else:
            yield RESULT, seen


def exercise(
    *,
    points: float,
    hints: tuple[str, ...],
    tolerance: Tolerance | None = None,
    uses: tuple[str, ...] = (),
    value: bool = False,
    self_check: bool = False,
    conclude: Conclude | None = None,
    extra: str = "",
    patience: str = "",
) -> Callable[[Probe], Exercise]:
    """Make a probe an `Exercise`. The default tolerance leaves room for another order of float64 operations."""

    def decorate(probe: Probe) -> Exercise:
        return Exercise(
            probe.__name__,
            probe,
            points,
            hints,
            tolerance or relative(1e-9),
            uses,
            value,
            self_check,
            conclude,
            extra,
            patience,
        )

    return decorate


def _find(module: str, name: str) -> Exercise:
    found = getattr(import_module(module), name)
    assert isinstance(found, Exercise)
    return found


def exercises_of(module: ModuleType) -> dict[str, Exercise]:
    """The exercises of a lesson's module by name, in the order in which they are written."""
    return {item.name: item for item in vars(module).values() if isinstance(item, Exercise)}


def outcome(attempt: Callable[..., Any], *arguments: Any) -> Any:
    """What a call returns or, as a value, what it raises: for probes of calls that ought to raise."""
    try:
        return attempt(*arguments)
    except Exception as error:
        if isinstance(error, NotImplementedError) and not str(error):
            raise  # still a stub: the whole exercise is not attempted
        return Raised.from_exception(error)


def pair(returned: Any, first: str, second: str) -> Iterator[tuple[str, Any]]:
    """The two parts of a returned pair, each with its label; what is no pair is shown whole, as the first."""
    if isinstance(returned, (tuple, list)) and len(returned) == 2:
        yield first, returned[0]
        yield second, returned[1]
    else:
        yield first, returned


def own_generator(rng: np.random.Generator) -> np.random.Generator:
    """A generator for one call, so that a call that draws too often does not disturb the next one."""
    return np.random.default_rng(int(rng.integers(2**62)))


class _CapturedError(Exception):
    """Ends a probe at its first call."""


class _Watched:
    """The learner's function; remembers what each call left in the arguments that were given to it.

    "Inputs stay unchanged" holds everywhere in the course, so every probe looks at them. What the learner's code
    itself returned earlier (an optimizer's state, say) is the learner's to change.
    """

    def __init__(self, attempt: Any) -> None:
        self._attempt = attempt
        self._calls = 0
        self.given = ""  # what the running call was called with, for its error message
        self._inputs: list[tuple[str, Node]] = []
        self._learners_own: list[Any] = []

    def __call__(self, *arguments: Any) -> Any:
        self._calls += 1
        self.given = f"it was called with {', '.join(map(_in_short, arguments))}" if arguments else ""
        ours = [argument for argument in arguments if not any(argument is own for own in self._learners_own)]
        before = [generator_digest(argument) for argument in ours]
        result = self._attempt(*arguments)
        self.given = ""
        after = [_input_node(argument, digest) for argument, digest in zip(ours, before, strict=True)]
        self._inputs.append((f"{INPUTS} {self._calls}", after))
        self._learners_own.append(result)
        if isinstance(result, (tuple, list)):
            self._learners_own.extend(result[:100])
        return result

    def __getattr__(self, name: str) -> Any:
        return getattr(self._attempt, name)

    def take_inputs(self) -> list[tuple[str, Node]]:
        taken, self._inputs = self._inputs, []
        return taken


def _in_short(argument: Any) -> str:
    """An argument without its values."""
    shape = getattr(argument, "shape", None)
    if shape:
        return f"an array of shape {tuple(shape)}"
    if isinstance(argument, (int, float)):
        return "the number 0" if argument == 0 else "a number"  # the case that most answers forget
    return "a function" if inspect.isroutine(argument) else f"a {type(argument).__name__}"


def _input_node(argument: Any, digest_before: str | None) -> Node:
    if digest_before is not None:
        return GeneratorState(digest_before, generator_digest(argument) or "")
    return None if callable(argument) else normalise(argument)


class Printed(io.TextIOBase):
    """What learner code prints while it is observed, up to `MOST_PRINTED` characters: it is not to clutter the card."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text += str(text)[: MOST_PRINTED - len(self.text)]
        return len(text)


@contextlib.contextmanager
def _quietly(printed: Printed) -> Iterator[None]:
    with (
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(Printed()),
    ):
        warnings.simplefilter("ignore")
        yield


_NOT_THE_LEARNERS = tuple(
    os.path.realpath(path) + os.sep for path in (os.path.dirname(__file__), sys.prefix, sys.base_prefix)
)


def where_in_learners_code(error: BaseException) -> str:
    """The innermost line of the learner's own that was running, as "in mse, line 3: return x"; else ""."""
    frames = [frame for frame in _frames(error.__traceback__) if not _is_ours(frame.filename)]
    if not frames:
        return ""
    last = frames[-1]
    text = linecache.getline(last.filename, last.lineno or 0).strip()
    place = f"line {last.lineno}" if last.name == "<module>" else f"in {last.name}, line {last.lineno}"
    return f"{place}: {text}" if text else place


def _frames(trace: TracebackType | None) -> list[traceback.FrameSummary]:
    return list(traceback.extract_tb(trace)) if trace is not None else []


def _is_ours(filename: str) -> bool:
    return not filename.startswith("<") and os.path.realpath(filename).startswith(_NOT_THE_LEARNERS)
