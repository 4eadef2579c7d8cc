"""Pictures of lesson 09: norms with flags, ROC curves, two manipulations, attack × defence, losses of good and bad rows.

They draw numbers that are handed to them and compute none. All read in greyscale: marks, line styles and numbers tell apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from autograder.plots import _STYLES

_DPI = 66


def _new(rows: int, columns: int, width: float, height: float, dpi: int = _DPI) -> tuple[Figure, np.ndarray]:
    """A figure of panels that shows once, as the value of its cell."""
    figure, axes = plt.subplots(rows, columns, figsize=(width, height), dpi=dpi, layout="constrained", squeeze=False)
    plt.close(figure)
    return figure, axes


def norms_with_flags(runs: Mapping[str, tuple[np.ndarray, np.ndarray, np.ndarray]], *, warm_up: int) -> Figure:
    """For each title: the norm at each step, which steps were attacked (ticks below), which are flagged (crosses)."""
    figure, panels = _new(2, 2, 7.2, 4.2, dpi=60)
    low, high = (choose([choose(norms) for norms, _, _ in runs.values()]) for choose in (min, max))
    for axes, (title, (norms, attacked, flagged)) in zip(panels.ravel(), runs.items(), strict=False):
        steps = np.arange(len(norms))
        axes.plot(steps, norms, color="0.5", linewidth=0.6)
        axes.plot(steps[flagged], norms[flagged], "kx", markersize=5, label="flagged")
        axes.plot(steps[attacked], np.full(attacked.sum(), low / 2), "k|", markersize=7, label="attacked")
        axes.axvline(warm_up, color="black", linewidth=0.8, linestyle=":", label="end of the warm-up")
        axes.set_yscale("log")
        axes.set_yticks([0.1, 1, 10], ["0.1", "1", "10"])
        axes.set_title(title, fontsize=10)
        axes.set(xlabel="step", ylabel="gradient norm", ylim=(low / 3, 1.5 * high))
        axes.label_outer()
    figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=3, fontsize=8)
    return figure


def roc_curves(
    panels: Mapping[str, Mapping[str, tuple[np.ndarray, np.ndarray]]], areas: Mapping[str, Mapping[str, float]]
) -> Figure:
    """For each attack: a curve (FPR, TPR) for each detector, with its area in the legend; dotted what guessing gives."""
    figure, all_axes = _new(2, 2, 6.2, 5.7, dpi=60)
    for axes, (title, curves) in zip(all_axes.ravel(), panels.items(), strict=True):
        for (name, (fpr, tpr)), (line, marker, colour) in zip(curves.items(), cycle(_STYLES)):
            every = max(1, len(fpr) // 6)
            label = f"{name}: {areas[title][name]:.2f}"
            axes.plot(fpr, tpr, line, marker=marker, markevery=every, markersize=4, color=colour, label=label)
        axes.plot([0, 1], [0, 1], ":", color="black", linewidth=0.8)
        axes.set(
            title=title,
            xlabel="false positive rate",
            ylabel="true positive rate",
            aspect="equal",
            xticks=(0, 0.5, 1),
            yticks=(0, 0.5, 1),
        )
        axes.title.set_fontsize(10)
        axes.legend(fontsize=8, loc="lower right", handlelength=1.8, borderaxespad=0.2)
        axes.label_outer()
    return figure


def two_manipulations(recalls: Mapping[str, Sequence[float]], accuracies: Mapping[str, Sequence[float]]) -> Figure:
    """Recall of each class, bars for each name; beside it the accuracy after each epoch, a line for each name."""
    figure, panels = _new(1, 2, 8.2, 2.9)
    left, right = panels[0]
    looks = ({"color": "0.8"}, {"color": "#b3541e", "hatch": "//"})
    for number, ((name, values), look) in enumerate(zip(recalls.items(), looks, strict=False)):
        places = np.arange(len(values)) + 0.4 * number - 0.2
        left.bar(places, values, 0.4, label=name, edgecolor="black", linewidth=0.6, **look)
    left.set_xticks(range(10))
    left.set(title="the losses of the 3s are 0", xlabel="class", ylabel="recall", ylim=(0, 1.32), yticks=(0, 0.5, 1))
    left.legend(fontsize=8, ncols=2, loc="upper center")
    for (name, values), (line, marker, colour) in zip(accuracies.items(), cycle(_STYLES)):
        right.plot(range(1, len(values) + 1), values, line, marker=marker, markersize=4, color=colour, label=name)
    right.set(
        title="one step at 300 times the learning rate",
        xlabel="epoch",
        ylabel="accuracy",
        ylim=(0, 1.05),
        xticks=(1, 5, 10, 15, 20),
    )
    right.legend(fontsize=8, loc="lower left")
    return figure


def heat_map(attacks: Sequence[str], defences: Sequence[str], accuracy: np.ndarray) -> Figure:
    """Accuracy (attacks, defences) as numbers on grey: the darker, the worse."""
    figure, panels = _new(1, 1, 6.4, 3.6)
    axes = panels[0, 0]
    axes.imshow(1 - accuracy, cmap="Greys", vmin=0, vmax=1, aspect="auto")
    for (i, j), value in np.ndenumerate(accuracy):
        colour = "white" if value < 0.45 else "black"
        axes.text(j, i, f"{value:.2f}", ha="center", va="center", fontsize=11, color=colour)
    axes.set_xticks(range(len(defences)), defences)
    axes.set_yticks(range(len(attacks)), attacks)
    axes.set(xlabel="how the server combines the gradients", ylabel="what the workers send")
    axes.set_title("share of 500 test images that are right", fontsize=10)
    return figure


def loss_histograms(panels: Mapping[str, tuple[np.ndarray, np.ndarray, float]]) -> Figure:
    """For each title: losses of good rows, of bad rows, and the loss above which rows are dropped."""
    figure, all_axes = _new(1, len(panels), 4.3 * len(panels), 2.9)
    for axes, (title, (good, bad, cut)) in zip(all_axes[0], panels.items(), strict=True):
        bins = np.linspace(0, max(good.max(), bad.max()), 31)
        axes.hist(good, bins, color="0.75", edgecolor="black", linewidth=0.5, label=f"good rows ({len(good)})")
        axes.hist(
            bad, bins, histtype="step", color="#b3541e", hatch="//", linewidth=1.6, label=f"bad rows ({len(bad)})"
        )
        axes.axvline(cut, color="black", linestyle="--", linewidth=1.2, label="dropped from here on")
        axes.set_yscale("symlog", linthresh=1)
        axes.set(
            title=title,
            xlabel="loss when the filter looks",
            ylabel="rows (logarithmic above 1)",
            ylim=(0, 3e4),
        )
        axes.title.set_fontsize(10)
        axes.legend(fontsize=8, loc="upper right")
    return figure
