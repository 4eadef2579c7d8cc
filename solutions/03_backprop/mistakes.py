"""What learners get wrong in lesson 03. A function's name is the mistake's key, its docstring is what the learner reads.

`also(known, attempt)` is another way of making a mistake that is already described.
"""

from collections import deque
from itertools import pairwise

import numpy as np

from autograder.authoring import also, mistake

# --- backprop_pure ----------------------------------------------------------------------------------


@mistake("backprop_pure")
def ascends(x, lr):
    """This step climbs: the slope points uphill. Which way is down?"""
    return x + lr * 2 * x


@mistake("backprop_pure")
def missing_factor_two(x, lr):
    """Your slope of x² is x. How fast does x² really grow: what does x² do between 3 and 3.1?"""
    return x - lr * x


@mistake("backprop_pure")
def returns_gradient(x, lr):
    """This is the slope 2x itself. The exercise asks where x stands after a step."""
    return 2 * x


@mistake("backprop_pure")
def returns_step(x, lr):
    """This is the length of the step, lr times the slope. Where does it lead, seen from x?"""
    return lr * 2 * x


returns_signed_step = also(returns_step, lambda x, lr: -lr * 2 * x)


@mistake("backprop_pure")
def steps_by_the_loss(x, lr):
    """You step by the loss x². The blame of x is not the loss, it is the loss's slope."""
    return x - lr * x**2


@mistake("backprop_pure")
def returns_loss(x, lr):
    """This is the loss after the step. The exercise asks for the new x."""
    return (x - lr * 2 * x) ** 2


returns_loss_before = also(returns_loss, lambda x, lr: x**2)


@mistake("backprop_pure")
def ignores_learning_rate(x, lr):
    """The result does not depend on `lr`."""
    return x - 2 * x


ignores_rate_tenth = also(ignores_learning_rate, lambda x, lr: x - 0.1 * 2 * x)
ignores_rate_example = also(ignores_learning_rate, lambda x, lr: 2.4)


@mistake("backprop_pure")
def divides_by_rate(x, lr):
    """The smaller `lr`, the further you go. It should be the other way round."""
    return x - 2 * x / lr


@mistake("backprop_pure")
def steps_by_the_sign(x, lr):
    """The direction is right, but every step has the same length. How does the slope's size come in?"""
    return x - lr * np.sign(x)


signs_doubled = also(steps_by_the_sign, lambda x, lr: x - 2 * lr * np.sign(x))


@mistake("backprop_pure")
def makes_two_steps(x, lr):
    """This is where x stands after two steps. The exercise asks for one."""
    for _ in range(2):
        x = x - lr * 2 * x
    return x


@mistake("backprop_pure")
def does_not_move(x, lr):
    """x comes back as it was: where is the step stored, and what is returned?"""
    return x


@mistake("backprop_pure")
def forgets_x_in_slope(x, lr):
    """Your slope is 2 everywhere. Is x² as steep at 1 as it is at 3?"""
    return x - lr * 2


@mistake("backprop_pure", name="returns_nothing")
def pure_without_return(x, lr):
    """The step is made and nothing is handed back: a function without a `return` gives None."""


@mistake("backprop_pure")
def returns_more_than_x(x, lr):
    """More than one thing comes back. The exercise asks for the new x alone."""
    return x - lr * 2 * x, 2 * x


returns_x_and_loss = also(returns_more_than_x, lambda x, lr: (x - lr * 2 * x, x**2))
returns_loss_and_x = also(returns_more_than_x, lambda x, lr: (x**2, x - lr * 2 * x))
returns_x_and_new_loss = also(returns_more_than_x, lambda x, lr: (x - lr * 2 * x, (x - lr * 2 * x) ** 2))


# --- topological_backward ---------------------------------------------------------------------------


def _order(root):
    """Parents before the nodes that they feed."""
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for parent in node.parents:
                visit(parent)
            order.append(node)

    visit(root)
    return order


def _walk(order, root):
    root.grad = 1.0
    for node in order:
        for parent, local in zip(node.parents, node.local_gradients, strict=True):
            parent.grad += node.grad * local


@mistake("topological_backward")
def overwrites_shared(root):
    """A node that is used twice keeps only the blame that came last. What does the chain rule do where ways meet?"""
    root.grad = 1.0
    for node in reversed(_order(root)):
        for parent, local in zip(node.parents, node.local_gradients, strict=True):
            parent.grad = node.grad * local


@mistake("topological_backward", name="overwrites_shared")
def keeps_the_first(root):
    """A node that is used twice keeps only the blame that came first. What does the chain rule do where ways meet?"""
    root.grad = 1.0
    for node in reversed(_order(root)):
        for parent, local in zip(node.parents, node.local_gradients, strict=True):
            if parent.grad == 0.0:
                parent.grad = node.grad * local


def _one_visit_each(root):
    seen = set()

    def back(node, blame):
        if node not in seen:
            seen.add(node)
            node.grad = blame
            for parent, local in zip(node.parents, node.local_gradients, strict=True):
                back(parent, blame * local)

    back(root, 1.0)


one_visit_each = also(keeps_the_first, _one_visit_each)


@mistake("topological_backward", name="overwrites_shared")
def once_for_each_parent(root):
    """Where a node has the same parent twice, only one of the two arrows counts. What does a · a owe to a?"""
    root.grad = 1.0
    for node in reversed(_order(root)):
        for parent, local in dict(zip(node.parents, node.local_gradients, strict=True)).items():
            parent.grad += node.grad * local


@mistake("topological_backward", name="overwrites_shared")
def once_for_each_parent_first(root):
    """Where a node has the same parent twice, only one of the two arrows counts. What does a · a owe to a?"""
    root.grad = 1.0
    for node in reversed(_order(root)):
        for parent in set(node.parents):
            parent.grad += node.grad * node.local_gradients[node.parents.index(parent)]


@mistake("topological_backward")
def first_arrow_counts_twice(root):
    """Where a node has the same parent twice, the first arrow's local gradient is used for both. How do you find an
    arrow's number?"""
    root.grad = 1.0
    for node in reversed(_order(root)):
        for parent in node.parents:
            parent.grad += node.grad * node.local_gradients[node.parents.index(parent)]


@mistake("topological_backward")
def wrong_order(root):
    """Some nodes hand their blame on before all of it has arrived. Which nodes must have been dealt with before a node
    is allowed to?"""
    order, queue, seen = [], deque([root]), {root}
    while queue:
        node = queue.popleft()
        order.append(node)
        for parent in node.parents:
            if parent not in seen:
                seen.add(parent)
                queue.append(parent)
    _walk(order, root)


def _with_stack(root):
    order, stack, seen = [], [root], {root}
    while stack:
        node = stack.pop()
        order.append(node)
        for parent in node.parents:
            if parent not in seen:
                seen.add(parent)
                stack.append(parent)
    _walk(order, root)


def _with_late_stack(root):
    order, stack, seen = [], [root], set()
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        order.append(node)
        stack.extend(node.parents)
    _walk(order, root)


def _depth_first(root):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            order.append(node)
            for parent in node.parents:
                visit(parent)

    visit(root)
    _walk(order, root)


def _depth_first_at_once(root):
    seen = set()

    def visit(node):
        if node in seen:
            return
        seen.add(node)
        for parent, local in zip(node.parents, node.local_gradients, strict=True):
            parent.grad += node.grad * local
            visit(parent)

    root.grad = 1.0
    visit(root)


def _nearest_first(root):
    distance, queue = {root: 0}, deque([root])
    while queue:
        node = queue.popleft()
        for parent in node.parents:
            if parent not in distance:
                distance[parent] = distance[node] + 1
                queue.append(parent)
    _walk(sorted(distance, key=distance.get), root)


def _list_search(root):
    nodes = [root]
    for node in nodes:
        for parent in node.parents:
            if parent not in nodes:
                nodes.append(parent)
    _walk(sorted(nodes, key=lambda node: len(node.parents), reverse=True), root)


wrong_order_stack = also(wrong_order, _with_stack)
wrong_order_late_stack = also(wrong_order, _with_late_stack)
wrong_order_depth_first = also(wrong_order, _depth_first)
wrong_order_at_once = also(wrong_order, _depth_first_at_once)
wrong_order_by_parents = also(wrong_order, _list_search)


@mistake("topological_backward", name="wrong_order")
def parents_first(root):
    """Only the root's own parents get their blame. Do you walk from the root to the leaves, and all the way?"""
    _walk(_order(root), root)


@mistake("topological_backward", name="wrong_order")
def hands_on_again(root):
    """A node that is reached twice hands its blame on twice, and the first part of it counts double. When may a node hand
    on, once and for all?"""
    root.grad = 1.0
    queue = deque([root])
    while queue:
        node = queue.popleft()
        for parent, local in zip(node.parents, node.local_gradients, strict=True):
            parent.grad += node.grad * local
            queue.append(parent)


def _again_recursively(root):
    root.grad = 1.0

    def back(node):
        for parent, local in zip(node.parents, node.local_gradients, strict=True):
            parent.grad += node.grad * local
            back(parent)

    back(root)


def _again_parents_after(root):
    root.grad = 1.0

    def back(node):
        for parent, local in zip(node.parents, node.local_gradients, strict=True):
            parent.grad += node.grad * local
        for parent in node.parents:
            back(parent)

    back(root)


def _again_from_a_list(root):
    order = []

    def visit(node):
        for parent in node.parents:
            visit(parent)
        order.append(node)

    visit(root)
    _walk(reversed(order), root)


def _again_from_a_stack(root):
    root.grad = 1.0
    stack = [root]
    while stack:
        node = stack.pop()
        for parent, local in zip(node.parents, node.local_gradients, strict=True):
            parent.grad += node.grad * local
            stack.append(parent)


again_recursively = also(hands_on_again, _again_recursively)
again_parents_after = also(hands_on_again, _again_parents_after)
again_from_a_list = also(hands_on_again, _again_from_a_list)
again_from_a_stack = also(hands_on_again, _again_from_a_stack)


