"""What lesson 05 says in numbers, each with the code that computes it."""

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from autograder.authoring import claim


@claim("1,797 pictures of handwritten digits, 8 × 8 grey values each", "1,797", "8")
def the_digits(names):
    images = load_digits().images
    return len(images), images.shape[1]


@claim(r"$v \leftarrow 1.0 \cdot v + g$: a heavy ball *without any friction*.")
def forgetting_is_momentum_1(names):
    forgotten, _ = _losses(0.0, cleared=False)
    return forgotten == _losses(1.0, cleared=True)[0]


@claim(
    "from 4.1 at the start its peaks fall to 2.7 near step 70 and are back at 4.1 near step 320",
    *("4.1", "2.7", "70", "4.1", "320"),
)
def peaks_of_the_swings(names):
    losses, _ = _losses(0.0, cleared=False)
    peaks = {i: losses[i] for i in range(1, len(losses) - 1) if losses[i - 1] < losses[i] > losses[i + 1]}
    lowest = min(peaks, key=peaks.get)
    highest = max((i for i in peaks if i > lowest), key=peaks.get)
    return losses[0], peaks[lowest], round(lowest, -1), peaks[highest], round(highest, -1)


@claim("its loss may even be lower for a while")
def forgetting_may_look_better(names):
    forgotten, cleared = _losses(0.0, cleared=False)[0], _losses(0.0, cleared=True)[0]
    return any(wild < tame for wild, tame in zip(forgotten, cleared, strict=True))


def _losses(momentum, *, cleared):
    """350 losses of a linear model, and the weights at the end."""
    rng = np.random.default_rng(5)
    x = torch.tensor(rng.normal(size=(40, 3)))
    y = x @ torch.tensor([[2.0], [-1.0], [0.5]]).double() + 0.3 * torch.tensor(rng.normal(size=(40, 1)))
    weight, losses = torch.zeros(3, 1, dtype=torch.float64, requires_grad=True), []
    optimizer = torch.optim.SGD([weight], lr=0.02, momentum=momentum)
    for _ in range(350):
        loss = nn.functional.mse_loss(x @ weight, y)
        if cleared:
            optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, weight


@claim("sets each number to 0 with probability p, the others grow by 1/(1 − p)")
def dropout_keeps_the_mean(names):
    kept = nn.Dropout(0.75)(torch.ones(10_000))
    return set(kept.tolist()) == {0.0, 4.0} and abs((kept == 0).double().mean().item() - 0.75) < 0.05


@claim(
    "the mean over the five samples is (4 · 1.0 + 1 · 6.0) / 5 = 2.0, the mean of the two batches is 3.5", "2.0", "3.5"
)
def two_means(names):
    class Given(nn.Module):
        """A model that answers with its input, whatever it learns."""

        def __init__(self):
            super().__init__()
            self.unused = nn.Parameter(torch.zeros(()))

        def forward(self, x):
            return x + 0 * self.unused

    model = Given()
    batches = [(torch.ones(4), torch.zeros(4)), (torch.full((1,), 6.0), torch.zeros(1))]
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    losses = [nn.L1Loss()(*batch).item() for batch in batches]
    return names["train_one_epoch"](model, batches, nn.L1Loss(), optimizer, "cpu"), np.mean(losses)


def _digits(names, make, epochs):
    """Losses of training and validation, and the accuracy, epoch by epoch."""
    digits = load_digits()
    shuffled = np.random.default_rng(0).permutation(len(digits.data))
    images, labels = torch.tensor(digits.data[shuffled] / 16), torch.tensor(digits.target[shuffled])
    torch.manual_seed(0)
    model = names["Net"](64, 32, 10).double()
    order = torch.Generator().manual_seed(1)
    training = DataLoader(TensorDataset(images[:1200], labels[:1200]), 32, shuffle=True, generator=order)
    validation = DataLoader(TensorDataset(images[1200:], labels[1200:]), 256)
    optimizer, criterion = make(model.parameters()), nn.CrossEntropyLoss()
    history = []
    for _ in range(epochs):
        loss = names["train_one_epoch"](model, training, criterion, optimizer, "cpu")
        history.append((loss, *names["validate"](model, validation, criterion, "cpu")))
    return history


def _sgd(parameters):
    return torch.optim.SGD(parameters, lr=0.1)


@claim('`Net(64, 32, 10)(images)` would stop with "mat1 and mat2 must have the same dtype"')
def another_dtype(names):
    try:
        names["Net"](64, 32, 10)(torch.tensor(load_digits().data))
    except RuntimeError as error:
        return "mat1 and mat2 must have the same dtype" in str(error)
    return False


@claim("The validation accuracy climbs above 0.9 within five epochs and ends at 0.95.", "0.95")
def accuracy_on_digits(names):
    accuracies = [accuracy for _, _, accuracy in _digits(names, _sgd, 15)]
    return accuracies[-1] if max(accuracies[:5]) > 0.9 else float("nan")


