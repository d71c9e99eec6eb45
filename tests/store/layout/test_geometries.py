from __future__ import annotations

import numpy as np
import pytest
import shapely

from ontology import CRS84, UsageError
from store import Store

PREFIX = (
    "PREFIX x: <http://x/> PREFIX geo: <http://www.opengis.net/ont/geosparql#>\n"
    "PREFIX sf: <http://www.opengis.net/ont/sf#>\n"
)
DATA = """INSERT DATA {
  x:f1 a x:Field ; geo:hasGeometry x:g1 . x:g1 a sf:Point ; geo:asWKT "POINT(1 2)"^^geo:wktLiteral .
  x:f2 a x:Field ; geo:hasGeometry _:g . _:g geo:asWKT
    "<http://www.opengis.net/def/crs/EPSG/0/3035> POINT (2800000 4600000)"^^geo:wktLiteral .
  x:d1 a x:District ; geo:hasGeometry [ geo:asWKT "POINT (5 6)"^^geo:wktLiteral ] .
  x:f3 a x:Field ; geo:hasGeometry [ geo:asWKT "broken"^^geo:wktLiteral ] .
  x:f4 a x:Field .
  x:s1 x:where "POINT (7 8)"^^geo:wktLiteral .
  GRAPH x:g { x:f5 a x:Field ; geo:hasGeometry [ geo:asWKT "POINT (9 9)"^^geo:wktLiteral ] }
}"""


@pytest.fixture
def places(store: Store) -> Store:
    store.update(PREFIX + DATA)
    return store


def test_features_of_a_class_by_crs(places: Store) -> None:
    columns = places.geometries("http://x/Field")
    found = {
        column.crs.rpartition("/")[2]: (
            column.ids.to_pylist(),
            shapely.to_wkt(shapely.from_wkb(np.array(column.wkb.to_pylist()))).tolist(),
        )
        for column in columns
    }
    assert found == {
        "CRS84": (["http://x/f1"], ["POINT (1 2)"]),
        "3035": (["http://x/f2"], ["POINT (4600000 2800000)"]),
    }


def test_every_feature_without_a_class(places: Store) -> None:
    ids = {i for column in places.geometries() for i in column.ids.to_pylist()}
    assert ids == {"http://x/f1", "http://x/f2", "http://x/d1"}


def test_of_one_graph(places: Store) -> None:
    (column,) = places.geometries("http://x/Field", "http://x/g")
    assert column.ids.to_pylist() == ["http://x/f5"]
    assert column.crs == CRS84


def test_by_another_path(places: Store) -> None:
    (column,) = places.geometries(path=["http://x/where"])
    assert column.ids.to_pylist() == ["http://x/s1"]
    with pytest.raises(UsageError, match="at least one predicate"):
        places.geometries(path=[])


@pytest.mark.parametrize(
    ("class_iri", "graph"),
    [("http://x/Nothing", None), (None, "http://x/no"), ("http://x/a", "u:g")],
)
def test_nothing_there(places: Store, class_iri: str | None, graph: str | None) -> None:
    assert places.geometries(class_iri, graph) == []
