"""Which literal stands for a spatial object: its own, or that of its default geometry.

A geometry is what has a serialisation; a feature stands for its default geometry; a literal
stands for itself (GeoSPARQL 1.1, sections 6.3, 8.4 and 12).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import chain, combinations
from typing import Final

from ontology import GEOMETRY_DATATYPES, IRI, RDF_TYPE, Lane, Literal, Term

from ..algebra import (
    Bgp,
    Const,
    Exists,
    Expr,
    Extend,
    Filter,
    GraphName,
    Node,
    Plan,
    Project,
    TriplePattern,
    Union,
    Values,
    Var,
)
from ..conditions import conjunction
from .core import Core, Names
from .facts import Facts

_CONSTANTS: Final = 64
"""Literals of a constant node that are written into the plan."""

_NODE: Final = Var("node")


@dataclass(frozen=True, slots=True)
class Role:
    """One way from a node to a literal.

    ``properties`` lead there, none for a literal itself. A node with one of ``absent`` goes
    another way, and so does the object of a link whose subject has the property: ``unless`` are
    such pairs.
    """

    properties: tuple[str, ...]
    absent: tuple[str, ...] = ()
    unless: tuple[tuple[str, str], ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether every node with the properties goes this way."""
        return not self.absent and not self.unless

    def patterns(self, node: Node, literal: Var, names: Names) -> tuple[TriplePattern, ...]:
        """Triples from the node to the literal."""
        made: list[TriplePattern] = []
        for left, name in zip(range(len(self.properties), 0, -1), self.properties, strict=True):
            further = literal if left == 1 else names.fresh()
            made.append(TriplePattern(node, IRI(name), further))
            node = further
        return tuple(made)

    def plan(
        self,
        node: Node,
        literal: Var,
        around: Sequence[TriplePattern],
        graph: GraphName,
        names: Names,
    ) -> Plan:
        """Solutions of patterns around a node with the literal."""
        patterns = (*around, *self.patterns(node, literal, names))
        made: Plan = Bgp(patterns, graph)
        if not self.properties and isinstance(node, Var):
            made = Extend(literal.name, node, made)
        others: list[tuple[TriplePattern, ...]] = [
            (TriplePattern(node, IRI(name), names.fresh()),) for name in self.absent
        ]
        others += [_held_above(node, *pair, names) for pair in self.unless]
        tests = [Exists(Bgp(other, graph), negated=True) for other in others]
        return Filter(conjunction(tests), made) if tests else made


def _held_above(node: Node, link: str, name: str, names: Names) -> tuple[TriplePattern, ...]:
    feature = names.fresh()
    return (
        TriplePattern(feature, IRI(link), node),
        TriplePattern(feature, IRI(name), names.fresh()),
    )


_ITSELF: Final = Role(())


