"""Random RDF goes in and comes out the same, byte for byte."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store import Store

XSD = "http://www.w3.org/2001/XMLSchema#"
WKT = "http://www.opengis.net/ont/geosparql#wktLiteral"

# fmt: off
FORMS = {
    "integer": [
        "0", "1", "01", "+1", "-0", "-7", "007", "9223372036854775807",
        "9223372036854775808", "1.0", "1e3", "-",
    ],
    "decimal": [
        "0.0", ".5", "5.", "-0.0", "+1.50", "00.1", "0.000000000001", "0.0000000000001",
        "1", "1.0000000000000", "99999999999999999999999999.999999999999",
        "123456789012345678901234567890",
    ],
    "double": [
        "0", "-0.0", "0.0", "1e0", "1E0", "1.0", "NaN", "INF", "-INF", "+INF", "nan",
        "inf", "1e400", "1e-400", "0.1", "1e-7", "1e20", "123456789.123456789", "1e+16",
        "1e16", "5e-324", ".5e1", "1.", "Infinity",
    ],
    "float": [
        "0", "-0.0", "0.1", "1e10", "16777217", "3.4028235e38", "3.5e38", "NaN", "-INF",
        "1.0",
    ],
    "boolean": [
        "true", "false", "1", "0", "TRUE", "yes",
    ],
    "date": [
        "2018-06-01", "0001-01-01", "0000-01-01", "-0044-03-15", "12018-06-01",
        "2018-02-30", "2018-06-01Z", "2018-06-01+02:00", "2020-02-29",
    ],
    "dateTime": [
        "2018-06-01T12:00:00", "2018-06-01T12:00:00Z", "2018-06-01T12:00:00.5Z",
        "2018-06-01T12:00:00.50", "2018-06-01T12:00:00.123456789Z",
        "2018-06-01T12:00:00+02:00", "2018-06-01T12:00:00-11:30",
        "2018-06-01T12:00:00+00:00", "2018-06-01T24:00:00", "2018-06-01T12:00:60Z",
        "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00+14:00", "2018-06-01",
    ],
    "int": [
        "1", "01", "2147483648",
    ],
    "gYear": [
        "2018", "2018Z",
    ],
    "hexBinary": [
        "0fb7", "0FB7",
    ],
    "string": [
        "", "x",
    ],
}
# fmt: on
GEOMETRIES = [
    "POINT (1 2)",
    "POINT(1 2)",
    "point (1.0 2.50)",
    " POINT (1 2) ",
    "POINT (0.1 0.30000000000000004)",
    "POINT (1e-7 1e20)",
    "POINT (-0.0 0)",
    "POINT Z (1 2 3)",
    "POINT ZM (1 2 3 4)",
    "POINT EMPTY",
    "POLYGON ((0 0, 1 0, 1 1, 0 0))",
    "POLYGON ((0 0,1 0,1 1,0 0))",
    "POLYGON ((0 0, 1 1, 0 1, 1 0, 0 0))",
    "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING EMPTY)",
    "MULTIPOINT ((1 2), (3 4))",
    "MULTIPOINT (1 2, 3 4)",
    "<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POINT (1 2)",
    "<http://www.opengis.net/def/crs/EPSG/0/4326> POINT (2 1)",
    "<http://www.opengis.net/def/crs/EPSG/0/3035>   POINT (2 1)",
    "<http://www.opengis.net/def/crs/EPSG/0/99999> POINT (2 1)",
    "CIRCULARSTRING (0 0, 1 1, 2 0)",
    "rubbish",
    "",
]
TEXT = st.text(
    st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=8
) | st.sampled_from(['"', "\\", "\\u0041", "a\nb\r\tc", "'", "é", "𐀀", " x "])

TYPED = st.sampled_from([(form, XSD + name) for name, forms in FORMS.items() for form in forms])
LITERALS = (
    st.builds(lambda pair: ox.Literal(pair[0], datatype=ox.NamedNode(pair[1])), TYPED)
    | st.builds(
        lambda wkt: ox.Literal(wkt, datatype=ox.NamedNode(WKT)), st.sampled_from(GEOMETRIES)
    )
    | st.builds(ox.Literal, TEXT)
    | st.builds(lambda t, tag: ox.Literal(t, language=tag), TEXT, st.sampled_from(["en", "de-at"]))
    | st.builds(
        lambda t: ox.Literal(t, datatype=ox.NamedNode("http://x/odd")),
        TEXT,
    )
    | st.builds(
        lambda v: ox.Literal(repr(v), datatype=ox.NamedNode(XSD + "double")),
        st.floats(allow_nan=False, allow_infinity=False),
    )
    | st.builds(lambda v: ox.Literal(str(v), datatype=ox.NamedNode(XSD + "integer")), st.integers())
)
IRIS = st.builds(
    ox.NamedNode, st.sampled_from(["http://x/a", "urn:b", "http://x/é", "http://x/%20"])
)
BLANKS = st.builds(ox.BlankNode, st.sampled_from(["b0", "b1"]))
QUADS = st.builds(
    ox.Quad,
    IRIS | BLANKS,
    st.builds(ox.NamedNode, st.sampled_from(["http://x/p", "http://x/q#r"])),
    IRIS | BLANKS | LITERALS,
    st.just(ox.DefaultGraph()) | IRIS,
)


def _relabelled(quads: set[ox.Quad], labels: dict[str, str]) -> set[ox.Quad]:
    def node(term: object) -> object:
        return ox.BlankNode(labels[term.value]) if isinstance(term, ox.BlankNode) else term

    return {ox.Quad(node(q.subject), q.predicate, node(q.object), q.graph_name) for q in quads}


def _through_the_store(quads: list[ox.Quad]) -> set[ox.Quad]:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.nq", Path(folder) / "out.nq"
        source.write_bytes(b"".join(f"{quad} .\n".encode() for quad in quads))
        store = Store.create(Path(folder) / "store")
        report = store.load(source)
        assert report.offered == len(quads)
        assert report.new == len(set(quads))
        assert store.load(source).new == 0
        assert store.verify().ok
        store.dump(target)
        found = set(ox.parse(path=str(target)))
    labels = {
        term.value: term.value.rpartition("-")[2]
        for quad in found
        for term in (quad.subject, quad.object)
        if isinstance(term, ox.BlankNode)
    }
    return _relabelled(found, labels)


def _every_form() -> list[ox.Quad]:
    subject, predicate = ox.NamedNode("http://x/s"), ox.NamedNode("http://x/p")
    pairs = [(form, XSD + name) for name, forms in FORMS.items() for form in forms]
    pairs += [(wkt, WKT) for wkt in GEOMETRIES]
    return [
        ox.Quad(subject, predicate, ox.Literal(form, datatype=ox.NamedNode(datatype)))
        for form, datatype in pairs
    ]


def test_every_odd_form_survives() -> None:
    quads = _every_form()
    assert _through_the_store(quads) == set(quads)


@pytest.mark.timeout(100)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(QUADS, min_size=1, max_size=60))
def test_random_rdf_survives(quads: list[ox.Quad]) -> None:
    assert _through_the_store(quads) == set(quads)
