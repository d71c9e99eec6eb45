"""Opening RDF files: what format a file has, and its bytes, unpacked."""

from __future__ import annotations

import codecs
import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import pyarrow as pa
import pyoxigraph as ox

from ontology import InputError

from .ntriples.block import Block
from .ntriples.characters import PADDING

BLOCK_BYTES: Final = 8 * 2**20
MAX_LINE_BYTES: Final = 2**30

_PACKED: Final = (".gz", ".zst")
_EXTENSIONS: Final = {"owl": "rdf", "ntriples": "nt", "nquads": "nq", "turtle": "ttl"}


def format_of(path: Path, given: str | None) -> ox.RdfFormat:
    """Return the format of a file, by its extension unless it is given.

    Raises
    ------
    InputError
        If that is no RDF format.
    """
    name = given or unpacked_name(path).rpartition(".")[2].lower()
    name = _EXTENSIONS.get(name, name)
    found = ox.RdfFormat.from_extension(name) or ox.RdfFormat.from_media_type(name)
    if found is None:
        raise InputError(
            "Cannot tell the RDF format of the file",
            where=str(path),
            why=f"{name!r} is no RDF extension or media type",
            remedy="name it .nt, .nq, .ttl, .trig, .rdf or .jsonld (also .gz, .zst), or give the"
            " format",
        )
    return found


def unpacked_name(path: Path) -> str:
    """Name of a file without the extension of its compression."""
    return path.stem if path.suffix in _PACKED else path.name


def opened(path: Path) -> IO[bytes]:
    """Open a file for reading bytes, unpacked and behind the mark of UTF-8, if it has one.

    Raises
    ------
    InputError
        If the file begins with the mark of UTF-16.
    """
    handle: IO[bytes] = _unpacked(path)
    try:
        head = handle.peek(3)  # type: ignore[attr-defined]
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise InputError(
                "The file is not in UTF-8",
                where=str(path),
                why="it begins with the byte order mark of UTF-16",
                remedy="save it as UTF-8, for example with iconv -f UTF-16 -t UTF-8",
            )
        if head.startswith(codecs.BOM_UTF8):
            handle.read(len(codecs.BOM_UTF8))
    except BaseException:
        handle.close()
        raise
    return handle


def _unpacked(path: Path) -> Any:
    if path.suffix == ".gz":
        return gzip.open(path)
    if path.suffix == ".zst":
        return io.BufferedReader(_Unpacked(path))
    return path.open("rb")


class _Unpacked(io.RawIOBase):
    """An Arrow input stream as a raw Python stream."""

    def __init__(self, path: Path) -> None:
        self._stream = pa.input_stream(str(path), compression="zstd")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count: int = self._stream.readinto(buffer)
        return count

    def close(self) -> None:
        self._stream.close()
        super().close()


def blocks(handle: IO[bytes], size: int = BLOCK_BYTES) -> Iterator[Block]:
    """Yield whole lines, about ``size`` bytes at a time.

    Raises
    ------
    InputError
        If a line is longer than 1 GiB.
    """
    rest = b""
    while True:
        data = np.empty(max(size, 2 * len(rest)) + PADDING, np.uint8)
        data[: len(rest)] = np.frombuffer(rest, np.uint8)
        filled = _fill(handle, data[: len(data) - PADDING], len(rest))
        ended = filled < len(data) - PADDING
        whole = filled if ended else _behind_last_line(data, filled)
        rest = data[whole:filled].tobytes()
        if len(rest) > MAX_LINE_BYTES:
            raise InputError("A line of the file is longer than 1 GiB")
        data[whole : whole + PADDING] = ord("\n")
        if whole:
            yield Block(data, whole)
        if ended:
            return


def _fill(handle: Any, view: Any, at: int) -> int:
    while at < len(view):
        count = handle.readinto(view[at:])
        if not count:
            break
        at += count
    return at


def _behind_last_line(data: Any, filled: int) -> int:
    step = 1 << 16
    for end in range(filled, 0, -step):
        found = np.flatnonzero(data[max(end - step, 0) : end] == ord("\n"))
        if len(found):
            return max(end - step, 0) + int(found[-1]) + 1
    return 0
