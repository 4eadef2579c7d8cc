"""Batch: grade a class, several submissions at a time, and hand over each as it is done.

A small class is graded right here. For a larger one Dask's workers do it: processes of this machine, or of a cluster
whose scheduler is named. They share no folder with us: what they need travels to them as data, once; a submission
travels as its files' bytes, and what came of it comes back as data. So nothing but this process touches the database.
"""

from __future__ import annotations

import contextlib
import io
import logging
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import dask
from distributed import CancelledError, Client, Future, LocalCluster, Security, WorkerPlugin, as_completed, get_worker
from distributed.worker import Worker

from autograder.errors import InputError
from autograder.grading.forkserver import ForkServer
from autograder.grading.grade import Assignment, GradedWork, failed, grade
from autograder.grading.kernels import FreshInterpreters, Kernels
from autograder.grading.parcel import Parcel, packed
from autograder.grading.runner import Limits
from autograder.grading.submissions import Submission
from autograder.key import load, save

# Starting workers costs as much as grading about this many submissions of a NumPy lesson.
SMALL_CLASS = 24
_TRIES = 3
_AHEAD = 3  # submissions that lie ready for each worker: more would only take memory
_START_SECONDS = 60
_GRADER = "autograder"


class SchedulerError(InputError):
    """The scheduler cannot be reached, or was lost; the sentence says what to do."""


@dataclass(frozen=True)
class Engine:
    """How a class is graded: the wall-clock limits, whether learner code is locked in, how many at a time, and where.

    `scheduler` is the address of a Dask cluster's scheduler; without it, this machine grades, `jobs` at a time.
    """

    limits: Limits
    sandbox: bool
    jobs: int
    scheduler: str | None = None


def grade_class(
    assignments: Sequence[Assignment], sent: Sequence[tuple[str, Submission]], engine: Engine
) -> Iterator[GradedWork]:
    """Grade what was `sent`, each for the notebook of that name, in the order in which they are done.

    Raises SchedulerError, also in the middle: what was handed over before is good.
    """
    jobs = min(engine.jobs, len(sent))
    if engine.scheduler is None and (jobs <= 1 or len(sent) <= SMALL_CLASS):
        return _grade_here(assignments, sent, engine)
    return _grade_on_workers(assignments, sent, replace(engine, jobs=jobs))


def kernels_for(assignment: Assignment, sandbox: bool) -> Kernels:
    """The source of processes for an assignment's notebooks."""
    return (ForkServer if sandbox else FreshInterpreters)(assignment.lesson_module, assignment.files)


class Grader:
    """Grades submissions to an assignment's notebooks, one after another, with kernels of its own."""

    def __init__(self, assignments: Sequence[Assignment], engine: Engine) -> None:
        self._assignments = {assignment.notebook: assignment for assignment in assignments}
        self._engine = engine
        self._kernels: dict[str, Kernels] = {}

    def grade(self, notebook: str, parcel: Parcel) -> GradedWork:
        """Grade one submission. Never raises: one at which we fail must not stop the others."""
        assignment = self._assignments[notebook]
        if notebook not in self._kernels:
            self._kernels[notebook] = kernels_for(assignment, self._engine.sandbox)
        try:
            return grade(assignment, parcel, self._kernels[notebook], self._engine.limits)
        except Exception as error:
            return failed(assignment, parcel, error)

    def close(self) -> None:
        """End what was started."""
        for kernels in self._kernels.values():
            kernels.close()


def _grade_here(
    assignments: Sequence[Assignment], sent: Sequence[tuple[str, Submission]], engine: Engine
) -> Iterator[GradedWork]:
    with contextlib.closing(Grader(assignments, engine)) as grader:
        for notebook, submission in sent:
            yield grader.grade(notebook, packed(submission))


# --- on workers --------------------------------------------------------------------------------------


def _grade_on_workers(
    assignments: Sequence[Assignment], sent: Sequence[tuple[str, Submission]], engine: Engine
) -> Iterator[GradedWork]:
    by_name = {assignment.notebook: assignment for assignment in assignments}
    under_way: dict[Future, tuple[str, Parcel]] = {}
    waiting = iter(sent)
    with _client(engine) as client:
        client.register_plugin(GraderPlugin(assignments, engine), name=_GRADER)

        def submit(many: int) -> Iterator[Future]:
            for notebook, submission in islice(waiting, many):
                parcel = packed(submission)
                future = client.submit(_grade_on_worker, notebook, parcel, pure=False)
                under_way[future] = notebook, parcel
                yield future

        workers = max(1, len(client.scheduler_info(n_workers=-1)["workers"]))
        done = as_completed(list(submit(_AHEAD * workers)))
        for future in done:
            notebook, parcel = under_way.pop(future)
            yield _outcome(future, by_name[notebook], parcel)
            done.update(list(submit(1)))


