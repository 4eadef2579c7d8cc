"""Right answers to lesson 01 in other styles: all of them must pass."""

import numpy as np

from autograder.authoring import equivalent, variant

# --- make_data --------------------------------------------------------------------------------------


@variant("make_data")
def matrix_product(n, noise, rng):
    X = rng.standard_normal((n, 2))
    return X, X @ [2, 3] + rng.normal(0, noise, n)


@variant("make_data")
def row_by_row(n, noise, rng):
    rows = [[rng.normal(), rng.normal()] for _ in range(n)]
    return rows, [2 * x1 + 3 * x2 + noise * rng.normal() for x1, x2 in rows]


@variant("make_data")
def skips_noise_of_zero(n, noise, rng):
    X = rng.normal(loc=0.0, scale=1.0, size=(n, 2))
    y = (X * np.array([2.0, 3.0])).sum(axis=1)
    if noise > 0:
        y += noise * rng.normal(size=n)
    return [X, y]


@variant("make_data")
def columns_unpacked(n, noise, rng):
    X = np.random.default_rng(rng).normal(size=(n, 2))
    x1, x2 = X.T
    return X, np.add(2 * x1, 3 * x2) + noise * rng.standard_normal(size=(n, 1)).ravel()


# --- init_weights -----------------------------------------------------------------------------------


@variant("init_weights")
def standard_normal(n_features, rng):
    return rng.standard_normal(n_features)


@variant("init_weights")
def one_at_a_time(n_features, rng):
    return [rng.normal() for _ in range(n_features)]


@variant("init_weights")
def drawn_as_column(n_features, rng):
    return rng.normal(0, 1, (n_features, 1))[:, 0]


# --- predict ----------------------------------------------------------------------------------------


@variant("predict")
def np_dot(X, weights):
    return np.dot(X, weights)


@variant("predict")
def weights_first(X, weights):
    return weights @ X.T


@variant("predict")
def multiply_and_sum(X, weights):
    return (X * weights).sum(axis=1)


@variant("predict")
def einsum(X, weights):
    return np.einsum("ij,j->i", X, weights)


@variant("predict")
def two_loops(X, weights):
    predictions = []
    for row in X.tolist():
        total = 0.0
        for x, w in zip(row, weights, strict=True):
            total += x * w
        predictions.append(total)
    return predictions


@variant("predict")
def through_a_column(X, weights):
    return (X @ weights.reshape(-1, 1)).ravel()


# --- mse --------------------------------------------------------------------------------------------


@variant("mse")
def reshaped_like_y(predictions, y):
    return ((predictions.reshape(y.shape) - y) ** 2).mean()


@variant("mse")
def plain_python(predictions, y):
    pairs = zip(np.ravel(predictions).tolist(), np.ravel(y).tolist(), strict=True)
    return sum((p - t) ** 2 for p, t in pairs) / len(y)


@variant("mse")
def dot_of_errors(predictions, y):
    error = predictions.flatten() - y.flatten()
    return np.dot(error, error) / error.size


@variant("mse")
def squeezed(predictions, y):
    return np.array(np.average(np.square(np.squeeze(predictions) - np.squeeze(y))))


@variant("mse")
def squared_norm(predictions, y):
    return np.linalg.norm(predictions.ravel() - y.ravel()) ** 2 / y.shape[0]


@variant("mse")
def variance_and_bias(predictions, y):
    error = predictions.reshape(-1) - y.reshape(-1)
    return float(np.var(error) + np.mean(error) ** 2)


# --- mse_gradient -----------------------------------------------------------------------------------


@variant("mse_gradient")
def as_chapter_7_writes_it(X, y, weights):
    return -2 * np.dot(X.T, y - X @ weights) / len(X)


@variant("mse_gradient")
def mean_over_samples(X, y, weights):
    return (2 * X * (X @ weights - y)[:, None]).mean(axis=0)


@variant("mse_gradient")
def normal_equations(X, y, weights):
    n = X.shape[0]
    return (2 / n) * (X.T @ X @ weights - X.T @ y)


@variant("mse_gradient")
def einsum_of_errors(X, y, weights):
    return np.einsum("ij,i->j", X, X @ weights - y) * 2 / y.size


@variant("mse_gradient")
def loops(X, y, weights):
    n, d = X.shape
    gradient = [0.0] * d
    for i in range(n):
        error = sum(X[i, j] * weights[j] for j in range(d)) - y[i]
        for j in range(d):
            gradient[j] += 2 * error * X[i, j] / n
    return gradient


