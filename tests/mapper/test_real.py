"""The example mappings over the real inputs they are written for."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pyoxigraph
import pytest
import rasterio
import shapely

from mapper import MappingReport, NTriplesSink, generate_mapping, load_mapping, run_mapping

SUITES = os.environ.get("GEOLOOM_SUITES")
if not SUITES:
    pytest.skip("set GEOLOOM_SUITES to the folder that holds data/", allow_module_level=True)
DATA = Path(SUITES) / "data"
if not DATA.is_dir():
    pytest.skip(f"no real data under {DATA}", allow_module_level=True)

EXAMPLES = Path(__file__).parents[2] / "examples" / "mappings"
GL = "https://w3id.org/geoloom/ns#"
GEO = "http://www.opengis.net/ont/geosparql#"


def mapped(name: str, folder: str, tmp_path: Path) -> tuple[MappingReport, Path]:
    out = tmp_path / f"{name}.nt"
    plan = load_mapping(EXAMPLES / f"{name}.rml.ttl")
    return run_mapping(plan, NTriplesSink(out), base_dir=DATA / folder), out


def by_subject(path: Path, predicate: str) -> dict[str, str]:
    return {
        quad.subject.value: quad.object.value
        for quad in pyoxigraph.parse(path=path)
        if quad.predicate.value == predicate
    }


def test_cdl_zones_agree_with_the_raster(tmp_path: Path) -> None:
    report, out = mapped("cdl_raster", "cdl2021-kansas", tmp_path)
    assert report.rows_mapped == 10_193
    assert report.rows_quarantined == 0
    (remark,) = report.remarks
    assert "58764 zones" in remark
    pixels = {s: int(v) for s, v in by_subject(out, GL + "pixelCount").items()}
    codes = by_subject(out, GL + "classCode")
    areas = {s: float(v) for s, v in by_subject(out, GEO + "hasMetricArea").items()}
    assert all(areas[s] == 900 * pixels[s] for s in pixels)
    with rasterio.open(DATA / "cdl2021-kansas" / "2021_30m_cdls.tif") as raster:
        values = raster.read(1)
    assert sum(pixels.values()) + 82_178 == values.size
    with rasterio.open(DATA / "cdl2021-kansas" / "2021_30m_confidence_layer.tif") as raster:
        confidence = raster.read(1)
    assert {int(c) for c in codes.values()} <= set(np.unique(values).tolist())
    means = {s: float(v) for s, v in by_subject(out, GL + "confidence").items()}
    assert 0 <= min(means.values()) <= max(means.values()) <= confidence.max() / 100


def test_all_cdl_pixels_are_in_a_zone(tmp_path: Path) -> None:
    text = (EXAMPLES / "cdl_raster.rml.ttl").read_text().replace("gl:minimumPixels 5", "gl:band 1")
    out = tmp_path / "all.nt"
    report = run_mapping(load_mapping(text), NTriplesSink(out), base_dir=DATA / "cdl2021-kansas")
    assert report.rows_mapped == 68_957
    pixels = by_subject(out, GL + "pixelCount")
    codes = by_subject(out, GL + "classCode")
    ours: dict[int, int] = {}
    for subject, count in pixels.items():
        ours[int(codes[subject])] = ours.get(int(codes[subject]), 0) + int(count)
    with rasterio.open(DATA / "cdl2021-kansas" / "2021_30m_cdls.tif") as raster:
        classes, counts = np.unique(raster.read(1), return_counts=True)
    assert ours == dict(zip(classes.tolist(), counts.tolist(), strict=True))


def test_cdl_polygons_and_zones_are_the_same_fields(tmp_path: Path) -> None:
    report, polygons = mapped("cdl_polygons", "cdl2021-kansas", tmp_path)
    _, zones = mapped("cdl_raster", "cdl2021-kansas", tmp_path)
    assert report.rows_mapped == 10_193
    first = sorted(round(float(v)) for v in by_subject(polygons, GEO + "hasMetricArea").values())
    second = sorted(round(float(v)) for v in by_subject(zones, GEO + "hasMetricArea").values())
    assert np.abs(np.array(first) - np.array(second)).max() <= 50  # the file rounds to 0.01 ha


def test_lucas_points(tmp_path: Path) -> None:
    report, out = mapped("lucas_points", "lucas2018-croptype", tmp_path)
    assert (report.rows_read, report.rows_quarantined) == (14_677, 0)
    classes = list(by_subject(out, GL + "observedClass").values())
    assert sum(iri.endswith("/B16") for iri in classes) == 2000
    assert len(by_subject(out, GEO + "asWKT")) == 14_677


def test_bigearthnet_footprints(tmp_path: Path) -> None:
    report, out = mapped("bigearthnet", "bigearthnet-austria", tmp_path)
    assert (report.rows_read, report.rows_quarantined) == (45_891, 0)
    wkt = by_subject(out, GEO + "asWKT")
    centres = shapely.centroid(shapely.from_wkt(list(wkt.values())))
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
    acquired = set(by_subject(out, GL + "acquired").values())
    assert all(time.endswith("Z") for time in acquired)


def test_districts_icechart_harbours(tmp_path: Path) -> None:
    districts, out = mapped("districts", "austria-admin-2021", tmp_path)
    assert districts.rows_mapped == 117
    assert len(by_subject(out, GL + "unitCode")) == 117
    ice, out = mapped("icechart", "fmi-icechart", tmp_path)
    assert (ice.rows_read, ice.rows_quarantined) == (156, 0)
    starts = set(by_subject(out, GL + "validFrom").values())
    assert starts == {"2012-02-27T14:22:00Z"}
    harbours, out = mapped("harbours", "fmi-icechart", tmp_path)
    assert harbours.rows_mapped == 117
    assert len(by_subject(out, GEO + "asWKT")) == 117


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
