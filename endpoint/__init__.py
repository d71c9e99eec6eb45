"""HTTP: SPARQL Protocol, catalogue search, validation and the web page."""

from .app import create_app
from .catalogue import CatalogueItem, SearchRequest, SearchResult, search
from .queryable import Answer, Queryable, rows
from .server import running, serve
from .settings import Settings
from .validation import Layer, Outcome, ValidationReport, sample_batches, validate

__all__ = [
    "Answer",
    "CatalogueItem",
    "Layer",
    "Outcome",
    "Queryable",
    "SearchRequest",
    "SearchResult",
    "Settings",
    "ValidationReport",
    "create_app",
    "rows",
    "running",
    "sample_batches",
    "search",
    "serve",
    "validate",
]
