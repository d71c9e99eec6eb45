"""Assessments as column batches (gl:SampleAssessment), ready for a store."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ontology import (
    ARROW_TYPES,
    IRI,
    RDF_TYPE,
    EntityBatch,
    Lane,
    Property,
    TermColumn,
    format_wkt,
    node_ids,
    parse_wkt,
)

if TYPE_CHECKING:
    from .report import ValidationReport

_GL: Final = "https://w3id.org/geoloom/ns#"
_PROV: Final = "http://www.w3.org/ns/prov#"
_RUNS: Final = "https://w3id.org/geoloom/validation/"
_GEO: Final = "http://www.opengis.net/ont/geosparql#"
_RDFS_LABEL: Final = "http://www.w3.org/2000/01/rdf-schema#label"


def assessment_batches(report: ValidationReport, run: str | None = None) -> tuple[EntityBatch, ...]:
    """Make one batch for the run and one for its assessments.

    Parameters
    ----------
    report : ValidationReport
    run : str, optional
        IRI of the run.
    """
    run = IRI(run).value if run is not None else _RUNS + _digest(report)
    batches = (_run_batch(report, run),)
    return (*batches, _assessments(report, run)) if report.assessments else batches


def _digest(report: ValidationReport) -> str:
    text = hashlib.sha256(repr((report.rule, report.distance, report.schemes)).encode())
    for entry in report.assessments:
        text.update(f"{entry.sample.iri}\n{entry.outcome}\n".encode())
    return text.hexdigest()[:16]


def _column(lane: Lane, values: Sequence[object]) -> TermColumn:
    return TermColumn(lane, pa.array(values, ARROW_TYPES[lane]))


def _run_batch(report: ValidationReport, run: str) -> EntityBatch:
    label = (
        f"{report.schemes[0]} samples against {report.schemes[1]} within {report.distance:g} m, "
        f"rule {report.rule}"
    )
    return EntityBatch(
        pa.array([run]),
        (
            Property(RDF_TYPE, _column(Lane.NODE, [_PROV + "Activity"])),
            Property(_RDFS_LABEL, _column(Lane.STRING, [label])),
        ),
        theme="validation_run",
    )


def _assessments(report: ValidationReport, run: str) -> EntityBatch:
    samples = pa.array([entry.sample.iri for entry in report.assessments], pa.string())
    marks = node_ids(samples).view(np.uint64).tolist()
    count = len(samples)
    features = [entry.matched.feature if entry.matched else None for entry in report.assessments]
    outcomes = [_GL + entry.outcome.value for entry in report.assessments]
    return EntityBatch(
        pa.array([f"{run}/{mark:016x}" for mark in marks]),
        (
            Property(RDF_TYPE, _column(Lane.NODE, [_GL + "SampleAssessment"] * count)),
            Property(_GL + "assessedSample", TermColumn(Lane.NODE, samples)),
            Property(_GL + "assessedBy", _column(Lane.NODE, [run] * count)),
            Property(_GL + "outcome", _column(Lane.NODE, outcomes)),
            Property(_GL + "matchedFeature", _column(Lane.NODE, features)),
        ),
        theme="sample_assessment",
    )


def sample_batches(
    report: ValidationReport, known: frozenset[str] = frozenset()
) -> tuple[EntityBatch, ...]:
    """Make batches of the samples themselves: type, class and geometry.

    For a store that holds the assessments of samples that lie behind a remote endpoint. A
    sample's geometry node is its IRI with ``/geometry``; one batch a CRS.

    Parameters
    ----------
    report : ValidationReport
    known : frozenset of str
        IRIs of samples to leave out, because the store describes them already.
    """
    samples = [entry.sample for entry in report.assessments if entry.sample.iri not in known]
    subjects = pa.array([sample.iri for sample in samples], pa.string())
    nodes = pa.array([f"{sample.iri}/geometry" for sample in samples], pa.string())
    described = EntityBatch(
        subjects,
        (
            Property(RDF_TYPE, _column(Lane.NODE, [_GL + "Sample"] * len(samples))),
            Property(_GL + "observedClass", _column(Lane.NODE, [s.kind for s in samples])),
            Property(_GEO + "hasGeometry", TermColumn(Lane.NODE, nodes)),
        ),
        theme="sample",
    )
    return (described, *_geometries(nodes, pa.array([s.wkt for s in samples], pa.string())))


def _geometries(nodes: pa.Array, texts: pa.Array) -> Iterator[EntityBatch]:
    parsed = parse_wkt(texts)
    crs_of_row = parsed.crs.cast(pa.string())
    for crs in pc.unique(crs_of_row).drop_null().to_pylist():
        mine = pc.equal(crs_of_row, crs)
        wkb, written = parsed.wkb.filter(mine), texts.filter(mine)
        same = pc.equal(written, format_wkt(wkb, crs))
        lexical = pc.if_else(same, pa.scalar(None, pa.string()), written)
        shapes = TermColumn(Lane.GEOMETRY, wkb, lexical, crs=crs)
        yield EntityBatch(
            nodes.filter(mine), (Property(_GEO + "asWKT", shapes),), theme="sample_geometry"
        )
