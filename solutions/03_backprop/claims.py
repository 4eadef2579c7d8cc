"""What lesson 03 says in numbers, each with the code that computes it."""

import math

import numpy as np
import torch
from sklearn.datasets import load_digits

from autograder.authoring import claim


@claim('"At a second a look: sixty-three years."')
def a_billion_knobs_up_and_down(names):
    return int(2e9 / (365.25 * 86_400)) == 63


@claim("|y = 2x|2|dy/dx = 2|")
def first_arrow(names):
    return (2 * 1, slope(names, lambda w: 2 * w[0], 1.0)) == (2, 2)


@claim("|z = y²|4|dz/dy = 2y = 4|")
def second_arrow(names):
    return (2**2, slope(names, lambda w: w[0] ** 2, 2.0)) == (4, 4)


@claim("dz/dx = 4 · 2 = 8", "8")
def along_a_way(names):
    return slope(names, lambda w: (2 * w[0]) ** 2, 1.0)


@claim("each with local gradient a: together 2a")
def where_ways_meet(names):
    a = names["Node"](7.0)
    names["topological_backward"](a * a)
    return a.grad == 14


@claim("b gets 1 + 0.5 = 1.5", "1.5")
def shared_node(names):
    return shared_graph(names)[1].grad


@claim("a would end at 1.0 instead of 1.5", "1.0", "1.5")
def handed_on_too_early(names):
    a, _ = shared_graph(names)
    b_before_the_squares_share = 1.0
    return 2 * a.value * b_before_the_squares_share, a.grad


@claim("up to 2³⁰ ways")
def ways_down_a_ladder(names):
    top = bottom = names["Node"](0.0)
    for _ in range(30):
        top = top + top
    names["topological_backward"](top)  # all slopes are 1: the gradient counts the ways
    return bottom.grad == 2**30


@claim("8, then 16: PyTorch *adds* to `.grad`", "8", "16")
def walks_add_up(names):
    x, seen = torch.tensor([1.0], requires_grad=True), []
    for _ in range(2):
        ((x * 2) ** 2).backward()
        seen.append(x.grad.item())
    return seen


@claim("(9.261 − 6.859) / 0.2 = 12.01. The truth is 12.", "9.261", "6.859", "12.01", "12")
def central_differences_of_a_cube(names):
    measured = names["numerical_gradient"](lambda w: w[0] ** 3, np.array([2.0]), 0.1)[0]
    return 2.1**3, 1.9**3, measured, 3 * 2.0**2


@claim("(9.261 − 8) / 0.1 = 12.61", "12.61")
def one_sided_difference_of_a_cube(names):
    return (2.1**3 - 2**3) / 0.1


@claim("softmax [0.659, 0.242, 0.099], so dS = [−0.341, 0.242, 0.099]", "0.659", "0.242", "0.099", "−0.341")
def slope_by_the_scores(names):
    p = torch.softmax(torch.tensor([2.0, 1.0, 0.1]), dim=0).tolist()
    return *p, p[0] - 1


@claim("lowest near ε = 1e-5, below 1e-9.")
def lowest_error_of_central_differences(names):
    central = {eps: gradient_check(names, eps)["central"] for eps in (1e-7, 1e-6, 1e-5, 1e-4, 1e-3)}
    return min(central, key=central.get) == 1e-5 and central[1e-5] < 1e-9


@claim("beyond 1e-3 a step crosses a kink of the ReLU")
def a_step_across_the_kink(names):
    X, _, W1, b1, _, _ = small_network()
    on = [step_changes_a_unit(X, W1, b1, eps) for eps in (1e-3, 1e-2)]
    return on == [False, True]


@claim("The one-sided V is less deep.")
def one_sided_errors(names):
    checks = [gradient_check(names, 10.0**power) for power in range(-12, 0)]
    return min(check["central"] for check in checks) < 0.1 * min(check["one-sided"] for check in checks)


@claim("The forged gradient stays above 1e-3.")
def a_forged_gradient(names):
    return all(gradient_check(names, 10.0**power)["forged"] > 1e-3 for power in range(-12, 0))


@claim("with ε near 1e-5 (see the picture in §5): below 1e-7 is right, above 1e-3 is a bug")
def rule_of_thumb(names):
    check = gradient_check(names, 1e-5)
    return check["central"] < 1e-7 and check["forged"] > 1e-3


