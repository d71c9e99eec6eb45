"""Saying a query in other words: what the cures of known faults are made of.

They rely on how the generator writes: each path operand in brackets, no blanks in a path, and what
is asked for its truth between the two marks of :data:`TRUTH`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

TRUTH = ("\x01", "\x02")
_MARKED = re.compile("\x01([^\x01\x02]*)\x02")
_PATTERN = re.compile(r'("[^"]*"\S*|\S+) ([!^(]\S*\)\|\(\S*) ("[^"]*"\S*|\S+) \.')
_LONG = 300  # written three times over, at each depth
_OF_TIME = re.compile(r"\b(YEAR|MONTH|DAY|TIMEZONE|TZ)\(")


def plain(text: str) -> str:
    """The text without marks."""
    return text.replace(TRUTH[0], "").replace(TRUTH[1], "")


def with_unions(text: str) -> str:
    """A path with alternatives as a union of paths, as the standard defines it.

    Below ``*``, ``+`` and ``?`` alternatives stay, since those count each pair of ends once.
    """
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
    """Where the bracket at ``start`` is closed; brackets in strings do not count."""
    depth, quoted = 0, False
    for at in range(start, len(text)):
        quoted ^= text[at] == '"'
        if not quoted:
            depth += {"(": 1, ")": -1}.get(text[at], 0)
        if not depth:
            return at + 1
    return len(text)


def truth_of_strings(text: str) -> str:
    """The truth of a string with a language tag asked by its length."""
    while (changed := _MARKED.sub(_asked, text)) != text:
        text = changed
    return text


def _asked(found: re.Match[str]) -> str:
    inner = found[1]
    if "{" in inner or len(inner) > _LONG:
        return inner
    return f'IF(LANG({inner}) != "", STRLEN({inner}) != 0, {inner})'


def times_only(text: str) -> str:
    """Parts of a time asked of dateTimes alone, not of dates."""
    return _in_calls(text, lambda inner: f"IF(DATATYPE({inner}) = xsd:date, 1 / 0, {inner})")


def _in_calls(text: str, change: Callable[[str], str]) -> str:
    done, rest = "", text
    while found := _OF_TIME.search(rest):
        end = _closing(rest, found.end() - 1)
        inner = _in_calls(rest[found.end() : end - 1], change)
        done += rest[: found.end()] + (inner if "{" in inner else change(inner)) + ")"
        rest = rest[end:]
    return done + rest
