"""Bytes of N-Triples: classes of ASCII, UTF-8, and the IRIs that need no second look.

A kernel that is not sure says no: what it refuses is read again by pyoxigraph.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from numba import njit

from ontology import load_word, lowest_byte

PADDING: Final = 16
"""Bytes of LF that follow a block, so that a scan may read past its end."""

_IRI: Final = 1  # may stand anywhere in an IRI behind the scheme
_SCHEME: Final = 2  # may stand in a scheme
_LABEL: Final = 4  # may stand inside a blank node label
_LETTER: Final = 8
_DIGIT: Final = 16
_HEX: Final = 32
_HOST: Final = 64  # may stand in a host name
_ALNUM: Final = _LETTER | _DIGIT

_HIGH = np.uint64(0x8080808080808080)
_LOW = np.uint64(0x0101010101010101)
_QUOTES = np.uint64(0x2222222222222222)
_BACKSLASHES = np.uint64(0x5C5C5C5C5C5C5C5C)
_LINE_FEEDS = np.uint64(0x0A0A0A0A0A0A0A0A)
_RETURNS = np.uint64(0x0D0D0D0D0D0D0D0D)
_CLOSINGS = np.uint64(0x3E3E3E3E3E3E3E3E)
_BEHIND_SPACE = np.uint64(0x2121212121212121)


def _classes() -> npt.NDArray[np.uint8]:
    table = np.zeros(256, np.uint8)
    for first, last, kind in (("a", "z", _LETTER), ("A", "Z", _LETTER), ("0", "9", _DIGIT)):
        table[ord(first) : ord(last) + 1] |= kind | _IRI | _SCHEME | _LABEL | _HOST
    for characters, kind in (
        ("-._~!$&'()*+,;=:@/?", _IRI),
        ("+-.", _SCHEME),
        ("_-", _LABEL),
        ("-._~", _HOST),
        ("0123456789abcdefABCDEF", _HEX),
    ):
        for character in characters:
            table[ord(character)] |= kind
    return table


_CLASSES: Final = _classes()


@njit
def is_a(byte: Any, kind: int) -> Any:  # pragma: no cover - compiled
    """Whether a byte is of a class."""
    return (_CLASSES[byte] & kind) != 0


@njit
def _has_zero(word: Any) -> Any:  # pragma: no cover - compiled
    return (word - _LOW) & ~word & _HIGH


@njit
def same_bytes(data: Any, a: int, b: int, count: int) -> Any:  # pragma: no cover - compiled
    """Whether two runs of bytes are equal."""
    k = 0
    while k + 8 <= count:
        if load_word(data, a + k) != load_word(data, b + k):
            return False
        k += 8
    while k < count:
        if data[a + k] != data[b + k]:
            return False
        k += 1
    return True


@njit
def skip_plain(data: Any, at: int) -> Any:  # pragma: no cover - compiled
    """First byte from ``at`` on that is a quote, backslash, CR, LF or not ASCII."""
    while True:
        word = load_word(data, at)
        found = word & _HIGH
        found |= _has_zero(word ^ _QUOTES) | _has_zero(word ^ _BACKSLASHES)
        found |= _has_zero(word ^ _LINE_FEEDS) | _has_zero(word ^ _RETURNS)
        if found:
            return at + lowest_byte(found)
        at += 8


@njit
def skip_iri(data: Any, at: int) -> Any:  # pragma: no cover - compiled
    """First byte from ``at`` on that is a control character, a space, ``>`` or a backslash."""
    while True:
        word = load_word(data, at)
        found = (word - _BEHIND_SPACE) & ~word & _HIGH
        found |= _has_zero(word ^ _CLOSINGS) | _has_zero(word ^ _BACKSLASHES)
        if found:
            return at + lowest_byte(found)
        at += 8


@njit
def code_point(data: Any, at: int) -> Any:  # pragma: no cover - compiled
    """Code point and length of the UTF-8 sequence at ``at``; length 0 if ill-formed.

    Unicode 15, table 3-7: no overlong forms, no surrogates, nothing past U+10FFFF.
    """
    first = np.int64(data[at])
    if first < 0xC2 or first > 0xF4:
        return 0, 0
    count = 2 if first < 0xE0 else (3 if first < 0xF0 else 4)
    value = first & (0x7F >> count)
    for k in range(1, count):
        byte = np.int64(data[at + k])
        if byte & 0xC0 != 0x80:
            return 0, 0
        value = (value << 6) | (byte & 0x3F)
    if count == 3 and (value < 0x800 or 0xD800 <= value <= 0xDFFF):
        return 0, 0
    if count == 4 and not 0x10000 <= value <= 0x10FFFF:
        return 0, 0
    return value, count


@njit
def _is_iri_letter(value: int) -> Any:  # pragma: no cover - compiled
    """``ucschar`` of RFC 3987, section 2.2, in the basic plane."""
    return 0xA0 <= value <= 0xD7FF or 0xF900 <= value <= 0xFDCF or 0xFDF0 <= value <= 0xFFEF


@njit
def plain_authority(data: Any, at: int, end: int) -> Any:  # pragma: no cover - compiled
    """End of ``host[:port]`` from ``at``, or -1 if it is anything less common."""
    while at < end and is_a(data[at], _HOST):
        at += 1
    if at < end and data[at] == 0x3A:
        at += 1
        while at < end and is_a(data[at], _DIGIT):
            at += 1
    if at < end and data[at] not in (0x2F, 0x3F, 0x23):
        return -1
    return at


@njit
def plain_iri(data: Any, at: int, end: int) -> Any:  # pragma: no cover - compiled
    """Whether the bytes are an absolute IRI without rarities (RFC 3987, section 2.2)."""
    if at >= end or not is_a(data[at], _LETTER):
        return False
    while at < end and is_a(data[at], _SCHEME):
        at += 1
    if at >= end or data[at] != 0x3A:
        return False
    at += 1
    if at + 1 < end and data[at] == 0x2F and data[at + 1] == 0x2F:
        at = plain_authority(data, at + 2, end)
        if at < 0:
            return False
    hashes = 0
    while at < end:
        byte = data[at]
        if is_a(byte, _IRI):
            at += 1
        elif byte == 0x23 and hashes == 0:
            hashes = 1
            at += 1
        elif (
            byte == 0x25 and at + 2 < end and is_a(data[at + 1], _HEX) and is_a(data[at + 2], _HEX)
        ):
            at += 3
        else:
            value, count = code_point(data, at) if byte >= 0x80 else (0, 0)
            if count == 0 or not _is_iri_letter(value):
                return False
            at += count
    return True


@njit
def label_end(data: Any, at: int) -> Any:  # pragma: no cover - compiled
    """End of a blank node label of ASCII letters, digits, ``_`` and ``-``, or -1.

    ``at`` is behind ``_:``. A dot, which may belong to the label or not, gives -1.
    """
    if not (is_a(data[at], _ALNUM) or data[at] == 0x5F):
        return -1
    while is_a(data[at], _LABEL):
        at += 1
    return at if data[at] in (0x20, 0x09) else -1


@njit
def tag_end(data: Any, at: int) -> Any:  # pragma: no cover - compiled
    """End of the letters, digits and hyphens from ``at`` on."""
    while is_a(data[at], _ALNUM) or data[at] == 0x2D:
        at += 1
    return at
