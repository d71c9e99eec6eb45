from __future__ import annotations

import socket

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj.aoi import AreaOfUse

from ontology import (
    CRS84,
    CRSError,
    GeometryError,
    crs_from,
    crs_iri,
    is_geographic,
    northing_first,
    same_crs,
    transform,
)

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
MOON = "http://www.opengis.net/def/crs/IAU/2015/30100"
NORTHING_FIRST = (4326, 4258, 4979, 3034, 3035, 31287, 31468, 2180, 2193)
EASTING_FIRST = (3857, 25830, 25833, 32601, 32633, 2100, 2056, 31370, 28992, 3067, 5514, 5070)


@pytest.mark.parametrize(
    ("name", "iri"),
    [
        (EPSG + "4326", EPSG + "4326"),
        ("https://www.opengis.net/def/crs/EPSG/9.9.1/3035", EPSG + "3035"),
        ("EPSG:3035", EPSG + "3035"),
        (" epsg:3035 ", EPSG + "3035"),
        ("urn:ogc:def:crs:EPSG::3035", EPSG + "3035"),
        ("urn:x-ogc:def:crs:EPSG:6.6:3035", EPSG + "3035"),
        ("CRS84", CRS84),
        ("OGC:CRS84", CRS84),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", CRS84),
        (CRS84, CRS84),
        ("ESRI:54009", "http://www.opengis.net/def/crs/ESRI/0/54009"),
        (pyproj.CRS(3035), EPSG + "3035"),
        (pyproj.CRS(3035).to_wkt(), EPSG + "3035"),
        (pyproj.CRS(3035).to_json(), EPSG + "3035"),
    ],
)
def test_every_spelling_leads_to_one_iri(name: str | pyproj.CRS, iri: str) -> None:
    assert crs_iri(name) == iri
    assert crs_from(iri) == crs_from(crs_iri(iri))


@pytest.mark.parametrize(
    "name",
    [
        "",
        "3035",
        "x",
        "EPSG:999999",
        "EPSG:7030",
        "EPSG:5773",
        "http://127.0.0.1:1/crs",
        "http://www.opengis.net/def/crs/EPSG/0/4326/..",
        "file:///etc/passwd",
        "+init=epsg:4326",
        "+proj=laea",
        "urn:ogc:def:crs:EPSG",
        "{broken",
        "PROJCS[broken",
        "x" * 100_000,
    ],
)
def test_an_unknown_name_is_refused_with_a_remedy(name: str) -> None:
    with pytest.raises(CRSError) as caught:
        crs_from(name)
    assert caught.value.remedy is not None
    assert "EPSG:3035" in caught.value.remedy
    assert len(str(caught.value)) < 1000


