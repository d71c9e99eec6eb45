"""The web page; everything it loads comes from this server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template

from ontology import CODE_LISTS

if TYPE_CHECKING:
    from endpoint.settings import Settings


def page_routes(settings: Settings, federated: bool) -> Blueprint:
    """Make the route of the page."""
    routes = Blueprint("page", __name__)

    @routes.get("/")
    def index() -> str:
        return render_template(
            "index.html", title=settings.title, federated=federated, schemes=CODE_LISTS
        )

    return routes
