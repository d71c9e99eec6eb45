"""Functions DuckDB lacks, written over Arrow columns; a row that fails is NULL."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, wraps
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from duckdb.func import FunctionNullHandling, PythonUDFType
from sqlglot import exp

from ontology import UnsupportedError, node_ids

from ..iris import resolve_iri
from .geometry.collected import COLLECTED_COLUMNS
from .geometry.columns import GEOMETRY_COLUMNS
from .geometry.giants import GIANT_COLUMNS
from .geometry.nearness import NEARNESS_COLUMNS
from .geometry.shaping import SHAPING_COLUMNS
from .geometry.texts import GEOMETRY_TEXTS
from .regex import checked, replacement

ArrowFunction = Callable[..., pa.Array]


def _array(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _node_id(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    nodes = _array(texts)
    return pa.array(
        node_ids(nodes), pa.int64(), mask=pc.is_null(nodes).to_numpy(zero_copy_only=False)
    )


def _digest(name: str) -> ArrowFunction:
    def digest(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
        make = getattr(hashlib, name)
        plain = _array(texts).to_pylist()
        return pa.array(
            [None if t is None else make(t.encode()).hexdigest() for t in plain], pa.string()
        )

    return digest


def _rowwise(make: Callable[..., str | None], *columns: pa.Array | pa.ChunkedArray) -> pa.Array:
    """A function of texts, called once for the same ones; NULL where one of them is NULL."""
    known: dict[tuple[str | None, ...], str | None] = {}
    rows = list(zip(*(_array(column).to_pylist() for column in columns), strict=True))
    for row in rows:
        if row not in known:
            known[row] = None if None in row else make(*row)
    return pa.array([known[row] for row in rows], pa.string())


def _regex(patterns: pa.Array | pa.ChunkedArray, flags: pa.Array | pa.ChunkedArray) -> pa.Array:
    return _rowwise(_checked, patterns, flags)


def _upper(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    return _rowwise(str.upper, texts)


def _lower(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    return _rowwise(str.lower, texts)


def _checked(pattern: str, flags: str) -> str | None:
    """A pattern met while running: one that RE2 cannot do is an error like one that is wrong."""
    try:
        return checked(pattern, flags)
    except UnsupportedError:
        return None


def _resolved(
    references: pa.Array | pa.ChunkedArray, bases: pa.Array | pa.ChunkedArray
) -> pa.Array:
    return _rowwise(resolve_iri, references, bases)


def _replacement(
    patterns: pa.Array | pa.ChunkedArray,
    texts: pa.Array | pa.ChunkedArray,
    flags: pa.Array | pa.ChunkedArray,
) -> pa.Array:
    return _rowwise(replacement, patterns, texts, flags)


FUNCTIONS: Final[dict[str, tuple[ArrowFunction, list[str], str]]] = {
    "gl_node_id": (_node_id, ["VARCHAR"], "BIGINT"),
    "gl_sha384": (_digest("sha384"), ["VARCHAR"], "VARCHAR"),
    "gl_sha512": (_digest("sha512"), ["VARCHAR"], "VARCHAR"),
    "gl_upper": (_upper, ["VARCHAR"], "VARCHAR"),
    "gl_lower": (_lower, ["VARCHAR"], "VARCHAR"),
    "gl_resolve": (_resolved, ["VARCHAR", "VARCHAR"], "VARCHAR"),
    "gl_regex": (_regex, ["VARCHAR", "VARCHAR"], "VARCHAR"),
    "gl_replacement": (_replacement, ["VARCHAR", "VARCHAR", "VARCHAR"], "VARCHAR"),
    **GEOMETRY_TEXTS,
    **GEOMETRY_COLUMNS,
    **NEARNESS_COLUMNS,
    **GIANT_COLUMNS,
    **SHAPING_COLUMNS,
    **COLLECTED_COLUMNS,
}


def in_python(node: exp.Expression) -> bool:
    """Whether SQL calls a function written in Python."""
    return any(call.name.lower() in FUNCTIONS for call in node.find_all(exp.Anonymous))


_COPIED: Final = {"VARCHAR": "''", "BLOB": "''::BLOB"}
"""Results that are copied, by joining nothing to them.

DuckDB 1.5 reads the texts of an Arrow function in place, and its COALESCE lets go of them too soon:
answers then held whatever came to lie there.
"""


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="geoloom-function")


def _in_own_thread(function: ArrowFunction) -> ArrowFunction:
    """The function, run in a thread of Python's.

    In a thread of DuckDB's every call has new thread-local data, which die with the call. pyproj
    keeps PROJ's context there and frees it before what was made in it: the process is killed.
    """

    @wraps(function)
    def run(*columns: Any) -> pa.Array:
        return _threads().submit(function, *columns).result()

    return run


def register(connection: duckdb.DuckDBPyConnection) -> None:
    """Register the functions lowered SQL may call; needed once a connection.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        With the spatial extension loaded and ``geometry_always_xy`` set. Cursors share them.
    """
    for name, (function, parameters, result) in FUNCTIONS.items():
        copied = result in _COPIED
        connection.create_function(
            f"{name}_lent" if copied else name,
            _in_own_thread(function),
            list(parameters),
            result,
            type=PythonUDFType.ARROW,
            null_handling=FunctionNullHandling.SPECIAL,
        )
        if copied:
            names = ", ".join(f"p{number}" for number, _ in enumerate(parameters))
            connection.execute(
                f"CREATE OR REPLACE MACRO {name}({names}) AS"
                f" {name}_lent({names}) || {_COPIED[result]}"
            )
