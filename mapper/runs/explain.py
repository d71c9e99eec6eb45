"""What a run would do, told before it does it: the fused plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa

from ontology import CRS84, IRI, PREFIXES, crs_iri

from ..language.model import (
    Constant,
    Expression,
    FunctionCall,
    Mapping,
    ParentMap,
    Reference,
    Template,
    TermMap,
    TriplesMap,
)
from ..language.vocabulary import RML
from ..lines import why_general
from ..sinks import NTriplesSink
from ..sources import source_files
from ..targets import targets_of
from ..workers import useful_workers, why_alone
from .opened import OpenedSource, Workplace, open_all, source_name
from .plan import function_calls, term_maps

_LINES: Final = NTriplesSink("explained.nq")
"""Stands for any file of lines; nothing is written to it."""


@dataclass(frozen=True, slots=True)
class JoinPlan:
    """A join: for each row of the child, subjects of the parent with equal keys."""

    predicate: str
    parent: str
    parent_source: str
    child_keys: tuple[str, ...]
    parent_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RulePlan:
    """What becomes of each row by one triples map.

    Attributes
    ----------
    name, subject, theme : str
    classes, predicates, graphs, functions, targets : tuple of str
        In short form.
    joins : tuple of JoinPlan
    """

    name: str
    subject: str
    theme: str
    classes: tuple[str, ...]
    predicates: tuple[str, ...]
    graphs: tuple[str, ...]
    functions: tuple[str, ...]
    targets: tuple[str, ...]
    joins: tuple[JoinPlan, ...]


@dataclass(frozen=True, slots=True)
class SourceExplanation:
    """One source and the triples maps that share its single pass.

    Attributes
    ----------
    source : str
    files : tuple of Path
    formulation : str
    rows : int, optional
        If the source says so without being read.
    columns_read : tuple of str
    columns_unread : tuple of str
        That no triples map refers to.
    crs, target_crs : str, optional
        IRIs, from and to; None where there is no geometry.
    way : str
        Whether rows go to N-Triples the short way, by compiled kernels from text to text; if not,
        why. Rows with anything out of the ordinary go the general way in any case.
    processes : str
        How many map it, and why not more.
    rules : tuple of RulePlan
    """

    source: str
    files: tuple[Path, ...]
    formulation: str
    rows: int | None
    columns_read: tuple[str, ...]
    columns_unread: tuple[str, ...]
    crs: str | None
    target_crs: str | None
    way: str
    processes: str
    rules: tuple[RulePlan, ...]


@dataclass(frozen=True, slots=True)
class MappingPlan:
    """The plan of a run; ``str`` of it is for people."""

    mapping: str
    into: str
    sources: tuple[SourceExplanation, ...]

    def __str__(self) -> str:
        return "\n".join(_lines(self))


def explain_mapping(
    mapping: Mapping,
    *,
    base_dir: str | Path | None = None,
    database: str | None = None,
    file: str | Path | None = None,
    workers: int = 1,
    into: str = "",
) -> MappingPlan:
    """Open every source and say what :func:`run_mapping` would do; nothing is read or written.

    Parameters
    ----------
    mapping, base_dir, database, file, workers
        As for :func:`run_mapping`.
    into : str
        What the plan says of where the triples go.

    Raises
    ------
    GeoloomError
        What the run would raise before it reads.
    """
    place = Workplace.of(mapping, base_dir, database, file)
    sources = tuple(_source(place, one, workers) for one in open_all(place))
    return MappingPlan(mapping.origin, into, sources)


def _source(place: Workplace, opened: OpenedSource, workers: int) -> SourceExplanation:
    source, logical = opened.source, opened.part.source
    wanted = logical.option("targetCRS")
    target = CRS84 if wanted is None else source.crs if wanted == "source" else crs_iri(wanted)
    return SourceExplanation(
        opened.name,
        tuple(dict.fromkeys(source_files(logical, place.around))),
        shortened(logical.formulation),
        source.rows,
        opened.references,
        tuple(_unread(opened)),
        source.crs,
        None if source.crs is None else target,
        _way(place, opened),
        _processes(opened, workers),
        tuple(_rule(rule, place.mapping) for rule in opened.part.triples_maps),
    )


def _unread(opened: OpenedSource) -> Iterator[str]:
    """Columns that no reference means; identifiers of SQL may be quoted and of any case."""
    sql = not opened.part.source.path
    read = {_identifier(name) if sql else name for name in opened.references}
    for name in opened.source.columns or ():
        if (_identifier(name) if sql else name) not in read:
            yield name


def _identifier(name: str) -> str:
    return name.strip('"`[]').casefold()


def _way(place: Workplace, opened: OpenedSource) -> str:
    types = opened.source.columns or {}
    for name in opened.references:
        kind = types.get(name, pa.string())
        if not pa.types.is_string(kind):
            return f"general: {name} is no text but {kind}"
    why = why_general(place, opened.part.triples_maps, _LINES)
    return f"general: {why}" if why else "short to N-Triples and N-Quads, else general"


def _processes(opened: OpenedSource, workers: int) -> str:
    if workers == 1:
        return "1"
    why = why_alone(opened, _LINES)
    if why:
        return f"1: {why}"
    return f"{max(1, useful_workers(opened, workers))} to N-Triples and N-Quads, else 1"


def _rule(rule: TriplesMap, mapping: Mapping) -> RulePlan:
    maps = tuple(term_maps(rule))
    calls = (call.function for one in maps for call in function_calls(one))
    graphs = (*rule.graphs, *(graph for pair in rule.predicate_objects for graph in pair.graphs))
    targets = dict.fromkeys(target.path for one in maps for target in targets_of(one))
    pairs = rule.predicate_objects
    return RulePlan(
        rule.name,
        _shown(rule.subject),
        rule.theme,
        tuple(map(shortened, rule.classes)),
        tuple(dict.fromkeys(_shown(one) for pair in pairs for one in pair.predicates)),
        tuple(dict.fromkeys(map(_shown, graphs))),
        tuple(dict.fromkeys(map(shortened, calls))),
        tuple(targets),
        tuple(_joins(rule, mapping)),
    )


def _joins(rule: TriplesMap, mapping: Mapping) -> Iterator[JoinPlan]:
    for pair in rule.predicate_objects:
        for link in pair.objects:
            if isinstance(link, ParentMap) and link.conditions:
                yield JoinPlan(
                    ", ".join(map(_shown, pair.predicates)),
                    link.parent,
                    source_name(mapping.triples_map(link.parent).source),
                    tuple(_shown(condition.child) for condition in link.conditions),
                    tuple(_shown(condition.parent) for condition in link.conditions),
                )


def _shown(term_map: TermMap) -> str:
    return _expression(term_map.expression)


def _expression(expression: Expression) -> str:
    match expression:
        case Constant(term):
            return shortened(term.value) if isinstance(term, IRI) else term.n3
        case Reference(name):
            return f"{{{name}}}"
        case Template(parts):
            return "".join(part if isinstance(part, str) else f"{{{part.name}}}" for part in parts)
        case FunctionCall(function=function):
            return f"{shortened(function)}(…)"
    return "a new blank node"


def shortened(iri: str) -> str:
    """An IRI with a prefix, if one of the usual ones fits.

    >>> shortened("http://w3id.org/rml/CSV")
    'rml:CSV'
    """
    for prefix, space in (("rml", RML), *PREFIXES.items()):
        if iri.startswith(space):
            return f"{prefix}:{iri.removeprefix(space)}"
    return iri


def _lines(plan: MappingPlan) -> Iterator[str]:
    sources = "1 source" if len(plan.sources) == 1 else f"{len(plan.sources)} sources"
    yield f"{plan.mapping}: {sources}, each read once" + (f", into {plan.into}" * bool(plan.into))
    for one in plan.sources:
        rows = "" if one.rows is None else f", {one.rows:,} rows"
        yield f"{one.source} ({one.formulation}{rows})"
        for file in one.files:
            yield f"  file: {file}"
        if one.crs is not None:
            yield f"  CRS: {one.crs} → {one.target_crs}"
        yield f"  columns read: {', '.join(one.columns_read) or 'none'}"
        if one.columns_unread:
            yield f"  columns not read: {', '.join(one.columns_unread)}"
        yield f"  way: {one.way}"
        yield f"  processes: {one.processes}"
        for rule in one.rules:
            yield from _rule_lines(rule)


def _rule_lines(rule: RulePlan) -> Iterator[str]:
    yield f"  {rule.name}: {rule.subject} into {rule.theme}"
    details = (
        ("classes", rule.classes),
        ("predicates", rule.predicates),
        ("graphs", rule.graphs),
        ("functions", rule.functions),
        ("targets", rule.targets),
    )
    for name, values in details:
        if values:
            yield f"    {name}: {', '.join(values)}"
    for join in rule.joins:
        keys = ", ".join(map("{} = {}".format, join.child_keys, join.parent_keys))
        yield (
            f"    {join.predicate}: joined with {join.parent} of {join.parent_source} where {keys};"
            " the parents' keys and subjects are kept in memory"
        )
