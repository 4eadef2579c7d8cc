"""Plots: the pictures of the lessons. They draw numbers that are handed to them and compute none.

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
    """The level lines of `loss` over two weights, the way of each path across them, and the goal as a cross.

    `span` is (lowest w₁, highest w₁, lowest w₂, highest w₂).
    """
    figure, axes = _new(5.2, 4.2)
    w1, w2 = np.linspace(span[0], span[1], 60), np.linspace(span[2], span[3], 60)
    heights = np.array([[loss(np.array([a, b])) for a in w1] for b in w2], dtype=float)
    steps = np.linspace(np.sqrt(heights.min()), np.sqrt(heights.max()), 12)[1:] ** 2
    lines = axes.contour(w1, w2, heights, levels=steps, colors="0.6", linewidths=0.8)
    axes.clabel(lines, fontsize=7, fmt="%.3g")
    for (name, path), (line, marker, colour) in zip(paths.items(), cycle(_STYLES)):
        path = np.asarray(path, dtype=float)
        axes.plot(path[:, 0], path[:, 1], line, marker=marker, markersize=4, color=colour, label=name)
    axes.plot(goal[0], goal[1], "k+", markersize=14, markeredgewidth=2, label="the bottom")
    axes.set(xlim=span[:2], ylim=span[2:], xlabel="weight 1", ylabel="weight 2", title=title)
    axes.grid(False)
    axes.legend(loc="upper right", fontsize=8)
    return figure
