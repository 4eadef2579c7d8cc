"""Drill: the cell magic `%%drill NAME`, to type the lines of the training loop from memory until the hands know them.

A cell that is right is run, and counts as a repetition; where it is not, the first token that differs is shown. It asks for
the next drill itself, so that hands stay on the keyboard. Nothing of it is graded. `%load_ext autograder` makes it known.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np

from autograder import card
from autograder.logbook import Drilled, Logbook, open_logbook, read_logbook, today
from autograder.typed import first_difference, is_blank, is_the_same, laid_out, with_body


@dataclass(frozen=True)
class Drill:
    """Something to type: `target` is the code, `says` puts it in words, and `reps` is how often it is typed in all.

    A hidden one shows its words only: it is typed without looking.
    """

    name: str
    target: str
    says: str
    reps: int
    hidden: bool = False


_GRADIENT = "error = predictions - y\ngradient = np.dot(X.T, error) / len(y)"
_PATTERNS = {
    "initialization": (
        "weights = np.random.randn(n_features)\nlearning_rate = 0.01\nnum_epochs = 100",
        "Where the loop starts: random weights (as tutorials draw them; lesson 01, §1), a rate, a number of epochs.",
    ),
    "forward_pass": ("predictions = np.dot(X, weights)", "What the model says of each row of `X`."),
    "loss": ("loss = np.mean((predictions - y) ** 2)", "One number that says how wrong the predictions are."),
    "gradient": (_GRADIENT, "For each weight, which way is up, in two lines: the gradient of ½·MSE (lesson 01, §9)."),
    "weight_update": ("weights = weights - learning_rate * gradient", "A small step the other way."),
    "complete_loop": (
        "for epoch in range(num_epochs):\n"
        "    predictions = np.dot(X, weights)\n"
        "    loss = np.mean((predictions - y) ** 2)\n"
        "    error = predictions - y\n"
        "    gradient = np.dot(X.T, error) / len(y)\n"
        "    weights = weights - learning_rate * gradient",
        "The four steps, round and round.",
    ),
}
_RAPID_LINES = (
    (
        "weights = np.random.randn(n_features)",
        "Make `weights`: as many standard normal numbers as there are features (`n_features`), by NumPy's `random.randn`.",
    ),
    ("predictions = np.dot(X, weights)", "Make `predictions` of `X` and `weights`, by NumPy's `dot`."),
    (
        "loss = np.mean((predictions - y) ** 2)",
        "Make `loss`: by NumPy, the mean of the squares of `predictions` minus `y`. Square with `**`.",
    ),
    ("error = predictions - y", "Make `error`: by how much `predictions` lie above `y`."),
    (
        "gradient = np.dot(X.T, error) / len(y)",
        "Make `gradient`: by NumPy's `dot`, the columns of `X` times `error`; divided by how many targets `y` has.",
    ),
    (
        "weights = weights - learning_rate * gradient",
        "Make the new `weights`: from the old ones, a step of `learning_rate` against the `gradient`. Without `-=`.",
    ),
    (
        "for epoch in range(num_epochs):",
        "Begin the loop: `num_epochs` rounds, each called `epoch`. Only this line, nothing inside.",
    ),
)

DRILLS: Mapping[str, Drill] = {
    **{name: Drill(name, target, says, 5) for name, (target, says) in _PATTERNS.items()},
    **{
        f"rapid_{number}": Drill(f"rapid_{number}", target, says, 3, hidden=True)
        for number, (target, says) in enumerate(_RAPID_LINES, 1)
    },
}
"""All drills by name: the six patterns, then the seven rapid-fire lines."""

_STEPS = ("rapid_2", "rapid_3", "rapid_6")  # lesson 00 names these: forward, loss, update
_REST = ("rapid_1", "rapid_4", "rapid_5", "rapid_7")
SCHEDULE: Mapping[int, tuple[str, ...]] = {
    0: _STEPS,
    1: (*_PATTERNS, *_REST),
    2: (*_PATTERNS, *_STEPS),
    3: (*_PATTERNS, *_REST),
    4: (*_PATTERNS, *_STEPS),
    5: (*_PATTERNS, *_REST),
    8: tuple(DRILLS),
    10: tuple(DRILLS),
}
"""The drills of each lesson, by its number: one repetition each. Lessons 08 and 10 bring all of them back."""


def due(reps: Mapping[str, int], lesson: int) -> list[str]:
    """The names of the drills still to be typed in the lessons up to number `lesson`, in their order.

    `reps` is how often each was typed so far. A drill that is several repetitions behind is named once.
    """
    planned: Counter[str] = Counter()
    names: dict[str, None] = {}
    for number in sorted(SCHEDULE):
        for name in SCHEDULE[number] if number <= lesson else ():
            planned[name] += 1
            if planned[name] > reps.get(name, 0):
                names[name] = None
    return list(names)


def register(shell: Any) -> None:
    """Make `%%drill` known to an IPython shell."""
    shell.register_magic_function(lambda line, cell: _drill(shell, line, cell), "cell", "drill")
    shell.input_transformers_cleanup.append(_in_form)


_MAGIC = re.compile(r"(?P<above>|(?!%%)[^'\"#]*?)(?P<magic>%%drill\b.*)(?P<below>[\s\S]*)")


def _in_form(lines: list[str]) -> list[str]:
    """A drill cell as IPython wants it: the magic first, and something below it.

    Who presses Enter in a cell whose text was replaced stands before `%%drill` in JupyterLab, and types there.
    """
    found = _MAGIC.match("".join(lines))
    if found is None:
        return lines
    return [found["magic"] + "\n", *f"{found['above']}{found['below']}\n".splitlines(keepends=True)]


def _drill(shell: Any, line: str, typed: str) -> None:
    """Answer one drill cell: `line` is what stands behind `%%drill`, `typed` what stands below. Never raises."""
    name, *words = line.split() or [""]
    if name not in DRILLS:
        _show_names(name)
    elif is_blank(typed):
        _show_task(DRILLS[name], look="show" in words)
    elif is_the_same(typed, DRILLS[name].target):
        _take(shell, DRILLS[name], f"{line.strip()}\n{laid_out(typed)}")
    else:
        _show_difference(DRILLS[name], typed)


# --- what is said -----------------------------------------------------------------------------------


_KEYS = "Keys: Enter, ↓, type, Ctrl + Enter."
_TASK = card.Look("→", "Drill", card.BLUE)
_RIGHT = card.Look("✓", "Counted", card.GREEN)
_AGAIN = card.Look("✓", "Right", card.GREEN)
_WRONG = card.Look("✗", "Not yet", card.RED)
_UNKNOWN = card.Look("?", "No such drill", card.AMBER)


def _show(look: card.Look, name: str, aside: str, lines: Sequence[str | card.Code]) -> None:
    card.show(card.note_html(look, name, aside, lines), card.note_text(look, name, aside, lines))


def _how_often(drill: Drill, reps: Mapping[str, int]) -> str:
    done = reps.get(drill.name, 0)
    more = f" and {done - drill.reps} more" if done > drill.reps else ""
    return f"{min(done, drill.reps)} of {drill.reps} reps{more}"


def _show_names(name: str) -> None:
    """There is no such drill: which one may be meant, or which there are."""
    close = get_close_matches(name, DRILLS, n=1)
    there = f"Did you mean `{close[0]}`?" if close else f"The drills are: {_listed(DRILLS)}."
    said = f"There is no drill called `{name}`. {there}" if name else f"Which drill? {there}"
    _show(_UNKNOWN, name or "?", "nothing was counted", [said, "Next: write its name behind `%%drill`."])


def _task(drill: Drill, *, look: bool = False) -> list[str | card.Code]:
    """What to type. A hidden line is only described, unless it is asked for."""
    if drill.hidden and not look:
        return [drill.says, f"From memory, please. If it does not come: `%%drill {drill.name} show`"]
    return [drill.says, card.Code(drill.target, "What to type")]


def _show_task(drill: Drill, *, look: bool) -> None:
    lines = [*_task(drill, look=look), f"Next: type it below the first line. {_KEYS}"]
    _show(_TASK, drill.name, _how_often(drill, _reps(read_logbook())), lines)


def _show_difference(drill: Drill, typed: str) -> None:
    """The first token that differs, in the line that was typed. It is not run, and costs nothing."""
    difference = first_difference(typed, drill.target)
    question = f"`%%drill {drill.name} show`" if drill.hidden else f"`%%drill {drill.name}`, alone in the cell,"
    lines: list[str | card.Code] = [
        card.Code(difference.caret, "Your line, and carets below what differs"),
        difference.says,
        f"Next: change it there and run the cell again. ({question} shows what to type.)",
    ]
    _show(_WRONG, drill.name, _how_often(drill, _reps(read_logbook())), lines)


def _take(shell: Any, drill: Drill, text: str) -> None:
    """A cell that is right: run it, count it, and put the next drill into the cell, where the front end lets us."""
    made = _run(drill, shell.user_ns)
    counted, reps = _count(drill, text, _cell_id(shell))
    lines: list[str | card.Code] = [made]
    if not counted:
        lines.append("This very text was counted in this cell before, so it does not count again.")
    if following := _next(drill.name, reps):
        first_line = f"%%drill {following} {reps.get(following, 0) + 1}"
        lines += [f"Next: `{first_line}`, in this cell (the number only counts).", *_task(DRILLS[following]), _KEYS]
        shell.set_next_input(f"{first_line}\n", replace=True)
    else:
        lines.append("Next: go on with the lesson. No drill is due in it now.")
        first_line = f"%%drill {drill.name} {reps[drill.name] + 1}"
        shell.set_next_input(
            f"{first_line}\n# No drill is due in this lesson now. To go on all the same, type here.\n", replace=True
        )
    _show(_RIGHT if counted else _AGAIN, drill.name, _how_often(drill, reps), lines)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


# --- what is counted --------------------------------------------------------------------------------


def _reps(book: Logbook) -> dict[str, int]:
    return {name: drilled.reps for name, drilled in book.drills.items()}


def _count(drill: Drill, text: str, cell_id: str | None) -> tuple[bool, dict[str, int]]:
    """Count a repetition, unless `text` is what was counted last in this cell: then it was only run again.

    Gives whether it was counted, and all repetitions.
    """
    with open_logbook() as book:
        only_run_again = cell_id is not None and book.drill_cells.get(cell_id) == text
        if not only_run_again:
            drilled = book.drills.setdefault(drill.name, Drilled())
            drilled.reps += 1
            drilled.date = today()
            if cell_id is not None:
                book.drill_cells[cell_id] = text
    return not only_run_again, _reps(book)


def _cell_id(shell: Any) -> str | None:
    """What the front end calls the cell that runs; None where it does not say."""
    parent = getattr(shell, "parent_header", None)  # the whole request, in spite of its name
    metadata = parent.get("metadata") if isinstance(parent, dict) else None
    cell_id = metadata.get("cellId") if isinstance(metadata, dict) else None
    return cell_id if isinstance(cell_id, str) else None


def _next(name: str, reps: Mapping[str, int]) -> str:
    """The drill that comes after `name` among those that are due in this lesson, "" where none is."""
    waiting = due(reps, _lesson_here(reps))
    names = list(DRILLS)
    after = names.index(name) + 1
    return next((other for other in names[after:] + names[:after] if other in waiting), "")


def _lesson_here(reps: Mapping[str, int]) -> int:
    """The number of the lesson that this notebook is; where its folder does not say, the first that has drills due."""
    folder = re.match(r"(\d\d)_", Path.cwd().name)
    if folder:
        return int(folder[1])
    return next((lesson for lesson in SCHEDULE if due(reps, lesson)), max(SCHEDULE))


# --- what is run ------------------------------------------------------------------------------------


def _run(drill: Drill, namespace: dict[str, Any]) -> str:
    """Run what was typed, so that its names exist afterwards; says what they are now.

    Where the notebook has not what the line needs, it is run on a small example. A function is never replaced.
    """
    try:
        after, why = _after(drill, namespace), ""
    except NameError as error:
        after = _after(drill, _example())
        why = f"This notebook has no `{error.name}` now{_made_by(error.name)}, so it ran on a small example. "
    except Exception as error:
        after = _after(drill, _example())
        why = f"With the names of this notebook it stops ({type(error).__name__}): it ran on a small example. "
    kept = [name for name in _assigned(drill) if callable(namespace.get(name))]
    made = {name: after[name] for name in _assigned(drill) if name not in kept}
    namespace.update(made)
    if kept:
        why += f"Your function {_listed(kept)} stays as it is. "
    return why + "".join(f"`{name}` is {_described(value)}. " for name, value in made.items()).rstrip()


def _after(drill: Drill, namespace: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a namespace in which the drill was run. NumPy keeps its warnings to itself."""
    scratch = dict(namespace)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        exec(compile(with_body(drill.target), f"<{drill.name}>", "exec"), scratch)
    return scratch


def _example() -> dict[str, Any]:
    """Everything that the patterns need, each made by the ones before it: four rows, two features."""
    X = np.array([[1.0, 2.0], [2.0, 0.0], [3.0, 1.0], [0.0, 1.0]])
    namespace: dict[str, Any] = {"np": np, "X": X, "y": X @ np.array([2.0, 3.0]), "n_features": 2}
    for name in _PATTERNS:
        namespace = _after(DRILLS[name], namespace)
    return namespace


def _assigned(drill: Drill) -> list[str]:
    nodes = ast.walk(ast.parse(with_body(drill.target)))
    names = (node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    return list(dict.fromkeys(names))


def _made_by(name: str | None) -> str:
    makers = [other for other in _PATTERNS if name in _assigned(DRILLS[other])]
    return f" (the drill `{makers[0]}` makes it)" if makers else ""


def _described(value: Any) -> str:
    return f"an array of shape {value.shape}" if np.ndim(value) else f"{value:.4g}"
