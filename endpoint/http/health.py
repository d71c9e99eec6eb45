"""``/health``: answers well only if a real query does."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from flask import Blueprint, Response, jsonify

from ontology import GeoloomError

if TYPE_CHECKING:
    from endpoint.queryable import Queryable

_SECONDS = 2.0


def health_routes(store: Queryable) -> Blueprint:
    """Make the route ``/health``: 200 and ``{"status": "ok"}``, or 503 and the reason."""
    routes = Blueprint("health", __name__)

    @routes.get("/health")
    def health() -> tuple[Response, int]:
        began = time.monotonic()
        try:
            found = store.query("ASK { ?s ?p ?o }", timeout=_SECONDS).json()["boolean"]
        except GeoloomError as error:
            return jsonify(status="failed", **error.as_dict()), 503
        seconds = round(time.monotonic() - began, 4)
        return jsonify(status="ok", empty=not found, seconds=seconds), 200

    return routes
