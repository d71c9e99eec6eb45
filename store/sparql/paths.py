"""Property paths (SPARQL 1.1 section 9): syntax, and rewriting into patterns (section 18.2.2.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ontology import IRI, RDF_TYPE

from ..algebra import (
    Bgp,
    Call,
    Closure,
    Const,
    Filter,
    Join,
    Node,
    Plan,
    TriplePattern,
    Union,
    Var,
)
from .expressions import ExpressionParser


@dataclass(frozen=True, slots=True)
class Inverse:
    """``^path``."""

    path: Path


@dataclass(frozen=True, slots=True)
class Sequence:
    """``first / second``."""

    first: Path
    second: Path


@dataclass(frozen=True, slots=True)
class Alternative:
    """``left | right``."""

    left: Path
    right: Path


@dataclass(frozen=True, slots=True)
class Repeat:
    """``path?``, ``path*``, ``path+``."""

    path: Path
    sign: Literal["?", "*", "+"]


@dataclass(frozen=True, slots=True)
class Negated:
    """``!(a | ^b)``."""

    forward: tuple[IRI, ...]
    backward: tuple[IRI, ...]


Path = IRI | Inverse | Sequence | Alternative | Repeat | Negated


class PathParser(ExpressionParser):
    """Adds property paths."""

    def path(self) -> Path:
        """Take a path; a plain predicate is its IRI."""
        left = self._sequence()
        while self.accept_op("|"):
            left = Alternative(left, self._sequence())
        return left

    def _sequence(self) -> Path:
        left = self._inverse()
        while self.accept_op("/"):
            left = Sequence(left, self._inverse())
        return left

    def _inverse(self) -> Path:
        return Inverse(self._repeated()) if self.accept_op("^") else self._repeated()

    def _repeated(self) -> Path:
        primary = self._path_primary()
        if self.is_op("?", "*", "+"):
            sign = self.take().text
            return Repeat(primary, "?" if sign == "?" else "*" if sign == "*" else "+")
        return primary

    def _path_primary(self) -> Path:
        if self.accept_op("("):
            inner = self.path()
            self.expect_op(")")
            return inner
        if self.accept_op("!"):
            return self._negated()
        return self._predicate()

    def _predicate(self) -> IRI:
        if self.token.kind == "word" and self.token.text == "a":
            self.take()
            return IRI(RDF_TYPE)
        if not self.at_iri():
            raise self.error("a predicate")
        return self.iri()

    def _negated(self) -> Negated:
        sides: dict[bool, list[IRI]] = {False: [], True: []}
        if not self.accept_op("("):
            sides[self.accept_op("^")].append(self._predicate())
        elif not self.accept_op(")"):
            sides[self.accept_op("^")].append(self._predicate())
            while self.accept_op("|"):
                sides[self.accept_op("^")].append(self._predicate())
            self.expect_op(")")
        return Negated(tuple(sides[False]), tuple(sides[True]))

    def path_plan(self, subject: Node, path: Path, obj: Node) -> Plan:
        """Return the patterns a path between two ends stands for."""
        match path:
            case IRI():
                return Bgp((TriplePattern(subject, path, obj),))
            case Inverse(inner):
                return self.path_plan(obj, inner, subject)
            case Sequence(first, second):
                middle = Var(self.fresh("p"))
                return join(
                    self.path_plan(subject, first, middle), self.path_plan(middle, second, obj)
                )
            case Alternative(left, right):
                return Union(
                    self.path_plan(subject, left, obj), self.path_plan(subject, right, obj)
                )
            case Repeat(inner, sign):
                start, end = Var(self.fresh("p")), Var(self.fresh("p"))
                step = self.path_plan(start, inner, end)
                return Closure(subject, obj, step, start.name, end.name, sign)
            case Negated(forward, backward):
                return self._negated_plan(subject, forward, backward, obj)

    def _negated_plan(
        self, subject: Node, forward: tuple[IRI, ...], backward: tuple[IRI, ...], obj: Node
    ) -> Plan:
        there = self._other_predicate(subject, forward, obj)
        if not backward:
            return there
        back = self._other_predicate(obj, backward, subject)
        return Union(there, back) if forward else back

    def _other_predicate(self, subject: Node, names: tuple[IRI, ...], obj: Node) -> Plan:
        predicate = Var(self.fresh("p"))
        scan = Bgp((TriplePattern(subject, predicate, obj),))
        if not names:
            return scan
        return Filter(Call("not in", (predicate, *(Const(name) for name in names))), scan)


def join(left: Plan, right: Plan) -> Plan:
    """Join two patterns; adjacent basic graph patterns of one graph become one."""
    match left, right:
        case Bgp(first, graph), Bgp(second, other) if graph == other:
            return Bgp(first + second, graph)
        case Join(before, Bgp(first, graph)), Bgp(second, other) if graph == other:
            return Join(before, Bgp(first + second, graph))
    return Join(left, right)
