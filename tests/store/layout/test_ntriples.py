"""The tokeniser against pyoxigraph: what it accepts is right, what it leaves is left alone."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator

import pyarrow as pa
import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.layout.ntriples import kernel
from store.layout.ntriples.block import Piece, padded, read_block
from store.layout.sources import blocks

SYNTAX = {True: ox.RdfFormat.N_QUADS, False: ox.RdfFormat.N_TRIPLES}

IRIS = [
    "<http://a/b?c=d&e=%20#f>", "<urn:x:y>", "<http://a:80/>", "<http://a:8x/>", "<mailto:a@b>",
    "<http://u@h/>", "<http://[::1]/>", "<http://a/[>", "<http://a#b#c>", "<rel>", "<1a:b>", "<:a>",
    "<http://ä/ü>", "<http://a/\x80>", "<http://a/\ue000>", "<http://a/\ufdd0>", "<http://a/\U00010000>",
    "<http://a/%zz>", "<http://a/%4>", "<http://a b>", '<http://a">', "<http://a/\\u0041>", "<>",
    "<a:>",
    "<http://>", "<http:///x>", "<http:////>", "<a://:>", "<http://a|b>", "<http://a`>", "<http://a^>",
    "<http://a{}>", "<http://a/\x7f>", "<http://a/\ufffd>", "<scheme+1.-:x>", "<http://a_b~-.c/>",
    "<http://a:>", "<http://a?x#y?z/>", "<http://-/>", "<a:b", "<a:b<c:d>", "<http://a/\ud7ff\uf900>",
]  # fmt: skip
BLANKS = ["_:a", "_:1", "_:a.b", "_:a.", "_:-a", "_:a-b_", "_:", "_:ä", "_:a:b", "_:_", "_:a·"]
LITERALS = [
    '"x"', '""', '"a\\"b\\\\c\\n\\t\\r\\b\\f\\\'"', '"\\u0041"', '"\\U0001F600"', '"\\x"', '"a',
    '"a\rb"',
    '"\x00\x01\x7f\t\x0b"', '"é\u2028\ufeff\U0001f600\ufffe"', '"x"@en', '"x"@EN-us', '"x"@a',
    '"x"@en-', '"x"@', '"x"@en--ltr', '"x"@de-1996', '"x"@abcdefghi', '"x"@i-klingon', '"x"@x-y-z',
    '"1"^^<http://www.w3.org/2001/XMLSchema#integer>', '"x"^^<http://www.w3.org/2001/XMLSchema#string>',
    '"x"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#langString>', '"x"^^<rel>', '"x"^<a:b>',
    '"x"^^ <a:b>', '"x" ^^<a:b>', '"x" @en', "'x'", '"x\\', '"x\\"', "1", "true",
    '"x"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#dirLangString>', '"x"^^"y"', '"x"@@',
    '"\\ud800"',
    '"' + "long " * 40 + 'é"', '"12345678"', '"1234567\\n"', '"1234567é"',
]  # fmt: skip
SPACES = [" ", " ", " ", "\t", "  ", "", "\u00a0", "\x0b"]
ENDS = [" .", " .", ".", " . ", " .\r", " . # c", "", " ..", " . .", " .\t", " #", " .\x00"]

node = st.sampled_from(IRIS[:3] + BLANKS[:2]) | st.sampled_from(IRIS + BLANKS)
name = st.sampled_from(IRIS[:2]) | st.sampled_from(IRIS)
term = st.sampled_from(LITERALS) | node
space = st.sampled_from(SPACES)
graph = st.sampled_from(["", "", " <http://g>", " _:g", " <g>", ' "g"', "<http://g>"])


@st.composite
def statements(draw: st.DrawFn) -> bytes:
    parts = [draw(st.sampled_from(["", "", "", " ", "\t"])), draw(node), draw(space), draw(name)]
    parts += [draw(space), draw(term), draw(graph), draw(st.sampled_from(ENDS))]
    return "".join(parts).encode()


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    line = bytearray(draw(statements()))
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(line)))
        byte = draw(st.sampled_from(list(b'<>"\\.@^_: \t\r#%a1\x00\x80\xc3\xed\xf4\xff\xa0')))
        match draw(st.sampled_from("idr")):
            case "i":
                line.insert(at, byte)
            case "d":
                del line[at : at + 1]
            case _:
                line[at : at + 1] = bytes([byte])
    return bytes(line)


def _quads(piece: Piece) -> Iterator[ox.Quad]:
    nodes = [
        ox.BlankNode(text[2:]) if text.startswith("_:") else ox.NamedNode(text)
        for text in piece.nodes.to_pylist()
    ]
    for rows in piece.rows:
        named = ox.NamedNode(rows.graph) if rows.graph is not None else ox.DefaultGraph()
        objects = rows.objects.to_pylist() if isinstance(rows.objects, pa.Array) else rows.objects
        for subject, value in zip(rows.subjects, objects, strict=True):
            if rows.datatype is None:
                found: object = nodes[value]
            elif rows.lang is not None:
                found = ox.Literal(value, language=rows.lang)
            else:
                found = ox.Literal(value, datatype=ox.NamedNode(rows.datatype))
            yield ox.Quad(nodes[subject], ox.NamedNode(rows.predicate), found, named)


def _check(lines: list[bytes], quads: bool) -> list[bytes]:
    """Compare and return the lines left."""
    pieces = list(read_block(padded(b"\n".join(lines)), quads))
    left = [entry for piece in pieces for entry in piece.left]
    for number, line in left:
        assert lines[number - 1] == line
    kept = [line for number, line in enumerate(lines, 1) if number not in dict(left)]
    ours = Counter(quad for piece in pieces for quad in _quads(piece))
    theirs = Counter(quad for line in kept for quad in ox.parse(line, format=SYNTAX[quads]))
    assert ours == theirs
    assert sum(piece.lines for piece in pieces) == len(lines) - (lines[-1] == b"")
    return [line for _, line in left]


@settings(deadline=None)
@given(st.lists(mutated(), min_size=1, max_size=12), st.booleans())
def test_it_agrees_with_pyoxigraph(lines: list[bytes], quads: bool) -> None:
    _check(lines, quads)


@pytest.mark.parametrize("quads", [True, False])
def test_every_form_of_every_term(quads: bool) -> None:
    lines = [f"<a:s> <a:p> {text} .".encode() for text in (*IRIS, *BLANKS, *LITERALS)]
    lines += [f"{text} <a:p> <a:o> .".encode() for text in (*IRIS, *BLANKS)]
    lines += [f"<a:s> {text} <a:o> .".encode() for text in (*IRIS, *BLANKS)]
    lines += [f'<a:s> <a:p> "x"{end}'.encode() for end in ENDS]
    lines += [f"<a:s> <a:p> <a:o> {text} .".encode() for text in (*IRIS, *BLANKS)]
    _check(lines, quads)


@pytest.mark.parametrize(
    "body",
    [b"\xff", b"\xc3", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x28\xa1", b"\xf8"],
)
def test_ill_formed_utf8_is_left(body: bytes) -> None:
    lines = [b'<a:s> <a:p> "x' + body + b'" .', b"<a:s> <a:p> <a:x" + body + b"> ."]
    assert _check(lines, quads=True) == lines


def test_ordinary_lines_are_not_left() -> None:
    ordinary = [
        *IRIS[:3], *BLANKS[:2], *LITERALS[:3], '"x"@en', '"x"@EN-us', '"é"', '"1"^^<http://x/y>',
    ]  # fmt: skip
    lines = [f"<http://a> <http://p> {text} .".encode() for text in ordinary]
    lines += [line.replace(b" .", b" <http://g> .\r") for line in lines]
    assert _check(lines, quads=True) == []


def test_full_arrays_cut_a_block_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    count = kernel.MAX_TEXTS // 2
    lines = [b"<a:s%d> <a:p> <a:o%d> ." % (k, k) for k in range(count)]
    lines[-1] = b"rubbish"
    pieces = list(read_block(padded(b"\n".join(lines)), quads=False))
    assert len(pieces) > 1
    assert pieces[-1].left == [(count, b"rubbish")]
    assert sum(len(rows.subjects) for piece in pieces for rows in piece.rows) == count - 1


@pytest.mark.parametrize("size", [1, 7, 30, 1000])
def test_blocks_are_whole_lines(size: int) -> None:
    data = b"\n\n".join(b"x" * length for length in (0, 3, 40, 200, 1)) + b"\nlast"
    found = [block.data[: block.size].tobytes() for block in blocks(io.BytesIO(data), size)]
    assert b"".join(found) == data
    assert all(part.endswith(b"\n") for part in found[:-1])
