"""What learners get wrong in lesson 09. A function's name is the mistake's key, its docstring is what the learner reads.

`also(known, attempt)` is another way of making a mistake that is already described.
"""

import numpy as np
import torch

from autograder.authoring import also, mistake

# --- gradient_norm ------------------------------------------------------------------------------------


def _there(model):
    return [p.grad for p in model.parameters() if p.grad is not None]


@mistake("gradient_norm")
def per_tensor_sum(model):
    """This adds up the lengths of the single gradients. They are parts of one long arrow: what do lengths of parts add up by?"""
    return sum((g.norm().item() for g in _there(model)), 0.0)


@mistake("gradient_norm")
def squared(model):
    """This is the *square* of the length. Which function undoes a square?"""
    return sum(((g**2).sum().item() for g in _there(model)), 0.0)


@mistake("gradient_norm")
def counts_missing_gradients(model):
    """A parameter that has no gradient adds something to your length. What has no gradient is no part of the arrow."""
    everything = [p.detach() if p.grad is None else p.grad for p in model.parameters()]
    return sum((g**2).sum().item() for g in everything) ** 0.5


def _missing_as_ones(model):
    everything = [torch.ones_like(p) if p.grad is None else p.grad for p in model.parameters()]
    return sum((g**2).sum().item() for g in everything) ** 0.5


counts_missing_gradients_as_ones = also(counts_missing_gradients, _missing_as_ones)


@mistake("gradient_norm")
def stumbles_over_missing_gradients(model):
    """A parameter that took no part in the loss has no gradient: its `.grad` is None, and nothing can be done with None. What
    should such a parameter add to the length?"""
    return sum((p.grad**2).sum().item() for p in model.parameters()) ** 0.5


stumbles_over_missing_gradients_norm = also(
    stumbles_over_missing_gradients, lambda model: sum(p.grad.norm().item() ** 2 for p in model.parameters()) ** 0.5
)
stumbles_over_missing_gradients_cat = also(
    stumbles_over_missing_gradients,
    lambda model: torch.cat([p.grad.flatten() for p in model.parameters()]).norm().item(),
)
stumbles_over_missing_gradients_norm_of_none = also(
    stumbles_over_missing_gradients,
    lambda model: sum(torch.linalg.norm(p.grad).item() ** 2 for p in model.parameters()) ** 0.5,
)


@mistake("gradient_norm")
def fails_without_any_gradient(model):
    """Where no parameter has a gradient, your function stops with an error. What is the length of an arrow without parts?"""
    return torch.cat([g.flatten() for g in _there(model)]).norm().item()


fails_without_any_gradient_stack = also(
    fails_without_any_gradient, lambda model: torch.stack([g.norm() for g in _there(model)]).norm().item()
)


fails_without_any_gradient_numpy = also(
    fails_without_any_gradient,
    lambda model: np.linalg.norm(np.concatenate([g.numpy().ravel() for g in _there(model)])),
)


@mistake("gradient_norm")
def sum_of_nothing_is_no_tensor(model):
    """Where no parameter has a gradient, the `sum` of nothing is the number 0, which is no tensor: what you do with a tensor
    then fails."""
    return torch.sqrt(sum((g**2).sum() for g in _there(model)))


sum_of_nothing_has_no_sqrt = also(
    sum_of_nothing_is_no_tensor, lambda model: sum((g**2).sum() for g in _there(model)).sqrt()
)


@mistake("gradient_norm")
def nan_without_any_gradient(model):
    """Where no parameter has a gradient, the contract asks for 0.0."""
    found = _there(model)
    return torch.cat([g.flatten() for g in found]).norm().item() if found else float("nan")


nothing_without_any_gradient = also(
    nan_without_any_gradient,
    lambda model: torch.cat([g.flatten() for g in _there(model)]).norm().item() if _there(model) else None,
)


@mistake("gradient_norm")
def norm_of_weights(model):
    """This is the length of the *parameters*. What should be measured is the gradient that each of them carries."""
    return sum((p.detach() ** 2).sum().item() for p in model.parameters()) ** 0.5


@mistake("gradient_norm")
def mean_square(model):
    """A mean is taken where a sum belongs: an arrow does not become shorter by having more parts."""
    found = _there(model)
    return (sum((g**2).sum().item() for g in found) / max(1, sum(g.numel() for g in found))) ** 0.5


mean_square_of_each = also(mean_square, lambda model: sum((g**2).mean().item() for g in _there(model)) ** 0.5)


@mistake("gradient_norm")
def sum_of_absolute_values(model):
    """This adds up absolute values. The length of an arrow (L2) takes squares and one root."""
    return sum((g.abs().sum().item() for g in _there(model)), 0.0)


@mistake("gradient_norm")
def largest_entry(model):
    """This is the largest single entry. The length takes all of them."""
    return max((g.abs().max().item() for g in _there(model)), default=0.0)


@mistake("gradient_norm")
def longest_part(model):
    """This is the length of the longest single gradient. The length of the whole takes all of them."""
    return max((g.norm().item() for g in _there(model)), default=0.0)


@mistake("gradient_norm")
def last_part_only(model):
    """Only the last parameter counts. Is a total overwritten in the loop, where it should grow?"""
    found = _there(model)
    return found[-1].norm().item() if found else 0.0


@mistake("gradient_norm")
def first_part_only(model):
    """Only the first parameter counts. Does the loop return too early?"""
    found = _there(model)
    return found[0].norm().item() if found else 0.0


@mistake("gradient_norm")
def stops_at_a_missing_gradient(model):
    """Your loop ends at the first parameter without a gradient. Others after it may have one."""
    total = 0.0
    for p in model.parameters():
        if p.grad is None:
            break
        total += (p.grad**2).sum().item()
    return total**0.5


@mistake("gradient_norm")
def zero_where_one_is_missing(model):
    """As soon as one gradient is missing, you return 0. The others are still there."""
    found = _there(model)
    return sum((g**2).sum().item() for g in found) ** 0.5 if len(found) == len(list(model.parameters())) else 0.0


@mistake("gradient_norm")
def weights_without_biases(model):
    """The biases are left out. They are parameters, too, and have gradients."""
    return sum((p.grad**2).sum().item() for p in model.parameters() if p.grad is not None and p.ndim > 1) ** 0.5


@mistake("gradient_norm")
def clears_the_gradients(model):
    """Your number is right, but afterwards the gradients are no longer what they were. A monitor must only look."""
    length = sum((g**2).sum().item() for g in _there(model)) ** 0.5
    for p in model.parameters():
        p.grad = None
    return length


