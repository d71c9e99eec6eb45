"""Raster sources: zones of classes, cover fractions, change between two epochs."""

from .zones import ZoneSource

__all__ = ["ZoneSource"]
