"""What the planner knows of a snapshot: which files hold which triples.

The storage side implements :class:`Snapshot`; the query side reads nothing else of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from ontology import WKT_LITERAL, Lane, Literal, Term


@dataclass(frozen=True, slots=True)
class LaneFile:
    """One immutable Parquet file of a lane.

    ``box`` is (xmin, ymin, xmax, ymax) in the lane's CRS, for GEOMETRY lanes; ``largest`` has the
    bytes of the largest geometry as WKB, None where that was not measured.
    """

    path: Path
    rows: int
    box: tuple[float, float, float, float] | None = None
    largest: int | None = None


@dataclass(frozen=True, slots=True)
class BoxGrid:
    """Where the geometries of a lane lie: centres of their boxes counted in square many cells.

    Attributes
    ----------
    box : tuple of float
        (xmin, ymin, xmax, ymax) of the grid, in the lane's CRS.
    side : int
        Cells in a row and in a column.
    counts : tuple of int
        Geometries measured, cell by cell, rows from south to north.
    width, height : float
        Mean extent of a geometry's box, in the lane's CRS.
    """

    box: tuple[float, float, float, float]
    side: int
    counts: tuple[int, ...]
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class LaneStatistics:
    """What the objects of a lane are like, for estimates; measured on a sample, of bounded size.

    An object is a node's id, a text (``text@lang``, ``text^^datatype`` in those lanes), a number,
    0 or 1 for booleans, or seconds since 1970 for dates.

    Attributes
    ----------
    rows : int
        Rows of the lane when this was measured.
    common, graphs : tuple of (object, rows)
        Objects, and ids of graphs (None is the default graph), that are frequent, with their rows.
    bounds : tuple of float
        Ends of bins that hold equally many rows, in lanes of numbers and dates.
    grid : BoxGrid, optional
        In lanes of geometries.
    changed : int
        Rows written since it was measured.
    """

    rows: int
    common: tuple[tuple[int | float | str, int], ...] = ()
    graphs: tuple[tuple[int | None, int], ...] = ()
    bounds: tuple[float, ...] = ()
    grid: BoxGrid | None = None
    changed: int = 0


SUBJECT: Final = "iri"
"""The column of an entity table that has the text of each row's main subject."""

GRAPH: Final = "_graph"
"""The column with the id of each row's graph; NULL is the default graph."""


def id_column(name: str) -> str:
    """The column with the ids of the nodes whose texts a column has."""
    return f"_{name}_id"


def lex_column(name: str) -> str:
    """The column with the lexical forms that are not the canonical ones of a column's values."""
    return f"_{name}_lex"


def zone_column(name: str) -> str:
    """The column with the minutes east of UTC of a dateTime column; NULL without a zone."""
    return f"_{name}_zone"


def box_column(name: str, side: str) -> str:
    """The column with a side (``xmin`` …) of the boxes of a geometry column."""
    return f"_{name}_{side}"


@dataclass(frozen=True, slots=True)
class ColumnRange:
    """What the values of a column are like in one part.

    ``least`` and ``greatest`` are numbers, ids of nodes, short texts, or seconds since 1970; None
    where all are null or they are not kept. Deleted rows may count.
    """

    nulls: int
    least: float | int | str | None = None
    greatest: float | int | str | None = None

    @property
    def constant(self) -> bool:
        """Whether every row has the same value."""
        return self.nulls == 0 and self.least is not None and self.least == self.greatest


