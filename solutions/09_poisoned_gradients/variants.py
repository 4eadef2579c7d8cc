"""Right answers to lesson 09 in other styles, and changes to the references that are right as well."""

from statistics import median

import numpy as np
import torch

from autograder.authoring import equivalent, variant

# --- gradient_norm ------------------------------------------------------------------------------------


@variant("gradient_norm")
def by_clipping_to_infinity(model):
    return torch.nn.utils.clip_grad_norm_(model.parameters(), float("inf"))


@variant("gradient_norm")
def norm_of_norms(model):
    norms = [p.grad.norm(2) for p in model.parameters() if p.grad is not None]
    return torch.stack(norms).norm(2).item() if norms else 0.0


@variant("gradient_norm")
def one_long_array(model):
    parts = [np.zeros(1), *(p.grad.numpy().ravel() for _, p in model.named_parameters() if p.grad is not None)]
    return np.linalg.norm(np.concatenate(parts))


@variant("gradient_norm")
def number_by_number(model):
    total = 0.0
    for p in model.parameters():
        if p.grad is None:
            continue
        for value in p.grad.flatten().tolist():
            total += value * value
    return np.sqrt(total)


# --- spike_detector -----------------------------------------------------------------------------------


@variant("spike_detector")
def by_sliding_windows(norms, window, k):
    flags = np.zeros(norms.shape, dtype=bool)
    if len(norms) > window:
        before = np.lib.stride_tricks.sliding_window_view(norms[:-1], window)
        middle = np.median(before, axis=1, keepdims=True)
        mad = np.median(np.abs(before - middle), axis=1)
        flags[window:] = norms[window:] > middle[:, 0] + k * 1.4826 * mad
    return flags


@variant("spike_detector")
def list_of_python_bools(norms, window, k):
    flags, seen = [], []
    for x in norms.tolist():
        last = seen[-window:]
        if len(seen) < window:
            flags.append(False)
        else:
            m = median(last)
            flags.append(x > m + k * 1.4826 * median([abs(v - m) for v in last]))
        seen.append(x)
    return flags


@variant("spike_detector")
def with_scipys_factor(norms, window, k):
    def over(i):
        before = np.sort(norms[i - window : i])
        m = np.median(before)
        return (norms[i] - m) > k * np.median(np.absolute(m - before)) / 0.6744897501960817

    return np.array([i >= window and over(i) for i in range(len(norms))], dtype=bool)


@variant("spike_detector")
def tensor_of_flags(norms, window, k):
    flags = torch.zeros(len(norms), dtype=torch.bool)
    for i in range(window, len(norms)):
        before = torch.from_numpy(norms[i - window : i].astype(float))
        m = torch.quantile(before, 0.5)
        flags[i] = norms[i] > m + k * 1.4826 * torch.quantile((before - m).abs(), 0.5)
    return flags


# --- roc_auc ------------------------------------------------------------------------------------------


@variant("roc_auc")
def pair_by_pair(scores, labels):
    yes = [s for s, attacked in zip(scores, labels, strict=True) if attacked]
    no = [s for s, attacked in zip(scores, labels, strict=True) if not attacked]
    return sum(1.0 if a > b else 0.5 if a == b else 0.0 for a in yes for b in no) / (len(yes) * len(no))


@variant("roc_auc")
def by_ranks(scores, labels):
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(counts) - (counts - 1) / 2
    yes = np.count_nonzero(labels)
    return (mean_rank[place][labels].sum() - yes * (yes + 1) / 2) / (yes * (len(labels) - yes))


@variant("roc_auc")
def area_under_the_curve(scores, labels):
    limits = [np.inf, *sorted(set(scores.tolist()), reverse=True)]
    tpr = np.array([np.mean(scores[labels] >= limit) for limit in limits])
    fpr = np.array([np.mean(scores[~labels] >= limit) for limit in limits])
    return float(np.sum(np.diff(fpr) * (tpr[1:] + tpr[:-1])) / 2)


@variant("roc_auc")
def by_scikit_learn(scores, labels):
    from sklearn.metrics import roc_auc_score

    return roc_auc_score(labels, scores)


# --- manipulate_loss ----------------------------------------------------------------------------------


@variant("manipulate_loss")
def by_where(losses, y, victim):
    return np.where(y == victim, 0.0, losses)


@variant("manipulate_loss")
def weight_by_weight(losses, y, victim):
    return [0.0 if label == victim else loss for loss, label in zip(losses, y, strict=True)]


# --- manipulate_learning_rate -------------------------------------------------------------------------


