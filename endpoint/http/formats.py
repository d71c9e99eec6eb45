"""Choosing the format of an answer by the Accept header (RFC 9110 section 12.5.1)."""

from __future__ import annotations

from typing import Final

from flask import Request

from store import Format, NotAcceptableError, formats_for, negotiate

_FORMS: Final = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_WITH_CHARSET: Final = frozenset({"text/csv", "text/tab-separated-values", "text/turtle"})


def check_acceptable(request: Request) -> None:
    """Refuse before a query runs if no form of it could be answered.

    Raises
    ------
    NotAcceptableError
        None of the accepted media types is ever written.
    """
    choose(request, tuple(m for form in _FORMS for f in formats_for(form) for m in f.media_types))


def choose_format(request: Request, form: str) -> tuple[Format, str]:
    """Choose an answer's format and the media type to label it with.

    A client that asks for ``application/json`` by name gets that label.

    Raises
    ------
    NotAcceptableError
        None of the accepted media types fits the query form.
    """
    accepted = {media.lower() for media in request.accept_mimetypes.values()}
    chosen = negotiate(request.headers.get("Accept"), form)
    label = next((m for m in chosen.media_types if m in accepted), chosen.media_types[0])
    return chosen, f"{label}; charset=utf-8" if label in _WITH_CHARSET else label


def choose(request: Request, offered: tuple[str, ...]) -> str:
    """Choose among offered media types; the first one when the client has no preference.

    Raises
    ------
    NotAcceptableError
        None of them is accepted.
    """
    if not request.accept_mimetypes:
        return offered[0]
    best = request.accept_mimetypes.best_match(offered)
    if best is None:
        raise NotAcceptableError(
            "None of the accepted media types can be written",
            where="header Accept",
            why=str(request.accept_mimetypes)[:200],
            remedy="accept one of " + ", ".join(dict.fromkeys(offered)),
        )
    return best
