"""What a snapshot holds, as far as inference asks: asked once and remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final
from weakref import WeakKeyDictionary

from ontology import GEO, IRI, LANE_DATATYPES, Lane, Literal, Term

from ..algebra import (
    Aggregate,
    Bgp,
    Call,
    Const,
    Filter,
    GraphName,
    Group,
    Plan,
    Project,
    Query,
    Slice,
    TriplePattern,
    Var,
    visible,
)
from ..catalog import LaneTable, Snapshot
from ..results import Result
from .vocabulary import DEFAULT_GEOMETRY, SERIALIZATIONS, SUB_PROPERTY

Ask = Callable[[Query], Result]

_MEMORY: Final = 4096
"""Facts remembered of a snapshot."""

_EXACT: Final = 65_536
"""Rows up to which a lane's different subjects are counted, not estimated."""

_ONE: Final = Const(Literal("1", LANE_DATATYPES[Lane.INTEGER]))
_KNOWN: Final[WeakKeyDictionary[Snapshot, dict[Any, Any]]] = WeakKeyDictionary()


class Facts:
    """What is sure of a snapshot within the dataset of a query.

    Parameters
    ----------
    snapshot : Snapshot
    query : Query
        Whose dataset it is.
    ask : callable
        Answers a query from the asserted triples of the snapshot.
    """

    def __init__(self, snapshot: Snapshot, query: Query, ask: Ask) -> None:
        self._dataset = (query.default_graphs, query.named_graphs)
        self._ask = ask
        self._known = _KNOWN.setdefault(snapshot, {})
        if len(self._known) > _MEMORY:
            self._known.clear()
        self._lanes = self._once("lanes", lambda: _by_predicate(snapshot.lanes))

    def lanes(self, predicate: str) -> Sequence[LaneTable]:
        """The lanes of a predicate, in any graph; none that is empty."""
        found: Sequence[LaneTable] = self._lanes.get(predicate, ())
        return found

    def asserts(self, predicate: str, thing: object) -> bool:
        """Return whether triples of a predicate may have this object, a variable or term."""
        lanes = self.lanes(predicate)
        if isinstance(thing, Literal):
            return any(lane.lane is not Lane.NODE for lane in lanes)
        if isinstance(thing, Var):
            return bool(lanes)
        return any(lane.lane is Lane.NODE for lane in lanes)

    def has_literals(self, predicate: str) -> bool:
        """Return whether an object of a predicate may be a literal."""
        return any(lane.lane is not Lane.NODE for lane in self.lanes(predicate))

    def holds(self, plan: Plan) -> bool:
        """Return whether a plan over asserted triples has a solution."""
        return bool(self._once((*self._dataset, plan), lambda: self._asked("ASK", plan).boolean))

    def rows(self, plan: Plan, most: int) -> list[dict[str, Term]]:
        """The first solutions of a plan over asserted triples; not remembered."""
        return list(self._asked("SELECT", Slice(plan, limit=most)).rows())

    def _asked(self, form: Any, plan: Plan) -> Result:
        default, named = self._dataset
        names = tuple(visible(plan)) if form == "SELECT" else ()
        return self._ask(Query(form, plan, names, default_graphs=default, named_graphs=named))

    def single_valued(self, predicate: str, graph: GraphName) -> bool:
        """Return whether no subject has two triples of a predicate in a graph."""
        lanes = self.lanes(predicate)
        if len(lanes) == 1 and not self._dataset[0] and _surely_single(lanes[0]):
            return True
        subject, thing, number = Var("s"), Var("o"), Var("n")
        triples = Bgp((TriplePattern(subject, IRI(predicate), thing),), graph)
        keys = [node for node in (subject, graph) if isinstance(node, Var)]
        counted = Group(
            tuple((key.name, key) for key in keys), (("n", Aggregate("COUNT", None)),), triples
        )
        return not self.holds(Filter(Call(">", (number, _ONE)), counted))

    def below(self, properties: Iterable[str]) -> tuple[str, ...]:
        """The properties themselves and what the data states as properties below them."""
        found = dict.fromkeys(properties)
        while True:
            more = [
                low
                for low, high in self._stated_below()
                if high in found and low not in found and not low.startswith(GEO)
            ]
            if not more:
                return tuple(found)
            found.update(dict.fromkeys(more))

    def _stated_below(self) -> Sequence[tuple[str, str]]:
        return self.pairs(SUB_PROPERTY)

    def pairs(self, predicate: str) -> Sequence[tuple[str, str]]:
        """Subject and object of every triple of a predicate between IRIs, in any graph."""
        if not self.lanes(predicate):
            return ()
        found: Sequence[tuple[str, str]] = self._once(
            ("pairs", predicate), lambda: self._read_pairs(predicate)
        )
        return found

    def _read_pairs(self, predicate: str) -> Sequence[tuple[str, str]]:
        pattern = TriplePattern(Var("s"), IRI(predicate), Var("o"))
        found: dict[tuple[str, str], None] = {}
        for plan in (Bgp((pattern,)), Project(("s", "o"), Bgp((pattern,), Var("g")))):
            for row in self._ask(Query("SELECT", plan, ("s", "o"))).rows():
                subject, thing = row["s"], row["o"]
                if isinstance(subject, IRI) and isinstance(thing, IRI):
                    found[subject.value, thing.value] = None
        return tuple(found)

    def serializations(self) -> tuple[str, ...]:
        """Properties in the data that lead from a geometry to its literals."""
        return tuple(name for name in self.below(SERIALIZATIONS) if self.lanes(name))

    def geometry_links(self, *, entailed: bool) -> tuple[tuple[str, ...], ...]:
        """Properties in the data from a feature to its geometry, the first ones in force first.

        ``entailed`` counts those that the data states below them.
        """
        told: set[str] = set()
        made = []
        for name in DEFAULT_GEOMETRY:
            group = self.below((name,)) if entailed else (name,)
            made.append(tuple(one for one in group if one not in told and self.lanes(one)))
            told.update(group)
        return tuple(group for group in made if group)

    def _once(self, key: Any, find: Callable[[], Any]) -> Any:
        if key not in self._known:
            self._known[key] = find()
        return self._known[key]


def _by_predicate(lanes: Iterable[LaneTable]) -> dict[str, list[LaneTable]]:
    found: dict[str, list[LaneTable]] = {}
    for lane in lanes:
        if lane.rows:
            found.setdefault(lane.predicate, []).append(lane)
    return found


def _surely_single(lane: LaneTable) -> bool:
    """Return whether no subject comes twice in the only lane of a predicate."""
    if lane.place is not None:
        return True
    return lane.rows <= _EXACT and lane.distinct_subjects == lane.rows
