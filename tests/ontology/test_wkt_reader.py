"""The fast reader of WKT against GEOS: the same bytes, the same opinion of what is canonical."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ontology import CRS84, format_wkt, parse_wkt
from ontology.geometry import _read_any
from ontology.wkt_reader import UNREAD, read_rows, split_rows


@pytest.fixture(autouse=True, scope="module")
def _always() -> Iterator[None]:
    """Let the fast reader have even a single text."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ontology.geometry.FEW", 0)
        yield


EPSG = "http://www.opengis.net/def/crs/EPSG/0/"

numbers = st.one_of(
    st.floats(-1e6, 1e6).map(repr),
    st.floats(-180, 180).map(lambda value: f"{value:.17g}"),
    st.floats(-180, 180).map(lambda value: f"{value:.13f}"),
    st.integers(-(10**20), 10**20).map(str),
    st.decimals(-400, 400, places=7).map(str),
    st.sampled_from(
        ["0", "-0", "0.0", "1.", ".5", "007", "1e5", "+1", "nan", "1.50", "--1", "1..2"]
    ),
)
points = st.tuples(numbers, st.sampled_from([" ", "  ", "\t", ""]), numbers).map("".join)
plain = st.tuples(numbers, st.just(" "), numbers).map("".join)
commas = st.sampled_from([", ", ",", " , ", ", "])


@st.composite
def rings(draw: st.DrawFn) -> str:
    inner = draw(st.lists(plain, min_size=1, max_size=4))
    whole = [*inner, inner[0]] if draw(st.booleans()) else inner
    return "(" + draw(commas).join(whole) + ")"


@st.composite
def texts(draw: st.DrawFn) -> str:
    name, depth = draw(
        st.sampled_from(
            [("POINT", 0), ("LINESTRING", 1), ("POLYGON", 2), ("MULTILINESTRING", 2),
             ("MULTIPOLYGON", 3), ("MULTIPOINT", 1), ("point", 0), ("POLYGON Z", 2)]
        )
    )  # fmt: skip
    body = f"({draw(st.one_of(points, plain))})" if depth == 0 else draw(rings())
    for _ in range(depth - 1):
        body = "(" + draw(commas).join([body] * draw(st.integers(1, 2))) + ")"
    prefix = draw(
        st.sampled_from(["", "", f"<{EPSG}4326> ", f"<{EPSG}3857>", f"<{CRS84}> ", "<urn:x> ", " "])
    )
    return (
        prefix
        + name
        + draw(st.sampled_from([" ", "", " "]))
        + body
        + draw(st.sampled_from(["", "", " ", ")"]))
    )


def _check(given: list[str]) -> None:
    column = pa.array(given, pa.string())
    parsed = parse_wkt(column)
    wkb, crs, reasons = _read_any(column)
    assert parsed.wkb == wkb
    assert parsed.crs.cast(pa.string()) == crs
    assert [problem.row for problem in parsed.problems] == sorted(reasons)
    for row, known in enumerate(parsed.canonical.to_pylist()):
        if known is not None:
            printed = format_wkt(parsed.wkb.slice(row, 1), crs[row].as_py())[0].as_py()
            assert (printed == given[row]) == known, given[row]


@settings(deadline=None)
@given(st.lists(texts(), min_size=1, max_size=8))
def test_it_reads_what_geos_reads(given: list[str]) -> None:
    _check(given)


@pytest.mark.parametrize("rounding", [-1, 3, 13])
def test_what_shapely_writes_is_read_without_geos(rounding: int) -> None:
    rng = np.random.default_rng(3)
    rings = [shapely.linearrings(rng.uniform(-180, 180, (6, 2))) for _ in range(40)]
    shapes = [*shapely.polygons(rings), shapely.multipolygons(shapely.polygons(rings[:3]))]
    shapes += [shapely.point_on_surface(shapes[0]), *rings[:2], shapely.multilinestrings(rings[:2])]
    shapes = [shapely.LineString(s) if s.geom_type == "LinearRing" else s for s in shapes]
    column = pa.array(shapely.to_wkt(shapes, rounding_precision=rounding, trim=True), pa.string())
    rows = split_rows(column)
    everything = np.ones(len(column), bool)
    _, forms = read_rows(rows, everything, ~everything)
    assert not (forms == UNREAD).any()
    _check(column.to_pylist())
    assert all(parse_wkt(column.slice(2)).canonical.to_pylist()) or rounding == -1


def test_truncated_texts() -> None:
    whole = f"<{EPSG}4326> MULTIPOLYGON (((1 2, 3 4, 5 6, 1 2)))"
    _check([whole[:end] for end in range(len(whole) + 1)])
    _check(["POLYGON ((1 2, 3 4, 1 2))", "LINESTRING (1 2)", "POLYGON ((1 2, 3 4, 5 6, 7 8))"])
