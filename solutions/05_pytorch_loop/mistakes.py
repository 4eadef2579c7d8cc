"""What learners get wrong in lesson 05. A name is the mistake's key, its docstring is what the learner reads.

`also(known, attempt)` is another way of making a mistake that is already described.
"""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from autograder.authoring import also, mistake

# --- iterate_batches --------------------------------------------------------------------------------


def _order(n, generator):
    return torch.arange(n) if generator is None else torch.randperm(n, generator=generator)


def _cut(X, y, batch_size, order):
    return [(X[order[i : i + batch_size]], y[order[i : i + batch_size]]) for i in range(0, len(order), batch_size)]


@mistake("iterate_batches")
def drops_last(X, y, batch_size, generator=None):
    """Where the rows do not divide evenly, the last few never come. A short last batch is still a batch."""
    order = _order(len(X), generator)
    for i in range(len(X) // batch_size):
        rows = order[i * batch_size : (i + 1) * batch_size]
        yield X[rows], y[rows]


@mistake("iterate_batches", name="drops_last")
def drops_last_by_loader(X, y, batch_size, generator=None):
    """Where the rows do not divide evenly, the last few never come. A short last batch is still a batch."""
    shuffle = generator is not None
    return DataLoader(TensorDataset(X, y), batch_size, shuffle=shuffle, generator=generator, drop_last=True)


@mistake("iterate_batches", name="drops_last")
def stops_before_the_last(X, y, batch_size, generator=None):
    """The last batch never comes, not even a full one. Where does your range of starts end?"""
    order = _order(len(X), generator)
    for start in range(0, len(X) - batch_size, batch_size):
        rows = order[start : start + batch_size]
        yield X[rows], y[rows]


@mistake("iterate_batches")
def overlaps(X, y, batch_size, generator=None):
    """Some rows come twice: a batch begins before the one before it has ended."""
    order = _order(len(X), generator)
    for start in range(0, len(X), max(1, batch_size // 2)):
        rows = order[start : start + batch_size]
        yield X[rows], y[rows]


@mistake("iterate_batches", name="overlaps")
def one_row_too_many(X, y, batch_size, generator=None):
    """Each batch holds the first row of the next one as well. Does a slice include its end?"""
    order = _order(len(X), generator)
    for start in range(0, len(X), batch_size):
        rows = order[start : start + batch_size + 1]
        yield X[rows], y[rows]


@mistake("iterate_batches", name="overlaps")
def sliding_window(X, y, batch_size, generator=None):
    """Your batches slide along row by row, so most rows come many times. How far is it from one start to the next?"""
    order = _order(len(X), generator)
    for start in range(max(1, len(X) - batch_size + 1)):
        rows = order[start : start + batch_size]
        yield X[rows], y[rows]


@mistake("iterate_batches", name="overlaps")
def range_without_step(X, y, batch_size, generator=None):
    """Your batches slide along row by row, so most rows come many times. How far is it from one start to the next?"""
    order = _order(len(X), generator)
    for start in range(len(X)):
        rows = order[start : start + batch_size]
        yield X[rows], y[rows]


@mistake("iterate_batches", name="first_batch_only")
def slice_ends_at_batch_size(X, y, batch_size, generator=None):
    """Only the first batch holds rows. Does a `return` stand inside the loop, or does every slice end at `batch_size`?"""
    order = _order(len(X), generator)
    for start in range(0, len(X), batch_size):
        rows = order[start:batch_size]
        yield X[rows], y[rows]


@mistake("iterate_batches")
def shuffles_x_only(X, y, batch_size, generator=None):
    """After your shuffle, rows of X stand beside the y of other rows. Which order does y get?"""
    shuffled = X[_order(len(X), generator)]
    for start in range(0, len(X), batch_size):
        yield shuffled[start : start + batch_size], y[start : start + batch_size]


@mistake("iterate_batches", name="shuffles_x_only")
def two_orders(X, y, batch_size, generator=None):
    """X and y are shuffled each in an order of its own, so that they no longer belong together."""
    X, y = X[_order(len(X), generator)], y[_order(len(X), generator)]
    return list(zip(X.split(batch_size), y.split(batch_size), strict=True))


@mistake("iterate_batches", name="shuffles_x_only")
def shuffles_y_only(X, y, batch_size, generator=None):
    """y is shuffled and X is not, so that they no longer belong together."""
    shuffled = y[_order(len(X), generator)]
    return list(zip(X.split(batch_size), shuffled.split(batch_size), strict=True))


@mistake("iterate_batches")
def always_shuffles(X, y, batch_size, generator=None):
    """The rows come shuffled even when no generator is given. When does the exercise ask for a shuffle?"""
    return _cut(X, y, batch_size, torch.randperm(len(X), generator=generator))


always_shuffles_by_loader = also(
    always_shuffles,
    lambda X, y, batch_size, generator=None: DataLoader(
        TensorDataset(X, y), batch_size, shuffle=True, generator=generator
    ),
)


@mistake("iterate_batches")
def never_shuffles(X, y, batch_size, generator=None):
    """A generator is given, and the rows still come in their own order."""
    return _cut(X, y, batch_size, torch.arange(len(X)))


@mistake("iterate_batches")
def ignores_generator(X, y, batch_size, generator=None):
    """The shuffle does not come from the generator that was given: two equal generators give two orders."""
    return _cut(X, y, batch_size, torch.arange(len(X)) if generator is None else torch.randperm(len(X)))


ignores_generator_by_loader = also(
    ignores_generator,
    lambda X, y, batch_size, generator=None: DataLoader(TensorDataset(X, y), batch_size, shuffle=generator is not None),
)


@mistake("iterate_batches")
def ignores_generator_and_always_shuffles(X, y, batch_size, generator=None):
    """The rows come shuffled whether or not a generator is given, and never from that generator."""
    return DataLoader(TensorDataset(X, y), batch_size, shuffle=True)


@mistake("iterate_batches")
def reseeds_generator(X, y, batch_size, generator=None):
    """Every pass comes in the same order. The generator was given to you as it stands: who sets it back?"""
    return _cut(X, y, batch_size, _order(len(X), generator and generator.manual_seed(0)))


@mistake("iterate_batches")
def starts_generator_over(X, y, batch_size, generator=None):
    """A second pass with the same generator comes in the same order again. Draw from the generator itself, so that it moves on."""
    fresh = generator and torch.Generator().manual_seed(generator.initial_seed())
    return _cut(X, y, batch_size, _order(len(X), fresh))


@mistake("iterate_batches")
def shuffles_batches_only(X, y, batch_size, generator=None):
    """The batches come in a new order, but each holds the same neighbours as ever. What is it that should be shuffled?"""
    batches = _cut(X, y, batch_size, torch.arange(len(X)))
    return [batches[i] for i in _order(len(batches), generator)]


@mistake("iterate_batches")
def shuffles_within_batches(X, y, batch_size, generator=None):
    """Rows change places within their batch only: the first batch always holds the first rows."""
    for x_batch, y_batch in _cut(X, y, batch_size, torch.arange(len(X))):
        order = _order(len(x_batch), generator)
        yield x_batch[order], y_batch[order]


@mistake("iterate_batches")
def samples_with_replacement(X, y, batch_size, generator=None):
    """With a generator, some rows come twice and others never. Is one order drawn for the whole pass, and is each row in it once?"""
    n = len(X)
    order = torch.arange(n) if generator is None else torch.randint(n, (n,), generator=generator)
    return _cut(X, y, batch_size, order)


@mistake("iterate_batches", name="samples_with_replacement")
def new_order_for_each_batch(X, y, batch_size, generator=None):
    """With a generator, some rows come twice and others never. Is one order drawn for the whole pass, and is each row in it once?"""
    for start in range(0, len(X), batch_size):
        rows = _order(len(X), generator)[start : start + batch_size]
        yield X[rows], y[rows]


@mistake("iterate_batches", name="samples_with_replacement")
def first_rows_of_a_new_order(X, y, batch_size, generator=None):
    """With a generator, some rows come twice and others never. Is one order drawn for the whole pass, and is each row in it once?"""
    for start in range(0, len(X), batch_size):
        now = slice(start, start + batch_size) if generator is None else slice(batch_size)
        rows = _order(len(X), generator)[now]
        yield X[rows], y[rows]


@mistake("iterate_batches")
def shuffles_in_place(X, y, batch_size, generator=None):
    """Your shuffle changes X and y themselves, which belong to the caller."""
    order = _order(len(X), generator)
    X[:], y[:] = X[order], y[order]
    return _cut(X, y, batch_size, torch.arange(len(X)))


@mistake("iterate_batches")
def first_batch_only(X, y, batch_size, generator=None):
    """Only the first batch holds rows. Does a `return` stand inside the loop, or does every slice end at `batch_size`?"""
    return _cut(X, y, batch_size, _order(len(X), generator))[:1]


@mistake("iterate_batches", name="first_batch_only")
def returns_the_first_pair(X, y, batch_size, generator=None):
    """A single pair comes back, the first batch. Does a `return` stand inside the loop? `yield` would go on."""
    return _cut(X, y, batch_size, _order(len(X), generator))[0]


@mistake("iterate_batches")
def batch_size_counts_batches(X, y, batch_size, generator=None):
    """`batch_size` is taken as the number of batches. It says how many rows go into one."""
    order = _order(len(X), generator)
    return [(X[rows], y[rows]) for rows in order.chunk(batch_size)]


@mistake("iterate_batches")
def empty_last_batch(X, y, batch_size, generator=None):
    """Where the rows divide evenly, an empty batch comes at the end. How many batches do 12 rows make, four at a time?"""
    order = _order(len(X), generator)
    for i in range(len(X) // batch_size + 1):
        rows = order[i * batch_size : (i + 1) * batch_size]
        yield X[rows], y[rows]


@mistake("iterate_batches")
def no_tensors(X, y, batch_size, generator=None):
    """The rows are right, but the batches are no longer tensors, as a model needs them."""
    return [(a.numpy(), b.numpy()) for a, b in _cut(X, y, batch_size, _order(len(X), generator))]


no_tensors_but_lists = also(
    no_tensors,
    lambda X, y, batch_size, generator=None: [
        (list(a), list(b)) for a, b in _cut(X, y, batch_size, _order(len(X), generator))
    ],
)


@mistake("iterate_batches", name="returns_nothing")
def batches_not_handed_out(X, y, batch_size, generator=None):
    """Nothing comes back: each batch has to be handed out with `yield`, or all of them in a list with `return`."""
    _cut(X, y, batch_size, _order(len(X), generator))


@mistake("iterate_batches")
def hands_out_x_only(X, y, batch_size, generator=None):
    """Only X comes. Each batch is a pair: some rows of X, and the targets that belong to them."""
    return [x for x, _ in _cut(X, y, batch_size, _order(len(X), generator))]


@mistake("iterate_batches")
def one_pair_of_everything(X, y, batch_size, generator=None):
    """One pair comes back, with all rows in it. The exercise asks for many pairs, one a batch."""
    order = _order(len(X), generator)
    return X[order], y[order]


@mistake("iterate_batches")
def targets_as_floats(X, y, batch_size, generator=None):
    """y came as whole numbers and leaves as another kind. Classes have to stay whole numbers: `nn.CrossEntropyLoss` asks for them."""
    return _cut(X, y.to(X.dtype), batch_size, _order(len(X), generator))


targets_as_float32 = also(
    targets_as_floats,
    lambda X, y, batch_size, generator=None: _cut(X, y.float(), batch_size, _order(len(X), generator)),
)


@mistake("iterate_batches")
def inputs_as_float32(X, y, batch_size, generator=None):
    """X came in double precision (float64) and leaves in single. Hand the rows out as they are."""
    return _cut(X.float(), y, batch_size, _order(len(X), generator))


@mistake("iterate_batches")
def y_before_x(X, y, batch_size, generator=None):
    """The pairs are the wrong way round: X first, then y."""
    return [(b, a) for a, b in _cut(X, y, batch_size, _order(len(X), generator))]


# --- Net --------------------------------------------------------------------------------------------


class _TwoLayers(nn.Module):
    """The layers are right; what is wrong is in the `forward` of the classes below."""

    def __init__(self, in_features, hidden, out_features):
        super().__init__()
        self.fc1 = nn.Linear(in_features, hidden)
        self.fc2 = nn.Linear(hidden, out_features)


@mistake("Net")
class missing_relu(_TwoLayers):
    """Nothing happens between your two layers, and two linear layers in a row are just one linear layer."""

    def forward(self, x):
        return self.fc2(self.fc1(x))


@mistake("Net")
class relu_on_output(_TwoLayers):
    """Your net can never answer with a negative number. Which layer's output is the answer?"""

    def forward(self, x):
        return torch.relu(self.fc2(torch.relu(self.fc1(x))))


@mistake("Net", name="relu_on_output")
class relu_on_output_only(_TwoLayers):
    """Your net can never answer with a negative number: the ReLU belongs between the layers."""

    def forward(self, x):
        return self.fc2(self.fc1(x)).relu()


@mistake("Net")
class relu_on_input(_TwoLayers):
    """The ReLU acts on the inputs, before the first layer: everything negative in them is lost."""

    def forward(self, x):
        return self.fc2(self.fc1(torch.relu(x)))


_NET = "(3 inputs, 5 hidden, 2 outputs)"
_BEFORE = f"how many numbers it can learn, before it has seen data {_NET}"
_AFTER = f"how many numbers it can learn {_NET}"
_AGREE = f"whether two passes of the same batch agree {_NET}"


@mistake("Net", seen_in=(_BEFORE, _AFTER))
class creates_layers_in_forward(nn.Module):
    """A new net has nothing to learn with: its layers are made in `forward`, where no optimizer finds them in time."""

    def __init__(self, in_features, hidden, out_features):
        super().__init__()
        self.sizes = in_features, hidden, out_features

    def forward(self, x):
        in_features, hidden, out_features = self.sizes
        self.fc1, self.fc2 = nn.Linear(in_features, hidden), nn.Linear(hidden, out_features)
        return self.fc2(torch.relu(self.fc1(x)))


@mistake("Net", name="creates_layers_in_forward", seen_in=(_BEFORE, _AGREE))
class creates_new_layers_in_each_forward(nn.Module):
    """A new net has nothing to learn with: its layers are made in `forward`, anew for each batch, and no optimizer finds them."""

    def __init__(self, in_features, hidden, out_features):
        super().__init__()
        self.sizes = in_features, hidden, out_features

    def forward(self, x):
        in_features, hidden, out_features = self.sizes
        return nn.Linear(hidden, out_features)(torch.relu(nn.Linear(in_features, hidden)(x)))


@mistake("Net", seen_in=(_BEFORE, _AFTER, _AGREE))
class layers_in_a_list(nn.Module):
    """Your layers work, but the net does not know them: an optimizer would find no parameters. What is a plain list or a dict to an `nn.Module`?"""

    def __init__(self, in_features, hidden, out_features):
        super().__init__()
        self.layers = [nn.Linear(in_features, hidden), nn.Linear(hidden, out_features)]

    def forward(self, x):
        return self.layers[1](torch.relu(self.layers[0](x)))


@mistake("Net", seen_in=(_BEFORE,))
class missing_self(nn.Module):
    """No layer is kept on the net. Is `self.` missing in `__init__`, or are the layers made in `forward`?"""

    def __init__(self, in_features, hidden, out_features):
        super().__init__()
        fc1 = nn.Linear(in_features, hidden)  # noqa: F841
        fc2 = nn.Linear(hidden, out_features)  # noqa: F841

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))


_AT_FIRST_BATCH = f"where it stops at the first batch {_NET}"


@mistake("Net", name="missing_self", seen_in=(_AT_FIRST_BATCH,))
class missing_one_self(nn.Module):
    """`forward` uses a layer that the net does not have. Is `self.` missing in `__init__`, or is a name spelt in two ways?"""

    def __init__(self, in_features, hidden, out_features):
        super().__init__()
        self.fc1 = nn.Linear(in_features, hidden)
        fc2 = nn.Linear(hidden, out_features)  # noqa: F841

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))


