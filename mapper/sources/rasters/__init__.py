"""Raster sources: zones of classes, cover fractions, change between two epochs."""

from .change import ChangeSource
from .fractions import FractionSource
from .zones import ZoneSource

__all__ = ["ChangeSource", "FractionSource", "ZoneSource"]
