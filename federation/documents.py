"""Documents of the web, fetched whole and within limits: what ``LOAD`` of an update reads."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import requests
from urllib3.exceptions import HTTPError

from ontology import RemoteError

from .addresses import check_url, open_session

MAX_BYTES: Final = 1 << 30
TIMEOUT_S: Final = 60.0

_CHUNK: Final = 1 << 18
_ACCEPT: Final = (
    "text/turtle, application/n-triples, application/n-quads, application/trig,"
    " application/rdf+xml;q=0.9, application/ld+json;q=0.8"
)


def fetch_document(
    url: str,
    file: Path,
    public_only: bool = True,
    *,
    max_bytes: int = MAX_BYTES,
    timeout_s: float = TIMEOUT_S,
) -> str | None:
    """Write what an address gives into a file.

    Parameters
    ----------
    url : str
        ``http`` or ``https``, without credentials. No redirect is followed.
    file : Path
    public_only : bool
        Refuse addresses that are not public, checked on the connected socket.
    max_bytes : int
        Of the decoded document.
    timeout_s : float
        Seconds for the whole document.

    Returns
    -------
    str or None
        The media type the server gives.

    Raises
    ------
    RemoteError
        Naming the address and what was received.
    """
    check_url(url)
    session = open_session(public_only=public_only)
    try:
        response = session.get(
            url,
            headers={"Accept": _ACCEPT, "User-Agent": "geoloom"},
            timeout=min(timeout_s, 10.0),
            stream=True,
            allow_redirects=False,
        )
        with response:
            _check_status(url, response)
            _write(url, response, file, max_bytes, time.monotonic() + timeout_s)
            return response.headers.get("Content-Type")
    except (requests.RequestException, HTTPError, OSError) as error:
        raise _failed(url, str(error), "check the address and that the server runs") from error
    finally:
        session.close()


def _check_status(url: str, response: requests.Response) -> None:
    if response.is_redirect:
        target = response.headers.get("Location")
        raise _failed(url, f"a redirect to {target}", "if that is right, load from there")
    if response.status_code != requests.codes.ok:
        said = f"HTTP {response.status_code} {response.reason}"
        raise _failed(url, said, "check the address")


def _write(
    url: str, response: requests.Response, file: Path, max_bytes: int, deadline: float
) -> None:
    size = 0
    with file.open("wb") as out:
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            size += len(chunk)
            if size > max_bytes:
                raise _failed(url, f"more than {max_bytes} bytes", "load it from a file")
            if time.monotonic() > deadline:
                raise _failed(url, f"no whole document after {size} bytes", "load it from a file")
            out.write(chunk)


def _failed(url: str, received: str, remedy: str) -> RemoteError:
    return RemoteError(
        "The document cannot be fetched", where=url, why=f"received {received}", remedy=remedy
    )
