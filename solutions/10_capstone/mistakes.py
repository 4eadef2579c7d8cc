"""What learners get wrong in lesson 10. A function's name is the mistake's key, its docstring is what the learner reads.

`also(known, attempt)` is another way of making a mistake that is already described.
"""

from statistics import median

import matplotlib.pyplot as plt
import numpy as np

from autograder.authoring import also, mistake

# --- project_start ------------------------------------------------------------------------------------


def _start(n, noise, rng, *, first=2, second=3, scale=True):
    X = rng.normal(size=(n, 2))
    drawn = rng.normal(size=n)
    return X, first * X[:, 0] + second * X[:, 1] + (noise * drawn if scale else drawn), rng.normal(size=2)


@mistake("project_start")
def coefficients_swapped(n, noise, rng):
    """The coefficients are the wrong way round: which column of X is x1, and which number belongs to it?"""
    return _start(n, noise, rng, first=3, second=2)


@mistake("project_start")
def noise_not_scaled(n, noise, rng):
    """Your noise always has a spread of 1. Where does `noise` come in?"""
    return _start(n, noise, rng, scale=False)


@mistake("project_start")
def forgets_noise(n, noise, rng):
    """Your y is exactly 2·x1 + 3·x2, however large `noise` is."""
    return _start(n, 0.0, rng)


def _no_noise_drawn(n, noise, rng):
    X = rng.normal(size=(n, 2))
    return X, 2 * X[:, 0] + 3 * X[:, 1], rng.normal(size=2)


forgets_noise_without_drawing = also(forgets_noise, _no_noise_drawn)


@mistake("project_start")
def y_is_column(n, noise, rng):
    """The numbers are right, but y is a column of shape (n, 1). What shape does the exercise ask for?"""
    X, y, weights = _start(n, noise, rng)
    return X, y[:, None], weights


@mistake("project_start")
def weights_are_column(n, noise, rng):
    """The numbers are right, but the weights are a column of shape (2, 1). What shape does the exercise ask for?"""
    X, y, weights = _start(n, noise, rng)
    return X, y, weights[:, None]


@mistake("project_start")
def weights_drawn_first(n, noise, rng):
    """The numbers are good ones, but the weights are drawn before the data. The order of draws is part of the exercise."""
    weights = rng.normal(size=2)
    X = rng.normal(size=(n, 2))
    return X, 2 * X[:, 0] + 3 * X[:, 1] + noise * rng.normal(size=n), weights


def _weights_before_noise(n, noise, rng):
    X, weights = rng.normal(size=(n, 2)), rng.normal(size=2)
    return X, 2 * X[:, 0] + 3 * X[:, 1] + noise * rng.normal(size=n), weights


@mistake("project_start")
def weights_drawn_before_noise(n, noise, rng):
    """The weights are drawn before the noise. The order of draws is part of the exercise: X, noise, weights."""
    return _weights_before_noise(n, noise, rng)


@mistake("project_start")
def noise_drawn_first(n, noise, rng):
    """The noise is drawn before X. The order of draws is part of the exercise: X, noise, weights."""
    drawn = rng.normal(size=n)
    X = rng.normal(size=(n, 2))
    return X, 2 * X[:, 0] + 3 * X[:, 1] + noise * drawn, rng.normal(size=2)


@mistake("project_start")
def zero_weights(n, noise, rng):
    """The data are right, but the weights are not drawn: they are always the same."""
    X = rng.normal(size=(n, 2))
    return X, 2 * X[:, 0] + 3 * X[:, 1] + noise * rng.normal(size=n), np.zeros(2)


zero_weights_after_a_draw = also(zero_weights, lambda n, noise, rng: (*_start(n, noise, rng)[:2], np.zeros(2)))


@mistake("project_start")
def uniform(n, noise, rng):
    """The data are right, but the weights are drawn from another distribution than N(0, 1)."""
    X = rng.normal(size=(n, 2))
    return X, 2 * X[:, 0] + 3 * X[:, 1] + noise * rng.normal(size=n), rng.uniform(size=2)


uniform_around_zero = also(
    uniform,
    lambda n, noise, rng: (
        (X := rng.normal(size=(n, 2))),
        2 * X[:, 0] + 3 * X[:, 1] + noise * rng.normal(size=n),
        rng.uniform(-1, 1, size=2),
    ),
)


@mistake("project_start")
def returns_true_weights(n, noise, rng):
    """You return the weights that the data are made with. Asked for are random ones, to start from."""
    X = rng.normal(size=(n, 2))
    return X, 2 * X[:, 0] + 3 * X[:, 1] + noise * rng.normal(size=n), np.array([2.0, 3.0])


returns_true_weights_after_a_draw = also(
    returns_true_weights, lambda n, noise, rng: (*_start(n, noise, rng)[:2], np.array([2.0, 3.0]))
)


@mistake("project_start", name="ignores_rng", seen_in=("the inputs after call 1", "the inputs after call 2"))
def start_ignores_rng(n, noise, rng):
    """Nothing is drawn from the generator that you were given. Where do your random numbers come from?"""
    return _start(n, noise, np.random.default_rng())


@mistake("project_start")
def returns_no_weights(n, noise, rng):
    """X and y come back without weights. Three things are asked for."""
    return _start(n, noise, rng)[:2]


returns_no_weights_undrawn = also(returns_no_weights, lambda n, noise, rng: _no_weights(n, noise, rng))


def _no_weights(n, noise, rng):
    X = rng.normal(size=(n, 2))
    return X, 2 * X[:, 0] + 3 * X[:, 1] + noise * rng.normal(size=n)


@mistake("project_start")
def noise_subtracted(n, noise, rng):
    """The noise is taken away where it should be added."""
    return _start(n, -noise, rng)


@mistake("project_start")
def one_noise_for_all_rows(n, noise, rng):
    """All rows share one random number as their noise. How many should be drawn?"""
    X = rng.normal(size=(n, 2))
    return X, 2 * X[:, 0] + 3 * X[:, 1] + noise * rng.normal(), rng.normal(size=2)


# --- train_monitored ------------------------------------------------------------------------------------


def _mse(X, y, w):
    return np.mean((X @ w - y) ** 2)


def _gradient(X, y, w):
    return 2 * X.T @ (X @ w - y) / len(y)


def _mad(values):
    return np.median(np.abs(values - np.median(values)))


def _rule(x, window, k):
    """The right flags."""
    flagged = np.zeros(len(x), dtype=bool)
    if len(x) > window:
        before = np.lib.stride_tricks.sliding_window_view(x[:-1], window)
        median = np.median(before, axis=1)
        mad = np.median(np.abs(before - median[:, None]), axis=1)
        flagged[window:] = x[window:] > median + k * 1.4826 * mad
    return flagged


def _over(values, x, k):
    values = list(map(float, values))  # many short medians: faster without arrays
    if not values:
        return False
    middle = median(values)
    return x > middle + k * 1.4826 * median(abs(value - middle) for value in values)


