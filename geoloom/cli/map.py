"""``geoloom map``: an RML mapping or a recipe into a store, or to a file of triples."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from mapper import (
    MappingReport,
    explain_mapping,
    load_functions,
    open_sink,
    run_mapping,
)
from ontology import Sink, UsageError
from store import TablesPolicy

from ..mapping import mapping_of, update_name
from .arguments import open_or_create, tables_option
from .output import json_option, print_json, progress

_FILE = click.Path(path_type=Path, dir_okay=False)
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Where:
    """Where the triples go, and what an update is called."""

    store: Path | None
    output: Path | None
    tables: TablesPolicy | None
    update: bool
    name: str

    @property
    def said(self) -> str:
        """For people."""
        if self.output is not None:
            return str(self.output)
        return "" if self.store is None else f"the store {self.store}"

    @contextmanager
    def sink(self) -> Iterator[Sink]:
        """Open the file or the store; a store that was made goes away if the work fails."""
        if self.output is not None:
            yield open_sink(self.output)
            return
        assert self.store is not None
        with open_or_create(self.store, self.tables) as store:
            updating = self.name if self.update else None
            yield store.begin(theme=Path(self.name).name, updating=updating)


@click.command("map")
@click.argument("mapping", metavar="MAPPING|FILE", type=click.Path(path_type=Path))
@click.option("--recipe", metavar="NAME", help="Map FILE by a recipe (geoloom mapping recipes).")
@click.option("--layer", help="Layer a recipe reads, where FILE has several.")
@click.option("--crs", help="CRS of the FILE of a recipe, where it does not say it: EPSG:32631.")
@click.option("--store", type=click.Path(path_type=Path), help="Store folder; made if missing.")
@click.option(
    "-o",
    "--output",
    type=_FILE,
    help="File of triples, by its name: .nt .nq .ttl .trig .n3 .jsonld .rdf, and .gz .zst .zip.",
)
@click.option(
    "--functions",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Python file that registers functions with mapper.register.",
)
@click.option("--base-iri", help="What relative IRIs of the mapping or recipe begin with.")
@click.option("--base-dir", type=click.Path(path_type=Path), help="Folder of the sources.")
@click.option("--database", metavar="URL", help="Database of logical tables that name none.")
@click.option(
    "--sample", type=click.IntRange(min=1), help="Map only the first N rows of each source."
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Processes that map one large CSV file to N-Triples; the output stays the same.",
)
@click.option(
    "--on-bad",
    type=click.Choice(["fail", "quarantine"]),
    help="End at the first bad row (the default), or leave bad rows out.",
)
@click.option(
    "--quarantine",
    type=_FILE,
    help="JSON Lines file of the bad rows, each with its reason; implies --on-bad quarantine.",
)
@click.option("--shapes", type=_FILE, help="SHACL shapes; rows that violate them are bad.")
@click.option(
    "--update",
    is_flag=True,
    help="Change only what differs from the last run with --update, and remove what is gone.",
)
@click.option("--name", help="What --update calls this mapping; default its path (and FILE's).")
@click.option("--provenance", type=_FILE, help="RDF file for the record of the run (PROV-O).")
@click.option("--provenance-graph", metavar="IRI", help="Named graph that gets the record.")
@click.option("--explain", is_flag=True, help="Say what would be done; read and write nothing.")
@tables_option
@json_option
def map_command(
    mapping: Path,
    recipe: str | None,
    layer: str | None,
    crs: str | None,
    store: Path | None,
    output: Path | None,
    functions: tuple[Path, ...],
    base_iri: str | None,
    update: bool,
    name: str | None,
    explain: bool,
    tables: TablesPolicy | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Run the RML MAPPING, or with --recipe a recipe over FILE, into a store or a text file."""
    where = Where(store, output, tables, update, name or update_name(mapping, recipe))
    if not explain or store is not None or output is not None:
        _check(where, name, options)
    for file in functions:
        load_functions(file)
    rules = mapping_of(mapping, recipe, base_iri, layer, crs)
    inputs = {name: options[name] for name in ("base_dir", "database", "workers")}
    inputs["file"] = mapping if recipe else None
    if explain:
        plan = explain_mapping(rules, **inputs, into=where.said)
        print_json(plan) if as_json else click.echo(str(plan))
        return
    with progress("mapping") as tell, where.sink() as sink:
        report = run_mapping(
            rules,
            sink,
            **inputs,
            sample=options["sample"],
            on_bad=options["on_bad"] or ("quarantine" if options["quarantine"] else "fail"),
            quarantine_to=options["quarantine"],
            shapes=options["shapes"],
            provenance_to=options["provenance"],
            provenance_graph=options["provenance_graph"],
            progress=tell,
        )
    print_json(report) if as_json else _show(report, update, options["quarantine"])


def _check(where: Where, name: str | None, options: dict[str, Any]) -> None:
    """Refuse options that do not go together."""
    if (where.store is None) == (where.output is None):
        raise UsageError("Say where the triples go", remedy="give either --store S or -o F.nt")
    if where.output is not None:
        open_sink(where.output)
    for wrong, what, remedy in _conflicts(where, name, options):
        if wrong:
            raise UsageError(what, remedy=remedy)


def _conflicts(
    where: Where, name: str | None, options: dict[str, Any]
) -> Iterator[tuple[object, str, str]]:
    to_file = where.output is not None
    yield to_file and where.update, "--update is for stores", "give --store S instead of -o"
    yield to_file and where.tables, "--tables is for stores", "give --store S, or leave it out"
    yield (
        where.update and options["sample"],
        "--sample and --update do not go together: rows beyond the sample would count as gone",
        "leave one of them out",
    )
    yield (
        name and not where.update,
        "--name says what --update is to update",
        "add --update, or leave --name out",
    )
    yield (
        options["quarantine"] and options["on_bad"] == "fail",
        "--quarantine and --on-bad fail contradict each other",
        "leave --on-bad out",
    )


def _show(report: MappingReport, update: bool, quarantine: Path | None) -> None:
    line = (
        f"{report.rows_read:,} rows read, {report.rows_mapped:,} mapped, "
        f"{report.rows_quarantined:,} quarantined; {report.triples_written:,} triples written"
    )
    if report.triples_written != report.triples_offered:
        line += f" of {report.triples_offered:,} made"
    if update:
        line += f", {report.triples_removed:,} removed ({report.rows_unchanged:,} rows unchanged)"
    click.echo(line)
    for source in report.sources:
        if len(report.sources) > 1:
            click.echo(
                f"  {source.source}: {source.rows_read:,} rows, {source.triples_offered:,} triples"
            )
        if source.nulls:
            empty = ", ".join(f"{name} in {count:,}" for name, count in source.nulls)
            click.echo(f"  {source.source}, rows without a value: {empty}")
    _echo_some(report.quarantine, report.rows_quarantined, "quarantined: {}".format)
    if quarantine is not None:
        click.echo(f"  all bad rows are in {quarantine}")
    for remark in report.remarks:
        click.echo(f"  {remark}")


def _echo_some(entries: Any, count: int, said: Callable[[Any], str]) -> None:
    for entry in entries[:_SHOWN]:
        click.echo(f"  {said(entry)}")
    if count > _SHOWN:
        click.echo(f"  and {count - _SHOWN:,} more")
