"""Smoke."""
from autograder.exercise import exercise
@exercise(points=2, hints=("a","b"))
def mse_gradient(attempt, rng):
    X = rng.normal(size=(7, 3)); y = rng.normal(size=7); w = rng.normal(size=3)
    yield "the gradient", attempt(X, y, w)
@exercise(points=2, hints=("a","b"), uses=("mse_gradient",))
def train(attempt, rng):
    X = rng.normal(size=(7, 3)); y = rng.normal(size=7); w = rng.normal(size=3)
    yield "w", attempt(X, y, w)
@exercise(points=1, hints=("a","b"), value=True, self_check=True)
def labels(attempt, rng):
    return attempt
