from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
import shapely

from endpoint import Settings, create_app
from endpoint.geojson import crs84_geometries
from ontology import QuerySyntaxError, geodesic_distance
from store import Store

GEOF = "http://www.opengis.net/def/function/geosparql/"
XSD = "http://www.w3.org/2001/XMLSchema#"


def _intersects(first: ox.Literal, second: ox.Literal) -> ox.Literal:
    shapes = crs84_geometries([first.value, second.value])
    return ox.Literal(bool(shapely.intersects(*shapes)))


def _distance(first: ox.Literal, second: ox.Literal, unit: ox.NamedNode) -> ox.Literal:
    shapes = crs84_geometries([first.value, second.value])
    metres = float(geodesic_distance(shapes[:1], shapes[1:])[0])
    return ox.Literal(repr(metres), datatype=ox.NamedNode(XSD + "double"))


FUNCTIONS = {
    ox.NamedNode(GEOF + "sfIntersects"): _intersects,
    ox.NamedNode(GEOF + "distance"): _distance,
}

if TYPE_CHECKING:
    from collections.abc import Iterable

GRAPHS = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "rdf": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
}
SOLUTIONS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}


class OxigraphAnswer:
    """An independent implementation of the Answer protocol for the HTTP tests."""

    def __init__(self, results: Any) -> None:
        self._results = results
        self.info: dict[str, Any] = {}

    @property
    def form(self) -> str:
        if isinstance(self._results, ox.QuerySolutions):
            return "SELECT"
        return "ASK" if isinstance(self._results, ox.QueryBoolean) else "CONSTRUCT"

    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._bytes("json"))
        return found

    def _bytes(self, format_name: str) -> bytes:
        buffer = io.BytesIO()
        formats: dict[str, Any] = GRAPHS if self.form == "CONSTRUCT" else SOLUTIONS
        self._results.serialize(buffer, format=formats[format_name])
        return buffer.getvalue()

    def serialize(self, format_name: str) -> Iterable[bytes]:
        yield self._bytes(format_name)


class OxigraphStore:
    def __init__(self, turtle: str = "") -> None:
        self.store = ox.Store()
        self.asked: list[dict[str, Any]] = []
        self.store.load(turtle.encode(), format=ox.RdfFormat.TRIG)

    def query(
        self,
        text: str,
        *,
        timeout: float | None = None,
        default_graphs: tuple[str, ...] = (),
        named_graphs: tuple[str, ...] = (),
    ) -> OxigraphAnswer:
        self.asked.append({"text": text, "timeout": timeout})
        dataset: dict[str, Any] = {}
        if default_graphs or named_graphs:
            dataset = {
                "default_graph": [ox.NamedNode(graph) for graph in default_graphs],
                "named_graphs": [ox.NamedNode(graph) for graph in named_graphs],
            }
        try:
            return OxigraphAnswer(self.store.query(text, custom_functions=FUNCTIONS, **dataset))
        except SyntaxError as error:
            raise QuerySyntaxError("The query does not parse", why=str(error)) from error


DATA = """
@prefix : <http://example.org/> .
:a :name "Wien" ; :size 3 .
:b :name "a <b>, \\"c\\"\\n" ; :size 5 .
<http://example.org/g1> { <http://example.org/one> a :Thing }
<http://example.org/g2> { <http://example.org/two> a :Thing }
"""


@pytest.fixture
def oxigraph() -> OxigraphStore:
    return OxigraphStore(DATA)


@pytest.fixture
def client(oxigraph: OxigraphStore) -> Any:
    return create_app(oxigraph, settings=Settings(max_query_bytes=20_000)).test_client()


@pytest.fixture(scope="session", params=["store", "oxigraph"])
def make_store(request: Any, tmp_path_factory: Any) -> Any:
    if request.param == "oxigraph":
        return OxigraphStore

    def make(trig: str) -> Store:
        folder = tmp_path_factory.mktemp("endpoint")
        (folder / "data.trig").write_text(trig, encoding="utf-8")
        store = Store.create(folder / "store")
        store.load(folder / "data.trig")
        return store

    return make
