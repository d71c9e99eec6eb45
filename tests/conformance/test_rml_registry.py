"""The KG-construction group's RML-IO-Registry cases: files of many kinds, and databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, parse

from mapper import NTriplesSink, load_mapping, run_mapping
from ontology import GeoloomError
from tests.conformance.judge import judge
from tests.conformance.rml_databases import prepared
from tests.conformance.suites import require

ROOT = require("conformance/rml") / "rml-io-registry" / "test-cases"

AT_AN_IRI = {"RMLIOREGTC0007a": "Friends.json", "RMLIOREGTC0012a": "Friends.csv"}
"""Cases whose source is an IRI, and the copy of it that lies beside the mapping."""


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.standard("RML-IO-Registry: test cases")
def test_registry(tmp_path: Path) -> None:
    cases = sorted(p.parent for p in ROOT.glob("*/mapping.ttl"))
    assert len(cases) == 102
    outcomes = {}
    for case in cases:
        folder = tmp_path / case.name
        folder.mkdir()
        outcomes[case.name] = _wrong(case, folder)
    judge("rml-io-registry", outcomes)


def _wrong(case: Path, folder: Path) -> str | None:
    """What is wrong with the mapper's answer to a case, or None."""
    out, expected = folder / "out.nq", case / "output.nq"
    try:
        with prepared(case / "mapping.ttl", folder) as (mapping, database):
            if mapping is None:
                return "it was not run"
            run_mapping(
                load_mapping(mapping, base_iri="http://example.com/"),
                NTriplesSink(out),
                base_dir=case,
                on_bad="fail",
                database=database,
                file=case / AT_AN_IRI[case.name] if case.name in AT_AN_IRI else None,
            )
    except GeoloomError as error:
        if out.exists():
            return f"there is output in spite of {error}"
        return f"{type(error).__name__}: {error}" if expected.exists() else None
    if not expected.exists():
        return "an error was expected"
    return None if _dataset(out) == _dataset(expected) else out.read_text()


def _dataset(path: Path) -> Dataset:
    quads = Dataset(parse(path.read_bytes(), format=RdfFormat.N_QUADS, lenient=True))
    quads.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return quads
