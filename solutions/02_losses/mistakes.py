"""What learners get wrong in lesson 02. A function's name is the mistake's key, its docstring is what the learner reads.

`also(known, attempt)` is another way of making a mistake that is already described.
"""

import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

from autograder.authoring import also, mistake


def _in_place(array, change):
    """`change` applied to an array's own memory; the array itself."""
    array[...] = change(array)
    return array


# --- mae --------------------------------------------------------------------------------------------


@mistake("mae")
def squared(predictions, targets):
    """This is the MSE: it squares the errors. Here an error of 3 should count three times as much as one of 1."""
    return np.mean((predictions - targets) ** 2)


@mistake("mae")
def sum_not_mean(predictions, targets):
    """This is the sum of the sizes, which grows with the number of samples. What does the M in MAE stand for?"""
    return np.sum(np.abs(predictions - targets))


@mistake("mae")
def missing_abs(predictions, targets):
    """Errors of opposite signs cancel here: an error of −2 and one of 2 would be no error at all."""
    return np.mean(predictions - targets)


missing_abs_other_way = also(missing_abs, lambda p, t: np.mean(t - p))


@mistake("mae")
def abs_of_the_mean(predictions, targets):
    """The sign is dropped after the mean has been taken, when errors have already cancelled. Which comes first?"""
    return abs(np.mean(predictions - targets))


abs_of_the_sum = also(abs_of_the_mean, lambda p, t: abs(p.sum() - t.sum()) / len(p))


@mistake("mae")
def abs_of_each_side(predictions, targets):
    """The signs of predictions and targets are dropped before they are compared, so that −2 passes for 2. Whose sign
    should go?"""
    return np.mean(np.abs(np.abs(predictions) - np.abs(targets)))


abs_then_difference = also(abs_of_each_side, lambda p, t: np.mean(np.abs(p) - np.abs(t)))


@mistake("mae")
def root_mean_square(predictions, targets):
    """This is the root of the MSE. It has the units of an MAE, but large errors still count for more."""
    return np.sqrt(np.mean((predictions - targets) ** 2))


also_the_norm = also(root_mean_square, lambda p, t: np.linalg.norm(p - t) / math.sqrt(len(p)))


@mistake("mae")
def median_of_errors(predictions, targets):
    """This is the median of the sizes. It ignores most of the samples; the exercise asks for the mean."""
    return np.median(np.abs(predictions - targets))


@mistake("mae")
def largest_error(predictions, targets):
    """This is the largest error alone. What about the other samples?"""
    return np.max(np.abs(predictions - targets))


@mistake("mae")
def relative_errors(predictions, targets):
    """You divide by the targets: that is an error in percent, and it is in no units. The MAE is in the units of y."""
    return np.mean(np.abs((predictions - targets) / targets))


relative_to_size = also(relative_errors, lambda p, t: np.mean(np.abs(p - t) / np.abs(t)))
relative_to_total = also(relative_errors, lambda p, t: np.sum(np.abs(p - t)) / np.sum(np.abs(t)))


@mistake("mae")
def no_mean_at_all(predictions, targets):
    """One error for each sample comes back. A loss is a single number."""
    return np.abs(predictions - targets)


@mistake("mae")
def halves(predictions, targets):
    """This is half of the MAE. A half in front makes sense where a 2 cancels it; is there one here?"""
    return np.mean(np.abs(predictions - targets)) / 2


@mistake("mae")
def divides_by_n_minus_one(predictions, targets):
    """You divide by n − 1, as for a sample variance. A mean divides by n."""
    return np.sum(np.abs(predictions - targets)) / (len(targets) - 1)


minus_one_guarded = also(divides_by_n_minus_one, lambda p, t: np.sum(np.abs(p - t)) / (len(t) - 1 if len(t) > 1 else 1))


@mistake("mae")
def adds_them(predictions, targets):
    """Predictions and targets are added. How far apart are two numbers?"""
    return np.mean(np.abs(predictions + targets))


@mistake("mae")
def works_in_their_array(predictions, targets):
    """The number is right, but afterwards the caller's array holds something else. `-=`, `out=` and writing to an
    entry all change the array that you were given."""
    return np.mean(np.abs(_in_place(predictions, lambda p: p - targets)))


works_in_their_targets = also(works_in_their_array, lambda p, t: np.mean(np.abs(_in_place(t, lambda a: p - a))))
works_in_their_sizes = also(works_in_their_array, lambda p, t: np.mean(_in_place(p, lambda a: np.abs(a - t))))


@mistake("mae")
def counts_misses(predictions, targets):
    """This is the share of samples that are not hit exactly. How far off each is should count."""
    return np.mean(predictions != targets)


@mistake("mae", name="rounds")
def rounds_mae(predictions, targets):
    """The result is rounded. Leave it as exact as it comes: rounding is for what people read."""
    return round(float(np.mean(np.abs(predictions - targets))), 4)


rounds_more = also(rounds_mae, lambda p, t: round(float(np.mean(np.abs(p - t))), 3))
rounds_to_five = also(rounds_mae, lambda p, t: round(float(np.mean(np.abs(p - t))), 5))
rounds_to_two = also(rounds_mae, lambda p, t: round(float(np.mean(np.abs(p - t))), 2))


@mistake("mae", name="returns_nothing")
def mae_without_return(predictions, targets):
    """The loss is worked out, and nothing is handed back: a function without a `return` gives None."""


# --- smooth_l1 --------------------------------------------------------------------------------------


def _inside(size, beta):
    return size**2 / (2 * beta)


def _outside(size, beta):
    return size - beta / 2


def _smooth(inside=_inside, outside=_outside, is_inside=np.less, total=np.mean):
    """A smoothed loss with parts of its own; they get the sizes of the errors."""

    def attempt(predictions, targets, beta):
        size = np.abs(predictions - targets)
        return total(np.where(is_inside(size, beta), inside(size, beta), outside(size, beta)))

    return attempt


@mistake("smooth_l1")
def huber_scaling(predictions, targets, beta):
    """This is the Huber loss: beta times what is asked for. How steep should the straight part be?"""
    return beta * _smooth()(predictions, targets, beta)


@mistake("smooth_l1")
def ignores_beta(predictions, targets, beta):
    """You get the same loss whatever beta is: it is right for beta = 1 only. Where does beta come in?"""
    return _smooth()(predictions, targets, 1.0)


ignores_beta_in_the_branch_only = also(
    ignores_beta, _smooth(inside=lambda s, b: 0.5 * s**2, outside=lambda s, b: s - 0.5, is_inside=lambda s, b: s <= 1)
)


@mistake("smooth_l1")
def wrong_branch(predictions, targets, beta):
    """The two branches are the wrong way round: which one is for errors smaller than beta?"""
    return _smooth(is_inside=np.greater)(predictions, targets, beta)


@mistake("smooth_l1", name="sum_not_mean")
def sum_of_smooth(predictions, targets, beta):
    """Each sample's loss is right, but they are summed. Which number do all losses of this lesson take at the end?"""
    return _smooth(total=np.sum)(predictions, targets, beta)


@mistake("smooth_l1")
def branch_by_signed_error(predictions, targets, beta):
    """Every negative error lands in the curved branch, even −100, because −100 < beta. Is it the error that you should
    compare, or its size?"""
    error = predictions - targets
    return np.mean(np.where(error < beta, error**2 / (2 * beta), np.abs(error) - beta / 2))


branch_by_signed_difference = also(
    branch_by_signed_error,
    lambda p, t, b: np.mean(np.where(t - p < b, (t - p) ** 2 / (2 * b), np.abs(t - p) - b / 2)),
)
signed_throughout = also(
    branch_by_signed_error, lambda p, t, b: np.mean(np.where(p - t < b, (p - t) ** 2 / (2 * b), (p - t) - b / 2))
)
signed_throughout_other_way = also(
    branch_by_signed_error, lambda p, t, b: np.mean(np.where(t - p < b, (t - p) ** 2 / (2 * b), (t - p) - b / 2))
)


@mistake("smooth_l1")
def signed_straight_part(predictions, targets, beta):
    """The branches are chosen rightly, but in the straight part large errors of opposite signs cancel."""
    error = predictions - targets
    return np.mean(np.where(np.abs(error) < beta, error**2 / (2 * beta), error - beta / 2))


signed_straight_part_other_way = also(
    signed_straight_part,
    lambda p, t, b: np.mean(np.where(np.abs(t - p) < b, (t - p) ** 2 / (2 * b), (t - p) - b / 2)),
)


@mistake("smooth_l1")
def branch_by_square(predictions, targets, beta):
    """You compare the squared error with beta. Which two things are in the same units?"""
    return _smooth(is_inside=lambda s, b: s**2 < b)(predictions, targets, beta)


branch_by_half_square = also(branch_by_square, _smooth(is_inside=lambda s, b: s**2 / 2 < b))
branch_by_the_curve = also(branch_by_square, _smooth(is_inside=lambda s, b: s**2 / (2 * b) < b))


@mistake("smooth_l1")
def branch_at_one(predictions, targets, beta):
    """Your formulas use beta, but you switch between them at 1. Where should the straight part begin?"""
    return _smooth(is_inside=lambda s, b: s < 1)(predictions, targets, beta)


@mistake("smooth_l1")
def branch_at_half_beta(predictions, targets, beta):
    """You switch from the curve to the line at beta/2. The line starts where |e| reaches beta."""
    return _smooth(is_inside=lambda s, b: s < b / 2)(predictions, targets, beta)


@mistake("smooth_l1")
def curve_without_half(predictions, targets, beta):
    """Your small errors count twice what they should, and the loss jumps at beta. What is missing in the curved part?"""
    return _smooth(inside=lambda s, b: s**2 / b)(predictions, targets, beta)


@mistake("smooth_l1")
def curve_without_beta(predictions, targets, beta):
    """The straight part is right. The curved part does not depend on beta, so that the two do not meet at |e| = beta."""
    return _smooth(inside=lambda s, b: s**2 / 2)(predictions, targets, beta)


@mistake("smooth_l1")
def curve_times_beta(predictions, targets, beta):
    """Your curve gets steeper as beta grows, and misses the line at |e| = beta. Look where beta ends up in ½·e²/beta:
    Python works `/` and `*` from left to right."""
    return _smooth(inside=lambda s, b: s**2 / 2 * b)(predictions, targets, beta)


