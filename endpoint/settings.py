"""Limits and options of the endpoint, all in one place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from ontology import UsageError
from store import Inference

MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """Options of :func:`endpoint.create_app` and :func:`endpoint.serve`.

    Attributes
    ----------
    title : str
        Shown on the page and in the service description.
    query_timeout : float
        Deadline of a query in seconds; a request may ask for less, never for more.
    max_query_bytes : int
        Longest query text, UTF-8.
    max_body_bytes : int
        Longest request body.
    max_header_bytes : int
        All request headers together.
    workers : int, optional
        Processes that answer queries over a store; None is one a core, 0 answers in the server's
        own process, where one call into GEOS cannot be stopped.
    memory : int, optional
        Bytes that one query may hold; None is 3 GiB, or less on a small machine. It holds where
        there are workers.
    parallel : int
        Queries that run at once where there are no workers.
    queue : int
        Queries that may wait for a worker; one client's may take half of the places.
    queue_seconds : float
        How long a query waits for its turn before 503 with ``Retry-After``.
    threads : int
        Threads of the server. Each request that runs or waits holds one, so there are more of
        them than that: ``/health`` answers under load.
    connections : int
        Open connections at once.
    idle_seconds : int
        Idle time after which a connection is closed.
    public_url : str, optional
        Where clients reach the server, for the service description; None trusts the request.
    hosts : tuple of str, optional
        Names the Host header may hold; None takes any. :func:`endpoint.serve` fills in those of
        a loopback address, so that no page elsewhere can reach the server by a name of its own.
    update_token : str, optional
        Bearer token that permits updates; None refuses them all.
    inference : Inference
        What queries of ``/sparql`` are answered from beside asserted triples, where a request does
        not say.
    """

    title: str = "geoloom"
    query_timeout: float = 60.0
    max_query_bytes: int = MIB
    max_body_bytes: int = 64 * MIB
    max_header_bytes: int = 32 * 1024
    workers: int | None = None
    memory: int | None = None
    parallel: int = 4
    queue: int = 32
    queue_seconds: float = 15.0
    threads: int = 48
    connections: int = 100
    idle_seconds: int = 30
    public_url: str | None = None
    hosts: tuple[str, ...] | None = None
    update_token: str | None = None
    inference: Inference = field(default_factory=Inference)

    def __post_init__(self) -> None:
        for name in ("query_timeout", "max_query_bytes", "max_body_bytes", "parallel", "threads"):
            if getattr(self, name) <= 0:
                raise UsageError(f"The setting {name} must be greater than zero")
        if self.update_token is not None and len(self.update_token) < 16:
            raise UsageError(
                "The update token is too short",
                remedy="use at least 16 characters, e.g. from python -c "
                "'import secrets; print(secrets.token_urlsafe())'",
            )
