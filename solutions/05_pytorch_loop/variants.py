"""Right answers to lesson 05 in other styles: all of them must pass."""

import random

import numpy as np
import torch
from torch import nn
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, SequentialSampler, TensorDataset

from autograder.authoring import variant

# --- iterate_batches --------------------------------------------------------------------------------


@variant("iterate_batches")
def data_loader(X, y, batch_size, generator=None):
    return DataLoader(TensorDataset(X, y), batch_size=batch_size, shuffle=generator is not None, generator=generator)


@variant("iterate_batches")
def list_of_slices(X, y, batch_size, generator=None):
    if generator is not None:
        order = torch.randperm(len(X), generator=generator)
        X, y = X[order], y[order]
    return list(zip(X.split(batch_size), y.split(batch_size), strict=True))


@variant("iterate_batches")
def while_loop(X, y, batch_size, generator=None):
    rows = torch.arange(X.shape[0]) if generator is None else torch.randperm(X.shape[0], generator=generator)
    while rows.numel():
        now, rows = rows[:batch_size], rows[batch_size:]
        yield X.index_select(0, now), y.index_select(0, now)


@variant("iterate_batches")
def sorts_random_numbers(X, y, batch_size, generator=None):
    order = list(range(len(X)))
    if generator is not None:
        keys = torch.rand(len(X), generator=generator)
        order = torch.argsort(keys).tolist()
    return ([X[order[i : i + batch_size]], y[order[i : i + batch_size]]] for i in range(0, len(X), batch_size))


@variant("iterate_batches")
def samplers(X, y, batch_size, generator=None):
    rows = range(len(X))
    sampler = SequentialSampler(rows) if generator is None else RandomSampler(rows, generator=generator)
    return [(X[batch], y[batch]) for batch in BatchSampler(sampler, batch_size, drop_last=False)]


@variant("iterate_batches")
def another_kind_of_shuffle(X, y, batch_size, generator=None):
    order = list(range(len(X)))
    if generator is not None:
        random.Random(int(torch.randint(2**40, (1,), generator=generator))).shuffle(order)
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        yield torch.stack([X[i] for i in rows]), torch.stack([y[i] for i in rows])


class Batches:
    """Can be gone through again and again."""

    def __init__(self, X, y, batch_size, generator):
        self.X, self.y, self.batch_size, self.generator = X, y, batch_size, generator

    def __iter__(self):
        n = len(self.X)
        order = np.arange(n) if self.generator is None else torch.randperm(n, generator=self.generator).numpy()
        for rows in np.array_split(order, range(self.batch_size, n, self.batch_size)):
            yield self.X[rows], self.y[rows]


@variant("iterate_batches")
def class_with_iter(X, y, batch_size, generator=None):
    return Batches(X, y, batch_size, generator)


# --- Net --------------------------------------------------------------------------------------------


@variant("Net")
class ReluModule(nn.Module):
    def __init__(self, in_features, hidden, out_features):
        super().__init__()
        self.fc1 = nn.Linear(in_features, hidden)
        self.act = nn.ReLU()
        self.fc2 = nn.Linear(hidden, out_features)

    def forward(self, x):
        return self.fc2(self.act(self.fc1(x)))


@variant("Net")
class NamedSequential(nn.Sequential):
    def __init__(self, in_features, hidden, out_features):
        super().__init__()
        self.add_module("fc1", nn.Linear(in_features, hidden))
        self.add_module("relu", nn.ReLU(inplace=True))
        self.add_module("fc2", nn.Linear(hidden, out_features))


@variant("Net")
def a_function_that_makes_one(in_features, hidden, out_features):
    layers = {"fc1": nn.Linear(in_features, hidden), "relu": nn.ReLU(), "fc2": nn.Linear(hidden, out_features)}
    net = nn.Sequential()
    for name, layer in layers.items():
        net.add_module(name, layer)
    return net


@variant("Net")
class ClampedMadeBackwards(nn.Module):
    def __init__(self, in_features, hidden, out_features):
        super().__init__()
        self.fc2 = nn.Linear(hidden, out_features)
        self.fc1 = nn.Linear(in_features, hidden)
        nn.init.zeros_(self.fc1.bias)

    def forward(self, x):
        hidden = self.fc1(x).clamp(min=0)
        return nn.functional.linear(hidden, self.fc2.weight, self.fc2.bias)


