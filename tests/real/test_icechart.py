"""Ice chart of the Finnish Meteorological Institute: metres must be metres at 60 degrees north."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

from geoloom.pipeline import PipelineReport, load_pipeline, run_pipeline
from ontology import extremeearth_profile
from store import Store
from tests.conformance.suites import require

CHART = require("data/fmi-icechart") / "fmi_icechart_20120227.gpkg"
ICE = "http://example.com/ice/"
HARBOUR = "http://example.com/harbour/"
FAST_ICE = 8
LIMIT_M = 50_000.0


@pytest.fixture(scope="module")
def report(examples: Path) -> PipelineReport:
    return run_pipeline(load_pipeline(examples / "icechart.toml"))


@pytest.fixture(scope="module")
def ice() -> gpd.GeoDataFrame:
    table = gpd.read_file(CHART, layer="seaice")
    return table.astype({"gid": int, "type": int, "iceact": int})


@pytest.fixture(scope="module")
def harbours() -> gpd.GeoDataFrame:
    return gpd.read_file(CHART, layer="harbours").astype({"gid2": int})


def metres_from(centre: shapely.Point, shapes: np.ndarray) -> np.ndarray:
    """Geodesic metres: in the azimuthal equidistant projection of a point they are lengths."""
    local = pyproj.CRS(f"+proj=aeqd +lat_0={centre.y} +lon_0={centre.x} +ellps=WGS84")
    change = pyproj.Transformer.from_crs("OGC:CRS84", local, always_xy=True).transform
    flat = shapely.transform(shapes, lambda xy: np.column_stack(change(*xy.T)))
    return np.asarray(shapely.distance(flat, shapely.Point(0, 0)))


@pytest.fixture(scope="module")
def metres(ice: gpd.GeoDataFrame, harbours: gpd.GeoDataFrame) -> np.ndarray:
    """Distances, harbours by ice polygons; long edges are cut so that they stay straight."""
    shapes = shapely.segmentize(ice.geometry.to_numpy(), 0.02)
    return np.array([metres_from(point, shapes) for point in harbours.geometry])


def test_ice_within_50_km_of_a_harbour(
    examples: Path,
    report: PipelineReport,
    ice: gpd.GeoDataFrame,
    harbours: gpd.GeoDataFrame,
    metres: np.ndarray,
) -> None:
    thick = ice.iceact.to_numpy() > 70
    assert np.abs(metres[:, thick] - LIMIT_M).min() > 1, "a case too close to call"
    at_harbour, at_ice = np.nonzero((metres <= LIMIT_M) & thick)
    true = set(zip(harbours.gid2.iloc[at_harbour], ice.gid.iloc[at_ice], strict=True))
    answer = pd.read_csv(examples / "ice_near_harbours.csv")
    found = set(
        zip(
            answer.harbour.str.removeprefix(HARBOUR).astype(int),
            answer.ice.str.removeprefix(ICE).astype(int),
            strict=True,
        )
    )
    assert found == true
    assert len(answer) == len(true) > 100
    percents = ice.set_index("gid").iceact.to_dict()
    assert all(
        percents[int(row.ice.removeprefix(ICE))] == row.percent for row in answer.itertuples()
    )


def test_a_degree_is_no_measure(
    metres: np.ndarray, ice: gpd.GeoDataFrame, harbours: gpd.GeoDataFrame
) -> None:
    """A limit in degrees, as engines without geodesics take it, gives another answer."""
    degrees = shapely.distance(harbours.geometry.to_numpy()[:, None], ice.geometry.to_numpy()[None])
    assert ((degrees <= LIMIT_M / 111_320) != (metres <= LIMIT_M)).any()


def test_distances_are_geodesic(
    report: PipelineReport, metres: np.ndarray, ice: gpd.GeoDataFrame, harbours: gpd.GeoDataFrame
) -> None:
    answer = (
        Store.open(report.store)
        .query(
            """PREFIX geo: <http://www.opengis.net/ont/geosparql#>
        PREFIX geof: <http://www.opengis.net/def/function/geosparql/>
        PREFIX uom: <http://www.opengis.net/def/uom/OGC/1.0/>
        SELECT ?ice ?m { <http://example.com/harbour/101> geo:hasGeometry/geo:asWKT ?here .
          ?ice a <https://w3id.org/geoloom/ns#NumericObservation> ;
            <http://www.w3.org/ns/sosa/observedProperty>
            <http://vocab.nerc.ac.uk/standard_name/sea_ice_area_fraction/> ;
            geo:hasGeometry/geo:asWKT ?extent .
          BIND(geof:distance(?here, ?extent, uom:metre) AS ?m) }"""
        )
        .df()
    )
    row = metres[harbours.gid2.to_numpy() == 101][0]
    true = dict(zip(ice.gid, row, strict=True))
    found = {int(i.removeprefix(ICE)): m for i, m in zip(answer.ice, answer.m, strict=True)}
    assert found.keys() == true.keys()
    for gid, expected in true.items():
        assert found[gid] == pytest.approx(expected, rel=1e-3, abs=1), gid


def test_polar_terms_ask_the_same(report: PipelineReport, ice: gpd.GeoDataFrame) -> None:
    """A query in ExtremeEarth's polar vocabulary, read through the profile."""
    old = "http://ai.di.uoa.gr/polar/ontology/"
    query = f"""SELECT ?ice {{ ?ice <{old}hasCT> ?type ; <{old}hasRECDAT> ?when
        FILTER(STR(?type) = "{FAST_ICE}" && YEAR(?when) = 2012) }}"""
    for term, ours in extremeearth_profile().items():
        query = query.replace(f"<{term}>", f"<{ours}>")
    assert old not in query
    found = {int(i.removeprefix(ICE)) for i in Store.open(report.store).query(query).df().ice}
    assert found == set(ice.gid[ice["type"] == FAST_ICE])
    assert found
