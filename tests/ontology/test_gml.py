from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyogrio
import pytest
import shapely
from lxml import etree

from ontology import (
    CRS84,
    GML_LITERAL,
    format_geometries,
    parse_geometries,
    parse_wkt,
    to_wkb,
)

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
NS = 'xmlns="http://www.opengis.net/gml/3.2"'
RING = "<LinearRing><posList>0 0 4 0 4 4 0 0</posList></LinearRing>"
HOLE = "<LinearRing><posList>1 0.5 2 0.5 2 1 1 0.5</posList></LinearRing>"


def gml(inner: str, attributes: str = "") -> str:
    """Inner GML with the namespace on its outermost element."""
    name = inner[1:].split(">")[0].split(" ")[0].rstrip("/")
    return inner.replace(f"<{name}", f"<{name} {NS} {attributes}", 1)


def read(text: str, crs: str = CRS84) -> Any:
    parsed = parse_geometries(pa.array([text]), GML_LITERAL)
    assert parsed.problems == ()
    assert parsed.crs.to_pylist() == [crs]
    return shapely.from_wkb(parsed.wkb[0].as_py())


GEOMETRIES = {
    "<Point><pos>1 2</pos></Point>": "POINT (1 2)",
    "<Point><pos> 1\n2 </pos></Point>": "POINT (1 2)",
    "<Point><pos>1 2 3</pos></Point>": "POINT Z (1 2 3)",
    "<Point><pos>+1.50 1e2</pos></Point>": "POINT (1.5 100)",
    "<Point><coordinates>1,2</coordinates></Point>": "POINT (1 2)",
    "<Point><coordinates>1, 2</coordinates></Point>": "POINT (1 2)",
    '<Point><coordinates decimal="," cs=";" ts="|">1,5;2,5</coordinates></Point>': (
        "POINT (1.5 2.5)"
    ),
    '<Point><coordinates cs=" " ts=",">1 2</coordinates></Point>': "POINT (1 2)",
    "<Point><coord><X>1</X><Y>2</Y></coord></Point>": "POINT (1 2)",
    "<Point><coord><X>1</X><Y>2</Y><Z>3</Z></coord></Point>": "POINT Z (1 2 3)",
    "<Point><posList>1 2</posList></Point>": "POINT (1 2)",
    "<Point/>": "POINT EMPTY",
    "<Point><!-- here --><name>a</name><pos>1 2</pos></Point>": "POINT (1 2)",
    "<LineString><posList>1 2 3 4</posList></LineString>": "LINESTRING (1 2, 3 4)",
    '<LineString><posList srsDimension="3">1 2 3 4 5 6</posList></LineString>': (
        "LINESTRING Z (1 2 3, 4 5 6)"
    ),
    '<LineString srsDimension="3"><posList>1 2 3 4 5 6</posList></LineString>': (
        "LINESTRING Z (1 2 3, 4 5 6)"
    ),
    '<LineString><posList dimension="2">1 2 3 4 5 6</posList></LineString>': (
        "LINESTRING (1 2, 3 4, 5 6)"
    ),
    "<LineString><pos>1 2</pos><pos>3 4</pos></LineString>": "LINESTRING (1 2, 3 4)",
    "<LineString><coordinates>1,2,3 4,5,6</coordinates></LineString>": (
        "LINESTRING Z (1 2 3, 4 5 6)"
    ),
    "<LineString><coord><X>1</X><Y>2</Y></coord><coord><X>3</X><Y>4</Y></coord></LineString>": (
        "LINESTRING (1 2, 3 4)"
    ),
    "<LineString><pointProperty><Point><pos>1 2</pos></Point></pointProperty><pos>3 4</pos>"
    "</LineString>": "LINESTRING (1 2, 3 4)",
    "<LineString/>": "LINESTRING EMPTY",
    "<LineString><posList/></LineString>": "LINESTRING EMPTY",
    RING: "LINESTRING (0 0, 4 0, 4 4, 0 0)",
    "<Curve><segments><LineStringSegment><posList>1 2 3 4</posList></LineStringSegment>"
    '<LineStringSegment interpolation="linear"><posList>3 4 5 6</posList></LineStringSegment>'
    "</segments></Curve>": "LINESTRING (1 2, 3 4, 5 6)",
    "<CompositeCurve><curveMember><LineString><posList>1 2 3 4</posList></LineString>"
    "</curveMember><curveMember><LineString><posList>3 4 5 6</posList></LineString></curveMember>"
    "</CompositeCurve>": "LINESTRING (1 2, 3 4, 5 6)",
    f"<Polygon><exterior>{RING}</exterior><interior>{HOLE}</interior></Polygon>": (
        "POLYGON ((0 0, 4 0, 4 4, 0 0), (1 0.5, 2 0.5, 2 1, 1 0.5))"
    ),
    f"<Polygon><outerBoundaryIs>{RING}</outerBoundaryIs><innerBoundaryIs>{HOLE}"
    "</innerBoundaryIs></Polygon>": "POLYGON ((0 0, 4 0, 4 4, 0 0), (1 0.5, 2 0.5, 2 1, 1 0.5))",
    "<Polygon><exterior><Ring><curveMember><LineString><posList>0 0 4 0</posList></LineString>"
    "</curveMember><curveMember><Curve><segments><LineStringSegment><posList>4 0 4 4 0 0</posList>"
    "</LineStringSegment></segments></Curve></curveMember></Ring></exterior></Polygon>": (
        "POLYGON ((0 0, 4 0, 4 4, 0 0))"
    ),
    "<Polygon/>": "POLYGON EMPTY",
    f"<Surface><patches><PolygonPatch><exterior>{RING}</exterior></PolygonPatch></patches>"
    "</Surface>": "POLYGON ((0 0, 4 0, 4 4, 0 0))",
    f"<Surface><patches><Triangle><exterior>{RING}</exterior></Triangle><PolygonPatch><exterior>"
    f"{HOLE}</exterior></PolygonPatch></patches></Surface>": (
        "MULTIPOLYGON (((0 0, 4 0, 4 4, 0 0)), ((1 0.5, 2 0.5, 2 1, 1 0.5)))"
    ),
    "<Surface/>": "POLYGON EMPTY",
    "<Envelope><lowerCorner>0 1</lowerCorner><upperCorner>2 3</upperCorner></Envelope>": (
        "POLYGON ((0 1, 2 1, 2 3, 0 3, 0 1))"
    ),
    "<Box><coordinates>0,1 2,3</coordinates></Box>": "POLYGON ((0 1, 2 1, 2 3, 0 3, 0 1))",
    "<Box><coord><X>0</X><Y>1</Y></coord><coord><X>2</X><Y>3</Y></coord></Box>": (
        "POLYGON ((0 1, 2 1, 2 3, 0 3, 0 1))"
    ),
    "<MultiPoint><pointMember><Point><pos>1 2</pos></Point></pointMember><pointMembers><Point>"
    "<pos>3 4</pos></Point><Point><pos>5 6</pos></Point></pointMembers></MultiPoint>": (
        "MULTIPOINT ((1 2), (3 4), (5 6))"
    ),
    "<MultiLineString><lineStringMember><LineString><posList>1 2 3 4</posList></LineString>"
    "</lineStringMember></MultiLineString>": "MULTILINESTRING ((1 2, 3 4))",
    "<MultiCurve><curveMember><LineString><posList>1 2 3 4</posList></LineString></curveMember>"
    "</MultiCurve>": "MULTILINESTRING ((1 2, 3 4))",
    f"<MultiPolygon><polygonMember><Polygon><exterior>{RING}</exterior></Polygon></polygonMember>"
    "</MultiPolygon>": "MULTIPOLYGON (((0 0, 4 0, 4 4, 0 0)))",
    "<MultiSurface><surfaceMember><Surface><patches><PolygonPatch><exterior>"
    f"{RING}</exterior></PolygonPatch><PolygonPatch><exterior>{HOLE}</exterior></PolygonPatch>"
    "</patches></Surface></surfaceMember></MultiSurface>": (
        "MULTIPOLYGON (((0 0, 4 0, 4 4, 0 0)), ((1 0.5, 2 0.5, 2 1, 1 0.5)))"
    ),
    "<MultiSurface/>": "MULTIPOLYGON EMPTY",
    "<MultiGeometry><geometryMember><Point><pos>1 2</pos></Point></geometryMember>"
    "<geometryMember><MultiPoint/></geometryMember></MultiGeometry>": (
        "GEOMETRYCOLLECTION (POINT (1 2), MULTIPOINT EMPTY)"
    ),
    "<MultiGeometry/>": "GEOMETRYCOLLECTION EMPTY",
}


