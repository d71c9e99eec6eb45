"""``LOAD``: which documents an update may read, and reading them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

import pyoxigraph as ox

from ontology import InputError, UsageError

from .load import LoadReport, load_files
from .sink import StoreSink
from .transaction import Transaction

Fetch = Callable[[str, Path, bool], str | None]
"""``fetch(url, file, public_only)`` writes a document into a file and returns its media type.

It follows no redirect, and speaks to no private address if ``public_only``.
"""

_WEB: Final = ("http", "https")
_ANYWHERE: Final = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class Sources:
    """What ``LOAD`` may read; nothing by default.

    Attributes
    ----------
    allowed : tuple of str or Path
        Files, folders with all that is below them, and beginnings of ``http`` and ``https``
        addresses; ``https://`` alone allows every public address.
    fetch : callable, optional
        Fetches documents from the web.
    """

    allowed: tuple[str | Path, ...] = ()
    fetch: Fetch | None = None

    def load(self, transaction: Transaction, source: str, target: str | None) -> LoadReport:
        """Load a document into a graph of an unfinished transaction; None is the default graph.

        Raises
        ------
        UsageError
            If the document is not in an allowed place.
        InputError
            If it is not there or is not RDF.
        """
        try:
            parts = urlsplit(source)
        except ValueError as error:
            raise InputError(
                "This is not an address",
                where=source,
                why=str(error),
                remedy="give a file:, http: or https: IRI",
            ) from error
        if parts.scheme == "file":
            return _load(transaction, self._file(source, parts), source, target, None)
        if parts.scheme not in _WEB:
            raise InputError(
                "LOAD reads files and the web only",
                where=source,
                why=f"its scheme is {parts.scheme!r}",
                remedy="give a file:, http: or https: IRI",
            )
        return self._load_web(transaction, source, parts, target)

    def _file(self, source: str, parts: SplitResult) -> Path:
        if parts.netloc not in ("", "localhost"):
            raise _not_allowed(source)
        text = unquote(parts.path)
        if "\0" in text:
            raise _not_allowed(source)
        path = Path(os.path.realpath(text))
        for place in self.allowed:
            root = _folder(place)
            if root is not None and path.is_relative_to(root):
                return path
        raise _not_allowed(source)

    def _load_web(
        self, transaction: Transaction, source: str, parts: SplitResult, target: str | None
    ) -> LoadReport:
        named = any(_begins(parts, str(place)) for place in self.allowed)
        public = f"{parts.scheme}://" in self.allowed
        if not (named or public) or self.fetch is None:
            raise _not_allowed(source)
        with tempfile.TemporaryDirectory() as folder:
            name = Path(unquote(parts.path)).name or "document"
            file = Path(folder) / name.replace("\0", "_")[-200:]
            media = self.fetch(source, file, not named)
            return _load(transaction, file, source, target, _known(media))


def _load(
    transaction: Transaction, file: Path, source: str, target: str | None, media: str | None
) -> LoadReport:
    with transaction.held():
        sink = StoreSink(lambda: transaction, "load")
        return load_files(sink, [file], graph=target, format=media, base_iri=source)


def _folder(place: str | Path) -> Path | None:
    """The file or folder a place names, None for one in the web."""
    text = str(place)
    if text.startswith(_ANYWHERE):
        return None
    return Path(unquote(urlsplit(text).path) if text.startswith("file:") else text).resolve()


def _begins(parts: SplitResult, place: str) -> bool:
    """Whether an address is the place or lies below it."""
    if not place.startswith(_ANYWHERE) or place in _ANYWHERE:
        return False
    try:
        allowed = urlsplit(place)
    except ValueError:
        return False
    if (parts.scheme, parts.netloc) != (allowed.scheme, allowed.netloc):
        return False
    steps, path = unquote(parts.path).split("/"), allowed.path or "/"
    if {".", ".."} & {*steps}:
        return False
    return parts.path == path or parts.path.startswith(path.rstrip("/") + "/")


def _known(media: str | None) -> str | None:
    name = (media or "").partition(";")[0].strip().lower()
    known = name not in ("", "text/plain") and ox.RdfFormat.from_media_type(name) is not None
    return name if known else None


def _not_allowed(source: str) -> UsageError:
    return UsageError(
        "LOAD may not read this document",
        where=source,
        why="it is in none of the places this update may load from",
        remedy="name its folder or the beginning of its address with --allow-load"
        " (load_from in Python), or load it with `geoloom load`",
    )
