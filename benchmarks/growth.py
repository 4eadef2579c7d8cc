"""How grading grows with the class: time and memory for 50, 500 and 5,000 submissions, and judging 5,000 again.

    python benchmarks/growth.py     writes growth.md and docs/images/growth.png (some ten minutes)

The class is mixed: right work, other styles and known mistakes of lesson 01, no two alike. Each size is graded by one
command in the sandbox, with all cores, and nothing was graded before.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
from classes import ROOT, write_course, write_mixed_class
from matplotlib.ticker import LogLocator, ScalarFormatter
from measured import Cost, measure

LESSON = "01_loop_by_hand"
SIZES = (50, 500, 5000)
PLACE = Path(__file__).parent
PICTURE = ROOT / "docs" / "images" / "growth.png"
COMMAND = [sys.executable, "-P", "-m", "autograder.cli"]


def graded(root: Path, students: int) -> Cost:
    """What grading so many costs, in a course at `root`."""
    lesson = write_course(root, LESSON, demos=False)
    write_mixed_class(root, lesson, students)
    return measure([*COMMAND, "grade", LESSON], root)


def kilobytes(root: Path, pattern: str) -> float:
    """The size of all files that fit, in kB."""
    return sum(path.stat().st_size for path in root.glob(pattern)) / 1e3


def judged_again(root: Path) -> tuple[Cost, str]:
    """What `rejudge` costs there after every message has changed, and what it says."""
    mistakes = root / "solutions" / LESSON / "mistakes.py"
    mistakes.write_text(mistakes.read_text().replace('\n    """', '\n    """In other words: '))
    cost = measure([*COMMAND, "rejudge", LESSON], root)
    return cost, (root / "command.log").read_text().strip().splitlines()[-1]


def draw(costs: dict[int, Cost]) -> None:
    """CPU and wall time, and memory, against the size of the class."""
    sizes = list(costs)
    figure, (time, memory) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    time.loglog(sizes, [cost.cpu for cost in costs.values()], "o-", label="CPU, all processes")
    time.loglog(sizes, [cost.wall for cost in costs.values()], "s--", label=f"wall, {os.cpu_count()} cores")
    time.set(title="Time", xlabel="submissions", ylabel="seconds")
    memory.semilogx(sizes, [cost.own_memory / 1e6 for cost in costs.values()], "o-", label="the command")
    memory.semilogx(sizes, [cost.memory / 1e6 for cost in costs.values()], "s--", label="all processes")
    memory.set(title="Peak memory", xlabel="submissions", ylabel="MB", ylim=(0, None))
    time.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    time.yaxis.set_major_formatter(ScalarFormatter())
    for axes in (time, memory):
        axes.set_xticks(sizes, [f"{size:,}" for size in sizes], minor=False)
        axes.minorticks_off()
        axes.grid(alpha=0.3)
        axes.legend()
    figure.savefig(PICTURE, dpi=110, metadata={"Software": None})


def main() -> None:
    """Measure, write it down and draw it."""
    costs = {}
    with tempfile.TemporaryDirectory(prefix="autograder-growth-") as folder:
        for students in SIZES:
            (root := Path(folder) / str(students)).mkdir()
            costs[students] = graded(root, students)
            print(students, costs[students], flush=True)
        stored = {
            "the run's archive": kilobytes(root, "grading/*/*/run.db*"),
            "the gradebook": kilobytes(root, "gradebook.db"),
            "the graded notebooks": kilobytes(root, "autograded/*/*/*.ipynb"),
        }
        again, said = judged_again(root)
    rows = [
        f"| {students:,} | {cost.cpu:.1f} | {cost.wall:.1f} | {cost.cpu / students:.3f} | "
        f"{cost.own_cpu / students:.3f} | {60 * students / cost.wall:,.0f} | {cost.own_memory / 1e6:.0f} | {cost.memory / 1e6:.0f} |"
        for students, cost in costs.items()
    ]
    small, large = SIZES[-2:]
    lines = [
        f"# {__doc__.splitlines()[0]}",
        "",
        f"Written by `benchmarks/growth.py`: one run, lesson {LESSON}, {os.cpu_count()} cores, strict sandbox.",
        "",
        "| submissions | CPU s | wall s | CPU s each | of it the command itself | a minute | the command's memory, MB | all processes', MB |",
        "|---|---|---|---|---|---|---|---|",
        *rows,
        "",
        f"- {large:,} cost {costs[large].cpu / costs[small].cpu / (large / small):.2f} times what {large // small} times "
        f"{small} cost (CPU).",
        f"- The command's memory for {large:,} is {costs[large].own_memory / costs[small].own_memory:.2f} times that for "
        f"{small}.",
        f"- On disk, for each of {large:,}: "
        + ", ".join(f"{title} {size / large:.1f} kB" for title, size in stored.items())
        + ".",
        f"- `autograder rejudge` of {large:,} after every message was changed: {again.wall:.1f} s ({said})",
        "",
    ]
    (PLACE / "growth.md").write_text("\n".join(lines))
    draw(costs)


if __name__ == "__main__":
    main()
