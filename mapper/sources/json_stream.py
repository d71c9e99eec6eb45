"""Items of JSON files: read piece by piece where the iterator is ``$.a.b[*]``, or line by line."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from ontology import InputError

from ..language.model import LogicalSource
from .base import unreadable
from .compressed import BROKEN, opened, plain_name
from .dialect import first_undecodable
from .json_scan import ArrayScanner, refuse_constant
from .jsonpath import Finder, Step, compile_path, plain_steps

_LINES: Final = (".ndjson", ".jsonl", ".geojsonl", ".geojsons")
_CHUNK: Final = 1 << 20
_ERRORS: Final = (*BROKEN, ValueError, LookupError, RecursionError)
_crs_name: Final = compile_path("$.crs.properties.name", "")


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is no JSON, and why."""

    reason: str


class JsonItems:
    """A JSON file and the items its iterator leads to.

    Attributes
    ----------
    crs : str, optional
        What the ``crs`` member of old GeoJSON says; in a stream, where it stands before the items.

    Raises
    ------
    InputError
        The file does not begin as JSON, or is none where it is read whole.
    MappingError
        The iterator is no JSONPath.
    """

    def __init__(self, source: LogicalSource, path: Path) -> None:
        self._source = source
        self._path = path
        self._encoding = source.option("encoding") or "utf-8"
        self._find: Finder = compile_path(source.iterator or "$", "rml:iterator")
        self._whole: list[Any] | None = None
        self.crs: str | None = None
        given = source.option("lines")
        self._lines = plain_name(path).endswith(_LINES) if given is None else given == "true"
        self._array = _array_names(plain_steps(source.iterator or "$"))
        if not self._lines and not self._is_array():
            self._whole = self._all()

    @property
    def count(self) -> int | None:
        """Number of items, where the file had to be read whole."""
        return None if self._whole is None else len(self._whole)

    def __iter__(self) -> Iterator[Any]:
        """Items in order; a :class:`BadLine` where a line is no JSON."""
        if self._whole is not None:
            yield from self._whole
            return
        try:
            with self._text() as read:
                yield from self._of_lines(read) if self._lines else self._of_array(read)
        except _ERRORS as error:
            raise self._unreadable(error) from error

    def _of_lines(self, read: Callable[[int], str]) -> Iterator[Any]:
        for line in _lines(read):
            text = line.strip("\x1e \t\r\n")
            if not text:
                continue
            try:
                value = json.loads(text, parse_constant=refuse_constant)
            except (ValueError, RecursionError) as error:
                yield BadLine(f"the line is no JSON: {error}")
            else:
                yield from self._find(value)

    def _of_array(self, read: Callable[[int], str]) -> Iterator[Any]:
        scanner = ArrayScanner(read, self._array or ())
        scanner.enter()
        yield from (item for item in scanner.items() if item is not None)

    def _is_array(self) -> bool:
        """Whether the items stand in an array that can be streamed; the CRS before it is kept."""
        if self._array is None:
            return False
        try:
            with self._text() as read:
                scanner = ArrayScanner(read, self._array)
                found = scanner.enter()
        except _ERRORS as error:
            raise self._unreadable(error) from error
        self._note_crs(scanner.before)
        return found

    def _all(self) -> list[Any]:
        try:
            with self._text() as read:
                text = "".join(iter(lambda: read(_CHUNK), ""))
            tree = json.loads(text, parse_constant=refuse_constant)
            self._note_crs(tree)
            return self._find(tree)
        except _ERRORS as error:
            raise self._unreadable(error) from error

    def _note_crs(self, tree: Any) -> None:
        named = _crs_name(tree)
        self.crs = str(named[0]) if named else None

    @contextmanager
    def _text(self) -> Iterator[Callable[[int], str]]:
        """Give a function that reads on in the file's text."""
        name = codecs.lookup(self._encoding).name
        decoder = codecs.getincrementaldecoder("utf-8-sig" if name == "utf-8" else name)()
        with opened(self._source, self._path) as stream:
            yield lambda count: _decoded(stream, decoder, count)

    def _unreadable(self, error: Exception) -> InputError:
        named = None
        if isinstance(error, UnicodeError):
            named = first_undecodable(self._source, self._path, self._encoding)
        why = ValueError(named or str(error))
        remedy = "check that it is JSON in UTF-8; set rml:encoding for another encoding"
        return unreadable(str(self._path), why, remedy)


def _decoded(stream: IO[bytes], decoder: codecs.IncrementalDecoder, count: int) -> str:
    while chunk := stream.read(count):
        if text := decoder.decode(chunk):
            return text
    return decoder.decode(b"", final=True)


def _array_names(steps: tuple[Step, ...] | None) -> tuple[str, ...] | None:
    """Members that lead to the array of ``$.a.b[*]``; None for other paths."""
    if not steps or steps[-1] is not None:
        return None
    names = tuple(step for step in steps[:-1] if isinstance(step, str))
    return names if len(names) == len(steps) - 1 else None


def _lines(read: Callable[[int], str]) -> Iterator[str]:
    held = ""
    while chunk := read(_CHUNK):
        *lines, held = (held + chunk).split("\n")
        yield from lines
    yield held
