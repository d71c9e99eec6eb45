"""An explanation for the terminal, 100 columns wide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from textwrap import fill, wrap
from typing import TYPE_CHECKING, Final

from sqlglot import parse_one

if TYPE_CHECKING:
    from .explanation import Explanation, Operator, Reading

WIDTH: Final = 100
_READINGS: Final = 15


def lay_out(explanation: Explanation, *, physical: bool = False) -> str:
    """Write an explanation as text; ``physical`` adds DuckDB's own plan."""
    parts = [
        _head(explanation),
        _section("plan with rows, after the passes", _plan(explanation)),
        _section("read at most", _reading(explanation)),
        _section("inferred", _inferred(explanation)),
        _section("conditions on places", _places(explanation)),
        _section("work", _work(explanation)),
        _section("passes", _passes(explanation)),
        _section("plan as written", [explanation.before]),
        _section("SQL", [_lines_of(explanation.sql)]),
    ]
    if physical:
        parts.append(_section("plan of DuckDB", [explanation.physical]))
    return "\n\n".join(part for part in parts if part)


def _section(title: str, lines: Iterable[str]) -> str:
    body = list(lines)
    return "\n".join([f"{title}:", *body]) if body else ""


def _head(explanation: Explanation) -> str:
    run = explanation.run
    where = "" if explanation.snapshot is None else f"snapshot {explanation.snapshot}, "
    first = f"{where}planned in {explanation.plan_ms:.1f} ms"
    if run is None:
        first += ", not run (estimates only)"
    elif run.rows is None:
        first += f", stopped after {run.milliseconds:,.0f} ms"
    else:
        memory = "" if run.peak_memory is None else f", {_size(run.peak_memory)} of memory"
        first += f", run in {run.milliseconds:,.1f} ms{memory}: {run.rows:,} rows"
    remarks = (
        fill(remark, WIDTH, initial_indent="  ! ", subsequent_indent="    ")
        for remark in explanation.remarks
    )
    return "\n".join([first, *remarks])


def _plan(explanation: Explanation) -> Iterator[str]:
    analyzed = explanation.run is not None
    heads = ["estimated", "actual", "off by", "ms"] if analyzed else ["estimated"]
    room = WIDTH - 11 * len(heads)
    yield " " * room + "".join(f"{head:>11}" for head in heads)
    for depth, operator in explanation.root.walk():
        first, *more = _label(operator.label, "  " * (depth + 1), room)
        yield first.ljust(room) + "".join(f"{cell:>11}" for cell in _cells(operator, analyzed))
        yield from more
        if operator.remark:
            yield "  " * (depth + 3) + operator.remark


def _label(text: str, indent: str, room: int) -> list[str]:
    """A label in at most five lines."""
    return wrap(
        text,
        room - 1,
        initial_indent=indent,
        subsequent_indent=f"{indent}    ",
        max_lines=5,
        break_on_hyphens=False,
        placeholder=" …",
    )


def _cells(operator: Operator, analyzed: bool) -> Sequence[str]:
    estimated = _count(operator.estimated)
    if not analyzed:
        return (estimated,)
    actual = "" if operator.actual is None else f"{operator.actual:,}"
    error = f"{operator.error:,.0f} x !" if operator.wrong and operator.error else ""
    spent = "" if operator.milliseconds is None else f"{operator.milliseconds:,.1f}"
    return estimated, actual, error, spent


def _count(rows: float) -> str:
    if 0 < rows < 1:
        return "< 1"
    return f"{rows:,.0f}" if rows < 1e9 else f"{rows:.1e}"


def _reading(explanation: Explanation) -> Iterator[str]:
    yield f"  {_files(explanation)} ({sum(explanation.files.values()):,} rows)"
    if not explanation.readings:
        return
    room = WIDTH - 48
    yield " " * room + f"{'files':>12}{'row groups':>13}{'rows':>12}{'size':>11}"
    times = Counter(explanation.readings)
    for reading in list(times)[:_READINGS]:
        yield from _scan(reading, times[reading], room)
    rest = list(times)[_READINGS:]
    if rest:
        size = sum(one.bytes * times[one] for one in rest)
        yield f"  … and {sum(times[one] for one in rest)} scans more: {_size(size)}"


def _files(explanation: Explanation) -> str:
    """Files that are read of those there are."""
    tables = explanation.tables
    read = len(explanation.files) - tables.parts_read
    lanes = f"{read} of {explanation.files_held - tables.parts_held} lane files"
    if not tables.held:
        return lanes
    parts = f"{tables.parts_read} of {tables.parts_held} parts"
    return f"{lanes}, {parts} of {tables.read} of {tables.held} tables"


def _scan(reading: Reading, times: int, room: int) -> Iterator[str]:
    files = f"{reading.files} of {reading.files_held}"
    groups = f"{reading.groups} of {reading.groups_held}"
    figures = f"{files:>12}{groups:>13}{reading.rows:>12,}{_size(reading.bytes):>11}"
    what = reading.what if times == 1 else f"{reading.what}, {times} times"
    yield _fitted(f"  {what}", room).ljust(room) + figures
    if reading.conditions:
        yield _fitted("    where " + " and ".join(reading.conditions), WIDTH)
    if reading.columns:
        yield _fitted("    columns " + ", ".join(reading.columns), WIDTH)
    if reading.spared:
        by = ", ".join(f"{parts} by {reason}" for reason, parts in reading.spared)
        count = sum(parts for _, parts in reading.spared)
        yield f"    {count:,} {'part' if count == 1 else 'parts'} not read: {by}"


def _inferred(explanation: Explanation) -> Iterator[str]:
    for line in explanation.inferred:
        yield fill(line, WIDTH, initial_indent="  ", subsequent_indent="    ")


def _work(explanation: Explanation) -> Iterator[str]:
    for work in explanation.run.work if explanation.run is not None else ():
        if work.share >= 0.01:
            yield f"  {work.kind:<24}{work.share:>5.0%}{work.rows:>16,} rows"


def _places(explanation: Explanation) -> Iterator[str]:
    for place in explanation.places:
        yield f"  {_fitted(place.operator, 40):<40}{_fitted(place.condition, WIDTH - 42)}"


def _passes(explanation: Explanation) -> Iterator[str]:
    for step in explanation.steps:
        fired = "fired" if step.changed else "-"
        yield f"  {step.name:<28}{fired:<8}{step.milliseconds:>8.2f} ms"


def _lines_of(sql: str) -> str:
    return parse_one(sql, dialect="duckdb").sql(dialect="duckdb", pretty=True)


def _fitted(text: str, room: int) -> str:
    return text if len(text) < room else text[: room - 2] + "… "


def _size(count: float) -> str:
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024 or unit == "GiB":
            break
        count /= 1024
    return f"{count:,.0f} {unit}" if unit == "B" else f"{count:,.1f} {unit}"
