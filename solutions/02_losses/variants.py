"""Right answers to lesson 02 in other styles: all of them must pass."""

import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

from autograder.authoring import equivalent, variant

# --- mae --------------------------------------------------------------------------------------------


@variant("mae")
def plain_python(predictions, targets):
    return sum(abs(p - t) for p, t in zip(predictions, targets, strict=True)) / len(targets)


@variant("mae")
def one_norm(predictions, targets):
    return np.linalg.norm(targets - predictions, 1) / targets.size


@variant("mae")
def root_of_square(predictions, targets):
    return np.average(np.sqrt(np.square(predictions - targets)))


@variant("mae")
def larger_minus_smaller(predictions, targets):
    return np.array((np.maximum(predictions, targets) - np.minimum(predictions, targets)).mean())


# --- smooth_l1 --------------------------------------------------------------------------------------


@variant("smooth_l1")
def loop_with_branches(predictions, targets, beta):
    total = 0.0
    for p, t in zip(predictions.tolist(), targets.tolist(), strict=True):
        e = abs(p - t)
        if e <= beta:
            total += 0.5 * e * e / beta
        else:
            total += e - 0.5 * beta
    return total / len(targets)


@variant("smooth_l1")
def as_integral_of_clipped_slope(predictions, targets, beta):
    size = np.abs(targets - predictions)
    inner = np.minimum(size, beta)
    return np.mean(inner**2 / (2 * beta) + (size - inner))


@variant("smooth_l1")
def huber_over_beta(predictions, targets, beta):
    return F.huber_loss(torch.tensor(predictions), torch.tensor(targets), delta=beta) / beta


@variant("smooth_l1")
def masks(predictions, targets, beta):
    error = predictions - targets
    each = np.abs(error) - beta / 2
    inside = np.abs(error) < beta
    each[inside] = error[inside] ** 2 / (2 * beta)
    return each.sum() / each.size


@variant("smooth_l1")
def mask_products(predictions, targets, beta):
    e = abs(predictions - targets)
    return float(np.mean((e < beta) * 0.5 * e**2 / beta + (e >= beta) * (e - 0.5 * beta)))


# --- softmax ----------------------------------------------------------------------------------------


@variant("softmax")
def exp_of_log_softmax(logits):
    return np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))


@variant("softmax")
def row_by_row(logits):
    rows = []
    for row in logits:
        e = np.exp(row - max(row))
        rows.append(e / sum(e))
    return np.array(rows)


@variant("softmax")
def lists_only(logits):
    result = []
    for row in logits.tolist():
        largest = max(row)
        e = [math.exp(z - largest) for z in row]
        result.append([x / sum(e) for x in e])
    return result


@variant("softmax")
def through_the_transpose(logits):
    e = np.exp(logits.T - logits.max(axis=1))
    return (e / e.sum(axis=0)).T


@variant("softmax")
def pairwise_differences(logits):
    with np.errstate(over="ignore"):
        return 1 / np.exp(logits[:, None, :] - logits[:, :, None]).sum(axis=2)


@variant("softmax")
def by_torch(logits):
    return torch.softmax(torch.tensor(logits), dim=1)


@variant("softmax")
def in_place_on_a_copy(logits):
    result = logits.copy()
    result -= np.amax(result, axis=-1)[:, None]
    np.exp(result, out=result)
    result /= result.sum(axis=-1).reshape(-1, 1)
    return result


# --- cross_entropy ----------------------------------------------------------------------------------


@variant("cross_entropy")
def logaddexp(logits, targets):
    return np.mean(np.logaddexp.reduce(logits, axis=1) - logits[np.arange(len(targets)), targets])


@variant("cross_entropy")
def with_one_hot(logits, targets):
    shifted = logits - logits.max(axis=1, keepdims=True)
    truth = (np.eye(logits.shape[1])[targets] * shifted).sum(axis=1)
    return (np.log(np.exp(shifted).sum(axis=1)) - truth).mean()


@variant("cross_entropy")
def sample_by_sample(logits, targets):
    losses = []
    for row, true in zip(logits, targets, strict=True):
        largest = row.max()
        losses.append(largest + math.log(sum(math.exp(z - largest) for z in row)) - row[true])
    return sum(losses) / len(losses)


@variant("cross_entropy")
def relative_to_the_truth(logits, targets):
    gaps = logits - np.take_along_axis(logits, targets[:, None], axis=1)
    return np.mean(np.logaddexp.reduce(gaps, axis=1))


@variant("cross_entropy")
def diagonal_of_columns(logits, targets):
    m = logits.max(axis=1)
    log_sum = m + np.log(np.exp(logits - m[:, None]).sum(axis=1))
    return float(np.trace(log_sum[:, None] - logits[:, targets]) / len(logits))


@variant("cross_entropy")
def nll_of_log_softmax(logits, targets):
    return nn.NLLLoss()(torch.log_softmax(torch.tensor(logits), 1), torch.tensor(targets))


# --- bce_with_logits --------------------------------------------------------------------------------


@variant("bce_with_logits")
def softplus_minus_product(logits, targets):
    return np.mean(np.logaddexp(0, logits) - targets * logits)


@variant("bce_with_logits")
def two_terms(logits, targets):
    return (targets * np.logaddexp(0, -logits) + (1 - targets) * np.logaddexp(0, logits)).mean()


@variant("bce_with_logits")
def label_chooses(logits, targets):
    return np.logaddexp(0, np.where(targets == 1, -logits, logits)).sum() / len(logits)


