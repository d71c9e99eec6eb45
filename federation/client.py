"""SPARQL 1.1 Protocol client: one request, checked, counted, within limits.

Every answer is read whole under a byte cap and a deadline before anything of it is used, so
half an answer never becomes a result.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit

import pyarrow as pa
import requests
from urllib3.exceptions import HTTPError

from ontology import DeadlineError, RemoteError

from .addresses import open_session
from .answers import ACCEPT, AnswerFormatError, parse_answer
from .report import Usage
from .sources import Source

_CHUNK: Final = 1 << 18
_TRIES: Final = 3
_BACKOFF: Final = 0.2
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_RETRIED: Final = frozenset({429, 502, 503, 504})
TOO_LARGE: Final = frozenset({413, 414, 431})


class SourceSilentError(RemoteError):
    """The source cannot be reached or does not answer in time; asking again is no use."""


class RequestTooLargeError(RemoteError):
    """The source refuses a request because of its length."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: a table of terms or a boolean, and the row limit the source admits to."""

    value: pa.Table | bool
    admitted_cap: int | None = None


class Client:
    """Sends queries to endpoints.

    Parameters
    ----------
    deadline : float, optional
        ``time.monotonic()`` value after which nothing is sent or read any more.
    """

    def __init__(self, deadline: float | None = None) -> None:
        self._deadline = deadline
        self._listed = open_session(public_only=False)
        self._public = open_session(public_only=True)

    def close(self) -> None:
        """Close all connections."""
        self._listed.close()
        self._public.close()

    def query(self, source: Source, text: str, usage: Usage, *, listed: bool = True) -> Answer:
        """Send one query by POST and parse the answer.

        Parameters
        ----------
        source : Source
            With an endpoint.
        text : str
            SELECT or ASK.
        usage : Usage
            Counted into.
        listed : bool
            False refuses addresses that are not public.

        Raises
        ------
        RemoteError
            Naming the source, its URL, what was received and a remedy.
        DeadlineError
            If the query's own deadline has passed.
        """
        started = time.monotonic()
        try:
            return self._query(source, text, usage, listed)
        finally:
            usage.seconds += time.monotonic() - started

    def _query(self, source: Source, text: str, usage: Usage, listed: bool) -> Answer:
        for attempt in range(1, _TRIES + 1):
            pause = _BACKOFF * 2**attempt
            try:
                response = self._send(source, text, usage, listed)
            except requests.ConnectionError as error:
                if attempt == _TRIES or isinstance(error, requests.exceptions.SSLError):
                    raise _unreachable(source, error) from error
            else:
                with response:
                    if response.status_code not in _RETRIED or attempt == _TRIES:
                        return self._read(source, response, usage)
                    pause = _retry_after(response, pause)
            self._sleep(pause, source)
        raise AssertionError("the last attempt returns or raises")

    def _send(self, source: Source, text: str, usage: Usage, listed: bool) -> requests.Response:
        url = source.address
        for _ in range(2):
            usage.requests += 1
            response = self._post(source, url, text, listed)
            if response.status_code not in _REDIRECTS:
                return response
            response.close()
            target = urljoin(url, response.headers.get("Location", ""))
            if urlsplit(target).hostname != urlsplit(url).hostname:
                break
            url = target
        raise _error(
            source,
            f"it redirects to {target}",
            "if that is right, write the new address in the sources file",
        )

    def _post(self, source: Source, url: str, text: str, listed: bool) -> requests.Response:
        session = self._listed if listed else self._public
        limit = self._limit(source)
        try:
            return session.post(
                url,
                data={"query": text},
                headers={"Accept": ACCEPT, "User-Agent": "geoloom"},
                timeout=(min(limit, 10.0), limit),
                stream=True,
                allow_redirects=False,
            )
        except requests.Timeout as error:
            raise _late(source, limit) from error
        except requests.ConnectionError:
            raise
        except requests.RequestException as error:
            raise _unreachable(source, error) from error

    def _limit(self, source: Source) -> float:
        if self._deadline is None:
            return source.timeout
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise DeadlineError(
                "The query's time is over",
                where=f"source {source.name!r}",
                remedy="raise the timeout, or ask for less",
            )
        return min(source.timeout, left)

    def _sleep(self, seconds: float, source: Source) -> None:
        if seconds >= self._limit(source):
            raise _error(
                source,
                f"busy; it asks to come back in {seconds:g} s, later than the timeout allows",
                "ask again later, or raise the timeout of this source",
            )
        time.sleep(seconds)

    def _read(self, source: Source, response: requests.Response, usage: Usage) -> Answer:
        data = self._body(source, response)
        usage.bytes += len(data)
        status, media = response.status_code, response.headers.get("Content-Type", "")
        if status != 200:
            kind = RequestTooLargeError if status in TOO_LARGE else RemoteError
            raise _error(
                source, f"HTTP {status} {response.reason}: {_excerpt(data)}", _advice(status), kind
            )
        try:
            value = parse_answer(data, media)
        except AnswerFormatError as error:
            raise _error(
                source,
                f"HTTP 200 with {error}; it begins {_excerpt(data)}",
                "check that the address is that of a SPARQL endpoint, not of its web page",
            ) from error
        if isinstance(value, pa.Table):
            usage.rows += len(value)
        cap = response.headers.get("X-SPARQL-MaxRows", "")
        return Answer(value, int(cap) if cap.isdigit() else None)

    def _body(self, source: Source, response: requests.Response) -> bytes:
        end = time.monotonic() + self._limit(source)
        parts: list[bytes] = []
        size = 0
        try:
            while chunk := response.raw.read1(_CHUNK, decode_content=True):
                parts.append(chunk)
                size += len(chunk)
                if size > source.max_bytes:
                    raise _error(
                        source,
                        f"more than {source.max_bytes} bytes",
                        "raise max_bytes of this source, or ask for less",
                    )
                if time.monotonic() > end:
                    raise _late(source, self._limit(source))
        except (HTTPError, OSError) as error:
            raise _error(
                source, f"an answer that stops after {size} bytes: {error}", "try again"
            ) from error
        return b"".join(parts)


