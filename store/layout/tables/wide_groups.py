"""Groups made of rows that were staged as rows: shapes merged, rows that clash sent to lanes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa

from ontology import Lane

from ..counting import count
from ..staging import Staging
from ..wide import WideKey, WideRows
from .column_keys import Cell, Group, Place, cells_of, places_of
from .held_rows import HeldRows
from .pivot import value_names
from .shapes import MAX_REPEATED, Limits, merged_shapes

CLASHING: Final = "clashing"
"""Temporary table (g, s) of subjects that several rows claim."""

_BATCH_ROWS: Final = 100_000
_COUNTED: Final = 3_000_000
"""Subjects that are counted at once."""


def wide_groups(
    con: duckdb.DuckDBPyConnection, staged: Staging, limits: Limits
) -> tuple[Group, ...]:
    """Groups of the rows staged; what is in none has become rows of staged lanes."""
    wide = staged.wide
    if wide is None:
        return ()
    wide.settle()
    staged.remarks += [
        f"{theme}: its subjects are not unique per row; what its rows say of a subject is put"
        " together, triple by triple"
        for theme in sorted(wide.repeating)
    ]
    groups = list(_merged(con, wide, limits))
    if not groups:
        return ()
    if _find_clashes(con, staged, groups):
        parts = [part for group in groups for part in _untangled(con, group)]
        if parts != groups:
            groups = parts
            _find_clashes(con, staged, groups)
    return tuple(_without_clashes(con, staged, wide, groups, limits))


def _merged(con: duckdb.DuckDBPyConnection, wide: WideRows, limits: Limits) -> Iterator[Group]:
    """A group for each merged shape that is large enough; the rest goes to lanes."""
    themes: defaultdict[str, list[WideKey]] = defaultdict(list)
    for key in wide.spool.keys:
        themes[key.theme].append(key)
    number = 0
    for theme, keys in sorted(themes.items()):
        for places, inside in _shapes(wide, keys):
            members = list(_in_full_graphs(wide, inside, limits))
            if not members or len(places) < limits.columns:
                for key in members:
                    wide.give_up(key)
                continue
            rows = sum(wide.spool.rows(key) for key in members)
            views = []
            for key in members:
                number += 1
                wide.spool.expose(con, f"wide_{number}", key)
                views.append((f"wide_{number}", key))
            held = tuple(
                HeldRows(wide.spool, key, view, _names(places, key)) for view, key in views
            )
            yield Group(theme, _union(places, views), cells_of(places), rows, held)


def _in_full_graphs(wide: WideRows, keys: Iterable[WideKey], limits: Limits) -> Iterator[WideKey]:
    """The keys of graphs that have enough rows; those of other graphs go to lanes."""
    keys = list(keys)
    rows: Counter[str | None] = Counter()
    for key in keys:
        rows[key.graph] += wide.spool.rows(key)
    for key in keys:
        if rows[key.graph] >= limits.subjects:
            yield key
        else:
            wide.give_up(key)


def _shapes(wide: WideRows, keys: Iterable[WideKey]) -> Iterator[tuple[list[Place], list[WideKey]]]:
    """Places of each merged shape, and the keys that belong to it."""
    held = {key: places_of(key.columns) for key in keys}
    every = sorted({place for places in held.values() for place in places})
    numbers = {place: number for number, place in enumerate(every)}
    sizes: defaultdict[frozenset[int], int] = defaultdict(int)
    for key, places in held.items():
        sizes[frozenset(map(numbers.__getitem__, places))] += wide.spool.rows(key)
    shapes = merged_shapes(sizes.items())
    members: defaultdict[frozenset[int], list[WideKey]] = defaultdict(list)
    for key, places in held.items():
        members[shapes[frozenset(map(numbers.__getitem__, places))]].append(key)
    for shape, inside in members.items():
        yield [every[number] for number in sorted(shape)], inside


def _names(places: list[Place], key: WideKey) -> dict[str, str]:
    """Columns of a shape by what they are called in the rows of a key."""
    names = {name: name for name in ("g", "t", "s")}
    for number, place in enumerate(places_of(key.columns)):
        wanted = places.index(place)
        names |= {f"{n}{wanted}": f"{n}{number}" for n in value_names(place[1].lane)}
    return names


def _union(places: list[Place], views: Iterable[tuple[str, WideKey]]) -> str:
    """A SELECT, in brackets, of rows of several keys with the columns of their shape."""
    selects = []
    for view, key in views:
        items = (f"{held} AS {name}" for name, held in _names(places, key).items())
        selects.append(f"SELECT {', '.join(items)} FROM {view}")
    return f"({' UNION ALL BY NAME '.join(selects)})"


def subject_columns(group: Group) -> list[str]:
    """The columns with ids of subjects."""
    linking = sorted({cell.view for cell in group.columns if cell.view is not None})
    return ["s", *(f"i{number}" for number in linking)]


def subjects_of(groups: Iterable[Group]) -> str | None:
    """SQL relation (g, s) of the subjects of groups, None without any."""
    claims = [
        f"SELECT g, {column} AS s FROM {group.source} WHERE {column} IS NOT NULL"
        for group in groups
        for column in subject_columns(group)
    ]
    return f"({' UNION ALL '.join(claims)})" if claims else None


def _find_clashes(con: duckdb.DuckDBPyConnection, staged: Staging, groups: Iterable[Group]) -> bool:
    """Find subjects that stand in two rows or views, or have triples of their columns in lanes."""
    groups = list(groups)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {CLASHING} (g BIGINT, s BIGINT)")
    for within in _ranges(sum(group.rows * len(subject_columns(group)) for group in groups)):
        claims = f"FROM {subjects_of(groups)} WHERE {within}"
        if not _all_distinct(con, claims):
            con.execute(
                f"INSERT INTO {CLASHING} SELECT g, s {claims} GROUP BY g, s HAVING count(*) > 1"
            )
    predicates = {cell.key.predicate for group in groups for cell in group.columns}
    for key in staged.lanes.keys:
        if key.predicate in predicates:
            with staged.lanes.exposed(con, "staged_rows", key):
                con.execute(f"INSERT INTO {CLASHING} SELECT DISTINCT g, s FROM staged_rows")
    return count(con, CLASHING) > 0


def _ranges(subjects: int) -> Iterator[str]:
    """SQL conditions on ids, which are hashes: subjects that meet one fit in memory."""
    ranges = max(-(-subjects // _COUNTED), 1)
    bounds = [-(2**63) + k * 2**64 // ranges for k in range(ranges)] + [2**63]
    for least, beyond in pairwise(bounds):
        yield f"s BETWEEN ({least})::BIGINT AND ({beyond - 1})::BIGINT"


def _all_distinct(con: duckdb.DuckDBPyConnection, claims: str) -> bool:
    """Whether no id is there twice, in whatever graph: found faster than by grouping."""
    ids = np.sort(con.execute(f"SELECT s {claims}").fetchnumpy()["s"])
    return not bool((ids[1:] == ids[:-1]).any())


def _clash(group: Group) -> str:
    """SQL condition that a row ``r`` of a group is one of several that claim a subject."""
    return " OR ".join(
        f"EXISTS (FROM {CLASHING} c WHERE c.s = r.{column} AND c.g IS NOT DISTINCT FROM r.g)"
        for column in subject_columns(group)
    )


def _touched(con: duckdb.DuckDBPyConnection, group: Group) -> int:
    return count(con, f"{group.source} r WHERE {_clash(group)}")


def _untangled(con: duckdb.DuckDBPyConnection, group: Group) -> Iterator[Group]:
    """The group, or one for each of its views if too many rows share the subject of a view."""
    views = [cell.view for cell in group.columns if cell.view is not None]
    if not views or _touched(con, group) <= MAX_REPEATED * group.rows:
        yield group
        return
    yield _part(group, None, "s", "t")
    for view in sorted({*views}):
        part = _part(group, view, f"i{view}", f"v{view}")
        yield replace(part, rows=count(con, part.source), held=())


def _part(group: Group, view: int | None, subject: str, text: str) -> Group:
    """One view of a group as a group of its own."""
    numbers = [n for n, cell in enumerate(group.columns) if cell.view == view]
    items = ["g", f"{text} AS t", f"{subject} AS s"]
    held = []
    for new, old in enumerate(numbers):
        names = value_names(group.columns[old].key.lane)
        items += [f"{name}{old} AS {name}{new}" for name in names]
        held.append(f"{'i' if group.columns[old].key.lane is Lane.NODE else 'v'}{old} IS NOT NULL")
    distinct = "" if view is None else "DISTINCT "
    where = f"{subject} IS NOT NULL AND ({' OR '.join(held)})"
    source = f"(SELECT {distinct}{', '.join(items)} FROM {group.source} WHERE {where})"
    columns = tuple(Cell(group.columns[n].key) for n in numbers)
    return Group(group.theme, source, columns, group.rows)


def _without_clashes(
    con: duckdb.DuckDBPyConnection,
    staged: Staging,
    wide: WideRows,
    groups: Iterable[Group],
    limits: Limits,
) -> Iterator[Group]:
    """The groups without rows that clash, or have become too few; those go to lanes."""
    clashes = count(con, CLASHING)
    for number, group in enumerate(groups):
        if not clashes:
            yield group
            continue
        touched = _touched(con, group)
        if touched:
            _remark(con, staged, group, touched)
            _to_lanes(con, wide, group, _clash(group))
        left = group.rows - touched
        kept = f"(FROM {group.source} r WHERE NOT ({_clash(group)}))" if touched else group.source
        if left < limits.subjects:
            _to_lanes(con, wide, replace(group, source=kept), "true")
        elif touched:
            con.execute(f"CREATE OR REPLACE TEMP TABLE kept_{number} AS {kept}")
            yield replace(group, source=f"kept_{number}", rows=left, held=())
        else:
            yield group


def _to_lanes(con: duckdb.DuckDBPyConnection, wide: WideRows, group: Group, where: str) -> None:
    reader = con.execute(f"SELECT r.* FROM {group.source} r WHERE {where}").to_arrow_reader(
        _BATCH_ROWS
    )
    for batch in reader:
        wide.to_lanes(group.columns, pa.Table.from_batches([batch]))


def _remark(con: duckdb.DuckDBPyConnection, staged: Staging, group: Group, touched: int) -> None:
    row = con.execute(f"SELECT min(t) FROM {group.source} r WHERE {_clash(group)}").fetchone()
    staged.remarks.append(
        f"{group.theme}: {touched:,} rows share a subject with another row or with single triples"
        f" and are kept as single triples, for example {row[0] if row else ''}"
    )
