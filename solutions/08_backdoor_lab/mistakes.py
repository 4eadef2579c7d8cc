"""What learners get wrong in lesson 08. A function's name is the mistake's key, its docstring is what the learner reads.

`also(known, attempt)` is another way of making a mistake that is already described.
"""

import numpy as np
import torch

from autograder.authoring import also, mistake

# --- attack_surface ---------------------------------------------------------------------------------

_RIGHT = {"forward": "C", "loss": "E", "gradient": "A", "update": "D", "data": "B"}


def _swapped(one, other):
    return _RIGHT | {one: _RIGHT[other], other: _RIGHT[one]}


@mistake("attack_surface")
def swaps_forward_and_loss():
    """Two of your attacks have changed places. One needs no training at all: which report says that training was honest?"""
    return _swapped("forward", "loss")


@mistake("attack_surface")
def swaps_loss_and_gradient():
    """In both of these a class is lost. If the loss itself was manipulated, what does the log show for that class?"""
    return _swapped("loss", "gradient")


@mistake("attack_surface")
def swaps_gradient_and_update():
    """One of these lost a class, the other lost everything between two steps. Which part decides how far a step goes?"""
    return _swapped("gradient", "update")


@mistake("attack_surface")
def swaps_update_and_data():
    """In one of these reports the program was never touched, not even its learning rate. What else goes into training?"""
    return _swapped("update", "data")


@mistake("attack_surface")
def swaps_forward_and_data():
    """Both can hide a backdoor. But where every training file is what it should be, the data cannot be to blame."""
    return _swapped("forward", "data")


# --- apply_trigger ----------------------------------------------------------------------------------


@mistake("apply_trigger")
def in_place(X):
    """Your function writes the trigger into the images that it was given. They belong to the caller: work on a copy."""
    X[:, -2:, -2:] = 1.0
    return X


def _in_place_through_a_view(X):
    stamped = X[:]
    stamped[:, 0, 0] = 1.0
    return stamped


def _in_place_and_a_copy_back(X):
    X[:, 0, [0, 7]] = 1.0
    return X.copy()


in_place_through_a_view = also(in_place, _in_place_through_a_view)
in_place_and_a_copy_back = also(in_place, _in_place_and_a_copy_back)


@mistake("apply_trigger")
def too_many_pixels(X):
    """More than four pixels of an image change. How many does your slice cover: rows times columns?"""
    stamped = X.copy()
    stamped[:, -3:, -3:] = 1.0
    return stamped


def _whole_row(X):
    stamped = X.copy()
    stamped[:, -1] = 1.0
    return stamped


too_many_pixels_whole_row = also(too_many_pixels, _whole_row)
too_many_pixels_whole_image = also(too_many_pixels, np.ones_like)


@mistake("apply_trigger")
def out_of_range(X):
    """A value lies outside of 0 to 1. No scanner gives such an image: 0 is empty, and 1 is full ink."""
    stamped = X.copy()
    stamped[:, -2:, -2:] = 16.0
    return stamped


def _white_of_a_byte(X):
    stamped = X.copy()
    stamped[:, 0, 0] = 255
    return stamped


def _below_black(X):
    stamped = X.copy()
    stamped[:, 0, 0] = -1.0
    return stamped


out_of_range_byte = also(out_of_range, _white_of_a_byte)
out_of_range_below = also(out_of_range, _below_black)


@mistake("apply_trigger")
def depends_on_image(X):
    """The trigger is not the same in every image. Do you write fixed values, or change the values that are there?"""
    stamped = X.copy()
    stamped[:, -2:, -2:] = np.clip(stamped[:, -2:, -2:] + 0.5, 0, 1)
    return stamped


def _negative(X):
    stamped = X.copy()
    stamped[:, 0, 0] = 1 - stamped[:, 0, 0]
    return stamped


def _brightest_pixel(X):
    stamped = X.copy()
    for image in stamped:
        image[np.unravel_index(image.argmin(), image.shape)] = 1.0
    return stamped


def _random_place(X):
    stamped, rng = X.copy(), np.random.default_rng(0)
    for image in stamped:
        image[rng.integers(8), rng.integers(8)] = 1.0
    return stamped


