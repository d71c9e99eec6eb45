"""Running a pipeline step by step; each step is one snapshot of the store."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from endpoint import validate
from federation import Federation
from geoloom.codelists import load_codelists
from geoloom.linking import link_classes
from mapper import load_mapping, run_mapping
from ontology import PREFIXES
from store import Store

from .spec import InterlinkStep, LoadStep, MapStep, Pipeline, QueryStep, ValidateStep


@dataclass(frozen=True, slots=True)
class StepReport:
    """One step: what it was, on what, what came out, and how long it took (seconds)."""

    step: str
    subject: str
    outcome: str
    seconds: float


@dataclass(frozen=True, slots=True)
class PipelineReport:
    """All steps of one run."""

    store: Path
    steps: tuple[StepReport, ...]


Work = Callable[[], str]


def run_pipeline(pipeline: Pipeline, *, base: Path) -> PipelineReport:
    """Run every step; an error stops the run and leaves the store as the last step left it.

    Parameters
    ----------
    pipeline : Pipeline
        From :func:`load_pipeline`.
    base : Path
        Folder that relative paths start from.
    """
    folder = base / pipeline.store
    store = Store.open(folder) if (folder / "CURRENT").exists() else Store.create(folder)
    steps = []
    for name, subject, work in _steps(pipeline, store):
        begun = time.perf_counter()
        steps.append(StepReport(name, subject, work(), time.perf_counter() - begun))
    return PipelineReport(folder, tuple(steps))


def _steps(pipeline: Pipeline, store: Store) -> Iterator[tuple[str, str, Work]]:
    if pipeline.codelists:
        names = pipeline.codelists
        yield "codelists", ", ".join(names), lambda: _codelists(store, names)
    for item in pipeline.map:
        yield "map", item.mapping.name, lambda item=item: _map(store, item)
    for load in pipeline.load:
        names = tuple(file.name for file in load.files)
        yield "load", ", ".join(names), lambda load=load: _load(store, load)
    for pair in pipeline.interlink:
        yield "interlink", f"{pair.source} → {pair.target}", lambda p=pair: _interlink(store, p)
    if pipeline.validate:
        step = pipeline.validate
        yield (
            "validate",
            f"{step.sample_scheme} → {step.map_scheme}",
            lambda: _validate(store, step),
        )
    for query in pipeline.query:
        yield "query", query.name, lambda query=query: _query(store, query)


def _codelists(store: Store, names: tuple[str, ...]) -> str:
    return f"{load_codelists(store, names).written:,} triples"


def _map(store: Store, step: MapStep) -> str:
    mapping = load_mapping(step.mapping)
    base = step.base or step.mapping.parent
    report = run_mapping(mapping, store.begin(), base_dir=base, on_bad=step.on_bad)
    return (
        f"{report.rows_read:,} rows, {report.rows_quarantined:,} quarantined, "
        f"{report.triples_written:,} triples"
    )


def _load(store: Store, step: LoadStep) -> str:
    report = store.load(list(step.files), graph=step.graph)
    return f"{report.new:,} triples"


def _interlink(store: Store, step: InterlinkStep) -> str:
    report = link_classes(
        store, expand_class(step.source), expand_class(step.target), step.relations
    )
    return ", ".join(f"{count:,} {relation}" for relation, count in report.links.items())


def expand_class(name: str) -> str:
    """Expand ``gl:Zone`` with the prefixes geoloom knows; other texts are IRIs already."""
    prefix, colon, local = name.partition(":")
    return PREFIXES[prefix] + local if colon and prefix in PREFIXES else name


def _validate(store: Store, step: ValidateStep) -> str:
    source = Federation.from_toml(step.sources, store=store) if step.sources else store
    report = validate(
        source,
        distance=step.distance,
        rule=step.rule,
        sample_scheme=step.sample_scheme,
        map_scheme=step.map_scheme,
    )
    if step.report:
        step.report.write_text(report.to_html(), encoding="utf-8")
    return report.summary()


def _query(store: Store, step: QueryStep) -> str:
    text = step.text if step.text is not None else (step.file or Path()).read_text("utf-8")
    result = store.query(text)
    if step.output:
        chosen = step.output.suffix.lstrip(".")
        step.output.write_bytes(b"".join(result.serialize(chosen)))
        return f"{len(result):,} rows to {step.output.name}"
    return f"{len(result):,} rows"
