"""What learners get wrong in lesson 07. A function's name is the mistake's key, its docstring is what the learner reads.

`also(known, attempt)` is another way of making a mistake that is already described.
"""

import pickle
from itertools import islice

import numpy as np
import torch

from autograder.authoring import also, mistake

# --- train_accumulated ------------------------------------------------------------------------------


def _accumulation(weigh, tail="step", zero="after a step"):
    """A loop over groups. weigh(batch size, group's samples, group's batches, k) is the factor of a batch's mean loss.

    tail: "step", "leaks" (no step, the gradients stay) or "lost" (no step, they go).
    """

    def loop(model, batches, criterion, optimizer, accumulation_steps):
        rest = iter(batches)
        while group := list(islice(rest, accumulation_steps)):
            samples = sum(len(x) for x, _ in group)
            for x, y in group:
                if zero == "every batch":
                    optimizer.zero_grad()
                loss = criterion(model(x), y) * weigh(len(x), samples, len(group), accumulation_steps)
                loss.backward()
            short = len(group) < accumulation_steps
            if not short or tail == "step":
                if zero == "before the step":
                    optimizer.zero_grad()
                optimizer.step()
            if zero == "after a step" and (not short or tail != "leaks"):
                optimizer.zero_grad()

    return loop


def _one_backward(weigh, tail="step"):
    """The losses of a group are added up; one `backward` for all of them. The arguments are those of _accumulation."""

    def loop(model, batches, criterion, optimizer, accumulation_steps):
        rest = iter(batches)
        while group := list(islice(rest, accumulation_steps)):
            samples = sum(len(x) for x, _ in group)
            factors = [weigh(len(x), samples, len(group), accumulation_steps) for x, _ in group]
            losses = [criterion(model(x), y) for x, y in group]
            if tail == "lost" and len(group) < accumulation_steps:
                continue
            optimizer.zero_grad()
            sum(factor * loss for factor, loss in zip(factors, losses, strict=True)).backward()
            optimizer.step()
        optimizer.zero_grad()

    return loop


def _by_samples(n, samples, count, k):
    return n / samples


def _by_steps(n, samples, count, k):
    return 1 / k


def _by_count(n, samples, count, k):
    return 1 / count


def _as_it_is(n, samples, count, k):
    return 1.0


@mistake("train_accumulated")
def sums_gradients(model, batches, criterion, optimizer, accumulation_steps):
    """Each step is several times too long: the gradients of a group are added up, and the mean is never taken."""
    _accumulation(_as_it_is)(model, batches, criterion, optimizer, accumulation_steps)


sums_losses = also(sums_gradients, _one_backward(_as_it_is))
sums_gradients_and_leaks_the_tail = also(sums_gradients, _accumulation(_as_it_is, "leaks"))
sums_gradients_and_loses_the_tail = also(sums_gradients, _accumulation(_as_it_is, "lost"))


@mistake("train_accumulated")
def loses_tail(model, batches, criterion, optimizer, accumulation_steps):
    """The last, short group makes no step: its gradients are thrown away. Those samples are never learnt from."""
    _accumulation(_by_samples, "lost")(model, batches, criterion, optimizer, accumulation_steps)


loses_tail_and_divides_by_steps = also(loses_tail, _accumulation(_by_steps, "lost"))
sums_losses_and_loses_the_tail = also(loses_tail, _one_backward(_by_steps, "lost"))
sums_weighed_losses_and_loses_the_tail = also(loses_tail, _one_backward(_by_samples, "lost"))


@mistake("train_accumulated")
def tail_leaks_into_next(model, batches, criterion, optimizer, accumulation_steps):
    """The last, short group makes no step, and its gradients stay: the next call begins with them. What is to be done
    when the batches run out?"""
    _accumulation(_by_samples, "leaks")(model, batches, criterion, optimizer, accumulation_steps)


def _printed_accumulation(model, batches, criterion, optimizer, accumulation_steps):
    for i, (inputs, targets) in enumerate(batches):
        loss = criterion(model(inputs), targets)
        loss = loss / accumulation_steps
        loss.backward()
        if (i + 1) % accumulation_steps == 0:
            optimizer.step()
            optimizer.zero_grad()


tail_leaks_as_printed = also(tail_leaks_into_next, _printed_accumulation)


@mistake("train_accumulated")
def first_group_keeps_old_gradients(model, batches, criterion, optimizer, accumulation_steps):
    """Gradients are cleared between groups, but those of the last group stay and join the next call's first group."""
    for i, (inputs, targets) in enumerate(list(batches)):
        if i and i % accumulation_steps == 0:
            optimizer.zero_grad()
        group = list(batches)[i - i % accumulation_steps :][:accumulation_steps]
        share = len(inputs) / sum(len(x) for x, _ in group)
        (share * criterion(model(inputs), targets)).backward()
        if (i + 1) % accumulation_steps == 0 or i + 1 == len(batches):
            optimizer.step()


@mistake("train_accumulated")
def scales_by_batches_not_samples(model, batches, criterion, optimizer, accumulation_steps):
    """Right where all groups are full and all batches equal. Elsewhere samples of small batches, or those of a short
    group, do not count as the others do. What should a batch's mean loss be weighed with?"""
    _accumulation(_by_steps)(model, batches, criterion, optimizer, accumulation_steps)


scales_by_the_batches_of_the_group = also(scales_by_batches_not_samples, _accumulation(_by_count))
mean_of_the_losses = also(scales_by_batches_not_samples, _one_backward(_by_count))
sum_of_scaled_losses = also(scales_by_batches_not_samples, _one_backward(_by_steps))


@mistake("train_accumulated")
def whole_group_at_once(model, batches, criterion, optimizer, accumulation_steps):
    """The steps are right, but the whole group is in memory at once, as the big batch would be: its batches were put
    together, or wait for one `backward` that they share. When can a batch be let go?"""
    batches = list(batches)
    for start in range(0, len(batches), accumulation_steps):
        inputs, targets = (torch.cat(parts) for parts in zip(*batches[start : start + accumulation_steps], strict=True))
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
    optimizer.zero_grad()


sums_weighed_losses = also(whole_group_at_once, _one_backward(_by_samples))


@mistake("train_accumulated")
def divides_by_what_was_seen(model, batches, criterion, optimizer, accumulation_steps):
    """Each batch is divided by what the group holds *so far*: the first batches count too much. The share is of the whole
    group, also for its first batch."""
    _running_count()(model, batches, criterion, optimizer, accumulation_steps)


def _running_count(by_samples=True, tail="step"):
    """A batch is weighed with the samples (or batches) seen so far in its group; `tail` as for _accumulation."""

    def loop(model, batches, criterion, optimizer, accumulation_steps):
        rest = iter(batches)
        while group := list(islice(rest, accumulation_steps)):
            seen = 0
            for x, y in group:
                n = len(x) if by_samples else 1
                seen += n
                (criterion(model(x), y) * n / seen).backward()
            short = len(group) < accumulation_steps
            if not short or tail == "step":
                optimizer.step()
            if not short or tail != "leaks":
                optimizer.zero_grad()

    return loop


running_count_of_batches = also(divides_by_what_was_seen, _running_count(by_samples=False))
running_count_loses_the_tail = also(divides_by_what_was_seen, _running_count(tail="lost"))
running_count_leaks_the_tail = also(divides_by_what_was_seen, _running_count(tail="leaks"))
running_count_of_batches_leaks_the_tail = also(divides_by_what_was_seen, _running_count(False, "leaks"))


