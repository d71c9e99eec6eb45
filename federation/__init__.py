"""Several SPARQL sources asked as one, with a report of what each had to do with the answer."""

from .documents import fetch_document
from .federation import Federation
from .report import CompletenessReport, SourceReport
from .sources import Source, SourcesFile, load_sources

__all__ = [
    "CompletenessReport",
    "Federation",
    "Source",
    "SourceReport",
    "SourcesFile",
    "fetch_document",
    "load_sources",
]
