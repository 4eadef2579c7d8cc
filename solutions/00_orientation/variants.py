"""Right answers of lesson 00 in other styles, all of which must pass."""

import statistics

import numpy as np

from autograder.authoring import variant


@variant("column_mean")
def sum_over_count(X):
    return sum(X) / len(X)


@variant("column_mean")
def loop_in_lists(X):
    means = []
    for j in range(X.shape[1]):
        total = 0.0
        for i in range(X.shape[0]):
            total += X[i, j]
        means.append(total / X.shape[0])
    return means


@variant("column_mean")
def standard_library(X):
    return tuple(statistics.fmean(column) for column in zip(*X.tolist(), strict=True))


@variant("column_mean")
def matrix_product(X):
    return np.ones(len(X)) @ X / len(X)


@variant("column_mean")
def einsum(X):
    return np.einsum("nd->d", X) / X.shape[0]


@variant("column_mean")
def running_mean(X):
    mean = np.zeros(X.shape[1])
    for seen, row in enumerate(X, start=1):
        mean += (row - mean) / seen
    return mean


@variant("column_mean")
def single_precision(X):
    return X.astype(np.float32).mean(axis=0)


@variant("column_mean")
def from_the_transpose(X):
    return np.average(X.T, axis=-1)


@variant("residuals")
def reshape_both(predictions, y):
    return predictions.reshape(-1) - y.reshape(-1)


@variant("residuals")
def loop_of_floats(predictions, y):
    result = []
    for predicted, target in zip(predictions.flatten(), y.flatten(), strict=True):
        result.append(float(predicted) - float(target))
    return result


@variant("residuals")
def by_dimension(predictions, y):
    if predictions.ndim == 2:
        predictions = predictions[:, 0]
    if y.ndim == 2:
        y = y[:, 0]
    return np.subtract(predictions, y)


@variant("residuals")
def diagonal_of_the_square(predictions, y):
    return np.diag(np.subtract.outer(predictions.ravel(), y.ravel()))


@variant("residuals")
def columns_then_flat(predictions, y):
    return (predictions.reshape(-1, 1) - y.reshape(-1, 1)).ravel()


@variant("residuals")
def rows_then_flat(predictions, y):
    return (predictions.T - y.T).flatten()


@variant("residuals")
def shape_of_the_other(predictions, y):
    return (predictions - y.reshape(predictions.shape)).reshape(len(y))


@variant("residuals")
def single_precision_residuals(predictions, y):
    return predictions.astype(np.float32).ravel() - y.astype(np.float32).ravel()


@variant("residuals")
def filled_array(predictions, y):
    result = np.empty(len(y))
    for i in range(len(y)):
        result[i] = predictions.item(i) - y.item(i)
    return result


@variant("residuals")
def squeezed_at_least_1d(predictions, y):
    return np.atleast_1d(np.squeeze(predictions) - np.squeeze(y))


@variant("label_lines")
def zipped():
    return dict(zip(range(1, 5), ("forward", "loss", "gradient", "update"), strict=True))


@variant("label_lines")
def other_order():
    return {4: "update", 3: "gradient", 2: "loss", 1: "forward"}


@variant("label_lines")
def capital_letters():
    return {1: "Forward", 2: "Loss", 3: "GRADIENT", 4: " update "}


EQUIVALENT_MUTANTS = ()
