"""Relations that come from the query itself: VALUES and tables of terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pyarrow as pa
from sqlglot import exp

from ontology import IRI, BlankNode, Lane, Term, UnsupportedError

from ..algebra import TermTable, Values
from ..lower import constant, prepare_terms, sql
from ..values import FACETS, TERM_STRUCT, Facet, Value, column_name, null
from .context import Context
from .relation import Body, Relation, empty, make, outputs, select, table, unit

_WRITTEN_OUT: Final = 200
"""Rows of VALUES that stand in the SQL; more go through Arrow, which costs less a row."""

_DATATYPES: Final = 100


def inline(context: Context, node: Values) -> Relation:
    """VALUES: each row's constants, as facets.

    Raises
    ------
    UnsupportedError
        More than 200 rows with more than 100 datatypes.
    """
    if not node.rows:
        return empty()
    if len(node.rows) > _WRITTEN_OUT and node.variables:
        return term_table(context, _in_arrow(node))
    columns = list(zip(*node.rows, strict=True)) if node.variables else []
    shape = {
        name: _column(terms)
        for name, terms in zip(node.variables, columns, strict=True)
        if any(term is not None for term in terms)
    }
    if not shape:
        return _repeated(context, len(node.rows))
    rows = [_row(node.variables, row, shape) for row in node.rows]
    alias = context.alias()
    names = [
        exp.to_identifier(column_name(name, facet), quoted=True)
        for name, value in shape.items()
        for facet in value.facets
    ]
    origin = exp.Values(
        expressions=rows,
        alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True), columns=names),
    )
    relation = make(shape, exp.Select())
    values = relation.read(alias)
    return make(values, Body(origin))


def _in_arrow(node: Values) -> TermTable:
    datatypes = {
        term.datatype
        for row in node.rows
        for term in row
        if not (term is None or isinstance(term, IRI | BlankNode))
    }
    if len(datatypes) > _DATATYPES:
        raise UnsupportedError(
            "VALUES has literals of too many datatypes",
            why=f"{len(datatypes)}, the limit is {_DATATYPES}",
            remedy="load the data, or split the query",
        )
    columns = zip(*node.rows, strict=True)
    arrays = [pa.array(map(_fields, terms), TERM_STRUCT) for terms in columns]
    return TermTable(node.variables, pa.table(arrays, names=list(node.variables)))


def _fields(term: Term | None) -> tuple[int, str, str | None, str | None] | None:
    match term:
        case None:
            return None
        case IRI(value):
            return (1, value, None, None)
        case BlankNode(label):
            return (2, label, None, None)
        case literal:
            return (3, literal.lexical, literal.datatype, literal.lang)


def _repeated(context: Context, count: int) -> Relation:
    if count == 1:
        return unit()
    origin = table(sql.func("range", sql.number(count)), context.alias())
    return Relation(select(outputs({}), origin), {})


def _column(terms: Sequence[Term | None]) -> Value:
    found = [constant(term) for term in terms if term is not None]
    present = {facet for value in found for facet in value.facets}
    crs: frozenset[str] = frozenset().union(*(value.crs for value in found))
    return Value(
        frozenset[Lane]().union(*(value.lanes for value in found)),
        {facet: null(facet) for facet in FACETS if facet in present},
        len(found) < len(terms),
        crs,
        any(value.maybe_nan for value in found),
    )


def _row(
    variables: Sequence[str], terms: Sequence[Term | None], shape: dict[str, Value]
) -> exp.Tuple:
    cells: list[exp.Expression] = []
    for name, term in zip(variables, terms, strict=True):
        if name not in shape:
            continue
        value = None if term is None else constant(term)
        cells += [_cell(value, facet) for facet in shape[name].facets]
    return exp.Tuple(expressions=cells)


def _cell(value: Value | None, facet: Facet) -> exp.Expression:
    return sql.own(null(facet) if value is None else value.get(facet))


def term_table(context: Context, node: TermTable) -> Relation:
    """Solutions that already lie in Arrow."""
    held = [name for name in node.variables if name in node.table.column_names]
    if not node.table.num_rows:
        return empty()
    if not held:
        return _repeated(context, node.table.num_rows)
    prepared = prepare_terms(node.table.select(held))
    name = f"terms_{context.alias()}"
    context.notes.tables[name] = prepared.table
    alias = context.alias()
    values = {
        variable: _read_from(value, alias)
        for variable, value in prepared.values.items()
        if value.lanes
    }
    return make(values, Body(table(exp.to_identifier(name, quoted=True), alias)))


def _read_from(value: Value, alias: str) -> Value:
    """The value, its columns read from a table by name: others may have columns called so too."""
    name = exp.to_identifier(alias, quoted=True)
    facets = {facet: node.copy() for facet, node in value.facets.items()}
    for node in facets.values():
        for column in node.find_all(exp.Column):
            column.set("table", name.copy())
    return replace(value, facets=facets)
