"""What learners get wrong in lesson 04. A function's name is the mistake's key, its docstring is what the learner reads.

`also(known, attempt)` is another way of making a mistake that is already described.
"""

import copy
import math

import numpy as np
import torch

from autograder.authoring import also, mistake
from autograder.exercises.optimizers import TURNS

# --- descend ----------------------------------------------------------------------------------------


def _path(gradient, start, step, steps):
    path, state = [start], None
    for _ in range(steps):
        w, state = step(path[-1], gradient(path[-1]), state)
        path.append(w)
    return np.array(path)


@mistake("descend")
def misses_start(gradient, start, step, steps):
    """Your path has as many points as steps. Which point of the journey was not made by a step?"""
    return _path(gradient, start, step, steps)[1:].reshape(steps, len(start))


misses_start_also_of_nothing = also(
    misses_start, lambda gradient, start, step, steps: list(_path(gradient, start, step, steps)[1:])
)


@mistake("descend")
def off_by_one(gradient, start, step, steps):
    """The path has the right points in the right order, but not the right number of them. Count the steps that you make."""
    return _path(gradient, start, step, steps + 1)


off_by_one_too_few = also(off_by_one, lambda gradient, start, step, steps: _path(gradient, start, step, steps - 1))


off_by_one_without_the_end = also(
    off_by_one, lambda gradient, start, step, steps: list(_path(gradient, start, step, steps)[:-1])
)


def _too_few_rows(gradient, start, step, steps):
    path, state = np.zeros((steps, len(start))), None
    path[0] = start
    for k in range(steps - 1):
        path[k + 1], state = step(path[k], gradient(path[k]), state)
    return path


off_by_one_too_few_rows = also(off_by_one, _too_few_rows)


@mistake("descend")
def shares_state(gradient, start, step, steps, memory=[None]):  # noqa: B006 (that is the mistake)
    """Your descents do not begin with None as the state, but with something else. Is it left over from the descent before?"""
    path = [start]
    for _ in range(steps):
        w, memory[0] = step(path[-1], gradient(path[-1]), memory[0])
        path.append(w)
    return np.array(path)


def _first_state(first):
    def descend(gradient, start, step, steps):
        path, state = [start], first
        for _ in range(steps):
            w, state = step(path[-1], gradient(path[-1]), state)
            path.append(w)
        return np.array(path)

    return descend


begins_with_a_dict = also(shares_state, _first_state({}))


@mistake("descend")
def forgets_state(gradient, start, step, steps):
    """Every step is told that it is the first one. What should it get back as `state`?"""
    path = [start]
    for _ in range(steps):
        path.append(step(path[-1], gradient(path[-1]), None)[0])
    return np.array(path)


@mistake("descend")
def stale_gradient(gradient, start, step, steps):
    """All your steps use the gradient at the start. Where should the slopes be taken after the first step?"""
    path, state, g = [start], None, gradient(start)
    for _ in range(steps):
        w, state = step(path[-1], g, state)
        path.append(w)
    return np.array(path)


@mistake("descend")
def never_moves(gradient, start, step, steps):
    """Every step starts from `start` again, so the path jumps about one point. Where should the next step start?"""
    path, state = [start], None
    for _ in range(steps):
        w, state = step(start, gradient(start), state)
        path.append(w)
    return np.array(path)


def _stays(gradient, start, step, steps):
    return np.array([start] * (steps + 1))


@mistake("descend")
def stays_at_start(gradient, start, step, steps):
    """All points of your path are the start. Does the point that `step` returns get into the path?"""
    return _stays(gradient, start, step, steps)


@mistake("descend")
def last_point_only(gradient, start, step, steps):
    """Only the last point comes back. The caller wants the whole path, a point a row."""
    return _path(gradient, start, step, steps)[-1]


@mistake("descend")
def points_in_columns(gradient, start, step, steps):
    """The points stand in columns. A point is a row: (steps + 1, d)."""
    return _path(gradient, start, step, steps).T


@mistake("descend")
def stops_early(gradient, start, step, steps):
    """Your loop comes to its `return` in its first round. How far is that line indented?"""
    path, state = [start], None
    for _ in range(steps):
        w, state = step(path[-1], gradient(path[-1]), state)
        path.append(w)
        return np.array(path)
    return np.array(path)


@mistake("descend")
def path_of_gradients(gradient, start, step, steps):
    """From the second row on, this is the gradients and not the points. Which of the two does a path hold?"""
    path, w, state = [start], start, None
    for _ in range(steps):
        g = gradient(w)
        w, state = step(w, g, state)
        path.append(g)
    return np.array(path)


@mistake("descend")
def gradient_first(gradient, start, step, steps):
    """The step takes the gradient for the point and the point for the gradient. In which order does it want them?"""
    path, state = [start], None
    for _ in range(steps):
        w, state = step(gradient(path[-1]), path[-1], state)
        path.append(w)
    return np.array(path)


@mistake("descend")
def returns_path_and_state(gradient, start, step, steps):
    """The state comes back as well. The caller wants the path alone."""
    path, state = [start], None
    for _ in range(steps):
        w, state = step(path[-1], gradient(path[-1]), state)
        path.append(w)
    return np.array(path), state


@mistake("descend", name="returns_nothing")
def path_without_return(gradient, start, step, steps):
    """The path is made, and nothing is handed back: a function without a `return` gives None."""
    _path(gradient, start, step, steps)


# --- momentum_step ----------------------------------------------------------------------------------


@mistake("momentum_step")
def ema_form(w, g, state, lr, momentum):
    """Your velocity is an average: the new slope counts only 1 − momentum. Here it counts in full."""
    v = (0 if state is None else momentum * state) + (1 - momentum) * g
    return w - lr * v, v


@mistake("momentum_step", name="forgets_state")
def plain_step(w, g, state, lr, momentum):
    """Every step is as if it were the first: nothing of the old velocity arrives. What do you keep, and what do you use?"""
    return w - lr * g, g


velocity_kept_but_not_used = also(
    plain_step, lambda w, g, state, lr, momentum: (w - lr * g, (0 if state is None else momentum * state) + g)
)


@mistake("momentum_step")
def velocity_after_update(w, g, state, lr, momentum):
    """The weights move by the velocity of the step before. Which comes first, the new velocity or the move?"""
    v = np.zeros_like(w) if state is None else state
    return w - lr * v, momentum * v + g


@mistake("momentum_step")
def nesterov(w, g, state, lr, momentum):
    """This is Nesterov's momentum, which looks one step ahead: a good method, but another one. Move by the velocity itself."""
    v = g if state is None else momentum * state + g
    return w - lr * (g + momentum * v), v


def _momentum(w, g, state, lr, momentum, sign=-1):
    v = g if state is None else momentum * state + g
    return w + sign * lr * v, v


@mistake("momentum_step", name="ascends")
def momentum_ascends(w, g, state, lr, momentum):
    """The weights move up the slope. Which way does the gradient point?"""
    return _momentum(w, g, state, lr, momentum, sign=1)


def _negative_velocity(w, g, state, lr, momentum):
    v = -g if state is None else momentum * state - g
    return w - lr * v, v


two_minus_signs = also(momentum_ascends, _negative_velocity)


@mistake("momentum_step")
def never_slows_down(w, g, state, lr, momentum):
    """All of the old velocity survives, whatever `momentum` is."""
    v = g if state is None else state + g
    return w - lr * v, v


@mistake("momentum_step")
def rate_inside_velocity(w, g, state, lr, momentum):
    """While the rate stays the same this is right. When it changes, your velocity still holds steps at the old rate: look where `lr` stands in the formula."""
    v = (0 if state is None else momentum * state) + lr * g
    return w - v, v


@mistake("momentum_step")
def momentum_scales_sum(w, g, state, lr, momentum):
    """`momentum` multiplies the new slope, too. It belongs to the old velocity alone."""
    v = momentum * ((0 if state is None else state) + g)
    return w - lr * v, v


