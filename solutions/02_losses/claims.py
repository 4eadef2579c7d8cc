"""What lesson 02 says in numbers, each with the code that computes it."""

import warnings

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

from autograder.authoring import claim

PRICES = np.array([2.0, 3.0, 3.0, 4.0, 13.0])
DEARER = np.array([2.0, 3.0, 3.0, 4.0, 130.0])
LOGITS = np.array([[2.0, 1.0, 0.1]])
ZERO = np.zeros(1)


def lowest(loss, prices, numbers):
    """The number at which `loss` of all prices is lowest."""
    return numbers[np.argmin([loss(np.full(len(prices), number), prices) for number in numbers])]


def slope(loss, x, step=1e-6):
    return (loss(x + step) - loss(x - step)) / (2 * step)


@claim("an error of 10 counts a hundred times as much as an error of 1")
def squares(names):
    large, small = (F.mse_loss(torch.tensor(error), torch.tensor(0.0)).item() for error in (10.0, 1.0))
    return large == 100 * small


@claim("The **MAE** (also *L1 loss*) counts it ten times")
def sizes(names):
    return bool(np.isclose(names["mae"](np.array([10.0]), ZERO), 10 * names["mae"](np.array([1.0]), ZERO)))


@claim("the MSE is a parabola, lowest at 5", "5")
def the_mean_is_best(names):
    return lowest(lambda p, y: np.mean((p - y) ** 2), PRICES, np.linspace(0, 14, 1401))


@claim("lowest at 3.*", "3")
def the_median_is_best(names):
    return lowest(names["mae"], PRICES, np.linspace(0, 14, 1401))


@claim("The MSE 28.4, the MAE still 3.", "28.4", "3")
def one_wild_value(names):
    numbers = np.linspace(0, 140, 14001)
    return lowest(lambda p, y: np.mean((p - y) ** 2), DEARER, numbers), lowest(names["mae"], DEARER, numbers)


@claim("The MSE's best number is the *mean*, 142/5", "142", "5")
def the_mean_as_a_fraction(names):
    return DEARER.sum(), DEARER.size


@claim("At |e| = β both give β/2 (no jump) and have slope 1 (no kink).")
def branches_meet(names):
    def of(size, beta):
        return names["smooth_l1"](np.array([size]), ZERO, beta)

    return all(
        np.isclose(of(beta * (1 + side), beta), beta / 2, rtol=1e-4)
        and np.isclose(slope(lambda e, beta=beta: of(e, beta), beta * (1 + side)), 1, rtol=1e-4)
        for beta in (0.3, 1.0, 2.5)
        for side in (-1e-5, 1e-5)
    )


@claim("for β = 2: an error of 0.5 costs 0.25/4 = 0.0625, an error of −3 costs 3 − 1 = 2.", "0.0625", "2")
def smooth_in_numbers(names):
    return names["smooth_l1"](np.array([0.5]), ZERO, 2.0), names["smooth_l1"](np.array([-3.0]), ZERO, 2.0)


@claim("3.33 both times.", "3.33")
def smooth_hardly_minds(names):
    numbers = np.linspace(0, 10, 10001)
    first, second = (lowest(lambda p, y: names["smooth_l1"](p, y, 1.0), prices, numbers) for prices in (PRICES, DEARER))
    return first if first == second else np.nan


@claim("3, 3 and 4, with mean 3.33", "3.33")
def mean_of_the_near(names):
    return np.mean(PRICES[np.abs(PRICES - 10 / 3) < 1])


@claim("For δ = β, Huber is β times Smooth L1, in both branches")
def huber(names):
    errors = np.array([0.05, 0.7, 4.0])
    return all(
        np.isclose(
            beta * names["smooth_l1"](np.array([e]), ZERO, beta),
            float(F.huber_loss(torch.tensor([e]), torch.zeros(1, dtype=torch.float64), delta=beta)),
        )
        for beta in (0.1, 1.0, 3.0)
        for e in errors
    )


@claim("with β = 0.1 the slopes differ ten times")
def huber_is_flatter(names):
    smooth = slope(lambda e: names["smooth_l1"](np.array([e]), ZERO, 0.1), 2.0)
    flat = slope(lambda e: float(F.huber_loss(torch.tensor([e], dtype=torch.float64), torch.zeros(1), delta=0.1)), 2.0)
    return bool(np.isclose(smooth, 10 * flat, rtol=1e-4))


@claim("Floats end near 10³⁰⁸")
def largest_float(names):
    return bool(308 < np.log10(np.finfo(float).max) < 309)


@claim("so $e^{1002}$ becomes `inf`, and inf/inf is nan. $e^{-998}$ is smaller than the smallest float and becomes 0")
def ends_of_the_floats(names):
    with np.errstate(all="ignore"):
        return bool(np.isinf(np.exp(1002.0)) and np.isnan(np.exp(1002.0) / np.inf) and np.exp(-998.0) == 0)


@claim("All three lines should give [0.659, 0.242, 0.099]", "0.659", "0.242", "0.099")
def softmax_in_numbers(names):
    rows = [names["softmax"](LOGITS + shift)[0] for shift in (0, 1000, -1000)]
    return rows[0] if np.allclose(rows, rows[0]) else [np.nan] * 3


@claim("(0.43, 0.32, 0.25)", "0.43", "0.32", "0.25")
def softmax_of_small_logits(names):
    return names["softmax"](0.3 * LOGITS)[0]


