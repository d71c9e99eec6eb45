"""What to look at first, in sentences for somebody who knows SPARQL and not DuckDB."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from ontology import IRI

from ..catalog import EntityTable
from ..passes import format_node
from .explanation import Operator, Reading, Run
from .operators import EVERY_PAIR
from .physical import Profile
from .places import Place

_MOST: Final = 0.5
_LARGE: Final = 10_000
_THROWN_AWAY: Final = 20
_MANY_SCANS: Final = 20
_NOTICEABLE: Final = 1000
_CHANGED: Final = 0.05
_MANY_TABLES: Final = 5
_LABEL: Final = 60


def remarks_on(
    root: Operator,
    readings: Sequence[Reading],
    profile: Profile,
    run: Run | None,
    tables: Sequence[EntityTable] = (),
    places: Sequence[Place] = (),
) -> tuple[str, ...]:
    """Sentences about what makes a query slow, the weightiest first; ``tables`` are those read."""
    return (
        *_time(run),
        *_pairs(root, profile),
        *_places(places),
        *_thrown_away(root),
        *_reading(readings),
        *_tables(tables),
        *_estimates(root),
    )


def _time(run: Run | None) -> Iterator[str]:
    if run is None:
        return
    if run.remark:
        yield run.remark
    if run.work and run.work[0].share >= _MOST:
        yield f"{run.work[0].share:.0%} of the work is {run.work[0].kind}."


def _pairs(root: Operator, profile: Profile) -> Iterator[str]:
    products = [one for _, one in root.walk() if one.label == EVERY_PAIR]
    largest = max(map(_rows, products), default=0.0)
    pairs = profile.pairs()
    if largest >= _LARGE:
        yield (
            f"{_count(largest)} pairs are made of parts of the pattern that share no variable: if"
            " that is not meant, a variable is spelt differently or a triple is missing."
        )
    elif pairs >= _LARGE:
        yield (
            f"{pairs:,} pairs of rows are compared one by one: the parts share no variable that is"
            " always bound, or only a condition links them."
        )


def _places(places: Sequence[Place]) -> Iterator[str]:
    for place in places:
        if not place.indexed:
            yield f"No index for `{_short(place.condition)}` ({place.operator}): {place.reason}."


def _thrown_away(root: Operator) -> Iterator[str]:
    """The largest intermediate result, where it is far larger than the answer.

    Single triple patterns do not count, since their rows are filtered while they are read, nor do
    products, which have a remark of their own.
    """
    made = [one for _, one in root.walk() if one.children and one.label != EVERY_PAIR]
    largest = max(made, key=_rows, default=root)
    if _rows(largest) >= max(_LARGE, _THROWN_AWAY * _rows(root)):
        counted = "" if largest.actual is not None else "About "
        yield (
            f"{counted}{_rows(largest):,.0f} rows come out of `{_short(largest.label)}`, and"
            f" {_rows(root):,.0f} in the end."
        )


def _count(rows: float) -> str:
    return f"{rows:,.0f}" if rows < 1e9 else f"{rows:.0e}"


def _rows(operator: Operator) -> float:
    return operator.estimated if operator.actual is None else float(operator.actual)


def _reading(readings: Sequence[Reading]) -> Iterator[str]:
    if len(readings) >= _MANY_SCANS:
        yield (
            f"{len(readings)} scans: a predicate that is a variable is looked for in the files of"
            " every predicate."
        )
    whole = [one for one in readings if one.groups == one.groups_held > 0]
    largest = max(whole, key=lambda one: one.bytes, default=None)
    if largest is not None and largest.rows >= 100 * _LARGE:
        yield f"{largest.what} is read as a whole: {largest.rows:,} rows."


def _tables(tables: Sequence[EntityTable]) -> Iterator[str]:
    """What compacting would mend: rows that changes moved to lanes, tables split by shape."""
    for table in tables:
        rows = sum(part.rows for part in table.parts)
        deleted = sum(part.deleted for part in table.parts)
        if deleted >= _CHANGED * rows and deleted >= _NOTICEABLE:
            yield (
                f"{deleted:,} of {rows:,} rows of table {table.name} were changed and lie in lanes"
                " now: `geoloom compact` makes rows of them again."
            )
    held = Counter(name for table in tables for name in {c.predicate for c in table.columns})
    predicate, most = max(held.items(), key=lambda pair: pair[1], default=("", 0))
    if most >= _MANY_TABLES:
        yield (
            f"{format_node(IRI(predicate))} is read from {most} tables, since its subjects came in"
            " as many shapes: `geoloom compact` may unite them."
        )


def _estimates(root: Operator) -> Iterator[str]:
    wrong = [operator for _, operator in root.walk() if operator.wrong and _matters(operator)]
    deepest = [one for one in wrong if not any(child.wrong for child in one.children)]
    for operator in sorted(deepest, key=lambda one: -(one.error or 0))[:2]:
        yield (
            f"`{_short(operator.label)}` was expected to give {operator.estimated:,.0f} rows and"
            f" gives {operator.actual:,}; the order of joins follows what is expected."
        )


def _matters(operator: Operator) -> bool:
    return max(operator.estimated, operator.actual or 0) >= _NOTICEABLE


def _short(label: str) -> str:
    return label if len(label) <= _LABEL else label[: _LABEL - 1] + "…"
