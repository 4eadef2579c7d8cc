"""Known wrong answers of lesson 00. A mistake's name is its key, its docstring is what the learner reads."""

import numpy as np

from autograder.authoring import mistake

# --- column_mean -----------------------------------------------------------------------------------


@mistake("column_mean")
def wrong_axis(X):
    """You get one number per row. Each of yours averages across a row; the exercise goes down a column. Which `axis` is that?"""
    return X.mean(axis=1)


@mistake("column_mean", name="wrong_axis")
def wrong_axis_as_column(X):
    """You get one number per row, in an array with two dimensions. Which `axis` goes down a column, and who asked for the second dimension?"""
    return X.mean(axis=1, keepdims=True)


@mistake("column_mean", name="wrong_axis")
def wrong_axis_divided_by_rows(X):
    """You get one number per row: you add across each row and divide by the number of rows. Which entries belong to one column?"""
    return X.sum(axis=1) / len(X)


@mistake("column_mean")
def scalar_mean(X):
    """You took one mean over the whole table, so a single number comes back. How many columns does `X` have, and how many means should there be?"""
    return X.mean()


@mistake("column_mean", name="scalar_mean")
def scalar_mean_in_a_list(X):
    """You took one mean over the whole table and put it into an array of one. How many columns does `X` have, and how many means should there be?"""
    return [X.mean()]


@mistake("column_mean", name="scalar_mean")
def scalar_mean_kept_as_table(X):
    """You took one mean over the whole table. Keeping its dimensions does not bring the columns back: how many means should there be?"""
    return X.mean(keepdims=True)


@mistake("column_mean", name="scalar_mean")
def scalar_mean_repeated(X):
    """All your numbers are the same: the mean of the whole table, once per column. Should one column's entries have a say in another's mean?"""
    return np.full(X.shape[1], X.mean())


@mistake("column_mean", name="scalar_mean")
def mean_of_the_means(X):
    """You average the columns' means once more, so a single number comes back. Where do the means of the single columns get lost?"""
    return X.mean(axis=0).sum() / X.shape[1]


@mistake("column_mean")
def keeps_dims(X):
    """The means are right, but yours come as a table of one row, with shape (1, d). The exercise asks for (d,). What keeps the extra dimension alive?"""
    return X.mean(axis=0, keepdims=True)


@mistake("column_mean", name="keeps_dims")
def keeps_dims_as_column(X):
    """The means are right, but yours stand as a column, with shape (d, 1). The exercise asks for (d,). Where does the extra dimension come from?"""
    return X.mean(axis=0).reshape(-1, 1)


@mistake("column_mean")
def squeezes_single_column(X):
    """Right until the table has one column only: then yours is a bare number, and should be an array of shape (1,). What removes a dimension too many?"""
    return X.mean(axis=0).squeeze()


@mistake("column_mean")
def sums_columns(X):
    """These are the columns' sums. What turns a sum into a mean?"""
    return X.sum(axis=0)


@mistake("column_mean")
def sums_rows(X):
    """These are the sums of the rows. Two questions: which direction is a column, and what turns a sum into a mean?"""
    return X.sum(axis=1)


@mistake("column_mean")
def sums_everything(X):
    """This is the sum of the whole table, one number. Each column needs its own, and a mean is more than a sum."""
    return X.sum()


@mistake("column_mean")
def divides_by_columns(X):
    """You add up the right entries, but divide by the number of columns. How many entries went into each sum?"""
    return X.sum(axis=0) / X.shape[1]


@mistake("column_mean")
def divides_by_all_entries(X):
    """You add up the right entries, but divide by the number of entries of the whole table. How many went into each sum?"""
    return X.sum(axis=0) / X.size


@mistake("column_mean")
def divides_by_n_minus_one(X):
    """You divide by one less than the number of rows. That belongs to a sample variance; what belongs to a mean?"""
    return X.sum(axis=0) / (len(X) - 1)


@mistake("column_mean", name="divides_by_n_minus_one")
def divides_by_n_minus_one_in_a_loop(X):
    """You divide by one less than the number of rows. With a single row, what do you divide by?"""
    return [sum(float(value) for value in column) / (len(column) - 1) for column in X.T]


@mistake("column_mean")
def divides_twice(X):
    """You divide by the number of rows twice: once too often."""
    return X.mean(axis=0) / len(X)


@mistake("column_mean")
def misses_a_row(X):
    """One row never gets into your sums. Check where your loop or slice starts and ends."""
    return X[:-1].sum(axis=0) / len(X)


@mistake("column_mean", name="misses_a_row")
def misses_the_first_row(X):
    """The first row never gets into your sums. At which index does Python start to count?"""
    return X[1:].sum(axis=0) / len(X)


