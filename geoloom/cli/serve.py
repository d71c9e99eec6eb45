"""``geoloom serve``: the endpoint and web page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from endpoint import Settings
from federation import Federation
from store import Inference, Store

from .arguments import inference_options, memory_option, store_argument, timeout_option
from .serving import serve_until_stopped


@click.command("serve")
@store_argument
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=7878, show_default=True)
@click.option(
    "--workers",
    type=click.IntRange(0),
    help="Processes that answer queries; one a core by default, 0 answers in the server's own.",
)
@memory_option
@timeout_option
@inference_options
@click.option("--sources", type=click.Path(path_type=Path), help="Sources for /federated (TOML).")
def serve_command(
    store: Path,
    host: str,
    port: int,
    workers: int | None,
    memory: int | None,
    timeout: float | None,
    inference: Inference,
    sources: Path | None,
) -> None:
    """Serve STORE over HTTP: SPARQL, catalogue, validation and a web page."""
    opened = Store.open(store)
    federation = Federation.from_toml(sources, store=opened) if sources else None
    settings = Settings(workers=workers, memory=memory, inference=inference)
    if timeout is not None:
        settings = replace(settings, query_timeout=timeout)
    serve_until_stopped(opened, host, port, federation, settings=settings)
