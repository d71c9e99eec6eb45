"""The W3C KG-construction group's RML-Core and RML-FNML cases, where GEOLOOM_SUITES has them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, parse

from mapper import NTriplesSink, load_mapping, run_mapping
from ontology import GeoloomError

SUITES = os.environ.get("GEOLOOM_SUITES")
if not SUITES:
    pytest.skip(
        "set GEOLOOM_SUITES to the folder that holds conformance/rml", allow_module_level=True
    )
ROOT = Path(SUITES) / "conformance" / "rml"
if not ROOT.is_dir():
    pytest.skip(f"no RML cases under {ROOT}", allow_module_level=True)

CASES = {
    suite: sorted(p.parent for p in (ROOT / suite / "test-cases").glob("*/mapping.ttl"))
    for suite in ("rml-core", "rml-fnml")
}


def test_all_cases_are_there() -> None:
    assert {suite: len(cases) for suite, cases in CASES.items()} == {"rml-core": 76, "rml-fnml": 20}


@pytest.mark.standard("RML-Core and RML-FNML: test cases")
@pytest.mark.parametrize(
    "case", [pytest.param(c, id=c.name) for cases in CASES.values() for c in cases]
)
def test_case(case: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.nq"

    def execute() -> None:
        mapping = load_mapping(case / "mapping.ttl", base_iri="http://example.com/")
        run_mapping(mapping, NTriplesSink(out), base_dir=case, on_bad="fail")

    expected = case / "output.nq"
    if not expected.exists():
        with pytest.raises(GeoloomError):
            execute()
        assert not out.exists()
        return
    execute()
    assert dataset(out) == dataset(expected)


def dataset(path: Path) -> Dataset:
    quads = Dataset(parse(path.read_bytes(), format=RdfFormat.N_QUADS, lenient=True))
    quads.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return quads
