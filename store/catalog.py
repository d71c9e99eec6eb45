"""What the planner knows of a snapshot: which files hold which triples.

The storage side implements :class:`Snapshot`; the query side reads nothing else of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ontology import Lane


@dataclass(frozen=True, slots=True)
class LaneFile:
    """One immutable Parquet file of a lane.

    ``box`` is (xmin, ymin, xmax, ymax) in the lane's CRS, for GEOMETRY lanes.
    """

    path: Path
    rows: int
    box: tuple[float, float, float, float] | None = None


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


@dataclass(frozen=True, slots=True)
class LaneTable:
    """All triples of one predicate whose objects are of one kind.

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
        other      o VARCHAR (lexical form), datatype VARCHAR, number DOUBLE, time TIMESTAMP

    ``lex`` is NULL where the canonical form is the lexical form.
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


class Snapshot(Protocol):
    """A consistent, read-only view of a store."""

    @property
    def number(self) -> int:
        """Number of the manifest this snapshot is."""

    @property
    def lanes(self) -> tuple[LaneTable, ...]:
        """Every lane of every predicate."""

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

    def check_files(self, lane_files: Iterable[Path], *, dictionary: bool) -> None:
        """Check that files about to be read are those written; StoreError names one that is not."""
