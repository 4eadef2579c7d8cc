"""Classmates: answers to lesson 01 in the styles of ten made-up people, classes made of them, and disguises.

`disguised` is what somebody may do to another's work before handing it in as their own; `copies_by_hand` has two of the
ten as a person would disguise them.
"""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Mapping, Sequence

from autograder.authoring.answers import answer_source, reference_sources
from autograder.authoring.sources import Lesson

Answers = dict[str, str]

_TEXTS = {
    "amira": """
def make_data(n, noise, rng):
    X = rng.normal(0, 1, (n, 2))
    eps = rng.normal(0, 1, n)
    y = 2*X[:,0] + 3*X[:,1] + noise*eps
    return X, y
#%%
def init_weights(n_features, rng):
    w = rng.normal(0, 1, n_features)
    return w
#%%
def predict(X, weights):
    return X @ weights
#%%
def mse(predictions, y):
    diff = predictions.flatten() - y.flatten()
    return (diff**2).mean()
#%%
def mse_gradient(X, y, weights):
    n = len(y)
    err = X @ weights - y
    grad = 2/n * X.T @ err
    return grad
#%%
def sgd_step(weights, gradient, learning_rate):
    return weights - learning_rate*gradient
#%%
def train(X, Y, weights, lr, epochs):
    w = weights.copy()
    losses = []
    for epoch in range(epochs):
        loss = mse(predict(X, w), Y)
        losses.append(loss)
        w = sgd_step(w, mse_gradient(X, Y, w), lr)
    return w, losses
#%%
def stable_learning_rate(X):
    H = 2/len(X) * X.T @ X
    eigenvalues = np.linalg.eigvalsh(H)
    return 2/eigenvalues.max()
""",
    "ben": """
def make_data(n: int, noise: float, rng) -> tuple:
    features = rng.standard_normal(size=(n, 2))
    true_weights = np.array([2.0, 3.0])
    targets = features @ true_weights
    targets = targets + rng.standard_normal(size=n) * noise
    return features, targets
#%%
def init_weights(n_features, rng):
    return rng.standard_normal(size=(n_features,))
#%%
def predict(X, weights):
    return np.matmul(X, weights)
#%%
def mse(predictions, y):
    # both as flat vectors, otherwise (n,1) - (n,) broadcasts
    p = np.asarray(predictions).reshape(-1)
    t = np.asarray(y).reshape(-1)
    assert p.shape == t.shape
    squared_errors = np.square(p - t)
    return squared_errors.mean()
#%%
def mse_gradient(X, y, weights):
    residual = y - predict(X, weights)
    return -2.0 * (X.T @ residual) / X.shape[0]
#%%
def sgd_step(weights, gradient, learning_rate):
    step = learning_rate * gradient
    new_weights = weights - step
    return new_weights
#%%
def train(X, Y, weights, lr, epochs):
    history = np.empty(epochs)
    for i in range(epochs):
        yhat = predict(X, weights)
        history[i] = mse(yhat, Y)
        g = mse_gradient(X, Y, weights)
        weights = sgd_step(weights, g, lr)
    return weights, history.tolist()
#%%
def stable_learning_rate(X):
    n = X.shape[0]
    largest = np.max(np.linalg.eigvalsh(X.T @ X / n))
    return float(1.0 / largest)
""",
    "chiara": """
def make_data(n, noise, rng):
    X = np.stack([rng.normal(size=2) for _ in range(n)])
    clean = np.array([2*a + 3*b for a, b in X])
    return X, clean + noise * rng.normal(size=(n,))
#%%
def init_weights(n_features, rng):
    weights = np.zeros(n_features)
    for j in range(n_features):
        weights[j] = rng.normal()
    return weights
#%%
def predict(X, weights):
    out = np.zeros(len(X))
    for i, x in enumerate(X):
        out[i] = np.dot(x, weights)
    return out
#%%
def mse(predictions, y):
    total = 0
    n = len(y)
    for p, t in zip(predictions.ravel(), y.ravel()):
        total += (p - t) ** 2
    return total / n
#%%
def mse_gradient(X, y, weights):
    grad = np.zeros(len(weights))
    for xi, yi in zip(X, y):
        e = np.dot(xi, weights) - yi
        grad += 2 * e * xi
    return grad / len(X)
#%%
def sgd_step(weights, gradient, learning_rate):
    out = weights.copy()
    for j in range(len(out)):
        out[j] = out[j] - learning_rate * gradient[j]
    return out
#%%
def train(X, Y, weights, lr, epochs):
    all_losses = []
    current = np.array(weights)
    e = 0
    while e < epochs:
        all_losses.append(mse(predict(X, current), Y))
        current = sgd_step(current, mse_gradient(X, Y, current), lr)
        e += 1
    return current, all_losses
#%%
def stable_learning_rate(X):
    # loss is a bowl, the steepest direction decides
    second_derivative = 2 * np.dot(np.transpose(X), X) / len(X)
    values, vectors = np.linalg.eigh(second_derivative)
    return 2 / values[-1]
""",
    "dmitri": """
def make_data(n, noise, rng):
    X = rng.normal(size=(n, 2))
    return X, X.dot([2, 3]) + noise * rng.normal(size=n)
#%%
def init_weights(n_features, rng):
    return rng.normal(loc=0, scale=1, size=n_features)
#%%
def predict(X, weights):
    return X.dot(weights)
#%%
def mse(predictions, y):
    return np.mean((predictions.ravel() - y.ravel()) ** 2)
#%%
def mse_gradient(X, y, weights):
    return 2 * X.T.dot(X.dot(weights) - y) / y.size
#%%
def sgd_step(weights, gradient, learning_rate):
    return weights - gradient * learning_rate
#%%
def train(X, Y, weights, lr, epochs):
    losses = []
    for _ in range(epochs):
        losses.append(mse(X.dot(weights), Y))
        weights = weights - lr * mse_gradient(X, Y, weights)
    return weights, losses
#%%
def stable_learning_rate(X):
    return len(X) / np.linalg.eigvalsh(X.T.dot(X)).max()
""",
    "elif": """
W_TRUE = (2.0, 3.0)

def make_data(n, noise, rng):
    X = rng.normal(size=(n, len(W_TRUE)))
    y = sum(w * column for w, column in zip(W_TRUE, X.T))
    y = y + rng.normal(size=n) * noise
    return (X, y)
#%%
def init_weights(n_features, rng):
    return rng.normal(0.0, 1.0, size=n_features)
#%%
def predict(X, weights):
    weighted = X * weights
    return np.sum(weighted, axis=1)
#%%
def residuals(predictions, y):
    return np.ravel(predictions) - np.ravel(y)

def mse(predictions, y):
    r = residuals(predictions, y)
    return float(r @ r) / len(r)
#%%
def mse_gradient(X, y, weights):
    r = residuals(predict(X, weights), y)
    return 2 * np.mean(X * r[:, np.newaxis], axis=0)
#%%
def sgd_step(weights, gradient, learning_rate):
    delta = -learning_rate * gradient
    return weights + delta
#%%
def train(X, Y, weights, lr, epochs):
    path, losses = [weights], []
    for _ in range(epochs):
        w = path[-1]
        losses.append(mse(predict(X, w), Y))
        path.append(sgd_step(w, mse_gradient(X, Y, w), lr))
    return path[-1], losses
#%%
def stable_learning_rate(X):
    sigma = np.linalg.svd(X, compute_uv=False)
    return float(X.shape[0] / sigma[0] ** 2)
""",
    "fatou": """
def make_data(n, noise, rng):
    X = rng.normal(size=(n, 2))
    x1 = X[:, 0]
    x2 = X[:, 1]
    error = rng.normal(size=n)
    y = 2 * x1 + 3 * x2 + noise * error
    return X, y
#%%
def init_weights(n_features, rng):
    weights = rng.normal(size=(n_features,))
    return weights
#%%
def predict(X, weights):
    predictions = np.dot(X, weights)
    return predictions
#%%
def mse(predictions, y):
    predictions = predictions.reshape(-1)
    y = y.reshape(-1)
    errors = y - predictions
    squared = errors * errors
    return np.sum(squared) / len(squared)
#%%
def mse_gradient(X, y, weights):
    predictions = predict(X, weights)
    errors = predictions - y
    n_samples = X.shape[0]
    gradient = (2 / n_samples) * np.dot(X.T, errors)
    return gradient
#%%
def sgd_step(weights, gradient, learning_rate):
    new = weights - learning_rate * gradient
    return new
#%%
def train(X, Y, weights, lr, epochs):
    losses = []
    for epoch in range(epochs):
        predictions = predict(X, weights)
        loss = mse(predictions, Y)
        losses.append(loss)
        gradient = mse_gradient(X, Y, weights)
        weights = sgd_step(weights, gradient, lr)
    return weights, losses
#%%
def stable_learning_rate(X):
    n_samples = X.shape[0]
    hessian = (2 / n_samples) * np.dot(X.T, X)
    eigenvalues, _ = np.linalg.eigh(hessian)
    max_eigenvalue = np.max(eigenvalues)
    return 2 / max_eigenvalue
""",
    "goran": """
def make_data(n, noise, rng):
    X = rng.standard_normal((n, 2))
    target = lambda x: 2 * x[0] + 3 * x[1]
    y = np.apply_along_axis(target, 1, X)
    return X, y + noise * rng.standard_normal(n)
#%%
def init_weights(n_features, rng):
    return np.array([rng.standard_normal() for i in range(n_features)])
#%%
def predict(X, weights):
    return np.array([sum(xi * wi for xi, wi in zip(x, weights)) for x in X])
#%%
def mse(predictions, y):
    predictions, y = np.squeeze(predictions), np.squeeze(y)
    return np.average((predictions - y) ** 2)
#%%
def mse_gradient(X, y, weights):
    wrong_by = predict(X, weights) - y
    return np.array([np.mean(2 * wrong_by * X[:, j]) for j in range(X.shape[1])])
#%%
def sgd_step(weights, gradient, learning_rate):
    return np.array([w - learning_rate * g for w, g in zip(weights, gradient)])
#%%
def train(X, Y, weights, lr, epochs):
    def step(w):
        return sgd_step(w, mse_gradient(X, Y, w), lr)

    trace = []
    for k in range(epochs):
        trace += [mse(predict(X, weights), Y)]
        weights = step(weights)
    return weights, trace
#%%
def stable_learning_rate(X):
    gram = X.T @ X
    return float(len(X) / max(np.linalg.eigvals(gram).real))
""",
    "hana": """
def make_data(n, noise, rng):
    w = np.array([2, 3])
    X = rng.normal(size=(n, 2))
    if noise == 0:
        return X, X @ w
    return X, X @ w + rng.normal(scale=noise, size=n)
#%%
def init_weights(n_features, rng):
    return rng.normal(size=n_features)
#%%
def predict(X, weights):
    if X.ndim == 1:
        X = X.reshape(1, -1)
    return X @ weights
#%%
def mse(predictions, y):
    n = np.size(y)
    e = np.reshape(predictions, n) - np.reshape(y, n)
    return np.dot(e, e) / n
#%%
def mse_gradient(X, y, weights):
    n, d = X.shape
    e = np.reshape(X @ weights, n) - np.reshape(y, n)
    return 2 * e @ X / n
#%%
def sgd_step(weights, gradient, learning_rate):
    weights = np.array(weights, dtype=float)
    weights -= learning_rate * np.array(gradient)
    return weights
#%%
def train(X, Y, weights, lr, epochs):
    losses = [0.0] * epochs
    for t in range(epochs):
        losses[t] = mse(predict(X, weights), Y)
        weights = sgd_step(weights, mse_gradient(X, Y, weights), lr)
    return weights, losses
#%%
def stable_learning_rate(X):
    # twice the covariance (no centering!) is the Hessian; its spectral norm is the curvature
    hessian = 2 * X.T @ X / X.shape[0]
    return 2.0 / np.linalg.norm(hessian, ord=2)
""",
    "ivo": """
def make_data(n, noise, rng):
    X, y = rng.normal(size=(n, 2)), None
    y = np.einsum("ij,j->i", X, np.array([2.0, 3.0]))
    y += noise * rng.normal(size=n)
    return X, y
#%%
def init_weights(n_features, rng):
    return rng.normal(size=[n_features])
#%%
def predict(X, weights):
    return np.einsum("nd,d->n", X, weights)
#%%
def mse(predictions, y):
    difference = np.subtract(predictions.ravel(), y.ravel())
    return float(np.power(difference, 2).mean())
#%%
def mse_gradient(X, y, weights):
    difference = np.subtract(predict(X, weights), y)
    return np.einsum("nd,n->d", X, difference) * (2 / len(difference))
#%%
def sgd_step(weights, gradient, learning_rate):
    return np.subtract(weights, learning_rate * gradient)
#%%
def train(X, Y, weights, lr, epochs):
    losses = []
    while len(losses) < epochs:
        difference = predict(X, weights) - Y
        losses.append(float(np.power(difference, 2).mean()))
        weights = weights - lr * mse_gradient(X, Y, weights)
    return weights, losses
#%%
def stable_learning_rate(X):
    curvature = np.einsum("ni,nj->ij", X, X) * (2 / len(X))
    return 2 / np.sort(np.linalg.eigvalsh(curvature))[-1]
""",
    "jun": """
def make_data(n, noise, rng):
    X = rng.normal(size=(n, 2))
    y = (X * [2, 3]).sum(axis=1) + rng.normal(size=n) * noise
    return X, y
#%%
def init_weights(n_features, rng):
    return rng.normal(0, 1, size=n_features)
#%%
def predict(X, weights):
    return (X @ weights.reshape(-1, 1)).flatten()
#%%
def mse(predictions, y):
    if predictions.ndim == 2:
        predictions = predictions[:, 0]
    if y.ndim == 2:
        y = y[:, 0]
    return ((y - predictions) ** 2).sum() / y.shape[0]
#%%
def mse_gradient(X, y, weights):
    m = X.shape[0]
    y_hat = predict(X, weights)
    dL = 2 * (y_hat - y) / m
    return X.T @ dL
#%%
def sgd_step(weights, gradient, learning_rate):
    update = learning_rate * gradient
    return weights - update
#%%
def train(X, Y, weights, lr, epochs):
    losses = []
    w = weights
    for i in range(1, epochs + 1):
        y_hat = predict(X, w)
        losses.append(mse(y_hat, Y))
        dw = mse_gradient(X, Y, w)
        w = sgd_step(w, dw, lr)
        if i % 100 == 0:
            print("epoch", i, "loss", losses[-1])
    return w, np.array(losses)
#%%
def stable_learning_rate(X):
    m = X.shape[0]
    lam = np.linalg.eigvalsh(X.T @ X)
    lam_max = lam[-1]
    return m / lam_max
""",
}