@mistake("Net", seen_in=(f"where it stops while it is made {_NET}",))
class missing_super_init(nn.Module):
    """Layers are given to a net that is not ready for them: `super().__init__()` has to run first."""

    def __init__(self, in_features, hidden, out_features):
        self.fc1 = nn.Linear(in_features, hidden)
        self.fc2 = nn.Linear(hidden, out_features)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))


@mistake("Net", seen_in=(_AT_FIRST_BATCH,))
class missing_forward(_TwoLayers):
    """The net finds no `forward` of yours when it is called. Is the name spelt right, and does its `def` stand inside the class?"""

    def foward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))


@mistake("Net", seen_in=(_AT_FIRST_BATCH,))
class relu_made_and_not_called(_TwoLayers):
    """`nn.ReLU(…)` makes a layer and computes nothing. A layer is made first, then called with x: two pairs of brackets."""

    def forward(self, x):
        return self.fc2(nn.ReLU(self.fc1(x)))


@mistake("Net", name="relu_made_and_not_called", seen_in=(f"what comes out {_NET}",))
class answers_with_a_relu(_TwoLayers):
    """What comes out is a layer and no numbers: `nn.ReLU(…)` makes a layer, and it has to be called with x as well."""

    def forward(self, x):
        return nn.ReLU(self.fc2(self.fc1(x)))


