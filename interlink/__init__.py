"""Finding topological links between two columns of geometries, exactly."""

from .candidates import FILTERS, CandidateFilter, FilterName, GridFilter, TreeFilter
from .layer import GeometryColumn, Layer, Rejected, read_layer
from .link import CHUNK, LinkReport, find_links, link, verified_chunks
from .relations import (
    CONVERSES,
    RELATIONS,
    Case,
    Relation,
    encode,
    holds,
    linkable,
    matches,
    relation_named,
    transpose,
)
from .verify import FailedPair, Verified
from .within import within_metres

__all__ = [
    "CHUNK",
    "CONVERSES",
    "FILTERS",
    "RELATIONS",
    "CandidateFilter",
    "Case",
    "FailedPair",
    "FilterName",
    "GeometryColumn",
    "GridFilter",
    "Layer",
    "LinkReport",
    "Rejected",
    "Relation",
    "TreeFilter",
    "Verified",
    "encode",
    "find_links",
    "holds",
    "link",
    "linkable",
    "matches",
    "read_layer",
    "relation_named",
    "transpose",
    "verified_chunks",
    "within_metres",
]
