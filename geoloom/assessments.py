"""Validation outcomes into a store."""

from __future__ import annotations

from endpoint import ValidationReport, sample_batches
from ontology import IRI, SinkReport
from store import Store

_DESCRIBED = "SELECT DISTINCT ?s { ?s a gl:Sample ; geo:hasGeometry ?g }"


def write_assessments(store: Store, report: ValidationReport) -> SinkReport:
    """Write a report's assessments, and the samples the store does not describe yet.

    All in one snapshot; writing the same report twice changes nothing.
    """
    rows = store.query(_DESCRIBED).rows()
    known = frozenset(row["s"].value for row in rows if isinstance(row["s"], IRI))
    with store.begin(theme="assessments") as sink:
        for batch in (*report.to_batches(), *sample_batches(report, known)):
            sink.write(batch)
        return sink.commit()