@mistake("Net")
class wrong_names(nn.Module):
    """The net computes the right thing, but its layers are not called `fc1` and `fc2`. Saved weights are found by these names."""

    def __init__(self, in_features, hidden, out_features):
        super().__init__()
        self.hidden = nn.Linear(in_features, hidden)
        self.output = nn.Linear(hidden, out_features)

    def forward(self, x):
        return self.output(torch.relu(self.hidden(x)))


@mistake("Net", name="wrong_names")
class names_the_wrong_way_round(nn.Module):
    """The first layer is called `fc2` and the second `fc1`."""

    def __init__(self, in_features, hidden, out_features):
        super().__init__()
        self.fc2 = nn.Linear(in_features, hidden)
        self.fc1 = nn.Linear(hidden, out_features)

    def forward(self, x):
        return self.fc1(torch.relu(self.fc2(x)))


@mistake("Net")
class softmax_on_output(_TwoLayers):
    """Something like a softmax follows your second layer. The net's answer is what the second layer gives, as it is."""

    def forward(self, x):
        return torch.softmax(self.fc2(torch.relu(self.fc1(x))), dim=1)


@mistake("Net")
class sigmoid_between(_TwoLayers):
    """Between the layers stands a sigmoid. The exercise asks for a ReLU."""

    def forward(self, x):
        return self.fc2(torch.sigmoid(self.fc1(x)))


@mistake("Net", name="another_activation")
class tanh_between(_TwoLayers):
    """Between the layers stands a function that bends as tanh does. The exercise asks for a ReLU."""

    def forward(self, x):
        return self.fc2(torch.tanh(self.fc1(x)))


@mistake("Net", name="another_activation")
class leaky_between(_TwoLayers):
    """Your activation lets a little of the negative through. A ReLU lets nothing through."""

    def forward(self, x):
        return self.fc2(nn.functional.leaky_relu(self.fc1(x)))


@mistake("Net", seen_in=("the shapes in fc1 and fc2 (3 inputs, 5 hidden, 2 outputs)",))
class fixed_sizes(nn.Module):
    """The sizes are always 10, 50 and 1, whatever is asked for. Which three numbers does `__init__` get?"""

    def __init__(self, in_features, hidden, out_features):
        super().__init__()
        self.fc1 = nn.Linear(10, 50)
        self.fc2 = nn.Linear(50, 1)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x[:, :1].expand(-1, 10))))


@mistake("Net")
class no_bias(nn.Module):
    """Your layers have weights and no biases. `nn.Linear` brings both, unless it is told otherwise."""

    def __init__(self, in_features, hidden, out_features):
        super().__init__()
        self.fc1 = nn.Linear(in_features, hidden, bias=False)
        self.fc2 = nn.Linear(hidden, out_features, bias=False)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))


@mistake("Net")
class returns_hidden_layer(_TwoLayers):
    """What comes out is the hidden layer. The second layer is made, and its result is not used."""

    def forward(self, x):
        return torch.relu(self.fc1(x))


@mistake("Net")
class cuts_the_graph(_TwoLayers):
    """The answer is right, but no slope finds its way back to the first layer: something in `forward` cuts the graph."""

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)).detach())


@mistake("Net", name="cuts_the_graph")
class cuts_the_whole_graph(_TwoLayers):
    """The answer is right, but no slope finds its way back to any layer: the output is cut off its graph."""

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x))).detach()


@mistake("Net")
class squeezes_output(_TwoLayers):
    """The output of a net with one output is flat. It should keep its column: a row for each sample, a column for each output."""

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x))).squeeze()


@mistake("Net")
class forward_returns_nothing(_TwoLayers):
    """Nothing comes out of your net: `forward` has no `return`."""

    def forward(self, x):
        self.fc2(torch.relu(self.fc1(x)))


@mistake("Net")
class adds_a_layer(nn.Module):
    """There is a third layer in it. The exercise has two: `fc1` and `fc2`."""

    def __init__(self, in_features, hidden, out_features):
        super().__init__()
        self.fc1 = nn.Linear(in_features, hidden)
        self.middle = nn.Linear(hidden, hidden)
        self.fc2 = nn.Linear(hidden, out_features)

    def forward(self, x):
        return self.fc2(torch.relu(self.middle(torch.relu(self.fc1(x)))))


# --- torch_train_step -------------------------------------------------------------------------------


def _step(model, optimizer, criterion, x, y):
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@mistake("torch_train_step")
def forgets_zero_grad(model, optimizer, criterion, x, y):
    """`backward` adds to the gradients that lie there, and yours still hold older ones. The step then follows the sum."""
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


