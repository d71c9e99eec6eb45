"""One block of lines: tokenised, and its rows handed on by lane."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyoxigraph as ox

from .characters import PADDING
from .gather import gather
from .kernel import DEFAULT_GRAPH, NODE, PLAIN, Ints, Scratch, tokenise

_local = threading.local()
_XSD_STRING: Final = "http://www.w3.org/2001/XMLSchema#string"


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines of a file.

    Attributes
    ----------
    data : ndarray of uint8
        The bytes, with ``PADDING`` line feeds behind them.
    size : int
        Bytes without the padding.
    """

    data: npt.NDArray[np.uint8]
    size: int


@dataclass(frozen=True, slots=True)
class Rows:
    """Triples of one predicate, kind of object and graph.

    Attributes
    ----------
    datatype : str or None
        None where the objects are nodes.
    subjects : ndarray of int32
        Indices into the nodes of the piece.
    objects : ndarray of int32 or pa.Array
        Indices likewise, or lexical forms.
    """

    predicate: str
    datatype: str | None
    lang: str | None
    graph: str | None
    subjects: Ints
    objects: Ints | pa.Array


@dataclass(frozen=True, slots=True)
class Piece:
    """What was read of a block.

    Attributes
    ----------
    nodes : pa.Array of string
        Distinct: IRIs without ``<>``, or ``_:label`` as in the file.
    rows : list of Rows
    left : list of (int, bytes)
        Lines that need another reader, with their number in the block, from 1.
    lines : int
        How many lines the block has.
    """

    nodes: pa.Array
    rows: list[Rows]
    left: list[tuple[int, bytes]] = field(default_factory=list)
    lines: int = 0


def read_block(block: Block, quads: bool) -> Iterator[Piece]:
    """Tokenise a block; a block of unusually many terms comes in several pieces."""
    scratch = _scratch()
    at = line = 0
    while at < block.size:
        n, texts, groups, left, lines, at = tokenise(
            block.data, at, block.size, quads, scratch.rows, scratch.texts, scratch.groups,
            scratch.lines, scratch.slots, scratch.group_slots, scratch.hashes,
        )  # fmt: skip
        view = _View(
            block.data, scratch.rows[:n], scratch.texts[:texts], scratch.groups[:groups],
        )  # fmt: skip
        kept = [(line + int(number), view.span(first, last)) for first, last, number
                in scratch.lines[:left]]  # fmt: skip
        nodes, rows = view.nodes(), []
        for group in range(groups):
            found = view.rows(group)
            if found is None:
                kept += view.lines(group)
            else:
                rows.append(found)
        yield Piece(nodes, rows, sorted(kept), lines)
        line += lines


def _scratch() -> Scratch:
    if not hasattr(_local, "scratch"):
        _local.scratch = Scratch()
    found: Scratch = _local.scratch
    return found


class _View:
    """The arrays the tokeniser filled, read."""

    def __init__(self, data: npt.NDArray[np.uint8], rows: Ints, texts: Ints, groups: Ints) -> None:
        self._data = data
        self._texts = texts
        self._groups = groups
        order = np.argsort(rows[:, 0], kind="stable")
        self._rows = rows[order]
        self._bounds = np.searchsorted(self._rows[:, 0], np.arange(len(groups) + 1))
        self._used = np.flatnonzero(texts[:, 2])
        self._node = np.zeros(len(texts), np.int32)
        self._node[self._used] = np.arange(len(self._used), dtype=np.int32)

    def span(self, first: int, last: int) -> bytes:
        return self._data[first:last].tobytes()

    def _text(self, number: int) -> str:
        return self.span(*self._texts[number, :2]).decode()

    def nodes(self) -> pa.Array:
        starts, ends = self._texts[self._used, 0], self._texts[self._used, 1]
        brackets = (self._data[starts] == ord("<")).astype(np.int32)
        return gather(self._data, starts + brackets, ends - brackets)

    def rows(self, group: int) -> Rows | None:
        """Rows of a group; None if its datatype or tag is one that literals cannot have."""
        predicate, kind, graph = (int(number) for number in self._groups[group])
        rows = self._rows[self._bounds[group] : self._bounds[group + 1]]
        objects: Any
        datatype: str | None
        if kind == NODE:
            datatype, lang, objects = None, None, self._node[rows[:, 2]]
        else:
            found = (_XSD_STRING, None) if kind == PLAIN else literal_kind(self._text(kind))
            if found is None:
                return None
            datatype, lang = found
            objects = gather(self._data, rows[:, 2], rows[:, 3], rows[:, 4])
        return Rows(
            self._text(predicate)[1:-1],
            datatype,
            lang,
            None if graph == DEFAULT_GRAPH else self._text(graph)[1:-1],
            self._node[rows[:, 1]],
            objects,
        )

    def lines(self, group: int) -> list[tuple[int, bytes]]:
        """The lines of a group of literals, with their numbers."""
        found = []
        raw = self._data.tobytes()
        for literal in self._rows[self._bounds[group] : self._bounds[group + 1], 2].tolist():
            first = raw.rfind(b"\n", 0, literal) + 1
            found.append((raw.count(b"\n", 0, first) + 1, raw[first : raw.index(b"\n", literal)]))
        return found


@lru_cache(maxsize=4096)
def literal_kind(written: str) -> tuple[str, str | None] | None:
    """Datatype and tag of ``@tag`` or ``<datatype>``, None where no literal may have it.

    Tags are in lower case, as pyoxigraph gives them (RDF 1.1 Concepts, section 3.3).
    """
    suffix = written if written.startswith("@") else f"^^{written}"
    try:
        (quad,) = ox.parse(f'<x:> <x:> ""{suffix} .', format=ox.RdfFormat.N_TRIPLES)
    except SyntaxError:
        return None
    if getattr(quad.object, "direction", None) is not None:
        return None
    return quad.object.datatype.value, quad.object.language


def padded(data: bytes) -> Block:
    """Make a block of some bytes."""
    array = np.full(len(data) + PADDING, ord("\n"), np.uint8)
    array[: len(data)] = np.frombuffer(data, np.uint8)
    return Block(array, len(data))