@mistake("topological_backward")
def walks_every_way(root):
    """Right on small graphs, but each way is walked on its own. Where every node is made twice of the one before, 30 nodes
    have a billion ways. How could a node hand on all of its blame in one go?"""

    def back(node, blame):
        node.grad += blame
        for parent, local in zip(node.parents, node.local_gradients, strict=True):
            back(parent, blame * local)

    back(root, 1.0)


def _way_by_way_from_a_stack(root):
    stack = [(root, 1.0)]
    while stack:
        node, blame = stack.pop()
        node.grad += blame
        stack.extend((parent, blame * local) for parent, local in zip(node.parents, node.local_gradients, strict=True))


every_way_from_a_stack = also(walks_every_way, _way_by_way_from_a_stack)


@mistake("topological_backward")
def forgets_seed_gradient(root):
    """Every gradient is still zero. How fast does the root grow by itself, and who writes that into its `.grad`?"""
    for node in reversed(_order(root)):
        for parent, local in zip(node.parents, node.local_gradients, strict=True):
            parent.grad += node.grad * local


@mistake("topological_backward", name="forgets_seed_gradient")
def seeds_only(root):
    """The root has its gradient, but nothing is handed on to its parents."""
    root.grad = 1.0


@mistake("topological_backward")
def forgets_the_roots_own(root):
    """The other nodes are right, but the root itself is left without its gradient. How fast does it grow by itself?"""
    _walk(reversed(_order(root)), root)
    root.grad = 0.0


@mistake("topological_backward")
def forgets_local_gradient(root):
    """Blame is handed on at full size. What does each arrow multiply it by?"""
    root.grad = 1.0
    for node in reversed(_order(root)):
        for parent in node.parents:
            parent.grad += node.grad


@mistake("topological_backward")
def forgets_chain(root):
    """Each parent gets the arrow's local gradient alone. How much blame did the node itself have?"""
    root.grad = 1.0
    for node in reversed(_order(root)):
        for parent, local in zip(node.parents, node.local_gradients, strict=True):
            parent.grad += local


@mistake("topological_backward")
def adds_along_the_way(root):
    """Blame and local gradient are added along the way. What does the chain rule do with the slopes along one way?"""
    root.grad = 1.0
    for node in reversed(_order(root)):
        for parent, local in zip(node.parents, node.local_gradients, strict=True):
            parent.grad += node.grad + local


@mistake("topological_backward")
def multiplies_where_ways_meet(root):
    """Where two ways meet, their blame is multiplied. Along a way one multiplies; and where ways meet?"""
    root.grad = 1.0
    for node in reversed(_order(root)):
        for parent, local in zip(node.parents, node.local_gradients, strict=True):
            parent.grad = node.grad * local * (parent.grad or 1.0)


@mistake("topological_backward")
def follows_one_parent(root):
    """Only the first parent of each node gets its blame. A node may have several."""
    node = root
    node.grad = 1.0
    while node.parents:
        parent = node.parents[0]
        parent.grad += node.grad * node.local_gradients[0]
        node = parent


def _first_parents_only(root):
    root.grad = 1.0
    for node in reversed(_order(root)):
        if node.parents:
            node.parents[0].grad += node.grad * node.local_gradients[0]


first_parents_only = also(follows_one_parent, _first_parents_only)


@mistake("topological_backward")
def remembers_between_calls(root):
    """The first graph that a node is in comes out right; a second run on the same nodes does not. Is there anything
    that your function remembers from call to call?"""
    order = []

    def visit(node):
        if not getattr(node, "visited", False):
            node.visited = True
            for parent in node.parents:
                visit(parent)
            order.append(node)

    visit(root)
    _walk(reversed(order), root)


def _with_default_set(root, seen=set()):  # noqa: B006
    order = []

    def visit(node):
        if node not in seen:
            seen.add(node)
            for parent in node.parents:
                visit(parent)
            order.append(node)

    visit(root)
    _walk(reversed(order), root)


remembers_in_a_default = also(remembers_between_calls, _with_default_set)


@mistake("topological_backward")
def signs_flipped(root):
    """All signs are the other way round: the slope of the root by itself is not −1."""
    root.grad = -1.0
    for node in reversed(_order(root)):
        for parent, local in zip(node.parents, node.local_gradients, strict=True):
            parent.grad += node.grad * local


# --- numerical_gradient -----------------------------------------------------------------------------


def _measured(w, one):
    """`one(step)` for each entry of w, where step is 1 at that entry and 0 elsewhere."""
    gradient = np.zeros_like(w)
    for index in np.ndindex(*w.shape):
        step = np.zeros_like(w)
        step[index] = 1.0
        gradient[index] = one(step)
    return gradient


@mistake("numerical_gradient")
def forward_difference(f, w, eps):
    """These are one-sided differences: from w to w + eps. The exercise asks for a point on each side of w."""
    return _measured(w, lambda step: (f(w + eps * step) - f(w)) / eps)


@mistake("numerical_gradient")
def backward_difference(f, w, eps):
    """These are one-sided differences: from w − eps to w. The exercise asks for a point on each side of w."""
    return _measured(w, lambda step: (f(w) - f(w - eps * step)) / eps)


@mistake("numerical_gradient")
def missing_half(f, w, eps):
    """All slopes are twice too large. How far apart are w + eps and w − eps?"""
    return _measured(w, lambda step: (f(w + eps * step) - f(w - eps * step)) / eps)


@mistake("numerical_gradient")
def one_sided_over_two(f, w, eps):
    """One point is w itself, and you divide by the distance of points on both sides. Which two points do you want?"""
    return _measured(w, lambda step: (f(w + eps * step) - f(w)) / (2 * eps))


@mistake("numerical_gradient")
def perturbs_all(f, w, eps):
    """All entries of w move at once. Whose slope is that? Move one at a time."""
    return np.full_like(w, (f(w + eps) - f(w - eps)) / (2 * eps))


perturbs_all_one_number = also(perturbs_all, lambda f, w, eps: (f(w + eps) - f(w - eps)) / (2 * eps))


@mistake("numerical_gradient")
def moves_whole_rows(f, w, eps):
    """`w[i]` is one entry of a flat array, but a whole row of a table: you move all entries of a row at once. How do you
    reach every single entry, whatever the shape?"""
    gradient = np.zeros_like(w)
    for i in range(len(w)):
        gradient[i] = _slope_of_row(f, w, eps, i)
    return gradient


def _slope_of_row(f, w, eps, i):
    step = np.zeros_like(w)
    step[i] = eps
    return (f(w + step) - f(w - step)) / (2 * eps)


row_slopes_in_a_list = also(
    moves_whole_rows, lambda f, w, eps: np.array([_slope_of_row(f, w, eps, i) for i in range(len(w))])
)


@mistake("numerical_gradient")
def stops_after_len_w(f, w, eps):
    """Only the first `len(w)` entries have a slope: `len` counts the rows of a table. How many entries has w?"""
    gradient = np.zeros_like(w)
    for i in range(len(w)):
        step = np.zeros_like(w)
        step.flat[i] = eps
        gradient.flat[i] = (f(w + step) - f(w - step)) / (2 * eps)
    return gradient


@mistake("numerical_gradient")
def leaves_w_changed(f, w, eps):
    """Your function changes w, which belongs to its caller, and later slopes are measured at another place. What has to
    happen to an entry before the next one moves?"""
    gradient = np.zeros_like(w)
    for index in np.ndindex(*w.shape):
        w[index] += eps
        above = f(w)
        w[index] -= 2 * eps
        gradient[index] = (above - f(w)) / (2 * eps)
    return gradient


def _restores_too_little(f, w, eps):
    gradient = np.zeros_like(w)
    for index in np.ndindex(*w.shape):
        w[index] += eps
        above = f(w)
        w[index] -= 2 * eps
        gradient[index] = (above - f(w)) / (2 * eps)
        w[index] -= eps
    return gradient


def _restores_too_much(f, w, eps):
    gradient = np.zeros_like(w)
    for index in np.ndindex(*w.shape):
        w[index] += eps
        above = f(w)
        w[index] -= 2 * eps
        gradient[index] = (above - f(w)) / (2 * eps)
        w[index] += 2 * eps
    return gradient


def _walks_off(f, w, eps):
    gradient = np.zeros_like(w)
    for index in np.ndindex(*w.shape):
        below = f(w)
        w[index] += eps
        gradient[index] = (f(w) - below) / eps
    return gradient


def _same_array_twice(f, w, eps):
    gradient = np.zeros_like(w)
    for index in np.ndindex(*w.shape):
        above, below = w, w  # two names for one array
        above[index] += eps
        below[index] -= eps
        gradient[index] = (f(above) - f(below)) / (2 * eps)
    return gradient


restores_too_little = also(leaves_w_changed, _restores_too_little)
restores_too_much = also(leaves_w_changed, _restores_too_much)
walks_off = also(leaves_w_changed, _walks_off)


@mistake("numerical_gradient")
def two_names_for_one_array(f, w, eps):
    """All slopes are zero: the point above and the point below are one and the same array. What does `a = w` copy?"""
    return _same_array_twice(f, w, eps)


@mistake("numerical_gradient")
def copy_not_restored(f, w, eps):
    """The first slope is right, the later ones are measured at another place. What has to happen to an entry before the
    next one moves?"""
    return _with_own(leaves_w_changed.attempt, f, w, eps)


def _with_own(function, f, w, eps):
    return function(f, w.copy(), eps)


copy_restored_too_little = also(copy_not_restored, lambda f, w, eps: _with_own(_restores_too_little, f, w, eps))
copy_restored_too_much = also(copy_not_restored, lambda f, w, eps: _with_own(_restores_too_much, f, w, eps))


