"""What an expression is lowered against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..algebra import Exists, Expr
from ..values import Value
from .sql import Sql

Scope = Mapping[str, Value]
ExistsLowering = Callable[[Exists], Sql]


@dataclass(frozen=True, slots=True)
class Context:
    """The variables in scope, and how ``EXISTS`` becomes SQL (given by ``emit``)."""

    scope: Scope
    exists: ExistsLowering | None
    lower: Callable[[Expr, Context], Value]

    def value(self, expr: Expr) -> Value:
        """Lower a sub-expression."""
        return self.lower(expr, self)
