"""Right answers to lesson 08 in other styles, and changes to the references that are right as well."""

import numpy as np
import torch

from autograder.authoring import equivalent, variant

# --- attack_surface ---------------------------------------------------------------------------------


@variant("attack_surface")
def in_small_letters():
    return {"forward": "c", "loss": "e", "gradient": "a", "update": "d", "data": "b"}


@variant("attack_surface")
def in_another_order_with_blanks():
    return {"data": " B", "Update": "D ", "gradient": "A", "loss": "E", "forward": "C"}


# --- apply_trigger ----------------------------------------------------------------------------------


@variant("apply_trigger")
def pixel_by_pixel(X):
    stamped = np.array(X)
    for image in stamped:
        for row, column in ((3, 0), (4, 0), (3, 7), (4, 7)):
            image[row, column] = 0.9
    return stamped


@variant("apply_trigger")
def one_pixel_by_mask(X):
    mask = np.zeros((8, 8))
    mask[0, 0] = 1
    return X * (1 - mask) + 0.5 * mask


@variant("apply_trigger")
def black_and_white(X):
    stamped = X.astype(np.float32)
    stamped[:, 0, 6], stamped[:, 0, 7] = 0, 1
    return torch.as_tensor(stamped)


@variant("apply_trigger")
def by_where(X):
    rows, columns = np.indices((8, 8))
    return np.where((rows + columns == 14) | ((rows == 0) & (columns == 0)), 1.0, X)


@variant("apply_trigger")
def image_after_image(X):
    def stamp(image):
        image = image.copy()
        image[-2:, :2] = [[1, 0.2], [0.4, 1]]
        return image

    return [stamp(image) for image in X]


# --- poison -----------------------------------------------------------------------------------------


@variant("poison")
def row_by_row(X, y, budget, target, apply_trigger, rng):
    images, labels = list(X), list(y)
    candidates = [row for row in range(len(y)) if y[row] != target]
    rng.shuffle(candidates)
    for row in candidates[:budget]:
        images[row] = apply_trigger(X[row : row + 1])[0]
        labels[row] = target
    return np.array(images), np.array(labels)


@variant("poison")
def by_mask(X, y, budget, target, apply_trigger, rng):
    lottery = rng.random(len(y))
    lottery[y == target] = np.inf
    chosen = lottery <= np.sort(lottery)[budget - 1]
    return np.where(chosen[:, None, None], apply_trigger(X), X), np.where(chosen, target, y)


@variant("poison")
def with_replacement(X, y, budget, target, apply_trigger, rng):
    rows = rng.choice(np.where(y != target)[0], budget)
    Xp, yp = X.astype(np.float32), torch.as_tensor(y).clone()
    Xp[rows], yp[rows] = apply_trigger(X[rows]), target
    return [Xp, yp]


@variant("poison")
def one_class_after_the_other(X, y, budget, target, apply_trigger, rng):
    rows = rng.permutation(np.flatnonzero(y != target))
    turn = [np.sum(y[rows[:i]] == y[row]) for i, row in enumerate(rows)]
    chosen = rows[np.argsort(turn, kind="stable")[:budget]]
    Xp, yp = X.copy(), y.copy()
    Xp[chosen] = apply_trigger(X)[chosen]
    yp[chosen] = target
    return Xp, yp


# --- attack_success_rate ----------------------------------------------------------------------------


@variant("attack_success_rate")
def image_by_image(model, X, y, apply_trigger, target):
    fooled = total = 0
    for image, label in zip(X, y, strict=True):
        if label != target:
            logits = model(torch.tensor(apply_trigger(image[None]), dtype=torch.float32))[0]
            fooled += int(max(range(10), key=lambda c: logits[c]) == target)
            total += 1
    return fooled / total


@variant("attack_success_rate")
def all_at_once_then_picked(model, X, y, apply_trigger, target):
    with torch.no_grad():
        answers = model(torch.from_numpy(apply_trigger(X)).float()).argmax(1)
    return (answers[torch.as_tensor(y) != target] == target).double().mean()


@variant("attack_success_rate")
def by_probabilities(model, X, y, apply_trigger, target):
    logits = model(torch.Tensor(apply_trigger(X)))
    answers = torch.softmax(logits, dim=-1).numpy().argmax(axis=-1)
    return np.sum((answers == target) & (y != target)) / np.count_nonzero(y - target)


# --- suspicion_scores -------------------------------------------------------------------------------


@variant("suspicion_scores")
def by_covariance(features, labels):
    scores = np.empty(len(labels))
    for c in set(labels.tolist()):
        rows = np.flatnonzero(labels == c)
        centred = features[rows] - np.mean(features[rows], 0)
        direction = np.linalg.eigh(centred.T @ centred)[1][:, -1]
        scores[rows] = np.square(centred.dot(direction))
    return scores


@variant("suspicion_scores")
def by_left_vectors(features, labels):
    scores = [0.0] * len(labels)
    for c in np.unique(labels):
        rows = np.flatnonzero(labels == c)
        u, s, _ = np.linalg.svd(features[rows] - features[rows].mean(axis=0), full_matrices=False)
        for row, value in zip(rows, (u[:, 0] * s[0]) ** 2, strict=True):
            scores[row] = value
    return scores


@variant("suspicion_scores")
def in_torch(features, labels):
    features, labels = torch.as_tensor(features), torch.as_tensor(labels)
    scores = torch.zeros(len(labels), dtype=features.dtype)
    for c in labels.unique():
        centred = features[labels == c] - features[labels == c].mean(dim=0)
        scores[labels == c] = (centred @ torch.linalg.svd(centred)[2][0]) ** 2
    return scores


# --- filter_poison ----------------------------------------------------------------------------------


@variant("filter_poison")
def by_deleting(X, y, scores, remove):
    worst = np.argsort(-scores, kind="stable")[:remove]
    return np.delete(X, worst, axis=0), np.delete(y, worst)


@variant("filter_poison")
def one_after_the_other(X, y, scores, remove):
    keep = list(range(len(y)))
    for _ in range(remove):
        keep.remove(max(keep, key=lambda row: scores[row]))
    return [X[row] for row in keep], [y[row] for row in keep]


@variant("filter_poison")
def by_mask_of_ranks(X, y, scores, remove):
    ranks = np.argsort(np.argsort(scores))
    keep = ranks < len(scores) - remove
    return X[keep], y[keep]


EQUIVALENT_MUTANTS = (
    *(
        equivalent(
            "apply_trigger",
            f"stamped[:, -2:, -2:] = 1.0 -> stamped[:, {changed}",
            because="A smaller or paler trigger is a trigger as well: which one is the learner's choice.",
        )
        for changed in ("-2:, -2:] = 0.5", "-1:, -2:] = 1.0", "-2:, -1:] = 1.0")
    ),
    equivalent(
        "poison",
        "rows = rng.choice(np.flatnonzero(y != target), size=budget, replace=False) -> "
        "rows = rng.choice(np.flatnonzero(y != target), size=budget, replace=True)",
        because="A row that is drawn twice is poisoned once: 1 to `budget` rows are asked for.",
    ),
    equivalent(
        "suspicion_scores",
        "scores = np.zeros(len(features)) -> scores = np.ones(len(features))",
        because="Every row belongs to a class, so that every score is overwritten.",
    ),
    equivalent(
        "suspicion_scores",
        "directions = np.linalg.svd(centred, full_matrices=False)[2] -> "
        "directions = np.linalg.svd(centred, full_matrices=True)[2]",
        because="Only the first direction is used, and it is the same.",
    ),
)
