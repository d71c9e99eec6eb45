"""Geometry functions over values, nothing, empty, wrong types, CRSs; by shapely and pyproj."""

from __future__ import annotations

from typing import Any

import h3
import numpy as np
import pyarrow as pa
import pyproj
import pytest
import shapely

from mapper.functions import Call, find_function
from mapper.terms.cells import Batch, Cells
from mapper.terms.faults import Faults
from ontology import CRS84, MappingError

GL = "https://w3id.org/geoloom/ns#"
LAEA = "http://www.opengis.net/def/crs/EPSG/0/3035"
FEET = "http://www.opengis.net/def/crs/EPSG/0/2263"  # New York, US survey feet
GEOD = pyproj.Geod(ellps="WGS84")
FIELD = "POLYGON ((14 48, 14.01 48, 14.01 48.01, 14 48.01, 14 48))"
GEOMETRIES = [
    "POINT (1 2)",
    "POINT Z (1 2 3)",
    "POINT M (1 2 3)",
    "POINT ZM (1 2 3 4)",
    "POINT EMPTY",
    "LINESTRING (0 0, 1 1, 2 0)",
    "LINESTRING (0 0, 1 1, 1 0, 0 1)",
    FIELD,
    "POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))",
    "POLYGON Z ((0 0 1, 1 0 1, 1 1 1, 0 0 1))",
    "POLYGON EMPTY",
    "MULTIPOINT (0 0, 1 1)",
    "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))",
    "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (0 0, 1 1))",
    "GEOMETRYCOLLECTION EMPTY",
]
OF_EACH = {
    "dimension": lambda g: max(shapely.get_dimensions(g), 0),
    "coordinateDimension": lambda g: 2 + g.has_z + g.has_m,
    "spatialDimension": lambda g: 3 if g.has_z else 2,
    "vertices": shapely.get_num_coordinates,
    "geometryType": lambda g: g.geom_type,
    "isEmpty": lambda g: g.is_empty,
    "isSimple": lambda g: g.is_simple,
    "isValid": lambda g: g.is_valid,
    "is3D": lambda g: g.has_z,
    "isMeasured": lambda g: g.has_m,
}
ALL = (
    *OF_EACH,
    "area",
    "length",
    "centroid",
    "envelope",
    "makeValid",
    "simplify",
    "buffer",
    "asWKT",
    "transform",
    "h3",
)
MORE = {
    "simplify": {"tolerance": "10"},
    "buffer": {"radius": "10"},
    "asWKT": {"crs": "EPSG:3035"},
    "transform": {"crs": "EPSG:3035"},
    "h3": {"resolution": "9"},
}


def wkb(texts: list[str | None], crs: str = CRS84) -> Cells:
    found = shapely.to_wkb(shapely.from_wkt(texts), flavor="iso", output_dimension=4)
    return Cells(pa.array(found, pa.binary()), crs=crs)


def texts(values: list[str | None]) -> Cells:
    return Cells(pa.array(values, pa.string()))


def evaluate(name: str, geometry: Cells, **more: Any) -> tuple[Cells, Faults]:
    count = len(geometry)
    arguments = {
        key: value if isinstance(value, Cells) else Cells(pa.repeat(value, count))
        for key, value in (MORE.get(name, {}) | more).items()
    }
    faults = Faults(np.arange(1, count + 1))
    function = find_function(GL + name, "here")
    call = Call(faults, np.arange(count), "here")
    return function.run({"geometry": geometry, **arguments}, call), faults


def plain(cells: Cells) -> list[Any]:
    return shapely.from_wkb(cells.values.to_pylist()).tolist() if cells.crs else values(cells)


def reason_of(faults: Faults) -> str:
    (entry, *_) = faults.quarantined("s", Batch({}, np.arange(0)))
    return entry.reason


def values(cells: Cells) -> list[Any]:
    return cells.values.to_pylist()


