"""The route ``/validation``: run one by POST, look at the last one by GET."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Response, request

from ontology import UsageError

from ..http.formats import choose
from ..http.problems import HTTPProblem
from .html import report_policy
from .validate import validate

if TYPE_CHECKING:
    from endpoint.http.gate import Gate
    from endpoint.queryable import Queryable
    from endpoint.settings import Settings

    from .report import ValidationReport

_FORMS: Final = ("application/json", "text/html", "text/csv")
_NAMES: Final = frozenset({"distance", "rule", "sample_scheme", "map_scheme"})


def validation_routes(
    store: Queryable, federation: Queryable | None, settings: Settings, gate: Gate
) -> Blueprint:
    """Make the route of the validation; it runs over the federation where there is one."""
    routes = Blueprint("validation", __name__)
    kept: list[ValidationReport] = []
    lock = threading.Lock()

    @routes.post("/validation")
    def run_validation() -> Response:
        options = _options()
        form = choose(request, _FORMS)
        asked = federation or store
        with gate.turn(asked):
            report = validate(asked, timeout=settings.query_timeout, **options)
        with lock:
            kept[:] = [report]
        return _answer(report, form)

    @routes.get("/validation")
    def last_validation() -> Response:
        form = choose(request, _FORMS)
        with lock:
            report = kept[0] if kept else None
        if report is None:
            raise HTTPProblem(
                404, "No validation has been run yet", remedy="run one: POST /validation"
            )
        return _answer(report, form)

    return routes


def _options() -> dict[str, Any]:
    given = (request.get_json() if request.is_json else request.form.to_dict()) or {}
    if not isinstance(given, dict):
        raise UsageError("The body must be a JSON object of options")
    unknown = set(given) - _NAMES
    if unknown:
        raise UsageError(
            f"Unknown option {min(unknown)!r}", remedy="use " + ", ".join(sorted(_NAMES))
        )
    options = {name: value for name, value in given.items() if value not in (None, "")}
    if "distance" in options:
        try:
            options["distance"] = float(options["distance"])
        except (TypeError, ValueError) as error:
            raise UsageError("distance must be a number of metres", why=str(error)) from error
    return options


def _answer(report: ValidationReport, form: str) -> Response:
    if form == "text/html":
        response = Response(report.to_html(), mimetype=form)
        response.headers["Content-Security-Policy"] = report_policy()
    elif form == "text/csv":
        response = Response(report.to_csv(), mimetype=form)
    else:
        response = Response(report.to_json(), mimetype=form)
    response.headers["Vary"] = "Accept"
    response.headers["Cache-Control"] = "no-store"
    return response
