"""Validation outcomes into a store."""

from __future__ import annotations

from endpoint import ValidationReport
from ontology import SinkReport
from store import Store


def write_assessments(store: Store, report: ValidationReport) -> SinkReport:
    """Write a report's assessments and the samples they are about, in one snapshot."""
    with store.begin(theme="assessments") as sink:
        for batch in report.to_batches():
            sink.write(batch)
        return sink.commit()
