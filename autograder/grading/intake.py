"""Intake: from what one learner sent to the notebook that is graded. Where there are several files, which is meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nbformat import NotebookNode

from autograder.grading.graft import graft
from autograder.grading.grafted import ANSWERS, Grafted, role_of
from autograder.grading.reading import Reading, RejectedError, read_notebook, shown
from autograder.grading.submissions import Submission, likeness

_MOST_CANDIDATES = 8
_MOST_PROBLEMS = 30
_MOST_CHARACTERS = 600


@dataclass(frozen=True)
class _Candidate:
    path: Path
    grafted: Grafted


def take_in(given: NotebookNode, notebook: str, submission: Submission) -> Grafted:
    """The learner's work in the given notebook, called `notebook`. Raises RejectedError where nobody could find it.

    The `problems` are all that had to be mended, in the submission's folder, in the file and in its cells.
    """
    if submission.path is None:
        raise RejectedError(submission.problems[-1])
    candidates, refusals = [], {}
    for path in (submission.path, *submission.others)[:_MOST_CANDIDATES]:
        try:
            candidates.append(_Candidate(path, _grafted(given, read_notebook(path))))
        except RejectedError as error:
            refusals[path] = str(error)
    if not candidates:
        raise RejectedError(refusals[submission.path])
    meant = _meant(candidates, notebook)
    chosen = _choice_problems(meant, candidates, submission, notebook)
    problems = [*submission.problems, *chosen, *meant.grafted.problems]
    return replace(meant.grafted, problems=_bounded(problems))


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
    best = min(likeness(one.path, notebook) for one in begun)
    alike = [one for one in begun if likeness(one.path, notebook) == best]
    if best == 0 or len(alike) == 1:
        return alike[0]
    for one in alike:
        if all(_goes_on_from(one.grafted, other.grafted) for other in alike):
            return one
    names = ", ".join(shown(one.path.name) for one in alike)
    raise RejectedError(
        f"{names} hold different answers, and none is called {notebook}.ipynb; send the one that is meant."
    )


def _goes_on_from(one: Grafted, other: Grafted) -> bool:
    """Whether a notebook holds all the answers that another one holds."""
    return other.written.items() <= one.written.items()


def _choice_problems(
    meant: _Candidate, candidates: Sequence[_Candidate], submission: Submission, notebook: str
) -> Iterator[str]:
    """What has to be said of the file that was chosen, its name and the others."""
    where = str(meant.path.relative_to(submission.folder))
    if where != f"{notebook}.ipynb":
        yield f"The notebook is called {shown(where)}; it was taken for {notebook}.ipynb."
    paths = [path for path in (submission.path, *submission.others) if path is not None and path != meant.path]
    if paths:
        names = ", ".join(shown(str(path.relative_to(submission.folder))) for path in paths[:_MOST_CANDIDATES])
        yield f"There were other files as well ({names}); {shown(where)} was graded{_why(meant, candidates, submission)}."


def _why(meant: _Candidate, candidates: Sequence[_Candidate], submission: Submission) -> str:
    """Why a file was chosen that has not the best name."""
    if meant.path == submission.path:
        return ""
    first = next((one for one in candidates if one.path == submission.path), None)
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
