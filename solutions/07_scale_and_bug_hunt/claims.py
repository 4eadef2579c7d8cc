"""What lesson 07 says in numbers, each with the code that computes it; and the logs of the bug hunt, made by the printed code."""

import re
from pathlib import Path

import nbformat
import numpy as np
import torch

from autograder.authoring import claim
from autograder.plots.scale_and_bug_hunt import LOGS

_mse = torch.nn.MSELoss()


# --- the eight printed programs, and what they do ------------------------------------------------------


def printed_programs():
    """The functions as they are printed in the lesson's text, by name."""
    notebook = nbformat.read(Path(__file__).with_name("07_scale_and_bug_hunt.ipynb"), as_version=4)
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    names = {"np": np, "torch": torch}
    for code in re.findall(r"```python\n(def repair_.*?)```", prose, flags=re.DOTALL):
        exec(code, names)
    return names


def _tensor(array):
    return torch.from_numpy(np.asarray(array, dtype=float))


def _linear(inputs, outputs, start=0.0):
    model = torch.nn.Linear(inputs, outputs, dtype=torch.float64)
    for parameter in model.parameters():
        torch.nn.init.constant_(parameter, start)
    return model


def _recorded(criterion, losses):
    """`criterion`, which also notes what it gives."""

    def record(outputs, targets):
        loss = criterion(outputs, targets)
        losses.append(loss.item())
        return loss

    return record


