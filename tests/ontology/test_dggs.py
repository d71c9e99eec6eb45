from __future__ import annotations

from typing import Any

import h3
import numpy as np
import pyarrow as pa
import pytest
import shapely

from ontology import (
    CRS84,
    DGGS_LITERAL,
    UnsupportedError,
    format_dggs,
    format_geometries,
    geodesic_area,
    parse_geometries,
    to_wkb,
    transform,
)

LINZ = h3.latlng_to_cell(48.3, 14.3, 9)
GRID = "<https://h3geo.org/res/9>"
PENTAGON = h3.get_pentagons(5)[0]


def read(text: str) -> Any:
    parsed = parse_geometries(pa.array([text]), DGGS_LITERAL)
    assert parsed.problems == ()
    assert parsed.crs.to_pylist() == [CRS84]
    return shapely.from_wkb(parsed.wkb[0].as_py())


def written(geometry: Any, crs: str = CRS84) -> str:
    text: str = format_geometries(to_wkb(np.array([geometry], object)), crs, DGGS_LITERAL)[
        0
    ].as_py()
    return text


def hexagon(cell: str) -> Any:
    return shapely.Polygon([(lng, lat) for lat, lng in h3.cell_to_boundary(cell)])


def metres(geometry: Any) -> float:
    return float(geodesic_area(np.array([geometry], object))[0])


@pytest.mark.standard("GeoSPARQL 1.1, 8.5.5")
@pytest.mark.parametrize(
    "text",
    [
        f"{GRID} CELL ({LINZ})",
        f"{GRID} CELL (({LINZ.upper()}))",
        f"{GRID} CELL (0{LINZ})",
        f"\n{GRID}cell({LINZ})\n",
        f"{GRID} CELLLIST (({LINZ}))",
        f"{GRID} CELLLIST ({LINZ}, {LINZ})",
        f"{GRID} CELLIST( '{LINZ}' )",
        f"<https://h3geo.org/> CELL ({LINZ})",
        f"<http://h3geo.org> CELL ({LINZ})",
    ],
)
def test_every_form_of_one_cell(text: str) -> None:
    assert shapely.equals(read(text), hexagon(LINZ))


def test_neighbours_become_one_polygon() -> None:
    cells = h3.grid_disk(LINZ, 3)
    found = read(f"{GRID} CELLLIST (({' '.join(cells)}))")
    assert found.geom_type == "Polygon"
    assert found.is_valid
    assert metres(found) == pytest.approx(sum(metres(hexagon(cell)) for cell in cells), rel=1e-9)
    ring = read(f"{GRID} CELLLIST (({' '.join(h3.grid_ring(LINZ, 2))}))")
    assert len(ring.interiors) == 1


def test_a_compact_list_is_the_same_area() -> None:
    cells = h3.cell_to_children(h3.cell_to_parent(LINZ, 6), 9)
    compact = h3.compact_cells(cells)
    assert len(compact) == 1
    whole = read(f"{GRID} CELLLIST (({' '.join(cells)}))")
    assert shapely.equals(read(f"{GRID} CELL ({compact[0]})"), whole)
    assert not shapely.equals(read(f"<https://h3geo.org/> CELL ({compact[0]})"), whole)
    assert shapely.equals(read(f"{GRID} CELLLIST (({LINZ} {compact[0]}))"), whole)


def test_no_cells_are_an_empty_area() -> None:
    assert read(f"{GRID} CELLLIST (())").wkt == "MULTIPOLYGON EMPTY"
    assert read(written(shapely.Point())).is_empty


def test_a_pentagon() -> None:
    found = read(f"<https://h3geo.org/res/5> CELL ({PENTAGON})")
    assert metres(found) == pytest.approx(metres(hexagon(PENTAGON)))


@pytest.mark.parametrize(
    ("lat", "lng", "resolution"),
    [(0, 180, 3), (0, 179.99, 5), (66, 180, 4), (-48, -179.999, 6), (65, 180, 7)],
)
def test_cells_on_the_antimeridian_are_cut(lat: float, lng: float, resolution: int) -> None:
    cell = h3.latlng_to_cell(lat, lng, resolution)
    found = read(f"<https://h3geo.org/res/{resolution}> CELL ({cell})")
    assert found.is_valid
    assert found.bounds[0] == -180
    assert found.bounds[2] == 180
    assert metres(found) == pytest.approx(h3.cell_area(cell, "m^2"), rel=0.01)


@pytest.mark.parametrize("lat", [90, -90])
def test_cells_about_a_pole(lat: float) -> None:
    cells = h3.grid_disk(h3.latlng_to_cell(lat, 0, 4), 6)
    found = read(f"<https://h3geo.org/res/4> CELLLIST (({' '.join(cells)}))")
    assert found.is_valid
    assert shapely.covers(found, shapely.Point(77, lat))
    assert metres(found) == pytest.approx(sum(h3.cell_area(c, "m^2") for c in cells), rel=0.02)
    around = set(cells) - set(h3.grid_disk(h3.latlng_to_cell(lat, 0, 4), 2))
    found = read(f"<https://h3geo.org/res/4> CELLLIST (({' '.join(around)}))")
    assert found.is_valid
    assert not shapely.intersects(found, shapely.Point(77, lat))


