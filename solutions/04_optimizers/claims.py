"""What lesson 04 says in numbers, each with the code that computes it."""

import math

import numpy as np

from autograder.authoring import claim

RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)


# --- the lesson's methods, and what is measured of them ----------------------------------------------


def momentum(names, rate, mu=0.9):
    return lambda w, g, state: names["momentum_step"](w, g, state, rate, mu)


def rmsprop(names, rate):
    return lambda w, g, state: names["rmsprop_step"](w, g, state, rate, 0.99, 1e-8)


def adam(names, rate):
    return lambda w, g, state: names["adam_step"](w, g, state, rate, 0.9, 0.999, 1e-8)


def plain(names, rate):
    return names["plain"](rate)


def ravine_losses(names, step, steps=2000, degrees=0):
    """The loss along a path down the ravine, turned by `degrees`."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = np.array([[c, -s], [s, c]])
    hessian = turn @ np.diag(names["CURVATURES"]) @ turn.T
    with np.errstate(all="ignore"):
        path = names["descend"](lambda w: hessian @ w, turn @ names["START"], step, steps)
        return 0.5 * np.sum(path @ hessian * path, axis=1)


def steps_needed(names, step, degrees=0):
    """Steps until the loss stays below 0.01; inf where that takes more than 2,000."""
    high = np.flatnonzero(~(ravine_losses(names, step, degrees=degrees) < 0.01))
    return int(high[-1]) + 1 if high[-1] < 2000 else math.inf


def row(names, method, degrees=0):
    """A line of the table: the steps needed at each rate."""
    return [steps_needed(names, method(names, rate), degrees) for rate in RATES]


def mu_07(names, rate):
    return momentum(names, rate, 0.7)


def falls_below(names, step, level):
    """The first step near the saddle whose loss is below `level`."""
    path = names["descend"](lambda w: np.array([w[0], w[1] ** 3 - w[1]]), np.array([1.0, 0.0001]), step, 120)
    return int(np.argmax([0.5 * (w[0] ** 2 - w[1] ** 2) + w[1] ** 4 / 4 < level for w in path]))


# --- claims -----------------------------------------------------------------------------------------


@claim("no rate above 2/50 = 0.04", "0.04")
def limit_of_the_steep_side(names):
    return 2 / names["CURVATURES"].max()


@claim("even at 0.04 each step leaves 96 % of the distance", "96")
def what_is_left_along_the_bottom(names):
    w, _ = plain(names, 0.04)(np.array([1.0, 0.0]), names["ravine_gradient"](np.array([1.0, 0.0])), None)
    return 100 * w[0]


@claim("v grows to 1 + 0.9 + 0.81 + … = 10 slopes", "10")
def velocity_of_equal_slopes(names):
    w, state = np.zeros(1), None
    for _ in range(300):
        before = w
        w, state = names["momentum_step"](w, np.ones(1), state, 1.0, 0.9)
    return before[0] - w[0]


@claim("the first is η/√(1 − α), or 10 η with α = 0.99", "10")
def first_step_of_rmsprop(names):
    return -names["rmsprop_step"](np.zeros(1), np.ones(1), None, 1.0, 0.99, 1e-12)[0][0]


@claim("in the long run each weight moves about η per step")
def later_steps_of_rmsprop(names):
    w, state = np.zeros(2), None
    for _ in range(500):
        before = w
        w, state = names["rmsprop_step"](w, np.array([0.01, 50.0]), state, 0.1, 0.99, 1e-8)
    return np.allclose(before - w, 0.1, rtol=0.01)


@claim(
    "0.1·g / √(0.001·g²) = 3.16, up to the sign. So 3.16 η instead of η: v is 1,000 times too small, its root 32 times,",
    "3.16",
    "1,000",
    "32",
)
def first_step_without_correction(names):
    return (1 - 0.9) / math.sqrt(1 - 0.999), 1 / (1 - 0.999), 1 / math.sqrt(1 - 0.999)


@claim("and m only 10 times", "10")
def first_average_of_slopes(names):
    return 1 / (1 - 0.9)


@claim("with momentum the limit is 2(1 + μ)/λ, here 0.076 for μ = 0.9.", "0.076")
def limit_with_momentum(names):
    ends = [ravine_losses(names, momentum(names, rate), 6000)[-1] for rate in (0.0758, 0.0762)]
    return 2 * (1 + 0.9) / 50 if ends[0] < 1e-9 and not ends[1] < 1e9 else math.nan


@claim("At 0.01 momentum (85 steps), then plain descent (402), far ahead of Adam (1,672).", "85", "402", "1,672")
def race_at_001(names):
    return [steps_needed(names, method(names, 0.01)) for method in (momentum, plain, adam)]


@claim("At 0.1 only Adam arrives (149).", "149")
def race_at_01(names):
    others = [steps_needed(names, method(names, 0.1)) for method in (plain, momentum, mu_07, rmsprop)]
    return steps_needed(names, adam(names, 0.1)) if min(others) == math.inf else math.nan


@claim("Adam (80) seems a little ahead of momentum (85); plain descent needs 133.", "80", "85", "133")
def best_in_the_table(names):
    return [min(row(names, method)) for method in (adam, momentum, plain)]


@claim("With 0.7 momentum needs 29.", "29")
def best_with_another_momentum(names):
    return min(row(names, mu_07))


@claim("it arrives at six of eight rates, plain descent at three")
def how_forgiving(names):
    return [sum(steps < math.inf for steps in row(names, method)) for method in (adam, plain)] == [6, 3]


@claim("Turning changes nothing for plain descent and momentum")
def turned_without_axes(names):
    return all(row(names, method) == row(names, method, 30) for method in (plain, momentum, mu_07))


@claim("Adam at 0.1 needs 327 steps instead of 149", "327", "149")
def adam_turned(names):
    return steps_needed(names, adam(names, 0.1), 30), steps_needed(names, adam(names, 0.1))


@claim("(At 1.0 it hardly minds: 85.)", "85")
def adam_turned_at_a_large_rate(names):
    return steps_needed(names, adam(names, 1.0), 30)


@claim("Hence the dash at 0.1, where it raced so neatly.")
def rmsprop_does_not_stay(names):
    losses = ravine_losses(names, rmsprop(names, 0.1))
    return bool(losses.min() < 0.01) and steps_needed(names, rmsprop(names, 0.1)) == math.inf


@claim("Momentum must remember one more number for each weight, Adam two: for a billion float32 weights, 8 GB.", "8")
def memory_of_adam(names):
    return 2 * np.float32().itemsize * 10**9 / 1e9


@claim("Newton's step leads from w to −w³")
def newton_on_a_curve(names):
    w = np.array([1.1])
    curve = math.sqrt(1 + 1.1**2)
    return np.allclose(names["newton_step"](w, w / curve, np.array([[curve**-3]])), -(w**3))


@claim("to two bottoms at ±1 with loss −0.25", "−0.25")
def bottoms_of_the_saddle(names):
    w = np.linspace(-2, 2, 4001)
    losses = -(w**2) / 2 + w**4 / 4
    return losses.min() if abs(abs(w[losses.argmin()]) - 1) < 1e-9 else math.nan


@claim("Plain descent stays on a plateau near 0 for about 80 steps, momentum for about 30; Adam falls at once.")
def leaving_the_saddle(names):
    left = [falls_below(names, method(names, 0.1), -0.01) for method in (plain, momentum, adam)]
    return 75 <= left[0] <= 85 and 25 <= left[1] <= 35 and left[2] <= 8


@claim("It divides 0.0001 by its own size, and that is a full step.")
def first_step_of_adam(names):
    return np.allclose(
        names["adam_step"](np.zeros(1), np.array([-0.0001]), None, 0.1, 0.9, 0.999, 1e-8)[0], 0.1, rtol=1e-3
    )


@claim("4 billion GB in float32", "4")
def memory_of_a_hessian(names):
    return np.float32().itemsize * 1e18 / 1e9 / 1e9


@claim("about n³ = 10²⁷ operations")
def operations_of_a_solve(names):
    return (10**9) ** 3 == 10**27


@claim("the others end about four times nearer")
def distances_with_schedules(names):
    total, high = 300, 0.3
    rates = {
        "constant": [high] * total,
        "staircase": [high * 0.1 ** (t // 100) for t in range(total)],
        "cosine": [names["cosine_schedule"](t, total, high, 0.0) for t in range(total)],
    }
    noise = np.random.default_rng(4).normal(size=(total, 200))
    ends = {}
    for name, schedule in rates.items():
        w = np.full(200, 10.0)
        for rate, wrong in zip(schedule, noise, strict=True):
            w = w - rate * (w + wrong)
        ends[name] = np.abs(w).mean()
    return all(3.5 < ends["constant"] / ends[name] < 4.5 for name in ("staircase", "cosine"))
