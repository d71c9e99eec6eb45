"""The routes ``/sparql``, ``/federated`` and ``/explain``."""

from __future__ import annotations

import hmac
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, redirect, request, url_for

from ontology import UnsupportedError
from store import Inference, limited

from ..deadline import Deadline
from ..queryable import Queryable, completeness
from .answers import send
from .description import DESCRIPTION_FORMATS, describe_service
from .formats import check_acceptable
from .gate import Gate
from .operation import Operation, read_operation
from .problems import HTTPProblem

if TYPE_CHECKING:
    from endpoint.settings import Settings

_EXPLAINED = ("text/plain", "application/json")
_METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"]  # others than GET, POST get our 405


def sparql_routes(
    store: Queryable, federation: Queryable | None, settings: Settings, gate: Gate
) -> Blueprint:
    """Make the routes that speak the SPARQL Protocol."""
    routes = Blueprint("sparql", __name__)

    def serve(queryable: Queryable, name: str) -> Response:
        operation = read_operation(request, settings.max_query_bytes)
        if operation.kind == "describe-service":
            return _describe(name, settings)
        inferring = _inferring(operation, settings, stored=queryable is store)
        if operation.kind == "update":
            return _update(queryable, operation, settings, inferring)
        seconds = _timeout(operation, settings)
        with limited(seconds):
            return _query(queryable, operation, Deadline(seconds), gate, inferring)

    @routes.route("/sparql/", methods=_METHODS, endpoint="sparql_slash")
    @routes.route("/sparql", methods=_METHODS)
    def sparql() -> Response:
        return serve(store, "sparql.sparql")

    @routes.route("/federated", methods=_METHODS)
    def federated() -> Response:
        if federation is None:
            raise HTTPProblem(
                404, "This server has no federation", remedy="start it with --sources F.toml"
            )
        return serve(federation, "sparql.federated")

    @routes.route("/explain", methods=["GET", "POST"])
    def explain() -> Response:
        operation = read_operation(request, settings.max_query_bytes)
        explainer = getattr(store, "explain", None)
        if operation.kind != "query" or explainer is None:
            raise HTTPProblem(400, "There is nothing to explain", remedy="send a query")
        with limited(_timeout(operation, settings)), gate.turn(store):
            told = explainer(operation.text, **_inferring(operation, settings))
        if request.accept_mimetypes.best_match(_EXPLAINED) == "application/json":
            return jsonify(told.as_dict())
        return Response(str(told), mimetype="text/plain")

    return routes


def _describe(name: str, settings: Settings) -> Response:
    if request.accept_mimetypes.best_match([*DESCRIPTION_FORMATS, "text/html"]) == "text/html":
        return redirect(url_for("page.index"))  # type: ignore[return-value]
    public = settings.public_url
    url = public.rstrip("/") + url_for(name) if public else url_for(name, _external=True)
    return describe_service(request, url, settings.update_token is not None)


def _inferring(
    operation: Operation, settings: Settings, *, stored: bool = True
) -> dict[str, Inference]:
    """The option of a query that says what counts beside asserted triples, where it is not usual.

    The parameters are ``topology``, ``properties`` and ``classes`` (``1`` or ``0``).
    """
    asked = {name: operation.option(name) for name in ("topology", "properties", "classes")}
    given: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    if not stored:
        if given:
            raise HTTPProblem(
                400,
                "A federated query does not say what is inferred",
                why=f"the parameter {next(iter(given))} is for /sparql",
            )
        return {}
    if "classes" in given:
        if given["classes"] not in ("0", "1"):
            raise HTTPProblem(400, "The parameter classes is 0 or 1", why=given["classes"][:40])
        given["classes"] = given["classes"] == "1"
    inference = replace(settings.inference, **given)
    return {} if inference == Inference() else {"inference": inference}


def _query(
    queryable: Queryable,
    operation: Operation,
    deadline: Deadline,
    gate: Gate,
    inferring: dict[str, Inference],
) -> Response:
    check_acceptable(request)
    turn = gate.enter(queryable)
    try:
        deadline.check()
        answer = queryable.query(
            operation.text,
            timeout=deadline.left,
            default_graphs=operation.default_graphs,
            named_graphs=operation.named_graphs,
            **({"strict": True} if operation.option("strict") == "1" else {}),
            **inferring,
        )
        if operation.option("report") == "1":
            turn.leave()
            return jsonify(completeness=completeness(answer) or {"complete": True})
        return send(request, answer, deadline, turn.leave)
    except BaseException:
        turn.leave()
        raise


def _timeout(operation: Operation, settings: Settings) -> float:
    text = operation.option("timeout")
    if text is None:
        return settings.query_timeout
    try:
        asked = float(text)
    except ValueError:
        asked = math.nan
    if not asked > 0:
        raise HTTPProblem(400, "The timeout must be a number of seconds above zero", why=text[:40])
    return min(asked, settings.query_timeout)


def _update(
    queryable: Queryable,
    operation: Operation,
    settings: Settings,
    inferring: dict[str, Inference],
) -> Response:
    if settings.update_token is None:
        raise HTTPProblem(
            403,
            "This endpoint is read-only",
            remedy="use `geoloom update`, or serve it from Python with Settings(update_token=…)",
        )
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(
        given.encode(), settings.update_token.encode()
    ):
        raise HTTPProblem(
            401,
            "Updates need the token of this server",
            remedy="send the header Authorization: Bearer TOKEN",
            headers={"WWW-Authenticate": 'Bearer realm="geoloom"'},
        )
    update = getattr(queryable, "update", None)
    if update is None:
        raise UnsupportedError(
            "This version does not update a store over HTTP", remedy="use geoloom load"
        )
    dataset = {
        "using_graphs": operation.default_graphs,
        "using_named_graphs": operation.named_graphs,
    }
    using = {name: graphs for name, graphs in dataset.items() if graphs}
    with limited(_timeout(operation, settings)):
        update(operation.text, **using, **inferring)
    return Response(status=204)
