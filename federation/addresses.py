"""Which addresses may be spoken to.

A source in the user's own sources file may lie anywhere. Any other address must be http or
https and public; that is checked on the connected socket, before a byte is sent, so a name
that changes its address between check and use gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit

from requests import Session
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from ontology import RemoteError


def check_url(url: str) -> None:
    """Refuse what is not an http or https address without credentials.

    Raises
    ------
    RemoteError
        Naming the address and the reason.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError as error:
        raise RemoteError("This is not an address", where=url, why=str(error)) from error
    if parts.scheme not in ("http", "https") or not host:
        raise RemoteError(
            "Only http and https endpoints can be asked",
            where=url,
            remedy="write the endpoint as https://host/path",
        )
    if parts.username or parts.password:
        raise RemoteError(
            "An endpoint address must not hold a name or password",
            where=f"{parts.scheme}://{host}",
            remedy="remove the part before the @",
        )


def is_public(address: str) -> bool:
    """Return whether an IP address is a public one.

    >>> is_public("8.8.8.8"), is_public("127.0.0.1"), is_public("::ffff:10.0.0.1")
    (True, False, False)
    """
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if inner:
            return bool(inner.is_global) and not inner.is_multicast
    return ip.is_global and not ip.is_multicast


def _refuse_private(connected: socket.socket) -> socket.socket:
    address = str(connected.getpeername()[0])
    if not is_public(address):
        connected.close()
        raise RemoteError(
            "This address is not a public one",
            where=address,
            why="private, loopback and link-local addresses are refused unless listed",
            remedy="add the endpoint to the sources file",
        )
    return connected


class _PublicHTTPConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _refuse_private(super()._new_conn())


class _PublicHTTPSConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _refuse_private(super()._new_conn())


class _PublicHTTPPool(HTTPConnectionPool):
    ConnectionCls = _PublicHTTPConnection


class _PublicHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _PublicHTTPSConnection


class _PublicAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _PublicHTTPPool,
            "https": _PublicHTTPSPool,
        }


def open_session(*, public_only: bool) -> Session:
    """Return a session that reads no environment; optionally for public addresses only."""
    session = Session()
    session.trust_env = False
    if public_only:
        session.mount("http://", _PublicAdapter())
        session.mount("https://", _PublicAdapter())
    return session
