"""``geoloom mapping generate``: a first RML mapping for any readable source."""

from __future__ import annotations

from pathlib import Path

import click

from mapper import generate_mapping, recipes

from ..answers import write_file
from .output import json_option, print_json


@click.group("mapping")
def mapping_command() -> None:
    """Work on RML mappings."""


@mapping_command.command("generate")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write to a file.")
@click.option("--base-iri", default="http://example.com/", show_default=True)
def generate(file: Path, output: Path | None, base_iri: str) -> None:
    """Write an RML mapping for FILE: classes, predicates, datatypes, CRS, code lists."""
    text = generate_mapping(file, base_iri=base_iri)
    if output:
        write_file(output, [text.encode()])
    else:
        click.echo(text)


@mapping_command.command("recipes")
@json_option
def list_recipes(as_json: bool) -> None:
    """List the ready mappings of public data sets, for geoloom map --recipe NAME FILE."""
    if as_json:
        print_json(recipes())
        return
    for recipe in recipes():
        click.echo(f"{recipe.name}: {recipe.title}\n    {recipe.files}\n    {recipe.source_url}")
