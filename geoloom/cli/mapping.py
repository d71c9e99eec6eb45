"""``geoloom mapping generate``: a first RML mapping for any readable source."""

from __future__ import annotations

from pathlib import Path

import click

from mapper import generate_mapping

from ..answers import write_file


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
