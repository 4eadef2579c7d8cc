"""What lesson 01 says in numbers, each with the code that computes it."""

import numpy as np

from autograder.authoring import claim


@claim("The prediction is 0.5, the error 0.5 − 2 = −1.5, the slope 2 · (−1.5) · 0.5 = −1.5.", "0.5", "−1.5")
def one_weight_in_numbers(names):
    X, y, w = np.array([[0.5]]), np.array([2.0]), np.array([1.0])
    return names["predict"](X, w)[0], names["mse_gradient"](X, y, w)[0]


@claim(
    "X = [[1, 2], [0, 1]], with errors 3 and −1. Slope 1: 2/2 · (3·1 + (−1)·0) = 3. Slope 2: 2/2 · (3·2 + (−1)·1) = 5."
)
def two_weights_in_numbers(names):
    X = np.array([[1.0, 2.0], [0.0, 1.0]])
    return names["mse_gradient"](X, np.array([-3.0, 1.0]), np.zeros(2)).tolist() == [3.0, 5.0]


@claim("In the one-weight example, with η = 0.1: 1 − 0.1 · (−1.5) = 1.15.", "1.15")
def one_step_in_numbers(names):
    return names["sgd_step"](np.array([1.0]), np.array([-1.5]), 0.1)[0]


@claim("even the true weights leave an MSE of about 0.5² = 0.25", "0.25")
def the_noise_is_what_remains(names):
    X, y = names["make_data"](100_000, 0.5, np.random.default_rng(0))
    return names["mse"](names["predict"](X, np.array([2.0, 3.0])), y)


@claim("(with these 30 draws 0.163)", "0.163")
def what_the_noise_leaves_here(names):
    X, y = names["make_data"](30, 0.5, np.random.default_rng(7))
    return names["mse"](names["predict"](X, np.array([2.0, 3.0])), y)


@claim("noise and all: 0.158", "0.158")
def fewer_samples_fit_their_noise(names):
    X, y = names["make_data"](30, 0.5, np.random.default_rng(7))
    return np.linalg.lstsq(X, y, rcond=None)[1][0] / len(y)


@claim("The half gradient needs *twice the learning rate*.")
def factor_two(names):
    X, y = names["make_data"](30, 0.5, np.random.default_rng(7))
    whole = half = np.zeros(2)
    for _ in range(50):
        whole = whole - 0.05 * names["mse_gradient"](X, y, whole)
        half = half - 0.10 * names["mse_gradient"](X, y, half) / 2
    return np.allclose(whole, half, rtol=1e-12)


@claim("1,000 / 100 = 10 iterations an epoch, 50 in 5 epochs", "10", "50")
def iterations(names):
    return 1000 // 100, 5 * (1000 // 100)


@claim("For x = 1 and 2: λ = 2/2 · (1 + 4) = 5, and the limit is 2/5 = 0.4.", "0.4")
def limit_of_one_weight(names):
    return names["stable_learning_rate"](np.array([[1.0], [2.0]]))


@claim("Here H·(1, 1) = (9, 9) and H·(1, −1) = (1, −1): eigenvalues 9 and 1.", "1", "9")
def eigenvalues(names):
    X = np.array([[2.0, 1.0], [1.0, 2.0]])
    return np.linalg.eigvalsh(2 * X.T @ X / 2)


@claim("it becomes 100 times larger, and the limit 100 times smaller", "100")
def ten_times_larger_features(names):
    X = np.random.default_rng(0).normal(size=(30, 2))
    return names["stable_learning_rate"](X) / names["stable_learning_rate"](10 * X)


@claim("At 1.05 of the limit it dips once, then climbs in a straight line")
def beyond_the_limit(names):
    rng = np.random.default_rng(7)
    X, y = rng.normal(size=(30, 2)), rng.normal(size=30)
    _, losses = names["train"](X, y, np.array([3.0, 3.0]), 1.05 * names["stable_learning_rate"](X), 40)
    return bool(losses[1] < losses[0] and np.all(np.diff(losses[1:]) > 0))
