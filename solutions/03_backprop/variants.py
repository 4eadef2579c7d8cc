"""Right answers to lesson 03 in other styles: all of them must pass."""

from collections import deque

import numpy as np

from autograder.authoring import equivalent, variant

# --- backprop_pure ----------------------------------------------------------------------------------


@variant("backprop_pure")
def one_factor(x, lr):
    return (1 - 2 * lr) * x


@variant("backprop_pure")
def as_an_array(x, lr):
    x = np.array(x)
    x -= lr * 2 * x
    return x


# --- topological_backward ---------------------------------------------------------------------------


@variant("topological_backward")
def counts_consumers(root):
    uses, stack, seen = {root: 0}, [root], {root}
    while stack:
        for parent in stack.pop().parents:
            uses[parent] = uses.get(parent, 0) + 1
            if parent not in seen:
                seen.add(parent)
                stack.append(parent)
    root.grad = 1.0
    ready = deque([root])
    while ready:
        node = ready.popleft()
        for parent, local in zip(node.parents, node.local_gradients, strict=True):
            parent.grad = parent.grad + node.grad * local
            uses[parent] -= 1
            if uses[parent] == 0:
                ready.append(parent)


@variant("topological_backward")
def from_the_consumers_side(root):
    consumers, nodes = {}, [root]
    for node in nodes:
        for parent, local in zip(node.parents, node.local_gradients, strict=True):
            if parent not in nodes:
                nodes.append(parent)
            consumers.setdefault(parent, []).append((node, local))
    known = {}

    def slope(node):
        if node not in known:
            known[node] = sum((slope(user) * local for user, local in consumers.get(node, [])), 0.0)
        return known[node]

    known[root] = 1.0
    for node in nodes:
        node.grad = slope(node)


@variant("topological_backward")
def by_longest_distance(root):
    distance, stack = {root: 0}, [root]
    while stack:
        node = stack.pop()
        for parent in node.parents:
            if distance.get(parent, -1) <= distance[node]:
                distance[parent] = distance[node] + 1
                stack.append(parent)
    blame = dict.fromkeys(distance, np.float64(0))
    blame[root] = np.float64(1)
    for node in sorted(distance, key=distance.get):
        node.grad = blame[node]
        for parent, local in zip(node.parents, node.local_gradients, strict=True):
            blame[parent] += node.grad * local
    return root


# --- numerical_gradient -----------------------------------------------------------------------------


@variant("numerical_gradient")
def moves_and_moves_back(f, w, eps):
    gradient = np.empty(w.shape)
    it = np.nditer(w, flags=["multi_index"])
    for _ in it:
        index = it.multi_index
        w[index] += eps
        above = f(w)
        w[index] -= 2 * eps
        below = f(w)
        w[index] += eps
        gradient[index] = (above - below) / (2 * eps)
    return gradient


@variant("numerical_gradient")
def flat_and_reshaped(f, w, eps):
    steps = eps * np.eye(w.size)
    slopes = [(f(w + s.reshape(w.shape)) - f(w - s.reshape(w.shape))) / eps * 0.5 for s in steps]
    return np.array(slopes).reshape(w.shape)


@variant("numerical_gradient")
def keeps_the_old_value(f, w, eps):
    flat, slopes = w.reshape(-1), []
    for i in range(flat.size):
        old = flat[i]
        flat[i] = old + eps
        above = f(w)
        flat[i] = old - eps
        slopes.append((above - f(w)) / (2.0 * eps))
        flat[i] = old
    return np.reshape(slopes, w.shape)


@variant("numerical_gradient")
def on_copies(f, w, eps):
    gradient = np.zeros(w.shape)
    for index, _ in np.ndenumerate(w):
        above, below = w.copy(), w.copy()
        above[index] += eps
        below[index] -= eps
        gradient[index] = f(above) / (2 * eps) - f(below) / (2 * eps)
    return gradient.tolist()


# --- relative_error ---------------------------------------------------------------------------------


