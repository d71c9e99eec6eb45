"""Values as they are stored: the columns of lane files and of the rows of entity tables."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from ontology import Lane

from ..catalog import (
    GRAPH,
    SUBJECT,
    EntityTable,
    LaneTable,
    box_column,
    id_column,
    lex_column,
    zone_column,
)
from ..lower import OWN_FACET, odd_values, sql, with_geometry
from ..values import FACET_TYPES, Facet, Value, null, tag
from .relation import Sql, column

SIDES: Final[tuple[Facet, ...]] = ("xmin", "ymin", "xmax", "ymax")

_CAST: Final = frozenset({Lane.FLOAT, Lane.DATE})
"""Lanes whose column is not of the facet's own type."""

_ALWAYS_SPELT: Final = frozenset({Lane.STRING, Lane.LANG, Lane.OTHER})


@dataclass(frozen=True, slots=True)
class Names:
    """What the columns of a lane are called in its files."""

    own: str
    lex: str
    zone: str
    box: tuple[str, str, str, str]

    @classmethod
    def of(cls, lane: LaneTable) -> Names:
        """Of a lane's own files, or of those of the table it is a column of."""
        if lane.place is None:
            own = "geom" if lane.lane is Lane.GEOMETRY else "o"
            return cls(own, "lex", "zone", ("xmin", "ymin", "xmax", "ymax"))
        name = lane.place.column.name
        box = tuple(box_column(name, side) for side in SIDES)
        return cls(name, lex_column(name), zone_column(name), box)  # type: ignore[arg-type]


def node(identity: Sql, blank: Sql, text: Sql | None = None) -> Value:
    """An IRI or blank node, always bound."""
    facets: dict[Facet, Sql] = {"tag": tag(Lane.NODE), "id": identity, "blank": blank}
    if text is not None:
        facets["text"] = text
    return Value(frozenset({Lane.NODE}), facets, maybe_unbound=False)


def subject_of(lane: LaneTable, alias: str) -> Value:
    """The subject of each row of a lane, or of a column of a table."""
    if lane.place is None:
        return node(column("s", alias), column("s_blank", alias))
    return node_of_view(lane.place.table, lane.place.column.view, alias)


def node_of_view(table: EntityTable, view: str, alias: str) -> Value:
    """The nodes of a table's view, with their texts."""
    nodes = (one for one in table.columns if one.name == view and one.lane is Lane.NODE)
    held = next(nodes, None)
    return _written(view, alias, may_be_blank=held is None or held.has_blank)


def _written(name: str, alias: str, *, may_be_blank: bool) -> Value:
    text = column(name, alias)
    blank = sql.func("starts_with", text, sql.string("_:")) if may_be_blank else sql.boolean(False)
    return node(column(id_column(name), alias), blank, text)


def graph_of(lane: LaneTable, alias: str) -> Sql:
    """The column with the ids of graphs."""
    return column("g" if lane.place is None else GRAPH, alias)


def object_of(lane: LaneTable, alias: str) -> Value:
    """The object of each row; in a table, of those where the column is not null."""
    names = Names.of(lane)
    own = column(names.own, alias)
    if lane.lane is Lane.NODE:
        if lane.place is None:
            return node(own, column("o_blank", alias))
        return _written(names.own, alias, may_be_blank=lane.place.column.has_blank)
    facets: dict[Facet, Sql] = {"tag": tag(lane.lane)}
    if lane.lane is Lane.GEOMETRY:
        facets["geometry"] = sql.cast(own, "GEOMETRY")
        facets["crs"] = sql.string(lane.crs) if lane.crs else null("crs")
        if lane.datatype:
            facets["datatype"] = sql.string(lane.datatype)
        for side, name in zip(SIDES, names.box, strict=True):
            facets[side] = column(name, alias)
    else:
        facet = OWN_FACET[lane.lane]
        facets[facet] = sql.cast(own, FACET_TYPES[facet]) if lane.lane in _CAST else own
    facets |= _beside(lane, names, alias)
    value = Value(frozenset({lane.lane}), facets, maybe_unbound=False)
    if lane.systems:
        return replace(with_geometry(value), crs=frozenset(lane.systems))
    return replace(value, crs=frozenset({lane.crs})) if lane.crs else value


def _beside(lane: LaneTable, names: Names, alias: str) -> dict[Facet, Sql]:
    """Facets of what a value has beside it: language, zone, datatype, lexical form."""
    found: dict[Facet, Sql] = {}
    place = lane.place
    match lane.lane:
        case Lane.LANG:
            lang = None if place is None else sql.string(place.column.lang or "")
            found["lang"] = column("lang", alias) if lang is None else lang
        case Lane.DATETIME:
            found["zone"] = column(names.zone, alias)
        case Lane.OTHER:
            found["datatype"] = column("datatype", alias)
            if not lane.has_until:
                return found | odd_values(column(names.own, alias), found["datatype"])
            found["double"] = column("number", alias)
            found["time"] = column("time", alias)
            found["until"] = column("until", alias)
    if lane.has_lexical and lane.lane not in _ALWAYS_SPELT:
        found["text"] = column(names.lex, alias)
    return found


def main_subject(alias: str) -> Sql:
    """The column with the id of each row's main subject."""
    return column(id_column(SUBJECT), alias)
