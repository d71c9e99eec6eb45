"""Terms that arrive in Arrow (``TERM_STRUCT`` columns) made into facet columns.

Done over Arrow and not in SQL: the lanes that occur are then known while planning, and a term
from a remote endpoint gets exactly the facets a load would give it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from sqlglot import exp

from ontology import LANE_CODES, Lane, node_ids

from ..values import FACETS, Facet, Value, column_name
from . import sql
from .columns import FACET_ARROW, Columns, literal_columns
from .sql import Sql

_BLANK: Final = 2
_LITERAL: Final = 3
_BOX: Final[tuple[Facet, ...]] = ("xmin", "ymin", "xmax", "ymax")


@dataclass(frozen=True, slots=True)
class PreparedTerms:
    """A table to register with DuckDB, and how its columns are read.

    Attributes
    ----------
    table : pa.Table
        One column a facet of a variable, named by :func:`store.values.column_name`.
    values : mapping of str to Value
        For each variable its facets as expressions over unqualified columns of the table.
    """

    table: pa.Table
    values: Mapping[str, Value]


def prepare_terms(table: pa.Table) -> PreparedTerms:
    """Turn columns of terms into facet columns.

    Parameters
    ----------
    table : pa.Table
        One column of type ``TERM_STRUCT`` a variable; null is unbound.

    Returns
    -------
    PreparedTerms
        With the rows of ``table`` in their order.
    """
    arrays: list[pa.Array] = []
    names: list[str] = []
    values: dict[str, Value] = {}
    for variable in table.column_names:
        columns, lanes = _facets(table.column(variable).combine_chunks())
        for facet in FACETS:
            if facet in columns:
                names.append(column_name(variable, facet))
                arrays.append(columns[facet])
        values[variable] = _value(variable, columns, lanes)
    if not arrays:
        return PreparedTerms(table, values)
    return PreparedTerms(pa.Table.from_arrays(arrays, names=names), values)


def _facets(terms: pa.StructArray) -> tuple[Columns, set[Lane]]:
    kind, value, datatype, lang = (
        pc.struct_field(terms, name) for name in ("kind", "value", "datatype", "lang")
    )
    parts = [
        *_nodes(kind, value),
        *_tagged(kind, value, lang),
        *_literals(kind, value, datatype, lang),
    ]
    merged: Columns = {"tag": pa.nulls(len(terms), pa.uint8())}
    for _, columns in parts:
        for facet, found in columns.items():
            merged[facet] = pc.coalesce(merged[facet], found) if facet in merged else found
    if "geometry" in merged:
        merged |= _boxes(merged["geometry"])
    return merged, {lane for lane, _ in parts}


def _only(mask: pa.Array, values: pa.Array) -> pa.Array:
    return pc.if_else(pc.fill_null(mask, False), values, pa.scalar(None, values.type))


def _occurs(values: pa.Array) -> bool:
    return bool(values.null_count < len(values))


def _nodes(kind: pa.Array, value: pa.Array) -> list[tuple[Lane, Columns]]:
    blank = pc.equal(kind, pa.scalar(_BLANK, pa.int8()))
    labels = pc.binary_join_element_wise("_:", value, "")
    texts = _only(pc.less(kind, _LITERAL), pc.if_else(blank, labels, value))
    if not _occurs(texts):
        return []
    present = pc.is_valid(texts)
    tags = pc.if_else(present, pa.scalar(LANE_CODES[Lane.NODE], pa.uint8()), None)
    ids = _only(present, pa.array(node_ids(texts), pa.int64()))
    return [
        (
            Lane.NODE,
            {"tag": tags, "id": ids, "blank": _only(present, blank), "text": texts},
        )
    ]


def _tagged(kind: pa.Array, value: pa.Array, lang: pa.Array) -> list[tuple[Lane, Columns]]:
    here = pc.and_(pc.equal(kind, _LITERAL), pc.is_valid(lang))
    texts = _only(here, value)
    if not _occurs(texts):
        return []
    tags = _only(here, pa.array([LANE_CODES[Lane.LANG]] * len(texts), pa.uint8()))
    return [(Lane.LANG, {"tag": tags, "text": texts, "lang": _only(here, lang)})]


def _literals(
    kind: pa.Array, value: pa.Array, datatype: pa.Array, lang: pa.Array
) -> list[tuple[Lane, Columns]]:
    plain = pc.and_(pc.equal(kind, _LITERAL), pc.is_null(lang))
    datatypes = _only(plain, datatype)
    found: list[tuple[Lane, Columns]] = []
    for name in pc.unique(pc.drop_null(datatypes)).to_pylist():
        found.extend(literal_columns(_only(pc.equal(datatypes, name), value), name))
    return found


def _boxes(wkb: pa.Array) -> Columns:
    """Boxes of the geometries as FLOATs, rounded outward."""
    bounds = shapely.bounds(shapely.from_wkb(wkb.to_numpy(zero_copy_only=False)))
    return {
        name: pa.array(_outward(bounds[:, at], down=at < 2), pa.float32(), from_pandas=True)
        for at, name in enumerate(_BOX)
    }


def _outward(bounds: npt.NDArray[np.float64], *, down: bool) -> npt.NDArray[np.float32]:
    with np.errstate(over="ignore"):  # infinite is outward enough
        rounded = bounds.astype(np.float32)
    return np.nextafter(rounded, np.float32(-np.inf if down else np.inf))


def _value(variable: str, columns: Columns, lanes: set[Lane]) -> Value:
    read: dict[Facet, Sql] = {}
    for facet in columns:
        name = exp.column(exp.to_identifier(column_name(variable, facet), quoted=True))
        read[facet] = sql.func("ST_GeomFromWKB", name) if facet == "geometry" else name
    crs = columns["crs"] if "crs" in columns else pa.nulls(0, FACET_ARROW["crs"])
    return Value(
        frozenset(lanes),
        read,
        maybe_unbound=bool(columns["tag"].null_count),
        crs=frozenset(pc.unique(pc.drop_null(crs)).to_pylist()),
    )
