"""What lesson 09 says in numbers, each with the code that computes it.

What is claimed of trained models is measured with the lesson's own demonstrations. They differ in their last digits between
machines: the claims have room for that.
"""

from functools import lru_cache
from pathlib import Path

import nbformat
import numpy as np
import torch
from torch import nn

from autograder import labs
from autograder.authoring import claim

KINDS = ("flips", "times 10", "sign", "backdoor")
ATTACKS = ("nobody", "sign", "noise", "0.5", "1.5", "one digit")


@lru_cache(maxsize=1)
def _sources():
    notebook = nbformat.read(Path(__file__).parent / "09_poisoned_gradients.ipynb", as_version=4)
    return {cell.metadata.get("nbgrader", {}).get("grade_id"): cell.source for cell in notebook.cells}


def _demo(names, *cells):
    """The names of the lesson with those that its demonstrations define; what these show is not run."""
    space = {**names, "ready": lambda *_: False}
    for cell in cells:
        exec(_sources()[cell], space)
    return space


_found = {}


def _measured(names):
    """For each attack: the shares of flagged steps (attacked, honest), the AUCs, and how often the trigger works."""
    if "streams" not in _found:
        space = _demo(names, "norms_with_flags", "roc_of_detectors")
        _, test = labs.digits()
        triggered = test.X[test.y != 0]
        triggered[:, -2:, -2:] = 1.0
        table = {}
        for kind in KINDS:
            runs = [space["attacked_run"](kind, seed) for seed in range(3)]
            scored = [space["scores_of"](notes) for notes, _ in runs]
            hit = np.concatenate([hit for _, hit in runs])
            late = np.concatenate([hit[60:] for _, hit in runs])
            flags = np.concatenate([names["spike_detector"](np.array(notes["norms"]), 30, 5.0) for notes, _ in runs])
            areas = {
                name: names["roc_auc"](np.concatenate([scores[name][60:] for scores in scored]), late)
                for name in ("norm", "spikes", "turn")
            }
            success = np.mean([np.mean(labs.predictions(notes["model"], triggered) == 0) for notes, _ in runs])
            table[kind] = (flags[hit].mean(), flags[~hit].mean(), areas, success)
        _found["streams"] = table
    return _found["streams"]


def _heat_map(names):
    """Mean accuracy over five runs, attack by defence."""
    if "map" not in _found:
        space = _demo(names, "attack_and_defence")
        defences = {
            "mean": lambda g: g.mean(axis=0),
            "median": names["coordinate_median"],
            "trimmed": lambda g: names["trimmed_mean"](g, 2),
            "krum": lambda g: names["krum"](g, 2),
        }
        _found["map"] = {
            (attack, name): np.mean([space["accuracy_under"](attack, combine, seed) for seed in range(5)])
            for attack in ATTACKS
            for name, combine in defences.items()
        }
    return _found["map"]


@claim("MAD = 0.5, and the limit is 2 + 5 · 1.4826 · 0.5 = 5.7065", "0.5", "5.7065")
def the_limit_of_four_norms(names):
    norms = np.array([3.0, 1.0, 2.0, 2.0])
    mad = np.median(np.abs(norms - np.median(norms)))
    return mad, np.median(norms) + 5 * 1.4826 * mad


@claim(
    "The factor 1.4826 makes a MAD as large as a standard deviation, if the values are normally distributed.", "1.4826"
)
def the_factor(names):
    """One over the upper quartile of the normal distribution."""
    return 1 / torch.distributions.Normal(0.0, 1.0).icdf(torch.tensor(0.75, dtype=torch.float64)).item()


@claim("12 of 1,297 images (1 %) carry the trigger", "12", "1,297", "1")
def one_per_cent(names):
    rows = len(labs.digits()[0].y)
    return rows // 100, rows, 100 * (rows // 100) / rows


@claim("the gradient's norm at each of 400 steps", "400")
def steps(names):
    return 20 * 20


@claim("A batch of 65 images holds hardly more than one poisoned row, which is one 65th of the mean", "65")
def batch(names):
    rows = len(labs.digits()[0].y)
    assert rows // 100 / 20 < 1
    return rows / 20


@claim(
    "The claim is **true** for whole batches of wrong labels and for scaled gradients, and **false** for a 1 % backdoor."
)
def spikes_reveal_some(names):
    table = _measured(names)
    seen = all(table[kind][0] > 0.85 and table[kind][2]["spikes"] > 0.97 for kind in ("flips", "times 10"))
    unseen = table["backdoor"][0] < 0.05 and 0.4 < table["backdoor"][2]["spikes"] < 0.6
    return bool(seen and unseen and all(row[1] < 0.02 for row in table.values()))


@claim("That one works all the same.")
def the_backdoor_works(names):
    return bool(_measured(names)["backdoor"][3] > 0.55)


@claim("Under sign and backdoor nothing stands out, and there are hardly any crosses.")
def hardly_any_crosses(names):
    return all(max(_measured(names)[kind][:2]) < 0.02 for kind in ("sign", "backdoor"))


@claim(
    'Flips and times 10: "norm" and "spikes" run along the left and upper edge, with AUCs near 1. Sign: these two lie on the '
    'diagonal; only "turn" rises above it. Backdoor: all three lie on the diagonal.'
)
def the_curves(names):
    areas = {kind: row[2] for kind, row in _measured(names).items()}
    edge = all(areas[kind][name] > 0.97 for kind in ("flips", "times 10") for name in ("norm", "spikes"))
    sign = all(0.35 < areas["sign"][name] < 0.6 for name in ("norm", "spikes")) and areas["sign"]["turn"] > 0.65
    return bool(edge and sign and all(0.4 < area < 0.6 for area in areas["backdoor"].values()))


