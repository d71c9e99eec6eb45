from __future__ import annotations

import struct

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ontology import (
    CRS84,
    CRSError,
    GeometryError,
    GeometryLiteral,
    format_wkt,
    guard_wkt,
    parse_wkt,
    read_wkb,
    to_wkb,
    transform_wkb,
)

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


def read(*texts: str | None) -> list[str | None]:
    parsed = parse_wkt(pa.array(texts, pa.string()))
    return shapely.to_wkt(shapely.from_wkb(parsed.wkb.to_pylist()), -1).tolist()


def written_again(*texts: str, crs: str = CRS84) -> list[str]:
    parsed = parse_wkt(pa.array(texts, pa.string()))
    assert parsed.problems == ()
    found: list[str] = format_wkt(parsed.wkb, crs).to_pylist()
    return found


@pytest.mark.standard("GeoSPARQL 1.1, 8.5.1")
def test_a_literal_without_iri_is_crs84_longitude_first() -> None:
    parsed = parse_wkt(pa.array(["POINT (14.3 48.3)"]))
    assert parsed.crs.to_pylist() == [CRS84]
    assert shapely.from_wkb(parsed.wkb[0].as_py()).coords[0] == (14.3, 48.3)


@pytest.mark.standard("GeoSPARQL 1.1, 8.5.1")
@pytest.mark.parametrize(
    ("text", "x", "y"),
    [
        (f"<{EPSG}4326> POINT (48.3 14.3)", 14.3, 48.3),
        (f"<{EPSG}3035>POINT(2800000 4600000)", 4600000, 2800000),
        (f"<{EPSG}31287>\n POINT (450000 350000)", 350000, 450000),
        (f"<{EPSG}25833> POINT (400000 5300000)", 400000, 5300000),
        (f"<{EPSG}3857> POINT (1 2)", 1, 2),
        (f"<{CRS84}> POINT (14.3 48.3)", 14.3, 48.3),
        ("<urn:ogc:def:crs:EPSG::4326> POINT (48.3 14.3)", 14.3, 48.3),
    ],
)
def test_the_axis_order_of_the_crs_decides(text: str, x: float, y: float) -> None:
    parsed = parse_wkt(pa.array([text]))
    assert parsed.problems == ()
    assert shapely.from_wkb(parsed.wkb[0].as_py()).coords[0] == (x, y)
    canonical = format_wkt(parsed.wkb, parsed.crs[0].as_py())[0].as_py()
    assert parse_wkt(pa.array([canonical])).wkb == parsed.wkb


def test_nulls_and_mixed_crs_in_one_column() -> None:
    parsed = parse_wkt(pa.array(["POINT (1 2)", None, f"<{EPSG}4326> POINT (2 1)", "nonsense"]))
    assert parsed.crs.to_pylist() == [CRS84, None, EPSG + "4326", None]
    assert parsed.wkb[0] == parsed.wkb[2]
    assert parsed.wkb.is_null().to_pylist() == [False, True, False, True]
    assert [problem.row for problem in parsed.problems] == [3]


def test_no_row_at_all() -> None:
    parsed = parse_wkt(pa.array([], pa.string()))
    assert len(parsed.wkb) == len(parsed.crs) == 0
    assert len(format_wkt(parsed.wkb, CRS84)) == 0


def test_a_sliced_and_a_chunked_column() -> None:
    texts = pa.array(["POINT (0 0)", "POINT (1 2)", f"<{EPSG}4326> POINT (2 1)"])
    parsed = parse_wkt(texts.slice(1))
    assert parse_wkt(pa.chunked_array([texts[1:2], texts[2:]])).wkb == parsed.wkb
    assert format_wkt(parsed.wkb.slice(1), CRS84).to_pylist() == ["POINT (1 2)"]


@pytest.mark.parametrize(
    "kind", [pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())]
)
def test_every_arrow_type_of_text(kind: pa.DataType) -> None:
    texts = pa.array(["POINT (1 2)", f"<{EPSG}4326> POINT (2 1)", None])
    assert parse_wkt(texts.cast(kind)).wkb == parse_wkt(texts).wkb


