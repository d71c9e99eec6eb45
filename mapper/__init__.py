"""RML mappings from files, tables and class rasters to column batches of linked data."""

from .faults import Quarantined
from .functions import register, registered
from .model import Mapping
from .ntriples import NTriplesSink, term_texts
from .parse import load_mapping
from .run import MappingReport, SourceReport, run_mapping

__all__ = [
    "Mapping",
    "MappingReport",
    "NTriplesSink",
    "Quarantined",
    "SourceReport",
    "load_mapping",
    "register",
    "registered",
    "run_mapping",
    "term_texts",
]
