"""The route ``/catalogue/search``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request

from ontology import UsageError

from .request import SearchRequest
from .search import search

if TYPE_CHECKING:
    from endpoint.http.gate import Gate
    from endpoint.queryable import Queryable
    from endpoint.settings import Settings


def catalogue_routes(store: Queryable, settings: Settings, gate: Gate) -> Blueprint:
    """Make the route of the catalogue: parameters by GET or as a JSON object by POST."""
    routes = Blueprint("catalogue", __name__)

    @routes.route("/catalogue/search", methods=["GET", "POST"])
    def catalogue_search() -> Response:
        wanted = SearchRequest.from_parameters(_parameters())
        with gate.turn(store):
            found = search(store, wanted, timeout=settings.query_timeout)
        root = (settings.public_url or request.host_url).rstrip("/")
        response = jsonify(found.as_stac(root))
        response.content_type = "application/geo+json"
        return response

    return routes


def _parameters() -> dict[str, Any]:
    if request.method == "GET":
        repeated = [name for name in request.args if len(request.args.getlist(name)) > 1]
        if repeated:
            raise UsageError(f"The parameter {repeated[0]!r} is given more than once")
        return dict(request.args)
    given = request.get_json()
    if not isinstance(given, dict):
        raise UsageError("The body must be a JSON object of search parameters")
    return given