@variant("manipulate_learning_rate")
def factor_to_a_power(step, lr, when, factor):
    return lr * factor ** (step == when)


@variant("manipulate_learning_rate")
def with_an_early_return(step, lr, when, factor):
    if step != when:
        return lr
    return np.float64(factor) * lr


# --- coordinate_median --------------------------------------------------------------------------------


@variant("coordinate_median")
def column_by_column(gradients):
    return [median(column) for column in gradients.T.tolist()]


@variant("coordinate_median")
def by_sorting(gradients):
    m = len(gradients)
    ordered = np.sort(gradients, axis=0)
    return 0.5 * (ordered[(m - 1) // 2] + ordered[m // 2])


@variant("coordinate_median")
def by_quantile(gradients):
    return torch.quantile(torch.from_numpy(gradients.copy()), 0.5, dim=0)


# --- trimmed_mean -------------------------------------------------------------------------------------


@variant("trimmed_mean")
def columns_of_lists(gradients, trim):
    def one(column):
        kept = sorted(column)[trim : len(column) - trim]
        return sum(kept) / len(kept)

    return np.array([one(column) for column in zip(*gradients.tolist(), strict=True)])


@variant("trimmed_mean")
def sums_without_the_ends(gradients, trim):
    m = len(gradients)
    ordered = np.sort(gradients, axis=0)
    ends = ordered[:trim].sum(axis=0) + ordered[m - trim :].sum(axis=0)
    return (ordered.sum(axis=0) - ends) / (m - 2 * trim)


@variant("trimmed_mean")
def by_scipy(gradients, trim):
    from scipy.stats import trim_mean

    return trim_mean(gradients, (trim + 0.01) / len(gradients), axis=0)


# --- krum ---------------------------------------------------------------------------------------------


@variant("krum")
def with_lists(gradients, f):
    m, best = len(gradients), None
    for i in range(m):
        distances = sorted(float(np.sum((gradients[i] - gradients[j]) ** 2)) for j in range(m) if j != i)
        score = sum(distances[: m - f - 2])
        if best is None or score < best[0]:
            best = score, gradients[i]
    return best[1]


@variant("krum")
def by_products(gradients, f):
    squares = np.einsum("ij,ij->i", gradients, gradients)
    table = squares[:, None] + squares[None, :] - 2 * gradients @ gradients.T
    np.fill_diagonal(table, np.inf)
    nearest = np.partition(table, len(gradients) - f - 3, axis=1)[:, : len(gradients) - f - 2]
    return gradients[nearest.sum(axis=1).argmin()]


@variant("krum")
def by_torch(gradients, f):
    rows = torch.from_numpy(gradients.copy())
    table = torch.cdist(rows, rows) ** 2
    scores = table.topk(len(rows) - f - 1, largest=False).values.sum(dim=1)  # the 0 to itself adds nothing
    return rows[scores.argmin()]


# --- filter_by_loss -----------------------------------------------------------------------------------


@variant("filter_by_loss")
def by_ranks_of_losses(losses, fraction):
    ranks = np.argsort(np.argsort(losses))
    return ranks < len(losses) - int(fraction * len(losses))


@variant("filter_by_loss")
def one_after_the_other(losses, fraction):
    keep, left = [True] * len(losses), list(losses)
    for _ in range(int(fraction * len(losses))):
        worst = left.index(max(left))
        keep[worst], left[worst] = False, float("-inf")
    return keep


@variant("filter_by_loss")
def by_partition(losses, fraction):
    drop = int(fraction * len(losses))
    keep = np.full(len(losses), True)
    if drop > 0:
        keep[np.argpartition(losses, len(losses) - drop)[len(losses) - drop :]] = False
    return keep


EQUIVALENT_MUTANTS = (
    equivalent(
        "krum",
        "distances = np.array([((gradients - row) ** 2).sum(axis=1) for row in gradients]) -> "
        "distances = np.array([((gradients - row) ** 2).mean(axis=1) for row in gradients])",
        because="all distances are divided by d: the same row has the least sum",
    ),
    equivalent(
        "krum",
        "nearest = np.sort(distances, axis=1)[:, 1:m - f - 1] -> nearest = np.sort(distances, axis=1)[:, 0:m - f - 1]",
        because="the distance of a row to itself is 0 and adds nothing; the number of others stays",
    ),
    equivalent(
        "krum",
        "return gradients[np.argmin(nearest.sum(axis=1))] -> return gradients[np.argmin(nearest.mean(axis=1))]",
        because="all sums are divided by m − f − 2: the same one is least",
    ),
)
