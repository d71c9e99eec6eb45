"""Whatever the text, readers answer with a geometry or a reason."""

from __future__ import annotations

import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ontology import (
    CRS84,
    DGGS_LITERAL,
    GEOMETRY_DATATYPES,
    WKT_LITERAL,
    format_geometries,
    parse_geometries,
    parse_wkt,
)

SEEDS = (
    "POINT Z (1.5 -2e1 3)",
    "POLYGON ((0 0, 4 0, 4 4, 0 0), (1 0.5, 2 0.5, 2 1, 1 0.5))",
    "MULTIPOINT ((1 2), (3 4))",
    "GEOMETRYCOLLECTION (POINT (1 2), MULTILINESTRING ((1 2, 3 4), (5 6, 7 8)))",
)
WORDS = (
    *("", " ", "-", "+", ".", "e9", "1", "nan", "inf", "1e400", ",", ";", "(", ")", "()", "[", "]"),
    *(
        "{",
        "}",
        '"',
        "<",
        ">",
        "/",
        "&",
        "&a;",
        "<!--",
        "<![CDATA[",
        "EMPTY",
        "Z",
        "M",
        "\0",
        "\x01",
    ),
    *("null", "\\u0000", "\ud7ff", "xmlns", ' srsDimension="3"', "'", "=", "<b/>", "\u0661"),
)


@st.composite
def spoilt(draw: st.DrawFn, datatype: str) -> bytes:
    wkb = parse_wkt(pa.array([draw(st.sampled_from(SEEDS))])).wkb
    text: str = format_geometries(wkb, CRS84, datatype)[0].as_py()
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        behind = at + draw(st.sampled_from((0, 0, 1, 2, 5, 20)))
        text = text[:at] + draw(st.sampled_from(WORDS)) + text[behind:]
    blob = text.encode()
    if draw(st.integers(0, 9)) == 0:
        at = draw(st.integers(0, len(blob)))
        blob = blob[:at] + draw(st.binary(max_size=3)) + blob[at:]
    return blob


def check(blobs: list[bytes], datatype: str) -> None:
    parsed = parse_geometries(pa.array(blobs, pa.binary()).view(pa.string()), datatype)
    bad = {problem.row for problem in parsed.problems}
    assert all(problem.reason for problem in parsed.problems)
    for row, wkb in enumerate(parsed.wkb):
        assert wkb.is_valid == parsed.crs[row].is_valid == (row not in bad)
    found = shapely.from_wkb(parsed.wkb.drop_null().to_pylist())
    assert not shapely.is_missing(found).any()
    crs = parsed.crs.drop_null().to_pylist()
    if datatype == DGGS_LITERAL or len(set(crs)) != 1 or shapely.has_m(found).any():
        return
    texts = format_geometries(parsed.wkb, crs[0], datatype)
    again = parse_geometries(texts, datatype)
    written = shapely.from_wkb(again.wkb.to_pylist())
    for row, geometry in enumerate(shapely.from_wkb(parsed.wkb.to_pylist())):
        if written[row] is None:
            assert geometry is None or datatype != WKT_LITERAL
        else:
            assert shapely.equals_exact(written[row], geometry) or written[row].is_empty


@pytest.mark.parametrize("datatype", GEOMETRY_DATATYPES)
@pytest.mark.parametrize("others", [0, 70])
def test_spoilt_texts(datatype: str, others: int) -> None:
    good = format_geometries(parse_wkt(pa.array(["POINT (1 2)"])).wkb, CRS84, datatype)[0].as_py()

    @settings(max_examples=40, deadline=None)
    @given(st.lists(spoilt(datatype), min_size=1, max_size=4))
    def run(blobs: list[bytes]) -> None:
        check([*blobs, *[good.encode()] * others], datatype)

    run()


@pytest.mark.parametrize("datatype", GEOMETRY_DATATYPES)
def test_bytes_of_any_kind(datatype: str) -> None:
    @settings(max_examples=40, deadline=None)
    @given(st.lists(st.binary(max_size=40), max_size=3))
    def run(blobs: list[bytes]) -> None:
        check(blobs, datatype)

    run()
