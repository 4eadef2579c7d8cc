"""Right answers to lesson 07 in other styles, which must pass."""

import math
import os
from collections import OrderedDict
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from autograder.authoring import equivalent, variant

# --- train_accumulated ------------------------------------------------------------------------------


@variant("train_accumulated")
def looks_before_it_trains(model, batches, criterion, optimizer, accumulation_steps):
    """A forward pass that nobody learns from is let go at once."""
    batches = list(batches)
    while batches:
        group, batches = batches[:accumulation_steps], batches[accumulation_steps:]
        samples = sum(model(x).shape[0] for x, _ in group)
        for parameter in model.parameters():
            parameter.grad = None
        for x, y in group:
            loss = criterion(model(x), y)
            (loss * (y.size(0) / samples)).backward(retain_graph=True)
        optimizer.step()
    optimizer.zero_grad()


@variant("train_accumulated")
def sample_by_sample(model, batches, criterion, optimizer, accumulation_steps):
    """Pieces smaller than a batch need even less memory."""
    rest = iter(batches)
    while group := list(islice(rest, accumulation_steps)):
        samples = sum(len(x) for x, _ in group)
        for x, y in group:
            for one in range(len(x)):
                criterion(model(x[one : one + 1]), y[one : one + 1]).div(samples).backward()
        optimizer.step()
        optimizer.zero_grad()


@variant("train_accumulated")
def divides_the_gradients(model, batches, criterion, optimizer, accumulation_steps):
    samples = 0
    last = len(batches)
    for number, (inputs, targets) in enumerate(batches, start=1):
        loss = criterion(model(inputs), targets) * inputs.size(0)
        loss.backward()
        samples += inputs.size(0)
        if number % accumulation_steps == 0 or number == last:
            for parameter in model.parameters():
                if parameter.grad is not None:
                    parameter.grad /= samples
            optimizer.step()
            optimizer.zero_grad(set_to_none=False)
            samples = 0


@variant("train_accumulated")
def closures(model, batches, criterion, optimizer, accumulation_steps):
    rest, exhausted = iter(batches), False
    while not exhausted:
        group = []
        while len(group) < accumulation_steps and not exhausted:
            batch = next(rest, None)
            exhausted = batch is None
            group += [] if exhausted else [batch]
        if not group:
            break

        def closure(group=group):
            optimizer.zero_grad()
            total, mean = sum(len(y) for _, y in group), 0.0
            for x, y in group:
                loss = criterion(model(x), y) * len(y) / total
                loss.backward()
                mean += loss.item()
            return mean

        optimizer.step(closure)


@variant("train_accumulated")
def by_hand_over_parameters(model, batches, criterion, optimizer, accumulation_steps):
    parameters = list(model.parameters())
    rest = iter(batches)
    while group := list(islice(rest, accumulation_steps)):
        sums, samples = [torch.zeros_like(p) for p in parameters], 0
        for x, y in group:
            gradients = torch.autograd.grad(criterion(model(x), y), parameters)
            sums = [total + len(x) * gradient for total, gradient in zip(sums, gradients, strict=True)]
            samples += len(x)
        for parameter, total in zip(parameters, sums, strict=True):
            parameter.grad = total / samples
        optimizer.step()


# --- clipped_step -----------------------------------------------------------------------------------


@variant("clipped_step")
def refuses_what_is_not_finite(model, optimizer, loss, max_norm):
    for parameter in model.parameters():
        parameter.grad = None
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm, error_if_nonfinite=True)
    optimizer.step()
    return norm


@variant("clipped_step")
def norm_by_hand(model, optimizer, loss, max_norm):
    optimizer.zero_grad(set_to_none=False)
    loss.backward()
    norm = math.sqrt(sum(float((p.grad**2).sum()) for p in model.parameters() if p.grad is not None))
    if norm > max_norm:
        for p in model.parameters():
            if p.grad is not None:
                p.grad.mul_(max_norm / norm)
    optimizer.step()
    return norm


@variant("clipped_step")
def with_a_closure(model, optimizer, loss, max_norm):
    norms = []

    def closure():
        optimizer.zero_grad()
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(list(model.parameters()), max_norm=max_norm).item())
        return loss

    optimizer.step(closure)
    return norms[0]


# --- save_checkpoint --------------------------------------------------------------------------------


@variant("save_checkpoint")
def names_of_the_tutorials(path, model, optimizer, epoch):
    checkpoint = OrderedDict(epoch=epoch, model_state_dict=model.state_dict())
    checkpoint["optimizer_state_dict"] = optimizer.state_dict()
    with open(path, "wb") as file:
        torch.save(checkpoint, file)


