"""SQL text of a tree: sqlglot's DuckDB generator, quicker where most nodes are.

Columns, quoted names and plain types are nine tenths of what is emitted here; each is written the
way the generator it stands in for writes it (a test holds them together).
"""

from __future__ import annotations

from typing import Any, Final

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.generators.duckdb import DuckDBGenerator

_DIALECT: Final = DuckDB()
_PARTS: Final = ("expressions", "values", "kind", "nested")
_TYPES: Final[dict[exp.DType, str]] = {}


class _Writer(DuckDBGenerator):
    """The generator, for trees made by :mod:`store.emit` and :mod:`store.lower` alone."""

    def identifier_sql(self, expression: exp.Identifier) -> str:
        if not expression.args.get("quoted"):
            return str(super().identifier_sql(expression))
        return _quoted(expression.args["this"])

    def column_sql(self, expression: exp.Column) -> str:
        args = expression.args
        name, origin = args["this"], args.get("table")
        if not isinstance(name, exp.Identifier) or len(args) > 2:
            return str(super().column_sql(expression))
        own = self.identifier_sql(name)
        return own if origin is None else f"{self.identifier_sql(origin)}.{own}"

    def datatype_sql(self, expression: exp.DataType) -> str:
        kind, more = expression.args["this"], (expression.args.get(part) for part in _PARTS)
        if any(more):
            return str(super().datatype_sql(expression))
        if kind not in _TYPES:
            _TYPES[kind] = str(super().datatype_sql(expression))
        return _TYPES[kind]

    def cast_sql(self, expression: exp.Cast, safe_prefix: str | None = None) -> str:
        if len(expression.args) > 2:
            return str(super().cast_sql(expression, safe_prefix=safe_prefix))
        this, to = (self.sql(expression.args[part]) for part in ("this", "to"))
        return f"{safe_prefix or ''}CAST({this} AS {to})"

    def alias_sql(self, expression: exp.Alias) -> str:
        this, alias = (self.sql(expression.args[part]) for part in ("this", "alias"))
        return f"{this} AS {alias}"


def _quoted(name: Any) -> str:
    return '"' + str(name).replace('"', '""') + '"'


def written(tree: exp.Expr) -> str:
    """SQL of a tree; it must not be used again."""
    return str(_Writer(dialect=_DIALECT, comments=False).generate(tree, copy=False))