@mistake("smooth_l1")
def curve_over_beta_squared(predictions, targets, beta):
    """Your curve divides by beta². It then misses the line at |e| = beta. How often does the formula divide by beta?"""
    return _smooth(inside=lambda s, b: 0.5 * (s / b) ** 2)(predictions, targets, beta)


@mistake("smooth_l1")
def plain_square(predictions, targets, beta):
    """Small errors are just squared. Which two numbers scale the curve so that it meets the line?"""
    return _smooth(inside=lambda s, b: s**2)(predictions, targets, beta)


@mistake("smooth_l1")
def line_not_shifted(predictions, targets, beta):
    """The straight part is |e| itself, so that the loss jumps at |e| = beta. How far down must the line move to meet
    the curve?"""
    return _smooth(outside=lambda s, b: s)(predictions, targets, beta)


@mistake("smooth_l1")
def line_shifted_by_beta(predictions, targets, beta):
    """The straight part lies too low: at |e| = beta it is 0, and the curve is beta/2."""
    return _smooth(outside=lambda s, b: s - b)(predictions, targets, beta)


@mistake("smooth_l1")
def line_shifted_by_half(predictions, targets, beta):
    """The straight part is |e| − ½ for every beta. That meets the curve only if beta is 1."""
    return _smooth(outside=lambda s, b: s - 0.5)(predictions, targets, beta)


@mistake("smooth_l1")
def line_shifted_up(predictions, targets, beta):
    """The straight part lies too high: does the line go up or down to meet the curve?"""
    return _smooth(outside=lambda s, b: s + b / 2)(predictions, targets, beta)


@mistake("smooth_l1")
def line_halved(predictions, targets, beta):
    """The straight part is half as steep as it should be. Look at what the ½ belongs to."""
    return _smooth(outside=lambda s, b: (s - b) / 2)(predictions, targets, beta)


line_halved_itself = also(line_halved, _smooth(outside=lambda s, b: 0.5 * (s - b / 2)))


@mistake("smooth_l1")
def huber_line_only(predictions, targets, beta):
    """The curve is that of Smooth L1, the line that of the Huber loss (beta times as steep). They do not meet."""
    return _smooth(outside=lambda s, b: b * (s - b / 2))(predictions, targets, beta)


@mistake("smooth_l1")
def only_the_curve(predictions, targets, beta):
    """Large errors are squared like small ones: the straight branch is never taken."""
    return _smooth(outside=_inside)(predictions, targets, beta)


@mistake("smooth_l1")
def only_the_line(predictions, targets, beta):
    """Small errors lie on the line like large ones: the curved branch is never taken."""
    return _smooth(inside=_outside)(predictions, targets, beta)


@mistake("smooth_l1")
def one_branch_for_all(predictions, targets, beta):
    """All samples go through the same branch, chosen by their mean error. Each sample should choose for itself."""
    size = np.abs(predictions - targets)
    error = np.mean(size)
    return np.mean(_inside(size, beta) if error < beta else _outside(size, beta))


one_branch_by_all = also(
    one_branch_for_all,
    lambda p, t, b: np.mean((_inside if np.all(np.abs(p - t) < b) else _outside)(np.abs(p - t), b)),
)
one_branch_by_any = also(
    one_branch_for_all,
    lambda p, t, b: np.mean((_inside if np.any(np.abs(p - t) < b) else _outside)(np.abs(p - t), b)),
)
branch_of_the_mean = also(
    one_branch_for_all, lambda p, t, b: (lambda s: _inside(s, b) if s < b else _outside(s, b))(np.mean(np.abs(p - t)))
)
branch_of_the_largest = also(
    one_branch_for_all, lambda p, t, b: np.mean((_inside if np.abs(p - t).max() < b else _outside)(np.abs(p - t), b))
)


@mistake("smooth_l1")
def mean_of_each_branch(predictions, targets, beta):
    """Small and large errors are averaged apart, and these means are put together: a lone sample then weighs as much as
    many. Take one mean over all samples."""
    size = np.abs(predictions - targets)
    parts = [_inside(size[size < beta], beta), _outside(size[size >= beta], beta)]
    return sum(part.mean() for part in parts if part.size)


mean_of_branch_means = also(
    mean_of_each_branch,
    lambda p, t, b: (
        lambda s: np.mean([part.mean() for part in (_inside(s[s < b], b), _outside(s[s >= b], b)) if part.size])
    )(np.abs(p - t)),
)


@mistake("smooth_l1")
def drops_large_errors(predictions, targets, beta):
    """Errors beyond beta count nothing here. They should count on the straight branch."""
    return _smooth(outside=lambda s, b: 0 * s)(predictions, targets, beta)


@mistake("smooth_l1")
def caps_large_errors(predictions, targets, beta):
    """All large errors cost the same, so that the slope is 0 and the loop would never mend them. Which line goes on?"""
    return _smooth(outside=lambda s, b: b / 2 + 0 * s)(predictions, targets, beta)


@mistake("smooth_l1", name="no_mean_at_all")
def smooth_of_each(predictions, targets, beta):
    """One loss for each sample comes back. A loss is a single number."""
    return _smooth(total=np.asarray)(predictions, targets, beta)


@mistake("smooth_l1")
def squared_error(predictions, targets, beta):
    """This is the MSE. What happens to errors larger than beta?"""
    return np.mean((predictions - targets) ** 2)


@mistake("smooth_l1")
def absolute_error(predictions, targets, beta):
    """This is the MAE. What happens to errors smaller than beta?"""
    return np.mean(np.abs(predictions - targets))


@mistake("smooth_l1", name="works_in_their_array")
def smooth_in_place(predictions, targets, beta):
    """The number is right, but afterwards the caller's array holds something else. `-=`, `out=` and writing to an
    entry all change the array that you were given."""
    result = _smooth()(predictions, targets, beta)
    _in_place(predictions, lambda p: p - targets)
    return result


def _smooth_sizes_in_place(predictions, targets, beta):
    result = _smooth()(predictions, targets, beta)
    _in_place(predictions, lambda p: np.abs(p - targets))
    return result


smooth_in_place_sizes = also(smooth_in_place, _smooth_sizes_in_place)


@mistake("smooth_l1", name="returns_nothing")
def smooth_without_return(predictions, targets, beta):
    """The loss is worked out, and nothing is handed back: a function without a `return` gives None."""


# --- softmax ----------------------------------------------------------------------------------------


def _rows(logits, along=1):
    shifted = logits - logits.max(axis=along, keepdims=True)
    return np.exp(shifted) / np.exp(shifted).sum(axis=along, keepdims=True)


@mistake("softmax")
def overflows(logits):
    """Right for small logits. Near 1000 or −1000 an exponential becomes infinite or zero, and what you divide is no
    number any more. What may you add to all logits of a row without changing the answer?"""
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


overflows_in_math = also(
    overflows, lambda z: [[math.exp(s) / sum(math.exp(other) for other in row) for s in row] for row in z.tolist()]
)


def _where_it_overflows(shift):
    """Softmax after a shift of each row that does not tame it."""

    def attempt(logits):
        exponentials = np.exp(logits - shift(logits))
        return exponentials / exponentials.sum(axis=1, keepdims=True)

    return attempt


@mistake("softmax")
def shifts_by_mean(logits):
    """Subtracting the mean of a row helps only while its logits lie close together. Look at a row with 1000 and −1000:
    which number in it makes the trouble?"""
    return _where_it_overflows(lambda z: z.mean(axis=1, keepdims=True))(logits)


@mistake("softmax")
def shifts_by_minimum(logits):
    """Subtracting the smallest logit leaves the largest one positive, and its exponential can still be infinite."""
    return _where_it_overflows(lambda z: z.min(axis=1, keepdims=True))(logits)


@mistake("softmax")
def adds_maximum(logits):
    """The largest logit of a row is added, so that its exponential grows twice as fast. With which sign does it become
    e^0?"""
    return _where_it_overflows(lambda z: -z.max(axis=1, keepdims=True))(logits)


@mistake("softmax")
def one_maximum_for_all_rows(logits):
    """One maximum is subtracted from the whole table. A row that lies far below it becomes 0/0. Whose maximum does a row
    need?"""
    return _where_it_overflows(lambda z: z.max())(logits)


@mistake("softmax")
def largest_size(logits):
    """You subtract the largest *size* of a row. In a row near −1000 that shifts the wrong way. Which logit gives the
    largest exponential?"""
    return _where_it_overflows(lambda z: np.abs(z).max(axis=1, keepdims=True))(logits)


@mistake("softmax")
def shifts_by_first(logits):
    """You subtract the first logit of a row, whichever it is. If a later one is much larger, it still overflows."""
    return _where_it_overflows(lambda z: z[:, :1])(logits)


@mistake("softmax")
def maximum_of_columns(logits):
    """The maxima run down the columns, so each logit of a row is shifted by another number, and that does not cancel. A
    sample is a row."""
    shifted = np.exp(logits - logits.max(axis=0))
    return shifted / shifted.sum(axis=1, keepdims=True)


@mistake("softmax")
def shifts_only_above(logits):
    """The exponentials above and below the bar do not belong together: only one of them is shifted."""
    return np.exp(logits - logits.max(axis=1, keepdims=True)) / np.exp(logits).sum(axis=1, keepdims=True)


shifts_only_below = also(
    shifts_only_above, lambda z: np.exp(z) / np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)
)


@mistake("softmax")
def clips_logits(logits):
    """You cut large logits off, so 1000 and 998 become the same. Their difference decides: it must survive."""
    return _rows(np.clip(logits, -500, 500))


clips_at_700 = also(clips_logits, lambda z: _rows(np.clip(z, -700, 700)))
clips_at_709 = also(clips_logits, lambda z: _rows(np.clip(z, -709, 709)))
clips_at_100 = also(clips_logits, lambda z: _rows(np.clip(z, -100, 100)))
clips_above = also(clips_logits, lambda z: _rows(np.minimum(z, 700)))
clips_shifted = also(
    clips_logits, lambda z: (lambda e: e / e.sum(axis=1, keepdims=True))(np.exp(np.clip(z, -500, 500)))
)
clips_shifted_at_700 = also(
    clips_logits, lambda z: (lambda e: e / e.sum(axis=1, keepdims=True))(np.exp(np.clip(z, -700, 700)))
)


@mistake("softmax")
def scales_logits(logits):
    """Dividing a row by a number changes the answer; only adding one to it does not. Which of the two does
    e^(a + b) = e^a · e^b speak of?"""
    return _rows(logits / np.abs(logits).max(axis=1, keepdims=True))