def _forgets_with_closure(model, optimizer, criterion, x, y):
    def closure():
        loss = criterion(model(x), y)
        loss.backward()
        return loss

    return optimizer.step(closure).item()


forgets_zero_grad_in_closure = also(forgets_zero_grad, _forgets_with_closure)


@mistake("torch_train_step", name="forgets_zero_grad")
def zeroes_afterwards(model, optimizer, criterion, x, y):
    """You clear the gradients after the step. What of those that lay there before your first one?"""
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


@mistake("torch_train_step")
def zero_between_backward_and_step(model, optimizer, criterion, x, y):
    """The gradients are cleared after backward has computed them and before step could use them."""
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


def _zero_between_as_zeros(model, optimizer, criterion, x, y):
    loss = criterion(model(x), y)
    loss.backward()
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    return loss.item()


zero_between_set_to_zero = also(zero_between_backward_and_step, _zero_between_as_zeros)


@mistake("torch_train_step")
def steps_twice(model, optimizer, criterion, x, y):
    """The optimizer makes two steps where one is asked for."""
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    optimizer.step()
    return loss.item()


def _whole_round_twice(model, optimizer, criterion, x, y):
    losses = []
    while len(losses) < 2:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses[0]


steps_twice_with_two_backwards = also(steps_twice, _whole_round_twice)


def _step_and_closure(model, optimizer, criterion, x, y):
    def closure():
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        return loss

    loss = optimizer.step(closure)
    optimizer.step()
    return loss.item()


steps_twice_with_closure = also(steps_twice, _step_and_closure)


@mistake("torch_train_step")
def returns_tensor(model, optimizer, criterion, x, y):
    """The loss comes back as a tensor. A tensor may drag its whole graph along: how do you take the plain number out?"""
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    return loss


@mistake("torch_train_step")
def detaches_loss(model, optimizer, criterion, x, y):
    """Backward never reached the parameters, so the step had nothing to follow. Is it called, and on a loss that still hangs on the model? (`detach`, `.item()`, `no_grad` and `torch.tensor(…)` cut it off.)"""
    optimizer.zero_grad()
    loss = criterion(model(x), y).detach().requires_grad_()
    loss.backward()
    optimizer.step()
    return loss.item()


def _detached_with_old_gradients(model, optimizer, criterion, x, y):
    loss = criterion(model(x), y)
    optimizer.step()
    return loss.item()


detaches_loss_and_keeps_old_gradients = also(detaches_loss, _detached_with_old_gradients)


def _detached_and_zeros(model, optimizer, criterion, x, y):
    optimizer.zero_grad(set_to_none=False)
    loss = criterion(model(x), y).detach().requires_grad_()
    loss.backward()
    optimizer.step()
    return loss.item()


detaches_loss_with_zeros = also(detaches_loss, _detached_and_zeros)


@mistake("torch_train_step")
def step_before_backward(model, optimizer, criterion, x, y):
    """The step is made before backward has computed what it should follow."""
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    optimizer.step()
    loss.backward()
    return loss.item()


def _backward_last(model, optimizer, criterion, x, y):
    loss = criterion(model(x), y)
    optimizer.step()
    optimizer.zero_grad()
    loss.backward()
    return loss.item()


step_before_zero_before_backward = also(step_before_backward, _backward_last)


def _backward_after_step(model, optimizer, criterion, x, y):
    loss = criterion(model(x), y)
    optimizer.step()
    loss.backward()
    return loss.item()


step_before_backward_never_cleared = also(step_before_backward, _backward_after_step)


def _cleared_at_the_end(model, optimizer, criterion, x, y):
    loss = _backward_after_step(model, optimizer, criterion, x, y)
    optimizer.zero_grad()
    return loss


step_before_backward_cleared_at_the_end = also(step_before_backward, _cleared_at_the_end)


@mistake("torch_train_step")
def forgets_step(model, optimizer, criterion, x, y):
    """The gradients are computed, and nobody follows them: no step is made."""
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    return loss.item()


@mistake("torch_train_step", name="forgets_step")
def only_evaluates(model, optimizer, criterion, x, y):
    """Only the loss is computed: no gradients, no step."""
    return criterion(model(x), y).item()


@mistake("torch_train_step")
def loss_after_update(model, optimizer, criterion, x, y):
    """This is the loss after the step. The exercise asks for the one before it."""
    optimizer.zero_grad()
    criterion(model(x), y).backward()
    optimizer.step()
    return criterion(model(x), y).item()


_ANOTHER = "whether another optimizer than the given one stepped"


@mistake("torch_train_step", seen_in=(f"{_ANOTHER} (SGD, step 1)",))
def replaces_the_optimizer(model, optimizer, criterion, x, y):
    """An optimizer of your own makes the step. The one that you were given has its own rate, and may remember earlier steps (momentum, Adam's averages)."""
    return _step(model, torch.optim.SGD(model.parameters(), lr=0.01), criterion, x, y)


@mistake("torch_train_step", name="replaces_the_optimizer")
def bare_gradient_step(model, optimizer, criterion, x, y):
    """Your step follows the bare gradient with the given rate. The optimizer that you were given may do more than that: momentum, Adam's averages, decay."""
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= optimizer.param_groups[0]["lr"] * parameter.grad
    return loss.item()


@mistake("torch_train_step")
def steps_in_eval_mode(model, optimizer, criterion, x, y):
    """The model came in training mode, and your step puts it into evaluation mode: dropout and batch norm are asleep."""
    model.eval()
    return _step(model, optimizer, criterion, x, y)


