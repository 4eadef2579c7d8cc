"""Plots of lesson 06: class shares of a split, scaled readings, sweeps over widths, an early stop, a confusion matrix, masks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

_DPI = 72
_STYLES = (("-", "o", "#1f4e79"), ("--", "s", "#b3541e"), (":", "^", "#3a7d44"))
_HATCHES = ("", "///", "...", "xx")


def _panels(columns: int, width: float, height: float, **shared: Any) -> tuple[Figure, list[Axes]]:
    """Axes in a row; the figure shows once, as the value of its cell."""
    figure, axes = plt.subplots(1, columns, figsize=(width, height), dpi=_DPI, layout="constrained", **shared)
    plt.close(figure)
    return figure, list(np.atleast_1d(axes))


def class_counts(splits: Mapping[str, np.ndarray], parts: Sequence[str]) -> Figure:
    """A panel for each split: how many images of each class (columns) are in each part (rows), as grey cells and numbers."""
    figure, panels = _panels(len(splits), 8.4, 2.4)
    for axes, (title, counts) in zip(panels, splits.items(), strict=True):
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        axes.imshow(shares, cmap="Greys", vmin=0, vmax=0.5, aspect="auto")
        for (i, j), count in np.ndenumerate(counts):
            colour = "white" if shares[i, j] > 0.3 else "black"
            axes.text(j, i, f"{count:g}", ha="center", va="center", fontsize=8, color=colour)
        axes.set_yticks(range(len(parts)), parts)
        axes.set_xticks(range(counts.shape[1]))
        axes.set(xlabel="digit (class)", title=title)
    panels[0].set_ylabel("part (images)")
    return figure


def strips(panels: Mapping[str, tuple[Mapping[str, np.ndarray], str]]) -> Figure:
    """A panel for each title: the named values as points on parallel lines, on an axis of the given label."""
    figure, all_axes = _panels(len(panels), 8.6, 2.0)
    for axes, (title, (named, label)) in zip(all_axes, panels.items(), strict=True):
        for line, ((_, values), (_, marker, colour)) in enumerate(zip(named.items(), cycle(_STYLES))):
            axes.plot(values, np.full(len(values), -line), marker, color=colour, markersize=6, alpha=0.75)
        axes.set_yticks([-line for line in range(len(named))], list(named))
        axes.set(xlabel=label, title=title, ylim=(0.6 - len(named), 0.4))
        axes.title.set_fontsize(10)
        axes.grid(alpha=0.3)
    return figure


def over_widths(
    widths: Sequence[int], panels: Mapping[str, Mapping[str, Sequence[float]]], *, logs: Sequence[bool]
) -> Figure:
    """A panel for each y label, with one line for each name over the widths, which are evenly spaced.

    A name has one style in all panels. An axis that is not logarithmic starts at 0.
    """
    figure, all_axes = _panels(len(panels), 3.3 * len(panels), 3.1)
    styles = dict(zip(dict.fromkeys(name for named in panels.values() for name in named), cycle(_STYLES)))
    for axes, (label, named), log in zip(all_axes, panels.items(), logs, strict=True):
        for name, values in named.items():
            line, marker, colour = styles[name]
            axes.plot(range(len(widths)), values, line, marker=marker, markersize=5, color=colour, label=name)
        axes.set_xticks(range(len(widths)), [str(width) for width in widths])
        _scale(axes, log)
        axes.set(xlabel="width (hidden units)", ylabel=label)
        axes.legend(fontsize=9)
        axes.grid(alpha=0.3)
    return figure


def early_stop(train: Sequence[float], val: Sequence[float], best: int, stopped: int) -> Figure:
    """Both losses over the epochs, and validation close up, with the best epoch and the one at which training would have stopped."""
    figure, all_axes = _panels(2, 8.6, 3.1)
    named = {"train": train, "validation": val}
    for axes, log in zip(all_axes, (True, False), strict=True):
        for (name, values), (line, _, colour) in zip(named.items(), cycle(_STYLES)):
            if log or name == "validation":
                axes.plot(values, line, color=colour, label=name)
        axes.plot([best], [val[best]], "k*", markersize=13, linestyle="", label=f"best: epoch {best}")
        axes.axvline(stopped, color="black", linewidth=1, linestyle="-.", label=f"stopped: epoch {stopped}")
        _scale(axes, log)
        if not log:
            axes.set_ylim(top=1.5 * max(val[best:]))  # the first epochs are far above
        axes.set(xlabel="epoch", ylabel=f"cross-entropy (nats), {'logarithmic' if log else 'from 0'}")
        axes.grid(alpha=0.3)
    all_axes[0].legend(fontsize=9)
    return figure


def _scale(axes: Axes, log: bool) -> None:
    if log:
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=0)


def confusion(counts: np.ndarray, title: str = "") -> Figure:
    """A confusion matrix: numbers in cells; the errors in grey, the diagonal framed."""
    figure, (axes,) = _panels(1, 4.6, 4.3)
    errors = np.asarray(counts, dtype=float) * (1 - np.eye(len(counts)))
    darkest = 1.4 * max(errors.max(), 1)
    axes.imshow(errors, cmap="Greys", vmin=0, vmax=darkest)
    for (i, j), count in np.ndenumerate(counts):
        if count:
            bold, ink = "bold" if i == j else "normal", "white" if errors[i, j] > 0.6 * darkest else "black"
            axes.text(j, i, f"{count:g}", ha="center", va="center", fontsize=9, fontweight=bold, color=ink)
        if i == j:
            axes.add_patch(plt.Rectangle((j - 0.5, i - 0.5), 1, 1, fill=False, edgecolor="black", linewidth=1))
    axes.set_xticks(range(len(counts)))
    axes.set_yticks(range(len(counts)))
    axes.set(xlabel="predicted class", ylabel="true class", title=title)
    return figure


def bars(models: Mapping[str, Mapping[str, float]]) -> Figure:
    """A group of bars for each model, one bar a metric, all between 0 and 1, with their values on top."""
    figure, (axes,) = _panels(1, 6.4, 2.9)
    names = list(next(iter(models.values())))
    width = 0.8 / len(names)
    for number, name in enumerate(names):
        at = np.arange(len(models)) + (number - (len(names) - 1) / 2) * width
        heights = [metrics[name] for metrics in models.values()]
        grey = str(0.35 + 0.5 * number / max(len(names) - 1, 1))
        drawn = axes.bar(at, heights, 0.92 * width, color=grey, edgecolor="black", hatch=_HATCHES[number], label=name)
        axes.bar_label(drawn, fmt="%.2f", fontsize=8, padding=1)
    axes.set_xticks(range(len(models)), list(models))
    axes.set(ylabel="share (0 to 1)", ylim=(0, 1.15))
    axes.legend(fontsize=8, ncols=len(names), loc="upper center", bbox_to_anchor=(0.5, -0.1), frameon=False)
    return figure


def masks(panels: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> Figure:
    """A panel for each title with a predicted and a true mask: dark where both are, ○ the truth alone, × the prediction alone."""
    figure, all_axes = _panels(len(panels), 2.15 * len(panels), 3.0)
    for axes, (title, (predicted, true)) in zip(all_axes, panels.items(), strict=True):
        shade = 0.85 * (predicted & true) + 0.3 * (true & ~predicted) + 0.12 * (predicted & ~true)
        axes.imshow(shade, cmap="Greys", vmin=0, vmax=1)
        for mark, alone in (("o", true & ~predicted), ("x", predicted & ~true)):
            rows, columns = np.nonzero(alone)
            axes.plot(columns, rows, mark, color="black", markersize=5, fillstyle="none", linestyle="")
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_title(title, fontsize=9)
    key = [
        plt.Rectangle((0, 0), 1, 1, facecolor="0.15", label="in both masks"),
        *(
            Line2D([], [], marker=mark, color="black", markersize=5, fillstyle="none", linestyle="", label=label)
            for mark, label in (("o", "in the truth alone"), ("x", "in the prediction alone"))
        ),
    ]
    figure.legend(handles=key, loc="outside lower center", ncols=len(key), fontsize=9, frameon=False)
    return figure
