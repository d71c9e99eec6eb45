"""``geoloom demo``: the whole way, checked against a known truth."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from store import Store

from ..demo import DemoReport, run_demo
from .output import json_option, print_json, print_table
from .serving import serve_until_stopped


@click.command("demo")
@click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path),
    default=Path("geoloom-demo"),
    show_default=True,
    help="Where data, stores and the report go.",
)
@click.option("--fields", default=5000, show_default=True, help="Number of crop fields.")
@click.option("--seed", default=42, show_default=True)
@click.option("--serve", "keep", is_flag=True, help="Then keep the web page up.")
@click.option("--port", type=click.IntRange(0, 65535), default=7878, show_default=True)
@json_option
def demo_command(
    directory: Path, fields: int, seed: int, keep: bool, port: int, as_json: bool
) -> None:
    """Run the whole way on a synthetic scenario; exit 1 if a figure differs from the truth."""
    say = (lambda _line: None) if as_json else click.echo
    report = run_demo(directory, fields=fields, seed=seed, say=say)
    if as_json:
        print_json({"good": report.good, "report": report})
    else:
        _show(report)
    code = 0 if report.good else 1
    if keep:
        serve_until_stopped(Store.open(report.store), "127.0.0.1", port, exit_code=code)
    sys.exit(code)


def _show(report: DemoReport) -> None:
    rows = [[*check.shown(), "equal" if check.good else "DIFFERS"] for check in report.checks]
    print_table("Found beside the truth", ["figure", "found", "truth", ""], rows)
    click.echo(f"Report: {report.report}   ({report.seconds:.1f} s)")
    if not report.good:
        click.echo("Some figures differ from the generator's truth.", err=True)
