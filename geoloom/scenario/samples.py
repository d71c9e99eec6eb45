"""LUCAS-style samples on the real 2 km grid, and what comparing them with the map must give."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pacsv
from pyproj import Transformer

from .crops import CROPS, NO_CROP_LC1, compatible, shares
from .layout import LAEA, Layout, Place, random
from .truth import Confusion

DISTANCE_M: Final = 10.0
_FIRST_DAY: Final = np.datetime64("2018-05-01")


@dataclass(frozen=True, slots=True)
class Samples:
    """Samples, one a block; arrays have one entry a sample.

    Attributes
    ----------
    point_id : ndarray of str
        EEEENNNN, kilometres of EPSG:3035.
    lon, lat : ndarray of float64
    lc1 : ndarray of str
    mapped : ndarray of int64
        Crop that the map says within the distance, -1 where it says nothing.
    outcome : ndarray of str
        ``agree``, ``disagree``, ``no_field`` or ``no_crosswalk``.
    """

    point_id: npt.NDArray[np.str_]
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    lc1: npt.NDArray[np.str_]
    mapped: npt.NDArray[np.int64]
    outcome: npt.NDArray[np.str_]

    def ids(self, outcome: str) -> tuple[str, ...]:
        """POINT_IDs of one outcome."""
        return tuple(self.point_id[self.outcome == outcome].tolist())

    def confusion(self) -> tuple[Confusion, ...]:
        """LC1 against mapped class of the samples that were compared."""
        compared = np.isin(self.outcome, ("agree", "disagree"))
        hcat = np.array([crop.hcat for crop in CROPS])[self.mapped[compared]]
        pairs = Counter(zip(self.lc1[compared].tolist(), hcat.tolist(), strict=True))
        return tuple(Confusion(a, m, n) for (a, m), n in sorted(pairs.items()))


def make_samples(
    layout: Layout, true: npt.NDArray[np.int64], mapped: npt.NDArray[np.int64], seed: int
) -> Samples:
    """Samples of a layout.

    Parameters
    ----------
    true, mapped : ndarray of int64, shape (layout.blocks,)
        Crops of the field of each sample's cell; anything where there is none.
    """
    x, y = layout.points(np.arange(layout.blocks))
    lon, lat = Transformer.from_crs(LAEA, "OGC:CRS84", always_xy=True).transform(x, y)
    ids = [f"{east // 1000:04d}{north // 1000:04d}" for east, north in zip(x, y, strict=True)]
    rng = random(seed, "samples")
    crop_lc1 = np.array([crop.lc1 for crop in CROPS])
    elsewhere = rng.choice(crop_lc1, layout.blocks, p=shares())
    no_crop = rng.choice(np.array(NO_CROP_LC1), layout.blocks)
    compared = np.isin(layout.places, (Place.INSIDE, Place.NEAR))
    strange = layout.places == Place.NO_CROSSWALK
    lc1 = np.select([compared, strange], [crop_lc1[true], no_crop], elsewhere)
    agrees = compatible()[true, mapped]
    outcome = np.select(
        [compared & agrees, compared, strange], ["agree", "disagree", "no_crosswalk"], "no_field"
    )
    return Samples(
        np.array(ids),
        np.round(lon, 7),
        np.round(lat, 7),
        lc1,
        np.where(compared | strange, mapped, -1),
        outcome,
    )


def write_samples(samples: Samples, path: Path, seed: int) -> None:
    """Write ``lucas_points.csv`` with the column names of the LUCAS micro data."""
    days = random(seed, "survey").integers(0, 120, len(samples.point_id))
    dates = np.datetime_as_string(_FIRST_DAY + days)
    table = pa.table(
        {
            "POINT_ID": pa.array(samples.point_id.tolist()),
            "TH_LONG": pa.array(samples.lon),
            "TH_LAT": pa.array(samples.lat),
            "LC1": pa.array(samples.lc1.tolist()),
            "SURVEY_DATE": pa.array(dates.tolist()),
        }
    )
    pacsv.write_csv(table, path)
