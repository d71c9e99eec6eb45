"""Reading a SPARQL Protocol operation from a request (SPARQL 1.1 Protocol, section 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qsl

from ontology import IRI, GeoloomError

from .problems import HTTPProblem

if TYPE_CHECKING:
    from flask import Request

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
_MAX_FIELDS = 10_000


@dataclass(frozen=True, slots=True)
class Operation:
    """A query or update with its dataset.

    ``kind`` is ``describe-service`` for a GET without any query.
    """

    kind: Literal["query", "update", "describe-service"]
    text: str = ""
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()

    def option(self, name: str) -> str | None:
        """Value of a parameter that is not part of the protocol, None if absent."""
        return next((value for key, value in self.extra if key == name), None)


def read_operation(request: Request, max_query_bytes: int) -> Operation:
    """Read the operation of a request.

    Raises
    ------
    HTTPProblem
        400 for bad UTF-8, a missing or repeated query, wrong graph parameters; 405 for other
        methods; 413 for a query text that is too long; 415 for other media types.

    Notes
    -----
    SPARQL 1.1 Protocol sections 2.1 (query) and 2.2 (update).
    """
    url = _fields(request.query_string, "URL")
    if request.method in ("GET", "HEAD"):
        operation = _from_get(url)
    elif request.method == "POST":
        operation = _from_post(request, url)
    else:
        raise HTTPProblem(
            405, "Use GET or POST here", why=request.method, headers={"Allow": "GET, HEAD, POST"}
        )
    if len(operation.text.encode()) > max_query_bytes:
        raise HTTPProblem(
            413,
            "The query text is too long",
            why=f"the limit is {max_query_bytes} bytes",
            remedy="shorten inline data, or load it",
        )
    return operation


def _from_get(url: list[tuple[str, str]]) -> Operation:
    names = {key for key, _ in url}
    if "update" in names:
        raise HTTPProblem(400, "An update cannot be sent by GET", remedy="use POST")
    if "query" not in names:
        if names:
            raise HTTPProblem(
                400, "The parameter query is missing", why=f"found {', '.join(sorted(names))}"
            )
        return Operation("describe-service")
    return _operation("query", url, url)


def _from_post(request: Request, url: list[tuple[str, str]]) -> Operation:
    media = request.mimetype
    if media not in (FORM, QUERY, UPDATE):
        raise HTTPProblem(
            415,
            "This media type is not accepted",
            why=f"found {media or 'none'}",
            remedy=f"use {FORM}, {QUERY} or {UPDATE}",
        )
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8"):
        raise HTTPProblem(415, "The body must be UTF-8", why=f"charset={charset}")
    body = request.get_data(cache=False)
    if media == FORM:
        form = _fields(body, "form")
        kind: Literal["query", "update"] = "update" if _has(form, "update") else "query"
        return _operation(kind, form, url + form)
    if _has(url, "query") or _has(url, "update"):
        raise HTTPProblem(400, "The operation stands both in the URL and in the body")
    text = _decode(body, "body")
    if media == QUERY:
        return _operation("query", [("query", text)], url)
    return _operation("update", [("update", text)], url)


def _has(fields: list[tuple[str, str]], name: str) -> bool:
    return any(key == name for key, _ in fields)


def _operation(
    kind: Literal["query", "update"],
    holder: list[tuple[str, str]],
    parameters: list[tuple[str, str]],
) -> Operation:
    texts = [value for key, value in holder if key == kind]
    if len(texts) != 1 or (kind == "update" and _has(parameters, "query")):
        raise HTTPProblem(
            400,
            f"Exactly one parameter {kind} is needed",
            why=f"{len(texts)} were given" if len(texts) != 1 else "query= stands beside update=",
        )
    stems = ("default-graph-uri", "named-graph-uri")
    if kind == "update":
        stems = ("using-graph-uri", "using-named-graph-uri")
    protocol = {"query", "update", *stems}
    return Operation(
        kind,
        texts[0],
        _graphs(parameters, stems[0]),
        _graphs(parameters, stems[1]),
        tuple((key, value) for key, value in parameters if key not in protocol),
    )


def _graphs(parameters: list[tuple[str, str]], name: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(value for key, value in parameters if key == name))
    for value in found:
        try:
            IRI(value)
        except GeoloomError as error:
            raise HTTPProblem(400, f"{name} is not an IRI", where=value, why=error.why) from error
        if ":" not in value:
            raise HTTPProblem(400, f"{name} must be an absolute IRI", where=value)
    return found


def _fields(raw: bytes, where: str) -> list[tuple[str, str]]:
    text = _decode(raw, where)
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except UnicodeDecodeError as error:
        raise HTTPProblem(
            400, "The percent-encoded text is not UTF-8", where=where, why=error.reason
        ) from error
    except ValueError as error:
        raise HTTPProblem(400, "Too many parameters", where=where, why=str(error)) from error


def _decode(raw: bytes, where: str) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise HTTPProblem(
            400, "The text is not UTF-8", where=f"{where}, byte {error.start}", why=error.reason
        ) from error
