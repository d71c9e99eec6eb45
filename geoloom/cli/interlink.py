"""``geoloom interlink``: exact topological links between two classes of a store."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ontology import IncompleteError
from store import Store

from ..iris import expand_iri
from ..linking import link_classes, link_remarks
from .arguments import store_argument
from .output import json_option, print_json


@click.command("interlink")
@store_argument
@click.option("--source", required=True, help="Class of the features the links start from.")
@click.option("--target", required=True, help="Class of the features the links lead to.")
@click.option(
    "--relation", "relations", multiple=True, default=("sfIntersects",), show_default=True
)
@json_option
def interlink_command(
    store: Path, source: str, target: str, relations: tuple[str, ...], as_json: bool
) -> None:
    """Link the features of two classes in STORE by GeoSPARQL relations."""
    report = link_classes(Store.open(store), expand_iri(source), expand_iri(target), relations)
    if as_json:
        print_json(report)
    else:
        for relation, count in report.links.items():
            click.echo(f"{relation}: {count:,} links")
        click.echo(f"{report.candidates:,} candidate pairs, {report.verified:,} verified")
        for remark in link_remarks(report):
            click.echo(f"  {remark}")
    sys.exit(0 if report.complete else IncompleteError.exit_code)
