"""W3C SPARQL 1.0 and 1.1 syntax: what must parse does, what must not is refused.

By test type, over all manifests. ``sparql10-syntax``: 149 positive and 50 negative tests, 199.
``sparql11-syntax``: 169, or 166 without syntax-fed: 106 queries (94 of syntax-query, 3 of
syntax-fed, 9 negative ones among the evaluation tests) and 63 update requests (55 of
syntax-update-1 and -2, 8 negative ones of delete-insert).
"""

from __future__ import annotations

import pytest

from ontology import GeoloomError, QuerySyntaxError
from store import parse_query
from store.sparql.updates import parse_update
from tests.conformance.judge import judge
from tests.conformance.manifest import Case, cases
from tests.conformance.suites import require

SUITES = require("conformance/w3c-sparql/sparql")


def _wrong(case: Case) -> str | None:
    parse = parse_update if case.query.suffix == ".ru" else parse_query
    try:
        parse(case.text)
    except QuerySyntaxError as error:
        return str(error) if case.kind.startswith("Positive") else None
    except GeoloomError as error:
        return f"{type(error).__name__}: {error}"
    return None if case.kind.startswith("Positive") else "parsed"


@pytest.mark.parametrize("suite", ["sparql10", "sparql11"])
def test_syntax(suite: str) -> None:
    asked = [case for case in cases(SUITES / suite) if "SyntaxTest" in case.kind]
    outcomes = {case.name: _wrong(case) for case in asked}
    assert len(outcomes) == len(asked), "two cases have one name"
    judge(f"{suite}-syntax", outcomes)
