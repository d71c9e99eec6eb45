"""Margins in degrees that surely cover a distance in metres."""

from __future__ import annotations

from math import pi
from typing import Final

import numpy as np
import numpy.typing as npt

Metres = npt.NDArray[np.float64]

_LEAST_RADIUS: Final = 6335439.0  # metres; curvature of the meridian at the equator
_SAFETY: Final = 1.002  # the ellipsoid against the sphere of least curvature radius


def degree_margins(lat_abs_max: float, metres: float) -> tuple[float, float]:
    """Margins in degrees that cover a distance from anywhere up to a latitude.

    A box widened by them holds every place within ``metres`` of the box. Towards a pole the
    margin in longitude grows, up to 180 when the pole itself is within reach.

    Parameters
    ----------
    lat_abs_max : float
        The greatest absolute latitude of the box, degrees.
    metres : float

    Returns
    -------
    (float, float)
        Margins in longitude and in latitude, degrees; conservative.

    Examples
    --------
    >>> [round(margin, 2) for margin in degree_margins(65, 100_000)]
    [2.15, 0.91]
    """
    east, north = degree_margin_columns(np.array([float(lat_abs_max)]), metres)
    return float(east[0]), float(north[0])


def degree_margin_columns(lat_abs_max: Metres, metres: float | Metres) -> tuple[Metres, Metres]:
    """Do the same for many boxes: two arrays of shape (n,)."""
    angle = np.minimum(metres / _LEAST_RADIUS * _SAFETY, pi / 2) + np.zeros_like(lat_abs_max)
    latitude = np.radians(np.minimum(np.abs(lat_abs_max), 90.0))
    polar = latitude + angle >= pi / 2
    sine = np.divide(np.sin(angle), np.cos(latitude), out=np.ones_like(latitude), where=~polar)
    east = np.where(polar, 180.0, np.degrees(np.arcsin(np.minimum(sine, 1.0))) * _SAFETY)
    return east, np.where(angle < pi / 2, np.degrees(angle), 180.0)
