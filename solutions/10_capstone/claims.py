"""What lesson 10 says in numbers, each with the code that computes it."""

import json
from pathlib import Path

import numpy as np

from autograder.authoring import claim
from autograder.exercises.capstone import scene


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


@claim("eleven honest defences, thirteen wrong ones, 100 runs of each kind", "100")
def the_limits_were_measured(names):
    path = Path(__file__).parents[2] / "benchmarks" / "labs" / "capstone.json"
    runs = json.loads(path.read_text())
    assert len(runs) == (11 + 13) * 5
    return min(map(len, runs.values()))


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
