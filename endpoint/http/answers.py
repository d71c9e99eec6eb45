"""Sending an answer piecewise, so that a cut one can never pass for whole."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from flask import Request, Response

from ontology import DeadlineError

from ..deadline import Deadline
from ..queryable import Answer, completeness
from .formats import choose_format

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


_MAX_LINK: Final = 8000


class _Body:
    """Pieces of a body under a deadline; stops when the client has gone.

    When a piece cannot be made, iteration raises: the server then closes the connection without
    the final chunk (RFC 9112 section 7.1), which every HTTP client reports as an incomplete
    body whatever the format.
    """

    def __init__(
        self,
        pieces: Iterator[bytes],
        deadline: Deadline,
        gone: Callable[[], bool],
        done: Callable[[], None],
    ) -> None:
        self._pieces = pieces
        self._deadline = deadline
        self._gone = gone
        self._done = done

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._watched()
        finally:
            self._done()

    def _watched(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self._deadline.check()
            if self._gone():
                raise DeadlineError("The client has gone")
            yield piece

    def close(self) -> None:
        """Release what the answer holds; called by the server at the end or on a cut."""
        self._done()


def send(
    request: Request, answer: Answer, deadline: Deadline, done: Callable[[], None]
) -> Response:
    """Answer a request in the format it accepts.

    Parameters
    ----------
    request : flask.Request
    answer : Answer
    deadline : Deadline
        Also holds while sending.
    done : callable
        Called once the last piece is sent or the sending has failed.
    """
    chosen, label = choose_format(request, answer.form)
    gone = request.environ.get("waitress.client_disconnected", lambda: False)
    body = _Body(_started(answer.serialize(chosen.name)), deadline, gone, done)
    if request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
        response = Response(b"".join(body))  # no chunks there: only a length shows a cut
        response.call_on_close(done)
    else:
        response = Response(body)
    response.content_type = label
    response.headers["Vary"] = "Accept"
    response.headers["Content-Disposition"] = f'inline; filename="answer.{chosen.name}"'
    _report(response, answer, request)
    return response


def _started(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Make the first piece now, so that what fails early still gets a proper status."""
    iterator = iter(pieces)
    first = next(iterator, b"")
    return chain([first], iterator)


def _report(response: Response, answer: Answer, request: Request) -> None:
    report = completeness(answer)
    if report is None:
        return
    complete = bool(report.get("complete", False))
    response.headers["Geoloom-Complete"] = "true" if complete else "false"
    if request.method == "GET":
        query = quote(request.query_string.decode("ascii", "replace"), safe="=&+%")
        link = f'<{request.path}?{query}&report=1>; rel="describedby"; type="application/json"'
        if len(link) < _MAX_LINK:
            response.headers["Link"] = link
