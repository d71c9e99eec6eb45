"""Measuring which features subjects have together, and what kind of subjects links lead to.

A sample of subjects, a slice of the space of ids, is gathered from all lanes and tables in one scan
of their id columns, together with some of the objects they link to, which a scan of the links has
found before.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import duckdb

from ..catalog import CharacteristicSet, CharacteristicSets, Feature
from .characteristic_sources import Sources, column_feature, lane_feature
from .manifest import Manifest

SAMPLE_SUBJECTS: Final = 16_384
FEWEST: Final = 500
"""Triples below which a store has no characteristic sets."""
MOST_SETS: Final = 200
"""The last of which may be all the rest."""
MOST_CLASSES: Final = 256
MOST_LINKS: Final = 1_000

_OBJECTS: Final = 1_000
"""Objects of a lane whose sets are looked up."""
_STALE: Final = 0.1
_WORK: Final = tuple(
    f"set_{name}"
    for name in (
        "links", "linked", "had", "classes", "kept", "features", "numbered", "subjects", "ranked",
    )
)  # fmt: skip
_NO_LINKS: Final = "SELECT 0::BIGINT AS g, 0::BIGINT AS s, 0 AS f, 0::BIGINT AS o LIMIT 0"

_LINKED: Final = f"""
CREATE TEMP TABLE set_linked AS
SELECT f, o FROM set_links GROUP BY f, o
QUALIFY row_number() OVER (PARTITION BY f ORDER BY hash(o)) <= {_OBJECTS}"""
_CLASSES: Final = f"""
CREATE TEMP TABLE set_classes AS
SELECT f, c FROM set_had WHERE c IS NOT NULL GROUP BY f, c
QUALIFY row_number() OVER (PARTITION BY f ORDER BY sum(n) DESC, c) <= {MOST_CLASSES}"""
_KEPT: Final = """
CREATE TEMP TABLE set_kept AS
SELECT g, s, f, k.c AS c, sum(n)::BIGINT AS n
FROM set_had LEFT JOIN set_classes AS k USING (f, c) GROUP BY ALL"""
_FEATURES: Final = """
CREATE TEMP TABLE set_features AS
SELECT f, c, (row_number() OVER (ORDER BY f, c) - 1)::INTEGER AS number
FROM (SELECT DISTINCT f, c FROM set_kept)"""
_NUMBERED: Final = """
CREATE TEMP TABLE set_numbered AS
SELECT k.g, k.s, k.n, x.number
FROM set_kept AS k JOIN set_features AS x ON k.f = x.f AND k.c IS NOT DISTINCT FROM x.c"""
_SUBJECTS: Final = """
CREATE TEMP TABLE set_subjects AS
SELECT g, s, hash(list(number ORDER BY number)) AS k FROM set_numbered GROUP BY g, s"""
_RANKED: Final = f"""
CREATE TEMP TABLE set_ranked AS
WITH sizes AS (
  SELECT k, count(*) FILTER (s % {{step}} = 0) AS sampled, count(*) AS n
  FROM set_subjects GROUP BY k
), ranks AS (SELECT k, row_number() OVER (ORDER BY sampled DESC, n DESC, k) AS r FROM sizes)
SELECT g, s, least(r, {MOST_SETS})::INTEGER - 1 AS rank FROM set_subjects JOIN ranks USING (k)"""
_SIZES: Final = """
SELECT rank, count(*) FILTER (s % {step} = 0), count(*) FROM set_ranked
GROUP BY rank ORDER BY rank"""
_MEANS: Final = """
SELECT rank, number, sum(n) / any_value(size)
FROM set_numbered JOIN set_ranked USING (g, s)
JOIN (SELECT rank, count(*) AS size FROM set_ranked GROUP BY rank) USING (rank)
GROUP BY rank, number ORDER BY rank, number"""
_LINKS: Final = """
SELECT a.rank, x.number, coalesce(b.rank, -1), count(*) AS n
FROM set_links AS l SEMI JOIN set_linked AS held ON held.f = l.f AND held.o = l.o
JOIN set_features AS x ON x.f = l.f
JOIN set_ranked AS a ON a.g = l.g AND a.s = l.s
LEFT JOIN set_ranked AS b ON b.g = l.g AND b.s = l.o
GROUP BY ALL ORDER BY n DESC, 1, 2, 3 LIMIT {most}"""


def with_sets(con: duckdb.DuckDBPyConnection, root: Path, manifest: Manifest) -> Manifest:
    """Return the manifest with characteristic sets that fit it.

    They are measured anew once the triples of lanes and columns differ by more than a tenth of
    all from what they were; until then estimates scale what is known. Where they cannot be, for
    a damaged file or want of memory, those that are there stay: nothing but estimates rests on
    them.
    """
    if manifest.triples < FEWEST:
        return manifest if manifest.sets is None else replace(manifest, sets=None)
    rows, subjects = _counted(manifest)
    if manifest.sets is not None and not _stale(manifest.sets, rows):
        return manifest
    step = max(1, math.ceil(subjects / SAMPLE_SUBJECTS))
    try:
        with _work(con):
            found = _measured(con, Sources(root, manifest), rows, step)
    except duckdb.InterruptException:
        raise
    except duckdb.Error:
        return manifest
    return replace(manifest, sets=found)


def _counted(manifest: Manifest) -> tuple[dict[Feature, int], int]:
    """Triples of each lane and column, and the subjects of the predicate that has most."""
    rows = {lane_feature(lane.key): lane.rows for lane in manifest.lanes}
    subjects: dict[str, int] = defaultdict(int)
    for lane in manifest.lanes:
        subjects[lane.key.predicate] += lane.distinct_subjects or lane.rows
    for table in manifest.tables:
        for column in table.columns:
            count = table.triples_of(column.name)
            rows[column_feature(table, column)] = count
            subjects[column.key.predicate] += count
    return rows, max(subjects.values())


def _stale(sets: CharacteristicSets, rows: Mapping[Feature, int]) -> bool:
    differ = defaultdict(int, rows)
    for feature, held in zip(sets.features, sets.rows, strict=True):
        differ[replace(feature, node=None)] -= held
    return sum(map(abs, differ.values())) > _STALE * sum(rows.values())


@contextmanager
def _work(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    try:
        yield
    finally:
        for name in _WORK:
            con.execute(f"DROP TABLE IF EXISTS {name}")


def _measured(
    con: duckdb.DuckDBPyConnection, sources: Sources, rows: Mapping[Feature, int], step: int
) -> CharacteristicSets:
    links = " UNION ALL ".join(sources.links()) or _NO_LINKS
    con.execute(f"CREATE TEMP TABLE set_links AS SELECT * FROM ({links}) WHERE s % {step} = 0", [])
    con.execute(_LINKED)
    here = f"{{s}} % {step} = 0 OR {{s}} IN (SELECT o FROM set_linked)" if step > 1 else "true"
    features = " UNION ALL ".join(sources.features(here))
    con.execute(
        "CREATE TEMP TABLE set_had AS"
        f" SELECT g, s, f, c, count(*) AS n FROM ({features}) GROUP BY ALL"
    )
    for statement in (_CLASSES, _KEPT, _FEATURES, _NUMBERED, _SUBJECTS, _RANKED):
        con.execute(statement.format(step=step))
    named = con.execute("SELECT f, c FROM set_features ORDER BY number").fetchall()
    found = tuple(replace(sources.homes[f], node=c) for f, c in named)
    sets = _sets(con, step)
    return CharacteristicSets(found, _rows(found, sets, rows), sets, _links(con))


def _sets(con: duckdb.DuckDBPyConnection, step: int) -> tuple[CharacteristicSet, ...]:
    """The sets by rank; means are those of all subjects gathered, counts those of the sample."""
    triples: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for rank, number, mean in con.execute(_MEANS).fetchall():
        triples[rank].append((number, mean))
    made = []
    for rank, sampled, gathered in con.execute(_SIZES.format(step=step)).fetchall():
        subjects = max(sampled * step, gathered)
        pairs = tuple((number, max(round(mean * subjects), 1)) for number, mean in triples[rank])
        made.append(CharacteristicSet(subjects, pairs))
    return tuple(made)


def _rows(
    features: Iterable[Feature],
    sets: Iterable[CharacteristicSet],
    rows: Mapping[Feature, int],
) -> tuple[int, ...]:
    """Triples of each feature; those of classes are shares of their lane's."""
    found: dict[int, int] = defaultdict(int)
    for held in sets:
        for number, triples in held.triples:
            found[number] += triples
    of_home: dict[Feature, int] = defaultdict(int)
    for number, feature in enumerate(features):
        of_home[replace(feature, node=None)] += found[number]
    counts = []
    for number, feature in enumerate(features):
        home = replace(feature, node=None)
        counts.append(round(rows[home] * found[number] / max(of_home[home], 1)))
    return tuple(counts)


def _links(con: duckdb.DuckDBPyConnection) -> tuple[tuple[int, int, int, int], ...]:
    return tuple(con.execute(_LINKS.format(most=MOST_LINKS)).fetchall())