@mistake("column_mean", name="misses_a_row")
def mean_without_the_last_row(X):
    """Your means leave the last row out. Check where your loop or slice ends."""
    return X[:-1].mean(axis=0)


@mistake("column_mean", name="misses_a_row")
def mean_without_the_first_row(X):
    """Your means leave the first row out. At which index does Python start to count?"""
    return X[1:].mean(axis=0)


@mistake("column_mean")
def counts_first_row_twice(X):
    """The first row gets into your sums twice: once as the starting value, once more in the loop."""
    total = X[0].copy()
    for row in X:
        total = total + row
    return total / len(X)


@mistake("column_mean", name="counts_first_row_twice")
def counts_first_row_twice_in_place(X):
    """Your function changes the table that it was given, and counts its first row twice: `X[0]`, for one, is a window onto `X` and not a copy. What would be a safe starting value?"""
    total = X[0]
    for row in X:
        total += row
    return total / len(X)


@mistake("column_mean")
def changes_the_table(X):
    """Your means are right, but your function changes the table that it was given: `X[0]`, for one, is a window onto `X` and not a copy. What would be a safe starting value?"""
    total = X[0]
    for row in X[1:]:
        total += row
    return total / len(X)


@mistake("column_mean", name="changes_the_table")
def changes_the_table_twice(X):
    """Your function changes the table that it was given: `X[0]`, for one, is a window onto `X` and not a copy, and `+=` and `/=` write through it."""
    total = X[0]
    for row in X[1:]:
        total += row
    total /= len(X)
    return total


@mistake("column_mean", name="changes_the_table")
def divides_the_table(X):
    """Your function changes the table that it was given (`/=`, for one, does that, and fails for whole numbers). Compute new arrays and leave `X` as it is."""
    X /= len(X)
    return X.sum(axis=0)


@mistake("column_mean")
def first_column_only(X):
    """Only the first column's mean comes back. Does your loop return before it has seen the others?"""
    return X[:, 0].mean()


@mistake("column_mean", name="first_column_only")
def first_column_only_in_a_list(X):
    """Only the first column's mean comes back. Does your loop end before it has seen the others?"""
    return [X[:, 0].mean()]


@mistake("column_mean")
def last_column_only(X):
    """Only the last column's mean comes back. Does your loop collect the results, or overwrite one variable?"""
    return X[:, -1].mean()


@mistake("column_mean")
def misses_a_column(X):
    """The last column has no mean. Check where your loop or slice over the columns ends."""
    return X[:, :-1].mean(axis=0)


@mistake("column_mean")
def two_columns_only(X):
    """Yours works for two columns, like the worked example, but `X` may have any number of them. Where can you read that number?"""
    return [X[:, 0].mean(), X[:, 1].mean()]


@mistake("column_mean")
def three_rows_only(X):
    """You divide by 3, the number of rows of the worked example, but `X` may have any number of them. Where can you read that number?"""
    return X.sum(axis=0) / 3


@mistake("column_mean")
def answer_of_the_example(X):
    """The same answer comes back for every table. Does your function look at its argument `X`, or at the worked example?"""
    return [3.0, 20.0]


@mistake("column_mean")
def first_row(X):
    """The first row itself comes back. What about the other rows?"""
    return X[0].copy()


@mistake("column_mean")
def last_row(X):
    """The last row itself comes back. Does your loop add up, or overwrite one variable?"""
    return X[-1].copy()


@mistake("column_mean")
def median(X):
    """These are the columns' medians, the middle values. A mean is the sum divided by the count."""
    return np.median(X, axis=0)


@mistake("column_mean")
def mean_of_sizes(X):
    """You drop the signs before you average. A negative entry should pull the mean down."""
    return np.abs(X).mean(axis=0)


@mistake("column_mean")
def subtracts_the_means(X):
    """You subtract each column's mean from the table. The exercise asks for the means themselves."""
    return X - X.mean(axis=0)


@mistake("column_mean")
def keeps_whole_numbers(X):
    """Right, except for a table of whole numbers: there yours are cut to whole numbers as well. Which dtype do you store the means in?"""
    means = np.zeros_like(X[0])
    means[:] = X.mean(axis=0)
    return means


@mistake("column_mean")
def whole_number_division(X):
    """Your means come out as whole numbers, rounded down. `//`, say, throws the fraction away; which division keeps it?"""
    return X.sum(axis=0) // len(X)


@mistake("column_mean", name="whole_number_division")
def cut_to_whole_numbers(X):
    """Your means come out as whole numbers. Turning them into `int`, say, throws the fraction away."""
    return X.mean(axis=0).astype(int)


