"""What lesson 06 says in numbers, each with the code that computes it."""

import warnings
from functools import cache

import numpy as np
import torch
from sklearn import metrics
from sklearn.datasets import load_digits
from torch import nn
from torchmetrics.functional import classification

from autograder.authoring import claim

FRACTIONS = (0.2, 0.3, 0.5)
SPLITS = 2
WIDTHS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


@claim("Each trains for 200 epochs on 359 images", "359")
def images_to_train_with(names):
    train, _, _ = names["split_indices"](len(load_digits().target), FRACTIONS, np.random.default_rng(0))
    return len(train)


@claim("train has the digits 0 and 1 alone, test those from 4 on")
def cut_in_order(names):
    labels = np.sort(load_digits().target)
    train, _, test = np.split(labels, [359, 898])
    return set(train.tolist()) == {0, 1} and set(test.tolist()) == {4, 5, 6, 7, 8, 9}


@claim("Middle, your scaling: they are still to the right of train.")
def day_stays_warmer(names):
    rng = np.random.default_rng(0)
    night, day = names["standardize"](rng.normal(12, 2, size=(15, 1)), rng.normal(20, 2, size=(15, 1)))
    return bool(day.min() > night.max())


# --- the networks of §4 and §5, on two splits -------------------------------------------------------


def _network(X, y, X_val, y_val, width, epochs=200):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Linear(width, 10)).double()
    optimizer, criterion = torch.optim.Adam(model.parameters(), lr=0.02), nn.CrossEntropyLoss()
    train_losses, val_losses = [], []
    for _ in range(epochs):
        with torch.no_grad():
            val_losses.append(criterion(model(X_val), y_val).item())
        loss = criterion(model(X), y)
        train_losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model, train_losses, val_losses


class _Runs:
    """Networks of the lesson's widths on one split of the digits."""

    def __init__(self, names, seed):
        images, labels = load_digits(return_X_y=True)
        self.names = names
        parts = names["split_indices"](len(labels), FRACTIONS, np.random.default_rng(seed))
        self.X, self.X_val, self.X_test = map(torch.tensor, names["standardize"](*(images[part] for part in parts)))
        self.y, self.y_val, self.y_test = (torch.tensor(labels[part]) for part in parts)
        self.run = cache(lambda width, epochs=200: _network(self.X, self.y, self.X_val, self.y_val, width, epochs))

    def accuracy(self, width, epochs=200):
        model, *_ = self.run(width, epochs)
        with torch.no_grad():
            return (model(self.X_val).argmax(dim=1) == self.y_val).double().mean().item()

    def errors(self, width):
        """How many answers on validation are wrong, and the mean loss on those."""
        model, *_ = self.run(width)
        with torch.no_grad():
            logits = model(self.X_val)
        wrong = logits.argmax(dim=1) != self.y_val
        return int(wrong.sum()), nn.functional.cross_entropy(logits[wrong], self.y_val[wrong]).item()

    def test_counts(self):
        """The confusion matrix of the kept network on the test part."""
        with torch.no_grad():
            guesses = self.kept()[1](self.X_test).argmax(dim=1).numpy()
        return self.names["confusion_matrix"](self.y_test.numpy(), guesses, 10)

    def kept(self):
        best, _ = self.names["best_epoch"](self.run(256)[2], 10)
        return best, self.run(256, best)[0]


_RUNS = {}


def _runs(names):
    if not _RUNS:
        _RUNS.update({seed: _Runs(names, seed) for seed in range(SPLITS)})
    return _RUNS.values()


@claim("the validation loss alone: high for narrow networks, lowest in the middle, and it climbs again.")
def valley_over_the_width(names):
    def valley(runs):
        ends = [runs.run(width)[2][-1] for width in (1, 2, 4, 32, 256)]
        return max(ends[:3]) > ends[4] > 1.2 * ends[3]

    return all(map(valley, _runs(names)))


@claim("the training loss falls all the way.")
def training_loss_over_the_width(names):
    return all(bool((np.diff([runs.run(width)[1][-1] for width in WIDTHS]) < 0).all()) for runs in _runs(names))


@claim("validation accuracy: it rises, then stays where it is.")
def accuracy_over_the_width(names):
    def rises_and_stays(runs):
        shares = [runs.accuracy(width) for width in (1, 2, 4, 8, 32, 128, 256)]
        return shares[0] < shares[1] < shares[2] < shares[3] and max(shares[4:]) - min(shares[4:]) < 0.03

    return all(map(rises_and_stays, _runs(names)))


