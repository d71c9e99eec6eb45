"""``geoloom map``: an RML mapping into a store or to N-Triples."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import click

from mapper import (
    MappingReport,
    NTriplesSink,
    load_functions,
    load_mapping,
    load_recipe,
    run_mapping,
)
from ontology import Sink, UsageError
from store import TablesPolicy

from .arguments import open_or_create, tables_option
from .output import json_option, print_json, progress


@click.command("map")
@click.argument("mapping", metavar="MAPPING|FILE", type=click.Path(path_type=Path))
@click.option("--recipe", metavar="NAME", help="Map FILE by a recipe (geoloom mapping recipes).")
@click.option(
    "--functions",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Python file that registers functions with mapper.register.",
)
@click.option("--base-iri", help="What relative IRIs of the mapping or recipe begin with.")
@click.option("--store", type=click.Path(path_type=Path), help="Store folder; made if missing.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="N-Triples file (.nt, .nt.gz)."
)
@click.option("--base-dir", type=click.Path(path_type=Path), help="Folder of the sources.")
@click.option(
    "--sample", type=click.IntRange(min=1), help="Map only the first N rows of each source."
)
@click.option("--on-bad", type=click.Choice(["fail", "quarantine"]), default="fail")
@tables_option
@json_option
def map_command(
    mapping: Path,
    recipe: str | None,
    functions: tuple[Path, ...],
    base_iri: str | None,
    store: Path | None,
    output: Path | None,
    base_dir: Path | None,
    sample: int | None,
    on_bad: str,
    tables: TablesPolicy | None,
    as_json: bool,
) -> None:
    """Run the RML MAPPING, or with --recipe a recipe over FILE, into a store or a text file."""
    if (store is None) == (output is None):
        raise UsageError("Say where the triples go", remedy="give either --store S or -o F.nt")
    if output and not output.name.endswith((".nt", ".nt.gz")):
        raise UsageError(
            "Triples are written as N-Triples only",
            where=str(output),
            remedy="name the file .nt or .nt.gz",
        )
    for file in functions:
        load_functions(file)
    plan = (
        load_recipe(recipe, mapping, base_iri=base_iri)
        if recipe
        else load_mapping(mapping, base_iri=base_iri)
    )
    with ExitStack() as stack, progress("mapping") as update:
        sink: Sink
        if output:
            sink = NTriplesSink(output)
        else:
            assert store is not None
            sink = stack.enter_context(open_or_create(store, tables)).begin(
                theme=recipe or mapping.name
            )
        report = run_mapping(
            plan,
            sink,
            base_dir=base_dir,
            sample=sample,
            on_bad=on_bad,
            progress=update,
            file=mapping if recipe else None,
        )
    _show(report, as_json)


def _show(report: MappingReport, as_json: bool) -> None:
    if as_json:
        print_json(report)
        return
    click.echo(
        f"{report.rows_read:,} rows read, {report.rows_mapped:,} mapped, "
        f"{report.rows_quarantined:,} quarantined; {report.triples_written:,} triples written"
    )
    for entry in report.quarantine[:10]:
        click.echo(f"  quarantined: {entry}")
    for remark in report.remarks:
        click.echo(f"  {remark}")