def _norms_at_steps(optimizer):
    """The length of the gradient at each step, from now on."""
    norms = []

    def look(*_):
        found = [p.grad.ravel() for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        norms.append(float(torch.cat(found).norm()) if found else 0.0)

    optimizer.register_step_pre_hook(look)
    return norms


def _three_clouds(rng, n, width):
    classes = rng.integers(3, size=n)
    centres = np.array([[2.0, 0.0], [-1.0, 1.7], [-1.0, -1.7]])
    return _tensor(centres[classes] + width * rng.normal(size=(n, 2))), torch.from_numpy(classes)


def logs():
    """The eight logs, in the panels' order."""
    printed, rng = printed_programs(), np.random.default_rng(7)
    found = {}

    # A: one frozen model, 50 samples of which the last two are hard, cut into batches of different sizes
    x = rng.normal(size=(50, 2))
    y = x @ [2.0, 3.0] + 0.5 * rng.normal(size=50)
    y[-2:] += 6
    model = _linear(2, 1, 1.0)
    sizes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 16, 20, 24, 25, 30, 32, 40, 48, 50]
    cut = [list(zip(_tensor(x).split(size), _tensor(y[:, None]).split(size), strict=True)) for size in sizes]
    found["A"] = {
        "kind": "line",
        "title": "one model, not trained; 50 samples",
        "x": "batch size (samples)",
        "y": "loss (units of y²)",
        "at": sizes,
        "values": [printed["repair_7"](model, batches, _mse) for batches in cut],
    }

    # B: twenty times the same batch
    x = rng.normal(size=(40, 2))
    y = x @ [2.0, 3.0] + 0.5 * rng.normal(size=40)
    model, losses = _linear(2, 1), []
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    norms = _norms_at_steps(optimizer)
    batches = [(_tensor(x), _tensor(y[:, None]))] * 20
    printed["repair_2"](model, batches, _recorded(_mse, losses), optimizer)
    found["B"] = {"kind": "loss and gradient", "title": "training", "x": "step"}
    found["B"] |= {"y": "loss (units of y²)", "right": "gradient norm (y²/weight)", "loss": losses, "norm": norms}

    # C: 30 targets that depend on x, learnt to the end
    x = rng.normal(size=(30, 1))
    y = 2 * x[:, 0] + 0.3 * rng.normal(size=30)
    model = _linear(1, 1, 1.0)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(300):
        optimizer.zero_grad()
        printed["repair_5"](model, _tensor(x), _tensor(y)).backward()
        optimizer.step()
    found["C"] = {
        "kind": "scatter",
        "title": "after training",
        "x": "target (units of y)",
        "y": "prediction (units of y)",
        "at": y.tolist(),
        "values": model(_tensor(x)).detach()[:, 0].tolist(),
        "span": [-5.5, 5.5],
    }

    # D: a rate of 0.6 times the limit of lesson 01
    x = np.column_stack([rng.normal(size=(40, 2)), np.ones(40)])
    y = x @ [2.0, 3.0, 1.0]
    limit = 2 / np.linalg.eigvalsh(2 * x.T @ x / 40)[-1]
    model = _linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.6 * limit)
    columns = _tensor(x[:, :2]), _tensor(y[:, None])
    found["D"] = {
        "kind": "line",
        "title": "training; rate: 0.6 of the stable limit",
        "x": "step",
        "y": "loss (units of y²)",
        "values": [printed["repair_3"](model, optimizer, _mse, *columns) for _ in range(20)],
        "log": True,
    }

    # E: a frozen network with dropout, the same batches twelve times
    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Linear(2, 16), torch.nn.ReLU(), torch.nn.Dropout(0.5), torch.nn.Linear(16, 3)
    ).double()
    x, classes = _three_clouds(rng, 200, 1.0)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    for _ in range(40):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x), classes).backward()
        optimizer.step()
    batches = list(zip(x.split(50), classes.split(50), strict=True))
    found["E"] = {
        "kind": "line",
        "title": "one model, not trained; same batches",
        "x": "validation number",
        "y": "accuracy (share)",
        "at": list(range(1, 13)),
        "values": [printed["repair_8"](model, batches) for _ in range(12)],
        "span": [0.8, 1.0],
    }

    # F: the loop of the printed chapter
    x = rng.normal(size=(40, 2))
    y = x @ [2.0, 3.0] + 0.5 * rng.normal(size=40)
    gradient = 2 * x.T @ (x @ np.zeros(2) - y) / 40  # the weights are the ones at the start in every epoch
    found["F"] = {"kind": "loss and gradient", "title": "training", "x": "step"}
    losses = printed["repair_1"](x, y, np.zeros(2), 0.05, 20)
    found["F"] |= {"y": "loss (units of y²)", "right": "gradient norm (y²/weight)"}
    found["F"] |= {"loss": losses, "norm": [np.linalg.norm(gradient)] * 20}

    # G: fourteen batches in groups of four, four epochs, a rate so small that the gradient hardly changes
    x = rng.normal(size=(14 * 64, 3))
    y = x @ [1.0, -2.0, 0.5]
    model = _linear(3, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    norms = _norms_at_steps(optimizer)
    batches = list(zip(_tensor(x).split(64), _tensor(y[:, None]).split(64), strict=True))
    printed["repair_6"](model, batches, _mse, optimizer, 4, 4)
    found["G"] = {
        "kind": "line",
        "title": "14 batches in groups of 4; dotted: epochs",
        "x": "step",
        "y": "gradient norm (y²/weight)",
        "values": norms,
        "edges": [2.5, 5.5, 8.5],
        "span": [0.0, 8.5],
    }

    # H: three classes
    x, classes = _three_clouds(rng, 90, 0.6)
    model, losses = _linear(2, 3), []
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    for _ in range(40):
        optimizer.zero_grad()
        loss = printed["repair_4"](model(x), classes)
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
    found["H"] = {"kind": "line", "title": "training", "x": "step", "y": "loss (nats)", "values": losses[::2]}
    found["H"] |= {"at": list(range(0, 40, 2)), "span": [-1.05, 0.15], "zero": True}
    return found


def as_source(found):
    """The logs as they stand in autograder/plots/scale_and_bug_hunt.py, before formatting."""

    def short(item):
        if isinstance(item, list):
            return [short(number) for number in item]
        return float(f"{item:.4g}") if isinstance(item, float) else item

    return {letter: {key: short(item) for key, item in log.items()} for letter, log in found.items()}


@claim("All you get at first is the log.")
def logs_are_made_by_the_printed_code(names):
    found = logs()
    same = [
        key in LOGS[letter] and np.allclose(LOGS[letter][key], item, rtol=1e-3, atol=1e-3)
        for letter, log in found.items()
        for key, item in log.items()
        if isinstance(item, list) and (letter, key) != ("E", "values")  # dropout draws elsewhere what it likes
    ]
    return all(same) and set(found) == set(LOGS)


@claim("A: validation loss of one model, not trained in between, over the batch size, up and down.")
def panel_a(names):
    turns = np.diff(np.sign(np.diff(LOGS["A"]["values"])))
    return bool(np.sum(turns != 0) >= 5)


@claim("B: loss level, gradient at the step exactly zero.")
def panel_b(names):
    return len(set(LOGS["B"]["loss"])) == 1 and set(LOGS["B"]["norm"]) == {0.0}


@claim("C: predictions over targets, all nearly the same whatever the target.")
def panel_c(names):
    return bool(np.std(LOGS["C"]["values"]) < 0.1 * np.std(LOGS["C"]["at"]))


@claim("D: a loss that grows some 200,000-fold in 19 steps, a straight line on a log axis", "200,000", "19")
def panel_d(names):
    values = np.array(LOGS["D"]["values"])
    growth = np.diff(np.log10(values))[4:]  # the first steps have still to find the steepest direction
    assert np.all(abs(growth - growth.mean()) < 0.02)
    return round(values[-1] / values[0], -4), len(values) - 1


@claim("E: accuracy of one such model in twelve validations, up and down.")
def panel_e(names):
    return all(len(values) == 12 and len(set(values)) >= 5 for values in (LOGS["E"]["values"], logs()["E"]["values"]))


@claim("F: loss level, gradient large and level.")
def panel_f(names):
    return len(set(LOGS["F"]["loss"])) == len(set(LOGS["F"]["norm"])) == 1 and LOGS["F"]["norm"][0] > 1


@claim("in each epoch but the first, the first one is about half as large again")
def panel_g(names):
    norms = np.reshape(LOGS["G"]["values"], (4, 3))
    ratios = norms[:, 0] / norms[:, 1:].mean(axis=1)
    return bool(abs(ratios[0] - 1) < 0.15 and np.all(abs(ratios[1:] - 1.5) < 0.2))


@claim("H: a loss that falls below zero.")
def panel_h(names):
    return max(LOGS["H"]["values"]) < 0 and LOGS["H"]["values"][-1] < -0.8


@claim("Applied twice, that is 1.2 of it.", "1.2")
def twice_the_rate(names):
    return 2 * 0.6


@claim("minus a probability lies between −1 and 0; a cross-entropy is never negative")
def minus_probabilities(names):
    logits, classes = _tensor(np.random.default_rng(0).normal(size=(50, 4))), torch.arange(50) % 4
    wrong = printed_programs()["repair_4"](logits, classes)
    return bool(-1 < wrong < 0 < names["repair_4"](logits, classes))


@claim("What is best against all of them is their mean, for every x.")
def broadcasting_gives_the_mean(names):
    return bool(abs(np.mean(LOGS["C"]["values"]) - np.mean(LOGS["C"]["at"])) < 0.05)


# --- the worked numbers of the prose -----------------------------------------------------------------


@claim(
    'A plain sum of the gradients ("run four small batches, sum, then update", says one tutorial) is four times too long.'
)
def plain_sums_are_four_times_too_long(names):
    x, y = np.random.default_rng(0).normal(size=(2, 32, 1))
    model = _linear(1, 1, 0.5)
    big = torch.autograd.grad(_mse(model(_tensor(x)), _tensor(y)), model.weight)[0].item()
    halves = zip(_tensor(x).split(8), _tensor(y).split(8), strict=True)
    summed = sum(torch.autograd.grad(_mse(model(a), b), model.weight)[0].item() for a, b in halves)
    return abs(summed / big - 4) < 1e-9


@claim("multiplies by 2 · 2 · 2 … = 1,024", "1,024")
def ten_twos(names):
    return 2**10


@claim("3.6 million joules are one kilowatt-hour", "3.6")
def joules_in_a_kilowatt_hour(names):
    return 1000 * 3600 / 1e6


@claim(
    "10,000 devices for 14.8 days, 330 W measured per device on average, a PUE of 1.10. The formula gives 1,289 MWh",
    "1,289",
)
def gpt_3(names):
    return names["energy_kwh"](330, 14.8 * 24 * 3600, 10_000, 1.10) / 1000


@claim("For the logits 2.0, 1.0, 0.1 and class 0 it gives −0.659; right is 0.417.", "−0.659", "0.417")
def softmax_and_nll(names):
    logits, classes = torch.tensor([[2.0, 1.0, 0.1]]), torch.tensor([0])
    return printed_programs()["repair_4"](logits, classes), names["repair_4"](logits, classes)


@claim("For predictions 1 and 3 and targets 1 and 5 it gives 6; right is 2.", "6", "2")
def broadcast_errors(names):
    x, y = _tensor([[1.0], [3.0]]), _tensor([1.0, 5.0])
    model = _linear(1, 1, 0.0)
    model.weight.data += 1
    return printed_programs()["repair_5"](model, x, y).item(), names["repair_5"](model, x, y).item()


@claim("For three samples with mean loss 1 and one with loss 5 it gives 3; right is 2.", "3", "2")
def unequal_means(names):
    model = torch.nn.Identity()
    batches = [(_tensor([1.0, 1.0, 1.0]), None), (_tensor([5.0]), None)]

    def criterion(outputs, targets):
        return outputs.mean()

    return printed_programs()["repair_7"](model, batches, criterion), names["repair_7"](model, batches, criterion)


@claim("All this holds for models that treat each sample by itself. BatchNorm does not")
def batchnorm_sees_the_small_batches(names):
    def after_a_step(batches, normed):
        model = torch.nn.Sequential(
            torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4) if normed else torch.nn.Tanh(), torch.nn.Linear(4, 1)
        ).double()
        rng = np.random.default_rng(0)
        for parameter in model.parameters():
            parameter.data = _tensor(rng.normal(size=tuple(parameter.shape)))
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        names["train_accumulated"](model, batches, _mse, optimizer, len(batches))
        return torch.cat([parameter.detach().ravel() for parameter in model.parameters()])

    rng = np.random.default_rng(1)
    x, y = _tensor(rng.normal(size=(12, 3))), _tensor(rng.normal(size=(12, 1)))
    small = list(zip(x.split(4), y.split(4), strict=True))
    off = {normed: (after_a_step(small, normed) - after_a_step([(x, y)], normed)).abs().max() for normed in (0, 1)}
    return bool(off[0] < 1e-12 and off[1] > 1e-3)


