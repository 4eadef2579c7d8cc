"""Pictures of lesson 03: a graph with its gradients, the gradient check, gradients through depth, hidden units at work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.text import Text

from autograder.plots import _DPI, _STYLES, _new


def graph(root: Any, *, title: str = "") -> Figure:
    """The graph below `root`, drawn from its nodes: a box a node (name, value, gradient), an arrow from each parent.

    Nodes have `name`, `value`, `grad`, `parents` and `local_gradients`; an arrow carries its local gradient. The
    root's box has a thick border, those of leaves are grey.
    """
    columns = _columns(root)
    widest = max(len(column) for column in columns)
    figure, axes = plt.subplots(figsize=(1.9 * len(columns) + 0.3, 1.35 * widest + 0.6), dpi=_DPI, layout="constrained")
    plt.close(figure)
    boxes = {
        node: _box(axes, (float(x), (len(column) - 1) / 2 - row), node, thick=node is root)
        for x, column in enumerate(columns)
        for row, node in enumerate(column)
    }
    for node in boxes:
        for number, (parent, local) in enumerate(zip(node.parents, node.local_gradients, strict=True)):
            again = node.parents.index(parent) != number
            _arrow(axes, boxes[parent], boxes[node], f"{local:.3g}", below=again)
    half = (widest - 1) / 2 + 0.65
    axes.set(xlim=(-0.5, len(columns) - 0.5), ylim=(-half, half), title=title)
    axes.axis("off")
    return figure


def _box(axes: Axes, place: tuple[float, float], node: Any, *, thick: bool) -> Text:
    look = {
        "boxstyle": "round,pad=0.3",
        "facecolor": "white" if node.parents else "0.88",
        "edgecolor": "black",
        "linewidth": 2.5 if thick else 1.0,
    }
    text = f"{node.name}\nvalue {node.value:.4g}\ngrad {node.grad:.4g}"
    return axes.text(*place, text, ha="center", va="center", fontsize=9, bbox=look)


def _arrow(axes: Axes, start: Text, end: Text, label: str, *, below: bool) -> None:
    """A labelled arrow: straight to the next column, bent below for a second one there, bent above past a column."""
    (x0, y0), (x1, y1) = start.get_position(), end.get_position()
    bend = 0.35 if below else -0.3 if x1 - x0 > 1.5 else 0.0
    arrow = {
        "arrowstyle": "-|>",
        "patchA": start.get_bbox_patch(),
        "patchB": end.get_bbox_patch(),
        "color": "0.25",
        "connectionstyle": f"arc3,rad={bend}",
    }
    # above the boxes: drawn after them, when it is known where their borders are
    axes.annotate("", (x1, y1), (x0, y0), arrowprops=arrow, zorder=4)
    x = (x0 + x1) / 2 + bend / 2 * (y1 - y0) / _COLUMN_OVER_ROW
    y = (y0 + y1) / 2 - bend / 2 * (x1 - x0) * _COLUMN_OVER_ROW
    look = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
    axes.text(x, y, label, fontsize=9, ha="center", va="center", bbox=look, zorder=5)


_COLUMN_OVER_ROW = 1.5  # columns stand this much further apart than rows; an arc's middle lies bend / 2 beside the line


def _columns(root: Any) -> list[list[Any]]:
    """The nodes below `root` in columns: each stands right of its parents, a leaf just left of the first it feeds."""
    nodes = [root]
    for node in nodes:
        nodes += [parent for parent in dict.fromkeys(node.parents) if parent not in nodes]
    column = dict.fromkeys(nodes, 0)
    for _ in nodes:
        for node in nodes:
            column[node] = max((column[parent] + 1 for parent in node.parents), default=0)
    for leaf in (node for node in nodes if not node.parents and node is not root):
        column[leaf] = min(column[node] for node in nodes if leaf in node.parents) - 1
    return [[node for node in nodes if column[node] == number] for number in range(max(column.values()) + 1)]


def errors_against_eps(eps: Sequence[float], named: Mapping[str, Sequence[float]], *, title: str = "") -> Figure:
    """Relative errors of gradient checks over the step they were made with, both logarithmic."""
    figure, axes = _new(6.4, 3.8)
    for (name, errors), (line, marker, colour) in zip(named.items(), cycle(_STYLES)):
        axes.loglog(eps, errors, line, marker=marker, markersize=4, color=colour, label=name)
    axes.set(xlabel="step eps (units of a weight)", ylabel="relative error (no unit)", title=title)
    axes.legend(fontsize=8)
    return figure


def norms_per_layer(named: Mapping[str, Sequence[float]], *, title: str = "") -> Figure:
    """Gradient norms, first layer left, one line for each entry of `named`."""
    figure, axes = _new(6.4, 3.6)
    for (name, norms), (line, marker, colour) in zip(named.items(), cycle(_STYLES)):
        axes.semilogy(range(1, len(norms) + 1), norms, line, marker=marker, markersize=4, color=colour, label=name)
    axes.set(xlabel="layer (1 is next to the input)", ylabel="gradient norm (units of loss / weight)", title=title)
    axes.legend(fontsize=8)
    return figure


def heat_maps(
    tables: Mapping[str, np.ndarray],
    *,
    rows: Sequence[str],
    columns: Sequence[int],
    x: str,
    meaning: str,
    limit: float,
) -> Figure:
    """One table of numbers for each entry, as fields with the number in each; colours stop at ± `limit`, white is 0."""
    figure, panels = plt.subplots(
        1, len(tables), figsize=(3.1 * len(tables), 2.9), dpi=70, sharey=True, layout="constrained"
    )
    plt.close(figure)
    for axes, (title, table) in zip(panels, tables.items(), strict=True):
        image = axes.imshow(table, cmap="RdBu_r", norm=TwoSlopeNorm(0, -limit, limit), aspect="auto")
        for (i, j), value in np.ndenumerate(table):
            dark = abs(value) > 0.6 * limit
            axes.text(
                j, i, f"{value:.0f}".replace("-0", "0"), ha="center", va="center", color="white" if dark else "black"
            )
        axes.set_xticks(range(len(columns)), columns)
        axes.set_yticks(range(len(rows)), rows)
        axes.set(xlabel=x, title=title)
    panels[0].set_ylabel("weights drawn as")
    figure.colorbar(image, ax=panels, label=meaning, extend="both")
    return figure


def unit_paths(named: Mapping[str, np.ndarray], *, y: str) -> Figure:
    """For each entry a panel with one line for each hidden unit, over the steps: arrays are (steps, units)."""
    figure, panels = plt.subplots(1, len(named), figsize=(3.0 * len(named), 2.9), dpi=70, layout="constrained")
    plt.close(figure)
    for axes, (title, paths) in zip(panels, named.items(), strict=True):
        looks = zip(np.transpose(paths), cycle(_STYLES), cycle("o^sDvx"))
        for unit, (path, (line, _, colour), marker) in enumerate(looks, 1):
            every = (4 * unit, max(1, len(path) // 5))  # markers of equal lines stand side by side
            axes.plot(path, line, marker=marker, markevery=every, markersize=4, color=colour, label=f"unit {unit}")
        axes.set(xlabel="step", title=title)
        axes.grid(alpha=0.3)
    panels[0].set_ylabel(y)
    figure.legend(*panels[-1].get_legend_handles_labels(), loc="outside lower center", ncols=6, fontsize=8)
    return figure
