"""The store: a Parquet folder with snapshots, and SPARQL answered over it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from ontology import allocator as _allocator  # noqa: F401 - before pyarrow

if TYPE_CHECKING:
    from . import algebra
    from .algebra import Inference
    from .catalog import EntityColumn, EntityTable, LaneFile, LaneTable, Snapshot
    from .engine.connection import discard_spill
    from .engine.limits import limited
    from .explaining import Explanation
    from .explaining.explain import explain
    from .layout.geometries import FeatureGeometries
    from .layout.load import LoadReport, Rejection
    from .layout.manifest import TablesPolicy
    from .layout.sink import StoreSink
    from .layout.snapshot import StoredSnapshot
    from .layout.tidy import CompactReport, VacuumReport
    from .layout.verify import Problem, VerifyReport
    from .query import parse_query, run_query
    from .results import (
        Format,
        NotAcceptableError,
        Result,
        format_named,
        formats_for,
        negotiate,
    )
    from .store import Store, UpdateReport
    from .values import TERM_STRUCT
    from .workers import PoolStatus, WorkerPool, engine_share, held_bytes, parse_size

__all__ = [
    "TERM_STRUCT",
    "CompactReport",
    "EntityColumn",
    "EntityTable",
    "Explanation",
    "FeatureGeometries",
    "Format",
    "Inference",
    "LaneFile",
    "LaneTable",
    "LoadReport",
    "NotAcceptableError",
    "PoolStatus",
    "Problem",
    "Rejection",
    "Result",
    "Snapshot",
    "Store",
    "StoreSink",
    "StoredSnapshot",
    "TablesPolicy",
    "UpdateReport",
    "VacuumReport",
    "VerifyReport",
    "WorkerPool",
    "algebra",
    "discard_spill",
    "engine_share",
    "explain",
    "format_named",
    "formats_for",
    "held_bytes",
    "limited",
    "negotiate",
    "parse_query",
    "parse_size",
    "run_query",
]

_HOMES: Final = {
    "Inference": "algebra",
    "EntityColumn": "catalog",
    "EntityTable": "catalog",
    "LaneFile": "catalog",
    "LaneTable": "catalog",
    "Snapshot": "catalog",
    "discard_spill": "engine.connection",
    "limited": "engine.limits",
    "Explanation": "explaining",
    "explain": "explaining.explain",
    "FeatureGeometries": "layout.geometries",
    "LoadReport": "layout.load",
    "Rejection": "layout.load",
    "TablesPolicy": "layout.manifest",
    "StoreSink": "layout.sink",
    "StoredSnapshot": "layout.snapshot",
    "CompactReport": "layout.tidy",
    "VacuumReport": "layout.tidy",
    "Problem": "layout.verify",
    "VerifyReport": "layout.verify",
    "parse_query": "query",
    "run_query": "query",
    "Format": "results",
    "NotAcceptableError": "results",
    "Result": "results",
    "format_named": "results",
    "formats_for": "results",
    "negotiate": "results",
    "Store": "store",
    "UpdateReport": "store",
    "TERM_STRUCT": "values",
    "PoolStatus": "workers",
    "WorkerPool": "workers",
    "engine_share": "workers",
    "held_bytes": "workers",
    "parse_size": "workers",
}
"""Where names are defined: who loads data does not wait for the engine of queries (0.5 s)."""


def __getattr__(name: str) -> Any:
    """Import what is asked for."""
    if name == "algebra":
        return import_module(".algebra", __name__)
    if name not in _HOMES:
        raise AttributeError(f"module 'store' has no attribute {name!r}")
    found = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = found
    return found