@claim("Without a limit the loss jumps far above the chart in one step, to a labelled cross.")
def one_step_without_a_limit(names):
    w = 1.6
    w -= 0.002 * 2 * (w**10 - 2) * 10 * w**9
    return bool((w**10 - 2) ** 2 > 1e40)


@claim("They make the next epoch's first step one of six: 6/4 = 1.5 times as long.", "1.5")
def one_of_six(names):
    return (14 % 4 + 4) / 4


def _rows(images):
    return _tensor(images.reshape(-1, 64))


def _digits():
    from sklearn.datasets import load_digits

    digits = load_digits()
    return digits.images / 16, torch.from_numpy(digits.target)


def _network(seed):
    model = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10)).double()
    rng = np.random.default_rng(seed)
    for parameter in model.parameters():
        parameter.data = torch.from_numpy(rng.normal(scale=0.1, size=tuple(parameter.shape)))
    return model


def _fit(model, images, labels, steps):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(steps):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(_rows(images)), labels).backward()
        optimizer.step()


def _old_network():
    images, labels = _digits()
    model = _network(0)
    _fit(model, images[:900], labels[:900], 150)
    return model


def _accuracies(invert, steps=(0, 30)):
    """Mean accuracies on a new scanner's images after each of these numbers of steps: transferred, then new."""
    images, labels = _digits()
    old = _old_network()
    seen = 1 - images[900:] if invert else 0.25 * (images[900:] + np.roll(images[900:], 1, axis=2))
    labels = labels[900:]
    results = []
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(len(seen))
        few = np.concatenate([order[labels[order].numpy() == digit][:2] for digit in range(10)])
        rest = np.setdiff1d(order, few)
        row = []
        for transferred in (True, False):
            for count in steps:
                model = _network(seed + 1)
                if transferred:
                    model.load_state_dict(old.state_dict())
                _fit(model, seen[few], labels[few], count)
                row.append((model(_rows(seen[rest])).argmax(dim=1) == labels[rest]).double().mean().item())
        results.append(row)
    return np.mean(results, axis=0)


@claim(
    "Worn: the transferred network starts at 0.82 and ends at 0.89; the new one starts at 0.12 and ends at 0.78.",
    "0.82",
    "0.89",
    "0.12",
    "0.78",
)
def worn_scanner(names):
    return _accuracies(invert=False)


@claim("Inverted: the transferred one stays near zero, far below the new one.")
def inverted_scanner(names):
    start, end, _, new = _accuracies(invert=True)
    return bool(start < 0.1 and end < 0.1 and new > 0.6)


@claim("the network is sure and wrong. It calls most inverted images 4 or 7.")
def sure_and_wrong(names):
    images, labels = _digits()
    outputs = _old_network()(_rows(1 - images[900:])).detach()
    counts = np.bincount(outputs.argmax(dim=1), minlength=10)
    assert set(np.argsort(counts)[-2:]) == {4, 7}
    mean_loss = torch.nn.functional.cross_entropy(outputs, labels[900:]).item()
    return bool(counts[[4, 7]].sum() > 0.8 * counts.sum() and mean_loss > 20)


@claim("After 300 steps it is at 0.61; the new one has 0.78.", "0.61", "0.78")
def recovers_slowly(names):
    return _accuracies(invert=True, steps=(300,))
