"""Triples by RDFS entailment: classes of things, and properties below others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import reduce

from ontology import IRI, RDF_TYPE

from ..algebra import (
    Bgp,
    Call,
    Distinct,
    Exists,
    Filter,
    GraphName,
    Join,
    Plan,
    Project,
    TriplePattern,
    Union,
    Unit,
    Values,
    Var,
    visible,
)
from .core import Core, Names
from .facts import Facts
from .schema import Schema


class Entailment:
    """Answers triple patterns from a schema in one graph.

    Parameters
    ----------
    schema : Schema or None
        None entails nothing.
    facts : Facts
    graph : Var, IRI or None
    names : Names
    """

    def __init__(self, schema: Schema | None, facts: Facts, graph: GraphName, names: Names) -> None:
        self._schema, self._facts = schema, facts
        self._graph, self._names = graph, names

    def entails(self, pattern: TriplePattern) -> bool:
        """Return whether more triples than those of its own predicate and class may match."""
        return not isinstance(self.held(pattern), Bgp)

    def held(self, pattern: TriplePattern) -> Plan:
        """The solutions of a pattern, each once."""
        plain = Bgp((pattern,), self._graph)
        plans = [plain] if self._schema is None else self._plans(pattern)
        if plans == [plain]:
            return plain
        names = tuple(visible(plain))
        if names:
            return Distinct(Project(names, reduce(Union, plans)))
        return Filter(Exists(reduce(Union, plans)), Unit())

    def ways(self, core: Core, pattern: TriplePattern) -> list[Core]:
        """The core with what is asserted or entailed of a pattern."""
        plan = self.held(pattern)
        if isinstance(plan, Bgp):
            return [core.asserting(pattern)]
        return [replace(core, leaves=(*core.leaves, plan))]

    def _plans(self, pattern: TriplePattern) -> Sequence[Plan]:
        assert self._schema is not None
        if not isinstance(pattern.predicate, IRI):
            return [Bgp((pattern,), self._graph)]
        if pattern.predicate.value != RDF_TYPE:
            names = self._schema.properties_below(pattern.predicate.value)
            patterns = [replace(pattern, predicate=IRI(name)) for name in names]
            return [Bgp((one,), self._graph) for one in patterns]
        if isinstance(pattern.object, IRI):
            return list(self._of_class(pattern, pattern.object.value))
        if isinstance(pattern.object, Var):
            return list(self._of_any_class(pattern, pattern.object))
        return [Bgp((pattern,), self._graph)]

    def _of_class(self, pattern: TriplePattern, name: str) -> Iterator[Plan]:
        assert self._schema is not None
        classes = self._schema.classes_below(name)
        if len(classes) > 1:
            held = self._names.fresh()
            named = Values((held.name,), tuple((IRI(one),) for one in classes))
            yield Join(named, Bgp((replace(pattern, object=held),), self._graph))
        else:
            yield Bgp((pattern,), self._graph)
        yield from self._of_ends(pattern, name)

    def _of_ends(self, pattern: TriplePattern, name: str) -> Iterator[Plan]:
        """What is of a class since it is the subject or object of a property."""
        assert self._schema is not None
        for prop in self._schema.subjects_are(name):
            found = TriplePattern(pattern.subject, IRI(prop), self._names.fresh())
            yield Bgp((found,), self._graph)
        for prop in self._schema.objects_are(name):
            found = TriplePattern(self._names.fresh(), IRI(prop), pattern.subject)
            plan: Plan = Bgp((found,), self._graph)
            if isinstance(pattern.subject, Var) and self._facts.has_literals(prop):
                plan = Filter(Call("!", (Call("ISLITERAL", (pattern.subject,)),)), plan)
            yield plan

    def _of_any_class(self, pattern: TriplePattern, thing: Var) -> Iterator[Plan]:
        assert self._schema is not None
        yield Bgp((pattern,), self._graph)
        pairs = [
            (IRI(low), IRI(high))
            for high in self._schema.classes()
            for low in self._schema.classes_below(high)
            if low != high
        ]
        held = self._names.fresh()
        if pairs:
            typed = Bgp((replace(pattern, object=held),), self._graph)
            yield Join(typed, Values((held.name, thing.name), tuple(pairs)))
        for name in self._schema.classes():
            named = Values((thing.name,), ((IRI(name),),))
            yield from (Join(plan, named) for plan in self._of_ends(pattern, name))