@mistake("column_mean")
def rounds(X):
    """You round. Return every digit there is; rounding is for printing."""
    return X.mean(axis=0).round(2)


@mistake("column_mean", name="rounds")
def rounds_to_whole_numbers(X):
    """You round to whole numbers. Return every digit there is; rounding is for printing."""
    return X.mean(axis=0).round()


@mistake("column_mean", name="rounds")
def rounds_to_one_place(X):
    """You round to one decimal place. Return every digit there is; rounding is for printing."""
    return X.mean(axis=0).round(1)


@mistake("column_mean", name="rounds")
def rounds_to_three_places(X):
    """You round to three decimal places. Return every digit there is; rounding is for printing."""
    return X.mean(axis=0).round(3)


@mistake("column_mean", name="rounds")
def rounds_to_four_places(X):
    """You round to four decimal places. Return every digit there is; rounding is for printing."""
    return X.mean(axis=0).round(4)


@mistake("column_mean")
def returns_nothing(X):
    """Your function hands nothing back, so Python returns `None`. Is all your code indented, so that it belongs to the function? And printing only shows a value to you: what gives it to the caller?"""
    print(X.mean(axis=0))


@mistake("column_mean")
def returns_the_table(X):
    """The whole table comes back as it was. Where are the means?"""
    return X.copy()


@mistake("column_mean")
def forgets_to_reset(X):
    """The first column is right, but the others carry on adding to it. Where does your running total start again from zero?"""
    return np.cumsum(X.sum(axis=0)) / len(X)


@mistake("column_mean")
def collects_too_often(X):
    """You collect a result after every entry, and should do so once per column. Which line is indented too far?"""
    return (np.cumsum(X, axis=0) / len(X)).T.ravel()


@mistake("column_mean")
def last_row_over_count(X):
    """Only the last entry of each column counts in yours. Does your loop add to the total, or overwrite it?"""
    return X[-1] / len(X)


@mistake("column_mean")
def misses_the_first_column(X):
    """The first column has no mean. At which index does Python start to count?"""
    return X[:, 1:].mean(axis=0)


@mistake("column_mean")
def first_row_mean(X):
    """You average the first row only, so a single number comes back. Which entries belong to one column?"""
    return X[0].mean()


@mistake("column_mean")
def largest_and_smallest(X):
    """You take the middle between the largest and the smallest entry. A mean lets every entry have its say."""
    return (X.max(axis=0) + X.min(axis=0)) / 2


# --- residuals -------------------------------------------------------------------------------------


@mistake("residuals")
def broadcasts_to_square(predictions, y):
    """Where one input is (n,) and the other (n, 1), yours is an n by n square: each prediction minus every target. What must hold before the minus?"""
    return predictions - y


@mistake("residuals", name="broadcasts_to_square")
def always_a_square(predictions, y):
    """Yours is an n by n square: each prediction minus every target. Which of these differences belong together?"""
    return np.subtract.outer(predictions.ravel(), y.ravel())


@mistake("residuals", name="broadcasts_to_square")
def square_with_columns_flattened(predictions, y):
    """Two columns are fine now, but the mixes of (n,) and (n, 1) still become an n by n square. Does the order of the shapes matter?"""
    if predictions.ndim == 2 and y.ndim == 2:
        predictions, y = predictions.ravel(), y.ravel()
    return predictions - y


@mistake("residuals", name="broadcasts_to_square")
def flattens_only_predictions(predictions, y):
    """You flatten `predictions` only: where `y` is (n, 1), the difference is an n by n square. What about the other input?"""
    return predictions.ravel() - y


@mistake("residuals", name="broadcasts_to_square")
def flattens_only_y(predictions, y):
    """You flatten `y` only: where `predictions` are (n, 1), the difference is an n by n square. What about the other input?"""
    return predictions - y.ravel()


@mistake("residuals", name="broadcasts_to_square")
def squeezes_only_predictions(predictions, y):
    """You squeeze `predictions` only: where `y` is (n, 1), the difference is an n by n square. What about the other input?"""
    return predictions.squeeze() - y


@mistake("residuals", name="broadcasts_to_square")
def squeezes_only_y(predictions, y):
    """You squeeze `y` only: where `predictions` are (n, 1), the difference is an n by n square. What about the other input?"""
    return predictions - y.squeeze()


@mistake("residuals", name="broadcasts_to_square")
def columns_only_predictions(predictions, y):
    """You make a column of `predictions` only: where `y` is flat, the difference is an n by n square. Which one shape should both have?"""
    return predictions.reshape(-1, 1) - y


