"""What learners get wrong in lesson 01. A function's name is the mistake's key, its docstring is what the learner reads.

`also(known, attempt)` is another way of making a mistake that is already described.
"""

import numpy as np

from autograder.authoring import also, mistake

# --- make_data --------------------------------------------------------------------------------------


def _data(n, noise, rng):
    X = rng.normal(size=(n, 2))
    return X, 2 * X[:, 0] + 3 * X[:, 1] + noise * rng.normal(size=n)


@mistake("make_data")
def coefficients_swapped(n, noise, rng):
    """The coefficients are the wrong way round: which column of X is x₁, and which number belongs to it?"""
    X = rng.normal(size=(n, 2))
    return X, 3 * X[:, 0] + 2 * X[:, 1] + noise * rng.normal(size=n)


@mistake("make_data")
def noise_not_scaled(n, noise, rng):
    """Your noise always has a spread of 1. Where does `noise` come in?"""
    X = rng.normal(size=(n, 2))
    return X, 2 * X[:, 0] + 3 * X[:, 1] + rng.normal(size=n)


@mistake("make_data")
def y_is_column(n, noise, rng):
    """X and the numbers are right, but y is a column of shape (n, 1). What shape does the exercise ask for?"""
    X, y = _data(n, noise, rng)
    return X, y[:, None]


@mistake("make_data", seen_in=("the inputs after call 1", "the inputs after call 2"))
def ignores_rng(n, noise, rng):
    """Nothing is drawn from the generator that you were given. Where do your random numbers come from?"""
    return _data(n, noise, np.random.default_rng())


@mistake("make_data", seen_in=("X for n = 7", "the number that rng draws next, after n = 7"))
def noise_ignores_rng(n, noise, rng):
    """X comes from `rng`, but no noise is drawn from it. Where do the numbers for the noise come from?"""
    X = rng.normal(size=(n, 2))
    return X, 2 * X[:, 0] + 3 * X[:, 1] + noise * np.random.default_rng().normal(size=n)


@mistake("make_data")
def forgets_noise(n, noise, rng):
    """Your y is exactly 2·x₁ + 3·x₂, however large `noise` is."""
    X = rng.normal(size=(n, 2))
    return X, 2 * X[:, 0] + 3 * X[:, 1]


def _drawn_and_dropped(n, noise, rng):
    X = rng.normal(size=(n, 2))
    rng.normal(size=n)
    return X, 2 * X[:, 0] + 3 * X[:, 1]


forgets_noise_that_it_drew = also(forgets_noise, _drawn_and_dropped)


@mistake("make_data")
def adds_noise_as_a_constant(n, noise, rng):
    """You add the number `noise` itself to every row. It says how wide the random numbers spread; where are they?"""
    X = rng.normal(size=(n, 2))
    return X, 2 * X[:, 0] + 3 * X[:, 1] + noise


@mistake("make_data")
def one_noise_for_all_rows(n, noise, rng):
    """All rows share one random number as their noise. How many should be drawn?"""
    X = rng.normal(size=(n, 2))
    return X, 2 * X[:, 0] + 3 * X[:, 1] + noise * rng.normal()


@mistake("make_data")
def noise_drawn_first(n, noise, rng):
    """The numbers are good ones, but the noise is drawn before X. The order of draws is part of the exercise."""
    drawn = rng.normal(size=n)
    X = rng.normal(size=(n, 2))
    return X, 2 * X[:, 0] + 3 * X[:, 1] + noise * drawn


@mistake("make_data")
def column_by_column(n, noise, rng):
    """The numbers of X run down its columns: first all of x₁, then all of x₂. One draw of shape (n, 2) fills X row by row."""
    X = rng.normal(size=(2, n)).T
    return X, 2 * X[:, 0] + 3 * X[:, 1] + noise * rng.normal(size=n)


def _noise_within_rows(n, noise, rng):
    drawn = rng.normal(size=(n, 3))
    return drawn[:, :2], 2 * drawn[:, 0] + 3 * drawn[:, 1] + noise * drawn[:, 2]


@mistake("make_data")
def noise_within_rows(n, noise, rng):
    """Features and noise of a row are drawn together. The exercise asks for two draws: all of X first, then all noise."""
    return _noise_within_rows(n, noise, rng)


@mistake("make_data")
def noise_subtracted(n, noise, rng):
    """The noise is taken away where it should be added."""
    X = rng.normal(size=(n, 2))
    return X, 2 * X[:, 0] + 3 * X[:, 1] - noise * rng.normal(size=n)


@mistake("make_data")
def noise_as_variance(n, noise, rng):
    """`noise` is the standard deviation itself. Do you take its square or its root somewhere?"""
    X = rng.normal(size=(n, 2))
    return X, 2 * X[:, 0] + 3 * X[:, 1] + noise**2 * rng.normal(size=n)


def _root_of_noise(n, noise, rng):
    X = rng.normal(size=(n, 2))
    return X, 2 * X[:, 0] + 3 * X[:, 1] + np.sqrt(noise) * rng.normal(size=n)


noise_as_variance_root = also(noise_as_variance, _root_of_noise)


@mistake("make_data")
def noise_as_mean(n, noise, rng):
    """Your noise is centred on `noise` and has a spread of 1. Which argument of `rng.normal` is the mean?"""
    X = rng.normal(size=(n, 2))
    return X, 2 * X[:, 0] + 3 * X[:, 1] + rng.normal(noise, 1, n)


@mistake("make_data")
def noise_scales_everything(n, noise, rng):
    """`noise` multiplies more than the noise. Look at the order in which your sums and products are worked out."""
    X = rng.normal(size=(n, 2))
    return X, noise * (2 * X[:, 0] + 3 * X[:, 1] + rng.normal(size=n))


@mistake("make_data")
def uniform_features(n, noise, rng):
    """X is drawn from a uniform distribution. Which distribution does the exercise name?"""
    X = rng.random((n, 2))
    return X, 2 * X[:, 0] + 3 * X[:, 1] + noise * rng.normal(size=n)


def _uniform_around_zero(n, noise, rng):
    X = rng.uniform(-1, 1, size=(n, 2))
    return X, 2 * X[:, 0] + 3 * X[:, 1] + noise * rng.normal(size=n)


uniform_features_around_zero = also(uniform_features, _uniform_around_zero)


@mistake("make_data")
def uniform_noise(n, noise, rng):
    """X is right, but the noise is drawn from a uniform distribution. Which distribution does the exercise name?"""
    X = rng.normal(size=(n, 2))
    return X, 2 * X[:, 0] + 3 * X[:, 1] + noise * rng.random(n)


def _uniform_noise_around_zero(n, noise, rng):
    X = rng.normal(size=(n, 2))
    return X, 2 * X[:, 0] + 3 * X[:, 1] + noise * rng.uniform(-1, 1, size=n)


uniform_noise_around_zero = also(uniform_noise, _uniform_noise_around_zero)


@mistake("make_data")
def only_first_feature(n, noise, rng):
    """Your y depends on x₁ alone. What does x₂ do in the formula?"""
    X = rng.normal(size=(n, 2))
    return X, 2 * X[:, 0] + noise * rng.normal(size=n)


@mistake("make_data")
def sum_of_coefficients(n, noise, rng):
    """Every feature is counted five times. Each of the two columns has its own coefficient."""
    X = rng.normal(size=(n, 2))
    return X, 5 * X.sum(axis=1) + noise * rng.normal(size=n)


@mistake("make_data")
def noise_is_a_column(n, noise, rng):
    """Your y has shape (n, n): the noise is a column and met a flat array. What shape should the noise be drawn in?"""
    X = rng.normal(size=(n, 2))
    return X, 2 * X[:, 0] + 3 * X[:, 1] + noise * rng.normal(size=(n, 1))


@mistake("make_data")
def y_before_x(n, noise, rng):
    """Both arrays are right, but they come back in the wrong order: X first, then y."""
    X, y = _data(n, noise, rng)
    return y, X


@mistake("make_data")
def features_in_rows(n, noise, rng):
    """X comes back with its features in rows. A sample is a row: (n, 2)."""
    X, y = _data(n, noise, rng)
    return X.T, y


@mistake("make_data")
def returns_x_only(n, noise, rng):
    """Only X comes back. The caller also needs y."""
    return _data(n, noise, rng)[0]


@mistake("make_data")
def returns_y_only(n, noise, rng):
    """Only y comes back. The caller also needs X."""
    return _data(n, noise, rng)[1]


@mistake("make_data")
def returns_three_things(n, noise, rng):
    """Three things come back. The caller unpacks two: X and y."""
    X, y = _data(n, noise, rng)
    return X, y, np.array([2.0, 3.0])


@mistake("make_data")
def one_table(n, noise, rng):
    """X and y come back in one table. The caller wants them apart: the pair X, y."""
    X, y = _data(n, noise, rng)
    return np.column_stack([X, y])


@mistake("make_data")
def adds_ones(n, noise, rng):
    """X has one column too many. This model has no bias, so no column of ones."""
    X, y = _data(n, noise, rng)
    return np.column_stack([np.ones(n), X]), y


adds_ones_at_the_end = also(
    adds_ones, lambda n, noise, rng: (lambda X, y: (np.column_stack([X, np.ones(n)]), y))(*_data(n, noise, rng))
)


@mistake("make_data", name="size_as_mean")
def draws_one_number(n, noise, rng):
    """One number is drawn, where X should be a table: `rng.normal(n, 2)` means a mean of n and a spread of 2. Which
    argument says how many?"""
    X = rng.normal(n, 2)
    return X, 2 * X[:, 0] + 3 * X[:, 1] + noise * rng.normal(size=n)


def _one_number_unpacked(n, noise, rng):
    X = rng.normal(n, 2)
    x1, x2 = X.T
    return X, 2 * x1 + 3 * x2 + noise * rng.normal(size=n)


def _one_number_multiplied(n, noise, rng):
    X = rng.normal(n, 2)
    return X, X @ np.array([2.0, 3.0]) + noise * rng.normal(size=n)


