"""Generating: same in, same out; bad arguments; honesty."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path

import geopandas as gpd
import pyogrio
import pyproj
import pytest
import rasterio
import shapely

from geoloom.scenario import Scenario, Truth, generate, read_scenario
from ontology import GeoloomError, InputError, UsageError

FILES = {
    "README.txt", "fields.gpkg", "lucas_points.csv", "products.csv", "products.geojson",
    "cover_shares.csv", "districts.geojson", "classmap.tif", "confidence.tif",
    "classmap_legend.csv", "icechart.gpkg", "harbours.csv", "truth.json",
}  # fmt: skip


def digests(directory: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in directory.iterdir()}


def test_same_seed_same_values(small: Scenario, tmp_path: Path) -> None:
    again = generate(tmp_path, fields=50, seed=7)
    assert again.truth == small.truth
    ours, theirs = digests(tmp_path), digests(small.directory)
    assert set(ours) == set(theirs) == FILES
    assert ours == theirs


def test_other_seed_other_values(small: Scenario, tmp_path: Path) -> None:
    other = generate(tmp_path, fields=50, seed=8)
    assert other.truth != small.truth
    assert digests(tmp_path)["fields.gpkg"] != digests(small.directory)["fields.gpkg"]


def test_parquet_holds_the_same_fields(small: Scenario, tmp_path: Path) -> None:
    scenario = generate(tmp_path, fields=50, seed=7, field_format="parquet")
    assert scenario.truth == small.truth
    ours, theirs = gpd.read_parquet(scenario.fields_path), gpd.read_file(small.fields_path)
    assert ours.crs == theirs.crs == pyproj.CRS("EPSG:3035")
    assert ours.field_id.tolist() == theirs.field_id.tolist()
    assert shapely.equals_identical(ours.geometry.values, theirs.geometry.values).all()


def test_generating_again_replaces_the_old_scenario(tmp_path: Path) -> None:
    generate(tmp_path, fields=60, field_format="parquet")
    scenario = generate(tmp_path, fields=40)
    assert not (tmp_path / "fields.parquet").exists()
    assert read_scenario(tmp_path) == scenario
    assert len(gpd.read_file(scenario.fields_path)) == 40


@pytest.mark.parametrize("fields", [1, 2, 31, 500])
def test_any_size(tmp_path: Path, fields: int) -> None:
    scenario = generate(tmp_path, fields=fields)
    assert pyogrio.read_info(scenario.fields_path)["features"] == fields
    assert sum(scenario.truth.counts().values()) == scenario.truth.samples


def test_usual_size_is_quick(usual: Scenario, tmp_path: Path) -> None:
    begin = time.perf_counter()
    generate(tmp_path, fields=usual.truth.fields)
    assert time.perf_counter() - begin < 10  # 0.8 s on an idle machine


def test_a_map_without_errors_never_disagrees(tmp_path: Path) -> None:
    truth = generate(tmp_path, fields=300, error_rate=0).truth
    assert truth.disagree == ()
    assert truth.inconsistent.image_ids == ()
    assert all(row.actual == row.mapped for row in truth.field_confusion)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"fields": 0}, "Cannot make a scenario of 0 fields"),
        ({"fields": -5}, "of -5 fields"),
        ({"fields": 10**9}, "1 to 10,000,000"),
        ({"seed": -1}, "seed"),
        ({"error_rate": 1.5}, "between 0 and 1"),
        ({"field_format": "shp"}, "'auto', 'gpkg', 'parquet'"),
    ],
)
def test_bad_arguments(tmp_path: Path, arguments: dict[str, object], text: str) -> None:
    with pytest.raises(UsageError, match=text):
        generate(tmp_path / "new", **arguments)  # type: ignore[arg-type]
    assert not (tmp_path / "new").exists()


def test_directory_that_cannot_be_written(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(GeoloomError, match="Cannot write the scenario") as caught:
        generate(blocked, fields=10)
    assert caught.value.where == str(blocked)
    assert caught.value.remedy
    (tmp_path / "taken" / "fields.gpkg").mkdir(parents=True)
    with pytest.raises(InputError, match="Cannot write the scenario"):
        generate(tmp_path / "taken", fields=10)


def test_reading_what_is_not_a_scenario(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no scenario here"):
        read_scenario(tmp_path)
    (tmp_path / "truth.json").write_text("{}")
    with pytest.raises(InputError, match="no fields"):
        read_scenario(tmp_path)
    (tmp_path / "fields.gpkg").touch()
    with pytest.raises(InputError, match="not the truth file"):
        read_scenario(tmp_path)


def test_truth_survives_json(either: Scenario) -> None:
    assert Truth.from_json(either.truth.to_json()) == either.truth
    assert read_scenario(either.directory) == either


def test_unknown_file_is_named(small: Scenario) -> None:
    assert small.path("harbours.csv").is_file()
    with pytest.raises(InputError, match=r"there are .*harbours\.csv"):
        small.path("roads.csv")


def test_it_says_that_it_is_synthetic(either: Scenario) -> None:
    assert either.path("README.txt").read_text("utf-8").startswith("SYNTHETIC DATA")
    assert pyogrio.read_info(either.fields_path)["layer_metadata"]["synthetic"] == "true"
    assert pyogrio.read_info(either.path("icechart.gpkg"))["layer_metadata"]["synthetic"] == "true"
    for name in ("products.geojson", "districts.geojson", "truth.json"):
        assert json.loads(either.path(name).read_text("utf-8"))["synthetic"] is True
    for name in ("classmap.tif", "confidence.tif"):
        with rasterio.open(either.path(name)) as raster:
            assert raster.tags()["SYNTHETIC"] == "true"
