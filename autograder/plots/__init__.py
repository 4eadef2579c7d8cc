"""Plots: the pictures that several lessons share; those of one lesson alone are in a module of its name beside this file.

They draw numbers that are handed to them and compute none.

Import it by name (`from autograder import plots`): it brings matplotlib, which `import autograder` does not.
Every picture reads in greyscale: line styles and markers tell curves apart, colours only help.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import cycle

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

_DPI = 80
_STYLES = (("-", "o", "#1f4e79"), ("--", "s", "#b3541e"), (":", "^", "#3a7d44"), ("-.", "D", "#6b4c9a"))


def _new(width: float = 6.0, height: float = 3.4) -> tuple[Figure, Axes]:
    """A figure that shows once, as the value of its cell, and not again when the cell ends."""
    figure, axes = plt.subplots(figsize=(width, height), dpi=_DPI, layout="constrained")
    plt.close(figure)
    axes.grid(alpha=0.3)
    return figure, axes


def curves(
    named: Mapping[str, Sequence[float]],
    *,
    x: str,
    y: str,
    title: str = "",
    log: bool = False,
    floor: float | None = None,
) -> Figure:
    """One line for each entry of `named`, over 0, 1, 2, …; `floor` draws a level that no curve gets below."""
    figure, axes = _new()
    for (name, values), (line, marker, colour) in zip(named.items(), cycle(_STYLES)):
        every = max(1, len(values) // 10)
        axes.plot(values, line, marker=marker, markevery=every, markersize=4, color=colour, label=name)
    if floor is not None:
        axes.axhline(floor, color="black", linewidth=0.8, linestyle=(0, (1, 3)), label="lowest possible")
    if log:
        axes.set_yscale("log")
    axes.set(xlabel=x, ylabel=y, title=title)
    if len(named) > 1 or floor is not None:
        axes.legend()
    return figure


def contour_with_paths(
    loss: Callable[[np.ndarray], float],
    paths: Mapping[str, np.ndarray],
    *,
    goal: Sequence[float],
    span: tuple[float, float, float, float],
    title: str = "",
) -> Figure:
    """The level lines of `loss` over two weights, evenly spaced; each path across them from its square; the goal a cross.

    `span` is (lowest w₁, highest w₁, lowest w₂, highest w₂).
    """
    figure, axes = _new(4.8, 3.8)
    w1, w2 = np.linspace(span[0], span[1], 60), np.linspace(span[2], span[3], 60)
    heights = np.array([[loss(np.array([a, b])) for a in w1] for b in w2], dtype=float)
    levels = MaxNLocator(12).tick_values(heights.min(), heights.max())
    lines = axes.contour(w1, w2, heights, levels=levels, colors="0.55", linewidths=0.8)
    axes.clabel(lines, fontsize=7, fmt="%g", colors="0.3")
    for (name, path), (line, marker, colour) in zip(paths.items(), cycle(_STYLES)):
        path = np.asarray(path, dtype=float)
        axes.plot(path[:, 0], path[:, 1], line, marker=marker, markersize=4, color=colour, label=name)
    starts = np.array([path[0] for path in paths.values()], dtype=float)
    axes.plot(starts[:, 0], starts[:, 1], "ks", markersize=8, label="start", linestyle="")
    axes.plot(goal[0], goal[1], "k+", markersize=14, markeredgewidth=2, linestyle="", label="the bottom")
    axes.set(xlim=span[:2], ylim=span[2:], xlabel="weight 1", ylabel="weight 2", title=title)
    axes.grid(False)
    axes.legend(loc="upper right", fontsize=8)
    return figure


# --- lesson 00: orientation ------------------------------------------------------------------------


def table_axes(table: np.ndarray) -> Figure:
    """A table with its two axes drawn in, and the shape that is left when an operation uses up one of them."""
    rows, columns = table.shape
    figure, axes = _new(6.2, 3.0)
    for (i, j), value in np.ndenumerate(table):
        axes.add_patch(plt.Rectangle((j, i), 1, 1, facecolor="white", edgecolor="black"))
        axes.text(j + 0.5, i + 0.5, f"{value:g}", ha="center", va="center", fontsize=12)
    down = {"arrowstyle": "-|>", "linewidth": 2, "color": "black"}
    across = {**down, "linestyle": "--"}
    axes.annotate("", (-0.35, rows), (-0.35, 0), arrowprops=down)
    axes.text(-0.55, rows / 2, f"axis 0: down the {rows} rows", rotation=90, ha="center", va="center")
    axes.annotate("", (columns, -0.3), (0, -0.3), arrowprops=across)
    axes.text(columns / 2, -0.6, f"axis 1: across the {columns} columns", ha="center", va="center")
    for j in range(columns):
        axes.annotate("", (j + 0.5, rows + 0.65), (j + 0.5, rows + 0.05), arrowprops=down)
    axes.text(columns / 2, rows + 0.9, f"axis 0 gone: shape ({columns},)", ha="center", va="center")
    for i in range(rows):
        axes.annotate("", (columns + 0.65, i + 0.5), (columns + 0.05, i + 0.5), arrowprops=across)
    axes.text(columns + 0.8, rows / 2, f"axis 1 gone:\nshape ({rows},)", ha="left", va="center")
    axes.set(xlim=(-1.2, columns + 2.2), ylim=(rows + 1.2, -0.9))
    axes.axis("off")
    return figure


def broadcasting_square(pairs: np.ndarray, square: np.ndarray, values: np.ndarray) -> Figure:
    """The differences of two flat arrays, beside the square of a column minus a flat one; framed is what was wanted.

    `values` are the numbers on both sides of the minus: they name the rows and columns.
    """
    n, names = len(values), [f"{value:g}" for value in values]
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.4, 3.3), dpi=_DPI, layout="constrained")
    plt.close(figure)
    for axes, cells in ((left, np.atleast_2d(pairs)), (right, square)):
        axes.imshow(np.abs(cells), cmap="Greys", vmin=0, vmax=2.2 * np.abs(square).max())
        for (i, j), difference in np.ndenumerate(cells):
            axes.text(j, i, f"{difference:g}", ha="center", va="center", fontsize=11)
            if len(cells) == 1 or i == j:
                frame = plt.Rectangle((j - 0.47, i - 0.47), 0.94, 0.94, fill=False, edgecolor="black", linewidth=2.5)
                axes.add_patch(frame)
        axes.set_xticks(range(n), names)
        axes.set_xlabel("target")
    left.set_yticks([])
    left.set_title(f"({n},) minus ({n},) is ({n},)", fontsize=11)
    right.set_yticks(range(n), names)
    right.set_ylabel("prediction")
    right.set_title(f"({n}, 1) minus ({n},) is ({n}, {n})", fontsize=11)
    return figure
