"""Execute: run a solution notebook from top to bottom and keep outputs that are the same on every run."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
from nbclient import NotebookClient

CELL_SECONDS = 120


def execute(notebook: nbformat.NotebookNode, folder: Path) -> None:
    """Run all cells of `notebook` in place, in `folder`. Raises nbclient's CellExecutionError at a cell that fails.

    What changes from run to run (execution times, the interpreter's version, a progress bar's last state) is left
    out, so that a committed notebook changes only where its contents do. BLAS runs in one thread: its sums then have one order.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ["TRAINING_LOOPS_PROGRESS"] = "off"  # outputs must not depend on what was tried before
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute()
    notebook.metadata["language_info"] = {"name": "python"}
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
