"""Where the limits of `defended_train` come from: honest defences and wrong answers, measured over many single runs.

    python benchmarks/labs/capstone.py measure      writes capstone.json (about two minutes of CPU)
    python benchmarks/labs/capstone.py bootstrap    reads it, writes capstone.md

The runs, the measuring and the limits are those of the exercise itself. A verdict needs three seeds to be right, each
of which takes one clean run, one with a constant push, one under bursts, two under flips, one under nudges.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from autograder.exercises.capstone import (
    FLAGGED_TOGETHER,
    FURTHEST,
    LEAST_TPR,
    MOST_FPR,
    Measured,
    Scene,
    below_the_limits,
    measured,
    scene,
)

SEEDS = 100
RESAMPLES = 50_000
KINDS = ("clean", "push", "bursts", "flips", "nudges")
A_SEED = {"clean": 1, "push": 1, "bursts": 1, "flips": 2, "nudges": 1}
RESULTS = Path(__file__).with_suffix(".json")
REPORT = Path(__file__).with_suffix(".md")

Defence = Callable[[np.ndarray, list[float], dict[str, Any]], tuple[bool, np.ndarray]]
"""From the gradient, all lengths so far (its own last) and a memory: whether it is flagged, and what is applied."""


def limit(lengths: list[float], k: float = 5.0, window: int = 30) -> float:
    """The rule of lesson 09; infinite during the warm-up."""
    if len(lengths) <= window:
        return np.inf
    before = np.array(lengths[-window - 1 : -1])
    median = np.median(before)
    return float(median + k * 1.4826 * np.median(np.abs(before - median)))


def is_flagged(lengths: list[float], k: float = 5.0, window: int = 30) -> bool:
    return lengths[-1] > limit(lengths, k, window)


# --- honest: these must pass -------------------------------------------------------------------------


def skips(g, lengths, memory):
    flagged = is_flagged(lengths)
    return flagged, g * (not flagged)


def clips_to_the_median(g, lengths, memory):
    flagged = is_flagged(lengths)
    return flagged, g / lengths[-1] * np.median(lengths[-31:-1]) if flagged else g


def clips_to_the_limit(g, lengths, memory):
    flagged = is_flagged(lengths)
    return flagged, g / lengths[-1] * limit(lengths) if flagged else g


def repeats_the_last_honest_one(g, lengths, memory):
    flagged = is_flagged(lengths)
    if not flagged:
        memory["last"] = g
    return flagged, memory["last"]


def window_of_honest_lengths(g, lengths, memory):
    kept = memory.setdefault("kept", [])
    flagged = is_flagged([*kept, lengths[-1]])
    if not flagged:
        kept.append(lengths[-1])
    return flagged, g * (not flagged)


def honest_mean_and_deviation(g, lengths, memory):
    kept = memory.setdefault("kept", [])
    flagged = len(kept) >= 30 and lengths[-1] > np.mean(kept[-30:]) + 6 * np.std(kept[-30:])
    if not flagged:
        kept.append(lengths[-1])
    return flagged, g * (not flagged)


def five_medians(g, lengths, memory):
    flagged = len(lengths) > 30 and lengths[-1] > 5 * np.median(lengths[-31:-1])
    return flagged, g * (not flagged)


def k_is_3_5(g, lengths, memory):
    flagged = is_flagged(lengths, k=3.5)
    return flagged, g * (not flagged)


def k_is_8(g, lengths, memory):
    flagged = is_flagged(lengths, k=8.0)
    return flagged, g * (not flagged)


def window_is_50_and_20_at_first(g, lengths, memory):
    flagged = is_flagged(lengths, window=20 if len(lengths) < 60 else 50)
    return flagged, g * (not flagged)


def median_of_25_gradients(g, lengths, memory):
    recent = memory.setdefault("recent", [])
    recent.append(g)
    return is_flagged(lengths), np.median(recent[-25:], axis=0)


# --- wrong: these must fail by what they do ------------------------------------------------------------


def trusts_all(g, lengths, memory):
    return is_flagged(lengths), g


def trusts_all_and_flags_nothing(g, lengths, memory):
    return False, g


def flags_nothing(g, lengths, memory):
    return False, skips(g, lengths, memory)[1]


def flags_everything(g, lengths, memory):
    return True, skips(g, lengths, memory)[1]


def drops_everything(g, lengths, memory):
    return is_flagged(lengths), 0 * g


def drops_everything_after_the_warm_up(g, lengths, memory):
    late = len(lengths) > 30
    return late, g * (not late)


def stops_at_first_flag(g, lengths, memory):
    memory["over"] = memory.get("over") or is_flagged(lengths)
    return is_flagged(lengths), g * (not memory["over"])


def ignores_tamper(g, lengths, memory):
    return is_flagged(lengths), memory["untampered"]


def applies_flagged_ones_as_before_tamper(g, lengths, memory):
    flagged = is_flagged(lengths)
    return flagged, memory["untampered"] if flagged else g


def flags_above_three(g, lengths, memory):
    flagged = len(lengths) > 30 and lengths[-1] > 3
    return flagged, g * (not flagged)


def flags_above_six(g, lengths, memory):
    flagged = len(lengths) > 30 and lengths[-1] > 6
    return flagged, g * (not flagged)


def clips_to_one(g, lengths, memory):
    return is_flagged(lengths), g * min(1.0, 1.0 / lengths[-1])


def mean_and_deviation_of_all(g, lengths, memory):
    flagged = len(lengths) > 30 and lengths[-1] > np.mean(lengths[-31:-1]) + 3 * np.std(lengths[-31:-1])
    return flagged, g * (not flagged)


HONEST = (
    skips,
    clips_to_the_median,
    clips_to_the_limit,
    repeats_the_last_honest_one,
    window_of_honest_lengths,
    honest_mean_and_deviation,
    five_medians,
    k_is_3_5,
    k_is_8,
    window_is_50_and_20_at_first,
    median_of_25_gradients,
)
WRONG = (
    trusts_all,
    trusts_all_and_flags_nothing,
    flags_nothing,
    flags_everything,
    drops_everything,
    drops_everything_after_the_warm_up,
    stops_at_first_flag,
    ignores_tamper,
    applies_flagged_ones_as_before_tamper,
    flags_above_three,
    flags_above_six,
    clips_to_one,
    mean_and_deviation_of_all,
)


def run(defence: Defence, of: Scene, rate: float = 0.025, epochs: int = 30, batch: int = 12) -> Measured:
    """One run with a defence between `tamper` and the update."""
    w, path, lengths, flags, memory = of.weights, [of.weights], [], [], {}
    for _ in range(epochs):
        order = of.generator.permutation(len(of.y))
        for first in range(0, len(of.y), batch):
            rows = order[first : first + batch]
            g = memory["untampered"] = 2 * of.X[rows].T @ (of.X[rows] @ w - of.y[rows]) / len(rows)
            g = of.tamper(len(flags), g) if of.tamper is not None else g
            lengths.append(float(np.linalg.norm(g)))
            flagged, applied = defence(g, lengths, memory)
            flags.append(flagged)
            w = w - rate * applied
        path.append(w)
    return measured(of, np.array(path), w, np.array(flags))


def measure() -> None:
    lines = []
    for defence in (*HONEST, *WRONG):
        for kind in KINDS:
            found = [
                run(defence, scene(kind, np.random.default_rng([KINDS.index(kind), seed]))) for seed in range(SEEDS)
            ]
            table = [[float(f"{r.furthest:.3g}"), r.hits, r.attacked, r.false_alarms, r.honest] for r in found]
            lines.append(f'"{defence.__name__}, {kind}": {json.dumps(table, separators=(",", ":"))}')
        print(defence.__name__, flush=True)
    RESULTS.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def bootstrap() -> None:
    runs: dict[str, dict[str, list[Measured]]] = {}
    for title, table in json.loads(RESULTS.read_text()).items():
        answer, kind = title.split(", ")
        runs.setdefault(answer, {})[kind] = [Measured(kind, *row) for row in table]
    lines = [
        "# The limits of `defended_train`",
        "",
        f"Written by `python benchmarks/labs/capstone.py bootstrap` from capstone.json: {SEEDS} single runs of each kind and",
        f"answer. Limits: after epoch 10 no further than {FURTHEST} from the goal (mean over a seed's runs of one kind), TPR at",
        f"least {LEAST_TPR} (bursts and flips together; nudges), FPR at most {MOST_FPR} (over a seed's six runs); all three seeds",
        f"must hold. {RESAMPLES:,} resamples.",
        "",
        "Furthest is the median [largest] for answers that must pass, the median [smallest] for those that must fail.",
        "",
        "| answer | clean | push | bursts | flips | nudges | least TPR | FPR | wrong verdicts |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for defence in (*HONEST, *WRONG):
        name, honest = defence.__name__, defence in HONEST
        found = runs[name]
        passes = passing(found)
        extreme = max if honest else min
        cells = [
            f"{np.median([r.furthest for r in found[kind]]):.2g} [{extreme(r.furthest for r in found[kind]):.2g}]"
            for kind in KINDS
        ]
        everything = [r for kind in KINDS for r in found[kind]]
        tpr = min(_share(found, kinds) for kinds in FLAGGED_TOGETHER.values())
        fpr = sum(r.false_alarms for r in everything) / sum(r.honest for r in everything)
        wrong = (1 - passes) if honest else passes
        lines.append(
            f"| {name} ({'right' if honest else 'wrong'}) | {' | '.join(cells)} | {tpr:.3f} | {fpr:.4f} | {wrong:.5f} |"
        )
    REPORT.write_text("\n".join(lines) + "\n")
    print(REPORT.read_text())


def _share(found: dict[str, list[Measured]], kinds: tuple[str, ...]) -> float:
    """Which share of the attacked steps is flagged, runs of the kinds counted as often as a seed has them."""
    hits, attacked = (
        sum(A_SEED[kind] * sum(getattr(run, name) for run in found[kind]) for kind in kinds)
        for name in ("hits", "attacked")
    )
    return hits / attacked


def passing(found: dict[str, list[Measured]]) -> float:
    """The share of resampled verdicts (three seeds of six runs each) that are "correct"."""
    rng = np.random.default_rng(0)
    seeds = 3 * RESAMPLES
    right = np.ones(seeds, dtype=bool)
    sums = {}
    for kind, count in A_SEED.items():
        table = np.array([[r.furthest, r.hits, r.attacked, r.false_alarms, r.honest] for r in found[kind]])
        drawn = table[rng.integers(len(table), size=(seeds, count))]
        right &= drawn[:, :, 0].mean(axis=1) <= FURTHEST
        sums[kind] = drawn[:, :, 1:].sum(axis=1)
    for kinds in FLAGGED_TOGETHER.values():
        hits, attacked = sum(sums[kind] for kind in kinds)[:, :2].T
        right &= hits / attacked >= LEAST_TPR
    alarms, honest = sum(sums.values())[:, 2:].T
    right &= alarms / honest <= MOST_FPR
    one = {kind: [found[kind][0]] * count for kind, count in A_SEED.items()}  # the same rule as the judge's
    together = [run for runs in one.values() for run in runs]
    assert (not below_the_limits(together)) == bool(
        all(np.mean([run.furthest for run in runs]) <= FURTHEST for runs in one.values())
        and all(
            _share({kind: runs[:1] for kind, runs in found.items()}, kinds) >= LEAST_TPR
            for kinds in FLAGGED_TOGETHER.values()
        )
        and sum(run.false_alarms for run in together) / sum(run.honest for run in together) <= MOST_FPR
    )
    return float(right.reshape(RESAMPLES, 3).all(axis=1).mean())


if __name__ == "__main__":
    {"measure": measure, "bootstrap": bootstrap}[sys.argv[1]]()
