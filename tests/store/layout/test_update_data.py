"""Long data blocks: cut out, parsed as TriG, with the outcome of the short ones."""

from __future__ import annotations

from collections.abc import Callable

import pyoxigraph as ox
import pytest

from ontology import IRI, InputError, Literal, QuerySyntaxError, UnsupportedError
from store import Store
from store.sparql import data_blocks, updates
from store.sparql.data_blocks import cut_blocks

Quads = Callable[[Store], set[ox.Quad]]

PADDING = "# " + "x" * data_blocks.LONG + "\n"
BLOCKS = [
    "x:a x:p 1",
    "x:a x:p 1 .",
    'x:a x:p 1, 1.0, 1e0, -5 ; a x:C . x:b x:q \'it\\\'s\'@en, "}", \'\'\'{"\'\'\', """a"b""" .',
    "x:a x:p 1 GRAPH x:g { x:a x:p 2 } x:b x:p 3",
    "x:a x:p 1 . GRAPH x:g { x:a x:p 2 . } . x:b x:p 3 . graph <g/#x> {} GRAPH x:g { x:c x:p 4 }",
    "GRAPH x:g { x:a x:p 'GRAPH x:h { }' # } comment {\n }",
    "x:a\\,b x:p x:c\\(d\\) ; x:q <iri#fragment>, <../up>",
    "# GRAPH x:g {\n x:a x:p true",
    "x:GRAPH x:p x:graph , graph: ",
    "x:a x:p '\\u0041\\n', \"\\U0001F600\" ; x:\\u0071 1",
    "",
]
PREFIX = "PREFIX x: <http://x/> PREFIX graph: <http://graph/>\n"
BASE = "http://base/dir/"


@pytest.mark.parametrize("verb", ["INSERT", "DELETE"])
@pytest.mark.parametrize("block", BLOCKS)
def test_long_blocks_mean_what_short_ones_mean(
    store: Store, quads_of: Quads, block: str, verb: str
) -> None:
    short = f"{PREFIX} insert data {{ {block} }} ;"
    store.update(short, base_iri=BASE)
    expected = quads_of(store)
    if verb == "DELETE":
        report = store.update(f"{PREFIX} DELETE DATA {{ {PADDING} {block} }}", base_iri=BASE)
        assert report.deleted == len(expected)
        assert not quads_of(store)
        return
    store.update("DROP ALL")
    long = f"{PREFIX} INSERT # comment {{\n DATA\n{{ {PADDING} {block} }} ; CREATE GRAPH x:new"
    assert store.update(long, base_iri=BASE).inserted == len(expected)
    assert quads_of(store) == expected
    assert "http://x/new" in store.snapshot().graphs


REFUSED = [
    ("?s x:p 1", 3),
    ("x:a x:p 1 ; x:p", 3),
    ("x:a y:p 1", 3),
    ("x:a x:p 1 . \n { x:a x:p 1 }", 4),
    ("<g> { x:a x:p 1 }", 3),
    ("GRAPH ?g { x:a x:p 1 }", 3),
    ("GRAPH x:g { GRAPH x:g { } }", 3),
    ("x:a x:p 1 .\n x:a x:p 'open", 4),
    ("PREFIX z: <http://z/> z:a x:p 1", 3),
    ("@prefix z: <http://z/> . z:a x:p 1", 3),
    ("x:a x:p/x:q 1", 3),
    ("x:a x:p 1", 3),
]


@pytest.mark.parametrize(("block", "line"), REFUSED)
def test_a_broken_long_block_is_named_by_line(store: Store, block: str, line: int) -> None:
    closing = "" if (block, line) == REFUSED[-1] else "}"
    text = f"{PREFIX}INSERT DATA {{ {PADDING}{block} {closing}"
    with pytest.raises(QuerySyntaxError, match=f"line {line}"):
        store.update("CREATE GRAPH <http://g> ;" + text)
    assert store.snapshot().number == 0


def test_errors_behind_a_long_block_keep_their_place(store: Store) -> None:
    text = f"{PREFIX}INSERT DATA {{ {PADDING}x:a x:p 1\n\n}} ; DELETE {{ }} nonsense"
    with pytest.raises(QuerySyntaxError, match="line 5, column 16"):
        store.update(text)


