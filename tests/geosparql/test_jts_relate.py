"""The relate cases of the JTS test suite through SPARQL: relate, and what follows by name.

``jts-relate-sparql``: a case passes if ``geof:relate`` says of its pattern what JTS expects, and
each sf, eh and rcc8 function what follows from the case's matrix. (Two empty geometries are
equal, which no matrix says.)
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
import shapely

from interlink import RELATIONS, encode, holds
from ontology import Literal
from store import Store
from tests.conformance.judge import judge
from tests.conformance.suites import require
from tests.geosparql.asking import PROLOGUE
from tests.geosparql.case import wkt

FILE = require("conformance/jts-relate") / "relate_cases.json"
CASES: Final[list[dict[str, Any]]] = json.loads(FILE.read_text())


def _rows(store: Store, calls: str) -> list[dict[str, Any]]:
    text = f"SELECT ?k {calls} {{ ?s <x:k> ?k ; <x:a> ?a ; <x:b> ?b }} ORDER BY ?k"
    return list(store.query(PROLOGUE + text).rows())


def _truths(rows: list[dict[str, Any]], name: str) -> list[bool | None]:
    found = (row.get(name) for row in rows)
    return [f.lexical == "true" if isinstance(f, Literal) else None for f in found]


@pytest.mark.timeout(300)
def test_every_case_and_function(tmp_path: Path) -> None:
    file = tmp_path / "cases.ttl"
    file.write_text(
        PROLOGUE
        + "\n".join(
            f"<x:{k}> <x:k> {k} ; <x:a> {wkt(case['a'])} ; <x:b> {wkt(case['b'])} ."
            for k, case in enumerate(CASES)
        ),
        encoding="utf-8",
    )
    store = Store.create(tmp_path / "store")
    store.load(file)
    patterns = sorted({case["pattern"] for case in CASES})
    related: dict[str, list[bool | None]] = {}
    for start in range(0, len(patterns), 50):
        some = patterns[start : start + 50]
        calls = " ".join(
            f'(geof:relate(?a, ?b, "{pattern}") AS ?r{at})' for at, pattern in enumerate(some)
        )
        rows = _rows(store, calls)
        assert len(rows) == len(CASES) == 642
        related |= {pattern: _truths(rows, f"r{at}") for at, pattern in enumerate(some)}
    judge("jts-relate-sparql", _outcomes(store, related))


def _outcomes(store: Store, related: dict[str, list[bool | None]]) -> dict[str, str | None]:
    rows = _rows(store, " ".join(f"(geof:{name}(?a, ?b) AS ?{name})" for name in RELATIONS))
    named = {name: _truths(rows, name) for name in RELATIONS}
    one, two = (shapely.from_wkt([case[key] for case in CASES]) for key in ("a", "b"))
    matrices = encode([case["geos"] for case in CASES])
    sizes = [shapely.get_dimensions(side).astype(np.int8) for side in (one, two)]
    empty = shapely.is_empty(one) & shapely.is_empty(two)
    equal = dict.fromkeys(("sfEquals", "ehEquals"), empty)
    equal["rcc8eq"] = empty & (sizes[0] == 2) & (sizes[1] == 2)
    outcomes: dict[str, str | None] = {}
    for at, case in enumerate(CASES):
        wrong = []
        if related[case["pattern"]][at] is not case["expected"]:
            wrong.append(f"relate is {related[case['pattern']][at]}")
        for name, relation in RELATIONS.items():
            wanted = bool(holds(relation, matrices[at : at + 1], *(s[at : at + 1] for s in sizes)))
            wanted |= name in equal and bool(equal[name][at])
            if named[name][at] is not wanted:
                wrong.append(f"{name} is {named[name][at]}")
        outcomes[f"{at} {case['file']}"] = "; ".join(wrong) or None
    return outcomes
