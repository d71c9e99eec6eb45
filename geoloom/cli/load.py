"""``geoloom load``: RDF files into a store."""

from __future__ import annotations

from pathlib import Path

import click

from ontology import CODE_LISTS
from store import LoadReport

from ..codelists import load_codelists
from .arguments import open_or_create, store_argument
from .output import json_option, print_json


@click.command("load")
@store_argument
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--graph", help="Put the triples into this named graph.")
@click.option("--format", "rdf_format", help="nt, nq, ttl, trig, rdf or jsonld; else by extension.")
@click.option("--skip-bad", is_flag=True, help="Count and skip lines that do not parse.")
@click.option(
    "--codelist", multiple=True, type=click.Choice(list(CODE_LISTS)), help="Load a code list."
)
@json_option
def load_command(
    store: Path,
    files: tuple[Path, ...],
    graph: str | None,
    rdf_format: str | None,
    skip_bad: bool,
    codelist: tuple[str, ...],
    as_json: bool,
) -> None:
    """Load RDF FILES (N-Triples, N-Quads, Turtle, TriG, RDF/XML, JSON-LD) into STORE."""
    if not files and not codelist:
        raise click.UsageError("Give FILES to load, or --codelist.")
    with open_or_create(store) as target:
        report = None
        if files:
            report = target.load(files, graph=graph, format=rdf_format, skip_bad=skip_bad)
        lists = load_codelists(target, codelist) if codelist else None
    if as_json:
        print_json({"codelists": lists, "files": report})
        return
    if lists:
        click.echo(f"{lists.offered:,} triples of code lists, {lists.written:,} new")
    if report:
        _show(report)


def _show(report: LoadReport) -> None:
    click.echo(
        f"{report.offered:,} triples read, {report.new:,} new, {len(report.rejected):,} rejected; "
        f"{report.triples_per_second:,.0f} triples/s"
    )
    for problem in report.rejected[:10]:
        click.echo(f"  rejected: {problem}")