@pytest.mark.parametrize("name", sorted(OF_EACH))
def test_properties_are_those_of_shapely(name: str) -> None:
    found, faults = evaluate(name, wkb([*GEOMETRIES, None]))
    expected = [OF_EACH[name](shapely.from_wkt(text)) for text in GEOMETRIES]
    assert values(found) == [*expected, None]
    assert not faults


def test_dimensions_are_not_numbers_of_vertices() -> None:
    line = wkb(["LINESTRING Z (0 0 1, 1 1 1, 2 0 1, 3 1 1)"])
    assert values(evaluate("dimension", line)[0]) == [1]
    assert values(evaluate("coordinateDimension", line)[0]) == [3]
    assert values(evaluate("vertices", line)[0]) == [4]


@pytest.mark.parametrize("name", ALL)
def test_no_value_and_empty_geometries(name: str) -> None:
    found, faults = evaluate(name, wkb([None, "POLYGON EMPTY", FIELD]))
    assert not faults
    assert len(found) == 3
    assert found.values[0].as_py() is None
    assert found.values[2].as_py() is not None
    nothing, faults = evaluate(name, texts([None, None]))
    assert values(nothing) == [None, None]
    assert not faults


@pytest.mark.parametrize("name", ALL)
def test_what_is_no_geometry_is_a_bad_row(name: str) -> None:
    _, faults = evaluate(name, texts([FIELD, "POLYGON ((", None]))
    assert faults.good().tolist() == [True, False, True]
    assert "is no geometry" in reason_of(faults)
    with pytest.raises(MappingError, match="A geometry is needed here"):
        evaluate(name, Cells(pa.array([1.5])))
    broken = Cells(pa.array([b"\x01\x02", None], pa.binary()), crs=CRS84)
    assert evaluate(name, broken)[1].good().tolist() == [False, True]


def test_wkt_of_several_crs_is_refused() -> None:
    mixed = texts([f"<{LAEA}> POINT (3000000 4000000)", "POINT (1 2)"])
    with pytest.raises(MappingError, match="several CRSs"):
        evaluate("centroid", mixed)


@pytest.mark.parametrize("crs", [LAEA, CRS84, "http://www.opengis.net/def/crs/EPSG/0/4326"])
def test_measures_are_metres_in_every_crs(crs: str) -> None:
    shape = shapely.from_wkt(FIELD)
    area, length = GEOD.geometry_area_perimeter(shapely.segmentize(shape, 1e-4))
    move = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    moved = shapely.transform(shape, lambda rows: np.column_stack(move.transform(*rows.T)))
    cells = wkb([moved.wkt], crs)
    assert values(evaluate("area", cells)[0])[0] == pytest.approx(abs(area), rel=1e-3)
    assert values(evaluate("length", cells)[0])[0] == pytest.approx(length, rel=3e-3)


def test_measures_in_feet_are_told_in_metres() -> None:
    foot = 1200 / 3937
    square = wkb(["POLYGON ((0 0, 100 0, 100 100, 0 100, 0 0))"], FEET)
    assert values(evaluate("area", square)[0])[0] == pytest.approx(10_000 * foot**2)
    assert values(evaluate("length", square)[0])[0] == pytest.approx(400 * foot)
    (drawn,) = plain(evaluate("buffer", wkb(["POINT (0 0)"], FEET), radius="10")[0])
    assert drawn.bounds[2] * foot == pytest.approx(10)


@pytest.mark.parametrize("latitude", [0, 48, 65, -80])
def test_buffers_are_metres_on_the_ellipsoid(latitude: float) -> None:
    point = wkb([f"POINT (20 {latitude})"])
    (disc,) = plain(evaluate("buffer", point, radius="1000")[0])
    rows = shapely.get_coordinates(disc)
    start = np.repeat([[20.0, latitude]], len(rows), axis=0)
    metres = GEOD.inv(*start.T, *rows.T)[2]
    assert np.allclose(metres, 1000, rtol=1e-5)


