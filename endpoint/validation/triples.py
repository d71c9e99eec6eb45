"""Assessments as column batches (gl:SampleAssessment), ready for a store."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from ontology import ARROW_TYPES, IRI, RDF_TYPE, EntityBatch, Lane, Property, TermColumn, node_ids

if TYPE_CHECKING:
    from .report import ValidationReport

_GL: Final = "https://w3id.org/geoloom/ns#"
_PROV: Final = "http://www.w3.org/ns/prov#"
_RUNS: Final = "https://w3id.org/geoloom/validation/"
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
