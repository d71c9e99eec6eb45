"""Arguments that several verbs share."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path

import click

from ontology import InputError, QuerySyntaxError, UsageError
from store import Inference, Store, TablesPolicy, parse_size


def _size(_context: click.Context, _parameter: click.Parameter, text: str | None) -> int | None:
    return None if text is None else parse_size(text)


timeout_option = click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    help="Seconds after which the query stops.",
)
memory_option = click.option(
    "--memory", help="What the query may hold, such as 512MB or 2GB.", callback=_size
)
tables_option = click.option(
    "--tables",
    type=click.Choice(["auto", "always", "never"]),
    help="In a store that is made: keep entities as rows where it pays (the default), wherever"
    " they can be, or never.",
)


def inference_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say what counts beside asserted triples; gives ``inference``."""

    @wraps(command)
    def inferring(
        *args: object, topology: str, properties: str, classes: bool, **options: object
    ) -> None:
        inference = Inference(topology, properties, classes)  # type: ignore[arg-type]
        command(*args, inference=inference, **options)

    for option in reversed(_INFERENCE):
        inferring = option(inferring)
    return inferring


_INFERENCE = (
    click.option(
        "--topology",
        type=click.Choice(["asserted", "computed", "both"]),
        default="both",
        show_default=True,
        help="Triples of geo:sfWithin and the other relations: those that are there, those that"
        " the geometries tell.",
    ),
    click.option(
        "--properties",
        type=click.Choice(["asserted", "both"]),
        default="both",
        show_default=True,
        help="Whether geo:hasMetricArea, geo:isEmpty … are computed where they are not there.",
    ),
    click.option(
        "--classes",
        is_flag=True,
        help="Infer classes and properties: GeoSPARQL's, and those of the schema in the data.",
    ),
)
store_argument = click.argument("store", type=click.Path(path_type=Path))


@contextmanager
def open_or_create(path: Path, tables: TablesPolicy | None = None) -> Iterator[Store]:
    """Open a store, or create it where there is nothing yet and take it away if the work fails."""
    if (path / "CURRENT").exists() or (path.is_dir() and any(path.iterdir())):
        yield Store.open(path, tables=tables)
        return
    existed = path.is_dir()
    made = Store.create(path, tables=tables or "auto")
    try:
        yield made
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        if existed:
            path.mkdir()
        raise


@contextmanager
def naming(file: Path | None) -> Iterator[None]:
    """Put the name of the query's file before the line and column of a syntax error."""
    try:
        yield
    except QuerySyntaxError as error:
        if file is not None:
            error.where = f"{file}, {error.where}"
        raise


def read_text(text: str | None, file: Path | None, what: str) -> str:
    """Take a query or update from the argument, a file, or ``-`` (standard input)."""
    if (text is None) == (file is None):
        raise UsageError(f"Give the {what} either as text or with -f FILE")
    if text is not None:
        return sys.stdin.read() if text == "-" else text
    assert file is not None
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"Cannot read the {what}",
            where=str(file),
            why=str(error),
            remedy="check the path and that the file is UTF-8",
        ) from error