@mistake("momentum_step")
def momentum_on_gradient(w, g, state, lr, momentum):
    """`momentum` multiplies the new slope where it should multiply the old velocity."""
    v = (0 if state is None else state) + momentum * g
    return w - lr * v, v


@mistake("momentum_step")
def starts_with_ones(w, g, state, lr, momentum):
    """Your first velocity is not zero. Who stands still when the state is None?"""
    v = momentum * (np.ones_like(w) if state is None else state) + g
    return w - lr * v, v


@mistake("momentum_step")
def first_slope_counts_twice(w, g, state, lr, momentum):
    """Your velocity begins as the first slope, and then the first slope is added to it once more."""
    v = momentum * (g if state is None else state) + g
    return w - lr * v, v


@mistake("momentum_step")
def momentum_is_what_is_lost(w, g, state, lr, momentum):
    """1 − `momentum` of the old velocity survives. Which of the two is the share that is kept?"""
    v = (0 if state is None else (1 - momentum) * state) + g
    return w - lr * v, v


shares_swapped = also(
    momentum_is_what_is_lost,
    lambda w, g, state, lr, momentum: (
        w - lr * ((0 if state is None else (1 - momentum) * state) + momentum * g),
        (0 if state is None else (1 - momentum) * state) + momentum * g,
    ),
)


@mistake("momentum_step")
def ignores_rate(w, g, state, lr, momentum):
    """The step is as long as the velocity, whatever `lr` is."""
    v = g if state is None else momentum * state + g
    return w - v, v


@mistake("momentum_step", name="shares_state")
def one_velocity_for_all(w, g, state, lr, momentum, memory={}):  # noqa: B006 (that is the mistake)
    """Two descents that take turns disturb each other: the velocity lives in your function. It belongs into `state`."""
    old = memory.get("v") if memory.get("v") is not None and memory["v"].shape == w.shape else np.zeros_like(w)
    memory["v"] = momentum * old + g if state is not None else g
    return w - lr * memory["v"], "mine"


@mistake("momentum_step", name="shares_state", seen_in=(TURNS,))
def velocity_outside_the_function(w, g, state, lr, momentum, memory=[0]):  # noqa: B006 (that is the mistake)
    """You remember between calls outside `state`: two descents that take turns get mixed up. What must each of them carry along?"""
    memory[0] = momentum * memory[0] + g
    return w - lr * memory[0], None


@mistake("momentum_step")
def reuses_its_array(w, g, state, lr, momentum):
    """You hand back the same array each time and write into it in the next call, so that the points of the path before it change as well. Make a new array."""
    v, new = (np.zeros_like(w), np.empty_like(w)) if state is None else state
    v = momentum * v + g
    new[:] = w - lr * v
    return new, (v, new)


@mistake("momentum_step")
def goes_on_from_its_own_weights(w, g, state, lr, momentum):
    """You go on from weights that you remember. A step starts from the `w` that it is given, which its caller may have changed."""
    v, own = (np.zeros_like(w), w) if state is None else state
    v = momentum * v + g
    return own - lr * v, (v, own - lr * v)


@mistake("momentum_step", name="updates_in_place")
def momentum_in_place(w, g, state, lr, momentum):
    """The numbers are right, but you change the weights or the gradient that you were given. They belong to your caller: make new arrays."""
    v = g.copy() if state is None else momentum * state + g
    w -= lr * v
    return w, v


def _velocity_is_the_gradient(w, g, state, lr, momentum):
    if state is None:
        state = g
    else:
        state *= momentum
        state += g
    return w - lr * state, state


momentum_in_the_gradient = also(momentum_in_place, _velocity_is_the_gradient)


@mistake("momentum_step", name="state_before_weights")
def momentum_state_first(w, g, state, lr, momentum):
    """What comes back first is not the new weights: w, then the state."""
    return _momentum(w, g, state, lr, momentum)[::-1]


@mistake("momentum_step", name="returns_weights_only")
def momentum_without_state(w, g, state, lr, momentum):
    """Two things are needed back, the weights and the state: what you do not hand out you will not be given next time."""
    return _momentum(w, g, state, lr, momentum)[0]


# --- rmsprop_step -----------------------------------------------------------------------------------


def _rmsprop(w, g, state, lr, alpha, eps):
    s = alpha * (0 if state is None else state) + (1 - alpha) * g**2
    return w - lr * g / (np.sqrt(s) + eps), s


@mistake("rmsprop_step")
def eps_inside_root(w, g, state, lr, alpha, eps):
    """`eps` stands under the root. Take the root first."""
    s = alpha * (0 if state is None else state) + (1 - alpha) * g**2
    return w - lr * g / np.sqrt(s + eps), s


@mistake("rmsprop_step")
def no_root(w, g, state, lr, alpha, eps):
    """You divide by the average of the squares itself. Which power brings it back to the units of a slope?"""
    s = alpha * (0 if state is None else state) + (1 - alpha) * g**2
    return w - lr * g / (s + eps), s


@mistake("rmsprop_step", name="forgets_state")
def average_of_one(w, g, state, lr, alpha, eps):
    """Every step is as if it were the first: nothing of the old average arrives. What do you keep, and what do you use?"""
    return w - lr * g / (np.sqrt((1 - alpha) * g**2) + eps), None


@mistake("rmsprop_step", name="no_average")
def root_of_this_square(w, g, state, lr, alpha, eps):
    """You divide by the size of this slope alone. Where is the running average, and what does `alpha` do?"""
    return w - lr * g / (np.abs(g) + eps), None


@mistake("rmsprop_step")
def alpha_swapped(w, g, state, lr, alpha, eps):
    """`alpha` and 1 − `alpha` have changed places: which of them is the share of the old average?"""
    s = (1 - alpha) * (0 if state is None else state) + alpha * g**2
    return w - lr * g / (np.sqrt(s) + eps), s


@mistake("rmsprop_step", name="forgets_square")
def averages_slopes(w, g, state, lr, alpha, eps):
    """You average the slopes themselves. Slopes of both signs cancel, and a negative average has no root: what is missing?"""
    s = alpha * (0 if state is None else state) + (1 - alpha) * g
    return w - lr * g / (np.sqrt(s) + eps), s


def _averages_sizes(w, g, state, lr, alpha, eps):
    s = alpha * (0 if state is None else state) + (1 - alpha) * np.abs(g)
    return w - lr * g / (np.sqrt(s) + eps), s


averages_sizes = also(averages_slopes, _averages_sizes)


@mistake("rmsprop_step")
def adagrad(w, g, state, lr, alpha, eps):
    """You add up all squares and forget none: that is AdaGrad, whose steps get ever shorter. Where does `alpha` come in?"""
    s = (0 if state is None else state) + g**2
    return w - lr * g / (np.sqrt(s) + eps), s


@mistake("rmsprop_step", name="new_square_in_full")
def rmsprop_sums(w, g, state, lr, alpha, eps):
    """The old average fades, but the new square counts in full. In an average the two shares add up to 1."""
    s = alpha * (0 if state is None else state) + g**2
    return w - lr * g / (np.sqrt(s) + eps), s


@mistake("rmsprop_step")
def old_average_divides(w, g, state, lr, alpha, eps):
    """You divide by the average of the step before. First the new average, then the move."""
    s = np.zeros_like(w) if state is None else state
    return w - lr * g / (np.sqrt(s) + eps), alpha * s + (1 - alpha) * g**2


@mistake("rmsprop_step", name="forgets_eps")
def rmsprop_without_eps(w, g, state, lr, alpha, eps):
    """Your step does not depend on `eps`. What is it for: what happens to a weight whose slope has been zero so far?"""
    s = alpha * (0 if state is None else state) + (1 - alpha) * g**2
    return w - lr * g / np.sqrt(s), s


