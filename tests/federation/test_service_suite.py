"""W3C SPARQL 1.1 Federated Query: the seven SERVICE evaluation tests, against live endpoints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import RDF, Graph, Namespace, URIRef

from federation import Federation
from store import Store
from tests.conformance.suites import record, require

SUITE = require("conformance/w3c-sparql/sparql/sparql11/service")

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
MANIFEST = Graph().parse(SUITE / "manifest.ttl", publicID=SUITE.as_uri() + "/")
TESTS = sorted(MANIFEST.subjects(RDF.type, MF.QueryEvaluationTest))
NOWHERE = "http://127.0.0.1:9/sparql"


def local(node: object) -> Path:
    return SUITE / str(node).rpartition("/")[2]


def bag(rows: list[dict[str, dict[str, str]]]) -> Counter[str]:
    return Counter(str(sorted((n, t["type"], t["value"]) for n, t in r.items())) for r in rows)


@pytest.fixture(scope="module")
def passed() -> Iterator[list[URIRef]]:
    found: list[URIRef] = []
    yield found
    record("sparql11-service", len(found), len(TESTS) - len(found))


@pytest.mark.standard("SPARQL 1.1 Federated Query, section 2")
@pytest.mark.parametrize("test", TESTS, ids=lambda t: t.rpartition("#")[2])
def test_service(test: URIRef, serve, tmp_path, passed):
    action = MANIFEST.value(test, MF.action)
    addresses = {"http://invalid.endpoint.org/sparql": NOWHERE}
    for data in MANIFEST.objects(action, QT.serviceData):
        endpoint = serve(local(MANIFEST.value(data, QT.data)).read_text())
        addresses[str(MANIFEST.value(data, QT.endpoint))] = endpoint.url

    def here(path: Path) -> str:
        text = path.read_text()
        for address, url in addresses.items():
            text = text.replace(f"<{address}>", f"<{url}>")
        return text

    home = Store.create(tmp_path / "home")
    data = MANIFEST.value(action, QT.data)
    if data is not None:
        (tmp_path / "data.ttl").write_text(here(local(data)))
        home.load(tmp_path / "data.ttl")
    query = here(local(MANIFEST.value(action, QT.query)))
    found = (
        Federation([], store=home, service=tuple(addresses.values()))
        .query(query)
        .json()["results"]["bindings"]
    )
    expected = local(MANIFEST.value(test, MF.result))
    results = ox.parse_query_results(expected.read_bytes(), ox.QueryResultsFormat.XML)
    rows = [
        {
            variable.value: {
                "type": "uri" if isinstance(term, ox.NamedNode) else "literal",
                "value": addresses.get(term.value, term.value),
            }
            for variable in results.variables
            if (term := row[variable.value]) is not None
        }
        for row in results
    ]
    assert bag(found) == bag(rows)
    passed.append(test)
