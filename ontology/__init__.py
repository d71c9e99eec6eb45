"""Vocabulary, code lists and the shared kernel: terms, lanes, geometry, CRS, errors."""

from .columns import ARROW_TYPES, EntityBatch, Property, Sink, SinkReport, TermColumn
from .errors import (
    CRSError,
    DeadlineError,
    GeoloomError,
    GeometryError,
    IncompleteError,
    InputError,
    MappingError,
    QuerySyntaxError,
    RemoteError,
    StoreError,
    UnknownCodeError,
    UnsupportedError,
    UsageError,
)
from .identity import SEED, hash_texts, node_ids, node_texts, term_id
from .lanes import LANE_CODES, LANE_DATATYPES, Lane
from .namespaces import CRS84, PREFIXES, RDF_TYPE, WKT_LITERAL
from .terms import IRI, RDF_LANG_STRING, XSD_STRING, BlankNode, Literal, Term, Triple

__all__ = [
    "ARROW_TYPES",
    "CRS84",
    "IRI",
    "LANE_CODES",
    "LANE_DATATYPES",
    "PREFIXES",
    "RDF_LANG_STRING",
    "RDF_TYPE",
    "SEED",
    "WKT_LITERAL",
    "XSD_STRING",
    "BlankNode",
    "CRSError",
    "DeadlineError",
    "EntityBatch",
    "GeoloomError",
    "GeometryError",
    "IncompleteError",
    "InputError",
    "Lane",
    "Literal",
    "MappingError",
    "Property",
    "QuerySyntaxError",
    "RemoteError",
    "Sink",
    "SinkReport",
    "StoreError",
    "Term",
    "TermColumn",
    "Triple",
    "UnknownCodeError",
    "UnsupportedError",
    "UsageError",
    "hash_texts",
    "node_ids",
    "node_texts",
    "term_id",
]
