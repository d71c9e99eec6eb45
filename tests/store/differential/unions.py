"""A path with alternatives as a union of paths without any: the standard's own definition.

Below ``*``, ``+`` and ``?`` alternatives stay, since those count each pair of ends once.
"""

from __future__ import annotations

import re

_PATTERN = re.compile(r'("[^"]*"\S*|\S+) ([!^(]\S*\)\|\(\S*) ("[^"]*"\S*|\S+) \.')


def with_unions(text: str) -> str:
    """The query with each path pattern that holds an alternative as a UNION of patterns."""
    return _PATTERN.sub(_union, text)


def _union(found: re.Match[str]) -> str:
    subject, path, thing = found.groups()
    branches = (f"{{ {subject} {one} {thing} . }}" for one in branches_of(path))
    return f"{{ {' UNION '.join(branches)} }}"


def branches_of(path: str) -> list[str]:
    """The paths whose union a path is."""
    if path[0] == "^":
        return [f"^({one})" for one in branches_of(path[2:-1])]
    if path[0] != "(" or path[-1] != ")":
        return [path]
    end = _closing(path, 1)
    left, sign, right = path[2 : end - 1], path[end], path[end + 2 : -2]
    if sign == "|":
        return [*branches_of(left), *branches_of(right)]
    return [f"(({a})/({b}))" for a in branches_of(left) for b in branches_of(right)]


def _closing(text: str, start: int) -> int:
    depth = 0
    for at in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if not depth:
            return at + 1
    return len(text)
