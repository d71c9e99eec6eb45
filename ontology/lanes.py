"""Lanes: the natively typed kinds an RDF object can have (design section 3).

A lane has a static type, so most of SPARQL's dynamic typing is decided while planning.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from .namespaces import RDF, WKT_LITERAL, XSD


class Lane(StrEnum):
    """The kind of an object; its Arrow type is in :data:`ARROW_TYPES` of ``columns``."""

    NODE = "node"  # IRI or blank node
    STRING = "string"  # xsd:string
    BOOLEAN = "boolean"
    INTEGER = "integer"  # xsd:integer that fits 64 bits; derived types are OTHER
    DECIMAL = "decimal"  # xsd:decimal that fits DECIMAL(38, 12)
    DOUBLE = "double"
    FLOAT = "float"
    DATE = "date"  # xsd:date without a time zone
    DATETIME = "dateTime"
    LANG = "lang"  # language-tagged string
    GEOMETRY = "geometry"  # geo:wktLiteral that parses; one CRS a lane
    OTHER = "other"  # any other datatype and every form the lanes above cannot hold


LANE_CODES: Final[dict[Lane, int]] = {lane: code for code, lane in enumerate(Lane, start=1)}
"""Small integers that stand for lanes in SQL (the ``tag`` facet); NULL means unbound."""

LANE_DATATYPES: Final[dict[Lane, str]] = {
    Lane.STRING: XSD + "string",
    Lane.BOOLEAN: XSD + "boolean",
    Lane.INTEGER: XSD + "integer",
    Lane.DECIMAL: XSD + "decimal",
    Lane.DOUBLE: XSD + "double",
    Lane.FLOAT: XSD + "float",
    Lane.DATE: XSD + "date",
    Lane.DATETIME: XSD + "dateTime",
    Lane.LANG: RDF + "langString",
    Lane.GEOMETRY: WKT_LITERAL,
}
"""The datatype IRI of each literal lane; OTHER carries its own per value."""