draws_one_number_unpacked = also(draws_one_number, _one_number_unpacked)
draws_one_number_multiplied = also(draws_one_number, _one_number_multiplied)


@mistake("make_data", name="size_as_mean")
def size_as_two_means(n, noise, rng):
    """Two numbers are drawn, where X should be a table: the first argument of `rng.normal` is the mean. Which one says how
    many?"""
    X = rng.normal((n, 2))
    return X, 2 * X[:, 0] + 3 * X[:, 1] + noise * rng.normal(size=n)


@mistake("make_data", name="size_as_mean")
def size_and_mean(n, noise, rng):
    """X is drawn around n with a spread of 2: that is what the first two arguments of `rng.normal` mean."""
    X = rng.normal(n, 2, size=(n, 2))
    return X, 2 * X[:, 0] + 3 * X[:, 1] + noise * rng.normal(size=n)


@mistake("make_data", name="returns_nothing")
def makes_no_return(n, noise, rng):
    """The data are made, and nothing is handed back: a function without a `return` gives None."""
    _data(n, noise, rng)


# --- init_weights -----------------------------------------------------------------------------------


@mistake("init_weights")
def zeros(n_features, rng):
    """All weights are zero. The exercise asks for random ones."""
    return np.zeros(n_features)


@mistake("init_weights")
def ones(n_features, rng):
    """All weights are one. The exercise asks for random ones."""
    return np.ones(n_features)


@mistake("init_weights")
def column_shape(n_features, rng):
    """The numbers are right, the shape is a column: (n_features, 1). Which shape is asked for?"""
    return rng.normal(size=(n_features, 1))


@mistake("init_weights")
def row_shape(n_features, rng):
    """The numbers are right, the shape is (1, n_features). One weight a feature is a flat array: which `size` is that?"""
    return rng.normal(size=(1, n_features))


@mistake("init_weights")
def uniform(n_features, rng):
    """These weights are drawn from a uniform distribution. Which one does the exercise name?"""
    return rng.random(n_features)


uniform_around_zero = also(uniform, lambda n_features, rng: rng.uniform(-1, 1, n_features))
uniform_half = also(uniform, lambda n_features, rng: rng.uniform(-0.5, 0.5, n_features))
uniform_tenth = also(uniform, lambda n_features, rng: rng.uniform(-0.1, 0.1, n_features))
uniform_by_features = also(
    uniform, lambda n_features, rng: rng.uniform(-1 / np.sqrt(n_features), 1 / np.sqrt(n_features), n_features)
)
uniform_shifted = also(uniform, lambda n_features, rng: rng.random(n_features) - 0.5)


@mistake("init_weights", name="ignores_rng", seen_in=("the inputs after call 1", "the inputs after call 2"))
def weights_ignore_rng(n_features, rng):
    """Nothing is drawn from the generator that you were given. Where do your random numbers come from?"""
    return np.random.default_rng().normal(size=n_features)


@mistake("init_weights")
def scaled_down(n_features, rng):
    """The weights are drawn right and then made smaller. Here the standard normal is asked for as it is."""
    return 0.01 * rng.normal(size=n_features)


scaled_to_a_tenth = also(scaled_down, lambda n_features, rng: 0.1 * rng.normal(size=n_features))
scaled_by_features = also(scaled_down, lambda n_features, rng: rng.normal(size=n_features) / np.sqrt(n_features))


@mistake("init_weights")
def adds_a_bias(n_features, rng):
    """There is one weight more than there are features. This lesson's model has no bias."""
    return rng.normal(size=n_features + 1)


@mistake("init_weights")
def same_number_everywhere(n_features, rng):
    """One number is drawn and used for every weight. Each feature needs its own."""
    return np.full(n_features, rng.normal())


@mistake("init_weights")
def size_as_mean(n_features, rng):
    """A single number came back, drawn around `n_features`: that is what the first argument of `rng.normal` means."""
    return rng.normal(n_features)


@mistake("init_weights")
def single_number(n_features, rng):
    """A single number came back. How does `rng.normal` learn how many you want?"""
    return rng.normal()


@mistake("init_weights", name="size_as_mean")
def size_as_mean_twice(n_features, rng):
    """The weights are drawn around `n_features`: that is what the first argument of `rng.normal` means."""
    return rng.normal(n_features, 1, n_features)


@mistake("init_weights")
def centred_on_one(n_features, rng):
    """These weights are spread around 1. What are the mean and the spread of the standard normal?"""
    return rng.normal(1, 1, n_features)


@mistake("init_weights")
def absolute_values(n_features, rng):
    """No weight is ever negative. The standard normal has two sides."""
    return np.abs(rng.normal(size=n_features))


@mistake("init_weights")
def square_matrix(n_features, rng):
    """A whole matrix came back: n_features × n_features. One weight a feature is enough."""
    return rng.normal(size=(n_features, n_features))


@mistake("init_weights")
def returns_nothing(n_features, rng):
    """The weights are drawn, and nothing is handed back: a function without a `return` gives None."""
    rng.normal(size=n_features)


# --- predict ----------------------------------------------------------------------------------------


@mistake("predict")
def elementwise_product(X, weights):
    """A whole (n, d) matrix came back: each feature times its weight. What is left to do with each row of it?"""
    return X * weights


@mistake("predict")
def transposed(X, weights):
    """Rows and columns of X are mixed up, which only shows where n differs from d. Which axis of X runs over features?"""
    return weights @ X


transposed_x = also(transposed, lambda X, weights: X.T @ weights)
transposed_both = also(transposed, lambda X, weights: X.T.dot(weights.T))


@mistake("predict")
def adds_column(X, weights):
    """The numbers are right, but they stand in a column of shape (n, 1). Which shape is asked for?"""
    return X @ weights.reshape(-1, 1)


@mistake("predict", name="row_shape")
def predicts_a_row(X, weights):
    """The numbers are right, but they stand in a matrix of shape (1, n). Which shape is asked for?"""
    return weights.reshape(1, -1) @ X.T


@mistake("predict")
def sums_over_samples(X, weights):
    """You add up over the samples. Every sample should get a prediction of its own: which axis runs over features?"""
    return (X * weights).sum(axis=0)


@mistake("predict")
def sums_everything(X, weights):
    """One single number came back for all samples together. Every sample should get its own."""
    return np.sum(X * weights)


@mistake("predict")
def mean_over_features(X, weights):
    """Your predictions are d times too small: products are averaged over the features, not summed."""
    return np.mean(X * weights, axis=1)


@mistake("predict")
def two_features_only(X, weights):
    """Only the first two features count. X may have any number of columns."""
    return X[:, 0] * weights[0] + X[:, 1] * weights[1]


two_features_or_fewer = also(two_features_only, lambda X, weights: X[:, :2] @ weights[:2])


@mistake("predict")
def first_feature_only(X, weights):
    """Only the first feature counts. X may have any number of columns."""
    return X[:, 0] * weights[0]


@mistake("predict")
def ignores_weights(X, weights):
    """The features are added up as they are: where do the weights come in?"""
    return X.sum(axis=1)


@mistake("predict")
def knows_the_answer(X, weights):
    """These are predictions of the rule that made the data. The model has to use the weights that it is given."""
    return 2 * X[:, 0] + 3 * X[:, 1]


@mistake("predict")
def adds_instead_of_multiplying(X, weights):
    """Weights are added to the features. A weight says how strongly a feature counts: which operation does that?"""
    return (X + weights).sum(axis=1)


@mistake("predict")
def adds_bias(X, weights):
    """Something is added to every prediction. This model has no bias."""
    return X @ weights + 1


adds_first_weight = also(adds_bias, lambda X, weights: X @ weights + weights[0])


@mistake("predict")
def clips_below_zero(X, weights):
    """Negative predictions come out as zero. This model is linear: no activation."""
    return np.maximum(0, X @ weights)


@mistake("predict")
def squashes(X, weights):
    """All predictions are squashed into a small range. This model is linear: no activation."""
    return 1 / (1 + np.exp(-(X @ weights)))


squashes_with_tanh = also(squashes, lambda X, weights: np.tanh(X @ weights))


@mistake("predict")
def thresholds(X, weights):
    """Every prediction is one of two values. A linear model gives the weighted sum itself."""
    return (X @ weights > 0).astype(float)


thresholds_to_signs = also(thresholds, lambda X, weights: np.sign(X @ weights))
thresholds_to_bools = also(thresholds, lambda X, weights: X @ weights > 0)


@mistake("predict")
def squeezes_to_number(X, weights):
    """With one sample, a bare number came back. One sample still gives an array, of shape (1,)."""
    return np.squeeze(X @ weights.reshape(-1, 1))


@mistake("predict")
def first_sample_only(X, weights):
    """One prediction came back, that of the first sample. Every row of X should get one."""
    return X[0] @ weights


@mistake("predict")
def rounds_predictions(X, weights):
    """The predictions are rounded. Rounding belongs to printing."""
    return np.round(X @ weights, 2)


rounds_to_integers = also(rounds_predictions, lambda X, weights: np.round(X @ weights))


@mistake("predict")
def changes_x(X, weights):
    """The predictions are right, but your function changes the X that it was given. Which line writes into it?"""
    X *= weights
    return X.sum(axis=1)


@mistake("predict", name="answer_of_the_example")
def predictions_of_the_example(X, weights):
    """The same predictions come back for all inputs. Does your function look at its arguments?"""
    return np.array([11.0, 4.0])


@mistake("predict", name="returns_nothing")
def predicts_without_return(X, weights):
    """The predictions are worked out, and nothing is handed back: a function without a `return` gives None."""


# --- mse --------------------------------------------------------------------------------------------
# Each is written as learners write it, without a thought about shapes; `flat` gives it with flattened arrays.


def flat(known):
    """The same mistake by someone who has thought of the shapes."""
    return also(known, lambda predictions, y: known.attempt(np.ravel(predictions), np.ravel(y)))


@mistake("mse")
def broadcasts_to_square(predictions, y):
    """For some pairings of a column (n, 1) and a flat array (n,) your errors are an (n, n) table. Print their shape for all
    four pairings: in which is there more than one error a sample?"""
    return np.mean((predictions - y) ** 2)


