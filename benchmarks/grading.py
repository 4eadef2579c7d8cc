"""What grading costs: stock nbgrader, this engine with one job and with all cores, and the limit, side by side.

    python benchmarks/grading.py     writes grading.md (some 30 minutes; leave the machine alone)

Each is given right work on a NumPy lesson (01) and on a PyTorch lesson (05), all of it different, so that nothing can be
looked up; ours runs in the sandbox. Demonstrations are left out, as when we grade, or run, as stock nbgrader does. All
are measured in turn, three times (with demonstrations once); the medians are shown. *Cold* is the whole command, from a
shell's prompt to its end; *warm* is what one more submission adds to it, the difference of a large and a small class by
the difference of sizes.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from classes import write_class, write_course
from measured import Cost, measure

from autograder.grading.batch import SMALL_CLASS
from autograder.grading.gradebook import let_nbgrader_find_alembic

LESSONS = ("01_loop_by_hand", "05_pytorch_loop")
RUNS = {False: 3, True: 1}  # without and with demonstrations, which take long
CORES = 2
STOCK_CLASS = 4
CLASSES = {False: (30, 120), True: (4, 12)}  # a small and a large class; small ones have no use for several jobs
LIMIT_CLASS = 12
PLACE = Path(__file__).parent
LIMIT = "the limit: forks that execute the cells"


@dataclass(frozen=True)
class Figures:
    """CPU seconds a submission, submissions a minute of wall time, and bytes of memory of all processes at once."""

    cpu: float
    rate: float
    memory: int = 0


def whole(cost: Cost, students: int) -> Figures:
    """A command's figures for a class of so many."""
    return Figures(cost.cpu / students, 60 * students / cost.wall, cost.memory)


def added(small: Cost, large: Cost, students: int) -> Figures:
    """The figures of what `students` more cost."""
    return Figures((large.cpu - small.cpu) / students, 60 * students / (large.wall - small.wall), large.memory)


class Bench:
    """The courses in which one lesson is graded, with its demonstrations or without."""

    def __init__(self, root: Path, name: str, *, demos: bool) -> None:
        self.name = name
        self.few, self.many = CLASSES[demos]
        self.stock = root / "stock"
        self.small, self.large = root / "small", root / "large"
        for course, students in ((self.stock, STOCK_CLASS), (self.small, self.few), (self.large, self.many)):
            lesson = write_course(course, name, demos=demos, stock=course == self.stock)
            write_class(course, lesson, students)
        self.module = lesson.module_name
        subprocess.run(
            [sys.executable, "-m", "nbgrader", "generate_assignment", name],
            cwd=self.stock, check=True, capture_output=True,
        )  # fmt: skip

    def measure(self) -> Iterator[tuple[str, Figures]]:
        """One run of everything."""
        command = [sys.executable, "-m", "nbgrader", "autograde", self.name, "--force"]
        yield "stock nbgrader", whole(measure(command, self.stock), STOCK_CLASS)
        for jobs in (1, CORES) if self.few > SMALL_CLASS else (1,):
            small, large = (self._grade(course, jobs) for course in (self.small, self.large))
            yield f"ours, {jobs} at a time, cold", whole(large, self.many)
            yield f"ours, {jobs} at a time, warm", added(small, large, self.many - self.few)
        yield LIMIT, self._limit()

    def _grade(self, course: Path, jobs: int) -> Cost:
        command = ["-m", "autograder.cli", "grade", self.name, "--again", "--jobs", str(jobs), "--sandbox", "strict"]
        return measure([sys.executable, "-P", *command], course)

    def _limit(self) -> Figures:
        notebooks = sorted(map(str, self.large.glob("submitted/*/*/*.ipynb")))[:LIMIT_CLASS]
        command = [sys.executable, str(PLACE / "limit.py"), self.module, *notebooks]
        done = subprocess.run(command, cwd=self.large / "solutions" / self.name, check=True, capture_output=True)
        seconds = statistics.mean(json.loads(done.stdout)["notebooks"])
        return Figures(seconds, 60 / seconds)


def table(runs: dict[str, list[Figures]]) -> Iterator[str]:
    """The medians, and what they are to stock nbgrader's and to the limit."""
    middle = {
        title: Figures(*(statistics.median(column) for column in zip(*map(_row, figures), strict=True)))
        for title, figures in runs.items()
    }
    stock, limit = next(iter(middle.values())), middle[LIMIT]
    yield "| | CPU s a submission | × the limit | submissions a minute | × stock | memory, MB |"
    yield "|---|---|---|---|---|---|"
    for title, figures in middle.items():
        memory = f"{figures.memory / 1e6:,.0f}" if figures.memory else ""
        yield (
            f"| {title} | {figures.cpu:.3f} | {figures.cpu / limit.cpu:.2f} | {figures.rate:,.0f} | "
            f"{figures.rate / stock.rate:.1f} | {memory} |"
        )


def _row(figures: Figures) -> tuple[float, float, int]:
    return figures.cpu, figures.rate, figures.memory


def main() -> None:
    """Measure everything, and write it down."""
    let_nbgrader_find_alembic()
    lines = [f"# {__doc__.splitlines()[0]}", "", "Written by `benchmarks/grading.py`.", ""]
    lines += [" ".join(__doc__.split("\n\n")[2].split()), ""]
    for name in LESSONS:
        for demos in (False, True):
            with tempfile.TemporaryDirectory(prefix="autograder-benchmark-") as root:
                bench, runs = Bench(Path(root), name, demos=demos), defaultdict(list)
                for _ in range(RUNS[demos]):
                    for title, figures in bench.measure():
                        runs[title].append(figures)
                        print(name, demos, title, figures, flush=True)
            what = "with its demonstrations run" if demos else "as it is graded, without demonstrations"
            sizes = f"Classes of {bench.few} and {bench.many}; {STOCK_CLASS} for stock nbgrader."
            lines += [f"## {name}, {what}", "", sizes, "", *table(runs), ""]
    (PLACE / "grading.md").write_text("\n".join(lines))


if __name__ == "__main__":
    main()