class Locator:
    """Finds the literals of spatial objects in one graph.

    Parameters
    ----------
    facts : Facts
    graph : Var, IRI or None
    names : Names
    entailed : bool
        Whether properties that the data states below ``geo:hasGeometry`` lead to geometries, too.
    given : mapping of variable to terms
        All that variables may be that constants beside the pattern bind.
    """

    def __init__(
        self,
        facts: Facts,
        graph: GraphName,
        names: Names,
        *,
        entailed: bool = False,
        given: Mapping[str, Sequence[Term]] | None = None,
    ) -> None:
        self._facts, self._graph, self._names = facts, graph, names
        self._entailed, self._given = entailed, given or {}

    def located(
        self, core: Core, node: Node, roles: Sequence[Role] | None = None
    ) -> tuple[Core, Expr] | None:
        """The core with what leads from a node to its literal, and that literal.

        None if the node has none in this graph. ``roles`` are the ways that count; without them
        all do, and a literal stands for itself.
        """
        known = next((expr for held, expr in core.places if held == node), None)
        if known is not None and roles is None:
            return core, known
        match node:
            case Literal(_, datatype):
                own = roles is None and datatype in GEOMETRY_DATATYPES
                return (core, Const(node)) if own else None
            case IRI() if not isinstance(self._graph, Var):
                return self._constant(core, node, self.roles() if roles is None else roles)
            case Var(name) if roles is None and name in self._given:
                return self._one_of(core, node, self._given[name])
        return self._joined(core, node, roles)

    def _one_of(self, core: Core, node: Var, terms: Sequence[Term]) -> tuple[Core, Expr] | None:
        """The literal of a variable that is one of some constants."""
        own = [one for one in terms if isinstance(one, Literal)]
        own = [one for one in own if one.datatype in GEOMETRY_DATATYPES]
        nodes = any(not isinstance(one, Literal) for one in terms)
        if not own:
            return self._joined(core, node, None) if nodes else None
        values = Values((node.name,), tuple((one,) for one in own))
        if not nodes:
            made = replace(core, leaves=(*core.leaves, values))
            return made, Const(own[0]) if len(own) == 1 else node
        literal = self._names.fresh()
        found = self._joined(Core(()), node, None)
        if found is None:
            return replace(core, leaves=(*core.leaves, values)), node
        placed = Extend(literal.name, found[1], found[0].plan(self._graph))
        leaf = Union(placed, Extend(literal.name, node, values))
        return replace(core, leaves=(*core.leaves, leaf), unique=False), literal

    def _constant(self, core: Core, node: IRI, roles: Sequence[Role]) -> tuple[Core, Expr] | None:
        """The literals of a constant node are looked up while planning."""
        literal = Var("literal")
        plans: list[Plan] = [
            Project(("literal",), role.plan(node, literal, (), self._graph, Names()))
            for role in roles
        ]
        if not plans:
            return None
        rows = self._facts.rows(reduce(Union, plans), _CONSTANTS + 1)
        if len(rows) > _CONSTANTS:
            return self._joined(core, node, roles)
        found = [
            term
            for term in dict.fromkeys(row["literal"] for row in rows)
            if isinstance(term, Literal) and term.datatype in GEOMETRY_DATATYPES
        ]
        if len(found) < 2:
            return (core, Const(found[0])) if found else None
        made = self._names.fresh()
        values = Values((made.name,), tuple((term,) for term in found))
        return replace(core, leaves=(*core.leaves, values), unique=False), made

    def _joined(
        self, core: Core, node: Node, wanted: Sequence[Role] | None
    ) -> tuple[Core, Expr] | None:
        around = [one for one in core.patterns if node in (one.subject, one.object)]
        roles = list(self._roles_at(node, around, wanted))
        if not roles:
            return None
        if roles == [_ITSELF]:
            assert isinstance(node, Var)
            return core, node
        unique = self._unique(roles)
        if unique and len(roles) == 1 and roles[0].is_plain:
            return self._led(core, node, roles[0])
        literal = self._names.fresh()
        if len(roles) == 1 and roles[0].is_plain:
            added = roles[0].patterns(node, literal, self._names)
            made = replace(core, patterns=(*core.patterns, *added))
        else:
            kept = tuple(one for one in core.patterns if one not in around)
            plans = (role.plan(node, literal, around, self._graph, self._names) for role in roles)
            made = replace(core, patterns=kept, leaves=(*core.leaves, reduce(Union, plans)))
        if not unique:
            made = replace(made, unique=False)
        elif wanted is None:
            made = replace(made, places=(*made.places, (node, literal)))
        return made, literal

    def _led(self, core: Core, node: Node, role: Role) -> tuple[Core, Expr]:
        """Follow a way on which nothing is twice, as far as it goes on triples that are there."""
        at, added = node, list(core.patterns)
        for name in role.properties:
            steps = (p.object for p in added if (p.subject, p.predicate) == (at, IRI(name)))
            further = next(steps, None)
            if further is None:
                further = self._names.fresh()
                added.append(TriplePattern(at, IRI(name), further))
            at = further
        literal = at if isinstance(at, Var) else Const(at)
        places = (*core.places, (node, literal))
        return replace(core, patterns=tuple(added), places=places), literal

    def roles(self) -> list[Role]:
        """All ways from nodes to literals that the predicates in the data allow."""
        serializations = self._facts.serializations()
        made = [Role((name,)) for name in serializations]
        absent: tuple[str, ...] = ()
        for group in self._facts.geometry_links(entailed=self._entailed):
            made += [Role((link, name), absent) for link in group for name in serializations]
            absent += group
        return made

    def links(self) -> tuple[str, ...]:
        """Properties in the data from a feature to a geometry."""
        return tuple(chain(*self._facts.geometry_links(entailed=self._entailed)))

    def _roles_at(
        self, node: Node, around: Sequence[TriplePattern], wanted: Sequence[Role] | None
    ) -> Iterator[Role]:
        """The ways that the patterns around a node leave open."""
        roles = self.roles() if wanted is None else wanted
        if not isinstance(node, Var):
            yield from roles
            return
        tests = dict.fromkeys(filter(None, (_seen_from(node, pattern) for pattern in around)))
        if wanted is None and any(self._binds_literal(node, pattern) for pattern in around):
            yield _ITSELF
        for role in roles:
            plain = len(role.properties) < 2 and role.is_plain
            if all(self._possible(role, (test,)) for test in tests) and (
                tests or plain or self._possible(role, ())
            ):
                yield role

    def _possible(self, role: Role, around: tuple[TriplePattern, ...]) -> bool:
        plan = role.plan(_NODE, Var("literal"), around, self._scope(), Names())
        return self._facts.holds(plan)

    def _scope(self) -> GraphName:
        return Var("graph") if isinstance(self._graph, Var) else self._graph

    def _binds_literal(self, node: Var, pattern: TriplePattern) -> bool:
        """Return whether a pattern may bind its object to a geometry literal."""
        if pattern.object != node:
            return False
        if not isinstance(pattern.predicate, IRI):
            return True
        lanes = self._facts.lanes(pattern.predicate.value)
        return any(lane.lane in (Lane.GEOMETRY, Lane.OTHER) for lane in lanes)

    def _unique(self, roles: Sequence[Role]) -> bool:
        """Return whether no node has two literals by these ways."""
        single = all(
            self._facts.single_valued(name, self._scope())
            for name in dict.fromkeys(name for role in roles for name in role.properties)
        )
        return single and not any(self._both(*pair) for pair in combinations(roles, 2))

    def _both(self, first: Role, second: Role) -> bool:
        """Return whether a node goes both ways."""
        if not first.properties or not second.properties:
            return False
        if first.properties[0] in second.absent or second.properties[0] in first.absent:
            return False
        names, scope = Names(), self._scope()
        patterns = second.patterns(_NODE, Var("other"), names)
        return self._facts.holds(first.plan(_NODE, Var("literal"), patterns, scope, names))


def _seen_from(node: Var, pattern: TriplePattern) -> TriplePattern | None:
    """What a pattern says of a node alone, the other end left open unless it is a class."""
    if not isinstance(pattern.predicate, IRI):
        return None
    kept = isinstance(pattern.object, IRI) and pattern.predicate.value == RDF_TYPE
    if pattern.subject == node:
        other = pattern.object if kept else Var("other")
        return TriplePattern(_NODE, pattern.predicate, _NODE if pattern.object == node else other)
    return TriplePattern(Var("other"), pattern.predicate, _NODE)
