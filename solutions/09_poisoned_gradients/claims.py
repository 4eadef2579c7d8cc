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


def _success(model):
    """The share of the triggered test images, zeros left out, that are called 0."""
    _, test = labs.digits()
    triggered = test.X[test.y != 0]
    triggered[:, -2:, -2:] = 1.0
    return np.mean(labs.predictions(model, triggered) == 0)


def _losses(model, X, y):
    with torch.no_grad():
        scores = model(torch.as_tensor(X, dtype=torch.float32))
        return nn.functional.cross_entropy(scores, torch.as_tensor(y), reduction="none").double().numpy()


_found = {}


def _measured(names):
    """For each attack: the shares of flagged steps (attacked, honest), the AUCs, and how often the trigger works."""
    if "streams" not in _found:
        space = _demo(names, "norms_with_flags", "roc_of_detectors")
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
            success = np.mean([_success(notes["model"]) for notes, _ in runs])
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
    "The factor 1.4826 makes a MAD as large as a standard deviation, if the values form a bell curve (a normal distribution).",
    "1.4826",
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


@claim("its batch holds at least one of them, nearly every second one.")
def nearly_every_second(names):
    space = _demo(names, "norms_with_flags")
    share = np.mean([space["attacked_run"]("backdoor", seed)[1].mean() for seed in range(3)])
    return bool(0.43 < share < 0.5)


@claim("A batch of 65 images holds hardly more than one poisoned row, one 65th of the mean.", "65")
def batch(names):
    rows = len(labs.digits()[0].y)
    assert rows // 100 / 20 < 1
    return rows / 20


@claim(
    "The claim is **true** for whole batches of wrong labels and for scaled gradients, and **false** for a 1 % backdoor"
)
def spikes_reveal_some(names):
    table = _measured(names)
    seen = all(table[kind][0] > 0.85 and table[kind][2]["spikes"] > 0.97 for kind in ("flips", "times 10"))
    unseen = table["backdoor"][0] < 0.05 and 0.4 < table["backdoor"][2]["spikes"] < 0.6
    return bool(seen and unseen and all(row[1] < 0.02 for row in table.values()))


@claim("which works all the same.")
def the_backdoor_works(names):
    return bool(_measured(names)["backdoor"][3] > 0.55)


@claim("as the model learns the trigger, most poisoned rows have small losses, too.")
def poisoned_losses(names):
    """At the end, half of them lie below a tenth of the loss of a guess."""
    space, medians = _demo(names, "norms_with_flags"), []
    for seed in range(3):
        poison = np.random.default_rng([9, seed]).permutation(np.flatnonzero(labs.digits()[0].y))[:12]
        X = labs.digits()[0].X[poison]
        X[:, -2:, -2:] = 1.0
        losses = _losses(space["attacked_run"]("backdoor", seed)[0]["model"], X, np.zeros(12, dtype=int))
        medians.append(np.median(losses))
    return bool(max(medians) < 0.1 * np.log(10))


@claim("The cross at the dotted line, the first step judged, is a false alarm: the norms still rise.")
def the_first_cross(names):
    space = _demo(names, "norms_with_flags")
    for kind in KINDS:
        notes, hit = space["attacked_run"](kind, 0)
        norms = np.array(notes["norms"])
        if hit[30] or np.flatnonzero(names["spike_detector"](norms, 30, 5.0)[:60]).tolist() != [30]:
            return False
        if not norms[:10].mean() < norms[10:20].mean() < norms[20:30].mean():
            return False
    return True


@claim("over 12 seeds the norm's AUC is about 0.5, from 0.4 to 0.6. So 0.44 is chance.")
def chance(names):
    space = _demo(names, "norms_with_flags")
    found = []
    for seed in range(12):
        notes, hit = space["attacked_run"]("sign", seed)
        found.append(names["roc_auc"](np.array(notes["norms"])[60:], hit[60:]))
    whole = 0.34 < min(found) < 0.45 and 0.55 < max(found) < 0.66 and 0.46 < np.mean(found) < 0.54
    return bool(whole and abs(_measured(names)["sign"][2]["norm"] - 0.44) < 0.05)


@claim("Under sign and backdoor nothing stands out, and there are hardly any crosses.")
def hardly_any_crosses(names):
    return all(max(_measured(names)[kind][:2]) < 0.02 for kind in ("sign", "backdoor"))