@claim("In each of the first ten epochs the validation loss lies *below* the training loss.")
def validation_below_training(names):
    return all(validation < training for training, validation, _ in _digits(names, _sgd, 10))


@claim("on the digits: 1,200 to train on, 597 to validate", "1,200", "597")
def parts_of_the_digits(names):
    return len(load_digits().images[:1200]), len(load_digits().images[1200:])


def _noise(names):
    """Losses on the training rows and on fresh ones, and what always answering 0 costs there."""
    rng = np.random.default_rng(0)
    X, y, X_fresh, y_fresh = (torch.tensor(rng.normal(size=s)) for s in ((100, 10), (100, 1), (1000, 10), (1000, 1)))
    torch.manual_seed(0)
    model = names["Net"](10, 50, 1).double()
    losses = names["fit"](model, X, y, 100, 0.01)
    with torch.no_grad():
        return losses, nn.MSELoss()(model(X_fresh), y_fresh).item(), (y_fresh**2).mean().item()


@claim("the loss on the 100 training rows falls almost to zero")
def noise_is_learnt(names):
    return _noise(names)[0][-1] < 0.001


@claim("to 2.8 times what always answering 0 would cost", "2.8")
def fresh_noise_is_not(names):
    _, fresh, answering_0 = _noise(names)
    return fresh / answering_0


@claim("601 parameters can learn 100 numbers by heart", "601")
def parameters_of_the_example(names):
    return sum(parameter.numel() for parameter in names["Net"](10, 50, 1).parameters())


@claim("in both columns Adam at 0.001 comes last and Adam at 0.01 is among the first three")
def the_rate_matters_more(names):
    makers = {
        "sgd": _sgd,
        "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
        "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.001),
        "slow adam": lambda p: torch.optim.Adam(p, lr=0.001),
        "adam": lambda p: torch.optim.Adam(p, lr=0.01),
        "adamw": lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.01),
    }
    last = {name: _digits(names, make, 10)[-1] for name, make in makers.items()}
    by_loss = sorted(last, key=lambda name: last[name][0])
    by_accuracy = sorted(last, key=lambda name: -last[name][2])
    return all(ranked[-1] == "slow adam" and "adam" in ranked[:3] for ranked in (by_loss, by_accuracy))


@claim("half of Adam's extra memory")
def what_optimizers_remember(names):
    def remembered(make):
        model = nn.Linear(30, 20)
        optimizer = make(model.parameters())
        model(torch.ones(1, 30)).sum().backward()
        optimizer.step()
        state = [item for each in optimizer.state.values() for item in each.values()]
        return sum(item.numel() for item in state if item is not None and item.dim() > 0)

    return 2 * remembered(lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9)) == remembered(torch.optim.Adam)


def _bowl(make, rate, times):
    """A path down a bowl, 20 steps, each gradient applied so many times by an optimizer of Keras."""
    import tensorflow as tf

    w, optimizer = tf.Variable(np.array([1.0, -2.0, 0.5])), make(rate)
    points = [w.numpy()]
    for _ in range(20):
        slopes = tf.constant([1.0, 4.0, 0.2], tf.float64) * (w - np.array([0.3, 1.0, -1.0]))
        for _ in range(times):
            optimizer.apply_gradients([(slopes, w)])
        points.append(w.numpy())
    return np.array(points)


@claim("For SGD without momentum, exactly.")
def sgd_applied_twice(names):
    import tensorflow as tf

    return np.allclose(_bowl(tf.keras.optimizers.SGD, 0.01, 2), _bowl(tf.keras.optimizers.SGD, 0.02, 1), rtol=1e-12)


@claim("With Adam the first step is doubled too; after that each gradient enters the averages twice")
def adam_applied_twice_at_first(names):
    import tensorflow as tf

    twice, doubled = _bowl(tf.keras.optimizers.Adam, 0.01, 2), _bowl(tf.keras.optimizers.Adam, 0.02, 1)
    return bool(np.abs(twice[1] - doubled[1]).max() < 1e-6)


@claim(
    "Within 20 steps some weight is 0.0111 away from the path at twice the rate, "
    "more than half of what one step moves a weight there (0.02)",
    *("20", "0.0111", "0.02"),
)
def adam_applied_twice(names):
    import tensorflow as tf

    twice, doubled = _bowl(tf.keras.optimizers.Adam, 0.01, 2), _bowl(tf.keras.optimizers.Adam, 0.02, 1)
    return len(doubled) - 1, np.abs(twice - doubled).max(), np.abs(np.diff(doubled, axis=0)).max()


@claim("And no rate between 0.01 and 0.04 gives a path that comes nearer than 0.006.")
def no_rate_is_the_same(names):
    import tensorflow as tf

    twice = _bowl(tf.keras.optimizers.Adam, 0.01, 2)
    rates = np.linspace(0.01, 0.04, 61)
    return bool(min(np.abs(twice - _bowl(tf.keras.optimizers.Adam, rate, 1)).max() for rate in rates) > 0.006)