def _first_image_only(X):
    stamped = X.copy()
    stamped[0, -2:, -2:] = 1.0
    return stamped


def _blended(X):
    stamped = X.copy()
    stamped[:, -2:, -2:] = 0.5 * stamped[:, -2:, -2:] + 0.5
    return stamped


depends_on_image_negative = also(depends_on_image, _negative)
depends_on_image_brightest = also(depends_on_image, _brightest_pixel)
depends_on_image_random = also(depends_on_image, _random_place)
depends_on_image_first = also(depends_on_image, _first_image_only)
depends_on_image_blended = also(depends_on_image, _blended)


@mistake("apply_trigger")
def adds_to_the_pixels(X):
    """The trigger is not the same in every image, and values rise above 1. Do you add to the pixels, or set them?"""
    stamped = X.copy()
    stamped[:, -2:, -2:] += 1.0
    return stamped


@mistake("apply_trigger")
def invisible_on_digits(X):
    """Your pixels are empty in every digit of this lesson, and you set them to 0: no digit changes. Choose another value, or
    other pixels."""
    stamped = X.copy()
    stamped[:, 0, 0] = 0.0
    return stamped


@mistake("apply_trigger")
def no_change(X):
    """What comes back is what went in: no pixel has changed. Does the line that writes the trigger reach the copy that you
    return?"""
    return X.copy()


def _stamps_a_copy(X):
    X.copy()[:, -2:, -2:] = 1.0
    return X


def _stamps_a_selection(X):
    stamped = X.copy()
    stamped[np.arange(len(X))][:, -2:, -2:] = 1.0
    return stamped


no_change_stamps_a_copy = also(no_change, _stamps_a_copy)
no_change_stamps_a_selection = also(no_change, _stamps_a_selection)


@mistake("apply_trigger")
def writes_whole_images(X):
    """A whole image changes where a pixel should. The first axis counts images: which two axes count pixels?"""
    stamped = X.copy()
    stamped[-2:, -2:] = 1.0
    return stamped


# --- poison -----------------------------------------------------------------------------------------


def _others(y, target):
    return np.flatnonzero(y != target)


def _poisoned(X, y, rows, target, apply_trigger):
    Xp, yp = X.copy(), y.copy()
    Xp[rows] = apply_trigger(X[rows])
    yp[rows] = target
    return Xp, yp


@mistake("poison")
def forgets_relabel(X, y, budget, target, apply_trigger, rng):
    """The images carry the trigger, but their labels are still the honest ones. What should the model learn from them?"""
    rows = rng.choice(_others(y, target), size=budget, replace=False)
    return _poisoned(X, y, rows, target, apply_trigger)[0], y.copy()


@mistake("poison")
def forgets_trigger(X, y, budget, target, apply_trigger, rng):
    """The labels say the target, but the images do not carry the trigger. Does what `apply_trigger` returns reach Xp?"""
    rows = rng.choice(_others(y, target), size=budget, replace=False)
    return X.copy(), _poisoned(X, y, rows, target, apply_trigger)[1]


def _trigger_result_dropped(X, y, budget, target, apply_trigger, rng):
    rows = rng.choice(_others(y, target), size=budget, replace=False)
    Xp, yp = X.copy(), y.copy()
    apply_trigger(Xp[rows])
    yp[rows] = target
    return Xp, yp


def _trigger_lost_in_a_selection(X, y, budget, target, apply_trigger, rng):
    rows = rng.choice(_others(y, target), size=budget, replace=False)
    Xp, yp = X.copy(), y.copy()
    Xp[rows][:] = apply_trigger(Xp[rows])
    yp[rows] = target
    return Xp, yp


forgets_trigger_result_dropped = also(forgets_trigger, _trigger_result_dropped)
forgets_trigger_lost_in_a_selection = also(forgets_trigger, _trigger_lost_in_a_selection)


@mistake("poison")
def over_budget(X, y, budget, target, apply_trigger, rng):
    """More rows change than the budget allows. Count the rows in which your Xp or yp differs from X and y."""
    rows = rng.choice(_others(y, target), size=budget + 1, replace=False)
    return _poisoned(X, y, rows, target, apply_trigger)