flattens_predictions_only = also(broadcasts_to_square, lambda predictions, y: np.mean((predictions.ravel() - y) ** 2))
flattens_y_only = also(broadcasts_to_square, lambda predictions, y: np.mean((predictions - y.ravel()) ** 2))
column_of_predictions = also(
    broadcasts_to_square, lambda predictions, y: np.mean((predictions.reshape(-1, 1) - y) ** 2)
)
column_of_y = also(broadcasts_to_square, lambda predictions, y: np.mean((predictions - y.reshape(-1, 1)) ** 2))
column_and_flat = also(
    broadcasts_to_square, lambda predictions, y: np.mean((predictions.reshape(-1, 1) - y.ravel()) ** 2)
)


@mistake("mse", name="broadcasts_to_square")
def broadcasts_and_divides_by_n(predictions, y):
    """For some pairings of a column (n, 1) and a flat array (n,) your errors are an (n, n) table. Print their shape for all
    four pairings: in which is there more than one error a sample?"""
    return np.sum((predictions - y) ** 2) / len(y)


@mistake("mse", name="sum_not_mean")
def sum_of_squares(predictions, y):
    """This is the sum of the squared errors: it grows with the number of samples. What does the M in MSE stand for?"""
    return np.sum((predictions - y) ** 2)


sum_of_squares_flat = flat(sum_of_squares)


@mistake("mse")
def root(predictions, y):
    """This is the root of the MSE (the RMSE). The exercise asks for the mean of the squares itself."""
    return np.sqrt(np.mean((predictions - y) ** 2))


root_flat = flat(root)


@mistake("mse")
def absolute(predictions, y):
    """This is the mean of the absolute errors. What does the S in MSE stand for?"""
    return np.mean(np.abs(predictions - y))


absolute_flat = flat(absolute)


@mistake("mse")
def half(predictions, y):
    """This is ½·MSE. Some books define the loss so because it makes the gradient shorter; here nothing is halved."""
    return 0.5 * np.mean((predictions - y) ** 2)


half_flat = flat(half)


@mistake("mse")
def half_of_the_sum(predictions, y):
    """This is half the sum of the squared errors. Nothing is halved here, and the M in MSE stands for the mean."""
    return 0.5 * np.sum((predictions - y) ** 2)


half_of_the_sum_flat = flat(half_of_the_sum)


@mistake("mse")
def forgets_square(predictions, y):
    """This is the mean of the errors themselves: one too high and one too low cancel. What does the S in MSE stand for?"""
    return np.mean(predictions - y)


forgets_square_flat = flat(forgets_square)
forgets_square_other_sign = also(forgets_square, lambda predictions, y: np.mean(y - predictions))
forgets_square_other_sign_flat = flat(forgets_square_other_sign)


@mistake("mse")
def squares_the_mean(predictions, y):
    """The mean is taken first and squared afterwards, so errors of opposite sign cancel. Which comes first in "the mean of
    the squared errors"?"""
    return np.mean(predictions - y) ** 2


squares_the_mean_flat = flat(squares_the_mean)


@mistake("mse")
def squares_the_sum(predictions, y):
    """The errors are added up first and squared afterwards, so errors of opposite sign cancel. What is squared in the MSE?"""
    return np.sum(predictions - y) ** 2 / len(y)


squares_the_sum_flat = flat(squares_the_sum)


@mistake("mse")
def difference_of_squares(predictions, y):
    """You square predictions and targets and take the difference. Which comes first, the difference or the square?"""
    return np.mean(predictions**2 - y**2)


difference_of_squares_flat = flat(difference_of_squares)
difference_of_squares_other_sign = also(difference_of_squares, lambda predictions, y: np.mean(y**2 - predictions**2))
difference_of_squares_other_sign_flat = flat(difference_of_squares_other_sign)


@mistake("mse")
def adds_targets(predictions, y):
    """Predictions and targets are added. An error is a difference."""
    return np.mean((predictions + y) ** 2)


adds_targets_flat = flat(adds_targets)


@mistake("mse")
def square_binds_first(predictions, y):
    """Only the targets are squared: `**` binds more tightly than `-`. Where do brackets belong?"""
    return np.mean(predictions - y**2)


square_binds_first_flat = flat(square_binds_first)


@mistake("mse")
def divides_by_n_minus_1(predictions, y):
    """The sum is divided by n − 1, as for a variance; with one sample that is a division by zero. A mean divides by n."""
    return np.sum((predictions - y) ** 2) / (len(y) - 1)


divides_by_n_minus_1_flat = flat(divides_by_n_minus_1)


@mistake("mse")
def divides_by_n_again(predictions, y):
    """The mean is divided by the number of samples once more. How often is it divided already?"""
    return np.mean((predictions - y) ** 2) / len(y)


divides_by_n_again_flat = flat(divides_by_n_again)


@mistake("mse")
def variance_of_errors(predictions, y):
    """This is the variance of the errors: it is zero for a model that is always wrong by the same amount."""
    return np.var(predictions - y)


variance_of_errors_flat = flat(variance_of_errors)


@mistake("mse")
def norm_of_errors(predictions, y):
    """This is the length of the vector of errors. Neither is its square taken nor a mean."""
    return np.linalg.norm(predictions - y)


norm_of_errors_flat = flat(norm_of_errors)
root_of_the_sum = also(norm_of_errors, lambda predictions, y: np.sqrt(np.sum((predictions - y) ** 2)))


@mistake("mse")
def norm_over_n(predictions, y):
    """This is the length of the vector of errors, over n. Which of the two is to be squared?"""
    return np.linalg.norm(predictions - y) / len(y)


norm_over_n_flat = flat(norm_over_n)


@mistake("mse")
def median_not_mean(predictions, y):
    """This is the median of the squared errors. What does the M in MSE stand for?"""
    return np.median((predictions - y) ** 2)


median_not_mean_flat = flat(median_not_mean)


@mistake("mse")
def largest_error(predictions, y):
    """This is the largest squared error. All samples count, through their mean."""
    return np.max((predictions - y) ** 2)


largest_error_flat = flat(largest_error)


@mistake("mse")
def cubes(predictions, y):
    """The errors are raised to another power than two."""
    return np.mean((predictions - y) ** 3)


cubes_flat = flat(cubes)


@mistake("mse")
def doubles_instead_of_squaring(predictions, y):
    """The errors are doubled, not squared: `*` and `**` are different operators."""
    return np.mean((predictions - y) * 2)


doubles_flat = flat(doubles_instead_of_squaring)


@mistake("mse")
def relative_errors(predictions, y):
    """Each error is divided by its target. The MSE takes the errors as they are."""
    return np.mean(((predictions - y) / y) ** 2)


relative_errors_flat = flat(relative_errors)


@mistake("mse")
def one_per_sample(predictions, y):
    """An array came back: the squared error of each sample. The loss is one number for all of them."""
    return (predictions - y) ** 2


one_per_sample_flat = flat(one_per_sample)


@mistake("mse")
def number_in_an_array(predictions, y):
    """For a column, an array with one entry came back. The loss is a plain number: over which axes is your mean taken?"""
    return np.mean((predictions - y) ** 2, axis=0)


@mistake("mse", name="number_in_an_array")
def loop_over_columns(predictions, y):
    """For a column, an array with one entry came back: each row of a column is an array. The loss is a plain number."""
    total = 0.0
    for prediction, target in zip(predictions, y, strict=True):
        total = total + (prediction - target) ** 2
    return total / len(y)


number_kept_as_matrix = also(
    number_in_an_array,
    lambda predictions, y: (
        (predictions.reshape(-1, 1) - y.reshape(-1, 1)).T @ (predictions.reshape(-1, 1) - y.reshape(-1, 1)) / len(y)
    ),
)
number_kept_as_array = also(
    number_in_an_array, lambda predictions, y: np.mean((np.ravel(predictions) - np.ravel(y)) ** 2, keepdims=True)
)
number_kept_in_column = also(
    number_in_an_array, lambda predictions, y: np.mean((predictions.reshape(y.shape) - y) ** 2, axis=0, keepdims=True)
)
number_of_each_column = also(
    number_in_an_array, lambda predictions, y: np.mean((predictions.reshape(-1, 1) - y.reshape(-1, 1)) ** 2, axis=0)
)


@mistake("mse")
def rounds_loss(predictions, y):
    """The loss is rounded. Rounding belongs to printing: small steps downhill would no longer show."""
    return round(float(np.mean((np.ravel(predictions) - np.ravel(y)) ** 2)), 2)


rounds_loss_to_four = also(
    rounds_loss, lambda predictions, y: round(float(np.mean((np.ravel(predictions) - np.ravel(y)) ** 2)), 4)
)
rounds_loss_to_six_digits = also(
    rounds_loss, lambda predictions, y: round(float(np.mean((np.ravel(predictions) - np.ravel(y)) ** 2)), 6)
)
rounds_loss_to_three = also(
    rounds_loss, lambda predictions, y: round(float(np.mean((np.ravel(predictions) - np.ravel(y)) ** 2)), 3)
)


@mistake("mse", name="answer_of_the_example")
def loss_of_the_example(predictions, y):
    """The same loss comes back for all predictions and targets. Does your function look at its arguments?"""
    return 2.0


loss_of_zero = also(loss_of_the_example, lambda predictions, y: 0.0)


@mistake("mse", name="returns_nothing")
def loss_without_return(predictions, y):
    """The loss is worked out, and nothing is handed back: a function without a `return` gives None."""


# --- mse_gradient -----------------------------------------------------------------------------------


def _error(X, y, weights):
    return X @ weights - y


@mistake("mse_gradient")
def missing_factor_two(X, y, weights):
    """This is the gradient of ½·MSE: the right direction, half the length. What does the derivative of a square bring?"""
    return X.T @ _error(X, y, weights) / len(y)


@mistake("mse_gradient", name="sum_not_mean")
def gradient_of_the_sum(X, y, weights):
    """This is the gradient of the sum of squared errors: it grows with the number of samples. What does the mean bring?"""
    return 2 * X.T @ _error(X, y, weights)


