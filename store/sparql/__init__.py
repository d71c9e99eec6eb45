"""SPARQL text to algebra nodes."""

from .parse import parse_query

__all__ = ["parse_query"]
