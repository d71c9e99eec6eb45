"""Sentinel-2 tiles by rule, against tiles whose place is known."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pyproj import Transformer

from geoloom.scenario import Scenario
from geoloom.scenario.tiles import SIDE, UTM, containing, tile_at, tiles_over

# Origins of tiles of real products: BigEarthNet v2 (CDLA-Permissive-1.0)
KNOWN = {
    "33TWM": (499980, 5090220),
    "33TWN": (499980, 5190240),
    "33TXN": (600000, 5190240),
    "33UUP": (300000, 5290200),
    "33UWP": (499980, 5290200),
    "33UWQ": (499980, 5390220),
    "33UXP": (600000, 5290200),
    "33UXQ": (600000, 5390220),
}


@pytest.mark.parametrize("name", KNOWN)
def test_rule_gives_known_tiles(name: str) -> None:
    west, south = KNOWN[name]
    tile = tile_at(west + SIDE / 2, south + SIDE / 2)
    assert (tile.name, tile.xmin, tile.ymin) == (name, west, south)


def test_the_tile_of_the_area() -> None:
    assert tile_at(412_000, 5_335_000).bounds == (399960, 5290200, 509760, 5400000)
    assert tile_at(412_000, 5_335_000).name == "33UVP"


def test_neighbours_overlap_by_nearly_ten_kilometres() -> None:
    names = [tile.name for tile in tiles_over((390e3, 5320e3, 410e3, 5330e3))]
    assert names == ["33UUP", "33UVP"]
    west, east = tiles_over((390e3, 5320e3, 410e3, 5330e3))
    assert west.bounds[2] - east.bounds[0] == 9840


def test_containing_keeps_its_margin() -> None:
    tiles = tiles_over((390e3, 5320e3, 410e3, 5330e3))
    x, y = np.array([305e3, 405e3, 409_750.0, 300_050.0]), np.full(4, 5_325_000.0)
    assert containing(tiles, x, y, 100.0).tolist() == [0, 0, 1, -1]


def test_footprints_are_exact_squares(either: Scenario) -> None:
    table = pd.read_csv(either.path("products.csv"))
    shapes = gpd.GeoSeries.from_wkt(table.wkt)
    to_utm = Transformer.from_crs("OGC:CRS84", UTM, always_xy=True)
    for name, rows in table.groupby("tile"):
        x, y = to_utm.transform(*shapes[rows.index[0]].exterior.coords.xy)
        west, south = min(x), min(y)
        assert abs(max(x) - west - SIDE) < 0.1
        assert abs(max(y) - south - SIDE) < 0.1
        assert tile_at(west + SIDE / 2, south + SIDE / 2).name == name
        assert shapes[rows.index].nunique() == 1


def test_products_come_every_five_days(either: Scenario) -> None:
    table = pd.read_csv(either.path("products.csv"), parse_dates=["acquired"])
    assert table.image_id.is_unique
    assert len(table) == either.truth.products
    assert table.cloud_cover.between(0, 100).all()
    pattern = r"S2[AB]_MSIL2A_2018\d{4}T100031_N9999_R122_T33[TU][U-Z][A-V]_2018\d{4}T100031"
    assert table.image_id.str.fullmatch(pattern).all()
    for _, rows in table.groupby("tile"):
        assert (rows.acquired.diff().dropna() == pd.Timedelta(days=5)).all()
