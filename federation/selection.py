"""Which sources can answer which triple pattern, and why the others cannot.

A source is left out of a pattern only for a reason that holds: it lacks the predicate, the
class or the constant, its ends can join with none of the neighbouring pattern's, or it said no.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from ontology import IRI, RDF_TYPE, UnsupportedError
from store import algebra as al

from .descriptions import Description, PredicateFacts, Summary, term_class
from .scope import pattern_variables
from .writer import write_ask

_RELATION: Final = re.compile(r"http://www\.opengis\.net/ont/geosparql#(sf|eh|rcc8)\w+")

Ask = Callable[[str, str], bool | None]
Reason = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A source that may answer a pattern, and where each variable's values can lie."""

    source: str
    ends: Mapping[str, Summary]


Candidates = list[list[Candidate]]


def show(pattern: al.TriplePattern) -> str:
    """Return a pattern as text for reasons and plans."""
    nodes = (pattern.subject, pattern.predicate, pattern.object)
    return " ".join(f"?{n.name}" if isinstance(n, al.Var) else n.n3 for n in nodes)


def may_meet(one: Summary, other: Summary) -> bool:
    """Return whether two positions can hold the same term."""
    return one is None or other is None or not one.isdisjoint(other)


def _ends(pattern: al.TriplePattern, facts: PredicateFacts) -> dict[str, Summary]:
    ends: dict[str, Summary] = {}
    for node, summary in ((pattern.subject, facts.subjects), (pattern.object, facts.objects)):
        if isinstance(node, al.Var):
            ends[node.name] = summary
    if isinstance(pattern.predicate, al.Var):
        ends[pattern.predicate.name] = None
    return ends


def _refusal(pattern: al.TriplePattern, known: Description) -> str | PredicateFacts:
    """Return why the source cannot answer the pattern, or the facts if it may."""
    predicate = pattern.predicate
    if not isinstance(predicate, IRI):
        return PredicateFacts()
    facts = known.facts(predicate.value)
    if facts is None:
        return f"has no {predicate.n3}"
    if predicate.value == RDF_TYPE and isinstance(pattern.object, IRI):
        if known.instances(pattern.object.value) == 0:
            return f"has no instance of {pattern.object.n3}"
        return PredicateFacts(known.instances(pattern.object.value), facts.subjects)
    for node, summary, end in (
        (pattern.subject, facts.subjects, "subject"),
        (pattern.object, facts.objects, "object"),
    ):
        if isinstance(node, al.Var) or summary is None:
            continue
        if term_class(node, known.source) not in summary:
            return f"has no {end} of {predicate.n3} like {node.n3}"
    return facts


def _refuse_relation(pattern: al.TriplePattern) -> None:
    """Refuse a topological relation that no source holds as triples: it is not simply empty."""
    predicate = pattern.predicate
    if isinstance(predicate, IRI) and _RELATION.fullmatch(predicate.value):
        name = predicate.value.rpartition("#")[2]
        raise UnsupportedError(
            f"No source holds geo:{name} as triples",
            where=show(pattern),
            why="relations are not computed from triple patterns across sources",
            remedy=f"compare the geometries: FILTER(geof:{name}(?wkt1, ?wkt2))",
        )