@variant("bce_with_logits")
def plain_python_branches(logits, targets):
    total = 0.0
    for z, t in zip(logits.tolist(), targets.tolist(), strict=True):
        wrongness = -z if t else z
        total += wrongness + math.log(1 + math.exp(-wrongness)) if wrongness > 0 else math.log1p(math.exp(wrongness))
    return total / len(targets)


@variant("bce_with_logits")
def signs_of_labels(logits, targets):
    margin = (2 * targets - 1) * logits
    return np.mean(np.maximum(-margin, 0) + np.log(1 + np.exp(-abs(margin))))


@variant("bce_with_logits")
def softmax_of_two(logits, targets):
    pairs = np.stack([np.zeros_like(logits), logits], axis=1)
    return np.mean(np.logaddexp.reduce(pairs, axis=1) - pairs[np.arange(len(targets)), targets.astype(int)])


@variant("bce_with_logits")
def torchs_own(logits, targets):
    return nn.BCEWithLogitsLoss()(torch.tensor(logits), torch.tensor(targets)).item()


# --- torch_losses -----------------------------------------------------------------------------------


@variant("torch_losses")
def functional(predictions, targets, logits, classes, scores, labels):
    return {
        "mse": F.mse_loss(predictions, targets),
        "mae": F.l1_loss(predictions, targets),
        "smooth_l1": F.smooth_l1_loss(predictions, targets),
        "cross_entropy": F.cross_entropy(logits, classes),
        "bce": F.binary_cross_entropy(torch.sigmoid(scores), labels),
        "bce_with_logits": F.binary_cross_entropy_with_logits(scores, labels),
    }


@variant("torch_losses")
def by_hand_in_torch(predictions, targets, logits, classes, scores, labels):
    error = predictions - targets
    binary = torch.logaddexp(torch.zeros_like(scores), scores) - labels * scores
    return {
        "mse": (error**2).mean().item(),
        "mae": error.abs().mean().item(),
        "smooth_l1": torch.where(error.abs() < 1, error**2 / 2, error.abs() - 0.5).mean().item(),
        "cross_entropy": (logits.logsumexp(1) - logits.gather(1, classes[:, None])[:, 0]).mean().item(),
        "bce": binary.mean().item(),
        "bce_with_logits": binary.mean().item(),
    }


@variant("torch_losses")
def in_other_orders(predictions, targets, logits, classes, scores, labels):
    probabilities = scores.sigmoid()
    return {
        "bce_with_logits": float(nn.BCEWithLogitsLoss()(scores, labels)),
        "bce": float(nn.BCELoss()(probabilities, labels)),
        "cross_entropy": float(nn.NLLLoss()(nn.LogSoftmax(dim=1)(logits), classes)),
        "smooth_l1": float(nn.HuberLoss(delta=1.0)(targets, predictions)),
        "mae": float(nn.L1Loss()(targets, predictions)),
        "mse": float(nn.MSELoss()(targets, predictions)),
        "rmse": float(nn.MSELoss()(targets, predictions)) ** 0.5,
    }


@variant("torch_losses")
def one_hot_and_weights(predictions, targets, logits, classes, scores, labels):
    one_hot = F.one_hot(classes, logits.shape[1]).double()
    return {
        "mse": torch.mean(torch.square(predictions - targets)),
        "mae": torch.mean(torch.abs(predictions - targets)),
        "smooth_l1": nn.SmoothL1Loss(beta=1.0)(predictions, targets),
        "cross_entropy": nn.CrossEntropyLoss()(logits, one_hot),
        "bce": nn.BCELoss()(nn.Sigmoid()(scores), labels),
        "bce_with_logits": nn.BCEWithLogitsLoss(reduction="mean")(scores, labels),
    }


# --- choose_loss ------------------------------------------------------------------------------------


@variant("choose_loss")
def if_by_if(task):
    if task == "regression":
        return "torch.nn.MSELoss"
    if task == "regression_with_outliers":
        return "nn.HuberLoss()"
    if task == "multiclass":
        return "CrossEntropyLoss"
    return "BCEWithLogitsLoss"


@variant("choose_loss")
def the_other_good_ones(task):
    match task:
        case "regression_with_outliers":
            return "L1Loss"
        case "multilabel":
            return "MultiLabelSoftMarginLoss"
        case "regression":
            return nn.MSELoss.__name__
    return " BCEWithLogitsLoss " if task == "binary" else "CrossEntropyLoss"


EQUIVALENT_MUTANTS = (
    equivalent(
        "smooth_l1",
        "each = np.where(size < beta, size ** 2 / (2 * beta), size - beta / 2) -> "
        "each = np.where(size <= beta, size ** 2 / (2 * beta), size - beta / 2)",
        because="At |e| = beta both branches are beta / 2.",
    ),
    equivalent(
        "bce_with_logits",
        "each = np.maximum(logits, 0) - logits * targets + np.log1p(np.exp(-np.abs(logits))) -> "
        "each = np.maximum(0, logits) - logits * targets + np.log1p(np.exp(-np.abs(logits)))",
        because="The larger of two numbers does not depend on their order.",
    ),
    *(
        equivalent(
            "torch_losses",
            f"{key} = nn.{name}()(predictions, targets) -> {key} = nn.{name}()(targets, predictions)",
            because="An error's size does not depend on its sign.",
        )
        for key, name in (("mse", "MSELoss"), ("mae", "L1Loss"), ("smooth_l1", "SmoothL1Loss"))
    ),
)