@mistake("mse_gradient")
def neither_two_nor_mean(X, y, weights):
    """The direction is right, the length is not: two factors are missing. One comes from the square, one from the mean."""
    return X.T @ _error(X, y, weights)


@mistake("mse_gradient")
def sign_flipped(X, y, weights):
    """The sign is the other way round: this points downhill. In which order do you subtract predictions and targets?"""
    return 2 * X.T @ (y - X @ weights) / len(y)


@mistake("mse_gradient")
def sign_flipped_and_half(X, y, weights):
    """The sign is the other way round, and the length is half. Look at the order of the difference, then at the square."""
    return X.T @ (y - X @ weights) / len(y)


@mistake("mse_gradient")
def sign_flipped_and_summed(X, y, weights):
    """The sign is the other way round, and nothing is averaged. Look at the order of the difference, then at the mean."""
    return 2 * X.T @ (y - X @ weights)


@mistake("mse_gradient")
def sign_flipped_without_factors(X, y, weights):
    """The sign is the other way round, and both factors are missing: that of the square and that of the mean."""
    return X.T @ (y - X @ weights)


@mistake("mse_gradient")
def divides_by_features(X, y, weights):
    """You divide by the number of features. What is the mean in MSE taken over?"""
    return 2 * X.T @ _error(X, y, weights) / X.shape[1]


@mistake("mse_gradient")
def divides_by_features_and_half(X, y, weights):
    """You divide by the number of features, and a factor from the square is missing. What is the mean taken over?"""
    return X.T @ _error(X, y, weights) / X.shape[1]


@mistake("mse_gradient")
def divides_by_everything(X, y, weights):
    """You divide by the number of entries of X. The mean in MSE is taken over fewer things than that."""
    return 2 * X.T @ _error(X, y, weights) / X.size


@mistake("mse_gradient")
def divides_twice(X, y, weights):
    """The number of samples divides twice. Is there a mean and a division?"""
    return 2 * X.T @ _error(X, y, weights) / len(y) ** 2


@mistake("mse_gradient")
def divides_twice_and_half(X, y, weights):
    """The number of samples divides twice, and a factor from the square is missing."""
    return X.T @ _error(X, y, weights) / len(y) ** 2


@mistake("mse_gradient")
def divides_by_two(X, y, weights):
    """This is a quarter of the gradient: the factor from the square divides where it should multiply."""
    return X.T @ _error(X, y, weights) / (2 * len(y))


@mistake("mse_gradient")
def factor_four(X, y, weights):
    """This is twice the gradient. How often do you bring the factor of the square in?"""
    return 4 * X.T @ _error(X, y, weights) / len(y)


@mistake("mse_gradient", name="divides_by_n_minus_1")
def gradient_divides_by_n_minus_1(X, y, weights):
    """This is divided by n − 1, which is a division by zero with one sample. A mean divides by n."""
    return 2 * X.T @ _error(X, y, weights) / (len(y) - 1)


@mistake("mse_gradient")
def forgets_x(X, y, weights):
    """This is the derivative with respect to the predictions, one entry a sample. How does a weight move a prediction?"""
    return 2 * _error(X, y, weights) / len(y)


forgets_x_and_two = also(forgets_x, lambda X, y, weights: _error(X, y, weights) / len(y))
forgets_x_and_mean = also(forgets_x, lambda X, y, weights: 2 * _error(X, y, weights))
plain_errors = also(forgets_x, _error)


@mistake("mse_gradient")
def one_number(X, y, weights):
    """A single number came back. Every weight has its own slope: one entry a feature."""
    return 2 * np.mean(_error(X, y, weights))


one_number_of_all = also(one_number, lambda X, y, weights: 2 * np.mean(X.T * _error(X, y, weights)))
one_number_summed = also(one_number, lambda X, y, weights: 2 * np.sum(X.T * _error(X, y, weights)) / len(y))
one_number_loss = also(one_number, lambda X, y, weights: np.mean(_error(X, y, weights) ** 2))


@mistake("mse_gradient")
def one_row_per_sample(X, y, weights):
    """A matrix came back: one gradient a sample. What is left to do with the samples?"""
    return 2 * X * _error(X, y, weights)[:, None]


one_row_per_sample_over_n = also(
    one_row_per_sample, lambda X, y, weights: 2 * X * _error(X, y, weights)[:, None] / len(y)
)
one_row_per_sample_halved = also(one_row_per_sample, lambda X, y, weights: X * _error(X, y, weights)[:, None])


@mistake("mse_gradient")
def averages_over_features(X, y, weights):
    """The mean runs over the features, so there is one entry a sample. Which axis of X runs over the samples?"""
    return np.mean(2 * X * _error(X, y, weights)[:, None], axis=1)


@mistake("mse_gradient")
def product_of_means(X, y, weights):
    """This is a product of two means. The gradient is the mean of the products: each error belongs to the features of its own sample."""
    return 2 * np.mean(_error(X, y, weights)) * X.mean(axis=0)


@mistake("mse_gradient")
def product_of_sums(X, y, weights):
    """Features and errors are added up on their own before they meet. Each error belongs to the features of its own
    sample."""
    return 2 * np.sum(_error(X, y, weights)) * X.sum(axis=0) / len(y)


@mistake("mse_gradient")
def forgets_y(X, y, weights):
    """The targets play no part: this pulls all predictions towards zero. What is the error of a sample?"""
    return 2 * X.T @ (X @ weights) / len(y)


@mistake("mse_gradient")
def forgets_predictions(X, y, weights):
    """The weights play no part: the gradient is the same wherever you stand. What is the error of a sample?"""
    return -2 * X.T @ y / len(y)


forgets_predictions_positive = also(forgets_predictions, lambda X, y, weights: 2 * X.T @ y / len(y))


@mistake("mse_gradient")
def adds_y(X, y, weights):
    """Predictions and targets are added. An error is a difference."""
    return 2 * X.T @ (X @ weights + y) / len(y)


@mistake("mse_gradient")
def gradient_of_absolute_error(X, y, weights):
    """Only the signs of the errors count: this is the gradient of the mean absolute error."""
    return X.T @ np.sign(_error(X, y, weights)) / len(y)


@mistake("mse_gradient")
def gradient_of_root(X, y, weights):
    """This is the gradient of the root of the MSE (the RMSE). Here the loss is the MSE itself."""
    error = _error(X, y, weights)
    return X.T @ error / len(y) / np.sqrt(np.mean(error**2))


@mistake("mse_gradient")
def squares_errors(X, y, weights):
    """The errors are still squared. What is left of a square after the derivative?"""
    return 2 * X.T @ _error(X, y, weights) ** 2 / len(y)


squares_errors_half = also(squares_errors, lambda X, y, weights: X.T @ _error(X, y, weights) ** 2 / len(y))


@mistake("mse_gradient")
def unit_length(X, y, weights):
    """The direction is right, but the length is always one. How steep it is matters, too: near the bottom it should shrink."""
    gradient = X.T @ _error(X, y, weights)
    return gradient / np.linalg.norm(gradient)


@mistake("mse_gradient", name="transposed")
def gradient_transposed(X, y, weights):
    """The transpose is missing, which only shows where n differs from d. Features times errors: which of X's axes should
    be summed over?"""
    return 2 * X @ _error(X, y, weights) / len(y)


transposed_half = also(gradient_transposed, lambda X, y, weights: X @ _error(X, y, weights) / len(y))
transposed_in_prediction = also(gradient_transposed, lambda X, y, weights: 2 * X @ (X.T @ weights - y) / len(y))


@mistake("mse_gradient", name="column_shape")
def gradient_column(X, y, weights):
    """The numbers are right, but they stand in a column of shape (d, 1). Which shape do the weights have?"""
    return (2 * X.T @ _error(X, y, weights) / len(y))[:, None]


@mistake("mse_gradient", name="row_shape")
def gradient_row(X, y, weights):
    """The numbers are right, but they stand in a matrix of shape (1, d). Which shape do the weights have?"""
    return (2 * X.T @ _error(X, y, weights) / len(y))[None, :]


@mistake("mse_gradient")
def takes_the_step(X, y, weights):
    """New weights came back. This function only says which way is up; the step comes in the next exercise."""
    return weights - 2 * X.T @ _error(X, y, weights) / len(y)


@mistake("mse_gradient")
def step_direction_scaled(X, y, weights):
    """This is a learning rate times the gradient. The learning rate belongs to the update, the next exercise."""
    return 0.01 * 2 * X.T @ _error(X, y, weights) / len(y)


step_scaled_by_a_tenth = also(step_direction_scaled, lambda X, y, weights: 0.2 * X.T @ _error(X, y, weights) / len(y))


@mistake("mse_gradient")
def first_two_weights_only(X, y, weights):
    """Only the first two weights get a slope. X may have any number of columns."""
    error = _error(X, y, weights)
    return np.array([2 * np.mean(error * X[:, 0]), 2 * np.mean(error * X[:, 1])])


@mistake("mse_gradient")
def first_sample_gradient(X, y, weights):
    """This is the gradient of the first sample alone. The mean runs over all of them."""
    return 2 * X[0] * (X[0] @ weights - y[0])


@mistake("mse_gradient")
def last_sample_gradient(X, y, weights):
    """This is the gradient of the last sample alone. Does your loop add up, or does it overwrite?"""
    return 2 * X[-1] * (X[-1] @ weights - y[-1])


last_sample_over_n = also(last_sample_gradient, lambda X, y, weights: 2 * X[-1] * (X[-1] @ weights - y[-1]) / len(y))


@mistake("mse_gradient")
def adds_weights(X, y, weights):
    """Something of the weights themselves is added. The MSE has no such term."""
    return 2 * X.T @ _error(X, y, weights) / len(y) + weights


@mistake("mse_gradient")
def times_weights(X, y, weights):
    """Each entry is multiplied by its weight. A weight moves the prediction by its feature, however large it is itself."""
    return 2 * X.T @ _error(X, y, weights) / len(y) * weights


