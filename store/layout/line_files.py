"""Loading N-Triples and N-Quads: blocks of lines tokenised and prepared by several threads.

What the tokeniser is not sure of is read again by pyoxigraph; a line both refuse is rejected.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import IO, Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyoxigraph as ox

from ontology import UnsupportedError

from .literals import LiteralColumns
from .ntriples.block import Block, Piece, Rows, read_block
from .quads import QuadGatherer, storable
from .sources import blocks
from .staging import Hasher, Nodes, Preparation

THREADS: Final = min(os.cpu_count() or 1, 4)
SMALL_BYTES: Final = 256 * 2**10
"""A block up to this is read by pyoxigraph, so that a small file never waits for a compiler."""


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is not RDF; ``number`` counts from 1 within the block."""

    number: int
    column: int | None
    reason: str
    text: bytes
    error: Exception


@dataclass(slots=True)
class Prepared:
    """A block ready to be staged."""

    rows: Preparation
    literals: LiteralColumns = field(default_factory=LiteralColumns)
    bad: list[BadLine] = field(default_factory=list)
    lines: int = 0


@dataclass(frozen=True, slots=True)
class LineReader:
    """Reads the lines of one document.

    Attributes
    ----------
    syntax : ox.RdfFormat
        N-Triples or N-Quads.
    graph : str or None
        Graph that takes the triples of the document's default graph.
    scope : callable
        What sets the blank nodes of this document apart; asked only if it has any.
    hasher : callable
    """

    syntax: ox.RdfFormat
    graph: str | None
    scope: Callable[[], str]
    hasher: Hasher

    def read(self, handle: IO[bytes]) -> Iterator[Prepared]:
        """Prepare a file's blocks side by side and yield them in order."""
        pending: deque[Future[Prepared]] = deque()
        with ThreadPoolExecutor(THREADS, thread_name_prefix="load") as pool:
            try:
                for block in blocks(handle):
                    pending.append(pool.submit(self.prepare, block))
                    if len(pending) > THREADS:
                        yield pending.popleft().result()
                while pending:
                    yield pending.popleft().result()
            finally:
                for future in pending:
                    future.cancel()

    def prepare(self, block: Block) -> Prepared:
        """Turn a block into rows of lanes."""
        done = Prepared(Preparation(self.hasher))
        if block.size <= SMALL_BYTES:
            lines = block.data[: block.size].tobytes().split(b"\n")
            self._add_left(list(enumerate(lines, 1)), done)
            done.lines = len(lines) - 1
            return done
        for piece in read_block(block, quads=self.syntax == ox.RdfFormat.N_QUADS):
            self._add_piece(piece, done)
            done.lines += piece.lines
        return done

    def _add_piece(self, piece: Piece, done: Prepared) -> None:
        nodes = done.rows.distinct_nodes(self._scoped(piece.nodes))
        for rows in piece.rows:
            self._add_rows(rows, nodes, done)
        if piece.left:
            self._add_left(piece.left, done)

    def _scoped(self, nodes: pa.Array) -> pa.Array:
        blank = pc.starts_with(nodes, "_:")
        if not pc.any(blank).as_py():
            return nodes
        labels = pc.utf8_slice_codeunits(nodes, 2)
        scoped = pc.binary_join_element_wise(f"_:{self.scope()}", labels, "-")
        return pc.if_else(blank, scoped, nodes)

    def _add_rows(self, rows: Rows, nodes: Nodes, done: Prepared) -> None:
        graph = self.graph if rows.graph is None else rows.graph
        subjects = nodes.take(rows.subjects)
        if rows.datatype is None:
            done.rows.add_nodes(rows.predicate, graph, subjects, nodes.take(rows.objects))
            return
        for column in done.literals.columns(rows.objects, rows.datatype, rows.lang):
            done.rows.add_column(rows.predicate, graph, subjects, column)

    def _add_left(self, left: list[tuple[int, bytes]], done: Prepared) -> None:
        gatherer = QuadGatherer(done.rows.add, self._label, self.graph, done.literals)
        try:
            together = list(self._parse(b"\n".join(line for _, line in left)))
        except SyntaxError:
            together = None
        if together is not None and all(map(storable, together)):
            for quad in together:
                gatherer.add(quad)
        else:
            for number, line in left:
                self._add_line(number, line, gatherer, done)
        gatherer.flush()

    def _add_line(self, number: int, line: bytes, gatherer: QuadGatherer, done: Prepared) -> None:
        try:
            for quad in self._parse(line):
                gatherer.add(quad)
        except SyntaxError as error:
            column = error.offset if error.lineno == 1 else len(line.decode(errors="replace")) + 1
            done.bad.append(BadLine(number, column, reason_of(error), line, error))
        except UnsupportedError as error:
            done.bad.append(BadLine(number, 1, str(error), line, error))

    def _parse(self, lines: bytes) -> Any:
        return ox.parse(lines, format=self.syntax)

    def _label(self, label: str) -> str:
        return f"{self.scope()}-{label}"


def reason_of(error: SyntaxError) -> str:
    """What the parser says, without the place."""
    return str(error.msg).split(": ", 1)[-1]