@variant("save_checkpoint")
def whole_or_not_at_all(path, model, optimizer, epoch):
    part = f"{path}.part"
    torch.save(
        {
            "epoch": int(epoch),
            "optimizer": optimizer.state_dict(),
            "model": {name: numbers.clone() for name, numbers in model.state_dict().items()},
            "rng": torch.get_rng_state(),
            "version": 1,
        },
        part,
    )
    os.replace(part, path)


@variant("save_checkpoint")
def names_of_ones_own(path, model, optimizer, epoch):
    torch.save({"m": model.state_dict(), "o": optimizer.state_dict(), "e": torch.tensor(epoch)}, path)


@variant("save_checkpoint")
def one_flat_dict(path, model, optimizer, epoch):
    torch.save({**model.state_dict(), "optim": optimizer.state_dict(), "epochs done": epoch}, path)


@variant("save_checkpoint")
def as_a_tuple(path, model, optimizer, epoch):
    torch.save((model.state_dict(), optimizer.state_dict(), epoch), Path(path))


# --- load_checkpoint --------------------------------------------------------------------------------


@variant("load_checkpoint")
def onto_the_cpu(path, model, optimizer):
    with open(path, "rb") as file:
        checkpoint = torch.load(file, map_location="cpu", weights_only=True)
    optimizer.load_state_dict(checkpoint["optimizer"])
    model.load_state_dict(checkpoint["model"])
    return int(checkpoint["epoch"])


@variant("load_checkpoint")
def by_the_tutorials_names(path, model, optimizer):
    checkpoint = torch.load(path, weights_only=True)
    model.load_state_dict(checkpoint["model_state_dict"], strict=True)
    optimizer.load_state_dict(checkpoint["optimizer_state_dict"])
    model.train()
    return checkpoint["epoch"]


@variant("load_checkpoint")
def number_by_number(path, model, optimizer):
    checkpoint = torch.load(Path(path), weights_only=True)
    with torch.no_grad():
        for name, numbers in model.state_dict().items():
            numbers.copy_(checkpoint["model"][name])
    optimizer.load_state_dict(checkpoint["optimizer"])
    return torch.tensor(checkpoint["epoch"])


# --- energy_kwh -------------------------------------------------------------------------------------


@variant("energy_kwh")
def by_units(watts, seconds, devices, pue):
    kilowatts = devices * watts / 1000
    hours = seconds / 60 / 60
    return pue * kilowatts * hours


@variant("energy_kwh")
def by_product(watts, seconds, devices, pue):
    return math.prod((watts, seconds, devices, pue)) / 3_600_000


# --- diagnoses --------------------------------------------------------------------------------------


@variant("diagnoses")
def zipped():
    found = (
        "mean_of_means",
        "cleared_too_late",
        "broadcasting",
        "double_step",
        "train_mode",
        "no_update",
        "leftover_gradients",
        "no_logarithm",
    )
    return dict(zip("ABCDEFGH", found, strict=True))


@variant("diagnoses")
def with_a_note():
    return {"note": "F before B: the dashed line tells"} | dict(reversed(zipped.attempt().items()))


# --- repairs ----------------------------------------------------------------------------------------


@variant("repair_1")
def repair_1_with_while(X, Y, weights, lr, epochs):
    w, losses = np.array(weights, dtype=float), np.empty(epochs)
    epoch = 0
    while epoch < epochs:
        error = np.dot(X, w) - Y
        losses[epoch] = error @ error / len(error)
        w -= lr * 2 / len(error) * error @ X
        epoch += 1
    return [w, losses]


@variant("repair_1")
def repair_1_with_a_copy(X, Y, weights, lr, epochs):
    weights, losses = weights.copy(), []
    for epoch in range(epochs):
        Y_pred = X @ weights
        losses.append(np.mean((Y - Y_pred) ** 2))
        print(f"Epoch {epoch}: {losses[-1]}")
        weights += lr * 2 * X.T @ (Y - Y_pred) / len(X)
    return weights, losses


@variant("repair_2")
def repair_2_clears_after_the_step(model, batches, criterion, optimizer):
    for x, y in batches:
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()


@variant("repair_2")
def repair_2_by_hand(model, batches, criterion, optimizer):
    for batch in batches:
        loss = criterion(model(batch[0]), batch[1])
        for parameter in model.parameters():
            parameter.grad = None
        loss.backward()
        optimizer.step()


@variant("repair_2")
def repair_2_with_closures(model, batches, criterion, optimizer):
    for x, y in batches:

        def closure(x=x, y=y):
            optimizer.zero_grad(set_to_none=False)
            loss = criterion(model(x), y)
            loss.backward()
            return loss

        optimizer.step(closure)


