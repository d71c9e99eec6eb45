"""From lexical forms to lanes: what a typed lane can hold goes there, the rest to OTHER.

No lexical form is lost: one that is not the canonical form of its value is kept beside it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ontology import (
    ARROW_TYPES,
    GEO,
    GEOMETRY_DATATYPES,
    LANE_DATATYPES,
    NUMBER_LANES,
    WKT_LITERAL,
    CRSError,
    Lane,
    TermColumn,
    keeping_forms,
    keeping_odd,
    parse_geometries,
    read_numbers,
)

from .lexical_sql import (
    CLOCK_FORM,
    DATE_FORM,
    DATE_TIME_SQL,
    DOUBLE_FORM,
    INTEGER_FORM,
    PERIOD,
    PERIOD_START_SQL,
    ZONE_FORM,
)
from .parts import duckdb_crs

_DECIMAL_FORM: Final = r"[+-]?([0-9]+(\.[0-9]{0,12}0*)?|\.[0-9]{1,12}0*)"
_CLOCK: Final = CLOCK_FORM.replace("[0-9]+)?", "[0-9]{1,6}0*)?")


def _matching(form: str, value: str) -> str:
    return f"CASE WHEN regexp_full_match(o, '{form}') THEN {value} END"


_PARSE: Final = MappingProxyType(
    {
        Lane.BOOLEAN: "CASE WHEN o IN ('true', '1') THEN true"
        " WHEN o IN ('false', '0') THEN false END",
        Lane.INTEGER: _matching(INTEGER_FORM, "TRY_CAST(o AS BIGINT)"),
        Lane.DECIMAL: _matching(_DECIMAL_FORM, "TRY_CAST(o AS DECIMAL(38, 12))"),
        Lane.DOUBLE: _matching(DOUBLE_FORM, "TRY_CAST(o AS DOUBLE)"),
        Lane.FLOAT: _matching(DOUBLE_FORM, "TRY_CAST(o AS FLOAT)"),
        Lane.DATE: _matching(DATE_FORM, "CASE WHEN o >= '0001' THEN TRY_CAST(o AS DATE) END"),
        Lane.DATETIME: _matching(
            f"{DATE_FORM}T{_CLOCK}{ZONE_FORM}?",
            f"CASE WHEN o >= '0001' THEN {DATE_TIME_SQL} END",
        ),
    }
)
_TYPED: Final = {LANE_DATATYPES[lane]: lane for lane in _PARSE}
FEW: Final = 64
"""Fewer numbers are read by SQL, so that nothing small waits for a compiler."""

_SHOWN: Final = 80

_local = threading.local()


class LiteralColumns:
    """Sorts literals of one datatype into columns and remarks on what it could not read.

    Attributes
    ----------
    unread : dict of datatype to (count, first reason)
        Geometry literals and periods that are kept as text only.
    """

    def __init__(self) -> None:
        self.unread: dict[str, tuple[int, str]] = {}

    @property
    def remarks(self) -> list[str]:
        """What was kept as text only, and why: one remark a datatype."""
        return [
            f"{count:,} {_kind(datatype, several=count > 1)} kept as text only,"
            f" the first because {reason}"
            for datatype, (count, reason) in self.unread.items()
        ]

    def columns(self, texts: pa.Array, datatype: str, lang: str | None) -> list[TermColumn]:
        """Return columns as long as ``texts``; each row has a value in exactly one of them.

        Parameters
        ----------
        texts : pa.Array of string, without nulls
        datatype : str
            Datatype IRI.
        lang : str, optional
            Tag of language-tagged strings.
        """
        if lang is not None:
            return [TermColumn(Lane.LANG, texts, lang=lang)]
        if datatype == LANE_DATATYPES[Lane.STRING]:
            return [TermColumn(Lane.STRING, texts)]
        if datatype in GEOMETRY_DATATYPES:
            found = list(self._geometries(texts, datatype))
        elif datatype in _TYPED:
            found = list(_values(texts, _TYPED[datatype]))
        else:
            found = []
            if datatype == PERIOD:
                self._check_periods(texts)
        return [*found, *_rest(texts, datatype, found)]

    def _check_periods(self, texts: pa.Array) -> None:
        bad = texts.filter(pc.is_null(_run(PERIOD_START_SQL, texts))).drop_null()
        if len(bad):
            shown = bad[0].as_py()[:_SHOWN]
            reason = f"'{shown}' is not [start, end) with a start before the end"
            self._remark(PERIOD, len(bad), reason)

    def _geometries(self, texts: pa.Array, datatype: str) -> Iterator[TermColumn]:
        parsed = parse_geometries(texts, datatype)
        if parsed.problems:
            self._remark(datatype, len(parsed.problems), parsed.problems[0].reason)
        for crs in pc.unique(parsed.crs).drop_null().to_pylist():
            mask = pc.fill_null(pc.equal(pc.cast(parsed.crs, pa.string()), crs), False)
            try:
                duckdb_crs(crs)
            except CRSError as error:
                self._remark(datatype, pc.sum(mask).as_py(), str(error))
                continue
            wkb = pc.if_else(mask, parsed.wkb, pa.scalar(None, pa.binary()))
            column = TermColumn(Lane.GEOMETRY, wkb, crs=crs)
            if datatype == WKT_LITERAL:
                yield keeping_odd(column, texts, parsed.canonical)
            else:
                kept = pc.if_else(mask, texts, pa.scalar(None, pa.string()))
                yield replace(column, lexical=kept, datatype=datatype)

    def join(self, other: LiteralColumns) -> None:
        """Take over the remarks of another."""
        for datatype, (count, reason) in other.unread.items():
            self._remark(datatype, count, reason)

    def _remark(self, datatype: str, count: int, reason: str) -> None:
        before, first = self.unread.get(datatype, (0, reason))
        self.unread[datatype] = (before + count, first)


def _kind(datatype: str, *, several: bool) -> str:
    """Literals of a datatype that can be unreadable, in words."""
    plural = "s" * several
    if datatype == PERIOD:
        return f"period{plural} (strdf:period)"
    return f"geometry literal{plural} (geo:{datatype.removeprefix(GEO)})"


def _values(texts: pa.Array, lane: Lane) -> Iterator[TermColumn]:
    if lane in NUMBER_LANES and len(texts) >= FEW:
        values, canonical = read_numbers(texts, lane)
        if left := values.null_count:
            mask = pc.is_null(values)
            rest = texts if left == len(texts) else texts.filter(mask)
            values = pc.replace_with_mask(values, mask, _parsed(rest, lane))
        yield keeping_odd(TermColumn(lane, values), texts, canonical)
        return
    values = _parsed(texts, lane)
    if lane is not Lane.DATETIME:
        yield keeping_forms(TermColumn(lane, values), texts)
        return
    zoned = pc.match_substring_regex(texts, f"{ZONE_FORM}$")
    null = pa.scalar(None, values.type)
    for flag, mask in ((True, zoned), (False, pc.invert(zoned))):
        part = TermColumn(lane, pc.if_else(mask, values, null), zoned=flag)
        yield keeping_forms(part, texts)


def _parsed(texts: pa.Array, lane: Lane) -> pa.Array:
    return _run(_PARSE[lane], texts).cast(ARROW_TYPES[lane])


def _rest(texts: pa.Array, datatype: str, found: list[TermColumn]) -> Iterator[TermColumn]:
    held: npt.NDArray[np.bool_] = np.zeros(len(texts), bool)
    for column in found:
        held |= np.asarray(pc.is_valid(column.values))
    if not held.all():
        rest = pc.if_else(pa.array(held), pa.scalar(None, pa.string()), texts)
        yield TermColumn(Lane.OTHER, rest, datatype=datatype)


def _run(expression: str, texts: pa.Array) -> pa.Array:
    if not hasattr(_local, "connection"):
        _local.connection = duckdb.connect(config={"threads": 1})
    relation: Any = _local.connection.from_arrow(pa.table({"o": texts}))
    column = relation.project(f"{expression} AS v").to_arrow_table().column("v")
    return column.combine_chunks()
