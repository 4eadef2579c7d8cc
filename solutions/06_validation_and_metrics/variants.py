"""Right answers to lesson 06 in other styles: they keep the probes from asking for more than the exercises say."""

import itertools
import math
import statistics
from collections import Counter

import numpy as np
import torch
from sklearn import metrics
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from autograder.authoring import equivalent, variant

# --- count_iterations -------------------------------------------------------------------------------


@variant("count_iterations")
def with_ceil(n, batch_size, epochs, drop_last):
    return epochs * (math.floor if drop_last else math.ceil)(n / batch_size)


@variant("count_iterations")
def by_walking(n, batch_size, epochs, drop_last):
    updates = 0
    for _ in range(epochs):
        for start in range(0, n, batch_size):
            if start + batch_size <= n or not drop_last:
                updates += 1
    return updates


@variant("count_iterations")
def by_the_loaders_length(n, batch_size, epochs, drop_last):
    loader = torch.utils.data.DataLoader(range(n), batch_size=batch_size, drop_last=drop_last)
    return np.int64(epochs) * len(loader)


@variant("count_iterations")
def with_divmod(n, batch_size, epochs, drop_last):
    full, rest = divmod(n, batch_size)
    return float(epochs * (full + (rest > 0 and not drop_last)))


# --- split_indices ----------------------------------------------------------------------------------


@variant("split_indices")
def rounded_down_and_the_rest(n, fractions, rng):
    order = np.arange(n)
    rng.shuffle(order)
    n_train, n_val = int(n * fractions[0]), int(n * fractions[1])
    return order[:n_train], order[n_train : n_train + n_val], order[n_train + n_val :]


@variant("split_indices")
def sorted_lists(n, fractions, rng):
    order = rng.permutation(n).tolist()
    n_val, n_test = int(n * fractions[1]), int(n * fractions[2])
    return [sorted(order[n_val + n_test :]), sorted(order[:n_val]), sorted(order[n_val : n_val + n_test])]


@variant("split_indices")
def by_random_keys(n, fractions, rng):
    order = np.argsort(rng.random(n))
    cuts = np.cumsum(fractions)[:2] * n
    return tuple(np.split(order, np.rint(cuts).astype(int)))


@variant("split_indices")
def by_choice_without_replacement(n, fractions, rng):
    train = rng.choice(n, size=math.ceil(n * fractions[0]), replace=False)
    rest = np.setdiff1d(np.arange(n), train)
    val = rng.choice(rest, size=min(round(n * fractions[1]), len(rest)), replace=False)
    return train, val, np.setdiff1d(rest, val)


@variant("split_indices")
def with_scikit_learn(n, fractions, rng):
    seeds = rng.integers(2**31, size=2)
    rest, test = train_test_split(np.arange(n), test_size=fractions[2], random_state=int(seeds[0]))
    share = fractions[1] / (fractions[0] + fractions[1])
    train, val = train_test_split(rest, test_size=share, random_state=int(seeds[1]))
    return train, val, test


@variant("split_indices")
def with_torch(n, fractions, rng):
    generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
    parts = torch.utils.data.random_split(range(n), fractions, generator=generator)
    return tuple(torch.tensor(part.indices, dtype=torch.int64) for part in parts)


# --- standardize ------------------------------------------------------------------------------------


@variant("standardize")
def with_scikit_learn_scaler(train, *others):
    scaler = StandardScaler().fit(train)
    return tuple(scaler.transform(array) for array in (train, *others))


@variant("standardize")
def column_by_column(train, *others):
    tables = [array.astype(float) for array in (train, *others)]
    for j in range(train.shape[1]):
        mean = math.fsum(train[:, j]) / len(train)
        spread = math.sqrt(math.fsum((x - mean) ** 2 for x in train[:, j]) / len(train))
        for table in tables:
            table[:, j] = (table[:, j] - mean) / (spread or 1.0)
    return tuple(tables)


@variant("standardize")
def constant_by_comparison(train, *others):
    mean, std = np.mean(train, axis=0, keepdims=True), np.std(train, axis=0, keepdims=True)
    std[:, np.ptp(train, axis=0) == 0] = 1
    return [np.divide(np.subtract(array, mean), std) for array in [train, *others]]