@mistake("numerical_gradient")
def wrong_sign(f, w, eps):
    """All signs are the other way round: which of the two values of f is taken away from which?"""
    return _measured(w, lambda step: (f(w - eps * step) - f(w + eps * step)) / (2 * eps))


@mistake("numerical_gradient")
def forgets_to_divide(f, w, eps):
    """These are differences of f, not slopes. How far apart are the two points?"""
    return _measured(w, lambda step: f(w + eps * step) - f(w - eps * step))


@mistake("numerical_gradient")
def multiplies_by_eps(f, w, eps):
    """You divide by 2 and then multiply by eps: `a / 2 * eps` is `(a / 2) * eps`."""
    return _measured(w, lambda step: (f(w + eps * step) - f(w - eps * step)) / 2 * eps)


@mistake("numerical_gradient")
def difference_not_in_brackets(f, w, eps):
    """Only the second value of f is divided. Where do the brackets belong?"""
    return _measured(w, lambda step: f(w + eps * step) - f(w - eps * step) / (2 * eps))


@mistake("numerical_gradient")
def relative_step(f, w, eps):
    """Your step grows with the entry. `eps` is the step itself, the same for all entries, also for one that is zero."""
    return _measured(w, lambda step: (f(w * (1 + eps * step)) - f(w * (1 - eps * step))) / (2 * eps * np.sum(w * step)))


@mistake("numerical_gradient")
def ignores_eps(f, w, eps):
    """Your step is not the `eps` that was given, but one of your own."""
    return _measured(w, lambda step: (f(w + 1e-5 * step) - f(w - 1e-5 * step)) / 2e-5)


ignores_eps_4 = also(
    ignores_eps, lambda f, w, eps: _measured(w, lambda step: (f(w + 1e-4 * step) - f(w - 1e-4 * step)) / 2e-4)
)
ignores_eps_3 = also(
    ignores_eps, lambda f, w, eps: _measured(w, lambda step: (f(w + 1e-3 * step) - f(w - 1e-3 * step)) / 2e-3)
)
ignores_eps_6 = also(
    ignores_eps, lambda f, w, eps: _measured(w, lambda step: (f(w + 1e-6 * step) - f(w - 1e-6 * step)) / 2e-6)
)


@mistake("numerical_gradient")
def half_a_step(f, w, eps):
    """You go half of eps to each side. The exercise goes eps to each side."""
    return _measured(w, lambda step: (f(w + eps / 2 * step) - f(w - eps / 2 * step)) / eps)


@mistake("numerical_gradient")
def comes_back_flat(f, w, eps):
    """The numbers are right, but they come in a flat row. Which shape does w have?"""
    return _measured(w, lambda step: (f(w + eps * step) - f(w - eps * step)) / (2 * eps)).ravel()


@mistake("numerical_gradient")
def only_the_first_entry(f, w, eps):
    """Only the first entry has a slope: the function returns before the loop has come round."""
    gradient = np.zeros_like(w)
    step = np.zeros_like(w)
    step.flat[0] = eps
    gradient.flat[0] = (f(w + step) - f(w - step)) / (2 * eps)
    return gradient


@mistake("numerical_gradient", name="returns_nothing")
def measured_without_return(f, w, eps):
    """The slopes are measured and nothing is handed back: a function without a `return` gives None."""


# --- relative_error ---------------------------------------------------------------------------------


def _relative(a, b):
    return np.max(np.abs(a - b)) / max(1e-12, np.max(np.abs(a) + np.abs(b)))


@mistake("relative_error")
def absolute_error(a, b):
    """This is the largest difference itself. Beside which size does it count?"""
    return np.max(np.abs(a - b))


@mistake("relative_error")
def divides_by_one_side(a, b):
    """You divide by the size of one array only. Both of them belong below, added."""
    return np.max(np.abs(a - b)) / max(1e-12, np.max(np.abs(a)))


divides_by_b = also(divides_by_one_side, lambda a, b: np.max(np.abs(a - b)) / max(1e-12, np.max(np.abs(b))))
divides_by_a_no_floor = also(divides_by_one_side, lambda a, b: np.max(np.abs(a - b)) / np.max(np.abs(a)))
divides_by_b_no_floor = also(divides_by_one_side, lambda a, b: np.max(np.abs(a - b)) / np.max(np.abs(b)))


@mistake("relative_error")
def divides_by_larger_side(a, b):
    """You divide by the larger of the two sizes. The exercise adds |a| and |b|."""
    return np.max(np.abs(a - b)) / max(1e-12, np.max(np.maximum(np.abs(a), np.abs(b))))


larger_side_no_floor = also(
    divides_by_larger_side, lambda a, b: np.max(np.abs(a - b)) / max(np.max(np.abs(a)), np.max(np.abs(b)))
)


@mistake("relative_error")
def signed(a, b):
    """Differences or sizes lose a minus sign on the way: where are the absolute values taken, before or after the
    largest entry is looked for?"""
    return np.max(a - b) / max(1e-12, np.max(np.abs(a) + np.abs(b)))


signed_then_abs = also(signed, lambda a, b: abs(np.max(a - b)) / max(1e-12, np.max(np.abs(a) + np.abs(b))))
signed_below = also(signed, lambda a, b: np.max(np.abs(a - b)) / max(1e-12, np.max(a + b)))
signed_below_abs = also(signed, lambda a, b: np.max(np.abs(a - b)) / max(1e-12, np.max(np.abs(a + b))))
signed_both = also(signed, lambda a, b: np.max(a - b) / max(1e-12, np.max(a + b)))
signed_below_then_abs = also(signed, lambda a, b: np.max(np.abs(a - b)) / max(1e-12, abs(np.max(a + b))))
sizes_subtracted = also(
    signed, lambda a, b: np.max(np.abs(np.abs(a) - np.abs(b))) / max(1e-12, np.max(np.abs(a) + np.abs(b)))
)


@mistake("relative_error")
def entry_by_entry(a, b):
    """You divide each difference by its own size and take the largest ratio. A tiny entry that is off then counts as
    much as a large one. Which two numbers are divided in the formula?"""
    return np.max(np.abs(a - b) / np.maximum(1e-12, np.abs(a) + np.abs(b)))


entry_by_entry_no_floor = also(entry_by_entry, lambda a, b: np.max(np.abs(a - b) / (np.abs(a) + np.abs(b))))
entry_by_entry_plus = also(entry_by_entry, lambda a, b: np.max(np.abs(a - b) / (np.abs(a) + np.abs(b) + 1e-12)))


@mistake("relative_error")
def adds_two_maxima(a, b):
    """You take the largest entry of each array and add these two, though they may stand in different places. Add first."""
    return np.max(np.abs(a - b)) / max(1e-12, np.max(np.abs(a)) + np.max(np.abs(b)))


two_maxima_no_floor = also(
    adds_two_maxima, lambda a, b: np.max(np.abs(a - b)) / (np.max(np.abs(a)) + np.max(np.abs(b)))
)
two_maxima_plus_floor = also(
    adds_two_maxima, lambda a, b: np.max(np.abs(a - b)) / (np.max(np.abs(a)) + np.max(np.abs(b)) + 1e-12)
)


@mistake("relative_error")
def missing_floor(a, b):
    """With tiny numbers or zeros the formula does not hold: what keeps it from dividing by less than 1e-12?"""
    return np.max(np.abs(a - b)) / np.max(np.abs(a) + np.abs(b))


adds_floor = also(missing_floor, lambda a, b: np.max(np.abs(a - b)) / (np.max(np.abs(a) + np.abs(b)) + 1e-12))
floor_only_at_zero = also(
    missing_floor, lambda a, b: np.max(np.abs(a - b)) / np.max(np.abs(a) + np.abs(b)) if np.any(a != b) else 0.0
)
other_floor = also(missing_floor, lambda a, b: np.max(np.abs(a - b)) / max(1e-8, np.max(np.abs(a) + np.abs(b))))


@mistake("relative_error")
def smaller_of_floor_and_size(a, b):
    """You divide by the smaller of 1e-12 and the size, so nearly always by 1e-12. Which one should win?"""
    return np.max(np.abs(a - b)) / min(1e-12, np.max(np.abs(a) + np.abs(b)))


@mistake("relative_error")
def mean_not_largest(a, b):
    """You average over the entries. One wrong entry among a million would then hide: which one do you want?"""
    return np.mean(np.abs(a - b)) / max(1e-12, np.mean(np.abs(a) + np.abs(b)))


mean_above = also(mean_not_largest, lambda a, b: np.mean(np.abs(a - b)) / max(1e-12, np.max(np.abs(a) + np.abs(b))))
sums_of_both = also(mean_not_largest, lambda a, b: np.sum(np.abs(a - b)) / max(1e-12, np.sum(np.abs(a) + np.abs(b))))
sum_above = also(mean_not_largest, lambda a, b: np.sum(np.abs(a - b)) / max(1e-12, np.max(np.abs(a) + np.abs(b))))


@mistake("relative_error")
def uses_lengths(a, b):
    """You compare lengths of arrays (roots of sums of squares). The exercise asks for largest entries."""
    return np.linalg.norm(a - b) / max(1e-12, np.linalg.norm(a) + np.linalg.norm(b))


@mistake("relative_error")
def one_for_each_entry(a, b):
    """One number for each entry comes back. Which of them is the answer?"""
    return np.abs(a - b) / np.maximum(1e-12, np.abs(a) + np.abs(b))


one_for_each_by_size = also(one_for_each_entry, lambda a, b: np.abs(a - b) / max(1e-12, np.max(np.abs(a) + np.abs(b))))


@mistake("relative_error")
def halves_the_size(a, b):
    """The result is twice too large: |a| and |b| are added below, not averaged."""
    return _relative(a, b) * 2


@mistake("relative_error")
def in_percent(a, b):
    """This is in percent. The exercise asks for the plain ratio."""
    return 100 * _relative(a, b)


@mistake("relative_error", name="returns_nothing")
def error_without_return(a, b):
    """The error is worked out and nothing is handed back: a function without a `return` gives None."""


