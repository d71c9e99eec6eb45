"""USDA Cropland Data Layer, Kansas 2021: zones and polygons against the raster's own pixels."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from rasterio.features import rasterize, shapes

from mapper import load_mapping, run_mapping
from store import Store
from tests.conformance.suites import require

DATA = require("data/cdl2021-kansas")
PIXEL_M2 = 900.0
CORN = 1
ZONE = "http://example.com/cdl2021/zone/"
FIELD = "http://example.com/cdl2021/field/"


def geoloom(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "geoloom", *words], capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def band() -> Any:
    with rasterio.open(DATA / "2021_30m_cdls.tif") as raster:
        return raster.read(1)


@pytest.fixture(scope="module")
def patches(band: Any) -> gpd.GeoDataFrame:
    """4-connected patches by GDAL, with pixels and mean confidence counted by numpy."""
    with rasterio.open(DATA / "2021_30m_cdls.tif") as raster:
        transform, crs = raster.transform, raster.crs
    with rasterio.open(DATA / "2021_30m_confidence_layer.tif") as raster:
        confidence = raster.read(1).astype(float) / 100
    found = list(shapes(band, mask=band != 0, connectivity=4, transform=transform))
    geometry = shapely.from_geojson([json.dumps(shape) for shape, _ in found])
    numbered = zip(geometry, range(1, len(found) + 1), strict=True)
    labels = rasterize(numbered, out_shape=band.shape, transform=transform, dtype="int32").ravel()
    pixels = np.bincount(labels, minlength=len(found) + 1)[1:]
    sums = np.bincount(labels, weights=confidence.ravel(), minlength=len(found) + 1)[1:]
    columns = {"code": [int(v) for _, v in found], "pixels": pixels, "confidence": sums / pixels}
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=crs)


@pytest.fixture(scope="module")
def run(examples: Path) -> dict[str, Any]:
    """What ``geoloom run kansas.toml --json`` said."""
    done = geoloom("run", str(examples / "kansas.toml"), "--json")
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


@pytest.fixture(scope="module")
def store(run: dict[str, Any]) -> Store:
    return Store.open(run["store"])


@pytest.fixture(scope="module")
def corn(run: dict[str, Any], examples: Path) -> list[dict[str, str]]:
    with (examples / "corn.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_run_reports_every_step(run: dict[str, Any], patches: gpd.GeoDataFrame) -> None:
    left_out = patches[patches.pixels < 5]
    assert [step["step"] for step in run["steps"]] == ["codelists", "map", "map", "query", "query"]
    assert run["steps"][1]["outcome"]["text"].startswith("10,193 rows, 0 quarantined")
    remark, rows = run["steps"][1]["outcome"]["remarks"]
    assert rows.startswith("10,193 entities are rows of the table ")
    assert f"{len(left_out)} zones" in remark
    assert f"{left_out.pixels.sum()} pixels" in remark


def test_running_again_adds_nothing(run: dict[str, Any], examples: Path, store: Store) -> None:
    held = len(store.query("SELECT * { ?s ?p ?o }"))
    done = geoloom("run", str(examples / "kansas.toml"), "--json")
    assert done.returncode == 0, done.stderr
    texts = [step["outcome"]["text"] for step in json.loads(done.stdout)["steps"][:3]]
    assert all(text.endswith(" 0 new triples") or text == "0 new triples" for text in texts), texts
    assert len(Store.open(run["store"]).query("SELECT * { ?s ?p ?o }")) == held


def test_corn_over_5_ha_of_the_raster(
    corn: list[dict[str, str]], patches: gpd.GeoDataFrame
) -> None:
    zones = [row for row in corn if row["field"].startswith(ZONE)]
    sure = (patches.code == CORN) & (patches.pixels * PIXEL_M2 > 50_000)
    true = patches[sure & (patches.confidence > 0.9)]
    assert len(zones) == len(true) > 100
    assert sorted(int(row["pixels"]) for row in zones) == sorted(true.pixels)
    assert sorted(float(row["squareMetres"]) for row in zones) == sorted(true.pixels * PIXEL_M2)
    found = sorted(float(row["confidence"]) for row in zones)
    np.testing.assert_allclose(found, sorted(true.confidence), rtol=1e-12)


def test_corn_over_5_ha_of_the_polygons(corn: list[dict[str, str]]) -> None:
    fields = gpd.read_file(DATA / "cdl2021_polygons_ge5px.gpkg", fid_as_index=True)
    sure = (fields.cdl_code == CORN) & (fields.area_ha > 5) & (fields.confidence > 90)
    found = {int(row["field"].removeprefix(FIELD)) for row in corn if FIELD in row["field"]}
    assert found == set(fields[sure].index)


def test_both_ways_find_the_same_shapes(store: Store) -> None:
    query = """PREFIX gl: <https://w3id.org/geoloom/ns#>
        PREFIX geo: <http://www.opengis.net/ont/geosparql#>
        SELECT ?field ?shape { ?field a gl:Observation ; geo:hasGeometry/geo:asWKT ?shape }"""
    frame = store.query(query).gdf()
    from_raster = frame[frame.field.str.startswith(ZONE)].geometry
    polygons = frame[frame.field.str.startswith(FIELD)].geometry
    assert len(from_raster) == len(polygons) == 10_193
    assert set(from_raster.normalize().to_wkb()) == set(polygons.normalize().to_wkb())


def test_zones_are_the_patches_of_gdal(store: Store, patches: gpd.GeoDataFrame) -> None:
    query = """PREFIX gl: <https://w3id.org/geoloom/ns#>
        PREFIX geo: <http://www.opengis.net/ont/geosparql#>
        SELECT ?code ?pixels ?area ?shape { ?zone a gl:Zone ; gl:classCode ?code ;
            gl:pixelCount ?pixels ; geo:hasMetricArea ?area ; geo:hasGeometry/geo:asWKT ?shape }"""
    zones = store.query(query).gdf(crs="EPSG:5070")
    np.testing.assert_allclose(zones.geometry.area, zones["area"], rtol=1e-6)
    np.testing.assert_array_equal(zones["area"], zones.pixels * PIXEL_M2)
    kept = patches[patches.pixels >= 5]
    corners = shapely.set_precision(zones.geometry.to_numpy(), 1, mode="pointwise")
    found = set(zip(shapely.normalize(corners), zones.code, zones.pixels, strict=True))
    codes = kept.code.astype(str)
    true = set(zip(shapely.normalize(kept.geometry.to_numpy()), codes, kept.pixels, strict=True))
    assert found == true


def test_every_pixel_is_in_a_zone(tmp_path: Path, band: Any) -> None:
    mapping = Path(__file__).parents[2] / "examples" / "mappings" / "cdl_raster.rml.ttl"
    whole = tmp_path / "whole.rml.ttl"
    text = mapping.read_text(encoding="utf-8")
    assert "gl:minimumPixels 5" in text
    whole.write_text(text.replace("gl:minimumPixels 5", "gl:minimumPixels 1"), encoding="utf-8")
    store = Store.create(tmp_path / "store")
    report = run_mapping(load_mapping(whole), store.begin(), base_dir=DATA)
    (remark,) = report.remarks
    assert report.rows_read == 68_957
    assert remark.startswith("68,957 entities are rows of the table ")
    query = """PREFIX gl: <https://w3id.org/geoloom/ns#>
        SELECT ?code (SUM(?n) AS ?pixels) { ?z gl:classCode ?code ; gl:pixelCount ?n }
        GROUP BY ?code"""
    found = {
        int(row["code"].lexical): int(row["pixels"].lexical) for row in store.query(query).rows()
    }
    codes, counts = np.unique(band[band != 0], return_counts=True)
    assert found == dict(zip(codes.tolist(), counts.tolist(), strict=True))


def test_pixels_by_class(examples: Path, run: dict[str, Any], patches: gpd.GeoDataFrame) -> None:
    found = pd.read_csv(examples / "pixels.csv").set_index("code")
    kept = patches[patches.pixels >= 5].groupby("code").pixels
    assert found.pixels.to_dict() == kept.sum().to_dict()
    assert found.zones.to_dict() == kept.size().to_dict()
    assert (found.squareMetres == found.pixels * PIXEL_M2).all()
    assert found.label[CORN] == "Corn"


def test_asking_on_the_command_line(run: dict[str, Any], corn: list[dict[str, str]]) -> None:
    query = Path(__file__).parents[2] / "examples" / "queries" / "corn.rq"
    done = geoloom("query", run["store"], "-f", str(query), "--json")
    assert done.returncode == 0, done.stderr
    bindings = json.loads(done.stdout)["results"]["bindings"]
    assert [row["field"]["value"] for row in bindings] == [row["field"] for row in corn]
