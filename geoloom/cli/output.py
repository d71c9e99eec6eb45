"""What the command prints: reports for people, JSON for machines, progress on terminals."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from ontology import GeoloomError

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")


def plain(value: Any) -> Any:
    """Turn reports (dataclasses, paths, tuples, sets) into what JSON can hold."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    return value


def print_json(value: Any) -> None:
    """Print one JSON document on standard output."""
    click.echo(json.dumps(plain(value), indent=2, ensure_ascii=False, default=str))


def print_error(error: GeoloomError, *, as_json: bool) -> None:
    """Print one clear paragraph (or one JSON object) on standard error."""
    if as_json:
        click.echo(json.dumps(error.as_dict(), ensure_ascii=False), err=True)
    else:
        Console(stderr=True, soft_wrap=True, highlight=False, markup=False).print(f"Error: {error}")


def print_table(title: str, columns: list[str], rows: list[list[Any]]) -> None:
    """Print a small table."""
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    Console().print(table)


class _Left(TimeRemainingColumn):
    """Time left, where the total is known."""

    def render(self, task: Task) -> Text:
        return Text("") if task.total is None else super().render(task)


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed or 0:,.0f}/s")


@contextmanager
def progress(label: str) -> Iterator[Any]:
    """Yield ``update(done, total=None)``: a bar, the rate, the time left, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda *_args, **_kwargs: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f}"),
        _Rate(),
        _Left(),
    )
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task(label, total=None)

        def update(done: float, total: float | None = None) -> None:
            bar.update(task, completed=done, total=total)

        yield update