_BY_HAND = {
    "jun": """
# My own helper, written on Tuesday
import numpy as numpy_lib

def stable_learning_rate(data: numpy_lib.ndarray) -> float:
    '''Largest step.'''
    all_values = numpy_lib.linalg.eigvalsh(data.T @ data)   # eigenvalues
    biggest = all_values[-1]
    rows = data.shape[0]
    answer = rows / biggest
    return answer
#%%
def train(inputs, outputs, start, rate, rounds):
    parameters = start
    history = []
    for number in range(1, 1 + rounds):
        guess = predict(inputs, parameters)
        slope = mse_gradient(inputs, outputs, parameters)
        how_bad = mse(guess, outputs)
        history.append(how_bad)
        parameters = sgd_step(parameters, slope, rate)
        if number % 100 == 0:
            print("round:", number, "error:", history[-1])
    return (
        parameters,
        numpy_lib.array(history),
    )
#%%
def sgd_step(w, g, step_size):
    return w - step_size * g
#%%
def mse_gradient(inputs, outputs, w):
    guess = predict(inputs, w)
    count = inputs.shape[0]
    d_loss = (2 * (guess - outputs)) / count
    result = inputs.T @ d_loss
    return result
#%%
def mse(guess, truth):
    # both flat
    if truth.ndim == 2:
        truth = truth[:, 0]
    if guess.ndim == 2:
        guess = guess[:, 0]
    squares = (truth - guess) ** 2
    return squares.sum() / truth.shape[0]
#%%
def predict(inputs, w):
    column = w.reshape(-1, 1)
    product = inputs @ column
    return product.flatten()
#%%
def init_weights(how_many, generator):
    return generator.normal(0, 1, size=how_many)
#%%
def make_data(how_many, spread, generator):
    points = generator.normal(size=(how_many, 2))
    labels = spread * generator.normal(size=how_many) + (points * [2, 3]).sum(axis=1)
    return points, labels
""",
    "elif": """
TRUTH = (2.0, 3.0)

def make_data(count, sigma, random):
    points = random.normal(size=(count, len(TRUTH)))
    values = sum(col * factor for factor, col in zip(TRUTH, points.T))
    values += sigma * random.normal(size=count)
    return points, values
#%%
def init_weights(features, random):
    start = random.normal(0.0, 1.0, size=features)
    return start
#%%
def predict(points, w):
    return np.sum(w * points, axis=1)
#%%
def flat_difference(first, second):
    # shapes (n, 1) and (n,) do not mix
    a = np.ravel(first)
    b = np.ravel(second)
    return a - b

def mse(guesses, truth):
    d = flat_difference(guesses, truth)
    total = float(d @ d)
    n = len(d)
    return total / n
#%%
def mse_gradient(points, truth, w):
    guesses = predict(points, w)
    d = flat_difference(guesses, truth)
    each = points * d[:, np.newaxis]
    return 2 * np.mean(each, axis=0)
#%%
def sgd_step(w, slope, rate):
    return w + (-rate * slope)
#%%
def train(points, truth, start, rate, rounds):
    errors = []
    places = [start]
    for _ in range(rounds):
        here = places[-1]
        guesses = predict(points, here)
        errors.append(mse(guesses, truth))
        slope = mse_gradient(points, truth, here)
        places.append(sgd_step(here, slope, rate))
    return places[-1], errors
#%%
def stable_learning_rate(points):
    singular = np.linalg.svd(points, compute_uv=False)
    biggest = singular[0]
    rows = points.shape[0]
    return float(rows / biggest ** 2)
""",
}

