"""What runs in a worker process: tasks one after the other, orders to stop in between."""

from __future__ import annotations

import os
import pickle
import signal
import traceback
from contextlib import suppress
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final, NoReturn

from ontology import DeadlineError, GeoloomError, MemoryLimitError

from ..engine.connection import discard_spill
from ..engine.limits import limited
from ..query import run_query
from ..store import Store
from .memory import MIB, give_back, held_bytes, prefer_as_victim
from .messages import Cancel, Parcel, Reply, Task, pack, pack_pieces, receive, send

READY: Final = "ready"
WRITE: Final = "write an answer"
"""The method of a task that turns an answer into text."""

_KEPT: Final = 256 * MIB
"""What a query that was stopped may leave behind; a worker that keeps more is replaced."""


def work(connection: Connection) -> NoReturn:
    """Answer tasks until the other end closes.

    The first message is the pickled object whose methods are called.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    prefer_as_victim()
    queryable = connection.recv()
    _warm(queryable)
    try:
        connection.send(READY)
    except OSError:
        os._exit(0)  # nobody waits any more
    worker = _Worker(connection, queryable)
    Thread(target=worker.listen, daemon=True).start()
    while True:
        worker.answer(worker.tasks.get())


def _warm(queryable: object) -> None:
    """Open the database and the store; what is wrong with them is said to who asks."""
    with suppress(GeoloomError):
        run_query(None, "ASK {}")
        if isinstance(queryable, Store):
            queryable.query("ASK { ?s ?p ?o }", timeout=10)


class _Worker:
    def __init__(self, connection: Connection, queryable: Any) -> None:
        self.tasks: SimpleQueue[Task] = SimpleQueue()
        self._connection = connection
        self._queryable = queryable
        self._cancelled = -1

    def listen(self) -> NoReturn:
        """Take messages, also while a task runs; without the other end there is no work."""
        with suppress(EOFError, OSError):
            while True:
                message = receive(self._connection)
                if isinstance(message, Cancel):
                    self._cancelled = message.number
                else:
                    self.tasks.put(message)
        discard_spill(os.getpid())
        os._exit(0)

    def answer(self, task: Task) -> None:
        """Do a task and reply."""
        before = held_bytes()
        try:
            with limited(task.timeout, seconds=task.seconds, gone=lambda: self._left(task)):
                parcel, error = self._done(task), None
        except Exception as raised:
            error = _portable(raised)
            parcel = pack(error)
        keeps = held_bytes() > before + _KEPT
        if keeps:
            give_back()
            keeps = held_bytes() > before + _KEPT
        stopped = isinstance(error, DeadlineError | MemoryLimitError)
        send(self._connection, Reply(parcel, error is not None, keeps and stopped))

    def _left(self, task: Task) -> bool:
        return self._cancelled == task.number

    def _done(self, task: Task) -> Parcel:
        args, options = task.value.open()
        if task.method == WRITE:
            answer, name = args
            return pack_pieces(answer.serialize(name))
        if isinstance(self._queryable, Store):
            self._queryable.snapshot()  # kept open from task to task
        return pack(getattr(self._queryable, task.method)(*args, **options))


def _portable(error: Exception) -> Exception:
    """The error with its way through this process, as far as it can be sent."""
    if isinstance(error, MemoryError):
        return MemoryLimitError(
            "The query needs more memory than allowed",
            why=str(error) or "its answer does not fit",
            remedy="narrow the query, or raise the memory limit",
        )
    if not isinstance(error, GeoloomError):
        error.add_note("".join(traceback.format_exception(error)))
    error.__cause__ = error.__context__ = None
    error.__traceback__ = None
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
