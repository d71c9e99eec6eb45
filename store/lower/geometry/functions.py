"""The GeoSPARQL functions: one table of names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from store.values import Value

GEO_FUNCTIONS: Final[dict[str, tuple[Callable[..., Value], int, int]]] = {}
GEO_REFUSED: Final[dict[str, str]] = {}