@mistake("torch_train_step")
def ignores_criterion(model, optimizer, criterion, x, y):
    """The loss is always the mean squared error. Which one were you given?"""
    optimizer.zero_grad()
    loss = nn.MSELoss()(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@mistake("torch_train_step")
def swaps_criterion_arguments(model, optimizer, criterion, x, y):
    """The loss gets its arguments in the wrong order: predictions come first, then the targets."""
    optimizer.zero_grad()
    loss = criterion(y, model(x))
    loss.backward()
    optimizer.step()
    return loss.item()


@mistake("torch_train_step")
def ascends(model, optimizer, criterion, x, y):
    """Your step goes uphill. `backward` gives the slope of the loss, and the optimizer steps against it by itself."""
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    (-loss).backward()
    optimizer.step()
    return loss.item()


@mistake("torch_train_step", name="returns_nothing", seen_in=("the loss (SGD, step 1)",))
def step_without_return(model, optimizer, criterion, x, y):
    """The loss is not handed back: the function ends without a `return`."""
    _step(model, optimizer, criterion, x, y)


# --- train_one_epoch --------------------------------------------------------------------------------


def _epoch(model, loader, criterion, optimizer, device):
    """The losses and sizes of all batches of an epoch."""
    model.train()
    losses, sizes = [], []
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        losses.append(_step(model, optimizer, criterion, x, y))
        sizes.append(len(x))
    return losses, sizes


@mistake("train_one_epoch")
def mean_of_batch_means(model, loader, criterion, optimizer, device):
    """This is the mean of the batches' means: in a short batch each sample counts too much. How many samples stand behind each number?"""
    losses, _ = _epoch(model, loader, criterion, optimizer, device)
    return sum(losses) / len(losses)


@mistake("train_one_epoch")
def divides_by_batches(model, loader, criterion, optimizer, device):
    """The losses are summed over samples, then divided by the number of batches. What should a sum over samples be divided by?"""
    losses, sizes = _epoch(model, loader, criterion, optimizer, device)
    return sum(loss * size for loss, size in zip(losses, sizes, strict=True)) / len(sizes)


@mistake("train_one_epoch")
def divides_by_dataset_when_dropping(model, loader, criterion, optimizer, device):
    """The sum is divided by the size of the whole data set, but a loader may leave rows out. How many samples were *seen*?"""
    losses, sizes = _epoch(model, loader, criterion, optimizer, device)
    return sum(loss * size for loss, size in zip(losses, sizes, strict=True)) / len(loader.dataset)


@mistake("train_one_epoch")
def batch_means_over_samples(model, loader, criterion, optimizer, device):
    """Each batch's loss is already a mean, and their sum is divided by the number of samples: that divides twice."""
    losses, sizes = _epoch(model, loader, criterion, optimizer, device)
    return sum(losses) / sum(sizes)


batch_means_over_dataset = also(
    batch_means_over_samples,
    lambda model, loader, criterion, optimizer, device: (
        sum(_epoch(model, loader, criterion, optimizer, device)[0]) / len(loader.dataset)
    ),
)


@mistake("train_one_epoch")
def returns_sum(model, loader, criterion, optimizer, device):
    """This is a sum over all samples. The exercise asks for their mean."""
    losses, sizes = _epoch(model, loader, criterion, optimizer, device)
    return sum(loss * size for loss, size in zip(losses, sizes, strict=True))


@mistake("train_one_epoch", name="returns_sum")
def returns_sum_of_means(model, loader, criterion, optimizer, device):
    """This is the sum of the batches' losses. The exercise asks for a mean over the samples."""
    return sum(_epoch(model, loader, criterion, optimizer, device)[0])


@mistake("train_one_epoch")
def returns_last_loss(model, loader, criterion, optimizer, device):
    """This is the loss of the last batch alone."""
    return _epoch(model, loader, criterion, optimizer, device)[0][-1]


@mistake("train_one_epoch")
def overwrites_the_sum(model, loader, criterion, optimizer, device):
    """Only the last batch is left in your sum: each batch overwrites those before it. How do you add to a variable?"""
    losses, sizes = _epoch(model, loader, criterion, optimizer, device)
    return losses[-1] * sizes[-1] / sum(sizes)


@mistake("train_one_epoch", name="overwrites_the_sum")
def overwrites_the_sum_of_means(model, loader, criterion, optimizer, device):
    """Only the last batch is left in your sum: each batch overwrites those before it. How do you add to a variable?"""
    losses, sizes = _epoch(model, loader, criterion, optimizer, device)
    return losses[-1] / len(sizes)


@mistake("train_one_epoch")
def returns_list(model, loader, criterion, optimizer, device):
    """A list of losses comes back, one a batch. The exercise asks for one number: their mean over all samples."""
    return _epoch(model, loader, criterion, optimizer, device)[0]


returns_list_of_sums = also(
    returns_list,
    lambda *arguments: [loss * size for loss, size in zip(*_epoch(*arguments), strict=True)],
)


@mistake("train_one_epoch", name="returns_nothing", seen_in=("the mean loss (uneven batches, epoch 1)",))
def epoch_without_return(model, loader, criterion, optimizer, device):
    """The mean loss is not handed back: the function ends without a `return`."""
    _epoch(model, loader, criterion, optimizer, device)


@mistake("train_one_epoch", name="loss_after_update")
def epoch_losses_after_steps(model, loader, criterion, optimizer, device):
    """Each loss is measured after its step. The exercise asks for the losses before."""
    model.train()
    total = seen = 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        _step(model, optimizer, criterion, x, y)
        total += criterion(model(x), y).item() * len(x)
        seen += len(x)
    return total / seen


@mistake("train_one_epoch")
def forgets_train_mode(model, loader, criterion, optimizer, device):
    """The model came in evaluation mode and was trained in it: dropout and batch norm were asleep."""
    total = seen = 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        total += _step(model, optimizer, criterion, x, y) * len(x)
        seen += len(x)
    return total / seen


@mistake("train_one_epoch", name="forgets_train_mode")
def trains_in_eval_mode(model, loader, criterion, optimizer, device):
    """The model is trained in evaluation mode: dropout and batch norm are asleep."""
    model.eval()
    total = seen = 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        total += _step(model, optimizer, criterion, x, y) * len(x)
        seen += len(x)
    return total / seen


def _accumulating(model, loader, criterion, optimizer, device):
    model.train()
    total = seen = 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(x)
        seen += len(x)
    return total / seen


@mistake("train_one_epoch", name="forgets_zero_grad")
def epoch_forgets_zero_grad(model, loader, criterion, optimizer, device):
    """Gradients pile up from batch to batch: each step follows the sum of all before it."""
    return _accumulating(model, loader, criterion, optimizer, device)


@mistake("train_one_epoch", name="forgets_zero_grad")
def zeroes_once_an_epoch(model, loader, criterion, optimizer, device):
    """Gradients are cleared once an epoch, and pile up from batch to batch. Where does the clearing belong?"""
    optimizer.zero_grad()
    return _accumulating(model, loader, criterion, optimizer, device)


def _epoch_with(inner, model, loader, criterion, optimizer, device):
    model.train()
    total = seen = 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        loss = criterion(model(x), y)
        inner(loss, optimizer)
        total += loss.item() * len(x)
        seen += len(x)
    return total / seen


@mistake("train_one_epoch", name="zero_between_backward_and_step")
def epoch_zeroes_between(model, loader, criterion, optimizer, device):
    """The gradients are cleared after backward has computed them and before step could use them."""

    def inner(loss, optimizer):
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()

    return _epoch_with(inner, model, loader, criterion, optimizer, device)


def _zeroed_between(loss, optimizer):
    loss.backward()
    optimizer.zero_grad(set_to_none=False)
    optimizer.step()


epoch_zeroes_between_in_place = also(epoch_zeroes_between, lambda *arguments: _epoch_with(_zeroed_between, *arguments))


@mistake("train_one_epoch", name="forgets_step")
def epoch_forgets_step(model, loader, criterion, optimizer, device):
    """The gradients are computed, and nobody follows them: no step is made."""
    return _epoch_with(lambda loss, _: loss.backward(), model, loader, criterion, optimizer, device)


@mistake("train_one_epoch", name="forgets_step")
def epoch_only_evaluates(model, loader, criterion, optimizer, device):
    """Only the losses are computed: no gradients, no step."""
    return _epoch_with(lambda *_: None, model, loader, criterion, optimizer, device)


@mistake("train_one_epoch", name="step_before_backward")
def epoch_steps_before_backward(model, loader, criterion, optimizer, device):
    """The step is made before backward has computed what it should follow."""

    def inner(loss, optimizer):
        optimizer.zero_grad()
        optimizer.step()
        loss.backward()

    return _epoch_with(inner, model, loader, criterion, optimizer, device)


@mistake("train_one_epoch", name="step_before_backward")
def epoch_steps_with_the_last_batch(model, loader, criterion, optimizer, device):
    """Each step follows the gradients of the batch before: it is made before backward has computed those of its own."""

    def inner(loss, optimizer):
        optimizer.step()
        optimizer.zero_grad()
        loss.backward()

    return _epoch_with(inner, model, loader, criterion, optimizer, device)


@mistake("train_one_epoch", name="replaces_the_optimizer", seen_in=(f"{_ANOTHER} (uneven batches, epoch 1)",))
def epoch_replaces_the_optimizer(model, loader, criterion, optimizer, device):
    """An optimizer of your own makes the steps. The one that you were given has its own rate, and may remember earlier steps."""
    own = torch.optim.Adam(model.parameters())
    return _epoch(model, loader, criterion, own, device)[0][-1]


@mistake("train_one_epoch", name="steps_twice")
def epoch_steps_twice(model, loader, criterion, optimizer, device):
    """The optimizer makes two steps a batch."""

    def inner(loss, optimizer):
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        optimizer.step()

    return _epoch_with(inner, model, loader, criterion, optimizer, device)


@mistake("train_one_epoch")
def steps_once_an_epoch(model, loader, criterion, optimizer, device):
    """One step is made for all batches together, and the exercise asks for one a batch. How far is `step` indented?"""
    model.train()
    total = seen = 0
    optimizer.zero_grad()
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        loss = criterion(model(x), y)
        loss.backward()
        total += loss.item() * len(x)
        seen += len(x)
    optimizer.step()
    return total / seen


@mistake("train_one_epoch")
def keeps_graphs(model, loader, criterion, optimizer, device):
    """The numbers are right, but the graph of every batch is kept to the end of the epoch: the sum is made of tensors that hang on them. Memory grows with each batch."""
    model.train()
    total = seen = 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss * len(x)
        seen += len(x)
    return total / seen


def _list_of_losses(model, loader, criterion, optimizer, device):
    model.train()
    losses, seen = [], 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        losses.append(criterion(model(x), y) * len(x))
        (losses[-1] / len(x)).backward()
        optimizer.step()
        seen += len(x)
    return sum(loss.item() for loss in losses) / seen


keeps_graphs_in_a_list = also(keeps_graphs, _list_of_losses)


@mistake("train_one_epoch")
def forgets_device(model, loader, criterion, optimizer, device):
    """The batches stay where they are, and the model may be elsewhere: on a GPU this stops at the first batch. What is `device` for, and what becomes of the tensor that `.to` returns?"""
    model.train()
    total = seen = 0
    for x, y in loader:
        total += _step(model, optimizer, criterion, x, y) * len(x)
        seen += len(x)
    return total / seen


@mistake("train_one_epoch", name="forgets_device")
def moves_x_only(model, loader, criterion, optimizer, device):
    """Only the inputs are moved to the device; the targets stay where they are."""
    model.train()
    total = seen = 0
    for x, y in loader:
        x = x.to(device)
        total += _step(model, optimizer, criterion, x, y) * len(x)
        seen += len(x)
    return total / seen


@mistake("train_one_epoch", name="first_batch_only")
def returns_in_the_loop(model, loader, criterion, optimizer, device):
    """The epoch ends after its first batch. How far is your `return` indented?"""
    model.train()
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        return _step(model, optimizer, criterion, x, y)


@mistake("train_one_epoch", name="losses_after_the_epoch")
def measures_afterwards(model, loader, criterion, optimizer, device):
    """This is the loss after the epoch, measured with the trained weights. The exercise asks for the losses met on the way."""
    _epoch(model, loader, criterion, optimizer, device)
    total = seen = 0
    with torch.no_grad():
        model.eval()
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            total += criterion(model(x), y).item() * len(x)
            seen += len(x)
    return total / seen


# --- validate ---------------------------------------------------------------------------------------


def _measured(model, loader, criterion, device):
    """Losses, numbers of right answers and sizes of all batches, in whatever mode the model is."""
    losses, right, sizes = [], [], []
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        outputs = model(x)
        losses.append(criterion(outputs, y).item())
        right.append((outputs.argmax(dim=1) == y).sum().item())
        sizes.append(len(x))
    return losses, right, sizes


def _means(losses, right, sizes):
    n = sum(sizes)
    return sum(loss * size for loss, size in zip(losses, sizes, strict=True)) / n, sum(right) / n


def _quietly_measured(model, loader, criterion, device):
    was = model.training
    model.eval()
    with torch.no_grad():
        found = _measured(model, loader, criterion, device)
    model.train(was)
    return found


@mistake("validate")
def forgets_eval(model, loader, criterion, device):
    """The model is measured in the mode in which it came, which was training: dropout and batch norm act, and the figures are those of another model."""
    with torch.no_grad():
        return _means(*_measured(model, loader, criterion, device))


@mistake("validate", name="forgets_eval")
def forgets_both(model, loader, criterion, device):
    """Neither switch is set: the model is measured in the mode in which it came, and a graph is built all the while."""
    return _means(*_measured(model, loader, criterion, device))


@mistake("validate", name="forgets_eval")
def measures_in_train_mode(model, loader, criterion, device):
    """The model is measured in training mode: dropout and batch norm act, and the figures are those of another model."""
    was = model.training
    model.train()
    with torch.no_grad():
        found = _means(*_measured(model, loader, criterion, device))
    model.train(was)
    return found


@mistake("validate")
def builds_graph(model, loader, criterion, device):
    """A graph is built for every batch, and nobody will walk it: memory and time for nothing. `eval()` does not turn that off."""
    was = model.training
    model.eval()
    found = _means(*_measured(model, loader, criterion, device))
    model.train(was)
    return found


@mistake("validate", name="builds_graph")
def builds_graph_and_leaves_eval(model, loader, criterion, device):
    """A graph is built for every batch, for nothing (`eval()` does not turn that off); and the model's mode is not what it was."""
    model.eval()
    return _means(*_measured(model, loader, criterion, device))


@mistake("validate")
def leaves_eval_mode(model, loader, criterion, device):
    """The figures are right, but the model came in training mode and is left in evaluation mode. Who will switch it back?"""
    model.eval()
    with torch.no_grad():
        return _means(*_measured(model, loader, criterion, device))


@mistake("validate")
def always_back_to_train(model, loader, criterion, device):
    """The model is always left in training mode, also where it came in evaluation mode."""
    model.eval()
    with torch.no_grad():
        found = _means(*_measured(model, loader, criterion, device))
    model.train()
    return found


def _with_predictions(model, loader, criterion, device, predict):
    was = model.training
    model.eval()
    total = right = n = 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            outputs = model(x)
            total += criterion(outputs, y).item() * len(x)
            right += (predict(outputs) == y).sum().item()
            n += len(x)
    model.train(was)
    return total / n, right / n


@mistake("validate")
def argmax_wrong_dim(model, loader, criterion, device):
    """The largest score is looked for down the columns, over the samples of a batch. Each *row* belongs to one sample."""
    return _with_predictions(model, loader, criterion, device, lambda outputs: outputs.argmax(dim=0))


@mistake("validate", name="argmax_wrong_dim")
def argmax_of_everything(model, loader, criterion, device):
    """The largest score is looked for in the whole batch at once. Each row belongs to one sample."""
    return _with_predictions(model, loader, criterion, device, lambda outputs: outputs.argmax())


@mistake("validate")
def broadcasts_to_square(model, loader, criterion, device):
    """Your answers are a column (n, 1), the classes are flat (n,): comparing them gives a table n × n, every answer against every class."""
    return _with_predictions(model, loader, criterion, device, lambda outputs: outputs.argmax(dim=1, keepdim=True))


@mistake("validate")
def argmin(model, loader, criterion, device):
    """The class with the *smallest* score is taken for the model's answer."""
    return _with_predictions(model, loader, criterion, device, lambda outputs: outputs.argmin(dim=1))


@mistake("validate", name="returns_nothing", seen_in=("the mean loss (model in training mode)",))
def validate_without_return(model, loader, criterion, device):
    """Nothing is handed back: the function ends without a `return`."""
    _quietly_measured(model, loader, criterion, device)


@mistake("validate", name="compares_scores")
def takes_max_not_argmax(model, loader, criterion, device):
    """The largest score itself is compared with the class. Which class does it stand for?"""
    return _with_predictions(model, loader, criterion, device, lambda outputs: outputs.max(dim=1).values)


@mistake("validate", name="mean_of_batch_means")
def both_means_of_means(model, loader, criterion, device):
    """Loss and accuracy are means of the batches' means: in a short batch each sample counts too much."""
    losses, right, sizes = _quietly_measured(model, loader, criterion, device)
    return sum(losses) / len(sizes), sum(r / s for r, s in zip(right, sizes, strict=True)) / len(sizes)


@mistake("validate", name="mean_of_batch_means")
def loss_mean_of_means(model, loader, criterion, device):
    """The loss is a mean of the batches' means: in a short batch each sample counts too much."""
    losses, right, sizes = _quietly_measured(model, loader, criterion, device)
    return sum(losses) / len(sizes), sum(right) / sum(sizes)


@mistake("validate", name="mean_of_batch_means")
def accuracy_mean_of_means(model, loader, criterion, device):
    """The accuracy is a mean of the batches' accuracies: in a short batch each sample counts too much."""
    losses, right, sizes = _quietly_measured(model, loader, criterion, device)
    accuracy = sum(r / s for r, s in zip(right, sizes, strict=True)) / len(sizes)
    return _means(losses, right, sizes)[0], accuracy


@mistake("validate", name="divides_by_dataset_when_dropping")
def both_by_dataset(model, loader, criterion, device):
    """The sums are divided by the size of the whole data set, but a loader may leave rows out. How many samples were *seen*?"""
    losses, right, sizes = _quietly_measured(model, loader, criterion, device)
    loss, accuracy = _means(losses, right, sizes)
    return loss * sum(sizes) / len(loader.dataset), accuracy * sum(sizes) / len(loader.dataset)


@mistake("validate", name="divides_by_dataset_when_dropping")
def accuracy_by_dataset(model, loader, criterion, device):
    """The accuracy is divided by the size of the whole data set, but a loader may leave rows out. How many samples were *seen*?"""
    losses, right, sizes = _quietly_measured(model, loader, criterion, device)
    return _means(losses, right, sizes)[0], sum(right) / len(loader.dataset)


@mistake("validate", name="divides_by_dataset_when_dropping")
def loss_by_dataset(model, loader, criterion, device):
    """The loss is divided by the size of the whole data set, but a loader may leave rows out. How many samples were *seen*?"""
    losses, right, sizes = _quietly_measured(model, loader, criterion, device)
    loss, accuracy = _means(losses, right, sizes)
    return loss * sum(sizes) / len(loader.dataset), accuracy


@mistake("validate")
def divides_by_batches_too(model, loader, criterion, device):
    """Sums over samples are divided by the number of batches."""
    losses, right, sizes = _quietly_measured(model, loader, criterion, device)
    loss, accuracy = _means(losses, right, sizes)
    return loss * sum(sizes) / len(sizes), accuracy * sum(sizes) / len(sizes)


def _trained_on(model, loader, criterion, device, train_mode, update):
    was = model.training
    model.train(train_mode)
    total = right = n = 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        model.zero_grad()
        outputs = model(x)
        loss = criterion(outputs, y)
        loss.backward()
        update(model)
        total += loss.item() * len(x)
        right += (outputs.argmax(dim=1) == y).sum().item()
        n += len(x)
    model.train(was)
    return total / n, right / n


@mistake("validate")
def trains_on_validation(model, loader, criterion, device):
    """`backward` is called on validation data, and gradients are left behind, which the next training step may add to its own."""
    return _trained_on(model, loader, criterion, device, False, lambda model: None)


leaves_gradients_in_train_mode = also(
    trains_on_validation,
    lambda model, loader, criterion, device: _trained_on(model, loader, criterion, device, True, lambda model: None),
)


@torch.no_grad()
def _descend(model):
    for parameter in model.parameters():
        parameter -= 0.01 * parameter.grad


@mistake("validate", name="trains_on_validation")
def steps_on_validation(model, loader, criterion, device):
    """The model's weights change while it is validated. Validation measures, and leaves the model alone."""
    return _trained_on(model, loader, criterion, device, False, _descend)


@mistake("validate", name="returns_percent")
def accuracy_in_percent(model, loader, criterion, device):
    """The accuracy is in percent. The exercise asks for a share between 0 and 1."""
    loss, accuracy = _means(*_quietly_measured(model, loader, criterion, device))
    return loss, 100 * accuracy


@mistake("validate")
def counts_correct(model, loader, criterion, device):
    """This counts the right answers. Of how many?"""
    losses, right, sizes = _quietly_measured(model, loader, criterion, device)
    return _means(losses, right, sizes)[0], sum(right)


@mistake("validate")
def accuracy_first(model, loader, criterion, device):
    """Both figures are right, in the wrong order: loss first, then accuracy."""
    return _means(*_quietly_measured(model, loader, criterion, device))[::-1]


@mistake("validate")
def returns_loss_only(model, loader, criterion, device):
    """The loss comes back alone. The exercise asks for a pair: loss and accuracy."""
    return _means(*_quietly_measured(model, loader, criterion, device))[0]


@mistake("validate", name="forgets_device")
def validate_forgets_device(model, loader, criterion, device):
    """The batches stay where they are, and the model may be elsewhere: on a GPU this stops at the first batch. What is `device` for, and what becomes of the tensor that `.to` returns?"""
    was = model.training
    model.eval()
    total = right = n = 0
    with torch.no_grad():
        for x, y in loader:
            outputs = model(x)
            total += criterion(outputs, y).item() * len(x)
            right += (outputs.argmax(dim=1) == y).sum().item()
            n += len(x)
    model.train(was)
    return total / n, right / n


# --- fit --------------------------------------------------------------------------------------------


def _fit(model, X, y, epochs, lr, make=torch.optim.Adam, zero=True, criterion=None, keep=float):
    optimizer, criterion, losses = make(model.parameters(), lr=lr), criterion or nn.MSELoss(), []
    for _ in range(epochs):
        if zero:
            optimizer.zero_grad()
        loss = criterion(model(X), y)
        loss.backward()
        optimizer.step()
        losses.append(keep(loss))
    return losses


@mistake("fit")
def new_optimizer_each_epoch(model, X, y, epochs, lr):
    """Every epoch gets a new optimizer, which knows nothing of the steps before: Adam's averages begin anew each time."""
    return [_fit(model, X, y, 1, lr)[0] for _ in range(epochs)]


@mistake("fit", name="forgets_zero_grad")
def fit_forgets_zero_grad(model, X, y, epochs, lr):
    """Gradients pile up from epoch to epoch: each step follows the sum of all before it."""
    return _fit(model, X, y, epochs, lr, zero=False)


@mistake("fit", name="forgets_zero_grad")
def fit_zeroes_once(model, X, y, epochs, lr):
    """Gradients are cleared once, before the loop, and then pile up from epoch to epoch."""
    model.zero_grad()
    return _fit(model, X, y, epochs, lr, zero=False)


@mistake("fit")
def off_by_one_epoch(model, X, y, epochs, lr):
    """There is one epoch too few. How many numbers does your range give?"""
    return _fit(model, X, y, epochs - 1, lr)


@mistake("fit", name="off_by_one_epoch")
def one_epoch_too_many(model, X, y, epochs, lr):
    """There is one epoch too many. How many numbers does your range give?"""
    return _fit(model, X, y, epochs + 1, lr)


@mistake("fit", name="loss_after_update")
def fit_loss_after_update(model, X, y, epochs, lr):
    """These are the losses after each update. The exercise asks for those before it."""
    losses, optimizer = [], torch.optim.Adam(model.parameters(), lr=lr)
    for _ in range(epochs):
        _step(model, optimizer, nn.MSELoss(), X, y)
        losses.append(nn.MSELoss()(model(X), y).item())
    return losses


@mistake("fit")
def uses_sgd(model, X, y, epochs, lr):
    """These are SGD's steps. The exercise asks for another optimizer."""
    return _fit(model, X, y, epochs, lr, torch.optim.SGD)


@mistake("fit")
def uses_adamw(model, X, y, epochs, lr):
    """These are AdamW's steps: its weight decay pulls all weights a little towards zero. The exercise asks for Adam."""
    return _fit(model, X, y, epochs, lr, torch.optim.AdamW)


@mistake("fit")
def ignores_lr(model, X, y, epochs, lr):
    """The learning rate is Adam's own 0.001, whatever `lr` says."""
    return _fit(model, X, y, epochs, 0.001)


@mistake("fit", name="keeps_graphs")
def fit_keeps_graphs(model, X, y, epochs, lr):
    """The numbers are right, but the list holds tensors that hang on their graphs: every epoch's graph stays in memory. How do you take the plain number out?"""
    return _fit(model, X, y, epochs, lr, keep=lambda loss: loss)


@mistake("fit", name="returns_last_loss")
def fit_returns_last_loss(model, X, y, epochs, lr):
    """One number comes back, the last loss. The exercise asks for one for each epoch."""
    return _fit(model, X, y, epochs, lr)[-1]


@mistake("fit")
def sums_errors(model, X, y, epochs, lr):
    """The squared errors are summed. The exercise asks for their mean."""
    return _fit(model, X, y, epochs, lr, criterion=nn.MSELoss(reduction="sum"))


@mistake("fit")
def absolute_errors(model, X, y, epochs, lr):
    """This trains on absolute errors. The exercise asks for the mean squared error."""
    return _fit(model, X, y, epochs, lr, criterion=nn.L1Loss())


@mistake("fit", name="forgets_step")
def fit_forgets_step(model, X, y, epochs, lr):
    """Every epoch shows the same loss: no step is made."""
    return [nn.MSELoss()(model(X), y).item() for _ in range(epochs)]


@mistake("fit", name="zero_between_backward_and_step")
def fit_zeroes_between(model, X, y, epochs, lr):
    """Every epoch shows the same loss: gradients are cleared after backward has computed them and before step could use them."""
    losses, optimizer = [], torch.optim.Adam(model.parameters(), lr=lr)
    for _ in range(epochs):
        loss = nn.MSELoss()(model(X), y)
        loss.backward()
        for parameter in model.parameters():
            parameter.grad.zero_()
        optimizer.step()
        losses.append(loss.item())
    return losses


@mistake("fit", name="steps_twice")
def fit_steps_twice(model, X, y, epochs, lr):
    """The optimizer makes two steps an epoch."""
    losses, optimizer = [], torch.optim.Adam(model.parameters(), lr=lr)
    for _ in range(epochs):
        losses.append(_step(model, optimizer, nn.MSELoss(), X, y))
        optimizer.step()
    return losses


@mistake("fit", name="returns_nothing", seen_in=("the losses (5 epochs)",))
def fit_without_return(model, X, y, epochs, lr):
    """The losses are not handed back: the function ends without a `return`."""
    _fit(model, X, y, epochs, lr)


@mistake("fit", seen_in=("whether an optimizer stepped before all 130 rows had been seen",))
def mini_batches(model, X, y, epochs, lr):
    """The optimizer steps after a part of the rows. The exercise asks for one step an epoch, on all rows."""
    optimizer, losses = torch.optim.Adam(model.parameters(), lr=lr), []
    for _ in range(epochs):
        loader = DataLoader(TensorDataset(X, y), batch_size=32, shuffle=True)
        losses.append(np.mean([_step(model, optimizer, nn.MSELoss(), *batch) for batch in loader]))
    return losses


@mistake("fit")
def stops_after_first_epoch(model, X, y, epochs, lr):
    """One epoch is made, and then it returns. How far is your `return` indented?"""
    return _fit(model, X, y, 1, lr)


# --- tf_train_step ----------------------------------------------------------------------------------


def _tf_step(model, optimizer, loss_fn, x, y):
    import tensorflow as tf

    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))