@claim("times 1 they are 0.66, 0.24, 0.10, times 3 the first takes 0.95", "0.66", "0.24", "0.10", "0.95")
def softmax_of_large_logits(names):
    return [*names["softmax"](LOGITS)[0], names["softmax"](3 * LOGITS)[0, 0]]


@claim("0.417 for p = 0.659, 4.6 for p = 0.01", "0.417", "4.6")
def surprises(names):
    return -np.log([0.659, 0.01])


@claim("0, 1000 and 2000.", "0", "1000", "2000")
def losses_of_far_logits(names):
    far = np.array([[1000.0, 0.0, -1000.0]])
    return [names["cross_entropy"](far, np.array([c])) for c in range(3)]


@claim("−log p falls from above 5 to 0")
def left_end_of_the_curve(names):
    return bool(-np.log(0.005) > 5)


@claim("p = 1/10, so log 10 = 2.303.", "2.303")
def first_loss(names):
    return names["cross_entropy"](np.zeros((1, 10)), np.array([4]))


@claim(
    "z = 0 with label 1 costs log 2 = 0.693; z = 2 with label 0 costs log(1 + e²) = 2.127.",
    "0.693",
    "2.127",
)
def binary_in_numbers(names):
    return names["bce_with_logits"](ZERO, np.ones(1)), names["bce_with_logits"](np.array([2.0]), ZERO)


@claim("cross-entropy (solid) falls along a line from 8")
def left_end_of_the_line(names):
    return bool(np.isclose(names["bce_with_logits"](np.array([-8.0]), np.ones(1)), 8, atol=1e-3))


@claim("Cross-entropy: its slope there is nearly −1. The squared error's is about −0.0007", "−1", "−0.0007")
def slopes_at_minus_eight(names):
    return (
        slope(lambda z: names["bce_with_logits"](np.array([z]), np.ones(1)), -8.0),
        slope(lambda z: (1 / (1 + np.exp(-z)) - 1) ** 2, -8.0),
    )


@claim("Together: σ(z) − t, by how much the probability was off.")
def slope_of_cross_entropy(names):
    return all(
        np.isclose(
            slope(lambda z, t=t: names["bce_with_logits"](np.array([z]), np.array([t])), z), 1 / (1 + np.exp(-z)) - t
        )
        for z in (-3.0, 0.5, 2.0)
        for t in (0.0, 1.0)
    )


@claim("three of the numbers are wrong")
def wrong_calls(names):
    z, c = torch.tensor(LOGITS), torch.tensor([0])
    score, label = torch.tensor([40.0], dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    three = (F.nll_loss(z.softmax(1), c), F.cross_entropy(z.softmax(1), c))
    right, binary = F.cross_entropy(z, c), F.binary_cross_entropy(torch.sigmoid(score), label)
    same = torch.isclose(F.nll_loss(z.log_softmax(1), c), right)
    return bool(same and not any(torch.isclose(wrong, right) for wrong in three) and abs(binary - 40) > 1)


@claim("Where does −0.659 come from", "−0.659")
def minus_a_probability(names):
    return F.nll_loss(torch.tensor(LOGITS).softmax(1), torch.tensor([0]))


@claim("at best [1, 0, 0], and the loss of that is log(1 + 2/e) = 0.551", "0.551")
def floor_of_two_softmaxes(names):
    return names["cross_entropy"](np.array([[1.0, 0.0, 0.0]]), np.array([0]))


@claim("The score 40 for a *no* should cost 40. Why 100?", "40", "40", "100")
def a_confident_mistake(names):
    score, label = torch.tensor([40.0], dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    right = F.binary_cross_entropy_with_logits(score, label)
    return 40.0, right, F.binary_cross_entropy(torch.sigmoid(score), label)


@claim("σ(40) is rounded to exactly 1, so 1 − p is 0, and its log −∞. BCELoss cuts logs off at −100.", "1", "−100")
def where_it_is_cut(names):
    p = torch.sigmoid(torch.tensor([40.0], dtype=torch.float64))
    return p, -F.binary_cross_entropy(p, torch.zeros(1, dtype=torch.float64))


@claim("but its slope is 0: the worst mistake teaches nothing")
def no_slope(names):
    score = torch.tensor([40.0], dtype=torch.float64, requires_grad=True)
    F.binary_cross_entropy(torch.sigmoid(score), torch.zeros(1, dtype=torch.float64)).backward()
    return score.grad.item() == 0


@claim("the second's is near 0 there, and at most a quarter in size")
def a_quarter(names):
    z = torch.linspace(-8, 8, 1601, dtype=torch.float64, requires_grad=True)
    p = torch.stack([z, 0 * z, 0 * z], 1).softmax(1)
    F.nll_loss(p, torch.zeros(len(z), dtype=torch.int64), reduction="sum").backward()
    return bool(abs(z.grad.abs().max() - 0.25) < 1e-4 and z.grad[0].abs() < 1e-3)


@claim("One slip of shape gets a UserWarning and no error: `nn.MSELoss()` on (n, 1) and (n,) compares all n × n pairs")
def a_square_of_pairs(names):
    column, flat = torch.arange(3.0)[:, None], torch.tensor([5.0, 1.0, 2.0])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        got = nn.MSELoss()(column, flat)
    return bool(any(w.category is UserWarning for w in caught) and got == ((column - flat) ** 2).mean())