@dataclass(frozen=True, slots=True)
class EntityPart:
    """One immutable file of an entity table; all its rows are of one graph.

    Attributes
    ----------
    path : Path
    rows : int
        Deleted ones included.
    graph : int, optional
        Id of the graph; None is the default graph.
    boxes : mapping of column to (xmin, ymin, xmax, ymax)
        Of geometry columns, in their CRS.
    ranges : mapping of column to ColumnRange
        Node columns by the ids of their nodes.
    deleted : int
        Rows that are deleted.
    index : Path, optional
        Arrow file that says which rows hold which nodes.
    largest : mapping of column to int
        Bytes of the largest geometry of geometry columns, as WKB.
    """

    path: Path
    rows: int
    graph: int | None
    boxes: Mapping[str, tuple[float, float, float, float]]
    ranges: Mapping[str, ColumnRange]
    deleted: int = 0
    index: Path | None = None
    largest: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EntityColumn:
    """A single-valued predicate of an entity table, its objects of one kind.

    ``name`` is the Parquet column's, ``view`` the column with the texts of its subjects:
    :data:`SUBJECT`, or a node column that leads to another view. A predicate may have several
    columns, for classes or languages; together they hold all its triples of their subjects.
    """

    name: str
    predicate: str
    lane: Lane
    view: str = SUBJECT
    crs: str | None = None
    lang: str | None = None
    has_blank: bool = False
    datatype: str | None = None


@dataclass(frozen=True, slots=True)
class EntityTable:
    """Entities as rows: one wide row each, a column a predicate.

    A row is alive unless its main subject's id lies in ``deleted``. The triples of a row's
    subjects with the table's predicates of that view all lie in the row; those of any other
    subject all lie in lanes. A subject is one of at most one row a graph, over all tables.

    Columns of the files, each TEXT column with an id column beside it::

        main subject    iri VARCHAR, _iri_id BIGINT
        graph           _graph BIGINT
        node            NAME VARCHAR (IRI or "_:label"), _NAME_id BIGINT
        string, lang    NAME VARCHAR
        boolean … date  NAME (as in lanes), _NAME_lex VARCHAR
        dateTime        NAME TIMESTAMP, _NAME_zone SMALLINT, _NAME_lex VARCHAR
        geometry        NAME (GeoParquet V1), _NAME_lex VARCHAR, _NAME_xmin … _NAME_ymax FLOAT

    Lane OTHER has no columns: a row with such a value lies in lanes.

    Attributes
    ----------
    name : str
        Of its folder.
    views : tuple of str
        Columns with the texts of subjects: :data:`SUBJECT` first.
    columns : tuple of EntityColumn
    parts : tuple of EntityPart
    deleted : Path, optional
        Parquet file (id BIGINT) of the main subjects of deleted rows.
    """

    name: str
    views: tuple[str, ...]
    columns: tuple[EntityColumn, ...]
    parts: tuple[EntityPart, ...]
    deleted: Path | None = None


@dataclass(frozen=True, slots=True)
class Feature:
    """What a subject can have: triples of one lane, or of one class in a lane of rdf:type.

    ``table`` and ``column`` say which column of an entity table the lane is, empty outside of
    them; ``node`` is the id of a class, None for classes that are not kept apart; ``datatype``
    is that of geometries, empty for ``geo:wktLiteral``.
    """

    predicate: str
    lane: Lane
    crs: str = ""
    table: str = ""
    column: str = ""
    node: int | None = None
    datatype: str = ""