def _last_is_flagged(norms, window, k):
    """The right flag of the step that is running."""
    return len(norms) > window and _over(norms[-window - 1 : -1], norms[-1], k)


def _orders(rng, n, epochs):
    """The right shuffles: a fresh one for each epoch, drawn when it begins."""
    for _ in range(epochs):
        yield rng.permutation(n)


def _loop(
    *,
    orders=_orders,
    loss=_mse,
    gradient=_gradient,
    note=lambda g, raw: np.linalg.norm(g),
    apply=lambda w, g, lr: w - lr * g,
    number=lambda epoch, batch, step: step,
    rule=_rule,
    last=True,
    loss_first=True,
    finish=lambda history: history,
):
    """A right loop around one wrong part."""

    def wrong(X, y, weights, lr, epochs, batch_size, rng, tamper=None, window=30, k=5.0):
        n, w, step = len(y), weights, 0
        path, losses, norms = [weights.copy()], [], []
        for epoch, order in enumerate(orders(rng, n, epochs)):
            if loss_first:
                losses.append(loss(X, y, w))
            end = n if last or n < batch_size else n - n % batch_size
            for batch, first in enumerate(range(0, end, batch_size)):
                rows = order[first : first + batch_size]
                raw = g = gradient(X[rows], y[rows], w)
                if tamper is not None:
                    g = tamper(number(epoch, batch, step), g)
                norms.append(note(g, raw))
                w = apply(w, g, lr)
                step += 1
            if not loss_first:
                losses.append(loss(X, y, w))
            path.append(w.copy())
        norms = np.array(norms)
        flagged = rule(norms, window, k)
        return finish(
            {
                "weights": w,
                "weight_path": np.array(path),
                "losses": np.array(losses),
                "gradient_norms": norms,
                "flagged": flagged,
            }
        )

    return wrong


_right = _loop()


@mistake("train_monitored")
def loss_after_update(*arguments):
    """The weights are right; the losses are one epoch late. Which weights does `losses[0]` belong to?"""
    return _loop(loss_first=False)(*arguments)


@mistake("train_monitored")
def stale_gradient(X, y, weights, *arguments):
    """The gradients belong to older weights than the ones that you update. From which weights is each worked out?"""
    return _stale_within_epoch(X, y, weights, *arguments)


def _stale_within_epoch(X, y, weights, lr, epochs, batch_size, rng, tamper=None, window=30, k=5.0):
    """All batches of an epoch take the weights that the epoch began with."""
    w, path, losses, norms = weights, [weights], [], []
    for _ in range(epochs):
        losses.append(_mse(X, y, w))
        order, began = rng.permutation(len(y)), w
        for first in range(0, len(y), batch_size):
            rows = order[first : first + batch_size]
            g = _gradient(X[rows], y[rows], began)
            g = tamper(len(norms), g) if tamper else g
            norms.append(np.linalg.norm(g))
            w = w - lr * g
        path.append(w)
    norms = np.array(norms)
    return {
        "weights": w,
        "weight_path": path,
        "losses": losses,
        "gradient_norms": norms,
        "flagged": _rule(norms, window, k),
    }


stale_since_the_start = also(
    stale_gradient,
    lambda X, y, weights, *rest: _loop(gradient=lambda X, y, w: _gradient(X, y, weights))(X, y, weights, *rest),
)


def _one_behind(X, y, weights, *rest):
    seen = [weights]

    def gradient(X, y, w):
        seen.append(w)
        return _gradient(X, y, seen[-2])

    return _loop(gradient=gradient)(X, y, weights, *rest)


stale_by_one_step = also(stale_gradient, _one_behind)


@mistake("train_monitored")
def off_by_one_epoch(X, y, weights, lr, epochs, *rest):
    """The number of epochs is off by one. What does your `range` count?"""
    return _right(X, y, weights, lr, epochs + 1, *rest)


off_by_one_fewer = also(
    off_by_one_epoch, lambda X, y, weights, lr, epochs, *rest: _right(X, y, weights, lr, epochs - 1, *rest)
)


@mistake("train_monitored")
def returns_initial_weights(X, y, weights, *rest):
    """The path is right, but `weights` are those from before training. Which name holds the trained ones?"""
    return {**_right(X, y, weights, *rest), "weights": weights}


def _in_place(w, g, lr):
    w -= lr * g
    return w


@mistake("train_monitored", name="updates_callers_weights")
def loop_updates_callers_weights(*arguments):
    """Your function changes the weights that it was given. Which line writes into them?"""
    return _loop(apply=_in_place)(*arguments)


def _path_of_one_array(X, y, weights, *rest):
    history = _loop(apply=_in_place)(X, y, weights, *rest)
    return {**history, "weight_path": np.tile(history["weights"], (len(history["weight_path"]), 1))}


@mistake("train_monitored", name="updates_callers_weights")
def updates_callers_weights_and_path(*arguments):
    """Your function changes the weights that it was given. The rows of the path are all that same array, so all are the last
    weights. Which line writes into it?"""
    return _path_of_one_array(*arguments)


@mistake("train_monitored")
def path_of_one_array(X, y, weights, *rest):
    """All rows of the path are the last weights: what you note is one and the same array, which changes later. How do you
    note what it is *now*?"""
    return _path_of_one_array(X, y, weights.copy(), *rest)


path_of_one_array_but_the_first = also(
    path_of_one_array,
    lambda X, y, weights, *rest: (
        lambda history: {
            **history,
            "weight_path": np.vstack((weights, np.tile(history["weights"], (len(history["weight_path"]) - 1, 1)))),
        }
    )(_right(X, y, weights, *rest)),
)


@mistake("train_monitored")
def missing_factor_two(*arguments):
    """The gradients are half as long as they should be: this is the gradient of ½·MSE."""
    return _loop(gradient=lambda X, y, w: _gradient(X, y, w) / 2)(*arguments)


missing_factor_two_and_half_loss = also(
    missing_factor_two,
    _loop(gradient=lambda X, y, w: _gradient(X, y, w) / 2, loss=lambda X, y, w: _mse(X, y, w) / 2),
)


@mistake("train_monitored", seen_in=("the entry `losses` (12 epochs to the bottom)",))
def stops_early(*arguments):
    """The loop ends before all epochs are done. Is there a `return` inside it, or a condition that leaves it?"""
    return _stops_after(1)(*arguments)


def _stops_after(most):
    return lambda X, y, weights, lr, epochs, *rest: _right(X, y, weights, lr, min(epochs, most), *rest)


stops_after_0 = also(stops_early, _stops_after(0))
stops_after_2 = also(stops_early, _stops_after(2))
stops_after_3 = also(stops_early, _stops_after(3))
stops_after_4 = also(stops_early, _stops_after(4))
stops_after_5 = also(stops_early, _stops_after(5))
stops_after_6 = also(stops_early, _stops_after(6))
stops_after_7 = also(stops_early, _stops_after(7))
stops_after_8 = also(stops_early, _stops_after(8))
stops_after_9 = also(stops_early, _stops_after(9))
stops_after_10 = also(stops_early, _stops_after(10))


