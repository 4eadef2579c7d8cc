"""Pictures of lesson 05: layers in both modes, a loss while it falls, noise that is learnt by heart.

They draw numbers that are handed to them and compute none. All read in greyscale.
"""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

_DPI = 80
_BLUE, _ORANGE = "#1f4e79", "#b3541e"


def _new(width: float, height: float, columns: int = 1) -> tuple[Figure, np.ndarray]:
    """A figure that shows once, as it is displayed, and not again when the cell ends."""
    figure, axes = plt.subplots(1, columns, figsize=(width, height), dpi=_DPI, layout="constrained", squeeze=False)
    plt.close(figure)
    for each in axes[0]:
        each.grid(alpha=0.3)
    return figure, axes[0]


def modes(
    dropout_training: Sequence[float], dropout_eval: float, norm_training: Sequence[float], norm_eval: Sequence[float]
) -> Figure:
    """Left: outputs of dropout for one input, pass by pass. Right: outputs of batch norm for one input, batch by batch."""
    figure, (left, right) = _new(8.0, 3.1, 2)
    left.hist(dropout_training, bins=25, color="0.75", edgecolor="0.3", label="train(): a new answer each pass")
    left.axvline(dropout_eval, ymax=0.69, color=_BLUE, linewidth=2, linestyle="--", label="eval(): always this")
    left.set(xlabel="output for one and the same input", ylabel="passes", title="Dropout")
    left.legend(fontsize=8)
    left.set_ylim(0, 1.45 * left.get_ylim()[1])
    numbers = range(1, len(norm_training) + 1)
    right.plot(numbers, norm_training, "s", color=_ORANGE, markersize=5, label="train(): depends on its batch")
    right.plot(numbers, norm_eval, "--", color=_BLUE, linewidth=2, label="eval(): always this")
    right.set(xlabel="batch that the input comes with", ylabel="output for the same input", title="Batch norm")
    low, high = right.get_ylim()
    right.set_ylim(low, high + 0.4 * (high - low))
    right.xaxis.set_major_locator(MaxNLocator(integer=True))
    right.legend(fontsize=8, loc="upper right")
    return figure


def live(
    training: Sequence[float], validation: Sequence[float], accuracy: Sequence[float], epochs: int, title: str = ""
) -> Figure:
    """Both losses and the accuracy of the epochs so far, on axes that are as long as the whole run."""
    figure, (left, right) = _new(8.0, 3.0, 2)
    left.plot(range(1, len(training) + 1), training, "-o", color=_BLUE, markersize=4, label="training")
    left.plot(range(1, len(validation) + 1), validation, "--s", color=_ORANGE, markersize=4, label="validation")
    left.set(xlabel="epoch", ylabel="mean cross-entropy", xlim=(0.5, epochs + 0.5), title=title)
    left.set_ylim(0, 1.1 * max(*training, *validation))
    left.legend()
    right.plot(range(1, len(accuracy) + 1), accuracy, "--s", color=_ORANGE, markersize=4)
    right.set(xlabel="epoch", ylabel="share of right answers", xlim=(0.5, epochs + 0.5), ylim=(0, 1))
    right.set_title("Validation accuracy")
    for axes in (left, right):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


def by_heart(training: Sequence[float], fresh: Sequence[float], answering_0: float) -> Figure:
    """The loss on the training rows and on fresh ones, and that of always answering 0, over the epochs."""
    figure, (axes,) = _new(6.0, 3.2)
    axes.plot(training, "-o", color=_BLUE, markersize=4, markevery=10, label="the training rows")
    axes.plot(fresh, "--s", color=_ORANGE, markersize=4, markevery=10, label="fresh rows")
    axes.axhline(answering_0, color="black", linewidth=1, linestyle=(0, (1, 3)), label="always answering 0, fresh rows")
    axes.set(xlabel="epoch", ylabel="loss (MSE, squared units of y)", ylim=(0, None), title="Learning noise by heart")
    axes.legend(fontsize=8)
    return figure


def places(
    cleared: Sequence[float], forgotten: Sequence[float], frictionless: Sequence[float], between: Sequence[float]
) -> Figure:
    """Losses, step by step, by where gradients are cleared; momentum 1.0 as crosses on the forgotten."""
    figure, (axes,) = _new(5.4, 2.9)
    axes.plot(between, ":", color="black", linewidth=1.6, label="cleared between backward and step")
    axes.plot(forgotten, "-", color=_ORANGE, linewidth=1.4, label="never cleared")
    axes.plot(frictionless, "x", color="black", markersize=5, markevery=12, label="cleared, momentum 1.0")
    axes.plot(cleared, "--", color=_BLUE, linewidth=1.8, label="cleared before backward")
    axes.set(xlabel="step", ylabel="loss (MSE, squared units of y)", title="Where gradients are cleared")
    axes.set_ylim(0, 1.5 * max(between))
    axes.legend(fontsize=8, ncols=2, loc="upper right")
    return figure
