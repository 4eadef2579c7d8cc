"""What learners get wrong in lesson 06. A function's name is the mistake's key, its docstring is what the learner reads.

`also(known, attempt)` is another way of making a mistake that is already described.
"""

import math

import numpy as np

from autograder.authoring import also, mistake

# --- count_iterations -------------------------------------------------------------------------------


@mistake("count_iterations")
def floors_always(n, batch_size, epochs, drop_last):
    """The short last batch is never counted. When is it dropped, and when does it make an update of its own?"""
    return epochs * (n // batch_size)


@mistake("count_iterations")
def ceils_when_dropping(n, batch_size, epochs, drop_last):
    """The short last batch is always counted, also where `drop_last` says that it is dropped."""
    return epochs * -(-n // batch_size)


@mistake("count_iterations")
def forgets_epochs(n, batch_size, epochs, drop_last):
    """This is the number of updates in one epoch. How many epochs are there?"""
    return n // batch_size if drop_last else -(-n // batch_size)


@mistake("count_iterations")
def flag_reversed(n, batch_size, epochs, drop_last):
    """The short last batch is counted where it is dropped, and dropped where it is kept."""
    return epochs * (-(-n // batch_size) if drop_last else n // batch_size)


@mistake("count_iterations")
def always_one_more(n, batch_size, epochs, drop_last):
    """Where the data fill their batches exactly, there is no short batch left over. Yours counts one all the same."""
    return epochs * (n // batch_size + (0 if drop_last else 1))


@mistake("count_iterations")
def one_sample_is_a_batch_too(n, batch_size, epochs, drop_last):
    """A single sample that is left over makes a batch, too: a very short one."""
    return epochs * (n // batch_size + (not drop_last and n % batch_size > 1))


@mistake("count_iterations")
def batches_across_epochs(n, batch_size, epochs, drop_last):
    """You count as if batches ran on from one epoch into the next. Each epoch starts with a new batch."""
    total = n * epochs
    return total // batch_size if drop_last else -(-total // batch_size)


@mistake("count_iterations")
def remainder_counted_once(n, batch_size, epochs, drop_last):
    """The short batch is counted once in the whole run. How often does it come round?"""
    return epochs * (n // batch_size) + (not drop_last and n % batch_size != 0)


@mistake("count_iterations")
def fractional_batches(n, batch_size, epochs, drop_last):
    """Your count is not a whole number: n / batch_size keeps a fraction of a batch. Is that batch used or not?"""
    return epochs * n / batch_size


def _fractional_where_kept(n, batch_size, epochs, drop_last):
    return epochs * (n // batch_size if drop_last else n / batch_size)


fractional_batches_kept = also(fractional_batches, _fractional_where_kept)


@mistake("count_iterations")
def rounds(n, batch_size, epochs, drop_last):
    """A short batch counts only where it is at least half full. Who decides whether it is used?"""
    return epochs * (n // batch_size if drop_last else round(n / batch_size))


rounds_always = also(rounds, lambda n, batch_size, epochs, drop_last: epochs * round(n / batch_size))


@mistake("count_iterations")
def counts_samples(n, batch_size, epochs, drop_last):
    """This is how many samples are seen. How many updates do they make, a batch at a time?"""
    return epochs * n


@mistake("count_iterations")
def at_least_one_batch(n, batch_size, epochs, drop_last):
    """With fewer samples than one batch, dropping the short batch leaves no update at all. Yours still makes one."""
    return epochs * max(1, n // batch_size if drop_last else -(-n // batch_size))


more_than_full_batches = also(always_one_more, lambda n, batch_size, epochs, drop_last: epochs * (n // batch_size + 1))
at_least_one_update = also(
    at_least_one_batch,
    lambda n, batch_size, epochs, drop_last: max(1, epochs * (n // batch_size if drop_last else -(-n // batch_size))),
)


# --- split_indices ----------------------------------------------------------------------------------


def _cuts(n, fractions):
    return round(n * fractions[0]), round(n * (fractions[0] + fractions[1]))


def _sizes(n, fractions):
    a, b = _cuts(n, fractions)
    return a, b - a, n - b


@mistake("split_indices")
def overlapping(n, fractions, rng):
    """Some rows are in two parts. What the model has trained on can no longer tell you how good it is."""
    return tuple(rng.permutation(n)[:size] for size in _sizes(n, fractions))


@mistake("split_indices", name="overlapping")
def overlapping_cuts(n, fractions, rng):
    """Rows at the edge are in two parts: one part starts before the one before it has ended."""
    order, (a, b) = rng.permutation(n), _cuts(n, fractions)
    return order[:a], order[a - 1 : b], order[b:]


def _overlapping_second_cut(n, fractions, rng):
    order, (a, b) = rng.permutation(n), _cuts(n, fractions)
    return order[:a], order[a : b + 1], order[b:]


def _choice_of_each(n, fractions, rng):
    return tuple(rng.choice(n, size, replace=False) for size in _sizes(n, fractions))


def _cuts_from_the_start(n, fractions, rng):
    order = rng.permutation(n)
    return tuple(order[:size] for size in _sizes(n, fractions))


overlapping_second_cut = also(overlapping_cuts, _overlapping_second_cut)
overlapping_choices = also(overlapping, _choice_of_each)
overlapping_from_the_start = also(overlapping, _cuts_from_the_start)


@mistake("split_indices")
def unshuffled(n, fractions, rng):
    """The rows are cut in the order in which they lie, and nothing is drawn. What if the file is sorted by class?"""
    order, (a, b) = np.arange(n), _cuts(n, fractions)
    return order[:a], order[a:b], order[b:]


@mistake("split_indices")
def shuffles_within_parts(n, fractions, rng):
    """Each part always gets the same rows, only their order within it changes. Shuffle before you cut."""
    order, (a, b) = np.arange(n), _cuts(n, fractions)
    return rng.permutation(order[:a]), rng.permutation(order[a:b]), rng.permutation(order[b:])


@mistake("split_indices", name="shuffles_within_parts")
def shuffled_and_forgotten(n, fractions, rng):
    """Each part always gets the same rows, though something is drawn. Is it the shuffled numbers that you cut?"""
    rng.permutation(n)
    order, (a, b) = np.arange(n), _cuts(n, fractions)
    return order[:a], order[a:b], order[b:]


@mistake("split_indices")
def loses_remainder(n, fractions, rng):
    """Some rows are in no part: all three sizes were rounded down. Which part takes what is left over?"""
    order = rng.permutation(n)
    a, b, c = (int(n * fraction) for fraction in fractions)
    return order[:a], order[a : a + b], order[a + b : a + b + c]


def _loses_a_row_at_each_cut(n, fractions, rng):
    order, (a, b) = rng.permutation(n), _cuts(n, fractions)
    return order[:a], order[a + 1 : b], order[b:]


@mistake("split_indices", name="loses_remainder")
def loses_the_last_row(n, fractions, rng):
    """Some rows are in no part. Where does each part begin and end, and does an end belong to its part?"""
    order, (a, b) = rng.permutation(n), _cuts(n, fractions)
    return order[:a], order[a:b], order[b:-1]


loses_a_row_at_the_cut = also(loses_the_last_row, _loses_a_row_at_each_cut)


@mistake("split_indices")
def with_replacement(n, fractions, rng):
    """Some rows are drawn more than once, others never: this draws with replacement. Every row goes to exactly one part."""
    order, (a, b) = rng.integers(0, n, size=n), _cuts(n, fractions)
    return order[:a], order[a:b], order[b:]


with_replacement_choice = also(
    with_replacement,
    lambda n, fractions, rng: (lambda order, a, b: (order[:a], order[a:b], order[b:]))(
        rng.choice(n, n), *_cuts(n, fractions)
    ),
)
with_replacement_each = also(
    with_replacement, lambda n, fractions, rng: tuple(rng.integers(0, n, size) for size in _sizes(n, fractions))
)


@mistake("split_indices")
def ignores_rng(n, fractions, rng):
    """The split is a good one, but nothing is drawn from the generator that you were given: nobody can repeat it."""
    order, (a, b) = np.random.default_rng().permutation(n), _cuts(n, fractions)
    return order[:a], order[a:b], order[b:]


@mistake("split_indices")
def own_seed(n, fractions, rng):
    """The split is the same each time, whatever generator you are given: it has a seed of its own."""
    order, (a, b) = np.random.default_rng(42).permutation(n), _cuts(n, fractions)
    return order[:a], order[a:b], order[b:]


@mistake("split_indices")
def wrong_sizes(n, fractions, rng):
    """Every row has its part, but the parts are not of the sizes asked for. Which fraction belongs to which part?"""
    order, (a, b) = rng.permutation(n), _cuts(n, fractions)
    return order[b:], order[:a], order[a:b]


@mistake("split_indices")
def val_and_test_swapped(n, fractions, rng):
    """Validation and test part have each other's sizes. In which order does the exercise want them?"""
    order, (a, b) = rng.permutation(n), _cuts(n, fractions)
    return order[:a], order[b:], order[a:b]


@mistake("split_indices")
def train_and_test_swapped(n, fractions, rng):
    """Train and test part have each other's sizes. In which order does the exercise want them?"""
    order, (a, b) = rng.permutation(n), _cuts(n, fractions)
    return order[b:], order[a:b], order[:a]


@mistake("split_indices")
def fraction_of_the_rest(n, fractions, rng):
    """The train part is right, the other two are not: their fractions are of all n rows, not of what train has left."""
    order = rng.permutation(n)
    a = round(n * fractions[0])
    b = a + round((n - a) * fractions[1])
    return order[:a], order[a:b], order[b:]


second_cut_is_a_fraction = also(
    fraction_of_the_rest,
    lambda n, fractions, rng: (lambda order, a, b: (order[:a], order[a : max(a, b)], order[max(a, b) :]))(
        rng.permutation(n), round(n * fractions[0]), round(n * fractions[1])
    ),
)


@mistake("split_indices")
def equal_parts(n, fractions, rng):
    """All three parts have the same size. What are the fractions for?"""
    return tuple(np.array_split(rng.permutation(n), 3))


@mistake("split_indices")
def a_coin_for_each_row(n, fractions, rng):
    """Each row draws its part by itself, so that the sizes are right on average only. They should hold in every split."""
    part = rng.choice(3, size=n, p=fractions)
    return tuple(np.flatnonzero(part == number) for number in range(3))


@mistake("split_indices")
def random_start(n, fractions, rng):
    """Chance picks where train starts, and from there the rows are cut in their order: neighbours stay together."""
    order, (a, b) = np.roll(np.arange(n), int(rng.integers(n))), _cuts(n, fractions)
    return order[:a], order[a:b], order[b:]


@mistake("split_indices")
def shuffles_train_only(n, fractions, rng):
    """The same rows always end up in one part, or near it: not all rows take part in the shuffle."""
    order, (a, b) = np.arange(n), _cuts(n, fractions)
    order[:b] = rng.permutation(order[:b])
    return order[:a], order[a:b], order[b:]


def _rest_shuffled(n, fractions, rng):
    order, (a, b) = np.arange(n), _cuts(n, fractions)
    order[a:] = rng.permutation(order[a:])
    return order[:a], order[a:b], order[b:]


@mistake("split_indices")
def train_is_the_first_rows(n, fractions, rng):
    """Validation and test are mixed, but train always gets the first rows. Which rows should be shuffled?"""
    return _rest_shuffled(n, fractions, rng)


@mistake("split_indices")
def starts_at_one(n, fractions, rng):
    """Your row numbers run from 1 to n. In Python the first row is number 0."""
    order, (a, b) = rng.permutation(n) + 1, _cuts(n, fractions)
    return order[:a], order[a:b], order[b:]


@mistake("split_indices")
def no_three_parts(n, fractions, rng):
    """What comes back is not three parts of row numbers. The caller unpacks `train, val, test`, and looks rows up by number."""
    order, (a, _) = rng.permutation(n), _cuts(n, fractions)
    return order[:a], order[a:]


def _sizes_only(n, fractions, rng):
    rng.permutation(n)
    return _sizes(n, fractions)


def _whole_order(n, fractions, rng):
    return rng.permutation(n)


def _masks(n, fractions, rng):
    order, (a, b) = rng.permutation(n), _cuts(n, fractions)
    return tuple(np.isin(np.arange(n), part) for part in (order[:a], order[a:b], order[b:]))


no_three_parts_but_sizes = also(no_three_parts, _sizes_only)
no_three_parts_but_one = also(no_three_parts, _whole_order)
no_three_parts_but_masks = also(no_three_parts, _masks)


@mistake("split_indices")
def cut_from_the_end_by_zero(n, fractions, rng):
    """Where the test part has 0 rows, yours gets all of them: try `order[-0:]`. How else can you say where a part begins?"""
    order, first, last = rng.permutation(n), int(n * fractions[0]), int(n * fractions[2])
    return order[:first], order[first:-last], order[-last:]


def _both_cuts_from_the_end(n, fractions, rng):
    order, middle, last = rng.permutation(n), int(n * fractions[1]), int(n * fractions[2])
    return order[: -(middle + last)], order[-(middle + last) : -last], order[-last:]


both_cuts_from_the_end_by_zero = also(cut_from_the_end_by_zero, _both_cuts_from_the_end)


# --- standardize ------------------------------------------------------------------------------------


def _safe(std):
    return np.where(std == 0, 1.0, std)


def _scaled(train, others, mean=None, std=None):
    mean = train.mean(axis=0) if mean is None else mean
    std = _safe(train.std(axis=0)) if std is None else std
    return tuple((array - mean) / std for array in (train, *others))


@mistake("standardize")
def leaks_test_statistics(train, *others):
    """The other arrays take part in mean and std. The model then knows something of data that nobody has seen yet."""
    everything = np.concatenate([train, *others])
    return _scaled(train, others, everything.mean(axis=0), _safe(everything.std(axis=0)))


@mistake("standardize", name="leaks_test_statistics")
def each_by_itself(train, *others):
    """Each array is scaled with its own mean and std. The same reading then means different things in train and test."""
    return tuple((array - array.mean(axis=0)) / _safe(array.std(axis=0)) for array in (train, *others))


each_by_itself_with_epsilon = also(
    each_by_itself,
    lambda train, *others: tuple(
        (array - array.mean(axis=0)) / (array.std(axis=0) + 1e-8) for array in (train, *others)
    ),
)


@mistake("standardize", name="leaks_test_statistics")
def own_mean(train, *others):
    """The std is that of train, but each array has its own mean taken off. Both numbers come from train."""
    return tuple((array - array.mean(axis=0)) / _safe(train.std(axis=0)) for array in (train, *others))


@mistake("standardize", name="leaks_test_statistics")
def own_std(train, *others):
    """The mean is that of train, but each array is divided by its own std. Both numbers come from train."""
    return tuple((array - train.mean(axis=0)) / _safe(array.std(axis=0)) for array in (train, *others))


@mistake("standardize", name="leaks_test_statistics")
def each_by_itself_unguarded(train, *others):
    """Two things: each array is scaled with its own mean and std, and where a std is 0, you divide by it. Begin with the first:
    which array do both numbers come from?"""
    return tuple((array - array.mean(axis=0)) / array.std(axis=0) for array in (train, *others))


@mistake("standardize", name="leaks_test_statistics")
def together_unguarded(train, *others):
    """Two things: the other arrays take part in mean and std, and where a std is 0, you divide by it. Begin with the first:
    which array do both numbers come from?"""
    everything = np.concatenate([train, *others])
    return _scaled(train, others, everything.mean(axis=0), everything.std(axis=0))


@mistake("standardize")
def per_row(train, *others):
    """Mean and std are taken along the rows. Which way do you go to see all values of one column?"""
    return tuple(
        (array - array.mean(axis=1, keepdims=True)) / _safe(array.std(axis=1, keepdims=True))
        for array in (train, *others)
    )


@mistake("standardize")
def divides_by_zero(train, *others):
    """A column that never changes in train has std 0, and you divide by it. What does the exercise say?"""
    return _scaled(train, others, std=train.std(axis=0))


@mistake("standardize")
def one_number_for_all_columns(train, *others):
    """One mean and one std serve the whole table. Each column has its own."""
    return _scaled(train, others, train.mean(), _safe(train.std()))


one_mean_for_all = also(one_number_for_all_columns, lambda train, *others: _scaled(train, others, mean=train.mean()))
one_spread_for_all = also(
    one_number_for_all_columns, lambda train, *others: _scaled(train, others, std=_safe(train.std()))
)


def _ddof(train):
    return train.std(axis=0, ddof=1) if len(train) > 1 else np.zeros(train.shape[1])


@mistake("standardize")
def divides_by_n_minus_one(train, *others):
    """In your std the sum of squares is divided by n − 1, not by n. The exercise asks for `ddof` 0, NumPy's own choice (pandas' is 1)."""
    return _scaled(train, others, std=_safe(_ddof(train)))


n_minus_one_as_it_comes = also(
    divides_by_n_minus_one, lambda train, *others: _scaled(train, others, std=_safe(train.std(axis=0, ddof=1)))
)


@mistake("standardize", name="divides_by_n_minus_one")
def n_minus_one_unguarded(train, *others):
    """Two things: in your std the sum of squares is divided by n − 1 (the exercise asks for `ddof` 0), and a std of 0 is
    divided by."""
    return _scaled(train, others, std=train.std(axis=0, ddof=1))


@mistake("standardize")
def divides_by_variance(train, *others):
    """You divide by the variance. What turns it into a std, in the units of the column?"""
    return _scaled(train, others, std=_safe(train.var(axis=0)))


@mistake("standardize")
def forgets_spread(train, *others):
    """The means are 0 now, but each std is as it was. What is the second step?"""
    return _scaled(train, others, std=1.0)


@mistake("standardize")
def forgets_mean(train, *others):
    """Each std is 1 now, but the means are not 0. What is the first step?"""
    return _scaled(train, others, mean=0.0)


@mistake("standardize")
def adds_epsilon(train, *others):
    """A small number keeps std away from 0. A column that is constant in train then blows up in the other
    arrays, and all others are a little off."""
    return _scaled(train, others, std=train.std(axis=0) + 1e-8)


adds_small_epsilon = also(adds_epsilon, lambda train, *others: _scaled(train, others, std=train.std(axis=0) + 1e-12))
floors_at_epsilon = also(
    adds_epsilon, lambda train, *others: _scaled(train, others, std=np.maximum(train.std(axis=0), 1e-8))
)
floors_at_small_epsilon = also(
    adds_epsilon, lambda train, *others: _scaled(train, others, std=np.maximum(train.std(axis=0), 1e-12))
)


@mistake("standardize")
def spreads_below_one_ignored(train, *others):
    """A column with a std below 1 is not scaled. Only where std is 0 does 1 take its place."""
    return _scaled(train, others, std=np.maximum(train.std(axis=0), 1.0))


@mistake("standardize")
def all_columns_or_none(train, *others):
    """One constant column, and no column is divided by its std any more. Choose column by column."""
    std = train.std(axis=0)
    return _scaled(train, others, std=std if std.all() else 1.0)


all_columns_or_none_left_alone = also(
    all_columns_or_none,
    lambda train, *others: _scaled(train, others) if train.std(axis=0).all() else (train, *others),
)


@mistake("standardize")
def constant_to_zero(train, *others):
    """A column that is constant in train is set to 0 everywhere. Divided by 1, the other arrays keep their differences."""
    still = train.std(axis=0) == 0
    return tuple(np.where(still, 0.0, array) for array in _scaled(train, others))


constant_by_nan = also(
    constant_to_zero,
    lambda train, *others: tuple(
        np.nan_to_num(array, nan=0.0, posinf=0.0, neginf=0.0) for array in _scaled(train, others, std=train.std(axis=0))
    ),
)
constant_by_own_std = also(
    constant_to_zero,
    lambda train, *others: tuple(
        np.divide(
            array - train.mean(axis=0), train.std(axis=0), out=np.zeros(array.shape), where=train.std(axis=0) != 0
        )
        for array in (train, *others)
    ),
)


@mistake("standardize")
def constant_left_alone(train, *others):
    """A column that is constant in train comes back as it was. Its mean is taken off all the same; only the divisor is 1."""
    still = train.std(axis=0) == 0
    return tuple(
        np.where(still, array, scaled) for array, scaled in zip((train, *others), _scaled(train, others), strict=True)
    )


@mistake("standardize")
def drops_constant_columns(train, *others):
    """A column that is constant in train is gone. The exercise keeps all columns."""
    still = train.std(axis=0) == 0
    return tuple(array[:, ~still] for array in _scaled(train, others))


@mistake("standardize")
def min_max(train, *others):
    """This maps the smallest value to 0 and the largest to 1. Standardized columns have mean 0 and std 1."""
    low, high = train.min(axis=0), train.max(axis=0)
    return _scaled(train, others, low, _safe(high - low))


@mistake("standardize")
def returns_train_only(train, *others):
    """Only the train part comes back. The other arrays are wanted as well, in their order."""
    return (_scaled(train, others)[0],)


bare_train_only = also(returns_train_only, lambda train, *others: _scaled(train, others)[0])


@mistake("standardize")
def returns_others_only(train, *others):
    """The train part itself is missing from what comes back."""
    return _scaled(train, others)[1:]


@mistake("standardize")
def leaves_others_unscaled(train, *others):
    """The train part is scaled, the other arrays come back as they were. A model trained on one cannot read the other."""
    return (_scaled(train, ())[0], *others)


@mistake("standardize")
def first_other_only(train, *others):
    """Only one other array is handled. There may be none, one or many."""
    return _scaled(train, others[:1])


@mistake("standardize")
def bare_array_when_alone(train, *others):
    """With no other array, the train part comes back bare. A tuple is asked for, also for one."""
    scaled = _scaled(train, others)
    return scaled if others else scaled[0]


@mistake("standardize")
def one_list_of_others(train, *others):
    """The other arrays come back in a list of their own. The tuple holds all arrays, side by side."""
    scaled = _scaled(train, others)
    return scaled[0], list(scaled[1:])


@mistake("standardize")
def returns_statistics_too(train, *others):
    """More comes back than the scaled arrays. The caller unpacks as many as were handed in."""
    return (*_scaled(train, others), train.mean(axis=0), _safe(train.std(axis=0)))


@mistake("standardize")
def subtracts_in_place(train, *others):
    """You compute inside the arrays that you were given: they change for the caller, and whole numbers cannot hold the result.
    What makes a new array?"""
    return _in_place(train, others)


def _in_place(train, others):
    mean, std = train.mean(axis=0), _safe(train.std(axis=0))
    for array in (train, *others):
        array -= mean
        array /= std
    return (train, *others)


def _train_in_place(train, *others):
    mean, std = train.mean(axis=0), _safe(train.std(axis=0))
    train -= mean
    train /= std
    return (train, *((array - mean) / std for array in others))


subtracts_in_place_from_train = also(subtracts_in_place, _train_in_place)


@mistake("standardize")
def stays_whole(train, *others):
    """Arrays of whole numbers stay whole in yours, and cannot hold the result. The scaled arrays hold fractions."""
    return tuple(
        scaled.astype(array.dtype) for array, scaled in zip((train, *others), _scaled(train, others), strict=True)
    )


def _into_empty(train, *others):
    mean, std = train.mean(axis=0), _safe(train.std(axis=0))
    tables = [np.zeros_like(array) for array in (train, *others)]
    for table, array in zip(tables, (train, *others), strict=True):
        table[:] = (array - mean) / std
    return tuple(tables)


stays_whole_when_filled = also(stays_whole, _into_empty)
stays_whole_and_stops = also(
    stays_whole, lambda train, *others: _in_place(train.copy(), [array.copy() for array in others])
)


@mistake("standardize")
def one_big_table(train, *others):
    """All rows come back in one table. The caller wants the arrays apart."""
    return np.concatenate(_scaled(train, others))


# --- diagnose_fit -----------------------------------------------------------------------------------


def _verdict(t, v, acceptable):
    return "underfit" if t > acceptable else "overfit" if v > 1.5 * t else "good"


def _last_means(train_losses, val_losses):
    return float(np.mean(train_losses[-5:])), float(np.mean(val_losses[-5:]))


@mistake("diagnose_fit")
def looks_at_train_only(train_losses, val_losses, acceptable):
    """The validation losses make no difference to your answer. Overfitting cannot be seen without them."""
    return "underfit" if np.mean(train_losses[-5:]) > acceptable else "good"


@mistake("diagnose_fit")
def swapped(train_losses, val_losses, acceptable):
    """Your two diagnoses are the wrong way round: which of them says that the model cannot even fit what it has seen?"""
    answer = _verdict(*_last_means(train_losses, val_losses), acceptable)
    return {"underfit": "overfit", "overfit": "underfit"}.get(answer, answer)


@mistake("diagnose_fit", name="lists_swapped")
def train_and_validation_swapped(train_losses, val_losses, acceptable):
    """Training and validation losses have changed places. Which list is the first argument?"""
    v, t = _last_means(train_losses, val_losses)
    return _verdict(t, v, acceptable)


@mistake("diagnose_fit")
def last_point_only(train_losses, val_losses, acceptable):
    """You look at the last epoch alone. One epoch can be an accident: the exercise takes the mean of five."""
    return _verdict(train_losses[-1], val_losses[-1], acceptable)


@mistake("diagnose_fit")
def ignores_acceptable(train_losses, val_losses, acceptable):
    """`acceptable` makes no difference to your answer. A gap of zero is no comfort where both losses are far too high."""
    t, v = _last_means(train_losses, val_losses)
    return "overfit" if v > 1.5 * t else "good"


def _underfit_from_the_gap(train_losses, val_losses, acceptable):
    t, v = _last_means(train_losses, val_losses)
    return "overfit" if v > 1.5 * t else "underfit" if t > 1.5 * v else "good"


ignores_acceptable_gap_only = also(ignores_acceptable, _underfit_from_the_gap)


@mistake("diagnose_fit")
def asks_for_overfit_first(train_losses, val_losses, acceptable):
    """A model that is bad on both sides, and worse on validation, is called overfit. Which question comes first?"""
    t, v = _last_means(train_losses, val_losses)
    return "overfit" if v > 1.5 * t else "underfit" if t > acceptable else "good"


@mistake("diagnose_fit")
def mean_of_all_epochs(train_losses, val_losses, acceptable):
    """The early epochs take part in your means. How the run started does not matter any more; where it ended does."""
    return _verdict(float(np.mean(train_losses)), float(np.mean(val_losses)), acceptable)


@mistake("diagnose_fit")
def first_five_epochs(train_losses, val_losses, acceptable):
    """These are the means of the *first* five epochs. Where did the run end?"""
    return _verdict(float(np.mean(train_losses[:5])), float(np.mean(val_losses[:5])), acceptable)


@mistake("diagnose_fit")
def all_but_the_first_five(train_losses, val_losses, acceptable):
    """These are the means of all epochs *but* the first five. Print your slice for a run of six: which five should it hold?"""
    t, v = (float(np.mean(losses[5:])) if losses[5:] else math.nan for losses in (train_losses, val_losses))
    return _verdict(t, v, acceptable)


@mistake("diagnose_fit")
def fifth_from_the_end_only(train_losses, val_losses, acceptable):
    """You look at one epoch alone, the fifth from the end. The exercise takes the mean from there on."""
    return _verdict(train_losses[-5], val_losses[-5], acceptable)


@mistake("diagnose_fit")
def best_instead_of_mean(train_losses, val_losses, acceptable):
    """You take the smallest of the losses. The exercise takes the mean of the last five."""
    return _verdict(min(train_losses[-5:]), min(val_losses[-5:]), acceptable)


best_of_all = also(
    best_instead_of_mean,
    lambda train_losses, val_losses, acceptable: _verdict(min(train_losses), min(val_losses), acceptable),
)


@mistake("diagnose_fit")
def median_instead_of_mean(train_losses, val_losses, acceptable):
    """You take the median of the last five. The exercise takes their mean."""
    return _verdict(float(np.median(train_losses[-5:])), float(np.median(val_losses[-5:])), acceptable)


@mistake("diagnose_fit", name="sums_instead_of_means")
def sums(train_losses, val_losses, acceptable):
    """The sum of five losses is compared with `acceptable`, which is meant for one."""
    return _verdict(sum(train_losses[-5:]), sum(val_losses[-5:]), acceptable)


@mistake("diagnose_fit")
def wrong_window(train_losses, val_losses, acceptable):
    """Your mean is not over the last five epochs, but over one more or one less. Print the slice for a run of six."""
    return _verdict(float(np.mean(train_losses[-4:])), float(np.mean(val_losses[-4:])), acceptable)


def _windows(slice_of):
    def attempt(train_losses, val_losses, acceptable):
        return _verdict(float(np.mean(slice_of(train_losses))), float(np.mean(slice_of(val_losses))), acceptable)

    return attempt


wrong_window_of_six = also(wrong_window, _windows(lambda losses: losses[-6:]))
wrong_window_without_last = also(wrong_window, _windows(lambda losses: losses[-5:-1]))


@mistake("diagnose_fit")
def any_gap_is_overfitting(train_losses, val_losses, acceptable):
    """Any validation loss above the training loss is called overfitting. A small gap is normal; the exercise names its size."""
    t, v = _last_means(train_losses, val_losses)
    return "underfit" if t > acceptable else "overfit" if v > t else "good"


@mistake("diagnose_fit")
def gap_by_difference(train_losses, val_losses, acceptable):
    """You look at how much larger v is, not at how many *times* larger. Compare v with a multiple of t."""
    t, v = _last_means(train_losses, val_losses)
    return "underfit" if t > acceptable else "overfit" if v - t > 1.5 else "good"


gap_by_half = also(
    gap_by_difference,
    lambda train_losses, val_losses, acceptable: (
        lambda t, v: "underfit" if t > acceptable else "overfit" if v - t > 0.5 else "good"
    )(*_last_means(train_losses, val_losses)),
)


@mistake("diagnose_fit")
def ties_count(train_losses, val_losses, acceptable):
    """A tie goes to the wrong side. “More than” is not “at least”: what should exactly `acceptable`, or exactly 1.5 times, be?"""
    t, v = _last_means(train_losses, val_losses)
    return "underfit" if t >= acceptable else "overfit" if v >= 1.5 * t else "good"


ties_count_for_underfit = also(
    ties_count,
    lambda train_losses, val_losses, acceptable: (
        lambda t, v: "underfit" if t >= acceptable else "overfit" if v > 1.5 * t else "good"
    )(*_last_means(train_losses, val_losses)),
)
ties_count_for_overfit = also(
    ties_count,
    lambda train_losses, val_losses, acceptable: (
        lambda t, v: "underfit" if t > acceptable else "overfit" if v >= 1.5 * t else "good"
    )(*_last_means(train_losses, val_losses)),
)


@mistake("diagnose_fit")
def compares_validation_with_acceptable(train_losses, val_losses, acceptable):
    """A high *validation* loss makes you say underfit. Underfitting shows on the data that the model has seen."""
    t, v = _last_means(train_losses, val_losses)
    return "underfit" if v > acceptable else "overfit" if v > 1.5 * t else "good"


@mistake("diagnose_fit")
def both_must_be_high(train_losses, val_losses, acceptable):
    """You call it underfit only where both losses are above `acceptable`. The rule asks about the training loss alone."""
    t, v = _last_means(train_losses, val_losses)
    return "underfit" if t > acceptable and v > acceptable else "overfit" if v > 1.5 * t else "good"


@mistake("diagnose_fit")
def overfit_needs_high_validation(train_losses, val_losses, acceptable):
    """You call it overfit only where the validation loss is above `acceptable`, too. The rule compares it with t alone."""
    t, v = _last_means(train_losses, val_losses)
    return "underfit" if t > acceptable else "overfit" if v > 1.5 * t and v > acceptable else "good"


overfit_from_acceptable = also(
    overfit_needs_high_validation,
    lambda train_losses, val_losses, acceptable: (
        lambda t, v: "underfit" if t > acceptable else "overfit" if v > acceptable else "good"
    )(*_last_means(train_losses, val_losses)),
)


@mistake("diagnose_fit")
def validation_against_acceptable(train_losses, val_losses, acceptable):
    """You compare v with a multiple of `acceptable`. The rule compares it with a multiple of t."""
    t, v = _last_means(train_losses, val_losses)
    return "underfit" if t > acceptable else "overfit" if v > 1.5 * acceptable else "good"


@mistake("diagnose_fit")
def multiplies_validation(train_losses, val_losses, acceptable):
    """Also where v is *smaller* than t you find overfitting. Which of the two is multiplied by 1.5?"""
    t, v = _last_means(train_losses, val_losses)
    return "underfit" if t > acceptable else "overfit" if 1.5 * v > t else "good"


@mistake("diagnose_fit")
def twice_as_large(train_losses, val_losses, acceptable):
    """The border between good and overfit is not where the exercise puts it: how many times t?"""
    t, v = _last_means(train_losses, val_losses)
    return "underfit" if t > acceptable else "overfit" if v > 2 * t else "good"


@mistake("diagnose_fit", seen_in=("every answer is one of the three words",))
def other_words(train_losses, val_losses, acceptable):
    """An answer of yours is not one of the three words "underfit", "overfit" and "good". They are compared letter by letter."""
    return {"underfit": "underfitting", "overfit": "overfitting"}.get(
        answer := _verdict(*_last_means(train_losses, val_losses), acceptable), answer
    )


# --- best_epoch -------------------------------------------------------------------------------------


def _walk(losses, patience, better=lambda new, old: new < old, enough=lambda waited, patience: waited >= patience):
    best = 0
    for k, loss in enumerate(losses):
        if k and better(loss, losses[best]):
            best = k
        if enough(k - best, patience):
            return best, k
    return best, len(losses) - 1


@mistake("best_epoch")
def counts_from_start(val_losses, patience):
    """You stop after `patience` epochs, counted from the start. Patience is counted from the last time it got better."""
    stopped = min(patience, len(val_losses) - 1)
    return int(np.argmin(val_losses[: stopped + 1])), stopped


counts_all_bad_epochs_from_start = also(
    counts_from_start,
    lambda val_losses, patience: (lambda stop: (min(range(stop + 1), key=val_losses.__getitem__), stop))(
        min(patience - 1, len(val_losses) - 1)
    ),
)


@mistake("best_epoch")
def patience_off_by_one(val_losses, patience):
    """You stop an epoch too late or too early. With patience 2 and the best at epoch 3, the run stops at epoch 5."""
    return _walk(val_losses, patience, enough=lambda waited, p: waited > p)


def _too_early(val_losses, patience):
    best = 0
    for k, loss in enumerate(val_losses):
        if loss < val_losses[best]:
            best = k
        elif k and k - best >= patience - 1:
            return best, k
    return best, len(val_losses) - 1


patience_off_by_one_early = also(patience_off_by_one, _too_early)
patience_off_by_one_stop = also(
    patience_off_by_one,
    lambda val_losses, patience: (lambda best, stopped: (best, min(stopped + 1, len(val_losses) - 1)))(
        *_walk(val_losses, patience)
    ),
)
patience_off_by_one_at_once = also(
    patience_off_by_one,
    lambda val_losses, patience: _walk(val_losses, patience, enough=lambda waited, p: waited >= p - 1),
)


@mistake("best_epoch")
def ties_reset(val_losses, patience):
    """A loss that only equals the best so far starts the count anew. The best is the *first* smallest."""
    return _walk(val_losses, patience, better=lambda new, old: new <= old)


@mistake("best_epoch")
def ties_do_not_count(val_losses, patience):
    """An epoch that only equals the best does not count as waiting in yours. It has brought nothing better."""
    best = waited = 0
    for k, loss in enumerate(val_losses):
        if loss < val_losses[best]:
            best, waited = k, 0
        elif loss > val_losses[best]:
            waited += 1
        if waited >= patience:
            return best, k
    return best, len(val_losses) - 1


@mistake("best_epoch")
def counts_rises_in_a_row(val_losses, patience):
    """You count epochs that are worse than the one before. Patience asks about the best so far, not about the last one."""
    best, bad = 0, 0
    for k in range(1, len(val_losses)):
        if val_losses[k] < val_losses[best]:
            best = k
        bad = bad + 1 if val_losses[k] >= val_losses[k - 1] else 0
        if bad >= patience:
            return best, k
    return best, len(val_losses) - 1


def _strict_rises_in_a_row(val_losses, patience):
    best, bad = 0, 0
    for k in range(1, len(val_losses)):
        if val_losses[k] < val_losses[best]:
            best = k
        bad = bad + 1 if val_losses[k] > val_losses[k - 1] else 0
        if bad >= patience:
            return best, k
    return best, len(val_losses) - 1


counts_strict_rises_in_a_row = also(counts_rises_in_a_row, _strict_rises_in_a_row)


@mistake("best_epoch")
def never_forgets_bad_epochs(val_losses, patience):
    """Bad epochs add up over the whole run. When a new best comes, the count starts again at 0."""
    best, bad = 0, 0
    for k in range(1, len(val_losses)):
        if val_losses[k] < val_losses[best]:
            best = k
        else:
            bad += 1
        if bad >= patience:
            return best, k
    return best, len(val_losses) - 1


@mistake("best_epoch")
def sees_the_future(val_losses, patience):
    """Your best epoch comes after the stop: that epoch was never trained. Only the losses so far are known."""
    return int(np.argmin(val_losses)), _walk(val_losses, patience)[1]


@mistake("best_epoch")
def never_stops(val_losses, patience):
    """Your run always goes on to its end. What is patience for?"""
    return int(np.argmin(val_losses)), len(val_losses) - 1


stops_from_the_global_best = also(
    sees_the_future,
    lambda val_losses, patience: (
        int(np.argmin(val_losses)),
        min(int(np.argmin(val_losses)) + patience, len(val_losses) - 1),
    ),
)


@mistake("best_epoch")
def stops_at_first_rise(val_losses, patience):
    """You stop at the first epoch that is no better. `patience` says how long to wait."""
    return _walk(val_losses, 1)


@mistake("best_epoch")
def order_swapped(val_losses, patience):
    """Both numbers are right, but they come back in the wrong order."""
    return _walk(val_losses, patience)[::-1]


@mistake("best_epoch")
def counts_from_one(val_losses, patience):
    """Your epochs are numbered from 1. The first epoch is number 0."""
    best, stopped = _walk(val_losses, patience)
    return best + 1, stopped + 1


stop_counts_from_one = also(
    counts_from_one, lambda val_losses, patience: (lambda b, s: (b, s + 1))(*_walk(val_losses, patience))
)


@mistake("best_epoch")
def numbers_shifted(val_losses, patience):
    """Your epochs are numbered one too low: the loop begins with the second loss and calls it epoch 0."""
    best, stopped = _walk(val_losses, patience)
    return max(best - 1, 0), max(stopped - 1, 0)


def _from(start):
    def attempt(val_losses, patience):
        lowest, best, bad = start, 0, 0
        for k, loss in enumerate(val_losses):
            if loss < lowest:
                lowest, best, bad = loss, k, 0
            else:
                bad += 1
            if bad >= patience:
                return best, k
        return best, len(val_losses) - 1

    return attempt


@mistake("best_epoch")
def starts_from_a_made_up_number(val_losses, patience):
    """Your search starts from a number that you made up, and losses that are all larger never become the best. What is larger
    than any loss, or which loss is always there?"""
    return _from(1e9)(val_losses, patience)


starts_from_a_hundred = also(starts_from_a_made_up_number, _from(100))


@mistake("best_epoch")
def smallest_gain(val_losses, patience):
    """A very small gain does not count as a gain in yours. In the exercise every smaller loss is a new best."""
    return _walk(val_losses, patience, better=lambda new, old: new < old - 1e-4)


smallest_gain_larger = also(
    smallest_gain,
    lambda val_losses, patience: _walk(val_losses, patience, better=lambda new, old: new < old - 1e-3),
)


@mistake("best_epoch")
def returns_loss(val_losses, patience):
    """Instead of the number of the best epoch you return its loss."""
    best, stopped = _walk(val_losses, patience)
    return val_losses[best], stopped


@mistake("best_epoch")
def best_only(val_losses, patience):
    """Only one number comes back. The caller wants two: the best epoch, and the one at which training stopped."""
    return _walk(val_losses, patience)[0]


stopped_only = also(best_only, lambda val_losses, patience: _walk(val_losses, patience)[1])


@mistake("best_epoch")
def end_is_length(val_losses, patience):
    """Where nothing stops the run, you return its length. What is the number of the last epoch, counted from 0?"""
    best, stopped = _walk(val_losses, patience)
    ran_out = stopped == len(val_losses) - 1 and stopped - best < patience
    return best, stopped + 1 if ran_out else stopped


@mistake("best_epoch")
def nothing_at_the_end(val_losses, patience):
    """Where the run ends before patience does, nothing comes back. What happens after your loop?"""
    best, stopped = _walk(val_losses, patience)
    return (best, stopped) if stopped - best >= patience else None


@mistake("best_epoch")
def nothing_but_none_at_the_end(val_losses, patience):
    """Where the run ends before patience does, the second number is missing. The run then stopped at its last epoch."""
    best, stopped = _walk(val_losses, patience)
    return best, stopped if stopped - best >= patience else None


@mistake("best_epoch")
def stop_is_the_best(val_losses, patience):
    """You return the best epoch twice. Training went on after it: until when?"""
    return (_walk(val_losses, patience)[0],) * 2


@mistake("best_epoch")
def worst_epoch(val_losses, patience):
    """You look for the largest loss. For a loss, smaller is better."""
    return _walk(val_losses, patience, better=lambda new, old: new > old)


@mistake("best_epoch")
def best_before_the_stop_is_last(val_losses, patience):
    """Your best is `patience` epochs before the stop. Where the run ends by itself that is not so."""
    stopped = _walk(val_losses, patience)[1]
    return max(stopped - patience, 0), stopped


# --- confusion_matrix -------------------------------------------------------------------------------


def _counts(y_true, y_pred, k):
    counts = np.zeros((k, k), dtype=int)
    np.add.at(counts, (y_true, y_pred), 1)
    return counts


@mistake("confusion_matrix")
def transposed(y_true, y_pred, k):
    """Rows and columns have changed places. Which of them is the true class?"""
    return _counts(y_true, y_pred, k).T


@mistake("confusion_matrix")
def normalised(y_true, y_pred, k):
    """These are shares. The exercise asks for counts: how many samples, not which part of them."""
    return _counts(y_true, y_pred, k) / len(y_true)


def _rows_normalised(y_true, y_pred, k):
    counts = _counts(y_true, y_pred, k)
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def _rows_divided(y_true, y_pred, k):
    counts = _counts(y_true, y_pred, k)
    return counts / counts.sum(axis=1, keepdims=True)


normalised_rows = also(normalised, _rows_normalised)
normalised_rows_nan = also(normalised, _rows_divided)
normalised_columns = also(normalised, lambda y_true, y_pred, k: _rows_normalised(y_pred, y_true, k).T)


@mistake("confusion_matrix")
def skips_missing_class(y_true, y_pred, k):
    """A class that does not occur has no row and no column in yours. The matrix is (k, k) whatever occurs."""
    classes = np.unique(np.concatenate([y_true, y_pred]))
    return _counts(y_true, y_pred, k)[np.ix_(classes, classes)]


def _up_to_the_largest(y_true, y_pred, k):
    most = max(y_true.max(), y_pred.max()) + 1
    return _counts(y_true, y_pred, k)[:most, :most]


skips_classes_not_true = also(
    skips_missing_class,
    lambda y_true, y_pred, k: (lambda seen: _counts(y_true, y_pred, k)[np.ix_(seen, seen)])(np.unique(y_true)),
)
skips_beyond_the_largest = also(skips_missing_class, _up_to_the_largest)


@mistake("confusion_matrix")
def each_cell_once(y_true, y_pred, k):
    """No cell ever gets beyond 1: of several samples that fall into the same cell only one is counted."""
    counts = np.zeros((k, k), dtype=int)
    counts[y_true, y_pred] += 1
    return counts


@mistake("confusion_matrix", name="each_cell_once")
def each_cell_once_transposed(y_true, y_pred, k):
    """Two things: no cell ever gets beyond 1, however many samples fall into it; and rows and columns have changed places."""
    counts = np.zeros((k, k), dtype=int)
    counts[y_pred, y_true] += 1
    return counts


@mistake("confusion_matrix")
def bins_of_what_occurs(y_true, y_pred, k):
    """Your k bins lie between the smallest and the largest class that occur. Each class from 0 to k − 1 needs its own."""
    return np.histogram2d(y_true, y_pred, bins=k)[0]


@mistake("confusion_matrix")
def hits_only(y_true, y_pred, k):
    """Only the diagonal is filled. Errors are counted, too: each has its own cell."""
    return np.diag(np.diag(_counts(y_true, y_pred, k)))


@mistake("confusion_matrix")
def errors_only(y_true, y_pred, k):
    """The diagonal is empty. Right predictions are counted, too."""
    counts = _counts(y_true, y_pred, k)
    return counts - np.diag(np.diag(counts))


@mistake("confusion_matrix")
def symmetric(y_true, y_pred, k):
    """Each error is counted twice, once in each direction. An 8 that is taken for a 3 is not a 3 taken for an 8."""
    counts = _counts(y_true, y_pred, k)
    return counts + counts.T - np.diag(np.diag(counts))


symmetric_with_the_diagonal = also(
    symmetric, lambda y_true, y_pred, k: _counts(y_true, y_pred, k) + _counts(y_true, y_pred, k).T
)


@mistake("confusion_matrix")
def flat_counts(y_true, y_pred, k):
    """The counts are right, but they stand in one long row. Which shape is asked for?"""
    return _counts(y_true, y_pred, k).ravel()


@mistake("confusion_matrix")
def starts_with_ones(y_true, y_pred, k):
    """Every cell is 1 too large. What does the matrix hold before the first sample is counted?"""
    return 1 + _counts(y_true, y_pred, k)


@mistake("confusion_matrix", name="returns_accuracy")
def one_number(y_true, y_pred, k):
    """This is one number for all. The matrix says *which* class is taken for which."""
    return float(np.mean(y_true == y_pred))


@mistake("confusion_matrix")
def one_row_too_many(y_true, y_pred, k):
    """The matrix is larger than (k, k): the classes are 0 … k − 1."""
    return _counts(y_true, y_pred, k + 1)


@mistake("confusion_matrix", name="one_against_the_rest")
def four_numbers(y_true, y_pred, k):
    """These are hits and errors of each class, without saying for which class it was taken."""
    counts = _counts(y_true, y_pred, k)
    hits = np.diag(counts)
    return np.stack([hits, counts.sum(axis=0) - hits, counts.sum(axis=1) - hits], axis=1)


# --- precision_recall -------------------------------------------------------------------------------


def _hits_predicted_actual(y_true, y_pred, k):
    counts = _counts(y_true, y_pred, k)
    return np.diag(counts), counts.sum(axis=0), counts.sum(axis=1)


def _precision_recall(y_true, y_pred, k):
    hits, predicted, actual = _hits_predicted_actual(y_true, y_pred, k)
    return hits / np.maximum(predicted, 1), hits / np.maximum(actual, 1)


@mistake("precision_recall")
def swaps_denominators(y_true, y_pred, k):
    """Precision and recall have changed places. Precision asks: of those that I *called* so, how many were it?"""
    return _precision_recall(y_true, y_pred, k)[::-1]


@mistake("precision_recall")
def micro_only(y_true, y_pred, k):
    """This is one number for all classes together. Each class has a precision and a recall of its own."""
    share = float(np.mean(y_true == y_pred))
    return share, share


micro_for_each = also(micro_only, lambda y_true, y_pred, k: (np.full(k, np.mean(y_true == y_pred)),) * 2)
macro_only = also(micro_only, lambda y_true, y_pred, k: tuple(map(np.mean, _precision_recall(y_true, y_pred, k))))


@mistake("precision_recall")
def nan_when_empty(y_true, y_pred, k):
    """Where nothing is counted below, yours is 0 divided by 0. What does the exercise say for this case?"""
    hits, predicted, actual = _hits_predicted_actual(y_true, y_pred, k)
    return hits / predicted, hits / actual


nan_precision_when_empty = also(
    nan_when_empty,
    lambda y_true, y_pred, k: (lambda hits, predicted, actual: (hits / predicted, hits / np.maximum(actual, 1)))(
        *_hits_predicted_actual(y_true, y_pred, k)
    ),
)
nan_recall_when_empty = also(
    nan_when_empty,
    lambda y_true, y_pred, k: (lambda hits, predicted, actual: (hits / np.maximum(predicted, 1), hits / actual))(
        *_hits_predicted_actual(y_true, y_pred, k)
    ),
)


@mistake("precision_recall")
def one_when_empty(y_true, y_pred, k):
    """Where nothing is counted below, yours is 1. The exercise says 0: a class that was never found earns nothing."""
    hits, predicted, actual = _hits_predicted_actual(y_true, y_pred, k)
    return (
        np.where(predicted == 0, 1.0, hits / np.maximum(predicted, 1)),
        np.where(actual == 0, 1.0, hits / np.maximum(actual, 1)),
    )


@mistake("precision_recall")
def divides_by_all(y_true, y_pred, k):
    """You divide by the number of all samples. Whose hits are you asking about?"""
    hits, *_ = _hits_predicted_actual(y_true, y_pred, k)
    return hits / len(y_true), hits / len(y_true)


@mistake("precision_recall")
def precision_twice(y_true, y_pred, k):
    """Both of yours are the precision. Recall divides by something else."""
    return (_precision_recall(y_true, y_pred, k)[0],) * 2


@mistake("precision_recall")
def recall_twice(y_true, y_pred, k):
    """Both of yours are the recall. Precision divides by something else."""
    return (_precision_recall(y_true, y_pred, k)[1],) * 2


@mistake("precision_recall")
def divides_by_errors(y_true, y_pred, k):
    """You divide by the errors alone. The hits belong to what is counted below as well."""
    hits, predicted, actual = _hits_predicted_actual(y_true, y_pred, k)
    return hits / np.maximum(predicted - hits, 1), hits / np.maximum(actual - hits, 1)


divides_by_errors_nan = also(
    divides_by_errors,
    lambda y_true, y_pred, k: (lambda hits, predicted, actual: (hits / (predicted - hits), hits / (actual - hits)))(
        *_hits_predicted_actual(y_true, y_pred, k)
    ),
)


@mistake("precision_recall")
def accuracy_per_class(y_true, y_pred, k):
    """The samples that are neither this class nor taken for it count as hits. They make every class look good."""
    hits, predicted, actual = _hits_predicted_actual(y_true, y_pred, k)
    share = (len(y_true) - predicted - actual + 2 * hits) / len(y_true)
    return share, share


@mistake("precision_recall", name="skips_missing_class")
def skips_missing_classes(y_true, y_pred, k):
    """A class that does not occur has no entry in yours. There are k entries, whatever occurs."""
    classes = np.unique(np.concatenate([y_true, y_pred]))
    precision, recall = _precision_recall(y_true, y_pred, k)
    return precision[classes], recall[classes]


@mistake("precision_recall")
def precision_only(y_true, y_pred, k):
    """Only one array comes back. The caller unpacks two."""
    return _precision_recall(y_true, y_pred, k)[0]


@mistake("precision_recall")
def pairs_of_each_class(y_true, y_pred, k):
    """You return one pair for each class. The caller unpacks two: all precisions, then all recalls."""
    return np.stack(_precision_recall(y_true, y_pred, k), axis=1)


@mistake("precision_recall")
def whole_number_division(y_true, y_pred, k):
    """All of yours are 0 or 1: `//` leaves the fraction away."""
    hits, predicted, actual = _hits_predicted_actual(y_true, y_pred, k)
    return hits // np.maximum(predicted, 1), hits // np.maximum(actual, 1)


@mistake("precision_recall")
def last_class_only(y_true, y_pred, k):
    """One number each comes back. Each of the k classes has its own."""
    precision, recall = _precision_recall(y_true, y_pred, k)
    return precision[k - 1], recall[k - 1]


positive_class_only = also(
    last_class_only,
    lambda y_true, y_pred, k: (lambda precision, recall: (precision[1], recall[1]))(
        *_precision_recall(y_true, y_pred, k)
    ),
)


@mistake("precision_recall")
def f1_as_well(y_true, y_pred, k):
    """Three arrays come back. The caller unpacks two: precision and recall."""
    precision, recall = _precision_recall(y_true, y_pred, k)
    total = precision + recall
    return precision, recall, 2 * precision * recall / np.where(total == 0, 1, total)


# --- f1_scores --------------------------------------------------------------------------------------


def _f1(y_true, y_pred, k):
    hits, predicted, actual = _hits_predicted_actual(y_true, y_pred, k)
    return 2 * hits / np.maximum(predicted + actual, 1)


@mistake("f1_scores", name="micro_only")
def micro_f1(y_true, y_pred, k):
    """This is one number for all classes together, and no other than the accuracy. Each class has its own F1."""
    return float(np.mean(y_true == y_pred))


f1_micro_for_each = also(micro_f1, lambda y_true, y_pred, k: np.full(k, np.mean(y_true == y_pred)))


@mistake("f1_scores", name="macro_only")
def macro_only_f1(y_true, y_pred, k):
    """You return the mean over the classes. That is what people call macro F1; here each class keeps its own."""
    return float(np.mean(_f1(y_true, y_pred, k)))


f1_weighted = also(
    macro_only_f1,
    lambda y_true, y_pred, k: float(np.average(_f1(y_true, y_pred, k), weights=np.bincount(y_true, minlength=k))),
)
f1_of_means = also(
    macro_only_f1,
    lambda y_true, y_pred, k: (lambda p, r: 2 * p * r / (p + r) if p + r else 0.0)(
        *(float(np.mean(x)) for x in _precision_recall(y_true, y_pred, k))
    ),
)


@mistake("f1_scores", name="nan_when_empty")
def nan_f1(y_true, y_pred, k):
    """Where precision and recall are both 0, yours is 0 divided by 0. What does the exercise say for this case?"""
    precision, recall = _precision_recall(y_true, y_pred, k)
    return 2 * precision * recall / (precision + recall)


def _nan_from_precision(y_true, y_pred, k):
    hits, predicted, actual = _hits_predicted_actual(y_true, y_pred, k)
    precision, recall = hits / predicted, hits / actual
    return 2 * precision * recall / (precision + recall)


nan_f1_from_its_parts = also(nan_f1, _nan_from_precision)
nan_f1_from_counts = also(
    nan_f1,
    lambda y_true, y_pred, k: (lambda hits, predicted, actual: 2 * hits / (predicted + actual))(
        *_hits_predicted_actual(y_true, y_pred, k)
    ),
)


@mistake("f1_scores")
def arithmetic_mean(y_true, y_pred, k):
    """This is the ordinary mean of precision and recall. It gives half the points to a model that cries wolf all day."""
    return sum(_precision_recall(y_true, y_pred, k)) / 2


@mistake("f1_scores")
def geometric_mean(y_true, y_pred, k):
    """This is the geometric mean: the root of a product. F1 is the harmonic mean."""
    precision, recall = _precision_recall(y_true, y_pred, k)
    return np.sqrt(precision * recall)


@mistake("f1_scores")
def missing_factor_two(y_true, y_pred, k):
    """All of yours are half as large as they should be: perfect predictions get 0.5. What is missing in front?"""
    return _f1(y_true, y_pred, k) / 2


@mistake("f1_scores")
def product_only(y_true, y_pred, k):
    """This is the product of the two. What is it divided by?"""
    precision, recall = _precision_recall(y_true, y_pred, k)
    return precision * recall


@mistake("f1_scores")
def precision_alone(y_true, y_pred, k):
    """This is the precision alone."""
    return _precision_recall(y_true, y_pred, k)[0]


@mistake("f1_scores")
def recall_alone(y_true, y_pred, k):
    """This is the recall alone."""
    return _precision_recall(y_true, y_pred, k)[1]


@mistake("f1_scores")
def jaccard(y_true, y_pred, k):
    """You count the hits once, above and below: this is the IoU of each class. In F1 they count twice."""
    hits, predicted, actual = _hits_predicted_actual(y_true, y_pred, k)
    return hits / np.maximum(predicted + actual - hits, 1)


@mistake("f1_scores")
def smaller_of_the_two(y_true, y_pred, k):
    """This is the smaller of precision and recall. F1 lies between the two."""
    return np.minimum(*_precision_recall(y_true, y_pred, k))


@mistake("f1_scores", name="one_when_empty")
def f1_one_when_empty(y_true, y_pred, k):
    """Where precision and recall are both 0, yours is 1. The exercise says 0."""
    scores = _f1(y_true, y_pred, k)
    return np.where(scores == 0, 1.0, scores)


f1_one_when_nothing = also(
    f1_one_when_empty,
    lambda y_true, y_pred, k: (
        lambda hits, predicted, actual: np.where(
            predicted + actual == 0, 1.0, 2 * hits / np.maximum(predicted + actual, 1)
        )
    )(*_hits_predicted_actual(y_true, y_pred, k)),
)


@mistake("f1_scores", name="skips_missing_class")
def f1_skips_missing(y_true, y_pred, k):
    """A class that does not occur has no entry in yours. There are k entries, whatever occurs."""
    return _f1(y_true, y_pred, k)[np.unique(np.concatenate([y_true, y_pred]))]


@mistake("f1_scores")
def all_three(y_true, y_pred, k):
    """More than one array comes back. F1 is one number for each class."""
    return (*_precision_recall(y_true, y_pred, k), _f1(y_true, y_pred, k))


# --- iou --------------------------------------------------------------------------------------------


def _areas(pred_mask, mask):
    return float((pred_mask & mask).sum()), float((pred_mask | mask).sum())


def _over(above, below):
    return np.float64(above) / np.float64(below)


@mistake("iou")
def dice(pred_mask, mask):
    """This is the Dice score, where common pixels count twice. IoU divides by the pixels that at least one mask marks."""
    total = int(pred_mask.sum()) + int(mask.sum())
    return 1.0 if total == 0 else 2 * float((pred_mask & mask).sum()) / total


@mistake("iou")
def divides_by_prediction(pred_mask, mask):
    """You divide by the pixels that were predicted: that is the precision. A single pixel, well placed, would get 1."""
    both, either = _areas(pred_mask, mask)
    return 1.0 if either == 0 else both / max(float(pred_mask.sum()), 1.0)


@mistake("iou")
def divides_by_mask(pred_mask, mask):
    """You divide by the pixels of the true mask: that is the recall. Who marks the whole picture would get 1."""
    both, either = _areas(pred_mask, mask)
    return 1.0 if either == 0 else both / max(float(mask.sum()), 1.0)


divides_by_prediction_nan = also(
    divides_by_prediction, lambda pred_mask, mask: _over((pred_mask & mask).sum(), pred_mask.sum())
)
divides_by_mask_nan = also(divides_by_mask, lambda pred_mask, mask: _over((pred_mask & mask).sum(), mask.sum()))
divides_by_prediction_one = also(
    divides_by_prediction,
    lambda pred_mask, mask: 1.0 if not pred_mask.any() else float((pred_mask & mask).sum() / pred_mask.sum()),
)
divides_by_mask_one = also(
    divides_by_mask, lambda pred_mask, mask: 1.0 if not mask.any() else float((pred_mask & mask).sum() / mask.sum())
)
divides_by_prediction_zero = also(
    divides_by_prediction,
    lambda pred_mask, mask: 0.0 if not pred_mask.any() else float((pred_mask & mask).sum() / pred_mask.sum()),
)
divides_by_mask_zero = also(
    divides_by_mask, lambda pred_mask, mask: 0.0 if not mask.any() else float((pred_mask & mask).sum() / mask.sum())
)


@mistake("iou", name="nan_when_empty")
def nan_when_empty_masks(pred_mask, mask):
    """Where both masks are empty, yours is 0 divided by 0. Nothing was there and nothing was found: what does the exercise
    say?"""
    return _over(*_areas(pred_mask, mask))


def _raises_when_empty(pred_mask, mask):
    both, either = _areas(pred_mask, mask)
    return both / either


raises_when_empty = also(nan_when_empty_masks, _raises_when_empty)


@mistake("iou")
def zero_when_empty(pred_mask, mask):
    """Where both masks are empty, yours is 0. Nothing was there and nothing was found: that is not a failure."""
    both, either = _areas(pred_mask, mask)
    return both / max(either, 1.0)


zero_when_empty_by_epsilon = also(
    zero_when_empty, lambda pred_mask, mask: (lambda b, e: b / (e + 1e-8))(*_areas(pred_mask, mask))
)


@mistake("iou")
def one_when_either_is_empty(pred_mask, mask):
    """One empty mask is enough to get 1 from you. Only where *both* are empty do they agree."""
    both, either = _areas(pred_mask, mask)
    return 1.0 if not (pred_mask.any() and mask.any()) else both / either


one_when_no_overlap = also(
    one_when_either_is_empty, lambda pred_mask, mask: (lambda b, e: 1.0 if b == 0 else b / e)(*_areas(pred_mask, mask))
)


@mistake("iou")
def pixel_accuracy(pred_mask, mask):
    """This is the share of pixels that are right, background included. On a picture that is mostly background, it is
    always high."""
    return float(np.mean(pred_mask == mask))


def _agreement(pred_mask, mask):
    return float((pred_mask == mask).sum()), float((pred_mask | mask).sum())


@mistake("iou")
def background_counts_as_common(pred_mask, mask):
    """Above you count the pixels on which the masks agree, background included. Common pixels are marked in both."""
    agree, either = _agreement(pred_mask, mask)
    return 1.0 if either == 0 else agree / either


background_counts_as_common_unguarded = also(
    background_counts_as_common, lambda pred_mask, mask: _over(*_agreement(pred_mask, mask))
)


@mistake("iou")
def common_pixels_counted_twice(pred_mask, mask):
    """You divide by both areas added up, in which the common pixels are counted twice. Equal masks would get 0.5."""
    total = float(pred_mask.sum() + mask.sum())
    return 1.0 if total == 0 else float((pred_mask & mask).sum()) / total


@mistake("iou")
def divides_by_the_larger_mask(pred_mask, mask):
    """You divide by the larger of the two areas. The union also holds what only the smaller mask marks."""
    both, either = _areas(pred_mask, mask)
    return 1.0 if either == 0 else both / float(max(pred_mask.sum(), mask.sum()))


@mistake("iou")
def divides_by_the_smaller_mask(pred_mask, mask):
    """You divide by the smaller of the two areas: a single pixel, well placed, would get 1. What is the union?"""
    both, either = _areas(pred_mask, mask)
    return 1.0 if either == 0 else both / max(float(min(pred_mask.sum(), mask.sum())), 1.0)


@mistake("iou")
def divides_by_all_pixels(pred_mask, mask):
    """You divide by all pixels of the picture. Two small masks that agree perfectly would get next to nothing."""
    both, either = _areas(pred_mask, mask)
    return 1.0 if either == 0 else both / mask.size


divides_by_all_pixels_always = also(divides_by_all_pixels, lambda pred_mask, mask: float(np.mean(pred_mask & mask)))


@mistake("iou")
def share_of_disagreement(pred_mask, mask):
    """This is the share that the masks disagree on: equal masks get 0. IoU asks for the other part."""
    both, either = _areas(pred_mask, mask)
    return 0.0 if either == 0 else 1 - both / either


share_of_disagreement_but_empty = also(
    share_of_disagreement, lambda pred_mask, mask: (lambda b, e: 1.0 if e == 0 else 1 - b / e)(*_areas(pred_mask, mask))
)


@mistake("iou")
def upside_down(pred_mask, mask):
    """Yours is 1 or larger: union over intersection. Which of them belongs above?"""
    both, either = _areas(pred_mask, mask)
    return 1.0 if either == 0 else float(np.float64(either) / np.float64(both))


@mistake("iou")
def divides_by_difference(pred_mask, mask):
    """You divide by the pixels that *exactly one* mask marks. The union holds the common pixels, too."""
    both, either = _areas(pred_mask, mask)
    return 1.0 if either == 0 else float(np.float64(both) / np.float64(either - both))


@mistake("iou")
def counts_pixels(pred_mask, mask):
    """This is a number of pixels. What is it divided by?"""
    return float((pred_mask & mask).sum())


@mistake("iou")
def iou_of_background(pred_mask, mask):
    """This is the IoU of the background: True marks the object, False the rest."""
    both, either = _areas(~pred_mask, ~mask)
    return 1.0 if either == 0 else both / either


@mistake("iou")
def mean_over_rows(pred_mask, mask):
    """You get one number for each row of pixels, or their mean. IoU counts over the whole picture at once."""
    both, either = (pred_mask & mask).sum(axis=-1), (pred_mask | mask).sum(axis=-1)
    return np.where(either == 0, 1.0, both / np.maximum(either, 1))


mean_over_rows_as_a_number = also(
    mean_over_rows,
    lambda pred_mask, mask: float(
        np.mean(
            np.where(
                (pred_mask | mask).sum(axis=-1) == 0,
                1.0,
                (pred_mask & mask).sum(axis=-1) / np.maximum((pred_mask | mask).sum(axis=-1), 1),
            )
        )
    ),
)


@mistake("iou")
def adds_epsilon_to_both(pred_mask, mask):
    """A little is added above and below: no division by zero any more, but no value is exact. Where is it needed?"""
    both, either = _areas(pred_mask, mask)
    return (both + 1e-6) / (either + 1e-6)


adds_larger_epsilon = also(
    adds_epsilon_to_both, lambda pred_mask, mask: (lambda b, e: (b + 1) / (e + 1))(*_areas(pred_mask, mask))
)


@mistake("iou")
def percent(pred_mask, mask):
    """Yours is in percent. The exercise asks for a share between 0 and 1."""
    both, either = _areas(pred_mask, mask)
    return 100.0 if either == 0 else 100 * both / either


@mistake("iou")
def rounded(pred_mask, mask):
    """Your value is rounded. Return it as it is."""
    both, either = _areas(pred_mask, mask)
    return 1.0 if either == 0 else math.floor(100 * both / either) / 100


rounded_to_two = also(
    rounded, lambda pred_mask, mask: (lambda b, e: 1.0 if e == 0 else round(b / e, 2))(*_areas(pred_mask, mask))
)
rounded_to_four = also(
    rounded, lambda pred_mask, mask: (lambda b, e: 1.0 if e == 0 else round(b / e, 4))(*_areas(pred_mask, mask))
)