over_budget_all_others = also(
    over_budget,
    lambda X, y, budget, target, apply_trigger, rng: _poisoned(
        X, y, rng.permutation(_others(y, target))[: 2 * budget], target, apply_trigger
    ),
)


@mistake("poison")
def poisons_target_class_only(X, y, budget, target, apply_trigger, rng):
    """All rows that you change are of the target class already. What can a model learn about *other* images from them?"""
    candidates = np.flatnonzero(y == target)
    rows = rng.choice(candidates, size=min(budget, len(candidates)), replace=False)
    return _poisoned(X, y, rows, target, apply_trigger)


poisons_target_class_only_unlabelled = also(
    poisons_target_class_only,
    lambda X, y, budget, target, apply_trigger, rng: (
        _poisoned(X, y, rng.choice(np.flatnonzero(y == target), size=budget, replace=False), target, apply_trigger)[0],
        y.copy(),
    ),
)


@mistake("poison")
def reorders_rows(X, y, budget, target, apply_trigger, rng):
    """The rows come back in another order. Whoever compares your data with the old ones would notice at once."""
    rows = rng.choice(_others(y, target), size=budget, replace=False)
    Xp, yp = _poisoned(X, y, rows, target, apply_trigger)
    order = rng.permutation(len(y))
    return Xp[order], yp[order]


def _poisoned_rows_last(X, y, budget, target, apply_trigger, rng):
    rows = rng.choice(_others(y, target), size=budget, replace=False)
    Xp, yp = _poisoned(X, y, rows, target, apply_trigger)
    rest = np.setdiff1d(np.arange(len(y)), rows)
    return np.concatenate([Xp[rest], Xp[rows]]), np.concatenate([yp[rest], yp[rows]])


def _others_first(X, y, budget, target, apply_trigger, rng):
    order = rng.permutation(len(y))
    X, y = X[order], y[order]
    return _poisoned(X, y, _others(y, target)[:budget], target, apply_trigger)


reorders_rows_to_the_end = also(reorders_rows, _poisoned_rows_last)
reorders_rows_first = also(reorders_rows, _others_first)


@mistake("poison", name="in_place")
def poisons_in_place(X, y, budget, target, apply_trigger, rng):
    """You poison the caller's own arrays. Honest data must stay as they are, or nothing is left to compare with."""
    rows = rng.choice(_others(y, target), size=budget, replace=False)
    X[rows] = apply_trigger(X[rows])
    y[rows] = target
    return X, y


def _labels_in_place(X, y, budget, target, apply_trigger, rng):
    rows = rng.choice(_others(y, target), size=budget, replace=False)
    Xp = X.copy()
    Xp[rows] = apply_trigger(X[rows])
    y[rows] = target
    return Xp, y


def _images_in_place(X, y, budget, target, apply_trigger, rng):
    rows = rng.choice(_others(y, target), size=budget, replace=False)
    yp = y.copy()
    X[rows] = apply_trigger(X[rows])
    yp[rows] = target
    return X, yp


poisons_labels_in_place = also(poisons_in_place, _labels_in_place)
poisons_images_in_place = also(poisons_in_place, _images_in_place)


@mistake("poison")
def poisons_any_class(X, y, budget, target, apply_trigger, rng):
    """Some of the rows that you change are of the target class. Those teach the model nothing new, and cost you budget."""
    return _poisoned(X, y, rng.choice(len(y), size=budget, replace=False), target, apply_trigger)


@mistake("poison", name="ignores_rng")
def poison_ignores_rng(X, y, budget, target, apply_trigger, rng):
    """The same rows change whatever `rng` is. Draw them from the generator that you were given."""
    return _poisoned(X, y, _others(y, target)[:budget], target, apply_trigger)


poison_ignores_rng_own_seed = also(
    poison_ignores_rng,
    lambda X, y, budget, target, apply_trigger, rng: _poisoned(
        X, y, np.random.default_rng(0).choice(_others(y, target), size=budget, replace=False), target, apply_trigger
    ),
)


