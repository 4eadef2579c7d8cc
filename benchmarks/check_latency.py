"""Print what one `check` of a NumPy exercise costs, at home, on this machine.

python benchmarks/check_latency.py
"""

from __future__ import annotations

import contextlib
import io
import statistics
import time
from pathlib import Path

from autograder import check
from autograder.authoring.sources import load_lesson

REPEATS = 20


def milliseconds(name: str, namespace: dict[str, object]) -> list[float]:
    """The wall time of each of `REPEATS` checks, the card included (as text)."""
    times = []
    globals().update(namespace)
    for _ in range(REPEATS):
        start = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            check(name)
        times.append(1000 * (time.perf_counter() - start))
    return times


def main() -> None:
    """Measure every exercise of lesson 01."""
    lesson = load_lesson(Path(__file__).parents[1] / "solutions" / "01_loop_by_hand")
    namespace = lesson.references()
    print(f"{'exercise':24}{'first':>10}{'median':>10}   ms")
    for name in lesson.exercises:
        times = milliseconds(name, namespace)
        print(f"{name:24}{times[0]:10.1f}{statistics.median(times):10.1f}")


if __name__ == "__main__":
    main()
