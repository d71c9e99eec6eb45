"""Bytes of a source's file, unpacked where the mapping or the file's name says it is packed."""

from __future__ import annotations

import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

import pyarrow as pa

from ontology import InputError, UnsupportedError

from ..language.model import LogicalSource
from ..language.vocabulary import did_you_mean
from .archives import data_sets

_SUFFIXES: Final = {
    ".tar.gz": "targz",
    ".tgz": "targz",
    ".tar.xz": "tarxz",
    ".txz": "tarxz",
    ".tar": "tar",
    ".zip": "zip",
    ".gz": "gzip",
    ".zst": "zstd",
    ".bz2": "bz2",
    ".xz": "xz",
}
_GDAL: Final = {
    "gzip": "/vsigzip/",
    "zip": "/vsizip/",
    "tar": "/vsitar/",
    "targz": "/vsitar/",
}
BROKEN: Final = (
    OSError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    tarfile.TarError,
    pa.ArrowException,
)
"""What reading a packed file that is damaged may raise."""


def packing(source: LogicalSource, path: Path) -> str | None:
    """How a file is packed (``gzip``, ``zstd``, ``zip``, ``targz`` and the like), or None."""
    if source.compression is not None:
        return None if source.compression == "none" else source.compression
    name = path.name.lower()
    return next((kind for suffix, kind in _SUFFIXES.items() if name.endswith(suffix)), None)


def plain_name(path: Path) -> str:
    """Name of a file in lower case, without the suffix of its packing."""
    name = path.name.lower()
    suffix = next((suffix for suffix in _SUFFIXES if name.endswith(suffix)), "")
    return name.removesuffix(suffix)


@contextmanager
def opened(source: LogicalSource, path: Path) -> Iterator[IO[bytes]]:
    """Open the bytes a reader wants; they are unpacked while they are read.

    Raises
    ------
    InputError
        An archive without the one file wanted.
    UnsupportedError
        A packing this version does not know.
    """
    kind = packing(source, path)
    if kind is None:
        with path.open("rb") as plain:
            yield plain
        return
    opener = _OPENERS.get(kind)
    if opener is None:
        raise UnsupportedError(
            f"Compression {kind!r} is not supported",
            where=str(path),
            remedy=did_you_mean(kind, _OPENERS),
        )
    with opener(path, source.option("member")) as stream:
        yield stream


def gdal_path(source: LogicalSource, path: Path) -> str:
    """Name by which GDAL reads a file, packed or not.

    Raises
    ------
    UnsupportedError
        GDAL has no way into this packing.
    """
    kind = packing(source, path)
    if kind is None:
        return str(path)
    if kind not in _GDAL:
        raise UnsupportedError(
            f"GDAL does not read files packed with {kind}",
            where=str(path),
            remedy="unpack it first",
        )
    member = source.option("member")
    if member is None and kind == "zip":
        inside = data_sets(path)
        member = inside[0] if len(inside) == 1 else None
    return f"{_GDAL[kind]}{path.resolve()}" + (f"/{member}" if member else "")


@contextmanager
def _stream(path: Path, kind: str) -> Iterator[Any]:
    with pa.OSFile(str(path)) as raw, pa.CompressedInputStream(raw, kind) as stream:
        yield stream


@contextmanager
def _xz(path: Path, _: str | None) -> Iterator[IO[bytes]]:
    with lzma.open(path) as stream:
        yield stream


@contextmanager
def _zip(path: Path, member: str | None) -> Iterator[IO[bytes]]:
    with zipfile.ZipFile(path) as archive:
        names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
        with archive.open(_chosen(names, member, path)) as stream:
            yield stream


def _tar(mode: str) -> Callable[[Path, str | None], Any]:
    @contextmanager
    def open_member(path: Path, member: str | None) -> Iterator[IO[bytes]]:
        with tarfile.open(path, f"r:{mode}") as archive:  # type: ignore[call-overload]
            names = [entry.name for entry in archive.getmembers() if entry.isfile()]
            stream = archive.extractfile(_chosen(names, member, path))
            assert stream is not None
            with stream:
                yield stream

    return open_member


def _chosen(names: list[str], member: str | None, path: Path) -> str:
    """Name of the wanted file of an archive; what systems add about files is passed over."""
    files = [name for name in names if not name.startswith(("__MACOSX/", "./._"))]
    if member in files:
        return str(member)
    if member is None and len(files) == 1:
        return files[0]
    raise InputError(
        "The file to read in an archive must be chosen"
        if member is None
        else f"The archive has no file {member!r}",
        where=str(path),
        why="it holds " + (", ".join(files[:10]) or "no file"),
        remedy="add gl:member to the logical source"
        if member is None
        else did_you_mean(member, files),
    )


_OPENERS: Final[dict[str, Callable[[Path, str | None], Any]]] = {
    "gzip": lambda path, _: _stream(path, "gzip"),
    "zstd": lambda path, _: _stream(path, "zstd"),
    "bz2": lambda path, _: _stream(path, "bz2"),
    "xz": _xz,
    "zip": _zip,
    "tar": _tar(""),
    "targz": _tar("gz"),
    "tarxz": _tar("xz"),
}
