"""``geoloom search``: the semantic catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from endpoint import SearchResult, search
from store import Store

from .arguments import store_argument
from .output import json_option, print_json


@click.command("search")
@store_argument
@click.option("--class", "concept", help="Label, code or IRI; narrower classes count too.")
@click.option("--scheme", help="Code list to look the class up in.")
@click.option("--min-share", type=float, help="Least cover share of the class, 0 to 1.")
@click.option("--min-confidence", type=float, help="Least confidence of an observation, 0 to 1.")
@click.option("--box", nargs=4, type=float, metavar="W S E N", help="Degrees, CRS84.")
@click.option("--place", help="Name or code of an administrative unit.")
@click.option("--month", help="YYYY-MM.")
@click.option("--start", help="First day or month.")
@click.option("--end", help="Last day or month.")
@click.option("--platform", help="As in the data, for example Sentinel-2A.")
@click.option("--max-cloud", type=float, help="Greatest cloud cover in percent.")
@click.option("--inconsistent-samples", is_flag=True, help="With a sample that disagrees inside.")
@click.option("--limit", default=20, show_default=True)
@click.option("--offset", default=0, show_default=True)
@json_option
def search_command(store: Path, as_json: bool, **conditions: Any) -> None:
    """Find products in STORE by what was seen in them, where and when."""
    result = search(Store.open(store), **conditions)
    if as_json:
        print_json(result.as_stac())
    else:
        _show(result)


def _show(result: SearchResult) -> None:
    click.echo(f"{result.total:,} products match; {len(result.items)} shown")
    for sentence in result.understood:
        click.echo(f"  ({sentence})")
    for item in result.items:
        click.echo(f"{item.image_id}")
        for reason in item.reasons:
            click.echo(f"  - {reason}")