scales_by_maximum = also(scales_logits, lambda z: _rows(z / z.max(axis=1, keepdims=True)))
scales_by_total_maximum = also(scales_logits, lambda z: _rows(z / z.max()))
scales_by_total_size = also(scales_logits, lambda z: _rows(z / np.abs(z).max()))
standardises = also(scales_logits, lambda z: _rows((z - z.mean(axis=1, keepdims=True)) / z.std(axis=1, keepdims=True)))


@mistake("softmax")
def patches_nan(logits):
    """What became nan is replaced by a number, but the lost information does not come back: rows near ±1000 no longer
    sum to 1. Keep the nan from arising."""
    return np.nan_to_num(np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True))


patches_infinity = also(patches_nan, lambda z: (lambda e: e / e.sum(axis=1, keepdims=True))(np.nan_to_num(np.exp(z))))


@mistake("softmax")
def adds_epsilon(logits):
    """A small number is added to the sum, so that the rows sum to a little less than 1. After the right shift the sum is
    never near 0."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / (shifted.sum(axis=1, keepdims=True) + 1e-8)


adds_epsilon_unshifted = also(adds_epsilon, lambda z: np.exp(z) / (np.exp(z).sum(axis=1, keepdims=True) + 1e-12))
adds_epsilon_of_six = also(
    adds_epsilon,
    lambda z: (lambda e: e / (e.sum(axis=1, keepdims=True) + 1e-6))(np.exp(z - z.max(axis=1, keepdims=True))),
)
adds_epsilon_of_seven = also(
    adds_epsilon,
    lambda z: (lambda e: e / (e.sum(axis=1, keepdims=True) + 1e-7))(np.exp(z - z.max(axis=1, keepdims=True))),
)


@mistake("softmax")
def wrong_axis(logits):
    """Your columns sum to 1. A sample is a row: its classes stand side by side."""
    return _rows(logits, along=0)


wrong_axis_unshifted = also(wrong_axis, lambda z: np.exp(z) / np.exp(z).sum(axis=0))
wrong_axis_below = also(
    wrong_axis,
    lambda z: (lambda e: e / e.sum(axis=0))(np.exp(z - z.max(axis=1, keepdims=True))),
)
wrong_axis_one_shift = also(wrong_axis, lambda z: (lambda e: e / e.sum(axis=0))(np.exp(z - z.max())))


@mistake("softmax")
def normalises_whole_matrix(logits):
    """The whole table sums to 1. Each row is a sample of its own and should sum to 1."""
    shifted = np.exp(logits - logits.max())
    return shifted / shifted.sum()


normalises_whole_matrix_unshifted = also(normalises_whole_matrix, lambda z: np.exp(z) / np.exp(z).sum())
normalises_whole_matrix_row_shift = also(
    normalises_whole_matrix, lambda z: (lambda e: e / e.sum())(np.exp(z - z.max(axis=1, keepdims=True)))
)
normalises_whole_matrix_in_lists = also(
    normalises_whole_matrix,
    lambda z: [[math.exp(s) / sum(math.exp(other) for other in z.ravel()) for s in row] for row in z.tolist()],
)


@mistake("softmax")
def forgets_keepdims(logits):
    """The sums (or maxima) of the rows lie in a flat array, which NumPy lines up with the *columns*. In a square table
    that passes unnoticed. Print the shapes that meet."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1)


forgets_keepdims_unshifted = also(forgets_keepdims, lambda z: np.exp(z) / np.exp(z).sum(axis=1))
forgets_keepdims_twice = also(forgets_keepdims, lambda z: (lambda e: e / e.sum(axis=1))(np.exp(z - z.max(axis=1))))
forgets_keepdims_of_maximum = also(
    forgets_keepdims, lambda z: (lambda e: e / e.sum(axis=1, keepdims=True))(np.exp(z - z.max(axis=1)))
)
forgets_keepdims_one_maximum = also(forgets_keepdims, lambda z: (lambda e: e / e.sum(axis=1))(np.exp(z - z.max())))


@mistake("softmax")
def not_normalised(logits):
    """These are the exponentials, each between 0 and 1. What makes the numbers of a row sum to 1?"""
    return np.exp(logits - logits.max(axis=1, keepdims=True))


not_normalised_unshifted = also(not_normalised, np.exp)


@mistake("softmax")
def no_exponential(logits):
    """The logits are divided by their sum without an exponential. Negative logits then give negative probabilities."""
    return logits / logits.sum(axis=1, keepdims=True)


no_exponential_shifted = also(
    no_exponential, lambda z: (lambda s: s / s.sum(axis=1, keepdims=True))(z - z.min(axis=1, keepdims=True))
)
no_exponential_sizes = also(no_exponential, lambda z: np.abs(z) / np.abs(z).sum(axis=1, keepdims=True))


@mistake("softmax")
def sigmoid_of_each(logits):
    """Each logit is squashed on its own, so that the numbers of a row do not sum to 1. The classes compete: each divides
    by the sum of all."""
    return 1 / (1 + np.exp(-logits))


stable_sigmoid_of_each = also(sigmoid_of_each, lambda z: np.exp(-np.logaddexp(0, -z)))


@mistake("softmax")
def returns_logarithm(logits):
    """This is the logarithm of the softmax. Probabilities lie between 0 and 1."""
    return logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)


@mistake("softmax")
def hard_maximum(logits):
    """The winner takes all. A soft maximum leaves each class a share."""
    return np.eye(logits.shape[1])[logits.argmax(axis=1)]


hard_maximum_with_ties = also(hard_maximum, lambda z: (z == z.max(axis=1, keepdims=True)).astype(float))


@mistake("softmax")
def smallest_wins(logits):
    """The *smallest* logit gets the largest probability. Is there a minus sign too many?"""
    return _rows(-logits)


smallest_wins_unshifted = also(smallest_wins, lambda z: np.exp(-z) / np.exp(-z).sum(axis=1, keepdims=True))


@mistake("softmax")
def another_base(logits):
    """The probabilities sum to 1, but the base of the powers is not e."""
    shifted = 2.0 ** (logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


base_ten = also(
    another_base,
    lambda z: (lambda e: e / e.sum(axis=1, keepdims=True))(10.0 ** (z - z.max(axis=1, keepdims=True))),
)


@mistake("softmax")
def twice(logits):
    """This is the softmax of the softmax: all probabilities move together."""
    return _rows(_rows(logits))


@mistake("softmax", name="transposed")
def classes_in_rows(logits):
    """The probabilities are right but come back with the classes in rows. The shape should be that of the logits."""
    return _rows(logits).T


@mistake("softmax")
def one_number_a_row(logits):
    """One number comes back for each row. Each class has a probability of its own."""
    return _rows(logits).max(axis=1)


returns_the_winner = also(one_number_a_row, lambda z: z.argmax(axis=1))
returns_the_sums = also(one_number_a_row, lambda z: _rows(z).sum(axis=1))


@mistake("softmax", name="rounds")
def rounds_softmax(logits):
    """The result is rounded. Leave it as exact as it comes: rounding is for what people read."""
    return _rows(logits).round(4)


rounds_softmax_to_three = also(rounds_softmax, lambda z: _rows(z).round(3))
rounds_softmax_to_six = also(rounds_softmax, lambda z: _rows(z).round(6))


def _in_place_rows(logits):
    logits -= logits.max(axis=1, keepdims=True)
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


@mistake("softmax", name="works_in_their_array")
def softmax_in_place(logits):
    """The probabilities are right, but afterwards the caller's logits hold something else. `-=`, `out=` and writing to a
    row all change the array that you were given."""
    return _in_place_rows(logits)


softmax_in_place_whole = also(softmax_in_place, lambda z: _in_place(z, _rows))
softmax_in_place_exponentials = also(
    softmax_in_place,
    lambda z: (lambda e: e / e.sum(axis=1, keepdims=True))(
        _in_place(z, lambda a: np.exp(a - a.max(axis=1, keepdims=True)))
    ),
)


@mistake("softmax", name="returns_nothing")
def softmax_without_return(logits):
    """The probabilities are worked out, and nothing is handed back: a function without a `return` gives None."""


# --- cross_entropy ----------------------------------------------------------------------------------


def _log_softmax(logits):
    return logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)


def _of_truth(table, targets):
    return table[np.arange(len(targets)), targets]


@mistake("cross_entropy")
def double_softmax(logits, targets):
    """The softmax is taken twice: this is the cross-entropy of probabilities that are treated as logits. Does your formula
    already contain it?"""
    return -np.mean(_of_truth(_log_softmax(_rows(logits)), targets))


double_softmax_unshifted = also(
    double_softmax,
    lambda z, t: -np.mean(_of_truth(_log_softmax(np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)), t)),
)


@mistake("cross_entropy")
def missing_log(logits, targets):
    """No logarithm is taken: this is minus the probability of the truth, and can fall below 0. What does −log do to a
    probability of 0.001?"""
    return -np.mean(_of_truth(_rows(logits), targets))


missing_log_and_minus = also(missing_log, lambda z, t: np.mean(_of_truth(_rows(z), t)))
missing_log_from_one = also(missing_log, lambda z, t: np.mean(1 - _of_truth(_rows(z), t)))


@mistake("cross_entropy", name="overflows")
def cross_entropy_overflows(logits, targets):
    """Right for small logits. At ±1000 an exponential is infinite or zero on the way, and its logarithm is no number to
    train with. Can you take the logarithm on paper first, so that nothing extreme is left to compute?"""
    return -np.mean(np.log(_of_truth(_rows(logits), targets)))


