"""Pictures of lesson 04: paths over a landscape, flat, in 3-D, moving, and under sliders; Newton's jumps; schedules.

They draw numbers that are handed to them and compute none. All read in greyscale.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Image, display
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image as Pixels

_DPI = 80
_STYLES = (
    ("-", "o", "#1f4e79"),
    ("--", "s", "#b3541e"),
    (":", "^", "#3a7d44"),
    ("-.", "D", "#6b4c9a"),
    ((0, (6, 1, 1, 1, 1, 1)), "v", "#444444"),
)
_KEEP_COLOURS = Pixels.Quantize.MAXCOVERAGE  # the other ways spend all colours on greys
_SHARES = (0.0005, 0.004, 0.015, 0.04, 0.09, 0.17, 0.3, 0.5, 0.75)  # of the greatest height: where level lines run

Loss = Callable[[np.ndarray], float]
Span = tuple[float, float, float, float]
"""Lowest and highest weight 1, lowest and highest weight 2."""


def _new(width: float, height: float, rows: int = 1, columns: int = 1, **settings: Any) -> tuple[Figure, Any]:
    """A figure that shows once, as it is displayed, and not again when the cell ends."""
    figure, axes = plt.subplots(rows, columns, figsize=(width, height), dpi=_DPI, layout="constrained", **settings)
    plt.close(figure)
    return figure, axes


def _picture(figure: Figure) -> Image:
    """The figure as a PNG with few colours, a third as large as matplotlib's own."""
    file = io.BytesIO()
    _pixels(figure).quantize(255).save(file, "PNG", optimize=True)
    return Image(file.getvalue(), format="png")


def _pixels(figure: Figure) -> Pixels.Image:
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return Pixels.fromarray(np.asarray(canvas.buffer_rgba())[..., :3].copy())


def _grid(loss: Loss, span: Span, points: int = 70) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    w1, w2 = np.linspace(span[0], span[1], points), np.linspace(span[2], span[3], points)
    return w1, w2, np.array([[float(loss(np.array([a, b]))) for a in w1] for b in w2])


def _drawable(path: Any, span: Span) -> np.ndarray:
    """A path as an array; points that are far outside, or not finite, are left out."""
    points = np.array(path, dtype=float).reshape(len(path), -1)[:, :2]
    size = max(span[1] - span[0], span[3] - span[2])
    with np.errstate(invalid="ignore"):
        points[~(np.abs(points) < 20 * size).all(axis=1)] = np.nan
    return points


def _level_lines(axes: Axes, loss: Loss, span: Span, points: int = 70) -> None:
    w1, w2, heights = _grid(loss, span, points)
    low = heights.min()
    levels = sorted({low + share * (heights.max() - low) for share in _SHARES})
    axes.contour(w1, w2, heights, levels=levels, colors="0.6", linewidths=0.7)
    axes.set(xlim=span[:2], ylim=span[2:], xlabel="weight 1", ylabel="weight 2")


def _draw_path(axes: Axes, points: np.ndarray, style: tuple[Any, str, str], name: str, size: float = 3.5) -> None:
    line, marker, colour = style
    axes.plot(*points.T, linestyle=line, marker=marker, markersize=size, linewidth=1.1, color=colour, label=name)


def landscape(loss: Loss, paths: Mapping[str, Any], *, span: Span, goal: Sequence[float], title: str = "") -> Image:
    """Level lines over two weights, closer together near the bottom; each path from its square to the goal, a cross."""
    figure, axes = _new(7.0, 3.5)
    _level_lines(axes, loss, span)
    for (name, path), style in zip(paths.items(), cycle(_STYLES)):
        _draw_path(axes, _drawable(path, span), style, name)
    start = next(iter(paths.values()))[0]
    axes.plot(*start, "ks", markersize=8, linestyle="", label="start")
    axes.plot(*goal, "k+", markersize=14, markeredgewidth=2, linestyle="", label="the bottom")
    axes.set_title(title)
    axes.legend(loc="upper right", fontsize=8, ncols=2)
    return _picture(figure)


