"""A pool of worker processes, asked like the store or federation they hold a copy of."""

from __future__ import annotations

import pickle
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import wait
from threading import Event, Lock, Thread
from typing import Any, Final, Protocol, Self

from ontology import CrashError

from ..engine.limits import current_limit, limited
from ..results import Result
from ..store import Store
from .answers import HeldResult
from .child import WRITE
from .memory import usual_size
from .process import NotAskedError, WorkerProcess
from .queue import FairQueue

_LOOK_S: Final = 1.0
_RETRY_S: Final = 2.0
_STOP_S: Final = 2.0
_PIECE: Final = 1 << 20


class Asked(Protocol):
    """What workers hold: it can be pickled, and answers queries."""

    def query(self, text: str, *, timeout: float | None = None) -> Result:
        """Answer a query."""


@dataclass(frozen=True, slots=True)
class PoolStatus:
    """How a pool does: processes there should be, those that are up, and those at work."""

    workers: int
    up: int
    busy: int
    waiting: int


class WorkerPool:
    """Answers queries in processes of their own.

    A query that does not stop at its deadline or holds too much memory is ended with its process,
    even inside one GEOS call; a new one takes its place in about a second. A process that dies
    fails its own query only.

    Parameters
    ----------
    asked : Store or Federation
        Each worker opens it for itself.
    workers : int
        How many queries run at once.
    memory : int, optional
        Bytes a query may hold beside what an idle worker does; DuckDB gets two thirds. By default
        3 GiB, or less on a small machine.
    queue : int
        How many queries may wait.
    patience : float
        Seconds they wait at most.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with WorkerPool(Store.create(folder + "/store"), workers=1) as pool:
    ...         pool.query("ASK {}", timeout=30).boolean
    True
    """

    def __init__(
        self,
        asked: Asked,
        *,
        workers: int,
        memory: int | None = None,
        queue: int = 64,
        patience: float = 30.0,
    ) -> None:
        self._asked = asked
        self._opening = pickle.dumps(asked)
        self._size = workers
        self._memory = memory or usual_size(workers)
        self._queue = FairQueue(queue, patience)
        self._writing = Lock()
        self._changing = Lock()
        self._workers: list[WorkerProcess] = []
        self._starting: list[WorkerProcess] = []
        self._ended: list[WorkerProcess] = []
        self._woken = Event()
        self._first = Event()
        self._closed = False
        self._keeper = Thread(target=self._keep, name="geoloom-workers", daemon=True)
        self._keeper.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def status(self) -> PoolStatus:
        """How the pool does now."""
        up = len(self._workers)
        return PoolStatus(self._size, up, max(0, up - self._queue.idle), self._queue.waiting)

    def wait(self, seconds: float = 60.0) -> None:
        """Wait until the first worker is ready.

        Raises
        ------
        CrashError
            None starts.
        """
        if not self._first.wait(seconds):
            raise CrashError(
                "No worker process starts",
                why=f"none was ready after {seconds:g} s; its errors stand on standard error",
                remedy="look for a lack of memory, or serve without workers",
            )

    def query(self, text: str, *, timeout: float | None = None, **options: Any) -> Result:
        """Answer a query, over the snapshot that is live now.

        Parameters
        ----------
        text : str
        timeout : float, optional
            Seconds, waiting for a worker included.
        **options
            Of the ``query`` method of what is asked.

        Returns
        -------
        Result
            Its columns may lie in memory shared with the worker; long answers are written as
            text by a worker too.

        Raises
        ------
        BusyError
            Too many queries wait.
        MemoryLimitError, CrashError, DeadlineError
        GeoloomError
            What the ``query`` method raises.
        """
        with limited(timeout) as limit:
            pinned, over = self._pinned(options)
            options = {**options, **over, "timeout": limit.left}
            answer, large = self._ask("query", (text,), options)
        del pinned  # until now, so that no file it needs was vacuumed
        return HeldResult.of(answer, self._written) if large else answer

    def explain(self, text: str, *, timeout: float | None = None, **options: Any) -> Any:
        """Say how a query would be answered, as the ``explain`` method of what is asked does."""
        with limited(timeout):
            pinned, over = self._pinned(options)
            told, _ = self._ask("explain", (text,), {**options, **over})
        del pinned
        return told

    def _pinned(self, options: dict[str, Any]) -> tuple[object, dict[str, Any]]:
        """Keep the snapshot that is asked for, and say its number."""
        if not isinstance(self._asked, Store):
            return None, {}
        snapshot = self._asked.snapshot(options.get("as_of"))
        return snapshot, {"as_of": snapshot.number}

    def update(self, text: str, *, timeout: float | None = None, **options: Any) -> Any:
        """Change the store; updates run one after the other, so that they never take all workers.

        One that is stopped has changed nothing, or everything if it had just been published.
        """
        with limited(timeout) as limit:
            if not self._writing.acquire(timeout=-1 if limit.left is None else limit.left):
                raise limit.error()
            try:
                return self._ask("update", (text,), options)[0]
            finally:
                self._writing.release()

    def _written(self, answer: Result, format_name: str) -> Iterator[bytes]:
        """Have an answer written as text."""
        text, _ = self._ask(WRITE, (answer, format_name), {})
        view = memoryview(text)
        return (bytes(view[at : at + _PIECE]) for at in range(0, view.nbytes, _PIECE))

    def _ask(self, method: str, args: tuple[Any, ...], options: dict[str, Any]) -> tuple[Any, bool]:
        limit = current_limit()
        while True:
            worker = self._queue.take(limit)
            try:
                return worker.ask(method, args, options, limit)
            except NotAskedError:
                continue  # it died while it was idle
            finally:
                self._return(worker)

    def _return(self, worker: WorkerProcess) -> None:
        if worker.usable:
            self._queue.give(worker)
        else:
            self._drop(worker)

    def _drop(self, worker: WorkerProcess) -> None:
        with self._changing:
            if worker in self._workers:
                self._workers.remove(worker)
            self._ended.append(worker)
        self._woken.set()

    def close(self) -> None:
        """End all workers; queries that run or wait fail."""
        self._closed = True
        idle = self._queue.close()
        self._woken.set()
        self._keeper.join()
        for worker in self._workers + self._starting:
            if worker in idle:
                worker.stop()
            else:
                worker.kill()
        for worker in self._workers + self._starting + self._ended:
            worker.reap(_STOP_S)
        self._workers, self._starting, self._ended = [], [], []

    # ------------------------------------------------------------ keeping workers up

    def _keep(self) -> None:
        """Start workers, welcome those that are ready, bury those that died."""
        next_start = 0.0
        while not self._closed:
            for worker in self._queue.withdraw_dead():
                self._drop(worker)
            if time.monotonic() >= next_start and not self._start():
                next_start = time.monotonic() + _RETRY_S
            if not self._welcome():
                next_start = time.monotonic() + _RETRY_S
            self._bury()
            if not self._starting:
                self._woken.wait(_LOOK_S)
                self._woken.clear()

    def _start(self) -> bool:
        try:
            while len(self._workers) + len(self._starting) < self._size:
                self._starting.append(WorkerProcess(self._opening, self._memory))
        except OSError:
            return False
        return True

    def _welcome(self) -> bool:
        """Take in those that have something to say; False if one could not start."""
        heard = wait([worker.connection for worker in self._starting], timeout=0.2)
        for worker in [worker for worker in self._starting if worker.connection in heard]:
            self._starting.remove(worker)
            if not worker.started():
                self._drop(worker)
                return False
            with self._changing:
                self._workers.append(worker)
            self._queue.give(worker)
            self._first.set()
        return True

    def _bury(self) -> None:
        with self._changing:
            ended, self._ended = self._ended, []
        for worker in ended:
            worker.stop()
            worker.reap(_STOP_S)