_DEFINED = re.compile(r"^def (\w+)", re.MULTILINE)


def people() -> dict[str, Answers]:
    """The answers of the ten to lesson 01, by their names."""
    return {person: _cells(text) for person, text in _TEXTS.items()}


def copies_by_hand() -> dict[str, Answers]:
    """Disguised copies, by the names of those whose work they are."""
    return {person: _cells(text) for person, text in _BY_HAND.items()}


def _cells(text: str) -> Answers:
    return {_DEFINED.findall(cell)[-1]: cell.strip() for cell in text.split("#%%")}


def write_class(lesson: Lesson, seed: int, size: int = 57, *, crowded: bool = False) -> dict[str, Answers]:
    """A class in which nobody copied: the ten (in lesson 01), and others put together from all known right answers.

    No two have more than half of their answers in common. A `crowded` class has no such limit, and half of it write in
    each exercise what the reference does.
    """
    rng = random.Random(seed)
    known = people() if lesson.name == "01_loop_by_hand" else {}
    pool = {name: [source] for name, source in reference_sources(lesson).items() if name in lesson.graded}
    for item in lesson.variants:
        if item.exercise in pool:
            pool[item.exercise].append(answer_source(lesson, item))
    for answers in known.values():
        for name, source in answers.items():
            pool[name].append(source)
    found = dict(known)
    while len(found) < size:
        answers = {
            name: sources[0] if crowded and rng.random() < 0.5 else rng.choice(sources)
            for name, sources in pool.items()
        }
        if crowded or all(_shared(answers, other) <= len(pool) // 2 for other in found.values()):
            found[f"learner-{len(found):02d}"] = answers
    return found


def _shared(one: Answers, other: Answers) -> int:
    return sum(one[name] == other[name] for name in one)


# --- disguise -----------------------------------------------------------------------------------------


def disguised(answers: Mapping[str, str], rng: random.Random, *, temporaries: bool = False) -> Answers:
    """Somebody's answers with everything renamed, reordered and laid out anew, with hints, comments and docstrings.

    With `temporaries`, expressions are taken apart as well: what is returned and what is passed on gets a name first.
    """
    trees = {name: ast.parse(source) for name, source in answers.items()}
    new_names = _new_names([node for tree in trees.values() for node in ast.walk(tree)], set(answers), rng)
    texts = {}
    for name, tree in trees.items():
        if temporaries:
            _TakeApart().visit(tree)
        _Rename(new_names, rng).visit(tree)
        for node in ast.walk(tree):
            if isinstance(node, (ast.Module, ast.FunctionDef, ast.For, ast.While, ast.If)):
                _reorder(node.body, rng)
        texts[name] = _laid_out(ast.unparse(ast.fix_missing_locations(tree)), rng)
    order = list(texts)
    rng.shuffle(order)
    return {name: f"import numpy as {new_names['np']}\n\n{texts[name]}" for name in order}


_WORDS = ("alpha", "beta", "stuff", "helper", "current", "item", "value", "thing", "vec", "mat", "acc", "part", "my")


def _new_names(nodes: Sequence[ast.AST], keep: set[str], rng: random.Random) -> dict[str, str]:
    """Another name for each that these cells bind, and for NumPy."""
    bound = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    bound |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    methods = {one for node in nodes if isinstance(node, ast.ClassDef) for one in node.body}
    bound |= {node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node not in methods}
    return {
        name: f"{rng.choice(_WORDS)}_{number}" for number, name in enumerate(sorted((bound | {"np"}) - keep - {"self"}))
    }


class _Rename(ast.NodeTransformer):
    """New names, a hint for each parameter, and + and * the other way round here and there."""

    def __init__(self, new_names: Mapping[str, str], rng: random.Random) -> None:
        self._new_names = new_names
        self._rng = rng

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self._new_names.get(node.id, node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg = self._new_names.get(node.arg, node.arg)
        node.annotation = ast.Name("object", ast.Load())
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.name = self._new_names.get(node.name, node.name)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.generic_visit(node)
        node.name = self._new_names.get(node.name, node.name)
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        self.generic_visit(node)
        for arg in ast.walk(node.args):
            if isinstance(arg, ast.arg):
                arg.annotation = None
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        plain = not isinstance(node.left, (ast.List, ast.Tuple)) and not isinstance(node.right, (ast.List, ast.Tuple))
        if isinstance(node.op, (ast.Add, ast.Mult)) and plain and self._rng.random() < 0.5:
            node.left, node.right = node.right, node.left
        return node


class _TakeApart(ast.NodeTransformer):
    """Names for what is returned, and for expressions that are passed to a function."""

    def __init__(self) -> None:
        self._count = 0

    def visit_Return(self, node: ast.Return) -> list[ast.stmt]:
        if node.value is None or isinstance(node.value, (ast.Name, ast.Tuple)):
            return [node]
        before = self._hoisted(node.value)
        name = self._name()
        return [*before, ast.Assign([ast.Name(name, ast.Store())], node.value), ast.Return(ast.Name(name, ast.Load()))]

    def visit_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        return [*self._hoisted(node.value), node]

    def _hoisted(self, value: ast.expr) -> list[ast.stmt]:
        before: list[ast.stmt] = []
        if isinstance(value, ast.Call):
            for index, argument in enumerate(value.args):
                if isinstance(argument, (ast.BinOp, ast.Call)):
                    name = self._name()
                    before.append(ast.Assign([ast.Name(name, ast.Store())], argument))
                    value.args[index] = ast.Name(name, ast.Load())
        return before

    def _name(self) -> str:
        self._count += 1
        return f"temporary_{self._count}"


def _reorder(body: list[ast.stmt], rng: random.Random) -> None:
    """Swap neighbours that have nothing to do with each other."""
    for index in range(len(body) - 1):
        if rng.random() < 0.7 and _independent(body[index], body[index + 1]):
            body[index], body[index + 1] = body[index + 1], body[index]


def _independent(one: ast.stmt, other: ast.stmt) -> bool:
    kinds = (ast.Assign, ast.FunctionDef)
    return (
        isinstance(one, kinds)
        and isinstance(other, kinds)
        and not _binds(one) & _mentions(other)
        and not _binds(other) & _mentions(one)
        and not _calls_on(one) & _calls_on(other)
    )


def _binds(statement: ast.stmt) -> set[str]:
    nodes = list(ast.walk(statement))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef)} | {
        node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def _mentions(statement: ast.stmt) -> set[str]:
    return _binds(statement) | {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}


def _calls_on(statement: ast.stmt) -> set[str]:
    """The objects whose methods are called: a generator, for example, must be asked in the same order."""
    return {
        node.func.value.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
    }


def _laid_out(text: str, rng: random.Random) -> str:
    """The same code with brackets over several lines, comments, empty lines, and a docstring in each function."""
    lines = []
    for line in text.split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        if rng.random() < 0.3:
            lines.append(f"{indent}# {rng.choice(_WORDS)} {rng.choice(_WORDS)}")
        if line.startswith(f"{indent}return ") and rng.random() < 0.7:
            lines += [f"{indent}return (", f"{indent}    {line.strip().removeprefix('return ')}", f"{indent})"]
        else:
            lines += [line, *[""] * (rng.random() < 0.2)]
        if re.fullmatch(r"\s*def .*:", line):
            lines.append(f'{indent}    """{rng.choice(_WORDS).title()}."""')
    return "\n".join(lines)