@mistake("mse_gradient")
def difference_to_least_squares(X, y, weights):
    """This is the way to the best weights in one leap. The gradient is the slope at the weights that you stand on."""
    return weights - np.linalg.lstsq(X, y, rcond=None)[0]


@mistake("mse_gradient")
def changes_y(X, y, weights):
    """The gradient is right, but your function changes the y that it was given. Which line writes into it?"""
    y -= X @ weights
    return -2 * X.T @ y / len(y)


@mistake("mse_gradient")
def rounds_gradient(X, y, weights):
    """The gradient is rounded. Rounding belongs to printing."""
    return np.round(2 * X.T @ _error(X, y, weights) / len(y), 2)


rounds_gradient_to_four = also(
    rounds_gradient, lambda X, y, weights: np.round(2 * X.T @ _error(X, y, weights) / len(y), 4)
)
rounds_gradient_to_three = also(
    rounds_gradient, lambda X, y, weights: np.round(2 * X.T @ _error(X, y, weights) / len(y), 3)
)


@mistake("mse_gradient", name="answer_of_the_example")
def gradient_of_the_example(X, y, weights):
    """The same gradient comes back for all data and weights. Does your function look at its arguments?"""
    return np.array([-1.5])


@mistake("mse_gradient", name="returns_nothing")
def gradient_without_return(X, y, weights):
    """The gradient is worked out, and nothing is handed back: a function without a `return` gives None."""


# --- sgd_step ---------------------------------------------------------------------------------------


@mistake("sgd_step")
def ascends(weights, gradient, learning_rate):
    """This step goes uphill. Which way does the gradient point?"""
    return weights + learning_rate * gradient


@mistake("sgd_step")
def returns_step_only(weights, gradient, learning_rate):
    """This is the step alone. Where do you stand after it?"""
    return learning_rate * gradient


returns_negative_step = also(returns_step_only, lambda weights, gradient, learning_rate: -learning_rate * gradient)


@mistake("sgd_step")
def updates_in_place(weights, gradient, learning_rate):
    """The new weights are right, but your function changes the weights that it was given. Which line writes into them?"""
    weights -= learning_rate * gradient
    return weights


@mistake("sgd_step")
def updates_in_place_and_returns_nothing(weights, gradient, learning_rate):
    """Your function changes the weights that it was given, and nothing comes back. Leave them alone, and hand back new ones."""
    weights -= learning_rate * gradient


@mistake("sgd_step")
def ignores_learning_rate(weights, gradient, learning_rate):
    """The whole gradient is subtracted. What does the learning rate do?"""
    return weights - gradient


@mistake("sgd_step")
def uphill_without_rate(weights, gradient, learning_rate):
    """This goes uphill, and by the whole gradient. Which way does the gradient point, and what scales the step?"""
    return weights + gradient


@mistake("sgd_step")
def hard_coded_rate(weights, gradient, learning_rate):
    """The step always has the same rate, whatever `learning_rate` says. Is there a number in your code?"""
    return weights - 0.01 * gradient


hard_coded_tenth = also(hard_coded_rate, lambda weights, gradient, learning_rate: weights - 0.1 * gradient)
hard_coded_thousandth = also(hard_coded_rate, lambda weights, gradient, learning_rate: weights - 0.001 * gradient)


@mistake("sgd_step")
def divides_by_rate(weights, gradient, learning_rate):
    """The gradient is divided by the learning rate: a smaller rate should make a smaller step."""
    return weights - gradient / learning_rate


@mistake("sgd_step")
def brackets_misplaced(weights, gradient, learning_rate):
    """The learning rate is subtracted from the weights before the gradient comes in. Where do brackets belong?"""
    return (weights - learning_rate) * gradient


@mistake("sgd_step")
def rate_scales_everything(weights, gradient, learning_rate):
    """The old weights are multiplied by the learning rate, too. It scales the step alone."""
    return learning_rate * (weights - gradient)


@mistake("sgd_step")
def adds_rate(weights, gradient, learning_rate):
    """Learning rate and gradient are added, not multiplied."""
    return weights - (learning_rate + gradient)


subtracts_both = also(adds_rate, lambda weights, gradient, learning_rate: weights - learning_rate - gradient)


@mistake("sgd_step")
def subtracts_rate_only(weights, gradient, learning_rate):
    """Every weight moves by the learning rate, whatever the gradient says."""
    return weights - learning_rate


@mistake("sgd_step")
def direction_reversed(weights, gradient, learning_rate):
    """The difference is the wrong way round: the old weights are subtracted from the step."""
    return learning_rate * gradient - weights


@mistake("sgd_step")
def arguments_swapped(weights, gradient, learning_rate):
    """Weights and gradient have changed places. Which of the two is scaled by the learning rate?"""
    return gradient - learning_rate * weights


@mistake("sgd_step")
def multiplies_weights(weights, gradient, learning_rate):
    """The weights are multiplied by something. A step is a difference: old weights minus the step."""
    return weights * (1 - learning_rate * gradient)


multiplies_by_step = also(
    multiplies_weights, lambda weights, gradient, learning_rate: weights * learning_rate * gradient
)
step_times_weights = also(
    multiplies_weights, lambda weights, gradient, learning_rate: weights * -learning_rate * gradient
)


@mistake("sgd_step")
def signs_only(weights, gradient, learning_rate):
    """Only the sign of the gradient counts. Where it is steep the step should be longer."""
    return weights - learning_rate * np.sign(gradient)


@mistake("sgd_step", name="unit_length")
def step_of_unit_gradient(weights, gradient, learning_rate):
    """The gradient is first made to have length one. The step is longer where it is steeper: take it as it is."""
    return weights - learning_rate * gradient / np.linalg.norm(gradient)


@mistake("sgd_step")
def absolute_gradient(weights, gradient, learning_rate):
    """The sign of the gradient is lost, so no weight can ever grow."""
    return weights - learning_rate * np.abs(gradient)


@mistake("sgd_step")
def same_step_for_all(weights, gradient, learning_rate):
    """All weights move by the same amount. Each has its own slope."""
    return weights - learning_rate * np.mean(gradient)


same_step_summed = also(
    same_step_for_all, lambda weights, gradient, learning_rate: weights - learning_rate * np.sum(gradient)
)


@mistake("sgd_step")
def divides_by_weights_count(weights, gradient, learning_rate):
    """The step is divided by the number of weights. The gradient holds one slope a weight already."""
    return weights - learning_rate * gradient / len(weights)


@mistake("sgd_step")
def step_doubled(weights, gradient, learning_rate):
    """The step is twice as long as it should be: the factor two is in the gradient already."""
    return weights - 2 * learning_rate * gradient


@mistake("sgd_step")
def rate_squared(weights, gradient, learning_rate):
    """The learning rate is applied twice."""
    return weights - learning_rate**2 * gradient


@mistake("sgd_step")
def gradient_squared(weights, gradient, learning_rate):
    """The gradient is squared, which loses its sign."""
    return weights - learning_rate * gradient**2


@mistake("sgd_step")
def changes_gradient(weights, gradient, learning_rate):
    """The new weights are right, but your function changes the gradient that it was given. Which line writes into it?"""
    gradient *= learning_rate
    return weights - gradient


@mistake("sgd_step")
def does_not_move(weights, gradient, learning_rate):
    """The weights come back as they were. What is the step subtracted from, and what is returned?"""
    return weights


@mistake("sgd_step")
def one_row_too_many(weights, gradient, learning_rate):
    """A matrix came back: one of the arrays was made a column. Weights and gradient have the same shape already."""
    return weights - learning_rate * gradient[:, None]


@mistake("sgd_step", name="answer_of_the_example")
def step_of_the_example(weights, gradient, learning_rate):
    """The same weights come back for all arguments. Does your function look at them?"""
    return np.array([1.15, 1.6])


@mistake("sgd_step", name="returns_nothing")
def step_without_return(weights, gradient, learning_rate):
    """The step is worked out, and nothing is handed back: a function without a `return` gives None."""


# --- train ------------------------------------------------------------------------------------------


def _loss(X, Y, w):
    return np.mean((X @ w - Y) ** 2)


def _gradient(X, Y, w):
    return 2 * X.T @ (X @ w - Y) / len(Y)


def _right(X, Y, weights, lr, epochs):
    """The right loop, for mistakes that are made after it."""
    w, losses = weights, []
    for _ in range(epochs):
        losses.append(_loss(X, Y, w))
        w = w - lr * _gradient(X, Y, w)
    return w, losses


def _with(loss=_loss, gradient=_gradient):
    """A right loop around a wrong part."""

    def wrong(X, Y, weights, lr, epochs):
        w, losses = weights, []
        for _ in range(epochs):
            losses.append(loss(X, Y, w))
            w = w - lr * gradient(X, Y, w)
        return w, losses

    return wrong


@mistake("train")
def loss_after_update(X, Y, weights, lr, epochs):
    """The weights are right; the losses are one step late. Which weights does `losses[0]` belong to?"""
    losses = []
    for _ in range(epochs):
        weights = weights - lr * _gradient(X, Y, weights)
        losses.append(_loss(X, Y, weights))
    return weights, losses


@mistake("train")
def stale_gradient(X, Y, weights, lr, epochs):
    """The gradient belongs to older weights than the ones that you update. Where is it worked out, and from which weights?"""
    gradient, losses = _gradient(X, Y, weights), []
    for _ in range(epochs):
        losses.append(_loss(X, Y, weights))
        weights = weights - lr * gradient
    return weights, losses


def _stale_predictions(X, Y, weights, lr, epochs):
    predictions, losses = X @ weights, []
    for _ in range(epochs):
        losses.append(np.mean((predictions - Y) ** 2))
        weights = weights - lr * 2 * X.T @ (predictions - Y) / len(Y)
    return weights, losses


def _one_step_behind(X, Y, weights, lr, epochs):
    gradient, losses = _gradient(X, Y, weights), []
    for _ in range(epochs):
        losses.append(_loss(X, Y, weights))
        weights, gradient = weights - lr * gradient, _gradient(X, Y, weights)
    return weights, losses


