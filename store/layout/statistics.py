"""Measuring a lane once it is written: what the estimates of the planner rest on.

Two scans of the lane's files, the cost of one ``approx_count_distinct`` (25 ms a million rows).
The first counts distinct subjects and objects in a slice of the hash space, which is exact for
lanes up to :data:`SAMPLE_ROWS` rows and off by 1-2 % beyond; the second takes every n-th row in
the order of the files, so that frequent objects and ends of bins are found where they lie.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ontology import GEOMETRY_DATATYPES, Lane, parse_geometries

from ..catalog import BoxGrid, LaneStatistics
from .lane_columns import COLUMNS
from .manifest import LaneEntry
from .quoting import quoted_text

Frequent = tuple[tuple[Any, int], ...]

SAMPLE_ROWS: Final = 65_536
COMMON: Final = 48
"""Frequent objects kept a lane."""
BINS: Final = 32
GRID: Final = 24
"""Cells a side of a geometry lane's grid."""

_DATATYPES: Final = ", ".join(map(quoted_text, GEOMETRY_DATATYPES))
_BATCH_ROWS: Final = 50_000
_LONGEST: Final = 80
_ENOUGH: Final = 256
"""Distinct values in a slice from which on the slice is trusted (6 %)."""
_STALE: Final = 0.1

_ORDERED: Final = frozenset(
    {Lane.INTEGER, Lane.DECIMAL, Lane.DOUBLE, Lane.FLOAT, Lane.DATE, Lane.DATETIME}
)
_EXTREMES: Final[Mapping[Lane, str]] = {
    **dict.fromkeys(_ORDERED, "{}(o)"),
    **dict.fromkeys((Lane.DATE, Lane.DATETIME), "{}(o)::VARCHAR"),
}
_KEYS: Final[Mapping[Lane, str]] = {
    Lane.NODE: "o",
    Lane.STRING: "o",
    Lane.LANG: "o || '@' || lang",
    Lane.OTHER: "o || '^^' || datatype",
    Lane.DATE: "epoch(o)",
    Lane.DATETIME: "epoch(o)",
}


@dataclass(frozen=True, slots=True)
class _Source:
    """Files of a lane to measure."""

    con: duckdb.DuckDBPyConnection
    lane: Lane
    files: Sequence[str]
    rows: int

    @property
    def step(self) -> int:
        """Every how-manieth row, or part of the hash space, is looked at."""
        return slice_step(self.rows)

    def read(self, items: str, where: str = "") -> pa.Table:
        """Select from the files."""
        return self.con.execute(
            f"SELECT {items} FROM read_parquet($files, file_row_number = true) {where}",
            {"files": list(self.files)},
        ).to_arrow_table()


def with_statistics(
    con: duckdb.DuckDBPyConnection,
    files: Sequence[str],
    entry: LaneEntry,
    before: LaneEntry | None = None,
) -> LaneEntry:
    """Return the entry with what is measured of its rows.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
    files : sequence of str
        Paths of the entry's files.
    entry : LaneEntry
    before : LaneEntry, optional
        The lane before the change. While less than a tenth of its rows have been written since
        it was measured, only the new files are read: flags and extremes widen, the rest stays.
    """
    new = () if before is None else _written(before, entry, files)
    kept = None if before is None else _still_good(before, entry, new)
    if before is not None and kept is not None:
        return _widened(con, before, replace(entry, statistics=kept), [path for path, _ in new])
    source = _Source(con, entry.key.lane, files, entry.rows)
    counts = _counts(source)
    measured, sampled = _sampled(source, with_graphs=bool(counts["has_graphs"]))
    rows, step = source.rows, source.step
    return replace(
        entry,
        distinct_subjects=_in_all(rows, step, counts["subjects"], counts["subject_rows"]) or 1,
        distinct_objects=(
            None
            if source.lane is Lane.GEOMETRY
            else all_distinct(rows, step, counts["objects"], counts["object_rows"], sampled)
        ),
        has_lexical=bool(counts["has_lexical"]),
        has_graphs=bool(counts["has_graphs"]),
        least=_scalar(counts["least"]),
        greatest=_scalar(counts["greatest"]),
        statistics=measured,
        systems=tuple(sorted(_systems(source))) if counts["geometric"] else (),
    )