overflows_without_shift = also(
    cross_entropy_overflows,
    lambda z, t: -np.mean(np.log(_of_truth(np.exp(z) / np.exp(z).sum(axis=1, keepdims=True), t))),
)
overflows_in_the_sum = also(
    cross_entropy_overflows, lambda z, t: np.mean(np.log(np.exp(z).sum(axis=1)) - _of_truth(z, t))
)
overflows_with_one_hot = also(
    cross_entropy_overflows, lambda z, t: -np.mean((np.eye(z.shape[1])[t] * np.log(_rows(z))).sum(axis=1))
)
overflows_with_one_hot_unshifted = also(
    cross_entropy_overflows,
    lambda z, t: (
        -np.mean((np.eye(z.shape[1])[t] * np.log(np.exp(z) / np.exp(z).sum(axis=1, keepdims=True))).sum(axis=1))
    ),
)
overflows_with_one_hot_total = also(
    cross_entropy_overflows, lambda z, t: -(np.eye(z.shape[1])[t] * np.log(_rows(z))).sum() / len(t)
)
overflows_in_math_log = also(
    cross_entropy_overflows,
    lambda z, t: (
        sum(-math.log(math.exp(row[c]) / sum(math.exp(s) for s in row)) for row, c in zip(z.tolist(), t, strict=True))
        / len(t)
    ),
)
overflows_in_math_log_shifted = also(
    cross_entropy_overflows,
    lambda z, t: sum(-math.log(row[c]) for row, c in zip(_rows(z).tolist(), t, strict=True)) / len(t),
)
overflows_as_product = also(cross_entropy_overflows, lambda z, t: -np.log(np.prod(_of_truth(_rows(z), t))) / len(t))


@mistake("cross_entropy")
def one_maximum_for_all(logits, targets):
    """One maximum is subtracted from the whole table. In a row far below it all exponentials become 0, and log 0 is
    infinite. Whose maximum does a row need?"""
    shifted = logits - logits.max()
    return np.mean(np.log(np.exp(shifted).sum(axis=1)) - _of_truth(shifted, targets))


def _clipped(epsilon, added):
    def attempt(logits, targets):
        chosen = _of_truth(_rows(logits), targets)
        return -np.mean(np.log(chosen + epsilon if added else np.maximum(chosen, epsilon)))

    return attempt


@mistake("cross_entropy")
def clips_probability(logits, targets):
    """A tiny number keeps the logarithm finite, and caps the loss: a wrong answer at ±1000 costs far less than it should,
    and its slope is gone. Can you do without the probability?"""
    return _clipped(1e-12, added=True)(logits, targets)


clips_at_12 = also(clips_probability, _clipped(1e-12, added=False))
clips_at_5 = also(clips_probability, _clipped(1e-5, added=False))
clips_by_adding_5 = also(clips_probability, _clipped(1e-5, added=True))
clips_at_6 = also(clips_probability, _clipped(1e-6, added=False))
clips_by_adding_6 = also(clips_probability, _clipped(1e-6, added=True))
clips_at_7 = also(clips_probability, _clipped(1e-7, added=False))
clips_by_adding_7 = also(clips_probability, _clipped(1e-7, added=True))
clips_at_8 = also(clips_probability, _clipped(1e-8, added=False))
clips_by_adding_8 = also(clips_probability, _clipped(1e-8, added=True))
clips_at_9 = also(clips_probability, _clipped(1e-9, added=False))
clips_by_adding_9 = also(clips_probability, _clipped(1e-9, added=True))
clips_at_10 = also(clips_probability, _clipped(1e-10, added=False))
clips_by_adding_10 = also(clips_probability, _clipped(1e-10, added=True))
clips_at_15 = also(clips_probability, _clipped(1e-15, added=False))
clips_by_adding_15 = also(clips_probability, _clipped(1e-15, added=True))
clips_at_16 = also(clips_probability, _clipped(1e-16, added=False))
clips_by_adding_16 = also(clips_probability, _clipped(1e-16, added=True))
clips_at_30 = also(clips_probability, _clipped(1e-30, added=False))
clips_by_adding_30 = also(clips_probability, _clipped(1e-30, added=True))
clips_at_300 = also(clips_probability, _clipped(1e-300, added=False))
clips_by_adding_300 = also(clips_probability, _clipped(1e-300, added=True))


@mistake("cross_entropy", name="clips_logits")
def cross_entropy_clips(logits, targets):
    """You cut large logits off. The loss of a wrong answer at 1000 is then that of a wrong answer at your limit."""
    return -np.mean(_of_truth(_log_softmax(np.clip(logits, -500, 500)), targets))


cross_entropy_clips_at_700 = also(
    cross_entropy_clips, lambda z, t: -np.mean(_of_truth(_log_softmax(np.clip(z, -700, 700)), t))
)


@mistake("cross_entropy", name="patches_nan")
def cross_entropy_patches(logits, targets):
    """What is not finite is replaced by a number. The loss then looks tame where the model is most wrong."""
    return np.nan_to_num(-np.mean(np.log(_of_truth(_rows(logits), targets))))


@mistake("cross_entropy", name="sum_not_mean")
def sum_of_cross_entropies(logits, targets):
    """Each sample's loss is right, but they are summed. Which number do all losses of this lesson take at the end?"""
    return -np.sum(_of_truth(_log_softmax(logits), targets))


sum_of_cross_entropies_unstable = also(sum_of_cross_entropies, lambda z, t: -np.sum(np.log(_of_truth(_rows(z), t))))


@mistake("cross_entropy")
def missing_minus(logits, targets):
    """The sign is the other way round: the log of a probability is negative, and a loss should be at least 0."""
    return np.mean(_of_truth(_log_softmax(logits), targets))


missing_minus_unstable = also(missing_minus, lambda z, t: np.mean(np.log(_of_truth(_rows(z), t))))


@mistake("cross_entropy")
def averages_over_all_entries(logits, targets):
    """The losses are divided by the number of all entries, samples times classes. How many samples are there?"""
    return -np.mean(np.where(np.eye(logits.shape[1])[targets] == 1, _log_softmax(logits), 0))


averages_over_all_entries_unstable = also(
    averages_over_all_entries, lambda z, t: -np.mean(np.eye(z.shape[1])[t] * np.log(_rows(z)))
)
averages_over_all_entries_size = also(
    averages_over_all_entries, lambda z, t: -np.sum(_of_truth(_log_softmax(z), t)) / z.size
)


@mistake("cross_entropy")
def divides_by_classes(logits, targets):
    """The sum is divided by the number of classes. How many samples are there?"""
    return -np.sum(_of_truth(_log_softmax(logits), targets)) / logits.shape[1]


@mistake("cross_entropy")
def picks_whole_columns(logits, targets):
    """`table[:, targets]` takes a whole column for each target: n × n numbers, where n are wanted. Print its shape. How do
    you pick one entry from each row?"""
    return -np.mean(_log_softmax(logits)[:, targets])


picks_whole_columns_unstable = also(picks_whole_columns, lambda z, t: -np.mean(np.log(_rows(z)[:, t])))


@mistake("cross_entropy")
def picks_whole_rows(logits, targets):
    """`table[targets]` takes whole *rows*, as if the targets were sample numbers. They are class numbers: which axis
    holds the classes?"""
    return -np.mean(_log_softmax(logits)[targets])


picks_whole_rows_unstable = also(picks_whole_rows, lambda z, t: -np.mean(np.log(_rows(z)[t])))


@mistake("cross_entropy")
def ignores_targets(logits, targets):
    """The targets play no part: this takes the class that the model likes best, so that it is never wrong."""
    return -np.mean(_log_softmax(logits).max(axis=1))


ignores_targets_unstable = also(ignores_targets, lambda z, t: np.mean(np.log(np.exp(z).sum(axis=1)) - z.max(axis=1)))
ignores_targets_largest_of_all = also(ignores_targets, lambda z, t: np.mean(np.logaddexp.reduce(z, axis=1) - z.max()))


@mistake("cross_entropy")
def entropy_of_prediction(logits, targets):
    """The targets play no part: this is the entropy of the model's own probabilities, how unsure it is, right or
    wrong."""
    logs = _log_softmax(logits)
    return -np.mean((np.exp(logs) * logs).sum(axis=1))


entropy_of_prediction_unstable = also(
    entropy_of_prediction, lambda z, t: -np.mean((_rows(z) * np.log(_rows(z))).sum(axis=1))
)


@mistake("cross_entropy")
def all_classes(logits, targets):
    """The logs of all classes are counted, true or not. The loss looks only at the probability of the truth."""
    return -np.mean(_log_softmax(logits).sum(axis=1))


all_classes_averaged = also(all_classes, lambda z, t: -np.mean(_log_softmax(z)))
all_classes_unstable = also(all_classes, lambda z, t: -np.mean(np.log(_rows(z)).sum(axis=1)))
all_classes_averaged_unstable = also(all_classes, lambda z, t: -np.mean(np.log(_rows(z))))
all_classes_averaged_unshifted = also(all_classes, lambda z, t: np.mean(np.log(np.exp(z).sum(axis=1)) - z.mean(axis=1)))


@mistake("cross_entropy")
def counts_from_one(logits, targets):
    """The loss of another class is taken: the classes count from 0, so that target 0 is the first column."""
    return -np.mean(_of_truth(_log_softmax(logits), targets - 1))


@mistake("cross_entropy")
def forgets_normaliser(logits, targets):
    """This is minus the logit of the truth. A loss must also fall when the *other* logits fall: what has become of the
    sum of exponentials?"""
    return -np.mean(_of_truth(logits, targets))


@mistake("cross_entropy")
def forgets_true_logit(logits, targets):
    """This is the log of the sum of exponentials alone. Where do the targets come in?"""
    return np.mean(np.logaddexp.reduce(logits, axis=1))


@mistake("cross_entropy")
def forgets_to_shift_back(logits, targets):
    """The sum of exponentials is shifted by the maximum, and the logit of the truth is not. Which of the two must change,
    or what must be added back at the end?"""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(shifted).sum(axis=1)) - _of_truth(logits, targets))


shifts_back_with_wrong_sign = also(
    forgets_to_shift_back,
    lambda z, t: np.mean(
        np.log(np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=1)) - z.max(axis=1) - _of_truth(z, t)
    ),
)
shifts_only_the_truth = also(
    forgets_to_shift_back,
    lambda z, t: np.mean(np.logaddexp.reduce(z, axis=1) - _of_truth(z - z.max(axis=1, keepdims=True), t)),
)


@mistake("cross_entropy")
def truth_with_wrong_sign(logits, targets):
    """The logit of the truth is added. The loss should *fall* when that logit grows."""
    return np.mean(np.logaddexp.reduce(logits, axis=1) + _of_truth(logits, targets))


@mistake("cross_entropy", name="wrong_axis")
def cross_entropy_wrong_axis(logits, targets):
    """The softmax runs down the columns, over samples. The classes of a sample stand side by side in its row."""
    return -np.mean(_of_truth(_log_softmax(logits.T).T, targets))


cross_entropy_wrong_axis_unstable = also(
    cross_entropy_wrong_axis, lambda z, t: -np.mean(np.log(_of_truth(_rows(z, along=0), t)))
)


