"""Geometry functions over Arrow columns of WKB that DuckDB's spatial extension lacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pyarrow as pa

GEOMETRY_COLUMNS: Final[dict[str, tuple[Callable[..., pa.Array], list[str], str]]] = {}