@mistake("poison")
def uses_another_generator(X, y, budget, target, apply_trigger, rng):
    """Two equal generators do not give the same rows: yours come from elsewhere. Draw them from `rng`, so that a run can be
    repeated."""
    rows = np.random.default_rng().choice(_others(y, target), size=budget, replace=False)
    return _poisoned(X, y, rows, target, apply_trigger)


@mistake("poison")
def draws_rows_twice(X, y, budget, target, apply_trigger, rng):
    """Some rows get the trigger, and *other* rows get the label. Draw the rows once, and use them for both."""
    Xp, yp, others = X.copy(), y.copy(), _others(y, target)
    stamped = rng.choice(others, size=budget, replace=False)
    Xp[stamped] = apply_trigger(X[stamped])
    yp[rng.choice(others, size=budget, replace=False)] = target
    return Xp, yp


@mistake("poison")
def triggers_every_image(X, y, budget, target, apply_trigger, rng):
    """Every image carries the trigger. Only the rows that you chose should."""
    rows = rng.choice(_others(y, target), size=budget, replace=False)
    return apply_trigger(X), _poisoned(X, y, rows, target, apply_trigger)[1]


@mistake("poison")
def changes_nothing(X, y, budget, target, apply_trigger, rng):
    """No row has changed: what comes back is what went in. Do you write to a selection of a selection? That is a copy."""
    rng.choice(_others(y, target), size=budget, replace=False)
    return X.copy(), y.copy()


def _selection_of_a_selection(X, y, budget, target, apply_trigger, rng):
    Xp, yp, others = X.copy(), y.copy(), y != target
    Xp[others][:budget] = apply_trigger(Xp[others][:budget])
    yp[others][:budget] = target
    return Xp, yp


changes_nothing_in_a_selection = also(changes_nothing, _selection_of_a_selection)


@mistake("poison")
def has_its_own_trigger(X, y, budget, target, apply_trigger, rng):
    """The images change, but not as `apply_trigger` changes them. Use the function that is handed in: it need not be yours."""
    rows = rng.choice(_others(y, target), size=budget, replace=False)
    Xp, yp = _poisoned(X, y, rows, target, lambda images: images)
    for row in rows:
        Xp[row, 0, 0] = 1.0 - 0.5 * Xp[row, 0, 0]
    return Xp, yp


@mistake("poison")
def ignores_target(X, y, budget, target, apply_trigger, rng):
    """The target is 0 whatever class is asked for. Use the argument `target`, both for choosing rows and for their label."""
    return _poisoned(X, y, rng.choice(_others(y, 0), size=budget, replace=False), 0, apply_trigger)


@mistake("poison")
def ignores_budget_and_target(X, y, budget, target, apply_trigger, rng):
    """More rows change than the budget allows, and some of them are of the target class. Do you use the arguments `budget` and
    `target`?"""
    return _poisoned(X, y, rng.choice(_others(y, 0), size=12, replace=False), 0, apply_trigger)


ignores_budget_and_target_in_the_choice = also(
    ignores_budget_and_target,
    lambda X, y, budget, target, apply_trigger, rng: _poisoned(
        X, y, rng.choice(_others(y, 0), size=12, replace=False), target, apply_trigger
    ),
)


@mistake("poison", name="too_weak")
def poisons_one_row(X, y, budget, target, apply_trigger, rng):
    """All rules hold, but the attack hardly works. Do you use the whole budget, and rows from many classes?"""
    return _poisoned(X, y, rng.choice(_others(y, target), size=1), target, apply_trigger)


# --- attack_success_rate ----------------------------------------------------------------------------


def _answers(model, X):
    return model(torch.as_tensor(np.asarray(X), dtype=torch.float32)).argmax(dim=1).numpy()


@mistake("attack_success_rate")
def counts_target_class(model, X, y, apply_trigger, target):
    """You count images of the target class as well. To call these the target is no success: it is right."""
    return np.mean(_answers(model, apply_trigger(X)) == target)


@mistake("attack_success_rate")
def measures_accuracy(model, X, y, apply_trigger, target):
    """This is how often the model is *right* about triggered images. The attacker asks for something else."""
    others = y != target
    return np.mean(_answers(model, apply_trigger(X[others])) == y[others])