@mistake("cross_entropy", name="normalises_whole_matrix")
def cross_entropy_whole(logits, targets):
    """The exponentials of all samples stand in one sum. Each row is a sample of its own."""
    return np.mean(np.logaddexp.reduce(logits.ravel()) - _of_truth(logits, targets))


cross_entropy_whole_unshifted = also(
    cross_entropy_whole, lambda z, t: np.mean(np.log(np.exp(z).sum()) - _of_truth(z, t))
)
cross_entropy_whole_rows_shifted = also(
    cross_entropy_whole,
    lambda z, t: (lambda s: np.mean(np.log(np.exp(s).sum()) - _of_truth(s, t)))(z - z.max(axis=1, keepdims=True)),
)
cross_entropy_whole_unstable = also(
    cross_entropy_whole,
    lambda z, t: -np.mean(np.log(_of_truth((lambda e: e / e.sum())(np.exp(z - z.max())), t))),
)


@mistake("cross_entropy")
def other_logarithm(logits, targets):
    """The numbers are those of another logarithm (base 2 or 10). Losses use the natural one: `np.log`."""
    return -np.mean(_of_truth(_log_softmax(logits), targets)) / math.log(2)


other_logarithm_ten = also(other_logarithm, lambda z, t: -np.mean(_of_truth(_log_softmax(z), t)) / math.log(10))
other_logarithm_unstable = also(other_logarithm, lambda z, t: -np.mean(np.log2(_of_truth(_rows(z), t))))
other_logarithm_ten_unstable = also(other_logarithm, lambda z, t: -np.mean(np.log10(_of_truth(_rows(z), t))))


@mistake("cross_entropy")
def log_of_the_mean(logits, targets):
    """The mean is taken of the probabilities, and the log of that. Each sample should have its own log, and the mean
    comes last."""
    return -np.log(np.mean(_of_truth(_rows(logits), targets)))


@mistake("cross_entropy")
def squared_distance(logits, targets):
    """This is a squared error between probabilities and the truth. Cross-entropy looks at one probability, and at its
    logarithm."""
    return np.mean(((_rows(logits) - np.eye(logits.shape[1])[targets]) ** 2).sum(axis=1))


squared_distance_averaged = also(squared_distance, lambda z, t: np.mean((_rows(z) - np.eye(z.shape[1])[t]) ** 2))


@mistake("cross_entropy")
def counts_errors(logits, targets):
    """This counts wrong answers. A count has no slope: by how much is each wrong?"""
    return np.mean(logits.argmax(axis=1) != targets)


counts_hits = also(counts_errors, lambda z, t: np.mean(z.argmax(axis=1) == t))


@mistake("cross_entropy")
def each_class_on_its_own(logits, targets):
    """This is a binary cross-entropy for each class. Here exactly one class is true: the probabilities share one sum."""
    one_hot = np.eye(logits.shape[1])[targets]
    return np.mean((np.logaddexp(0, logits) - one_hot * logits).sum(axis=1))


each_class_on_its_own_averaged = also(
    each_class_on_its_own,
    lambda z, t: np.mean(np.logaddexp(0, z) - np.eye(z.shape[1])[t] * z),
)


@mistake("cross_entropy")
def logits_as_probabilities(logits, targets):
    """The logarithm is taken of the logits themselves, and there is none of a negative number. What turns logits into
    probabilities?"""
    return -np.mean(np.log(_of_truth(logits, targets)))


@mistake("cross_entropy", name="no_mean_at_all")
def cross_entropy_of_each(logits, targets):
    """One loss for each sample comes back. A loss is a single number."""
    return -_of_truth(_log_softmax(logits), targets)


cross_entropy_of_each_unstable = also(cross_entropy_of_each, lambda z, t: -np.log(_of_truth(_rows(z), t)))


@mistake("cross_entropy", name="works_in_their_array")
def cross_entropy_in_place(logits, targets):
    """The number is right, but afterwards the caller's logits hold something else. `-=`, `out=` and writing to a row all
    change the array that you were given."""
    _in_place(logits, lambda z: z - z.max(axis=1, keepdims=True))
    return -np.mean(_of_truth(_log_softmax(logits), targets))


cross_entropy_in_place_whole = also(
    cross_entropy_in_place, lambda z, t: -np.mean(_of_truth(_in_place(z, _log_softmax), t))
)


@mistake("cross_entropy", name="rounds")
def rounds_cross_entropy(logits, targets):
    """The result is rounded. Leave it as exact as it comes: rounding is for what people read."""
    return round(float(-np.mean(_of_truth(_log_softmax(logits), targets))), 4)


rounds_cross_entropy_to_five = also(
    rounds_cross_entropy, lambda z, t: round(float(-np.mean(_of_truth(_log_softmax(z), t))), 5)
)


@mistake("cross_entropy", name="returns_nothing")
def cross_entropy_without_return(logits, targets):
    """The loss is worked out, and nothing is handed back: a function without a `return` gives None."""


# --- bce_with_logits --------------------------------------------------------------------------------


def _softplus(x):
    return np.logaddexp(0, x)


def _sigmoid(z):
    return np.exp(-np.logaddexp(0, -z))


def _bce(p, t):
    return -(t * np.log(p) + (1 - t) * np.log(1 - p))


@mistake("bce_with_logits")
def forgets_sigmoid(logits, targets):
    """The logits are used as if they were probabilities. They can be negative or larger than 1: what turns them into
    probabilities?"""
    return np.mean(_bce(logits, targets))


forgets_sigmoid_clipped = also(forgets_sigmoid, lambda z, t: np.mean(_bce(np.clip(z, 1e-12, 1 - 1e-12), t)))
forgets_sigmoid_clipped_more = also(forgets_sigmoid, lambda z, t: np.mean(_bce(np.clip(z, 1e-7, 1 - 1e-7), t)))
forgets_sigmoid_clipped_less = also(forgets_sigmoid, lambda z, t: np.mean(_bce(np.clip(z, 1e-15, 1 - 1e-15), t)))
forgets_sigmoid_chosen = also(forgets_sigmoid, lambda z, t: -np.mean(np.where(t == 1, np.log(z), np.log(1 - z))))


@mistake("bce_with_logits", name="overflows")
def bce_overflows(logits, targets):
    """Right for small logits. At ±1000 an exponential is infinite, or a probability is exactly 0 or 1, and the loss is no
    number to train with. Can you write it without the probability?"""
    return np.mean(_bce(1 / (1 + np.exp(-logits)), targets))


bce_overflows_stable_sigmoid = also(bce_overflows, lambda z, t: np.mean(_bce(_sigmoid(z), t)))
bce_overflows_chosen = also(
    bce_overflows, lambda z, t: -np.mean(np.where(t == 1, np.log(_sigmoid(z)), np.log(1 - _sigmoid(z))))
)
bce_overflows_chosen_probability = also(
    bce_overflows, lambda z, t: -np.mean(np.log(np.where(t == 1, _sigmoid(z), 1 - _sigmoid(z))))
)
bce_overflows_ratio = also(bce_overflows, lambda z, t: np.mean(_bce(np.exp(z) / (1 + np.exp(z)), t)))
bce_overflows_in_math = also(
    bce_overflows,
    lambda z, t: (
        sum(
            -(b * math.log(1 / (1 + math.exp(-a))) + (1 - b) * math.log(1 - 1 / (1 + math.exp(-a))))
            for a, b in zip(z.tolist(), t.tolist(), strict=True)
        )
        / len(t)
    ),
)


@mistake("bce_with_logits", name="overflows")
def bce_exponential_overflows(logits, targets):
    """The formula is right, and needs no probability. But near 1000 one of its exponentials is infinite. Which exponent
    is the larger one of the two in the logarithm? Take that out."""
    return np.mean(_plain_softplus(logits) - targets * logits)


def _plain_softplus(x):
    return np.log(1 + np.exp(x))


bce_exponential_overflows_other = also(
    bce_exponential_overflows, lambda z, t: np.mean(_plain_softplus(-z) + (1 - t) * z)
)
bce_exponential_overflows_two_terms = also(
    bce_exponential_overflows, lambda z, t: np.mean(t * _plain_softplus(-z) + (1 - t) * _plain_softplus(z))
)
bce_exponential_overflows_chosen = also(
    bce_exponential_overflows, lambda z, t: np.mean(_plain_softplus(np.where(t == 1, -z, z)))
)
bce_exponential_overflows_in_math = also(
    bce_exponential_overflows,
    lambda z, t: sum(math.log(1 + math.exp(a)) - a * b for a, b in zip(z.tolist(), t.tolist(), strict=True)) / len(t),
)
bce_exponential_overflows_in_math_chosen = also(
    bce_exponential_overflows,
    lambda z, t: (
        sum(math.log(1 + math.exp(-a if b == 1 else a)) for a, b in zip(z.tolist(), t.tolist(), strict=True)) / len(t)
    ),
)


def _shifted(s, taken_out, one=lambda taken_out: np.exp(-taken_out)):
    """log(e^0 + e^s) with `taken_out` taken out; `one` is what becomes of e^0."""
    return taken_out + np.log(one(taken_out) + np.exp(s - taken_out))


def _wrongness(z, t):
    return np.where(t == 1, -z, z)


@mistake("bce_with_logits")
def one_is_not_shifted(logits, targets):
    """One of the two exponents is shifted. The 1 is e^0 and lies in the same logarithm: it is shifted too."""
    return np.mean(_shifted(logits, np.maximum(0, logits), np.ones_like) - targets * logits)


one_is_not_shifted_chosen = also(
    one_is_not_shifted,
    lambda z, t: np.mean(_shifted(_wrongness(z, t), np.maximum(0, _wrongness(z, t)), np.ones_like)),
)
one_is_not_shifted_two_terms = also(
    one_is_not_shifted,
    lambda z, t: np.mean(
        t * _shifted(-z, np.maximum(0, -z), np.ones_like) + (1 - t) * _shifted(z, np.maximum(0, z), np.ones_like)
    ),
)


@mistake("bce_with_logits")
def one_maximum_for_both_labels(logits, targets):
    """The larger of 0 and z is taken out for both labels. For label 1 the exponential is e^(−z): which number is the
    larger one there?"""
    return np.mean(_shifted(_wrongness(logits, targets), np.maximum(0, logits)))