rmsprop_with_its_own_eps = also(
    rmsprop_without_eps, lambda w, g, state, lr, alpha, eps: _rmsprop(w, g, state, lr, alpha, 1e-8)
)


def _rmsprop_corrected(w, g, state, lr, alpha, eps):
    s, t = (0, 0) if state is None else state
    s, t = alpha * s + (1 - alpha) * g**2, t + 1
    return w - lr * g / (np.sqrt(s / (1 - alpha**t)) + eps), (s, t)


@mistake("rmsprop_step")
def corrects_bias(w, g, state, lr, alpha, eps):
    """You correct the average for its start at zero. That is Adam's idea; RMSprop takes the average as it is."""
    return _rmsprop_corrected(w, g, state, lr, alpha, eps)


@mistake("rmsprop_step")
def no_slope_above_the_root(w, g, state, lr, alpha, eps):
    """All your weights move down, whatever their slope. What stands above the root in the formula?"""
    s = alpha * (0 if state is None else state) + (1 - alpha) * g**2
    return w - lr / (np.sqrt(s) + eps), s


@mistake("rmsprop_step", name="starts_with_gradient")
def rmsprop_starts_with_square(w, g, state, lr, alpha, eps):
    """Your first average is the first square. The running average starts at zero."""
    s = g**2 if state is None else alpha * state + (1 - alpha) * g**2
    return w - lr * g / (np.sqrt(s) + eps), s


@mistake("rmsprop_step", name="one_average_for_all_weights")
def rmsprop_one_average(w, g, state, lr, alpha, eps):
    """All weights share one average. Each weight has its own slopes, and needs its own."""
    s = alpha * (0 if state is None else state) + (1 - alpha) * np.mean(g**2)
    return w - lr * g / (np.sqrt(s) + eps), s


@mistake("rmsprop_step", name="ascends")
def rmsprop_ascends(w, g, state, lr, alpha, eps):
    """The weights move up the slope. Which way does the gradient point?"""
    new, s = _rmsprop(w, g, state, lr, alpha, eps)
    return 2 * w - new, s


@mistake("rmsprop_step", name="multiplies_by_root")
def rmsprop_multiplies(w, g, state, lr, alpha, eps):
    """The root ends up above the fraction bar. How are your brackets, and is a division missing?"""
    s = alpha * (0 if state is None else state) + (1 - alpha) * g**2
    return w - lr * g * (np.sqrt(s) + eps), s


@mistake("rmsprop_step", name="eps_added_to_the_quotient")
def rmsprop_precedence(w, g, state, lr, alpha, eps):
    """`eps` is added to the quotient and not to the root. A division is worked out before a sum: where do brackets belong?"""
    s = alpha * (0 if state is None else state) + (1 - alpha) * g**2
    return w - lr * (g / np.sqrt(s) + eps), s


@mistake("rmsprop_step", name="shares_state")
def rmsprop_one_state(w, g, state, lr, alpha, eps, memory={}):  # noqa: B006 (that is the mistake)
    """Two descents that take turns disturb each other: the average lives in your function. It belongs into `state`."""
    old = memory.get("s") if state is not None and memory["s"].shape == w.shape else np.zeros_like(w)
    memory["s"] = alpha * old + (1 - alpha) * g**2
    return w - lr * g / (np.sqrt(memory["s"]) + eps), "mine"


@mistake("rmsprop_step", name="shares_state", seen_in=(TURNS,))
def average_outside_the_function(w, g, state, lr, alpha, eps, memory=[0]):  # noqa: B006 (that is the mistake)
    """You remember between calls outside `state`: two descents that take turns get mixed up. What must each of them carry along?"""
    memory[0] = alpha * memory[0] + (1 - alpha) * g**2
    return w - lr * g / (np.sqrt(memory[0]) + eps), None


@mistake("rmsprop_step", name="updates_in_place")
def rmsprop_in_place(w, g, state, lr, alpha, eps):
    """The numbers are right, but you change the weights or the gradient that you were given. They belong to your caller: make new arrays."""
    new, s = _rmsprop(w, g, state, lr, alpha, eps)
    w[:] = new
    return w, s


@mistake("rmsprop_step", name="state_before_weights")
def rmsprop_state_first(w, g, state, lr, alpha, eps):
    """What comes back first is not the new weights: w, then the state."""
    return _rmsprop(w, g, state, lr, alpha, eps)[::-1]


@mistake("rmsprop_step", name="returns_weights_only")
def rmsprop_without_state(w, g, state, lr, alpha, eps):
    """Two things are needed back, the weights and the state: what you do not hand out you will not be given next time."""
    return _rmsprop(w, g, state, lr, alpha, eps)[0]


# --- adam_step --------------------------------------------------------------------------------------


def _adam(change=None, first_t=1, keep=True, place="outside", signs=-1):
    """Adam, with one thing off. `change` rewrites what a step works with."""

    def step(w, g, state, lr, beta1, beta2, eps):
        m, v, t = (np.zeros_like(w), np.zeros_like(w), first_t - 1) if state is None else state
        t = t + 1
        if change == "betas":
            beta1, beta2 = beta2, beta1
        square = {"no square": g, "size": np.abs(g)}.get(change, g**2)
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * square
        if change in ("full", "first in full"):
            m = m + beta1 * g
        if change in ("full", "second in full"):
            v = v + beta2 * g**2
        ones = np.ones_like(w)
        m_hat = m / (ones - beta1**t) if change not in ("none", "second only") else m
        v_hat = v / (ones - beta2**t) if change not in ("none", "first only") else v
        if change == "multiplied":
            m_hat, v_hat = m * (1 - beta1**t), v * (1 - beta2**t)
        if change == "stored":
            m, v = m_hat, v_hat
        if change in ("no momentum", "slope corrected"):
            m_hat = g if change == "no momentum" else g / (ones - beta1**t)
        if change == "product":
            m_hat, v_hat = m / (1 - beta1 * t), v / (1 - beta2 * t)
        root = {
            "outside": lambda: np.sqrt(v_hat) + eps,
            "inside": lambda: np.sqrt(v_hat + eps),
            "before": lambda: (np.sqrt(v) + eps) / np.sqrt(1 - beta2**t),
            "no root": lambda: v_hat + eps,
            "none": lambda: np.sqrt(v_hat),
            "own": lambda: np.sqrt(v_hat) + 1e-8,
        }[place]()
        return w + signs * lr * m_hat / root, (m, v, t) if keep else None

    return step


right_adam = _adam()


@mistake("adam_step")
def no_bias_correction(w, g, state, lr, beta1, beta2, eps):
    """The averages go into the step as they are. They start at zero: how far off are they after one step?"""
    return _adam("none")(w, g, state, lr, beta1, beta2, eps)


@mistake("adam_step")
def t_starts_at_zero(w, g, state, lr, beta1, beta2, eps):
    """The number of your first step is not 1. What is 1 − betaᵗ for the t that you use there?"""
    return _adam(first_t=0)(w, g, state, lr, beta1, beta2, eps)


t_starts_at_two = also(t_starts_at_zero, _adam(first_t=2))


def _python_division(w, g, state, lr, beta1, beta2, eps):
    m, v, t = (0 * w, 0 * w, 0) if state is None else state
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
    rate = lr / (1 - beta1**t)
    return w - rate * m / (np.sqrt(v / (1 - beta2**t)) + eps), (m, v, t + 1)


t_starts_at_zero_in_python = also(t_starts_at_zero, _python_division)


@mistake("adam_step")
def t_stands_still(w, g, state, lr, beta1, beta2, eps):
    """The averages are kept, but the number of the step does not grow. What else must go into the state?"""
    m, v = (0, 0) if state is None else state
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
    return w - lr * m / (1 - beta1) / (np.sqrt(v / (1 - beta2)) + eps), (m, v)


