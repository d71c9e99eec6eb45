"""Output files that appear under their names whole or not at all."""

from __future__ import annotations

import codecs
import errno
import gzip
import os
import shutil
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Protocol

import pyarrow as pa

from ontology import InputError

SUFFIXES: Final = {
    ".tar.gz": "targz",
    ".tar.xz": "tarxz",
    ".gz": "gzip",
    ".zst": "zstd",
    ".zip": "zip",
}
"""Compression by the end of a file's name."""

COMPRESSIONS: Final = (*SUFFIXES.values(), "none")
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


class _Stream(Protocol):
    def write(self, data: Any, /) -> object: ...

    def close(self) -> object: ...


class OutputFile:
    """A file written beside its place: ``finish``, then ``publish``; or ``discard``.

    Parameters
    ----------
    path : Path
        Replaced when published.
    compression : str, optional
        One of ``COMPRESSIONS``; None takes it from the name.
    encoding : str
        The bytes given are UTF-8 and become this; each write ends at the end of a character.
    what : str
        What it holds, for messages.

    Raises
    ------
    InputError
        Of every method: the folder is missing, or the disk is full.
    """

    def __init__(
        self,
        path: Path,
        compression: str | None = None,
        encoding: str = "UTF-8",
        *,
        what: str = "the triples",
    ) -> None:
        self.path = path
        self._what = what
        self._compression = compression or _by_name(path)[1]
        self._encoder = _encoder(encoding)
        self._temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        self._raw: Any = None
        self._stream: _Stream | None = None

    def write(self, data: Any) -> None:
        """Take bytes or a buffer of UTF-8."""
        with self._watched():
            self._open().write(data if self._encoder is None else self._encoded(data))

    def finish(self) -> None:
        """Force everything to the disk; what remains is the name."""
        with self._watched():
            stream = self._open()
            if stream is not self._raw:
                stream.close()
            self._raw.flush()
            os.fsync(self._raw.fileno())
            self._raw.close()
            self._stream = None

    def publish(self) -> None:
        """Give the finished file its name."""
        with self._watched():
            os.replace(self._temporary, self.path)

    def discard(self) -> None:
        """Delete what was written and not yet published."""
        if self._raw is None:
            return
        for stream in (self._raw, self._stream):  # in this order the second writes nothing more
            with suppress(OSError, ValueError):
                if stream is not None:
                    stream.close()
        self._stream = None
        self._temporary.unlink(missing_ok=True)

    def _open(self) -> _Stream:
        if self._stream is None:
            self._raw = self._temporary.open("wb")
            self._stream = _compressed(self._compression, self._raw, self.path)
        return self._stream

    def _encoded(self, data: Any) -> bytes:
        assert self._encoder is not None
        return self._encoder.encode(str(data, "utf-8"))

    @contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise _cannot_write(self.path, self._what, error) from error


def plain_name(path: Path) -> str:
    """Name of a file without the suffix of its compression."""
    return _by_name(path)[0]


def _by_name(path: Path) -> tuple[str, str]:
    for suffix, compression in SUFFIXES.items():
        if path.name.lower().endswith(suffix):
            return path.name[: -len(suffix)], compression
    return path.name, "none"


def _encoder(encoding: str) -> codecs.IncrementalEncoder | None:
    try:
        known = codecs.lookup(encoding)
    except LookupError as error:
        raise InputError(
            "This encoding is not known", where=encoding, remedy="use UTF-8 or UTF-16"
        ) from error
    return None if known.name == "utf-8" else known.incrementalencoder()


def _compressed(compression: str, raw: Any, path: Path) -> _Stream:
    match compression:
        case "gzip":
            return gzip.GzipFile("", "wb", 6, raw, 0)
        case "zstd":
            packed: _Stream = pa.CompressedOutputStream(pa.PythonFile(_StaysOpen(raw), "w"), "zstd")
            return packed
        case "zip":
            return _ZipStream(raw, plain_name(path))
        case "targz" | "tarxz":
            return _TarStream(raw, plain_name(path), compression.removeprefix("tar"), path)
    plain: _Stream = raw
    return plain


class _StaysOpen:
    """A file that Arrow may close without closing it."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self.closed = False

    def write(self, data: Any) -> int:
        return int(self._raw.write(data))

    def flush(self) -> None:
        self._raw.flush()

    def close(self) -> None:
        self.closed = True


class _ZipStream:
    """An archive of one file, always of the same bytes."""

    def __init__(self, raw: Any, name: str) -> None:
        self._archive = zipfile.ZipFile(raw, "w")
        entry = zipfile.ZipInfo(name, _EPOCH)
        entry.compress_type = zipfile.ZIP_DEFLATED
        try:
            self._member = self._archive.open(entry, "w", force_zip64=True)
        except OSError:
            self._archive.fp = None  # or it would try again to write its end
            raise

    def write(self, data: Any) -> int:
        return self._member.write(data)

    def close(self) -> None:
        try:
            self._member.close()
        finally:
            self._archive.close()


class _TarStream:
    """An archive of one file; its size stands before it, so it lies plain beside until the end."""

    def __init__(self, raw: Any, name: str, kind: str, path: Path) -> None:
        self._raw, self._name, self._kind = raw, name, kind
        self._plain = path.with_name(f".{path.name}.{os.getpid()}.plain")
        self._file = self._plain.open("w+b")
        self._plain.unlink()  # nothing is left behind, whatever happens

    def write(self, data: Any) -> int:
        return self._file.write(data)

    def close(self) -> None:
        entry = tarfile.TarInfo(self._name)
        entry.size = self._file.tell()
        self._file.seek(0)
        with self._file, tarfile.open(fileobj=self._raw, mode=f"w:{self._kind}") as archive:  # type: ignore[call-overload]
            archive.addfile(entry, self._file)


def _cannot_write(path: Path, what: str, error: OSError) -> InputError:
    if error.errno not in _FULL:
        return InputError(
            f"Cannot write {what}",
            where=str(path),
            why=error.strerror or str(error),
            remedy="check that the folder exists and is writable",
        )
    disk = path.resolve().parent
    while not os.path.ismount(disk):
        disk = disk.parent
    free = shutil.disk_usage(disk).free
    return InputError(
        "The disk is full",
        where=f"{path}, on the disk mounted at {disk}",
        why=f"{error.strerror}; {free:,} bytes are free",
        remedy="make room or write to another disk; nothing was left behind",
    )
