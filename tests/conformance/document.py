"""The page on conformance, made from ``build/conformance.json`` and the tables of the tests.

``python tests/conformance/document.py > docs/conformance.md`` writes it, after a run of the suites;
``test_document.py`` holds the page to the tables and the floors, and CI the floors to the suites.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.conformance.geosparql_requirements import REQUIREMENTS

HERE: Final = Path(__file__).parent
FIGURES: Final = HERE.parents[1] / "build" / "conformance.json"

HEAD: Final = """# Conformance

Made by `python tests/conformance/document.py` from what the suites recorded in
`build/conformance.json`, their floors and the tables of the tests. A floor only ever rises, and a
suite that falls below it fails the build.

## GeoSPARQL 1.1, requirement by requirement

"""
GEOSPARQL: Final = """
## Reference answers we dispute

Each fails on purpose: once one passes, its test says so.

"""
CONFIGURATIONS: Final = """
`geosparql-compliance` is the
[GeoSPARQL compliance benchmark](https://github.com/OpenLinkSoftware/GeoSPARQLBenchmark) (206
queries over GeoSPARQL 1.0), with one configuration for each conformance class, for its reference
answers contradict each other: requirements 3, 8 and 9 want asserted triples alone where 25 to 27
want the inferred ones too. Core, topology vocabulary, geometry and geometry topology are asked with
`--topology asserted --properties asserted`, RDFS entailment with `--classes` beside, query rewrite
with `--topology both`. `geosparql-compliance-default` is a store that nobody configured. Answers
are compared as the benchmark does: rows in order, WKT as text without white space, GML as canonical
XML. `geosparql11` and the metamorphic test (10,000 random pairs at night, 300 in CI) are our own:
no official suite of 1.1 exists. Suites named `-tables` run over entity tables.
"""


def _requirements() -> Iterator[str]:
    yield "| requirement (OGC 22-047r1) | state | by |\n|---|---|---|"
    for group in REQUIREMENTS:
        for name in group.names:
            yield f"| `{group.path}{name}` | {group.state} | {group.remark} |"


def _suites(figures: Mapping[str, Mapping[str, int]], floors: Mapping[str, int]) -> Iterator[str]:
    yield "| suite | passed | failed | disputed | floor |\n|---|---|---|---|---|"
    for suite in sorted(floors):
        found = figures[suite]
        cells = (found["passed"], found["failed"], found["excluded"], floors[suite])
        yield f"| `{suite}` | " + " | ".join(map(str, cells)) + " |"


def _disputed() -> Iterator[str]:
    yield "| suite | case | why |\n|---|---|---|"
    for suite, cases in tomllib.loads((HERE / "excluded.toml").read_text()).items():
        for case, reason in cases.items():
            yield f"| `{suite}` | `{case}` | {reason.replace('|', chr(92) + '|')} |"


def page(figures: Mapping[str, Mapping[str, int]]) -> str:
    """Return the text of docs/conformance.md."""
    floors = tomllib.loads((HERE / "floors.toml").read_text())
    parts = (
        HEAD + "\n".join(_requirements()),
        "\n\n## Suites\n\n" + "\n".join(_suites(figures, floors)),
        "\n" + CONFIGURATIONS + GEOSPARQL + "\n".join(_disputed()) + "\n",
    )
    return "".join(parts)


if __name__ == "__main__":
    print(page(json.loads(FIGURES.read_text())), end="")
