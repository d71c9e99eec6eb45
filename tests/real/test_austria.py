"""BigEarthNet patches, districts of Austria and LUCAS 2018 points: space joined with theme."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geoloom.pipeline import PipelineReport, load_pipeline, run_pipeline
from store import Store
from tests.conformance.suites import require

PATCHES = require("data/bigearthnet-austria") / "ben2_catalogue_austria.parquet"
DISTRICTS = require("data/austria-admin-2021") / "bezirke_995_geo.json"
POINTS = require("data/lucas2018-croptype") / "lucas2018_croptype_points.parquet"
PRODUCT = "http://example.com/bigearthnet/"
DISTRICT = "http://example.com/district/"
PREFIXES = """PREFIX gl: <https://w3id.org/geoloom/ns#>
PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX geof: <http://www.opengis.net/def/function/geosparql/>
PREFIX lucas: <https://w3id.org/geoloom/codes/lucas2018-lc1/>
"""
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def report(examples: Path) -> PipelineReport:
    return run_pipeline(load_pipeline(examples / "austria.toml"))


@pytest.fixture(scope="module")
def store(report: PipelineReport) -> Store:
    return Store.open(report.store)


@pytest.fixture(scope="module")
def patches() -> gpd.GeoDataFrame:
    table = pd.read_parquet(PATCHES, columns=["patch_id", "xmin", "ymin", "epsg"])
    assert set(table.epsg) == {32633}
    boxes = shapely.box(table.xmin, table.ymin, table.xmin + 1200, table.ymin + 1200)
    return gpd.GeoDataFrame(table[["patch_id"]], geometry=boxes, crs=32633)


@pytest.fixture(scope="module")
def districts() -> gpd.GeoDataFrame:
    """All of the file: Vienna is in it whole (900) and by its 23 districts (901 to 923)."""
    return gpd.read_file(DISTRICTS).to_crs(32633)


@pytest.fixture(scope="module")
def maize() -> gpd.GeoDataFrame:
    points = gpd.read_parquet(POINTS)
    return points[points.lucas_lc1_guess == "B16"].to_crs(32633)


@pytest.fixture(scope="module")
def over_maize(
    patches: gpd.GeoDataFrame, districts: gpd.GeoDataFrame, maize: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Pairs of a district and a patch over it that contains a maize point, by GeoPandas."""
    hit = patches.sjoin(maize[["geometry"]], predicate="contains").index.unique()
    return patches.loc[hit].sjoin(districts, predicate="intersects")


def test_every_row_is_mapped(report: PipelineReport) -> None:
    texts = [step.outcome.text for step in report.steps if step.step == "map"]
    assert [text.split(",")[0:2] for text in texts] == [
        ["45", "891 rows"],
        ["117 rows", " 0 quarantined"],
        ["14", "677 rows"],
    ]
    assert all(" 0 quarantined" in text for text in texts)
    assert report.complete


def test_links_are_those_of_geopandas(
    store: Store, patches: gpd.GeoDataFrame, districts: gpd.GeoDataFrame
) -> None:
    answer = store.query(
        PREFIXES + "SELECT ?p ?d { ?p a gl:Product ; geo:sfIntersects ?d . "
        "?d a gl:AdministrativeUnit }"
    ).df()
    found = set(
        zip(answer.p.str.removeprefix(PRODUCT), answer.d.str.removeprefix(DISTRICT), strict=True)
    )
    pairs = patches.sjoin(districts, predicate="intersects")
    assert found == set(zip(pairs.patch_id, pairs.iso, strict=True))
    assert len(answer) == len(found) > len(patches)


def test_products_over_a_district_with_a_maize_point(
    examples: Path, report: PipelineReport, over_maize: gpd.GeoDataFrame
) -> None:
    found = pd.read_csv(examples / "maize_products.csv")
    true = over_maize[over_maize.name == "Mistelbach"]
    assert set(found.imageID) == set(true.patch_id)
    assert len(set(found.imageID)) > 5


def test_maize_by_district(
    examples: Path, report: PipelineReport, over_maize: gpd.GeoDataFrame
) -> None:
    found = pd.read_csv(examples / "maize_districts.csv", dtype={"code": str})
    true = over_maize.groupby("iso").patch_id.nunique()
    assert found.set_index("code").products.to_dict() == true.to_dict()
    names = over_maize.drop_duplicates("iso").set_index("iso").name
    assert found.set_index("code").name.to_dict() == names.to_dict()


def test_the_same_without_links(store: Store, over_maize: gpd.GeoDataFrame) -> None:
    """Footprints in UTM against districts and points in degrees, three columns at once."""
    answer = store.query(
        PREFIXES
        + """SELECT DISTINCT ?image ?code {
          ?s a gl:Sample ; gl:observedClass lucas:B16 ; geo:hasGeometry/geo:asWKT ?point .
          ?p a gl:Product ; gl:imageID ?image ; geo:hasGeometry/geo:asWKT ?footprint .
          ?d a gl:AdministrativeUnit ; gl:unitCode ?code ; geo:hasGeometry/geo:asWKT ?area .
          FILTER(geof:sfContains(?footprint, ?point) && geof:sfIntersects(?footprint, ?area)) }"""
    ).df()
    found = set(zip(answer.image, answer.code, strict=True))
    assert found == set(zip(over_maize.patch_id, over_maize.iso, strict=True))
