"""Every raster recipe over a small file of its documented layout."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import rasterio

from mapper import load_recipe, run_mapping

GL = "https://w3id.org/geoloom/ns#"
CODES = "https://w3id.org/geoloom/codes/"
DEGREES = rasterio.Affine(0.001, 0, 14, 0, -0.001, 48)


def run(name: str, path: Any, sink: Any) -> Any:
    report = run_mapping(load_recipe(name, path), sink, file=path)
    assert report.rows_quarantined == 0, report.quarantine[0]
    return report


CLASSES: dict[str, tuple[str, tuple[int, ...], str, tuple[int, ...]]] = {
    "worldcover": ("worldcover", (10, 40, 95), "uint8", (0,)),
    "usda-cdl": ("usda-cdl", (1, 5, 176), "uint8", (0,)),
    "corine-codes": ("corine", (111, 311, 523), "int32", ()),
    "cgls-lc100": ("cgls-lc100", (20, 115, 200), "uint8", (0, 255)),
    "worldcereal-croptype": ("worldcereal-croptype", (1, 3, 7), "uint16", ()),
    "worldcereal-cropland": ("worldcereal-cropland", (0, 1), "uint16", ()),
}


@pytest.mark.parametrize("name", CLASSES)
def test_pixels_of_each_class(name: str, rasters: Any, collector: Any) -> None:
    scheme, classes, kind, nothing = CLASSES[name]
    random = np.random.default_rng(9)
    values = np.kron(random.choice([*classes, *nothing], (8, 9)), np.ones((4, 5))).astype(kind)
    bands = (
        np.stack([values, np.full_like(values, 90)]) if name.startswith("worldcereal") else values
    )
    path = rasters.write("tile.tif", bands, "EPSG:4326", DEGREES)
    report = run(name, path, collector)
    observed = collector.by_subject(GL + "observedClass")
    pixels = collector.by_subject(GL + "pixelCount")
    assert report.rows_mapped == len(observed) == len(pixels)
    for code in classes:
        ours = sum(pixels[s] for s, iri in observed.items() if iri == f"{CODES}{scheme}/{code}")
        assert ours == (values == code).sum()
    assert sum(pixels.values()) == np.isin(values, classes).sum()
    if name.startswith("worldcereal"):
        assert set(collector.by_subject(GL + "confidence").values()) == {0.9}
    subject = next(iter(observed))
    assert subject.startswith(f"https://w3id.org/geoloom/data/{name}/tile/zone/")


def test_corine_grid_codes(rasters: Any, collector: Any) -> None:
    values = np.array([[1, 44, 48], [-128, 12, 12]], np.int16)
    run("corine-raster", rasters.write("U2018.tif", values), collector)
    observed = collector.by_subject(GL + "observedClass").values()
    assert sorted(observed) == [f"{CODES}corine/{code}" for code in (111, 211, 523)]
    names = collector.by_subject(GL + "className").values()
    assert sorted(names) == [
        "Continuous urban fabric",
        "Non-irrigated arable land",
        "Sea and ocean",
    ]


def test_a_class_the_list_does_not_have(rasters: Any, collector: Any) -> None:
    report = run("worldcover", rasters.write("in.tif", np.array([[10, 11]], np.uint8)), collector)
    assert report.rows_mapped == 2
    assert len(collector.by_subject(GL + "observedClass")) == 1
    assert sorted(collector.by_subject(GL + "classCode").values()) == ["10", "11"]
    assert any("11" in remark for remark in report.remarks)


def test_crops_with_confidence(rasters: Any, collector: Any) -> None:
    path = rasters.write("2021_30m_cdls.tif", np.array([[1, 1, 5]], np.uint8))
    rasters.write("2021_30m_confidence_layer.tif", np.array([[50, 100, 80]], np.uint8))
    run("usda-cdl-confidence", path, collector)
    assert sorted(collector.by_subject(GL + "confidence").values()) == [0.75, 0.8]
    assert sorted(collector.by_subject(GL + "minConfidence").values()) == [0.5, 0.8]


def test_change_of_worldcover(rasters: Any, collector: Any) -> None:
    first = rasters.write("ESA_2020_v100_N00.tif", np.array([[10, 40, 0, 80]], np.uint8))
    rasters.write("ESA_2021_v200_N00.tif", np.array([[50, 40, 50, 50]], np.uint8))
    report = run("worldcover-change", first, collector)
    assert report.rows_mapped == 2
    before = collector.by_subject(GL + "fromClass")
    after = collector.by_subject(GL + "toClass")
    assert sorted(before.values()) == [f"{CODES}worldcover/10", f"{CODES}worldcover/80"]
    assert set(after.values()) == {f"{CODES}worldcover/50"}


def test_elevation_classes(rasters: Any, collector: Any) -> None:
    height = np.array([[-3.5, 0.0, 99.5], [250, 250, 4999], [250, 8000, 8000]], np.float32)
    path = rasters.write(
        "Copernicus_DSM_COG_10_N48_00_E014_00_DEM.tif", height, "EPSG:4326", DEGREES
    )
    report = run("copernicus-dem", path, collector)
    assert report.rows_mapped == 5
    pixels = collector.by_subject(GL + "pixelCount")
    lower, upper = collector.by_subject(GL + "lowerLimit"), collector.by_subject(GL + "upperLimit")
    breaks = [0, 100, 200, 500, 1000, 1500, 2000, 2500, 3000, 4000, 5000]
    counts = np.bincount(np.digitize(height.ravel(), breaks), minlength=12)
    ours = [0] * 12
    for subject, count in pixels.items():
        low = lower.get(subject)
        ours[0 if low is None else breaks.index(low) + 1] += count
        mean = collector.by_subject(GL + "numericValue")[subject]
        assert low is None or low <= mean
        assert mean < upper.get(subject, np.inf)
    assert ours == counts.tolist()


def test_cover_fractions(rasters: Any, collector: Any) -> None:
    names = ("Bare", "BuiltUp", "Crops", "Grass", "MossLichen", "PermanentWater", "SeasonalWater")
    names += ("Shrub", "Snow", "Tree")
    random = np.random.default_rng(12)
    bands = random.multinomial(100, [0.1] * 10, (25, 30)).astype(np.uint8)
    bands[:10, :10] = 255
    for place, name in enumerate(names):
        rasters.write(
            f"PROBAV_LC100_global_v3.0.1_2019-nrt_{name}-CoverFraction-layer_EPSG-4326.tif",
            bands[..., place],
            "EPSG:4326",
            DEGREES,
        )
    file = "PROBAV_LC100_global_v3.0.1_2019-nrt_Tree-CoverFraction-layer_EPSG-4326.tif"
    run("cgls-lc100-fractions", rasters.folder / file, collector)
    shares = collector.by_subject(GL + "share")
    classes = collector.by_subject(GL + "ofClass")
    blocks = collector.by_subject(GL + "pixelCount")
    assert len(blocks) == 8
    assert len(shares) == len(classes) == 80
    for block in blocks:
        own = [share for subject, share in shares.items() if subject.startswith(f"{block}/share/")]
        assert sum(own) == pytest.approx(1, rel=1e-12)
    linked = [
        iri
        for batch in collector.batches
        for prop in batch.properties
        if prop.predicate == GL + "hasCoverShare"
        for iri in prop.objects.values.to_pylist()
    ]
    assert sorted(linked) == sorted(shares)
    forest = {shares[s] for s, iri in classes.items() if iri == f"{CODES}cgls-lc100/forest"}
    assert len(forest) == 8