class Selector:
    """Chooses sources for basic graph patterns.

    Parameters
    ----------
    descriptions : sequence of Description
    ask : callable (source, ASK text) -> bool or None
        Asks a source; None means that it failed, which the callable has put on record.
    reason : callable (source, text)
        Told why a source is left out of a pattern.
    """

    def __init__(self, descriptions: Sequence[Description], ask: Ask, reason: Reason) -> None:
        self._descriptions = descriptions
        self._ask = ask
        self._reason = reason

    def candidates(self, bgp: al.Bgp) -> Candidates:
        """Return the candidates of each pattern of a basic graph pattern."""
        chosen = [self._of_pattern(pattern, bgp.graph) for pattern in bgp.patterns]
        return self._joinable(bgp.patterns, chosen)

    def _of_pattern(self, pattern: al.TriplePattern, graph: al.GraphName) -> list[Candidate]:
        found = []
        for known in self._descriptions:
            facts = _refusal(pattern, known) if graph is None else PredicateFacts()
            if isinstance(facts, str):
                self._reason(known.source, f"{facts}, for {show(pattern)}")
                continue
            unsure = graph is not None or known.predicates is None
            if unsure and not self._says_yes(known.source, pattern, graph):
                continue
            found.append(Candidate(known.source, _ends(pattern, facts)))
        if not found:
            _refuse_relation(pattern)
        return found

    def _says_yes(self, source: str, pattern: al.TriplePattern, graph: al.GraphName) -> bool:
        """Ask; a source that cannot be asked gets no scan, its failure is in the report."""
        answer = self._ask(source, write_ask(al.Bgp((pattern,), graph)))
        if answer is False:
            self._reason(source, f"answered ASK with no, for {show(pattern)}")
        return answer is True

    def _joinable(self, patterns: Sequence[al.TriplePattern], chosen: Candidates) -> Candidates:
        """Drop candidates whose ends meet no candidate of a neighbouring pattern, to a fixpoint."""
        changed = True
        while changed:
            changed = False
            for i, candidates in enumerate(chosen):
                kept = [c for c in candidates if self._meets_all(c, i, patterns, chosen)]
                changed = changed or len(kept) < len(candidates)
                chosen[i] = kept
        return chosen

    def _meets_all(
        self,
        candidate: Candidate,
        index: int,
        patterns: Sequence[al.TriplePattern],
        chosen: Candidates,
    ) -> bool:
        for name in candidate.ends:
            for j, others in enumerate(chosen):
                if j == index or name not in pattern_variables(patterns[j]):
                    continue
                if not any(may_meet(candidate.ends[name], o.ends[name]) for o in others):
                    self._reason(
                        candidate.source,
                        f"its ?{name} cannot be that of {show(patterns[j])}, "
                        f"for {show(patterns[index])}",
                    )
                    return False
        return True


@dataclass(frozen=True, slots=True)
class PatternGroup:
    """Patterns that each of their sources can join by itself.

    ``overlapping`` says that two sources may hold the same triples.
    """

    sources: tuple[str, ...]
    patterns: tuple[al.TriplePattern, ...]
    overlapping: bool


def group_patterns(patterns: Sequence[al.TriplePattern], chosen: Candidates) -> list[PatternGroup]:
    """Group patterns that each of their sources can join by itself.

    Two patterns go together when the same sources answer both and a variable they share can
    never have the same value at two different sources (with one source that is always so).
    """
    groups: list[tuple[tuple[str, ...], list[int]]] = []
    for i, candidates in enumerate(chosen):
        sources = tuple(c.source for c in candidates)
        joined, rest = [i], []
        for other in groups:
            near = other[0] == sources and any(_local_join(chosen[i], chosen[j]) for j in other[1])
            if near:
                joined = other[1] + joined
            else:
                rest.append(other)
        groups = [*rest, (sources, sorted(joined))]
    return [
        PatternGroup(
            sources,
            tuple(patterns[i] for i in members),
            all(_overlapping(chosen[i]) for i in members),
        )
        for sources, members in groups
    ]


def _overlapping(candidates: Sequence[Candidate]) -> bool:
    """Return whether two sources may hold one triple: their ends meet in every variable."""
    return any(
        all(may_meet(summary, other.ends[name]) for name, summary in one.ends.items())
        for one, other in combinations(candidates, 2)
    )


def _local_join(one: Sequence[Candidate], other: Sequence[Candidate]) -> bool:
    shared = set(one[0].ends) & set(other[0].ends) if one and other else set()
    return any(_apart(name, one, other) for name in shared)


def _apart(name: str, one: Sequence[Candidate], other: Sequence[Candidate]) -> bool:
    return all(
        a.source == b.source or not may_meet(a.ends[name], b.ends[name]) for a in one for b in other
    )