@claim("From the star to the end the validation loss about doubles, and accuracy hardly moves.")
def loss_doubles_and_accuracy_stays(names):
    def so(runs):
        best, _ = runs.kept()
        losses = runs.run(256)[2]
        return 1.8 < losses[-1] / losses[best] < 2.7 and abs(runs.accuracy(256) - runs.accuracy(256, best)) < 0.03

    return all(map(so, _runs(names)))


@claim("the same network underfits first and overfits in the end")
def under_then_over(names):
    def so(runs):
        _, t, v = runs.run(32)
        said = [names["diagnose_fit"](t[:epochs], v[:epochs], 0.6) for epochs in (8, 10, 20, 200)]
        return said[0] == "underfit" and said[-1] == "overfit"

    return all(map(so, _runs(names)))


@claim("it has its lowest point, a star, after a few epochs, climbs, and stays there.")
def climbs_and_stays(names):
    def so(runs):
        best, _ = runs.kept()
        losses = runs.run(256)[2]
        return best <= 10 and losses[best] == min(losses) and min(losses[75:]) > 0.95 * max(losses[best:])

    return all(map(so, _runs(names)))


@claim("wrong answers are hardly more frequent, but they give the true class ever less probability")
def surer_errors(names):
    def so(runs):
        counts, losses = zip(*(runs.errors(width) for width in WIDTHS[5:]), strict=True)
        return max(counts) <= counts[0] + 3 and (np.diff(losses) > 0).all()

    return all(map(so, _runs(names)))


@claim("at the end it calls every width from 16 up overfit, though more than 90 % of their answers are right", "90")
def overfit_and_useful(names):
    for runs in _runs(names):
        if any(names["diagnose_fit"](*runs.run(width)[1:], 0.6) != "overfit" for width in WIDTHS[4:]):
            return 0
    return 90 if all(runs.accuracy(width) > 0.9 for runs in _runs(names) for width in WIDTHS[4:]) else 0


@claim("with some 500 images, accuracy scatters by about 0.01. In §6, test happens to be kinder.", "0.01")
def scatter_of_accuracy(names):
    runs = next(iter(_runs(names)))
    share, counts = runs.accuracy(256, runs.kept()[0]), runs.test_counts()
    assert np.trace(counts) / counts.sum() > share
    return np.sqrt(share * (1 - share) / len(runs.y_val))


def _bias_and_variance(names):
    """Bias² and variance of each width, as in the lesson's picture; None where they do not add up to the error."""
    images, labels = load_digits(return_X_y=True)
    truth, bias, variance = np.eye(10)[labels[1500:]], {}, {}
    for width in WIDTHS:
        answers = []
        for seed in range(6):
            rows = np.random.default_rng(seed).permutation(1500)[:359]
            X, X_new = map(torch.tensor, names["standardize"](images[rows], images[1500:]))
            y = torch.tensor(labels[rows])
            model, *_ = _network(X, y, X, y, width)
            answers.append(torch.softmax(model(X_new), dim=1).detach().numpy())
        p = np.array(answers)
        bias[width] = ((p.mean(axis=0) - truth) ** 2).sum(axis=-1).mean()
        variance[width] = ((p - p.mean(axis=0)) ** 2).sum(axis=-1).mean()
        error = ((p - truth) ** 2).sum(axis=-1).mean()
        if abs(error - bias[width] - variance[width]) > 1e-9:  # "the two add up exactly"
            return None
    return bias, variance


@claim(
    "error and bias² fall up to width 16, then stay level. Right: variance is low for one unit, has its peak at two to "
    "four, falls, and rises a little from width 32 on."
)
def bias_and_variance_over_the_width(names):
    if (measured := _bias_and_variance(names)) is None:
        return False
    bias, variance = measured
    for curve in (bias, {width: bias[width] + variance[width] for width in WIDTHS}):
        falls = (np.diff([curve[width] for width in WIDTHS[:5]]) < 0).all()
        level = [curve[width] for width in WIDTHS[4:]]
        if not falls or max(level) - min(level) > 0.03:
            return False
    peak, rest = max(variance, key=variance.get), [variance[width] for width in WIDTHS[5:]]
    low_at_one = variance[1] < 0.6 * variance[peak]
    return bool(peak in (2, 4) and low_at_one and min(rest) == rest[0] < rest[-1] < 0.6 * variance[peak])


