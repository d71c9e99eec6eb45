"""``geoloom load``: RDF files into a store."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from ontology import CODE_LISTS
from store import LoadReport, TablesPolicy

from ..codelists import load_codelists
from .arguments import open_or_create, store_argument, tables_option
from .output import json_option, print_json, progress

_SHOWN: Final = 10


@click.command("load")
@store_argument
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--graph", help="Put the triples into this named graph.")
@click.option("--format", "rdf_format", help="nt, nq, ttl, trig, rdf or jsonld; else by extension.")
@click.option("--skip-bad", is_flag=True, help="Set statements that do not parse aside.")
@click.option(
    "--quarantine",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Append them to this file instead of STORE.rejected; implies --skip-bad.",
)
@click.option(
    "--codelist", multiple=True, type=click.Choice(list(CODE_LISTS)), help="Load a code list."
)
@tables_option
@json_option
def load_command(
    store: Path,
    files: tuple[Path, ...],
    graph: str | None,
    rdf_format: str | None,
    skip_bad: bool,
    quarantine: Path | None,
    codelist: tuple[str, ...],
    tables: TablesPolicy | None,
    as_json: bool,
) -> None:
    """Load RDF FILES (N-Triples, N-Quads, Turtle, TriG, RDF/XML, JSON-LD) into STORE."""
    if not files and not codelist:
        raise click.UsageError("Give FILES to load, or --codelist.")
    with open_or_create(store, tables) as target:
        report = None
        if files:
            with progress("loading") as update:
                report = target.load(
                    files,
                    graph=graph,
                    format=rdf_format,
                    skip_bad=skip_bad,
                    quarantine=quarantine,
                    progress=update,
                )
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
        f"{report.offered:,} triples read, {report.new:,} new, {report.rejected_count:,} rejected; "
        f"{report.triples_per_second:,.0f} triples/s"
    )
    for problem in report.rejected[:_SHOWN]:
        click.echo(f"  rejected: {problem}")
    if report.rejected_count > _SHOWN:
        click.echo(f"  and {report.rejected_count - _SHOWN:,} more")
    if report.quarantine is not None:
        click.echo(f"  the rejected lines are in {report.quarantine}")
    for remark in report.remarks:
        click.echo(f"  {remark}")
