"""Another process that holds something of a store until it is killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class Process:
    """A forked process."""

    number: int
    alive: bool = True

    def kill(self) -> None:
        """End it as the system ends a process: at once, with nothing tidied up."""
        if self.alive:
            os.kill(self.number, signal.SIGKILL)
            os.waitpid(self.number, 0)
            self.alive = False


@contextmanager
def another_process(take: Callable[[], object]) -> Iterator[Process]:
    """Call a function in a forked process, which keeps what it returns until it is killed.

    A fork starts in a millisecond, but must not use DuckDB or threads of the process it is of.
    """
    ready, told = os.pipe()
    number = os.fork()
    if number == 0:
        try:
            held = take()
            os.write(told, b"1" if held is not None else b"0")
            signal.pause()
        finally:
            os._exit(1)
    os.close(told)
    process = Process(number)
    try:
        assert os.read(ready, 1) == b"1", "the other process failed"
        yield process
    finally:
        os.close(ready)
        process.kill()
