"""The synthetic world meets what it is said to meet; the queries are read right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from benchmarks.geographica.layers import Fields
from benchmarks.geographica.peer import counted
from benchmarks.geographica.synthetic import asked
from benchmarks.geographica.world import NAMESPACE, World
from ontology import CRS84, crs_iri

WINDOW = "POLYGON ((0.0 0.0, 45.07 0.0, 45.07 39.01, 0.0 39.01, 0.0 0.0))"


@pytest.fixture(scope="module", params=[16, 24, 31])
def world(request: pytest.FixtureRequest) -> World:
    return World(request.param)


def _pairs(a: object, b: object, relation: str, tags: tuple[int, int] = (1, 1)) -> int:
    one, two = shapely.STRtree(b).query(a, relation)
    return int(np.sum((one % tags[0] == 0) & (two % tags[1] == 0)))


@pytest.mark.parametrize("tags", [(1, 1), (2, 1), (1, 4), (8, 2)])
def test_pairs_are_those_of_the_shapes(world: World, tags: tuple[int, int]) -> None:
    land, states = (shapely.polygons(one.rings()) for one in (world.land, world.states))
    points = shapely.points(world.points())
    assert world.land_and_states(*tags) == _pairs(land, states, "intersects", tags)
    assert world.states_and_states(*tags) == _pairs(states, states, "touches", tags)
    assert world.points_and_states(*tags) == _pairs(points, states, "within", tags)


def test_windows_hold_what_the_shapes_say(world: World) -> None:
    window = shapely.from_wkt(WINDOW)
    land = shapely.intersects(shapely.polygons(world.land.rings()), window)
    assert world.land_in(1, 45.07, 39.01) == land.sum()
    assert world.land_in(4, 45.07, 39.01) == land[::4].sum()
    inside = shapely.within(shapely.points(world.points()), window)
    assert world.points_in(2, 45.07, 39.01) == inside[::2].sum()


def test_everything_lies_in_the_largest_window(world: World) -> None:
    assert world.land_in(1, 90.0, 77.94970848221368) == world.count**2
    assert world.points_in(1, 90.0, 90.0) == world.count**2


def test_triples_are_written_whole(tmp_path: Path) -> None:
    written = World(8).write(tmp_path / "world.nt")
    lines = (tmp_path / "world.nt").read_text().splitlines()
    assert len(lines) == len({*lines}) == written
    assert all(line.endswith(" .") for line in lines)


def test_queries_are_read() -> None:
    theme = f"{NAMESPACE}landOwnership"
    text = f"""SELECT ?s1 {{ ?s1 <{theme}/hasGeometry> ?s1Geo . ?tag1 <{theme}/hasKey> "4" .
        FILTER(geof:sfIntersects(?geo1, "{WINDOW}"^^geo:wktLiteral)) }}"""
    found = asked(text)
    assert (found.themes, found.tags, found.corner) == (("landOwnership",), (4,), (45.07, 39.01))
    assert found.rows(World(16)) == World(16).land_in(4, 45.07, 39.01)


def test_samples_near_fields_are_told_alike_on_map_and_ellipsoid() -> None:
    fields = Fields(2000)
    samples = fields.samples(400)
    near = [fields.near(samples, crs) for crs in (CRS84, crs_iri("EPSG:3035"))]
    assert near[0] > 50
    assert abs(near[0] - near[1]) <= 2


def test_rows_of_oxigraph_are_counted() -> None:
    assert counted(b"?a\t?b\n<x>\t<y>\n<x>\t<z>\n") == 2
    assert counted(b'?n\n"7"^^<http://www.w3.org/2001/XMLSchema#integer>\n') == 7
    assert counted(b"?a\t?b\n") == 0