# --- mlp_forward ------------------------------------------------------------------------------------


@mistake("mlp_forward")
def missing_relu(X, W1, b1, W2, b2):
    """The hidden values go on as they are. Two linear layers in a row are no more than one: what stands between them?"""
    hidden = X @ W1 + b1
    return hidden @ W2 + b2, hidden


@mistake("mlp_forward")
def missing_bias(X, W1, b1, W2, b2):
    """A bias is missing. Each of the two layers adds one."""
    hidden = np.maximum(X @ W1, 0)
    return hidden @ W2, hidden


def _without_b1(X, W1, b1, W2, b2):
    hidden = np.maximum(X @ W1, 0)
    return hidden @ W2 + b2, hidden


def _without_b2(X, W1, b1, W2, b2):
    hidden = np.maximum(X @ W1 + b1, 0)
    return hidden @ W2, hidden


missing_first_bias = also(missing_bias, _without_b1)
missing_second_bias = also(missing_bias, _without_b2)


@mistake("mlp_forward")
def relu_on_output(X, W1, b1, W2, b2):
    """The scores go through a ReLU, too, so none can be negative. The last layer says what it says."""
    hidden = np.maximum(X @ W1 + b1, 0)
    return np.maximum(hidden @ W2 + b2, 0), hidden


@mistake("mlp_forward", name="relu_on_output")
def relu_on_output_only(X, W1, b1, W2, b2):
    """The ReLU stands behind the last layer. It belongs between the two."""
    hidden = X @ W1 + b1
    return np.maximum(hidden @ W2 + b2, 0), hidden


@mistake("mlp_forward")
def bias_after_relu(X, W1, b1, W2, b2):
    """The first bias is added behind the ReLU. Which of the two sees Z, with or without its bias?"""
    hidden = np.maximum(X @ W1, 0) + b1
    return hidden @ W2 + b2, hidden


def _softmax(scores):
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


@mistake("mlp_forward")
def softmax_on_output(X, W1, b1, W2, b2):
    """These are probabilities, or their logarithms. The exercise asks for the scores before the softmax: the loss takes care of that."""
    hidden = np.maximum(X @ W1 + b1, 0)
    return _softmax(hidden @ W2 + b2), hidden


def _log_softmax(X, W1, b1, W2, b2):
    hidden = np.maximum(X @ W1 + b1, 0)
    return np.log(_softmax(hidden @ W2 + b2)), hidden


log_softmax_on_output = also(softmax_on_output, _log_softmax)


@mistake("mlp_forward")
def returns_classes(X, W1, b1, W2, b2):
    """These are the predicted classes. The exercise asks for the scores of all classes, a row for each sample."""
    hidden = np.maximum(X @ W1 + b1, 0)
    return (hidden @ W2 + b2).argmax(axis=1), hidden


@mistake("mlp_forward")
def another_activation(X, W1, b1, W2, b2):
    """Between the layers stands a function that is not max(0, Z)."""
    hidden = np.tanh(X @ W1 + b1)
    return hidden @ W2 + b2, hidden


def _sigmoid_between(X, W1, b1, W2, b2):
    hidden = 1 / (1 + np.exp(-(X @ W1 + b1)))
    return hidden @ W2 + b2, hidden


def _leaky(X, W1, b1, W2, b2):
    z = X @ W1 + b1
    hidden = np.where(z > 0, z, 0.01 * z)
    return hidden @ W2 + b2, hidden


def _absolute(X, W1, b1, W2, b2):
    hidden = np.abs(X @ W1 + b1)
    return hidden @ W2 + b2, hidden


def _minimum(X, W1, b1, W2, b2):
    hidden = np.minimum(X @ W1 + b1, 0)
    return hidden @ W2 + b2, hidden


def _step(X, W1, b1, W2, b2):
    hidden = (X @ W1 + b1 > 0) * 1.0
    return hidden @ W2 + b2, hidden


def _at_most_one(X, W1, b1, W2, b2):
    hidden = np.clip(X @ W1 + b1, 0, 1)
    return hidden @ W2 + b2, hidden


def _at_least_one(X, W1, b1, W2, b2):
    hidden = np.maximum(X @ W1 + b1, 1)
    return hidden @ W2 + b2, hidden


sigmoid_between = also(another_activation, _sigmoid_between)
leaky_between = also(another_activation, _leaky)
absolute_between = also(another_activation, _absolute)
minimum_between = also(another_activation, _minimum)
step_between = also(another_activation, _step)
clipped_between = also(another_activation, _at_most_one)
at_least_one_between = also(another_activation, _at_least_one)


@mistake("mlp_forward")
def forgets_cache(X, W1, b1, W2, b2):
    """The scores are right, but they come alone. The exercise asks for a pair, scores and cache; the cache may be anything."""
    return np.maximum(X @ W1 + b1, 0) @ W2 + b2


@mistake("mlp_forward")
def more_than_a_pair(X, W1, b1, W2, b2):
    """More than two things come back. Put all that you want to keep into one cache, say a tuple."""
    z = X @ W1 + b1
    hidden = np.maximum(z, 0)
    return hidden @ W2 + b2, z, hidden


def _scores_hidden_z(X, W1, b1, W2, b2):
    z = X @ W1 + b1
    hidden = np.maximum(z, 0)
    return hidden @ W2 + b2, hidden, z


def _four_things(X, W1, b1, W2, b2):
    z = X @ W1 + b1
    hidden = np.maximum(z, 0)
    return hidden @ W2 + b2, X, z, hidden


more_hidden_first = also(more_than_a_pair, _scores_hidden_z)
more_four_things = also(more_than_a_pair, _four_things)


@mistake("mlp_forward")
def cache_first(X, W1, b1, W2, b2):
    """The hidden values come first. The exercise asks for the scores first, then the cache."""
    hidden = np.maximum(X @ W1 + b1, 0)
    return hidden, hidden @ W2 + b2


def _z_first(X, W1, b1, W2, b2):
    z = X @ W1 + b1
    return z, np.maximum(z, 0) @ W2 + b2


cache_z_first = also(cache_first, _z_first)


@mistake("mlp_forward")
def transposed_weights(X, W1, b1, W2, b2):
    """Weights are used the wrong way round. W1 has shape (i, h), a row for each input: does it need a transpose?"""
    hidden = np.maximum(X @ W1.T + b1, 0)
    return hidden @ W2.T + b2, hidden


def _first_transposed(X, W1, b1, W2, b2):
    hidden = np.maximum(X @ W1.T + b1, 0)
    return hidden @ W2 + b2, hidden


def _second_transposed(X, W1, b1, W2, b2):
    hidden = np.maximum(X @ W1 + b1, 0)
    return hidden @ W2.T + b2, hidden


def _weights_first(X, W1, b1, W2, b2):
    hidden = np.maximum(W1 @ X + b1, 0)
    return W2 @ hidden + b2, hidden


def _torch_style(X, W1, b1, W2, b2):
    hidden = np.maximum(W1 @ X.T + b1, 0)
    return W2 @ hidden + b2, hidden


first_transposed = also(transposed_weights, _first_transposed)
second_transposed = also(transposed_weights, _second_transposed)
weights_first = also(transposed_weights, _weights_first)
torch_style = also(transposed_weights, _torch_style)


@mistake("mlp_forward")
def entry_times_entry(X, W1, b1, W2, b2):
    """`*` multiplies entry by entry. Which operator is the matrix product?"""
    hidden = np.maximum(X * W1 + b1, 0)
    return hidden * W2 + b2, hidden


@mistake("mlp_forward")
def largest_of_an_array(X, W1, b1, W2, b2):
    """`np.max` makes one number of a whole column. The ReLU compares each entry with 0 by itself: which function of NumPy
    takes the larger of two, entry by entry?"""
    hidden = np.max(X @ W1 + b1, 0)
    return hidden @ W2 + b2, hidden


def _largest(hidden_of):
    """A network whose hidden values are what `np.max` leaves of Z."""

    def wrong(X, W1, b1, W2, b2):
        hidden = hidden_of(X @ W1 + b1)
        return np.dot(hidden, W2) + b2, hidden

    return wrong


largest_of_a_row = also(
    largest_of_an_array,
    _largest(lambda z: np.max(z, 1)),
    "`np.max` makes one number of a whole row. The ReLU compares each entry with 0 by itself: which function of NumPy "
    "takes the larger of two, entry by entry?",
)
largest_of_all = also(
    largest_of_an_array,
    _largest(np.max),
    "`np.max` makes one number of the whole array. The ReLU compares each entry with 0 by itself: which function of NumPy "
    "takes the larger of two, entry by entry?",
)
largest_of_all_or_zero = also(largest_of_all, _largest(lambda z: max(np.max(z), 0)))


# --- mlp_backward -----------------------------------------------------------------------------------


# These show on ordinary scores, whether or not the softmax is stable: a learner may have that to mend as well.
backward_mistake = mistake(
    "mlp_backward",
    seen_in=(
        "gradients (4 samples, 4 inputs, 4 hidden units, 4 classes)",
        "gradients (6 samples, 3 inputs, 5 hidden units, 2 classes)",
        "gradients (1 sample, 5 inputs, 2 hidden units, 3 classes)",
        "gradients (7 samples, 2 inputs, 6 hidden units, 4 classes)",
        "gradients (2 samples, 1 input, 3 hidden units, 2 classes)",
        "gradients (a sample of zeros, two biases at zero)",
    ),
)


def _hidden(X, W1, b1):
    return np.maximum(X @ W1 + b1, 0)


def _gradients(X, y, W1, b1, W2, b2, *, start=None, mask=None, mean=True):
    """The right gradients, but for what is handed in: `start(p, y)` the slope by the scores, `mask(z)` the ReLU's."""
    z = X @ W1 + b1
    hidden = np.maximum(z, 0)
    p = _softmax(hidden @ W2 + b2)
    d_scores = p - np.eye(p.shape[1])[y] if start is None else start(p, y)
    if mean:
        d_scores = d_scores / len(y)
    d_z = (d_scores @ W2.T) * (mask or (lambda z: z > 0))(z)
    return {"W1": X.T @ d_z, "b1": d_z.sum(axis=0), "W2": hidden.T @ d_scores, "b2": d_scores.sum(axis=0)}


