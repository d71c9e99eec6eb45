"""What a run needs to know before it reads: references by source, checked against the columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ontology import MappingError

from ..functions import find_function
from ..language.model import (
    FunctionCall,
    LogicalSource,
    Mapping,
    ParentMap,
    TermMap,
    TriplesMap,
)
from ..language.vocabulary import did_you_mean
from ..sources import PathSource, Source


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """One logical source and all triples maps that read it, fused into one pass."""

    source: LogicalSource
    triples_maps: tuple[TriplesMap, ...]

    def references(self, mapping: Mapping) -> dict[str, str]:
        """Reference names with the place of their first use."""
        found: dict[str, str] = {}
        for triples_map in self.triples_maps:
            for name, where in _of_triples_map(triples_map, mapping):
                found.setdefault(name, where)
        return found


def plan(mapping: Mapping) -> tuple[SourcePlan, ...]:
    """Group triples maps by logical source.

    Raises
    ------
    MappingError
        A parent triples map or a function that does not exist.
    """
    groups: dict[LogicalSource, list[TriplesMap]] = {}
    for triples_map in mapping.triples_maps:
        groups.setdefault(triples_map.source, []).append(triples_map)
        for term_map in term_maps(triples_map):
            for call in function_calls(term_map):
                find_function(call.function, term_map.where).check(call, term_map.where)
        for pair in triples_map.predicate_objects:
            for link in pair.objects:
                if isinstance(link, ParentMap):
                    _check_parent(link, triples_map, mapping)
    return tuple(SourcePlan(source, tuple(maps)) for source, maps in groups.items())


def _check_parent(link: ParentMap, child: TriplesMap, mapping: Mapping) -> None:
    parent = mapping.triples_map(link.parent)
    if not link.conditions and parent.source != child.source:
        raise MappingError(
            "A parent triples map of another source needs a join condition",
            where=link.where,
            remedy="add rml:joinCondition [ rml:child ...; rml:parent ... ]",
        )


def check_references(references: dict[str, str], source: Source) -> None:
    """Raise MappingError for a reference the source does not have, or cannot understand."""
    if isinstance(source, PathSource):
        source.check(references)
    columns = source.columns
    for name, where in references.items():
        if columns is not None and name not in columns:
            raise MappingError(
                f"The source has no column {name!r}",
                where=where,
                why="its columns are " + ", ".join(columns),
                remedy=did_you_mean(name, columns),
            )


def subject_references(triples_map: TriplesMap, extra: tuple[TermMap, ...]) -> dict[str, str]:
    """References of a triples map's subject and of some other maps."""
    maps = (triples_map.subject, *extra)
    return {name: where for one in maps for name, where in _of_term_map(one)}


def _of_triples_map(triples_map: TriplesMap, mapping: Mapping) -> Iterator[tuple[str, str]]:
    for term_map in term_maps(triples_map):
        yield from _of_term_map(term_map)
    for pair in triples_map.predicate_objects:
        for link in pair.objects:
            if isinstance(link, ParentMap) and not link.conditions:
                yield from _of_term_map(mapping.triples_map(link.parent).subject)


def term_maps(triples_map: TriplesMap) -> Iterator[TermMap]:
    """All term maps of a triples map, children of its joins among them."""
    yield triples_map.subject
    yield from triples_map.graphs
    for pair in triples_map.predicate_objects:
        yield from pair.predicates
        yield from pair.graphs
        for value in pair.objects:
            if isinstance(value, TermMap):
                yield value
            else:
                yield from (condition.child for condition in value.conditions)


def _of_term_map(term_map: TermMap) -> Iterator[tuple[str, str]]:
    yield from ((name, term_map.where) for name in term_map.references())


def function_calls(term_map: TermMap) -> Iterator[FunctionCall]:
    """All calls of functions a term map makes, nested ones and those of its qualifiers too."""
    for expression in (term_map.expression, term_map.condition):
        if isinstance(expression, FunctionCall):
            yield expression
            for argument in expression.inputs:
                yield from function_calls(argument.value)
    for qualifier in (term_map.datatype, term_map.language):
        if qualifier is not None:
            yield from function_calls(qualifier)
