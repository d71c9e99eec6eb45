"""Code lists and crosswalks as SKOS: column batches for the store, triples, text."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from ..columns import EntityBatch, Property, TermColumn
from ..lanes import LANE_DATATYPES, Lane
from ..namespaces import DCTERMS, GL, RDF_TYPE, SKOS
from ..terms import IRI, Literal, Triple
from .crosswalk import MATCHES, crosswalk
from .load import CODE_LISTS, code_list
from .model import CodeList

_CROSSWALKS = (("lucas2018-lc1", "hcat3"), ("usda-cdl", "hcat3"), ("lucas2018-lc1", "usda-cdl"))


def skos_batches(
    schemes: tuple[str, ...] = CODE_LISTS, graph: str | None = None
) -> Iterator[EntityBatch]:
    """Code lists as column batches for a sink.

    Themes: ``schemes`` (the lists), ``concepts`` (one row a class: type, scheme, notation,
    label, broader, colour, raster value), ``concept_names`` (other names),
    ``concept_ancestors`` (skos:broaderTransitive, so that a query needs no property path)
    and ``crosswalks`` (SKOS mappings, for the pairs of lists that are both asked for).

    Parameters
    ----------
    schemes : tuple of str
        Names of lists.
    graph : str, optional
        Graph IRI of the batches.

    Raises
    ------
    UnknownCodeError
        If a list does not exist.
    """
    lists = [code_list(name) for name in schemes]
    yield _schemes(lists, graph)
    for entry in lists:
        yield _concepts(entry, graph)
    pairs = [(c.iri, name) for e in lists for c in e.concepts for name in c.alternatives]
    if pairs:
        names = _strings([name for _, name in pairs], Lane.LANG)
        yield EntityBatch(
            pa.array([iri for iri, _ in pairs]),
            (Property(SKOS + "altLabel", names),),
            graph,
            "concept_names",
        )
    above = [(c.iri, e.iri(code)) for e in lists for c in e.concepts for code in e.broader(c.code)]
    if above:
        yield _links(above, "broaderTransitive", graph, "concept_ancestors")
    for source, target in _CROSSWALKS:
        if source in schemes and target in schemes:
            yield from _crosswalk(source, target, graph)


def skos_triples(schemes: tuple[str, ...] = CODE_LISTS) -> Iterator[Triple]:
    """Code lists as triples, see :func:`skos_batches`."""
    for batch in skos_batches(schemes):
        subjects = batch.subjects.to_pylist()
        for prop in batch.properties:
            predicate = IRI(prop.predicate)
            for subject, value in zip(subjects, prop.objects.values.to_pylist(), strict=True):
                if value is not None:
                    yield IRI(subject), predicate, _term(prop.objects, value)


def skos_text(schemes: tuple[str, ...] = CODE_LISTS, media: str = "turtle") -> str:
    """Code lists as RDF text.

    Parameters
    ----------
    schemes : tuple of str
    media : str
        A format name of rdflib, e.g. ``"turtle"``, ``"nt"``, ``"xml"``, ``"json-ld"``.
    """
    text = "".join(f"{s.n3} {p.n3} {o.n3} .\n" for s, p, o in skos_triples(schemes))
    if media == "nt":
        return text
    import rdflib  # takes 0.2 s to import, and only this export needs it

    graph = rdflib.Graph().parse(data=text, format="nt")
    graph.bind("gl", GL)
    return str(graph.serialize(format=media))


def _schemes(lists: list[CodeList], graph: str | None) -> EntityBatch:
    return EntityBatch(
        pa.array([entry.scheme_iri for entry in lists], pa.string()),
        (
            Property(RDF_TYPE, _nodes([SKOS + "ConceptScheme"] * len(lists))),
            Property(DCTERMS + "title", _strings([e.title for e in lists], Lane.LANG)),
            Property(DCTERMS + "source", _strings([e.source for e in lists])),
            Property(DCTERMS + "rights", _strings([e.licence for e in lists])),
        ),
        graph,
        "schemes",
    )


def _concepts(entry: CodeList, graph: str | None) -> EntityBatch:
    concepts = entry.concepts
    broader = [None if c.parent is None else entry.iri(c.parent) for c in concepts]
    tops = [entry.scheme_iri if c.parent is None else None for c in concepts]
    grid = TermColumn(Lane.INTEGER, pa.array([c.grid for c in concepts], pa.int64()))
    return EntityBatch(
        pa.array([c.iri for c in concepts]),
        (
            Property(RDF_TYPE, _nodes([SKOS + "Concept"] * len(concepts))),
            Property(SKOS + "inScheme", _nodes([entry.scheme_iri] * len(concepts))),
            Property(SKOS + "topConceptOf", _nodes(tops)),
            Property(SKOS + "broader", _nodes(broader)),
            Property(SKOS + "notation", _strings([c.code for c in concepts])),
            Property(SKOS + "prefLabel", _strings([c.label for c in concepts], Lane.LANG)),
            Property(GL + "color", _strings([c.color for c in concepts])),
            Property(GL + "gridCode", grid),
        ),
        graph,
        "concepts",
    )


def _crosswalk(source: str, target: str, graph: str | None) -> Iterator[EntityBatch]:
    walk = crosswalk(source, target)
    for relation in MATCHES:
        pairs = [
            (walk.source.iri(p.source), walk.target.iri(p.target))
            for p in walk.pairs
            if p.relation == relation
        ]
        if pairs:
            yield _links(pairs, relation, graph, "crosswalks")


def _links(
    pairs: list[tuple[str, str]], relation: str, graph: str | None, theme: str
) -> EntityBatch:
    subjects = pa.array([subject for subject, _ in pairs])
    objects = _nodes([target for _, target in pairs])
    return EntityBatch(subjects, (Property(SKOS + relation, objects),), graph, theme)


def _nodes(values: list[str] | list[str | None]) -> TermColumn:
    return TermColumn(Lane.NODE, pa.array(values, pa.string()))


def _strings(values: list[str] | list[str | None], lane: Lane = Lane.STRING) -> TermColumn:
    language = "en" if lane is Lane.LANG else None
    return TermColumn(lane, pa.array(values, pa.string()), lang=language)


def _term(column: TermColumn, value: object) -> IRI | Literal:
    if column.lane is Lane.NODE:
        return IRI(str(value))
    if column.lane is Lane.LANG:
        return Literal(str(value), lang=column.lang)
    return Literal(str(value), LANE_DATATYPES[column.lane])