@mistake("train_monitored")
def sum_not_mean(*arguments):
    """The gradients grow with the size of the batch: errors are added up where the MSE takes their mean."""
    return _loop(gradient=lambda X, y, w: _gradient(X, y, w) * len(y))(*arguments)


sum_not_mean_without_two = also(sum_not_mean, _loop(gradient=lambda X, y, w: X.T @ (X @ w - y)))


@mistake("train_monitored")
def sign_flipped(*arguments):
    """The loss goes up: each step goes uphill. Look at the sign of the update and at the order of the difference."""
    return _loop(gradient=lambda X, y, w: -_gradient(X, y, w))(*arguments)


ascends = also(sign_flipped, _loop(apply=lambda w, g, lr: w + lr * g))


@mistake("train_monitored")
def divides_by_features(*arguments):
    """The gradient is divided by the number of features. What is the mean in MSE taken over?"""
    return _loop(gradient=lambda X, y, w: 2 * X.T @ (X @ w - y) / X.shape[1])(*arguments)


@mistake("train_monitored")
def divides_twice(*arguments):
    """The number of rows divides twice. Is there a mean and a division?"""
    return _loop(gradient=lambda X, y, w: _gradient(X, y, w) / len(y))(*arguments)


@mistake("train_monitored")
def divides_by_all_rows(X, y, *rest):
    """The gradient of a batch is divided by the number of *all* rows. The mean is over the rows of the batch."""
    return _loop(gradient=lambda Xb, yb, w: 2 * Xb.T @ (Xb @ w - yb) / len(y))(X, y, *rest)


def _by_batch_size(X, y, weights, lr, epochs, batch_size, *rest):
    return _loop(gradient=lambda Xb, yb, w: 2 * Xb.T @ (Xb @ w - yb) / batch_size)(
        X, y, weights, lr, epochs, batch_size, *rest
    )


@mistake("train_monitored")
def divides_short_batch_by_batch_size(*arguments):
    """The last batch of an epoch may be short, and is divided by `batch_size` all the same. How many rows does it have?"""
    return _by_batch_size(*arguments)


@mistake("train_monitored")
def ignores_learning_rate(*arguments):
    """The whole gradient is subtracted. What does `lr` do?"""
    return _loop(apply=lambda w, g, lr: w - g)(*arguments)


# the losses


@mistake("train_monitored")
def loss_half(*arguments):
    """The weights are right, but the losses are ½·MSE."""
    return _loop(loss=lambda X, y, w: _mse(X, y, w) / 2)(*arguments)


@mistake("train_monitored")
def loss_summed(*arguments):
    """The weights are right, but the losses are sums of squared errors, not means."""
    return _loop(loss=lambda X, y, w: _mse(X, y, w) * len(y))(*arguments)


@mistake("train_monitored")
def loss_root(*arguments):
    """The weights are right, but the losses are the roots of the MSE."""
    return _loop(loss=lambda X, y, w: np.sqrt(_mse(X, y, w)))(*arguments)


@mistake("train_monitored")
def loss_absolute(*arguments):
    """The weights are right, but the losses are means of absolute errors."""
    return _loop(loss=lambda X, y, w: np.mean(np.abs(X @ w - y)))(*arguments)


def _batch_losses(which):
    """The losses of batches instead of those of all data; `which` makes one number of those of an epoch."""

    def wrong(X, y, weights, lr, epochs, batch_size, *rest):
        seen = []

        def gradient(Xb, yb, w):
            seen.append(_mse(Xb, yb, w))
            return _gradient(Xb, yb, w)

        history = _loop(gradient=gradient)(X, y, weights, lr, epochs, batch_size, *rest)
        return {**history, "losses": which(np.array(seen).reshape(epochs, -1))}

    return wrong


@mistake("train_monitored")
def loss_of_batches(*arguments):
    """The weights are right, but the losses come from batches. Asked for is the MSE of *all* data, before each epoch."""
    return _batch_losses(lambda seen: seen.mean(axis=1))(*arguments)


loss_of_first_batch = also(loss_of_batches, _batch_losses(lambda seen: seen[:, 0]))
loss_of_last_batch = also(loss_of_batches, _batch_losses(lambda seen: seen[:, -1]))


@mistake("train_monitored")
def loss_of_every_batch(*arguments):
    """The weights are right, but there is a loss for each step. Asked for is one an epoch, of all data."""
    return _batch_losses(np.ravel)(*arguments)


def _one_loss_more(X, y, *rest):
    history = _right(X, y, *rest)
    return {**history, "losses": [*history["losses"], _mse(X, y, history["weights"])]}


@mistake("train_monitored")
def one_loss_too_many(*arguments):
    """There is one loss more than there are epochs: that of the last weights is not asked for."""
    return _one_loss_more(*arguments)


# the path


@mistake("train_monitored")
def path_without_start(*arguments):
    """The path is one row short: the weights at the start are missing from it."""
    return _loop(finish=lambda history: {**history, "weight_path": history["weight_path"][1:]})(*arguments)


@mistake("train_monitored")
def path_without_end(*arguments):
    """The path is one row short: the weights after the last epoch are missing from it."""
    return _loop(finish=lambda history: {**history, "weight_path": history["weight_path"][:-1]})(*arguments)


def _path_of_steps(X, y, weights, *rest):
    path = [weights]

    def apply(w, g, lr):
        path.append(w - lr * g)
        return path[-1]

    return {**_loop(apply=apply)(X, y, weights, *rest), "weight_path": np.array(path)}


@mistake("train_monitored")
def path_of_every_step(*arguments):
    """The path has a row for each step. Asked for is one at the start and one after each epoch."""
    return _path_of_steps(*arguments)


# shuffling and batches


def _one_order(rng, n, epochs):
    order = rng.permutation(n)
    for _ in range(epochs):
        yield order


@mistake("train_monitored")
def shuffles_once(*arguments):
    """Every epoch goes through the rows in the same order. When is `rng.permutation(n)` drawn?"""
    return _loop(orders=_one_order)(*arguments)


@mistake("train_monitored")
def never_shuffles(*arguments):
    """The rows are never shuffled: `rng` is not drawn from."""
    return _loop(orders=lambda rng, n, epochs: (np.arange(n) for _ in range(epochs)))(*arguments)


@mistake("train_monitored")
def draws_rows_with_replacement(*arguments):
    """Rows are drawn with replacement: some come twice in an epoch, some not at all. What does a permutation do?"""
    return _loop(orders=lambda rng, n, epochs: (rng.integers(n, size=n) for _ in range(epochs)))(*arguments)


def _compounded(rng, n, epochs):
    order = np.arange(n)
    for _ in range(epochs):
        order = order[rng.permutation(n)]
        yield order


@mistake("train_monitored")
def shuffles_the_shuffled(*arguments):
    """Each epoch shuffles the order of the one before. The exercise takes `rng.permutation(n)` itself as the order."""
    return _loop(orders=_compounded)(*arguments)


