"""``/health``: answers well only if a real query does."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify

from ontology import BusyError, DeadlineError, GeoloomError
from store import WorkerPool

if TYPE_CHECKING:
    from endpoint.queryable import Queryable

_SECONDS = 2.0


def health_routes(store: Queryable) -> Blueprint:
    """Make the route ``/health``: 200 and ``{"status": "ok"}``, or 503 and the reason.

    Where all workers are at work it says ``busy`` and how many wait; there the queries
    themselves show that the store answers.
    """
    routes = Blueprint("health", __name__)

    @routes.get("/health")
    def health() -> tuple[Response, int]:
        if _all_at_work(store):
            return jsonify(status="busy", **_workers(store)), 200
        began = time.monotonic()
        try:
            found = store.query("ASK { ?s ?p ?o }", timeout=_SECONDS).json()["boolean"]
        except GeoloomError as error:
            if isinstance(error, BusyError | DeadlineError) and _all_at_work(store):
                return jsonify(status="busy", **_workers(store)), 200
            return jsonify(status="failed", **error.as_dict(), **_workers(store)), 503
        seconds = round(time.monotonic() - began, 4)
        return jsonify(status="ok", empty=not found, seconds=seconds, **_workers(store)), 200

    return routes


def _all_at_work(store: Queryable) -> bool:
    return isinstance(store, WorkerPool) and 0 < store.status.up <= store.status.busy


def _workers(store: Queryable) -> dict[str, Any]:
    return {"workers": asdict(store.status)} if isinstance(store, WorkerPool) else {}