def _steps_early(weigh):
    """Steps where the number of the batch, counted from 0, is a multiple of k."""

    def loop(model, batches, criterion, optimizer, accumulation_steps):
        for i, (x, y) in enumerate(batches):
            (criterion(model(x), y) * weigh(accumulation_steps)).backward()
            if i % accumulation_steps == 0:
                optimizer.step()
                optimizer.zero_grad()

    return loop


@mistake("train_accumulated")
def steps_after_the_first_batch(model, batches, criterion, optimizer, accumulation_steps):
    """The first step comes after one batch alone, and each group is one batch off from then on. `enumerate` counts
    from 0."""
    _steps_early(lambda k: 1 / k)(model, batches, criterion, optimizer, accumulation_steps)


steps_after_the_first_batch_unscaled = also(steps_after_the_first_batch, _steps_early(lambda k: 1))


@mistake("train_accumulated")
def zero_every_step(model, batches, criterion, optimizer, accumulation_steps):
    """Gradients are cleared before each batch: only the last batch of a group is left when the step is made."""
    _accumulation(_by_samples, zero="every batch")(model, batches, criterion, optimizer, accumulation_steps)


zeroes_every_batch_divides_by_steps = also(zero_every_step, _accumulation(_by_steps, zero="every batch"))
zeroes_every_batch_divides_by_count = also(zero_every_step, _accumulation(_by_count, zero="every batch"))
zeroes_every_batch_without_scaling = also(zero_every_step, _accumulation(_as_it_is, zero="every batch"))
zeroes_every_batch_no_tail = also(zero_every_step, _accumulation(_by_samples, "lost", zero="every batch"))
zeroes_every_batch_by_steps_no_tail = also(zero_every_step, _accumulation(_by_steps, "lost", zero="every batch"))
zeroes_every_batch_no_scale_no_tail = also(zero_every_step, _accumulation(_as_it_is, "lost", zero="every batch"))


@mistake("train_accumulated")
def never_clears(model, batches, criterion, optimizer, accumulation_steps):
    """The gradients of one group are still there when the next group begins: each step repeats all earlier ones."""
    _accumulation(_by_samples, zero="never")(model, batches, criterion, optimizer, accumulation_steps)


never_clears_divides_by_steps = also(never_clears, _accumulation(_by_steps, zero="never"))
never_clears_no_tail = also(never_clears, _accumulation(_by_steps, "leaks", zero="never"))
never_clears_without_scaling = also(never_clears, _accumulation(_as_it_is, zero="never"))


def _clears_once(weigh, tail="step"):
    def loop(model, batches, criterion, optimizer, accumulation_steps):
        optimizer.zero_grad()
        _accumulation(weigh, tail, zero="never")(model, batches, criterion, optimizer, accumulation_steps)
        optimizer.zero_grad()

    return loop


@mistake("train_accumulated")
def clears_once_a_call(model, batches, criterion, optimizer, accumulation_steps):
    """The gradients are cleared once a call and not once a group: each step repeats those of all groups before it."""
    _clears_once(_by_samples)(model, batches, criterion, optimizer, accumulation_steps)


clears_once_divides_by_steps = also(clears_once_a_call, _clears_once(_by_steps))
clears_once_divides_by_count = also(clears_once_a_call, _clears_once(_by_count))
clears_once_without_scaling = also(clears_once_a_call, _clears_once(_as_it_is))
clears_once_no_tail = also(clears_once_a_call, _clears_once(_by_steps, "lost"))


@mistake("train_accumulated")
def clears_before_the_step(model, batches, criterion, optimizer, accumulation_steps):
    """The gradients are cleared between `backward` and `step`: nothing is left for the step to use."""
    _accumulation(_by_samples, zero="before the step")(model, batches, criterion, optimizer, accumulation_steps)


@mistake("train_accumulated")
def never_steps(model, batches, criterion, optimizer, accumulation_steps):
    """The parameters never move: no step is made."""
    for inputs, targets in batches:
        criterion(model(inputs), targets).backward()
    optimizer.zero_grad()


@mistake("train_accumulated")
def steps_every_batch(model, batches, criterion, optimizer, accumulation_steps):
    """Every batch makes a step of its own. How many batches are to share one?"""
    _accumulation(_as_it_is)(model, batches, criterion, optimizer, 1)


def _step_a_batch_with_scaled_loss(model, batches, criterion, optimizer, accumulation_steps):
    for inputs, targets in batches:
        optimizer.zero_grad()
        (criterion(model(inputs), targets) / accumulation_steps).backward()
        optimizer.step()


steps_every_batch_scaled = also(steps_every_batch, _step_a_batch_with_scaled_loss)


@mistake("train_accumulated")
def one_step_for_all(model, batches, criterion, optimizer, accumulation_steps):
    """All batches of the call share one step. What does `accumulation_steps` say?"""
    _accumulation(_by_samples)(model, batches, criterion, optimizer, 10**9)


@mistake("train_accumulated")
def divides_by_all_samples(model, batches, criterion, optimizer, accumulation_steps):
    """A batch is weighed with its share of *all* samples of the call. The mean is wanted over its group alone."""
    everything = sum(len(x) for x, _ in batches)
    _accumulation(lambda n, samples, count, k: n / everything)(model, batches, criterion, optimizer, accumulation_steps)


@mistake("train_accumulated")
def weighs_with_samples_without_dividing(model, batches, criterion, optimizer, accumulation_steps):
    """Each batch counts as many times as it has samples, which gives the sum over the group. What makes a mean of it?"""
    _accumulation(lambda n, samples, count, k: n)(model, batches, criterion, optimizer, accumulation_steps)


@mistake("train_accumulated")
def divides_twice(model, batches, criterion, optimizer, accumulation_steps):
    """The samples are weighed, and the loss is divided by the number of batches on top: the steps are too short."""
    _accumulation(lambda n, samples, count, k: n / samples / k)(
        model, batches, criterion, optimizer, accumulation_steps
    )


divides_twice_by_count = also(divides_twice, _accumulation(lambda n, samples, count, k: n / samples / count))


# --- clipped_step -----------------------------------------------------------------------------------


def _clip(model, max_norm):
    return torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)


def _norm(model):
    return torch.linalg.vector_norm(torch.cat([p.grad.ravel() for p in model.parameters()]))


@mistake("clipped_step")
def clips_before_backward(model, optimizer, loss, max_norm):
    """The norm is taken and clipped before `backward`: there is no gradient of this loss yet."""
    optimizer.zero_grad()
    norm = _clip(model, max_norm)
    loss.backward()
    optimizer.step()
    return norm.item()


def _clips_what_lies_about(model, optimizer, loss, max_norm):
    norm = _clip(model, max_norm)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return norm.item()


clips_old_gradients = also(clips_before_backward, _clips_what_lies_about)


@mistake("clipped_step")
def clips_values(model, optimizer, loss, max_norm):
    """Each number of the gradient is cut off for itself, which turns the gradient. Clipping its norm only shortens it."""
    optimizer.zero_grad()
    loss.backward()
    norm = _norm(model).item()
    torch.nn.utils.clip_grad_value_(model.parameters(), max_norm)
    optimizer.step()
    return norm


