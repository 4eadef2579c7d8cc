"""Ready: whether the learner has written what a demonstration is about to use."""

from __future__ import annotations

from autograder.check import examine, namespace_of_caller
from autograder.verdict import Status


def ready(*names: str) -> bool:
    """Whether these exercises are written (right or not). Says in a sentence what is missing, or not right yet.

    Demonstrations begin with it, so that "run all" goes on where an exercise is still to be written.
    """
    namespace = namespace_of_caller()
    found = {name: examine(name, namespace).status for name in names}
    if missing := [name for name in names if found[name] is Status.NOT_ATTEMPTED]:
        print(
            f"This cell shows something with your {_listed(missing)}. Come back when {'it is' if len(missing) == 1 else 'they are'} written."
        )
    elif wrong := [name for name in names if found[name] in (Status.WRONG, Status.ERROR)]:
        print(
            f"Your {_listed(wrong)} {'is' if len(wrong) == 1 else 'are'} not right yet, so this may not be what the text says."
        )
    return not missing


def _listed(names: list[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