def surface(
    loss: Loss,
    paths: Mapping[str, Any],
    *,
    span: Span,
    title: str = "",
    view: tuple[float, float] = (32, -62),
    shape: tuple[float, float, float] = (1, 1, 0.8),
    zoom: float = 0.95,
) -> Image:
    """The same in 3-D: the loss is the height.

    `view` is the viewer's elevation and azimuth in degrees, `shape` the lengths of the three axes on the page, `zoom` their size.
    """
    figure = plt.figure(figsize=(7.0, 4.0), dpi=_DPI)
    plt.close(figure)
    axes: Any = figure.add_axes((0.06, 0.0, 0.88, 0.93), projection="3d", computed_zorder=False)
    w1, w2, heights = _grid(loss, span, 30)
    axes.plot_surface(*np.meshgrid(w1, w2), heights, cmap="Greys", alpha=0.5, linewidth=0.3, edgecolor="0.6")
    axes.set_box_aspect(shape, zoom=zoom)
    for (name, path), (line, marker, colour) in zip(paths.items(), cycle(_STYLES)):
        points = _drawable(path, span)
        inside = (points >= [span[0], span[2]]).all(axis=1) & (points <= [span[1], span[3]]).all(axis=1)
        points[~inside] = np.nan
        height = [float(loss(point)) for point in points]
        axes.plot(*points.T, height, linestyle=line, marker=marker, markersize=2.5, color=colour, label=name, zorder=5)
    axes.set(xlabel="weight 1", ylabel="weight 2", title=title)
    axes.set_zlabel("loss")
    axes.view_init(*view)
    axes.locator_params(nbins=5)
    figure.legend(loc="upper left", fontsize=8)
    return _picture(figure)


def moving(loss: Loss, paths: Mapping[str, Any], *, span: Span, frames: Sequence[int], title: str = "") -> Image:
    """All paths growing together, as an animated PNG: one picture for each number of steps in `frames`.

    It needs no JavaScript and no network; where animations are not shown, the first picture stands for them: it is the
    one with the longest paths, and is skipped in the moving ones.
    """
    figure, axes = _new(6.0, 3.3)
    _level_lines(axes, loss, span, 50)
    lines = []
    for (name, path), style in zip(paths.items(), cycle(_STYLES)):
        points = _drawable(path, span)
        _draw_path(axes, points[:1], style, name, 3)
        lines.append((axes.lines[-1], points))
    axes.legend(loc="upper right", fontsize=8, ncols=2)
    pictures: list[Pixels.Image] = []
    for steps in (max(frames), *frames):
        for drawn, points in lines:
            drawn.set_data(*points[: steps + 1].T)
        axes.set_title(f"{title}{', ' if title else ''}{steps} step{'' if steps == 1 else 's'}")
        pixels = _pixels(figure)
        # Few colours make a small file; one palette for all pictures, that of the one with everything on it.
        pictures.append(
            pixels.quantize(48, _KEEP_COLOURS)
            if not pictures
            else pixels.quantize(palette=pictures[0], dither=Pixels.Dither.NONE)
        )
    file = io.BytesIO()
    times = [200] * (len(frames) - 1) + [2500]
    still, *moved = pictures
    still.save(
        file, "PNG", save_all=True, default_image=True, append_images=moved, duration=times, loop=0, optimize=True
    )
    return Image(file.getvalue(), format="png")


def play(
    path_at: Callable[[float, float], Any],
    loss: Loss,
    *,
    span: Span,
    goal: Sequence[float],
    rates: Sequence[float],
    momenta: Sequence[float],
) -> None:
    """Show the path for each pair of a rate and a momentum; where someone is there to move them, also two sliders."""
    display(_table_of_paths(path_at, loss, span, rates, momenta))
    if _someone_is_there():
        _sliders(path_at, loss, span, goal, rates, momenta)


def _table_of_paths(
    path_at: Callable[[float, float], Any], loss: Loss, span: Span, rates: Sequence[float], momenta: Sequence[float]
) -> Image:
    figure, table = _new(7.4, 4.6, len(momenta), len(rates), sharex=True, sharey=True, squeeze=False)
    for row, momentum in zip(table, momenta, strict=True):
        for axes, rate in zip(row, rates, strict=True):
            _level_lines(axes, loss, span, 40)
            _draw_path(axes, _drawable(path_at(rate, momentum), span), _STYLES[0], "", 2)
            axes.set_title(f"rate {rate:g}, momentum {momentum:g}", fontsize=9)
            axes.label_outer()
    return _picture(figure)


def _someone_is_there() -> bool:
    """Whether a person's notebook asked for this cell (it may ask back), and not a program that runs all cells.

    A program would store the sliders' random ids in the notebook.
    """
    try:
        from IPython import get_ipython

        kernel = getattr(get_ipython(), "kernel", None)
        return bool(getattr(kernel, "_allow_stdin", False))
    except ImportError:
        return False


