"""``geoloom history``, ``verify``, ``compact``, ``vacuum``: looking after a store."""

from __future__ import annotations

from pathlib import Path

import click

from ontology import StoreError
from store import Store

from .arguments import store_argument
from .output import json_option, print_json, print_table


@click.command("history")
@store_argument
@json_option
def history_command(store: Path, as_json: bool) -> None:
    """List the snapshots of STORE, newest first; `query --as-of NUMBER` asks one of them."""
    snapshots = Store.open(store).history()
    rows = [[each.number, each.created, each.triples, each.label] for each in snapshots]
    if as_json:
        names = ("number", "created", "triples", "label")
        print_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        print_table(str(store), ["snapshot", "created", "triples", "by"], rows)


@click.command("verify")
@store_argument
@json_option
def verify_command(store: Path, as_json: bool) -> None:
    """Check every file of every snapshot of STORE; exit 1 names what is damaged, and how."""
    report = Store.open(store).verify()
    if as_json:
        print_json(report)
    if report.problems:
        count = len(report.problems)
        raise StoreError(
            f"{count} {'file' if count == 1 else 'files'} of the store damaged",
            where=str(store),
            why="; ".join(map(str, report.problems)),
            remedy="restore them from a backup, or load the data again into a new store",
        )
    if not as_json:
        click.echo(
            f"{report.snapshots:,} snapshots, {report.files:,} files checked, all as written"
        )
        for path in report.extra:
            click.echo(f"  belongs to no snapshot: {path}")


@click.command("compact")
@store_argument
@json_option
def compact_command(store: Path, as_json: bool) -> None:
    """Fold small files of STORE and make tables of entities; answers stay the same."""
    report = Store.open(store).compact()
    if as_json:
        print_json(report)
    else:
        click.echo(f"{report.files_before:,} files became {report.files_after:,}")
        if report.rows_dropped:
            rows = "row" if report.rows_dropped == 1 else "rows"
            click.echo(f"  {report.rows_dropped:,} deleted {rows} of tables dropped")
        if report.rows_formed:
            rows = "subject became a row" if report.rows_formed == 1 else "subjects became rows"
            click.echo(f"  {report.rows_formed:,} {rows}; entity tables: {report.tables:,}")


@click.command("vacuum")
@store_argument
@json_option
def vacuum_command(store: Path, as_json: bool) -> None:
    """Remove old snapshots of STORE that nobody reads, and their files."""
    report = Store.open(store).vacuum()
    if as_json:
        print_json(report)
    else:
        click.echo(f"{report.files_removed:,} files removed, {report.bytes_freed:,} bytes freed")
