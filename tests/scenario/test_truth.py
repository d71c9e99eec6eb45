"""The truth against brute force over the files, in another CRS where it matters."""

from __future__ import annotations

from collections import Counter

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import rasterio
import shapely

from geoloom.scenario import Scenario
from ontology import code_list, crosswalk

UTM = "EPSG:32633"


def fields_of(scenario: Scenario) -> gpd.GeoDataFrame:
    return gpd.read_file(scenario.fields_path)


def samples_of(scenario: Scenario) -> gpd.GeoDataFrame:
    table = pd.read_csv(scenario.path("lucas_points.csv"), dtype={"POINT_ID": str})
    points = gpd.points_from_xy(table.TH_LONG, table.TH_LAT, crs="EPSG:4326")
    return gpd.GeoDataFrame(table, geometry=points)


def products_of(scenario: Scenario) -> gpd.GeoDataFrame:
    table = pd.read_csv(scenario.path("products.csv"))
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries.from_wkt(table.wkt), crs="EPSG:4326")


def in_period(products: gpd.GeoDataFrame, start: str, end: str) -> gpd.GeoDataFrame:
    return products[(products.acquired >= start) & (products.acquired < end)]


def geodesic(points: np.ndarray, polygons: np.ndarray) -> np.ndarray:
    """Metres from points to polygons near them, both in EPSG:3035, on the ellipsoid."""
    ends = shapely.get_coordinates(shapely.shortest_line(points, polygons)).reshape(-1, 4)
    onto = pyproj.Transformer.from_crs("EPSG:3035", "OGC:CRS84", always_xy=True)
    start, end = onto.transform(ends[:, 0], ends[:, 1]), onto.transform(ends[:, 2], ends[:, 3])
    return np.asarray(pyproj.Geod(ellps="WGS84").inv(*start, *end)[2])


def outcome(sample: pd.Series, near: gpd.GeoDataFrame) -> str:
    compatible = crosswalk("lucas2018-lc1", "hcat3").compatible(sample.LC1)
    if near.empty:
        return "no_field"
    if not compatible:
        return "no_crosswalk"
    return "agree" if near.hcat3_code.isin(compatible).any() else "disagree"


def test_outcomes_by_brute_force(either: Scenario) -> None:
    fields, samples = fields_of(either).to_crs(UTM), samples_of(either).to_crs(UTM)
    found: dict[str, list[str]] = {name: [] for name in either.truth.counts()}
    pairs: Counter[tuple[str, str]] = Counter()
    for _, sample in samples.iterrows():
        near = fields[shapely.distance(fields.geometry.values, sample.geometry) <= 10]
        kind = outcome(sample, near)
        found[kind].append(sample.POINT_ID)
        if kind in ("agree", "disagree"):
            pairs[sample.LC1, near.hcat3_code.iloc[0]] += 1
    for name, ids in found.items():
        assert sorted(ids) == sorted(getattr(either.truth, name)), name
    assert pairs == {(c.actual, c.mapped): c.count for c in either.truth.sample_confusion}


def test_every_outcome_occurs(either: Scenario) -> None:
    assert min(either.truth.counts().values()) > 0


def test_no_case_is_in_doubt(either: Scenario) -> None:
    fields = fields_of(either).geometry.values
    points = np.asarray(samples_of(either).to_crs("EPSG:3035").geometry.values)
    sample, field = shapely.STRtree(fields).query(points, predicate="dwithin", distance=40)
    assert len(set(sample)) == len(sample)
    distances = geodesic(points[sample], np.asarray(fields)[field])
    assert not ((distances > 8.5) & (distances < 11.5)).any()
    assert (distances > 0).sum() > 3


def test_no_crosswalk_and_no_field_never_meet(either: Scenario) -> None:
    walk = crosswalk("lucas2018-lc1", "hcat3")
    lc1 = samples_of(either).set_index("POINT_ID").LC1
    assert all(walk.compatible(lc1[i]) for i in either.truth.no_field)
    assert not any(walk.compatible(lc1[i]) for i in either.truth.no_crosswalk)


def test_samples_lie_on_the_lucas_grid(either: Scenario) -> None:
    samples = samples_of(either)
    assert samples.POINT_ID.is_unique
    assert set(samples.LC1) <= {c.code for c in code_list("lucas2018-lc1").concepts}
    planar = samples.to_crs("EPSG:3035")
    for point_id, point in zip(planar.POINT_ID, planar.geometry, strict=True):
        east, north = int(point_id[:4]), int(point_id[4:])
        assert east % 2 == north % 2 == 0
        assert abs(point.x - east * 1000) < 0.05
        assert abs(point.y - north * 1000) < 0.05


def test_fields_are_sound(either: Scenario) -> None:
    fields = fields_of(either)
    assert len(fields) == either.truth.fields == fields.field_id.nunique()
    assert fields.is_valid.all()
    assert fields.confidence.between(0, 1).all()
    assert np.allclose(fields.area / 1e4, fields.area_ha, atol=1e-4)
    hcat = code_list("hcat3")
    assert all(hcat.label(c) == n for c, n in set(zip(fields.hcat3_code, fields.hcat3_name)))  # noqa: B905
    left, right = shapely.STRtree(fields.geometry.values).query(
        fields.geometry.values, predicate="intersects"
    )
    assert (left == right).all()


def test_fields_were_seen_in_products_that_show_them(either: Scenario) -> None:
    fields, products = fields_of(either).to_crs("EPSG:4326"), products_of(either)
    footprint = products.set_index("image_id").geometry[fields.image_id].values
    assert shapely.covers(footprint, fields.geometry.values).all()
    clouds = products.set_index("image_id").cloud_cover[fields.image_id]
    assert (clouds < 40).all()