@claim("A billion weights at a second a pass: 63 years a step.", "63")
def two_passes_for_each_weight(names):
    return math.floor(2e9 / (365.25 * 86_400))


@claim("The sigmoid's slope σ(z)(1 − σ(z)) is at most 0.25.", "0.25")
def steepest_sigmoid(names):
    s = torch.sigmoid(torch.linspace(-9, 9, 1801))
    return (s * (1 - s)).max()


@claim("at most 0.25¹⁰ = 9.54e-7 from the activations alone", "9.54e-7")
def ten_sigmoids(names):
    return 0.25**10


@claim("If that stretches by 2 each time, 128 layers exceed float32: `inf`.")
def beyond_float32(names):
    with np.errstate(over="ignore"):
        return bool(np.isfinite(np.float32(2) ** np.float32(127)) and np.isinf(np.float32(2) ** np.float32(128)))


@claim("Sigmoid climbs nearly straight from 1e-7 in layer 1 to above 1 in layer 12.")
def sigmoid_norms(names):
    norms = norms_of(names, "sigmoid")
    straight = np.corrcoef(np.arange(12), np.log10(norms))[0, 1] > 0.99
    return bool(straight and f"{norms[0]:.0e}" in ("8e-08", "9e-08", "1e-07") and norms[-1] > 1)


@claim("Tanh is level near 1; ReLU is level near 0.01.")
def level_norms(names):
    tanh, relu = norms_of(names, "tanh"), norms_of(names, "relu")
    return bool((tanh > 0.5).all() and (tanh < 2.5).all() and (relu > 0.003).all() and (relu < 0.01).all())


@claim("(root mean square 1 to 0.008)", "1", "0.008")
def relu_outputs_shrink(names):
    outputs, _ = relu_walk()
    return [np.sqrt(np.mean(outputs[layer] ** 2)) for layer in (0, -1)]


@claim("(norm of dZ 0.011 to 0.0005)", "0.011", "0.0005")
def relu_blame_shrinks(names):
    _, slopes = relu_walk()
    return np.linalg.norm(slopes[-1]), np.linalg.norm(slopes[0])


@claim("fan_in · σ² should be 1")
def size_is_kept(names):
    rng = np.random.default_rng(0)
    before = rng.normal(size=(200, 400))
    after = before @ (rng.normal(size=(400, 400)) / np.sqrt(400))
    return bool(np.isclose(np.mean(after**2), np.mean(before**2), rtol=0.05))


@claim("In a square layer Xavier is 1/√width, as in §6, too small for ReLU.")
def xavier_in_a_square_layer(names):
    one, other = (np.random.default_rng(0) for _ in range(2))
    return np.allclose(names["xavier_init"](64, 64, one), other.normal(size=(64, 64)) / np.sqrt(64))


@claim("Weights of 0.01 vanish everywhere.")
def small_weights(names):
    return all(power_of_ten(act, normal(0.01), 32) < -30 for act in (torch.sigmoid, torch.tanh, torch.relu))


@claim("N(0, 1) explodes with tanh (10) and ReLU (24), yet suits sigmoid best (−2)", "10", "24", "−2")
def standard_normal_weights(names):
    return [power_of_ten(act, normal(1.0), 32) for act in (torch.tanh, torch.relu, torch.sigmoid)]


@claim("There Xavier (−20) and He (−16) vanish.", "−20", "−16")
def starts_with_sigmoid(names):
    return [power_of_ten(torch.sigmoid, names[start], 32) for start in ("xavier_init", "he_init")]


@claim("Xavier holds for tanh and fades for ReLU (−5), where He holds.", "−5")
def starts_with_tanh_and_relu(names):
    holding = (
        power_of_ten(torch.tanh, names["xavier_init"], 32),
        power_of_ten(torch.relu, names["he_init"], 32),
    )
    assert all(abs(value) < 0.5 for value in holding), holding
    return power_of_ten(torch.relu, names["xavier_init"], 32)


@claim("One of them is flat: this unit is off for every image")
def a_dead_unit(names):
    on = (load_digits().data[:500] / 16 @ names["he_init"](64, 6, np.random.default_rng(0)) > 0).sum(axis=0)
    return on.tolist().count(0) == 1


@claim("All 0.1: one bent line, six units on it.")
def twins_stay_twins(names):
    W1, _ = trained(names, np.full((64, 6), 0.1), np.full((6, 10), 0.1))
    return bool(np.allclose(W1, W1[:, :1], atol=1e-12) and abs(W1[20, 0] - 0.1) > 1e-3)