# --- metrics ----------------------------------------------------------------------------------------


@claim("With precision 0.02 and recall 1, the ordinary mean would be 0.51. F1 is 0.039.", "0.51", "0.039")
def harmonic_mean(names):
    y_true = np.repeat([1, 0], [2, 98])
    precision, recall = (values[1] for values in names["precision_recall"](y_true, np.ones(100, dtype=int), 2))
    return (precision + recall) / 2, names["f1_scores"](y_true, np.ones(100, dtype=int), 2)[1]


@claim("The watchful one has less accuracy, finds nearly all, and has many false alarms.")
def watchful(names):
    def so(runs):
        truth, model = runs.y_test.numpy(), runs.kept()[1]
        rows = np.concatenate([np.flatnonzero(truth != 8), np.flatnonzero(truth == 8)[:20]])
        with torch.no_grad():
            chance = torch.softmax(model(runs.X_test[rows]), dim=1)[:, 8].numpy()
        is_eight, said = (truth[rows] == 8).astype(int), (chance > 0.1).astype(int)
        precision, recall = names["precision_recall"](is_eight, said, 2)
        lazy = np.mean(is_eight == 0)
        return np.mean(said == is_eight) < lazy and recall[1] >= 0.9 and precision[1] < 0.7 and round(lazy, 2) == 0.98

    return all(map(so, _runs(names)))


@claim("**micro F1**. Where each sample has one class, micro F1 is an old friend.")
def micro_f1_is_accuracy(names):
    y_true, y_pred = np.random.default_rng(0).integers(0, 5, size=(2, 300))
    return bool(np.isclose(metrics.f1_score(y_true, y_pred, average="micro"), np.mean(y_true == y_pred)))


def _masks():
    image = load_digits().images[3]
    ink = image >= 8
    noisy = image + np.random.default_rng(3).normal(0, 3, size=(8, 8)) >= 8
    return ink, noisy, np.roll(ink, 1, axis=1)


@claim("With our split, 20 of the 48 errors stand in column 8", "20", "48")
def errors_in_column_eight(names):
    errors = next(iter(_runs(names))).test_counts() * (1 - np.eye(10, dtype=int))
    return errors[:, 8].sum(), errors.sum()


@claim("of the test part we keep all other digits, more than 800, but only twenty 8s", "800")
def other_digits(names):
    others = min(int((runs.y_test != 8).sum()) for runs in _runs(names))
    return others // 100 * 100


@claim('"Nothing" has 0.70 of the pixels right, more than the moved mask (0.69), and an IoU of 0.', "0.70", "0.69")
def nothing_has_most_pixels_right(names):
    ink, _, moved = _masks()
    nothing = np.zeros_like(ink)
    assert names["iou"](nothing, ink) == 0
    return np.mean(nothing == ink), np.mean(moved == ink)


@claim("A threshold on a noisy image fits well; the true mask moved by one pixel, far less well.")
def noisy_and_moved(names):
    ink, noisy, moved = _masks()
    return bool(names["iou"](noisy, ink) > 2 * names["iou"](moved, ink))


@claim('"Ink everywhere" finds it all, and gets little.')
def ink_everywhere(names):
    ink, *_ = _masks()
    return bool(names["iou"](np.ones_like(ink), ink) < 0.4)


@claim("for two empty masks we say 1, scikit-learn 0 (with a warning), torchmetrics 0 or nan, depending on its version")
def two_empty_masks(names):
    empty = np.zeros((3, 3), dtype=bool)
    theirs = float(classification.binary_jaccard_index(torch.tensor(empty), torch.tensor(empty)))
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        sklearns = metrics.jaccard_score(empty.ravel(), empty.ravel())
    return names["iou"](empty, empty) == 1.0 and sklearns == 0 and bool(said) and (theirs == 0 or np.isnan(theirs))


@claim("Swapped, precision and recall change places, and nothing warns you.")
def swapped_arguments(names):
    y_true, y_pred = np.random.default_rng(0).integers(0, 4, size=(2, 100))
    right = metrics.precision_score(y_true, y_pred, average=None)
    return bool(np.allclose(right, metrics.recall_score(y_pred, y_true, average=None)))