def _shuffled(rng, n, epochs):
    order = np.arange(n)
    for _ in range(epochs):
        rng.shuffle(order)
        yield order.copy()


shuffles_in_place = also(shuffles_the_shuffled, _loop(orders=_shuffled))


@mistake(
    "train_monitored",
    name="ignores_rng",
    seen_in=("the inputs after call 1", "the inputs after call 2", "the inputs after call 4"),
)
def loop_ignores_rng(X, y, weights, lr, epochs, batch_size, rng, *rest):
    """Nothing is drawn from the generator that you were given. Where does your order come from?"""
    return _right(X, y, weights, lr, epochs, batch_size, np.random.default_rng(), *rest)


@mistake("train_monitored")
def drops_last_batch(*arguments):
    """The short batch at the end of an epoch is left out. No row should be."""
    return _loop(last=False)(*arguments)


def _whole_batches_only(X, y, weights, lr, epochs, batch_size, *rest):
    """As many batches as go into the rows: none at all where a batch is larger than the data."""
    if batch_size <= len(y):
        return _loop(last=False)(X, y, weights, lr, epochs, batch_size, *rest)
    nothing = _loop(gradient=lambda X, y, w: np.zeros(len(w)))(X, y, weights, lr, epochs, batch_size, *rest)
    return {**nothing, "gradient_norms": np.array([]), "flagged": np.zeros(0, dtype=bool)}


drops_last_batch_by_whole_division = also(drops_last_batch, _whole_batches_only)


# tampering


@mistake("train_monitored")
def monitors_before_tampering(*arguments):
    """Your lengths are those of the gradient before `tamper` had it. What is applied is what should be watched."""
    return _loop(note=lambda g, raw: np.linalg.norm(raw))(*arguments)


def _without_tamper(X, y, weights, lr, epochs, batch_size, rng, tamper=None, *rest):
    return _right(X, y, weights, lr, epochs, batch_size, rng, None, *rest)


@mistake("train_monitored", name="ignores_tamper")
def loop_ignores_tamper(*arguments):
    """`tamper` is never called."""
    return _without_tamper(*arguments)


def _drops_what_tamper_returns(X, y, weights, lr, epochs, batch_size, rng, tamper=None, *rest):
    def watched(step, g):
        tamper(step, g)
        return g

    return _right(X, y, weights, lr, epochs, batch_size, rng, watched if tamper else None, *rest)


@mistake("train_monitored")
def drops_what_tamper_returns(*arguments):
    """`tamper` is called, but what it returns is not used."""
    return _drops_what_tamper_returns(*arguments)


def _applies_untampered(X, y, weights, lr, epochs, batch_size, rng, tamper=None, *rest):
    before = []

    def gradient(X, y, w):
        before.append(_gradient(X, y, w))
        return before[-1]

    loop = _loop(gradient=gradient, apply=lambda w, g, lr: w - lr * before[-1])
    return loop(X, y, weights, lr, epochs, batch_size, rng, tamper, *rest)


@mistake("train_monitored")
def applies_untampered(*arguments):
    """The lengths are of the tampered gradients, but the update uses the ones from before. `train_monitored` applies what it
    gets."""
    return _applies_untampered(*arguments)


@mistake("train_monitored", name="calls_none")
def loop_calls_none(X, y, weights, lr, epochs, batch_size, rng, tamper=None, *rest):
    """Here nobody tampers: `tamper` is None, and your loop calls it all the same. Which line should ask first?"""
    return _right(X, y, weights, lr, epochs, batch_size, rng, lambda step, g: tamper(step, g), *rest)


@mistake("train_monitored")
def step_restarts_each_epoch(*arguments):
    """The step that `tamper` is told begins at 0 again in each epoch. It should count over the whole run."""
    return _loop(number=lambda epoch, batch, step: batch)(*arguments)


@mistake("train_monitored")
def step_counts_from_one(*arguments):
    """The step that `tamper` is told is off by one: the first is step 0."""
    return _loop(number=lambda epoch, batch, step: step + 1)(*arguments)


@mistake("train_monitored")
def step_is_epoch(*arguments):
    """`tamper` is told the number of the epoch. A step is a batch."""
    return _loop(number=lambda epoch, batch, step: epoch)(*arguments)


def _skips(X, y, weights, lr, epochs, batch_size, rng, tamper=None, window=30, k=5.0):
    norms = []

    def apply(w, g, lr):
        norms.append(np.linalg.norm(g))
        return w if _last_is_flagged(norms, window, k) else w - lr * g

    return _loop(apply=apply)(X, y, weights, lr, epochs, batch_size, rng, tamper, window, k)


@mistake("train_monitored")
def skips_flagged(*arguments):
    """Flagged gradients are not applied. That is a good thought for §6; here a flag is only a note."""
    return _skips(*arguments)


# the lengths


@mistake("train_monitored")
def squared(*arguments):
    """The lengths are squared. Which function undoes a square?"""
    return _loop(note=lambda g, raw: np.sum(g**2))(*arguments)


@mistake("train_monitored")
def norm_of_absolute_values(*arguments):
    """The lengths are sums of absolute values. The length of an arrow takes squares and a root."""
    return _loop(note=lambda g, raw: np.sum(np.abs(g)))(*arguments)


@mistake("train_monitored")
def largest_entry(*arguments):
    """The lengths are the largest entries of the gradients. The length of an arrow takes all of them."""
    return _loop(note=lambda g, raw: np.max(np.abs(g)))(*arguments)


def _once_an_epoch(X, y, weights, lr, epochs, batch_size, rng, tamper=None, window=30, k=5.0):
    history = _right(X, y, weights, lr, epochs, batch_size, rng, tamper, window, k)
    norms = history["gradient_norms"].reshape(epochs, -1)[:, -1]
    return {**history, "gradient_norms": norms, "flagged": _rule(norms, window, k)}


@mistake("train_monitored")
def one_length_an_epoch(*arguments):
    """There is one length for each epoch. Asked for is one for each step."""
    return _once_an_epoch(*arguments)


# the rule


def _by(flag):
    """A rule that is applied step by step, with its warm-up."""
    return lambda x, window, k: np.array([bool(i >= window and flag(x, i, window, k)) for i in range(len(x))])