def _clips_values_returns_what_is_left(model, optimizer, loss, max_norm):
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_value_(model.parameters(), max_norm)
    optimizer.step()
    return _norm(model).item()


def _clips_values_returns_nothing(model, optimizer, loss, max_norm):
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_value_(model.parameters(), max_norm)
    optimizer.step()


clips_values_and_returns_the_rest = also(clips_values, _clips_values_returns_what_is_left)
clips_values_and_returns_nothing = also(clips_values, _clips_values_returns_nothing)


@mistake("clipped_step")
def returns_clipped_norm(model, optimizer, loss, max_norm):
    """The step is right. The number returned is the norm *after* clipping, which can never tell that something was
    wrong."""
    optimizer.zero_grad()
    loss.backward()
    _clip(model, max_norm)
    optimizer.step()
    return _norm(model).item()


def _returns_the_smaller(model, optimizer, loss, max_norm):
    optimizer.zero_grad()
    loss.backward()
    norm = _clip(model, max_norm)
    optimizer.step()
    return min(norm.item(), max_norm)


returns_the_smaller = also(returns_clipped_norm, _returns_the_smaller)


@mistake("clipped_step")
def returns_max_norm(model, optimizer, loss, max_norm):
    """The step is right. What is returned is `max_norm`, which the caller knows already."""
    returns_clipped_norm.attempt(model, optimizer, loss, max_norm)
    return max_norm


@mistake("clipped_step")
def returns_loss(model, optimizer, loss, max_norm):
    """The step is right. What is returned is the loss; the exercise asks for the norm before clipping."""
    returns_clipped_norm.attempt(model, optimizer, loss, max_norm)
    return loss.item()


@mistake("clipped_step")
def returns_nothing(model, optimizer, loss, max_norm):
    """The step is right. Nothing is returned: the caller wants the norm before clipping."""
    returns_clipped_norm.attempt(model, optimizer, loss, max_norm)


@mistake("clipped_step")
def forgets_zero_grad(model, optimizer, loss, max_norm):
    """Old gradients that were lying about are part of this one. Where are they cleared?"""
    loss.backward()
    norm = _clip(model, max_norm)
    optimizer.step()
    return norm.item()


def _zeroes_after_the_step(model, optimizer, loss, max_norm):
    loss.backward()
    norm = _clip(model, max_norm)
    optimizer.step()
    optimizer.zero_grad()
    return norm.item()


zeroes_only_afterwards = also(forgets_zero_grad, _zeroes_after_the_step)


@mistake("clipped_step")
def zero_between_backward_and_step(model, optimizer, loss, max_norm):
    """The gradients are cleared after `backward`: nothing is left for the step to use."""
    loss.backward()
    norm = _clip(model, max_norm)
    optimizer.zero_grad()
    optimizer.step()
    return norm.item()


def _zeroes_before_clipping(model, optimizer, loss, max_norm):
    loss.backward()
    optimizer.zero_grad()
    norm = _clip(model, max_norm)
    optimizer.step()
    return norm.item()


zeroes_before_clipping = also(zero_between_backward_and_step, _zeroes_before_clipping)


@mistake("clipped_step")
def forgets_to_clip(model, optimizer, loss, max_norm):
    """The norm is measured, but the step is made with the whole gradient."""
    optimizer.zero_grad()
    loss.backward()
    norm = _norm(model)
    optimizer.step()
    return norm.item()


def _clips_after_the_step(model, optimizer, loss, max_norm):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return _clip(model, max_norm).item()


clips_after_the_step = also(forgets_to_clip, _clips_after_the_step)


@mistake("clipped_step")
def forgets_step(model, optimizer, loss, max_norm):
    """The gradient is clipped and its norm is right, but the parameters do not move."""
    optimizer.zero_grad()
    loss.backward()
    return _clip(model, max_norm).item()


@mistake("clipped_step")
def steps_twice(model, optimizer, loss, max_norm):
    """Two steps are made with one gradient."""
    norm = _stepped(model, optimizer, loss, max_norm)
    optimizer.step()
    return norm


def _stepped(model, optimizer, loss, max_norm):
    optimizer.zero_grad()
    loss.backward()
    norm = _clip(model, max_norm).item()
    optimizer.step()
    return norm


@mistake("clipped_step")
def per_tensor_norm(model, optimizer, loss, max_norm):
    """Each parameter is clipped by a norm of its own. The norm is one for all of them together."""
    optimizer.zero_grad()
    loss.backward()
    norm = _norm(model).item()
    for parameter in model.parameters():
        torch.nn.utils.clip_grad_norm_(parameter, max_norm)
    optimizer.step()
    return norm


@mistake("clipped_step")
def clips_the_loss(model, optimizer, loss, max_norm):
    """The loss is cut off, not the gradient. Where a loss is cut off it is flat: its gradient is zero."""
    optimizer.zero_grad()
    loss.clamp(max=max_norm).backward()
    norm = _clip(model, max_norm).item()
    optimizer.step()
    return norm


@mistake("clipped_step")
def scales_up_short_gradients(model, optimizer, loss, max_norm):
    """Gradients that were short enough become longer. Clipping only ever shortens."""
    optimizer.zero_grad()
    loss.backward()
    norm = _norm(model)
    for parameter in model.parameters():
        parameter.grad *= max_norm / norm
    optimizer.step()
    return norm.item()


# --- save_checkpoint --------------------------------------------------------------------------------


@mistake("save_checkpoint")
def forgets_optimizer(path, model, optimizer, epoch):
    """The file holds no optimizer. Momentum and Adam's averages would begin again at zero after a restart."""
    torch.save({"model": model.state_dict(), "epoch": epoch}, path)


@mistake("save_checkpoint")
def forgets_epoch(path, model, optimizer, epoch):
    """There is no epoch in the file: it does not say how far training had come."""
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, path)


@mistake("save_checkpoint")
def pickles_model(path, model, optimizer, epoch):
    """The file holds whole objects and not just their numbers: it cannot be opened with `weights_only=True`. What gives
    a model's numbers alone?"""
    torch.save({"model": model, "optimizer": optimizer, "epoch": epoch}, path)


def _pickles_the_model_alone(path, model, optimizer, epoch):
    torch.save(model, path)


def _pickles_the_model_only(path, model, optimizer, epoch):
    torch.save({"model": model, "optimizer": optimizer.state_dict(), "epoch": epoch}, path)


def _pickles_the_optimizer(path, model, optimizer, epoch):
    torch.save({"model": model.state_dict(), "optimizer": optimizer, "epoch": epoch}, path)