@backward_mistake
def missing_relu_mask(X, y, W1, b1, W2, b2):
    """Blame passes the ReLU everywhere. What does it do on the way back where it gave 0 on the way forward?"""
    return _gradients(X, y, W1, b1, W2, b2, mask=np.ones_like)


@backward_mistake
def mask_passes_zero(X, y, W1, b1, W2, b2):
    """Nearly. Where Z is exactly 0 you let blame through; the exercise stops it at Z ≤ 0."""
    return _gradients(X, y, W1, b1, W2, b2, mask=lambda z: z >= 0)


half_at_zero = also(mask_passes_zero, lambda *given: _gradients(*given, mask=lambda z: np.heaviside(z, 0.5)))


@backward_mistake
def mask_from_below(X, y, W1, b1, W2, b2):
    """Blame passes where Z is below zero. On which side does the ReLU let numbers through?"""
    return _gradients(X, y, W1, b1, W2, b2, mask=lambda z: z < 0)


mask_at_or_below = also(mask_from_below, lambda *given: _gradients(*given, mask=lambda z: z <= 0))


def _mask_on_the_slope(X, y, W1, b1, W2, b2):
    hidden = _hidden(X, W1, b1)
    p = _softmax(hidden @ W2 + b2)
    d_scores = (p - np.eye(p.shape[1])[y]) / len(y)
    d_z = np.maximum(d_scores @ W2.T, 0)
    return {"W1": X.T @ d_z, "b1": d_z.sum(axis=0), "W2": hidden.T @ d_scores, "b2": d_scores.sum(axis=0)}


def _mask_where_slope(X, y, W1, b1, W2, b2):
    hidden = _hidden(X, W1, b1)
    p = _softmax(hidden @ W2 + b2)
    d_scores = (p - np.eye(p.shape[1])[y]) / len(y)
    d_hidden = d_scores @ W2.T
    d_z = d_hidden * (d_hidden > 0) * (hidden > 0)
    return {"W1": X.T @ d_z, "b1": d_z.sum(axis=0), "W2": hidden.T @ d_scores, "b2": d_scores.sum(axis=0)}


@backward_mistake
def relu_of_the_slope(X, y, W1, b1, W2, b2):
    """You put the slopes themselves through a ReLU, and lose the negative ones. What decides whether blame passes: the
    blame, or what came through on the way forward?"""
    return _mask_on_the_slope(X, y, W1, b1, W2, b2)


relu_of_slope_too = also(relu_of_the_slope, _mask_where_slope)


@backward_mistake
def times_hidden(X, y, W1, b1, W2, b2):
    """You multiply by the ReLU's input or output. Its slope is 1 or 0, however large these are."""
    return _gradients(X, y, W1, b1, W2, b2, mask=lambda z: np.maximum(z, 0))


times_z = also(times_hidden, lambda *given: _gradients(*given, mask=lambda z: z))


@backward_mistake
def missing_mean(X, y, W1, b1, W2, b2):
    """These are the gradients of the sum over the samples. What does the mean do to a slope?"""
    return _gradients(X, y, W1, b1, W2, b2, mean=False)


@backward_mistake
def mean_twice(X, y, W1, b1, W2, b2):
    """The mean is taken twice: once is enough, on the way in."""
    return {name: gradient / len(y) for name, gradient in _gradients(X, y, W1, b1, W2, b2).items()}


def _mean_twice_for_weights(*given):
    grads = _gradients(*given)
    return {name: g / len(given[1]) if name[0] == "W" else g for name, g in grads.items()}


mean_twice_for_weights = also(mean_twice, _mean_twice_for_weights)


@backward_mistake
def divides_by_classes(X, y, W1, b1, W2, b2):
    """You divide by the number of entries, or of classes. The mean is over the samples only."""
    return _gradients(X, y, W1, b1, W2, b2, start=lambda p, y: (p - np.eye(p.shape[1])[y]) / p.shape[1])


divides_by_classes_alone = also(
    divides_by_classes,
    lambda *given: _gradients(*given, start=lambda p, y: (p - np.eye(p.shape[1])[y]) / p.shape[1], mean=False),
)


@mistake("mlp_backward")
def missing_transpose(X, y, W1, b1, W2, b2):
    """A product has its factors the wrong way round: it fits only where sizes happen to be equal. Write the three
    shapes under it; which factor needs a transpose?"""
    hidden = _hidden(X, W1, b1)
    p = _softmax(hidden @ W2 + b2)
    d_scores = (p - np.eye(p.shape[1])[y]) / len(y)
    d_z = (d_scores @ W2) * (hidden > 0)
    return {"W1": X.T @ d_z, "b1": d_z.sum(axis=0), "W2": hidden.T @ d_scores, "b2": d_scores.sum(axis=0)}


def _without_transposes(of_X, of_hidden, of_W2):
    """The backward pass without some of its three transposes."""

    def backward(X, y, W1, b1, W2, b2):
        hidden = _hidden(X, W1, b1)
        p = _softmax(hidden @ W2 + b2)
        d_scores = (p - np.eye(p.shape[1])[y]) / len(y)
        d_z = (d_scores @ (W2 if of_W2 else W2.T)) * (hidden > 0)
        d_W2 = (hidden if of_hidden else hidden.T) @ d_scores
        d_W1 = (X if of_X else X.T) @ d_z
        return {"W1": d_W1, "b1": d_z.sum(axis=0), "W2": d_W2, "b2": d_scores.sum(axis=0)}

    return backward


missing_transpose_of_x = also(missing_transpose, _without_transposes(True, False, False))
missing_transpose_of_hidden = also(missing_transpose, _without_transposes(False, True, False))
missing_both_inputs = also(missing_transpose, _without_transposes(True, True, False))
missing_all_transposes = also(missing_transpose, _without_transposes(True, True, True))
missing_transpose_of_x_and_w2 = also(missing_transpose, _without_transposes(True, False, True))
missing_transpose_of_hidden_and_w2 = also(missing_transpose, _without_transposes(False, True, True))


@backward_mistake
def gradients_transposed(X, y, W1, b1, W2, b2):
    """The numbers are right, but a weight gradient lies on its side. Which shape do W1 and W2 have?"""
    grads = _gradients(X, y, W1, b1, W2, b2)
    return grads | {"W1": grads["W1"].T, "W2": grads["W2"].T}


def _one_transposed(which):
    def backward(*given):
        grads = _gradients(*given)
        return grads | {which: grads[which].T}

    return backward


first_gradient_transposed = also(gradients_transposed, _one_transposed("W1"))
second_gradient_transposed = also(gradients_transposed, _one_transposed("W2"))


@backward_mistake
def bias_not_summed(X, y, W1, b1, W2, b2):
    """A bias's gradient has a row for each sample. One bias serves all samples: what does the chain rule do where ways
    meet?"""
    z = X @ W1 + b1
    hidden = np.maximum(z, 0)
    p = _softmax(hidden @ W2 + b2)
    d_scores = (p - np.eye(p.shape[1])[y]) / len(y)
    d_z = (d_scores @ W2.T) * (z > 0)
    return {"W1": X.T @ d_z, "b1": d_z, "W2": hidden.T @ d_scores, "b2": d_scores}


def _one_bias_not_summed(which):
    def backward(*given):
        return _gradients(*given) | {which: bias_not_summed.attempt(*given)[which]}

    return backward


first_bias_not_summed = also(bias_not_summed, _one_bias_not_summed("b1"))
second_bias_not_summed = also(bias_not_summed, _one_bias_not_summed("b2"))


@backward_mistake
def bias_averaged(X, y, W1, b1, W2, b2):
    """A bias's gradient is averaged over the samples, though dS holds the 1/n already. Add where ways meet."""
    grads = _gradients(X, y, W1, b1, W2, b2)
    return grads | {"b1": grads["b1"] / len(y), "b2": grads["b2"] / len(y)}


@backward_mistake
def bias_summed_over_units(X, y, W1, b1, W2, b2):
    """A bias's gradient is summed over the wrong axis: it has an entry for each sample, or one for all."""
    unsummed = bias_not_summed.attempt(X, y, W1, b1, W2, b2)
    return unsummed | {name: unsummed[name].sum(axis=1) for name in ("b1", "b2")}


def _bias_summed_to_one(*given):
    unsummed = bias_not_summed.attempt(*given)
    return unsummed | {name: unsummed[name].sum() for name in ("b1", "b2")}


bias_summed_to_one = also(bias_summed_over_units, _bias_summed_to_one)


@backward_mistake
def bias_keeps_axis(X, y, W1, b1, W2, b2):
    """The bias gradients are right but for their shape: they keep an axis of length 1. b1 has shape (h,)."""
    grads = _gradients(X, y, W1, b1, W2, b2)
    return grads | {"b1": grads["b1"][None, :], "b2": grads["b2"][None, :]}


@backward_mistake
def softmax_minus_nothing(X, y, W1, b1, W2, b2):
    """You start with the softmax alone, as if all classes were wrong. What is taken away at the right class?"""
    return _gradients(X, y, W1, b1, W2, b2, start=lambda p, y: p)


@backward_mistake
def one_hot_minus_softmax(X, y, W1, b1, W2, b2):
    """All signs are the other way round. The loss falls when the right score grows: which sign does its slope have?"""
    return _gradients(X, y, W1, b1, W2, b2, start=lambda p, y: np.eye(p.shape[1])[y] - p)


@backward_mistake
def plus_one_hot(X, y, W1, b1, W2, b2):
    """You add 1 at the right class. The loss falls when the right score grows: which sign does its slope have?"""
    return _gradients(X, y, W1, b1, W2, b2, start=lambda p, y: p + np.eye(p.shape[1])[y])


