"""Objects between two processes; columns travel through memory that has no name.

Memory without a name needs no removal: it goes with the last process that holds it, however
that one ends.
"""

from __future__ import annotations

import mmap
import os
import pickle
import tempfile
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle, send_handle
from typing import Any, Final

INLINE_BYTES: Final = 1 << 18
"""Columns up to this size travel within the message."""

_ALIGNED: Final = 64
"""Bytes that Arrow wants its columns to begin at."""


@dataclass(frozen=True, slots=True)
class Task:
    """A method to call, its arguments (a tuple and a dict), and until when.

    ``timeout`` is what is left of ``seconds``.
    """

    number: int
    method: str
    value: Parcel
    timeout: float | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Cancel:
    """Nobody waits for a task any more."""

    number: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What a task came to.

    Attributes
    ----------
    value : Parcel
        An exception if ``failed``.
    failed : bool
    retires : bool
        The worker should not be asked again.
    """

    value: Parcel
    failed: bool = False
    retires: bool = False


@dataclass(slots=True)
class Parcel:
    """A pickled object, with its columns beside it, in a file where they are large.

    Attributes
    ----------
    data : bytes
    inline : tuple of bytes
        The columns, where they are small.
    spans : tuple of (int, int)
        Where they begin and end in the file, where they are large.
    file : int
        Descriptor of the file, -1 without one; it is sent after the message.
    """

    data: bytes
    inline: tuple[bytes, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()
    file: int = -1

    def open(self) -> Any:
        """Take the object out; large columns stay where they are. Only once."""
        if self.file < 0:
            return pickle.loads(self.data, buffers=self.inline)
        with closing(self):
            mapped = memoryview(mmap.mmap(self.file, 0, access=mmap.ACCESS_READ))
        return pickle.loads(self.data, buffers=[mapped[begin:end] for begin, end in self.spans])

    def close(self) -> None:
        """Let the file go."""
        if self.file >= 0:
            os.close(self.file)
            self.file = -1


def pack(value: object) -> Parcel:
    """Pickle an object; what is large in it is copied once, into a file without a name."""
    buffers: list[pickle.PickleBuffer] = []
    data = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
    raw = [buffer.raw() for buffer in buffers]
    if sum(part.nbytes for part in raw) <= INLINE_BYTES:
        return Parcel(data, tuple(map(bytes, raw)))
    return _filed(data, raw)


def pack_pieces(pieces: Iterable[bytes]) -> Parcel:
    """Pack bytes that come piece by piece; they are opened as one ``memoryview``."""
    data = pickle.dumps(pickle.PickleBuffer(b""), protocol=5, buffer_callback=lambda _: False)
    parcel = _filed(data, pieces, aligned=1)
    parcel.spans = ((0, parcel.spans[-1][1] if parcel.spans else 0),)
    return parcel


def _filed(data: bytes, parts: Iterable[bytes | memoryview], aligned: int = _ALIGNED) -> Parcel:
    handle, end, spans = _nameless(), 0, []
    parcel = Parcel(data, file=handle)
    try:
        for part in parts:
            begin = -(-end // aligned) * aligned
            end = _written(handle, memoryview(part), begin)
            spans.append((begin, end))
        os.ftruncate(handle, max(end, 1))  # nothing at all cannot be mapped
    except BaseException:
        parcel.close()
        raise
    parcel.spans = tuple(spans)
    return parcel


def _written(handle: int, view: memoryview, position: int) -> int:
    while view.nbytes:
        count = os.pwrite(handle, view, position)
        position += count
        view = view[count:]
    return position


def _nameless() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("geoloom", os.MFD_CLOEXEC)
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def send(connection: Connection, message: object) -> None:
    """Send a message, and the file of its parcel after it; the parcel is closed."""
    parcel = message.value if isinstance(message, Task | Reply) else None
    try:
        connection.send(message)
        if parcel is not None and parcel.file >= 0:
            send_handle(connection, parcel.file, 0)
    finally:
        if parcel is not None:
            parcel.close()


def receive(connection: Connection) -> Any:
    """Receive a message.

    Raises
    ------
    EOFError, OSError
        The other process is gone.
    """
    message = connection.recv()
    if isinstance(message, Task | Reply) and message.value.file >= 0:
        message.value.file = recv_handle(connection)
    return message
