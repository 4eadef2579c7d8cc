"""What lesson 08 says in numbers, each with the code that computes it.

Trained models differ in their last digits between machines: what is claimed of them has room for that.
"""

from functools import lru_cache

import numpy as np
import torch
from torch import nn

from autograder import labs
from autograder.authoring import claim


def _backdoored(names, target, rows, seed):
    train, _ = labs.digits()
    Xp, yp = names["poison"](
        train.X, train.y, rows, target, names["apply_trigger"], np.random.default_rng([target, seed])
    )
    return Xp, yp, yp != train.y, labs.train(Xp, yp, seed)


def _success(names, model, target):
    _, test = labs.digits()
    return names["attack_success_rate"](model, test.X, test.y, names["apply_trigger"], target)


def _distances(features, labels):
    means = np.stack([features[labels == c].mean(axis=0) for c in range(10)])
    return ((features - means[labels]) ** 2).sum(axis=1)


def _filtered(names, target, method):
    """Success after the filter, and the share of poison that it found: means over five runs."""
    success, found = [], []
    for seed in range(5):
        Xp, yp, is_poison, model = _backdoored(names, target, 26, seed)
        scores = np.where(yp == target, method(labs.hidden(model, Xp), yp), -1.0)
        found.append(is_poison[np.argsort(scores)[-39:]].sum() / 26)
        success.append(_success(names, labs.train(*names["filter_poison"](Xp, yp, scores, 39), seed), target))
    return np.mean(success), np.mean(found)


@lru_cache(maxsize=1)
def _distance_filter_at_one(poison, trigger, rate, keep):
    names = {"poison": poison, "apply_trigger": trigger, "attack_success_rate": rate, "filter_poison": keep}
    return _filtered(names, 1, _distances)


def _at_one(names):
    return _distance_filter_at_one(
        *(names[name] for name in ("poison", "apply_trigger", "attack_success_rate", "filter_poison"))
    )


@claim("`train` has 1,297 of them, `test` 500", "1,297", "500")
def sizes(names):
    train, test = labs.digits()
    return len(train.y), len(test.y)


@claim("you may change **1 % of the training data**, 12 of 1,297 rows", "12", "1,297")
def budget(names):
    rows = len(labs.digits()[0].y)
    return rows // 100, rows


@claim("Twelve rows drawn at random reach about 80 %.")
def twelve_rows(names):
    success = [_success(names, _backdoored(names, 0, 12, seed)[3], 0) for seed in range(10)]
    return bool(0.75 < np.mean(success) < 0.88)


@claim("the accuracy on plain images must stay at 95 % or more")
def accuracy_stays(names):
    return labs.accuracy(_backdoored(names, 0, 12, 0)[3], labs.digits()[1]) >= 0.95


@claim("The next cell poisons **26 rows** (2 %)", "2")
def two_percent(names):
    return 100 * 26 / len(labs.digits()[0].y)


@claim("remove 39 rows of it, 1.5 times the poison", "1.5")
def one_and_a_half(names):
    return 39 / 26


@claim(
    "With the corner trigger, the spectral bar of target 0 is low, one run sticking out, and the distance bar is at 0."
)
def target_zero(names):
    spectral, _ = _filtered(names, 0, names["suspicion_scores"])
    distance, _ = _filtered(names, 0, _distances)
    return bool(spectral < 0.25 and distance < 0.05)


@claim("For target 1 the spectral bar stays high, and the distance bar stops about half-way down.")
def target_one(names):
    spectral, _ = _filtered(names, 1, names["suspicion_scores"])
    return bool(spectral > 0.65 and 0.25 < _at_one(names)[0] < 0.65)


@claim("the attack still works on nearly half of the images")
def still_works(names):
    return bool(0.3 < _at_one(names)[0] < 0.55)


@claim("the distance filter finds about nine in ten poisoned rows of target 1")
def recall_is_not_safety(names):
    return bool(0.8 < _at_one(names)[1] < 0.97)


@claim("Of 26 rows about three are left")
def rows_left(names):
    return bool(1.0 < 26 * (1 - _at_one(names)[1]) < 4.5)


@claim("One step of 300 gets a hundred times the learning rate", "300")
def steps(names):
    return 15 * 20