@mistake("mlp_backward")
def softmax_overflows(X, y, W1, b1, W2, b2):
    """Right on small scores, NaN on scores near ±1,000: there `exp` gives infinity, or zeros to divide by. How did lesson
    02 keep the softmax finite?"""
    e = np.exp(_hidden(X, W1, b1) @ W2 + b2)
    return _gradients(X, y, W1, b1, W2, b2, start=lambda p, y: e / e.sum(axis=1, keepdims=True) - np.eye(len(b2))[y])


@mistake("mlp_backward")
def one_maximum_for_all_rows(X, y, W1, b1, W2, b2):
    """You take the largest of *all* scores away. A sample whose scores lie far below it is left with 0/0. Which maximum
    belongs to which sample?"""
    scores = _hidden(X, W1, b1) @ W2 + b2
    e = np.exp(scores - scores.max())
    return _gradients(X, y, W1, b1, W2, b2, start=lambda p, y: e / e.sum(axis=1, keepdims=True) - np.eye(len(b2))[y])


@backward_mistake
def minus_one_hot_alone(X, y, W1, b1, W2, b2):
    """You start with the right class alone. Where are the probabilities of all classes?"""
    return _gradients(X, y, W1, b1, W2, b2, start=lambda p, y: -np.eye(p.shape[1])[y])


@backward_mistake
def class_number_as_number(X, y, W1, b1, W2, b2):
    """You take the class number away from every probability. Class 3 is not three times class 1: what is one-hot(y)?"""
    return _gradients(X, y, W1, b1, W2, b2, start=lambda p, y: p - y[:, None])


@backward_mistake
def one_hot_in_whole_columns(X, y, W1, b1, W2, b2):
    """`p[:, y] -= 1` changes whole columns. Each row has one right class: which row goes with which entry of y?"""

    def start(p, y):
        p = p.copy()
        p[:, y] -= 1
        return p

    return _gradients(X, y, W1, b1, W2, b2, start=start)


@backward_mistake
def scores_minus_one_hot(X, y, W1, b1, W2, b2):
    """You start with the scores themselves, or with another function of them. Which one turns scores into
    probabilities?"""
    scores = _hidden(X, W1, b1) @ W2 + b2
    return _gradients(X, y, W1, b1, W2, b2, start=lambda p, y: scores - np.eye(p.shape[1])[y])


def _sigmoid_minus_one_hot(X, y, W1, b1, W2, b2):
    scores = _hidden(X, W1, b1) @ W2 + b2
    return _gradients(X, y, W1, b1, W2, b2, start=lambda p, y: 1 / (1 + np.exp(-scores)) - np.eye(p.shape[1])[y])


sigmoid_minus_one_hot = also(scores_minus_one_hot, _sigmoid_minus_one_hot)


@backward_mistake
def softmax_over_samples(X, y, W1, b1, W2, b2):
    """Your softmax adds up over the samples, or over everything. The classes of *one* sample share a probability of 1."""
    scores = _hidden(X, W1, b1) @ W2 + b2
    e = np.exp(scores)
    return _gradients(X, y, W1, b1, W2, b2, start=lambda p, y: e / e.sum(axis=0) - np.eye(p.shape[1])[y])


def _softmax_over_all(X, y, W1, b1, W2, b2):
    e = np.exp(_hidden(X, W1, b1) @ W2 + b2)
    return _gradients(X, y, W1, b1, W2, b2, start=lambda p, y: e / e.sum() - np.eye(p.shape[1])[y])


softmax_over_all = also(softmax_over_samples, _softmax_over_all)


@backward_mistake
def through_the_softmax_again(X, y, W1, b1, W2, b2):
    """You walk through the softmax's own slope p·(1 − p) once more. (softmax − one-hot) is already the slope by the
    scores."""
    return _gradients(X, y, W1, b1, W2, b2, start=lambda p, y: (p - np.eye(p.shape[1])[y]) * p * (1 - p))


@backward_mistake
def z_for_hidden(X, y, W1, b1, W2, b2):
    """W2's gradient is made of the values before the ReLU. Which values did W2 multiply?"""
    z = X @ W1 + b1
    grads = _gradients(X, y, W1, b1, W2, b2)
    p = _softmax(np.maximum(z, 0) @ W2 + b2)
    return grads | {"W2": z.T @ ((p - np.eye(p.shape[1])[y]) / len(y))}


@backward_mistake
def returns_updated_weights(X, y, W1, b1, W2, b2):
    """These are not gradients but parameters after a step. The exercise asks for the gradients alone."""
    grads = _gradients(X, y, W1, b1, W2, b2)
    return {name: value - grads[name] for name, value in (("W1", W1), ("b1", b1), ("W2", W2), ("b2", b2))}


@backward_mistake
def comes_as_a_tuple(X, y, W1, b1, W2, b2):
    """The gradients come one after the other. The exercise asks for a dict, in which each has its name."""
    return tuple(_gradients(X, y, W1, b1, W2, b2).values())


@backward_mistake
def other_names(X, y, W1, b1, W2, b2):
    """The dict's keys are not the four that the exercise names: "W1", "b1", "W2", "b2"."""
    return {f"d{name}": gradient for name, gradient in _gradients(X, y, W1, b1, W2, b2).items()}


lower_case_names = also(
    other_names, lambda *given: {name.lower(): gradient for name, gradient in _gradients(*given).items()}
)
names_with_underscore = also(
    other_names, lambda *given: {f"d_{name}": gradient for name, gradient in _gradients(*given).items()}
)


@mistake("mlp_backward", name="returns_nothing")
def backward_without_return(X, y, W1, b1, W2, b2):
    """The gradients are worked out and nothing is handed back: a function without a `return` gives None."""


# --- xavier_init and he_init ------------------------------------------------------------------------

_FIRST_CALL = ("the inputs after call 1",)


@mistake("xavier_init")
def std_is_variance(fan_in, fan_out, rng):
    """You multiply by the variance. The exercise gives the standard deviation: what lies between the two?"""
    return rng.normal(size=(fan_in, fan_out)) * 2 / (fan_in + fan_out)


@mistake("xavier_init")
def he_xavier_swapped(fan_in, fan_out, rng):
    """This is He's standard deviation. Xavier's looks at both sizes."""
    return rng.normal(size=(fan_in, fan_out)) * np.sqrt(2 / fan_in)


@mistake("xavier_init")
def missing_two(fan_in, fan_out, rng):
    """The 2 in the formula is missing. (The middle of two numbers is their sum divided by 2.)"""
    return rng.normal(size=(fan_in, fan_out)) * np.sqrt(1 / (fan_in + fan_out))


@mistake("xavier_init")
def looks_at_one_size(fan_in, fan_out, rng):
    """Only one of the two sizes counts in your standard deviation. Xavier's has both."""
    return rng.normal(size=(fan_in, fan_out)) * np.sqrt(1 / fan_in)


one_over_fan_out = also(
    looks_at_one_size, lambda fan_in, fan_out, rng: rng.normal(size=(fan_in, fan_out)) * np.sqrt(1 / fan_out)
)
two_over_fan_out = also(
    looks_at_one_size, lambda fan_in, fan_out, rng: rng.normal(size=(fan_in, fan_out)) * np.sqrt(2 / fan_out)
)


@mistake("xavier_init")
def multiplies_the_sizes(fan_in, fan_out, rng):
    """The two sizes are multiplied below the root. The formula adds them."""
    return rng.normal(size=(fan_in, fan_out)) * np.sqrt(2 / (fan_in * fan_out))


@mistake("xavier_init", name="uniform")
def xavier_uniform(fan_in, fan_out, rng):
    """These numbers are spread evenly over an interval. The exercise asks for a normal draw."""
    limit = np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-limit, limit, size=(fan_in, fan_out))


@mistake("xavier_init", name="uniform")
def xavier_uniform_within_std(fan_in, fan_out, rng):
    """These numbers are spread evenly over an interval. The exercise asks for a normal draw."""
    limit = np.sqrt(2 / (fan_in + fan_out))
    return rng.uniform(-limit, limit, size=(fan_in, fan_out))


xavier_bare_uniform = also(
    xavier_uniform,
    lambda fan_in, fan_out, rng: rng.uniform(size=(fan_in, fan_out)) * np.sqrt(2 / (fan_in + fan_out)),
)


@mistake("xavier_init", name="brackets_missing")
def xavier_brackets(fan_in, fan_out, rng):
    """`2 / fan_in + fan_out` divides by fan_in only, and then adds fan_out. Where do brackets belong?"""
    return rng.normal(size=(fan_in, fan_out)) * np.sqrt(2 / fan_in + fan_out)


@mistake("he_init", name="std_is_variance")
def he_std_is_variance(fan_in, fan_out, rng):
    """You multiply by the variance. The exercise gives the standard deviation: what lies between the two?"""
    return rng.normal(size=(fan_in, fan_out)) * 2 / fan_in


@mistake("he_init", name="he_xavier_swapped")
def he_is_xavier(fan_in, fan_out, rng):
    """This is Xavier's standard deviation. He's looks at the inputs of a unit only."""
    return rng.normal(size=(fan_in, fan_out)) * np.sqrt(2 / (fan_in + fan_out))


@mistake("he_init")
def uses_fan_out(fan_in, fan_out, rng):
    """You divide by the number of outputs. How many products does one unit sum up?"""
    return rng.normal(size=(fan_in, fan_out)) * np.sqrt(2 / fan_out)


@mistake("he_init", name="missing_two")
def he_missing_two(fan_in, fan_out, rng):
    """The 2 in the formula is missing: it makes up for the half that a ReLU throws away."""
    return rng.normal(size=(fan_in, fan_out)) * np.sqrt(1 / fan_in)