@mistake("adam_step")
def betas_swapped(w, g, state, lr, beta1, beta2, eps):
    """The two betas have changed places: which of them belongs to the slopes, and which to their squares?"""
    return _adam("betas")(w, g, state, lr, beta1, beta2, eps)


@mistake("adam_step", name="eps_inside_root")
def adam_eps_inside_root(w, g, state, lr, beta1, beta2, eps):
    """`eps` stands under the root. Take the root first."""
    return _adam(place="inside")(w, g, state, lr, beta1, beta2, eps)


@mistake("adam_step")
def eps_before_correction(w, g, state, lr, beta1, beta2, eps):
    """You add `eps` to the root of the uncorrected average. The paper's short form does so, too, but here the correction comes first."""
    return _adam(place="before")(w, g, state, lr, beta1, beta2, eps)


@mistake("adam_step")
def forgets_square(w, g, state, lr, beta1, beta2, eps):
    """Your second average is not one of squares. Which of its entries can have a root then, and in which units is it?"""
    return _adam("no square")(w, g, state, lr, beta1, beta2, eps)


forgets_square_but_not_sign = also(forgets_square, _adam("size"))


@mistake("adam_step", name="no_root")
def adam_no_root(w, g, state, lr, beta1, beta2, eps):
    """You divide by the average of the squares itself. Which power brings it back to the units of a slope?"""
    return _adam(place="no root")(w, g, state, lr, beta1, beta2, eps)


@mistake("adam_step", name="forgets_eps")
def adam_without_eps(w, g, state, lr, beta1, beta2, eps):
    """Your step does not depend on `eps`. What is it for: what happens to a weight whose slope has been zero so far?"""
    return _adam(place="none")(w, g, state, lr, beta1, beta2, eps)


adam_with_its_own_eps = also(adam_without_eps, _adam(place="own"))


@mistake("adam_step", name="forgets_state")
def adam_forgets_state(w, g, state, lr, beta1, beta2, eps):
    """Every step is as if it were the first: nothing of the old averages arrives. What do you keep, and what do you use?"""
    return _adam(keep=False)(w, g, None, lr, beta1, beta2, eps)


@mistake("adam_step")
def corrects_first_only(w, g, state, lr, beta1, beta2, eps):
    """Only the average of the slopes is corrected. What about that of the squares?"""
    return _adam("first only")(w, g, state, lr, beta1, beta2, eps)


@mistake("adam_step")
def corrects_second_only(w, g, state, lr, beta1, beta2, eps):
    """Only the average of the squares is corrected. What about that of the slopes?"""
    return _adam("second only")(w, g, state, lr, beta1, beta2, eps)


@mistake("adam_step")
def stores_corrected(w, g, state, lr, beta1, beta2, eps):
    """The corrected averages go into the state, and are corrected again in the next step. Correct copies."""
    return _adam("stored")(w, g, state, lr, beta1, beta2, eps)


@mistake("adam_step")
def corrects_by_multiplying(w, g, state, lr, beta1, beta2, eps):
    """The averages start too small, and your correction makes them smaller. Which operation makes them larger?"""
    return _adam("multiplied")(w, g, state, lr, beta1, beta2, eps)


@mistake("adam_step")
def beta_times_t(w, g, state, lr, beta1, beta2, eps):
    """You multiply beta by t. The correction has a power: after t steps, betaᵗ of an average is still missing."""
    return _adam("product")(w, g, state, lr, beta1, beta2, eps)


@mistake("adam_step")
def no_momentum(w, g, state, lr, beta1, beta2, eps):
    """The step uses this slope alone. Where is the average of the slopes?"""
    return _adam("no momentum")(w, g, state, lr, beta1, beta2, eps)


no_momentum_but_a_correction = also(no_momentum, _adam("slope corrected"))


@mistake("adam_step", name="new_values_in_full")
def adam_sums(w, g, state, lr, beta1, beta2, eps):
    """The old averages fade, but the new slope or its square counts in full. In an average the two shares add up to 1."""
    return _adam("full")(w, g, state, lr, beta1, beta2, eps)


adam_sums_slopes = also(adam_sums, _adam("first in full"))
adam_sums_squares = also(adam_sums, _adam("second in full"))


@mistake("adam_step")
def squares_the_average(w, g, state, lr, beta1, beta2, eps):
    """You square the average of the slopes. It is the slopes that are squared, and then averaged."""
    m, v, t = (0, 0, 0) if state is None else state
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * m**2
    return w - lr * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps), (m, v, t)


@mistake("adam_step")
def shares_unswapped(w, g, state, lr, beta1, beta2, eps):
    """beta and 1 − beta have changed places: which of them is the share of the old average?"""
    m, v, t = (0, 0, 0) if state is None else state
    t = t + 1
    m, v = (1 - beta1) * m + beta1 * g, (1 - beta2) * v + beta2 * g**2
    return w - lr * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps), (m, v, t)


@mistake("adam_step", name="ascends")
def adam_ascends(w, g, state, lr, beta1, beta2, eps):
    """The weights move up the slope. Which way does the gradient point?"""
    return _adam(signs=1)(w, g, state, lr, beta1, beta2, eps)


@mistake("adam_step", name="shares_state")
def adam_one_state(w, g, state, lr, beta1, beta2, eps, memory={}):  # noqa: B006 (that is the mistake)
    """Two descents that take turns disturb each other: something lives in your function and not in `state`. Is it the number of the step?"""
    memory["t"] = memory.get("t", 0) + 1 if state is not None else 1
    m, v = (0, 0) if state is None else state
    m, v, t = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2, memory["t"]
    return w - lr * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps), (m, v)


@mistake("adam_step", name="shares_state", seen_in=(TURNS,))
def counter_outside_the_function(w, g, state, lr, beta1, beta2, eps, memory=[0]):  # noqa: B006 (that is the mistake)
    """You remember between calls outside `state`: two descents that take turns get mixed up. Is it an average, or the number of the step?"""
    memory[0] += 1
    m, v = (0, 0) if state is None else state
    new, (m, v, _) = right_adam(w, g, (m, v, memory[0] - 1), lr, beta1, beta2, eps)
    return new, (m, v)


@mistake("adam_step", name="updates_in_place")
def adam_in_place(w, g, state, lr, beta1, beta2, eps):
    """The numbers are right, but you change the weights or the gradient that you were given. They belong to your caller: make new arrays."""
    new, state = right_adam(w, g, state, lr, beta1, beta2, eps)
    w[:] = new
    return w, state


@mistake("adam_step", name="returns_weights_only")
def adam_without_state(w, g, state, lr, beta1, beta2, eps):
    """Two things are needed back, the weights and the state: what you do not hand out you will not be given next time."""
    return right_adam(w, g, state, lr, beta1, beta2, eps)[0]


# --- adamw_step -------------------------------------------------------------------------------------


@mistake("adamw_step")
def coupled_decay(w, g, state, lr, beta1, beta2, eps, weight_decay):
    """The decay goes through the gradient into the averages, and is divided by the root: that is Adam with an L2 penalty. What is the W about?"""
    return right_adam(w, g + weight_decay * w, state, lr, beta1, beta2, eps)


@mistake("adamw_step")
def decay_not_scaled_by_lr(w, g, state, lr, beta1, beta2, eps, weight_decay):
    """The weights shrink by `weight_decay` itself. What else scales the share that is lost in a step?"""
    return right_adam(w * (1 - weight_decay), g, state, lr, beta1, beta2, eps)


def _pulls_without_rate(w, g, state, lr, beta1, beta2, eps, weight_decay):
    new, state = right_adam(w, g, state, lr, beta1, beta2, eps)
    return new * (1 - weight_decay), state


decays_all_after_step = also(decay_not_scaled_by_lr, _pulls_without_rate)


