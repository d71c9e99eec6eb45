"""Parcel data of 22 publications: generated mappings run as they are, and nothing is lost."""

from __future__ import annotations

import io
import warnings
import zipfile
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyogrio
import pytest
import rasterio.warp
import shapely

from mapper import generate, load_mapping, run_mapping
from mapper.describe.layers import layers_of
from mapper.sources.compressed import gdal_path
from ontology import InputError, same_crs
from tests.conformance.suites import require

SAMPLES = require("data") / "fiboa-lpis-samples"

GEO = "http://www.opengis.net/ont/geosparql#"
DEGREES = 1e-9
METRES = 1e-3
NO_DATA = {"SOURCE.txt", "README.md", "1_100.gfs"}
UNREADABLE = {
    "RPG_2-0__GPKG_LAMB93_FXX_2022-01-01.7z.001": "GDAL of the wheels reads no 7z",
    "KMRS_2023.rar": "GDAL of the wheels reads no rar",
}
FILES = sorted(
    path.relative_to(SAMPLES).as_posix()
    for path in SAMPLES.rglob("*")
    if path.is_file() and path.name not in NO_DATA and path.name not in UNREADABLE
)


def expected(file: Path) -> dict[str, tuple[int, Any, str | None]]:
    """Features, geometries and CRS of each layer, as pyogrio gives them."""
    found: dict[str, tuple[int, Any, str | None]] = {}
    for layer in layers_of(file):
        name = layer.source.option("layer")
        key = f"{file.name}, layer {name}" if name else file.name
        if file.name == "LT_2024.zip":
            with zipfile.ZipFile(file) as archive:
                content = io.BytesIO(archive.read(archive.namelist()[0]))
            frame = geopandas.read_parquet(content)
            found[key] = (len(frame), np.asarray(frame.geometry), "EPSG:3035")
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            path = gdal_path(layer.source, file)
            meta, _, wkb, _ = pyogrio.raw.read(path, layer=name, columns=[])
            count = pyogrio.read_info(path, layer=name, force_feature_count=True)["features"]
        found[key] = (count, None if wkb is None else shapely.from_wkb(wkb), meta["crs"])
    return found


def transformed(geometries: Any, crs: str, target: str) -> Any:
    """Vertices in another CRS by GDAL itself, x first (OGRCoordinateTransformation)."""
    rows = shapely.get_coordinates(geometries)
    x, y = rasterio.warp.transform(crs, target, rows[:, 0], rows[:, 1])
    return np.column_stack([x, y])


@pytest.mark.parametrize("name", FILES)
def test_generated_mapping_reconciles_and_places_geometries_like_gdal(
    name: str, tmp_path: Path, collector
) -> None:
    file = SAMPLES / name
    mapping = tmp_path / "generated.rml.ttl"
    mapping.write_text(generate(file, beside=tmp_path).mapping)
    report = run_mapping(load_mapping(mapping), collector)
    layers = expected(file)
    by_name = {one.source.rsplit("/", 1)[-1]: one for one in report.sources}
    assert set(by_name) == set(layers)
    for key, source in by_name.items():
        assert source.rows_read == layers[key][0]
        assert source.rows_read == source.rows_mapped + source.rows_quarantined
        assert name.endswith(".csv") or source.rows_quarantined == 0
    ours = [
        shape
        for column in collector.columns(GEO + "asWKT")
        for shape in shapely.from_wkb(column.values.drop_null().to_pylist())
    ]
    theirs = [shape for _, shapes, _ in layers.values() if shapes is not None for shape in shapes]
    assert len(ours) == len(theirs)
    for _, shapes, crs in layers.values():
        if shapes is None or not len(shapes):
            continue
        mine, ours = np.array(ours[: len(shapes)]), ours[len(shapes) :]
        assert_same_places(mine, shapes, str(crs))


def assert_same_places(ours: Any, theirs: Any, crs: str) -> None:
    """Same types and vertices, within 1e-9 degrees of GDAL's transformation, or 1 mm back."""
    assert (shapely.get_type_id(ours) == shapely.get_type_id(theirs)).all()
    assert (shapely.get_num_coordinates(ours) == shapely.get_num_coordinates(theirs)).all()
    off = np.abs(shapely.get_coordinates(ours) - transformed(theirs, crs, "EPSG:4326"))
    if off.max() <= DEGREES:
        return
    assert not same_crs(crs, "CRS84")
    back = transformed(ours, "EPSG:4326", crs)
    assert np.abs(back - shapely.get_coordinates(theirs)).max() <= METRES


@pytest.mark.parametrize("name", sorted(UNREADABLE))
def test_what_gdal_cannot_open_is_refused_by_name(name: str) -> None:
    (file,) = SAMPLES.rglob(name)
    with pytest.raises(InputError, match=r"This kind of file is not known"):
        generate(file)


def test_every_publication_is_there() -> None:
    assert len({name.split("/")[0] for name in FILES}) >= 22


@pytest.mark.parametrize(
    ("name", "scheme"),
    [
        ("at/inspire_schlaege_2025-1_polygon.gpkg.zip", "hcat3, notation at"),
        ("dk/Marker_2026.zip", "hcat3, notation dk"),
        ("nl/brpgewaspercelen_definitief_2023.gpkg", "hcat3, notation nl"),
        ("lv/1_100.xml", "hcat3, notation lv"),
        ("ec_si/SI_2021.zip", "hcat3"),
        ("us_usda_cropland/NationalCSB_2017-2024_rev23.zip", "usda-cdl"),
    ],
)
def test_columns_with_crop_codes_are_found(name: str, scheme: str) -> None:
    lines = generate(SAMPLES / name).mapping.splitlines()
    assert any(line.endswith(f"holds codes of {scheme}") for line in lines)
