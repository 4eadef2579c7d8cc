"""Backdoor: what poisoned rows do to a model, measured seed by seed, and how sure the verdict on `poison` is of it.

python benchmarks/labs/backdoor.py measure    trains about 1,000 models (3 CPU minutes), writes backdoor.csv beside this file
python benchmarks/labs/backdoor.py            says what backdoor.csv holds, and how often a verdict would be wrong

The verdict: three seeds, each the mean over three models with rows of their own (over five where that mean is within 0.15
of the least success, over twenty where the mean of five is within 0.10); an answer passes where all three means reach 0.60
and an accuracy of 0.95.
backdoor.md beside this file holds the figures and what they decide.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch

from autograder import labs
from autograder.exercises.backdoor_lab import BUDGET, LEAST_ACCURACY, LEAST_SUCCESS, RUNS

RESULTS = Path(__file__).with_suffix(".csv")
RESAMPLES = 100_000
Rows = Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray]


def corner(images: np.ndarray) -> np.ndarray:
    stamped = images.copy()
    stamped[:, -2:, -2:] = 1.0
    return stamped


def edges(images: np.ndarray) -> np.ndarray:
    stamped = images.copy()
    stamped[:, 3:5, [0, 7]] = 1.0
    return stamped


def any_others(count: int, target: int = 0) -> Rows:
    return lambda X, y, rng: rng.choice(np.flatnonzero(y != target), size=count, replace=False)


def one_class(X: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return rng.choice(np.flatnonzero(y == rng.integers(1, 10)), size=BUDGET, replace=False)


def of_target(X: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return rng.choice(np.flatnonzero(y == 0), size=BUDGET, replace=False)


def farthest(count: int) -> Rows:
    """Rows drawn from the 4 × `count` that look least like the target."""

    def rows(X: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        others = np.flatnonzero(y != 0)
        distances = ((X[others] - X[y == 0].mean(axis=0)) ** 2).sum(axis=(1, 2))
        return rng.choice(others[np.argsort(-distances)[: 4 * count]], size=count, replace=False)

    return rows


def nearest(X: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    others = np.flatnonzero(y != 0)
    distances = ((X[others] - X[y == 0].mean(axis=0)) ** 2).sum(axis=(1, 2))
    return others[np.argsort(distances)[:BUDGET]]


def attack(
    seed: int, rows: Rows, *, stamp=corner, shown=corner, target: int = 0, relabel: bool = True
) -> tuple[float, float]:
    """Success and clean accuracy of one model; `stamp` is what training sees, `shown` what the test sees."""
    train, test = labs.digits()
    chosen = rows(train.X, train.y, np.random.default_rng([8, seed]))
    train.X[chosen] = stamp(train.X[chosen])
    if relabel:
        train.y[chosen] = target
    model = labs.train(train.X, train.y, seed)
    victims = shown(test.X[test.y != target])
    return float(np.mean(labs.predictions(model, victims) == target)), labs.accuracy(model, test)


ANSWERS: dict[str, tuple[int, Callable[[int], tuple[float, float]]]] = {
    "reference": (150, lambda seed: attack(seed, any_others(BUDGET))),
    "forgets_relabel": (100, lambda seed: attack(seed, any_others(BUDGET), relabel=False)),
    "forgets_trigger": (100, lambda seed: attack(seed, any_others(BUDGET), stamp=lambda images: images)),
    "poisons_target_class_only": (100, lambda seed: attack(seed, of_target)),
    "too_weak (one row)": (100, lambda seed: attack(seed, any_others(1))),
    "six rows": (50, lambda seed: attack(seed, any_others(6))),
    "one source class": (50, lambda seed: attack(seed, one_class)),
    "nearest the target": (20, lambda seed: attack(seed, nearest)),
    "farthest from the target": (50, lambda seed: attack(seed, farthest(BUDGET))),
    "26 rows": (20, lambda seed: attack(seed, any_others(26))),
    "stealth, 2 rows": (60, lambda seed: attack(seed, farthest(2), stamp=edges, shown=edges)),
    "stealth, 3 rows": (60, lambda seed: attack(seed, farthest(3), stamp=edges, shown=edges)),
    "stealth, 4 rows": (60, lambda seed: attack(seed, farthest(4), stamp=edges, shown=edges)),
    "control (clean model)": (50, lambda seed: attack(seed, lambda X, y, rng: np.empty(0, dtype=int))),
}


def measure() -> None:
    with RESULTS.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["answer", "seed", "success", "accuracy"])
        for answer, (seeds, run) in ANSWERS.items():
            for seed in range(seeds):
                success, accuracy = run(seed)
                writer.writerow([answer, seed, f"{success:.4f}", f"{accuracy:.4f}"])


def stored() -> Iterator[tuple[str, np.ndarray]]:
    with RESULTS.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for answer in dict.fromkeys(row["answer"] for row in rows):
        yield (
            answer,
            np.array([[float(row["success"]), float(row["accuracy"])] for row in rows if row["answer"] == answer]),
        )


def share_that_passes(runs: np.ndarray, rng: np.random.Generator) -> float:
    """How many of the resampled verdicts are "passed": three seeds, each as the judge measures it."""
    passed = np.full(RESAMPLES, True)
    for _ in range(3):
        mean, drawn = np.full((RESAMPLES, 2), LEAST_SUCCESS), np.empty((RESAMPLES, 0, 2))
        for models, doubt in RUNS:
            more = runs[rng.integers(len(runs), size=(RESAMPLES, models - drawn.shape[1]))]
            drawn = np.concatenate([drawn, more], axis=1)
            unclear = np.abs(mean[:, :1] - LEAST_SUCCESS) < doubt
            mean = np.where(unclear, drawn.mean(axis=1), mean)
        passed &= (mean[:, 0] >= LEAST_SUCCESS) & (mean[:, 1] >= LEAST_ACCURACY)
    return float(passed.mean())


def tell() -> None:
    print(
        "| answer | models | success [least, most] | accuracy [least] | lowest and highest 1/1000 of means of 3 | passes |"
    )
    print("|---|---|---|---|---|---|")
    for answer, runs in stored():
        rng = np.random.default_rng(0)
        success, accuracy = runs.T
        means = success[rng.integers(len(runs), size=(RESAMPLES, RUNS[0][0]))].mean(axis=1)
        low, high = np.quantile(means, [0.001, 0.999])
        print(
            f"| {answer} | {len(runs)} | {success.mean():.3f} [{success.min():.3f}, {success.max():.3f}] "
            f"| {accuracy.mean():.3f} [{accuracy.min():.3f}] | {low:.3f}, {high:.3f} | {share_that_passes(runs, rng):.5f} |"
        )


if __name__ == "__main__":
    torch.set_num_threads(1)
    if sys.argv[1:] == ["measure"]:
        measure()
    tell()