one_maximum_for_both_labels_two_terms = also(
    one_maximum_for_both_labels,
    lambda z, t: np.mean(t * _shifted(-z, np.maximum(0, z)) + (1 - t) * _shifted(z, np.maximum(0, z))),
)
one_maximum_for_both_labels_unshifted_one = also(
    one_maximum_for_both_labels, lambda z, t: np.mean(_shifted(_wrongness(z, t), np.maximum(0, z), np.ones_like))
)
one_maximum_for_both_labels_two_terms_unshifted_one = also(
    one_maximum_for_both_labels,
    lambda z, t: np.mean(
        t * _shifted(-z, np.maximum(0, z), np.ones_like) + (1 - t) * _shifted(z, np.maximum(0, z), np.ones_like)
    ),
)


@mistake("bce_with_logits", name="one_maximum_for_all")
def bce_one_maximum_for_all(logits, targets):
    """One maximum is taken out for all samples. Where it lies far above both exponents of a sample, both exponentials
    become 0, and log 0 is infinite. Whose maximum does a sample need?"""
    return np.mean(_shifted(logits, max(0, logits.max())) - targets * logits)


bce_one_maximum_of_logits = also(bce_one_maximum_for_all, lambda z, t: np.mean(_shifted(z, z.max()) - t * z))
bce_one_maximum_chosen = also(
    bce_one_maximum_for_all,
    lambda z, t: (lambda s: np.mean(_shifted(s, max(0, s.max()))))(_wrongness(z, t)),
)
bce_one_maximum_of_chosen = also(
    bce_one_maximum_for_all, lambda z, t: (lambda s: np.mean(_shifted(s, s.max())))(_wrongness(z, t))
)
bce_one_maximum_unshifted_one = also(
    bce_one_maximum_for_all,
    lambda z, t: np.mean(_shifted(z, max(0, z.max()), np.ones_like) - t * z),
)
bce_one_size_for_all = also(bce_one_maximum_for_all, lambda z, t: np.mean(_shifted(z, np.abs(z).max()) - t * z))


def _bce_clipped(epsilon, added):
    def attempt(logits, targets):
        p = _sigmoid(logits)
        if added:
            return -np.mean(targets * np.log(p + epsilon) + (1 - targets) * np.log(1 - p + epsilon))
        return np.mean(_bce(np.clip(p, epsilon, 1 - epsilon), targets))

    return attempt


@mistake("bce_with_logits", name="clips_probability")
def bce_clips_probability(logits, targets):
    """A tiny number keeps the logarithm finite, and caps the loss: a wrong answer at ±1000 costs far less than it should,
    and its slope is gone. Can you do without the probability?"""
    return _bce_clipped(1e-12, added=False)(logits, targets)


bce_clips_by_adding_12 = also(bce_clips_probability, _bce_clipped(1e-12, added=True))
bce_clips_at_5 = also(bce_clips_probability, _bce_clipped(1e-5, added=False))
bce_clips_by_adding_5 = also(bce_clips_probability, _bce_clipped(1e-5, added=True))
bce_clips_at_6 = also(bce_clips_probability, _bce_clipped(1e-6, added=False))
bce_clips_by_adding_6 = also(bce_clips_probability, _bce_clipped(1e-6, added=True))
bce_clips_at_7 = also(bce_clips_probability, _bce_clipped(1e-7, added=False))
bce_clips_by_adding_7 = also(bce_clips_probability, _bce_clipped(1e-7, added=True))
bce_clips_at_8 = also(bce_clips_probability, _bce_clipped(1e-8, added=False))
bce_clips_by_adding_8 = also(bce_clips_probability, _bce_clipped(1e-8, added=True))
bce_clips_at_9 = also(bce_clips_probability, _bce_clipped(1e-9, added=False))
bce_clips_by_adding_9 = also(bce_clips_probability, _bce_clipped(1e-9, added=True))
bce_clips_at_10 = also(bce_clips_probability, _bce_clipped(1e-10, added=False))
bce_clips_by_adding_10 = also(bce_clips_probability, _bce_clipped(1e-10, added=True))
bce_clips_at_15 = also(bce_clips_probability, _bce_clipped(1e-15, added=False))
bce_clips_by_adding_15 = also(bce_clips_probability, _bce_clipped(1e-15, added=True))
bce_clips_logs_at_100 = also(
    bce_clips_probability,
    lambda z, t: (
        -np.mean(t * np.maximum(np.log(_sigmoid(z)), -100) + (1 - t) * np.maximum(np.log(1 - _sigmoid(z)), -100))
    ),
)


@mistake("bce_with_logits", name="clips_logits")
def bce_clips_logits(logits, targets):
    """You cut large logits off. The loss of a wrong answer at 1000 is then that of a wrong answer at your limit."""
    return np.mean(_softplus(np.clip(logits, -500, 500)) - targets * np.clip(logits, -500, 500))


def _bce_of_clipped(most):
    return lambda z, t: np.mean(_softplus(np.clip(z, -most, most)) - t * np.clip(z, -most, most))


bce_clips_logits_at_30 = also(bce_clips_logits, _bce_of_clipped(30))
bce_clips_logits_at_50 = also(bce_clips_logits, _bce_of_clipped(50))
bce_clips_logits_at_700 = also(bce_clips_logits, _bce_of_clipped(700))
bce_clips_logits_at_709 = also(bce_clips_logits, _bce_of_clipped(709))


@mistake("bce_with_logits", name="patches_nan")
def bce_patches(logits, targets):
    """What is not finite is replaced by a number. The loss then looks tame where the model is most wrong."""
    return np.nan_to_num(np.mean(_bce(_sigmoid(logits), targets)))


bce_patches_mean = also(bce_patches, lambda z, t: np.nanmean(_bce(_sigmoid(z), t)))


@mistake("bce_with_logits")
def only_positive_term(logits, targets):
    """Samples with label 0 cost nothing: a model that always says yes would be perfect. What should a yes cost when the
    label is 0?"""
    return np.mean(targets * _softplus(-logits))


only_positive_term_unstable = also(only_positive_term, lambda z, t: -np.mean(t * np.log(1 / (1 + np.exp(-z)))))
only_positive_term_for_all = also(only_positive_term, lambda z, t: np.mean(_softplus(-z)))
only_positive_term_for_all_unstable = also(only_positive_term, lambda z, t: -np.mean(np.log(_sigmoid(z))))
only_positive_samples = also(only_positive_term, lambda z, t: np.mean(_softplus(-z[t == 1])) if np.any(t == 1) else 0.0)


@mistake("bce_with_logits")
def only_negative_term(logits, targets):
    """Samples with label 1 cost nothing: a model that always says no would be perfect."""
    return np.mean((1 - targets) * _softplus(logits))


only_negative_term_unstable = also(
    only_negative_term, lambda z, t: -np.mean((1 - t) * np.log(1 - 1 / (1 + np.exp(-z))))
)


@mistake("bce_with_logits", name="missing_minus")
def bce_missing_minus(logits, targets):
    """The sign is the other way round: logs of probabilities are negative, and a loss should be at least 0."""
    return -np.mean(_softplus(logits) - targets * logits)


bce_missing_minus_unstable = also(bce_missing_minus, lambda z, t: -np.mean(_bce(1 / (1 + np.exp(-z)), t)))
bce_missing_minus_chosen = also(
    bce_missing_minus, lambda z, t: np.mean(np.log(np.where(t == 1, _sigmoid(z), 1 - _sigmoid(z))))
)


@mistake("bce_with_logits")
def minus_on_first_term_only(logits, targets):
    """The minus sign reaches only one of the two terms. Brackets?"""
    return np.mean(targets * _softplus(-logits) - (1 - targets) * _softplus(logits))


minus_on_first_term_only_unstable = also(
    minus_on_first_term_only,
    lambda z, t: np.mean(-t * np.log(_sigmoid(z)) + (1 - t) * np.log(1 - _sigmoid(z))),
)
minus_on_second_term_only = also(
    minus_on_first_term_only, lambda z, t: np.mean(-t * _softplus(-z) + (1 - t) * _softplus(z))
)
minus_between_the_terms = also(
    minus_on_first_term_only,
    lambda z, t: -np.mean(t * np.log(_sigmoid(z)) - (1 - t) * np.log(1 - _sigmoid(z))),
)


@mistake("bce_with_logits")
def labels_swapped(logits, targets):
    """A large logit is dear where the label is 1 and cheap where it is 0: the wrong way round. Have the labels changed
    places, or is it a sign in the sigmoid?"""
    return np.mean(_softplus(logits) - (1 - targets) * logits)


labels_swapped_unstable = also(labels_swapped, lambda z, t: np.mean(_bce(_sigmoid(z), 1 - t)))
labels_swapped_sigmoid_of_minus = also(labels_swapped, lambda z, t: np.mean(_bce(1 / (1 + np.exp(z)), t)))
labels_swapped_chosen = also(
    labels_swapped, lambda z, t: -np.mean(np.log(np.where(t == 0, _sigmoid(z), 1 - _sigmoid(z))))
)


@mistake("bce_with_logits")
def same_probability_twice(logits, targets):
    """Both labels use the same probability. If the model says yes with p, how likely does it think a no?"""
    return -np.mean(targets * np.log(_sigmoid(logits)) + (1 - targets) * np.log(_sigmoid(logits)))


@mistake("bce_with_logits")
def one_minus_the_log(logits, targets):
    """`1 - log(p)` is not the log of 1 − p. What belongs inside the bracket?"""
    p = _sigmoid(logits)
    return -np.mean(targets * np.log(p) + (1 - targets) * (1 - np.log(p)))


@mistake("bce_with_logits")
def adds_target_times_logit(logits, targets):
    """The term t·z has the other sign: a large logit should be cheap where the label is 1."""
    return np.mean(_softplus(logits) + targets * logits)


@mistake("bce_with_logits")
def forgets_target_times_logit(logits, targets):
    """The exponential is tamed, but a part is lost: what is taken out of the logarithm must be added outside, and the
    label must come in."""
    return np.mean(np.maximum(logits, 0) + np.log1p(np.exp(-np.abs(logits))))


forgets_the_maximum = also(forgets_target_times_logit, lambda z, t: np.mean(-t * z + np.log1p(np.exp(-np.abs(z)))))
forgets_the_logarithm = also(forgets_target_times_logit, lambda z, t: np.mean(np.maximum(z, 0) - t * z))
forgets_what_was_taken_out = also(forgets_target_times_logit, lambda z, t: np.mean(np.log1p(np.exp(-np.abs(z)))))
size_instead_of_maximum = also(
    forgets_target_times_logit, lambda z, t: np.mean(np.abs(z) - t * z + np.log1p(np.exp(-np.abs(z))))
)


