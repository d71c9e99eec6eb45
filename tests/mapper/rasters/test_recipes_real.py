"""Raster recipes over real data: class counts of numpy, zones of GDAL, areas of pyproj."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyogrio
import pyproj
import pytest
import rasterio
import shapely
from rasterio.features import shapes

from mapper import Mapping, load_recipe, run_mapping
from tests.conformance.suites import require

DATA = require("data")

GL = "https://w3id.org/geoloom/ns#"
GEO = "http://www.opengis.net/ont/geosparql#"
CODES = "https://w3id.org/geoloom/codes/"


def with_options(mapping: Mapping, options: dict[str, str]) -> Mapping:
    maps = tuple(
        replace(one, source=replace(one.source, options=(*one.source.options, *options.items())))
        for one in mapping.triples_maps
    )
    return replace(mapping, triples_maps=maps)


def run(name: str, file: str, sink: Any, **options: str) -> Any:
    mapping = with_options(load_recipe(name, DATA / file), options)
    report = run_mapping(mapping, sink, file=DATA / file)
    assert report.rows_quarantined == 0, report.quarantine[0]
    return report


def counts(collector: Any, scheme: str) -> dict[str, int]:
    pixels = collector.by_subject(GL + "pixelCount")
    found: dict[str, int] = {}
    for subject, iri in collector.by_subject(GL + "observedClass").items():
        assert iri.startswith(f"{CODES}{scheme}/")
        code = iri.rsplit("/", 1)[1]
        found[code] = found.get(code, 0) + pixels[subject]
    return found


def numpy_counts(file: str, *nothing: int) -> dict[str, int]:
    with rasterio.open(DATA / file) as raster:
        codes, many = np.unique(raster.read(1), return_counts=True)
    kept = zip(codes.tolist(), many.tolist(), strict=True)
    return {str(code): count for code, count in kept if code not in nothing}


@pytest.mark.parametrize(
    ("file", "zones"),
    [("worldcover_2020_v100_saotome", 19_615), ("worldcover_2021_v200_saotome", 14_618)],
)
def test_worldcover(file: str, zones: int, collector: Any) -> None:
    path = f"worldcover-saotome/{file}.tif"
    report = run("worldcover", path, collector)
    assert report.rows_mapped == zones
    assert counts(collector, "worldcover") == numpy_counts(path, 0)
    areas = collector.by_subject(GEO + "hasMetricArea")
    wkb = collector.by_subject(GEO + "asWKT")
    geod = pyproj.Geod(ellps="WGS84")
    for subject in sorted(areas, key=lambda s: -areas[s])[5:25]:
        geometry = shapely.from_wkb(wkb[f"{subject}/geometry"])
        expected, _ = geod.geometry_area_perimeter(shapely.orient_polygons(geometry))
        assert areas[subject] == pytest.approx(expected, rel=1e-6)
    with rasterio.open(DATA / path) as raster:
        values = raster.read(1)
        reference = [
            shapely.geometry.shape(shape)
            for shape, _ in shapes(values, mask=values > 0, transform=raster.transform)
        ]
    ours = shapely.normalize(shapely.from_wkb(list(wkb.values())))
    theirs = shapely.normalize(np.array(reference))
    by_place = [
        geometries[np.lexsort(shapely.bounds(geometries).round(9).T)]
        for geometries in (ours, theirs)
    ]
    assert shapely.equals_exact(*by_place, tolerance=1e-9).all()


def test_worldcover_change(collector: Any) -> None:
    folder = "worldcover-saotome"
    run("worldcover-change", f"{folder}/worldcover_2020_v100_saotome.tif", collector)
    pixels = collector.by_subject(GL + "pixelCount")
    before = collector.by_subject(GL + "fromCode")
    after = collector.by_subject(GL + "toCode")
    ours: dict[tuple[int, int], int] = {}
    for subject, count in pixels.items():
        pair = int(before[subject]), int(after[subject])
        ours[pair] = ours.get(pair, 0) + count
    with rasterio.open(DATA / folder / "worldcover_2020_v100_saotome.tif") as raster:
        first = raster.read(1).astype(np.int64)
    with rasterio.open(DATA / folder / "worldcover_2021_v200_saotome.tif") as raster:
        second = raster.read(1).astype(np.int64)
    changed = (first != second) & (first > 0) & (second > 0)
    pairs, many = np.unique(
        np.column_stack([first[changed], second[changed]]), axis=0, return_counts=True
    )
    assert ours == dict(zip(map(tuple, pairs.tolist()), many.tolist(), strict=True))


def test_crops(collector: Any) -> None:
    file = "cdl2021-kansas/2021_30m_cdls.tif"
    report = run("usda-cdl-confidence", file, collector)
    assert counts(collector, "usda-cdl") == numpy_counts(file, 0)
    with rasterio.open(DATA / file) as raster:
        values = raster.read(1)
    with rasterio.open(DATA / "cdl2021-kansas/2021_30m_confidence_layer.tif") as raster:
        confidence = raster.read(1)[values > 0]
    pixels = collector.by_subject(GL + "pixelCount")
    means = collector.by_subject(GL + "confidence")
    total = sum(means[subject] * pixels[subject] for subject in means)
    assert total * 100 == pytest.approx(confidence.sum(), rel=1e-9)
    assert min(collector.by_subject(GL + "minConfidence").values()) * 100 == confidence.min()
    collector.batches.clear()
    assert run("usda-cdl", file, collector).rows_mapped == report.rows_mapped


def test_corine_rasters(collector: Any) -> None:
    file = "corine/clc.tif"
    run("corine-codes", file, collector)
    assert counts(collector, "corine") == numpy_counts(file, 2**32 - 1)
    areas = collector.by_subject(GEO + "hasMetricArea")
    pixels = collector.by_subject(GL + "pixelCount")
    ratio = [areas[subject] / pixels[subject] / 625 for subject in areas]
    assert 1.0005 < min(ratio) <= max(ratio) < 1.0009  # the scale of UTM near its middle
    collector.batches.clear()
    run("corine-raster", "corine/U2018_CLC2018_V2020_20u1_FR_GLP.tif", collector)
    found = counts(collector, "corine")
    expected = numpy_counts("corine/U2018_CLC2018_V2020_20u1_FR_GLP.tif", 0, 48, 128, 255)
    assert sum(found.values()) == sum(expected.values())
    assert sorted(found.values()) == sorted(expected.values())


def test_corine_polygons(collector: Any) -> None:
    report = run("corine", "corine/clc.gpkg", collector, layer="clc")
    assert report.rows_mapped == 136
    areas = sorted(collector.by_subject(GEO + "hasMetricArea").values())
    _, _, _, (codes, hectares) = pyogrio.raw.read(
        DATA / "corine/clc.gpkg", layer="clc", columns=["CODE_18", "AREA_HA"], read_geometry=False
    )
    observed = sorted(collector.by_subject(GL + "observedClass").values())
    assert observed == sorted(f"{CODES}corine/{code}" for code in codes)
    assert len(areas) == len(hectares)


@pytest.mark.parametrize("name", ["cropland", "croptype"])
def test_worldcereal(name: str, collector: Any) -> None:
    file = f"worldcereal-output/worldcereal_{name}_classification.nc"
    run(f"worldcereal-{name}", file, collector, crs="EPSG:32631")
    with (
        pytest.warns(rasterio.errors.NotGeoreferencedWarning),
        rasterio.open(DATA / file) as raster,
    ):
        values, probability = raster.read(1), raster.read(2)
    codes, many = np.unique(values, return_counts=True)
    expected = dict(zip(map(str, codes.tolist()), many.tolist(), strict=True))
    assert counts(collector, f"worldcereal-{name}") == expected
    pixels = collector.by_subject(GL + "pixelCount")
    means = collector.by_subject(GL + "confidence")
    total = sum(means[subject] * pixels[subject] for subject in means)
    assert total * 100 == pytest.approx(probability.sum(), rel=1e-9)
    bounds = shapely.total_bounds(
        shapely.from_wkb(list(collector.by_subject(GEO + "asWKT").values()))
    )
    to_degrees = pyproj.Transformer.from_crs("EPSG:32631", "OGC:CRS84", always_xy=True)
    west, south = to_degrees.transform(664_000, 5_611_120)
    assert bounds[:2] == pytest.approx((west, south), abs=1e-3)
