"""Three catalogue searches whose answers the generator knows."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Transformer

from .crops import is_cereal
from .districts import District
from .products import COVER_THRESHOLD, Products
from .samples import Samples
from .tiles import UTM
from .truth import Box, CoverSearch, DistrictSearch, InconsistentSearch

_BOX_CENTRE: Final = (430_000.0, 5_340_000.0)  # EPSG:32633, in the middle of tile 33UVP alone
_HALF_BOX: Final = 0.05  # degrees
_JUNE: Final = ("2018-06-01T00:00:00Z", "2018-07-01T00:00:00Z")
_JULY: Final = ("2018-07-01T00:00:00Z", "2018-08-01T00:00:00Z")


def cover_search(products: Products) -> CoverSearch:
    """Products of June 2018 over a box with more than 30 % cereals."""
    box = _box()
    hit = products.between(*_JUNE) & shapely.intersects(products.footprint, shapely.box(*box))
    hit &= products.shares[:, is_cereal()].sum(axis=1) > COVER_THRESHOLD
    found = _ids(products, hit)
    return CoverSearch("cereals", "3301010000", COVER_THRESHOLD, box, *_JUNE, found)


def district_search(products: Products, districts: tuple[District, ...]) -> DistrictSearch:
    """Products of July 2018 over the district that the fewest tiles reach."""
    fewest = min(
        districts, key=lambda d: int(shapely.intersects(products.footprint, d.geometry).sum())
    )
    hit = products.between(*_JULY) & shapely.intersects(products.footprint, fewest.geometry)
    return DistrictSearch(fewest.name, *_JULY, _ids(products, hit))


def inconsistent_search(products: Products, samples: Samples) -> InconsistentSearch:
    """Products of June 2018 with a disagreeing sample in the footprint."""
    wrong = samples.outcome == "disagree"
    points = shapely.multipoints(np.column_stack([samples.lon[wrong], samples.lat[wrong]]))
    hit = products.between(*_JUNE) & shapely.intersects(products.footprint, points)
    return InconsistentSearch(*_JUNE, _ids(products, hit))


def _box() -> Box:
    lon, lat = Transformer.from_crs(UTM, "OGC:CRS84", always_xy=True).transform(*_BOX_CENTRE)
    west, south = round(lon - _HALF_BOX, 3), round(lat - _HALF_BOX, 3)
    return west, south, round(west + 2 * _HALF_BOX, 3), round(south + 2 * _HALF_BOX, 3)


def _ids(products: Products, hit: npt.NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(sorted(products.image_id[hit].tolist()))