@mistake("tf_train_step")
def applies_twice(model, optimizer, loss_fn, x, y):
    """The gradients are applied twice. With SGD that is just twice the rate; with Adam it is something else again."""
    import tensorflow as tf

    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return float(loss)


@mistake("tf_train_step")
def tape_closed_too_early(model, optimizer, loss_fn, x, y):
    """The tape was closed before it had seen everything from the weights to the loss, so it knows no slopes. What belongs inside the `with`?"""
    import tensorflow as tf

    with tf.GradientTape() as tape:
        predictions = model(x, training=True)
    loss = loss_fn(y, predictions)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return float(loss)


@mistake("tf_train_step")
def ignores_training_flag(model, optimizer, loss_fn, x, y):
    """The model is not told that it is being trained: dropout and batch norm sleep. In PyTorch that is a mode; in Keras it goes along with each call."""
    import tensorflow as tf

    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return float(loss)


@mistake("tf_train_step")
def swaps_loss_arguments(model, optimizer, loss_fn, x, y):
    """Keras' losses take the targets first, then the predictions: the other way round than PyTorch's."""
    import tensorflow as tf

    with tf.GradientTape() as tape:
        loss = loss_fn(model(x, training=True), y)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return float(loss)


@mistake("tf_train_step")
def never_applies(model, optimizer, loss_fn, x, y):
    """The gradients are found, and nobody applies them: the weights stay."""
    import tensorflow as tf

    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    tape.gradient(loss, model.trainable_variables)
    return float(loss)


@mistake("tf_train_step", name="loss_after_update")
def tf_loss_after_update(model, optimizer, loss_fn, x, y):
    """This is the loss after the step. The exercise asks for the one before it."""
    _tf_step(model, optimizer, loss_fn, x, y)
    return float(loss_fn(y, model(x, training=True)))


@mistake("tf_train_step", name="returns_nothing", seen_in=("the loss (SGD, step 1)",))
def tf_step_without_return(model, optimizer, loss_fn, x, y):
    """The loss is not handed back: the function ends without a `return`."""
    _tf_step(model, optimizer, loss_fn, x, y)
