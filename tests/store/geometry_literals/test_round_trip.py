"""Geometry literals of every datatype go in and come out the same, byte for byte."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ontology import GEO, GEOMETRY_DATATYPES, RDF_TYPE
from store import Store

# fmt: off
TEXTS = {
    "wktLiteral": [
        "POINT (1 2)", "POINT(1 2)", "POINT M (1 2 3)", "POINT ZM (1 2 3 4)", "", "rubbish",
        "<http://www.opengis.net/def/crs/EPSG/0/3035> POINT (2830000 4640000)",
        "<http://www.opengis.net/def/crs/OGC/1.3/CRS83> POINT (1 2)",
    ],
    "gmlLiteral": [
        '<gml:Point xmlns:gml="http://www.opengis.net/ont/gml" srsName="http://www.opengis.net/def/'
        'crs/OGC/1.3/CRS84"><gml:pos>1 2</gml:pos></gml:Point>',
        '<gml:Point xmlns:gml="http://www.opengis.net/ont/gml" srsName="http://www.opengis.net/def/'
        'crs/OGC/1.3/CRS84"> <gml:pos>1.0 2</gml:pos>\n</gml:Point>',
        '<gml:Point xmlns:gml="http://www.opengis.net/gml" srsName="EPSG:3035">'
        "<gml:pos>2830000 4640000</gml:pos></gml:Point>",
        '<gml:Point xmlns:gml="http://www.opengis.net/gml" srsName="EPSG:99999">'
        "<gml:pos>1 2</gml:pos></gml:Point>",
        "<gml:Point", "", "POINT (1 2)",
    ],
    "geoJSONLiteral": [
        '{"type":"Point","coordinates":[1,2]}', '{ "type": "Point", "coordinates": [1.0, 2] }',
        '{"coordinates":[[1,2],[3,4]],"type":"LineString"}',
        '{"type":"Point","coordinates":[1,2,3]}', '{"type":"Point","coordinates":[]}',
        '{"type":"Point","coordinates":[1]}', "{", "null", "",
    ],
    "kmlLiteral": [
        '<Point xmlns="http://www.opengis.net/kml/2.2"><coordinates>1,2</coordinates></Point>',
        '<Point xmlns="http://www.opengis.net/kml/2.2"><coordinates> 1,2 </coordinates></Point>',
        "<Point>", "é",
    ],
    "dggsLiteral": [
        "<https://h3geo.org/res/15> CELL (8f1e33598456180)",
        "<https://h3geo.org/res/15>  CELL (8f1e33598456180)",
        "CELL (8f1e33598456180)", "<https://h3geo.org/res/15> CELL (zz)",
    ],
}
# fmt: on
TYPED = [(text, GEO + name) for name, texts in TEXTS.items() for text in texts]


def _literal(pair: tuple[str, str]) -> ox.Literal:
    return ox.Literal(pair[0], datatype=ox.NamedNode(pair[1]))


def _mangled(pair: tuple[str, str], at: int, to: str) -> tuple[str, str]:
    text = pair[0]
    place = at % (len(text) + 1)
    return text[:place] + to + text[place + 1 :], pair[1]


ANY = st.sampled_from(TYPED)
CROSSED = st.tuples(st.sampled_from([t for t, _ in TYPED]), st.sampled_from(GEOMETRY_DATATYPES))
MANGLED = st.builds(_mangled, ANY, st.integers(0, 200), st.sampled_from(["", "1", ">", '"', " "]))
SUBJECTS = st.builds(ox.NamedNode, st.sampled_from([f"http://x/{k}" for k in range(4)]))
QUADS = st.builds(
    ox.Quad,
    SUBJECTS,
    st.builds(ox.NamedNode, st.sampled_from([GEO + "asGML", GEO + "asWKT", RDF_TYPE])),
    st.builds(_literal, ANY | CROSSED | MANGLED),
    st.just(ox.DefaultGraph()) | st.just(ox.NamedNode("http://x/graph")),
)


def _written(quads: list[ox.Quad], path: Path) -> Path:
    path.write_bytes(b"".join(f"{quad} .\n".encode() for quad in quads))
    return path


def _dumped(store: Store, path: Path) -> set[ox.Quad]:
    count = store.dump(path)
    found = list(ox.parse(path=str(path)))
    assert count == len(found) == len(set(found))
    return set(found)


def _data(quads: list[ox.Quad], verb: str) -> str:
    def one(quad: ox.Quad) -> str:
        triple = f"{quad.subject} {quad.predicate} {quad.object} ."
        named = isinstance(quad.graph_name, ox.NamedNode)
        return f"GRAPH {quad.graph_name} {{ {triple} }}" if named else triple

    return f"{verb} DATA {{ {' '.join(map(one, quads))} }}"


@pytest.mark.parametrize("tables", ["never", "always"])
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(quads=st.lists(QUADS, min_size=1, max_size=12), some=st.integers(0, 2**12 - 1))
@example(
    quads=[
        ox.Quad(ox.NamedNode(f"http://x/{k}"), ox.NamedNode(GEO + "p"), _literal(pair))
        for k, pair in enumerate(TYPED)
    ],
    some=0b101010101010,
)
def test_every_literal_comes_back_and_goes_alone(
    tables: str, quads: list[ox.Quad], some: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        store = Store.create(root / "store", tables=tables)  # type: ignore[arg-type]
        assert store.load(_written(quads, root / "in.nq")).new == len(set(quads))
        assert _dumped(store, root / "a.nq") == set(quads)
        assert store.load(_written(quads, root / "in.nq")).new == 0
        gone = [quad for at, quad in enumerate(quads) if some >> at & 1]
        store.update(_data(gone, "DELETE"))
        assert _dumped(store, root / "b.nq") == set(quads) - set(gone)
        store.update(_data(gone, "INSERT"))
        store.compact()
        assert _dumped(store, root / "c.nq") == set(quads)
        assert not store.verify().problems


@pytest.mark.parametrize("tables", ["never", "always"])
def test_a_literal_of_another_spelling_or_datatype_stays(tables: str, tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store", tables=tables)  # type: ignore[arg-type]
    pairs = [pair for pair in TYPED if pair[1] != GEO + "dggsLiteral"]
    quads = [
        ox.Quad(ox.NamedNode("http://x/s"), ox.NamedNode(GEO + "p"), _literal(pair))
        for pair in pairs
    ]
    store.load(_written(quads, tmp_path / "in.nt"))
    for quad in quads:
        before = _dumped(store, tmp_path / "a.nq")
        store.update(_data([quad], "DELETE"))
        assert _dumped(store, tmp_path / "a.nq") == before - {quad}