@pytest.mark.parametrize("kind", [pa.large_binary(), pa.binary_view()])
def test_every_arrow_type_of_wkb(kind: pa.DataType) -> None:
    column = pa.array([shapely.Point(1, 2).wkb, None]).cast(kind)
    assert format_wkt(column, CRS84).to_pylist() == ["POINT (1 2)", None]
    assert transform_wkb(column, CRS84, CRS84).type == pa.binary()


@pytest.mark.parametrize(
    "text",
    [
        "POINT EMPTY",
        "POLYGON EMPTY",
        "GEOMETRYCOLLECTION EMPTY",
        "MULTIPOINT ((1 2), EMPTY)",
        "POINT Z (1 2 3)",
        "POINT M (1 2 3)",
        "LINESTRING ZM (1 2 3 4, 5 6 7 8)",
        "POLYGON ((0 0, 4 0, 4 4, 0 0), (1 0.5, 2 0.5, 2 1, 1 0.5))",
        "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))",
        "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (0 0, 1 1))",
    ],
)
def test_every_type_survives(text: str) -> None:
    assert written_again(text) == [text]
    northing = f"<{EPSG}4326> "
    turned = written_again(text, crs=EPSG + "4326")[0]
    assert turned.startswith(northing)
    assert read(turned) == read(text)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("  point( 1   2 ) ", "POINT (1 2)"),
        ("POINTZ(1 2 3)", "POINT Z (1 2 3)"),
        ("POINT (1 2 3)", "POINT Z (1 2 3)"),
        ("MULTIPOINT (1 2, 3 4)", "MULTIPOINT ((1 2), (3 4))"),
        ("POINT (+1.50 1e2)", "POINT (1.5 100)"),
        ("POINT(1. .5)", "POINT (1 0.5)"),
        ("LINEARRING (0 0, 1 1, 1 0, 0 0)", "LINESTRING (0 0, 1 1, 1 0, 0 0)"),
    ],
)
def test_other_spellings_have_one_canonical_form(text: str, canonical: str) -> None:
    assert written_again(text) == [canonical]


BAD = {
    "hello": "",
    "POINT (1 2": "",
    "POINT (1 2) ]": "after end of geometry",
    "POINT (1, 2)": "",
    "LINESTRING (0 0)": "",
    "POLYGON ((0 0, 1 1, 1 0))": "closed",
    "POINT (nan 1)": "finite",
    "POINT (NaN NaN)": "finite",
    "POINT (-inf 1)": "finite",
    "POINT (1 Infinity)": "finite",
    "POINT (0x1p3 1)": "finite",
    "POINT (1e400 1)": "64-bit",
    "LINESTRING ZM (1 2 3 1e400, 5 6 7 8)": "64-bit",
    "CIRCULARSTRING (0 0, 1 1, 2 0)": "curves",
    "GEOMETRYCOLLECTION (curvepolygon((0 0, 1 1, 1 0, 0 0)))": "curves",
    "TIN (((0 0, 1 1, 1 0, 0 0)))": "curves",
    "SRID=4326;POINT (1 2)": "",
    "<POINT (1 2)": "",
    "<> POINT (1 2)": "coordinate reference system",
    "<http://127.0.0.1/crs> POINT (1 2)": "coordinate reference system",
    f"<{EPSG}999999> POINT (1 2)": "not known",
    f"<{EPSG}4326>": "end of stream",
    "POINT (1 2)\0": "zero byte",
    "POINT (1 2)\0, POINT (3 4)": "zero byte",
    "POLYGON ((0 0, 1 1, 0 0))": "fewer than 4",
    "POLYGON ((0 0, 0 0, 0 0))": "fewer than 4",
    "GEOMETRYCOLLECTION (POLYGON ((0 0, 1 1, 0 0)))": "fewer than 4",
    "LINEARRING (0 0, 1 1, 0 0)": "fewer than 4",
    "LINESTRING (1 2, 3 4 5)": "",
    "LINESTRING (1 2 3, 3 4)": "",
    "POINT Z (1 2)": "",
    "POINT (1)": "",
    "POINT (1 2 3 4 5)": "",
    "POINT (1_0 2)": "",
    "POINT (\u0661 2)": "",
}


