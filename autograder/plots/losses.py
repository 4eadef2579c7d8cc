"""Plots of lesson 02: losses beside their slopes, probabilities as bars, surprise over probability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

_DPI = 80
# Line style, colour and width: where curves lie on each other, the wider dots show on both sides of what is below.
_STYLES = (("-", "#1f4e79", 1.6), ("--", "#b3541e", 2.0), (":", "#1b5e20", 3.4))
_HATCHES = ("", "///", "...")


def _panels(count: int, width: float = 7.4, height: float = 3.1) -> tuple[Figure, list[Axes]]:
    """Panels side by side in a figure that shows once, as the value of its cell."""
    figure, grid = plt.subplots(1, count, figsize=(width, height), dpi=_DPI, layout="constrained", squeeze=False)
    plt.close(figure)
    for axes in grid[0]:
        axes.grid(alpha=0.3)
    return figure, list(grid[0])


def _draw(axes: Axes, x: np.ndarray, named: Mapping[str, Sequence[float]]) -> None:
    for (name, values), (line, colour, width) in zip(named.items(), _STYLES, strict=False):
        axes.plot(x, values, line, color=colour, linewidth=width, label=name)


def two_valleys(
    x: np.ndarray,
    first: tuple[str, Sequence[float]],
    second: tuple[str, Sequence[float]],
    data: np.ndarray,
    *,
    label: str,
) -> Figure:
    """Two losses (each a y label and its values) over the same number `x`, with the data as ticks on the floor."""
    figure, panels = _panels(2)
    for axes, (y_label, values) in zip(panels, (first, second), strict=True):
        axes.plot(x, values, color=_STYLES[0][1], linewidth=2)
        lowest = int(np.argmin(values))
        axes.plot(x[lowest], values[lowest], "o", color="black", markersize=7)
        axes.annotate(
            f"lowest at {x[lowest]:g}",
            (x[lowest], values[lowest]),
            (0.4, 0.75),
            textcoords="axes fraction",
            ha="center",
            arrowprops={"arrowstyle": "->", "shrinkB": 5},
        )
        axes.plot(data, np.zeros(len(data)), "|", color="black", markersize=16, markeredgewidth=2)
        axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
        axes.set(xlabel=label, ylabel=y_label, ylim=(-0.06 * max(values), None))
    return figure


def loss_and_slope(
    x: np.ndarray,
    losses: Mapping[str, Sequence[float]],
    slopes: Mapping[str, Sequence[float]],
    *,
    label: str,
    unit: str,
) -> Figure:
    """The losses over `x` on the left, their slopes on the right."""
    figure, (left, right) = _panels(2)
    _draw(left, x, losses)
    _draw(right, x, slopes)
    left.set(xlabel=label, ylabel=f"loss ({unit})", title="the loss")
    right.set(xlabel=label, ylabel="slope of the loss", title="its slope: what training follows")
    left.legend(fontsize=9)
    return figure


def probability_bars(named: Mapping[str, Sequence[float]], classes: Sequence[str]) -> Figure:
    """For each class a group of bars, one for each entry of `named`, told apart by hatching."""
    figure, (axes,) = _panels(1, 6.4, 3.0)
    width = 0.8 / len(named)
    for number, ((name, values), hatch, grey) in enumerate(
        zip(named.items(), _HATCHES, ("0.35", "0.7", "0.95"), strict=False)
    ):
        at = np.arange(len(classes)) + (number - (len(named) - 1) / 2) * width
        bars = axes.bar(at, values, width, label=name, color=grey, edgecolor="black", hatch=hatch)
        labels = ["<0.01" if 0 < value < 0.005 else f"{value:.2f}" for value in values]
        axes.bar_label(bars, labels, fontsize=9, padding=2)
    axes.set_xticks(range(len(classes)), classes)
    axes.set(ylabel="probability", ylim=(0, 1.12))
    axes.legend(fontsize=9)
    return figure


def surprise(p: np.ndarray, named: Mapping[str, Sequence[float]], points: Mapping[str, tuple[float, float]]) -> Figure:
    """Losses over the probability that the truth was given; each of `points` (probability, loss) is marked and named."""
    figure, (axes,) = _panels(1, 6.0, 3.2)
    _draw(axes, p, named)
    for name, (x, y) in points.items():
        axes.plot(x, y, "o", color="black", markersize=6)
        axes.annotate(name, (x, y), (9, 5), textcoords="offset points", fontsize=9)
    axes.set(xlabel="probability given to the true class", ylabel="loss (−log p in nats)", ylim=(-1.1, 5.6))
    axes.axhline(0, color="black", linewidth=0.8)
    axes.legend(fontsize=9)
    return figure