def _variances(names, target):
    """Along the strongest direction of honest rows alone, and what the poison adds along its own; means of five runs."""
    honest, added = [], []
    for seed in range(5):
        Xp, yp, is_poison, model = _backdoored(names, target, 26, seed)
        features = labs.hidden(model, Xp)
        plain, poisoned = features[(yp == target) & ~is_poison], features[is_poison]
        honest.append(np.linalg.svd(plain - plain.mean(axis=0))[1][0] ** 2 / len(plain))
        share = len(poisoned) / (len(plain) + len(poisoned))
        added.append(share * (1 - share) * np.sum((poisoned.mean(axis=0) - plain.mean(axis=0)) ** 2))
    return np.mean(honest), np.mean(added)


@claim(
    "honest 1s spread more than the few poisoned rows add: a variance of about 9 against 4, on average. So the "
    "strongest direction is about handwriting. For target 0 it is about 3.7 against 7.5."
)
def handwriting(names):
    ones, zeros = _variances(names, 1), _variances(names, 0)
    return bool(8 < ones[0] < 10.6 and 3.8 < ones[1] < 5 and 3.2 < zeros[0] < 4.2 and 6.8 < zeros[1] < 8.2)


# --- the five doors -----------------------------------------------------------------------------------


def _loop(loss=None, gradient=None, spike=-1, sort_last=False, seed=0):
    """The lesson's loop: the model, and its accuracy after each of 15 epochs."""
    train, test = labs.digits()
    X, y = torch.as_tensor(train.X, dtype=torch.float32), torch.as_tensor(train.y)
    model, rng, accuracies = labs.new_model(seed), np.random.default_rng(seed), []
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for epoch in range(15):
        rows = rng.permutation(len(y))
        if sort_last and epoch == 14:
            rows = rows[np.argsort(train.y[rows], kind="stable")]
        for number, batch in enumerate(np.array_split(rows, 20)):
            losses = nn.functional.cross_entropy(model(X[batch]), y[batch], reduction="none")
            losses = loss(losses, y[batch]) if loss else losses
            optimizer.zero_grad()
            losses.mean().backward()
            if gradient:
                gradient(model)
            optimizer.param_groups[0]["lr"] = 1.0 if 20 * epoch + number == spike else 0.01
            optimizer.step()
        accuracies.append(labs.accuracy(model, test))
    return model, accuracies


def _only_downwards(model):
    model[3].weight.grad[3].abs_()
    model[3].bias.grad[3].abs_()


@claim("Loss and gradient: the recall of class 3 drops to 0, the other nine stay.")
def blind_to_threes(names):
    _, test = labs.digits()
    for model, _ in (_loop(loss=lambda losses, y: losses * (y != 3)), _loop(gradient=_only_downwards)):
        said = labs.predictions(model, test.X)
        recalls = [np.mean(said[test.y == c] == c) for c in range(10)]
        if recalls[3] > 0 or min(recalls[:3] + recalls[4:]) < 0.85:
            return False
    return True


@claim("Over six seeds the honest accuracy goes from 0.96 to 0.98", "0.96", "0.98")
def honest_seeds(names):
    accuracies = [_loop(seed=seed)[1][-1] for seed in range(6)]
    return min(accuracies), max(accuracies)


@claim("accuracy over the epochs falls deep at epoch 8 and recovers, or falls at the last step for good")
def spikes(names):
    middle, end = _loop(spike=159)[1], _loop(spike=299)[1]
    return bool(middle[7] < 0.7 and middle[-1] > 0.93 and end[-1] < 0.7)


@claim("Data: it falls in the last epoch.")
def sorted_batches(names):
    accuracies = _loop(sort_last=True)[1]
    return bool(accuracies[-1] < accuracies[-2] - 0.05)


@claim("The sorted batches make the model forget some classes, most of all the 1s")
def forgotten(names):
    _, test = labs.digits()
    said = labs.predictions(_loop(sort_last=True)[0], test.X)
    recalls = [np.mean(said[test.y == c] == c) for c in range(10)]
    return bool(np.argmin(recalls) == 1 and recalls[1] < 0.4)


@claim("in the output layer, the weights and the bias of that logit can only sink")
def only_sink(names):
    """They are compared before each gradient is used with what they were before the last."""
    seen = []

    def downwards(model):
        _only_downwards(model)
        seen.append(np.append(model[3].weight.detach()[3].numpy(), model[3].bias.detach()[3].item()))

    _loop(gradient=downwards)
    return bool((np.diff(seen, axis=0) <= 0).all())


@claim("0 in a pixel that is always empty is no trigger")
def always_empty(names):
    """There are such pixels."""
    return bool((labs.digits()[0].X == 0).all(axis=0).any())
