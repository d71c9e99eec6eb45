from __future__ import annotations

import numpy as np
import pyproj
import pytest
import rasterio
import shapely

from ontology import CRSError, InputError, MappingError, UnsupportedError


def from_origin(west, north, width, height):
    return rasterio.Affine(width, 0, west, 0, -height, north)


def write(path, values, crs, transform, **profile):
    bands = values if values.ndim == 3 else values[None]
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=bands.shape[2],
        height=bands.shape[1],
        count=len(bands),
        dtype=bands.dtype,
        crs=crs,
        transform=transform,
        **profile,
    ) as raster:
        raster.write(bands)


def zones_source(options: str = "", name: str = "in.tif") -> str:
    return f'[ rml:source "{name}" ; rml:referenceFormulation gl:RasterZones ; {options} ]'


MAPS = ('rml:reference "area"', 'rml:reference "pixels"', 'rml:reference "value"')
SUBJECT = 'rml:template "http://example.com/{zone}"'
VALUES = np.array([[1, 1, 0], [2, 1, 0], [2, 2, 2]], np.uint8)


def numbers(texts: list[str]) -> list[float]:
    return sorted(float(text.split('"')[1]) for text in texts)


def test_projected_raster(run, turtle) -> None:
    write(run.folder / "in.tif", VALUES, "EPSG:3035", from_origin(4e6, 3e6, 10, 20), nodata=0)
    text = turtle(*MAPS, subject=SUBJECT, source=zones_source())
    assert numbers(run.objects(text)) == [600.0, 800.0]
    assert numbers(run.objects(text, "p1")) == [3.0, 4.0]
    assert run.report.rows_read == 2
    text = turtle(*MAPS, subject=SUBJECT, source=zones_source("gl:nodata 2"))
    assert numbers(run.objects(text, "p2")) == [0.0, 1.0]


def test_areas_in_degrees_are_geodesic(run, turtle) -> None:
    write(run.folder / "in.tif", VALUES, "EPSG:4326", from_origin(14, 48, 0.1, 0.1), nodata=0)
    areas = numbers(run.objects(turtle(*MAPS, subject=SUBJECT, source=zones_source())))
    geod = pyproj.Geod(ellps="WGS84")
    ones = shapely.segmentize(
        shapely.Polygon(
            [(14, 48), (14.2, 48), (14.2, 47.8), (14.1, 47.8), (14.1, 47.9), (14, 47.9)]
        ),
        0.001,
    )
    expected = abs(geod.geometry_area_perimeter(ones)[0])
    assert areas[0] == pytest.approx(expected, rel=1e-6)


def test_confidence_from_a_band_or_a_raster(run, turtle) -> None:
    both = np.stack([VALUES, np.full_like(VALUES, 80)])
    write(run.folder / "in.tif", both, "EPSG:3035", from_origin(4e6, 3e6, 10, 10))
    write(run.folder / "c.tif", both[1] // 2, "EPSG:3035", from_origin(4e6, 3e6, 10, 10))
    mean = 'rml:reference "mean_confidence"'
    band = zones_source("gl:confidenceBand 2 ; gl:confidenceScale 100")
    assert numbers(run.objects(turtle(mean, subject=SUBJECT, source=band))) == [0.8] * 3
    file = zones_source('gl:confidence "c.tif" ; gl:confidenceScale 100')
    assert numbers(run.objects(turtle(mean, subject=SUBJECT, source=file))) == [0.4] * 3
    with pytest.raises(MappingError, match="no column 'mean_confidence'"):
        run(turtle(mean, subject=SUBJECT, source=zones_source()))
    write(run.folder / "c.tif", both[1][:2], "EPSG:3035", from_origin(4e6, 3e6, 10, 10))
    with pytest.raises(InputError, match="does not fit"):
        run(turtle(mean, subject=SUBJECT, source=file))


def test_zone_geometry_keeps_the_grid(run, turtle) -> None:
    write(run.folder / "in.tif", VALUES, "EPSG:32633", from_origin(5e5, 5.3e6, 10, 10), nodata=0)
    text = turtle(
        'rml:reference "geometry" ; rml:datatype geo:wktLiteral',
        subject=SUBJECT,
        source=zones_source('gl:targetCRS "source"'),
    )
    texts = run.objects(text)
    shapes_ = [shapely.from_wkt(text.split('"')[1].split("> ")[1]) for text in texts]
    assert sorted(shapely.area(shapes_)) == [300.0, 400.0]


def test_what_is_no_class_raster(run, turtle) -> None:
    grid = from_origin(4e6, 3e6, 10, 10)
    write(run.folder / "in.tif", VALUES.astype(np.float32) / 2, "EPSG:3035", grid)
    with pytest.raises(UnsupportedError, match="no class"):
        run(turtle(*MAPS, subject=SUBJECT, source=zones_source()))
    write(run.folder / "in.tif", VALUES, "EPSG:3035", grid)
    with pytest.raises(MappingError, match="no band 2"):
        run(turtle(*MAPS, subject=SUBJECT, source=zones_source("gl:band 2")))
    with pytest.raises(MappingError, match="4 or 8"):
        run(turtle(*MAPS, subject=SUBJECT, source=zones_source("gl:connectedness 6")))
    write(run.folder / "in.tif", VALUES, None, grid)
    with pytest.raises(CRSError, match=r"in\.tif"):
        run(turtle(*MAPS, subject=SUBJECT, source=zones_source()))


def test_a_cut_off_file_leaves_nothing(run, turtle) -> None:
    values = np.random.default_rng(1).integers(0, 9, (600, 600)).astype(np.uint8)
    write(
        run.folder / "in.tif",
        values,
        "EPSG:3035",
        from_origin(4e6, 3e6, 10, 10),
        compress="deflate",
    )
    path = run.folder / "in.tif"
    path.write_bytes(path.read_bytes()[:60_000])
    with pytest.raises(InputError, match=r"in\.tif"):
        run(turtle(*MAPS, subject=SUBJECT, source=zones_source()))
    assert [p.name for p in run.folder.iterdir()] == ["in.tif"]
