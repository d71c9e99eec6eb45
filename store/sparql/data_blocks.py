"""Long blocks of ``INSERT DATA`` and ``DELETE DATA``, cut out before the request is parsed.

The grammar of a data block is that of TriG's graphs, so a long one is handed, in pieces, to the
parser that loads files. What remains of the request is short.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from .tokens import position, syntax_error

LONG: Final = 1 << 16
"""Characters from which a data block is cut out; shorter ones go through our own grammar."""

_SPACE: Final = r"(?:[ \t\r\n]++|#[^\r\n]*+)"
_QUOTED: Final = (
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*+"""'
    r"|'''(?:[^'\\]|\\.|'{1,2}(?!'))*+'''"
    r'|"(?!"")(?:[^"\\\r\n]|\\.)*+"|""(?!")'
    r"|'(?!'')(?:[^'\\\r\n]|\\.)*+'|''(?!')"
)
_IRI: Final = r'<[^<>"{}|^`\\\x00-\x20]*+>'
_WORD: Final = r"""(?:[^\s"'<#{}\\.;,()\[\]]|\\.)++"""
_OPENING: Final = re.compile(
    rf"(?P<open>\b(?i:INSERT|DELETE){_SPACE}++(?i:DATA){_SPACE}*+\{{)|{_QUOTED}|{_IRI}|#[^\r\n]*+",
    re.DOTALL,
)
_TRIPLES: Final = re.compile(
    rf"(?:[ \t\r\n.;,()\[\]]++|(?!(?i:GRAPH)[\s<#]){_WORD}|{_IRI}|{_QUOTED}|#[^\r\n]*+)*+",
    re.DOTALL,
)
_GRAPH: Final = re.compile(rf"(?i:GRAPH){_SPACE}*+(?P<name>{_IRI}|{_WORD}){_SPACE}*+\{{", re.DOTALL)
_STOP: Final = re.compile(rf"{_SPACE}*+\.")


@dataclass(frozen=True, slots=True)
class Piece:
    """Triples ``text[start:end]`` of one graph; ``graph`` is its name as written."""

    start: int
    end: int
    graph: str | None = None


@dataclass(frozen=True, slots=True)
class DataBlock:
    """A long data block; :meth:`trig` gives it as TriG.

    Attributes
    ----------
    text : str
        The whole request.
    pieces : tuple of Piece
    prefixes : mapping
        What the block's prefixed names stand for.
    base_iri : str, optional
    """

    text: str
    pieces: tuple[Piece, ...]
    prefixes: Mapping[str, str]
    base_iri: str | None = None

    @property
    def line(self) -> int:
        """Line of the request on which the block begins; both texts have their lines alike."""
        return self.text.count("\n", 0, self.pieces[0].start) + 1

    @property
    def place(self) -> str:
        """Where in the request the block begins, for messages."""
        return position(self.text, self.pieces[0].start)

    def trig(self) -> Iterator[bytes]:
        """Yield the block as a TriG document, line by line as in the request."""
        yield "".join(f"@prefix {n}: <{iri}> . " for n, iri in self.prefixes.items()).encode()
        at = self.pieces[0].start
        for piece in self.pieces:
            yield b"\n" * self.text.count("\n", at, piece.start)
            yield f"GRAPH {piece.graph} {{".encode() if piece.graph else b"{"
            for start in range(piece.start, piece.end, LONG):
                yield self.text[start : min(start + LONG, piece.end)].encode()
            yield b"}"
            at = piece.end


def cut_blocks(text: str) -> tuple[str, dict[int, tuple[Piece, ...]]]:
    """Blank out long data blocks.

    Returns
    -------
    str
        The request, every other character at its place and line.
    dict
        Pieces of each block by the offset of its opening brace.

    Raises
    ------
    QuerySyntaxError
        If a long block is not closed, or holds a brace where none may stand.
    """
    blocks: dict[int, tuple[Piece, ...]] = {}
    if len(text) < LONG:
        return text, blocks
    kept: list[str] = []
    at = done = 0
    while (found := _OPENING.search(text, at)) is not None:
        at = found.end()
        if found.group("open") is None:
            continue
        pieces = _pieces(text, at)
        if pieces is None:
            continue
        start, at = at, pieces[-1].end
        if at - start >= LONG:
            blocks[start - 1] = pieces
            kept += [text[done:start], _blank(text, start, at)]
            done = at
    return "".join([*kept, text[done:]]), blocks


def _pieces(text: str, start: int) -> tuple[Piece, ...] | None:
    """Split a block into its graphs; None if it is short and broken."""
    pieces: list[Piece] = []
    at = start
    while True:
        end = _end(text, at)
        pieces.append(Piece(at, end))
        if text.startswith("}", end):
            return tuple(pieces)
        graph = _GRAPH.match(text, end)
        if graph is None:
            break
        inner = graph.end()
        end = _end(text, inner)
        if not text.startswith("}", end):
            break
        pieces.append(Piece(inner, end, graph.group("name")))
        stop = _STOP.match(text, end + 1)
        at = stop.end() if stop else end + 1
    if end - start < LONG:
        return None
    found = repr(text[end]) if end < len(text) else "the end of the update"
    raise syntax_error(text, end, found, "a triple, GRAPH and its name, or '}'")


def _end(text: str, at: int) -> int:
    found = _TRIPLES.match(text, at)
    assert found is not None, "the pattern matches the empty text too"
    return found.end()


def _blank(text: str, start: int, end: int) -> str:
    """White space as long as the block, with as many lines and as long a last one."""
    lines = text.count("\n", start, end)
    tail = end - text.rfind("\n", start, end) - 1 if lines else 0
    return " " * (end - start - lines - tail) + "\n" * lines + " " * tail
