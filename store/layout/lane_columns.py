"""The columns of each lane: what identifies a triple, and what is derived from that.

Work tables hold the identifying columns only (geometry as WKB). The stored files add the
derived ones, see :class:`store.catalog.LaneTable` for the full list.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import pyarrow as pa

from ontology import ARROW_TYPES, Lane

from .lexical_sql import NUMBER_SQL, TIME_SQL, UNTIL_SQL

SUBJECT: Final = (("g", pa.int64()), ("s", pa.int64()), ("s_blank", pa.bool_()))
LEX: Final = ("lex", pa.string())


@dataclass(frozen=True, slots=True)
class LaneColumns:
    """Columns of one lane.

    Attributes
    ----------
    work : pa.Schema
        The columns that make a triple this triple; two rows equal in all are the same triple.
    reading : str
        SQL that reads the work columns from a stored file.
    deriving : str
        SQL of the work and derived columns, from a work table.
    storing : str
        SQL of the stored columns, from those of ``deriving``; ``$crs`` is DuckDB's CRS name.
    normal : str
        SQL of the work columns, from a work table, each value as it is read once stored.
    """

    work: pa.Schema
    reading: str
    deriving: str = "*"
    storing: str = "*"
    normal: str = "*"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the work columns."""
        return tuple(self.work.names)


def _plain(*columns: tuple[str, pa.DataType]) -> LaneColumns:
    work = pa.schema([*SUBJECT, *columns])
    return LaneColumns(work, ", ".join(work.names))


def _valued(lane: Lane) -> LaneColumns:
    return _plain(("o", ARROW_TYPES[lane]), LEX)


def _geometry() -> LaneColumns:
    box = ", ".join(
        f"nextafter({function}(ST_GeomFromWKB(wkb))::FLOAT, '{toward}'::FLOAT) AS {name}"
        for name, function, toward in (
            ("xmin", "ST_XMin", "-inf"),
            ("ymin", "ST_YMin", "-inf"),
            ("xmax", "ST_XMax", "inf"),
            ("ymax", "ST_YMax", "inf"),
        )
    )
    return LaneColumns(
        pa.schema([*SUBJECT, ("wkb", pa.binary()), LEX]),
        reading="g, s, s_blank, ST_AsWKB(geom) AS wkb, lex",
        deriving=f"*, {box}",
        storing="g, s, s_blank, ST_SetCRS(ST_GeomFromWKB(wkb), $crs) AS geom, lex,"
        " xmin, ymin, xmax, ymax",
        normal="g, s, s_blank, ST_AsWKB(ST_GeomFromWKB(wkb)) AS wkb, lex",
    )


def _other() -> LaneColumns:
    work = pa.schema([*SUBJECT, ("o", pa.string()), ("datatype", pa.string())])
    derived = f"*, {NUMBER_SQL} AS number, {TIME_SQL} AS time, {UNTIL_SQL} AS until"
    return LaneColumns(work, ", ".join(work.names), derived)


COLUMNS: Final = MappingProxyType(
    {
        Lane.NODE: _plain(("o", pa.int64()), ("o_blank", pa.bool_())),
        Lane.STRING: _plain(("o", pa.string())),
        Lane.LANG: _plain(("o", pa.string()), ("lang", pa.string())),
        Lane.BOOLEAN: _valued(Lane.BOOLEAN),
        Lane.INTEGER: _valued(Lane.INTEGER),
        Lane.DECIMAL: _valued(Lane.DECIMAL),
        Lane.DOUBLE: _valued(Lane.DOUBLE),
        Lane.FLOAT: _valued(Lane.FLOAT),
        Lane.DATE: _valued(Lane.DATE),
        Lane.DATETIME: _plain(("o", ARROW_TYPES[Lane.DATETIME]), ("zone", pa.int16()), LEX),
        Lane.GEOMETRY: _geometry(),
        Lane.OTHER: _other(),
    }
)
"""The columns of every lane."""


def same_triple(lane: Lane, left: str, right: str) -> str:
    """SQL that two work rows of a lane are the same triple; the subject is the hash key."""
    names = (name for name in COLUMNS[lane].names if name != "s")
    tests = (f"{left}.{name} IS NOT DISTINCT FROM {right}.{name}" for name in names)
    return " AND ".join([f"{left}.s = {right}.s", *tests])
