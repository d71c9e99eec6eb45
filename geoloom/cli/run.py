"""``geoloom run``: a whole pipeline."""

from __future__ import annotations

from pathlib import Path

import click

from geoloom.pipeline import load_pipeline, run_pipeline

from .output import json_option, print_json, print_table


@click.command("run")
@click.argument("pipeline", type=click.Path(path_type=Path))
@json_option
def run_command(pipeline: Path, as_json: bool) -> None:
    """Run PIPELINE (TOML): map, load, interlink, validate and query your own data."""
    report = run_pipeline(load_pipeline(pipeline), base=pipeline.parent)
    if as_json:
        print_json(report)
        return
    rows: list[list[object]] = [
        [step.step, step.subject, step.outcome, f"{step.seconds:.1f} s"] for step in report.steps
    ]
    print_table(f"{pipeline}", ["step", "what", "outcome", "time"], rows)