class Layer(nn.Module):
    """A linear layer by hand."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / inputs**0.5)
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x):
        return x @ self.weight.T + self.bias


@variant("Net")
class OwnLayers(nn.Module):
    def __init__(self, in_features, hidden, out_features):
        super().__init__()
        self.fc1, self.fc2 = Layer(in_features, hidden), Layer(hidden, out_features)

    def forward(self, x):
        x = self.fc1(x)
        return self.fc2(torch.where(x > 0, x, 0.0))


@variant("Net")
class MadeInDouble(nn.Module):
    def __init__(self, in_features, hidden, out_features):
        super().__init__()
        self.fc1 = nn.Linear(in_features, hidden, dtype=torch.float64)
        self.fc2 = nn.Linear(hidden, out_features, dtype=torch.float64)

    def forward(self, x):
        return self.fc2(nn.functional.relu(self.fc1(x)))


# --- torch_train_step -------------------------------------------------------------------------------


@variant("torch_train_step")
def zero_before_forward(model, optimizer, criterion, x, y):
    model.train()
    optimizer.zero_grad(set_to_none=False)
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    return float(loss)


@variant("torch_train_step")
def gradients_set_to_none(model, optimizer, criterion, x, y):
    loss = criterion(model(x), y)
    for parameter in model.parameters():
        parameter.grad = None
    loss.backward()
    optimizer.step()
    return loss.detach().cpu().numpy()


@variant("torch_train_step")
def closure_style(model, optimizer, criterion, x, y):
    def closure():
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        return loss

    return optimizer.step(closure).item()


@variant("torch_train_step")
def autograd_grad(model, optimizer, criterion, x, y):
    parameters = list(model.parameters())
    loss = criterion(model(x), y)
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        parameter.grad = gradient
    optimizer.step()
    return loss.tolist()


@variant("torch_train_step")
def functional(model, optimizer, criterion, x, y):
    names = dict(model.named_parameters())

    def loss_of(values):
        return criterion(torch.func.functional_call(model, values, (x,)), y)

    gradients, loss = torch.func.grad_and_value(loss_of)({name: p.detach() for name, p in names.items()})
    for name, parameter in names.items():
        parameter.grad = gradients[name].clone()
    type(optimizer).step(optimizer)
    return loss.item()


@variant("torch_train_step")
def zeroes_through_the_model_and_cleans_up(model, optimizer, criterion, x, y):
    model.zero_grad()
    with torch.enable_grad():
        loss = criterion(model.forward(x), y)
        torch.autograd.backward(loss)
    value = loss.item()
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return value


@variant("torch_train_step")
def zeroes_with_another_optimizer_object(model, optimizer, criterion, x, y):
    torch.optim.SGD(model.parameters(), lr=0.0).zero_grad()
    loss = criterion(model(x), y)
    loss.backward(retain_graph=True)
    optimizer.step()
    return loss.item()


# --- train_one_epoch --------------------------------------------------------------------------------


@variant("train_one_epoch")
def as_tutorials_write_it(model, loader, criterion, optimizer, device):
    model.train()
    running_loss, seen = 0.0, 0
    for inputs, targets in loader:
        inputs, targets = inputs.to(device), targets.to(device)
        outputs = model(inputs)
        loss = criterion(outputs, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running_loss += loss.item() * inputs.size(0)
        seen += inputs.size(0)
    return running_loss / seen


@variant("train_one_epoch")
def while_with_iterator(model, loader, criterion, optimizer, device):
    was = model.training
    model.train(True)
    batches, losses, sizes = iter(loader), [], []
    while (batch := next(batches, None)) is not None:
        x, y = (part.to(device, non_blocking=True) for part in batch)
        for parameter in model.parameters():
            parameter.grad = None
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
        sizes.append(x.shape[0])
    model.train(was)
    return np.average(torch.stack(losses).numpy(), weights=sizes)


@variant("train_one_epoch")
def zeroes_after_each_step(model, loader, criterion, optimizer, device):
    model.train()
    total, n = torch.zeros(()), 0
    for x, y in loader:
        loss = criterion(model(x.to(device)), y.to(device))
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        total = total + len(y) * loss.detach()
        n += len(y)
    return total / n


@variant("train_one_epoch")
def closures(model, loader, criterion, optimizer, device):
    model.to(device).train()
    sums = {"loss": 0.0, "n": 0}
    for batch in loader:
        x, y = [part.to(device) for part in batch]

        def closure(x=x, y=y):
            optimizer.zero_grad(set_to_none=True)
            loss = criterion(model(x), y)
            loss.backward()
            return loss

        sums["loss"] += float(optimizer.step(closure)) * len(x)
        sums["n"] += len(x)
    return sums["loss"] / sums["n"]


# --- validate ---------------------------------------------------------------------------------------


@variant("validate")
def inference_mode(model, loader, criterion, device):
    was = model.training
    model.eval()
    loss = right = n = 0.0
    with torch.inference_mode():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            scores = model(x)
            loss += criterion(scores, y) * len(y)
            right += (scores.max(1).indices == y).sum()
            n += len(y)
    model.train(was)
    return loss / n, right / n


@variant("validate")
@torch.no_grad()
def decorated(model, loader, criterion, device):
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        scores, targets, losses = [], [], []
        for x, y in loader:
            scores.append(model(x.to(device)))
            targets.append(y.to(device))
            losses += [criterion(scores[-1], targets[-1]).item()] * len(y)
        predicted = torch.cat(scores).argmax(dim=-1)
        return sum(losses) / len(losses), (predicted == torch.cat(targets)).double().mean().item()
    finally:
        for module, mode in modes.items():
            module.training = mode


@variant("validate")
def twice_through_the_loader(model, loader, criterion, device):
    training, n = model.training, sum(len(y) for _, y in loader)
    model.train(False)
    with torch.set_grad_enabled(False):
        loss = sum(criterion(model(x.to(device)), y.to(device)).item() * len(y) for x, y in loader) / n
        right = sum(int((model(x.to(device)).argmax(1) == y.to(device)).sum()) for x, y in loader)
    if training:
        model.train()
    return [loss, right / n]


# --- fit --------------------------------------------------------------------------------------------


@variant("fit")
def inlined(model, X, y, epochs, lr):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    criterion = nn.MSELoss()
    losses = []
    for epoch in range(epochs):
        output = model(X)
        loss = criterion(output, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if (epoch + 1) % 2 == 0:
            print(f"Epoch [{epoch + 1}/{epochs}], Loss: {loss.item():.4f}")
        losses.append(loss.item())
    return losses


@variant("fit")
def countdown(model, X, y, epochs, lr):
    model.train()
    adam, losses = torch.optim.Adam(model.parameters(), lr), np.zeros(epochs)
    done = 0
    while done < epochs:
        error = model(X) - y
        loss = (error * error).mean()
        for parameter in model.parameters():
            parameter.grad = None
        loss.backward()
        adam.step()
        losses[done] = loss.item()
        done += 1
    return losses


@variant("fit")
def adam_by_hand(model, X, y, epochs, lr):
    parameters = list(model.parameters())
    m, v = [torch.zeros_like(p) for p in parameters], [torch.zeros_like(p) for p in parameters]
    losses = []
    for t in range(1, epochs + 1):
        loss = nn.functional.mse_loss(model(X), y)
        losses.append(loss.detach())
        with torch.no_grad():
            for i, (p, g) in enumerate(zip(parameters, torch.autograd.grad(loss, parameters), strict=True)):
                m[i] = 0.9 * m[i] + 0.1 * g
                v[i] = 0.999 * v[i] + 0.001 * g * g
                p -= lr * (m[i] / (1 - 0.9**t)) / ((v[i] / (1 - 0.999**t)).sqrt() + 1e-8)
    return tuple(losses)


@variant("fit")
def one_batch_loader(model, X, y, epochs, lr):
    optimizer, losses = torch.optim.Adam(params=model.parameters(), lr=lr, foreach=False), []
    for _ in range(epochs):
        for x_batch, y_batch in DataLoader(TensorDataset(X, y), batch_size=len(X), shuffle=True):
            optimizer.zero_grad()
            loss = torch.mean((model(x_batch) - y_batch) ** 2)
            loss.backward()
            optimizer.step()
            losses += [loss.item()]
    return losses


# --- tf_train_step ----------------------------------------------------------------------------------


@variant("tf_train_step")
def gradient_inside_the_tape(model, optimizer, loss_fn, x, y):
    import tensorflow as tf

    variables = model.trainable_variables
    with tf.GradientTape(persistent=True) as tape:
        loss = loss_fn(y, model(x, training=True))
        gradients = tape.gradient(loss, variables)
    optimizer.apply(gradients, variables)
    return loss


@variant("tf_train_step")
def compiled(model, optimizer, loss_fn, x, y):
    import tensorflow as tf

    optimizer.build(model.trainable_variables)

    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            loss = loss_fn(y, model(x, training=True))
        optimizer.apply_gradients(list(zip(tape.gradient(loss, model.weights), model.weights, strict=True)))
        return loss

    return step(x, y).numpy()