@claim("Only db2 is left: the network learns how frequent each digit is.")
def what_zeros_learn(names):
    _, b2 = trained(names, np.zeros((64, 6)), np.zeros((6, 10)), steps=2000)
    frequent = np.bincount(load_digits().target[:500]) / 500
    return np.allclose(np.exp(b2) / np.exp(b2).sum(), frequent, atol=1e-3)


# --- what they share ---------------------------------------------------------------------------------


def slope(names, f, at):
    """The slope of f at a number, measured."""
    return round(float(names["numerical_gradient"](f, np.array([at]), 1e-4)[0]), 6)


def shared_graph(names):
    """a and b of the picture in §2, after the walk."""
    a = names["Node"](0.5)
    b = a * a
    names["topological_backward"](b + b.squared())
    return a, b


def small_network():
    """The samples and weights of the picture in §5."""
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(8, 4)), rng.integers(0, 3, size=8)
    return X, y, rng.normal(size=(4, 5)), rng.normal(size=5), rng.normal(size=(5, 3)), rng.normal(size=3)


def gradient_check(names, eps):
    """The relative errors in the picture in §5 at one step."""
    X, y, W1, b1, W2, b2 = small_network()

    def loss(W1):
        scores = torch.from_numpy(names["mlp_forward"](X, W1, b1, W2, b2)[0])
        return torch.nn.functional.cross_entropy(scores, torch.from_numpy(y)).item()

    right = names["mlp_backward"](X, y, W1, b1, W2, b2)["W1"]
    forged = right.copy()
    forged.flat[np.argmax(np.abs(right))] *= 1.01
    central = names["numerical_gradient"](loss, W1, eps)
    one_sided = np.zeros_like(W1)
    for index in np.ndindex(*W1.shape):
        step = np.zeros_like(W1)
        step[index] = eps
        one_sided[index] = (loss(W1 + step) - loss(W1)) / eps
    error = names["relative_error"]
    return {"central": error(right, central), "one-sided": error(right, one_sided), "forged": error(forged, central)}


def step_changes_a_unit(X, W1, b1, eps):
    """Whether moving one weight by eps, up or down, switches a hidden unit on or off for any sample."""
    Z = X @ W1 + b1
    return bool((np.abs(Z)[:, None, :] < eps * np.abs(X)[:, :, None]).any())


def norms_of(names, activation):
    return names["layer_gradient_norms"](activation, 12, 64, np.random.default_rng(0))


def relu_walk():
    """Outputs and slopes by the sums, layer by layer, of the ReLU network in §6's picture."""
    rng = np.random.default_rng(0)
    outputs, weights, slopes = [rng.normal(size=(32, 64))], [], []
    for _ in range(12):
        weights.append(rng.normal(size=(64, 64)) / 8)
        outputs.append((outputs[-1] @ weights[-1]).clip(0))
    blame = outputs[-1] / 32
    for layer in reversed(range(12)):
        slopes.append(blame * (outputs[layer + 1] > 0))
        blame = slopes[-1] @ weights[layer].T
    return outputs, slopes[::-1]


def normal(scale):
    return lambda fan_in, fan_out, rng: scale * rng.normal(size=(fan_in, fan_out))


def power_of_ten(activation, start, depth):
    """A field of the heat maps in §7, before it is rounded."""
    rng = np.random.default_rng(0)
    weights = [torch.tensor(start(64, fan_out, rng), requires_grad=True) for fan_out in [64] * depth + [10]]
    a = torch.from_numpy(load_digits().data[:200] / 8 - 1)
    for W in weights[:-1]:
        a = activation(a @ W)
    torch.nn.functional.cross_entropy(a @ weights[-1], torch.from_numpy(load_digits().target[:200])).backward()
    return math.log10(weights[0].grad.norm().item())


def trained(names, W1, W2, steps=200):
    """W1 and b2 after training as in §8."""
    X, y = load_digits().data[:500] / 16, load_digits().target[:500]
    b1, b2 = np.zeros(6), np.zeros(10)
    for _ in range(steps):
        slopes = names["mlp_backward"](X, y, W1, b1, W2, b2)
        W1, b1, W2, b2 = (w - 0.5 * slopes[n] for n, w in (("W1", W1), ("b1", b1), ("W2", W2), ("b2", b2)))
    return W1, b2
