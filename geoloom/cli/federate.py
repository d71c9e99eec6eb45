"""``geoloom federate``: one query over several sources."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from federation import Federation

from ..answers import partial_of
from .arguments import naming, read_text, timeout_option
from .query import json_of, show_result
from .stopping import stopping


@click.command("federate")
@click.argument("text", required=False)
@click.option("--sources", required=True, type=click.Path(path_type=Path), help="Sources (TOML).")
@click.option("-f", "--file", type=click.Path(path_type=Path), help="Read the query from a file.")
@click.option("--format", "result_format", help="table, json, xml, csv, tsv, geojson …")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the answer to a file.")
@timeout_option
@click.option("--strict", is_flag=True, help="Exit with 3 when the answer is incomplete.")
@click.option("--explain", is_flag=True, help="Show which source is asked what, and why.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def federate_command(
    text: str | None,
    sources: Path,
    file: Path | None,
    result_format: str | None,
    output: Path | None,
    timeout: float | None,
    strict: bool,
    explain: bool,
    as_json: bool,
) -> None:
    """Ask the SPARQL query TEXT of all sources at once."""
    federation = Federation.from_toml(sources)
    query = read_text(text, file, "query")
    partial = None if output is None else partial_of(output)
    with naming(file), stopping(timeout, as_json=as_json, partial=partial):
        if explain:
            click.echo(str(federation.explain(query)))
            return
        result = federation.query(query, strict=strict, timeout=timeout)
        show_result(result, json_of(result) if as_json else result_format, output)
    completeness = result.info["completeness"]
    if not completeness.complete:
        click.echo(f"Incomplete answer: {completeness.sentence()}.", err=True)
        sys.exit(3)
