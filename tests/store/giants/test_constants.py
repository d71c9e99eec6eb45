"""Constant geometries of many vertices: what prepared ones tell is what shapely tells."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import shapely

from ontology import CRS84, format_wkt
from store import Store
from store.lower.geometry import giants
from store.lower.geometry.giants import GIANTS, Giants

PREFIXES = """PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX geof: <http://www.opengis.net/def/function/geosparql/>
"""
NAMES = ("sfIntersects", "sfWithin", "sfContains", "sfTouches", "sfDisjoint", "sfOverlaps",
         "sfCrosses", "ehInside", "ehCoveredBy", "rcc8ntppi", "rcc8po")  # fmt: skip


def _coast() -> shapely.Polygon:
    turn = np.linspace(0, 2 * np.pi, 300, endpoint=False)
    reach = 3 + np.sin(5 * turn) / 2 + np.sin(37 * turn) / 5
    return shapely.Polygon(np.stack([reach * np.cos(turn), reach * np.sin(turn)], 1))


COAST = _coast()


def _shapes() -> np.ndarray:
    random = np.random.default_rng(5)
    places = random.uniform(-4, 4, (40, 2))
    corners = shapely.get_coordinates(COAST)[:300:30]
    made = [
        *shapely.points(places),
        *shapely.box(*places.T, *(places + random.uniform(0.05, 0.6, (40, 2))).T),
        *shapely.points(corners),
        *shapely.linestrings(corners.reshape(-1, 2, 2)),
        shapely.Polygon([*corners[:2], (9, 9)]),
        shapely.box(-9, -9, 9, 9),
        shapely.GeometryCollection([shapely.Point(0, 0), shapely.Polygon()]),
        COAST,
        shapely.Point(),
    ]
    return np.array(made, object)


SHAPES = _shapes()


def _texts(shapes: np.ndarray) -> list[str]:
    texts = format_wkt(pa.array(shapely.to_wkb(shapes, flavor="iso"), pa.binary()), CRS84)
    return [f'"{text}"^^geo:wktLiteral' for text in texts.to_pylist()]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("constants")
    lines = ["@prefix geo: <http://www.opengis.net/ont/geosparql#> ."]
    lines += [f"<http://ex/{k}> geo:asWKT {text} ." for k, text in enumerate(_texts(SHAPES))]
    (folder / "data.ttl").write_text("\n".join(lines), encoding="utf-8")
    made = Store.create(folder / "store")
    made.load(folder / "data.ttl")
    return made


def _asked(store: Store, condition: str) -> list[int]:
    text = f"{PREFIXES} SELECT ?a {{ ?a geo:asWKT ?g FILTER({condition}) }}"
    rows = store.query(text).terms().to_pylist()
    return sorted(int(row["a"]["value"].rsplit("/", 1)[1]) for row in rows)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("before", [True, False])
def test_they_agree_with_small_ones(
    store: Store, name: str, before: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    (constant,) = _texts(np.array([COAST], object))
    condition = f"geof:{name}({constant}, ?g)" if before else f"geof:{name}(?g, {constant})"
    expected = _asked(store, condition)
    monkeypatch.setattr(giants, "GIANT", 200)
    asked: list[str] = []
    find = GIANTS.find
    monkeypatch.setattr(GIANTS, "find", lambda key: asked.append(key) or find(key))
    assert _asked(store, f"{condition} && true") == expected
    assert asked
    planar = getattr(shapely, name[2:].lower(), None)
    if planar is not None and name.startswith("sf"):
        sides = (COAST, SHAPES) if before else (SHAPES, COAST)
        assert expected == np.flatnonzero(planar(*sides)).tolist()


def test_what_is_kept() -> None:
    kept = Giants(held=700, idle=1e9)
    codes = [shapely.to_wkb(shape) for shape in (COAST, shapely.transform(COAST, lambda c: c + 1))]
    keys = [kept.take(code) for code in codes]
    assert None not in keys
    assert kept.take(codes[0]) == keys[0]
    assert kept.take(shapely.to_wkb(shapely.transform(COAST, lambda c: c + 2))) is None
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    assert [kept.take(shapely.to_wkb(one)) for one in (bow, shapely.Point(1, 2))] == [None, None]
    assert kept.take(b"none") is None
    giving = Giants(held=400, idle=0.0)
    first = giving.take(codes[0])
    assert giving.take(codes[1]) is not None
    assert first is not None
    assert giving.find(first) is None


def test_one_no_longer_kept_is_told_by_duckdb(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    (constant,) = _texts(np.array([COAST], object))
    monkeypatch.setattr(giants, "GIANT", 200)
    monkeypatch.setattr(GIANTS, "find", lambda key: None)
    found = _asked(store, f"geof:sfWithin(?g, {constant}) || false")
    assert found == np.flatnonzero(shapely.within(SHAPES, COAST)).tolist()