@mistake("adamw_step")
def decays_after_step(w, g, state, lr, beta1, beta2, eps, weight_decay):
    """The decay also shrinks the step that you have just made. Which weights should it see?"""
    new, state = right_adam(w, g, state, lr, beta1, beta2, eps)
    return new * (1 - lr * weight_decay), state


@mistake("adamw_step")
def forgets_decay(w, g, state, lr, beta1, beta2, eps, weight_decay):
    """This is Adam: `weight_decay` changes nothing."""
    return right_adam(w, g, state, lr, beta1, beta2, eps)


@mistake("adamw_step")
def decays_twice(w, g, state, lr, beta1, beta2, eps, weight_decay):
    """The weights decay twice: by themselves, and once more through the gradient."""
    return right_adam(w * (1 - lr * weight_decay), g + weight_decay * w, state, lr, beta1, beta2, eps)


@mistake("adamw_step")
def grows_weights(w, g, state, lr, beta1, beta2, eps, weight_decay):
    """Your weights grow where they should decay."""
    return right_adam(w * (1 + lr * weight_decay), g, state, lr, beta1, beta2, eps)


@mistake("adamw_step")
def keeps_only_the_decay(w, g, state, lr, beta1, beta2, eps, weight_decay):
    """You keep the share that should be lost, and lose the one that should be kept."""
    return right_adam(w * lr * weight_decay, g, state, lr, beta1, beta2, eps)


@mistake("adamw_step")
def decay_of_unit_size(w, g, state, lr, beta1, beta2, eps, weight_decay):
    """All weights lose the same amount. In a decay each weight loses the same *share*."""
    return right_adam(w - lr * weight_decay, g, state, lr, beta1, beta2, eps)


def _decay_by_sign(w, g, state, lr, beta1, beta2, eps, weight_decay):
    return right_adam(w - lr * weight_decay * np.sign(w), g, state, lr, beta1, beta2, eps)


decay_by_sign = also(decay_of_unit_size, _decay_by_sign)


@mistake("adamw_step", name="no_bias_correction")
def adamw_no_bias_correction(w, g, state, lr, beta1, beta2, eps, weight_decay):
    """The decay is right, but the averages go into the step as they are. They start at zero: what did Adam do about that?"""
    return _adam("none")(w * (1 - lr * weight_decay), g, state, lr, beta1, beta2, eps)


@mistake("adamw_step", name="eps_inside_root")
def adamw_eps_inside_root(w, g, state, lr, beta1, beta2, eps, weight_decay):
    """The decay is right, but `eps` stands under the root. Take the root first."""
    return _adam(place="inside")(w * (1 - lr * weight_decay), g, state, lr, beta1, beta2, eps)


@mistake("adamw_step", name="betas_swapped")
def adamw_betas_swapped(w, g, state, lr, beta1, beta2, eps, weight_decay):
    """The decay is right, but the two betas have changed places: which belongs to the slopes, and which to their squares?"""
    return _adam("betas")(w * (1 - lr * weight_decay), g, state, lr, beta1, beta2, eps)


@mistake("adamw_step", name="forgets_state")
def adamw_forgets_state(w, g, state, lr, beta1, beta2, eps, weight_decay):
    """The decay is right, but every step is as if it were the first. What becomes of the state that you are given?"""
    return right_adam(w * (1 - lr * weight_decay), g, None, lr, beta1, beta2, eps)


@mistake("adamw_step", name="shares_state", seen_in=(TURNS,))
def adamw_counter_outside(
    w,
    g,
    state,
    lr,
    beta1,
    beta2,
    eps,
    weight_decay,
    memory=[0],  # noqa: B006 (that is the mistake)
):
    """Something is remembered between calls outside `state`: two descents that take turns get mixed up. Is it here, or in a function that you call?"""
    memory[0] += 1
    m, v = (0, 0) if state is None else state
    new, (m, v, _) = right_adam(w * (1 - lr * weight_decay), g, (m, v, memory[0] - 1), lr, beta1, beta2, eps)
    return new, (m, v)


@mistake("adamw_step", name="updates_in_place")
def adamw_in_place(w, g, state, lr, beta1, beta2, eps, weight_decay):
    """The numbers are right, but you change the weights that you were given. They belong to your caller: make a new array."""
    w *= 1 - lr * weight_decay
    return right_adam(w, g, state, lr, beta1, beta2, eps)


def _in_place_all(w, g, state, lr, beta1, beta2, eps, weight_decay):
    new, state = right_adam(w * (1 - lr * weight_decay), g, state, lr, beta1, beta2, eps)
    w[:] = new
    return w, state


adamw_all_in_place = also(adamw_in_place, _in_place_all)


@mistake("adamw_step", name="returns_weights_only")
def adamw_without_state(w, g, state, lr, beta1, beta2, eps, weight_decay):
    """Two things are needed back, the weights and the state: what you do not hand out you will not be given next time."""
    return right_adam(w * (1 - lr * weight_decay), g, state, lr, beta1, beta2, eps)[0]


# --- newton_step ------------------------------------------------------------------------------------


@mistake("newton_step")
def multiplies_by_hessian(w, g, hessian):
    """You multiply the gradient by the Hessian. Where the curvature is large, should the step get longer?"""
    return w - hessian @ g


@mistake("newton_step", name="ascends")
def newton_ascends(w, g, hessian):
    """The step has the right length and the wrong direction: the gradient points uphill."""
    return w + np.linalg.solve(hessian, g)


@mistake("newton_step")
def ignores_off_diagonal(w, g, hessian):
    """Each slope is divided by its own curvature alone. What do the entries off the diagonal say?"""
    return w - g / np.diag(hessian)


@mistake("newton_step")
def returns_step_only(w, g, hessian):
    """This is the step. Where does it lead from w?"""
    return np.linalg.solve(hessian, g)


returns_negative_step = also(returns_step_only, lambda w, g, hessian: -np.linalg.solve(hessian, g))


@mistake("newton_step")
def divides_by_table(w, g, hessian):
    """A flat array divided by a square table is done entry by entry, and gives a table. What does H⁻¹ mean?"""
    return w - g / hessian


@mistake("newton_step")
def inverse_times_entries(w, g, hessian):
    """`*` multiplies entry by entry, and gives a table. Which sign is the product of a matrix and a vector?"""
    return w - np.linalg.inv(hessian) * g


hessian_times_entries = also(inverse_times_entries, lambda w, g, hessian: w - hessian * g)


@mistake("newton_step")
def inverts_entries(w, g, hessian):
    """You take one divided by each entry. That is not the inverse of a matrix: H times its inverse gives the identity."""
    return w - (1 / hessian) @ g


@mistake("newton_step")
def plain_gradient_step(w, g, hessian):
    """The Hessian changes nothing here: this is a step of plain gradient descent with rate 1."""
    return w - g


@mistake("newton_step")
def solves_for_the_weights(w, g, hessian):
    """You solve for the weights. What the Hessian has to undo is the gradient."""
    return np.linalg.solve(hessian, w) - g


@mistake("newton_step")
def subtracts_before_solving(w, g, hessian):
    """You take the gradient away from the weights, and then solve. First solve, then take the step."""
    return np.linalg.solve(hessian, w - g)


@mistake("newton_step")
def flips_to_descend(w, g, hessian):
    """You turn negative curvatures into positive ones: on a saddle that is the wiser step, but it is not Newton's."""
    values, vectors = np.linalg.eigh(hessian)
    return w - vectors @ ((vectors.T @ g) / np.abs(values))


@mistake("newton_step", name="updates_in_place")
def newton_in_place(w, g, hessian):
    """The numbers are right, but you change the weights that you were given. They belong to your caller: make a new array."""
    w -= np.linalg.solve(hessian, g)
    return w