def _stale_gradient_losses_after(X, Y, weights, lr, epochs):
    gradient, losses = _gradient(X, Y, weights), []
    for _ in range(epochs):
        weights = weights - lr * gradient
        losses.append(_loss(X, Y, weights))
    return weights, losses


stale_predictions = also(stale_gradient, _stale_predictions)
stale_by_one_step = also(stale_gradient, _one_step_behind)
stale_with_losses_after = also(stale_gradient, _stale_gradient_losses_after)


@mistake("train")
def off_by_one_epoch(X, Y, weights, lr, epochs):
    """The number of updates is off by one: `epochs` updates are asked for. What does your `range` count?"""
    return _right(X, Y, weights, lr, epochs + 1)


def _first_pass_only_looks(X, Y, weights, lr, epochs):
    losses = []
    for epoch in range(epochs):
        losses.append(_loss(X, Y, weights))
        if epoch > 0:
            weights = weights - lr * _gradient(X, Y, weights)
    return weights, losses


def _last_pass_only_looks(X, Y, weights, lr, epochs):
    final, _ = _right(X, Y, weights, lr, epochs - 1)
    return final, _right(X, Y, weights, lr, epochs)[1]


def _one_more_without_loss(X, Y, weights, lr, epochs):
    return _right(X, Y, weights, lr, epochs + 1)[0], _right(X, Y, weights, lr, epochs)[1]


def _one_fewer_with_losses_around(X, Y, weights, lr, epochs):
    final, _ = _right(X, Y, weights, lr, epochs - 1)
    return final, _right(X, Y, weights, lr, epochs)[1][1:]


off_by_one_fewer = also(off_by_one_epoch, lambda X, Y, weights, lr, epochs: _right(X, Y, weights, lr, epochs - 1))
off_by_one_first_pass = also(off_by_one_epoch, _first_pass_only_looks)
off_by_one_last_pass = also(off_by_one_epoch, _last_pass_only_looks)
off_by_one_silent = also(off_by_one_epoch, _one_more_without_loss)
off_by_one_late = also(off_by_one_epoch, _one_fewer_with_losses_around)
off_by_one_more_after = also(
    off_by_one_epoch, lambda X, Y, weights, lr, epochs: loss_after_update.attempt(X, Y, weights, lr, epochs + 1)
)


@mistake("train")
def one_loss_too_many(X, Y, weights, lr, epochs):
    """The weights are right, but there is one loss more than there are epochs: the last weights' loss is not asked for."""
    return _right(X, Y, weights, lr, epochs)[0], _right(X, Y, weights, lr, epochs + 1)[1]


@mistake("train")
def first_loss_missing(X, Y, weights, lr, epochs):
    """The weights are right, but the loss of the first weights is missing from the list."""
    w, losses = _right(X, Y, weights, lr, epochs)
    return w, losses[1:]


@mistake("train")
def returns_initial_weights(X, Y, weights, lr, epochs):
    """The losses fall as they should, but the weights that come back are those from before training. Which name holds the
    trained ones?"""
    return weights, _right(X, Y, weights, lr, epochs)[1]


@mistake("train")
def updates_callers_weights(X, Y, weights, lr, epochs):
    """All numbers are right, but your function changes the weights that it was given. Which line writes into them?"""
    return _train_in_place(X, Y, weights, lr, epochs)


def _train_in_place(X, Y, weights, lr, epochs):
    losses = []
    for _ in range(epochs):
        losses.append(_loss(X, Y, weights))
        weights -= lr * _gradient(X, Y, weights)
    return weights, losses


def _in_place_then_after(X, Y, weights, lr, epochs):
    losses = []
    for _ in range(epochs):
        weights -= lr * _gradient(X, Y, weights)
        losses.append(_loss(X, Y, weights))
    return weights, losses


@mistake("train", name="updates_callers_weights")
def updates_callers_weights_and_loss_after(X, Y, weights, lr, epochs):
    """Your function changes the weights that it was given: which line writes into them? And the losses are one step late."""
    return _in_place_then_after(X, Y, weights, lr, epochs)


@mistake("train", name="updates_callers_weights")
def updates_callers_weights_without_two(X, Y, weights, lr, epochs):
    """Your function changes the weights that it was given: which line writes into them? And the gradient is that of ½·MSE."""
    losses = []
    for _ in range(epochs):
        losses.append(_loss(X, Y, weights))
        weights -= lr * 0.5 * _gradient(X, Y, weights)
    return weights, losses


@mistake("train")
def trains_in_place_and_returns_nothing(X, Y, weights, lr, epochs):
    """The caller's weights are trained in place, and nothing comes back. Leave them alone, and hand back new ones."""
    _train_in_place(X, Y, weights, lr, epochs)


@mistake("train", name="missing_factor_two")
def train_without_two(X, Y, weights, lr, epochs):
    """The steps are half as long as they should be: this is the gradient of ½·MSE."""
    return _with(gradient=lambda X, Y, w: _gradient(X, Y, w) / 2)(X, Y, weights, lr, epochs)


@mistake("train", name="missing_factor_two")
def train_without_two_and_loss_after(X, Y, weights, lr, epochs):
    """The steps are half as long as they should be: this is the gradient of ½·MSE. And the losses are one step late."""
    return loss_after_update.attempt(X, Y, weights, lr / 2, epochs)


@mistake("train")
def half_loss_and_gradient(X, Y, weights, lr, epochs):
    """Losses and steps are both half as large as they should be: this trains on ½·MSE, and the exercise asks for MSE."""
    w, losses = _right(X, Y, weights, lr / 2, epochs)
    return w, [loss / 2 for loss in losses]


@mistake("train")
def gradient_summed(X, Y, weights, lr, epochs):
    """The steps are n times too long: errors are added up where the MSE takes their mean."""
    return _with(gradient=lambda X, Y, w: _gradient(X, Y, w) * len(Y))(X, Y, weights, lr, epochs)


gradient_summed_half = also(
    gradient_summed, _with(gradient=lambda X, Y, w: X.T @ (X @ w - Y))
)  # without the two as well


@mistake("train", name="divides_by_features")
def train_divides_by_features(X, Y, weights, lr, epochs):
    """The gradient is divided by the number of features. What is the mean in MSE taken over?"""
    return _with(gradient=lambda X, Y, w: 2 * X.T @ (X @ w - Y) / X.shape[1])(X, Y, weights, lr, epochs)


@mistake("train", name="divides_twice")
def train_divides_twice(X, Y, weights, lr, epochs):
    """The steps are n times too short: the number of samples divides twice."""
    return _with(gradient=lambda X, Y, w: _gradient(X, Y, w) / len(Y))(X, Y, weights, lr, epochs)


@mistake("train", name="step_doubled")
def train_factor_four(X, Y, weights, lr, epochs):
    """The steps are twice as long as they should be. How often does the factor two come in, and how often do you update?"""
    return _with(gradient=lambda X, Y, w: 2 * _gradient(X, Y, w))(X, Y, weights, lr, epochs)


@mistake("train")
def updates_twice(X, Y, weights, lr, epochs):
    """There are two updates in each epoch."""
    w, losses = _right(X, Y, weights, lr, 2 * epochs)
    return w, losses[::2]


@mistake("train", name="ascends")
def train_ascends(X, Y, weights, lr, epochs):
    """The loss goes up: each step goes uphill. Look at the sign of the update and at the order of the difference."""
    return _right(X, Y, weights, -lr, epochs)


ascends_half = also(train_ascends, lambda X, Y, weights, lr, epochs: _right(X, Y, weights, -lr / 2, epochs))


@mistake("train", name="ignores_learning_rate")
def train_ignores_rate(X, Y, weights, lr, epochs):
    """The whole gradient is subtracted. What does `lr` do?"""
    return _right(X, Y, weights, 1.0, epochs)


@mistake("train", name="hard_coded_rate")
def train_hard_coded_rate(X, Y, weights, lr, epochs):
    """The step always has the same rate, whatever `lr` says. Does your loop read a name from outside?"""
    return _right(X, Y, weights, 0.01, epochs)


hard_coded_rate_tenth = also(
    train_hard_coded_rate, lambda X, Y, weights, lr, epochs: _right(X, Y, weights, 0.1, epochs)
)
hard_coded_rate_twentieth = also(
    train_hard_coded_rate, lambda X, Y, weights, lr, epochs: _right(X, Y, weights, 0.05, epochs)
)


@mistake("train")
def hard_coded_epochs(X, Y, weights, lr, epochs):
    """The loop always runs the same number of times, whatever `epochs` says."""
    return _right(X, Y, weights, lr, 100)


hard_coded_50_epochs = also(hard_coded_epochs, lambda X, Y, weights, lr, epochs: _right(X, Y, weights, lr, 50))


@mistake("train")
def one_update_per_sample(X, Y, weights, lr, epochs):
    """The weights move once a sample. Here an epoch is one update, made with all samples together."""
    losses = []
    for _ in range(epochs):
        losses.append(_loss(X, Y, weights))
        for x, y in zip(X, Y, strict=True):
            weights = weights - lr * 2 * (x @ weights - y) * x
    return weights, losses


def _per_sample_with_mean(X, Y, weights, lr, epochs):
    losses = []
    for _ in range(epochs):
        squares = []
        for x, y in zip(X, Y, strict=True):
            squares.append((x @ weights - y) ** 2)
            weights = weights - lr * 2 * (x @ weights - y) * x
        losses.append(np.mean(squares))
    return weights, losses


one_update_per_sample_running = also(one_update_per_sample, _per_sample_with_mean)


@mistake("train")
def accumulates_gradients(X, Y, weights, lr, epochs):
    """The gradients of earlier epochs are still in the step: the sum is never emptied."""
    losses, total = [], np.zeros(len(weights))
    for _ in range(epochs):
        losses.append(_loss(X, Y, weights))
        total = total + _gradient(X, Y, weights)
        weights = weights - lr * total
    return weights, losses


