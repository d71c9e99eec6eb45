"""The Flask application: routes, limits and security headers put together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask, Response

from store import limited

from .catalogue import catalogue_routes
from .http.gate import Gate
from .http.health import health_routes
from .http.page import page_routes
from .http.problems import register_problems
from .http.sparql import sparql_routes
from .settings import Settings
from .validation import validation_routes

if TYPE_CHECKING:
    from .queryable import Queryable

_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def create_app(
    store: Queryable,
    *,
    federation: Queryable | None = None,
    settings: Settings | None = None,
) -> Flask:
    """Make the web application over a store.

    Parameters
    ----------
    store : Queryable
        Answers ``/sparql``, the catalogue and the validation.
    federation : Queryable, optional
        Answers ``/federated``; without one that route says 404.
    settings : Settings, optional
        Limits; the defaults are meant for one machine.

    Returns
    -------
    flask.Flask
        A WSGI application, read-only unless the settings hold an update token.
    """
    settings = settings or Settings()
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.config["MAX_FORM_MEMORY_SIZE"] = settings.max_body_bytes
    app.config["TRUSTED_HOSTS"] = None if settings.hosts is None else [*settings.hosts]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    gate = Gate(settings.parallel, settings.queue_seconds)
    register_problems(app)
    app.register_blueprint(sparql_routes(store, federation, settings, gate))
    app.register_blueprint(catalogue_routes(store, settings, gate))
    app.register_blueprint(validation_routes(store, federation, settings, gate))
    app.register_blueprint(health_routes(store))
    app.register_blueprint(page_routes(settings, federation is not None))
    app.after_request(_secure)
    app.wsgi_app = _while_wanted(app.wsgi_app)  # type: ignore[method-assign]
    return app


def _while_wanted(application: Any) -> Any:
    """Stop the work on a request when its client has gone."""

    def run(environ: dict[str, Any], start_response: Any) -> Any:
        gone = environ.get("waitress.client_disconnected")
        with limited(gone=gone, client=environ.get("REMOTE_ADDR", "")):
            return application(environ, start_response)

    return run


def _secure(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", _POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
