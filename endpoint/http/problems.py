"""Every refusal has one shape: problem+json (RFC 9457), or a small HTML page for people."""

from __future__ import annotations

import json
from typing import Final

from flask import Flask, Response, current_app, render_template, request
from werkzeug.exceptions import HTTPException

from ontology import (
    BusyError,
    CrashError,
    CRSError,
    DeadlineError,
    GeoloomError,
    GeometryError,
    IncompleteError,
    InputError,
    MemoryLimitError,
    QuerySyntaxError,
    RemoteError,
    UnknownCodeError,
    UnsupportedError,
    UsageError,
)
from store import NotAcceptableError

PROBLEMS: Final = "https://w3id.org/geoloom/problems/"
_RETRY_S: Final = "5"


class HTTPProblem(GeoloomError):
    """A request that breaks the HTTP side of a protocol.

    Parameters
    ----------
    status : int
        HTTP status code.
    what, where, why, remedy
        As in :class:`ontology.GeoloomError`.
    headers : dict, optional
        Further response headers, e.g. ``Allow``.
    """

    name = "bad-request"

    def __init__(
        self,
        status: int,
        what: str,
        *,
        where: str | None = None,
        why: str | None = None,
        remedy: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(what, where=where, why=why, remedy=remedy)
        self.status = status
        self.headers = headers or {}


_STATUS: Final[tuple[tuple[type[GeoloomError], int], ...]] = (
    (QuerySyntaxError, 400),
    (NotAcceptableError, 406),
    (UsageError, 400),
    (UnknownCodeError, 400),
    (GeometryError, 400),
    (CRSError, 400),
    (InputError, 422),
    (UnsupportedError, 501),
    (DeadlineError, 504),
    (MemoryLimitError, 507),
    (BusyError, 503),
    (CrashError, 503),
    (IncompleteError, 502),
    (RemoteError, 502),
)


def status_of(error: GeoloomError) -> int:
    """HTTP status of an error: the client's fault, not implemented, too late, or ours."""
    if isinstance(error, HTTPProblem):
        return error.status
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def problem_response(error: GeoloomError) -> Response:
    """Build the answer for an error: HTML if the client prefers it, else problem+json."""
    status = status_of(error)
    fields = error.as_dict()
    if request.accept_mimetypes.best_match(["application/problem+json", "text/html"]) == (
        "text/html"
    ):
        body, media = _page(error, status), "text/html"
    else:
        document = {
            "type": PROBLEMS + error.name,
            "title": error.what,
            "detail": str(error),
            "status": status,
            **{key: fields[key] for key in ("what", "where", "why", "try")},
        }
        body, media = json.dumps(document, ensure_ascii=False), "application/problem+json"
    response = Response(body, status=status, mimetype=media)
    if isinstance(error, HTTPProblem):
        response.headers.update(error.headers)
    if isinstance(error, BusyError | CrashError):
        response.headers["Retry-After"] = _RETRY_S
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(error: GeoloomError, status: int) -> str:
    return render_template(
        "problem.html",
        status=status,
        what=error.what,
        where=error.where,
        why=error.why,
        remedy=error.remedy,
    )


def _from_http(error: HTTPException) -> Response:
    headers = {"Allow": ", ".join(error.valid_methods)} if hasattr(error, "valid_methods") else {}
    what = error.name if error.code != 413 else "The request body is too large"
    problem = HTTPProblem(
        error.code or 500, what, where=request.path, why=error.description, headers=headers
    )
    return problem_response(problem)


def _from_bug(error: Exception) -> Response:
    current_app.logger.exception("unexpected error", exc_info=error)
    return problem_response(
        GeoloomError(
            "The server failed on this request",
            why=f"an unexpected {type(error).__name__}; the server's log holds the details",
            remedy="report it with the request that caused it",
        )
    )


def register_problems(app: Flask) -> None:
    """Make every error of an app answer in the one shape."""
    app.register_error_handler(GeoloomError, problem_response)
    app.register_error_handler(HTTPException, _from_http)
    app.register_error_handler(Exception, _from_bug)
