"""The store: a Parquet folder with snapshots, and SPARQL answered over it."""

from . import algebra
from .algebra import Inference
from .catalog import EntityColumn, EntityTable, LaneFile, LaneTable, Snapshot
from .engine.connection import discard_spill
from .engine.limits import limited
from .explain import Explanation, explain
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