def test_labelling_errors_are_as_frequent_as_asked(usual: Scenario) -> None:
    rows = usual.truth.field_confusion
    wrong = sum(row.count for row in rows if row.actual != row.mapped)
    assert sum(row.count for row in rows) == 5000
    assert 0.13 < wrong / 5000 < 0.17
    mapped = Counter(fields_of(usual).hcat3_code)
    assert mapped == sum((Counter({r.mapped: r.count}) for r in rows), Counter())


def test_pixels_by_reading_the_raster(either: Scenario) -> None:
    legend = pd.read_csv(either.path("classmap_legend.csv"), dtype={"hcat3_code": str})
    code = legend.set_index("value").hcat3_code
    with rasterio.open(either.path("classmap.tif")) as classes:
        values, place, crs = classes.read(1), classes.transform, classes.crs
    with rasterio.open(either.path("confidence.tif")) as confidence:
        percent = confidence.read(1)
    assert crs.to_epsg() == 3035
    found = {code[v]: int(n) for v, n in zip(*np.unique(values, return_counts=True)) if v}  # noqa: B905
    assert found == either.truth.pixels
    assert ((percent == 255) == (values == 0)).all()
    assert percent[values > 0].max() <= 100
    fields = fields_of(either)
    inside = fields[fields.area_ha > 1].head(30).geometry.representative_point()
    rows, columns = rasterio.transform.rowcol(place, inside.x.to_numpy(), inside.y.to_numpy())
    drawn = [code.get(v) for v in values[rows, columns]]
    agree = np.array(drawn) == fields.loc[inside.index].hcat3_code.to_numpy()
    assert agree.mean() > 0.9


def test_cover_search_by_brute_force(either: Scenario) -> None:
    search = either.truth.cover
    shares = pd.read_csv(either.path("cover_shares.csv"), dtype={"hcat3_code": str})
    assert shares.share.between(0, 1).all()
    assert (shares.groupby("image_id").share.sum() <= 1).all()
    cereals = shares[shares.hcat3_code.isin(code_list("hcat3").subtree(search.class_code))]
    total = cereals.groupby("image_id").share.sum()
    assert (abs(total - search.min_share) > 0.009).all()
    products = in_period(products_of(either), search.start, search.end)
    here = products[products.intersects(shapely.box(*search.box))]
    wanted = here[here.image_id.map(total) > search.min_share]
    assert sorted(wanted.image_id) == list(search.image_ids)
    assert 0 < len(wanted) < len(here)
    assert (products.image_id.map(total) > search.min_share).sum() > len(wanted)


def test_district_search_by_brute_force(either: Scenario) -> None:
    search = either.truth.district
    districts = gpd.read_file(either.path("districts.geojson"))
    (place,) = districts[districts.name == search.district].geometry
    products = in_period(products_of(either), search.start, search.end)
    found = products[products.intersects(place)]
    assert sorted(found.image_id) == list(search.image_ids)
    assert 0 < len(found) < len(products)
    flat = products.to_crs(UTM).intersects(gpd.GeoSeries([place], crs=4326).to_crs(UTM).iloc[0])
    assert (flat == products.intersects(place)).all()


def test_inconsistent_search_by_brute_force(either: Scenario) -> None:
    search = either.truth.inconsistent
    samples = samples_of(either)
    wrong = samples[samples.POINT_ID.isin(either.truth.disagree)].geometry.union_all()
    products = in_period(products_of(either), search.start, search.end)
    found = products[products.intersects(wrong)]
    assert sorted(found.image_id) == list(search.image_ids)
    assert 0 < len(found) < len(products)


def test_ice_search_by_brute_force(either: Scenario) -> None:
    search = either.truth.ice
    ice = gpd.read_file(either.path("icechart.gpkg"))
    harbours = pd.read_csv(either.path("harbours.csv")).set_index("name")
    harbour = harbours.loc[search.harbour]
    geod = pyproj.Geod(ellps="WGS84")
    distances = []
    for polygon in ice.geometry:
        ring = shapely.get_coordinates(shapely.segmentize(polygon, 0.005))
        count = len(ring)
        metres = geod.inv(
            ring[:, 0], ring[:, 1], np.full(count, harbour.lon), np.full(count, harbour.lat)
        )[2]
        inside = polygon.contains(shapely.Point(harbour.lon, harbour.lat))
        distances.append(0.0 if inside else metres.min())
    dense = ice.concentration > search.min_concentration
    found = ice[(np.array(distances) < search.distance_m) & dense]
    assert sorted(found.ice_id) == sorted(search.ice_ids)
    assert search.count == len(found) > 0
    stages = code_list("sigrid3-stage")
    assert all(stage in stages for stage in ice.stage)
    assert ice.crs == pyproj.CRS("EPSG:4326")


@pytest.mark.parametrize("seed", range(20, 26))
def test_ice_never_lies_at_the_limit(seed: int) -> None:
    from geoloom.scenario.ice import geodesic_distances, make_ice

    chart = make_ice(seed)
    (place,) = (h for h in chart.harbours if h[0] == chart.search.harbour)
    distances = geodesic_distances(place[1], place[2], chart.geometry)
    dense = chart.concentration > chart.search.min_concentration
    assert (np.abs(distances[dense] - chart.search.distance_m) >= 600).all()
    assert chart.search.count > 0


def test_districts_tile_the_area(either: Scenario) -> None:
    districts = gpd.read_file(either.path("districts.geojson")).to_crs("EPSG:3035")
    assert districts.is_valid.all()
    assert districts.name.is_unique
    union = districts.geometry.union_all()
    assert abs(districts.area.sum() - union.area) < 1e-6 * union.area
    fields = fields_of(either)
    assert fields.representative_point().within(union.buffer(1)).all()