@mistake("newton_step")
def needs_a_bowl(w, g, hessian):
    """This works only where all curvatures are positive. The exercise asks for any Hessian that can be solved."""
    half = np.linalg.cholesky(hessian)
    return w - np.linalg.solve(half.T, np.linalg.solve(half, g))


@mistake("newton_step", name="returns_column")
def newton_column(w, g, hessian):
    """The numbers are right, but they stand in a column of shape (d, 1)."""
    return (w - np.linalg.solve(hessian, g))[:, None]


# --- cosine_schedule --------------------------------------------------------------------------------


@mistake("cosine_schedule")
def wrong_end(t, total, lr_max, lr_min):
    """Your schedule starts low and ends high. Which rate belongs to t = 0?"""
    return lr_min + (lr_max - lr_min) * (1 - math.cos(math.pi * t / total)) / 2


@mistake("cosine_schedule")
def degrees(t, total, lr_max, lr_min):
    """The cosine is given degrees. In which unit does it want the angle?"""
    return lr_min + (lr_max - lr_min) * (1 + math.cos(180 * t / total)) / 2


@mistake("cosine_schedule")
def forgets_minimum(t, total, lr_max, lr_min):
    """Your schedule ends at zero, whatever `lr_min` is."""
    return lr_max * (1 + math.cos(math.pi * t / total)) / 2


@mistake("cosine_schedule", name="forgets_minimum")
def adds_minimum_on_top(t, total, lr_max, lr_min):
    """Your schedule starts above `lr_max`: it falls by the whole of `lr_max`. How far is it from `lr_max` to `lr_min`?"""
    return lr_min + lr_max * (1 + math.cos(math.pi * t / total)) / 2


@mistake("cosine_schedule")
def floor_cuts_in(t, total, lr_max, lr_min):
    """Your schedule falls towards zero, and is cut off at `lr_min`. It should reach `lr_min` just at the end."""
    return max(lr_min, lr_max * (1 + math.cos(math.pi * t / total)) / 2)


@mistake("cosine_schedule")
def straight_line(t, total, lr_max, lr_min):
    """Both ends are right, but the way between them is a straight line. Where is the cosine?"""
    return lr_max + (lr_min - lr_max) * t / total


@mistake("cosine_schedule")
def quarter_turn(t, total, lr_max, lr_min):
    """Both ends are right, but yours is a quarter of a turn, steepest at the end. Half a turn starts and ends flat."""
    return lr_min + (lr_max - lr_min) * math.cos(math.pi / 2 * t / total)


@mistake("cosine_schedule")
def full_turn(t, total, lr_max, lr_min):
    """Your cosine makes a full turn, and ends where it began. How far should it have turned at t = total?"""
    return lr_min + (lr_max - lr_min) * (1 + math.cos(2 * math.pi * t / total)) / 2


@mistake("cosine_schedule")
def forgets_half(t, total, lr_max, lr_min):
    """1 + cos goes from 2 down to 0, so your schedule starts too high. What brings 2 down to 1?"""
    return lr_min + (lr_max - lr_min) * (1 + math.cos(math.pi * t / total))


@mistake("cosine_schedule")
def forgets_one(t, total, lr_max, lr_min):
    """A cosine alone goes down to −1. What has to be added before it is halved?"""
    return lr_min + (lr_max - lr_min) * math.cos(math.pi * t / total) / 2


@mistake("cosine_schedule")
def cosine_below_minimum(t, total, lr_max, lr_min):
    """Your rate swings below `lr_min`. Bring the cosine to the range from 0 to 1 before you scale it."""
    return lr_min + (lr_max - lr_min) * math.cos(math.pi * t / total)


@mistake("cosine_schedule")
def ends_a_step_early(t, total, lr_max, lr_min):
    """Your schedule is a step ahead or behind: which t belongs to `lr_max`, and which to `lr_min`?"""
    return lr_min + (lr_max - lr_min) * (1 + math.cos(math.pi * t / max(1, total - 1))) / 2


runs_a_step_ahead = also(
    ends_a_step_early,
    lambda t, total, lr_max, lr_min: lr_min + (lr_max - lr_min) * (1 + math.cos(math.pi * (t + 1) / total)) / 2,
)
ends_a_step_late = also(
    ends_a_step_early,
    lambda t, total, lr_max, lr_min: lr_min + (lr_max - lr_min) * (1 + math.cos(math.pi * t / (total + 1))) / 2,
)


