"""Which row groups the statistics of a Parquet file rule out."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from ontology import StoreError

ROW_NUMBER: Final = "file_row_number"
"""What the engine calls the places of rows in a file."""

_TYPES: Final[Mapping[str, pa.DataType]] = {
    "BIGINT": pa.int64(),
    "BOOLEAN": pa.bool_(),
    "DECIMAL(38, 12)": pa.decimal128(38, 12),
    "DOUBLE": pa.float64(),
    "TEXT": pa.string(),
    "TIMESTAMP": pa.timestamp("us"),
}
_RULES: Final[Mapping[str, Callable[[Any, Any, Any], bool]]] = {
    "=": lambda low, high, value: low <= value <= high,
    "<": lambda low, _, value: operator.lt(low, value),
    "<=": lambda low, _, value: operator.le(low, value),
    ">": lambda _, high, value: operator.gt(high, value),
    ">=": lambda _, high, value: operator.ge(high, value),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on one stored column: compared with a constant, one of some, or NULL.

    ``op`` is one of ``= < <= > >= in null``; ``values`` are the constants. ``cast`` is the type
    the column is cast to before, in SQL: only if it is the column's own does the condition count.
    """

    column: str
    op: str
    values: tuple[Any, ...] = ()
    cast: str | None = None


@dataclass(frozen=True, slots=True)
class Groups:
    """Row groups of some files: how many are needed of how many, with their rows and bytes."""

    needed: int = 0
    held: int = 0
    rows: int = 0
    bytes: int = 0

    def __add__(self, other: Groups) -> Groups:
        return Groups(
            self.needed + other.needed,
            self.held + other.held,
            self.rows + other.rows,
            self.bytes + other.bytes,
        )


@lru_cache(maxsize=4096)
def metadata(path: Path) -> pq.FileMetaData:
    """The footer of an immutable Parquet file.

    Raises
    ------
    StoreError
        If the file is missing or damaged.
    """
    try:
        return pq.read_metadata(path)
    except (OSError, pa.ArrowException) as error:
        raise StoreError(
            "A file of the store is missing or damaged",
            where=str(path),
            why=str(error),
            remedy="run `geoloom verify` and restore the file from a copy, or load again",
        ) from error


def needed_groups(path: Path, conditions: Sequence[Condition], columns: frozenset[str]) -> Groups:
    """Row groups of a file that may hold rows for which all conditions are true."""
    footer = metadata(path)
    found = Groups(held=footer.num_row_groups)
    schema = footer.schema.to_arrow_schema()
    conditions = [condition for condition in conditions if _native(schema, condition)]
    first = 0
    for number in range(footer.num_row_groups):
        group = footer.row_group(number)
        chunks = {group.column(k).path_in_schema: group.column(k) for k in range(group.num_columns)}
        last = first + group.num_rows - 1
        held = _has_rows(conditions, first, last)
        first = last + 1
        if held and all(_may_hold(chunks, condition) for condition in conditions):
            sizes = (c.total_compressed_size for name, c in chunks.items() if name in columns)
            found += Groups(1, 0, group.num_rows, sum(sizes))
    return found


def _has_rows(conditions: Sequence[Condition], first: int, last: int) -> bool:
    """Whether some rows asked for by their number lie in a row group."""
    return all(
        any(_RULES["=" if one.op == "in" else one.op](first, last, value) for value in one.values)
        for one in conditions
        if one.column == ROW_NUMBER
    )


def _native(schema: pa.Schema, condition: Condition) -> bool:
    if condition.column == ROW_NUMBER:
        return True
    if condition.column not in schema.names:
        return False
    own = schema.field(condition.column).type
    return condition.cast is None or _TYPES.get(condition.cast) == own


def _may_hold(chunks: Mapping[str, Any], condition: Condition) -> bool:
    chunk = chunks.get(condition.column)
    held = None if chunk is None else chunk.statistics
    if held is None:
        return True
    if condition.op == "null":
        return not held.has_null_count or held.null_count > 0
    if not held.has_min_max:
        return True
    tests = ("=",) if condition.op == "in" else (condition.op,)
    return any(
        _possible(_RULES[op], held.min, held.max, value)
        for op in tests
        for value in condition.values
    )


def _possible(rule: Callable[[Any, Any, Any], bool], low: Any, high: Any, value: Any) -> bool:
    """Apply a rule; values that do not compare rule nothing out."""
    try:
        low, high, value = (_comparable(one) for one in (low, high, value))
        return rule(low, high, value)
    except TypeError:
        return True


def _comparable(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    return float(value) if isinstance(value, Decimal) else value
