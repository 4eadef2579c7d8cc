"""Intake: from what one learner sent to the notebook that is graded. Where there are several files, which is meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nbformat import NotebookNode

from autograder.grading.graft import graft
from autograder.grading.grafted import ANSWERS, Grafted, role_of
from autograder.grading.parcel import Parcel
from autograder.grading.reading import Reading, RejectedError, parse, shown
from autograder.grading.submissions import likeness

_MOST_PROBLEMS = 30
_MOST_CHARACTERS = 600


@dataclass(frozen=True)
class _Candidate:
    name: str
    grafted: Grafted


def take_in(given: NotebookNode, notebook: str, parcel: Parcel) -> Grafted:
    """The learner's work in the given notebook, called `notebook`. Raises RejectedError where nobody could find it.

    The `problems` are all that had to be mended, in the submission's folder, in the file and in its cells.
    """
    if not parcel.files:
        raise RejectedError(parcel.problems[-1])
    candidates, refusals = [], []
    for name, content in parcel.files.items():
        try:
            candidates.append(_Candidate(name, _grafted(given, _read(name, content))))
        except RejectedError as error:
            refusals.append(str(error))
    if not candidates:
        raise RejectedError(refusals[0])
    meant = _meant(candidates, notebook)
    chosen = _choice_problems(meant, candidates, list(parcel.files), notebook)
    problems = [*parcel.problems, *chosen, *meant.grafted.problems]
    return replace(meant.grafted, problems=_bounded(problems))


def _read(name: str, content: bytes | str) -> Reading:
    if isinstance(content, str):
        raise RejectedError(content)
    return parse(content, from_script=name.lower().endswith(".py"))


def _grafted(given: NotebookNode, reading: Reading) -> Grafted:
    """The cells of one file in the given notebook. Raises RejectedError where what matters of it is lost."""
    grafted = graft(given, reading.cells)
    to_answer = [cell for cell in given.cells if role_of(cell) in ANSWERS]
    if to_answer and len(grafted.missing) == len(to_answer):
        raise RejectedError(
            "None of the notebook's exercises is in it: is it the right notebook? Send the one of this assignment."
        )
    if reading.damaged and grafted.missing:
        names = ", ".join(grafted.missing)
        raise RejectedError(
            f"The file is damaged, and nothing can be read of {names}. Save the notebook and send it again."
        )
    if reading.left_out and (empty := [name for name, text in grafted.written.items() if not text.strip()]):
        raise RejectedError(f"{' '.join(reading.problems)} That was the answer to {', '.join(empty)}; make it shorter.")
    if reading.damaged and grafted.undefined:
        names = ", ".join(grafted.undefined)
        raise RejectedError(
            f"The file is damaged, and answers need what cannot be read any more ({names}). "
            "Save the notebook and send it again."
        )
    return replace(grafted, problems=(*reading.problems, *grafted.problems))


def _meant(candidates: Sequence[_Candidate], notebook: str) -> _Candidate:
    """The one of several files that is meant: well named, or further on than all others. Raises RejectedError."""
    begun = [one for one in candidates if one.grafted.written] or list(candidates)
    best = min(likeness(Path(one.name), notebook) for one in begun)
    alike = [one for one in begun if likeness(Path(one.name), notebook) == best]
    if best == 0 or len(alike) == 1:
        return alike[0]
    for one in alike:
        if all(_goes_on_from(one.grafted, other.grafted) for other in alike):
            return one
    names = ", ".join(shown(Path(one.name).name) for one in alike)
    raise RejectedError(
        f"{names} hold different answers, and none is called {notebook}.ipynb; send the one that is meant."
    )


def _goes_on_from(one: Grafted, other: Grafted) -> bool:
    """Whether a notebook holds all the answers that another one holds."""
    return other.written.items() <= one.written.items()


def _choice_problems(
    meant: _Candidate, candidates: Sequence[_Candidate], names: Sequence[str], notebook: str
) -> Iterator[str]:
    """What has to be said of the file that was chosen, its name and the others; `names` are those of all files."""
    if meant.name != f"{notebook}.ipynb":
        yield f"The notebook is called {shown(meant.name)}; it was taken for {notebook}.ipynb."
    if others := ", ".join(shown(name) for name in names if name != meant.name):
        why = _why(meant, candidates, names[0])
        yield f"There were other files as well ({others}); {shown(meant.name)} was graded{why}."


def _why(meant: _Candidate, candidates: Sequence[_Candidate], best_named: str) -> str:
    """Why a file was chosen that has not the best name."""
    if meant.name == best_named:
        return ""
    first = next((one for one in candidates if one.name == best_named), None)
    if first is None:
        return ", for the first of them cannot be read"
    return (
        ", which holds all that they hold, and more"
        if first.grafted.written
        else ", for only there is something to grade"
    )


def _bounded(problems: Sequence[str]) -> tuple[str, ...]:
    """Each sentence once and not too long, and not too many of them."""
    once = [one if len(one) <= _MOST_CHARACTERS else f"{one[:_MOST_CHARACTERS]}…" for one in dict.fromkeys(problems)]
    more = len(once) - _MOST_PROBLEMS
    return (*once[:_MOST_PROBLEMS], f"There are {more} more such remarks.") if more > 0 else tuple(once)
