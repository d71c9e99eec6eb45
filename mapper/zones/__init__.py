"""Zones of class rasters: connected pixels of one class, tile by tile without seams."""