@pytest.mark.standard("GeoSPARQL 1.1, 8.5.2")
@pytest.mark.parametrize("text", GEOMETRIES)
def test_geometries_of_simple_features(text: str) -> None:
    assert read(gml(text)).wkt == GEOMETRIES[text]


@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.opengis.net/gml",
        "http://www.opengis.net/gml/3.2",
        "http://www.opengis.net/ont/gml",
        "https://www.opengis.net/gml",
    ],
)
def test_every_namespace_of_gml(namespace: str) -> None:
    head = '<?xml version="1.0" encoding="UTF-16"?>'
    text = head + f'<g:Point xmlns:g="{namespace}"><g:pos>1 2</g:pos></g:Point>'
    assert read(text).wkt == "POINT (1 2)"


@pytest.mark.standard("GeoSPARQL 1.1, 8.5.2")
@pytest.mark.parametrize(
    ("name", "x", "y", "crs"),
    [
        (CRS84, 1, 2, CRS84),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", 1, 2, CRS84),
        (EPSG + "4326", 2, 1, EPSG + "4326"),
        ("urn:ogc:def:crs:EPSG::4326", 2, 1, EPSG + "4326"),
        ("EPSG:4326", 2, 1, EPSG + "4326"),
        (EPSG + "3035", 2, 1, EPSG + "3035"),
        (EPSG + "25833", 1, 2, EPSG + "25833"),
    ],
)
def test_the_axis_order_of_the_crs_decides(name: str, x: float, y: float, crs: str) -> None:
    point = read(gml("<Point><pos>1 2</pos></Point>", f'srsName="{name}"'), crs)
    assert (point.x, point.y) == (x, y)


