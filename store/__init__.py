"""The store: a Parquet folder with snapshots, and SPARQL answered over it."""

from .layout.sink import StoreSink
from .layout.snapshot import StoredSnapshot
from .store import Store

__all__ = ["Store", "StoreSink", "StoredSnapshot"]