def _zeroes(model):
    length = sum((g**2).sum().item() for g in _there(model)) ** 0.5
    for g in _there(model):
        g.zero_()
    return length


def _squares_in_place(model):
    return sum(g.pow_(2).sum().item() for g in _there(model)) ** 0.5


def _clips(model):
    return torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0).item()


clears_the_gradients_to_zero = also(clears_the_gradients, _zeroes)
clears_the_gradients_squares = also(clears_the_gradients, _squares_in_place)
clears_the_gradients_clips = also(clears_the_gradients, _clips)


# --- spike_detector -----------------------------------------------------------------------------------


def _mad(values):
    return np.median(np.abs(values - np.median(values)))


def _over(window, x, k):
    """The right comparison, with a window of any kind."""
    return x > np.median(window) + k * 1.4826 * _mad(window)


def _right(x, window, k):
    return _by(lambda x, i, w, k: _over(x[i - w : i], x[i], k))(x, window, k)


def _by(flag):
    """A rule that is applied step by step, with its warm-up."""
    return lambda x, window, k: np.array([bool(i >= window and flag(x, i, window, k)) for i in range(len(x))])


@mistake("spike_detector")
def uses_future(norms, window, k):
    """A flag depends on steps that come after it. A detector that runs beside the loop cannot know those."""
    return _by(lambda x, i, w, k: _over(x[max(0, i - w // 2) : i + w // 2 + 1], x[i], k))(norms, window, k)


def _future_only(x, i, w, k):
    later = x[i + 1 : i + 1 + w]
    return len(later) and _over(later, x[i], k)


uses_future_centred = also(
    uses_future, _by(lambda x, i, w, k: _over(x[max(0, i - w // 2) : max(1, i + w // 2)], x[i], k))
)
uses_future_only = also(uses_future, _by(_future_only))
uses_future_and_current = also(uses_future, _by(lambda x, i, w, k: _over(x[i : i + w], x[i], k)))


@mistake("spike_detector")
def uses_std(norms, window, k):
    """Your limit is made of mean and standard deviation. One spike in the window moves both; which two numbers does it hardly
    move?"""
    return _by(lambda x, i, w, k: x[i] > np.mean(x[i - w : i]) + k * np.std(x[i - w : i]))(norms, window, k)


uses_std_about_the_median = also(
    uses_std, _by(lambda x, i, w, k: x[i] > np.median(x[i - w : i]) + k * np.std(x[i - w : i]))
)
uses_std_with_the_factor = also(
    uses_std, _by(lambda x, i, w, k: x[i] > np.median(x[i - w : i]) + k * 1.4826 * np.std(x[i - w : i]))
)
uses_std_of_a_sample = also(
    uses_std,
    _by(lambda x, i, w, k: x[i] > np.mean(x[i - w : i]) + k * np.std(x[i - w : i], ddof=1) if w > 1 else False),
)


@mistake("spike_detector")
def uses_mean_deviation(norms, window, k):
    """Your spread is a *mean* of distances. The MAD is their median, which a spike in the window hardly moves."""

    def flag(x, i, w, k):
        before = x[i - w : i]
        return x[i] > np.median(before) + k * 1.4826 * np.mean(np.abs(before - np.median(before)))

    return _by(flag)(norms, window, k)


@mistake("spike_detector")
def mean_for_the_median(norms, window, k):
    """Your middle is the mean of the window, and one spike carries it away. Which middle hardly moves?"""

    def flag(x, i, w, k):
        before = x[i - w : i]
        return x[i] > np.mean(before) + k * 1.4826 * np.median(np.abs(before - np.mean(before)))

    return _by(flag)(norms, window, k)


mean_for_the_median_but_in_the_mad = also(
    mean_for_the_median, _by(lambda x, i, w, k: x[i] > np.mean(x[i - w : i]) + k * 1.4826 * _mad(x[i - w : i]))
)


@mistake("spike_detector")
def forgets_absolute_value(norms, window, k):
    """Your distances from the median have a sign, so that their median is 0. A distance is never negative."""

    def flag(x, i, w, k):
        before = x[i - w : i]
        return x[i] > np.median(before) + k * 1.4826 * np.median(before - np.median(before))

    return _by(flag)(norms, window, k)


def _short_windows(least):
    """Flags from the step `least` on, with as many norms as there are."""

    def rule(x, window, k):
        return np.array([bool(i >= least and _over(x[max(0, i - window) : i], x[i], k)) for i in range(len(x))])

    return rule


@mistake("spike_detector")
def no_warm_up(norms, window, k):
    """Steps are flagged before there are `window` norms to compare with. The first W steps are never flagged."""
    return _short_windows(1)(norms, window, k)


no_warm_up_but_two = also(no_warm_up, _short_windows(2))
no_warm_up_but_three = also(no_warm_up, _short_windows(3))


@mistake("spike_detector")
def absolute_threshold(norms, window, k):
    """Your limit does not depend on the norms before. What is long at the end of a run is short at its beginning."""
    return _by(lambda x, i, w, k: x[i] > k)(norms, window, k)


absolute_threshold_at_once = also(absolute_threshold, lambda norms, window, k: norms > k)
absolute_threshold_of_one = also(absolute_threshold, _by(lambda x, i, w, k: x[i] > 1.0))
absolute_threshold_of_ten = also(absolute_threshold, _by(lambda x, i, w, k: x[i] > 10.0))


@mistake("spike_detector")
def multiple_of_the_median(norms, window, k):
    """Your limit is k times the median. How far norms usually spread, the MAD, is not in it."""
    return _by(lambda x, i, w, k: x[i] > k * np.median(x[i - w : i]))(norms, window, k)


@mistake("spike_detector")
def includes_current(norms, window, k):
    """The window holds the step that is judged. It should hold only the W steps before it."""
    return _by(lambda x, i, w, k: _over(x[i - w + 1 : i + 1], x[i], k))(norms, window, k)


includes_current_as_one_more = also(includes_current, _by(lambda x, i, w, k: _over(x[i - w : i + 1], x[i], k)))


@mistake("spike_detector")
def global_statistics(norms, window, k):
    """Median and MAD are those of the whole run, also of its future. They should be those of the W steps before."""
    return _by(lambda x, i, w, k: _over(x, x[i], k))(norms, window, k)


global_statistics_at_once = also(global_statistics, lambda norms, window, k: _over(norms, norms, k))


@mistake("spike_detector")
def whole_past(norms, window, k):
    """Median and MAD are those of *all* steps before. The window holds the last W, so that the limit follows the run."""
    return _by(lambda x, i, w, k: _over(x[:i], x[i], k))(norms, window, k)


@mistake("spike_detector")
def missing_1_4826(norms, window, k):
    """Your limit is too low: a factor is missing, the one that turns a MAD into a standard deviation."""
    return _by(lambda x, i, w, k: x[i] > np.median(x[i - w : i]) + k * _mad(x[i - w : i]))(norms, window, k)


@mistake("spike_detector")
def rounds_1_4826(norms, window, k):
    """Your factor is near 1.4826, but another one. Take it as it stands in the rule."""
    return _right(norms, window, k * 1.48 / 1.4826)


rounds_1_4826_to_three_places = also(rounds_1_4826, lambda norms, window, k: _right(norms, window, k * 1.483 / 1.4826))
rounds_1_4826_to_one_place = also(rounds_1_4826, lambda norms, window, k: _right(norms, window, k * 1.5 / 1.4826))


@mistake("spike_detector")
def no_negative_k(norms, window, k):
    """A negative k is refused, or taken for another number. k may be any number: the limit then lies below the median."""
    return _right(norms, window, max(k, 0.0))


def _refuses(error):
    def attempt(norms, window, k):
        if k < 0:
            raise error
        return _right(norms, window, k)

    return attempt


no_negative_k_but_its_size = also(no_negative_k, lambda norms, window, k: _right(norms, window, abs(k)))
no_negative_k_asserted = also(no_negative_k, _refuses(AssertionError))
no_negative_k_refused = also(no_negative_k, _refuses(ValueError))


@mistake("spike_detector")
def divides_by_1_4826(norms, window, k):
    """Your MAD is divided by 1.4826, so that the limit is too low. The rule multiplies."""
    return _by(lambda x, i, w, k: x[i] > np.median(x[i - w : i]) + k / 1.4826 * _mad(x[i - w : i]))(norms, window, k)


@mistake("spike_detector")
def frozen_window(norms, window, k):
    """Every step is compared with the first W norms of the run. The window moves along."""
    return _by(lambda x, i, w, k: _over(x[:w], x[i], k))(norms, window, k)


@mistake("spike_detector")
def blocks_instead_of_window(norms, window, k):
    """Your window jumps from block to block. It should move along with the step, and hold the W norms before it."""
    return _by(lambda x, i, w, k: _over(x[i // w * w - w : i // w * w], x[i], k))(norms, window, k)


def _shift(flagged, by):
    return np.concatenate((np.zeros(1, bool), flagged[:-1])) if by > 0 else np.append(flagged[1:], False)


@mistake("spike_detector")
def shifted_by_one(norms, window, k):
    """Your flags stand one step beside the spikes. Which norm belongs to flag i, and which window?"""
    return _shift(_right(norms, window, k), 1)


shifted_back = also(shifted_by_one, lambda norms, window, k: _shift(_right(norms, window, k), -1))
shifted_window = also(shifted_by_one, _by(lambda x, i, w, k: i > w and _over(x[i - w - 1 : i - 1], x[i], k)))


@mistake("spike_detector")
def window_too_short(norms, window, k):
    """Your window holds one norm too few. Count the entries of your slice for W = 2."""
    return _by(lambda x, i, w, k: w > 1 and _over(x[i - w + 1 : i], x[i], k))(norms, window, k)


@mistake("spike_detector")
def window_too_long(norms, window, k):
    """Your window holds one norm too many. Count the entries of your slice for W = 2."""
    return _by(lambda x, i, w, k: i > w and _over(x[i - w - 1 : i], x[i], k))(norms, window, k)


window_too_long_after_the_first = also(
    window_too_long, _by(lambda x, i, w, k: _over(x[max(0, i - w - 1) : i], x[i], k))
)


@mistake("spike_detector")
def warm_up_too_long(norms, window, k):
    """Step W (the first one that has W norms before it) is never flagged. Steps count from 0: which is the first to be
    judged?"""
    return _by(lambda x, i, w, k: i > w and _over(x[i - w : i], x[i], k))(norms, window, k)


@mistake("spike_detector")
def flags_without_warm_up(norms, window, k):
    """There are fewer flags than steps: those of the first W steps are missing. They are False, but they are there."""
    return _right(norms, window, k)[window:]


@mistake("spike_detector")
def flags_everything(norms, window, k):
    """Every step is flagged."""
    return np.ones(len(norms), bool)


flags_everything_after_the_warm_up = also(flags_everything, _by(lambda x, i, w, k: True))


@mistake("spike_detector")
def flags_nothing(norms, window, k):
    """No step is ever flagged."""
    return np.zeros(len(norms), bool)


@mistake("spike_detector")
def flags_drops_as_well(norms, window, k):
    """Steps whose norm is unusually *small* are flagged, too. The rule asks only for large ones."""

    def flag(x, i, w, k):
        return abs(x[i] - np.median(x[i - w : i])) > k * 1.4826 * _mad(x[i - w : i])

    return _by(flag)(norms, window, k)


@mistake("spike_detector")
def flags_ties(norms, window, k):
    """A step whose norm equals the limit is flagged. The rule asks for more than that."""
    return _by(lambda x, i, w, k: x[i] >= np.median(x[i - w : i]) + k * 1.4826 * _mad(x[i - w : i]))(norms, window, k)


@mistake("spike_detector")
def flags_what_is_ordinary(norms, window, k):
    """Your flags are the wrong way round: True stands where nothing happens."""
    return ~_right(norms, window, k)


flags_what_is_below = also(flags_what_is_ordinary, _by(lambda x, i, w, k: not _over(x[i - w : i], x[i], k)))
flags_what_is_short = also(
    flags_what_is_ordinary,
    _by(lambda x, i, w, k: x[i] < np.median(x[i - w : i]) + k * 1.4826 * _mad(x[i - w : i])),
)


@mistake("spike_detector")
def ignores_window(norms, window, k):
    """The window always has the same length, whatever `window` says."""
    return _right(norms, 30, k)


@mistake("spike_detector")
def ignores_k(norms, window, k):
    """The factor of the limit is always the same, whatever `k` says."""
    return _right(norms, window, 5.0)


@mistake("spike_detector")
def drops_flagged_from_the_window(norms, window, k):
    """Flagged norms are left out of later windows. The rule takes the W norms before a step as they are."""
    kept, flags = [], []
    for i, x in enumerate(norms):
        before = np.array(kept[-window:])
        flags.append(bool(i >= window and len(before) and _over(before, x, k)))
        if not flags[-1]:
            kept.append(x)
    return np.array(flags)


@mistake("spike_detector")
def logarithms(norms, window, k):
    """You judge the logarithms of the norms. The rule takes them as they are."""
    return _right(np.log(norms), window, k)


@mistake("spike_detector")
def flags_as_step_numbers(norms, window, k):
    """These are the numbers of the flagged steps. Asked for is True or False for every step."""
    return np.flatnonzero(_right(norms, window, k))


@mistake("spike_detector")
def flags_as_numbers(norms, window, k):
    """These are zeros and ones. Asked for is True or False (an array of dtype bool)."""
    return _right(norms, window, k).astype(int)


flags_as_floats = also(flags_as_numbers, lambda norms, window, k: _right(norms, window, k).astype(float))


# --- roc_auc ------------------------------------------------------------------------------------------


def _pairs(scores, labels):
    return scores[labels][:, None] - scores[~labels]


def _auc(scores, labels):
    difference = _pairs(scores, labels)
    return np.mean((difference > 0) + 0.5 * (difference == 0))


@mistake("roc_auc")
def ignores_ties(scores, labels):
    """Pairs with equal scores are counted as lost. A tie is half a win: who says nothing about any step has an AUC of 0.5."""
    return np.mean(_pairs(scores, labels) > 0)


@mistake("roc_auc")
def ties_count_as_wins(scores, labels):
    """Pairs with equal scores are counted as won. A tie is half a win: who says nothing about any step has an AUC of 0.5."""
    return np.mean(_pairs(scores, labels) >= 0)


def _by_order(scores, labels, order):
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    yes = labels.sum()
    return (ranks[labels].sum() - yes * (yes + 1) / 2) / (yes * (~labels).sum())


@mistake("roc_auc")
def breaks_ties_by_position(scores, labels):
    """Among equal scores, the order of the steps decides. A tie is half a win, wherever the two steps stand."""
    return _by_order(scores, labels, np.argsort(scores, kind="stable"))


breaks_ties_by_position_downwards = also(
    breaks_ties_by_position,
    lambda scores, labels: _by_order(scores, labels, np.argsort(-scores, kind="stable")[::-1]),
)


# Where scores are equal, `argsort` has another order on another processor: only scores that all differ are looked at.
@mistake(
    "roc_auc",
    seen_in=(
        "the AUC of scores that are all different",
        "the AUC of negative scores",
        "the AUC of a detector that never errs",
        "the AUC of a detector that always errs",
    ),
)
def order_taken_for_rank(scores, labels):
    """`argsort` is taken for ranks. It lists the steps in the order of their scores; it does not say which place a step has in
    that order."""
    yes = labels.sum()
    return ((np.argsort(scores) + 1)[labels].sum() - yes * (yes + 1) / 2) / (yes * (~labels).sum())


@mistake("roc_auc")
def leaves_ties_out(scores, labels):
    """Pairs with equal scores are left out of the mean. Each of them counts, as half a win."""
    difference = _pairs(scores, labels)
    decided = np.sum(difference != 0)
    return np.sum(difference > 0) / decided if decided else 0.5


leaves_ties_out_zero = also(
    leaves_ties_out,
    lambda scores, labels: np.sum(_pairs(scores, labels) > 0) / max(1, np.sum(_pairs(scores, labels) != 0)),
)


@mistake("roc_auc", name="reversed")
def the_other_way_round(scores, labels):
    """This is 1 minus the AUC: it counts the pairs in which the *honest* step has the higher score."""
    return 1 - _auc(scores, labels)


@mistake("roc_auc")
def accuracy(scores, labels):
    """This is an accuracy: the share of steps on the right side of one threshold. The AUC has no threshold, it compares
    pairs."""
    return np.mean((scores > 0.5) == labels)


accuracy_at_zero = also(accuracy, lambda scores, labels: np.mean((scores > 0) == labels))
accuracy_at_the_mean = also(accuracy, lambda scores, labels: np.mean((scores > np.mean(scores)) == labels))
accuracy_at_the_median = also(accuracy, lambda scores, labels: np.mean((scores > np.median(scores)) == labels))
accuracy_from_a_half = also(accuracy, lambda scores, labels: np.mean((scores >= 0.5) == labels))


@mistake("roc_auc")
def folds_up(scores, labels):
    """An AUC below 0.5 is turned into one above it. A detector that is always wrong has 0, and ought to be told."""
    return max(_auc(scores, labels), 1 - _auc(scores, labels))


@mistake("roc_auc")
def counts_pairs(scores, labels):
    """This is the *number* of pairs won, not their share. How many pairs are there?"""
    difference = _pairs(scores, labels)
    return np.sum((difference > 0) + 0.5 * (difference == 0))


@mistake("roc_auc")
def divides_by_all_pairs(scores, labels):
    """The wins are divided by too many pairs. A pair is one attacked and one honest step."""
    difference = _pairs(scores, labels)
    n = len(scores)
    return np.sum((difference > 0) + 0.5 * (difference == 0)) / (n * (n - 1) / 2)


divides_by_the_square = also(
    divides_by_all_pairs,
    lambda scores, labels: (
        np.sum((_pairs(scores, labels) > 0) + 0.5 * (_pairs(scores, labels) == 0)) / len(scores) ** 2
    ),
)


@mistake("roc_auc")
def unsorted_trapezoid(scores, labels):
    """Your curve goes through the steps in the order in which they came. It should go from the highest score to the lowest."""
    tpr = np.append(0, np.cumsum(labels) / labels.sum())
    fpr = np.append(0, np.cumsum(~labels) / (~labels).sum())
    return float(np.sum((fpr[1:] - fpr[:-1]) * (tpr[1:] + tpr[:-1]) / 2))


# --- manipulate_loss ----------------------------------------------------------------------------------


@mistake("manipulate_loss")
def negates(losses, y, victim):
    """The victim's losses have the other sign: training would now push its loss up without end, and wreck the whole model.
    What weighs *nothing*?"""
    return np.where(y == victim, -losses, losses)


@mistake("manipulate_loss")
def zeroes_the_others(losses, y, victim):
    """Only the victim's losses are left, all others weigh nothing. It should be the other way round."""
    return np.where(y == victim, losses, 0.0)


@mistake("manipulate_loss")
def in_place(losses, y, victim):
    """Your function writes into the losses that it was given. They belong to the caller: work on a copy."""
    losses[y == victim] = 0.0
    return losses


def _in_place_scaled(losses, y, victim):
    losses *= y != victim
    return losses


def _in_place_and_a_copy_back(losses, y, victim):
    losses[y == victim] = 0.0
    return losses.copy()


in_place_scaled = also(in_place, _in_place_scaled)
in_place_and_a_copy_back = also(in_place, _in_place_and_a_copy_back)


@mistake("manipulate_loss")
def drops_the_rows(losses, y, victim):
    """The victim's entries are gone, so that losses and samples no longer belong together. All n should be there."""
    return losses[y != victim]


@mistake("manipulate_loss")
def changes_nothing(losses, y, victim):
    """The losses come back as they were. Does your change reach what you return?"""
    return losses.copy()


@mistake("manipulate_loss")
def zeroes_everything(losses, y, victim):
    """All losses are 0: this model will learn nothing at all, and everybody would notice."""
    return np.zeros_like(losses)


@mistake("manipulate_loss")
def weighs_less(losses, y, victim):
    """The victim's losses are smaller, but not 0. A class that weighs little is still learned."""
    return np.where(y == victim, 0.1 * losses, losses)


weighs_a_hundredth = also(weighs_less, lambda losses, y, victim: np.where(y == victim, 0.01 * losses, losses))
weighs_a_half = also(weighs_less, lambda losses, y, victim: np.where(y == victim, 0.5 * losses, losses))


@mistake("manipulate_loss")
def returns_the_mean(losses, y, victim):
    """This is one number. Asked for are all n losses; the mean is taken later."""
    return np.mean(losses * (y != victim))


@mistake("manipulate_loss")
def indexes_with_the_class(losses, y, victim):
    """The loss of *sample number* `victim` is 0, whatever its class. Which samples have the label `victim`?"""
    changed = losses.copy()
    if victim < len(changed):
        changed[victim] = 0.0
    return changed


# --- manipulate_learning_rate -------------------------------------------------------------------------


@mistake("manipulate_learning_rate")
def always(step, lr, when, factor):
    """Every step gets the manipulated rate. It should be one step only: which of the arguments says which?"""
    return lr * factor


@mistake("manipulate_learning_rate")
def off_by_one(step, lr, when, factor):
    """The spike comes one step beside the chosen one. Both `step` and `when` count from 0."""
    return lr * factor if step == when + 1 else lr


off_by_one_earlier = also(off_by_one, lambda step, lr, when, factor: lr * factor if step == when - 1 else lr)


@mistake("manipulate_learning_rate")
def adds(step, lr, when, factor):
    """The factor is added to the rate. A factor multiplies."""
    return lr + factor if step == when else lr


@mistake("manipulate_learning_rate")
def replaces(step, lr, when, factor):
    """The chosen step gets the factor itself as its rate. A factor multiplies."""
    return factor if step == when else lr


@mistake("manipulate_learning_rate")
def divides(step, lr, when, factor):
    """The rate is divided by the factor. A factor multiplies."""
    return lr / factor if step == when else lr


@mistake("manipulate_learning_rate")
def whole_number(step, lr, when, factor):
    """The rate of the chosen step is rounded to a whole number. A rate may be any number."""
    return int(lr * factor) if step == when else lr


whole_number_rounded = also(whole_number, lambda step, lr, when, factor: round(lr * factor) if step == when else lr)


@mistake("manipulate_learning_rate")
def compares_with_is(step, lr, when, factor):
    """`is` asks whether two names hold the very same object, which is so for small whole numbers only. Which comparison asks
    whether numbers are equal?"""
    return lr * factor if step is when else lr


@mistake("manipulate_learning_rate")
def never(step, lr, when, factor):
    """No step is manipulated."""
    return lr


@mistake("manipulate_learning_rate")
def from_then_on(step, lr, when, factor):
    """The rate stays high after the chosen step. It should be that one step only."""
    return lr * factor if step >= when else lr


@mistake("manipulate_learning_rate")
def until_then(step, lr, when, factor):
    """The steps before the chosen one are manipulated, too. It should be that one step only."""
    return lr * factor if step <= when else lr


@mistake("manipulate_learning_rate")
def every_so_many_steps(step, lr, when, factor):
    """The spike comes again and again. `when` is the number of one step, not a period."""
    return lr * factor if step % max(when, 1) == 0 else lr


@mistake("manipulate_learning_rate")
def all_but_then(step, lr, when, factor):
    """It is the wrong way round: every step but the chosen one is manipulated."""
    return lr if step == when else lr * factor


@mistake("manipulate_learning_rate")
def nothing_at_other_steps(step, lr, when, factor):
    """At the other steps your function returns None, or 0. Their rate is `lr`, unchanged."""
    return lr * factor if step == when else None


zero_at_other_steps = also(nothing_at_other_steps, lambda step, lr, when, factor: lr * factor if step == when else 0.0)


# --- coordinate_median --------------------------------------------------------------------------------


@mistake("coordinate_median", name="mean")
def mean_of_workers(gradients):
    """This is the mean, which a single liar can carry anywhere. Asked for is the middle of each column."""
    return gradients.mean(axis=0)


@mistake("coordinate_median")
def median_of_norms(gradients):
    """This is the row of one worker, the one of middle length. Asked for is the middle of each coordinate by itself."""
    order = np.argsort(np.linalg.norm(gradients, axis=1))
    return gradients[order[len(order) // 2]].copy()


median_of_norms_lower = also(
    median_of_norms,
    lambda gradients: gradients[np.argsort(np.linalg.norm(gradients, axis=1))[(len(gradients) - 1) // 2]].copy(),
)


@mistake("coordinate_median")
def lower_middle(gradients):
    """For an even number of workers this is the lower of the middle two (as `torch.median` has it). Asked for is their mean."""
    return np.sort(gradients, axis=0)[(len(gradients) - 1) // 2]


@mistake("coordinate_median")
def upper_middle(gradients):
    """For an even number of workers this is the upper of the middle two. Asked for is their mean."""
    return np.sort(gradients, axis=0)[len(gradients) // 2]


@mistake("coordinate_median")
def forgets_to_sort(gradients):
    """This takes the middle of the *list*, not of the values. The workers come in no order."""
    m = len(gradients)
    return (gradients[(m - 1) // 2] + gradients[m // 2]) / 2


@mistake("coordinate_median")
def wrong_axis(gradients):
    """This is one number for each worker. Asked for is one for each coordinate: over which axis do the workers lie?"""
    return np.median(gradients, axis=1)


@mistake("coordinate_median", name="sorts_within_workers")
def median_sorts_within_workers(gradients):
    """Each worker's own numbers are sorted: without an axis, `np.sort` takes the last one. Along which axis do the workers
    lie?"""
    m, ordered = len(gradients), np.sort(gradients)
    return (ordered[(m - 1) // 2] + ordered[m // 2]) / 2


@mistake("coordinate_median")
def one_median_for_all(gradients):
    """This is a single number, the median of all entries. Asked for is one for each coordinate."""
    return np.median(gradients)


@mistake("coordinate_median")
def keeps_the_axis(gradients):
    """This has the shape (1, d). The gradient that is applied has the shape (d,)."""
    return np.median(gradients, axis=0, keepdims=True)


@mistake("coordinate_median")
def sorts_in_place(gradients):
    """Your number is right, but the caller's array is sorted afterwards: its rows no longer belong to workers. Sort a copy."""
    gradients.sort(axis=0)
    m = len(gradients)
    return (gradients[(m - 1) // 2] + gradients[m // 2]) / 2


# --- trimmed_mean -------------------------------------------------------------------------------------


def _trimmed(gradients, low, high):
    return np.sort(gradients, axis=0)[low : len(gradients) - high].mean(axis=0)


@mistake("trimmed_mean", name="mean")
def mean_of_all(gradients, trim):
    """This is the plain mean: nothing has been trimmed."""
    return gradients.mean(axis=0)


@mistake("trimmed_mean")
def trims_one_side(gradients, trim):
    """Only one end is trimmed. A liar can send values that are too high, or too low."""
    return _trimmed(gradients, 0, trim)


trims_one_side_low = also(trims_one_side, lambda gradients, trim: _trimmed(gradients, trim, 0))


@mistake("trimmed_mean")
def trims_rows(gradients, trim):
    """Whole workers are dropped. Highest and lowest are to be found in each coordinate by itself."""
    order = np.argsort(np.linalg.norm(gradients, axis=1))
    return gradients[order[trim : len(order) - trim]].mean(axis=0)


def _trims_longest_rows(gradients, trim):
    order = np.argsort(np.linalg.norm(gradients, axis=1))
    return gradients[order[: len(order) - 2 * trim]].mean(axis=0)


def _trims_rows_by_sum(gradients, trim):
    order = np.argsort(gradients.sum(axis=1))
    return gradients[order[trim : len(order) - trim]].mean(axis=0)


trims_rows_longest = also(trims_rows, _trims_longest_rows)
trims_rows_by_sum = also(trims_rows, _trims_rows_by_sum)


@mistake("trimmed_mean")
def nothing_left_for_zero(gradients, trim):
    """With trim = 0 nothing is left: `[0:-0]` is an empty slice, since −0 is 0. Where should it end?"""
    return np.sort(gradients, axis=0)[trim:-trim].mean(axis=0)


@mistake("trimmed_mean")
def forgets_to_sort_first(gradients, trim):
    """The first and the last workers are dropped, whatever they say. Highest and lowest need sorting."""
    return gradients[trim : len(gradients) - trim].mean(axis=0)


@mistake("trimmed_mean")
def sorts_within_workers(gradients, trim):
    """Each worker's own numbers are sorted: without an axis, `np.sort` takes the last one. Along which axis do the workers
    lie?"""
    return np.sort(gradients)[trim : len(gradients) - trim].mean(axis=0)


@mistake("trimmed_mean")
def trims_by_size(gradients, trim):
    """The values that are largest *without their sign* go. Asked for are the highest and the lowest."""
    order = np.argsort(np.abs(gradients), axis=0)
    return np.take_along_axis(gradients, order[: len(gradients) - 2 * trim], axis=0).mean(axis=0)


@mistake("trimmed_mean")
def trims_in_all(gradients, trim):
    """`trim` values go altogether, or twice as many as should. Asked for is `trim` at *each* end."""
    return _trimmed(gradients, trim // 2, trim - trim // 2)


@mistake("trimmed_mean")
def trims_one_less(gradients, trim):
    """At each end one value too few goes. Count what your slice drops for trim = 1."""
    return _trimmed(gradients, max(trim - 1, 0), max(trim - 1, 0))


@mistake("trimmed_mean")
def divides_by_all_workers(gradients, trim):
    """The sum is right, but it is divided by the number of all workers. How many are left?"""
    return np.sort(gradients, axis=0)[trim : len(gradients) - trim].sum(axis=0) / len(gradients)


@mistake("trimmed_mean")
def sum_of_the_rest(gradients, trim):
    """This is the sum of what is left. Asked for is its mean."""
    return np.sort(gradients, axis=0)[trim : len(gradients) - trim].sum(axis=0)


@mistake("trimmed_mean")
def moves_to_the_limits(gradients, trim):
    """The outer values are moved to the limits and still count. Asked for is that they go."""
    ordered = np.sort(gradients, axis=0)
    return np.clip(gradients, ordered[trim], ordered[len(gradients) - 1 - trim]).mean(axis=0)


@mistake("trimmed_mean")
def median_of_the_rest(gradients, trim):
    """This is the median of what is left. Asked for is its mean."""
    return np.median(gradients, axis=0)


@mistake("trimmed_mean")
def one_mean_for_all(gradients, trim):
    """This is a single number. Asked for is one for each coordinate."""
    return np.sort(gradients, axis=0)[trim : len(gradients) - trim].mean()


@mistake("trimmed_mean", name="sorts_in_place")
def trimmed_sorts_in_place(gradients, trim):
    """Your number is right, but the caller's array is sorted afterwards: its rows no longer belong to workers. Sort a copy."""
    gradients.sort(axis=0)
    return gradients[trim : len(gradients) - trim].mean(axis=0)


# --- krum ---------------------------------------------------------------------------------------------


def _squared(gradients):
    return ((gradients[:, None] - gradients) ** 2).sum(axis=2)


def _nearest(count, *, score=np.sum, distances=_squared, first=1):
    """The row whose `count(m, f)` nearest others have the least score."""

    def choose(gradients, f):
        ordered = np.sort(distances(gradients), axis=1)[:, first:]
        return gradients[np.argmin(score(ordered[:, : count(len(gradients), f)], axis=1))].copy()

    return choose


@mistake("krum", name="mean")
def mean_of_gradients(gradients, f):
    """This is the mean of all workers, the liars among them. Krum returns the row of one worker."""
    return gradients.mean(axis=0)


@mistake("krum")
def krum_includes_self(gradients, f):
    """You add up m − f − 3 others: either the worker itself is counted, at 0, or the slice is one short."""
    return _nearest(lambda m, f: m - f - 2, first=0)(gradients, f)


@mistake("krum")
def krum_wrong_neighbours(gradients, f):
    """Not m − f − 2 neighbours are counted. Count what your slice holds, for m = 7 and f = 2: it should be 3."""
    return _nearest(lambda m, f: m - f - 1)(gradients, f)


krum_wrong_neighbours_two_more = also(krum_wrong_neighbours, _nearest(lambda m, f: m - f))
# All of them: the same row as the one closest to the mean, always.
krum_wrong_neighbours_all = also(krum_wrong_neighbours, _nearest(lambda m, f: m - 1))
krum_wrong_neighbours_f = also(krum_wrong_neighbours, _nearest(lambda m, f: max(f, 1)))
krum_wrong_neighbours_one = also(krum_wrong_neighbours, _nearest(lambda m, f: 1))
krum_wrong_neighbours_m_2 = also(krum_wrong_neighbours, _nearest(lambda m, f: m - 2))


@mistake("krum")
def drops_every_zero(gradients, f):
    """All distances of 0 are left out, to leave out each worker itself. Another worker may have sent the very same row: it
    counts, at distance 0."""
    best, chosen = np.inf, 0
    for i, row in enumerate(_squared(gradients)):
        total = np.sort(row[row > 0])[: len(row) - f - 2].sum()
        if total < best:
            best, chosen = total, i
    return gradients[chosen].copy()


@mistake("krum")
def distances_not_squared(gradients, f):
    """Distances are added up where their squares should be. A square makes a far neighbour count for more."""
    return _nearest(lambda m, f: m - f - 2, distances=lambda rows: np.sqrt(_squared(rows)))(gradients, f)


@mistake("krum")
def absolute_differences(gradients, f):
    """Your distances are sums of absolute differences. Krum takes sums of squares."""
    return _nearest(lambda m, f: m - f - 2, distances=lambda rows: np.abs(rows[:, None] - rows).sum(axis=2))(
        gradients, f
    )


@mistake("krum")
def farthest_neighbours(gradients, f):
    """The *farthest* others are counted: is the table sorted the wrong way, or is the end of it taken?"""
    ordered = np.sort(_squared(gradients), axis=1)
    return gradients[np.argmin(ordered[:, len(gradients) - (len(gradients) - f - 2) :].sum(axis=1))].copy()


@mistake("krum")
def largest_sum(gradients, f):
    """The row with the *largest* sum is chosen: that is the loneliest worker, most likely a liar."""
    ordered = np.sort(_squared(gradients), axis=1)[:, 1 : len(gradients) - f - 1]
    return gradients[np.argmax(ordered.sum(axis=1))].copy()


@mistake("krum")
def forgets_to_sort_distances(gradients, f):
    """The distances are not sorted: the others that come first are counted, not the nearest."""
    return gradients[np.argmin(_squared(gradients)[:, 1 : len(gradients) - f - 1].sum(axis=1))].copy()


def _unsorted(count):
    """The row that has the least sum of distances to the first `count(m, f)` rows, itself perhaps among them."""
    return lambda gradients, f: gradients[
        np.argmin(_squared(gradients)[:, : count(len(gradients), f)].sum(axis=1))
    ].copy()


forgets_to_sort_from_zero = also(forgets_to_sort_distances, _unsorted(lambda m, f: m - f - 2))
forgets_to_sort_one_more = also(forgets_to_sort_distances, _unsorted(lambda m, f: m - f - 1))
forgets_to_sort_two_more = also(forgets_to_sort_distances, _unsorted(lambda m, f: m - f))


@mistake("krum")
def closest_to_the_median(gradients, f):
    """This is the row closest to the coordinates' medians. Krum asks each row for its distances to other rows."""
    return gradients[np.argmin(((gradients - np.median(gradients, axis=0)) ** 2).sum(axis=1))].copy()


@mistake("krum")
def shortest_row(gradients, f):
    """This is the shortest row. Krum looks at distances between rows, not at their lengths."""
    return gradients[np.argmin((gradients**2).sum(axis=1))].copy()


@mistake("krum")
def mean_of_the_best(gradients, f):
    """This is the mean of several good rows (known as Multi-Krum). Asked for is the one best row."""
    scores = np.sort(_squared(gradients), axis=1)[:, 1 : len(gradients) - f - 1].sum(axis=1)
    return gradients[np.argsort(scores)[: len(gradients) - f]].mean(axis=0)


mean_of_the_best_few = also(
    mean_of_the_best,
    lambda gradients, f: gradients[
        np.argsort(np.sort(_squared(gradients), axis=1)[:, 1 : len(gradients) - f - 1].sum(axis=1))[
            : len(gradients) - f - 2
        ]
    ].mean(axis=0),
)


@mistake("krum")
def mean_of_the_neighbours(gradients, f):
    """This is the mean of the chosen row and its neighbours. Asked for is the row itself."""
    table = _squared(gradients)
    best = np.argmin(np.sort(table, axis=1)[:, 1 : len(gradients) - f - 1].sum(axis=1))
    return gradients[np.argsort(table[best])[: len(gradients) - f - 1]].mean(axis=0)


def _best(gradients, f):
    return np.argmin(np.sort(_squared(gradients), axis=1)[:, 1 : len(gradients) - f - 1].sum(axis=1))


@mistake("krum")
def returns_the_number(gradients, f):
    """This is the number of the chosen worker. Asked for is its row of `gradients`."""
    return _best(gradients, f)


@mistake("krum")
def returns_the_scores(gradients, f):
    """These are the sums, one for each worker. Asked for is the row of the worker with the least."""
    return np.sort(_squared(gradients), axis=1)[:, 1 : len(gradients) - f - 1].sum(axis=1)


@mistake("krum", name="keeps_the_axis")
def krum_keeps_the_axis(gradients, f):
    """This has the shape (1, d). The gradient that is applied has the shape (d,)."""
    return gradients[[_best(gradients, f)]]


# --- filter_by_loss -----------------------------------------------------------------------------------


def _keep(order, drop):
    keep = np.ones(len(order), dtype=bool)
    keep[order[len(order) - drop :]] = False
    return keep


def _by_count(count, sign=1):
    return lambda losses, fraction: _keep(np.argsort(sign * losses), min(max(count(losses, fraction), 0), len(losses)))


def _right_filter(losses, fraction):
    return _by_count(lambda losses, fraction: int(fraction * len(losses)))(losses, fraction)


@mistake("filter_by_loss")
def keeps_worst(losses, fraction):
    """The *lowest* losses are dropped, those of the samples that fit best. Which ones are suspicious?"""
    return _by_count(lambda losses, fraction: int(fraction * len(losses)), sign=-1)(losses, fraction)


keeps_worst_quantile = also(keeps_worst, lambda losses, fraction: losses >= np.quantile(losses, fraction))
keeps_worst_quantile_strictly = also(keeps_worst, lambda losses, fraction: losses > np.quantile(losses, fraction))


@mistake("filter_by_loss")
def quantile_for_the_count(losses, fraction):
    """Your limit is a quantile, which may drop another number of samples. Exactly int(fraction · n) should go: count them."""
    return losses <= np.quantile(losses, 1 - fraction)


quantile_for_the_count_strictly = also(
    quantile_for_the_count, lambda losses, fraction: losses < np.quantile(losses, 1 - fraction)
)


@mistake("filter_by_loss", name="order_taken_for_rank")
def losses_order_taken_for_rank(losses, fraction):
    """`argsort` is taken for ranks. It lists the samples in the order of their losses; it does not say which place a sample has
    in that order."""
    return np.argsort(losses, kind="stable") < len(losses) - int(fraction * len(losses))


order_taken_for_rank_from_the_end = also(
    losses_order_taken_for_rank,
    lambda losses, fraction: np.argsort(-losses, kind="stable") >= int(fraction * len(losses)),
)


@mistake("filter_by_loss", name="off_by_one")
def drops_one_too_many(losses, fraction):
    """One sample too many goes, or one too few. Count the False in your mask for n = 10 and fraction 0.3: it should be 3."""
    return _by_count(lambda losses, fraction: int(fraction * len(losses)) + 1)(losses, fraction)


drops_one_too_few = also(drops_one_too_many, _by_count(lambda losses, fraction: int(fraction * len(losses)) - 1))


def _off_by_one_at_the_limit(losses, fraction):
    drop = int(fraction * len(losses))
    return losses <= np.sort(losses)[::-1][drop] if drop < len(losses) else np.zeros(len(losses), bool)


def _strictly_below_the_limit(losses, fraction):
    drop = int(fraction * len(losses))
    return losses < np.sort(losses)[::-1][min(drop, len(losses) - 1)]


off_by_one_strictly_below = also(drops_one_too_many, _strictly_below_the_limit)


@mistake("filter_by_loss")
def ties_go_or_stay_together(losses, fraction):
    """Where several losses equal your limit, they all go or all stay. Exactly int(fraction · n) samples should go."""
    return _off_by_one_at_the_limit(losses, fraction)


def _ties_go_together(losses, fraction):
    drop = int(fraction * len(losses))
    return losses < np.sort(losses)[len(losses) - drop] if drop else np.ones(len(losses), bool)


ties_go_together = also(ties_go_or_stay_together, _ties_go_together)


@mistake("filter_by_loss")
def rounds_up(losses, fraction):
    """Where fraction · n is no whole number, one sample too many goes: it is rounded (up, or to the nearest), or the share that
    *stays* was cut off."""
    return _by_count(lambda losses, fraction: int(np.ceil(fraction * len(losses))))(losses, fraction)


cuts_off_what_stays = also(
    rounds_up, _by_count(lambda losses, fraction: len(losses) - int((1 - fraction) * len(losses)))
)
rounds_to_nearest = also(rounds_up, _by_count(lambda losses, fraction: round(fraction * len(losses))))
rounds_up_from_a_half = also(rounds_up, _by_count(lambda losses, fraction: int(fraction * len(losses) + 0.5)))


@mistake("filter_by_loss")
def drops_everything_for_zero(losses, fraction):
    """With nothing to drop, everything goes: `order[-0:]` is the whole array, since −0 is 0. Where should the slice begin?"""
    keep = np.ones(len(losses), dtype=bool)
    keep[np.argsort(losses)[-int(fraction * len(losses)) :]] = False
    return keep


def _keeps_a_slice(losses, fraction):
    keep = np.zeros(len(losses), dtype=bool)
    keep[np.argsort(losses)[: -int(fraction * len(losses))]] = True
    return keep


drops_everything_for_zero_kept = also(drops_everything_for_zero, _keeps_a_slice)


@mistake("filter_by_loss")
def marks_the_dropped(losses, fraction):
    """Your mask is the wrong way round: True stands at the samples that should go."""
    return ~_right_filter(losses, fraction)


@mistake("filter_by_loss")
def keeps_the_fraction(losses, fraction):
    """`fraction` is taken for the share that *stays*. It is the share that goes."""
    return _by_count(lambda losses, fraction: len(losses) - int(fraction * len(losses)))(losses, fraction)


keeps_the_fraction_by_quantile = also(
    keeps_the_fraction, lambda losses, fraction: losses < np.quantile(losses, fraction)
)
keeps_the_fraction_by_quantile_and_ties = also(
    keeps_the_fraction, lambda losses, fraction: losses <= np.quantile(losses, fraction)
)


@mistake("filter_by_loss")
def keeps_by_position(losses, fraction):
    """The last samples are dropped, whatever their loss. A mask follows the samples' own order, not the sorted one."""
    return _keep(np.arange(len(losses)), int(fraction * len(losses)))


@mistake("filter_by_loss")
def returns_numbers(losses, fraction):
    """These are the numbers of the samples to keep. Asked for is a mask: True or False for every sample."""
    return np.flatnonzero(_right_filter(losses, fraction))


returns_sorted_numbers = also(
    returns_numbers,
    lambda losses, fraction: np.argsort(losses)[: len(losses) - int(fraction * len(losses))],
)


@mistake("filter_by_loss")
def returns_losses(losses, fraction):
    """These are the losses that stay. Asked for is a mask: True or False for every sample."""
    return losses[_right_filter(losses, fraction)]


@mistake("filter_by_loss")
def limit_instead_of_count(losses, fraction):
    """Your limit is a share of the largest loss. `fraction` is a share of the *samples*."""
    return losses <= (1 - fraction) * losses.max()


@mistake("filter_by_loss")
def limit_from_the_end(losses, fraction):
    """With nothing to drop, `[-n]` is `[0]`; and a limit keeps or drops equal losses together. How many should go?"""
    return losses < np.sort(losses)[-int(fraction * len(losses))]


@mistake("filter_by_loss")
def mask_of_numbers(losses, fraction):
    """These are zeros and ones. Asked for is True or False (an array of dtype bool)."""
    return _right_filter(losses, fraction).astype(int)


mask_of_floats = also(mask_of_numbers, lambda losses, fraction: _right_filter(losses, fraction).astype(float))


@mistake("filter_by_loss", name="sorts_in_place")
def filter_sorts_in_place(losses, fraction):
    """The caller's losses are sorted afterwards, so that they no longer belong to their samples. Sort a copy, or use argsort."""
    keep = _right_filter(losses, fraction)
    losses.sort()
    return keep
