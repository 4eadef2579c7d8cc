"""Workers: Dask grades a large class, in processes of this machine or of a cluster whose scheduler is named.

Workers share no folder with us: what they need travels to them as data, once; a submission travels as its files' bytes,
and what came of it comes back as data. So nothing but this process touches the database.
"""

from __future__ import annotations

import contextlib
import logging
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

import dask
from distributed import (
    CancelledError,
    Client,
    Future,
    KilledWorker,
    LocalCluster,
    Security,
    WorkerPlugin,
    as_completed,
    get_worker,
)
from distributed.worker import Worker

from autograder.errors import InputError
from autograder.grading.grade import Assignment, GradedWork, failed
from autograder.grading.grader import Engine, Grader
from autograder.grading.parcel import Parcel, packed
from autograder.grading.submissions import Submission
from autograder.key import load, to_bytes

_TRIES = 3
_AHEAD = 3  # submissions that lie ready for each worker: more would only take memory
_START_SECONDS = 60  # for workers of our own to come up
_ANSWER_SECONDS = 15  # for a scheduler that somebody named: it runs, or it does not
_GRADER = "autograder"
_LOST = "The Dask scheduler was lost. What was graded before is kept: run the same command again to go on."

_NOT_STARTED = "Dask cannot start its workers ({}) Grade with --jobs 1."
T = TypeVar("T")


class SchedulerError(InputError):
    """The scheduler cannot be reached, or was lost; the sentence says what to do."""


def grade_on_workers(
    assignments: Sequence[Assignment], sent: Sequence[tuple[str, Submission]], engine: Engine
) -> Iterator[GradedWork]:
    """Grade what was `sent`, in the order in which they are done. Raises SchedulerError, at any time."""
    by_name = {assignment.notebook: assignment for assignment in assignments}
    under_way: dict[Future, tuple[str, Parcel]] = {}
    waiting = iter(sent)
    with _client(engine) as client:
        _equip(client, GraderPlugin(assignments, engine))

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


def _equip(client: Client, plugin: GraderPlugin) -> None:
    """Give each worker its grader. Where one is killed meanwhile, all are given it again; the one that replaces it has it."""
    _tried(lambda: client.register_plugin(plugin, name=_GRADER), OSError, _LOST)


def _tried(act: Callable[[], T], failure: type[Exception], sentence: str) -> T:
    """What `act` gives. It is tried again where a worker was killed meanwhile, and at last SchedulerError says so."""
    for _ in range(_TRIES - 1):
        with contextlib.suppress(failure):
            return act()
    try:
        return act()
    except failure as error:
        raise SchedulerError(sentence.format(error)) from None


def _outcome(future: Future, assignment: Assignment, parcel: Parcel) -> GradedWork:
    """What a worker found. A submission under which workers died three times is not graded: that may be our fault."""
    try:
        return future.result()
    except (CancelledError, OSError):  # results come by way of the scheduler; OSError: one that was done never arrived
        raise SchedulerError(_LOST) from None
    except KilledWorker:
        return failed(assignment, parcel, RuntimeError(f"the process that graded it was lost {_TRIES} times"))
    except Exception as error:
        return failed(assignment, parcel, error)


@contextlib.contextmanager
def _client(engine: Engine) -> Iterator[Client]:
    """A client of the named scheduler, or of workers of this machine that only we can reach."""
    settings = {
        "distributed.scheduler.allowed-failures": _TRIES - 1,
        "distributed.scheduler.work-stealing": False,  # all submissions cost about the same
        "distributed.admin.large-graph-warning-threshold": "1TB",  # a submission may be large, and nobody can help it
        "distributed.worker.daemon": False,  # workers have processes of their own
        "distributed.worker.profile.enabled": False,  # looks at what runs a hundred times a second, for pages that we have not
        "distributed.logging.distributed": "critical",
        "distributed.comm.timeouts.connect": f"{_START_SECONDS}s",
        "distributed.scheduler.http.routes": [],  # pages that any user of this machine could read
        "distributed.worker.http.routes": [],
    }
    for logger in ("distributed", "distributed.client"):  # what they have to say, we say
        logging.getLogger(logger).setLevel(logging.CRITICAL)
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="autograder-workers-"))
        stack.enter_context(dask.config.set({**settings, "temporary-directory": folder}))
        yield stack.enter_context(_connected(engine) if engine.scheduler else _local_workers(engine.jobs, stack))


def _connected(engine: Engine) -> Client:
    try:
        return Client(engine.scheduler, timeout=_ANSWER_SECONDS)
    except (OSError, ValueError) as error:
        raise SchedulerError(f"No Dask scheduler answers at {engine.scheduler}: {error}") from None


def _local_workers(jobs: int, stack: contextlib.ExitStack) -> Client:
    """A client of workers of this machine. One of them may be killed while they start: they are started again."""
    cluster = _tried(lambda: _local_cluster(jobs), RuntimeError, _NOT_STARTED)
    return Client(stack.enter_context(cluster))


def _local_cluster(jobs: int) -> LocalCluster:
    """Whoever can reach a scheduler can run code as its owner: other users of this machine cannot, with a certificate."""
    return LocalCluster(
        n_workers=jobs, threads_per_worker=1, memory_limit=None,
        dashboard_address=None, scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
        security=Security.temporary(), silence_logs=logging.CRITICAL,
    )  # fmt: skip


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
        keys = {name: to_bytes(key) for name, key in assignment.keys.items()}
        files = {name: path.read_bytes() for name, path in assignment.files.items()}
        return cls(replace(assignment, keys={}, files={}), keys, files)

    def open(self, folder: Path) -> Assignment:
        """The assignment, with its files below `folder`."""
        files = {name: folder / self.assignment.notebook / name for name in self.files}
        for name, path in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.files[name])
        return replace(self.assignment, keys={name: load(data) for name, data in self.keys.items()}, files=files)
