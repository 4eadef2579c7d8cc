"""Pictures of lesson 07: clipping, transfer, and the eight symptoms with the logs that they are drawn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Image
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from PIL import Image as Pixels

_DARK, _LIGHT = "#1f4e79", "#b3541e"


def clipping(losses: Mapping[str, Sequence[float]], *, top: float) -> Figure:
    """The loss of each run over its steps; one that ends early has a cross, at `top` if it is above, with what it is."""
    figure, axes = plt.subplots(figsize=(6.4, 3.4), dpi=72, layout="constrained")
    plt.close(figure)
    longest = max(map(len, losses.values()))
    for (name, values), style, colour in zip(losses.items(), ("--", "-"), (_LIGHT, _DARK), strict=True):
        inside = [min(value, top) for value in values]
        axes.plot(inside, style, color=colour, label=name)
        if len(values) < longest:
            last = len(values) - 1
            axes.plot(last, inside[-1], "x", color=colour, markersize=10, markeredgewidth=2.5)
            note = f"step {last}: the loss is {_power(values[-1])}, far above;\nstep {last + 1}: it is no finite number"
            axes.annotate(note, (last, inside[-1]), (12, 0), textcoords="offset points", va="center", fontsize=9.5)
    axes.set(yscale="log", xlabel="step", ylabel="loss (units of y²)", ylim=(1e-9, 100 * top), xlim=(-2, longest))
    axes.set_title("The same rate, with a limit on the norm and without")
    axes.legend()
    axes.grid(alpha=0.3)
    return figure


def _power(value: float) -> str:
    """2.5·10⁴⁹"""
    digits, exponent = f"{value:.1e}".split("e")
    return f"${digits} \\cdot 10^{{{int(exponent)}}}$"


def transfer(panels: Mapping[str, Mapping[str, Sequence[float]]], digits: Mapping[str, np.ndarray]) -> Figure:
    """One panel for each task: accuracy over steps, one line for each way of starting. On the left, a digit of each kind."""
    figure = plt.figure(figsize=(7.6, 3.1), dpi=72, layout="constrained")
    plt.close(figure)
    grid = figure.add_gridspec(len(digits), 1 + len(panels), width_ratios=[0.7, *[2] * len(panels)])
    for row, (title, image) in enumerate(digits.items()):
        axes = figure.add_subplot(grid[row, 0])
        axes.imshow(image, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        axes.set(xticks=[], yticks=[])
        axes.set_title(title, fontsize=9.5)
    for column, (title, curves) in enumerate(panels.items(), start=1):
        axes = figure.add_subplot(grid[:, column])
        for (name, values), style, colour in zip(curves.items(), ("-", "--"), (_DARK, _LIGHT), strict=True):
            axes.plot(values, style, color=colour, label=name)
        axes.set(title=title, xlabel="steps on the 20 labelled images", ylim=(-0.03, 1.03))
        axes.grid(alpha=0.3)
        axes.legend(loc="center right")
        if column == 1:
            axes.set_ylabel("accuracy on the rest\n(share, mean of 5 runs)")
    return figure


def symptoms(logs: Mapping[str, Mapping[str, Any]]) -> Image:
    """One panel for each log, in its own kind of picture; as a PNG of few colours, which is a quarter of the size."""
    figure, rows = plt.subplots(4, 2, figsize=(9.4, 11.2), dpi=72, layout="constrained")
    plt.close(figure)
    for axes, (letter, log) in zip(rows.flat, logs.items(), strict=True):
        axes.set_title(f"{letter}: {log['title']}", fontsize=11.5, loc="left")
        axes.set_xlabel(log["x"], fontsize=10.5)
        axes.set_ylabel(log["y"], fontsize=10.5)
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        _PANELS[log["kind"]](axes, log)
    return _few_colours(figure)


def _few_colours(figure: Figure) -> Image:
    drawn, small = BytesIO(), BytesIO()
    figure.savefig(drawn, format="png")
    Pixels.open(drawn).convert("RGB").quantize(32).save(small, format="png", optimize=True)
    return Image(small.getvalue())


def _loss_and_gradient(axes: Axes, log: Mapping[str, Any]) -> None:
    """Two lines with two scales, which have two units."""
    other = axes.twinx()
    (loss,) = axes.plot(log["loss"], "-", color=_DARK, label="loss (left)")
    (norm,) = other.plot(log["norm"], "--", color=_LIGHT, label="gradient (right)")
    axes.set_ylim(0, 1.5 * max(log["loss"]))
    other.set_ylim(-0.4, 12)
    other.set_ylabel(log["right"], fontsize=10.5)
    axes.legend(handles=[loss, norm], fontsize=10, loc="center", bbox_to_anchor=(0.5, 0.27), ncols=2)


def _line(axes: Axes, log: Mapping[str, Any]) -> None:
    axes.plot(log.get("at", range(len(log["values"]))), log["values"], "o-", color=_DARK, markersize=3.5)
    if log.get("log"):
        axes.set_yscale("log")
    if "span" in log:
        axes.set_ylim(*log["span"])
    if "zero" in log:
        axes.axhline(0, color="black", linewidth=0.8)
    for edge in log.get("edges", ()):
        axes.axvline(edge, color="black", linewidth=0.8, linestyle=":")


def _scatter(axes: Axes, log: Mapping[str, Any]) -> None:
    axes.plot(log["at"], log["values"], "o", color=_DARK, markersize=3.5)
    axes.plot(log["span"], log["span"], "k:", linewidth=0.8)
    axes.text(log["span"][0], 0.75 * log["span"][1], "dotted: perfect predictions", fontsize=10)


_PANELS = {"loss and gradient": _loss_and_gradient, "line": _line, "scatter": _scatter}

# What the printed programs did, as claims.py beside the instructor's notebook measures it.
# fmt: off
LOGS: dict[str, dict[str, Any]] = {
    "A": {
        "kind": "line",
        "title": "one model, not trained; 50 samples",
        "x": "batch size (samples)",
        "y": "loss (units of y²)",
        "at": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 16, 20, 24, 25, 30, 32, 40, 48, 50],
        "values": [5.846, 5.846, 5.97, 6.091, 5.846, 6.317, 5.28, 6.528, 5.805, 5.846, 6.907, 5.754, 7.239, 5.681, 7.792, 5.846, 5.724, 5.655, 5.475, 8.898, 5.846],
    },
    "B": {
        "kind": "loss and gradient",
        "title": "training",
        "x": "step",
        "y": "loss (units of y²)",
        "right": "gradient norm (y²/weight)",
        "loss": [12.62, 12.62, 12.62, 12.62, 12.62, 12.62, 12.62, 12.62, 12.62, 12.62, 12.62, 12.62, 12.62, 12.62, 12.62, 12.62, 12.62, 12.62, 12.62, 12.62],
        "norm": [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    },
    "C": {
        "kind": "scatter",
        "title": "after training",
        "x": "target (units of y)",
        "y": "prediction (units of y)",
        "at": [0.4388, -2.483, 3.426, 2.747, -1.118, 2.024, 0.9094, -5.207, 0.3969, -0.4554, 0.1464, -1.892, -0.6565, -0.4247, 2.31, 0.7017, -0.489, 2.987, -1.367, -0.5135, -3.865, 3.311, 2.386, 1.74, 1.157, 0.2777, 0.4304, -0.8021, -0.2689, 0.7133],
        "values": [0.2188, 0.2188, 0.2188, 0.2188, 0.2188, 0.2188, 0.2188, 0.2188, 0.2188, 0.2188, 0.2188, 0.2188, 0.2188, 0.2188, 0.2188, 0.2188, 0.2188, 0.2188, 0.2188, 0.2188, 0.2188, 0.2188, 0.2188, 0.2188, 0.2188, 0.2188, 0.2188, 0.2188, 0.2188, 0.2188],
        "span": [-5.5, 5.5],
    },
    "D": {
        "kind": "line",
        "title": "training; rate: 0.6 of the stable limit",
        "x": "step",
        "y": "loss (units of y²)",
        "values": [15.05, 21.28, 35.74, 65.7, 125.6, 243.9, 476.3, 932.2, 1826.0, 3579.0, 7014.0, 13750.0, 26940.0, 52810.0, 103500.0, 202900.0, 397600.0, 779400.0, 1528000.0, 2994000.0],
        "log": True,
    },
    "E": {
        "kind": "line",
        "title": "one model, not trained; same batches",
        "x": "validation number",
        "y": "accuracy (share)",
        "at": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
        "values": [0.885, 0.905, 0.855, 0.915, 0.875, 0.915, 0.905, 0.91, 0.915, 0.9, 0.9, 0.895],
        "span": [0.8, 1.0],
    },
    "F": {
        "kind": "loss and gradient",
        "title": "training",
        "x": "step",
        "y": "loss (units of y²)",
        "right": "gradient norm (y²/weight)",
        "loss": [10.88, 10.88, 10.88, 10.88, 10.88, 10.88, 10.88, 10.88, 10.88, 10.88, 10.88, 10.88, 10.88, 10.88, 10.88, 10.88, 10.88, 10.88, 10.88, 10.88],
        "norm": [5.969, 5.969, 5.969, 5.969, 5.969, 5.969, 5.969, 5.969, 5.969, 5.969, 5.969, 5.969, 5.969, 5.969, 5.969, 5.969, 5.969, 5.969, 5.969, 5.969],
    },
    "G": {
        "kind": "line",
        "title": "14 batches in groups of 4; dotted: epochs",
        "x": "step",
        "y": "gradient norm (y²/weight)",
        "values": [5.041, 4.435, 4.497, 7.177, 4.404, 4.465, 7.127, 4.373, 4.434, 7.076, 4.342, 4.403],
        "edges": [2.5, 5.5, 8.5],
        "span": [0.0, 8.5],
    },
    "H": {
        "kind": "line",
        "title": "training",
        "x": "step",
        "y": "loss (nats)",
        "values": [-0.3333, -0.5105, -0.6701, -0.7636, -0.8171, -0.8503, -0.8727, -0.8887, -0.9007, -0.91, -0.9174, -0.9235, -0.9286, -0.9329, -0.9366, -0.9399, -0.9427, -0.9452, -0.9475, -0.9495],
        "at": [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38],
        "span": [-1.05, 0.15],
        "zero": True,
    },
}