def test_labels_belong_to_one_operation(store: Store, quads_of: Quads) -> None:
    for first, second in ((PADDING, ""), ("", PADDING), (PADDING, PADDING)):
        text = f"INSERT DATA {{ {first} _:b <http://p> _:c, [] }} ; INSERT DATA {{ {second}"
        with pytest.raises(QuerySyntaxError, match="_:b"):
            store.update(f"{text} _:b <http://p> 1 }}")
        assert store.update(f"{text} _:d <http://p> _:e, [] }}").inserted == 4
    nodes = {term for quad in quads_of(store) for term in (quad.subject, quad.object)}
    assert len(nodes) == 3 * 6
    with pytest.raises(QuerySyntaxError, match="blank node"):
        store.update(f"DELETE DATA {{ {PADDING} _:b <http://p> 1 }}")


@pytest.mark.parametrize("term", ["<<( <x:s> <x:p> 1 )>>", "'a'@en--ltr"])
def test_terms_of_rdf_12_are_refused(store: Store, term: str) -> None:
    with pytest.raises((QuerySyntaxError, UnsupportedError)):
        store.update(f"INSERT DATA {{ {PADDING} <x:s> <x:p> {term} }}")
    assert store.snapshot().number == 0


def test_megabytes_of_data_in_one_request(store: Store) -> None:
    lines = "".join(
        f'x:s{n} x:p {n} ; x:q "name {n}"@en . GRAPH x:g{n % 3} {{ x:s{n} x:r x:s{n - 1} }}\n'
        for n in range(30_000)
    )
    assert len(lines) > 2 << 20
    assert store.update(f"{PREFIX}INSERT DATA {{ {lines} }}").inserted == 90_000
    report = store.update(f"{PREFIX}DELETE DATA {{ {lines} }} ; INSERT DATA {{ x:a x:p 1 }}")
    assert (report.deleted, report.inserted) == (90_000, 1)


def test_the_limits_are_named(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    values = " ".join(f"<http://x/{n}>" for n in range(80_000))
    with pytest.raises(UnsupportedError, match="too long"):
        store.update(f"DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o VALUES ?s {{ {values} }} }}")
    monkeypatch.setattr(updates, "MAX_CHARACTERS", 100)
    with pytest.raises(UnsupportedError, match="101 characters, the limit is 100"):
        store.update("#" * 101)


def test_cutting_keeps_places() -> None:
    rest = "} ;\n DELETE DATA { <a> <b> 1 }"
    text = f"# INSERT DATA {{\nINSERT DATA {{{PADDING} <a> <b> '}}' {rest}"
    short, blocks = cut_blocks(text)
    ((start, pieces),) = blocks.items()
    assert text[start] == "{"
    assert text[pieces[-1].end] == "}"
    assert len(short) == len(text)
    lengths, expected = ([len(line) for line in one.split("\n")] for one in (short, text))
    assert lengths[-2:] == expected[-2:]
    assert short.endswith(rest)
    assert cut_blocks("INSERT DATA { }") == ("INSERT DATA { }", {})


def test_errors_speak_of_the_update(store: Store) -> None:
    for text in ("INSERT DATA { ?x <http://p> 1 }", "nonsense", "INSERT", "\\uD800"):
        with pytest.raises(QuerySyntaxError, match="The SPARQL update does not parse") as caught:
            store.update(text)
        assert "query" not in str(caught.value)


def test_blocks_in_a_row_are_one_change(store: Store, quads_of: Quads) -> None:
    text = " ; ".join(f"INSERT DATA {{ _:b{n} <http://p> {n % 7}, _:c{n} }}" for n in range(200))
    assert store.update(text).inserted == 400
    assert len({quad.subject for quad in quads_of(store)}) == 200
    assert len(store.snapshot().manifest.files) == 3
    store.update("CLEAR ALL")
    text = """PREFIX : <http://a/> INSERT DATA { :a :p 1, 2 } ; INSERT DATA { :a :p 2, 3 } ;
        DELETE DATA { :a :p 1 } ; DELETE DATA { :a :p 2, 9 } ; INSERT DATA { :a :p 1 }"""
    report = store.update(text)
    assert (report.inserted, report.deleted) == (4, 2)
    assert {quad.object.value for quad in quads_of(store)} == {"1", "3"}


def test_literals_that_no_file_could_hold_are_refused(store: Store) -> None:
    node, tagged = IRI("http://a"), "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
    with pytest.raises(InputError, match="datatype of a literal"):
        store.update("INSERT DATA { <http://a> <http://p> 'x'^^<relative> }")
    with pytest.raises(InputError, match="language tag"):
        store.insert([(node, node, Literal("x", tagged, "e n"))])
    with pytest.raises(QuerySyntaxError, match=r"line 1, column 38.*surrogate"):
        store.update("INSERT DATA { <http://a> <http://p> '\ud800' }")
    assert store.snapshot().number == 0
