"""The W3C KG-construction group's RML-Core and RML-FNML cases, where GEOLOOM_SUITES has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, parse

from mapper import NTriplesSink, load_mapping, run_mapping
from ontology import GeoloomError
from tests.conformance.suites import record, require

ROOT = require("conformance/rml")

CASES = {
    suite: sorted(p.parent for p in (ROOT / suite / "test-cases").glob("*/mapping.ttl"))
    for suite in ("rml-core", "rml-fnml")
}


def test_all_cases_are_there() -> None:
    assert {suite: len(cases) for suite, cases in CASES.items()} == {"rml-core": 76, "rml-fnml": 20}


@pytest.fixture(scope="module")
def passed() -> Iterator[Counter[str]]:
    counts: Counter[str] = Counter()
    yield counts
    for suite, cases in CASES.items():
        record(suite, counts[suite], len(cases) - counts[suite])


@pytest.mark.standard("RML-Core and RML-FNML: test cases")
@pytest.mark.parametrize(
    ("suite", "case"),
    [pytest.param(suite, c, id=c.name) for suite, cases in CASES.items() for c in cases],
)
def test_case(suite: str, case: Path, tmp_path: Path, passed: Counter[str]) -> None:
    out = tmp_path / "out.nq"

    def execute() -> None:
        mapping = load_mapping(case / "mapping.ttl", base_iri="http://example.com/")
        run_mapping(mapping, NTriplesSink(out), base_dir=case, on_bad="fail")

    expected = case / "output.nq"
    if not expected.exists():
        with pytest.raises(GeoloomError):
            execute()
        assert not out.exists()
    else:
        execute()
        assert dataset(out) == dataset(expected)
    passed[suite] += 1


def dataset(path: Path) -> Dataset:
    quads = Dataset(parse(path.read_bytes(), format=RdfFormat.N_QUADS, lenient=True))
    quads.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return quads