@mistake("train")
def never_updates(X, Y, weights, lr, epochs):
    """All losses are the same, and the weights come back untouched: nothing is done with the gradient. (The printed
    loop does just that.)"""
    return weights, [_loss(X, Y, weights)] * epochs


@mistake("train")
def starts_again_each_epoch(X, Y, weights, lr, epochs):
    """Every epoch starts from the first weights again, so it all comes to a single step. Which name should the next pass
    read?"""
    return weights - lr * _gradient(X, Y, weights), [_loss(X, Y, weights)] * epochs


@mistake("train")
def initial_losses(X, Y, weights, lr, epochs):
    """The weights are right, but all losses are that of the first weights. From which predictions is the loss worked out?"""
    return _right(X, Y, weights, lr, epochs)[0], [_loss(X, Y, weights)] * epochs


@mistake("train")
def ignores_given_weights(X, Y, weights, lr, epochs):
    """Training starts from zeros. It should start from the weights that it is given."""
    return _right(X, Y, np.zeros(len(weights)), lr, epochs)


ignores_given_weights_ones = also(
    ignores_given_weights, lambda X, Y, weights, lr, epochs: _right(X, Y, np.ones(len(weights)), lr, epochs)
)


@mistake("train")
def stops_early(X, Y, weights, lr, epochs):
    """The function ends in its first epoch, whatever `epochs` says. How far is its `return` indented?"""
    return _right(X, Y, weights, lr, 1)


stops_before_any_update = also(stops_early, lambda X, Y, weights, lr, epochs: (weights, [_loss(X, Y, weights)]))
stops_before_any_loss = also(
    stops_early, lambda X, Y, weights, lr, epochs: (_right(X, Y, weights, lr, 1)[0], np.empty(0))
)


# The first loss is that of the weights that are given: it is the same, whatever else is wrong with the step.
@mistake(
    "train",
    name="stops_early",
    seen_in=("losses (5 epochs)", "losses (1 sample, 3 epochs)", "losses (12 epochs)", "losses (rate too large)"),
)
def returns_in_the_loop(X, Y, weights, lr, epochs):
    """The function ends in its first epoch, whatever `epochs` says. How far is its `return` indented?"""
    return _right(X, Y, weights, lr / 2, 1)


def _in_the_loop(losses_of):
    """A loop that is left in its first pass; `losses_of` turns its one loss and `epochs` into what comes back."""
    return lambda X, Y, weights, lr, epochs: (weights, losses_of(_loss(X, Y, weights), epochs))


returns_in_the_loop_filled = also(returns_in_the_loop, _in_the_loop(lambda loss, epochs: [loss] + [0.0] * (epochs - 1)))
returns_in_the_loop_one_number = also(returns_in_the_loop, _in_the_loop(lambda loss, epochs: loss))
returns_in_the_loop_loss_after = also(
    returns_in_the_loop, lambda X, Y, weights, lr, epochs: loss_after_update.attempt(X, Y, weights, lr, 1)
)


def _stops_after(most):
    """A right loop that makes no more than `most` epochs."""
    return lambda X, Y, weights, lr, epochs: _right(X, Y, weights, lr, min(epochs, most))


@mistake("train", name="stops_early", seen_in=("losses (12 epochs)",))
def stops_when_settled(X, Y, weights, lr, epochs):
    """When little changes any more, the loop ends before all epochs are done. Is there a condition that leaves it?"""
    return _right(X, Y, weights, lr, 1)


stops_after_0 = also(stops_when_settled, _stops_after(0))
stops_after_2 = also(stops_when_settled, _stops_after(2))
stops_after_3 = also(stops_when_settled, _stops_after(3))
stops_after_4 = also(stops_when_settled, _stops_after(4))
stops_after_5 = also(stops_when_settled, _stops_after(5))
stops_after_6 = also(stops_when_settled, _stops_after(6))
stops_after_7 = also(stops_when_settled, _stops_after(7))
stops_after_8 = also(stops_when_settled, _stops_after(8))
stops_after_9 = also(stops_when_settled, _stops_after(9))
stops_after_10 = also(stops_when_settled, _stops_after(10))
stops_after_11 = also(stops_when_settled, _stops_after(11))


@mistake("train", name="stops_early", seen_in=("losses (rate too large)",))
def stops_when_rising(X, Y, weights, lr, epochs):
    """When the loss grows, the loop ends before all epochs are done. Is there a condition that leaves it?"""
    return _right(X, Y, weights, lr, 1)


stops_when_rising_2 = also(stops_when_rising, _stops_after(2))
stops_when_rising_3 = also(stops_when_rising, _stops_after(3))


@mistake("train")
def returns_best_weights(X, Y, weights, lr, epochs):
    """Of all weights on the way, those with the lowest loss come back. The exercise asks for the last ones."""
    path = [_right(X, Y, weights, lr, steps)[0] for steps in range(epochs + 1)]
    return min(path, key=lambda w: _loss(X, Y, w)), _right(X, Y, weights, lr, epochs)[1]


returns_best_seen = also(
    returns_best_weights,
    lambda X, Y, weights, lr, epochs: (
        min((_right(X, Y, weights, lr, steps)[0] for steps in range(epochs)), key=lambda w: _loss(X, Y, w)),
        _right(X, Y, weights, lr, epochs)[1],
    ),
)


@mistake("train")
def solves_at_once(X, Y, weights, lr, epochs):
    """These are the best weights there are, not the ones that this many steps lead to."""
    return np.linalg.lstsq(X, Y, rcond=None)[0], _right(X, Y, weights, lr, epochs)[1]


@mistake("train")
def decays_learning_rate(X, Y, weights, lr, epochs):
    """The steps get shorter from epoch to epoch. Here `lr` stays as it is."""
    losses = []
    for epoch in range(epochs):
        losses.append(_loss(X, Y, weights))
        weights = weights - lr / (epoch + 1) * _gradient(X, Y, weights)
    return weights, losses


@mistake("train")
def loss_half(X, Y, weights, lr, epochs):
    """The weights are right, but the losses are ½·MSE."""
    return _with(loss=lambda X, Y, w: _loss(X, Y, w) / 2)(X, Y, weights, lr, epochs)


@mistake("train")
def loss_summed(X, Y, weights, lr, epochs):
    """The weights are right, but the losses are sums of squared errors, not means."""
    return _with(loss=lambda X, Y, w: _loss(X, Y, w) * len(Y))(X, Y, weights, lr, epochs)


@mistake("train")
def loss_root(X, Y, weights, lr, epochs):
    """The weights are right, but the losses are the roots of the MSE."""
    return _with(loss=lambda X, Y, w: np.sqrt(_loss(X, Y, w)))(X, Y, weights, lr, epochs)


@mistake("train")
def loss_absolute(X, Y, weights, lr, epochs):
    """The weights are right, but the losses are means of absolute errors."""
    return _with(loss=lambda X, Y, w: np.mean(np.abs(X @ w - Y)))(X, Y, weights, lr, epochs)


@mistake("train")
def loss_not_squared(X, Y, weights, lr, epochs):
    """The weights are right, but the losses are means of the errors themselves: nothing is squared."""
    return _with(loss=lambda X, Y, w: np.mean(X @ w - Y))(X, Y, weights, lr, epochs)


loss_not_squared_other_sign = also(loss_not_squared, _with(loss=lambda X, Y, w: np.mean(Y - X @ w)))


@mistake("train")
def errors_instead_of_losses(X, Y, weights, lr, epochs):
    """The weights are right, but each entry of the losses is an array of errors. The loss of an epoch is one number."""
    return _with(loss=lambda X, Y, w: X @ w - Y)(X, Y, weights, lr, epochs)


errors_squared = also(errors_instead_of_losses, _with(loss=lambda X, Y, w: (X @ w - Y) ** 2))
errors_other_sign = also(errors_instead_of_losses, _with(loss=lambda X, Y, w: Y - X @ w))


@mistake("train", name="rounds_loss")
def train_rounds_loss(X, Y, weights, lr, epochs):
    """The losses are rounded. Rounding belongs to printing."""
    return _with(loss=lambda X, Y, w: round(float(_loss(X, Y, w)), 4))(X, Y, weights, lr, epochs)


rounds_loss_to_two = also(train_rounds_loss, _with(loss=lambda X, Y, w: round(float(_loss(X, Y, w)), 2)))
rounds_loss_to_three_digits = also(train_rounds_loss, _with(loss=lambda X, Y, w: round(float(_loss(X, Y, w)), 3)))
rounds_loss_to_six = also(train_rounds_loss, _with(loss=lambda X, Y, w: round(float(_loss(X, Y, w)), 6)))


@mistake("train")
def returns_losses_first(X, Y, weights, lr, epochs):
    """Both results are right, but they come back in the wrong order: weights first, then losses."""
    return _right(X, Y, weights, lr, epochs)[::-1]


@mistake("train")
def returns_weights_only(X, Y, weights, lr, epochs):
    """The trained weights are right, but they come back alone. The caller also wants the losses."""
    return _right(X, Y, weights, lr, epochs)[0]


@mistake("train")
def returns_losses_only(X, Y, weights, lr, epochs):
    """The losses are right, but they come back alone. The caller also wants the trained weights."""
    return _right(X, Y, weights, lr, epochs)[1]


@mistake("train", seen_in=("how many things come back",))
def returns_one_thing(X, Y, weights, lr, epochs):
    """One thing comes back. The caller unpacks two, the trained weights and the losses: what stands after `return`?"""
    return _right(X, Y, weights, lr / 2, epochs)[0]


@mistake("train", seen_in=("how many things come back",))
def returns_no_pair(X, Y, weights, lr, epochs):
    """What comes back is no pair. The caller unpacks exactly two things: the trained weights, and all losses as one."""
    return *_right(X, Y, weights, lr, epochs), epochs


@mistake("train")
def returns_last_loss_only(X, Y, weights, lr, epochs):
    """The weights are right, but only one loss comes back. The caller wants that of every epoch."""
    w, losses = _right(X, Y, weights, lr, epochs)
    return w, losses[-1]