@variant("standardize")
def by_moments(train, *others):
    train = np.asarray(train, dtype=float)
    centre = train.mean(axis=0)
    std = ((train - centre) ** 2).mean(axis=0) ** 0.5
    std += std == 0
    return tuple(torch.tensor((np.asarray(array, dtype=float) - centre) / std) for array in (train, *others))


# --- diagnose_fit -----------------------------------------------------------------------------------


@variant("diagnose_fit")
def with_statistics(train_losses, val_losses, acceptable):
    t, v = statistics.fmean(train_losses[-5:]), statistics.fmean(val_losses[-5:])
    if t > acceptable:
        return "underfit"
    if v > 1.5 * t:
        return "overfit"
    return "good"


@variant("diagnose_fit")
def on_arrays(train_losses, val_losses, acceptable):
    t, v = np.asarray(train_losses)[-5:].mean(), np.asarray(val_losses)[-5:].mean()
    return str(np.select([t > acceptable, v > 1.5 * t], ["underfit", "overfit"], "good"))


@variant("diagnose_fit")
def good_first(train_losses, val_losses, acceptable):
    t, v = (sum(list(losses)[len(losses) - 5 :]) / 5 for losses in (train_losses, val_losses))
    if t <= acceptable and 2 * v <= 3 * t:
        return "good"
    return "overfit" if t <= acceptable else "underfit"


# --- best_epoch -------------------------------------------------------------------------------------


@variant("best_epoch")
def counting_bad_epochs(val_losses, patience):
    lowest, best, bad = math.inf, 0, 0
    for k in range(len(val_losses)):
        if val_losses[k] < lowest:
            lowest, best, bad = val_losses[k], k, 0
        else:
            bad += 1
            if bad == patience:
                break
    return best, k


@variant("best_epoch")
def with_argmin_of_each_start(val_losses, patience):
    losses = np.array(val_losses)
    for k in range(len(losses)):
        best = int(np.argmin(losses[: k + 1]))
        if k - best >= patience:
            return [best, k]
    return [int(np.argmin(losses)), len(losses) - 1]


@variant("best_epoch")
def with_running_minimum(val_losses, patience):
    lowest = list(itertools.accumulate(val_losses, min))
    first = [lowest.index(value) for value in lowest]
    stops = [k for k, best in enumerate(first) if k - best >= patience]
    stopped = stops[0] if stops else len(val_losses) - 1
    return np.array([first[stopped], stopped])


@variant("best_epoch")
def with_while(val_losses, patience):
    best, k = 0, 0
    while k < len(val_losses) - 1 and k - best < patience:
        k += 1
        best = k if val_losses[k] < val_losses[best] else best
    return best, k


# --- confusion_matrix -------------------------------------------------------------------------------


@variant("confusion_matrix")
def with_bincount(y_true, y_pred, k):
    return np.bincount(k * y_true + y_pred, minlength=k * k).reshape(k, k)


@variant("confusion_matrix")
def with_one_hot(y_true, y_pred, k):
    return np.eye(k)[y_true].T @ np.eye(k)[y_pred]


@variant("confusion_matrix")
def cell_by_cell(y_true, y_pred, k):
    return [[int(np.sum((y_true == i) & (y_pred == j))) for j in range(k)] for i in range(k)]


@variant("confusion_matrix")
def with_counter(y_true, y_pred, k):
    pairs = Counter(zip(y_true.tolist(), y_pred.tolist(), strict=True))
    return np.array([[pairs[i, j] for j in range(k)] for i in range(k)])


@variant("confusion_matrix")
def scikit_learns(y_true, y_pred, k):
    return metrics.confusion_matrix(y_true, y_pred, labels=range(k))


# --- precision_recall -------------------------------------------------------------------------------


@variant("precision_recall")
def by_masks(y_true, y_pred, k):
    precision, recall = [], []
    for c in range(k):
        hits = np.sum((y_true == c) & (y_pred == c))
        called, there = np.sum(y_pred == c), np.sum(y_true == c)
        precision.append(hits / called if called else 0.0)
        recall.append(hits / there if there else 0.0)
    return precision, recall