def _sliders(
    path_at: Callable[[float, float], Any],
    loss: Loss,
    span: Span,
    goal: Sequence[float],
    rates: Sequence[float],
    momenta: Sequence[float],
) -> None:
    try:
        import ipywidgets
    except ImportError:
        print("With the package ipywidgets (`pip install ipywidgets`) there are two sliders here.")
        return
    low, high = np.log10([min(rates) / 3, max(rates) * 1.5])
    common = {"continuous_update": False, "layout": ipywidgets.Layout(width="28em")}
    rate = ipywidgets.FloatLogSlider(rates[1], min=low, max=high, step=0.02, description="rate", **common)
    momentum = ipywidgets.FloatSlider(momenta[-1], min=0.0, max=0.99, step=0.01, description="momentum", **common)

    def draw(rate: float, momentum: float) -> None:
        name = f"rate {rate:.4f}, momentum {momentum:.2f}"
        display(landscape(loss, {name: path_at(rate, momentum)}, span=span, goal=goal))

    shown = ipywidgets.interactive_output(draw, {"rate": rate, "momentum": momentum})
    display(ipywidgets.VBox([rate, momentum, shown]))


def jumps(
    loss: Callable[[np.ndarray], Any], paths: Mapping[str, Sequence[float]], *, span: tuple[float, float]
) -> Image:
    """A curve over one weight, a panel for each path: its points on the curve, numbered, joined by arrows."""
    figure, panels = _new(7.4, 3.0, 1, len(paths), sharey=True, squeeze=False)
    w = np.linspace(*span, 200)
    for axes, (name, path), style in zip(panels[0], paths.items(), cycle(_STYLES)):
        axes.plot(w, loss(w), color="0.55")
        points = np.array([point for point in path if span[0] <= point <= span[1]], dtype=float)
        heights = np.asarray(loss(points), dtype=float)
        axes.plot(points, heights, linestyle="", marker=style[1], color=style[2])
        for number in range(len(points) - 1):
            arrow = {"arrowstyle": "-|>", "linestyle": "--", "color": style[2], "shrinkA": 3, "shrinkB": 3}
            axes.annotate(
                "", (points[number + 1], heights[number + 1]), (points[number], heights[number]), arrowprops=arrow
            )
        for number in range(min(len(points), 4)):
            axes.annotate(
                str(number), (points[number], heights[number]), (0, -14), textcoords="offset points", ha="center"
            )
        axes.set(xlabel="weight", title=name, ylim=(min(loss(w)) - 0.45, None))
        axes.grid(alpha=0.3)
    panels[0][0].set_ylabel("loss")
    return _picture(figure)


def schedules_and_runs(
    schedules: Mapping[str, Sequence[float]], distances: Mapping[str, Sequence[float]], *, runs: int
) -> Image:
    """Left: the rate of each schedule over the steps. Right: how far from the bottom the noisy descents with them are."""
    figure, (left, right) = _new(7.6, 3.3, 1, 2)
    for axes, named in ((left, schedules), (right, distances)):
        for (name, values), (line, marker, colour) in zip(named.items(), cycle(_STYLES)):
            every = max(1, len(values) // 8)
            axes.plot(values, linestyle=line, marker=marker, markevery=every, markersize=4, color=colour, label=name)
        axes.grid(alpha=0.3)
        axes.set_xlabel("step")
    left.set(ylabel="learning rate", title="Schedules")
    right.set(ylabel="distance to the bottom", title=f"Noisy descents (mean of {runs})", yscale="log")
    left.set_ylim(top=1.35 * max(max(values) for values in schedules.values()))  # room for the legend
    left.legend(fontsize=8, ncols=2, loc="upper right")
    return _picture(figure)


def heights(named: Mapping[str, Sequence[float]], *, title: str = "") -> Image:
    """The loss over the steps of several descents, on a plain axis."""
    figure, axes = _new(6.0, 3.2)
    for (name, values), (line, marker, colour) in zip(named.items(), cycle(_STYLES)):
        every = max(1, len(values) // 10)
        axes.plot(values, linestyle=line, marker=marker, markevery=every, markersize=4, color=colour, label=name)
    axes.set(xlabel="step", ylabel="loss", title=title)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    return _picture(figure)
