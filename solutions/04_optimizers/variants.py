"""Right answers to lesson 04 in other styles: all of them must pass."""

import math

import numpy as np
import torch

from autograder.authoring import equivalent, variant

# --- descend ----------------------------------------------------------------------------------------


@variant("descend")
def filled_in(gradient, start, step, steps):
    path = np.empty((steps + 1, len(start)))
    path[0], state = start, None
    for k in range(steps):
        path[k + 1], state = step(path[k], gradient(path[k]), state)
    return path


@variant("descend")
def list_of_points(gradient, start, step, steps):
    w, state = start.copy(), None
    path = [w]
    while len(path) <= steps:
        w, state = step(w, gradient(w), state)
        path.append(w)
    return path


@variant("descend")
def stacked(gradient, start, step, steps):
    w, state, path = start, None, start[None, :]
    for _ in range(steps):
        w, state = step(w, gradient(w), state)
        path = np.vstack([path, w])
    return path


@variant("descend")
def one_step_more_and_dropped(gradient, start, step, steps):
    w, state, path = start, None, []
    for _ in range(steps + 1):
        path.append(tuple(w))
        w, state = step(w, gradient(w), state)
    return tuple(path)


@variant("descend")
def recursive(gradient, start, step, steps):
    def onwards(w, state, left):
        if left == 0:
            return [w]
        return [w, *onwards(*step(w, gradient(w), state), left - 1)]

    return np.stack(onwards(start, None, steps))


# --- momentum_step ----------------------------------------------------------------------------------


@variant("momentum_step")
def first_velocity_is_gradient(w, g, state, lr, momentum):
    v = g if state is None else momentum * state + g
    return w - lr * v, v


@variant("momentum_step")
def state_as_dict_in_place(w, g, state, lr, momentum):
    if state is None:
        state = {"v": np.zeros_like(w)}
    state["v"] *= momentum
    state["v"] += g
    return w - lr * state["v"], state


@variant("momentum_step")
def negative_velocity(w, g, state, lr, momentum):
    v = -g if state is None else momentum * state[0] - g
    return np.add(w, lr * v), [v]


@variant("momentum_step")
def loop_over_weights(w, g, state, lr, momentum):
    state = state or [0.0] * len(w)
    state = [momentum * v + s for v, s in zip(state, g, strict=True)]
    return [a - lr * v for a, v in zip(w, state, strict=True)], state


@variant("momentum_step")
def by_torch(w, g, state, lr, momentum):
    parameter = torch.tensor(w, requires_grad=True)
    optimizer = torch.optim.SGD([parameter], lr=lr, momentum=momentum)
    if state is not None:
        optimizer.state[parameter]["momentum_buffer"] = state
    parameter.grad = torch.tensor(g)
    optimizer.step()
    return parameter.detach().numpy(), optimizer.state[parameter]["momentum_buffer"]


# --- rmsprop_step -----------------------------------------------------------------------------------


@variant("rmsprop_step")
def incremental_average(w, g, state, lr, alpha, eps):
    s = np.zeros(len(w)) if state is None else state
    s = s + (1 - alpha) * (g * g - s)
    return w - lr / (eps + s**0.5) * g, s


@variant("rmsprop_step")
def in_place_state(w, g, state, lr, alpha, eps):
    state = {"squares": 0 * w} if state is None else state
    state["squares"] *= alpha
    state["squares"] += (1 - alpha) * np.square(g)
    new = w.copy()
    new -= lr * g / (np.sqrt(state["squares"]) + eps)
    return [new, state]


@variant("rmsprop_step")
def scalars(w, g, state, lr, alpha, eps):
    squares = [0.0] * len(w) if state is None else state
    squares = [alpha * s + (1 - alpha) * x**2 for s, x in zip(squares, g, strict=True)]
    return np.array([a - lr * x / (math.sqrt(s) + eps) for a, x, s in zip(w, g, squares, strict=True)]), squares


@variant("rmsprop_step")
def all_squares_kept(w, g, state, lr, alpha, eps):
    history = [*(state or []), g**2]
    shares = [(1 - alpha) * alpha**age for age in range(len(history))]
    s = sum(share * square for share, square in zip(shares, reversed(history), strict=True))
    return w - lr * g / (np.sqrt(s) + eps), history


# --- adam_step --------------------------------------------------------------------------------------


@variant("adam_step")
def state_as_dict(w, g, state, lr, beta1, beta2, eps):
    if state is None:
        state = {"step": 0, "m": np.zeros_like(w), "v": np.zeros_like(w)}
    state["step"] += 1
    state["m"] = beta1 * state["m"] + (1 - beta1) * g
    state["v"] = beta2 * state["v"] + (1 - beta2) * g * g
    m_hat = state["m"] / (1 - beta1 ** state["step"])
    v_hat = state["v"] / (1 - beta2 ** state["step"])
    return w - lr * m_hat / (v_hat**0.5 + eps), state


