"""Resolution of IRI references: RFC 3986, section 5.2, for every scheme."""

from __future__ import annotations

import re
from typing import Final

_PARTS: Final = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]*):)?(?://(?P<authority>[^/?#]*))?"
    r"(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?",
    re.DOTALL,
)


def resolve_iri(reference: str, base: str) -> str:
    """Return the IRI that a reference means beside a base IRI.

    Examples
    --------
    >>> resolve_iri("../g?y#s", "http://a/b/c/d;p?q")
    'http://a/b/g?y#s'
    """
    given, below = _split(reference), _split(base)
    if given["scheme"] is not None:
        return _joined({**given, "path": _without_dots(given["path"] or "")})
    if given["authority"] is not None:
        path, query = _without_dots(given["path"] or ""), given["query"]
        return _joined({**given, "scheme": below["scheme"], "path": path, "query": query})
    kept = {**below, "fragment": given["fragment"]}
    if not given["path"]:
        return _joined(kept if given["query"] is None else {**kept, "query": given["query"]})
    path = _without_dots(_merged(given["path"], below))
    return _joined({**kept, "path": path, "query": given["query"]})


def _split(iri: str) -> dict[str, str | None]:
    found = _PARTS.fullmatch(iri)
    assert found is not None
    return found.groupdict()


def _merged(path: str, base: dict[str, str | None]) -> str:
    if path.startswith("/"):
        return path
    below = base["path"] or ""
    if base["authority"] is not None and not below:
        return "/" + path
    return below[: below.rfind("/") + 1] + path


def _without_dots(path: str) -> str:
    """Remove ``.`` and ``..`` (section 5.2.4)."""
    kept: list[str] = []
    segments = path.split("/")
    rooted = path.startswith("/")
    for segment in segments:
        if segment == "..":
            if len(kept) > rooted:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/".join(kept)


def _joined(parts: dict[str, str | None]) -> str:
    made = parts["path"] or ""
    if parts["authority"] is not None:
        made = f"//{parts['authority']}{made}"
    if parts["scheme"] is not None:
        made = f"{parts['scheme']}:{made}"
    if parts["query"] is not None:
        made += f"?{parts['query']}"
    return made if parts["fragment"] is None else f"{made}#{parts['fragment']}"
