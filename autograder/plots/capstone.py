"""Pictures of lesson 10: gradient lengths with flags, and how far attacked runs get from where they should be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle

import numpy as np
from matplotlib.figure import Figure

from autograder.plots import _STYLES, _new


def lengths_with_flags(
    lengths: Sequence[float], flagged: Sequence[bool], attacked: Sequence[bool], *, warm_up: int, title: str = ""
) -> Figure:
    """The length of the gradient at each step on a logarithmic axis; crosses at flags, grey bands where an attack is on."""
    figure, axes = _new(7.0, 3.2)
    steps = np.arange(len(lengths))
    on = np.flatnonzero(np.diff(np.r_[False, np.asarray(attacked, dtype=bool), False].astype(int)))
    for number, (first, after) in enumerate(zip(on[::2], on[1::2], strict=True)):
        axes.axvspan(first - 0.5, after - 0.5, color="0.8", label="attack" if number == 0 else None)
    axes.plot(steps, lengths, "-", color="0.35", linewidth=0.9, label="gradient")
    marked = np.flatnonzero(flagged)
    axes.plot(marked, np.asarray(lengths, dtype=float)[marked], "kx", markersize=6, label="flagged")
    axes.axvline(warm_up, color="black", linewidth=0.8, linestyle=":", label="end of the warm-up")
    axes.set_yscale("log")
    axes.set(xlabel="step", ylabel="length of the gradient\n(loss per unit of weight)", title=title)
    axes.legend(fontsize=8, ncols=2)
    return figure


def distances(named: Mapping[str, Sequence[float]], *, limit: float, first_epoch: int, title: str = "") -> Figure:
    """The distance to the goal after each epoch on a logarithmic axis; the limit, from the epoch where it holds."""
    figure, axes = _new(6.4, 3.4)
    for (name, values), (line, marker, colour) in zip(named.items(), cycle(_STYLES)):
        axes.plot(values, line, marker=marker, markevery=4, markersize=4, color=colour, label=name)
    last = max(map(len, named.values())) - 1
    axes.plot([first_epoch, last], [limit, limit], "k-", linewidth=2, label="the limit")
    axes.set_yscale("log")
    axes.set(xlabel="epoch", ylabel="distance to least squares\n(in units of weight)", title=title)
    axes.legend(fontsize=8)
    return figure