@mistake("he_init", name="uniform")
def he_uniform(fan_in, fan_out, rng):
    """These numbers are spread evenly over an interval. The exercise asks for a normal draw."""
    limit = np.sqrt(6 / fan_in)
    return rng.uniform(-limit, limit, size=(fan_in, fan_out))


he_uniform_within_std = also(
    he_uniform,
    lambda fan_in, fan_out, rng: rng.uniform(-np.sqrt(2 / fan_in), np.sqrt(2 / fan_in), size=(fan_in, fan_out)),
)
he_bare_uniform = also(
    he_uniform, lambda fan_in, fan_out, rng: rng.uniform(size=(fan_in, fan_out)) * np.sqrt(2 / fan_in)
)


def _spread(exercise, fan_in, fan_out):
    return np.sqrt(2 / (fan_in + fan_out)) if exercise == "xavier_init" else np.sqrt(2 / fan_in)


@mistake("xavier_init", seen_in=_FIRST_CALL)
def ignores_rng(fan_in, fan_out, rng):
    """Nothing is drawn from the generator that you were given. Where do your random numbers come from?"""
    return np.random.default_rng().normal(size=(fan_in, fan_out)) * _spread("xavier_init", fan_in, fan_out)


@mistake("he_init", name="ignores_rng", seen_in=_FIRST_CALL)
def he_ignores_rng(fan_in, fan_out, rng):
    """Nothing is drawn from the generator that you were given. Where do your random numbers come from?"""
    return np.random.default_rng().normal(size=(fan_in, fan_out)) * _spread("he_init", fan_in, fan_out)


@mistake("xavier_init")
def not_scaled(fan_in, fan_out, rng):
    """These weights have a standard deviation of 1, however large the layer is."""
    return rng.normal(size=(fan_in, fan_out))


@mistake("he_init", name="not_scaled")
def he_not_scaled(fan_in, fan_out, rng):
    """These weights have a standard deviation of 1, however large the layer is."""
    return rng.normal(size=(fan_in, fan_out))


@mistake("xavier_init")
def divides_by_std(fan_in, fan_out, rng):
    """You divide by the standard deviation, so larger layers get larger weights."""
    return rng.normal(size=(fan_in, fan_out)) / _spread("xavier_init", fan_in, fan_out)


@mistake("he_init", name="divides_by_std")
def he_divides_by_std(fan_in, fan_out, rng):
    """You divide by the standard deviation, so larger layers get larger weights."""
    return rng.normal(size=(fan_in, fan_out)) / _spread("he_init", fan_in, fan_out)


@mistake("xavier_init")
def std_as_mean(fan_in, fan_out, rng):
    """Your weights are centred on the standard deviation and spread by 1. The first argument of `rng.normal` is the mean."""
    return rng.normal(_spread("xavier_init", fan_in, fan_out), size=(fan_in, fan_out))


@mistake("he_init", name="std_as_mean")
def he_std_as_mean(fan_in, fan_out, rng):
    """Your weights are centred on the standard deviation and spread by 1. The first argument of `rng.normal` is the mean."""
    return rng.normal(_spread("he_init", fan_in, fan_out), size=(fan_in, fan_out))


@mistake("xavier_init")
def drawn_transposed(fan_in, fan_out, rng):
    """The numbers are drawn as a table of (fan_out, fan_in). The exercise draws (fan_in, fan_out)."""
    return rng.normal(size=(fan_out, fan_in)).T * _spread("xavier_init", fan_in, fan_out)


xavier_lies_on_its_side = also(
    drawn_transposed,
    lambda fan_in, fan_out, rng: rng.normal(size=(fan_out, fan_in)) * _spread("xavier_init", fan_in, fan_out),
)


@mistake("he_init", name="drawn_transposed")
def he_drawn_transposed(fan_in, fan_out, rng):
    """The numbers are drawn as a table of (fan_out, fan_in). The exercise draws (fan_in, fan_out)."""
    return rng.normal(size=(fan_out, fan_in)).T * _spread("he_init", fan_in, fan_out)


he_lies_on_its_side = also(
    he_drawn_transposed,
    lambda fan_in, fan_out, rng: rng.normal(size=(fan_out, fan_in)) * _spread("he_init", fan_in, fan_out),
)


@mistake("xavier_init")
def zeros(fan_in, fan_out, rng):
    """All weights are zero, and nothing is drawn."""
    return np.zeros((fan_in, fan_out))


@mistake("he_init", name="zeros")
def he_zeros(fan_in, fan_out, rng):
    """All weights are zero, and nothing is drawn."""
    return np.zeros((fan_in, fan_out))


@mistake("xavier_init", name="returns_nothing")
def xavier_without_return(fan_in, fan_out, rng):
    """The weights are drawn and nothing is handed back: a function without a `return` gives None."""
    rng.normal(size=(fan_in, fan_out))


@mistake("he_init", name="returns_nothing")
def he_without_return(fan_in, fan_out, rng):
    """The weights are drawn and nothing is handed back: a function without a `return` gives None."""
    rng.normal(size=(fan_in, fan_out))


# --- layer_gradient_norms ---------------------------------------------------------------------------

_ACT = {"sigmoid": lambda z: 1 / (1 + np.exp(-z)), "tanh": np.tanh, "relu": lambda z: np.maximum(z, 0)}
_SLOPE = {"sigmoid": lambda a: a * (1 - a), "tanh": lambda a: 1 - a**2, "relu": lambda a: (a > 0) * 1.0}


def _forward(activation, depth, width, rng, *, scale=None):
    outputs, weights = [rng.normal(size=(32, width))], []
    for _ in range(depth):
        weights.append(rng.normal(size=(width, width)) * (1 / np.sqrt(width) if scale is None else scale))
        outputs.append(_ACT[activation](outputs[-1] @ weights[-1]))
    return outputs, weights


def _layer_gradients(
    activation, depth, width, rng, *, scale=None, start=1 / 32, back=None, slope=None, product=None, last_slope=True
):
    """The right gradients, first layer first, but for what is handed in."""
    outputs, weights = _forward(activation, depth, width, rng, scale=scale)
    slope = slope or _SLOPE[activation]
    d_a, gradients = start(outputs[-1]) if callable(start) else outputs[-1] * start, []
    for layer in reversed(range(depth)):
        d_z = d_a * slope(outputs[layer + 1]) if layer < depth - 1 or last_slope else d_a
        gradients.append(product(outputs, layer, d_z) if product else outputs[layer].T @ d_z)
        d_a = back(d_z, weights[layer]) if back else d_z @ weights[layer].T
    return gradients[::-1]


def _norms(gradients):
    return np.array([np.linalg.norm(gradient) for gradient in gradients])


@mistake("layer_gradient_norms", name="reversed")
def reversed_order(activation, depth, width, rng):
    """The numbers are right, but the last layer stands first. In which order did the walk find them?"""
    return _norms(_layer_gradients(activation, depth, width, rng))[::-1]


@mistake("layer_gradient_norms", name="forgets_chain")
def forgets_weights_on_the_way(activation, depth, width, rng):
    """On the way from layer to layer the weights are left out. By what does a layer multiply its input, and so the
    blame?"""
    return _norms(_layer_gradients(activation, depth, width, rng, back=lambda d_z, W: d_z))


def _each_layer_as_the_last(activation, depth, width, rng):
    outputs, _ = _forward(activation, depth, width, rng)
    slope = _SLOPE[activation]
    return _norms([a.T @ (outputs[-1] / 32 * slope(b)) for a, b in pairwise(outputs)])


def _each_layer_its_own_loss(activation, depth, width, rng):
    outputs, _ = _forward(activation, depth, width, rng)
    slope = _SLOPE[activation]
    return _norms([a.T @ (b / 32 * slope(b)) for a, b in pairwise(outputs)])


def _blame_starts_anew(activation, depth, width, rng):
    outputs, _ = _forward(activation, depth, width, rng)
    slope = _SLOPE[activation]
    return _norms([a.T @ slope(b) / 32 for a, b in pairwise(outputs)])


@mistake("layer_gradient_norms", name="forgets_chain")
def every_layer_as_the_last(activation, depth, width, rng):
    """Each layer is treated as if the loss stood right behind it. What lies between a layer and the loss, and how does
    blame get through?"""
    return _each_layer_as_the_last(activation, depth, width, rng)


every_layer_its_own_loss = also(every_layer_as_the_last, _each_layer_its_own_loss)
blame_starts_anew = also(every_layer_as_the_last, _blame_starts_anew)


@mistake("layer_gradient_norms")
def norm_of_activations(activation, depth, width, rng):
    """These are lengths of the layers' outputs. The exercise asks for the slopes of the loss by the weights."""
    return _norms(_forward(activation, depth, width, rng)[0][1:])


norm_of_inputs = also(norm_of_activations, lambda *given: _norms(_forward(*given)[0][:-1]))


@mistake("layer_gradient_norms")
def norm_of_weights(activation, depth, width, rng):
    """These are lengths of the weights. The exercise asks for the slopes of the loss by them."""
    return _norms(_forward(activation, depth, width, rng)[1])


@mistake("layer_gradient_norms")
def norm_of_output_slopes(activation, depth, width, rng):
    """These are lengths of the slopes by the layers' outputs or sums. One factor is missing to the slopes by the
    weights: what did the weights multiply?"""
    return _norms(_layer_gradients(activation, depth, width, rng, product=lambda outputs, layer, d_z: d_z))


def _slopes_by_outputs(activation, depth, width, rng):
    outputs, weights = _forward(activation, depth, width, rng)
    slopes = [outputs[-1] / 32]
    for layer in range(depth - 1, 0, -1):
        slopes.append(slopes[-1] * _SLOPE[activation](outputs[layer + 1]) @ weights[layer].T)
    return _norms(slopes[::-1])


slopes_by_outputs = also(norm_of_output_slopes, _slopes_by_outputs)