@mistake("residuals", name="broadcasts_to_square")
def columns_only_y(predictions, y):
    """You make a column of `y` only: where `predictions` are flat, the difference is an n by n square. Which one shape should both have?"""
    return predictions - y.reshape(-1, 1)


@mistake("residuals", name="broadcasts_to_square")
def flattens_too_late(predictions, y):
    """You flatten the difference. By then the mixes of (n,) and (n, 1) are an n by n square, and yours has n² numbers. What should be flat before the minus?"""
    return (predictions - y).ravel()


@mistake("residuals", name="broadcasts_to_square")
def squeezes_too_late(predictions, y):
    """You squeeze the difference. By then the mixes of (n,) and (n, 1) are an n by n square. What should be flat before the minus?"""
    return (predictions - y).squeeze()


@mistake("residuals", name="broadcasts_to_square")
def transposes_y(predictions, y):
    """Transposing does not make an array flat: (n, 1) becomes (1, n), and (n,) stays as it is. So the difference is still a square or a row. Which one shape should both have?"""
    return predictions - y.T


@mistake("residuals", name="broadcasts_to_square")
def transposes_predictions(predictions, y):
    """Transposing does not make an array flat: (n, 1) becomes (1, n), and (n,) stays as it is. So the difference is still a square or a row. Which one shape should both have?"""
    return predictions.T - y


@mistake("residuals", name="broadcasts_to_square")
def averages_the_square(predictions, y):
    """This is each prediction minus the mean of all targets (an n by n square, averaged away?). Which target belongs to which prediction?"""
    return np.subtract.outer(predictions.ravel(), y.ravel()).mean(axis=1)


@mistake("residuals")
def sign_flipped(predictions, y):
    """The sign is the other way round: a prediction that is too high should have a positive residual. What is subtracted from what?"""
    return y.ravel() - predictions.ravel()


@mistake("residuals", name="sign_flipped")
def sign_flipped_and_square(predictions, y):
    """Two things at once. The sign is the other way round: what is subtracted from what? And the mixes of (n,) and (n, 1) become an n by n square."""
    return y - predictions


@mistake("residuals", name="sign_flipped")
def sign_flipped_and_squeezed(predictions, y):
    """Two things at once. The sign is the other way round: what is subtracted from what? And for n = 1 yours is a bare number and no array."""
    return y.squeeze() - predictions.squeeze()


@mistake("residuals", name="sign_flipped")
def sign_flipped_and_column(predictions, y):
    """Two things at once. The sign is the other way round: what is subtracted from what? And the result should be flat, not a column."""
    return y.reshape(-1, 1) - predictions.reshape(-1, 1)


@mistake("residuals", name="sign_flipped")
def sign_flipped_and_flattened_too_late(predictions, y):
    """Two things at once. The sign is the other way round: what is subtracted from what? And you flatten the difference, when it is too late."""
    return (y - predictions).ravel()


@mistake("residuals")
def keeps_column(predictions, y):
    """The numbers are right, but they stand in a column, (n, 1). The exercise asks for a flat (n,). Which is the shape that both inputs should get?"""
    return predictions.reshape(-1, 1) - y.reshape(-1, 1)


@mistake("residuals", name="keeps_column")
def keeps_column_of_two_columns(predictions, y):
    """The mixes are right. But two columns have equal shapes, so yours leaves them alone, and the result is a column too. It should be flat, (n,)."""
    if predictions.shape != y.shape:
        predictions, y = predictions.ravel(), y.ravel()
    return predictions - y


@mistake("residuals", name="keeps_column")
def takes_the_shape_of_y(predictions, y):
    """Your result has the shape of `y`. Where that is a column, the result is a column too, and it should always be flat, (n,)."""
    return predictions.reshape(y.shape) - y


@mistake("residuals", name="keeps_column")
def takes_the_shape_of_predictions(predictions, y):
    """Your result has the shape of `predictions`. Where those are a column, the result is a column too, and it should always be flat, (n,)."""
    return predictions - y.reshape(predictions.shape)


@mistake("residuals", name="keeps_column")
def column_if_either_is(predictions, y):
    """The numbers are right, but where an input is a column, the result is a column too. Its rows are arrays of one number. It should always be flat, (n,)."""
    return [predicted - target for predicted, target in zip(predictions, y, strict=True)]


@mistake("residuals")
def keeps_row(predictions, y):
    """The numbers are right, but they stand in a table of one row, (1, n). The exercise asks for a flat (n,). Where does the extra dimension come from?"""
    return predictions.reshape(1, -1) - y.reshape(1, -1)


