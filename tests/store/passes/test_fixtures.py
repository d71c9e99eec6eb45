"""Golden pairs: each pass's plan before and after, as S-expressions.

A fixture has a query, then ``--- before``, then ``--- after``. Set GEOLOOM_REGENERATE=1 to
rewrite them and review the diff.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from ontology import CRS84, PREFIXES, RDF_TYPE, Lane
from store.catalog import BoxGrid, LaneFile, LaneStatistics, LaneTable
from store.passes import PASSES, format_plan
from store.sparql import parse_query

FIXTURES = sorted((Path(__file__).parent / "fixtures").glob("*.txt"))
BY_NAME = {rewrite.__name__: rewrite for rewrite in PASSES}


@dataclass
class Statistics:
    """A snapshot with counts and no data."""

    number: int = 1
    dictionary: tuple[Path, ...] = ()
    graphs: tuple[str, ...] = ()
    prefixes: dict[str, str] = field(default_factory=dict)
    lanes: tuple[LaneTable, ...] = field(default=())
    sets: None = None

    def known(self, nodes: object) -> dict[str, int]:
        return {}

    def check_files(self, lane_files: object, *, dictionary: bool) -> None:
        pass


def lane(predicate: str, kind: Lane, rows: int, subjects: int, objects: int) -> LaneTable:
    files = (LaneFile(Path("x.parquet"), rows),)
    return LaneTable(
        predicate, kind, files, rows, distinct_subjects=subjects, distinct_objects=objects
    )


PLACES = replace(
    lane("http://ex/place", Lane.GEOMETRY, 100_000, 100_000, 100_000),
    crs=CRS84,
    statistics=LaneStatistics(
        100_000, grid=BoxGrid((10.0, 45.0, 20.0, 55.0), 10, (1000,) * 100, 0.0, 0.0)
    ),
)

STATISTICS = Statistics(
    lanes=(
        lane(RDF_TYPE, Lane.NODE, 3000, 3000, 3),
        lane("http://ex/cls", Lane.NODE, 2000, 2000, 12),
        lane("http://ex/owner", Lane.NODE, 2000, 2000, 1900),
        lane("http://ex/name", Lane.STRING, 10, 10, 10),
        lane(PREFIXES["geo"] + "hasGeometry", Lane.NODE, 2000, 2000, 2000),
        lane(PREFIXES["geo"] + "asWKT", Lane.GEOMETRY, 2000, 2000, 2000),
        PLACES,
    )
)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_golden(path: Path) -> None:
    query, _, rest = path.read_text(encoding="utf-8").partition("--- before\n")
    rewrite = BY_NAME[path.stem.split("-")[0]]
    plan = parse_query("PREFIX : <http://ex/>\n" + query).plan
    if rewrite.__name__ == "prune_spatial_joins":
        plan = BY_NAME["recognise_spatial_joins"](plan, STATISTICS)
    made = f"{format_plan(plan)}\n--- after\n{format_plan(rewrite(plan, STATISTICS))}\n"
    if os.environ.get("GEOLOOM_REGENERATE"):
        path.write_text(f"{query}--- before\n{made}", encoding="utf-8")
    else:
        assert made == rest


def test_every_pass_has_a_fixture() -> None:
    assert {path.stem.split("-")[0] for path in FIXTURES} == set(BY_NAME)
