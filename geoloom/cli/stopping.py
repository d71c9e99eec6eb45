"""Ending a command in time, whatever it is doing.

One call into GEOS, or one text that grows, cannot be stopped from within. A thread watches;
what does not stop by itself is ended with the whole process, after saying why.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Final, NoReturn

from ontology import GeoloomError, MemoryLimitError
from store import discard_spill, held_bytes, limited

from .output import print_error

_GRACE_S: Final = 0.5
_LOOK_S: Final = 0.05


@contextmanager
def stopping(
    timeout: float | None,
    *,
    memory: int | None = None,
    as_json: bool = False,
    partial: Path | None = None,
) -> Iterator[None]:
    """Stop the work of a ``with`` block at its deadline, or end the process half a second later.

    Parameters
    ----------
    timeout : float, optional
        Seconds from now.
    memory : int, optional
        Bytes the work may hold beside what is held now.
    as_json : bool
        How the last words are printed.
    partial : Path, optional
        A file that must not be left behind half-written.
    """
    if timeout is None and memory is None:
        yield
        return
    done = Event()
    with limited(timeout) as limit:

        def watch() -> None:
            most = None if memory is None else held_bytes() + memory
            while not done.wait(_LOOK_S):
                if limit.end is not None and time.monotonic() >= limit.end + _GRACE_S:
                    _end(limit.error(), as_json, partial)
                if most is not None and held_bytes() > most:
                    _end(_too_much(most), as_json, partial)

        Thread(target=watch, name="geoloom-deadline", daemon=True).start()
        try:
            yield
        finally:
            done.set()


def _too_much(most: int) -> MemoryLimitError:
    return MemoryLimitError(
        "The query needs more memory than allowed",
        why=f"the process held over {most >> 20} MB",
        remedy="narrow the query, or raise the memory limit",
    )


def _end(error: GeoloomError, as_json: bool, partial: Path | None) -> NoReturn:
    try:
        print_error(error, as_json=as_json)
        discard_spill(os.getpid())
        if partial is not None:
            partial.unlink(missing_ok=True)
    finally:
        os._exit(error.exit_code)
