"""The contract between producers of triples (mapper, interlink) and sinks (store, text).

Data moves as column batches: one :class:`EntityBatch` is one Arrow row per entity with a
column per predicate. Nothing is serialised to text on the way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Protocol, Self, runtime_checkable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .errors import GeoloomError
from .lanes import Lane
from .namespaces import WKT_LITERAL
from .serialisations import GEOMETRY_DATATYPES

ARROW_TYPES: Final[dict[Lane, pa.DataType]] = {
    Lane.NODE: pa.string(),  # IRI without <>, or "_:label" for a blank node
    Lane.STRING: pa.string(),
    Lane.BOOLEAN: pa.bool_(),
    Lane.INTEGER: pa.int64(),
    Lane.DECIMAL: pa.decimal128(38, 12),
    Lane.DOUBLE: pa.float64(),
    Lane.FLOAT: pa.float32(),
    Lane.DATE: pa.date32(),
    Lane.DATETIME: pa.timestamp("us"),  # UTC when ``zoned``, else local time without zone
    Lane.LANG: pa.string(),
    Lane.GEOMETRY: pa.binary(),  # WKB, x = easting or longitude whatever the CRS says
    Lane.OTHER: pa.string(),  # lexical form
}


@dataclass(frozen=True, slots=True)
class TermColumn:
    """One column of RDF terms of one lane; a null is "no triple for this row".

    Attributes
    ----------
    lane : Lane
    values : pa.Array
        Of type ``ARROW_TYPES[lane]``.
    lexical : pa.Array, optional
        Strings, not null where the lexical form differs from the canonical one
        (shortest round-trip number, ``true``/``false``, ISO date, our WKT).
    lang : str, optional
        Language tag, for LANG.
    datatype : str, optional
        Datatype IRI, for OTHER; for GEOMETRY where it is not ``geo:wktLiteral`` (which becomes
        None).
    crs : str, optional
        CRS IRI, for GEOMETRY; coordinates in ``values`` stay easting/longitude first.
    zoned : bool
        For DATETIME: the values are UTC and are written with ``Z``.
    """

    lane: Lane
    values: pa.Array
    lexical: pa.Array | None = None
    lang: str | None = None
    datatype: str | None = None
    crs: str | None = None
    zoned: bool = False

    def __post_init__(self) -> None:
        expected = ARROW_TYPES[self.lane]
        if self.values.type != expected:
            raise GeoloomError(
                f"A {self.lane} column must be of Arrow type {expected}",
                why=f"it is {self.values.type}",
            )
        for lane, name in ((Lane.LANG, "lang"), (Lane.OTHER, "datatype"), (Lane.GEOMETRY, "crs")):
            if self.lane is lane and getattr(self, name) is None:
                raise GeoloomError(f"A {lane} column needs its {name}")
        if self.lane is Lane.GEOMETRY and self.datatype is not None:
            self._check_serialisation(self.datatype)
        if self.lexical is not None and len(self.lexical) != len(self.values):
            raise GeoloomError("lexical and values must have the same length")

    def _check_serialisation(self, datatype: str) -> None:
        if datatype not in GEOMETRY_DATATYPES:
            raise GeoloomError(
                "A geometry column must be of a datatype of geometry literals",
                why=f"it is {datatype}",
                remedy="one of " + ", ".join(GEOMETRY_DATATYPES),
            )
        if datatype == WKT_LITERAL:
            object.__setattr__(self, "datatype", None)

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, slots=True)
class Property:
    """A predicate and its objects, one per row; repeat the predicate for more values a row."""

    predicate: str
    objects: TermColumn


@dataclass(frozen=True, slots=True)
class EntityBatch:
    """Rows that describe entities.

    Attributes
    ----------
    subjects : pa.Array
        Strings like a NODE column; a null subject yields nothing for its row.
    properties : tuple of Property
    graph : str, optional
        Graph IRI; None is the default graph.
    theme : str
        Name of the layer the rows belong to (becomes the entity table's name).
    rows : ndarray of int64, optional
        Which row of the source's batch each row was made from; None: they are those rows.
    """

    subjects: pa.Array
    properties: tuple[Property, ...]
    graph: str | None = None
    theme: str = "rdf"
    rows: npt.NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        for prop in self.properties:
            if len(prop.objects) != len(self.subjects):
                raise GeoloomError(
                    "Every property of a batch needs one object a row",
                    where=prop.predicate,
                    why=f"{len(prop.objects)} objects for {len(self.subjects)} subjects",
                )

    @property
    def triples(self) -> int:
        """Triples that the rows say."""
        columns = [prop.objects.values for prop in self.properties]
        if self.subjects.null_count == 0:
            return sum(len(column) - column.null_count for column in columns)
        there = pc.is_valid(self.subjects)
        return sum(pc.sum(pc.and_(there, pc.is_valid(column))).as_py() or 0 for column in columns)


@dataclass(frozen=True, slots=True)
class SinkReport:
    """What a sink did: triples offered, new to it, taken back, and remarks for the user."""

    offered: int
    written: int
    remarks: tuple[str, ...] = field(default=())
    removed: int = 0


@runtime_checkable
class Sink(Protocol):
    """Where triples go. All or nothing: leaving the ``with`` block by an error aborts."""

    def write(self, batch: EntityBatch) -> None:
        """Take one batch; nothing is visible to readers yet."""

    def commit(self) -> SinkReport:
        """Make everything written visible at once and report."""

    def abort(self) -> None:
        """Forget everything written since the last commit."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
