"""Serving the application with waitress, within the limits of the settings."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from waitress.server import create_server
from waitress.trigger import trigger
from waitress.wasyncore import close_all

from ontology import GeoloomError

from .app import create_app
from .settings import Settings
from .workers import in_workers, wait_ready

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

    from .queryable import Queryable


_LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")


def _guarded(settings: Settings, host: str) -> Settings:
    loopback = host in ("127.0.0.1", "localhost", "::1")
    if settings.hosts is None and settings.public_url is None and loopback:
        return replace(settings, hosts=_LOOPBACK)
    return settings


def _server(app: Flask, host: str, port: int, settings: Settings, sockets: dict[int, Any]) -> Any:
    try:
        return _listening(app, host, port, settings, sockets)
    except (OSError, ValueError) as error:
        close_all(sockets, ignore_all=True)
        raise GeoloomError(
            "Cannot listen on this address",
            where=f"{host}:{port}",
            why=getattr(error, "strerror", None) or str(error),
            remedy="choose another port or host, or stop the program that uses it",
        ) from error


def _listening(
    app: Flask, host: str, port: int, settings: Settings, sockets: dict[int, Any]
) -> Any:
    return create_server(
        app,
        map=sockets,
        host=host,
        port=port,
        threads=settings.threads,
        max_request_body_size=settings.max_body_bytes,
        max_request_header_size=settings.max_header_bytes,
        connection_limit=settings.connections,
        channel_timeout=settings.idle_seconds,
        channel_request_lookahead=1,
        clear_untrusted_proxy_headers=True,
        expose_tracebacks=False,
        ident="geoloom",
    )


def _url(server: Any) -> str:
    several = getattr(server, "effective_listen", None)
    host, port = several[0] if several else (server.effective_host, server.effective_port)
    return f"http://{host}:{port}"


def serve(
    store: Queryable,
    host: str = "127.0.0.1",
    port: int = 7878,
    *,
    federation: Queryable | None = None,
    settings: Settings | None = None,
    announce: Callable[[str], object] = lambda _url: None,
) -> None:
    """Serve until interrupted.

    Parameters
    ----------
    store, federation, settings
        As in :func:`create_app`.
    host : str
        Address to listen on; the default is reachable from this machine only.
    port : int
        0 takes a free one.
    announce : callable
        Called with the URL once the server listens.

    Raises
    ------
    GeoloomError
        If the address cannot be listened on.
    """
    settings = _guarded(settings or Settings(), host)
    with in_workers(store, federation, settings) as (asked, federated):
        app = create_app(asked, federation=federated, settings=settings)
        server = _server(app, host, port, settings, {})
        try:
            wait_ready(asked, federated)
            announce(_url(server))
            server.run()
        finally:
            server.close()


@contextmanager
def running(
    store: Queryable,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    federation: Queryable | None = None,
    settings: Settings | None = None,
) -> Iterator[str]:
    """Serve in a thread for the length of a ``with`` block.

    Yields
    ------
    str
        The server's URL, without a slash at the end.
    """
    settings = _guarded(settings or Settings(), host)
    with in_workers(store, federation, settings) as (asked, federated):
        app = create_app(asked, federation=federated, settings=settings)
        sockets: dict[int, Any] = {}
        server = _server(app, host, port, settings, sockets)
        wait_ready(asked, federated)
        thread = threading.Thread(target=server.run, name="geoloom-endpoint", daemon=True)
        thread.start()
        try:
            yield _url(server)
        finally:
            server.task_dispatcher.shutdown(timeout=5)  # first: its threads wake the loop
            waker = next(entry for entry in sockets.values() if isinstance(entry, trigger))
            with suppress(OSError):  # the loop has ended by itself, and closed what wakes it
                waker.pull_trigger(lambda: close_all(sockets, ignore_all=True))
            thread.join(timeout=5)
