"""Spatial joins on a grid give what joins in memory give, and run where these do not fit."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
import shapely

from ontology import CRS84, MemoryLimitError, crs_iri, format_wkt
from store import Store
from store.emit.tiles import TILED, too_large
from store.engine.engine import DuckDBEngine
from store.query import folder_of, parse_query, plan_query

pytestmark = pytest.mark.slow

PREFIXES = """PREFIX : <http://ex/> PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX geof: <http://www.opengis.net/def/function/geosparql/>
PREFIX uom: <http://www.opengis.net/def/uom/OGC/1.0/>
"""
CONDITIONS = (
    "geof:sfIntersects(?g, ?h)",
    "geof:sfTouches(?g, ?h)",
    "geof:sfEquals(?g, ?h)",
    "geof:sfWithin(?h, ?g)",
    "geof:rcc8po(?g, ?h)",
    "geof:sfOverlaps(?g, ?h) || geof:sfContains(?g, ?h)",
    "geof:distance(?g, ?h, uom:metre) <= 900",
    "geof:distance(?h, ?g, uom:kilometre) < ?reach",
)
LAEA = crs_iri("EPSG:3035")


def _shapes(seed: int, count: int, scale: float, origin: tuple[float, float]) -> list[object]:
    """Boxes on a coarse grid, which touch, overlap and equal each other; one large, one empty."""
    random = np.random.default_rng(seed)
    corners = random.integers(0, 12, (count, 2)) * scale
    sizes = random.integers(1, 4, (count, 2)) * scale
    boxes = shapely.box(*(corners + origin).T, *(corners + sizes + origin).T)
    world = shapely.box(*origin, *(np.array(origin) + 20 * scale))
    return [*boxes, world, shapely.from_wkt("POLYGON EMPTY")]


@pytest.fixture(scope="module", params=["one CRS", "projected", "two CRSs"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Store:
    degrees, metres = (0.01, (16.0, 48.0)), (1000.0, (4_700_000.0, 2_700_000.0))
    first = (CRS84, *degrees) if request.param != "projected" else (LAEA, *metres)
    second = (CRS84, *degrees) if request.param == "one CRS" else (LAEA, *metres)
    lines = ["@prefix : <http://ex/> . @prefix geo: <http://www.opengis.net/ont/geosparql#> ."]
    for kind, (crs, scale, origin), seed in (("A", first, 1), ("B", second, 2)):
        wkb = pa.array(shapely.to_wkb(_shapes(seed, 22, scale, origin)), pa.binary())
        lines += [
            f':{kind}{k} a :{kind} ; :reach {k % 4 * 0.6} ; geo:asWKT "{text}"^^geo:wktLiteral .'
            for k, text in enumerate(format_wkt(wkb, crs).to_pylist())
        ]
    folder = tmp_path_factory.mktemp("tiled")
    (folder / "data.ttl").write_text("\n".join(lines), encoding="utf-8")
    made = Store.create(folder / "store")
    made.load(folder / "data.ttl")
    return made


@pytest.mark.parametrize("condition", CONDITIONS)
def test_the_answer_is_the_same(store: Store, condition: str) -> None:
    text = f"""{PREFIXES} SELECT ?a ?b {{ ?a a :A ; geo:asWKT ?g .
        ?b a :B ; :reach ?reach ; geo:asWKT ?h . FILTER({condition}) }}"""
    snapshot = store.snapshot()
    _, statement = plan_query(parse_query(text), snapshot, with_passes=True, tiled=True)
    assert statement.spatial == (TILED,)
    ran = DuckDBEngine(folder_of(snapshot))
    try:
        tiled = ran.execute(statement.sql).to_pylist()
    finally:
        ran.close()
    expected = store.query(text).terms().to_pylist()
    assert _counted(tiled) == _counted(expected)


def _counted(rows: list[dict[str, dict[str, str]]]) -> Counter[tuple[str, str]]:
    return Counter((row["a"]["value"], row["b"]["value"]) for row in rows)


def test_a_join_that_does_not_fit_is_tiled(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Out of memory, the query is planned anew; the plan in its place is remembered."""
    ran: list[str] = []
    run = DuckDBEngine.execute

    def execute(engine: DuckDBEngine, sql: str, timeout: float | None = None) -> pa.Table:
        ran.append(sql)
        if "#cell" not in sql:
            raise MemoryLimitError("The query needs more memory than allowed")
        return run(engine, sql, timeout)

    monkeypatch.setattr(DuckDBEngine, "execute", execute)
    text = f"""{PREFIXES} SELECT (COUNT(*) AS ?n) {{ ?a geo:asWKT ?g . ?b geo:asWKT ?h .
        FILTER(geof:sfOverlaps(?g, ?h)) }}"""
    first = store.query(text).terms().to_pylist()
    assert len(ran) == 2
    assert store.query(text).terms().to_pylist() == first
    assert len(ran) == 3


def test_no_other_query_is_planned_anew(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def execute(engine: DuckDBEngine, sql: str, timeout: float | None = None) -> pa.Table:
        raise MemoryLimitError("The query needs more memory than allowed")

    monkeypatch.setattr(DuckDBEngine, "execute", execute)
    with pytest.raises(MemoryLimitError):
        store.query("SELECT * { ?s ?p ?o }")


@pytest.mark.parametrize(
    ("rows", "limit", "large"),
    [(1e6, "2GB", False), (7e6, "2GB", True), (7e6, "4GiB", False), (1e6, "300MB", True)],
)
def test_size_of_the_smaller_side_decides(rows: float, limit: str, large: bool) -> None:
    assert too_large(rows, limit) is large
