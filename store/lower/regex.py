r"""Regular expressions of XPath (F&O section 7.6) as RE2 reads them.

What RE2 writes otherwise is translated: the flags ``q`` and ``x``, ``\i`` and ``\c``, and ``\d``,
``\w`` and ``\s`` by their Unicode categories (with ``_`` counted to ``\w``, as everyone expects).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import re2

from ontology import UnsupportedError

_FLAGS: Final = frozenset("ismxq")
_INITIAL: Final = r"\p{L}_:"
_CLASSES: Final = {
    "d": r"\p{Nd}",
    "w": r"\p{L}\p{M}\p{N}\p{S}_",
    "s": r" \t\n\r",
    "i": _INITIAL,
    "c": _INITIAL + r"\p{M}\p{Nd}.\-\x{b7}",
}
_COMPLEMENTS: Final = {
    "D": r"\P{Nd}",
    "S": r"\S",
    "W": r"\p{Pd}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Po}\p{Z}\p{C}\x{203f}\x{2040}\x{2054}",
}
_BLOCK: Final = re.compile(r"\\[pP]\{Is")
_PIECE: Final = re.compile(r"\\(.)|(.)", re.DOTALL)


def checked(pattern: str, flags: str) -> str | None:
    """The pattern as RE2 reads it, None if it or a flag is not valid.

    Raises
    ------
    UnsupportedError
        For what XPath has and RE2 has not: back-references and class subtraction.
    """
    if not set(flags) <= _FLAGS:
        return None
    inline = "".join(sorted(set(flags) & set("ism")))
    body = re.escape(pattern) if "q" in flags else _translated(pattern, spaced="x" in flags)
    whole = f"(?{inline}){body}" if inline else body
    return whole if _groups(whole) is not None else None


@lru_cache(maxsize=1024)
def _groups(pattern: str) -> int | None:
    """Capturing groups of a pattern, None if RE2 does not take it."""
    options = re2.Options()
    options.log_errors = False
    try:
        return int(re2.compile(pattern, options).groups)
    except re2.error:
        return None


def _translated(pattern: str, *, spaced: bool) -> str:
    if _BLOCK.search(pattern):
        raise _refused("a block of Unicode", "write its characters as a range")
    made: list[str] = []
    inside = False
    for piece in _PIECE.finditer(pattern):
        escaped, plain = piece.groups()
        if escaped is not None:
            made.append(_escape(escaped, inside=inside))
            continue
        if inside and plain == "[" and made[-1] == "-":
            raise _refused("a class taken from a class", "write the class out")
        inside = (inside or plain == "[") and plain != "]"
        if inside or not spaced or plain not in " \t\n\r":
            made.append(plain)
    return "".join(made)


def _escape(letter: str, *, inside: bool) -> str:
    if letter in _CLASSES:
        return _CLASSES[letter] if inside else f"[{_CLASSES[letter]}]"
    if letter.lower() in _CLASSES:
        if not inside:
            return f"[^{_CLASSES[letter.lower()]}]"
        if letter not in _COMPLEMENTS:
            raise _refused(f"\\{letter} inside a class", "write its characters out")
        return _COMPLEMENTS[letter]
    if letter in "123456789" and not inside:
        raise _refused("a back-reference", "write the repeated text out")
    return "\\" + letter


def _refused(what: str, remedy: str) -> UnsupportedError:
    return UnsupportedError(
        f"A regular expression with {what} is not supported",
        why="patterns run in RE2, which answers in linear time",
        remedy=remedy,
    )


def replacement(pattern: str, text: str, flags: str) -> str | None:
    r"""The replacement as RE2 reads it (``\1``), None if it is not valid.

    ``pattern`` is one that :func:`checked` gave. ``$12`` is group 12, or group 1 and a ``2`` where
    there are fewer groups; a group that is not there is empty.
    """
    if "q" in flags:
        return text.replace("\\", r"\\")
    made: list[str] = []
    at, groups = 0, _groups(pattern) or 0
    while at < len(text):
        letter, rest = text[at], text[at + 1 :]
        at += 1
        if letter == "\\":
            if rest[:1] not in ("\\", "$") or not rest:
                return None
            made.append(r"\\" if rest[0] == "\\" else "$")
            at += 1
        elif letter == "$":
            digits = re.match("[0-9]+", rest)
            if digits is None:
                return None
            taken = _group_digits(digits.group(), groups)
            at += len(taken)
            made.append(f"\\{int(taken)}" if int(taken) <= groups else "")
        else:
            made.append(letter)
    return "".join(made)


def _group_digits(digits: str, groups: int) -> str:
    while len(digits) > 1 and int(digits) > groups:
        digits = digits[:-1]
    return digits
