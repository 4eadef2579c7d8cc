"""Ready: whether the learner has written what a demonstration is about to use."""

from __future__ import annotations

from autograder.check import examine, namespace_of_caller
from autograder.verdict import Status


def ready(*names: str) -> bool:
    """Whether these exercises are written (right or not). Says in one sentence what is missing where they are not.

    Demonstrations begin with it, so that "run all" goes on where an exercise is still to be written.
    """
    namespace = namespace_of_caller()
    missing = [name for name in names if examine(name, namespace).status is Status.NOT_ATTEMPTED]
    if missing:
        print(
            f"This cell shows something with your {_listed(missing)}. Come back when {'it is' if len(missing) == 1 else 'they are'} written."
        )
    return not missing


def _listed(names: list[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
