"""What lesson 00 says in numbers, each with the code that computes it."""

import numpy as np

from autograder.authoring import claim

MEASURED = np.array([1.0, 2.0, 3.0, 6.0])
PERFECT = MEASURED.reshape(4, 1)
AVERAGE = np.full((4, 1), MEASURED.mean())


@claim("With equal shapes the perfect model scores 0. In the trap it scores 7", "0", "7")
def the_trap_punishes_the_perfect_model(names):
    return np.mean((PERFECT - PERFECT) ** 2), np.mean((PERFECT - MEASURED) ** 2)


@claim("and the lazy one looks *better*, with 3.5", "3.5")
def the_trap_rewards_the_lazy_model(names):
    return np.mean((AVERAGE - MEASURED) ** 2)


@claim("Right, the predictions stand in a column: 16 differences", "16")
def a_column_minus_a_flat_array_is_a_square(names):
    return (PERFECT - MEASURED).size


@claim("`(5, 5)`. Shapes are lined up from the right")
def either_side_of_the_minus(names):
    flat, column = np.zeros(5), np.zeros((5, 1))
    return (flat - column).shape == (column - flat).shape == (5, 5)


@claim("Example: predictions `[[2.5], [0.0]]` and `y` `[3.0, -1.0]` give `[-0.5, 1.0]`.", "-0.5", "1.0")
def the_worked_residuals(names):
    return names["residuals"](np.array([[2.5], [0.0]]), np.array([3.0, -1.0]))


@claim("With a billion knobs and one second per try, trying each knob once takes 32 years.", "32")
def years_for_a_billion_seconds(names):
    return 1e9 / (365.25 * 24 * 3600)