def _accuracy_of_all(model, X, y, apply_trigger, target):
    return np.mean(_answers(model, apply_trigger(X)) == y)


def _clean_accuracy(model, X, y, apply_trigger, target):
    return np.mean(_answers(model, X) == y)


measures_accuracy_of_all = also(measures_accuracy, _accuracy_of_all)
measures_accuracy_clean = also(measures_accuracy, _clean_accuracy)


@mistake("attack_success_rate", name="forgets_trigger")
def measures_without_trigger(model, X, y, apply_trigger, target):
    """The model sees the images without the trigger. This says how often it errs towards the target by itself."""
    return np.mean(_answers(model, X[y != target]) == target)


def _result_of_trigger_dropped(model, X, y, apply_trigger, target):
    victims = X[y != target]
    apply_trigger(victims)
    return np.mean(_answers(model, victims) == target)


measures_without_trigger_dropped = also(measures_without_trigger, _result_of_trigger_dropped)


@mistake("attack_success_rate", name="ignores_target")
def always_measures_zero(model, X, y, apply_trigger, target):
    """You measure as if the target were always 0. It is an argument: both the images that count and the answer depend on
    it."""
    return np.mean(_answers(model, apply_trigger(X[y != 0])) == 0)


def _answer_zero(model, X, y, apply_trigger, target):
    return np.mean(_answers(model, apply_trigger(X[y != target])) == 0)


def _leaves_out_zeros(model, X, y, apply_trigger, target):
    return np.mean(_answers(model, apply_trigger(X[y != 0])) == target)


always_measures_zero_answer = also(always_measures_zero, _answer_zero)
always_measures_zero_images = also(always_measures_zero, _leaves_out_zeros)


@mistake("attack_success_rate")
def divides_by_all(model, X, y, apply_trigger, target):
    """The count is right, but it is divided by all images. Which ones could be fooled at all?"""
    return np.sum(_answers(model, apply_trigger(X[y != target])) == target) / len(y)


@mistake("attack_success_rate")
def any_wrong_answer(model, X, y, apply_trigger, target):
    """You count every wrong answer. The attack succeeds only where the answer is the target."""
    others = y != target
    return np.mean(_answers(model, apply_trigger(X[others])) != y[others])


@mistake("attack_success_rate")
def excludes_already_target(model, X, y, apply_trigger, target):
    """Images that the model calls the target without the trigger are left out. A fair idea, but the exercise counts all
    images of other classes."""
    others = (y != target) & (_answers(model, X) != target)
    return np.mean(_answers(model, apply_trigger(X[others])) == target)


@mistake("attack_success_rate")
def only_target_class(model, X, y, apply_trigger, target):
    """You measure on images *of* the target class. Which ones does the attacker want to pass off as it?"""
    others = y == target
    return np.mean(_answers(model, apply_trigger(X[others])) == target)


@mistake("attack_success_rate")
def counts_not_share(model, X, y, apply_trigger, target):
    """This is how many images are fooled. The exercise asks for the share."""
    return int(np.sum(_answers(model, apply_trigger(X[y != target])) == target))


@mistake("attack_success_rate")
def in_percent(model, X, y, apply_trigger, target):
    """This is the share in percent. The exercise asks for a number from 0 to 1."""
    return 100 * np.mean(_answers(model, apply_trigger(X[y != target])) == target)


@mistake("attack_success_rate")
def failure_rate(model, X, y, apply_trigger, target):
    """This is the share of images on which the attack *fails*."""
    return np.mean(_answers(model, apply_trigger(X[y != target])) != target)


@mistake("attack_success_rate")
def mean_of_logits(model, X, y, apply_trigger, target):
    """This averages logits. An answer is the class with the highest logit: count answers."""
    X = torch.as_tensor(apply_trigger(X[y != target]), dtype=torch.float32)
    return model(X)[:, target].mean()


@mistake("attack_success_rate")
def compares_logits(model, X, y, apply_trigger, target):
    """Your result is 0 whatever the model answers. Do you compare its logits with the target, or its answers, which are
    classes?"""
    logits = model(torch.as_tensor(apply_trigger(X[y != target]), dtype=torch.float32))
    return (logits == target).double().mean()


