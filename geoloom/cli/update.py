"""``geoloom update``: SPARQL Update over a store."""

from __future__ import annotations

from pathlib import Path

import click

from store import Store

from .arguments import naming, read_text, store_argument
from .output import json_option, print_json


@click.command("update")
@store_argument
@click.argument("text", required=False)
@click.option("-f", "--file", type=click.Path(path_type=Path), help="Read the update from a file.")
@json_option
def update_command(store: Path, text: str | None, file: Path | None, as_json: bool) -> None:
    """Change STORE by the SPARQL Update TEXT; all of a request is one snapshot."""
    with naming(file):
        report = Store.open(store).update(read_text(text, file, "update"))
    if as_json:
        print_json(report)
    else:
        click.echo(f"{report.inserted:,} triples inserted, {report.deleted:,} deleted")
