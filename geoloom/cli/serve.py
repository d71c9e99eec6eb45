"""``geoloom serve``: the endpoint and web page."""

from __future__ import annotations

from pathlib import Path

import click

from federation import Federation
from store import Store

from .arguments import store_argument
from .serving import serve_until_stopped


@click.command("serve")
@store_argument
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=7878, show_default=True)
@click.option("--sources", type=click.Path(path_type=Path), help="Sources for /federated (TOML).")
def serve_command(store: Path, host: str, port: int, sources: Path | None) -> None:
    """Serve STORE over HTTP: SPARQL, catalogue, validation and a web page."""
    opened = Store.open(store)
    federation = Federation.from_toml(sources, store=opened) if sources else None
    serve_until_stopped(opened, host, port, federation)