@variant("precision_recall")
def as_one_array(y_true, y_pred, k):
    counts = np.zeros((k, k))
    np.add.at(counts, (y_true, y_pred), 1)
    return np.nan_to_num(np.diag(counts) / np.array([counts.sum(axis=0), counts.sum(axis=1)]))


@variant("precision_recall")
def with_a_little_below(y_true, y_pred, k):
    counts = np.zeros((k, k))
    np.add.at(counts, (y_true, y_pred), 1)
    hits = torch.tensor(np.diag(counts).copy())
    return torch.stack([hits / torch.tensor(counts.sum(axis=axis) + 1e-9) for axis in (0, 1)]).float()


@variant("precision_recall")
def scikit_learns_two(y_true, y_pred, k):
    return metrics.precision_recall_fscore_support(y_true, y_pred, labels=range(k), average=None, zero_division=0)[:2]


# --- f1_scores --------------------------------------------------------------------------------------


@variant("f1_scores")
def from_counts(y_true, y_pred, k):
    scores = np.zeros(k)
    for c in range(k):
        hits = np.sum((y_true == c) & (y_pred == c))
        wrong = np.sum((y_true == c) ^ (y_pred == c))
        if hits:
            scores[c] = hits / (hits + wrong / 2)
    return scores


@variant("f1_scores")
def harmonic_means(y_true, y_pred, k):
    scores = []
    for c in range(k):
        hits, called, there = np.sum((y_true == c) & (y_pred == c)), np.sum(y_pred == c), np.sum(y_true == c)
        pair = [hits / called if called else 0.0, hits / there if there else 0.0]
        scores.append(statistics.harmonic_mean(pair))
    return scores


@variant("f1_scores")
def scikit_learns_f1(y_true, y_pred, k):
    return metrics.f1_score(y_true, y_pred, labels=range(k), average=None, zero_division=0)


# --- iou --------------------------------------------------------------------------------------------


@variant("iou")
def by_sets(pred_mask, mask):
    one, two = set(map(tuple, np.argwhere(pred_mask))), set(map(tuple, np.argwhere(mask)))
    return len(one & two) / len(one | two) if one | two else 1


@variant("iou")
def by_counts(pred_mask, mask):
    both = np.count_nonzero(pred_mask * mask)
    either = np.count_nonzero(pred_mask) + np.count_nonzero(mask) - both
    return np.array(both / either) if either > 0 else np.array(1.0)


@variant("iou")
def pixel_by_pixel(pred_mask, mask):
    both = either = 0
    for predicted, true in zip(pred_mask.ravel(), mask.ravel(), strict=True):
        both += bool(predicted and true)
        either += bool(predicted or true)
    return 1.0 if either == 0 else both / either


@variant("iou")
def scikit_learns_jaccard(pred_mask, mask):
    if not (pred_mask.any() or mask.any()):
        return 1.0
    return metrics.jaccard_score(mask.ravel(), pred_mask.ravel(), pos_label=True)


@variant("iou")
def on_tensors(pred_mask, mask):
    one, two = torch.tensor(pred_mask), torch.tensor(mask)
    both, either = torch.logical_and(one, two).sum(), torch.logical_or(one, two).sum()
    return both.double() / either if either else torch.tensor(1.0)


_RETURN = "return (hits / np.where(predicted == 0, 1, predicted), hits / np.where(actual == 0, 1, actual))"
_NO_HITS = "Where nothing is predicted, or nothing is there, there are no hits: 0 divided by anything is 0."

EQUIVALENT_MUTANTS = (
    equivalent(
        "precision_recall",
        f"{_RETURN} -> {_RETURN.replace('predicted == 0, 1,', 'predicted == 0, 2,')}",
        because=_NO_HITS,
    ),
    equivalent(
        "precision_recall", f"{_RETURN} -> {_RETURN.replace('actual == 0, 1,', 'actual == 0, 2,')}", because=_NO_HITS
    ),
    equivalent(
        "f1_scores",
        "return 2 * precision * recall / np.where(total == 0, 1, total) -> "
        "return 2 * precision * recall / np.where(total == 0, 2, total)",
        because="Where the sum is 0 the product is 0 as well.",
    ),
)
