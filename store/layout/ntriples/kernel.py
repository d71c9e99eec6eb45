"""The tokeniser: bytes to rows of numbers, texts interned, rows grouped by lane.

A text (an IRI with its brackets, a blank node label, a language tag) gets a number at its first
occurrence in a block. A row names its subject and, for a node, its object by that number; the
literal of a row is a span of the block.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from numba import njit

from ontology import SEED, compiled, hash_span

from .characters import code_point, label_end, plain_iri, same_bytes, skip_iri, skip_plain, tag_end

MAX_ROWS: Final = 1 << 17
MAX_TEXTS: Final = 1 << 17
MAX_GROUPS: Final = 1 << 12
NODE: Final = -1
PLAIN: Final = -2
DEFAULT_GRAPH: Final = -1

_SLOTS: Final = MAX_TEXTS * 2
_GROUP_SLOTS: Final = MAX_GROUPS * 2
_TERMS: Final = 4  # at most, in a line
_SEED: Final = np.uint64(SEED)
_MIX: Final = 1_000_003

Ints = npt.NDArray[np.int32]


def _ints(*shape: int) -> Ints:
    return np.empty(shape, np.int32)


@dataclass(slots=True)
class Scratch:
    """Arrays the tokeniser fills; one set a thread, used again for each block.

    Attributes
    ----------
    rows : ndarray, shape (MAX_ROWS, 5)
        Group, subject, object or start of the literal, its end, whether it has escapes.
    texts : ndarray, shape (MAX_TEXTS, 3)
        Start, end, and whether it is a subject or object.
    groups : ndarray, shape (MAX_GROUPS, 3)
        Predicate; datatype or tag, or NODE or PLAIN; graph or DEFAULT_GRAPH.
    lines : ndarray, shape (MAX_ROWS, 3)
        Start and end of the lines left to pyoxigraph, and their number in the block.
    """

    rows: Ints = field(default_factory=lambda: _ints(MAX_ROWS, 5))
    texts: Ints = field(default_factory=lambda: _ints(MAX_TEXTS, 3))
    groups: Ints = field(default_factory=lambda: _ints(MAX_GROUPS, 3))
    lines: Ints = field(default_factory=lambda: _ints(MAX_ROWS, 3))
    slots: Ints = field(default_factory=lambda: _ints(_SLOTS))
    group_slots: Ints = field(default_factory=lambda: _ints(_GROUP_SLOTS))
    hashes: npt.NDArray[np.uint64] = field(default_factory=lambda: np.empty(MAX_TEXTS, np.uint64))


@njit
def _intern(
    data: Any, start: int, end: int, count: int, texts: Any, hashes: Any, slots: Any
) -> Any:  # pragma: no cover - compiled
    """Number of a text; ``count`` for one never seen, -1 for an IRI that is not plain."""
    code = hash_span(data, start, end, _SEED)
    slot = np.int64(code & np.uint64(_SLOTS - 1))
    while slots[slot] >= 0:
        text = slots[slot]
        first = texts[text, 0]
        if (
            hashes[text] == code
            and texts[text, 1] - first == end - start
            and same_bytes(data, first, start, end - start)
        ):
            return text
        slot = (slot + 1) & (_SLOTS - 1)
    if data[start] == 0x3C and not plain_iri(data, start + 1, end - 1):
        return -1
    slots[slot] = count
    hashes[count] = code
    texts[count, 0] = start
    texts[count, 1] = end
    texts[count, 2] = 0
    return count


@njit
def _group(
    predicate: int, kind: int, graph: int, count: int, groups: Any, slots: Any
) -> Any:  # pragma: no cover - compiled
    """Number of a group; ``count`` for one never seen."""
    slot = ((predicate * _MIX + kind) * _MIX + graph) & (_GROUP_SLOTS - 1)
    while slots[slot] >= 0:
        group = slots[slot]
        if groups[group, 0] == predicate and groups[group, 1] == kind and groups[group, 2] == graph:
            return group
        slot = (slot + 1) & (_GROUP_SLOTS - 1)
    slots[slot] = count
    groups[count, 0] = predicate
    groups[count, 1] = kind
    groups[count, 2] = graph
    return count


@njit
def _blanks(data: Any, at: int) -> Any:  # pragma: no cover - compiled
    while data[at] == 0x20 or data[at] == 0x09:
        at += 1
    return at


@njit
def _iri_end(data: Any, at: int) -> Any:  # pragma: no cover - compiled
    """Behind the ``>`` of an IRI that begins at ``at``, or -1."""
    if data[at] != 0x3C:
        return -1
    at = skip_iri(data, at + 1)
    return at + 1 if data[at] == 0x3E else -1


@njit
def _node_end(data: Any, at: int) -> Any:  # pragma: no cover - compiled
    """Behind the IRI or blank node label that begins at ``at``, or -1."""
    if data[at] == 0x5F and data[at + 1] == 0x3A:
        return label_end(data, at + 2)
    return _iri_end(data, at)


@njit
def _literal_end(data: Any, at: int) -> Any:  # pragma: no cover - compiled
    """Offset of the closing quote and whether there are escapes; -1 if it is not plain."""
    escapes = 0
    while True:
        at = skip_plain(data, at)
        byte = data[at]
        if byte == 0x22:
            return at, escapes
        if byte == 0x5C:
            if data[at + 1] not in (0x22, 0x5C, 0x6E, 0x72, 0x74, 0x62, 0x66, 0x27):
                return -1, 0
            escapes = 1
            at += 2
        elif byte >= 0x80:
            _, count = code_point(data, at)
            if count == 0:
                return -1, 0
            at += count
        else:
            return -1, 0


@njit
def _statement_end(data: Any, at: int) -> Any:  # pragma: no cover - compiled
    """Offset of the LF behind the full stop that must stand at ``at``, or -1."""
    at = _blanks(data, at)
    if data[at] != 0x2E:
        return -1
    at = _blanks(data, at + 1)
    if data[at] == 0x0D:
        at += 1
    return at if data[at] == 0x0A else -1


@njit
def _object(
    data: Any, at: int, count: int, texts: Any, hashes: Any, slots: Any
) -> Any:  # pragma: no cover - compiled
    """End (or -1), kind, number or start, end of the literal, escapes, new count of texts."""
    if data[at] != 0x22:
        behind = _node_end(data, at)
        if behind < 0:
            return -1, 0, 0, 0, 0, count
        node = _intern(data, at, behind, count, texts, hashes, slots)
        return (behind if node >= 0 else -1), NODE, node, 0, 0, count + (node == count)
    first = at + 1
    final, escapes = _literal_end(data, first)
    if final < 0:
        return -1, 0, 0, 0, 0, count
    at = final + 1
    if data[at] == 0x40:
        behind = tag_end(data, at + 1)
    elif data[at] == 0x5E and data[at + 1] == 0x5E:
        at += 2
        behind = _iri_end(data, at)
    else:
        return at, PLAIN, first, final, escapes, count
    if behind < 0:
        return -1, 0, 0, 0, 0, count
    kind = _intern(data, at, behind, count, texts, hashes, slots)
    return (behind if kind >= 0 else -1), kind, first, final, escapes, count + (kind == count)


@njit
def _subject(
    data: Any, at: int, end: int, last: int, count: int, texts: Any, hashes: Any, slots: Any
) -> Any:  # pragma: no cover - compiled
    """End (or -1) and number of the subject, which most often is that of the line before."""
    if last >= 0:
        length = texts[last, 1] - texts[last, 0]
        if at + length <= end and same_bytes(data, texts[last, 0], at, length):
            return at + length, last
    behind = _node_end(data, at)
    if behind < 0:
        return -1, -1
    subject = _intern(data, at, behind, count, texts, hashes, slots)
    return (behind if subject >= 0 else -1), subject


@njit
def _name(
    data: Any, at: int, count: int, texts: Any, hashes: Any, slots: Any
) -> Any:  # pragma: no cover - compiled
    """End (or -1) and number of an IRI."""
    behind = _iri_end(data, at)
    if behind < 0:
        return -1, -1
    name = _intern(data, at, behind, count, texts, hashes, slots)
    return (behind if name >= 0 else -1), name


@njit
def _statement(
    data: Any,
    at: int,
    end: int,
    quads: bool,
    last: int,
    t: int,
    texts: Any,
    hashes: Any,
    slots: Any,
) -> Any:  # pragma: no cover - compiled
    """End (or -1), subject, predicate, kind, object, its end, escapes, graph, count of texts."""
    at, subject = _subject(data, at, end, last, t, texts, hashes, slots)
    if at < 0:
        return -1, 0, 0, 0, 0, 0, 0, 0, t
    t += subject == t
    at, predicate = _name(data, _blanks(data, at), t, texts, hashes, slots)
    if at < 0:
        return -1, 0, 0, 0, 0, 0, 0, 0, t
    t += predicate == t
    at, kind, first, final, escapes, t = _object(data, _blanks(data, at), t, texts, hashes, slots)
    if at < 0:
        return -1, 0, 0, 0, 0, 0, 0, 0, t
    at = _blanks(data, at)
    graph = DEFAULT_GRAPH
    if quads and data[at] == 0x3C:
        at, graph = _name(data, at, t, texts, hashes, slots)
        if at < 0:
            return -1, 0, 0, 0, 0, 0, 0, 0, t
        t += graph == t
    stop = _statement_end(data, at)
    return stop, subject, predicate, kind, first, final, escapes, graph, t


@njit
def _leave(
    data: Any, at: int, line: int, left: int, lines: Any
) -> Any:  # pragma: no cover - compiled
    """Note a line that is left to the other reader; return where the next one begins."""
    lines[left, 0] = at
    while data[at] != 0x0A:
        at += 1
    lines[left, 1] = at
    lines[left, 2] = line
    return at + 1


@compiled
def tokenise(
    data: Any,
    at: int,
    end: int,
    quads: bool,
    rows: Any,
    texts: Any,
    groups: Any,
    lines: Any,
    slots: Any,
    group_slots: Any,
    hashes: Any,
) -> Any:  # pragma: no cover - compiled
    """Read whole lines from ``at`` until ``end`` or until an array is full.

    Parameters
    ----------
    data : ndarray of uint8
        ``PADDING`` line feeds stand behind ``end``.
    at, end : int
    quads : bool
        Whether a line may name a graph.
    rows, texts, groups, lines, slots, group_slots, hashes : ndarray
        Of :class:`Scratch`.

    Returns
    -------
    row_count, text_count, group_count, left_count, line_count, at : int
    """
    slots[:] = -1
    group_slots[:] = -1
    n = t = g = left = line = np.int64(0)  # a literal would be compiled for itself as well
    last = np.int64(-1)
    while at < end:
        if n == MAX_ROWS or left == MAX_ROWS or t + _TERMS >= MAX_TEXTS or g == MAX_GROUPS:
            break
        begin = _blanks(data, at)
        line += 1
        if data[begin] == 0x0A:
            at = begin + 1
            continue
        stop, subject, predicate, kind, first, final, escapes, graph, t = _statement(
            data, begin, end, quads, last, t, texts, hashes, slots
        )
        if stop < 0:
            at = _leave(data, at, line, left, lines)
            left += 1
            continue
        at = stop + 1
        group = _group(predicate, kind, graph, g, groups, group_slots)
        g += group == g
        texts[subject, 2] = 1
        if kind == NODE:
            texts[first, 2] = 1
        last = subject if data[texts[subject, 0]] == 0x3C else np.int64(-1)
        rows[n, 0], rows[n, 1], rows[n, 2] = group, subject, first
        rows[n, 3], rows[n, 4] = final, escapes
        n += 1
    return n, t, g, left, line, at
