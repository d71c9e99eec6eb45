"""The store: a Parquet folder with snapshots, and SPARQL answered over it."""

from .layout.geometries import FeatureGeometries
from .layout.load import LoadReport, Rejection
from .layout.sink import StoreSink
from .layout.snapshot import StoredSnapshot
from .layout.tidy import CompactReport, VacuumReport
from .layout.verify import Problem, VerifyReport
from .query import Explanation, explain, parse_query, run_query
from .results import (
    Format,
    NotAcceptableError,
    Result,
    format_named,
    formats_for,
    negotiate,
)
from .store import Store, UpdateReport

__all__ = [
    "CompactReport",
    "Explanation",
    "FeatureGeometries",
    "Format",
    "LoadReport",
    "NotAcceptableError",
    "Problem",
    "Rejection",
    "Result",
    "Store",
    "StoreSink",
    "StoredSnapshot",
    "UpdateReport",
    "VacuumReport",
    "VerifyReport",
    "explain",
    "format_named",
    "formats_for",
    "negotiate",
    "parse_query",
    "run_query",
]
