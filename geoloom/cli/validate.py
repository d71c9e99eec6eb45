"""``geoloom validate``: a class map against ground samples."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from endpoint import ValidationReport, validate
from federation import Federation
from ontology import IncompleteError, UsageError
from store import Store

from ..answers import write_file
from ..assessments import write_assessments
from .output import json_option


@click.command("validate")
@click.argument("store", required=False, type=click.Path(path_type=Path))
@click.option("--sources", type=click.Path(path_type=Path), help="Remote and local sources (TOML).")
@click.option("--distance", default=10.0, show_default=True, help="Metres, geodesic.")
@click.option("--rule", type=click.Choice(["nearest", "any"]), default="nearest", show_default=True)
@click.option("--sample-scheme", default="lucas2018-lc1", show_default=True)
@click.option("--map-scheme", default="hcat3", show_default=True)
@click.option("--html", type=click.Path(path_type=Path), help="Write an HTML report with a map.")
@click.option("--csv", type=click.Path(path_type=Path), help="Write a row a sample.")
@click.option("--write", is_flag=True, help="Write the assessments into STORE.")
@click.option("--strict", is_flag=True, help="Fail (3) rather than report on an incomplete answer.")
@json_option
def validate_command(
    store: Path | None,
    sources: Path | None,
    distance: float,
    rule: str,
    sample_scheme: str,
    map_scheme: str,
    html: Path | None,
    csv: Path | None,
    write: bool,
    strict: bool,
    as_json: bool,
) -> None:
    """Compare the map in STORE (and SOURCES) with its ground samples."""
    if store is None and (sources is None or write):
        raise UsageError(
            "Say what to validate", remedy="give a STORE (--write needs one), --sources, or both"
        )
    opened = Store.open(store) if store else None
    queryable = Federation.from_toml(sources, store=opened) if sources else opened
    assert queryable is not None
    report = validate(
        queryable,
        distance=distance,
        rule="nearest" if rule == "nearest" else "any",
        sample_scheme=sample_scheme,
        map_scheme=map_scheme,
    )
    if strict and not report.complete:
        raise IncompleteError(
            "The validation would rest on incomplete answers",
            why="a source failed or its answer was cut off",
            remedy="run without --strict to see what there is",
        )
    _write_files(report, html, csv)
    if write and opened is not None:
        write_assessments(opened, report)
    click.echo(report.to_json() if as_json else report.summary())
    sys.exit(0 if report.complete else IncompleteError.exit_code)


def _write_files(report: ValidationReport, html: Path | None, csv: Path | None) -> None:
    if html:
        write_file(html, [report.to_html().encode()])
    if csv:
        write_file(csv, [report.to_csv().encode()])
