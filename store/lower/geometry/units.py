"""Units of measure as arguments: constants, or known only row by row."""

from __future__ import annotations

import pyarrow as pa

from ontology import UNITS, Lane, node_ids

from ...values import Value
from .. import sql
from ..shapes import of_lane
from ..sql import Sql
from .reference import ANY_URI, iri_constant, unit_of

Factor = float | Sql


def factors(value: Value, *kinds: str) -> dict[str, Factor]:
    """How many metres, radians or square metres the unit is, by kind.

    A constant unit has one kind. Of one that varies each kind has its factor, NULL in rows of
    another kind; there are none if the argument can name no unit.

    Raises
    ------
    UnsupportedError
        The unit is constant, and not known or of none of the kinds.
    """
    if iri_constant(value) is not None:
        kind, factor = unit_of(value, *kinds)
        return {kind: factor}
    return {kind: node for kind in kinds if (node := _in_each_row(value, kind)) is not None}


def _in_each_row(value: Value, kind: str) -> Sql | None:
    known = {iri: one.factor for iri, one in UNITS.items() if one.kind == kind}
    ids = node_ids(pa.array(list(known), pa.string()))
    found: list[Sql] = []
    if Lane.NODE in value.lanes:
        keys = [sql.number(int(one)) for one in ids]
        found.append(_chosen(value.get("id"), keys, known))
    names = [sql.string(iri) for iri in known]
    if Lane.STRING in value.lanes:
        found.append(_chosen(of_lane(value, Lane.STRING), names, known))
    if Lane.OTHER in value.lanes:
        uri = sql.binary("=", value.get("datatype"), sql.string(ANY_URI))
        text = sql.when(uri, of_lane(value, Lane.OTHER))
        found.append(_chosen(text, names, known))
    return sql.first_of(found) if found else None


def _chosen(node: Sql, keys: list[Sql], known: dict[str, float]) -> Sql:
    """The factor whose key the node is."""
    listed = sql.func("list_position", sql.func("list_value", *keys), node)
    sizes = [sql.cast(sql.number(repr(factor)), "DOUBLE") for factor in known.values()]
    return sql.func("list_extract", sql.func("list_value", *sizes), listed)
