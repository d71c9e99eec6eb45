"""A synthetic ice chart of a bay like the Gulf of Bothnia, and harbours on its coast."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pacsv
import shapely
from pyproj import CRS, Transformer

from ontology import code_list

from .files import steady_date
from .layout import random
from .truth import IceSearch

_WEST, _SOUTH, _EAST, _NORTH = 20.0, 63.0, 25.0, 65.8
_COLUMNS: Final = 14
_ROWS: Final = 16
_STAGES: Final = np.array(["81", "84", "85", "87", "91"])
_THICKNESS_CM: Final = np.array([5, 12, 22, 50, 90])
_HARBOURS: Final = (
    ("Skyttelhamn", 24.9, 65.0),
    ("Trådvik", 22.4, 65.7),
    ("Väverö", 21.2, 63.9),
    ("Nystanäs", 23.6, 64.3),
)
_SEARCH: Final = "Skyttelhamn"
_DISTANCE_M: Final = 50_000.0
_CLEAR_M: Final = 600.0  # no polygon's distance from that harbour is this close to the limit
_MIN_CONCENTRATION: Final = 70


@dataclass(frozen=True, slots=True)
class IceChart:
    """Ice polygons (longitude, latitude), concentration in percent, SIGRID-3 stage codes."""

    ice_id: tuple[str, ...]
    geometry: npt.NDArray[Any]
    concentration: npt.NDArray[np.int64]
    stage: npt.NDArray[np.str_]
    thickness_cm: npt.NDArray[np.int64]
    harbours: tuple[tuple[str, float, float], ...]
    search: IceSearch


def make_ice(seed: int) -> IceChart:
    """More and older ice towards the north of the bay."""
    rng = random(seed, "ice")
    geometry = _polygons(rng)
    south_to_north = np.repeat(np.linspace(0, 1, _ROWS), _COLUMNS)
    level = np.clip(south_to_north + rng.normal(0, 0.18, len(geometry)), 0, 1)
    concentration = np.rint(level * 10).astype(np.int64) * 10
    age = np.minimum((level * len(_STAGES)).astype(np.int64), len(_STAGES) - 1)
    iced = np.flatnonzero(concentration > 0)
    ids = tuple(f"I{n + 1:04d}" for n in range(len(iced)))
    dense = concentration[iced] > _MIN_CONCENTRATION
    harbours, near = _harbours(geometry[iced], dense)
    found = tuple(ids[n] for n in np.flatnonzero(near & dense))
    return IceChart(
        ids,
        geometry[iced],
        concentration[iced],
        _STAGES[age[iced]],
        _THICKNESS_CM[age[iced]],
        harbours,
        IceSearch(_SEARCH, _DISTANCE_M, _MIN_CONCENTRATION, found),
    )


def _polygons(rng: np.random.Generator) -> npt.NDArray[Any]:
    lon, lat = np.linspace(_WEST, _EAST, _COLUMNS + 1), np.linspace(_SOUTH, _NORTH, _ROWS + 1)
    nodes = np.stack(np.meshgrid(lon, lat), axis=2)
    step = np.array([lon[1] - lon[0], lat[1] - lat[0]])
    nodes += (rng.random(nodes.shape) - 0.5) * 0.6 * step
    sides = [nodes[:-1, :-1], nodes[:-1, 1:], nodes[1:, 1:], nodes[1:, :-1]]
    corners = np.round(np.stack(sides, axis=2).reshape(-1, 4, 2), 6)
    return np.asarray(shapely.polygons(corners), object)


def geodesic_distances(lon: float, lat: float, geometry: npt.NDArray[Any]) -> Any:
    """Metres from a place to polygons (longitude, latitude), WGS84.

    In the azimuthal equidistant projection about the place, distances from it are geodesic.
    """
    projection = CRS.from_dict({"proj": "aeqd", "lon_0": lon, "lat_0": lat, "datum": "WGS84"})
    onto = Transformer.from_crs("OGC:CRS84", projection, always_xy=True)
    fine = shapely.segmentize(geometry, 0.002)
    flat = shapely.transform(fine, lambda xy: np.column_stack(onto.transform(*xy.T)))
    return shapely.distance(flat, shapely.Point(0, 0))


def _harbours(
    geometry: npt.NDArray[Any], dense: npt.NDArray[np.bool_]
) -> tuple[tuple[tuple[str, float, float], ...], npt.NDArray[np.bool_]]:
    """Harbours, the searched one moved until no dense polygon is near the limit."""
    (start,) = (h for h in _HARBOURS if h[0] == _SEARCH)
    lat = start[2]
    distance = geodesic_distances(start[1], lat, geometry)
    while (np.abs(distance[dense] - _DISTANCE_M) < _CLEAR_M).any():
        lat = round(lat - 0.01, 6)
        distance = geodesic_distances(start[1], lat, geometry)
    moved = tuple((n, x, lat if n == _SEARCH else y) for n, x, y in _HARBOURS)
    return moved, np.asarray(distance < _DISTANCE_M, np.bool_)


def write_ice(chart: IceChart, directory: Path) -> None:
    """Write ``icechart.gpkg`` (EPSG:4326) and ``harbours.csv``."""
    stages = code_list("sigrid3-stage")
    frame = gpd.GeoDataFrame(
        {
            "ice_id": list(chart.ice_id),
            "concentration": chart.concentration,
            "stage": chart.stage.tolist(),
            "stage_name": [stages.label(code) for code in chart.stage],
            "thickness_cm": chart.thickness_cm,
            "observed": ["2018-02-27T14:00:00Z"] * len(chart.ice_id),
        },
        geometry=chart.geometry,
        crs="EPSG:4326",
    )
    path = directory / "icechart.gpkg"
    path.unlink(missing_ok=True)
    with steady_date():
        frame.to_file(path, layer="ice", metadata={"synthetic": "true"})
    table = pa.table(
        {
            "name": pa.array([name for name, _, _ in chart.harbours]),
            "lon": pa.array([lon for _, lon, _ in chart.harbours]),
            "lat": pa.array([lat for _, _, lat in chart.harbours]),
        }
    )
    pacsv.write_csv(table, directory / "harbours.csv")