@mistake("bce_with_logits")
def size_without_minus(logits, targets):
    """The exponential still gets positive numbers: e^|z| overflows. Which sign does it need?"""
    return np.mean(np.maximum(logits, 0) - targets * logits + np.log1p(np.exp(np.abs(logits))))


@mistake("bce_with_logits")
def log_of_exponential_only(logits, targets):
    """`log1p(x)` is already log(1 + x): together with another 1 there are two."""
    return np.mean(np.maximum(logits, 0) - targets * logits + np.log1p(1 + np.exp(-np.abs(logits))))


@mistake("bce_with_logits", name="sum_not_mean")
def bce_sum(logits, targets):
    """Each sample's loss is right, but they are summed. Which number do all losses of this lesson take at the end?"""
    return np.sum(_softplus(logits) - targets * logits)


bce_sum_unstable = also(bce_sum, lambda z, t: np.sum(_bce(_sigmoid(z), t)))


@mistake("bce_with_logits", name="no_mean_at_all")
def bce_of_each(logits, targets):
    """One loss for each sample comes back. A loss is a single number."""
    return _softplus(logits) - targets * logits


bce_of_each_unstable = also(bce_of_each, lambda z, t: _bce(_sigmoid(z), t))


@mistake("bce_with_logits", name="other_logarithm")
def bce_other_logarithm(logits, targets):
    """The numbers are those of another logarithm (base 2 or 10). Losses use the natural one: `np.log`."""
    return np.mean(_softplus(logits) - targets * logits) / math.log(2)


bce_other_logarithm_ten = also(bce_other_logarithm, lambda z, t: np.mean(_softplus(z) - t * z) / math.log(10))


@mistake("bce_with_logits", name="squared_distance")
def bce_squared(logits, targets):
    """This is the squared error of the probability. The slope of that vanishes where the model is most wrong; which
    function of the probability does not?"""
    return np.mean((_sigmoid(logits) - targets) ** 2)


bce_absolute = also(bce_squared, lambda z, t: np.mean(np.abs(_sigmoid(z) - t)))


@mistake("bce_with_logits")
def double_sigmoid(logits, targets):
    """The sigmoid is taken twice: the loss squashes the logits once more. At ±1000 it is far too mild."""
    return np.mean(_bce(_sigmoid(_sigmoid(logits)), targets))


double_sigmoid_stable = also(double_sigmoid, lambda z, t: np.mean(_softplus(_sigmoid(z)) - t * _sigmoid(z)))


@mistake("bce_with_logits")
def softmax_over_samples(logits, targets):
    """A softmax over the samples makes them compete with each other. Each sample is a yes-or-no question of its own."""
    p = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    return np.mean(_bce(p, targets))


@mistake("bce_with_logits", name="missing_log")
def bce_missing_log(logits, targets):
    """No logarithm is taken: this is minus the probability of the truth. What does −log do to a probability of 0.001?"""
    p = _sigmoid(logits)
    return -np.mean(targets * p + (1 - targets) * (1 - p))


@mistake("bce_with_logits", name="counts_errors")
def bce_counts(logits, targets):
    """This counts wrong answers. A count has no slope: by how much is each wrong?"""
    return np.mean((logits > 0) != (targets == 1))


bce_counts_hits = also(bce_counts, lambda z, t: np.mean((z > 0) == (t == 1)))


@mistake("bce_with_logits")
def swapped_arguments(logits, targets):
    """Logits and targets have changed places: the labels are used as logits. Which comes first in the signature?"""
    return np.mean(_softplus(targets) - logits * targets)


@mistake("bce_with_logits", name="works_in_their_array")
def bce_in_place(logits, targets):
    """The number is right, but afterwards the caller's array holds something else. `-=`, `out=` and writing to an
    entry all change the array that you were given."""
    result = np.mean(_softplus(logits) - targets * logits)
    logits *= -1
    return result


bce_in_place_mask = also(bce_in_place, lambda z, t: np.mean(_softplus(_in_place(z, lambda a: np.where(t == 1, -a, a)))))


@mistake("bce_with_logits", name="rounds")
def rounds_bce(logits, targets):
    """The result is rounded. Leave it as exact as it comes: rounding is for what people read."""
    return round(float(np.mean(_softplus(logits) - targets * logits)), 4)


@mistake("bce_with_logits", name="returns_nothing")
def bce_without_return(logits, targets):
    """The loss is worked out, and nothing is handed back: a function without a `return` gives None."""


# --- torch_losses -----------------------------------------------------------------------------------


_LOSSES = {
    "mse": lambda predictions, targets, logits, classes, scores, labels: F.mse_loss(predictions, targets),
    "mae": lambda predictions, targets, logits, classes, scores, labels: F.l1_loss(predictions, targets),
    "smooth_l1": lambda predictions, targets, logits, classes, scores, labels: F.smooth_l1_loss(predictions, targets),
    "cross_entropy": lambda predictions, targets, logits, classes, scores, labels: F.cross_entropy(logits, classes),
    "bce": lambda predictions, targets, logits, classes, scores, labels: F.binary_cross_entropy(
        torch.sigmoid(scores), labels
    ),
    "bce_with_logits": lambda predictions, targets, logits, classes, scores, labels: F.binary_cross_entropy_with_logits(
        scores, labels
    ),
}


def _but(**changed):
    """All six losses, some of them in another way; a change gets (predictions, targets, logits, classes, scores, labels)."""
    losses = _LOSSES | changed
    return lambda *given: {name: loss(*given) for name, loss in losses.items()}


def _bce_swapped(p, t, z, c, s, y):
    return F.binary_cross_entropy(y, torch.sigmoid(s))


def _with_logits_swapped(p, t, z, c, s, y):
    return F.binary_cross_entropy_with_logits(y, s)


def _cross_entropy_swapped(p, t, z, c, s, y):
    return F.cross_entropy(c, z)


@mistake("torch_losses", name="swapped_arguments")
def torch_swapped(predictions, targets, logits, classes, scores, labels):
    """A loss gets its arguments the wrong way round. Both orders of MSE give the same number, which hides the habit:
    what does torch call the first argument, and what the second?"""
    return _but(cross_entropy=_cross_entropy_swapped)(predictions, targets, logits, classes, scores, labels)


torch_swapped_bce = also(torch_swapped, _but(bce=_bce_swapped))
torch_swapped_with_logits = also(torch_swapped, _but(bce_with_logits=_with_logits_swapped))
torch_swapped_both = also(torch_swapped, _but(bce=_bce_swapped, bce_with_logits=_with_logits_swapped))
torch_swapped_then_sigmoid = also(
    torch_swapped, _but(bce=lambda p, t, z, c, s, y: F.binary_cross_entropy(torch.sigmoid(y), s.clamp(0, 1)))
)
torch_swapped_sigmoid_of_labels = also(
    torch_swapped, _but(bce=lambda p, t, z, c, s, y: F.binary_cross_entropy(torch.sigmoid(y), s))
)
torch_swapped_all_labels = also(
    torch_swapped,
    _but(
        bce=lambda p, t, z, c, s, y: F.binary_cross_entropy(torch.sigmoid(y), s),
        bce_with_logits=_with_logits_swapped,
    ),
)


@mistake("torch_losses")
def softmax_before_ce(predictions, targets, logits, classes, scores, labels):
    """The cross-entropy gets probabilities, and takes a softmax of them again. What does CrossEntropyLoss expect?"""
    return _but(cross_entropy=lambda p, t, z, c, s, y: F.cross_entropy(z.softmax(1), c))(
        predictions, targets, logits, classes, scores, labels
    )


softmax_before_ce_wrong_axis = also(
    softmax_before_ce, _but(cross_entropy=lambda p, t, z, c, s, y: F.cross_entropy(z.softmax(0), c))
)


@mistake("torch_losses")
def bce_on_logits(predictions, targets, logits, classes, scores, labels):
    """BCELoss gets the scores themselves. It wants probabilities: it fails for a score below 0 or above 1, and is
    silently wrong for one between."""
    return _but(bce=lambda p, t, z, c, s, y: F.binary_cross_entropy(s, y))(
        predictions, targets, logits, classes, scores, labels
    )


bce_for_both = also(bce_on_logits, _but(bce_with_logits=lambda p, t, z, c, s, y: F.binary_cross_entropy(s, y)))
bce_on_clamped_logits = also(bce_on_logits, _but(bce=lambda p, t, z, c, s, y: F.binary_cross_entropy(s.clamp(0, 1), y)))


@mistake("torch_losses")
def sigmoid_before_bce_with_logits(predictions, targets, logits, classes, scores, labels):
    """BCEWithLogitsLoss gets probabilities, and takes a sigmoid of them again. What does its name say that it wants?"""
    return _but(bce_with_logits=lambda p, t, z, c, s, y: F.binary_cross_entropy_with_logits(torch.sigmoid(s), y))(
        predictions, targets, logits, classes, scores, labels
    )


@mistake("torch_losses")
def sigmoid_on_the_wrong_one(predictions, targets, logits, classes, scores, labels):
    """The sigmoid stands before the wrong one of the two binary losses. Which of them wants logits?"""
    return _but(
        bce=lambda p, t, z, c, s, y: F.binary_cross_entropy(s, y),
        bce_with_logits=lambda p, t, z, c, s, y: F.binary_cross_entropy_with_logits(torch.sigmoid(s), y),
    )(predictions, targets, logits, classes, scores, labels)


@mistake("torch_losses")
def softmax_into_nll(predictions, targets, logits, classes, scores, labels):
    """NLLLoss takes no logarithm, whatever its name says: given probabilities, it returns minus a probability. What does
    it want to be given?"""
    return _but(cross_entropy=lambda p, t, z, c, s, y: F.nll_loss(z.softmax(1), c))(
        predictions, targets, logits, classes, scores, labels
    )


@mistake("torch_losses")
def logits_into_nll(predictions, targets, logits, classes, scores, labels):
    """NLLLoss gets raw logits. It only picks entries and changes their sign: what must have been done before?"""
    return _but(cross_entropy=lambda p, t, z, c, s, y: F.nll_loss(z, c))(
        predictions, targets, logits, classes, scores, labels
    )


