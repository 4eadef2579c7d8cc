"""What lesson 10 says in numbers, each with the code that computes it."""

import numpy as np

from autograder.authoring import claim
from autograder.exercises.capstone import FIRST_EPOCH, FURTHEST, scene


def _distances(names, train, kind, seed=4):
    run = scene(kind, np.random.default_rng(seed))
    history = names[train](run.X, run.y, run.weights, 0.025, 30, 12, run.generator, run.tamper)
    return np.linalg.norm(history["weight_path"] - run.goal, axis=1), history, run


@claim("MAD = 0.5, and the limit is 2 + 5 · 1.4826 · 0.5 = 5.7065", "0.5", "5.7065")
def the_limit_of_four_lengths(names):
    lengths = [3.0, 1.0, 2.0, 2.0]
    mad = np.median(np.abs(np.array(lengths) - np.median(lengths)))
    return mad, np.median(lengths) + 5 * 1.4826 * mad


@claim("so 10 steps an epoch and 300 in all", "10", "300")
def steps_of_a_run(names):
    run = scene("clean", np.random.default_rng(0))
    return len(run.y) // 12, len(run.attacked)


def _bands(attacked):
    edges = np.flatnonzero(np.diff(np.r_[0, attacked.astype(int), 0]))
    return list(zip(edges[::2], edges[1::2], strict=True))


@claim(
    "It falls during the warm-up. At the first attacked step of each of three grey bands it jumps about a hundredfold."
)
def the_length_jumps(names):
    _, history, run = _distances(names, "train_monitored", "bursts")
    norms, bands = history["gradient_norms"], _bands(run.attacked)
    falls = norms[:10].mean() > 2 * norms[20:30].mean()
    return bool(falls and len(bands) == 3 and all(70 < norms[a] / norms[a - 10 : a].mean() < 200 for a, _ in bands))


@claim("at its peak the length is more than 10,000 times what it was")
def the_length_goes_on_rising(names):
    _, history, run = _distances(names, "train_monitored", "bursts")
    norms = history["gradient_norms"]
    return all(norms[a:b].max() > 1e4 * norms[a - 10 : a].max() for a, b in _bands(run.attacked))


@claim("After each band the crosses go on for about ten steps")
def flags_go_on(names):
    _, history, run = _distances(names, "train_monitored", "bursts")
    after = [int(history["flagged"][b : b + 30].sum()) for _, b in _bands(run.attacked)]
    return all(7 <= count <= 13 for count in after)


@claim("The clean run falls below a hundredth by epoch 15 and stays there.")
def the_clean_run_arrives(names):
    return bool(_distances(names, "train_monitored", "clean")[0][15:].max() < 0.01)


@claim("Under flips it jumps up to about 1.5 three times, and comes back each time.")
def flips_carry_the_weights_away(names):
    far = _distances(names, "train_monitored", "flips")[0]
    peaks = [b for a, b, c in zip(far[6:], far[7:], far[8:], strict=False) if b > max(a, c, 0.3)]
    return len(peaks) == 3 and all(1.25 < peak < 1.75 for peak in peaks)


@claim("Under bursts it climbs like stairs, to 10³, 10⁵ and 10⁷, and never comes home.")
def bursts_throw_the_weights_away(names):
    far, _, run = _distances(names, "train_monitored", "bursts")
    ends = [b // 10 + 1 for _, b in _bands(run.attacked)]
    peaks = [far[end - 2 : end + 3].max() for end in ends]
    stairs = all(
        10**low < peak < 10**high for peak, low, high in zip(peaks, (2.5, 4.5, 6.5), (3.5, 5.5, 7.5), strict=True)
    )
    return bool(stairs and far[ends[0] :].min() > 1)


@claim("even an undefended loop stays within 0.3 of the goal", "0.3")
def nudges_hardly_move_the_weights(names):
    runs = [_distances(names, "train_monitored", "nudges", seed)[0] for seed in range(10)]
    return FURTHEST if max(far[FIRST_EPOCH:].max() for far in runs) < FURTHEST else np.nan


@claim("The length falls from about 16 to about 0.01.", "16", "0.01")
def honest_lengths_under_nudges(names):
    _, history, run = _distances(names, "train_monitored", "nudges")
    before = history["gradient_norms"][: _bands(run.attacked)[0][0]]
    return before[0], np.median(before[-10:])


@claim("it jumps to a little above 1: ten times its neighbours and more, less than a tenth of the first lengths")
def nudges_are_seen_by_their_neighbours(names):
    _, history, run = _distances(names, "train_monitored", "nudges")
    norms, bands = history["gradient_norms"], _bands(run.attacked)
    heights = [norms[a:b].max() for a, b in bands]
    around = [norms[a - 10 : a].max() for a, _ in bands]
    assert len(bands) == 3
    assert all(1 < height < 1.5 for height in heights)
    assert all(height > 10 * near for height, near in zip(heights, around, strict=True))
    return bool(max(heights) < 0.1 * norms[:2].min())


@claim("Under bursts, on the ten seeds above, it gets 0.17 away on average, once above 0.3.", "0.17", "0.3")
def waiting_costs(names):
    far = []
    for seed in range(10):
        run, lengths = scene("bursts", np.random.default_rng(seed)), []

        def late(step, g, tamper=run.tamper, lengths=lengths):
            g = tamper(step, g)
            before = np.array(lengths[-30:])
            lengths.append(np.linalg.norm(g))
            if step < 30:
                return 0 * g
            mad = np.median(np.abs(before - np.median(before)))
            return 0 * g if lengths[-1] > np.median(before) + 5 * 1.4826 * mad else g

        history = names["train_monitored"](run.X, run.y, run.weights, 0.025, 30, 12, run.generator, late)
        far.append(np.linalg.norm(history["weight_path"] - run.goal, axis=1)[FIRST_EPOCH:].max())
    return np.mean(far), FURTHEST if np.sum(np.array(far) > FURTHEST) == 1 else np.nan


@claim("the weights end about 0.0002 from least squares, as without it", "0.0002")
def the_example_does_no_harm(names):
    ends = []
    for tamper in (lambda step, g: 1.5 * g if step > 100 else g, None):
        run = scene("clean", np.random.default_rng(0))
        history = names["defended_train"](run.X, run.y, run.weights, 0.025, 30, 12, run.generator, tamper)
        ends.append(np.linalg.norm(history["weights"] - run.goal))
    assert round(ends[1], 4) == 0.0002
    return ends[0]


@claim("its goal lies about 0.6 from least squares", "0.6")
def the_goal_of_the_push(names):
    runs = [scene("push", np.random.default_rng(seed)) for seed in range(10)]
    return np.mean([np.linalg.norm(run.goal - np.linalg.lstsq(run.X, run.y, rcond=None)[0]) for run in runs])


@claim("about 1 % of the steps are flagged")
def the_push_is_hardly_flagged(names):
    shares = [np.mean(_distances(names, "defended_train", "push", seed)[1]["flagged"]) for seed in range(10)]
    return bool(0.003 < np.mean(shares) < 0.017)


@claim("the weights are about 0.6 from least squares (0.001 without the push)", "0.6", "0.001")
def the_push_moves_the_weights(names):
    ends = []
    for kind in ("push", "clean"):
        gaps = []
        for seed in range(10):
            _, history, run = _distances(names, "defended_train", kind, seed)
            gaps.append(np.linalg.norm(history["weights"] - np.linalg.lstsq(run.X, run.y, rcond=None)[0]))
        ends.append(np.mean(gaps))
    return ends