def _excerpt(data: bytes) -> str:
    return repr(" ".join(data[:200].decode("utf-8", "replace").split()))


def _retry_after(response: requests.Response, default: float) -> float:
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdigit() else default


def _advice(status: int) -> str:
    if status in (401, 403):
        return "ask the owner of the source for access"
    if status in TOO_LARGE:
        return "ask in smaller batches"
    if status == 404:
        return "check the endpoint's address"
    return "ask the source directly to see whether it is well"


def _error(
    source: Source, received: str, remedy: str, kind: type[RemoteError] = RemoteError
) -> RemoteError:
    return kind(
        f"Source {source.name!r} gave no usable answer",
        where=source.address,
        why=f"received {received}",
        remedy=remedy,
    )


def _unreachable(source: Source, error: Exception) -> SourceSilentError:
    return SourceSilentError(
        f"Source {source.name!r} cannot be reached",
        where=source.address,
        why=_root_cause(error),
        remedy="check the address and that the server runs",
    )


def _root_cause(error: BaseException) -> str:
    """What the system said, below the wrappings of requests and urllib3."""
    seen: list[BaseException] = []
    inner: object = error
    while isinstance(inner, BaseException) and inner not in seen:
        seen.append(inner)
        wrapped = (getattr(inner, "reason", None), inner.__cause__, inner.__context__, *inner.args)
        inner = next((e for e in wrapped if isinstance(e, BaseException)), None)
    said = [e.strerror for e in seen if isinstance(e, OSError) and isinstance(e.strerror, str)]
    return said[-1] if said else str(seen[-1])


def _late(source: Source, limit: float) -> SourceSilentError:
    return SourceSilentError(
        f"Source {source.name!r} did not answer in time",
        where=source.address,
        why=f"received no whole answer in {limit:g} s",
        remedy="raise the timeout of this source, or ask for less",
    )
