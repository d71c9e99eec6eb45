"""Joins with geometries of many vertices, asked by key: the answers of shapely and of DuckDB."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import shapely

from ontology import CRS84, GeoloomError, crs_iri, format_wkt
from store import Store
from store.emit.tiles import too_large
from store.lower.geometry.giants import GIANTS

PREFIXES = """PREFIX : <http://ex/> PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX geof: <http://www.opengis.net/def/function/geosparql/>
"""
RELATIONS = (
    *("sfIntersects", "sfWithin", "sfContains", "sfTouches", "sfOverlaps", "sfCrosses", "sfEquals"),
    *("ehInside", "ehCoveredBy", "ehMeet", "rcc8ntppi", "rcc8po", "rcc8dc", "sfDisjoint"),
)
VERTICES = 1_500


def _coast(east: float = 0.0) -> shapely.Polygon:
    turn = np.linspace(0, 2 * np.pi, VERTICES, endpoint=False)
    reach = 3 + np.sin(5 * turn) / 2 + np.sin(37 * turn) / 5
    return shapely.Polygon(np.stack([reach * np.cos(turn) + east, reach * np.sin(turn)], 1))


def _lake() -> shapely.Polygon:
    return shapely.Polygon(_coast().exterior, [shapely.box(-1, -1, 1, 1).exterior])


def _others() -> list[object]:
    random = np.random.default_rng(5)
    places = random.uniform(-4, 6, (40, 2))
    corners = shapely.get_coordinates(_coast())[: VERTICES : VERTICES // 10]
    return [
        *shapely.points(places),
        *shapely.box(*places.T, *(places + random.uniform(0.05, 0.6, (40, 2))).T),
        *shapely.points(corners),
        *shapely.linestrings(corners.reshape(-1, 2, 2)),
        shapely.box(-9, -9, 9, 9),
        shapely.GeometryCollection([shapely.Point(0, 0), shapely.Polygon()]),
        shapely.Point(),
        shapely.Point(0, 0, 7),
        _coast(),
        _coast(east=2.0),
    ]


FEW = [_coast(), _coast(east=2.0), _lake(), shapely.box(0, 0, 1, 1), shapely.Polygon()]
OTHERS = _others()


def _lines(kind: str, shapes: list[object], crs: str) -> list[str]:
    wkb = pa.array(shapely.to_wkb(np.array(shapes, object), flavor="iso"), pa.binary())
    return [
        f':{kind}{k} a :{kind} ; :half {k % 2} ; geo:asWKT "{text}"^^geo:wktLiteral .'
        for k, text in enumerate(format_wkt(wkb, crs).to_pylist())
    ]


def _store(folder: Path, crs: str = CRS84, **options: str) -> Store:
    lines = ["@prefix : <http://ex/> . @prefix geo: <http://www.opengis.net/ont/geosparql#> ."]
    lines += [*_lines("A", FEW, CRS84), *_lines("B", OTHERS, crs)]
    (folder / "data.ttl").write_text("\n".join(lines), encoding="utf-8")
    made = Store.create(folder / "store", **options)  # type: ignore[arg-type]
    made.load(folder / "data.ttl")
    return made


@pytest.fixture(scope="module", params=["always", "never"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Store:
    return _store(tmp_path_factory.mktemp("joins"), tables=request.param)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    keys: list[str] = []
    find = GIANTS.find
    monkeypatch.setattr(GIANTS, "find", lambda key: keys.append(key) or find(key))
    return keys


def _pairs(store: Store, condition: str, more: str = "", **how: bool) -> list[tuple[int, int]]:
    text = f"""{PREFIXES} SELECT ?a ?b {{ ?a a :A ; :half ?m ; geo:asWKT ?g .
        ?b a :B ; :half ?n ; geo:asWKT ?h . {more} FILTER({condition}) }}"""
    rows = store.query(text, **how).terms().to_pylist()
    numbers = ((row["a"]["value"], row["b"]["value"]) for row in rows)
    return sorted((int(a.rsplit("A", 1)[1]), int(b.rsplit("B", 1)[1])) for a, b in numbers)


@pytest.mark.parametrize("relation", RELATIONS)
@pytest.mark.parametrize("first", [True, False])
def test_they_agree_with_the_whole_polygons(
    store: Store, relation: str, first: bool, asked: list[str]
) -> None:
    condition = f"geof:{relation}(?g, ?h)" if first else f"geof:{relation}(?h, ?g)"
    found = _pairs(store, condition)
    if relation not in ("sfEquals", "rcc8dc", "sfDisjoint"):
        assert asked
    assert found == _pairs(store, condition, optimise=False)
    planar = getattr(shapely, relation[2:].lower(), None)
    if relation.startswith("sf") and planar is not None:
        few, others = np.array(FEW, object), np.array(OTHERS, object)
        sides = (few[:, None], others[None]) if first else (others[None], few[:, None])
        assert found == [tuple(pair) for pair in np.argwhere(planar(*sides)).tolist()]


def test_other_conditions_hold_too(store: Store, asked: list[str]) -> None:
    found = _pairs(store, "geof:sfIntersects(?g, ?h) && ?m = ?n")
    assert asked
    assert found == [
        (a, b) for a, b in _pairs(store, "geof:sfIntersects(?g, ?h)") if a % 2 == b % 2
    ]


def test_tiled(store: Store, asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    expected = _pairs(store, "geof:sfOverlaps(?g, ?h)")
    monkeypatch.setattr("store.emit.spatial.too_large", lambda rows: not too_large(rows))
    asked.clear()
    assert _pairs(store, "geof:sfOverlaps(?g, ?h) && true") == expected
    assert asked


def test_sides_in_two_crss(tmp_path: Path) -> None:
    made = _store(tmp_path, crs_iri("EPSG:4326"))
    condition = "geof:sfContains(?g, ?h)"
    assert _pairs(made, condition) == _pairs(made, condition, optimise=False) != []


def test_one_dropped_while_it_is_needed_is_told(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GIANTS, "find", lambda key: None)
    monkeypatch.setattr(GIANTS, "take", lambda code: "gone")
    with pytest.raises(GeoloomError, match="large geometry was dropped"):
        _pairs(store, "geof:sfWithin(?h, ?g)")


def test_without_room_whole_polygons_are_compared(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = _pairs(store, "geof:sfWithin(?h, ?g)")
    monkeypatch.setattr(GIANTS, "take", lambda code: None)
    assert _pairs(store, "geof:sfWithin(?h, ?g) && true") == expected