@mistake("residuals", name="keeps_row")
def transposes_both(predictions, y):
    """Transposing makes (1, n) of (n, 1), and that is a table of one row. The exercise asks for a flat (n,)."""
    return predictions.T - y.T


@mistake("residuals")
def squeezes_single_value(predictions, y):
    """Right until n = 1: then `squeeze` removes every dimension, and yours is a bare number. An array of shape (1,) should come back."""
    return predictions.squeeze() - y.squeeze()


@mistake("residuals")
def adds(predictions, y):
    """You add. A residual says how far a prediction is from its target."""
    return predictions.ravel() + y.ravel()


@mistake("residuals", name="adds")
def adds_to_a_square(predictions, y):
    """You add. A residual says how far a prediction is from its target. And look at the shape for the mixes of (n,) and (n, 1)."""
    return predictions + y


@mistake("residuals")
def drops_the_sign(predictions, y):
    """You drop the sign. Too high is positive and too low is negative; both matter when the weights are to be corrected."""
    return np.abs(predictions.ravel() - y.ravel())


@mistake("residuals", name="drops_the_sign")
def drops_the_sign_of_a_square(predictions, y):
    """You drop the sign, which matters: too high is positive, too low negative. And look at the shape for the mixes of (n,) and (n, 1)."""
    return np.abs(predictions - y)


@mistake("residuals")
def squares(predictions, y):
    """You square the differences. That is a step towards a loss; the residuals are the differences themselves."""
    return (predictions.ravel() - y.ravel()) ** 2


@mistake("residuals", name="squares")
def squares_of_a_square(predictions, y):
    """You square the differences, and the exercise asks for them as they are. And look at the shape for the mixes of (n,) and (n, 1)."""
    return (predictions - y) ** 2


@mistake("residuals")
def averages(predictions, y):
    """You average, so a single number comes back. The exercise asks for one residual per prediction."""
    return (predictions.ravel() - y.ravel()).mean()


@mistake("residuals", name="averages")
def averages_squares(predictions, y):
    """This is the mean squared error, a single number. The exercise asks for one residual per prediction."""
    return ((predictions.ravel() - y.ravel()) ** 2).mean()


@mistake("residuals", name="averages")
def averages_sizes(predictions, y):
    """This is the mean absolute error, a single number. The exercise asks for one residual per prediction."""
    return np.abs(predictions.ravel() - y.ravel()).mean()


@mistake("residuals", name="averages")
def averages_squares_of_a_square(predictions, y):
    """You average squares into a single number. The exercise asks for one residual per prediction. (And it would be off: the mixes of (n,) and (n, 1) become a square first.)"""
    return ((predictions - y) ** 2).mean()


@mistake("residuals")
def sums_up(predictions, y):
    """You add the residuals up, so a single number comes back. The exercise asks for one residual per prediction."""
    return (predictions.ravel() - y.ravel()).sum()


@mistake("residuals")
def divides_by_target(predictions, y):
    """You divide by the targets: those are relative errors. The exercise asks for the plain differences."""
    return (predictions.ravel() - y.ravel()) / y.ravel()


@mistake("residuals")
def divides_by_count(predictions, y):
    """You divide by n. That belongs to a mean; the exercise asks for the plain differences."""
    return (predictions.ravel() - y.ravel()) / len(y)


@mistake("residuals")
def changes_an_input(predictions, y):
    """Your function changes the `predictions` that it was given: `ravel` and `reshape` may give a window onto them and not a copy. Compute a new array instead."""
    flat = predictions.ravel()
    flat -= y.ravel()
    return flat


@mistake("residuals", name="changes_an_input")
def changes_an_input_through_reshape(predictions, y):
    """Your function changes the `predictions` that it was given: `ravel` and `reshape` may give a window onto them and not a copy. Compute a new array instead."""
    flat = predictions.reshape(-1)
    flat -= y.reshape(-1)
    return flat


@mistake("residuals", name="changes_an_input")
def changes_predictions(predictions, y):
    """Your function changes the `predictions` that it was given. Compute a new array instead. (And mind the mixes of (n,) and (n, 1).)"""
    predictions -= y
    return predictions


@mistake("residuals", name="changes_an_input")
def changes_the_callers_shapes(predictions, y):
    """Your function changes the shape of the arrays that it was given. Make new ones of the shape that you need."""
    with np.errstate(all="ignore"):
        predictions.shape = (len(predictions),)
        y.shape = (len(y),)
    return predictions - y


@mistake("residuals", name="keeps_whole_numbers")
def residuals_keeps_whole_numbers(predictions, y):
    """Right, except where `y` holds whole numbers: there yours are cut to whole numbers as well. Which dtype do you store the results in?"""
    result = np.zeros_like(y.ravel())
    result[:] = predictions.ravel() - y.ravel()
    return result


