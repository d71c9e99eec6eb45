"""One worker process, as seen from the process that asks it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from itertools import count
from multiprocessing.connection import Connection
from typing import Any, Final

from ontology import CrashError, MemoryLimitError

from ..engine.connection import discard_spill
from ..engine.limits import POLL_S, Limit
from .child import READY
from .memory import MIB, engine_share, held_bytes
from .messages import Cancel, Reply, Task, pack, receive, send

GRACE_S: Final = 0.5
"""How long a query may take to stop before its process is ended."""

_NUMBERS: Final = count(1)
_START: Final = """
import sys
from multiprocessing.connection import Connection
connection = Connection(int(sys.argv[1]))
sys.path[:] = connection.recv()
from store.workers.child import work
work(connection)
"""


class NotAskedError(Exception):
    """The worker had died before it could be asked."""


class WorkerProcess:
    """A process that calls methods of an object; used by one thread at a time.

    It is started anew rather than forked: a copy of a process with threads may lock up. It ends
    when the connection does, so none outlives the process that started it.

    Parameters
    ----------
    opening : bytes
        The object, pickled.
    memory : int
        Bytes its work may hold.
    """

    def __init__(self, opening: bytes, memory: int) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _START, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
                env={**os.environ, "GEOLOOM_MEMORY": engine_share(memory)},
            )
        self.connection = Connection(ours.detach())
        self._memory = memory
        self._ceiling = 0
        self._retired = False
        self.connection.send(sys.path)
        self.connection.send_bytes(opening)

    @property
    def number(self) -> int:
        """The process' id."""
        return self._process.pid

    @property
    def usable(self) -> bool:
        """Return whether it can be asked."""
        return not self._retired and self._process.poll() is None

    def started(self) -> bool:
        """Take its first message; say whether it is ready."""
        try:
            ready = bool(self.connection.recv() == READY)
        except (EOFError, OSError):
            ready = False
        self._ceiling = held_bytes(self.number) + self._memory
        return ready

    def ask(
        self, method: str, args: tuple[Any, ...], options: dict[str, Any], limit: Limit
    ) -> tuple[Any, bool]:
        """Call a method there and wait for what it gives.

        Returns
        -------
        (object, bool)
            The value, and whether its columns are large.

        Raises
        ------
        NotAskedError
            The process is not there; nothing was done.
        DeadlineError
            The time is up; what does not stop by itself in ``GRACE_S`` is ended.
        MemoryLimitError, CrashError
        """
        task = Task(next(_NUMBERS), method, pack((args, options)), limit.left, limit.seconds)
        try:
            send(self.connection, task)
        except OSError as error:
            raise NotAskedError from error
        self._wait(task.number, limit)
        try:
            reply: Reply = receive(self.connection)
        except (EOFError, OSError) as error:
            raise self._crashed() from error
        self._retired = reply.retires or self._held() > 0.9
        large = reply.value.file >= 0
        value = reply.value.open()
        if reply.failed:
            raise value
        return value, large

    def _wait(self, number: int, limit: Limit) -> None:
        give_up: float | None = None
        while not self.connection.poll(POLL_S):
            if self._held() > 1:
                self.kill()
                raise MemoryLimitError(
                    "The query needs more memory than allowed",
                    why=f"its process held over {self._memory // MIB} MB",
                    remedy="narrow the query, or raise the memory limit",
                )
            if give_up is None and limit.over:
                give_up = time.monotonic() + GRACE_S
                with suppress(OSError):  # it died: that is noticed by the reply that is missing
                    send(self.connection, Cancel(number))
            if give_up is not None and time.monotonic() >= give_up:
                self.kill()
                raise limit.error()

    def _held(self) -> float:
        """Part of the memory it may hold that it does."""
        return max(0, held_bytes(self.number) - self._ceiling + self._memory) / self._memory

    def _crashed(self) -> CrashError:
        self.kill()
        code = self._process.wait()
        name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return CrashError(
            "The process that ran the query died",
            why=f"it ended by {name}",
            remedy="try again; report the query if it happens again",
        )

    def kill(self) -> None:
        """End it at once; the system takes its memory back."""
        self._retired = True
        self._process.kill()

    def stop(self) -> None:
        """Let it end by itself, when it is idle."""
        self._retired = True
        with suppress(OSError):
            self.connection.close()

    def reap(self, seconds: float) -> None:
        """Wait for its end, end it when it takes longer, and remove what it left on disk."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self.stop()
        discard_spill(self.number)
