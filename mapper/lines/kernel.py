"""Rows of text columns to lines of N-Triples, by a program of few instructions.

Bytes are at addresses (see :mod:`ontology.addresses`): eight bytes more than asked for may be read
or written, for which every buffer here has room.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

from ontology import (
    MOST_VERTICES,
    ODD,
    UNSURE,
    compiled,
    get_byte,
    get_word,
    put_byte,
    put_wkt,
    put_word,
)

from ..terms.encode import SAFE_BYTES, in_no_iri
from .checks import surely

SUBJECT, LINE, END, TEXT, ENCODED, PLAIN, LITERAL, CHECKED, WKT, IRI = range(10)
"""Instructions; what follows in a row of the program:

SUBJECT, LINE
    index of its END.
TEXT
    where in the constants, and length.
ENCODED
    column, row of ``SAFE_BYTES``, the byte put before two digits, 1 if an empty text is no value.
PLAIN
    column.
LITERAL
    column, 1 if an empty text is no value.
CHECKED
    column, kind of :mod:`checks`, least and greatest value.
WKT
    column, row of ``unsure``.
IRI
    column, where the base is in the constants, its length, 1 if what no IRI holds is odd.
"""
DONE, NO_VALUE, LEFT = range(3)
"""What became of an instruction, a line or a row; LEFT: the general way must do the row."""
SLACK: Final = 64

_IRI_TABLE: Final = 0
_ONES: Final = np.uint64(0x0101010101010101)
_HIGHS: Final = np.uint64(0x8080808080808080)
_QUOTES: Final = np.uint64(0x2222222222222222)
_SLASHES: Final = np.uint64(0x5C5C5C5C5C5C5C5C)
_FEEDS: Final = np.uint64(0x0A0A0A0A0A0A0A0A)
_RETURNS: Final = np.uint64(0x0D0D0D0D0D0D0D0D)
_NONE: Final = np.uint64(0)
_HEX: Final = np.frombuffer(b"0123456789ABCDEF", np.uint8).copy()
_NO_IRI: Final = np.zeros(256, np.bool_)
_NO_IRI[[*range(0x21), 0x7F, *b'<>"{}|^`\\']] = True
_SCHEME: Final = np.zeros(256, np.bool_)
_SCHEME[list(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+.-")] = True


@njit
def _copy(at: int, count: int, to: int) -> Any:  # pragma: no cover - compiled
    done = 0
    while done < count:
        put_word(to + done, get_word(at + done))
        done += 8
    return to + count


@njit(inline="always")
def _has(word: Any, bytes_: Any) -> Any:  # pragma: no cover - compiled
    """Not 0 if one of the bytes of a word is the one given eight times."""
    rest = word ^ bytes_
    return (rest - _ONES) & ~rest & _HIGHS


@njit
def _put_literal(at: int, end: int, to: int) -> Any:  # pragma: no cover - compiled
    """Copy a text, with a backslash where N-Triples wants one."""
    while at < end:
        word = get_word(at)
        found = _has(word, _QUOTES) | _has(word, _SLASHES)
        if found | _has(word, _FEEDS) | _has(word, _RETURNS) == _NONE:
            put_word(to, word)
            step = min(8, end - at)
            at += step
            to += step
            continue
        for _ in range(min(8, end - at)):
            byte = get_byte(at)
            at += 1
            if byte == 0x22 or byte == 0x5C or byte == 0x0A or byte == 0x0D:
                put_byte(to, 0x5C)
                to += 1
                if byte == 0x0A:
                    byte = 0x6E
                elif byte == 0x0D:
                    byte = 0x72
            put_byte(to, byte)
            to += 1
    return to


@njit
def _is_odd(at: int) -> Any:  # pragma: no cover - compiled
    """Whether the character that begins here is one that no IRI holds."""
    first = get_byte(at)
    if first != 0xC2 and first < 0xEE:
        return False
    return in_no_iri(first, get_byte(at + 1), get_byte(at + 2), get_byte(at + 3))


@njit
def _put_encoded(at: int, end: int, to: int, table: int, mark: int) -> Any:  # pragma: no cover
    while at < end:
        byte = get_byte(at)
        if SAFE_BYTES[table, byte]:
            if table == _IRI_TABLE and _is_odd(at):
                return to, LEFT
            put_byte(to, byte)
            to += 1
        else:
            put_byte(to, mark)
            put_byte(to + 1, _HEX[byte >> 4])
            put_byte(to + 2, _HEX[byte & 15])
            to += 3
        at += 1
    return to, DONE


@njit
def _is_hex(at: int, end: int) -> Any:  # pragma: no cover - compiled
    byte = get_byte(at) if at < end else 0
    return 0x30 <= byte <= 0x39 or 0x41 <= (byte & 0xDF) <= 0x46


@njit
def _is_absolute(at: int, end: int) -> Any:  # pragma: no cover - compiled
    first = get_byte(at) & 0xDF if at < end else 0
    if not 0x41 <= first <= 0x5A:
        return False
    while at < end and _SCHEME[get_byte(at)]:
        at += 1
    return at < end and get_byte(at) == 0x3A


@njit
def _put_iri(
    at: int, end: int, to: int, base: int, base_length: int, checked: int
) -> Any:  # pragma: no cover - compiled
    if not _is_absolute(at, end):
        to = _copy(base, base_length, to)
    for k in range(at, end if checked else at):
        byte = get_byte(k)
        percent = byte == 0x25 and not (_is_hex(k + 1, end) and _is_hex(k + 2, end))
        if _NO_IRI[byte] or percent or _is_odd(k):
            return to, LEFT
    return _copy(at, end - at, to), DONE


@njit
def _put_value(
    code: int, a: int, b: int, c: int, d: int, constants: int, at: int, end: int, to: int
) -> Any:  # pragma: no cover - compiled
    """Carry out an instruction that puts the value from ``at`` to ``end``."""
    empty = at == end
    if code == ENCODED:
        return (to, NO_VALUE) if empty and d else _put_encoded(at, end, to, b, c)
    if code == PLAIN:
        return (to, NO_VALUE) if empty else (_copy(at, end - at, to), DONE)
    if code == LITERAL:
        return (to, NO_VALUE) if empty and b else (_put_literal(at, end, to), DONE)
    if code == CHECKED:
        return (_copy(at, end - at, to), DONE) if surely(b, at, end, c, d) else (to, LEFT)
    return _put_iri(at, end, to, constants + b, c, d)


@njit
def _put_row(
    row: int,
    program: Any,
    constants: int,
    data: int,
    starts: Any,
    ends: Any,
    to: int,
    scratch: int,
    unsure: Any,
    xs: Any,
    ys: Any,
) -> Any:  # pragma: no cover - compiled
    """Write all lines of a row; how many, and what became of it."""
    subject, length, line, step, lines, behind = scratch, 0, to, 0, 0, 0
    while step < len(program):
        code, a, b = program[step, 0], program[step, 1], program[step, 2]
        what = DONE
        if code == SUBJECT:
            line = to
            to = subject
            behind = -1
        elif code == LINE:
            line = to
            behind = a
            to = _copy(subject, length, to)
        elif code == END:
            if behind < 0:
                length = to - subject
                to = line
            else:
                lines += 1
        elif code == TEXT:
            to = _copy(constants + a, b, to)
        else:
            at = starts[a, row]
            if at < 0:
                what = NO_VALUE
            elif code == WKT:
                to, state = put_wkt(data + at, data + ends[a, row], to, xs, ys)
                unsure[b, row] = state == UNSURE
                what = LEFT if state == ODD else DONE
            else:
                c, d = program[step, 3], program[step, 4]
                to, what = _put_value(
                    code, a, b, c, d, constants, data + at, data + ends[a, row], to
                )
        if what == LEFT or (what == NO_VALUE and behind < 0):
            return to, 0, LEFT
        if what == NO_VALUE:
            to = line
            step = behind
        step += 1
    return to, lines, DONE


@compiled
def put_rows(
    row: int,
    program: Any,
    constants: int,
    data: int,
    starts: Any,
    ends: Any,
    weights: Any,
    fixed: int,
    out: int,
    room: int,
    unsure: Any,
    odd: Any,
) -> Any:  # pragma: no cover - compiled
    """Write rows from ``row`` on until the output is full.

    Parameters
    ----------
    row : int
    program : ndarray of int64, shape (i, 5)
    constants, data : int
        Addresses of the constants' and the columns' bytes.
    starts, ends : ndarray of int64, shape (c, n)
        Where each value is in ``data``; a start of -1 is null.
    weights : ndarray of int64, shape (c,)
        Most bytes of output for each byte of a column's value.
    fixed : int
        Most bytes of output of a row without values.
    out : int
        Address of the output.
    room : int
        Its length; twice what the longest row may need fits in.
    unsure : ndarray of bool, shape (w, n)
        Set where GEOS must say whether a geometry is valid.
    odd : ndarray of bool, shape (n,)
        Set for rows that are left to the general way.

    Returns
    -------
    row, size, lines : int
        First row not done, bytes written, lines in them.
    """
    xs = np.empty(MOST_VERTICES + 1, np.float64)
    ys = np.empty(MOST_VERTICES + 1, np.float64)
    to = out
    lines = 0
    while row < len(odd):
        bound = fixed
        for column in range(len(weights)):
            bound += weights[column] * (ends[column, row] - max(starts[column, row], 0))
        if to + 2 * bound > out + room:
            break
        behind, count, what = _put_row(
            row, program, constants, data, starts, ends, to, to + bound, unsure, xs, ys
        )
        if what == DONE:
            to = behind
            lines += count
        else:
            odd[row] = True
        row += 1
    return row, to - out, lines