def _outcome(future: Future, assignment: Assignment, parcel: Parcel) -> GradedWork:
    """What a worker found. A submission under which workers died three times is not graded: that may be our fault."""
    try:
        return future.result()
    except CancelledError:
        raise SchedulerError(
            "The Dask scheduler was lost. What was graded before is kept: run the same command again to go on."
        ) from None
    except Exception:
        return failed(assignment, parcel, RuntimeError(f"the process that graded it was lost {_TRIES} times"))


@contextlib.contextmanager
def _client(engine: Engine) -> Iterator[Client]:
    """A client of the named scheduler, or of workers of this machine that only we can reach."""
    settings = {
        "distributed.scheduler.allowed-failures": _TRIES - 1,
        "distributed.scheduler.work-stealing": False,  # all submissions cost about the same
        "distributed.admin.large-graph-warning-threshold": "1TB",  # a submission may be large, and nobody can help it
        "distributed.worker.daemon": False,  # workers have processes of their own
        "distributed.logging.distributed": "critical",
        "distributed.comm.timeouts.connect": f"{_START_SECONDS}s",
    }
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what it has to say, we say
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="autograder-workers-"))
        stack.enter_context(dask.config.set({**settings, "temporary-directory": folder}))
        yield stack.enter_context(_connected(engine) if engine.scheduler else _local_workers(engine.jobs, stack))


def _connected(engine: Engine) -> Client:
    try:
        return Client(engine.scheduler, timeout=_START_SECONDS)
    except (OSError, ValueError) as error:
        raise SchedulerError(f"No Dask scheduler answers at {engine.scheduler}: {error}") from None


def _local_workers(jobs: int, stack: contextlib.ExitStack) -> Client:
    """Whoever can reach a scheduler can run code as its owner: other users of this machine cannot, with a certificate."""
    cluster = LocalCluster(
        n_workers=jobs, threads_per_worker=1, memory_limit=None, dashboard_address=None,
        security=Security.temporary(), silence_logs=logging.CRITICAL,
    )  # fmt: skip
    return Client(stack.enter_context(cluster))


def _grade_on_worker(notebook: str, parcel: Parcel) -> GradedWork:
    plugin = get_worker().plugins[_GRADER]
    assert isinstance(plugin, GraderPlugin)
    return plugin.grader.grade(notebook, parcel)


class GraderPlugin(WorkerPlugin):
    """Gives each worker a grader of its own, with its own warm interpreter, and all that it needs as data."""

    name = _GRADER

    def __init__(self, assignments: Sequence[Assignment], engine: Engine) -> None:
        self._sealed = [_Sealed.of(assignment) for assignment in assignments]
        self._engine = engine

    def setup(self, worker: Worker) -> None:
        """Unpack it."""
        self._folder = tempfile.TemporaryDirectory(prefix="autograder-files-", dir=worker.local_directory)
        folder = Path(self._folder.name)
        self.grader = Grader([sealed.open(folder) for sealed in self._sealed], self._engine)

    def teardown(self, worker: Worker) -> None:
        """End the warm interpreter."""
        self.grader.close()
        self._folder.cleanup()


@dataclass(frozen=True)
class _Sealed:
    """An assignment that can travel: its keys and files as bytes."""

    assignment: Assignment
    keys: Mapping[str, bytes] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, assignment: Assignment) -> _Sealed:
        keys = {}
        for name, key in assignment.keys.items():
            save(key, buffer := io.BytesIO())
            keys[name] = buffer.getvalue()
        files = {name: path.read_bytes() for name, path in assignment.files.items()}
        return cls(replace(assignment, keys={}, files={}), keys, files)

    def open(self, folder: Path) -> Assignment:
        """The assignment, with its files below `folder`."""
        files = {name: folder / self.assignment.notebook / name for name in self.files}
        for name, path in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.files[name])
        return replace(self.assignment, keys={name: load(data) for name, data in self.keys.items()}, files=files)