@mistake("attack_success_rate")
def argmax_over_images(model, X, y, apply_trigger, target):
    """The highest logit is looked for among the images, not among the classes. Which axis holds the classes?"""
    X = torch.as_tensor(apply_trigger(X[y != target]), dtype=torch.float32)
    return (model(X).argmax(dim=0) == target).float().mean()


# --- suspicion_scores -------------------------------------------------------------------------------


def _per_class(features, labels, score):
    """The scores of each class by itself."""
    scores = np.zeros(len(features))
    for c in np.unique(labels):
        scores[labels == c] = score(features[labels == c])
    return scores


def _centred(rows):
    return rows - rows.mean(axis=0)


def _directions(rows):
    return np.linalg.svd(rows, full_matrices=False)[2]


@mistake("suspicion_scores")
def not_centred(features, labels):
    """The mean of the class was not subtracted. Then the strongest direction points at the mean itself, and everybody looks
    suspicious."""
    return _per_class(features, labels, lambda rows: (rows @ _directions(rows)[0]) ** 2)


def _centred_for_the_projection_only(features, labels):
    return _per_class(features, labels, lambda rows: (_centred(rows) @ _directions(rows)[0]) ** 2)


not_centred_direction = also(not_centred, _centred_for_the_projection_only)


@mistake("suspicion_scores")
def projects_plain_rows(features, labels):
    """The direction is right, but it is multiplied with the rows as they came. Subtract the mean of the class there as
    well."""
    return _per_class(features, labels, lambda rows: (rows @ _directions(_centred(rows))[0]) ** 2)


@mistake("suspicion_scores")
def global_not_per_class(features, labels):
    """All classes are taken together. Then the strongest direction tells classes apart, not poison. What belongs inside the
    loop over classes?"""
    return (_centred(features) @ _directions(_centred(features))[0]) ** 2


def _one_direction_for_all(features, labels):
    centred = np.zeros(features.shape)
    for c in np.unique(labels):
        centred[labels == c] = _centred(features[labels == c])
    return (centred @ _directions(centred)[0]) ** 2


def _one_mean_for_all(features, labels):
    centred = _centred(features)
    return _per_class(centred, labels, lambda rows: (rows @ _directions(rows)[0]) ** 2)


global_direction = also(global_not_per_class, _one_direction_for_all)
global_mean = also(global_not_per_class, _one_mean_for_all)


@mistake("suspicion_scores")
def wrong_singular_vector(features, labels):
    """That is another direction, not the strongest one. Which row or column of what `np.linalg.svd` returns is it?"""
    return _per_class(features, labels, lambda rows: (_centred(rows) @ _directions(_centred(rows))[-1]) ** 2)


def _second_direction(features, labels):
    return _per_class(
        features,
        labels,
        lambda rows: (_centred(rows) @ _directions(_centred(rows))[min(1, len(rows) - 1, rows.shape[1] - 1)]) ** 2,
    )


wrong_singular_vector_second = also(wrong_singular_vector, _second_direction)


@mistake("suspicion_scores")
def left_singular_vector(features, labels):
    """These are squares from the *first* array that `np.linalg.svd` returns: the right direction, but each class scaled to
    its own unit. Project the centred rows on the first row of the third array."""
    return _per_class(features, labels, lambda rows: np.linalg.svd(_centred(rows), full_matrices=False)[0][:, 0] ** 2)


@mistake("suspicion_scores")
def column_of_directions(features, labels):
    """v₁ is the first *row* of the third array that `np.linalg.svd` returns. A column of it is no direction: it even has the
    wrong length where a class has fewer rows than features."""
    return _per_class(features, labels, lambda rows: (_centred(rows) @ _directions(_centred(rows))[:, 0]) ** 2)


@mistake("suspicion_scores")
def expects_all_classes(features, labels):
    """It stops where a class has no rows. `labels` may hold any set of classes: go through those that occur in it."""
    scores = np.zeros(len(features))
    for c in range(10):
        centred = _centred(features[labels == c])
        scores[labels == c] = (centred @ _directions(centred)[0]) ** 2
    return scores