@dataclass(frozen=True, slots=True)
class CharacteristicSet:
    """Subjects that have the same features (Neumann and Moerkotte, ICDE 2011).

    ``triples`` are pairs of a feature's number and the triples of it that they have together.
    """

    subjects: int
    triples: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class CharacteristicSets:
    """Which features occur together, and where links lead; measured on a sample, of bounded size.

    A subject counts once in every graph it has triples in.

    Attributes
    ----------
    features : tuple of Feature
    rows : tuple of int
        Triples of each feature when this was measured.
    sets : tuple of CharacteristicSet
        The most frequent ones; the last one may be several that are rare, merged.
    links : tuple of (set, feature, set of the objects, triples)
        The last set's number is -1 for objects that are no subjects.
    """

    features: tuple[Feature, ...]
    rows: tuple[int, ...]
    sets: tuple[CharacteristicSet, ...]
    links: tuple[tuple[int, int, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnPlace:
    """Where a lane lies that is a column of an entity table."""

    table: EntityTable
    column: EntityColumn


@dataclass(frozen=True, slots=True)
class LaneTable:
    """All triples of one predicate whose objects are of one kind, outside of entity tables.

    A column of an entity table is a LaneTable, too: its ``place`` says which, and its files,
    those of the table, have the columns of :class:`EntityTable`.

    Columns of the files, by lane (``g`` is the graph's id, NULL = default graph; ``s`` the
    subject's id; ``s_blank`` whether it is a blank node)::

        all        g BIGINT, s BIGINT, s_blank BOOLEAN
        node       o BIGINT, o_blank BOOLEAN
        string     o VARCHAR
        lang       o VARCHAR, lang VARCHAR
        boolean    o BOOLEAN, lex VARCHAR
        integer    o BIGINT, lex VARCHAR
        decimal    o DECIMAL(38, 12), lex VARCHAR
        double     o DOUBLE, lex VARCHAR
        float      o FLOAT, lex VARCHAR
        date       o DATE, lex VARCHAR
        dateTime   o TIMESTAMP, zone SMALLINT, lex VARCHAR
        geometry   geom (GeoParquet V1), lex VARCHAR, xmin, ymin, xmax, ymax FLOAT
        other      o VARCHAR (lexical form), datatype VARCHAR, number DOUBLE, time TIMESTAMP,
                   until TIMESTAMP

    ``lex`` is NULL where the canonical form is the lexical form. ``datatype`` is that of
    geometries, None for ``geo:wktLiteral``: all others always have their ``lex``. ``systems`` are
    the CRSs of geometry literals that lane OTHER has and that can be read. Files written before
    there was ``until`` have neither that nor the ``time`` of periods: ``has_until`` says so.
    """

    predicate: str
    lane: Lane
    files: tuple[LaneFile, ...]
    rows: int
    crs: str | None = None
    has_lexical: bool = False
    has_graphs: bool = False
    distinct_subjects: int | None = None
    distinct_objects: int | None = None
    statistics: LaneStatistics | None = None
    place: ColumnPlace | None = field(default=None, compare=False)
    datatype: str | None = None
    systems: tuple[str, ...] = ()
    has_until: bool = True

    def holds(self, term: Term) -> bool:
        """Whether the lane's geometries, if it is of any, are of the datatype of a term."""
        if self.lane is not Lane.GEOMETRY or not isinstance(term, Literal):
            return True
        return term.datatype == (self.datatype or WKT_LITERAL)


class Snapshot(Protocol):
    """A consistent, read-only view of a store."""

    @property
    def number(self) -> int:
        """Number of the manifest this snapshot is."""

    @property
    def lanes(self) -> tuple[LaneTable, ...]:
        """Every lane of every predicate, columns of entity tables included."""

    @property
    def tables(self) -> tuple[EntityTable, ...]:
        """Every entity table."""

    @property
    def sets(self) -> CharacteristicSets | None:
        """Which predicates occur together, None if that was not measured."""

    @property
    def dictionary(self) -> tuple[Path, ...]:
        """Parquet files (id BIGINT, text VARCHAR, blank BOOLEAN), sorted by id: every node."""

    @property
    def graphs(self) -> tuple[str, ...]:
        """IRIs of the named graphs."""

    @property
    def prefixes(self) -> Mapping[str, str]:
        """Prefixes remembered from loads."""

    def known(self, nodes: Sequence[str]) -> Mapping[str, int]:
        """Ids of those nodes (IRI without <>, or "_:label") that the dictionary holds.

        A node is in the answer only if id *and* text match.
        """

    def rows_of(
        self, files: Iterable[Path], column: str, nodes: Sequence[int]
    ) -> Mapping[Path, npt.NDArray[np.int64]]:
        """Numbers of the rows of files of lanes and tables that may hold one of some nodes.

        They ascend. ``column`` is one of ids, each of ``nodes`` comes once. No row that holds one
        is missing; rarely, one that holds another node is there. A file of which this is not known
        without reading it is not in the answer.
        """

    def check_files(self, lane_files: Iterable[Path], *, dictionary: bool) -> None:
        """Check that files about to be read are those written; StoreError names one that is not."""