@variant("mse_gradient")
def central_differences(X, y, weights):
    def loss(at):
        return np.mean((X @ at - y) ** 2)

    h = 1e-4
    return [(loss(weights + h * e) - loss(weights - h * e)) / (2 * h) for e in np.eye(len(weights))]


# --- sgd_step ---------------------------------------------------------------------------------------


@variant("sgd_step")
def adds_the_negative(weights, gradient, learning_rate):
    return weights + (-learning_rate) * gradient


@variant("sgd_step")
def on_a_copy(weights, gradient, learning_rate):
    weights = weights.copy()
    weights -= learning_rate * gradient
    return weights


@variant("sgd_step")
def comprehension(weights, gradient, learning_rate):
    return np.array([w - learning_rate * g for w, g in zip(weights, gradient, strict=True)])


@variant("sgd_step")
def ufuncs(weights, gradient, learning_rate):
    return np.subtract(weights, np.multiply(gradient, learning_rate))


# --- train ------------------------------------------------------------------------------------------


@variant("train")
def inlined(X, Y, weights, lr, epochs):
    losses = np.zeros(epochs)
    w = weights.copy()
    for epoch in range(epochs):
        error = np.dot(X, w) - Y
        losses[epoch] = np.mean(error**2)
        w -= lr * 2 * np.dot(X.T, error) / len(Y)
    return w, losses


@variant("train")
def lists_everywhere(X, Y, weights, lr, epochs):
    w, losses = list(weights), []
    while len(losses) < epochs:
        errors = [sum(a * b for a, b in zip(row, w, strict=True)) - t for row, t in zip(X, Y, strict=True)]
        losses += [sum(e * e for e in errors) / len(errors)]
        w = [v - lr * 2 * sum(e * row[j] for e, row in zip(errors, X, strict=True)) / len(X) for j, v in enumerate(w)]
    return [w, losses]


@variant("train")
def columns_inside(X, Y, weights, lr, epochs):
    w, target, losses = weights.reshape(-1, 1), Y.reshape(-1, 1), []
    for _ in range(epochs):
        difference = target - X @ w
        losses.append(float((difference**2).mean()))
        w = w - lr * (-2 * X.T @ difference / len(X))
    return w.ravel(), losses


@variant("train")
def recursive(X, Y, weights, lr, epochs):
    def rest(w, left):
        if left == 0:
            return w, []
        error = X @ w - Y
        final, later = rest(w - lr * 2 / len(Y) * X.T @ error, left - 1)
        return final, [error @ error / len(error), *later]

    return rest(weights, epochs)


@variant("train")
def losses_from_the_path(X, Y, weights, lr, epochs):
    path = [weights]
    for _ in range(epochs):
        path.append(path[-1] - lr * 2 * X.T @ (X @ path[-1] - Y) / len(Y))
    return path[-1], ((np.array(path[:-1]) @ X.T - Y) ** 2).mean(axis=1)


@variant("train")
def with_the_printed_monitor(X, Y, weights, lr, epochs):
    losses = []
    for epoch in range(epochs):
        Y_pred = X @ weights
        losses.append(np.array(np.mean((Y - Y_pred) ** 2)))
        print(f"Epoch {epoch}:")
        print(f"Predicted output for the first 5 samples: {Y_pred[:5]}")
        print(f"Current loss: {losses[-1]}")
        weights = weights - lr * (-2 * np.dot(X.T, (Y - Y_pred)) / len(X))
    return weights, tuple(losses)


# --- stable_learning_rate ---------------------------------------------------------------------------


@variant("stable_learning_rate")
def singular_value(X):
    return len(X) / np.linalg.norm(X, 2) ** 2


@variant("stable_learning_rate")
def general_eigenvalues(X):
    values, _ = np.linalg.eig(2 * np.dot(X.T, X) / X.shape[0])
    return float(2 / max(values.real))


@variant("stable_learning_rate")
def gram_matrix(X):
    return 1 / np.linalg.eigvalsh(X @ X.T / len(X))[-1]


@variant("stable_learning_rate")
def power_iteration(X):
    hessian = 2 * X.T @ X / len(X)
    v = np.ones(X.shape[1]) + 0.1 * np.arange(X.shape[1])
    for _ in range(2000):
        v = hessian @ v
        v /= np.linalg.norm(v)
    return 2 / (v @ hessian @ v)


EQUIVALENT_MUTANTS = (
    equivalent(
        "train",
        "losses.append(mse(predictions, Y)) -> losses.append(mse(Y, predictions))",
        because="The square of a difference does not know its sign.",
    ),
)