def _manipulated(names, **doors):
    space = _demo(names, "norms_with_flags", "two_manipulations")
    notes = space["watched_run"](0, **doors)
    return (
        space["recalls"](notes["model"]),
        notes["accuracies"],
        names["spike_detector"](np.array(notes["norms"]), 30, 5.0),
    )


@claim("With the manipulated loss that of class 3 is 0, the others stay as they were.", "3", "0")
def the_blinded_class(names):
    blinded, _, _ = _manipulated(names, weights=lambda y: names["manipulate_loss"](np.ones(len(y), np.float32), y, 3))
    honest, _, _ = _manipulated(names)
    assert all(abs(blinded[c] - honest[c]) < 0.08 for c in range(10) if c != 3)
    return int(np.argmin(blinded)), min(blinded)


@claim("The blinded class adds no flags")
def no_flags(names):
    flags = _manipulated(names, weights=lambda y: names["manipulate_loss"](np.ones(len(y), np.float32), y, 3))[2]
    return bool(flags.sum() <= _manipulated(names)[2].sum() + 2)


@claim("The spike at step 200 tears a hole at epoch 11, which heals within a few epochs", "200", "11")
def the_hole(names):
    rate = lambda step: names["manipulate_learning_rate"](step, 0.002, 200, 300)  # noqa: E731
    accuracies, flags = _manipulated(names, rate=rate)[1:]
    assert accuracies[9] > 0.9 > 0.8 > accuracies[10]
    assert accuracies[14] > 0.9
    assert not flags[200]
    assert flags[201:230].sum() > 5  # noticed, but late
    return 200, np.argmin(accuracies[5:]) + 5 + 1


@claim("after the spike at the last step the curve ends deep down.")
def the_fall(names):
    rate = lambda step: names["manipulate_learning_rate"](step, 0.002, 399, 300)  # noqa: E731
    accuracies = _manipulated(names, rate=rate)[1]
    return bool(accuracies[-2] > 0.93 and accuracies[-1] < 0.7)


@claim("The mean is (8 g − 20 g) / 10 = −1.2 g: training climbs.", "−1.2")
def two_liars(names):
    return np.mean([1.0] * 8 + [-10.0] * 2)


@claim("The mean is black under sign and noise, the other three hold there.")
def loud_liars(names):
    cells = _heat_map(names)
    return all(
        cells[attack, "mean"] < 0.3 and min(cells[attack, name] for name in ("median", "trimmed", "krum")) > 0.85
        for attack in ("sign", "noise")
    )


@claim(
    'Under "a little" Krum falls at z = 0.5 and stands at z = 1.5, the median does better at 0.5 than at 1.5, and the trimmed '
    "mean loses at both."
)
def quiet_liars(names):
    cells = _heat_map(names)
    krum = cells["0.5", "krum"] < 0.8 < 0.85 < cells["1.5", "krum"]
    median = cells["0.5", "median"] > cells["1.5", "median"] + 0.04
    return bool(
        krum and median and all(cells[z, "trimmed"] < cells["nobody", "trimmed"] - 0.06 for z in ("0.5", "1.5"))
    )


@claim("In the last row the mean is best by far; median, trimmed mean and Krum collapse.")
def honest_but_different(names):
    cells = _heat_map(names)
    return cells["one digit", "mean"] > 0.93 and all(
        cells["one digit", name] < 0.65 for name in ("median", "trimmed", "krum")
    )


@claim("**No column is without a dark cell.**")
def no_winner(names):
    cells = _heat_map(names)
    return all(min(cells[a, name] for a in ATTACKS) < 0.65 for name in ("mean", "median", "trimmed", "krum"))


def _found_by_filter(names, kind, fraction, rows, seed, epochs=3):
    """The share of bad rows among those that the filter drops."""
    train, _ = labs.digits()
    rng, X, y = np.random.default_rng([6, seed]), train.X, train.y
    if kind == "labels":
        bad = rng.permutation(len(y))[:rows]
        y[bad] = (y[bad] + rng.integers(1, 10, size=rows)) % 10
    else:
        bad = rng.permutation(np.flatnonzero(y))[:rows]
        X[bad, -2:, -2:], y[bad] = 1.0, 0
    young = labs.train(X, y, seed, epochs=epochs)
    with torch.no_grad():
        scores = young(torch.as_tensor(X, dtype=torch.float32))
        losses = nn.functional.cross_entropy(scores, torch.as_tensor(y), reduction="none").numpy()
    return np.mean(~names["filter_by_loss"](losses, fraction)[bad])


@claim("**40 % random wrong labels**, and a **2 % backdoor** (26 rows)", "40", "2")
def shares(names):
    rows = len(labs.digits()[0].y)
    return 100 * 518 / rows, 100 * 26 / rows


@claim("The same filter finds nearly all wrong labels and little of the backdoor.")
def what_the_filter_finds(names):
    labels = np.mean([_found_by_filter(names, "labels", 0.4, 518, seed) for seed in range(5)])
    backdoor = np.mean([_found_by_filter(names, "backdoor", 0.05, 26, seed) for seed in range(5)])
    return bool(labels > 0.88 and backdoor < 0.25)


@claim("with 12 rows instead of 26 the rule is learned more slowly, and the filter finds more of them")
def fewer_rows(names):
    few = np.mean([_found_by_filter(names, "backdoor", 0.05, 12, seed) for seed in range(8)])
    return bool(few > 0.1 + np.mean([_found_by_filter(names, "backdoor", 0.05, 26, seed) for seed in range(8)]))