@mistake("cosine_schedule")
def whole_division(t, total, lr_max, lr_min):
    """Your rate stays at the top until the end and then drops. What does `//` do to t / total?"""
    return lr_min + (lr_max - lr_min) * (1 + math.cos(math.pi * (t // total))) / 2


# --- clip_by_norm -----------------------------------------------------------------------------------


# What a wrong length does shows on gradients that are finite, whatever is done about those that are not.
_FINITE = (
    "gradients that are too long",
    "gradients that are short enough",
    "four arrays, each below max_norm, too long together",
    "one array that is too long",
)


def _checked_norm(gradients):
    norm = math.sqrt(sum(float(np.sum(g**2)) for g in gradients))
    if not math.isfinite(norm):
        raise ValueError("the norm is not finite")
    return norm


def _scaled(gradients, factor):
    return [factor * g for g in gradients]


@mistake("clip_by_norm", seen_in=_FINITE)
def per_tensor_norm(gradients, max_norm):
    """Each array is clipped by its own norm. All arrays together are *one* gradient: clipped one by one, it points elsewhere."""
    _checked_norm(gradients)
    return [g * min(1.0, max_norm / max(np.linalg.norm(g), 1e-300)) for g in gradients]


@mistake("clip_by_norm", seen_in=_FINITE)
def clips_values(gradients, max_norm):
    """Each number is clipped by itself, which turns the gradient into another direction. Clip its length."""
    _checked_norm(gradients)
    return [np.clip(g, -max_norm, max_norm) for g in gradients]


@mistake("clip_by_norm", seen_in=_FINITE)
def scales_up_small(gradients, max_norm):
    """A gradient that was short enough comes back longer. When should nothing happen?"""
    norm = _checked_norm(gradients)
    return _scaled(gradients, max_norm / norm if norm else 1.0)


@mistake("clip_by_norm", seen_in=_FINITE)
def scales_the_wrong_ones(gradients, max_norm):
    """What is too long stays as it is, and what is short enough is made longer. Which way does your comparison point?"""
    norm = _checked_norm(gradients)
    return _scaled(gradients, max_norm / norm if 0 < norm < max_norm else 1.0)


@mistake("clip_by_norm")
def lets_nan_pass(gradients, max_norm):
    """A gradient with NaN or infinity in it comes back without a word. What should its caller get to know?"""
    norm = math.sqrt(sum(float(np.sum(g**2)) for g in gradients))
    return _scaled(gradients, np.minimum(1.0, max_norm / max(norm, 1e-300)))


def _compares_first(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients))
    return _scaled(gradients, max_norm / norm) if norm > max_norm else gradients


lets_nan_pass_by_comparing = also(lets_nan_pass, _compares_first)


@mistake("clip_by_norm")
def lets_infinity_pass(gradients, max_norm):
    """NaN is refused, but an infinite gradient passes, and comes back as NaN and zeros. Which numbers are not finite?"""
    norm = math.sqrt(sum(float(np.sum(g**2)) for g in gradients))
    if math.isnan(norm):
        raise ValueError("NaN")
    return _scaled(gradients, min(1.0, max_norm / max(norm, 1e-300)))


@mistake("clip_by_norm")
def lets_only_nan_pass(gradients, max_norm):
    """An infinite gradient is refused, but NaN passes. A comparison with NaN is never true: how do you ask for it?"""
    norm = math.sqrt(sum(float(np.sum(g**2)) for g in gradients))
    if norm == math.inf:
        raise ValueError("infinite")
    return _scaled(gradients, max_norm / norm) if norm > max_norm else gradients


@mistake("clip_by_norm")
def mends_silently(gradients, max_norm):
    """You replace what is not finite and go on, so that nobody learns of it. The caller has to know."""
    gradients = [np.nan_to_num(g, nan=0.0, posinf=0.0, neginf=0.0) for g in gradients]
    return _scaled(gradients, min(1.0, max_norm / max(_checked_norm(gradients), 1e-300)))


def _gives_zeros(gradients, max_norm):
    norm = math.sqrt(sum(float(np.sum(g**2)) for g in gradients))
    if not math.isfinite(norm):
        return [np.zeros_like(g) for g in gradients]
    return _scaled(gradients, min(1.0, max_norm / max(norm, 1e-300)))


mends_with_zeros = also(mends_silently, _gives_zeros)


def _raising(kind):
    def clip(gradients, max_norm):
        try:
            return _scaled(gradients, min(1.0, max_norm / max(_checked_norm(gradients), 1e-300)))
        except ValueError:
            raise kind("the norm is not finite") from None

    return clip


@mistake("clip_by_norm")
def raises_another_error(gradients, max_norm):
    """It does raise, but not a ValueError. Which error does the exercise name?"""
    return _raising(RuntimeError)(gradients, max_norm)


raises_assertion = also(raises_another_error, _raising(AssertionError))
raises_floating_point_error = also(raises_another_error, _raising(FloatingPointError))
raises_overflow = also(raises_another_error, _raising(OverflowError))
raises_arithmetic = also(raises_another_error, _raising(ArithmeticError))
raises_type_error = also(raises_another_error, _raising(TypeError))


@mistake("clip_by_norm")
def returns_none_for_nan(gradients, max_norm):
    """For a gradient that is not finite None comes back. It should raise a ValueError: a return value is easily overlooked."""
    try:
        return _scaled(gradients, min(1.0, max_norm / max(_checked_norm(gradients), 1e-300)))
    except ValueError:
        return None


@mistake("clip_by_norm")
def returns_the_error(gradients, max_norm):
    """A ValueError is made but not raised: a `return` hands it over like any value. Which word throws it?"""
    try:
        return _scaled(gradients, min(1.0, max_norm / max(_checked_norm(gradients), 1e-300)))
    except ValueError as error:
        return error


@mistake("clip_by_norm")
def divides_by_zero(gradients, max_norm):
    """A gradient of zeros comes back as NaN, or stops your function. Its norm is 0: what do you divide by?"""
    return _scaled(gradients, min(1.0, max_norm / _checked_norm(gradients)))


def _unit_vectors(gradients, max_norm):
    norm = np.float64(_checked_norm(gradients))
    return [g / norm * min(norm, max_norm) for g in gradients]


divides_zeros_by_zero = also(divides_by_zero, _unit_vectors)


@mistake("clip_by_norm", seen_in=_FINITE)
def sum_of_norms(gradients, max_norm):
    """You add up the norms of the arrays. Lengths at right angles do not add up like that: think of Pythagoras."""
    _checked_norm(gradients)
    norm = sum(float(np.linalg.norm(g)) for g in gradients)
    return _scaled(gradients, min(1.0, max_norm / max(norm, 1e-300)))


@mistake("clip_by_norm", seen_in=_FINITE)
def largest_norm(gradients, max_norm):
    """You go by the longest array alone. Four arrays that are short enough one by one can be too long together."""
    _checked_norm(gradients)
    norm = max(float(np.linalg.norm(g)) for g in gradients)
    return _scaled(gradients, min(1.0, max_norm / max(norm, 1e-300)))


def _by(measure):
    """Clipping by another measure of the gradients, which also says whether they are finite."""

    def clip(gradients, max_norm):
        norm = measure(gradients)
        if not np.isfinite(norm):
            raise ValueError
        return _scaled(gradients, max_norm / norm if norm > max_norm else 1.0)

    return clip


@mistake("clip_by_norm", seen_in=_FINITE)
def squared_norm(gradients, max_norm):
    """This goes by the *square* of the length. What is still missing?"""
    norm = _checked_norm(gradients) ** 2
    return _scaled(gradients, min(1.0, max_norm / max(norm, 1e-300)))


@mistake("clip_by_norm", seen_in=_FINITE)
def largest_entry(gradients, max_norm):
    """You go by the largest number in it. The length counts all numbers."""
    _checked_norm(gradients)
    norm = max(float(np.abs(g).max()) for g in gradients)
    return _scaled(gradients, min(1.0, max_norm / max(norm, 1e-300)))


@mistake("clip_by_norm", seen_in=_FINITE)
def sum_of_sizes(gradients, max_norm):
    """You add up the sizes of all numbers. The length is the root of the sum of their squares."""
    _checked_norm(gradients)
    norm = sum(float(np.abs(g).sum()) for g in gradients)
    return _scaled(gradients, min(1.0, max_norm / max(norm, 1e-300)))


@mistake("clip_by_norm", seen_in=_FINITE)
def mean_of_squares(gradients, max_norm):
    """You take a mean where the length has a sum: your norm does not grow with the number of weights."""
    norm = _checked_norm(gradients) / math.sqrt(sum(g.size for g in gradients))
    return _scaled(gradients, min(1.0, max_norm / max(norm, 1e-300)))


@mistake("clip_by_norm", seen_in=_FINITE)
def norm_of_first_array(gradients, max_norm):
    """You go by the length of the first or the last array alone. All arrays together are one gradient."""
    return _by(lambda all_of_them: np.linalg.norm(all_of_them[0]))(gradients, max_norm)


norm_of_last_array = also(norm_of_first_array, _by(lambda gradients: np.linalg.norm(gradients[-1])))


@mistake("clip_by_norm", seen_in=_FINITE)
def clips_to_one(gradients, max_norm):
    """What is too long comes back with length 1, whatever `max_norm` is."""
    norm = _checked_norm(gradients)
    return _scaled(gradients, 1 / norm) if norm > max_norm else gradients


@mistake("clip_by_norm", name="updates_in_place")
def clip_in_place(gradients, max_norm):
    """The numbers are right, but you change the arrays that you were given. They belong to your caller: make new ones."""
    factor = min(1.0, max_norm / max(_checked_norm(gradients), 1e-300))
    for g in gradients:
        g *= factor
    return gradients


@mistake("clip_by_norm", name="updates_in_place")
def clip_in_the_list(gradients, max_norm):
    """The numbers are right, but you put them into the list that you were given. It belongs to your caller: make a new one."""
    factor = min(1.0, max_norm / max(_checked_norm(gradients), 1e-300))
    for index, g in enumerate(gradients):
        gradients[index] = g * factor
    return gradients


@mistake("clip_by_norm", seen_in=_FINITE)
def returns_norm_too(gradients, max_norm):
    """The norm comes back as well. The caller wants the list of gradients alone."""
    norm = _checked_norm(gradients)
    return _scaled(gradients, min(1.0, max_norm / max(norm, 1e-300))), norm


@mistake("clip_by_norm", seen_in=_FINITE)
def returns_norm_only(gradients, max_norm):
    """Only the norm comes back, as from torch's function of that name, which clips in place. Here the clipped gradients are wanted."""
    return _checked_norm(gradients)


@mistake("clip_by_norm", seen_in=_FINITE)
def never_clips(gradients, max_norm):
    """The gradients come back as they were. Does the factor that you work out get to them?"""
    _checked_norm(gradients)
    return list(gradients)


@mistake("clip_by_norm", seen_in=_FINITE)
def one_long_array(gradients, max_norm):
    """All numbers come back in one long array. Each array should come back in its own shape."""
    factor = min(1.0, max_norm / max(_checked_norm(gradients), 1e-300))
    return factor * np.concatenate([g.ravel() for g in gradients])


# --- one_torch_update -------------------------------------------------------------------------------


_CALLS = tuple(f"({title}, update {k})" for title in ("a linear model", "a model with old gradients") for k in (1, 2))
_PARAMETERS = tuple(f"the parameters {call}" for call in _CALLS)
_KINDS = tuple(f"what the loss is {call}" for call in _CALLS)


def _update(model, x, y, lr, zero=True, optimizer=torch.optim.SGD, criterion=None):
    optimizer = optimizer(model.parameters(), lr=lr)
    if zero:
        optimizer.zero_grad()
    loss = (criterion or torch.nn.MSELoss())(model(x), y)
    loss.backward()
    optimizer.step()
    return loss


@mistake("one_torch_update")
def forgets_zero_grad(model, x, y, lr):
    """The step also contains gradients that lay about from before. `backward()` adds to what is there: when is it cleared?"""
    return _update(model, x, y, lr, zero=False).item()


@mistake("one_torch_update")
def clears_too_late(model, x, y, lr):
    """You clear the gradients after the step. What about those that lay there before your function was called?"""
    loss = _update(model, x, y, lr, zero=False)
    model.zero_grad()
    return loss.item()


@mistake("one_torch_update")
def step_before_backward(model, x, y, lr):
    """The loss is right, but the model does not move. When the optimizer steps, are this batch's gradients there yet, are they there still, and is it this model's?"""
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    optimizer.zero_grad()
    loss = torch.nn.functional.mse_loss(model(x), y)
    optimizer.step()
    loss.backward()
    return loss.item()


def _clears_between(model, x, y, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    loss = torch.nn.functional.mse_loss(model(x), y)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


clears_between_backward_and_step = also(step_before_backward, _clears_between)
updates_a_copy = also(
    step_before_backward, lambda model, x, y, lr: _update(copy.deepcopy(model), x, y, lr, zero=True).item()
)


@mistake("one_torch_update", name="step_before_backward")
def steps_on_old_gradients(model, x, y, lr):
    """The optimizer steps before this batch's gradients are there: it moves by what lay about from before. In which order do the moves come?"""
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    loss = torch.nn.functional.mse_loss(model(x), y)
    optimizer.step()
    optimizer.zero_grad()
    loss.backward()
    return loss.item()


@mistake("one_torch_update")
def returns_tensor(model, x, y, lr):
    """The number is right, but it is still a tensor, and may hold on to the whole graph behind it. How does one get a plain number out?"""
    return _update(model, x, y, lr)


returns_detached_tensor = also(returns_tensor, lambda model, x, y, lr: _update(model, x, y, lr).detach())


@mistake("one_torch_update", name="returns_tensor", seen_in=_KINDS)
def returns_tensor_of_another_update(model, x, y, lr):
    """Something else is not right yet, and what comes back is a tensor. First give back a plain number, then check again."""
    return _update(model, x, y, lr, zero=False)


@mistake("one_torch_update")
def loss_after_update(model, x, y, lr):
    """The update is right, but the loss that comes back is the one *after* it."""
    _update(model, x, y, lr)
    return torch.nn.functional.mse_loss(model(x), y).item()


@mistake("one_torch_update")
def sums_errors(model, x, y, lr):
    """Your loss adds up the squared errors. Which loss does the M in MSE stand for?"""
    return _update(model, x, y, lr, criterion=torch.nn.MSELoss(reduction="sum")).item()


@mistake("one_torch_update")
def another_loss(model, x, y, lr):
    """This is not the mean squared error. Which class of `torch.nn` is?"""
    return _update(model, x, y, lr, criterion=torch.nn.L1Loss()).item()


another_loss_huber = also(
    another_loss, lambda model, x, y, lr: _update(model, x, y, lr, criterion=torch.nn.SmoothL1Loss()).item()
)


@mistake("one_torch_update")
def another_optimizer(model, x, y, lr):
    """The loss is right, but the update is not plain SGD's. Which optimizer did you make?"""
    return _update(model, x, y, lr, optimizer=torch.optim.Adam).item()


another_optimizer_adamw = also(
    another_optimizer, lambda model, x, y, lr: _update(model, x, y, lr, optimizer=torch.optim.AdamW).item()
)
another_optimizer_rmsprop = also(
    another_optimizer, lambda model, x, y, lr: _update(model, x, y, lr, optimizer=torch.optim.RMSprop).item()
)


@mistake("one_torch_update")
def ignores_rate_of_caller(model, x, y, lr):
    """Your learning rate is always the same. Who decides it?"""
    return _update(model, x, y, 0.01).item()


ignores_rate_default = also(ignores_rate_of_caller, lambda model, x, y, lr: _update(model, x, y, 1e-3).item())


@mistake("one_torch_update")
def steps_twice(model, x, y, lr):
    """The optimizer steps twice with the same gradients."""
    loss = _update(model, x, y, lr)
    torch.optim.SGD(model.parameters(), lr=lr).step()
    return loss.item()


@mistake("one_torch_update")
def ascends_the_loss(model, x, y, lr):
    """The parameters move up the slope, so that the loss grows."""
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    optimizer.zero_grad()
    loss = torch.nn.functional.mse_loss(model(x), y)
    (-loss).backward()
    optimizer.step()
    return loss.item()


@mistake("one_torch_update")
def returns_model(model, x, y, lr):
    """The model comes back. It was changed where it is; what the caller wants to know is the loss."""
    _update(model, x, y, lr)
    return model


@mistake("one_torch_update", name="returns_nothing")
def update_without_return(model, x, y, lr):
    """The update is right, but nothing is handed back: a function without a `return` gives None."""
    _update(model, x, y, lr)


@mistake("one_torch_update")
def returns_root(model, x, y, lr):
    """The update is right, but what comes back is the root of the MSE."""
    return math.sqrt(_update(model, x, y, lr).item())


@mistake("one_torch_update")
def rounds_loss(model, x, y, lr):
    """The loss is rounded. Rounding is for printing."""
    return round(_update(model, x, y, lr).item(), 4)


@mistake("one_torch_update")
def halves_loss(model, x, y, lr):
    """Your loss is half of the MSE, and so is the step."""
    return _update(model, x, y, lr, criterion=lambda predictions, y: ((predictions - y) ** 2).mean() / 2).item()


@mistake("one_torch_update", seen_in=_PARAMETERS)
def one_update_per_sample(model, x, y, lr):
    """You make one update for each sample. The exercise asks for one, on the MSE of all of them."""
    losses = [_update(model, x[k : k + 1], y[k : k + 1], lr).item() for k in range(len(x))]
    return sum(losses) / len(losses)


def _without_clearing(model, x, y, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    optimizer.zero_grad()
    for k in range(len(x)):
        torch.nn.functional.mse_loss(model(x[k : k + 1]), y[k : k + 1]).backward()
        optimizer.step()
    return 0.0


updates_per_sample_without_clearing = also(one_update_per_sample, _without_clearing)
updates_per_sample_and_never_clears = also(
    one_update_per_sample,
    lambda model, x, y, lr: [_update(model, x[k : k + 1], y[k : k + 1], lr, zero=False) for k in range(len(x))],
)


@mistake("one_torch_update")
def drops_an_axis(model, x, y, lr):
    """Your predictions have lost an axis, and met the targets in a square table. Print both shapes: do they agree?"""
    return _update(model, x, y, lr, criterion=lambda predictions, y: ((predictions.squeeze(-1) - y) ** 2).mean()).item()


flattens_predictions = also(
    drops_an_axis,
    lambda model, x, y, lr: _update(
        model, x, y, lr, criterion=lambda predictions, y: ((predictions.squeeze() - y) ** 2).mean()
    ).item(),
)


@mistake("one_torch_update")
def divides_loss_again(model, x, y, lr):
    """The update is right, but you divide the loss by the number of samples. It is a mean already."""
    return _update(model, x, y, lr).item() / len(x)
