"""Plots: the pictures of the lessons, for notebooks that should not be about matplotlib. Imported on demand only."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

# --- lesson 00: orientation ------------------------------------------------------------------------


def table_axes(table: np.ndarray) -> None:
    """A table with its two axes drawn in, and the shape of what is left when the mean is taken along each."""
    rows, columns = table.shape
    figure, panel = plt.subplots(figsize=(6.2, 3.0), dpi=80)
    for i in range(rows):
        for j in range(columns):
            panel.add_patch(plt.Rectangle((j, i), 1, 1, facecolor="white", edgecolor="black"))
            panel.text(j + 0.5, i + 0.5, f"{table[i, j]:g}", ha="center", va="center", fontsize=12)
    down = {"arrowstyle": "-|>", "linewidth": 2, "color": "black"}
    across = {**down, "linestyle": "--"}
    panel.annotate("", (-0.35, rows), (-0.35, 0), arrowprops=down)
    panel.text(-0.55, rows / 2, f"axis 0: down the {rows} rows", rotation=90, ha="center", va="center")
    panel.annotate("", (columns, -0.3), (0, -0.3), arrowprops=across)
    panel.text(columns / 2, -0.6, f"axis 1: across the {columns} columns", ha="center", va="center")
    for j in range(columns):
        panel.annotate("", (j + 0.5, rows + 0.65), (j + 0.5, rows + 0.05), arrowprops=down)
    panel.text(columns / 2, rows + 0.9, f"axis 0 gone: shape ({columns},)", ha="center", va="center")
    for i in range(rows):
        panel.annotate("", (columns + 0.65, i + 0.5), (columns + 0.05, i + 0.5), arrowprops=across)
    panel.text(columns + 0.8, rows / 2, f"axis 1 gone:\nshape ({rows},)", ha="left", va="center")
    panel.set(xlim=(-1.2, columns + 2.2), ylim=(rows + 1.2, -0.9))
    panel.axis("off")
    figure.tight_layout()
    plt.show()


def broadcasting_square(predictions: np.ndarray, targets: np.ndarray) -> None:
    """Two flat arrays subtracted, beside a column minus a flat array: the square, with the wanted diagonal framed."""
    flat = predictions.ravel()
    pairs, square = (flat - targets)[None, :], flat[:, None] - targets
    figure, panels = plt.subplots(1, 2, figsize=(7.4, 3.3), dpi=80, layout="constrained")
    n = len(targets)
    for panel, cells, title in zip(
        panels,
        (pairs, square),
        (f"({n},) minus ({n},) is ({n},)", f"({n}, 1) minus ({n},) is ({n}, {n})"),
        strict=True,
    ):
        panel.imshow(np.abs(cells), cmap="Greys", vmin=0, vmax=1.6 * np.abs(square).max())
        for (i, j), value in np.ndenumerate(cells):
            panel.text(j, i, f"{value:g}", ha="center", va="center", fontsize=11)
            if len(cells) == 1 or i == j:
                panel.add_patch(
                    plt.Rectangle((j - 0.47, i - 0.47), 0.94, 0.94, fill=False, edgecolor="black", linewidth=2.5)
                )
        panel.set_title(title, fontsize=11)
        panel.set_xticks(range(n), [f"{target:g}" for target in targets])
        panel.set_xlabel("target (no unit)")
    panels[0].set_yticks([])
    panels[1].set_yticks(range(n), [f"{value:g}" for value in flat])
    panels[1].set_ylabel("prediction (no unit)")
    plt.show()
