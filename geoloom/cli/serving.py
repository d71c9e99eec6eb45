"""Serving until Ctrl-C or SIGTERM, either of which ends the command with exit code 0."""

from __future__ import annotations

import signal
import sys

import click

from endpoint import serve
from federation import Federation
from store import Store


def serve_until_stopped(
    store: Store, host: str, port: int, federation: Federation | None = None
) -> None:
    """Serve a store; the URL is printed once the server listens."""
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(0))
    serve(
        store,
        host=host,
        port=port,
        federation=federation,
        announce=lambda url: click.echo(f"geoloom serves {store.path} at {url}/ (Ctrl-C stops it)"),
    )