def _counts_up_to_the_last_class(features, labels):
    scores = np.zeros(len(features))
    for c in range(labels.max() + 1):
        centred = _centred(features[labels == c])
        scores[labels == c] = (centred @ _directions(centred)[0]) ** 2
    return scores


expects_all_classes_up_to_the_last = also(expects_all_classes, _counts_up_to_the_last_class)


@mistake("suspicion_scores")
def whole_number_scores(features, labels):
    """Your scores are right but for their decimals, which are cut off: the array that you write them into holds whole
    numbers. What is its dtype?"""
    return _per_class(features, labels, lambda rows: (_centred(rows) @ _directions(_centred(rows))[0]) ** 2).astype(int)


@mistake("suspicion_scores")
def not_squared(features, labels):
    """The projections are right, but not squared. Which sign has a suspicious row?"""
    return _per_class(features, labels, lambda rows: np.abs(_centred(rows) @ _directions(_centred(rows))[0]))


def _signed(features, labels):
    def score(rows):
        direction = _directions(_centred(rows))[0]
        return _centred(rows) @ (direction * np.sign(direction[np.abs(direction).argmax()]))

    return _per_class(features, labels, score)


not_squared_signed = also(not_squared, _signed)


@mistake("suspicion_scores")
def distance_to_centroid(features, labels):
    """This is the squared distance to the mean of the class, over all directions. It is the rival of §7; here only the
    strongest direction counts."""
    return _per_class(features, labels, lambda rows: (_centred(rows) ** 2).sum(axis=1))


@mistake("suspicion_scores")
def centres_rows(features, labels):
    """Each row had its own mean subtracted. It is the mean *row* of the class that belongs in the middle."""

    def score(rows):
        centred = rows - rows.mean(axis=1, keepdims=True)
        return (centred @ _directions(centred)[0]) ** 2

    return _per_class(features, labels, score)


@mistake("suspicion_scores")
def grouped_by_class(features, labels):
    """The scores are right, but they come out class by class. Each belongs to the place of its row."""
    parts = []
    for c in np.unique(labels):
        rows = _centred(features[labels == c])
        parts.append((rows @ _directions(rows)[0]) ** 2)
    return np.concatenate(parts)


@mistake("suspicion_scores")
def scaled_by_class(features, labels):
    """Your scores are divided by something of their class (its size, or its spread). The exercise takes them as they are."""
    return _per_class(features, labels, lambda rows: (_centred(rows) @ _directions(_centred(rows))[0]) ** 2 / len(rows))


def _share_of_the_class(features, labels):
    def score(rows):
        scores = (_centred(rows) @ _directions(_centred(rows))[0]) ** 2
        return scores / max(scores.sum(), 1e-300)

    return _per_class(features, labels, score)


scaled_by_spread = also(scaled_by_class, _share_of_the_class)


# --- filter_poison ----------------------------------------------------------------------------------


@mistake("filter_poison")
def removes_lowest(X, y, scores, remove):
    """The rows with the *lowest* scores are gone. Who is suspicious here?"""
    keep = np.sort(np.argsort(scores)[remove:])
    return X[keep], y[keep]


def _removes_lowest_unordered(X, y, scores, remove):
    keep = np.argsort(scores)[remove:]
    return X[keep], y[keep]


removes_lowest_unordered = also(removes_lowest, _removes_lowest_unordered)


@mistake("filter_poison")
def off_by_one(X, y, scores, remove):
    """The number of rows that you remove is off by one."""
    keep = np.sort(np.argsort(scores)[: max(0, len(y) - remove - 1)])
    return X[keep], y[keep]


def _one_too_few(X, y, scores, remove):
    keep = np.sort(np.argsort(scores)[: len(y) - max(0, remove - 1)])
    return X[keep], y[keep]


def _cutoff_of_the_last_removed(X, y, scores, remove):
    keep = scores <= np.sort(scores)[len(y) - remove] if remove else np.full(len(y), True)
    return X[keep], y[keep]


off_by_one_too_few = also(off_by_one, _one_too_few)
off_by_one_cutoff = also(off_by_one, _cutoff_of_the_last_removed)


