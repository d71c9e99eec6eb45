"""``geoloom query``: SPARQL over a store."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import click

from store import Explanation, Inference, Result, Store, engine_share

from ..answers import partial_of, write_answer
from .arguments import (
    inference_options,
    memory_option,
    naming,
    read_text,
    store_argument,
    timeout_option,
)
from .output import json_option, print_json
from .stopping import stopping

_TELLING_S: Final = 5.0
"""How much longer than its query an explanation may take."""


@click.command("query")
@store_argument
@click.argument("text", required=False)
@click.option("-f", "--file", type=click.Path(path_type=Path), help="Read the query from a file.")
@click.option("--format", "result_format", help="table, json, xml, csv, tsv, geojson, nt, ttl …")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the answer to a file.")
@timeout_option
@memory_option
@click.option("--as-of", type=int, help="Number of an older snapshot.")
@click.option("--explain", is_flag=True, help="Show how the query would be answered instead.")
@click.option("--analyze", is_flag=True, help="Explain and run it: actual rows, time, memory.")
@click.option("--physical", is_flag=True, help="Explain with DuckDB's own plan at the end.")
@inference_options
@json_option
def query_command(
    store: Path,
    text: str | None,
    file: Path | None,
    result_format: str | None,
    output: Path | None,
    timeout: float | None,
    memory: int | None,
    as_of: int | None,
    explain: bool,
    analyze: bool,
    physical: bool,
    inference: Inference,
    as_json: bool,
) -> None:
    """Ask STORE the SPARQL query TEXT (``-`` reads it from standard input)."""
    opened = Store.open(store)
    query = read_text(text, file, "query")
    partial = None if output is None else partial_of(output)
    options: dict[str, Any] = {
        "as_of": as_of,
        "memory_limit": None if memory is None else engine_share(memory),
        "inference": inference,
    }
    if explain or analyze or physical:
        end = None if timeout is None else timeout + _TELLING_S
        with naming(file), stopping(end, memory=memory, as_json=as_json):
            told = opened.explain(query, analyze=analyze, timeout=timeout, **options)
        show_explanation(told, as_json or result_format == "json", physical=physical)
        return
    with naming(file), stopping(timeout, memory=memory, as_json=as_json, partial=partial):
        result = opened.query(query, **options)
        show_result(result, json_of(result) if as_json else result_format, output)


def show_explanation(told: Explanation, as_json: bool, *, physical: bool) -> None:
    """Print how a query is answered, for people or for machines."""
    if as_json:
        print_json(told.as_dict())
    else:
        click.echo(told.as_text(physical=physical))


def json_of(result: Result) -> str:
    """Name the JSON format that fits the kind of query."""
    return "jsonld" if result.form in ("CONSTRUCT", "DESCRIBE") else "json"


def show_result(result: Result, result_format: str | None, output: Path | None) -> None:
    """Print a result, or write it to a file whose extension may say the format."""
    if output is not None:
        write_answer(result, output, result_format)
        return
    default = "ttl" if result.form in ("CONSTRUCT", "DESCRIBE") else "table"
    for chunk in result.serialize(result_format or default):
        sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()