@pytest.mark.parametrize("text", BAD)
def test_a_bad_text_is_a_problem_and_the_rest_is_read(text: str) -> None:
    parsed = parse_wkt(pa.array(["POINT (1 2)", text, "POINT (3 4)"]))
    assert [problem.row for problem in parsed.problems] == [1]
    assert parsed.problems[0].text_excerpt == text[:80]
    assert BAD[text] in parsed.problems[0].reason
    assert parsed.problems[0].reason
    assert parsed.wkb.null_count == 1
    assert parsed.crs.to_pylist() == [CRS84, None, CRS84]


@pytest.mark.parametrize("text", BAD)
def test_the_scalar_raises(text: str) -> None:
    with pytest.raises(GeometryError) as caught:
        GeometryLiteral.from_text(text)
    assert caught.value.remedy


@pytest.mark.standard("GeoSPARQL 1.1, 8.5.1")
@pytest.mark.parametrize("text", ["", "  \n"])
@pytest.mark.parametrize("others", [0, 100])
def test_an_empty_text_is_an_empty_geometry(text: str, others: int) -> None:
    parsed = parse_wkt(pa.array([text] + ["POINT (1 2)"] * others))
    assert parsed.problems == ()
    assert parsed.crs[0].as_py() == CRS84
    assert shapely.from_wkb(parsed.wkb[0].as_py()).wkt == "GEOMETRYCOLLECTION EMPTY"


@pytest.mark.parametrize("others", [0, 100])
@pytest.mark.parametrize("blob", [b"\xff\xfe", b"POINT (1 2)\xff", b"<\xff> POINT (1 2)"])
def test_bytes_that_are_no_text_are_a_problem(blob: bytes, others: int) -> None:
    texts = pa.array([blob] + [b"POINT (1 2)"] * others).view(pa.string())
    parsed = parse_wkt(texts)
    assert [problem.row for problem in parsed.problems] == [0]
    assert "UTF-8" in parsed.problems[0].reason
    assert parsed.wkb.null_count == 1


def test_longitudes_beyond_the_antimeridian_are_kept() -> None:
    assert written_again("POINT (200 95)") == ["POINT (200 95)"]


def nested(depth: int) -> str:
    return "GEOMETRYCOLLECTION (" * depth + "POINT (1 2)" + ")" * depth


def test_nested_collections_are_refused_before_geos_sees_them() -> None:
    parsed = parse_wkt(pa.array([nested(28), nested(29), nested(25_000)]))
    assert [problem.row for problem in parsed.problems] == [1, 2]
    assert all("nested" in problem.reason for problem in parsed.problems)
    guard_wkt(nested(27))
    with pytest.raises(GeometryError, match="nested"):
        guard_wkt(nested(25_000))


def test_many_collections_side_by_side_are_not_deep() -> None:
    wide = "GEOMETRYCOLLECTION (" + ", ".join(["GEOMETRYCOLLECTION (POINT (1 2))"] * 500) + ")"
    assert parse_wkt(pa.array([wide])).problems == ()
    wkb = to_wkb(np.array([shapely.from_wkt(wide)]))
    geometries, unreadable = read_wkb(wkb)
    assert len(unreadable) == 0
    assert len(geometries[0].geoms) == 500


def test_a_huge_text_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ontology.wkt_guard.MAX_BYTES", 100)
    with pytest.raises(GeometryError, match="bytes"):
        guard_wkt("POINT (1 2)" + " " * 100)


@pytest.mark.parametrize("order", ["<", ">"])
def test_nested_wkb_is_refused_before_geos_sees_it(order: str) -> None:
    flag = b"\x01" if order == "<" else b"\x00"
    level = flag + struct.pack(order + "II", 7, 1)
    point = flag + struct.pack(order + "Idd", 1, 1.0, 2.0)
    geometries, unreadable = read_wkb(pa.array([level * 25_000 + point, level * 28 + point]))
    assert unreadable.tolist() == [0]
    assert geometries[0] is None
    assert geometries[1] is not None