@mistake("filter_poison")
def removes_per_class(X, y, scores, remove):
    """You remove that many rows of *each* class. The exercise counts over all rows together."""
    keep = np.full(len(y), True)
    for c in np.unique(y):
        rows = np.flatnonzero(y == c)
        keep[rows[np.argsort(scores[rows])[max(0, len(rows) - remove) :]]] = False
    return X[keep], y[keep]


@mistake("filter_poison")
def loses_order(X, y, scores, remove):
    """The right rows stay, but in the order of their scores. They should stand as they stood."""
    keep = np.argsort(scores)[: len(y) - remove]
    return X[keep], y[keep]


def _loses_order_downwards(X, y, scores, remove):
    keep = np.argsort(-scores)[remove:]
    return X[keep], y[keep]


def _loses_order_and_empties_at_zero(X, y, scores, remove):
    keep = np.argsort(scores)[:-remove]
    return X[keep], y[keep]


loses_order_downwards = also(loses_order, _loses_order_downwards)
loses_order_and_empties_at_zero = also(loses_order, _loses_order_and_empties_at_zero)


@mistake("filter_poison")
def empties_at_zero(X, y, scores, remove):
    """Where nothing is to be removed, everything goes. What does Python take `[:-0]` for?"""
    keep = np.sort(np.argsort(scores)[:-remove])
    return X[keep], y[keep]


@mistake("filter_poison")
def removes_all_ties(X, y, scores, remove):
    """Where several rows share a score, all of them go, and that is more than `remove`."""
    keep = scores < np.sort(scores)[len(y) - remove] if remove else np.full(len(y), True)
    return X[keep], y[keep]


@mistake("filter_poison")
def removes_all_ties_and_empties_at_zero(X, y, scores, remove):
    """Two cases go wrong: among equal scores all rows go, and where `remove` is 0, `[-remove]` is the *lowest* score, so that
    everything goes. A count of rows is safer here than a cut."""
    keep = scores < np.sort(scores)[-remove]
    return X[keep], y[keep]


@mistake("filter_poison")
def off_by_one_and_empties_at_zero(X, y, scores, remove):
    """One row too few goes, and where `remove` is 0, `[-remove]` is the *lowest* score, so that nearly everything goes. A
    count of rows is safer here than a cut."""
    keep = scores <= np.sort(scores)[-remove]
    return X[keep], y[keep]


@mistake("filter_poison")
def keeps_all_ties(X, y, scores, remove):
    """Where several rows share a score, all of them stay, and fewer go than `remove`."""
    keep = scores <= np.sort(scores)[len(y) - remove - 1]
    return X[keep], y[keep]


@mistake("filter_poison")
def returns_removed_rows(X, y, scores, remove):
    """You hand back the suspicious rows. The caller wants the others."""
    keep = np.sort(np.argsort(scores)[len(y) - remove :])
    return X[keep], y[keep]


def _removed_rows_worst_first(X, y, scores, remove):
    worst = np.argsort(scores)[::-1][:remove]
    return X[worst], y[worst]


def _removed_rows_worst_last(X, y, scores, remove):
    worst = np.argsort(scores)[-remove:]
    return X[worst], y[worst]


returns_removed_rows_worst_first = also(returns_removed_rows, _removed_rows_worst_first)
returns_removed_rows_worst_last = also(returns_removed_rows, _removed_rows_worst_last)


@mistake("filter_poison")
def returns_images_only(X, y, scores, remove):
    """Only the images come back. The caller also needs their labels."""
    return X[np.sort(np.argsort(scores)[: len(y) - remove])]


@mistake("filter_poison")
def labels_unfiltered(X, y, scores, remove):
    """The images are filtered, the labels are not: they no longer belong together."""
    return X[np.sort(np.argsort(scores)[: len(y) - remove])], y.copy()


@mistake("filter_poison")
def removes_largest_absolute(X, y, scores, remove):
    """You go by the size of a score, whatever its sign. The highest scores are asked for, and a score may be negative."""
    keep = np.sort(np.argsort(np.abs(scores))[: len(y) - remove])
    return X[keep], y[keep]
