"""``geoloom update``: SPARQL Update over a store."""

from __future__ import annotations

from pathlib import Path

import click

from federation import fetch_document
from store import Inference, Store

from .arguments import inference_options, naming, read_text, store_argument, timeout_option
from .output import json_option, print_json
from .stopping import stopping


@click.command("update")
@store_argument
@click.argument("text", required=False)
@click.option("-f", "--file", type=click.Path(path_type=Path), help="Read the update from a file.")
@click.option(
    "--allow-load",
    "places",
    multiple=True,
    metavar="PLACE",
    help="A file, a folder or the beginning of a web address that LOAD may read; repeatable.",
)
@timeout_option
@inference_options
@json_option
def update_command(
    store: Path,
    text: str | None,
    file: Path | None,
    places: tuple[str, ...],
    timeout: float | None,
    inference: Inference,
    as_json: bool,
) -> None:
    """Change STORE by the SPARQL Update TEXT; all of a request is one snapshot."""
    with naming(file), stopping(timeout, as_json=as_json):
        report = Store.open(store).update(
            read_text(text, file, "update"),
            load_from=places,
            fetch=fetch_document,
            timeout=timeout,
            inference=inference,
        )
    if as_json:
        print_json(report)
    else:
        click.echo(f"{report.inserted:,} triples inserted, {report.deleted:,} deleted")
