"""SPARQL 1.1 Update: the same requests on our store and on pyoxigraph's, compared."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from ontology import IRI, BlankNode, Literal, QuerySyntaxError, StoreError, UnsupportedError
from store import Store, UpdateReport

Quads = Callable[[Store], set[ox.Quad]]
PREFIX = "PREFIX x: <http://x/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n"
DATA = """INSERT DATA {
  x:a x:p 1 , 12 , 2.5 , "chat"@fr , "x" , true ; x:q x:b .
  x:b x:p 3 ; x:q x:c .
  x:c x:p "2018-06-01"^^xsd:date .
  GRAPH x:g { x:a x:p 1 ; x:q x:g . }
  GRAPH x:h { x:b x:p 9 }
}"""

ROWS = 13

REQUESTS = [
    "INSERT DATA { x:a x:p 1 }",
    "INSERT DATA { x:new x:p 5, 5, 'é\\n\\\"' . GRAPH x:new { x:new x:p x:a } }",
    "DELETE DATA { x:a x:p 12, 'x' ; x:q x:nothing . GRAPH x:g { x:a x:p 1 } }",
    "DELETE DATA { x:a x:p 1 } ; INSERT DATA { x:a x:p 1 }",
    "INSERT DATA { x:a x:p 77 } ; DELETE DATA { x:a x:p 77 }",
    "DELETE WHERE { ?s x:q ?o }",
    "DELETE WHERE { ?s x:q ?o . ?o x:p ?v }",
    "DELETE WHERE { GRAPH ?g { ?s x:p ?o } }",
    "DELETE { ?s x:p ?o } INSERT { ?s x:r ?o } WHERE { ?s x:p ?o FILTER(isNumeric(?o)) }",
    "INSERT { ?s x:twice ?n } WHERE { ?s x:p ?o BIND(?o * 2 AS ?n) }",
    "INSERT { ?o x:p ?s } WHERE { ?s x:p|x:q ?o }",
    "INSERT { ?s ?o 1 } WHERE { ?s x:p|x:q ?o }",
    "INSERT { GRAPH ?s { ?s ?p ?o } } WHERE { ?s ?p ?o }",
    "INSERT { ?s x:maybe ?v } WHERE { ?s x:q ?o OPTIONAL { ?o x:none ?v } }",
    "WITH x:g DELETE { ?s x:p ?o } INSERT { ?s x:r ?o } WHERE { ?s x:p ?o }",
    "WITH x:g INSERT { ?s x:seen ?g } WHERE { ?s x:q ?o GRAPH ?g { ?t x:p 9 } }",
    "DELETE { ?s x:p ?o } USING x:g WHERE { ?s x:p ?o }",
    "INSERT { ?s x:from ?g } USING NAMED x:h WHERE { GRAPH ?g { ?s x:p ?o } }",
    "INSERT { x:a x:count ?n } WHERE { SELECT (COUNT(*) AS ?n) { ?s x:p ?o } }",
    "CLEAR DEFAULT",
    "CLEAR GRAPH x:g",
    "DROP NAMED",
    "CLEAR ALL",
    "DROP SILENT GRAPH x:nothing",
    "CREATE GRAPH x:empty",
    "ADD x:g TO DEFAULT",
    "COPY DEFAULT TO x:g",
    "COPY x:g TO x:g",
    "MOVE x:g TO x:h",
    "MOVE GRAPH x:h TO DEFAULT",
    "INSERT { ?s x:k ?o } WHERE { ?s x:p ?o } ; DELETE WHERE { ?s x:k 1 } ; CLEAR GRAPH x:g",
    "",
]


def _oracle(*requests: str) -> set[ox.Quad]:
    peer = ox.Store()
    for request in requests:
        peer.update(PREFIX + request)
    return set(peer)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = Store.create(tmp_path_factory.mktemp("prepared") / "store")
    assert store.update(PREFIX + DATA) == UpdateReport(inserted=ROWS, deleted=0)
    return store.path


@pytest.fixture
def filled(prepared: Path) -> Store:
    """A store with DATA, always in one folder: the engine for it is opened once."""
    root = prepared.with_name("filled")
    shutil.rmtree(root, ignore_errors=True)
    return Store.open(shutil.copytree(prepared, root))


@pytest.mark.parametrize("request_text", REQUESTS)
def test_same_as_pyoxigraph(filled: Store, quads_of: Quads, request_text: str) -> None:
    expected = _oracle(DATA, request_text)
    report = filled.update(PREFIX + request_text)
    assert quads_of(filled) == expected
    assert ROWS + report.inserted - report.deleted == len(expected)
    assert filled.snapshot().number <= 2, "one request is one snapshot"
    named = {quad.graph_name.value for quad in expected if quad.graph_name != ox.DefaultGraph()}
    assert set(filled.snapshot().graphs) == named


def test_each_solution_gets_its_own_blank_node(filled: Store, quads_of: Quads) -> None:
    filled.update(PREFIX + "INSERT { ?s x:has _:n . _:n x:value ?o } WHERE { ?s x:p ?o }")
    made = [quad for quad in quads_of(filled) if quad.predicate.value == "http://x/has"]
    assert len({quad.object for quad in made}) == 8
    again = PREFIX + "INSERT DATA { _:n x:p 1 }"
    assert filled.update(again).inserted == 1
    assert filled.update(again).inserted == 1, "labels belong to a request"


def test_a_stored_blank_node_can_be_deleted_by_pattern(store: Store, quads_of: Quads) -> None:
    store.update(PREFIX + "INSERT DATA { [] x:p 1 . x:a x:q [ x:p 2 ] }")
    assert store.update(PREFIX + "DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }").deleted == 3
    assert not quads_of(store)


REFUSED = {
    "INSERT DATA { ?x x:p 1 }": QuerySyntaxError,
    "DELETE DATA { _:b x:p 1 }": QuerySyntaxError,
    "DELETE { _:b x:p 1 } WHERE {}": QuerySyntaxError,
    "DELETE WHERE { [] x:p 1 }": QuerySyntaxError,
    "INSERT DATA { x:a x:p 1 } trailing": QuerySyntaxError,
    "INSERT DATA { _:b x:p 1 } ; INSERT DATA { _:b x:p 2 }": QuerySyntaxError,
    "INSERT DATA { x:a x:p 1": QuerySyntaxError,
    "SELECT * { ?s ?p ?o }": QuerySyntaxError,
    "LOAD <http://example.org/data.ttl>": UnsupportedError,
    "DROP GRAPH x:nothing": StoreError,
    "COPY x:nothing TO DEFAULT": StoreError,
    "CREATE GRAPH x:g": StoreError,
}


def test_refused_requests_change_nothing(filled: Store, quads_of: Quads) -> None:
    before = quads_of(filled)
    for text, error in REFUSED.items():
        with pytest.raises(error):
            filled.update(PREFIX + "CLEAR DEFAULT ; " + text)
        assert filled.snapshot().number == 1
    assert quads_of(filled) == before
    files = {filled.path / entry.path for entry in filled.snapshot().manifest.files}
    assert set(filled.path.rglob("*.parquet")) == files


def test_insert_and_delete_of_terms(store: Store, quads_of: Quads) -> None:
    subject, predicate = IRI("http://s"), IRI("http://p")
    triples = [
        (subject, predicate, Literal("1", "http://www.w3.org/2001/XMLSchema#integer")),
        (BlankNode("n"), predicate, subject),
        (subject, predicate, Literal("a"), IRI("http://g")),
    ]
    assert store.insert(triples) == UpdateReport(3, 0)
    assert store.insert(triples) == UpdateReport(0, 0)
    assert len(quads_of(store)) == 3
    assert store.delete(triples[:2]) == UpdateReport(0, 2)
    assert store.delete([(subject, predicate, Literal("a"))]) == UpdateReport(0, 0)
    assert store.delete(triples) == UpdateReport(0, 1)
    assert store.snapshot().graphs == ()
    assert store.snapshot().manifest.files == store.snapshot().manifest.terms