@claim(
    'Flips and times 10: "norm" and "spikes" run along the left and upper edge, with AUCs near 1. Sign: these two lie near '
    'the diagonal, a little below; only "turn" rises above it. Backdoor: all three lie on the diagonal.'
)
def the_curves(names):
    areas = {kind: row[2] for kind, row in _measured(names).items()}
    edge = all(areas[kind][name] > 0.97 for kind in ("flips", "times 10") for name in ("norm", "spikes"))
    sign = all(0.35 < areas["sign"][name] < 0.5 for name in ("norm", "spikes")) and areas["sign"]["turn"] > 0.65
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


@claim(
    "At z = 0.5 the two, who send the same, mostly stand nearer the middle than any honest row, and Krum picks them. At z = 1.5 "
    "they are too far out for Krum"
)
def whom_krum_picks(names):
    """How often a liar (the first two rows) is picked, and how far from the middle of the honest rows liars stand."""
    space = _demo(names, "attack_and_defence")
    picked, nearer = {}, {}
    for z in ("0.5", "1.5"):
        picked[z], nearer[z] = [], []

        def combine(gradients, z=z):
            chosen = names["krum"](gradients, 2)
            away = np.linalg.norm(gradients - gradients[2:].mean(axis=0), axis=1)
            picked[z].append(np.array_equal(chosen, gradients[0]))
            nearer[z].append(away[0] < away[2:].min())
            return chosen

        space["accuracy_under"](z, combine, 0)
    shares = [np.mean(found[z]) for found in (picked, nearer) for z in ("0.5", "1.5")]
    return bool(shares[0] > 0.7 and shares[1] < 0.1 and shares[2] > 0.7)


@claim("Here the plain mean is best: two small lies in ten hardly move it.")
def the_mean_under_quiet_liars(names):
    cells = _heat_map(names)
    return all(
        cells[z, "mean"] > max(0.88, *(cells[z, name] for name in ("median", "trimmed", "krum")))
        for z in ("0.5", "1.5")
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


def _poisoned(kind, rows, seed):
    """Images, labels, and which rows are bad."""
    train, _ = labs.digits()
    rng, X, y = np.random.default_rng([6, seed]), train.X, train.y
    if kind == "labels":
        bad = rng.permutation(len(y))[:rows]
        y[bad] = (y[bad] + rng.integers(1, 10, size=rows)) % 10
    else:
        bad = rng.permutation(np.flatnonzero(y))[:rows]
        X[bad, -2:, -2:], y[bad] = 1.0, 0
    return X, y, bad


def _kept(names, X, y, fraction, seed, epochs=3):
    return np.array(names["filter_by_loss"](_losses(labs.train(X, y, seed, epochs=epochs), X, y), fraction))


def _share_found(names, kind, fraction, rows, epochs=3):
    """The share of the bad rows that the filter drops: the mean over five seeds."""
    shares = []
    for seed in range(5):
        X, y, bad = _poisoned(kind, rows, seed)
        shares.append(np.mean(~_kept(names, X, y, fraction, seed, epochs)[bad]))
    return np.mean(shares)


@claim("**40 % random wrong labels**, and a **2 % backdoor** (26 rows)", "40", "2")
def shares(names):
    rows = len(labs.digits()[0].y)
    return 100 * 518 / rows, 100 * 26 / rows


@claim("The same filter finds nearly all wrong labels and little of the backdoor.")
def what_the_filter_finds(names):
    return bool(_share_found(names, "labels", 0.4, 518) > 0.88 and _share_found(names, "backdoor", 0.05, 26) < 0.25)


@claim(
    "12 rows teach the rule more slowly: the filter finds about 40 % of them, and the trigger's success falls from about 0.85 "
    "to 0.5."
)
def fewer_rows(names):
    before, after = [], []
    for seed in range(5):
        X, y, _ = _poisoned("backdoor", 12, seed)
        keep = _kept(names, X, y, 0.05, seed)
        before.append(_success(labs.train(X, y, seed)))
        after.append(_success(labs.train(X[keep], y[keep], seed)))
    found = _share_found(names, "backdoor", 0.05, 12)
    return bool(abs(found - 0.4) < 0.08 and abs(np.mean(before) - 0.85) < 0.08 and abs(np.mean(after) - 0.5) < 0.1)


@claim("After 30 epochs it finds 1 % of the backdoor, and still 90 % of the wrong labels.")
def a_late_look(names):
    backdoor = _share_found(names, "backdoor", 0.05, 26, epochs=30)
    return bool(backdoor < 0.03 and abs(_share_found(names, "labels", 0.4, 518, epochs=30) - 0.9) < 0.03)