@variant("relative_error")
def plain_python(a, b):
    pairs = list(zip(np.ravel(a).tolist(), np.ravel(b).tolist(), strict=True))
    return max(abs(x - y) for x, y in pairs) / max(max(abs(x) + abs(y) for x, y in pairs), 1e-12)


@variant("relative_error")
def infinity_norms(a, b):
    above = np.linalg.norm((a - b).ravel(), np.inf)
    return above / np.maximum((np.absolute(b) + np.absolute(a)).max(), 1e-12)


# --- mlp_forward ------------------------------------------------------------------------------------


@variant("mlp_forward")
def where_and_dict(X, W1, b1, W2, b2):
    Z = np.dot(X, W1) + b1
    H = np.where(Z > 0, Z, 0.0)
    return H.dot(W2) + b2, {"Z": Z, "H": H, "X": X}


@variant("mlp_forward")
def einsum_without_cache(X, W1, b1, W2, b2):
    H = np.einsum("ni,ih->nh", X, W1) + b1
    H[H < 0] = 0
    return [np.einsum("nh,hk->nk", H, W2) + b2, None]


@variant("mlp_forward")
def sample_by_sample(X, W1, b1, W2, b2):
    scores, cache = [], []
    for x in X:
        h = [max(0.0, sum(x[i] * W1[i, j] for i in range(len(x))) + b1[j]) for j in range(len(b1))]
        scores.append([sum(h[j] * W2[j, c] for j in range(len(h))) + b2[c] for c in range(len(b2))])
        cache.append(h)
    return scores, cache


@variant("mlp_forward")
def half_of_sum_and_size(X, W1, b1, W2, b2):
    Z = X @ W1 + b1
    H = (Z + abs(Z)) / 2
    return (H @ W2 + b2, (X, Z, H, W1, W2))


# --- mlp_backward -----------------------------------------------------------------------------------


@variant("mlp_backward")
def on_its_own(X, y, W1, b1, W2, b2):
    n, k = len(X), len(b2)
    Z = X.dot(W1) + b1
    H = Z * (Z > 0)
    S = H.dot(W2) + b2
    e = np.exp(S - S.max(1)[:, None])
    dS = (e / e.sum(1)[:, None] - np.eye(k)[y]) / n
    dH = dS.dot(W2.T)
    dH[Z <= 0] = 0
    return {"W1": np.dot(X.T, dH), "b1": dH.sum(0), "W2": np.dot(H.T, dS), "b2": dS.sum(0), "extra": Z}


@variant("mlp_backward")
def einsums(X, y, W1, b1, W2, b2):
    Z = X @ W1 + b1
    H = np.maximum(0, Z)
    S = H @ W2 + b2
    P = np.exp(S - np.logaddexp.reduce(S, axis=1, keepdims=True))
    dS = P
    for row, label in enumerate(y):
        dS[row, label] -= 1
    dZ = np.einsum("nk,hk,nh->nh", dS, W2, (Z > 0).astype(float))
    return {
        "b2": np.mean(dS, axis=0),
        "W2": np.einsum("nh,nk->hk", H, dS) / len(y),
        "b1": np.mean(dZ, axis=0),
        "W1": np.einsum("ni,nh->ih", X, dZ) / len(y),
    }


@variant("mlp_backward")
def one_sample_at_a_time(X, y, W1, b1, W2, b2):
    total = {"W1": np.zeros(W1.shape), "b1": np.zeros(b1.shape), "W2": np.zeros(W2.shape), "b2": np.zeros(b2.shape)}
    for x, label in zip(X, y, strict=True):
        h = np.maximum(x @ W1 + b1, 0)
        s = h @ W2 + b2
        d = 1 / np.exp(s[None, :] - s[:, None]).sum(axis=1)  # no exp of a score alone
        d[label] -= 1
        dz = np.where(h > 0, W2 @ d, 0)
        total["W1"] += np.outer(x, dz)
        total["b1"] += dz
        total["W2"] += np.outer(h, d)
        total["b2"] += d
    return {name: (gradient / len(X)).tolist() for name, gradient in total.items()}


# --- xavier_init and he_init ------------------------------------------------------------------------