def _plain_pickle(path, model, optimizer, epoch):
    with open(path, "wb") as file:
        pickle.dump({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": epoch}, file)


pickles_the_model_alone = also(pickles_model, _pickles_the_model_alone)
pickles_the_model_only = also(pickles_model, _pickles_the_model_only)
pickles_the_optimizer = also(pickles_model, _pickles_the_optimizer)
plain_pickle = also(pickles_model, _plain_pickle)


@mistake("save_checkpoint")
def model_alone(path, model, optimizer, epoch):
    """Only the model's numbers are in the file. A loop that is to go on needs two more things."""
    torch.save(model.state_dict(), path)


def _model_alone_in_a_dict(path, model, optimizer, epoch):
    torch.save({"model": model.state_dict()}, path)


model_alone_in_a_dict = also(model_alone, _model_alone_in_a_dict)


@mistake("save_checkpoint")
def forgets_buffers(path, model, optimizer, epoch):
    """The parameters are in the file, but the model has other numbers too: BatchNorm's running statistics, say."""
    torch.save({"model": dict(model.named_parameters()), "optimizer": optimizer.state_dict(), "epoch": epoch}, path)


def _parameters_only(path, model, optimizer, epoch):
    torch.save({"model": list(model.parameters()), "optimizer": optimizer.state_dict(), "epoch": epoch}, path)


parameters_as_a_list = also(forgets_buffers, _parameters_only)


@mistake("save_checkpoint")
def ignores_path(path, model, optimizer, epoch):
    """There is no file where it should be. What is `path` for?"""
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": epoch}, "checkpoint.pt")


def _saves_nothing(path, model, optimizer, epoch):
    return {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": epoch}


saves_nothing = also(ignores_path, _saves_nothing)


@mistake("save_checkpoint")
def saves_next_epoch(path, model, optimizer, epoch):
    """The epoch in the file is one more than the one that you were given."""
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": epoch + 1}, path)


@mistake("save_checkpoint")
def saves_float32(path, model, optimizer, epoch):
    """The model's numbers are rounded on their way into the file. To go on exactly, save them as they are."""
    numbers = {name: value.float() for name, value in model.state_dict().items()}
    torch.save({"model": numbers, "optimizer": optimizer.state_dict(), "epoch": epoch}, path)


# --- load_checkpoint --------------------------------------------------------------------------------


@mistake("load_checkpoint", name="forgets_optimizer")
def load_forgets_optimizer(path, model, optimizer):
    """The optimizer is not loaded: the model is the old one, but the steps that follow are not."""
    checkpoint = torch.load(path, weights_only=True)
    model.load_state_dict(checkpoint["model"])
    return checkpoint["epoch"]


@mistake("load_checkpoint", name="forgets_epoch")
def load_forgets_epoch(path, model, optimizer):
    """Everything is loaded, but nothing is returned. The caller needs the epoch to know where to go on."""
    checkpoint = torch.load(path, weights_only=True)
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])


@mistake("load_checkpoint", name="pickles_model")
def load_trusts_the_file(path, model, optimizer):
    """Everything is loaded, but code that somebody hid in the file is run as well. Which argument of `torch.load`
    refuses it?"""
    checkpoint = torch.load(path, weights_only=False)
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    return checkpoint["epoch"]


@mistake("load_checkpoint")
def forgets_model(path, model, optimizer):
    """The optimizer is loaded and the epoch is right, but the model keeps its own numbers."""
    checkpoint = torch.load(path, weights_only=True)
    optimizer.load_state_dict(checkpoint["optimizer"])
    return checkpoint["epoch"]


def _rebinds_model(path, model, optimizer):
    checkpoint = torch.load(path, weights_only=True)
    model = checkpoint["model"]  # noqa: F841
    optimizer.load_state_dict(checkpoint["optimizer"])
    return checkpoint["epoch"]


rebinds_model = also(forgets_model, _rebinds_model)


@mistake("load_checkpoint")
def loads_nothing(path, model, optimizer):
    """The file is opened and the epoch is right, but neither the model nor the optimizer is changed. Giving a name of
    yours another value changes nothing for the caller."""
    checkpoint = torch.load(path, weights_only=True)
    return checkpoint["epoch"]


@mistake("load_checkpoint")
def returns_next_epoch(path, model, optimizer):
    """The number returned is one more than the one in the file."""
    checkpoint = torch.load(path, weights_only=True)
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    return checkpoint["epoch"] + 1


@mistake("load_checkpoint")
def returns_everything(path, model, optimizer):
    """Everything is loaded. Return the epoch alone; the model and the optimizer belong to the caller already."""
    checkpoint = torch.load(path, weights_only=True)
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    return model, optimizer, checkpoint["epoch"]


# --- energy_kwh -------------------------------------------------------------------------------------


@mistake("energy_kwh")
def forgets_pue(watts, seconds, devices, pue):
    """This is what the devices use. Cooling and power supply of the building come on top: `pue` says how much."""
    return watts * seconds * devices / 3.6e6


@mistake("energy_kwh")
def joules(watts, seconds, devices, pue):
    """These are joules (watt-seconds). How many of them make a kilowatt-hour?"""
    return watts * seconds * devices * pue


@mistake("energy_kwh")
def forgets_devices(watts, seconds, devices, pue):
    """This is the energy of one device."""
    return watts * seconds * pue / 3.6e6


@mistake("energy_kwh")
def watt_hours(watts, seconds, devices, pue):
    """These are watt-hours. What does the k of kWh stand for?"""
    return watts * seconds * devices * pue / 3600


@mistake("energy_kwh")
def kilowatt_seconds(watts, seconds, devices, pue):
    """These are kilowatts times seconds. How many seconds has an hour?"""
    return watts * seconds * devices * pue / 1000


@mistake("energy_kwh")
def divides_by_pue(watts, seconds, devices, pue):
    """The building uses more than its devices, never less. Should the energy grow or shrink with `pue`?"""
    return watts * seconds * devices / pue / 3.6e6


@mistake("energy_kwh")
def minutes_for_hours(watts, seconds, devices, pue):
    """The time is taken for minutes. The exercise gives seconds."""
    return watts * seconds * devices * pue / 1000 / 60


@mistake("energy_kwh")
def pue_as_overhead(watts, seconds, devices, pue):
    """`pue` is added on top of the devices' own energy. It already holds that: at 1.0 the building adds nothing."""
    return watts * seconds * devices * (1 + pue) / 3.6e6


# --- diagnoses --------------------------------------------------------------------------------------


def _right():
    return {
        "A": "mean_of_means",
        "B": "cleared_too_late",
        "C": "broadcasting",
        "D": "double_step",
        "E": "train_mode",
        "F": "no_update",
        "G": "leftover_gradients",
        "H": "no_logarithm",
    }


def _swapped(one, other):
    right = _right()
    return right | {one: right[other], other: right[one]}


@mistake("diagnoses")
def swaps_the_flat_losses():
    """B and F are the wrong way round. Look at the dashed lines: where is there a gradient, and where is there none for
    the optimizer to see?"""
    return _swapped("B", "F")


@mistake("diagnoses")
def swaps_the_wobbles():
    """A and E are the wrong way round. In E everything is the same each time, also the batches. What can still differ?"""
    return _swapped("A", "E")


@mistake("diagnoses")
def swaps_too_long_steps():
    """D and G are the wrong way round. Which of them is too long at *every* step, and which only where an epoch begins?"""
    return _swapped("D", "G")


@mistake("diagnoses")
def swaps_the_loss_bugs():
    """C and H are the wrong way round. Which loss cannot be negative: a mean of squares, or minus a number that was
    taken for a logarithm?"""
    return _swapped("C", "H")


@mistake("diagnoses")
def swaps_batch_sizes_and_leftovers():
    """A and G are the wrong way round. In A nothing is trained: no gradient is left over anywhere."""
    return _swapped("A", "G")


@mistake("diagnoses")
def swaps_broadcasting_and_mean_of_means():
    """A and C are the wrong way round. In C each prediction is compared with *all* targets; where does it end up then?"""
    return _swapped("A", "C")


@mistake("diagnoses", seen_in=("every name is one of the eight",))
def not_on_the_list():
    """At least one name is not among the eight. Copy them as they stand in the list, with their underscores."""
    return _right() | {"G": "leftover gradients"}


# --- repair_1: never updates, never returns -----------------------------------------------------------


def _gradient(X, Y, weights):
    return -2 * X.T @ (Y - X @ weights) / len(X)


@mistake("repair_1", name="as_printed")
def repair_1_as_printed(X, Y, weights, lr, epochs):
    """This behaves as the printed code does: only losses come back, and they never change."""
    losses = []
    for _epoch in range(epochs):
        Y_pred = X @ weights
        losses.append(np.mean((Y - Y_pred) ** 2))
        gradients = -2 * X.T @ (Y - Y_pred) / len(X)
    weights - lr * gradients
    return losses


@mistake("repair_1")
def returns_but_never_updates(X, Y, weights, lr, epochs):
    """Weights are returned now, but they are those that you were given. Computing a difference changes nothing; where
    does its value go?"""
    losses = repair_1_as_printed.attempt(X, Y, weights, lr, epochs)
    return weights, losses


@mistake("repair_1")
def updates_after_the_loop(X, Y, weights, lr, epochs):
    """There is one update, after the last epoch. Look at the indentation of that line."""
    losses = repair_1_as_printed.attempt(X, Y, weights, lr, epochs)
    return weights - lr * _gradient(X, Y, weights), losses


@mistake("repair_1")
def returns_losses_only(X, Y, weights, lr, epochs):
    """The loop trains now, and its losses fall. But the trained weights do not come back: two things are asked for."""
    losses = []
    for _ in range(epochs):
        losses.append(np.mean((Y - X @ weights) ** 2))
        weights = weights - lr * _gradient(X, Y, weights)
    return losses


@mistake("repair_1")
def returns_weights_only(X, Y, weights, lr, epochs):
    """The weights are trained and come back, but the losses do not: two things are asked for."""
    for _ in range(epochs):
        weights = weights - lr * _gradient(X, Y, weights)
    return weights


@mistake("repair_1")
def updates_callers_weights(X, Y, weights, lr, epochs):
    """The weights are trained, but in place: the caller's own array is changed. `-=` on an array does that."""
    losses = []
    for _ in range(epochs):
        losses.append(np.mean((Y - X @ weights) ** 2))
        weights -= lr * _gradient(X, Y, weights)
    return weights, losses


@mistake("repair_1")
def climbs(X, Y, weights, lr, epochs):
    """The update goes uphill: the losses grow. The sign of the gradient is right already."""
    losses = []
    for _ in range(epochs):
        losses.append(np.mean((Y - X @ weights) ** 2))
        weights = weights + lr * _gradient(X, Y, weights)
    return weights, losses


@mistake("repair_1")
def returns_after_one_epoch(X, Y, weights, lr, epochs):
    """Only one epoch is made. Look at the indentation of `return`."""
    return weights - lr * _gradient(X, Y, weights), [np.mean((Y - X @ weights) ** 2)]


@mistake("repair_1")
def same_gradient_in_all_epochs(X, Y, weights, lr, epochs):
    """The weights move, but always by the gradient of the first epoch. What has to be computed anew?"""
    start, losses = weights, []
    for _ in range(epochs):
        losses.append(np.mean((Y - X @ weights) ** 2))
        weights = weights - lr * _gradient(X, Y, start)
    return weights, losses


@mistake("repair_1")
def loss_after_update(X, Y, weights, lr, epochs):
    """The weights are right. The losses are those after each update; the first one should be that of the weights that
    you were given."""
    losses = []
    for _ in range(epochs):
        weights = weights - lr * _gradient(X, Y, weights)
        losses.append(np.mean((Y - X @ weights) ** 2))
    return weights, losses


# --- repair_2: zero_grad between backward and step ----------------------------------------------------


@mistake("repair_2", name="as_printed")
def repair_2_as_printed(model, batches, criterion, optimizer):
    """The parameters do not move: at the moment of the step there is no gradient."""
    for x, y in batches:
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()


def _steps_before_backward(model, batches, criterion, optimizer):
    for x, y in batches:
        optimizer.zero_grad()
        optimizer.step()
        criterion(model(x), y).backward()
    optimizer.zero_grad()


steps_before_backward = also(repair_2_as_printed, _steps_before_backward)


@mistake("repair_2")
def no_step_at_all(model, batches, criterion, optimizer):
    """Gradients are there, but no step is made any more."""
    for x, y in batches:
        optimizer.zero_grad()
        criterion(model(x), y).backward()


@mistake("repair_2")
def deletes_zero_grad(model, batches, criterion, optimizer):
    """Now nothing clears the gradients: each step repeats those of all batches before it."""
    for x, y in batches:
        criterion(model(x), y).backward()
        optimizer.step()


@mistake("repair_2")
def clears_once(model, batches, criterion, optimizer):
    """Gradients are cleared once a call, not once a batch: the second step repeats the first."""
    optimizer.zero_grad()
    for x, y in batches:
        criterion(model(x), y).backward()
        optimizer.step()


def _clears_at_the_end(model, batches, criterion, optimizer):
    for x, y in batches:
        criterion(model(x), y).backward()
        optimizer.step()
    optimizer.zero_grad()


clears_at_the_end = also(clears_once, _clears_at_the_end)


@mistake("repair_2")
def steps_once_at_the_end(model, batches, criterion, optimizer):
    """All batches share one step at the end. Look at the indentation: each batch should make a step of its own."""
    optimizer.zero_grad()
    for x, y in batches:
        criterion(model(x), y).backward()
    optimizer.step()
    optimizer.zero_grad()


@mistake("repair_2")
def last_batch_only(model, batches, criterion, optimizer):
    """Only the last batch makes a step. Look at the indentation."""
    for x, y in batches:
        optimizer.zero_grad()
        criterion(model(x), y).backward()
    optimizer.step()


@mistake("repair_2")
def one_batch_late(model, batches, criterion, optimizer):
    """Each step uses the gradient of the batch before: `step` comes before `backward`."""
    for x, y in batches:
        optimizer.step()
        optimizer.zero_grad()
        criterion(model(x), y).backward()


@mistake("repair_2")
def steps_on_both_sides(model, batches, criterion, optimizer):
    """There are two steps a batch now. One of them was enough."""
    for x, y in batches:
        optimizer.zero_grad()
        criterion(model(x), y).backward()
        optimizer.step()
        optimizer.step()


# --- repair_3: the gradients are applied twice --------------------------------------------------------


def _half_step(model, optimizer, criterion, x, y):
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    return loss


@mistake("repair_3", name="as_printed")
def repair_3_as_printed(model, optimizer, criterion, x, y):
    """The gradient is still applied twice."""
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    optimizer.step()
    return loss.item()


@mistake("repair_3")
def halves_the_rate(model, optimizer, criterion, x, y):
    """Two half steps. For plain SGD that is one step, but not for momentum or Adam; and the caller's rate is not yours to
    change."""
    loss = _half_step(model, optimizer, criterion, x, y)
    for group in optimizer.param_groups:
        group["lr"] /= 2
    optimizer.step()
    optimizer.step()
    for group in optimizer.param_groups:
        group["lr"] *= 2
    return loss.item()


def _halves_and_leaves(model, optimizer, criterion, x, y):
    loss = _half_step(model, optimizer, criterion, x, y)
    for group in optimizer.param_groups:
        group["lr"] /= 2
    optimizer.step()
    optimizer.step()
    return loss.item()


halves_the_rate_for_good = also(halves_the_rate, _halves_and_leaves)


@mistake("repair_3")
def halves_the_gradient(model, optimizer, criterion, x, y):
    """Half the gradient, applied twice. For plain SGD that is one step, but not for momentum; and Adam does not care how
    long a gradient is."""
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    (loss / 2).backward()
    optimizer.step()
    optimizer.step()
    return loss.item()


@mistake("repair_3")
def clears_between_the_steps(model, optimizer, criterion, x, y):
    """There are still two steps, the second one with gradients of zero. Momentum and Adam move all the same."""
    loss = _half_step(model, optimizer, criterion, x, y)
    optimizer.step()
    optimizer.zero_grad(set_to_none=False)
    optimizer.step()
    return loss.item()


@mistake("repair_3")
def second_gradient_for_the_second_step(model, optimizer, criterion, x, y):
    """The second step has a gradient of its own now. That is honest, but it still is two updates for one batch."""
    loss = _half_step(model, optimizer, criterion, x, y)
    optimizer.step()
    _half_step(model, optimizer, criterion, x, y)
    optimizer.step()
    return loss.item()


@mistake("repair_3")
def deletes_both_steps(model, optimizer, criterion, x, y):
    """No step is left: the parameters do not move."""
    return _half_step(model, optimizer, criterion, x, y).item()


@mistake("repair_3")
def clears_after_backward(model, optimizer, criterion, x, y):
    """The parameters do not move: the gradients are cleared before the step can use them."""
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


@mistake("repair_3", name="forgets_zero_grad")
def repair_3_forgets_zero_grad(model, optimizer, criterion, x, y):
    """One step, but old gradients that were lying about are part of it. That line was right as it was printed."""
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@mistake("repair_3", name="loss_after_update")
def loss_after_the_step(model, optimizer, criterion, x, y):
    """The step is right. The loss that is returned should be the one before it."""
    _half_step(model, optimizer, criterion, x, y)
    optimizer.step()
    return criterion(model(x), y).item()


@mistake("repair_3", name="returns_nothing")
def repair_3_returns_nothing(model, optimizer, criterion, x, y):
    """The step is right, but the loss does not come back any more."""
    _half_step(model, optimizer, criterion, x, y)
    optimizer.step()


# --- repair_4: softmax and NLLLoss --------------------------------------------------------------------


@mistake("repair_4", name="as_printed")
def repair_4_as_printed(logits, classes):
    """This is still minus the mean *probability* of the right class. It is never above zero, and no cross-entropy."""
    probabilities = torch.softmax(logits, dim=1)
    return torch.nn.NLLLoss()(probabilities, classes)


@mistake("repair_4")
def log_of_softmax(logits, classes):
    """Right for small logits. At ±1000 a probability is rounded to 0, and its logarithm is −∞."""
    return torch.nn.NLLLoss()(torch.log(torch.softmax(logits, dim=1)), classes)


@mistake("repair_4")
def log_of_softmax_plus_something(logits, classes):
    """Something was added, or a floor put in, before the logarithm. That keeps it finite and makes it wrong: at ±1000 the
    loss should be large."""
    return torch.nn.NLLLoss()(torch.log(torch.softmax(logits, dim=1) + 1e-9), classes)


def _clamped(logits, classes):
    return torch.nn.NLLLoss()(torch.log(torch.softmax(logits, dim=1).clamp(min=1e-9)), classes)


def _tiny(logits, classes):
    return torch.nn.NLLLoss()(torch.log(torch.softmax(logits, dim=1) + 1e-12), classes)


def _tinier(logits, classes):
    return torch.nn.NLLLoss()(torch.log(torch.softmax(logits, dim=1) + 1e-8), classes)


clamps_probabilities = also(log_of_softmax_plus_something, _clamped)
adds_something_tiny = also(log_of_softmax_plus_something, _tiny)
adds_something_larger = also(log_of_softmax_plus_something, _tinier)


@mistake("repair_4")
def softmax_twice(logits, classes):
    """`CrossEntropyLoss` takes softmax itself: yours is taken twice. What does it want to be given?"""
    return torch.nn.CrossEntropyLoss()(torch.softmax(logits, dim=1), classes)


@mistake("repair_4")
def log_softmax_over_rows(logits, classes):
    """The softmax runs down the columns: over the samples. It belongs over the classes of one sample."""
    return torch.nn.NLLLoss()(torch.log_softmax(logits, dim=0), classes)


@mistake("repair_4")
def logits_as_they_are(logits, classes):
    """`NLLLoss` gets raw logits now. It wants log-probabilities."""
    return torch.nn.NLLLoss()(logits, classes)


@mistake("repair_4")
def turns_the_sign(logits, classes):
    """The loss is positive now, but it is the probability itself: training would lower the probability of the right
    class."""
    return -repair_4_as_printed.attempt(logits, classes)


@mistake("repair_4")
def one_minus_probability(logits, classes):
    """One minus the probability of the right class is not negative any more, but it is no cross-entropy: that has a
    logarithm."""
    return 1 + repair_4_as_printed.attempt(logits, classes)


@mistake("repair_4")
def sums_over_samples(logits, classes):
    """This is the sum over the samples. The mean was printed, and is asked for."""
    return torch.nn.functional.cross_entropy(logits, classes, reduction="sum")


@mistake("repair_4")
def detaches(logits, classes):
    """The number is right, but it is cut off from the graph: `backward` cannot start from it."""
    return torch.nn.functional.cross_entropy(logits, classes).item()


def _detached_tensor(logits, classes):
    return torch.nn.functional.cross_entropy(logits, classes).detach()


detached_tensor = also(detaches, _detached_tensor)


# --- repair_5: broadcasting ---------------------------------------------------------------------------


@mistake("repair_5", name="as_printed")
def repair_5_as_printed(model, x, y):
    """There are still n × n errors: each prediction is compared with every target."""
    predictions = model(x)
    return ((predictions - y) ** 2).mean()


def _mse_loss(model, x, y):
    return torch.nn.functional.mse_loss(model(x), y)


def _row_of_targets(model, x, y):
    return ((model(x) - y.reshape(1, -1)) ** 2).mean()


def _wrong_axis_squeezed(model, x, y):
    predictions = model(x)
    if len(predictions) > 1:
        predictions = predictions.squeeze(0)
    return ((predictions - y) ** 2).mean()


mse_loss_with_broadcasting = also(repair_5_as_printed, _mse_loss)
row_of_targets = also(repair_5_as_printed, _row_of_targets)
wrong_axis_squeezed = also(repair_5_as_printed, _wrong_axis_squeezed)


@mistake("repair_5")
def sum_of_squares(model, x, y):
    """The shapes fit now, but this is the sum of the squares. The mean was printed, and is asked for."""
    return ((model(x).squeeze(1) - y) ** 2).sum()


@mistake("repair_5")
def square_divided_by_n(model, x, y):
    """There are still n × n errors; dividing by n does not bring the right ones back."""
    return ((model(x) - y) ** 2).sum() / len(y)


@mistake("repair_5")
def mean_of_predictions(model, x, y):
    """The mean prediction is compared with the targets. Each prediction has a target of its own."""
    return ((model(x).mean() - y) ** 2).mean()


def _means_compared(model, x, y):
    return (model(x).mean() - y.mean()) ** 2


means_compared = also(mean_of_predictions, _means_compared)


@mistake("repair_5")
def first_prediction_only(model, x, y):
    """The first prediction is compared with all targets. Each prediction has a target of its own."""
    return ((model(x)[0] - y) ** 2).mean()


@mistake("repair_5")
def absolute_errors(model, x, y):
    """The shapes fit now, but these are absolute errors. Squared ones were printed."""
    return (model(x).squeeze(1) - y).abs().mean()


@mistake("repair_5", name="detaches")
def repair_5_detaches(model, x, y):
    """The number is right, but it is cut off from the graph: `backward` cannot start from it."""
    return ((model(x).squeeze(1) - y) ** 2).mean().item()


def _in_numpy(model, x, y):
    return np.mean((model(x).detach().numpy().ravel() - y.numpy()) ** 2)


in_numpy = also(repair_5_detaches, _in_numpy)


@mistake("repair_5")
def one_error_a_sample(model, x, y):
    """The errors are right, one for each sample. The last step is missing: one number for all of them."""
    return (model(x).squeeze(1) - y) ** 2


# --- repair_6: the tail leaks into the next epoch -----------------------------------------------------


def _epochs(one_epoch):
    """One epoch after the other, each by a loop of train_accumulated's form."""

    def run(model, batches, criterion, optimizer, accumulation_steps, epochs):
        for _ in range(epochs):
            one_epoch(model, batches, criterion, optimizer, accumulation_steps)

    return run


@mistake("repair_6", name="as_printed")
def repair_6_as_printed(model, batches, criterion, optimizer, accumulation_steps, epochs):
    """The gradients of the leftover batches still wait for the next epoch and join its first step."""
    _epochs(_printed_accumulation)(model, batches, criterion, optimizer, accumulation_steps, epochs)


@mistake("repair_6")
def throws_the_tail_away(model, batches, criterion, optimizer, accumulation_steps, epochs):
    """Nothing leaks any more, because the leftover gradients are thrown away: those batches are never learnt from. They
    should make a step of their own."""
    _epochs(_accumulation(_by_steps, "lost"))(model, batches, criterion, optimizer, accumulation_steps, epochs)


@mistake("repair_6")
def short_step_for_the_tail(model, batches, criterion, optimizer, accumulation_steps, epochs):
    """The tail makes a step, but too short a one: its batches are still divided by `accumulation_steps`. How many are
    they?"""
    _epochs(_accumulation(_by_steps))(model, batches, criterion, optimizer, accumulation_steps, epochs)


@mistake("repair_6")
def tail_steps_once_at_the_end(model, batches, criterion, optimizer, accumulation_steps, epochs):
    """The tail makes a step after the last epoch only. Every epoch has one."""
    for _epoch in range(epochs):
        batches = list(batches)
        for i, (inputs, targets) in enumerate(batches):
            (criterion(model(inputs), targets) / accumulation_steps).backward()
            if (i + 1) % accumulation_steps == 0:
                optimizer.step()
                optimizer.zero_grad()
    if len(batches) * epochs % accumulation_steps or len(batches) % accumulation_steps:
        optimizer.step()
        optimizer.zero_grad()


@mistake("repair_6")
def forgets_to_clear_after_the_tail(model, batches, criterion, optimizer, accumulation_steps, epochs):
    """The tail makes a step of its own, but its gradients stay, and join the next epoch's first step as well."""
    batches = list(batches)
    for _ in range(epochs):
        for i, (inputs, targets) in enumerate(batches):
            start = i - i % accumulation_steps
            count = min(accumulation_steps, len(batches) - start)
            (criterion(model(inputs), targets) / count).backward()
            if (i + 1) % accumulation_steps == 0:
                optimizer.step()
                optimizer.zero_grad()
        if len(batches) % accumulation_steps:
            optimizer.step()


def _short_and_kept(model, batches, criterion, optimizer, accumulation_steps, epochs):
    batches = list(batches)
    for _ in range(epochs):
        for i, (inputs, targets) in enumerate(batches):
            (criterion(model(inputs), targets) / accumulation_steps).backward()
            if (i + 1) % accumulation_steps == 0:
                optimizer.step()
                optimizer.zero_grad()
        if len(batches) % accumulation_steps:
            optimizer.step()


short_tail_kept = also(forgets_to_clear_after_the_tail, _short_and_kept)


@mistake("repair_6")
def groups_run_across_epochs(model, batches, criterion, optimizer, accumulation_steps, epochs):
    """The count of batches runs on across epochs: a group takes its last batches from the next epoch. An epoch's leftover
    should make its own step."""
    count = 0
    for _ in range(epochs):
        for inputs, targets in batches:
            (criterion(model(inputs), targets) / accumulation_steps).backward()
            count += 1
            if count % accumulation_steps == 0:
                optimizer.step()
                optimizer.zero_grad()


@mistake("repair_6")
def one_epoch_only(model, batches, criterion, optimizer, accumulation_steps, epochs):
    """The groups are right, tail and all, but only one epoch is made."""
    _accumulation(_by_count)(model, batches, criterion, optimizer, accumulation_steps)


@mistake("repair_6", name="steps_every_batch")
def repair_6_steps_every_batch(model, batches, criterion, optimizer, accumulation_steps, epochs):
    """Every batch makes a step of its own now. Nothing is accumulated any more."""
    _epochs(_accumulation(_as_it_is))(model, batches, criterion, optimizer, 1, epochs)


def _scaled_step_every_batch(model, batches, criterion, optimizer, accumulation_steps, epochs):
    for _ in range(epochs):
        for inputs, targets in batches:
            (criterion(model(inputs), targets) / accumulation_steps).backward()
            optimizer.step()
            optimizer.zero_grad()


scaled_step_every_batch = also(repair_6_steps_every_batch, _scaled_step_every_batch)


@mistake("repair_6")
def clears_every_batch(model, batches, criterion, optimizer, accumulation_steps, epochs):
    """Gradients are cleared before each batch: only the last one of a group is left when the step is made."""
    _epochs(_accumulation(_by_steps, zero="every batch"))(
        model, batches, criterion, optimizer, accumulation_steps, epochs
    )


clears_every_batch_no_tail = also(clears_every_batch, _epochs(_accumulation(_by_steps, "lost", zero="every batch")))


# --- repair_7: mean of unequal batch means ------------------------------------------------------------


def _batch_losses(model, batches, criterion):
    """Each batch's mean loss, and its size."""
    was_training = model.training
    model.eval()
    with torch.no_grad():
        found = [(criterion(model(x), y).item(), len(x)) for x, y in batches]
    model.train(was_training)
    return found


@mistake("repair_7", name="as_printed")
def repair_7_as_printed(model, batches, criterion):
    """This is still the mean of the batches' means: a sample in a small batch counts more than one in a large batch."""
    model.eval()
    total = 0.0
    with torch.no_grad():
        for x, y in batches:
            total += criterion(model(x), y).item()
    return total / len(batches)


@mistake("repair_7")
def divides_only(model, batches, criterion):
    """Batch means are added up and divided by the number of *samples*: the result is far too small. What should stand in
    the sum?"""
    found = _batch_losses(model, batches, criterion)
    return sum(loss for loss, _ in found) / sum(n for _, n in found)


@mistake("repair_7")
def multiplies_only(model, batches, criterion):
    """Each mean is multiplied by its batch's size, but the sum is still divided by the number of *batches*."""
    found = _batch_losses(model, batches, criterion)
    return sum(loss * n for loss, n in found) / len(found)


@mistake("repair_7")
def never_divides(model, batches, criterion):
    """This is the sum over all samples. The mean is asked for."""
    return sum(loss * n for loss, n in _batch_losses(model, batches, criterion))


def _first_batch_size_for_all(model, batches, criterion):
    found = _batch_losses(model, batches, criterion)
    return sum(loss * found[0][1] for loss, _ in found) / (found[0][1] * len(found))


first_batch_size_for_all = also(repair_7_as_printed, _first_batch_size_for_all)


@mistake("repair_7")
def as_many_as_the_first_batch(model, batches, criterion):
    """The means are weighed rightly, but the sum is divided as if all batches were as large as the first one."""
    found = _batch_losses(model, batches, criterion)
    return sum(loss * n for loss, n in found) / (found[0][1] * len(found))


@mistake("repair_7")
def leaves_the_short_batch_out(model, batches, criterion):
    """Batches that are shorter than the first one are left out. Every sample counts."""
    found = _batch_losses(model, batches, criterion)
    whole = [loss for loss, n in found if n == found[0][1]]
    return sum(whole) / len(whole)


@mistake("repair_7")
def last_batch_alone(model, batches, criterion):
    """This is the loss of the last batch alone."""
    return _batch_losses(model, batches, criterion)[-1][0]


@mistake("repair_7")
def forgets_eval(model, batches, criterion):
    """The samples are weighed rightly, but the model is no longer put into evaluation mode. That line was right as it was
    printed."""
    with torch.no_grad():
        found = [(criterion(model(x), y).item(), len(x)) for x, y in batches]
    return sum(loss * n for loss, n in found) / sum(n for _, n in found)


@mistake("repair_7")
def divides_by_the_dataset(model, batches, criterion):
    """A loader that drops its last batch shows fewer samples than its dataset has. Divide by those that were seen."""
    found = _batch_losses(model, batches, criterion)
    whole = len(batches.dataset) if hasattr(batches, "dataset") else sum(n for _, n in found)
    return sum(loss * n for loss, n in found) / whole


@mistake("repair_7")
def keeps_the_graph(model, batches, criterion):
    """The number is right, but it is a tensor from which `backward` could start: with it, the graphs of all batches stay
    in memory. Which line of the printed code prevented that?"""
    return _with_gradients(weighed=True)(model, batches, criterion)


def _with_gradients(weighed):
    """A sum of tensors, without no_grad and without .item()."""

    def evaluate(model, batches, criterion):
        model.eval()
        total, seen = 0.0, 0
        for x, y in batches:
            n = len(x) if weighed else 1
            total = total + criterion(model(x), y) * n
            seen += n
        return total / seen

    return evaluate


as_printed_with_gradients = also(repair_7_as_printed, _with_gradients(weighed=False))


@mistake("repair_7")
def in_float32(model, batches, criterion):
    """Right to seven digits: `torch.tensor(…)` holds float32 unless told otherwise. A plain Python float is enough."""
    return torch.tensor(_mean_loss(model, batches, criterion))


def _mean_loss(model, batches, criterion):
    found = _batch_losses(model, batches, criterion)
    return sum(loss * n for loss, n in found) / sum(n for _, n in found)


def _summed_in_float32(model, batches, criterion):
    total, seen = torch.tensor(0.0), 0
    for loss, n in _batch_losses(model, batches, criterion):
        total += loss * n
        seen += n
    return total / seen


summed_in_float32 = also(in_float32, _summed_in_float32)


# --- repair_8: validated in training mode -------------------------------------------------------------


def _share(model, batches):
    right = seen = 0
    with torch.no_grad():
        for x, y in batches:
            right += (model(x).argmax(dim=1) == y).sum().item()
            seen += len(y)
    return right / seen


@mistake("repair_8", name="as_printed")
def repair_8_as_printed(model, batches):
    """A model that is in training mode is still validated in it: dropout drops, and BatchNorm takes the statistics of each
    batch and changes its own."""
    right, seen = 0, 0
    with torch.no_grad():
        for x, y in batches:
            right += (model(x).argmax(dim=1) == y).sum().item()
            seen += len(y)
    return right / seen


@mistake("repair_8")
def always_in_training_mode(model, batches):
    """The model is put into training mode for validation, whatever it was in. The other mode is wanted."""
    was_training = model.training
    model.train()
    share = _share(model, batches)
    model.train(was_training)
    return share


def _train_and_leave(model, batches):
    model.train()
    return _share(model, batches)


trains_and_leaves_it = also(always_in_training_mode, _train_and_leave)


@mistake("repair_8")
def leaves_eval_mode(model, batches):
    """The accuracy is right. But the model that came in training mode goes back in evaluation mode: the rest of the
    training would run without dropout."""
    model.eval()
    return _share(model, batches)


@mistake("repair_8")
def leaves_training_mode(model, batches):
    """The accuracy is right. But the model always goes back in training mode, also when it did not come in it. How did you
    find it?"""
    model.eval()
    share = _share(model, batches)
    model.train()
    return share


@mistake("repair_8")
def eval_too_late(model, batches):
    """The mode changes only after the predictions are made."""
    share = _share(model, batches)
    model.eval()
    return share


@mistake("repair_8")
def counts_errors(model, batches):
    """This is the share that is wrong."""
    was_training = model.training
    model.eval()
    share = _share(model, batches)
    model.train(was_training)
    return 1 - share


@mistake("repair_8")
def sets_the_outer_flag_only(model, batches):
    """`model.training = False` changes the outermost module alone. Its layers have modes of their own; which method
    reaches them all?"""
    model.training = False
    return _share(model, batches)


def _sets_and_restores_the_outer_flag(model, batches):
    was_training = model.training
    model.training = False
    share = _share(model, batches)
    model.training = was_training
    return share


sets_and_restores_the_outer_flag = also(repair_8_as_printed, _sets_and_restores_the_outer_flag)


@mistake("repair_8")
def mean_of_batch_accuracies(model, batches):
    """The mode is right now. But batches are averaged as if they were equally large, which the printed code did better."""
    was_training = model.training
    model.eval()
    shares = [_share(model, [batch]) for batch in batches]
    model.train(was_training)
    return sum(shares) / len(shares)


@mistake("repair_8")
def averages_batches_and_leaves_eval_mode(model, batches):
    """Two things: batches are averaged as if they were equally large, which the printed code did better; and the model
    that came in training mode goes back in evaluation mode."""
    model.eval()
    shares = [_share(model, [batch]) for batch in batches]
    return sum(shares) / len(shares)


@mistake("repair_8")
def averages_batches_in_the_mode_found(model, batches):
    """Two things: the model is validated in the mode in which it came, and batches are averaged as if they were equally
    large, which the printed code did better."""
    shares = [_share(model, [batch]) for batch in batches]
    return sum(shares) / len(shares)
