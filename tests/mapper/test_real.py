"""The example mappings over the real inputs they are written for."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import rasterio
import shapely

from mapper import MappingReport, NTriplesSink, generate_mapping, load_mapping, run_mapping
from ontology import Sink
from tests.conformance.suites import require

DATA = require("data")

EXAMPLES = Path(__file__).parents[2] / "examples" / "mappings"
GL = "https://w3id.org/geoloom/ns#"
GEO = "http://www.opengis.net/ont/geosparql#"


def mapped(name: str, folder: str, sink: Sink) -> MappingReport:
    plan = load_mapping(EXAMPLES / f"{name}.rml.ttl")
    return run_mapping(plan, sink, base_dir=DATA / folder)


def test_cdl_zones_agree_with_the_raster(collector) -> None:
    report = mapped("cdl_raster", "cdl2021-kansas", collector)
    assert report.rows_mapped == 10_193
    assert report.rows_quarantined == 0
    (remark,) = report.remarks
    assert "58764 zones" in remark
    pixels = collector.by_subject(GL + "pixelCount")
    codes = collector.by_subject(GL + "classCode")
    areas = collector.by_subject(GEO + "hasMetricArea")
    assert all(areas[s] == 900 * pixels[s] for s in pixels)
    with rasterio.open(DATA / "cdl2021-kansas" / "2021_30m_cdls.tif") as raster:
        values = raster.read(1)
    assert sum(pixels.values()) + 82_178 == values.size
    with rasterio.open(DATA / "cdl2021-kansas" / "2021_30m_confidence_layer.tif") as raster:
        confidence = raster.read(1)
    assert {int(c) for c in codes.values()} <= set(np.unique(values).tolist())
    means = collector.by_subject(GL + "confidence")
    assert 0 <= min(means.values()) <= max(means.values()) <= confidence.max() / 100


def test_all_cdl_pixels_are_in_a_zone(collector) -> None:
    text = (EXAMPLES / "cdl_raster.rml.ttl").read_text().replace("gl:minimumPixels 5", "gl:band 1")
    report = run_mapping(load_mapping(text), collector, base_dir=DATA / "cdl2021-kansas")
    assert report.rows_mapped == 68_957
    pixels = collector.by_subject(GL + "pixelCount")
    codes = collector.by_subject(GL + "classCode")
    ours: dict[int, int] = {}
    for subject, count in pixels.items():
        ours[int(codes[subject])] = ours.get(int(codes[subject]), 0) + int(count)
    with rasterio.open(DATA / "cdl2021-kansas" / "2021_30m_cdls.tif") as raster:
        classes, counts = np.unique(raster.read(1), return_counts=True)
    assert ours == dict(zip(classes.tolist(), counts.tolist(), strict=True))


def test_cdl_polygons_and_zones_are_the_same_fields(collector) -> None:
    report = mapped("cdl_polygons", "cdl2021-kansas", collector)
    mapped("cdl_raster", "cdl2021-kansas", collector)
    assert report.rows_mapped == 10_193
    areas = collector.by_subject(GEO + "hasMetricArea")
    first = sorted(v for s, v in areas.items() if "/field/" in s)
    second = sorted(v for s, v in areas.items() if "/zone/" in s)
    assert np.abs(np.array(first) - np.array(second)).max() <= 50  # the file rounds to 0.01 ha


def test_lucas_points(collector) -> None:
    report = mapped("lucas_points", "lucas2018-croptype", collector)
    assert (report.rows_read, report.rows_quarantined) == (14_677, 0)
    classes = list(collector.by_subject(GL + "observedClass").values())
    assert sum(iri.endswith("/B16") for iri in classes) == 2000
    assert len(collector.by_subject(GEO + "asWKT")) == 14_677


def test_bigearthnet_footprints(collector) -> None:
    report = mapped("bigearthnet", "bigearthnet-austria", collector)
    assert (report.rows_read, report.rows_quarantined) == (45_891, 0)
    wkt = collector.by_subject(GEO + "asWKT")
    centres = shapely.centroid(shapely.from_wkb(list(wkt.values())))
    table = pq.read_table(DATA / "bigearthnet-austria" / "ben2_catalogue_austria.parquet")
    expected = dict(
        zip(
            table["patch_id"].to_pylist(),
            zip(table["lon"].to_pylist(), table["lat"].to_pylist(), strict=True),
            strict=True,
        )
    )
    names = [iri.split("/")[-2] for iri in wkt]
    given = np.array([expected[name] for name in names])
    assert np.abs(shapely.get_coordinates(centres) - given).max() < 1e-4
    acquired = set(collector.by_subject(GL + "acquired").values())
    assert all(column.zoned for column in collector.columns(GL + "acquired"))
    assert min(acquired).year == 2017


def test_districts_icechart_harbours(collector) -> None:
    districts = mapped("districts", "austria-admin-2021", collector)
    assert districts.rows_mapped == 117
    assert len(collector.by_subject(GL + "unitCode")) == 117
    ice = mapped("icechart", "fmi-icechart", collector)
    assert (ice.rows_read, ice.rows_quarantined) == (156, 0)
    starts = set(collector.by_subject(GL + "validFrom").values())
    assert starts == {datetime(2012, 2, 27, 14, 22)}
    collector.batches.clear()
    harbours = mapped("harbours", "fmi-icechart", collector)
    assert harbours.rows_mapped == 117
    assert len(collector.by_subject(GEO + "asWKT")) == 117


@pytest.mark.parametrize(
    "path",
    [
        "cdl2021-kansas/cdl2021_polygons_ge5px.gpkg",
        "lucas2018-croptype/lucas2018_croptype_points.parquet",
        "austria-admin-2021/bezirke_995_geo.json",
        "fmi-icechart/fmi_icechart_20120227.gpkg",
        "class-tables/worldcover.csv",
    ],
)
def test_generated_mappings_run_as_they_are(path: str, tmp_path: Path) -> None:
    file = DATA / path
    sink = NTriplesSink(tmp_path / "o.nt")
    report = run_mapping(load_mapping(generate_mapping(file)), sink, base_dir=file.parent)
    assert report.rows_quarantined == 0
    assert report.triples_written > 0
