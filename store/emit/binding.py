"""The nodes of triple patterns bound to stored values, or tested against them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ontology import IRI, BlankNode, Lane, Literal

from ..algebra import Node, Var
from ..lower import constant, sql
from ..values import FACET_TYPES, Value
from .keys import same_term
from .relation import Sql
from .target import Target


@dataclass(slots=True)
class Bindings:
    """What the patterns of one scan bind and test.

    Attributes
    ----------
    values : dict of variable to Value
    tests : list of SQL
    possible : bool
        False where nothing can match: a constant is not in the store.
    """

    target: Target
    values: dict[str, Value] = field(default_factory=dict)
    tests: list[Sql] = field(default_factory=list)
    possible: bool = True

    def take(self, node: Node, value: Value, *, tested: bool = True) -> None:
        """Bind a variable, or test that the value is a constant unless that is known already."""
        match node:
            case Var(name) if name in self.values:
                self._equal(self.values[name], value)
            case Var(name):
                self.values[name] = value
            case IRI() | BlankNode() | Literal():
                test = self._is(node, value)
                if tested:
                    self.tests.append(test)

    def take_any(self, node: IRI | BlankNode | Literal, values: Sequence[Value]) -> None:
        """Test that one of the values is a constant."""
        self.tests.append(sql.any_of([self._is(node, value) for value in values]))

    def _is(self, node: IRI | BlankNode | Literal, value: Value) -> Sql:
        if isinstance(node, Literal):
            return same_term(value, constant(node))
        known = self.target.id_of(node)
        self.possible = self.possible and known is not None
        return sql.boolean(False) if known is None else same_id(value, known)

    def _equal(self, held: Value, value: Value) -> None:
        if held.lanes.isdisjoint(value.lanes):
            self.possible = False
        else:
            self.tests.append(same_term(held, value))

    def lacking_text(self) -> set[str]:
        """Variables whose nodes have no text yet."""
        return {n for n, v in self.values.items() if Lane.NODE in v.lanes and not v.has("text")}


def same_id(value: Value, known: int) -> Sql:
    """SQL: the value is the node of an id."""
    return sql.binary("=", value.get("id"), id_sql(known))


def id_sql(number: int) -> Sql:
    """The id of a node as a constant."""
    return sql.cast(sql.number(number), FACET_TYPES["id"])