def test_buffers_by_row_inwards_and_impossible() -> None:
    cells = wkb([FIELD, FIELD, "POINT (0 0)", FIELD, None])
    radii = Cells(pa.array([100.0, -100.0, 3e7, None, 5.0]))
    found, faults = evaluate("buffer", cells, radius=radii)
    wide, narrow, *_ = plain(found)
    assert narrow.within(shapely.from_wkt(FIELD).buffer(-1e-4))
    assert wide.contains_properly(shapely.from_wkt(FIELD))
    assert faults.good().tolist() == [True, True, False, True, True]
    assert "around the earth" in reason_of(faults)
    assert values(found)[3:] == [None, None]


def test_simplified_outlines_stay_within_the_tolerance() -> None:
    ring = [(14 + np.cos(t) / 100, 48 + np.sin(t) / 100) for t in np.linspace(0, 6.28, 200)]
    circle = shapely.Polygon(ring)
    found, _ = evaluate("simplify", wkb([circle.wkt]), tolerance="50")
    (simple,) = plain(found)
    assert shapely.get_num_coordinates(simple) < 40
    assert simple.is_valid
    move = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:32633", always_xy=True)
    flat = [
        shapely.transform(g, lambda rows: np.column_stack(move.transform(*rows.T)))
        for g in (circle, simple)
    ]
    assert shapely.hausdorff_distance(flat[0].exterior, flat[1].exterior, densify=0.01) < 51
    _, faults = evaluate("simplify", wkb([FIELD]), tolerance="-1")
    assert not faults.good()[0]
    _, faults = evaluate("simplify", wkb([FIELD]), tolerance="wide")
    assert "'wide' is no number" in reason_of(faults)


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("centroid", shapely.centroid),
        ("envelope", shapely.envelope),
        ("makeValid", shapely.make_valid),
    ],
)
def test_shapes_in_place(name: str, reference: Any) -> None:
    for crs in (CRS84, LAEA):
        found, faults = evaluate(name, wkb([*GEOMETRIES, None], crs))
        assert found.crs == crs
        assert not faults
        expected = [reference(shapely.from_wkt(text)) for text in GEOMETRIES]
        assert all(a.equals(b) for a, b in zip(plain(found), expected, strict=False))


def test_made_valid_is_valid() -> None:
    (mended,) = plain(evaluate("makeValid", wkb(["POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))"]))[0])
    assert mended.is_valid
    assert mended.area == pytest.approx(0.5)


def test_transform_keeps_the_crs_that_is_asked_for() -> None:
    found, _ = evaluate("transform", wkb(["POINT (10 52)", None]), crs="EPSG:3035")
    assert (found.crs, found.settled) == (LAEA, True)
    (point, nothing) = plain(found)
    assert (point.x, point.y) == pytest.approx((4321000, 3210000), abs=1e-3)
    assert nothing is None
    with pytest.raises(Exception, match="EPSG:303500"):
        evaluate("transform", wkb(["POINT (10 52)"]), crs="EPSG:303500")


def test_h3_cells() -> None:
    cells = wkb(["POINT (14.3 48.3)", FIELD, "POINT EMPTY", None])
    found, faults = evaluate("h3", cells)
    centre = shapely.centroid(shapely.from_wkt(FIELD))
    assert values(found) == [
        h3.latlng_to_cell(48.3, 14.3, 9),
        h3.latlng_to_cell(centre.y, centre.x, 9),
        None,
        None,
    ]
    assert not faults
    flat = pyproj.Transformer.from_crs("EPSG:4326", LAEA, always_xy=True).transform(14.3, 48.3)
    moved, _ = evaluate("h3", wkb([f"POINT ({flat[0]} {flat[1]})"], LAEA))
    assert values(moved) == values(found)[:1]
    assert not evaluate("h3", wkb(["POINT (14 95)"]))[1].good()[0]
    for resolution in ("16", "-1", "9.5", "fine"):
        with pytest.raises(MappingError, match="whole number from 0 to 15"):
            evaluate("h3", cells, resolution=resolution)
