"""The store: a Parquet folder with snapshots, and SPARQL answered over it."""

from .layout.geometries import FeatureGeometries
from .layout.load import LoadReport, Rejection
from .layout.sink import StoreSink
from .layout.snapshot import StoredSnapshot
from .layout.tidy import CompactReport, VacuumReport
from .layout.verify import Problem, VerifyReport
from .store import Store, UpdateReport

__all__ = [
    "CompactReport",
    "FeatureGeometries",
    "LoadReport",
    "Problem",
    "Rejection",
    "Store",
    "StoreSink",
    "StoredSnapshot",
    "UpdateReport",
    "VacuumReport",
    "VerifyReport",
]
