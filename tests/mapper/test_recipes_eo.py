"""Recipes of satellite catalogues over the public samples, where GEOLOOM_SUITES has them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pystac
import pytest
import shapely

from endpoint import search
from mapper import MappingReport, load_recipe, run_mapping
from store import Store
from tests.conformance.suites import require

DATA = require("data")
STAC = DATA / "stac-items"
BIGEARTHNET = DATA / "bigearthnet-austria" / "ben2_catalogue_austria.parquet"
SENTINEL2 = STAC / "sentinel2" / "examples"
SENTINEL1 = STAC / "sentinel1" / "examples"


def loaded(folder: Path, recipe: str, file: Path) -> tuple[Store, MappingReport]:
    store = Store.create(folder / "store")
    with store.begin() as transaction:
        report = run_mapping(load_recipe(recipe, file), transaction, file=file, commit=False)
        transaction.commit()
    assert report.rows_read == report.rows_mapped + report.rows_quarantined
    return store, report


def items_below(folder: Path) -> Iterator[pystac.Item]:
    for path in sorted(folder.rglob("*.json")):
        value = json.loads(path.read_text())
        for record in value if isinstance(value, list) else [value]:
            if record.get("type") == "Feature" and "stac_version" in record:
                yield pystac.Item.from_dict(record, migrate=True)


def found_by(store: Store, **conditions: Any) -> list[str]:
    return sorted(item.image_id for item in search(store, **conditions).items)


@pytest.mark.timeout(300)
def test_sentinel_2(tmp_path: Path) -> None:
    store, report = loaded(tmp_path, "stac-sentinel-2", SENTINEL2)
    items = {item.id: item for item in items_below(SENTINEL2)}
    assert len(items) == 2
    assert report.rows_quarantined == 0
    answer = store.query(
        """PREFIX gl: <https://w3id.org/geoloom/ns#>
        PREFIX geo: <http://www.opengis.net/ont/geosparql#>
        SELECT ?id ?time ?tile ?cloud ?wkt WHERE { ?p a gl:Product ; gl:imageID ?id ;
          gl:acquired ?time ; gl:tile ?tile ; gl:cloudCover ?cloud ;
          geo:hasGeometry/geo:asWKT ?wkt }"""
    )
    rows = json.loads(b"".join(answer.serialize("json")))["results"]["bindings"]
    assert {row["id"]["value"] for row in rows} == set(items)
    for row in rows:
        item = items[row["id"]["value"]]
        assert row["time"]["value"][:19] == item.datetime.isoformat()[:19]
        assert row["tile"]["value"] == item.properties["grid:code"].removeprefix("MGRS-")
        assert float(row["cloud"]["value"]) == item.properties["eo:cloud_cover"]
        footprint = shapely.from_wkt(row["wkt"]["value"])
        assert footprint.equals_exact(shapely.geometry.shape(item.geometry), 1e-9)
    for item in items.values():
        day = item.datetime.date().isoformat()
        assert item.id in found_by(store, start=day, end=day)
        assert item.id in found_by(store, box=tuple(item.bbox), max_cloud=100)
    assert found_by(store, start="1999-01-01", end="1999-12-31") == []


def test_sentinel_2_of_the_planetary_computer(tmp_path: Path) -> None:
    file = STAC / "pc_sentinel-2-l2a.json"
    store, _ = loaded(tmp_path, "stac-sentinel-2", file)
    records = json.loads(file.read_text())
    assert found_by(store) == sorted(record["id"] for record in records)
    assert found_by(store, platform=records[0]["properties"]["platform"])


def test_sentinel_1(tmp_path: Path) -> None:
    store, _ = loaded(tmp_path, "stac-sentinel-1", SENTINEL1)
    items = {item.id: item for item in items_below(SENTINEL1)}
    assert found_by(store) == sorted(items)
    answer = store.query(
        """PREFIX dcat: <http://www.w3.org/ns/dcat#>
        SELECT (COUNT(?d) AS ?n) WHERE { ?p dcat:distribution ?d . ?d a dcat:Distribution }"""
    )
    rows = json.loads(b"".join(answer.serialize("json")))["results"]["bindings"]
    assert int(rows[0]["n"]["value"]) == sum(len(item.assets) for item in items.values())


@pytest.mark.timeout(300)
def test_any_stac(tmp_path: Path) -> None:
    file = STAC / "pgstac_items.ndjson"
    store, report = loaded(tmp_path, "stac", file)
    records = [json.loads(line) for line in file.read_text().splitlines()]
    assert search(store, limit=1).total == len({record["id"] for record in records}) == 100
    assert report.rows_read == 100 + sum(len(record["assets"]) for record in records)


@pytest.mark.timeout(300)
def test_bigearthnet(tmp_path: Path) -> None:
    store, report = loaded(tmp_path, "bigearthnet", BIGEARTHNET)
    table = pq.read_table(BIGEARTHNET)
    assert report.rows_mapped == table.num_rows
    assert search(store, limit=1).total == table.num_rows
    first = table.slice(0, 1).to_pylist()[0]
    day = first["sensing"].date()
    same_day = pc.sum(pc.equal(pc.cast(table["sensing"], "date32"), day)).as_py()
    assert search(store, start=day.isoformat(), end=day.isoformat(), limit=1).total == same_day
    point = (first["lon"], first["lat"], first["lon"], first["lat"])
    assert first["patch_id"] in found_by(store, box=point, limit=1000)