@variant("adam_step")
def as_torch_writes_it(w, g, state, lr, beta1, beta2, eps):
    m, v, t = state if state else (0.0, 0.0, 0)
    t += 1
    m = m + (g - m) * (1 - beta1)
    v = v * beta2 + (1 - beta2) * g * g
    denominator = np.sqrt(v) / math.sqrt(1 - beta2**t) + eps
    return w + (-lr / (1 - beta1**t)) * (m / denominator), (m, v, t)


@variant("adam_step")
def products_of_betas(w, g, state, lr, beta1, beta2, eps):
    m, v, left1, left2 = (np.zeros_like(w), np.zeros_like(w), 1.0, 1.0) if state is None else state
    left1, left2 = left1 * beta1, left2 * beta2
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
    step = lr * (m / (1 - left1)) / (np.sqrt(v / (1 - left2)) + eps)
    return w - step, [m, v, left1, left2]


@variant("adam_step")
def counts_from_zero(w, g, state, lr, beta1, beta2, eps):
    t, m, v = (0, 0 * w, 0 * w) if state is None else state
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
    new = w - lr * m / (1 - beta1 ** (t + 1)) / (np.sqrt(v / (1 - beta2 ** (t + 1))) + eps)
    return new, (t + 1, m, v)


@variant("adam_step")
def keeps_all_gradients(w, g, state, lr, beta1, beta2, eps):
    seen = [*([] if state is None else state), g]
    ages = np.arange(len(seen))[::-1, None]
    m = (beta1**ages * seen).sum(axis=0) / (beta1**ages).sum()
    v = (beta2**ages * np.square(seen)).sum(axis=0) / (beta2**ages).sum()
    return w - lr * m / (np.sqrt(v) + eps), seen


@variant("adam_step")
def adam_of_torch(w, g, state, lr, beta1, beta2, eps):
    parameter = torch.tensor(w, requires_grad=True)
    optimizer = torch.optim.Adam([parameter], lr=lr, betas=(beta1, beta2), eps=eps)
    if state is not None:
        optimizer.state[parameter] = state
    parameter.grad = torch.tensor(g)
    optimizer.step()
    return parameter.detach(), optimizer.state[parameter]


# --- adamw_step -------------------------------------------------------------------------------------


@variant("adamw_step")
def decay_beside_the_step(w, g, state, lr, beta1, beta2, eps, weight_decay):
    m, v, t = (0.0, 0.0, 0) if state is None else state
    t = t + 1
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
    adam = m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return w - lr * (adam + weight_decay * w), (m, v, t)


@variant("adamw_step")
def shrinks_a_copy(w, g, state, lr, beta1, beta2, eps, weight_decay):
    state = state or {"t": 0, "m": np.zeros(w.shape), "v": np.zeros(w.shape)}
    state["t"] += 1
    new = w.copy()
    new *= 1 - lr * weight_decay
    state["m"] += (1 - beta1) * (g - state["m"])
    state["v"] += (1 - beta2) * (g**2 - state["v"])
    m_hat, v_hat = state["m"] / (1 - beta1 ** state["t"]), state["v"] / (1 - beta2 ** state["t"])
    new -= lr * m_hat / (np.sqrt(v_hat) + eps)
    return new, state


@variant("adamw_step")
def adamw_of_torch(w, g, state, lr, beta1, beta2, eps, weight_decay):
    parameter = torch.tensor(w, requires_grad=True)
    optimizer = torch.optim.AdamW([parameter], lr=lr, betas=(beta1, beta2), eps=eps, weight_decay=weight_decay)
    if state is not None:
        optimizer.state[parameter] = state
    parameter.grad = torch.tensor(g)
    optimizer.step()
    return parameter.detach().numpy(), optimizer.state[parameter]


# --- newton_step ------------------------------------------------------------------------------------


@variant("newton_step")
def inverse(w, g, hessian):
    return w - np.linalg.inv(hessian) @ g


@variant("newton_step")
def least_squares(w, g, hessian):
    step, *_ = np.linalg.lstsq(hessian, -g, rcond=None)
    return w + step


@variant("newton_step")
def one_solve(w, g, hessian):
    return np.linalg.solve(hessian, hessian @ w - g)


@variant("newton_step")
def along_eigenvectors(w, g, hessian):
    values, vectors = np.linalg.eigh(hessian)
    return w - vectors @ (vectors.T @ g / values)


@variant("newton_step")
def column_solve(w, g, hessian):
    return (w[:, None] - np.linalg.solve(hessian, g.reshape(-1, 1))).ravel().tolist()


# --- cosine_schedule --------------------------------------------------------------------------------


