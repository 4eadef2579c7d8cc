"""Right answers to lesson 10 in other styles, and mutants of the references that are right as well."""

from statistics import median

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from autograder.authoring import equivalent, variant

# --- project_start ------------------------------------------------------------------------------------


@variant("project_start")
def start_by_matrix_product(n, noise, rng):
    X = rng.standard_normal((n, 2))
    y = X @ np.array([2.0, 3.0]) + noise * rng.standard_normal(n)
    return [X, y, rng.standard_normal(2)]


@variant("project_start")
def start_with_scale(n, noise, rng):
    X = rng.normal(0.0, 1.0, (n, 2))
    errors = rng.normal(0.0, noise, n)
    weights = rng.normal(0.0, 1.0, 2)
    return X, np.array([2 * a + 3 * b + e for (a, b), e in zip(X, errors, strict=True)]), list(weights)


# --- train_monitored ----------------------------------------------------------------------------------


@variant("train_monitored")
def lists_and_python_numbers(X, y, weights, lr, epochs, batch_size, rng, tamper=None, window=30, k=5.0):
    n, step = len(y), 0
    w = [float(value) for value in weights]
    history = {"weight_path": [list(w)], "losses": [], "gradient_norms": [], "flagged": []}
    for _ in range(epochs):
        history["losses"].append(sum((float(x @ np.array(w)) - t) ** 2 for x, t in zip(X, y, strict=True)) / n)
        order = list(rng.permutation(n))
        while order:
            rows, order = order[:batch_size], order[batch_size:]
            g = [sum(2 * (float(X[i] @ np.array(w)) - y[i]) * X[i, j] for i in rows) / len(rows) for j in range(len(w))]
            if tamper is not None:
                g = tamper(step, np.array(g))
            length = sum(value**2 for value in g) ** 0.5
            before = history["gradient_norms"][-window:]
            if step < window:
                history["flagged"].append(False)
            else:
                middle = median(before)
                history["flagged"].append(bool(length > middle + k * 1.4826 * median(abs(x - middle) for x in before)))
            history["gradient_norms"].append(length)
            w = [value - lr * slope for value, slope in zip(w, g, strict=True)]
            step += 1
        history["weight_path"].append(list(w))
    history["weights"] = w
    return history


