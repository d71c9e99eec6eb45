"""Running a command within a limit of memory, its whole tree of processes watched.

What counts is memory that is nobody else's: RssAnon and RssShmem of /proc/PID/status. Pages of
mapped files do not, which the system takes back when it needs them. A tree that holds more than
the limit is ended: no figure comes out of a run that did not fit.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Final

EVERY_S: Final = 0.02
_FIELDS: Final = ("RssAnon:", "RssShmem:")


@dataclass(frozen=True, slots=True)
class Done:
    """What a command wrote to standard output, and the most memory it held (1e6 bytes)."""

    output: str
    peak_mb: float


@dataclass(slots=True)
class Watch:
    """Samples the memory of a process and its children until it ends.

    Parameters
    ----------
    process : int
    limit : int, optional
        Bytes; a tree that holds more is ended.
    every : float
        Seconds between samples.
    """

    process: int
    limit: int | None = None
    every: float = EVERY_S
    peak: int = 0
    exceeded: bool = False
    samples: list[tuple[float, int]] = field(default_factory=list)
    _stopped: Event = field(default_factory=Event)

    def start(self) -> Watch:
        """Watch from now on, in a thread."""
        Thread(target=self._run, daemon=True).start()
        return self

    def stop(self) -> None:
        """Watch no longer."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.wait(self.every):
            held = sum(map(held_bytes, tree(self.process)))
            self.samples.append((time.monotonic(), held))
            self.peak = max(self.peak, held)
            if self.limit is not None and held > self.limit:
                self.exceeded = True
                for process in tree(self.process):
                    with suppress(OSError):
                        os.kill(process, signal.SIGKILL)


def held_bytes(process: int) -> int:
    """Memory of one process that it does not share; 0 if it has ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(_FIELDS))


def tree(process: int) -> Iterator[int]:
    """A process and all below it."""
    yield process
    try:
        tasks = list(Path(f"/proc/{process}/task").iterdir())
        told = [(task / "children").read_text(encoding="ascii") for task in tasks]
    except OSError:
        return
    for child in (int(number) for text in told for number in text.split()):
        yield from tree(child)


def run_watched(
    command: Sequence[str], *, limit: int | None = None, env: Mapping[str, str] | None = None
) -> Done:
    """Run a command to its end.

    Raises
    ------
    SystemExit
        If it holds more than the limit, or fails.
    """
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, **(env or {})}
    ) as child:
        watch = Watch(child.pid, limit).start()
        output, _ = child.communicate()
        watch.stop()
    if watch.exceeded:
        raise SystemExit(f"{' '.join(command)} held more than the limit of {limit} bytes")
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {child.returncode}")
    return Done(output, watch.peak / 1e6)