@variant("xavier_init")
def scale_argument(fan_in, fan_out, rng):
    return rng.normal(0.0, (2.0 / (fan_in + fan_out)) ** 0.5, (fan_in, fan_out))


@variant("xavier_init")
def mean_of_sizes(fan_in, fan_out, rng):
    return rng.standard_normal((fan_in, fan_out)) / np.sqrt((fan_in + fan_out) / 2)


@variant("xavier_init")
def entry_by_entry(fan_in, fan_out, rng):
    std = np.sqrt(2) / np.sqrt(fan_in + fan_out)
    return [[std * rng.normal() for _ in range(fan_out)] for _ in range(fan_in)]


@variant("he_init")
def he_scale_argument(fan_in, fan_out, rng):
    return rng.normal(scale=(2.0 / fan_in) ** 0.5, size=(fan_in, fan_out))


@variant("he_init")
def he_half_the_inputs(fan_in, fan_out, rng):
    return rng.standard_normal(size=(fan_in, fan_out)) / np.sqrt(fan_in / 2)


@variant("he_init")
def he_flat_draw(fan_in, fan_out, rng):
    return (np.sqrt(2) * rng.normal(size=fan_in * fan_out) / fan_in**0.5).reshape(fan_in, -1)


# --- layer_gradient_norms ---------------------------------------------------------------------------


@variant("layer_gradient_norms")
def slopes_from_sums(activation, depth, width, rng):
    def act(z):
        if activation == "sigmoid":
            return 1 / (1 + np.exp(-z))
        return np.tanh(z) if activation == "tanh" else np.maximum(z, 0)

    def act_slope(z):
        if activation == "sigmoid":
            return np.exp(-z) / (1 + np.exp(-z)) ** 2
        return 1 / np.cosh(z) ** 2 if activation == "tanh" else np.where(z > 0, 1.0, 0.0)

    a, kept = rng.normal(size=(32, width)), []
    for _ in range(depth):
        W = rng.normal(size=(width, width)) / width**0.5
        kept.append((a, W, a @ W))
        a = act(a @ W)
    d, norms = a / 32, [0.0] * depth
    for layer in range(depth - 1, -1, -1):
        below, W, z = kept[layer]
        d = d * act_slope(z)
        norms[layer] = float(np.sqrt(np.sum((below.T @ d) ** 2)))
        d = d @ W.T
    return norms


@variant("layer_gradient_norms")
def all_weights_at_once(activation, depth, width, rng):
    x = rng.standard_normal((32, width))
    Ws = rng.standard_normal((depth, width, width)) / np.sqrt(width)

    def rest(a, layer):
        if layer == depth:
            return a / 32, []
        z = np.einsum("nw,wv->nv", a, Ws[layer])
        out = {"sigmoid": lambda: 1 / (1 + np.exp(-z)), "tanh": lambda: np.tanh(z), "relu": lambda: z.clip(0)}[
            activation
        ]()
        d, norms = rest(out, layer + 1)
        slope = {"sigmoid": out - out**2, "tanh": (1 - out) * (1 + out), "relu": np.sign(out)}[activation]
        d = d * slope
        return np.einsum("nv,wv->nw", d, Ws[layer]), [np.linalg.norm(np.einsum("nw,nv->wv", a, d)), *norms]

    return np.array(rest(x, 0)[1])


# --- interview_answer -------------------------------------------------------------------------------


@variant("interview_answer")
def capital():
    return "C"


@variant("interview_answer")
def with_spaces():
    return " c "


EQUIVALENT_MUTANTS = (
    equivalent(
        "relative_error",
        "return float(np.max(np.abs(a - b)) / max(1e-12, size)) -> return float(np.max(np.abs(a - b)) / max(size, 1e-12))",
        because="The larger of two numbers does not depend on their order.",
    ),
    equivalent(
        "mlp_forward",
        "hidden = np.maximum(X @ W1 + b1, 0) -> hidden = np.maximum(0, X @ W1 + b1)",
        because="The larger of two numbers does not depend on their order.",
    ),
)
