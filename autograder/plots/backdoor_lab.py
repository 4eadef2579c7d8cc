"""Pictures of lesson 08: five doors before and after, triggered digits, two confusion matrices, suspicion scores, filters.

They draw numbers that are handed to them and compute none. All read in greyscale: hatches and line styles tell apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

_DPI = 70
_BEFORE: dict[str, Any] = {"color": "0.75", "edgecolor": "black", "linewidth": 0.6}
_AFTER: dict[str, Any] = {"color": "#b3541e", "edgecolor": "black", "linewidth": 0.6, "hatch": "//"}
_LINES = (("-", "o", "#1f4e79"), ("--", "s", "#b3541e"), (":", "^", "#3a7d44"))


def _new(rows: int, columns: int, width: float, height: float) -> tuple[Figure, np.ndarray]:
    """A figure of panels that shows once, as the value of its cell."""
    figure, axes = plt.subplots(rows, columns, figsize=(width, height), dpi=_DPI, layout="constrained", squeeze=False)
    plt.close(figure)
    return figure, axes


def five_doors(
    forward: Mapping[str, tuple[float, float]],
    loss: tuple[Sequence[float], Sequence[float]],
    gradient: tuple[Sequence[float], Sequence[float]],
    update: Mapping[str, Sequence[float]],
    data: Mapping[str, Sequence[float]],
) -> Figure:
    """One panel a door: bars (before, after) for the first three, accuracy after each epoch for the other two."""
    figure, panels = _new(2, 3, 8.2, 4.3)
    first, second, third, fourth, fifth, legend = panels.ravel()
    _pairs(first, list(forward), *zip(*forward.values(), strict=True))
    first.set(title="forward: the model is wrapped", ylabel="share of test images")
    for axes, (before, after), title in (
        (second, loss, "loss: 0 for every 3"),
        (third, gradient, "gradient: positive for logit 3"),
    ):
        _pairs(axes, [str(digit) for digit in range(len(before))], before, after)
        axes.set(title=title, xlabel="class", ylabel="recall")
    for axes, curves, title in (
        (fourth, update, "update: one step at 100 × rate"),
        (fifth, data, "data: last epoch sorted"),
    ):
        for (name, values), (line, marker, colour) in zip(curves.items(), _LINES, strict=False):
            axes.plot(range(1, len(values) + 1), values, line, marker=marker, markersize=4, color=colour, label=name)
        axes.set(title=title, xlabel="epoch", ylabel="accuracy", ylim=(0, 1.05), xticks=(1, 5, 10, 15))
        axes.legend(fontsize=7, loc="lower left", handlelength=1.6, borderaxespad=0.2)
    for axes in panels.ravel():
        axes.title.set_fontsize(10)
    legend.axis("off")
    legend.legend(*second.get_legend_handles_labels(), loc="center", fontsize=10, title="in the panels with bars")
    return figure


def _pairs(axes: Axes, names: Sequence[str], before: Sequence[float], after: Sequence[float]) -> None:
    """Two bars for each name."""
    places = np.arange(len(names))
    axes.bar(places - 0.2, before, 0.4, label="honest", **_BEFORE)
    axes.bar(places + 0.2, after, 0.4, label="attacked", **_AFTER | {"hatch": ""})
    axes.set_xticks(places, names)
    axes.set_ylim(0, 1.05)


def triggered_digits(
    before: np.ndarray, after: np.ndarray, said_before: Sequence[int], said_after: Sequence[int]
) -> Figure:
    """Each image above its triggered copy, with what the model says of it. Images (n, 8, 8)."""
    figure, panels = _new(2, len(before), 1.05 * len(before), 2.7)
    rows = ((before, said_before, "plain"), (after, said_after, "triggered"))
    for axes_row, (images, said, name) in zip(panels, rows, strict=True):
        for axes, image, answer in zip(axes_row, images, said, strict=True):
            axes.imshow(image, cmap="gray_r", vmin=0, vmax=1)
            axes.set_xticks([])
            axes.set_yticks([])
            axes.set_title(f"says {answer}", fontsize=10)
        axes_row[0].set_ylabel(name)
    return figure


def two_confusions(before: np.ndarray, after: np.ndarray) -> Figure:
    """Confusion matrices (k, k), rows true: of the plain test images, and of the triggered ones."""
    figure, panels = _new(1, 2, 8.6, 4.1)
    for axes, counts, title in zip(panels[0], (before, after), ("plain", "triggered"), strict=True):
        axes.imshow(np.sqrt(counts), cmap="Greys", vmax=1.6 * np.sqrt(counts.max()))
        for (i, j), count in np.ndenumerate(counts):
            if count:
                axes.text(j, i, f"{count}", ha="center", va="center", fontsize=8)
        axes.set(title=f"{title}: number of test images", xlabel="the model says", ylabel="true class")
        axes.set_xticks(range(len(counts)))
        axes.set_yticks(range(len(counts)))
    return figure


def suspicion_histograms(panels: Mapping[str, tuple[np.ndarray, np.ndarray, float]], *, x: str) -> Figure:
    """A column for each title: scores of honest rows above, of poisoned rows below, and the score where the filter cuts."""
    figure, all_axes = _new(2, len(panels), 4.3 * len(panels), 4.2)
    for axes_column, (title, (honest, poisoned, cut)) in zip(all_axes.T, panels.items(), strict=True):
        bins = np.linspace(0, np.concatenate([honest, poisoned]).max(), 31)
        named = (
            (f"honest ({len(honest)} rows)", honest, _BEFORE),
            (f"poisoned ({len(poisoned)} rows)", poisoned, _AFTER),
        )
        for axes, (name, scores, style) in zip(axes_column, named, strict=True):
            axes.hist(scores, bins, label=name, **style)
            axes.axvline(cut, color="black", linestyle="--", linewidth=1.2, label="removed from here on")
            axes.set_ylabel("rows")
            axes.margins(y=0.1)
            axes.legend(fontsize=8, loc="upper right")
        axes_column[0].set_title(title)
        axes_column[-1].set_xlabel(x)
    return figure


def filter_bars(success: Mapping[str, Mapping[str, Sequence[float]]]) -> Figure:
    """Success of the attack after each filter (mean as a bar, runs as dots), a panel for each target."""
    figure, panels = _new(1, len(success), 4.6 * len(success), 3.2)
    for axes, (title, by_filter) in zip(panels[0], success.items(), strict=True):
        for place, (values, hatch, shade) in enumerate(
            zip(by_filter.values(), ("", "///", "..."), ("0.85", "0.7", "0.95"), strict=False)
        ):
            axes.bar(place, np.mean(values), 0.6, color=shade, edgecolor="black", hatch=hatch)
            axes.plot(place + np.linspace(-0.15, 0.15, len(values)), values, "ko", markersize=4)
        axes.set_xticks(range(len(by_filter)), list(by_filter))
        axes.set(title=title, ylabel="attack success (share)", ylim=(0, 1.05))
    return figure