def test_no_name_opens_a_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        pytest.fail("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    with pytest.raises(CRSError):
        crs_from("http://127.0.0.1:8080/def/crs/EPSG/0/4326")
    assert not pyproj.network.is_network_enabled()


def test_a_custom_crs_has_no_iri() -> None:
    custom = pyproj.CRS.from_proj4("+proj=laea +lat_0=1.5 +lon_0=2.5 +ellps=bessel")
    with pytest.raises(CRSError, match="no code of an authority"):
        crs_iri(custom)


@pytest.mark.parametrize("code", NORTHING_FIRST)
def test_northing_first(code: int) -> None:
    assert northing_first(f"{EPSG}{code}")


@pytest.mark.parametrize("code", EASTING_FIRST)
def test_easting_first(code: int) -> None:
    assert not northing_first(f"{EPSG}{code}")


def test_crs84_is_easting_first() -> None:
    assert not northing_first(CRS84)


def _sample_of_codes() -> list[tuple[str, AreaOfUse]]:
    known = pyproj.database.query_crs_info("EPSG", [pyproj.enums.PJType.PROJECTED_CRS])
    polar = {"32661", "32761", "5041", "3031", "3413", "3995", "6931"}
    return [
        (info.code, info.area_of_use)
        for at, info in enumerate(known)
        if info.area_of_use is not None
        and not info.deprecated
        and (at % 250 == 0 or info.code in polar)
    ]


def test_axis_order_is_that_of_proj() -> None:
    """PROJ's own switch to x, y order moves exactly the CRSs we call northing first."""
    checked = 0
    for code, area in _sample_of_codes():
        lon, lat = (area.west + area.east) / 2 + 0.01, (area.south + area.north) / 2 + 0.02
        try:
            plain = pyproj.Transformer.from_crs("OGC:CRS84", f"EPSG:{code}")
        except pyproj.exceptions.ProjError:  # a local system without a way to WGS84
            continue
        by_axes = plain.transform(lon, lat)
        xy = pyproj.Transformer.from_crs("OGC:CRS84", f"EPSG:{code}", always_xy=True)
        x, y = xy.transform(lon, lat)
        if not np.isfinite([x, y]).all() or abs(x - y) < 1:
            continue
        assert (by_axes == pytest.approx((y, x))) == northing_first(f"EPSG:{code}"), code
        checked += 1
    assert checked > 20


def test_geographic() -> None:
    assert is_geographic(CRS84)
    assert is_geographic("EPSG:4258")
    assert not is_geographic("EPSG:3035")


def test_same_crs_asks_for_coordinates_in_xy_order() -> None:
    assert same_crs(CRS84, EPSG + "4326")
    assert same_crs("EPSG:3035", EPSG + "3035")
    assert not same_crs("EPSG:3035", "EPSG:3034")
    assert not same_crs("EPSG:4326", "EPSG:4258")


def test_transform_is_always_in_xy_order() -> None:
    moved = transform(np.array([shapely.Point(10, 52), None, shapely.Point()]), CRS84, "EPSG:3035")
    assert shapely.get_coordinates(moved).tolist() == [pytest.approx([4321000, 3210000])]
    assert moved[1] is None
    assert moved[2].is_empty


def test_transform_keeps_z_and_m() -> None:
    texts = ["POINT Z (10 52 7)", "POINT M (10 52 8)", "LINESTRING ZM (10 52 7 8, 11 53 9 1)"]
    moved = transform(shapely.from_wkt(np.array(texts, object)), CRS84, "EPSG:3857")
    ordinates = shapely.get_coordinates(moved, include_z=True, include_m=True)[:, 2:]
    expected = [[7, np.nan], [np.nan, 8], [7, 8], [9, 1]]
    np.testing.assert_array_equal(ordinates, expected)
    assert shapely.get_coordinates(moved[1:2])[0] == pytest.approx(
        shapely.get_coordinates(moved[:1])[0]
    )


def test_no_way_between_two_systems_is_an_error() -> None:
    with pytest.raises(CRSError, match="cannot be carried"):
        transform(np.array([shapely.Point(0, 0)]), CRS84, MOON)


def test_between_the_same_coordinates_nothing_is_moved() -> None:
    points = np.array([shapely.Point(10.123456789, 52)])
    assert transform(points, CRS84, "EPSG:4326") is points


def test_a_place_outside_the_target_is_an_error_or_none() -> None:
    points = np.array([shapely.Point(10, 52), shapely.Point(10, 95)])
    with pytest.raises(GeometryError, match="row 1"):
        transform(points, CRS84, "EPSG:3035")
    moved = transform(points, CRS84, "EPSG:3035", outside="none")
    assert moved[0] is not None
    assert moved[1] is None


@settings(max_examples=25, deadline=None)
@given(st.floats(-10, 30), st.floats(36, 68), st.sampled_from([3035, 3857, 31468, 25833]))
def test_there_and_back(lon: float, lat: float, code: int) -> None:
    point = np.array([shapely.Point(lon, lat)])
    back = transform(transform(point, CRS84, f"EPSG:{code}"), f"EPSG:{code}", CRS84)
    assert shapely.get_coordinates(back)[0] == pytest.approx([lon, lat], abs=1e-5)