@mistake("residuals", name="keeps_whole_numbers")
def keeps_whole_numbers_of_predictions(predictions, y):
    """Right, except where `predictions` hold whole numbers: there yours are cut to whole numbers as well. Which dtype do you store the results in?"""
    result = np.zeros_like(predictions.ravel())
    result[:] = predictions.ravel() - y.ravel()
    return result


@mistake("residuals", name="keeps_whole_numbers")
def residuals_cut_to_whole_numbers(predictions, y):
    """Your residuals come out as whole numbers. Turning them into `int`, say, throws the fraction away."""
    return (predictions.ravel() - y.ravel()).astype(int)


@mistake("residuals", name="rounds")
def residuals_rounds(predictions, y):
    """You round. Return every digit there is; rounding is for printing."""
    return (predictions.ravel() - y.ravel()).round(2)


@mistake("residuals", name="rounds")
def residuals_rounds_to_one_place(predictions, y):
    """You round to one decimal place. Return every digit there is; rounding is for printing."""
    return (predictions.ravel() - y.ravel()).round(1)


@mistake("residuals", name="rounds")
def residuals_rounds_to_three_places(predictions, y):
    """You round to three decimal places. Return every digit there is; rounding is for printing."""
    return (predictions.ravel() - y.ravel()).round(3)


@mistake("residuals", name="rounds")
def residuals_rounds_to_four_places(predictions, y):
    """You round to four decimal places. Return every digit there is; rounding is for printing."""
    return (predictions.ravel() - y.ravel()).round(4)


@mistake("residuals")
def misses_one(predictions, y):
    """The last residual is missing. Check where your loop or slice ends."""
    return (predictions.ravel() - y.ravel())[:-1]


@mistake("residuals", name="misses_one")
def misses_the_first(predictions, y):
    """The first residual is missing. At which index does Python start to count?"""
    return (predictions.ravel() - y.ravel())[1:]


@mistake("residuals")
def first_one_only(predictions, y):
    """Only the first residual comes back. Does your loop return before it has seen the others?"""
    return (predictions.ravel() - y.ravel())[0]


@mistake("residuals")
def last_one_only(predictions, y):
    """Only the last residual comes back. Does your loop collect the results, or overwrite one variable?"""
    return (predictions.ravel() - y.ravel())[-1]


@mistake("residuals")
def returns_predictions(predictions, y):
    """The predictions come back as they are, flat. Where do the targets come in?"""
    return predictions.ravel().copy()


@mistake("residuals", name="returns_nothing")
def residuals_returns_nothing(predictions, y):
    """Your function hands nothing back, so Python returns `None`. Is all your code indented, so that it belongs to the function? And printing only shows a value to you: what gives it to the caller?"""
    print(predictions.ravel() - y.ravel())


@mistake("residuals", name="broadcasts_to_square")
def columns_against_rows(predictions, y):
    """Yours is an n by n square, since a column meets a row: every prediction with every target. Which one shape should both have?"""
    return predictions.reshape(1, -1) - y.reshape(-1, 1)


@mistake("residuals", name="broadcasts_to_square")
def nested_loops(predictions, y):
    """Yours has n² numbers: every prediction is paired with every target. Which target belongs to which prediction?"""
    return [predicted - target for predicted in predictions.ravel() for target in y.ravel()]


@mistake("residuals", name="broadcasts_to_square")
def new_axis_for_predictions(predictions, y):
    """A new axis for `predictions` makes a column of what was flat, and the difference a square. Which one shape should both have?"""
    return predictions[:, None] - y


@mistake("residuals", name="broadcasts_to_square")
def new_axis_for_y(predictions, y):
    """A new axis for `y` makes a column of what was flat, and the difference a square. Which one shape should both have?"""
    return predictions - y[:, None]


@mistake("residuals", name="broadcasts_to_square")
def transposes_y_and_flattens(predictions, y):
    """Transposing does not make an array flat: (n, 1) becomes (1, n), and (n,) stays as it is. You flatten afterwards, when the square is already there."""
    return (predictions - y.T).ravel()


@mistake("residuals", name="broadcasts_to_square")
def transposes_predictions_and_flattens(predictions, y):
    """Transposing does not make an array flat: (n, 1) becomes (1, n), and (n,) stays as it is. You flatten afterwards, when the square is already there."""
    return (predictions.T - y).ravel()


@mistake("residuals", name="keeps_column")
def new_axis_for_both(predictions, y):
    """A new axis for both makes columns of what was flat, and tables of three dimensions of what was a column. The result should be flat, (n,)."""
    return predictions[:, None] - y[:, None]