def test_srs_name_and_dimension_are_inherited() -> None:
    line = "<LineString><posList>1 2 3 4 5 6</posList></LineString>"
    member = f"<MultiCurve><curveMember>{line}</curveMember></MultiCurve>"
    found = read(gml(member, f'srsName="{EPSG}4326" srsDimension="3"'), EPSG + "4326")
    assert found.wkt == "MULTILINESTRING Z ((2 1 3, 5 4 6))"


def test_a_crs_of_three_axes_has_positions_of_three() -> None:
    line = gml("<LineString><posList>1 2 3 4 5 6</posList></LineString>", f'srsName="{EPSG}4979"')
    assert read(line, EPSG + "4979").wkt == "LINESTRING Z (2 1 3, 5 4 6)"


def test_points_of_a_line_are_turned_once() -> None:
    text = (
        "<LineString><pointProperty><Point><pos>1 2</pos></Point></pointProperty>"
        "<pos>3 4</pos></LineString>"
    )
    assert read(gml(text, f'srsName="{EPSG}4326"'), EPSG + "4326").wkt == "LINESTRING (2 1, 4 3)"


DTD = f'<!DOCTYPE Point [<!ENTITY a "1 2">]><Point {NS}><pos>&a;</pos></Point>'
LAUGHS = (
    "<!DOCTYPE Point ["
    + '<!ENTITY a0 "1 2">'
    + "".join(f'<!ENTITY a{k + 1} "{f"&a{k};" * 10}">' for k in range(9))
    + f"]><Point {NS}><pos>&a9;</pos></Point>"
)
HERE = f"<Point {NS}><pos>1 2</pos></Point>"
OUTSIDE = '<!DOCTYPE p [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + HERE.replace("1 2", "&a;")