def test_bytes_that_are_no_wkb() -> None:
    curve = struct.pack("<BII6d", 1, 8, 3, 0, 0, 1, 1, 2, 0)
    column = pa.array([b"junk", None, shapely.Point(1, 2).wkb, curve, b""])
    geometries, unreadable = read_wkb(column)
    assert unreadable.tolist() == [0, 3, 4]
    assert [geometry is None for geometry in geometries] == [True, True, False, True, True]
    with pytest.raises(GeometryError, match="row 0 and 2 more"):
        format_wkt(column, CRS84)


def test_wkb_of_an_unclosed_ring_or_with_too_high_counts_is_unreadable() -> None:
    ring = struct.pack("<BIII8d", 1, 3, 1, 4, 0, 0, 1, 0, 1, 1, 0, 1)
    many = struct.pack("<BII4d", 1, 2, 2**31, 0, 0, 1, 1)
    _, unreadable = read_wkb(pa.array([ring, many]))
    assert unreadable.tolist() == [0, 1]


def test_formatting_needs_a_known_crs() -> None:
    with pytest.raises(CRSError):
        format_wkt(pa.array([shapely.Point(1, 2).wkb]), "nowhere")


def test_a_wkb_column_changes_its_crs() -> None:
    column = pa.array([shapely.Point(10, 52).wkb, None])
    moved = transform_wkb(column, CRS84, "EPSG:3035")
    point = shapely.from_wkb(moved[0].as_py())
    assert (point.x, point.y) == pytest.approx((4321000, 3210000))
    assert moved[1].as_py() is None
    assert transform_wkb(column, CRS84, "EPSG:4326") == column


def test_the_scalar_round_trip() -> None:
    literal = GeometryLiteral.from_text(f"<{EPSG}3035> POINT (2800000 4600000)")
    assert (literal.geometry.x, literal.crs) == (4600000, EPSG + "3035")
    assert GeometryLiteral.from_text(literal.to_text()) == literal


@pytest.mark.parametrize(
    "number",
    [
        -0.0142646056561328,
        0.013489302599838123,
        0.10699739006007976,
        1e-5,
        5e-324,
        1e16,
        1e17,
        1.7976931348623157e308,
        0.1,
        1 / 3,
        2 / 3,
        123456789.123456789,
    ],
)
def test_numbers_geos_would_cut_are_written_in_full(number: float) -> None:
    column = to_wkb(np.array([shapely.Point(number, -number)]))
    text = format_wkt(column, CRS84)
    assert parse_wkt(text).wkb == column
    digits = [float(part) for part in text[0].as_py()[7:-1].split()]
    assert digits == [number, -number]


finite = st.floats(allow_nan=False, allow_infinity=False, width=64).map(lambda x: x + 0.0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(finite, finite), min_size=2, max_size=12), st.sampled_from([4326, 3857]))
def test_parse_of_format_is_the_same_geometry(points: list[tuple[float, float]], code: int) -> None:
    column = to_wkb(np.array([shapely.LineString(points), shapely.MultiPoint(points)], object))
    text = format_wkt(column, f"{EPSG}{code}")
    parsed = parse_wkt(text)
    assert parsed.problems == ()
    assert parsed.wkb == column
    assert format_wkt(parsed.wkb, f"{EPSG}{code}") == text


def test_random_bits_round_trip() -> None:
    rng = np.random.default_rng(7)
    bits = rng.integers(0, 2**64, 40_000, dtype=np.uint64).view(np.float64)
    near = rng.uniform(-1.1, 1.1, 40_000)
    numbers = np.concatenate([bits[np.isfinite(bits)], near])
    numbers = numbers[: len(numbers) // 2 * 2].reshape(-1, 2)
    column = to_wkb(shapely.points(numbers))
    assert parse_wkt(format_wkt(column, CRS84)).wkb == column
