"""Progress: what has come of a class so far, how fast, and when the rest will have."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from autograder.grading.grade import Graded, Outcome

_RECENT = 200  # results over which the rate is taken: those that were known come at once, and say nothing of the rest
_SECONDS_A_LINE = 10.0


class Tally:
    """Counts results as they come. Its text: "40 of 120, 95 a minute, 0:00:51 left: 38 graded, 2 rejected"."""

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._clock = clock
        self._moments: deque[float] = deque([clock()], maxlen=_RECENT)
        self._outcomes: Counter[Outcome] = Counter()

    def add(self, row: Graded) -> None:
        """One more result."""
        self._outcomes[row.outcome] += 1
        self._moments.append(self._clock())

    @property
    def done(self) -> int:
        return self._outcomes.total()

    def __str__(self) -> str:
        counts = ", ".join(
            f"{self._outcomes[outcome]} {str(outcome).replace('_', ' ')}"
            for outcome in Outcome
            if self._outcomes[outcome]
        )
        return f"{self.done} of {self._total}{self._speed()}: {counts}" if counts else f"0 of {self._total}"

    def _speed(self) -> str:
        """The rate of the latest results, and how long the others take at it; nothing when all are there."""
        seconds = self._moments[-1] - self._moments[0]
        if self.done == self._total or seconds <= 0:
            return ""
        rate = (len(self._moments) - 1) / seconds
        left = timedelta(seconds=round((self._total - self.done) / rate))
        return f", {60 * rate:.0f} a minute, {left} left"


@contextmanager
def shown(total: int, console: Console) -> Iterator[Callable[[Graded], None]]:
    """A bar on a terminal; elsewhere a plain line every few seconds."""
    tally = Tally(total)
    if not console.is_terminal:
        yield _in_lines(tally, total)
        return
    with Progress(BarColumn(), TextColumn("{task.description}"), console=console, transient=True) as bar:
        task = bar.add_task(str(tally), total=total)

        def advance(row: Graded) -> None:
            tally.add(row)
            bar.update(task, advance=1, description=str(tally))

        yield advance


def _in_lines(tally: Tally, total: int) -> Callable[[Graded], None]:
    last = time.monotonic()

    def advance(row: Graded) -> None:
        nonlocal last
        tally.add(row)
        if tally.done == total or time.monotonic() - last > _SECONDS_A_LINE:
            last = time.monotonic()
            print(tally, flush=True)

    return advance
