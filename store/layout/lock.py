"""Locks that a dead process cannot keep: one writer, and pins that spare a reader's files."""

from __future__ import annotations

import fcntl
import os
import socket
import time
import weakref
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ontology import StoreError

from .durable import not_writable

LOCK: Final = "LOCK"
_POLL_S: Final = 0.005
"""Short, so that whoever waits has its turn between the writes of one that never rests."""


class WriterLock:
    """The right to write a store; the system takes it back when its holder dies.

    Parameters
    ----------
    root : Path
        The store's folder.
    timeout_s : float
        How long to wait for another writer.

    Raises
    ------
    StoreError
        If another writer does not finish in time, or the folder cannot be written.
    """

    def __init__(self, root: Path, timeout_s: float) -> None:
        self._path = root / LOCK
        try:
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise not_writable(root, error) from error
        self.release = weakref.finalize(self, os.close, self._handle)
        try:
            self._acquire(time.monotonic() + timeout_s, timeout_s)
            self._sign()
        except BaseException:
            self.release()
            raise

    def _sign(self) -> None:
        since = datetime.now(UTC).isoformat(timespec="seconds")
        try:
            os.ftruncate(self._handle, 0)
            os.pwrite(self._handle, f"{os.getpid()} {since} {socket.gethostname()}\n".encode(), 0)
        except OSError as error:
            raise not_writable(self._path.parent, error) from error

    def _acquire(self, deadline: float, timeout_s: float) -> None:
        while True:
            try:
                fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise self._busy(timeout_s) from None
                time.sleep(_POLL_S)
            except OSError as error:
                raise not_writable(self._path.parent, error) from error
            else:
                return

    def _busy(self, timeout_s: float) -> StoreError:
        words = os.pread(self._handle, 512, 0).decode(errors="replace").split()
        pid, since, host = (*words, *["unknown"] * 3)[:3]
        holder = f"process {pid}" + ("" if host == socket.gethostname() else f" on {host}")
        if pid == str(os.getpid()):
            holder += " (this one)"
        return StoreError(
            "Another writer is at work in the store",
            where=str(self._path),
            why=f"{holder} still holds the lock after {timeout_s:g} s, since {since}",
            remedy="wait until it is done, or end it; a dead process does not keep the lock",
        )


class Pin:
    """Keeps a snapshot's files from being vacuumed, by a shared lock on its manifest.

    It writes nothing, so read-only stores can be pinned too. :attr:`release` ends it; so does
    the end of the process or of the last reference.

    Raises
    ------
    FileNotFoundError
        If the manifest is gone.
    """

    def __init__(self, manifest: Path) -> None:
        handle = os.open(manifest, os.O_RDONLY | os.O_CLOEXEC)
        self.release = weakref.finalize(self, os.close, handle)
        fcntl.flock(handle, fcntl.LOCK_SH)
        if os.fstat(handle).st_nlink == 0:
            self.release()
            raise FileNotFoundError(manifest)


def remove_unpinned(manifest: Path) -> bool:
    """Delete a manifest unless some process, this one included, pins it; say whether it went.

    The lock is held while deleting, so a reader either pinned it before or finds it gone.
    """
    handle = os.open(manifest, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        manifest.unlink()
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True