@variant("cosine_schedule")
def in_numpy(t, total, lr_max, lr_min):
    return lr_min + 0.5 * (lr_max - lr_min) * (1 + np.cos(np.pi * t / total))


@variant("cosine_schedule")
def weighted_ends(t, total, lr_max, lr_min):
    share = (1 + math.cos(t / total * math.pi)) / 2
    return share * lr_max + (1 - share) * lr_min


@variant("cosine_schedule")
def squared_cosine(t, total, lr_max, lr_min):
    return lr_min + (lr_max - lr_min) * math.cos(math.pi / 2 * t / total) ** 2


@variant("cosine_schedule")
def ends_by_hand(t, total, lr_max, lr_min):
    if t == 0:
        return lr_max
    if t >= total:
        return lr_min
    middle, half = (lr_max + lr_min) / 2, (lr_max - lr_min) / 2
    return middle + half * math.cos(math.radians(180 * t / total))


# --- clip_by_norm -----------------------------------------------------------------------------------


@variant("clip_by_norm")
def as_torch_does(gradients, max_norm):
    norm = np.linalg.norm([np.linalg.norm(g) for g in gradients])
    if np.isnan(norm) or np.isinf(norm):
        raise ValueError(f"the norm of the gradients is {norm}")
    factor = min(1.0, max_norm / (norm + 1e-6))
    return [g * factor for g in gradients]


@variant("clip_by_norm")
def by_comparing(gradients, max_norm):
    norm = np.linalg.norm(np.concatenate([g.ravel() for g in gradients]))
    if not np.isfinite(norm):
        raise ValueError
    if norm <= max_norm:
        return gradients
    return [max_norm * g / norm for g in gradients]


@variant("clip_by_norm")
def looks_before(gradients, max_norm):
    class NotFiniteError(ValueError):
        pass

    if not all(np.isfinite(g).all() for g in gradients):
        raise NotFiniteError("there is a number that is not finite")
    total = 0.0
    for g in gradients:
        for number in g.flat:
            total += number * number
    divisor = max(1.0, total**0.5 / max_norm)
    return tuple(g / divisor for g in gradients)


@variant("clip_by_norm")
def clips_copies(gradients, max_norm):
    copies = [g.copy() for g in gradients]
    norm = math.sqrt(sum(np.vdot(g, g) for g in copies))
    if math.isinf(norm) or norm != norm:
        raise ValueError("not finite")
    if norm > max_norm:
        for g in copies:
            g *= max_norm / norm
    return copies


@variant("clip_by_norm")
def with_torch(gradients, max_norm):
    parameters = [torch.zeros(g.shape, dtype=torch.float64, requires_grad=True) for g in gradients]
    for parameter, g in zip(parameters, gradients, strict=True):
        parameter.grad = torch.tensor(g)
    norm = torch.nn.utils.clip_grad_norm_(parameters, max_norm)
    if not torch.isfinite(norm):
        raise ValueError("not finite")
    return [parameter.grad.numpy() for parameter in parameters]


# --- one_torch_update -------------------------------------------------------------------------------


@variant("one_torch_update")
def as_the_seed_orders_it(model, x, y, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    y_pred = model(x)
    loss = torch.nn.MSELoss()(y_pred, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return float(loss)


@variant("one_torch_update")
def by_hand(model, x, y, lr):
    model.zero_grad()
    loss = ((model(x) - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= lr * parameter.grad
    return loss.detach().numpy()


@variant("one_torch_update")
def without_the_grad_attribute(model, x, y, lr):
    parameters = list(model.parameters())
    loss = torch.nn.functional.mse_loss(model(x), y)
    slopes = torch.autograd.grad(loss, parameters)
    for parameter, slope in zip(parameters, slopes, strict=True):
        parameter.data.sub_(slope, alpha=lr)
    return loss.item()


@variant("one_torch_update")
def with_a_closure(model, x, y, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr)

    def closure():
        for parameter in model.parameters():
            parameter.grad = None
        loss = torch.mean((y - model(x)).square())
        loss.backward()
        return loss

    return np.float64(optimizer.step(closure).item())


@variant("one_torch_update")
def clears_before_and_after(model, x, y, lr):
    model.train()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    optimizer.zero_grad(set_to_none=False)
    loss = torch.nn.MSELoss()(model(x), y)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


EQUIVALENT_MUTANTS = (
    equivalent(
        "clip_by_norm",
        "factor = max_norm / norm if norm > max_norm else 1.0 -> factor = max_norm / norm if norm >= max_norm else 1.0",
        because="Where the norm is max_norm, the factor is 1 either way.",
    ),
    equivalent(
        "one_torch_update",
        "loss = torch.nn.functional.mse_loss(model(x), y) -> loss = torch.nn.functional.mse_loss(y, model(x))",
        because="The square of a difference does not know its sign.",
    ),
)