def _systems(source: _Source) -> set[str]:
    """CRSs of the geometry literals in lane OTHER that can be read."""
    found: set[str] = set()
    reader = source.con.execute(
        f"SELECT o, datatype FROM read_parquet($files) WHERE datatype IN ({_DATATYPES})",
        {"files": list(source.files)},
    ).to_arrow_reader(_BATCH_ROWS)
    for batch in reader:
        for datatype in pc.unique(batch["datatype"]).to_pylist():
            texts = batch["o"].filter(pc.equal(batch["datatype"], datatype))
            found |= {*pc.unique(parse_geometries(texts, datatype).crs.drop_null()).to_pylist()}
    return found


def _written(
    before: LaneEntry, entry: LaneEntry, files: Sequence[str]
) -> tuple[tuple[str, int], ...]:
    """Paths and rows of the files that the lane did not have before."""
    held = {file.path for file in before.files}
    pairs = zip(files, entry.files, strict=True)
    return tuple((path, file.rows) for path, file in pairs if file.path not in held)


def _still_good(
    before: LaneEntry, entry: LaneEntry, new: Sequence[tuple[str, int]]
) -> LaneStatistics | None:
    written = sum(rows for _, rows in new)
    return still_good(before.statistics, max(written, before.rows + written - entry.rows))


def still_good(before: LaneStatistics | None, changed: int) -> LaneStatistics | None:
    """The statistics after so many more rows changed; None if they are stale now."""
    if before is None:
        return None
    changed += before.changed
    return replace(before, changed=changed) if changed <= _STALE * before.rows else None


def _widened(
    con: duckdb.DuckDBPyConnection, before: LaneEntry, entry: LaneEntry, new: Sequence[str]
) -> LaneEntry:
    """The entry with what was known before, and flags and extremes of the new files."""
    objects = before.distinct_objects
    entry = replace(
        entry,
        distinct_subjects=min(before.distinct_subjects or entry.rows, entry.rows),
        distinct_objects=None if objects is None else min(objects, entry.rows),
        has_lexical=before.has_lexical,
        has_graphs=before.has_graphs,
        least=before.least,
        greatest=before.greatest,
        systems=before.systems,
    )
    if not new:
        return entry
    source = _Source(con, entry.key.lane, new, entry.rows)
    counts = _counts(source)
    systems = _systems(source) if counts["geometric"] else set()
    ends = [_scalar(counts[name]) for name in ("least", "greatest")]
    return replace(
        entry,
        has_lexical=before.has_lexical or bool(counts["has_lexical"]),
        has_graphs=before.has_graphs or bool(counts["has_graphs"]),
        least=_outer(min, before.least, ends[0]),
        greatest=_outer(max, before.greatest, ends[1]),
        systems=tuple(sorted({*before.systems, *systems})),
    )


def _outer(choose: Callable[..., Any], before: Any, now: Any) -> Any:
    known = [value for value in (before, now) if value is not None]
    return choose(known) if known else None


def _counts(source: _Source) -> dict[str, Any]:
    lane, step = source.lane, source.step
    lexical = "lex IS NOT NULL" if "lex" in COLUMNS[lane].names else "false"
    extreme = _EXTREMES.get(lane, "NULL")
    geometric = f"bool_or(datatype IN ({_DATATYPES}))" if lane is Lane.OTHER else "false"
    items = [
        f"count(DISTINCT s) FILTER (s % {step} = 0) AS subjects",
        f"count(*) FILTER (s % {step} = 0) AS subject_rows",
        f"bool_or({lexical}) AS has_lexical",
        "bool_or(g IS NOT NULL) AS has_graphs",
        f"{geometric} AS geometric",
        f"{extreme.format('min')} AS least, {extreme.format('max')} AS greatest",
    ]
    if lane is not Lane.GEOMETRY:
        items += [
            f"count(DISTINCT o) FILTER (hash(o) % {step} = 0) AS objects",
            f"count(*) FILTER (hash(o) % {step} = 0) AS object_rows",
        ]
    row: dict[str, Any] = source.read(", ".join(items)).to_pylist()[0]
    return row


def slice_step(rows: int) -> int:
    """Every how-manieth of so many rows, or part of the hash space, is looked at."""
    return max(1, math.ceil(rows / SAMPLE_ROWS))


def _in_all(rows: int, step: int, distinct: int, slice_rows: int) -> int:
    """Distinct values of the whole from those of a slice; all, if none comes twice in it."""
    if step > 1 and distinct == slice_rows >= _ENOUGH:
        return rows
    return min(distinct * step, rows)


