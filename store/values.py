"""Facets: how one SPARQL value or variable looks in SQL (design section 3).

A variable is not a column but a set of facets. Each facet has one SQL type, so branches of
a UNION ALL always fit; a facet that a value does not have is statically NULL and DuckDB
prunes what nobody reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal, get_args

import pyarrow as pa
from sqlglot import exp

from ontology import LANE_CODES, Lane

Facet = Literal[
    "tag",  # lane code (ontology.LANE_CODES), NULL = unbound or error
    "id",  # NODE: XXH64 of the canonical text
    "blank",  # NODE: is a blank node
    "text",  # NODE: IRI or "_:label" where decoded or made by the query; STRING, LANG: value;
    #          other lanes: lexical form where it differs from the canonical one, else NULL
    "integer",
    "decimal",
    "double",  # FLOAT, DOUBLE, and numbers of OTHER datatypes
    "boolean",
    "time",  # DATE (midnight), DATETIME (UTC if it had a zone); OTHER: instant, start of a period
    "until",  # OTHER: end of a period, a microsecond after an instant; NULL only where time is
    "zone",  # minutes east of UTC, NULL without a zone
    "lang",
    "datatype",  # OTHER; GEOMETRY where it is no wktLiteral; elsewhere the lane says it
    "geometry",  # x = easting or longitude
    "crs",  # CRS IRI
    "xmin",  # box of the geometry in its CRS, rounded outward
    "ymin",
    "xmax",
    "ymax",
]

FACETS: Final[tuple[Facet, ...]] = get_args(Facet)

FACET_TYPES: Final[Mapping[Facet, str]] = MappingProxyType(
    {
        "tag": "UTINYINT",
        "id": "BIGINT",
        "blank": "BOOLEAN",
        "text": "VARCHAR",
        "integer": "BIGINT",
        "decimal": "DECIMAL(38, 12)",
        "double": "DOUBLE",
        "boolean": "BOOLEAN",
        "time": "TIMESTAMP",
        "until": "TIMESTAMP",
        "zone": "SMALLINT",
        "lang": "VARCHAR",
        "datatype": "VARCHAR",
        "geometry": "GEOMETRY",
        "crs": "VARCHAR",
        "xmin": "FLOAT",
        "ymin": "FLOAT",
        "xmax": "FLOAT",
        "ymax": "FLOAT",
    }
)

TERM_STRUCT: Final = pa.struct(
    [
        ("kind", pa.int8()),  # 1 IRI, 2 blank node, 3 literal
        ("value", pa.string()),  # IRI, label without "_:", lexical form
        ("datatype", pa.string()),  # IRI, literals only
        ("lang", pa.string()),
    ]
)
"""How terms enter (TermTable) and leave (results) the engine, one struct column a variable."""


@dataclass(frozen=True, slots=True)
class Value:
    """A SPARQL value in SQL.

    Attributes
    ----------
    lanes : frozenset of Lane
        The kinds it can statically be; more than one means ``tag`` decides at run time.
    facets : mapping
        SQL expression of each facet it has; a missing facet is NULL. ``tag`` is always there.
    maybe_unbound : bool
        False when no row can be NULL.
    crs : frozenset of str
        CRS IRIs the geometry can have; empty means unknown until run time.
    maybe_nan : bool
        The ``double`` facet can be not-a-number outside lane OTHER (stored ones never are).
    packed : sqlglot expression, optional
        A struct the facets are fields of, so that users of several facets can compute it once.
    """

    lanes: frozenset[Lane]
    facets: Mapping[Facet, exp.Expression] = field(default_factory=dict)
    maybe_unbound: bool = True
    crs: frozenset[str] = frozenset()
    maybe_nan: bool = False
    packed: exp.Expression | None = None

    def get(self, facet: Facet) -> exp.Expression:
        """Return the facet's expression, a typed NULL if the value does not have it."""
        found = self.facets.get(facet)
        return found if found is not None else null(facet)

    def has(self, facet: Facet) -> bool:
        """Return whether the facet can be anything but NULL."""
        return facet in self.facets

    @property
    def only_lane(self) -> Lane | None:
        """The lane if there is exactly one, else None."""
        return next(iter(self.lanes)) if len(self.lanes) == 1 else None


_TYPES: Final = {name: exp.DataType.build(name, dialect="duckdb") for name in FACET_TYPES.values()}
"""Nodes of types; they are leaves that nothing changes, so that all trees may share them."""


def null(facet: Facet) -> exp.Expression:
    """Typed NULL of a facet."""
    return exp.Cast(this=exp.Null(), to=_TYPES[FACET_TYPES[facet]])


def tag(lane: Lane) -> exp.Expression:
    """The constant tag of a lane."""
    code = exp.Literal(this=str(LANE_CODES[lane]), is_string=False)
    return exp.Cast(this=code, to=_TYPES[FACET_TYPES["tag"]])


def column_name(variable: str, facet: Facet) -> str:
    """Name of the SQL column of a variable's facet; ``.`` cannot occur in a variable."""
    return f"{variable}.{facet}"


def columns_of(variable: str, value: Value, relation: str) -> Value:
    """The same value read from a relation that projected it with :func:`column_name`."""
    origin = exp.Identifier(this=relation, quoted=True)
    return Value(
        lanes=value.lanes,
        facets={
            facet: exp.Column(
                this=exp.Identifier(this=column_name(variable, facet), quoted=True), table=origin
            )
            for facet in value.facets
        },
        maybe_unbound=value.maybe_unbound,
        crs=value.crs,
        maybe_nan=value.maybe_nan,
    )