@mistake("layer_gradient_norms")
def forgets_activation_derivative(activation, depth, width, rng):
    """Blame passes the activation as if it were not there. What is its slope?"""
    return _norms(_layer_gradients(activation, depth, width, rng, slope=np.ones_like))


derivative_missing_at_the_end = also(
    forgets_activation_derivative, lambda *given: _norms(_layer_gradients(*given, last_slope=False))
)


def _only_at_the_end(activation, depth, width, rng):
    outputs, weights = _forward(activation, depth, width, rng)
    d, found = outputs[-1] / 32 * _SLOPE[activation](outputs[-1]), []
    for layer in reversed(range(depth)):
        found.append(outputs[layer].T @ d)
        d = d @ weights[layer].T
    return _norms(found[::-1])


derivative_only_at_the_end = also(forgets_activation_derivative, _only_at_the_end)


@mistake("layer_gradient_norms")
def relu_passes_everything(activation, depth, width, rng):
    """The ReLU's outputs are never below 0, so "a ≥ 0" holds for all of them. Where does the ReLU stop blame?"""
    slope = np.ones_like if activation == "relu" else None
    return _norms(_layer_gradients(activation, depth, width, rng, slope=slope))


@mistake("layer_gradient_norms")
def derivative_of_the_output(activation, depth, width, rng):
    """You take the activation's slope at its output instead of at its input: σ(z)(1 − σ(z)) needs z, or the output
    itself in place of σ(z)."""
    act = _ACT[activation]
    return _norms(_layer_gradients(activation, depth, width, rng, slope=lambda a: _SLOPE[activation](act(a))))


@mistake("layer_gradient_norms")
def derivative_of_the_input(activation, depth, width, rng):
    """A layer's slope is taken from the values of the layer below it. Which output belongs to which layer?"""
    outputs, weights = _forward(activation, depth, width, rng)
    d_a, found = outputs[-1] / 32, []
    for layer in reversed(range(depth)):
        d_z = d_a * _SLOPE[activation](outputs[layer])
        found.append(outputs[layer].T @ d_z)
        d_a = d_z @ weights[layer].T
    return _norms(found[::-1])


@mistake("layer_gradient_norms")
def output_for_input(activation, depth, width, rng):
    """A layer's weights are blamed for the layer's output. They multiplied its input."""
    return _norms(
        _layer_gradients(activation, depth, width, rng, product=lambda outputs, layer, d_z: outputs[layer + 1].T @ d_z)
    )


@mistake("layer_gradient_norms")
def missing_transpose_on_the_way(activation, depth, width, rng):
    """On the way back the weights are used as on the way forward. There a row belongs to an input: and back?"""
    return _norms(_layer_gradients(activation, depth, width, rng, back=lambda d_z, W: d_z @ W))


@mistake("layer_gradient_norms")
def weights_after_their_layer(activation, depth, width, rng):
    """Blame goes back through the wrong layer's weights. Which W stands between layer l − 1 and layer l?"""
    outputs, weights = _forward(activation, depth, width, rng)
    d_a, found = outputs[-1] / 32, []
    for layer in reversed(range(depth)):
        d_z = d_a * _SLOPE[activation](outputs[layer + 1])
        found.append(outputs[layer].T @ d_z)
        d_a = d_z @ weights[layer - 1].T
    return _norms(found[::-1])


@mistake("layer_gradient_norms")
def forgets_mean(activation, depth, width, rng):
    """All norms are 32 times too large: what is the loss divided by?"""
    return _norms(_layer_gradients(activation, depth, width, rng, start=1.0))


@mistake("layer_gradient_norms")
def wrong_share(activation, depth, width, rng):
    """All norms are off by one factor: the loss is ½ · Σ a² / 32. What is its slope by a?"""
    return _norms(_layer_gradients(activation, depth, width, rng, start=2 / 32))


half_share = also(wrong_share, lambda *given: _norms(_layer_gradients(*given, start=0.5 / 32)))
mean_over_all_entries = also(wrong_share, lambda *given: _norms(_layer_gradients(*given, start=1 / (32 * given[2]))))
mean_over_width = also(wrong_share, lambda *given: _norms(_layer_gradients(*given, start=1 / given[2])))


@mistake("layer_gradient_norms")
def starts_with_the_loss(activation, depth, width, rng):
    """The walk starts with the loss ½a² / 32 of each entry. It should start with its slope: how fast does ½a² grow?"""
    return _norms(_layer_gradients(activation, depth, width, rng, start=lambda a: a * a / 64))


starts_with_squares = also(
    starts_with_the_loss, lambda *given: _norms(_layer_gradients(*given, start=lambda a: a * a / 32))
)


@mistake("layer_gradient_norms")
def slope_is_not_the_output(activation, depth, width, rng):
    """You start the walk with ones. The loss is made of squares: what is the slope of ½a² by a?"""
    return _norms(_layer_gradients(activation, depth, width, rng, start=lambda a: np.ones_like(a) / 32))


starts_with_ones = also(slope_is_not_the_output, lambda *given: _norms(_layer_gradients(*given, start=np.ones_like)))


@mistake("layer_gradient_norms")
def weights_not_scaled(activation, depth, width, rng):
    """The weights are N(0, 1) as drawn. By what does the exercise multiply them?"""
    return _norms(_layer_gradients(activation, depth, width, rng, scale=1.0))


@mistake("layer_gradient_norms")
def scaled_by_width(activation, depth, width, rng):
    """The weights are scaled, but not by 1/√width."""
    return _norms(_layer_gradients(activation, depth, width, rng, scale=1 / width))


scaled_as_he = also(scaled_by_width, lambda *given: _norms(_layer_gradients(*given, scale=np.sqrt(2 / given[2]))))
scaled_up = also(scaled_by_width, lambda *given: _norms(_layer_gradients(*given, scale=np.sqrt(given[2]))))


@mistake("layer_gradient_norms")
def squared_norms(activation, depth, width, rng):
    """These are sums of squares. A length is the root of one."""
    return _norms(_layer_gradients(activation, depth, width, rng)) ** 2


@mistake("layer_gradient_norms")
def another_norm(activation, depth, width, rng):
    """The gradients are right, but their size is measured in another way. The exercise takes the root of the sum of all
    squares: `np.linalg.norm` without further arguments."""
    return np.array([np.linalg.norm(g, 2) for g in _layer_gradients(activation, depth, width, rng)])


norm_of_sums = also(another_norm, lambda *given: np.array([np.abs(g).sum() for g in _layer_gradients(*given)]))
norm_of_means = also(another_norm, lambda *given: np.array([np.abs(g).mean() for g in _layer_gradients(*given)]))
norm_of_largest = also(another_norm, lambda *given: np.array([np.abs(g).max() for g in _layer_gradients(*given)]))


@mistake("layer_gradient_norms")
def weights_drawn_first(activation, depth, width, rng):
    """The weights are drawn before x. The order of draws is part of the exercise."""
    drawn = [rng.normal(size=(width, width)) for _ in range(depth)]
    return _norms(_layer_gradients(activation, depth, width, _Given([rng.normal(size=(32, width)), *drawn])))


class _Given:
    """Hands out arrays in the place of a generator."""

    def __init__(self, arrays):
        self.arrays = list(arrays)

    def normal(self, size):
        return self.arrays.pop(0)


@mistake("layer_gradient_norms")
def one_matrix_for_all_layers(activation, depth, width, rng):
    """One matrix of weights is drawn and used in every layer. How many should be drawn?"""
    x, W = rng.normal(size=(32, width)), rng.normal(size=(width, width))
    return _norms(_layer_gradients(activation, depth, width, _Given([x, *[W] * depth])))


@mistake("layer_gradient_norms")
def one_layer_too_many(activation, depth, width, rng):
    """There is a layer too many. With depth 1 there is W_1 and no other."""
    return _norms(_layer_gradients(activation, depth + 1, width, rng))


@mistake("layer_gradient_norms", name="ignores_rng", seen_in=_FIRST_CALL)
def norms_ignore_rng(activation, depth, width, rng):
    """Nothing is drawn from the generator that you were given. Where do your random numbers come from?"""
    return _norms(_layer_gradients(activation, depth, width, np.random.default_rng()))


@mistake("layer_gradient_norms")
def last_layer_without_activation(activation, depth, width, rng):
    """The last layer goes without its activation. Here every layer has one."""
    outputs, weights = [rng.normal(size=(32, width))], []
    for layer in range(depth):
        weights.append(rng.normal(size=(width, width)) / np.sqrt(width))
        z = outputs[-1] @ weights[-1]
        outputs.append(_ACT[activation](z) if layer < depth - 1 else z)
    d_a, found = outputs[-1] / 32, []
    for layer in reversed(range(depth)):
        d_z = d_a * _SLOPE[activation](outputs[layer + 1]) if layer < depth - 1 else d_a
        found.append(outputs[layer].T @ d_z)
        d_a = d_z @ weights[layer].T
    return _norms(found[::-1])


@mistake("layer_gradient_norms", name="returns_nothing")
def norms_without_return(activation, depth, width, rng):
    """The norms are worked out and nothing is handed back: a function without a `return` gives None."""
    _forward(activation, depth, width, rng)


# --- interview_answer -------------------------------------------------------------------------------


@mistake("interview_answer")
def zero_is_neutral():
    """The answer that ends interviews. The first run above started "neutral": which of its weights ever moved?"""
    return "a"


@mistake("interview_answer")
def equal_gradients_that_move():
    """This is the answer of many tutorials, and it fits the *second* run: equal weights that are not zero. At zero, the
    blame itself is zero: through which weights would it reach the first layer?"""
    return "b"


@mistake("interview_answer")
def overflow():
    """Nothing overflows: at zero, all scores are zero, and softmax says 1/k for every class. Small numbers, no blame."""
    return "d"


@mistake("interview_answer")
def kink():
    """The ReLU has no slope at 0, true, but every library takes 0 there. Nothing becomes NaN. And with tanh, which
    has no kink, the start at zero is just as dead."""
    return "e"
