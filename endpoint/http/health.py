"""``/health``: answers well only if a real query does."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify

from ontology import GeoloomError
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
        workers: dict[str, Any] = {}
        if isinstance(store, WorkerPool):
            state = store.status
            workers = {"workers": asdict(state)}
            if 0 < state.up <= state.busy:
                return jsonify(status="busy", **workers), 200
        began = time.monotonic()
        try:
            found = store.query("ASK { ?s ?p ?o }", timeout=_SECONDS).json()["boolean"]
        except GeoloomError as error:
            return jsonify(status="failed", **error.as_dict()), 503
        seconds = round(time.monotonic() - began, 4)
        return jsonify(status="ok", empty=not found, seconds=seconds, **workers), 200

    return routes
