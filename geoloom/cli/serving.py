"""Serving until Ctrl-C or SIGTERM; either ends the command with its exit code, 0 by default."""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn

import click

from endpoint import Settings, serve
from federation import Federation
from store import Store


def serve_until_stopped(
    store: Store,
    host: str,
    port: int,
    federation: Federation | None = None,
    exit_code: int = 0,
    settings: Settings | None = None,
) -> NoReturn:
    """Serve a store; the URL is printed once the server listens.

    Does not return: request threads may still be inside DuckDB, whose threads do not outlive
    the interpreter's ordered end (the process would abort).
    """
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(0))
    serve(
        store,
        host=host,
        port=port,
        federation=federation,
        settings=settings,
        announce=lambda url: click.echo(f"geoloom serves {store.path} at {url}/ (Ctrl-C stops it)"),
    )
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(exit_code)