BAD = {
    f"CELL ({LINZ})": "form",
    f"{GRID} {LINZ}": "form",
    f"{GRID} CELL ({LINZ}": "form",
    f"{GRID} CELL ()": "0 cells",
    f"{GRID} CELL ({LINZ} {PENTAGON})": "2 cells",
    f"{GRID} ZONE ({LINZ})": "ZONE",
    f"{GRID} CELL (R3234)": "no cell",
    f"{GRID} CELL (ffffffffffffffff)": "no cell",
    f"{GRID} CELL ({LINZ}0000000000)": "no cell",
    f"{GRID} CELL ((({LINZ})))": "no cell",
    f"<https://h3geo.org/res/8> CELL ({LINZ})": "finer",
    f"<https://h3geo.org/res/16> CELL ({LINZ})": "no resolution 16",
    "<https://h3geo.org/res/15> CELL (8001fffffffffff)": "over 200000",
    "<https://w3id.org/dggs/auspix> CELL (R3234)": "only H3",
    f"<https://h3geo.org.evil.example/> CELL ({LINZ})": "only H3",
    "POINT (1 2)": "form",
}


@pytest.mark.parametrize("text", BAD)
def test_a_bad_text_is_a_problem_and_the_rest_is_read(text: str) -> None:
    good = f"{GRID} CELL ({LINZ})"
    parsed = parse_geometries(pa.array([good, text, good]), DGGS_LITERAL)
    assert [problem.row for problem in parsed.problems] == [1]
    assert BAD[text] in parsed.problems[0].reason
    assert parsed.wkb.is_null().to_pylist() == [False, True, False]


def test_a_point_is_its_finest_cell() -> None:
    text = written(shapely.Point(14.3, 48.3))
    assert text == f"<https://h3geo.org/res/15> CELL ({h3.latlng_to_cell(48.3, 14.3, 15)})"
    moved = transform(np.array([shapely.Point(14.3, 48.3)]), CRS84, "EPSG:3035")[0]
    assert shapely.covers(read(written(moved, "EPSG:3035")), shapely.Point(14.3, 48.3))


@pytest.mark.parametrize("lat", [0.0, 48.0, 65.0, -80.0])
@pytest.mark.parametrize("size", [1e-3, 0.1, 20.0])
def test_a_polygon_keeps_its_area(lat: float, size: float) -> None:
    polygon = shapely.Point(14.3, lat).buffer(min(size, 9.9))
    polygon = polygon.difference(shapely.Point(14.3, lat).buffer(min(size, 9.9) / 3))
    found = read(written(polygon))
    assert found.is_valid
    assert metres(found) == pytest.approx(metres(polygon), rel=0.1)
    assert metres(shapely.intersection(found, polygon)) > 0.9 * metres(polygon)


def test_what_is_written_reads_back_as_itself() -> None:
    polygon = shapely.box(14.3, 48.3, 14.5, 48.4)
    text = written(polygon)
    grid = text[1 : text.index(">")]
    again = format_dggs(to_wkb(np.array([read(text)], object)), CRS84, grid)
    assert again.to_pylist() == [text]


@pytest.mark.parametrize(
    "wkt",
    [
        "LINESTRING (14.3 48.3, 14.31 48.305)",
        "LINESTRING (-180 10, 180 10)",
        "POLYGON ((0 0, 10 10, 10 10.00001, 0 0))",
        "MULTIPOINT ((1 2), (3 4))",
        "GEOMETRYCOLLECTION Z (POINT Z (1 2 3), LINESTRING Z (1 2 3, 1.1 2 3))",
        "POLYGON ((-180 -90, 180 -90, 180 90, -180 90, -180 -90))",
    ],
)
def test_lines_and_slivers_are_covered(wkt: str) -> None:
    geometry = shapely.from_wkt(wkt)
    found = read(written(geometry))
    assert found.is_valid
    assert shapely.covers(found.buffer(1e-6), shapely.force_2d(geometry))


@pytest.mark.parametrize("beyond", [-1, 1])
def test_a_polygon_over_the_antimeridian(beyond: int) -> None:
    polygon = shapely.box(180 * beyond - 1, 0, 180 * beyond + 1, 1)
    found = read(written(polygon))
    assert found.bounds[0] == -180
    assert found.bounds[2] == 180
    assert metres(found) == pytest.approx(metres(polygon), rel=0.05)


def test_an_invalid_polygon_is_mended_first() -> None:
    bowtie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    mended = shapely.make_valid(bowtie)
    assert metres(read(written(bowtie))) == pytest.approx(metres(mended), rel=0.05)


def test_a_line_about_a_pole_takes_no_longer() -> None:
    found = read(written(shapely.LineString([(-180, 89.99), (180, 89.99)])))
    assert shapely.covers(found, shapely.Point(77, 89.99))


def test_more_cells_than_are_read_are_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ontology.dggs._MOST_READ", 3)
    points = to_wkb(np.array([shapely.MultiPoint([(k, k) for k in range(4)])], object))
    assert format_geometries(points, CRS84, DGGS_LITERAL).to_pylist() == [None]


@pytest.mark.parametrize("place", [(0, 95), (0, -91), (1e300, 3)])
def test_no_place_on_earth_is_null(place: tuple[float, float]) -> None:
    column = to_wkb(shapely.points([place]))
    assert format_geometries(column, CRS84, DGGS_LITERAL).to_pylist() == [None]


def test_a_grid_may_be_asked_for() -> None:
    column = to_wkb(np.array([shapely.Point(14.3, 48.3), None], object))
    texts = format_dggs(column, CRS84, "https://h3geo.org/res/9")
    assert texts.to_pylist() == [f"{GRID} CELL ({LINZ})", None]
    assert format_dggs(column, CRS84, "https://h3geo.org") == format_geometries(
        column, CRS84, DGGS_LITERAL
    )
    with pytest.raises(UnsupportedError, match="auspix"):
        format_dggs(column, CRS84, "https://w3id.org/dggs/auspix")