returns_final_loss = also(
    returns_last_loss_only,
    lambda X, Y, weights, lr, epochs: (
        _right(X, Y, weights, lr, epochs)[0],
        _loss(X, Y, _right(X, Y, weights, lr, epochs)[0]),
    ),
)
returns_last_loss_in_a_list = also(
    returns_last_loss_only,
    lambda X, Y, weights, lr, epochs: (
        _right(X, Y, weights, lr, epochs)[0],
        _right(X, Y, weights, lr, epochs)[1][-1:],
    ),
)


@mistake("train")
def returns_all_weights(X, Y, weights, lr, epochs):
    """The weights of every epoch came back. Only the last ones are asked for."""
    path = [_right(X, Y, weights, lr, steps)[0] for steps in range(epochs + 1)]
    return path, _right(X, Y, weights, lr, epochs)[1]


returns_weights_after_each = also(
    returns_all_weights,
    lambda X, Y, weights, lr, epochs: (
        [_right(X, Y, weights, lr, steps)[0] for steps in range(1, epochs + 1)],
        _right(X, Y, weights, lr, epochs)[1],
    ),
)


@mistake("train")
def losses_not_noted(X, Y, weights, lr, epochs):
    """The losses of the epochs do not arrive in what you return. Where does each epoch write its own?"""
    w, seen = _right(X, Y, weights, lr, epochs)
    losses = np.zeros(epochs)
    losses[0] = seen[-1]
    return w, losses


losses_never_filled = also(
    losses_not_noted,
    lambda X, Y, weights, lr, epochs: (_right(X, Y, weights, lr, epochs)[0], np.zeros(epochs)),
)
losses_left_empty = also(
    losses_not_noted,
    lambda X, Y, weights, lr, epochs: (_right(X, Y, weights, lr, epochs)[0], np.empty(0)),
)
losses_last_entry_only = also(
    losses_not_noted,
    lambda X, Y, weights, lr, epochs: (
        _right(X, Y, weights, lr, epochs)[0],
        [0.0] * (epochs - 1) + _right(X, Y, weights, lr, epochs)[1][-1:],
    ),
)


@mistake("train", name="column_shape")
def train_column(X, Y, weights, lr, epochs):
    """The numbers are right, but the weights come back as a column of shape (d, 1)."""
    w, losses = _right(X, Y, weights, lr, epochs)
    return w[:, None], losses


@mistake("train", name="returns_nothing")
def train_without_return(X, Y, weights, lr, epochs):
    """The loop runs, and nothing is handed back: a function without a `return` gives None. (The printed loop has the
    same gap.)"""


@mistake("train", name="answer_of_the_example")
def training_of_the_example(X, Y, weights, lr, epochs):
    """The same weights and losses come back for all data. Does your function look at its arguments?"""
    return np.array([1.2925]), [2.25, 2.030625]


# --- stable_learning_rate ---------------------------------------------------------------------------


def _hessian(X):
    return 2 * X.T @ X / len(X)


def _steepest(X):
    return np.linalg.eigvalsh(_hessian(X))[-1]


@mistake("stable_learning_rate")
def half_hessian(X):
    """This is twice the limit, as if for ½·MSE. Where does the factor two of the MSE's Hessian come from?"""
    return 2 / (_steepest(X) / 2)


@mistake("stable_learning_rate")
def half_of_the_limit(X):
    """This is half the limit: it lands on the bottom of the steepest direction in one step. How far beyond may you go
    before it grows?"""
    return 1 / _steepest(X)


@mistake("stable_learning_rate")
def uses_smallest_eigenvalue(X):
    """This is the limit of the flattest direction. Which direction is the first to diverge?"""
    return 2 / np.linalg.eigvalsh(_hessian(X))[0]


@mistake("stable_learning_rate")
def forgets_mean(X):
    """This is the limit for the sum of squared errors. What does the mean do to the Hessian?"""
    return 2 / (_steepest(X) * len(X))


@mistake("stable_learning_rate")
def forgets_mean_and_two(X):
    """Two factors are missing from the Hessian: that of the square and that of the mean."""
    return 2 / np.linalg.eigvalsh(X.T @ X)[-1]


@mistake("stable_learning_rate")
def forgets_mean_takes_half(X):
    """The mean is missing from the Hessian, and the result is halved. Up to which lr·λ does a direction still shrink?"""
    return 1 / (_steepest(X) * len(X))


@mistake("stable_learning_rate")
def smallest_of_half_hessian(X):
    """This is a limit of the flattest direction, for ½·MSE. Which direction diverges first, and what is the loss here?"""
    return 2 / (np.linalg.eigvalsh(_hessian(X))[0] / 2)


@mistake("stable_learning_rate", name="divides_by_features")
def hessian_over_features(X):
    """The Hessian is divided by the number of features. What is the mean in MSE taken over?"""
    return 2 / (_steepest(X) * len(X) / X.shape[1])


@mistake("stable_learning_rate")
def uses_trace(X):
    """This is the limit for the sum of all eigenvalues. That is safe, but the limit lies higher: one of them decides."""
    return 2 / np.trace(_hessian(X))


@mistake("stable_learning_rate")
def uses_frobenius_norm(X):
    """This is the limit for the root of the sum of the Hessian's squared entries (`np.linalg.norm` gives it unless told
    otherwise). That is safe, but the limit lies higher."""
    return 2 / np.linalg.norm(_hessian(X))


@mistake("stable_learning_rate")
def uses_mean_eigenvalue(X):
    """This is the limit for the mean of all eigenvalues. All directions have to shrink, the steepest one, too."""
    return 2 / np.mean(np.linalg.eigvalsh(_hessian(X)))


@mistake("stable_learning_rate")
def ignores_correlation(X):
    """This is the limit of a feature on its own. Where features are correlated, a direction between them is steeper still."""
    return 2 / np.max(np.diag(_hessian(X)))


first_feature_alone = also(ignores_correlation, lambda X: 2 / _hessian(X)[0, 0])
last_feature_alone = also(ignores_correlation, lambda X: 2 / _hessian(X)[-1, -1])


@mistake("stable_learning_rate")
def uses_row_sums(X):
    """This is the limit for the largest row sum of the Hessian. That is safe, but the limit lies higher: it is set by how
    much a direction is stretched."""
    return 2 / np.linalg.norm(_hessian(X), np.inf)


# Where features are correlated the order of `eigvals` hangs on last bits; for a diagonal matrix it is that of the diagonal.
_IN_ORDER = ("columns of growing size", "columns of shrinking size")


@mistake("stable_learning_rate", seen_in=_IN_ORDER)
def eigenvalues_not_sorted(X):
    """This is the limit of a direction that happens to come first or last. `np.linalg.eigvals`, say, does not sort: which one do you want?"""
    return 2 / np.linalg.eigvals(_hessian(X))[0]


eigenvalues_last = also(eigenvalues_not_sorted, lambda X: 2 / np.linalg.eigvals(_hessian(X))[-1])


@mistake("stable_learning_rate")
def singular_value_not_squared(X):
    """Singular values of X are roots of the eigenvalues of XᵀX. Did you square the largest one?"""
    return len(X) / np.linalg.norm(X, 2)


singular_value_over_two = also(singular_value_not_squared, lambda X: 2 / np.linalg.norm(X, 2))
singular_value_inverse = also(singular_value_not_squared, lambda X: 1 / np.linalg.norm(X, 2))


@mistake("stable_learning_rate")
def eigenvalue_itself(X):
    """This is the steepest curvature itself. The steeper the valley, the smaller the rate has to be."""
    return _steepest(X)


two_times_eigenvalue = also(eigenvalue_itself, lambda X: 2 * _steepest(X))
half_of_eigenvalue = also(eigenvalue_itself, lambda X: _steepest(X) / 2)


@mistake("stable_learning_rate")
def fastest_not_largest(X):
    """This rate converges fastest. The question is from which rate on it no longer converges."""
    values = np.linalg.eigvalsh(_hessian(X))
    return 2 / (values[0] + values[-1])


@mistake("stable_learning_rate")
def centres_data(X):
    """This is the limit for centred features, such as a covariance has. The loop trains on X as it is."""
    return 2 / np.linalg.eigvalsh(_hessian(X - X.mean(axis=0)))[-1]


centres_with_cov = also(centres_data, lambda X: 2 / np.linalg.eigvalsh(2 * np.atleast_2d(np.cov(X, rowvar=False)))[-1])


@mistake("stable_learning_rate")
def keeps_a_margin(X):
    """This lies a little below the limit. The exercise asks for the limit itself."""
    return 0.99 * 2 / _steepest(X)


margin_of_a_tenth = also(keeps_a_margin, lambda X: 0.9 * 2 / _steepest(X))
margin_of_a_twentieth = also(keeps_a_margin, lambda X: 0.95 * 2 / _steepest(X))


@mistake("stable_learning_rate")
def one_for_each_direction(X):
    """Several numbers came back, one a direction. One rate serves all directions: which is the limit?"""
    return 2 / np.linalg.eigvalsh(_hessian(X))


@mistake("stable_learning_rate", name="one_for_each_direction", seen_in=_IN_ORDER)
def one_for_each_unsorted(X):
    """Several numbers came back, one a direction. One rate serves all directions: which is the limit?"""
    return 2 / np.linalg.eigvals(_hessian(X))


@mistake("stable_learning_rate")
def condition_number(X):
    """This is the condition number: how much steeper the steepest direction is than the flattest. That says how slow the
    loop is, not where it breaks."""
    return np.linalg.cond(_hessian(X))


@mistake("stable_learning_rate")
def a_fixed_rate(X):
    """The same rate comes back for every X. How does X shape the valley?"""
    return 0.01


fixed_tenth = also(a_fixed_rate, lambda X: 0.1)
fixed_one = also(a_fixed_rate, lambda X: 1.0)
fixed_half = also(a_fixed_rate, lambda X: 0.5)
fixed_at_the_example = also(a_fixed_rate, lambda X: 0.4)


@mistake("stable_learning_rate", name="returns_nothing")
def limit_without_return(X):
    """The limit is worked out, and nothing is handed back: a function without a `return` gives None."""