@variant("train_monitored")
def arrays_laid_out_before(X, y, weights, lr, epochs, batch_size, rng, tamper=None, window=30, k=5.0):
    n, d = X.shape
    per_epoch = -(-n // batch_size)
    path, norms = np.empty((epochs + 1, d)), np.empty(epochs * per_epoch)
    w = path[0] = weights.astype(float)
    w = w.copy()
    for epoch in range(epochs):
        order = rng.permutation(n)
        for batch, rows in enumerate(np.split(order, range(batch_size, n, batch_size))):
            step = epoch * per_epoch + batch
            g = 2 * np.mean((X[rows] @ w - y[rows])[:, None] * X[rows], axis=0)
            g = g if tamper is None else tamper(step, g)
            norms[step] = np.sqrt(np.sum(g**2))
            w -= lr * g
        path[epoch + 1] = w
    losses = ((path[:-1] @ X.T - y) ** 2).mean(axis=1)
    flagged = np.zeros(len(norms), dtype=bool)
    if len(norms) > window:
        windows = np.lib.stride_tricks.sliding_window_view(norms, window)[:-1]
        middle = np.median(windows, axis=1, keepdims=True)
        spread = np.median(np.abs(windows - middle), axis=1)
        flagged[window:] = norms[window:] > middle[:, 0] + k * 1.4826 * spread
    return {
        "flagged": flagged,
        "gradient_norms": norms,
        "losses": losses,
        "weight_path": path,
        "weights": w,
        "epochs": epochs,
    }


@variant("train_monitored")
def shuffled_copies_and_a_generator(X, y, weights, lr, epochs, batch_size, rng, tamper=None, window=30, k=5.0):
    def batches():
        for _ in range(epochs):
            order = rng.permutation(len(y))
            Xs, ys = X[order], y[order]
            cut = range(0, len(y), batch_size)
            yield [(Xs[first : first + batch_size], ys[first : first + batch_size]) for first in cut]

    column, count = np.array(weights, dtype=float).reshape(-1, 1), 0
    losses, path, norms, flags = [], [column.ravel()], [], []
    for epoch in batches():
        error = X @ column - y.reshape(-1, 1)
        losses.append((error.T @ error / len(y)).item())
        for Xb, yb in epoch:
            g = (-2 / len(yb)) * (Xb.T @ (yb.reshape(-1, 1) - Xb @ column)).ravel()
            if tamper:
                g = np.asarray(tamper(count, g))
            x = float(np.linalg.norm(g, 2))
            recent = np.array(norms[len(norms) - window :]) if len(norms) >= window else None
            flags.append(
                recent is not None
                and bool(x > np.median(recent) + 1.4826 * k * np.median(abs(recent - np.median(recent))))
            )
            norms.append(x)
            column = column - lr * g.reshape(-1, 1)
            count += 1
        path.append(column.ravel())
    return {"weights": path[-1], "weight_path": path, "losses": losses, "gradient_norms": norms, "flagged": flags}


# --- project_run --------------------------------------------------------------------------------------


def _train(X, y, weights, lr, epochs, batch_size, rng, *rest):
    return arrays_laid_out_before.attempt(X, y, weights, lr, epochs, batch_size, rng, *rest)


@variant("project_run")
def many_small_steps(X, y, weights, rng):
    return _train(X, y, weights, 0.005, 100, 8, rng)


@variant("project_run")
def few_large_steps(X, y, weights, rng):
    return _train(X, y, weights, 0.4, 40, len(y), rng)


@variant("project_run")
def slow_and_patient(X, y, weights, rng):
    return _train(X, y, weights, 0.01, 1000, 200, rng)


# --- defended_train -----------------------------------------------------------------------------------


def _limit(before, k=5.0):
    middle = median(before)
    return middle + k * 1.4826 * median(abs(x - middle) for x in before)


def _own_loop(decide):
    """A loop of its own, in which `decide(g, lengths, memory)` gives the flag and what is applied."""

    def defended(X, y, weights, lr, epochs, batch_size, rng, tamper=None, window=30, k=5.0):
        w, path, losses, norms, flags, memory = weights, [weights], [], [], [], {}
        for _ in range(epochs):
            losses.append(float(np.mean((X @ w - y) ** 2)))
            order = rng.permutation(len(y))
            for first in range(0, len(y), batch_size):
                rows = order[first : first + batch_size]
                g = 2 * X[rows].T @ (X[rows] @ w - y[rows]) / len(rows)
                g = tamper(len(norms), g) if tamper else g
                norms.append(float(np.linalg.norm(g)))
                flag, applied = decide(g, norms, memory)
                flags.append(bool(flag))
                w = w - lr * applied
            path.append(w)
        return {"weights": w, "weight_path": path, "losses": losses, "gradient_norms": norms, "flagged": flags}

    return defended


def _clip(g, norms, memory):
    flag = len(norms) > 30 and norms[-1] > _limit(norms[-31:-1])
    return flag, g / norms[-1] * median(norms[-31:-1]) if flag else g


def _honest_window(g, norms, memory):
    kept = memory.setdefault("kept", [])
    flag = len(kept) >= 30 and norms[-1] > _limit(kept[-30:])
    if not flag:
        kept.append(norms[-1])
    return flag, 0 * g if flag else g


def _temporal_median(g, norms, memory):
    recent = memory.setdefault("recent", [])
    recent.append(g)
    return len(norms) > 30 and norms[-1] > _limit(norms[-31:-1]), np.median(recent[-25:], axis=0)


def _five_medians(g, norms, memory):
    flag = len(norms) > 30 and norms[-1] > 5 * median(norms[-31:-1])
    return flag, 0 * g if flag else g


@variant("defended_train")
def clips_to_the_median(*arguments):
    return _own_loop(_clip)(*arguments)


@variant("defended_train")
def window_of_honest_lengths(*arguments):
    return _own_loop(_honest_window)(*arguments)


@variant("defended_train")
def median_of_25_gradients(*arguments):
    return _own_loop(_temporal_median)(*arguments)


@variant("defended_train")
def five_medians(*arguments):
    return _own_loop(_five_medians)(*arguments)


@variant("defended_train")
def own_shuffles(X, y, weights, lr, epochs, batch_size, rng, *rest):
    """Another order of the rows is as good."""
    mixed = np.random.default_rng(rng.integers(2**32))
    return _own_loop(_honest_window)(X, y, weights, lr, epochs, batch_size, mixed, *rest)


# --- report_card --------------------------------------------------------------------------------------


@variant("report_card")
def without_pyplot(history, X, y):
    figure = Figure(figsize=(9, 3))
    for number, title in enumerate(("Loss", "Weights", "Gradient norm", "Fit"), start=1):
        axes = figure.add_subplot(1, 4, number)
        axes.set_title(title)
        axes.set_xlabel("target" if title == "Fit" else "time")
        axes.set_ylabel("value")
        if title == "Loss":
            axes.semilogy(range(1, len(history["losses"]) + 1), history["losses"], marker="o")
        elif title == "Weights":
            for j in range(np.shape(history["weight_path"])[1]):
                axes.plot(np.asarray(history["weight_path"])[:, j], label=f"weight {j}")
            axes.legend()
        elif title == "Gradient norm":
            axes.plot(range(len(history["gradient_norms"])), history["gradient_norms"], "o-")
            for step in np.flatnonzero(history["flagged"]):
                axes.axvline(step, color="red")
        else:
            axes.scatter(y, np.dot(X, history["weights"]))
            axes.plot([min(y), max(y)], [min(y), max(y)])
    return figure


@variant("report_card")
def with_extras(history, X, y):
    plt.figure()
    figure = plt.gcf()
    plt.subplot(221)
    plt.plot(history["losses"])
    plt.title("Loss")
    plt.xlabel("epoch")
    plt.ylabel("MSE")
    plt.subplot(222)
    plt.plot(history["weight_path"])
    plt.axhline(2, linestyle=":")
    plt.title("Weights", loc="left")
    plt.xlabel("epoch")
    plt.ylabel("weight")
    plt.subplot(223)
    norms = np.array(history["gradient_norms"])
    steps = np.arange(len(norms))
    plt.plot(steps, norms)
    plt.plot(steps, np.where(history["flagged"], norms, np.nan), "rx")
    plt.axhline(norms.mean(), linestyle="--")
    plt.yscale("log")
    plt.title("Gradient norm")
    plt.xlabel("step")
    plt.ylabel("norm")
    plt.subplot(224)
    order = np.argsort(y)
    plt.plot(y, X @ history["weights"], "o")
    plt.plot(y[order], y[order], "--")
    plt.title("Fit")
    plt.xlabel("target")
    plt.ylabel("predicted")
    plt.suptitle("Report")
    return figure


@variant("report_card")
def marks_by_markevery_and_a_twin(history, X, y):
    figure, (top, bottom) = plt.subplots(2, 2)
    top[0].set(title="loss", xlabel="epoch", ylabel="MSE")
    top[0].plot(history["losses"])
    top[1].set(title="weights", xlabel="epoch", ylabel="w")
    top[1].plot(history["weight_path"])
    bottom[0].set(title="gradient norm", xlabel="step", ylabel="norm")
    where = [int(i) for i in np.flatnonzero(history["flagged"])]
    bottom[0].plot(history["gradient_norms"], marker="x", markevery=where)
    bottom[0].twinx().plot(np.cumsum(history["flagged"]))
    bottom[1].set(title="fit", xlabel="target", ylabel="prediction")
    bottom[1].plot(y, X @ history["weights"], linestyle="", marker="+")
    return figure


@variant("report_card")
def marks_by_vlines(history, X, y):
    figure, axes = plt.subplots(4)
    axes[0].plot(history["losses"])
    axes[1].plot(history["weight_path"])
    axes[2].plot(history["gradient_norms"])
    axes[2].vlines(np.flatnonzero(history["flagged"]), 0, np.max(history["gradient_norms"]))
    axes[3].plot(y, X @ history["weights"], ".")
    for one, title in zip(axes, ("Loss", "Weights", "Gradient norm", "Fit"), strict=True):
        one.set(title=title, xlabel="x", ylabel="y")
    return figure


@variant("report_card")
def marks_by_bands(history, X, y):
    figure = marks_by_vlines.attempt({**history, "flagged": np.zeros(len(history["flagged"]), bool)}, X, y)
    for step in np.flatnonzero(history["flagged"]):
        figure.axes[2].axvspan(step - 0.5, step + 0.5, alpha=0.3)
    return figure


_CALL = "return train_monitored(X, y, weights, 0.1, 100, len(y), rng) -> return train_monitored(X, y, weights, "
_FLAG = "flagged[-1] = norms[-1] > middle + k * 1.4826 * mad -> flagged[-1] = norms[-1] "
_OTHER_SETTINGS = "These settings arrive as well."
_OTHER_LIMIT = (
    "Another limit, which attacks exceed and honest steps keep just as well; how to flag is the learner's choice."
)

EQUIVALENT_MUTANTS = (
    equivalent("project_run", _CALL + "0.05, 100, len(y), rng)", because=_OTHER_SETTINGS),
    equivalent("project_run", _CALL + "0.1, 101, len(y), rng)", because=_OTHER_SETTINGS),
    equivalent("project_run", _CALL + "0.1, 99, len(y), rng)", because=_OTHER_SETTINGS),
    equivalent("defended_train", _FLAG + ">= middle + k * 1.4826 * mad", because=_OTHER_LIMIT),
    equivalent("defended_train", _FLAG + "> middle + k / 1.4826 * mad", because=_OTHER_LIMIT),
    equivalent("defended_train", _FLAG + "> middle + k * 2.4825999999999997 * mad", because=_OTHER_LIMIT),
    equivalent("defended_train", _FLAG + "> middle + k * 0.7413 * mad", because=_OTHER_LIMIT),
    equivalent(
        "defended_train",
        "mad = np.median(np.abs(np.array(before) - middle)) -> mad = np.median(np.abs(np.array(before) + middle))",
        because=_OTHER_LIMIT,
    ),
)