def all_distinct(rows: int, step: int, distinct: int, slice_rows: int, sampled: int | None) -> int:
    """Distinct objects of so many rows.

    Parameters
    ----------
    rows, step : int
    distinct, slice_rows : int
        Distinct objects, and rows, in a slice of 1/step of the hash space.
    sampled : int, optional
        What :func:`summed_up` expects, for slices with few objects.
    """
    few = step > 1 and distinct < _ENOUGH and sampled is not None
    found = sampled if few else _in_all(rows, step, distinct, slice_rows)
    return max(found or 1, 1)


def _sampled(source: _Source, *, with_graphs: bool) -> tuple[LaneStatistics, int | None]:
    """Statistics from every n-th row, and how many distinct objects those let expect."""
    graphs = "g" if with_graphs else "NULL::BIGINT AS g"
    key = "xmin, ymin, xmax, ymax"
    if source.lane is not Lane.GEOMETRY:
        key = f"{_KEYS.get(source.lane, 'o::DOUBLE')} AS o"
    sample = source.read(f"{graphs}, {key}", f"WHERE file_row_number % {source.step} = 0")
    scale = source.rows / max(sample.num_rows, 1)
    held = _frequent(sample.column("g"), scale)[0] if with_graphs else ()
    return summed_up(source.lane, sample, source.rows, held)


def summed_up(
    lane: Lane, sample: pa.Table, rows: int, graphs: Frequent = ()
) -> tuple[LaneStatistics, int | None]:
    """Statistics from a sample, and how many distinct objects it lets expect.

    Parameters
    ----------
    lane : Lane
    sample : pa.Table
        ``o`` as in :class:`LaneStatistics`, or ``xmin … ymax`` of geometries; no nulls but
        those of empty geometries.
    rows : int
        Of the whole.
    graphs : tuple of (id, rows)
    """
    if lane is Lane.GEOMETRY:
        return LaneStatistics(rows, graphs=graphs, grid=_grid(sample)), None
    column = sample.column("o")
    common, distinct = _frequent(column, rows / max(sample.num_rows, 1))
    bounds = _bounds(column) if lane in _ORDERED else ()
    return LaneStatistics(rows, common, graphs, bounds), min(distinct, rows)


def _frequent(column: pa.ChunkedArray, scale: float) -> tuple[Frequent, int]:
    """Values that come at least twice as often as the mean, with rows, and expected distincts.

    The expectation is Charikar's (PODS 2000): each value seen once stands for √scale values.
    """
    counted = pc.value_counts(column.combine_chunks())
    values, counts = counted.field("values"), counted.field("counts").to_numpy()
    once = int((counts == 1).sum()) if scale > 1 else 0
    distinct = round(len(counts) + once * (math.sqrt(scale) - 1))
    enough = 1.0 if len(counts) <= COMMON else max(2 * counts.mean(), 4.0 if scale > 1 else 2.0)
    order = np.argsort(-counts, kind="stable")[:COMMON]
    chosen = order[counts[order] >= enough]
    common = zip(values.take(pa.array(chosen)).to_pylist(), counts[chosen].tolist(), strict=True)
    return (
        tuple(
            (value, round(count * scale))
            for value, count in common
            if not (isinstance(value, str) and len(value) > _LONGEST)
        ),
        distinct,
    )


def _bounds(column: pa.ChunkedArray) -> tuple[float, ...]:
    values = np.sort(column.to_numpy())
    if not len(values):
        return ()
    at = np.linspace(0, len(values) - 1, BINS + 1).round().astype(np.intp)
    return tuple(values[at].tolist())


def _grid(sample: pa.Table) -> BoxGrid | None:
    """Centres of the boxes counted in the cells of a grid, and the boxes' mean extent."""
    boxes = np.column_stack(
        [sample.column(name).to_numpy() for name in ("xmin", "ymin", "xmax", "ymax")]
    ).astype(np.float64)
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    if not len(boxes):
        return None
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    high = np.maximum(high, low + np.abs(low) * 1e-9 + 1e-9)
    ranges = np.column_stack([low, high])
    cells, _, _ = np.histogram2d(centres[:, 0], centres[:, 1], GRID, ranges)
    width, height = (boxes[:, 2:] - boxes[:, :2]).mean(axis=0).tolist()
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    counts = tuple(cells.T.ravel().astype(int).tolist())
    return BoxGrid(box, GRID, counts, width, height)


def _scalar(value: Any) -> float | str | None:
    return float(value) if isinstance(value, Decimal) else value