BAD = {
    DTD: "document type",
    LAUGHS: "document type",
    OUTSIDE: "document type",
    f'<!DOCTYPE p SYSTEM "http://127.0.0.1/p.dtd">{HERE}': "document type",
    f"<Point {NS}><pos>&undefined;</pos></Point>": "well-formed",
    "<gml:Point><gml:pos>1 2</gml:pos></gml:Point>": "prefix gml",
    "<Point><pos>1 2</pos></Point>": "namespace",
    '<Point xmlns="http://www.opengis.net/kml/2.2"><pos>1 2</pos></Point>': "namespace",
    f"<Point {NS}><pos>1 2</pos></Point> x": "well-formed",
    f"<Point {NS}><pos>1 2</pos>": "well-formed",
    f"<Point {NS}><pos>1 2</Point>": "well-formed",
    "POINT (1 2)": "well-formed",
    gml("<Point>1 2</Point>"): "text stands in Point",
    gml("<Point><pos>1 2</pos>x</Point>"): "text stands in Point",
    gml("<Point><pos>1</pos></Point>"): "1 numbers",
    gml("<Point><pos>1 2 3 4</pos></Point>"): "4 numbers",
    gml('<Point><pos srsDimension="3">1 2</pos></Point>'): "2 numbers",
    gml('<Point srsDimension="x"><pos>1 2</pos></Point>'): "srsDimension",
    gml('<Point srsDimension="4"><pos>1 2 3 4</pos></Point>'): "srsDimension",
    gml("<Point><pos>1 2</pos><pos>3 4</pos></Point>"): "2 positions",
    gml("<Point><pos>nan 2</pos></Point>"): "finite",
    gml("<Point><pos>INF 2</pos></Point>"): "finite",
    gml("<Point><pos>1e400 2</pos></Point>"): "64-bit",
    gml("<Point><pos>0x1 2</pos></Point>"): "finite",
    gml("<Point><pos>1_0 2</pos></Point>"): "finite",
    gml("<Point><pos>1.2.3 2</pos></Point>"): "no number",
    gml("<Point><pos>1 <b/>2</pos></Point>"): "numbers only",
    gml("<Point><coordinates>1</coordinates></Point>"): "2 or 3",
    gml("<Point><coordinates>1,</coordinates></Point>"): "2 or 3",
    gml("<Point><coordinates>1,2,3,4</coordinates></Point>"): "2 or 3",
    gml('<Point><coordinates cs="." decimal=".">1.2</coordinates></Point>'): "different",
    gml('<Point><coordinates cs="--">1--2</coordinates></Point>'): "different",
    gml("<Point><coord><X>1</X></coord></Point>"): "X and Y",
    gml("<Point><coord><Y>1</Y><X>2</X></coord></Point>"): "X and Y",
    gml("<Point><coord><X>1 2</X><Y>2</Y></coord></Point>"): "one number",
    gml("<Point><where>1 2</where></Point>"): "where",
    gml("<LineString><posList>1 2</posList></LineString>"): "only one",
    gml("<LineString><posList>1 2 3</posList></LineString>"): "no positions of 2",
    gml("<LineString><pos>1 2</pos><pos>1 2 3</pos></LineString>"): "differ",
    gml("<LineString><coordinates>1,2 1,2,3</coordinates></LineString>"): "differ",
    gml("<LinearRing><posList>0 0 1 1 1 0</posList></LinearRing>"): "fewer than 4",
    gml("<LinearRing><posList>0 0 1 1 1 0 2 2</posList></LinearRing>"): "not closed",
    gml(f"<Polygon><exterior>{RING.replace('4 4 0 0', '4 4 0 1')}</exterior></Polygon>"): "closed",
    gml(f"<Polygon><exterior>{RING.replace('4 0 4 4 ', '')}</exterior></Polygon>"): "fewer than 4",
    gml(f"<Polygon><interior>{HOLE}</interior></Polygon>"): "one outer",
    gml(f"<Polygon><exterior>{RING}</exterior><exterior>{RING}</exterior></Polygon>"): "one outer",
    gml(f"<Polygon><exterior>{RING}{RING}</exterior></Polygon>"): "must hold one",
    gml("<Polygon><exterior/></Polygon>"): "must hold one",
    gml(
        f"<Polygon><exterior>{RING}</exterior><interior><LinearRing>"
        '<posList srsDimension="3">1 1 1 2 1 1 2 2 1 1 1 1</posList></LinearRing></interior>'
        "</Polygon>"
    ): "dimension",
    gml("<Curve><segments><Arc><posList>0 0 1 1 2 0</posList></Arc></segments></Curve>"): "Arc",
    gml("<Curve><segments><CircleByCenterPoint/></segments></Curve>"): "CircleByCenterPoint",
    gml(
        '<Curve><segments><LineStringSegment interpolation="geodesic"><posList>1 2 3 4</posList>'
        "</LineStringSegment></segments></Curve>"
    ): "linear",
    gml(
        "<Curve><segments><LineStringSegment><posList>1 2 3 4</posList></LineStringSegment>"
        "<LineStringSegment><posList>5 6 7 8</posList></LineStringSegment></segments></Curve>"
    ): "does not begin",
    gml("<Solid/>"): "Solid",
    gml("<Tin/>"): "Tin",
    gml("<OrientableCurve/>"): "OrientableCurve",
    gml("<boundedBy/>"): "boundedBy",
    gml("<MultiPoint><pointMember/></MultiPoint>"): "one geometry",
    gml(
        '<MultiPoint xmlns:x="http://www.w3.org/1999/xlink"><pointMember x:href="#p"/></MultiPoint>'
    ): "xlink",
    gml(
        "<MultiPoint><pointMember><LineString><posList>1 2 3 4</posList></LineString></pointMember>"
        "</MultiPoint>"
    ): "cannot be a member",
    gml(
        "<MultiPoint><curveMember><Point><pos>1 2</pos></Point></curveMember></MultiPoint>"
    ): "curveMember",
    gml(
        "<MultiGeometry><geometryMember><Point><pos>1 2</pos></Point></geometryMember>"
        "<geometryMember><Point><pos>1 2 3</pos></Point></geometryMember></MultiGeometry>"
    ): "two numbers and others three",
    gml("<Envelope><lowerCorner>0 0</lowerCorner></Envelope>"): "two corners",
    gml(
        "<Envelope><lowerCorner>3 0</lowerCorner><upperCorner>2 3</upperCorner></Envelope>"
    ): "beyond",
    gml(
        "<Envelope><lowerCorner>0 0 0</lowerCorner><upperCorner>2 3 4</upperCorner></Envelope>"
    ): "two corners",
    gml("<Point><pos>1 2</pos></Point>", 'srsName="EPSG:999999"'): "not known",
    gml("<Point><pos>1 2</pos></Point>", 'srsName="http://127.0.0.1/crs"'): "not the name",
    gml("<Point><pos>1 2</pos></Point>", 'srsName=""'): "not the name",
    gml(
        "<Point><pos>1 2</pos></Point>", 'srsName="http://www.opengis.net/gml/srs/epsg.xml#4326"'
    ): "not the name",
    gml(
        f'<MultiPoint><pointMember><Point srsName="{CRS84}"><pos>1 2</pos></Point></pointMember>'
        "</MultiPoint>",
        f'srsName="{EPSG}3035"',
    ): "more than one CRS",
}


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_a_bad_text_is_a_problem_and_the_rest_is_read(text: str) -> None:
    good = gml("<Point><pos>1 2</pos></Point>")
    parsed = parse_geometries(pa.array([good, text, good]), GML_LITERAL)
    assert [problem.row for problem in parsed.problems] == [1]
    assert parsed.problems[0].text_excerpt == text[:80]
    assert BAD[text] in parsed.problems[0].reason
    assert parsed.wkb.is_null().to_pylist() == [False, True, False]
    assert parsed.crs.to_pylist() == [CRS84, None, CRS84]


