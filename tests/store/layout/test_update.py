"""SPARQL 1.1 Update: the same requests on our store and on pyoxigraph's, compared."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from ontology import IRI, BlankNode, Literal, QuerySyntaxError, StoreError, UsageError
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
    "CREATE GRAPH x:empty ; INSERT { x:a x:graph ?g } WHERE { GRAPH ?g { } }",
    "CREATE GRAPH x:empty ; DROP GRAPH x:empty",
    "DELETE WHERE { GRAPH x:h { ?s ?p ?o } }",
    "DROP ALL",
    "DROP ALL ; INSERT DATA { GRAPH x:g { x:a x:p 1 } }",
    "CLEAR NAMED",
    "DROP DEFAULT",
    "DROP GRAPH x:g ; DROP GRAPH x:h",
    "ADD x:g TO DEFAULT",
    "COPY DEFAULT TO x:g",
    "COPY x:g TO x:g",
    "MOVE x:g TO x:h",
    "MOVE GRAPH x:h TO DEFAULT",
    "MOVE DEFAULT TO x:k",
    "ADD DEFAULT TO GRAPH x:k ; ADD x:g TO x:k",
    "COPY x:g TO x:k ; DELETE WHERE { GRAPH x:g { ?s x:p ?o } }",
    "DELETE DATA { x:a x:p 1, 12 } ; INSERT { ?s x:left ?o } WHERE { ?s x:p ?o }",
    "INSERT { ?s ?p ?o . ?o ?p ?s . GRAPH ?o { ?s ?p ?v } } WHERE { ?s ?p ?o, ?v }",
    "LOAD SILENT <file:///nowhere.ttl>",
    "INSERT { ?s x:k ?o } WHERE { ?s x:p ?o } ; DELETE WHERE { ?s x:k 1 } ; CLEAR GRAPH x:g",
    "",
]


def _oracle(*requests: str) -> tuple[set[ox.Quad], set[str]]:
    """Quads and named graphs, empty ones included."""
    peer = ox.Store()
    for request in requests:
        peer.update(PREFIX + request)
    return set(peer), {graph.value for graph in peer.named_graphs()}


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
    expected, graphs = _oracle(DATA, request_text)
    report = filled.update(PREFIX + request_text)
    assert quads_of(filled) == expected
    assert ROWS + report.inserted - report.deleted == len(expected)
    assert filled.snapshot().number <= 2, "one request is one snapshot"
    assert set(filled.snapshot().graphs) == graphs


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
    "LOAD <http://example.org/data.ttl>": UsageError,
    "LOAD <file:///etc/hostname>": UsageError,
    "INSERT { ?s x:p 1 } WHERE WHERE { ?s x:q ?o }": QuerySyntaxError,
    "CLEAR GRAPH x:nothing": StoreError,
    "MOVE x:nothing TO x:g": StoreError,
    "INSERT DATA { x:a x:p 1 } ; LOAD <http://example.org/data.ttl>": UsageError,
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


def test_base_and_prefixes_between_operations(store: Store, quads_of: Quads) -> None:
    store.update(
        "BASE <http://x/> PREFIX y: <http://y/> INSERT DATA { <a> y:p <#f> } ;"
        " BASE <http://z/> PREFIX y: <y/> INSERT { <b> y:q ?o } WHERE { ?s <http://y/p> ?o } ;"
        " DELETE WHERE { <a> ?p ?o } ; INSERT DATA { <b> y:r <> }",
        base_iri="http://elsewhere/",
    )
    expected = {("x/a", "y/p", "x/#f"), ("z/b", "z/y/q", "x/#f"), ("z/b", "z/y/r", "z/")}
    found = {tuple(term.value for term in quad.triple) for quad in quads_of(store)}
    assert found == {tuple(f"http://{part}" for part in triple) for triple in expected}
    assert store.update("INSERT DATA { <a> <b> 1 }", base_iri="http://x/y").inserted == 1


def test_the_protocol_names_the_dataset(filled: Store, quads_of: Quads) -> None:
    text = PREFIX + "INSERT { ?s x:seen ?o } WHERE { ?s x:p ?o }"
    assert filled.update(text, using_graphs=["http://x/g", "http://x/h"]).inserted == 2
    text = PREFIX + "INSERT { x:a x:named ?g } WHERE { GRAPH ?g { ?s ?p ?o } }"
    assert filled.update(text, using_named_graphs=["http://x/h"]).inserted == 1
    before = quads_of(filled)
    for clause in ("USING x:g", "USING NAMED x:g"):
        twice = PREFIX + f"INSERT {{ ?s x:n ?o }} {clause} WHERE {{ ?s x:p ?o }}"
        with pytest.raises(UsageError, match="given twice"):
            filled.update(twice, using_graphs=["http://x/g"])
    with pytest.raises(UsageError, match="given twice"):
        filled.update(PREFIX + "WITH x:g DELETE { ?s ?p 1 } WHERE {}", using_graphs=["http://x/g"])
    assert quads_of(filled) == before


@pytest.mark.parametrize("verb", ["COPY", "MOVE", "ADD"])
def test_a_silent_transfer_of_a_graph_that_is_not_there_does_nothing(
    filled: Store, quads_of: Quads, verb: str
) -> None:
    before = quads_of(filled)
    assert filled.update(PREFIX + f"{verb} SILENT x:nothing TO x:g") == UpdateReport(0, 0)
    assert quads_of(filled) == before


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
    assert store.snapshot().graphs == ("http://g",), "a graph stays until it is dropped"
    assert store.snapshot().manifest.files == store.snapshot().manifest.terms
