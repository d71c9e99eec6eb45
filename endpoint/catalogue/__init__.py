"""Semantic catalogue: products by what was seen in them, where, when and how surely."""

from .request import SearchRequest
from .result import CatalogueItem, SearchResult
from .routes import catalogue_routes
from .search import search

__all__ = ["CatalogueItem", "SearchRequest", "SearchResult", "catalogue_routes", "search"]