def test_what_is_written() -> None:
    column = parse_wkt(pa.array([f"<{EPSG}3035> POINT (2800000 4600000.5)"])).wkb
    assert format_geometries(column, EPSG + "3035", GML_LITERAL).to_pylist() == [
        f'<gml:Point xmlns:gml="http://www.opengis.net/ont/gml" srsName="{EPSG}3035">'
        "<gml:pos>2800000 4600000.5</gml:pos></gml:Point>"
    ]


@pytest.mark.parametrize("version", ["GML2", "GML3.2", "GML3Deegree"])
@pytest.mark.parametrize("crs", ["OGC:CRS84", "EPSG:4326", "EPSG:3035"])
def test_we_read_what_gdal_writes(version: str, crs: str, tmp_path: Path) -> None:
    hole = [(1, 0.5), (2, 0.5), (2, 1), (1, 0.5)]
    polygon = shapely.Polygon([(0, 0), (4, 0), (4, 4), (0, 0)], [hole])
    kinds: dict[str, Any] = {
        "Point": shapely.Point(14.3, 48.3),
        "LineString": shapely.LineString([(1, 2), (3, 4), (5, 5)]),
        "Polygon": polygon,
        "MultiPolygon": shapely.MultiPolygon([polygon, shapely.box(5, 5, 6, 6)]),
        "MultiPoint": shapely.MultiPoint([(1, 2), (3, 4)]),
        "MultiLineString": shapely.MultiLineString([[(1, 2), (3, 4)], [(5, 6), (7, 8)]]),
    }
    for kind, geometry in kinds.items():
        path = tmp_path / f"{kind}.gml"
        wkb = np.array([geometry.wkb], object)
        pyogrio.raw.write(
            path, wkb, [], [], geometry_type=kind, crs=crs, driver="GML", FORMAT=version
        )
        holder = etree.parse(path).getroot().find(".//{*}geometryProperty")
        assert holder is not None
        text = etree.tostring(holder[0], with_tail=False).decode()
        parsed = parse_geometries(pa.array([text]), GML_LITERAL)
        assert parsed.problems == ()
        found = shapely.from_wkb(parsed.wkb[0].as_py())
        if holder[0].get("srsName", "").startswith("EPSG:"):  # GDAL writes easting first there
            found = shapely.transform(found, lambda rows: rows[:, ::-1])
        assert found == geometry


def test_a_long_list_reads_as_a_short_one() -> None:
    """Longer lists of numbers are split by Arrow, shorter ones by Python."""
    rows = np.round(np.random.default_rng(3).uniform(-180, 180, (20_000, 2)), 6)
    line = shapely.LineString(rows)
    text = format_geometries(to_wkb(np.array([line])), CRS84, GML_LITERAL)[0].as_py()
    assert len(text) > 200_000
    assert read(text) == line
    tuples = " ".join(f"+{x + 200!r},{y!r}" for x, y in rows.tolist())
    text = gml(f"<LineString><coordinates>{tuples}</coordinates></LineString>")
    assert read(text) == shapely.LineString([(x + 200, y) for x, y in rows.tolist()])
    for bad in ("1,2,3", "1,x", "nan,1", "1,1.2.3"):
        text = gml(f"<LineString><coordinates>{tuples} {bad}</coordinates></LineString>")
        assert parse_geometries(pa.array([text]), GML_LITERAL).problems