@mistake("torch_losses", name="wrong_axis")
def torch_wrong_axis(predictions, targets, logits, classes, scores, labels):
    """The softmax runs over the samples. Dimension 1 holds the classes."""
    return _but(cross_entropy=lambda p, t, z, c, s, y: F.nll_loss(z.log_softmax(0), c))(
        predictions, targets, logits, classes, scores, labels
    )


@mistake("torch_losses")
def softmax_of_scores(predictions, targets, logits, classes, scores, labels):
    """A softmax over the scores makes samples compete. Each score is a yes-or-no question of its own: which function
    squashes one number?"""
    return _but(bce=lambda p, t, z, c, s, y: F.binary_cross_entropy(s.softmax(0), y))(
        predictions, targets, logits, classes, scores, labels
    )


def _summed(*names):
    every = {
        "mse": lambda p, t, z, c, s, y: F.mse_loss(p, t, reduction="sum"),
        "mae": lambda p, t, z, c, s, y: F.l1_loss(p, t, reduction="sum"),
        "smooth_l1": lambda p, t, z, c, s, y: F.smooth_l1_loss(p, t, reduction="sum"),
        "cross_entropy": lambda p, t, z, c, s, y: F.cross_entropy(z, c, reduction="sum"),
        "bce": lambda p, t, z, c, s, y: F.binary_cross_entropy(torch.sigmoid(s), y, reduction="sum"),
        "bce_with_logits": lambda p, t, z, c, s, y: F.binary_cross_entropy_with_logits(s, y, reduction="sum"),
    }
    return _but(**{name: every[name] for name in names or every})


@mistake("torch_losses", name="sum_not_mean")
def torch_sums(predictions, targets, logits, classes, scores, labels):
    """The losses are summed. The exercise asks for the mean, which is what torch gives when you say nothing."""
    return _summed()(predictions, targets, logits, classes, scores, labels)


torch_sums_mae = also(torch_sums, _summed("mae"))
torch_sums_mse = also(torch_sums, _summed("mse"))
torch_sums_regression = also(torch_sums, _summed("mse", "mae", "smooth_l1"))
torch_sums_cross_entropy = also(torch_sums, _summed("cross_entropy"))


@mistake("torch_losses", name="no_mean_at_all")
def torch_no_mean(predictions, targets, logits, classes, scores, labels):
    """One loss for each entry comes back. The exercise asks for the mean, which is what torch gives when you say
    nothing."""
    return {
        "mse": F.mse_loss(predictions, targets, reduction="none"),
        "mae": F.l1_loss(predictions, targets, reduction="none"),
        "smooth_l1": F.smooth_l1_loss(predictions, targets, reduction="none"),
        "cross_entropy": F.cross_entropy(logits, classes, reduction="none"),
        "bce": F.binary_cross_entropy(torch.sigmoid(scores), labels, reduction="none"),
        "bce_with_logits": F.binary_cross_entropy_with_logits(scores, labels, reduction="none"),
    }


@mistake("torch_losses")
def mse_and_mae_swapped(predictions, targets, logits, classes, scores, labels):
    """The keys mse and mae hold each other's loss. Which of them does L1Loss compute?"""
    return _but(mse=_LOSSES["mae"], mae=_LOSSES["mse"])(predictions, targets, logits, classes, scores, labels)


@mistake("torch_losses")
def another_loss_twice(predictions, targets, logits, classes, scores, labels):
    """One of the losses stands under two keys. Compare what you call with the table, line by line."""
    return _but(mae=_LOSSES["mse"])(predictions, targets, logits, classes, scores, labels)


mae_for_mse = also(another_loss_twice, _but(mse=_LOSSES["mae"]))
mae_for_smooth = also(another_loss_twice, _but(smooth_l1=_LOSSES["mae"]))
mse_for_smooth = also(another_loss_twice, _but(smooth_l1=_LOSSES["mse"]))


@mistake("torch_losses")
def other_beta(predictions, targets, logits, classes, scores, labels):
    """The smoothed loss is not the one for beta = 1."""
    return _but(smooth_l1=lambda p, t, z, c, s, y: F.smooth_l1_loss(p, t, beta=0.5))(
        predictions, targets, logits, classes, scores, labels
    )


@mistake("torch_losses")
def calls_the_maker(predictions, targets, logits, classes, scores, labels):
    """A line like `nn.MSELoss(…)` only *makes* a loss: what stands in its brackets are settings. The data belong into those of
    a second call."""
    return {
        "mse": nn.MSELoss(predictions, targets),
        "mae": nn.L1Loss(predictions, targets),
        "smooth_l1": nn.SmoothL1Loss(predictions, targets),
        "cross_entropy": nn.CrossEntropyLoss(logits, classes),
        "bce": nn.BCELoss(torch.sigmoid(scores), labels),
        "bce_with_logits": nn.BCEWithLogitsLoss(scores, labels),
    }


makes_mse = also(calls_the_maker, _but(mse=lambda p, t, z, c, s, y: nn.MSELoss(p, t)))
makes_mae = also(calls_the_maker, _but(mae=lambda p, t, z, c, s, y: nn.L1Loss(p, t)))
makes_smooth_l1 = also(calls_the_maker, _but(smooth_l1=lambda p, t, z, c, s, y: nn.SmoothL1Loss(p, t)))
makes_cross_entropy = also(calls_the_maker, _but(cross_entropy=lambda p, t, z, c, s, y: nn.CrossEntropyLoss(z, c)))
makes_bce = also(calls_the_maker, _but(bce=lambda p, t, z, c, s, y: nn.BCELoss(torch.sigmoid(s), y)))
makes_bce_with_logits = also(calls_the_maker, _but(bce_with_logits=lambda p, t, z, c, s, y: nn.BCEWithLogitsLoss(s, y)))


@mistake("torch_losses")
def returns_the_makers(predictions, targets, logits, classes, scores, labels):
    """The loss functions themselves come back. They still have to be called on the data."""
    return {
        "mse": nn.MSELoss(),
        "mae": nn.L1Loss(),
        "smooth_l1": nn.SmoothL1Loss(),
        "cross_entropy": nn.CrossEntropyLoss(),
        "bce": nn.BCELoss(),
        "bce_with_logits": nn.BCEWithLogitsLoss(),
    }


@mistake("torch_losses")
def list_instead_of_dict(predictions, targets, logits, classes, scores, labels):
    """The six numbers are right, but come back without their names. The exercise asks for a dict."""
    return list(_but()(predictions, targets, logits, classes, scores, labels).values())


@mistake("torch_losses", name="rounds")
def rounds_torch(predictions, targets, logits, classes, scores, labels):
    """The results are rounded. Leave them as exact as they come: rounding is for what people read."""
    losses = _but()(predictions, targets, logits, classes, scores, labels)
    return {name: round(loss.item(), 4) for name, loss in losses.items()}


rounds_torch_to_five = also(
    rounds_torch, lambda *given: {name: round(loss.item(), 5) for name, loss in _but()(*given).items()}
)


@mistake("torch_losses", name="works_in_their_array")
def torch_in_place(predictions, targets, logits, classes, scores, labels):
    """The losses are right, but afterwards a tensor of the caller holds something else. Functions whose name ends in an
    underscore change the tensor itself."""
    losses = _but()(predictions, targets, logits, classes, scores, labels)
    scores.sigmoid_()
    return losses


torch_in_place_softmax = also(torch_in_place, lambda *given: (_but()(*given), given[2].copy_(given[2].softmax(1)))[0])


@mistake("torch_losses", name="returns_nothing")
def torch_without_return(predictions, targets, logits, classes, scores, labels):
    """The losses are worked out, and nothing is handed back: a function without a `return` gives None."""


# --- choose_loss ------------------------------------------------------------------------------------

GOOD_CHOICES = {
    "regression": "MSELoss",
    "regression_with_outliers": "SmoothL1Loss",
    "multiclass": "CrossEntropyLoss",
    "binary": "BCEWithLogitsLoss",
    "multilabel": "BCEWithLogitsLoss",
}


def chooses(**otherwise):
    """Good choices but for some tasks."""
    return lambda task: {**GOOD_CHOICES, **otherwise}[task]


@mistake("choose_loss")
def mse_for_classes(task):
    """The MSE is chosen for classes or labels. Their numbers are names: is class 3 three times as much as class 1?"""
    return chooses(multiclass="MSELoss")(task)


mse_for_yes_or_no = also(mse_for_classes, chooses(binary="MSELoss"))
mse_for_labels = also(mse_for_classes, chooses(multilabel="MSELoss"))
mse_for_both = also(mse_for_classes, chooses(multiclass="MSELoss", binary="MSELoss"))
mse_for_all = also(mse_for_classes, chooses(multiclass="MSELoss", binary="MSELoss", multilabel="MSELoss"))


@mistake("choose_loss")
def bce_without_sigmoid(task):
    """BCELoss takes probabilities, and the model gives logits. Which binary loss takes the sigmoid itself?"""
    return chooses(binary="BCELoss")(task)


bce_without_sigmoid_for_labels = also(bce_without_sigmoid, chooses(multilabel="BCELoss"))
bce_without_sigmoid_for_both = also(bce_without_sigmoid, chooses(binary="BCELoss", multilabel="BCELoss"))


@mistake("choose_loss")
def ce_for_multilabel(task):
    """CrossEntropyLoss is chosen for several labels at the same time: its softmax lets only one of them win."""
    return chooses(multilabel="CrossEntropyLoss")(task)


@mistake("choose_loss")
def ce_for_binary(task):
    """CrossEntropyLoss wants a logit for each class. For yes or no the model gives a single one."""
    return chooses(binary="CrossEntropyLoss")(task)


ce_for_binary_and_multilabel = also(ce_for_binary, chooses(binary="CrossEntropyLoss", multilabel="CrossEntropyLoss"))


@mistake("choose_loss")
def nll_on_logits(task):
    """NLLLoss wants log-probabilities (§7), and the model gives logits."""
    return chooses(multiclass="NLLLoss")(task)


@mistake("choose_loss")
def mse_with_outliers(task):
    """With wild targets the MSE follows the wildest (§1). Which loss of numbers does not?"""
    return chooses(regression_with_outliers="MSELoss")(task)


@mistake("choose_loss")
def returns_the_class(task):
    """This returns the class or a loss, and not its name: put it in quotation marks."""
    return getattr(nn, GOOD_CHOICES[task])


returns_a_loss = also(returns_the_class, lambda task: getattr(nn, GOOD_CHOICES[task])())