@variant("repair_3")
def repair_3_with_a_closure(model, optimizer, criterion, x, y):
    def closure():
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        return loss

    return optimizer.step(closure)


@variant("repair_3")
def repair_3_by_autograd(model, optimizer, criterion, x, y):
    loss = criterion(model(x), y)
    for parameter, gradient in zip(
        model.parameters(), torch.autograd.grad(loss, list(model.parameters())), strict=True
    ):
        parameter.grad = gradient
    optimizer.step()
    optimizer.zero_grad()
    return float(loss)


@variant("repair_4")
def repair_4_cross_entropy(logits, classes):
    return functional.cross_entropy(logits, classes)


@variant("repair_4")
def repair_4_by_logsumexp(logits, classes):
    right = logits.gather(1, classes[:, None]).squeeze(1)
    return (torch.logsumexp(logits, dim=1) - right).mean()


@variant("repair_4")
def repair_4_with_modules(logits, classes):
    return torch.nn.NLLLoss()(torch.nn.LogSoftmax(dim=-1)(logits), classes)


@variant("repair_5")
def repair_5_column(model, x, y):
    return torch.nn.MSELoss()(model(x), y.view(-1, 1))


@variant("repair_5")
def repair_5_flat(model, x, y):
    predictions = model(x).flatten()
    assert predictions.shape == y.shape
    return torch.mean((predictions - y) ** 2)


@variant("repair_5")
def repair_5_indexed(model, x, y):
    return ((y - model(x)[:, 0]) ** 2).sum() / len(y)


@variant("repair_5")
def repair_5_squeezed(model, x, y):
    return ((model(x).squeeze() - y) ** 2).mean()


@variant("repair_6")
def repair_6_epoch_by_epoch(model, batches, criterion, optimizer, accumulation_steps, epochs):
    for _ in range(epochs):
        divides_the_gradients.attempt(model, batches, criterion, optimizer, accumulation_steps)


@variant("repair_6")
def repair_6_tail_after_the_loop(model, batches, criterion, optimizer, accumulation_steps, epochs):
    for _ in range(epochs):
        waiting = 0
        for inputs, targets in batches:
            criterion(model(inputs), targets).backward()
            waiting += 1
            if waiting == accumulation_steps:
                _mean_step(model, optimizer, waiting)
                waiting = 0
        if waiting:
            _mean_step(model, optimizer, waiting)


def _mean_step(model, optimizer, count):
    for parameter in model.parameters():
        parameter.grad.div_(count)
    optimizer.step()
    optimizer.zero_grad()


@variant("repair_6")
def repair_6_with_a_step_too_many(model, batches, criterion, optimizer, accumulation_steps, epochs):
    """Its last call of `step` finds no gradients and moves nothing."""
    for _ in range(epochs):
        batches = list(batches)
        for start in range(0, len(batches), accumulation_steps):
            group = batches[start : start + accumulation_steps]
            sum(criterion(model(x), y) for x, y in group).div(len(group)).backward()
            optimizer.step()
            optimizer.zero_grad()
        optimizer.step()


@variant("repair_7")
def repair_7_counts_as_it_goes(model, batches, criterion):
    model.eval()
    mean, seen = 0.0, 0
    with torch.inference_mode():
        for x, y in batches:
            seen += len(y)
            mean += (float(criterion(model(x), y)) - mean) * len(y) / seen
    return mean


@variant("repair_7")
def repair_7_averages(model, batches, criterion):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        losses, sizes = zip(*[(criterion(model(x), y), x.shape[0]) for x, y in batches], strict=True)
    model.train(was_training)
    return np.average([loss.item() for loss in losses], weights=sizes)


@variant("repair_7")
def repair_7_one_big_batch(model, batches, criterion):
    model.eval()
    parts = list(batches)
    with torch.no_grad():
        return criterion(model(torch.cat([x for x, _ in parts])), torch.cat([y for _, y in parts]))


@variant("repair_8")
def repair_8_with_finally(model, batches):
    before = model.training
    model.train(False)
    try:
        with torch.inference_mode():
            hits = torch.cat([model(x).argmax(1) == y for x, y in batches])
    finally:
        model.train(before)
    return hits.double().mean()


@variant("repair_8")
def repair_8_each_module(model, batches):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    right = seen = 0
    for x, y in batches:
        right += int(np.sum(model(x).detach().numpy().argmax(axis=-1) == y.numpy()))
        seen += len(x)
    for part, mode in modes:
        part.training = mode
    return right / seen


EQUIVALENT_MUTANTS = (
    equivalent(
        "repair_6",
        "in_group = min(accumulation_steps, len(batches) - first)"
        " -> in_group = min(len(batches) - first, accumulation_steps)",
        because="the smaller of two numbers does not depend on their order",
    ),
)