@mistake("train_monitored")
def uses_future(*arguments):
    """A flag depends on steps that come after it. A detector that runs beside the loop cannot know those."""
    centred = _by(lambda x, i, w, k: _over(x[max(0, i - w // 2) : i + w // 2], x[i], k))
    return _loop(rule=centred)(*arguments)


uses_future_centred = also(
    uses_future,
    _loop(rule=_by(lambda x, i, w, k: _over(x[max(0, i - w // 2) : i + w // 2 + 1], x[i], k))),
)
uses_future_only = also(uses_future, _loop(rule=_by(lambda x, i, w, k: _over(x[i : i + w], x[i], k))))


@mistake("train_monitored")
def uses_std(*arguments):
    """Your limit is made of mean and standard deviation. One spike in the window moves both; which two numbers does it hardly
    move?"""
    return _loop(rule=_by(lambda x, i, w, k: x[i] > np.mean(x[i - w : i]) + k * np.std(x[i - w : i])))(*arguments)


uses_std_about_the_median = also(
    uses_std, _loop(rule=_by(lambda x, i, w, k: x[i] > np.median(x[i - w : i]) + k * np.std(x[i - w : i])))
)
uses_std_with_the_factor = also(
    uses_std, _loop(rule=_by(lambda x, i, w, k: x[i] > np.median(x[i - w : i]) + k * 1.4826 * np.std(x[i - w : i])))
)


@mistake("train_monitored")
def uses_mean_deviation(*arguments):
    """Your spread is a *mean* of distances. The MAD is their median, which a spike in the window hardly moves."""
    rule = _by(
        lambda x, i, w, k: (
            x[i] > np.median(x[i - w : i]) + k * 1.4826 * np.mean(np.abs(x[i - w : i] - np.median(x[i - w : i])))
        )
    )
    return _loop(rule=rule)(*arguments)


def _short_windows(least):
    """Flags from the step `least` on, with as many lengths as there are."""
    return lambda x, window, k: np.array(
        [bool(i >= least and _over(x[max(0, i - window) : i], x[i], k)) for i in range(len(x))]
    )


@mistake("train_monitored")
def no_warm_up(*arguments):
    """Steps are flagged before there are `window` lengths to compare with. The first W steps are never flagged."""
    return _loop(rule=_short_windows(1))(*arguments)


no_warm_up_but_two = also(no_warm_up, _loop(rule=_short_windows(2)))
no_warm_up_but_three = also(no_warm_up, _loop(rule=_short_windows(3)))


@mistake("train_monitored")
def warm_up_too_long(*arguments):
    """Your warm-up is one step too long: step W has W lengths before it. Which is the first number that is not below W?"""
    return _loop(rule=_by(lambda x, i, w, k: i > w and _over(x[i - w : i], x[i], k)))(*arguments)


@mistake("train_monitored")
def absolute_threshold(*arguments):
    """Your limit does not depend on the lengths before. What is long at the end of a run is short at its beginning."""
    return _loop(rule=_by(lambda x, i, w, k: x[i] > k))(*arguments)


absolute_threshold_at_once = also(absolute_threshold, _loop(rule=lambda x, window, k: x > k))
absolute_threshold_of_one = also(absolute_threshold, _loop(rule=_by(lambda x, i, w, k: x[i] > 1.0)))
absolute_threshold_of_ten = also(absolute_threshold, _loop(rule=_by(lambda x, i, w, k: x[i] > 10.0)))


@mistake("train_monitored")
def includes_current(*arguments):
    """The window holds the step that is judged. It should hold only the W steps before it."""
    return _loop(rule=_by(lambda x, i, w, k: _over(x[i - w + 1 : i + 1], x[i], k)))(*arguments)


includes_current_as_one_more = also(
    includes_current,
    _loop(rule=_by(lambda x, i, w, k: _over(x[i - w : i + 1], x[i], k))),
    "Your limit is that of a window which holds the step that is judged besides the W before it; or your median takes the "
    "upper one of the two middle lengths instead of their mean.",
)


@mistake("train_monitored")
def global_statistics(*arguments):
    """Median and MAD are those of the whole run, also of its future. They should be those of the W steps before."""
    return _loop(rule=_by(lambda x, i, w, k: _over(x, x[i], k)))(*arguments)


global_statistics_at_once = also(global_statistics, _loop(rule=lambda x, window, k: _over(x, x, k)))


@mistake("train_monitored")
def whole_past(*arguments):
    """Median and MAD are those of *all* steps before. The window holds the last W, so that the limit follows the run."""
    return _loop(rule=_by(lambda x, i, w, k: _over(x[:i], x[i], k)))(*arguments)


@mistake("train_monitored")
def missing_1_4826(*arguments):
    """Your limit is too low: a factor is missing, the one that turns a MAD into a standard deviation."""
    rule = _by(lambda x, i, w, k: x[i] > np.median(x[i - w : i]) + k * _mad(x[i - w : i]))
    return _loop(rule=rule)(*arguments)


@mistake("train_monitored")
def frozen_window(*arguments):
    """Every step is compared with the first W lengths of the run. The window moves along."""
    return _loop(rule=_by(lambda x, i, w, k: _over(x[:w], x[i], k)))(*arguments)


@mistake("train_monitored")
def blocks_instead_of_window(*arguments):
    """Your window jumps from block to block. It should move along with the step, and hold the W lengths before it."""
    return _loop(rule=_by(lambda x, i, w, k: _over(x[i // w * w - w : i // w * w], x[i], k)))(*arguments)


def _shift(flagged, by):
    return np.concatenate((np.zeros(1, bool), flagged[:-1])) if by > 0 else np.append(flagged[1:], False)


@mistake("train_monitored")
def shifted_by_one(*arguments):
    """Your flags stand one step beside the spikes. Which length belongs to flag i, and which window?"""
    return _loop(rule=lambda x, window, k: _shift(_rule(x, window, k), 1))(*arguments)


shifted_back = also(shifted_by_one, _loop(rule=lambda x, window, k: _shift(_rule(x, window, k), -1)))
shifted_window = also(
    shifted_by_one,
    _loop(rule=_by(lambda x, i, w, k: i > w and _over(x[i - w - 1 : i - 1], x[i], k))),
)


@mistake("train_monitored")
def flags_without_warm_up(*arguments):
    """There are fewer flags than steps: those of the first W steps are missing. They are False, but they are there."""
    return _loop(rule=lambda x, window, k: _rule(x, window, k)[window:])(*arguments)


@mistake("train_monitored", name="flags_everything")
def loop_flags_everything(*arguments):
    """Every step is flagged."""
    return _loop(rule=lambda x, window, k: np.ones(len(x), bool))(*arguments)


flags_everything_after_the_warm_up = also(loop_flags_everything, _loop(rule=_by(lambda x, i, w, k: True)))


@mistake("train_monitored", name="flags_nothing")
def loop_flags_nothing(*arguments):
    """No step is ever flagged."""
    return _loop(rule=lambda x, window, k: np.zeros(len(x), bool))(*arguments)


@mistake("train_monitored")
def flags_drops_as_well(*arguments):
    """Steps whose gradient is unusually *short* are flagged, too. The rule asks only for long ones."""
    rule = _by(lambda x, i, w, k: abs(x[i] - np.median(x[i - w : i])) > k * 1.4826 * _mad(x[i - w : i]))
    return _loop(rule=rule)(*arguments)


@mistake("train_monitored")
def flags_ties(*arguments):
    """A step that is exactly as long as the limit is flagged. The rule asks for more than that."""
    rule = _by(lambda x, i, w, k: x[i] >= np.median(x[i - w : i]) + k * 1.4826 * _mad(x[i - w : i]))
    return _loop(rule=rule)(*arguments)


@mistake("train_monitored")
def ignores_window(X, y, weights, lr, epochs, batch_size, rng, tamper=None, window=30, k=5.0):
    """The window always has the same length, whatever `window` says."""
    return _right(X, y, weights, lr, epochs, batch_size, rng, tamper, 30, k)


@mistake("train_monitored")
def ignores_k(X, y, weights, lr, epochs, batch_size, rng, tamper=None, window=30, k=5.0):
    """The factor of the limit is always the same, whatever `k` says."""
    return _right(X, y, weights, lr, epochs, batch_size, rng, tamper, window, 5.0)


@mistake("train_monitored")
def flags_as_step_numbers(*arguments):
    """`flagged` holds the numbers of the flagged steps. Asked for is True or False for every step."""
    return _loop(finish=lambda history: {**history, "flagged": np.flatnonzero(history["flagged"])})(*arguments)


@mistake("train_monitored")
def flags_as_numbers(*arguments):
    """`flagged` holds zeros and ones. Asked for is True or False."""
    return _loop(finish=lambda history: {**history, "flagged": history["flagged"].astype(int)})(*arguments)


@mistake("train_monitored")
def returns_a_tuple(*arguments):
    """The parts are there, but not in a dict with the names that the exercise gives them."""
    return _loop(finish=lambda history: tuple(history.values()))(*arguments)


@mistake("train_monitored", name="returns_nothing")
def loop_returns_nothing(*arguments):
    """The loop runs, and nothing is handed back: a function without a `return` gives None."""


# --- project_run -------------------------------------------------------------------------------------------


def _run(X, y, weights, rng, lr, epochs, batch_size):
    return _right(X, y, weights, lr, epochs, batch_size, rng)


@mistake("project_run")
def not_there_yet(X, y, weights, rng):
    """Your run ends too early: the weights are still moving the same way. More steps, or longer ones?"""
    return _run(X, y, weights, rng, 0.01, 100, len(y))


not_there_by_far = also(not_there_yet, lambda X, y, weights, rng: _run(X, y, weights, rng, 0.001, 100, 50))


@mistake("project_run")
def never_at_rest(X, y, weights, rng):
    """Your run arrives near least squares and does not come to rest: the weights jump about between what single batches
    want. What makes their pull smaller?"""
    return _run(X, y, weights, rng, 0.2, 50, 4)


@mistake("project_run")
def rate_too_large(X, y, weights, rng):
    """Your run ends further away than it began: the steps are too long (lesson 01, §11)."""
    return _run(X, y, weights, rng, 1.3, 100, len(y))


@mistake("project_run")
def ignores_given_weights(X, y, weights, rng):
    """Your run begins somewhere else than at the weights that it was given."""
    return _run(X, y, np.zeros(2), rng, 0.1, 100, len(y))


ignores_given_weights_random = also(
    ignores_given_weights, lambda X, y, weights, rng: _run(X, y, rng.normal(size=2), rng, 0.1, 100, len(y))
)


@mistake("project_run")
def too_many_steps(X, y, weights, rng):
    """Your run takes more than 5,000 steps. The exercise wants settings that need fewer."""
    return _run(X, y, weights, rng, 0.002, 60, 2)


@mistake("project_run")
def returns_weights_only(X, y, weights, rng):
    """The weights come back alone. Asked for is the whole history, as `train_monitored` returns it."""
    return _run(X, y, weights, rng, 0.1, 100, len(y))["weights"]


# --- defended_train ------------------------------------------------------------------------------------------


def _defended(decide, finish=lambda history, first: history):
    """A loop in which `decide(g, flagged, first, memory)` says what is applied; `first` is whether any step was flagged."""

    def wrong(X, y, weights, lr, epochs, batch_size, rng, tamper=None, window=30, k=5.0):
        norms, flags, memory = [], [], {}

        def guard(step, g):
            memory["untampered"] = g
            g = g if tamper is None else tamper(step, g)
            norms.append(np.linalg.norm(g))
            flags.append(_last_is_flagged(norms, window, k))
            return decide(g, flags[-1], any(flags), memory)

        history = _right(X, y, weights, lr, epochs, batch_size, rng, guard)
        history = {**history, "gradient_norms": np.array(norms), "flagged": np.array(flags)}
        return finish(history, int(np.argmax(flags)) if any(flags) else None)

    return wrong


def _skipping(*arguments, notes=("gradient_norms", "flagged")):
    """A right defence, but for the notes of its own that it leaves out."""
    X, y, weights, lr, epochs, batch_size, rng, tamper, window, k = (*arguments, 30, 5.0)[:10]
    norms, flags = [], []

    def guard(step, g):
        g = g if tamper is None else tamper(step, g)
        norms.append(np.linalg.norm(g))
        flags.append(_last_is_flagged(norms, window, k))
        return 0 * g if flags[-1] else g

    history = _right(X, y, weights, lr, epochs, batch_size, rng, guard)
    own = {"gradient_norms": np.array(norms), "flagged": np.array(flags)}
    return {**history, **{key: own[key] for key in notes}}


def _with_absolute_limit(most):
    def decide(g, flagged, first, memory):
        memory["flags"] = [*memory.get("flags", []), len(memory.get("flags", [])) >= 30 and np.linalg.norm(g) > most]
        return 0 * g if memory["flags"][-1] else g

    def wrong(*arguments):
        memory = {}
        return _defended(
            lambda g, flagged, first, _: decide(g, flagged, first, memory),
            lambda history, first: {**history, "flagged": np.array(memory["flags"])},
        )(*arguments)

    return wrong


def _flags(history, values):
    return {**history, "flagged": np.full(len(history["flagged"]), values)}


@mistake("defended_train")
def trusts_all(*arguments):
    """Attacks carry your weights away: flagged gradients are applied like all others. What could be done with them instead?"""
    return _right(*arguments)


trusts_all_and_flags_nothing = also(trusts_all, _loop(rule=lambda x, window, k: np.zeros(len(x), bool)))
trusts_all_and_flags_everything = also(trusts_all, _loop(rule=lambda x, window, k: np.ones(len(x), bool)))


@mistake("defended_train")
def drops_everything(*arguments):
    """No attack harms your weights, because nothing moves them: not one gradient is applied, not even on the clean run."""
    return _defended(lambda g, flagged, first, memory: 0 * g)(*arguments)


def _after_warm_up(decided):
    def decide(g, flagged, first, memory):
        memory["step"] = memory.get("step", -1) + 1
        return 0 * g if memory["step"] >= 30 else g

    return _defended(decide, lambda history, first: decided(history))


drops_everything_after_the_warm_up = also(drops_everything, _after_warm_up(lambda history: history))


@mistake("defended_train")
def stops_at_first_flag(*arguments):
    """With the first flag your training is over. An attacker would need one spike to stop it; what of the steps after it?"""
    return _defended(lambda g, flagged, first, memory: 0 * g if first else g)(*arguments)


def _cut(history, first):
    """What a loop returns that leaves at its first flag."""
    if first is None:
        return history
    epoch = first // 10
    return {
        "weights": history["weight_path"][epoch + 1],
        "weight_path": history["weight_path"][: epoch + 2],
        "losses": history["losses"][: epoch + 1],
        "gradient_norms": history["gradient_norms"][: first + 1],
        "flagged": history["flagged"][: first + 1],
    }


stops_and_cuts_the_history = also(
    stops_at_first_flag, _defended(lambda g, flagged, first, memory: 0 * g if first else g, _cut)
)


@mistake("defended_train", name="ignores_tamper")
def defence_ignores_tamper(*arguments):
    """Your weights go where they would go without `tamper`: they do not follow the push. A loop at the end of a wire has
    nothing but what comes out of it. What becomes of the array that `tamper` returns?"""
    return _defended(lambda g, flagged, first, memory: memory["untampered"])(*arguments)


@mistake("defended_train")
def never_calls_tamper(*arguments):
    """`tamper` is never called, so nothing can come out of it: neither an attack nor a gradient to train on."""
    return _without_tamper(*arguments)


@mistake("defended_train", name="calls_none")
def defence_calls_none(X, y, weights, lr, epochs, batch_size, rng, tamper=None, *rest):
    """On the clean run nobody tampers: `tamper` is None there, and you call it all the same. Which line should ask first?"""
    return loop_calls_none.attempt(X, y, weights, lr, epochs, batch_size, rng, tamper, *rest)


@mistake("defended_train")
def calls_tamper_twice(X, y, weights, lr, epochs, batch_size, rng, tamper=None, *rest):
    """You call `tamper` more than once in a step. Keep what the first call gives, for the length and for the update."""

    def twice(step, g):
        tamper(step, g)
        return tamper(step, g)

    return _skipping(X, y, weights, lr, epochs, batch_size, rng, twice if tamper else None, *rest)


@mistake("defended_train")
def pastes_least_squares(X, y, weights, *rest):
    """Your path is at least squares after one epoch: it was worked out, not walked. A loop at the end of a wire has nothing
    but the gradients that come out of it."""
    history = _right(X, y, weights, *rest)
    path = np.tile(np.linalg.lstsq(X, y, rcond=None)[0], (len(history["weight_path"]), 1))
    path[0] = weights
    losses = [_mse(X, y, w) for w in path[:-1]]
    return {**history, "weights": path[-1], "weight_path": path, "losses": losses}


@mistake("defended_train")
def applies_flagged_as_before_tamper(*arguments):
    """On flagged steps you apply the gradient from *before* `tamper` (rule 4). In earnest nobody has that one: what comes out
    of the wire is all there is. The runs under nudges show the difference. What is left to do with a flagged gradient?"""
    return _defended(lambda g, flagged, first, memory: memory["untampered"] if flagged else g)(*arguments)


def _before_tamper_and_honest_window(X, y, weights, lr, epochs, batch_size, rng, tamper=None, window=30, k=5.0):
    """The same with lengths compared to those that were not flagged: it sees all nudges, and only the distance is off."""
    norms, flags, kept = [], [], []

    def guard(step, g):
        handed = g if tamper is None else tamper(step, g)
        norms.append(np.linalg.norm(handed))
        flags.append(_last_is_flagged([*kept, norms[-1]], window, k))
        if flags[-1]:
            return g
        kept.append(norms[-1])
        return handed

    history = _right(X, y, weights, lr, epochs, batch_size, rng, guard)
    return {**history, "gradient_norms": np.array(norms), "flagged": np.array(flags)}


applies_flagged_as_before_tamper_honest_window = also(
    applies_flagged_as_before_tamper, _before_tamper_and_honest_window
)


@mistake("defended_train")
def norms_of_what_is_applied(*arguments):
    """Your `gradient_norms` are not the lengths of g as `tamper` gave it. Which entries of the history speak of what your
    guard handed on instead?"""
    return _skipping(*arguments, notes=("flagged",))


norms_and_flags_of_what_is_applied = also(norms_of_what_is_applied, lambda *arguments: _skipping(*arguments, notes=()))


@mistake("defended_train")
def absolute_limit(*arguments):
    """Your limit on the length is always the same. Where honest gradients are tiny, an attack far below it goes unseen. What
    could the limit be measured by?"""
    # Not 3: on some seeds that one flags honest steps for ever, and stands still like stops_at_first_flag.
    return _with_absolute_limit(5.0)(*arguments)


absolute_limit_of_6 = also(absolute_limit, lambda *arguments: _with_absolute_limit(6.0)(*arguments))
absolute_limit_of_10 = also(absolute_limit, lambda *arguments: _with_absolute_limit(10.0)(*arguments))


@mistake("defended_train", name="flags_nothing")
def defence_flags_nothing(*arguments):
    """Your weights hold, but attacked steps are not flagged. Who reads the history would think that nothing had happened."""
    keep = _defended(lambda g, flagged, first, memory: 0 * g if flagged else g, lambda h, first: _flags(h, False))
    return keep(*arguments)


@mistake("defended_train", name="flags_everything")
def defence_flags_everything(*arguments):
    """Your weights hold, but honest steps are flagged as well. An alarm that is always on says nothing."""
    keep = _defended(lambda g, flagged, first, memory: 0 * g if flagged else g, lambda h, first: _flags(h, True))
    return keep(*arguments)


@mistake("defended_train", name="updates_callers_weights")
def defence_updates_callers_weights(X, y, weights, *rest):
    """Your function changes the weights that it was given. Which line writes into them?"""
    history = _defended(lambda g, flagged, first, memory: 0 * g if flagged else g)(X, y, weights, *rest)
    weights[:] = history["weights"]
    return history


@mistake("defended_train", name="returns_nothing")
def defence_returns_nothing(*arguments):
    """The loop runs, and nothing is handed back: a function without a `return` gives None."""


# --- report_card --------------------------------------------------------------------------------------------------


def _drawn(
    history,
    X,
    y,
    *,
    without=(),
    unnamed=(),
    names=("xlabel", "ylabel"),
    losses=None,
    path=None,
    norms=None,
    fit=None,
    marks=None,
):
    """A right figure, but for what is named here."""
    history = {key: np.asarray(value) for key, value in history.items()}
    figure, all_axes = plt.subplots(2, 2)
    losses = history["losses"] if losses is None else losses
    path = history["weight_path"] if path is None else path
    norms = history["gradient_norms"] if norms is None else norms
    across, upwards = (y, X @ history["weights"]) if fit is None else fit
    marks = np.flatnonzero(history["flagged"]) if marks is None else marks
    texts = {
        "Loss": ("epoch", "MSE"),
        "Weights": ("epoch", "weight"),
        "Gradient norm": ("step", "length"),
        "Fit": ("target", "prediction"),
    }
    for axes, (title, (xlabel, ylabel)) in zip(all_axes.flat, texts.items(), strict=True):
        if title in without:
            continue
        axes.set_title(title)
        labels = {"xlabel": xlabel, "ylabel": ylabel}
        if title in unnamed:
            labels = {name: text for name, text in labels.items() if name not in names}
        axes.set(**labels)
    loss_axes, path_axes, norm_axes, fit_axes = all_axes.flat
    if "Loss" not in without:
        loss_axes.plot(losses)
    if "Weights" not in without:
        path_axes.plot(path)
    if "Gradient norm" not in without:
        norm_axes.plot(norms)
        norm_axes.plot(marks, np.asarray(norms)[marks], "x")
    if "Fit" not in without:
        fit_axes.scatter(across, upwards)
    return figure


def _with(**changes):
    return lambda history, X, y: _drawn(history, X, y, **changes)


_ALL = ("Loss", "Weights", "Gradient norm", "Fit")


def _panel(known, title, said, **changes):
    """A mistake in one panel, which its message names."""
    return also(known, _with(**changes), f"The panel {title} {said}")


_IS_MISSING = "is missing: no axes of your figure has this title. Compare its letters with those in the table."
_HAS_NO_NAMES = "lacks the name of an axis, or of both. What runs across, what upwards, and in which unit?"
_HAS_OTHER_NUMBERS = "is drawn from other numbers than the table asks for. Compare them with the history's own."


@mistake("report_card")
def missing_panel(history, X, y):
    """All four panels are missing: no axes of your figure has one of the four titles. What sets an axes' title?"""
    return _drawn(history, X, y, without=_ALL)


missing_loss = _panel(missing_panel, "Loss", _IS_MISSING, without=("Loss",))
missing_weights = _panel(missing_panel, "Weights", _IS_MISSING, without=("Weights",))
missing_norm = _panel(missing_panel, "Gradient norm", _IS_MISSING, without=("Gradient norm",))
missing_fit = _panel(missing_panel, "Fit", _IS_MISSING, without=("Fit",))


@mistake("report_card")
def unlabelled_axes(history, X, y):
    """The four panels are there, but their axes have no names. What runs across, what upwards, and in which unit?"""
    return _drawn(history, X, y, unnamed=_ALL)


unlabelled_loss = _panel(unlabelled_axes, "Loss", _HAS_NO_NAMES, unnamed=("Loss",))
unlabelled_weights = _panel(unlabelled_axes, "Weights", _HAS_NO_NAMES, unnamed=("Weights",))
unlabelled_norm = _panel(unlabelled_axes, "Gradient norm", _HAS_NO_NAMES, unnamed=("Gradient norm",))
unlabelled_fit = _panel(unlabelled_axes, "Fit", _HAS_NO_NAMES, unnamed=("Fit",))


def _of(**changes):
    """A figure with parts that are worked out from the history (as arrays)."""

    def wrong(history, X, y):
        history = {key: np.asarray(value) for key, value in history.items()}
        return _drawn(history, X, y, **{name: change(history, X, y) for name, change in changes.items()})

    return wrong


def _log_losses(history, X, y):
    return np.log(history["losses"])


def _log_norms(history, X, y):
    return np.log(history["gradient_norms"])


@mistake("report_card")
def wrong_data(history, X, y):
    """The panel Loss is drawn from other numbers than the table asks for. Compare them with the history's own."""
    return _of(losses=_log_losses)(history, X, y)


path_without_the_start = also(
    wrong_data, _of(path=lambda history, X, y: history["weight_path"][1:]), f"The panel Weights {_HAS_OTHER_NUMBERS}"
)
log_of_norms = also(wrong_data, _of(norms=_log_norms), f"The panel Gradient norm {_HAS_OTHER_NUMBERS}")
fit_of_first_weights = also(
    wrong_data, _of(fit=lambda history, X, y: (y, X @ history["weight_path"][0])), f"The panel Fit {_HAS_OTHER_NUMBERS}"
)
logs_of_losses_and_norms = also(
    wrong_data,
    _of(losses=_log_losses, norms=_log_norms),
    "The panels Loss and Gradient norm hold logarithms. The history's own numbers are asked for: it is the *axis* that "
    "may be logarithmic.",
)


@mistake("report_card")
def fit_is_turned(history, X, y):
    """In the panel Fit the predictions run across and the targets upwards. The table has it the other way round."""
    return _of(fit=lambda history, X, y: (X @ history["weights"], y))(history, X, y)


def _replotted(title, *style):
    """A right figure whose panel `title` has its series drawn again in another style."""

    def wrong(history, X, y):
        figure = _drawn(history, X, y)
        axes = next(axes for axes in figure.axes if axes.get_title() == title)
        series = {
            "Loss": (np.asarray(history["losses"]),),
            "Weights": (np.asarray(history["weight_path"]),),
            "Fit": (y, X @ np.asarray(history["weights"])),
        }[title]
        for drawn in (*axes.lines, *axes.collections):
            drawn.remove()
        axes.plot(*series, *style)
        return figure

    return wrong


@mistake("report_card")
def fit_is_a_line(history, X, y):
    """In the panel Fit a line joins the samples, in the order in which they happen to stand. Points are asked for."""
    return _replotted("Fit", "-")(history, X, y)


@mistake("report_card")
def points_for_a_line(history, X, y):
    """The panel Loss shows points where the table asks for a line."""
    return _replotted("Loss", "o")(history, X, y)


points_for_weights = also(
    points_for_a_line, _replotted("Weights", "o"), "The panel Weights shows points where the table asks for lines."
)


@mistake("report_card")
def marks_at_zero(history, X, y):
    """Your marks stand at height 0, and a logarithmic axis has no 0: nobody sees them. How high is the curve there?"""
    figure = _of(marks=lambda history, X, y: np.array([], dtype=int))(history, X, y)
    axes = figure.axes[2]
    axes.plot(np.flatnonzero(history["flagged"]), np.zeros(np.sum(history["flagged"])), "rx")
    axes.set_yscale("log")
    return figure


@mistake("report_card")
def indexes_lists(history, X, y):
    """Your function draws arrays and stops at lists, which are as good (§2). What turns either into an array?"""
    history["gradient_norms"][np.asarray(history["flagged"])]
    return _drawn(history, X, y)


@mistake("report_card")
def flags_not_marked(history, X, y):
    """The flagged steps are not marked in the panel Gradient norm, or other steps are, or the marks look like the line's."""
    return _drawn(history, X, y, marks=np.array([], dtype=int))


marks_one_off = also(
    flags_not_marked,
    _of(marks=lambda history, X, y: np.maximum(0, np.flatnonzero(history["flagged"]) - 1)),
)


@mistake("report_card", name="returns_nothing")
def report_returns_nothing(history, X, y):
    """The figure is drawn, but it does not come back: a function without a `return` gives None."""
    plt.close(_drawn(history, X, y))


@mistake("report_card")
def returns_axes(history, X, y):
    """The axes come back where the figure is asked for."""
    figure = _drawn(history, X, y)
    plt.close(figure)
    return np.array(figure.axes).reshape(2, 2)


@mistake("report_card")
def changes_history(history, X, y):
    """Your function changes the history that it was given. A report only looks."""
    figure = _drawn(history, X, y)
    history["losses"] = list(np.log(history["losses"]))
    return figure
