"""Labs: the course's own training and measuring for lessons 08 to 10. What is claimed elsewhere is measured here.

Lessons, `check` and grading train with the same code. Everything is decided by seeds, and torch's global generator is
left as it was. Import it by name (`from autograder import labs`): it brings torch and scikit-learn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

CLASSES = 10
EPOCHS = 30
BATCH = 64
LEARNING_RATE = 1e-2
TEST_IMAGES = 500

Step = Callable[[int, nn.Module], None]
"""Called with the step's number, after backward and before the update: the gradients may be read and changed."""


@dataclass(frozen=True)
class Images:
    """Images (n, 8, 8) with values in [0, 1], and their labels (n,), integers from 0 to 9."""

    X: np.ndarray
    y: np.ndarray


@cache
def _digits() -> tuple[Images, Images]:
    bunch = load_digits()
    parts = train_test_split(
        bunch.images / 16.0, bunch.target, test_size=TEST_IMAGES, stratify=bunch.target, random_state=0
    )
    X_train, X_test, y_train, y_test = parts
    return Images(X_train, y_train), Images(X_test, y_test)


def digits() -> tuple[Images, Images]:
    """scikit-learn's handwritten digits: 1,297 images to train on and 500 to test with, copies that may be changed."""
    train, test = _digits()
    return Images(train.X.copy(), train.y.copy()), Images(test.X.copy(), test.y.copy())


def new_model(seed: int) -> nn.Module:
    """An untrained network 64-64-10 that takes float32 images (n, 8, 8) and gives logits (n, 10)."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, CLASSES))


def train(
    X: np.ndarray,
    y: np.ndarray,
    seed: int,
    *,
    epochs: int = EPOCHS,
    learning_rate: float = LEARNING_RATE,
    before_step: Step | None = None,
) -> nn.Module:
    """A model trained on images X (n, 8, 8) and labels y (n,) with Adam and cross-entropy, in batches of 64."""
    images, labels = _tensor(X), torch.as_tensor(np.asarray(y), dtype=torch.long)
    model = new_model(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    order = torch.Generator().manual_seed(seed)
    step = 0
    for _ in range(epochs):
        for batch in torch.randperm(len(images), generator=order).split(BATCH):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(images[batch]), labels[batch]).backward()
            if before_step is not None:
                before_step(step, model)
            optimizer.step()
            step += 1
    return model


def predictions(model: nn.Module, X: np.ndarray) -> np.ndarray:
    """The class that `model` gives each of the images X (n, 8, 8): integers (n,)."""
    with torch.no_grad():
        return model(_tensor(X)).argmax(dim=1).numpy()


def hidden(model: nn.Module, X: np.ndarray) -> np.ndarray:
    """What the 64 hidden units of a trained `model` say of each of the images X (n, 8, 8): (n, 64)."""
    with torch.no_grad():
        return model[:3](_tensor(X)).double().numpy()  # type: ignore[index]


def accuracy(model: nn.Module, images: Images) -> float:
    """The share of images that `model` gets right."""
    return float(np.mean(predictions(model, images.X) == images.y))


def _tensor(X: np.ndarray) -> torch.Tensor:
    return torch.as_tensor(np.asarray(X), dtype=torch.float32)
