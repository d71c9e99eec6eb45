"""``geoloom mapping generate``: a first RML mapping for any readable source."""

from __future__ import annotations

from pathlib import Path

import click

from mapper import generate, recipes
from ontology import UsageError

from ..answers import write_file
from .output import json_option, print_json


@click.group("mapping")
def mapping_command() -> None:
    """Work on RML mappings."""


@mapping_command.command("generate")
@click.argument("source", metavar="FILE|URL")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write to a file.")
@click.option(
    "--vocabulary",
    type=click.Path(path_type=Path),
    help="Write the classes and properties to a Turtle file.",
)
@click.option("--base-iri", default="http://example.com/", show_default=True)
def generate_command(
    source: str, output: Path | None, vocabulary: Path | None, base_iri: str
) -> None:
    """Write an RML mapping for a file (or database): guesses to be corrected.

    Keys, datatypes, dates, CRS, links between layers and code lists are guessed from up to a
    million rows. Paths in the mapping begin at its own folder.
    """
    _refuse_overwriting(Path(source), output, vocabulary)
    folder = output.parent if output else Path.cwd()
    made = generate(source, base_iri=base_iri, beside=folder)
    if vocabulary:
        write_file(vocabulary, [made.vocabulary.encode()])
    if output:
        write_file(output, [made.mapping.encode()])
    else:
        click.echo(made.mapping)


def _refuse_overwriting(source: Path, *outputs: Path | None) -> None:
    taken = {source.resolve(): "it is the source"}
    for output in filter(None, outputs):
        if output.resolve() in taken:
            raise UsageError(
                "An output would overwrite another file of the run",
                where=str(output),
                why=taken[output.resolve()],
                remedy="name another file",
            )
        taken[output.resolve()] = "it is another output of this run"


@mapping_command.command("recipes")
@json_option
def list_recipes(as_json: bool) -> None:
    """List the ready mappings of public data sets, for geoloom map --recipe NAME FILE."""
    if as_json:
        print_json(recipes())
        return
    for recipe in recipes():
        click.echo(f"{recipe.name}: {recipe.title}\n    {recipe.files}\n    {recipe.source_url}")