@mistake("residuals", name="drops_the_sign")
def drops_the_sign_and_squeezes(predictions, y):
    """You drop the sign, which matters: too high is positive, too low negative. And for n = 1 yours is a bare number and no array."""
    return np.abs(predictions.squeeze() - y.squeeze())


@mistake("residuals", name="sums_up")
def sums_up_the_square(predictions, y):
    """You add the residuals up, so a single number comes back. The exercise asks for one residual per prediction. And for the mixes of (n,) and (n, 1) you add up a square."""
    return (predictions - y).sum()


@mistake("residuals", name="averages")
def averages_the_differences_of_a_square(predictions, y):
    """You average, so a single number comes back. The exercise asks for one residual per prediction."""
    return (predictions - y).mean()


@mistake("residuals", name="sums_up")
def takes_the_norm(predictions, y):
    """You make one number of them all, the length of the vector of residuals. The exercise asks for one residual per prediction."""
    return np.linalg.norm(predictions.ravel() - y.ravel())


@mistake("residuals", name="keeps_whole_numbers")
def cuts_the_inputs(predictions, y):
    """You turn the inputs into whole numbers before you subtract; that throws their fractions away."""
    return predictions.astype(int).ravel() - y.astype(int).ravel()


@mistake("residuals", name="answer_of_the_example")
def residuals_of_the_example(predictions, y):
    """The same answer comes back for all predictions and targets. Does your function look at its arguments, or at the worked example?"""
    return [-0.5, 1.0]


@mistake("residuals")
def returns_targets(predictions, y):
    """The targets come back as they are, flat. Where do the predictions come in?"""
    return y.ravel().copy()


@mistake("residuals")
def multiplies(predictions, y):
    """You multiply. A residual says how far a prediction is from its target."""
    return predictions.ravel() * y.ravel()


@mistake("residuals")
def divides(predictions, y):
    """You divide. A residual says how far a prediction is from its target, in the target's own units."""
    return predictions.ravel() / y.ravel()


# --- label_lines -----------------------------------------------------------------------------------


@mistake("label_lines")
def swaps_loss_and_gradient():
    """You have swapped loss and gradient. Which line ends in one number for all, and which has one number for each weight?"""
    return {1: "forward", 2: "gradient", 3: "loss", 4: "update"}


@mistake("label_lines")
def swaps_forward_and_loss():
    """You have swapped forward and loss. Which line makes predictions, and which one judges them?"""
    return {1: "loss", 2: "forward", 3: "gradient", 4: "update"}


@mistake("label_lines")
def swaps_forward_and_gradient():
    """You have swapped forward and gradient. Both multiply with `X`; which one needs to know the targets `y`?"""
    return {1: "gradient", 2: "loss", 3: "forward", 4: "update"}


@mistake("label_lines")
def swaps_forward_and_update():
    """You have swapped forward and update. Which line makes predictions, and which one changes the weights?"""
    return {1: "update", 2: "loss", 3: "gradient", 4: "forward"}


@mistake("label_lines")
def swaps_loss_and_update():
    """You have swapped loss and update. Which line only measures, and which one changes the weights?"""
    return {1: "forward", 2: "update", 3: "gradient", 4: "loss"}


@mistake("label_lines")
def swaps_gradient_and_update():
    """You have swapped gradient and update. Line 3 computes a direction; after which line is `w` another one?"""
    return {1: "forward", 2: "loss", 3: "update", 4: "gradient"}


@mistake("label_lines")
def forward_is_loss():
    """Line 1 makes the predictions; `y` does not occur in it. Can it know how wrong they are?"""
    return {1: "loss", 2: "loss", 3: "gradient", 4: "update"}


@mistake("label_lines")
def forward_is_gradient():
    """Line 1 multiplies with `X`, as line 3 does. But `y` does not occur in it: can it know how the loss changes?"""
    return {1: "gradient", 2: "loss", 3: "gradient", 4: "update"}


@mistake("label_lines")
def forward_is_update():
    """Line 1 reads the weights `w`. Does it change them?"""
    return {1: "update", 2: "loss", 3: "gradient", 4: "update"}


@mistake("label_lines")
def loss_is_forward():
    """Many books count the loss as part of the forward pass. Here it has a name of its own: which line says how wrong the predictions are?"""
    return {1: "forward", 2: "forward", 3: "gradient", 4: "update"}


@mistake("label_lines")
def loss_is_gradient():
    """Line 2 gives a single number. A gradient has one number for each weight."""
    return {1: "forward", 2: "gradient", 3: "gradient", 4: "update"}


