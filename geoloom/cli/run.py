"""``geoloom run``: a whole pipeline."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ontology import IncompleteError

from ..pipeline import PipelineReport, load_pipeline, run_pipeline
from .output import json_option, print_json, print_table


@click.command("run")
@click.argument("pipeline", type=click.Path(path_type=Path))
@json_option
def run_command(pipeline: Path, as_json: bool) -> None:
    """Run PIPELINE (TOML): map, load, interlink, validate and query your own data."""
    report = run_pipeline(load_pipeline(pipeline))
    if as_json:
        print_json(report)
    else:
        _show(pipeline, report)
    sys.exit(0 if report.complete else IncompleteError.exit_code)


def _show(pipeline: Path, report: PipelineReport) -> None:
    rows: list[list[object]] = [
        [step.step, step.subject, step.outcome.text, f"{step.seconds:.1f} s"]
        for step in report.steps
    ]
    print_table(f"{pipeline}", ["step", "what", "outcome", "time"], rows)
    for step in report.steps:
        for remark in step.outcome.remarks[:10]:
            click.echo(f"  {step.subject}: {remark}")
