"""What tables made of plain RDF are called: after the class of most of their subjects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import duckdb

from ontology import GEO, PREFIXES, RDF_TYPE, Lane

from .characteristic_sets import ASSIGNED, Assignment
from .column_keys import ColumnKey

UNNAMED: Final = "rdf"

_GENERAL: Final = frozenset(
    {
        GEO + "Feature",
        GEO + "Geometry",
        PREFIXES["owl"] + "Thing",
        PREFIXES["owl"] + "NamedIndividual",
        PREFIXES["rdfs"] + "Resource",
    }
)
"""Classes that say little; another one of the same subjects names the table."""


def themes(con: duckdb.DuckDBPyConnection, assignment: Assignment) -> dict[int, str]:
    """A name for each table of an assignment."""
    found: dict[int, str] = {}
    for source in assignment.sources:
        if source.key.predicate == RDF_TYPE and source.key.lane is Lane.NODE:
            rows = con.execute(
                f"WITH c AS (SELECT t, o, count(*) AS n FROM {source.view} r JOIN {ASSIGNED} a"
                " ON r.s = a.s AND r.g IS NOT DISTINCT FROM a.g GROUP BY t, o)"
                " SELECT t, text FROM c JOIN named_terms ON id = o"
                " ORDER BY text IN (SELECT unnest($general)), n DESC, text",
                {"general": sorted(_GENERAL)},
            ).fetchall()
            for table, name in rows:
                found.setdefault(table, name)
    return {
        table: found.get(table) or _by_predicate(assignment.tables[table])
        for table in assignment.roots
    }


def _by_predicate(columns: Iterable[ColumnKey]) -> str:
    return next((key.predicate for key in columns if key.predicate != RDF_TYPE), UNNAMED)