@mistake("label_lines")
def loss_is_update():
    """Line 2 only measures. Are the weights any different after it?"""
    return {1: "forward", 2: "update", 3: "gradient", 4: "update"}


@mistake("label_lines")
def gradient_is_forward():
    """Line 3 multiplies with `X`, as line 1 does, but it needs to know `y` as well and makes no predictions. What does it have one number for each weight of?"""
    return {1: "forward", 2: "loss", 3: "forward", 4: "update"}


@mistake("label_lines")
def gradient_is_loss():
    """Line 3 starts from the errors, as line 2 does. But does it end in one number for all, or in one for each weight?"""
    return {1: "forward", 2: "loss", 3: "loss", 4: "update"}


@mistake("label_lines")
def gradient_is_update():
    """Line 3 says in which direction to go. Are the weights any different after it?"""
    return {1: "forward", 2: "loss", 3: "update", 4: "update"}


@mistake("label_lines")
def update_is_forward():
    """Line 4 makes no predictions. What is different after it than before?"""
    return {1: "forward", 2: "loss", 3: "gradient", 4: "forward"}


@mistake("label_lines")
def update_is_loss():
    """Line 4 does not say how wrong the predictions are. What is different after it than before?"""
    return {1: "forward", 2: "loss", 3: "gradient", 4: "loss"}


@mistake("label_lines")
def update_is_gradient():
    """Line 4 uses the gradient that line 3 has computed. What does it do with it?"""
    return {1: "forward", 2: "loss", 3: "gradient", 4: "gradient"}


@mistake("label_lines")
def reversed_order():
    """This is the cycle backwards. Nothing can be corrected before it has been predicted: which line comes first?"""
    return {1: "update", 2: "gradient", 3: "loss", 4: "forward"}


@mistake("label_lines")
def one_line_too_early():
    """Each word stands one line away from where it belongs. Which line makes the predictions?"""
    return {1: "loss", 2: "gradient", 3: "update", 4: "forward"}


@mistake("label_lines", name="one_line_too_early")
def one_line_too_late():
    """Each word stands one line away from where it belongs. Which line makes the predictions?"""
    return {1: "update", 2: "forward", 3: "loss", 4: "gradient"}


@mistake("label_lines", name="other_words")
def says_backward():
    """Line 3 is often called the backward pass, and you are right about what it does. In this exercise the word for it is one of the four that are given."""
    return {1: "forward", 2: "loss", 3: "backward", 4: "update"}


@mistake("label_lines", name="other_words")
def says_backward_pass():
    """You are right about what the lines do. In this exercise each word is one of the four that are given, and nothing more."""
    return {1: "forward pass", 2: "loss", 3: "backward pass", 4: "update"}


@mistake("label_lines", name="other_words")
def says_forward_pass():
    """You are right about what the lines do. In this exercise each word is one of the four that are given, and nothing more."""
    return {1: "forward pass", 2: "loss", 3: "gradient", 4: "update"}


@mistake("label_lines", name="other_words")
def says_prediction():
    """You are right about what line 1 does. In this exercise each word is one of the four that are given."""
    return {1: "prediction", 2: "loss", 3: "gradient", 4: "update"}


@mistake("label_lines", name="other_words")
def says_predict():
    """You are right about what line 1 does. In this exercise each word is one of the four that are given."""
    return {1: "predict", 2: "loss", 3: "gradient", 4: "update"}


@mistake("label_lines", name="other_words")
def says_grad():
    """You are right about what the lines do. In this exercise each word is one of the four that are given, in full, and not the name of a variable."""
    return {1: "forward", 2: "loss", 3: "grad", 4: "update"}


@mistake("label_lines", name="other_words")
def says_the_variables():
    """These are the names of the variables. What does each line do? The four words to choose from are given above."""
    return {1: "pred", 2: "loss", 3: "grad", 4: "w"}


@mistake("label_lines")
def counts_from_zero():
    """The words are in the right order, but the keys start at 0. Here the lines are numbered from 1."""
    return {0: "forward", 1: "loss", 2: "gradient", 3: "update"}


@mistake("label_lines")
def keys_are_texts():
    """The words are right, but your keys are texts. A line's number is a whole number: 1 is not "1"."""
    return {"1": "forward", "2": "loss", "3": "gradient", "4": "update"}


@mistake("label_lines")
def list_not_dict():
    """The words are in the right order, but they should be the values of a dict whose keys are 1 to 4."""
    return ["forward", "loss", "gradient", "update"]


@mistake("label_lines")
def words_as_keys():
    """Your dict is the wrong way round: the line's number is the key, the word is the value."""
    return {"forward": 1, "loss": 2, "gradient": 3, "update": 4}
