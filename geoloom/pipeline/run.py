"""Running a pipeline step by step; each step is one snapshot of the store."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from endpoint import validate
from federation import Federation
from interlink import relation_named
from mapper import Mapping, load_functions, run_mapping
from ontology import code_list
from store import Store

from ..answers import write_answer, write_file
from ..codelists import load_codelists
from ..iris import expand_iri
from ..linking import link_classes, link_remarks
from ..mapping import mapping_of, update_name
from .spec import InterlinkStep, LoadStep, MapStep, Pipeline, QueryStep, ValidateStep


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out of a step, what the user should know of it, and whether it is all."""

    text: str
    remarks: tuple[str, ...] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class StepReport:
    """One step: what it was, on what, what came out, and how long it took (seconds)."""

    step: str
    subject: str
    outcome: Outcome
    seconds: float


@dataclass(frozen=True, slots=True)
class PipelineReport:
    """All steps of one run."""

    store: Path
    steps: tuple[StepReport, ...]

    @property
    def complete(self) -> bool:
        """Whether no step had to do with less than there is."""
        return all(step.outcome.complete for step in self.steps)


Step = tuple[str, str, Callable[[Store], Outcome]]


def run_pipeline(pipeline: Pipeline) -> PipelineReport:
    """Run every step; an error stops the run and leaves the store as the last step left it.

    Mappings and the names of classes, relations and code lists are checked before the first step,
    so that a broken one changes nothing.

    Parameters
    ----------
    pipeline : Pipeline
        From :func:`load_pipeline`.

    Raises
    ------
    GeoloomError
        Of the kind that fits the step.
    """
    steps = tuple(_steps(pipeline))
    folder = pipeline.store
    store = Store.open(folder) if (folder / "CURRENT").exists() else Store.create(folder)
    reports = []
    for name, subject, work in steps:
        begun = time.perf_counter()
        outcome = work(store)
        reports.append(StepReport(name, subject, outcome, time.perf_counter() - begun))
    return PipelineReport(folder, tuple(reports))


def _steps(pipeline: Pipeline) -> Iterator[Step]:
    if pipeline.codelists:
        names = pipeline.codelists
        for name in names:
            code_list(name)
        yield "codelists", ", ".join(names), partial(_codelists, names=names)
    for item in pipeline.map:
        for file in item.functions:
            load_functions(file)
        mapping = mapping_of(item.path, item.recipe)
        yield "map", item.recipe or item.path.name, partial(_map, step=item, mapping=mapping)
    for load in pipeline.load:
        files = ", ".join(file.name for file in load.files)
        yield "load", files, partial(_load, step=load)
    for pair in pipeline.interlink:
        classes = expand_iri(pair.source), expand_iri(pair.target)
        for relation in pair.relations:
            relation_named(relation)
        work = partial(_interlink, step=pair, classes=classes)
        yield "interlink", f"{pair.source} → {pair.target}", work
    if pipeline.validate:
        check = pipeline.validate
        schemes = f"{check.sample_scheme} → {check.map_scheme}"
        yield "validate", schemes, partial(_validate, step=check)
    for query in pipeline.query:
        yield "query", query.name, partial(_query, step=query)


def _codelists(store: Store, *, names: tuple[str, ...]) -> Outcome:
    report = load_codelists(store, names)
    return Outcome(f"{report.written:,} new triples", report.remarks)


def _map(store: Store, *, step: MapStep, mapping: Mapping) -> Outcome:
    updating = update_name(step.path, step.recipe) if step.update else None
    report = run_mapping(
        mapping,
        store.begin(theme=step.recipe or step.path.name, updating=updating),
        base_dir=step.base,
        on_bad=step.on_bad,
        database=step.database,
        file=step.file,
        quarantine_to=step.quarantine,
        shapes=step.shapes,
    )
    text = (
        f"{report.rows_read:,} rows, {report.rows_quarantined:,} quarantined, "
        f"{report.triples_written:,} new triples"
    )
    if step.update:
        text += f", {report.triples_removed:,} removed"
    return Outcome(text, report.remarks + tuple(map(str, report.quarantine)))


def _load(store: Store, *, step: LoadStep) -> Outcome:
    report = store.load(step.files, graph=step.graph)
    return Outcome(f"{report.new:,} new triples")


def _interlink(store: Store, *, step: InterlinkStep, classes: tuple[str, str]) -> Outcome:
    report = link_classes(store, *classes, step.relations)
    text = ", ".join(f"{count:,} {relation}" for relation, count in report.links.items())
    return Outcome(text, link_remarks(report), report.complete)


def _validate(store: Store, *, step: ValidateStep) -> Outcome:
    source = Federation.from_toml(step.sources, store=store) if step.sources else store
    report = validate(
        source,
        distance=step.distance,
        rule=step.rule,
        sample_scheme=step.sample_scheme,
        map_scheme=step.map_scheme,
    )
    if step.report:
        write_file(step.report, [report.to_html().encode()])
    return Outcome(report.summary(), complete=report.complete)


def _query(store: Store, *, step: QueryStep) -> Outcome:
    result = store.query(step.sparql())
    if step.output is None:
        return Outcome(f"{len(result):,} rows")
    write_answer(result, step.output)
    return Outcome(f"{len(result):,} rows to {step.output.name}")
