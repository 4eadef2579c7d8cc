"""The limit: what grading would cost without a notebook's machinery. Forks of a warm interpreter execute the cells.

python benchmarks/limit.py LESSON_MODULE NOTEBOOK…     prints the CPU seconds of warming up and of each notebook (JSON)

No sandbox, no outputs, no verdicts but those that the check cells make themselves; figures are drawn as PNG.
"""

from __future__ import annotations

import io
import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

from autograder.authoring.sources import without_magics
from autograder.grading.forkserver import warm_up


class Drawn:
    """What `display` gives in a notebook; a figure that is shown is drawn, each time."""

    def __init__(self, *shown: Any, **_: Any) -> None:
        for figure in shown:
            self.update(figure)

    def update(self, shown: Any) -> None:
        """Show something else in its place."""
        if hasattr(shown, "savefig"):
            shown.savefig(io.BytesIO(), format="png", bbox_inches="tight")


def execute(notebook: Path) -> None:
    """Execute a notebook's code cells one after another, and draw the figures that each leaves open."""
    import IPython.display
    import matplotlib.pyplot as plt

    IPython.display.display = Drawn
    namespace = sys.modules["__main__"].__dict__  # where `check` looks for answers
    for cell in json.loads(notebook.read_text())["cells"]:
        if cell["cell_type"] == "code":
            exec(compile(without_magics("".join(cell["source"])), "cell", "exec"), namespace)
            for number in plt.get_fignums():
                Drawn(plt.figure(number))
            plt.close("all")


def cpu_of_a_fork(notebook: Path) -> float:
    """The CPU seconds of a child that executes the notebook."""
    pid = os.fork()
    if pid == 0:
        sys.stdout = io.StringIO()
        try:
            execute(notebook)
        except BaseException as error:
            print(repr(error), file=sys.stderr)
            os._exit(1)
        os._exit(0)
    _, status, used = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"{notebook} failed")
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Warm up, then execute each notebook in a fork."""
    import matplotlib

    matplotlib.use("Agg")
    warm_up(sys.argv[1])
    used = resource.getrusage(resource.RUSAGE_SELF)
    notebooks = [cpu_of_a_fork(Path(path)) for path in sys.argv[2:]]
    print(json.dumps({"warm_up": used.ru_utime + used.ru_stime, "notebooks": notebooks}))


if __name__ == "__main__":
    main()
