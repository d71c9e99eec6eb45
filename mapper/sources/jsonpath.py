"""JSONPath (RFC 9535); paths of names, indices and ``*`` go a short way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

import jsonpath_rfc9535
from jsonpath_rfc9535 import JSONPathError

from ontology import MappingError

Step = str | int | None
"""A member's name, an index, or None for every child."""
Finder = Callable[[Any], list[Any]]
"""Gives everything a path leads to in an item."""

_STEP: Final = re.compile(
    r"""\.(?P<name>[\w:\u0080-\U0010FFFF-]+) | (?P<all>\.\*|\[\*\]) | \[(?P<index>-?\d+)\]
    | \[(?P<quote>['"])(?P<member>(?:(?!(?P=quote))[^\\])*)(?P=quote)\]""",
    re.VERBOSE,
)


def plain_steps(text: str) -> tuple[Step, ...] | None:
    """Steps of a path of names, indices and wildcards; None where there is more in it.

    ``$`` may be missing, and names may have ``:`` and ``-`` in them without quotes, as those of
    STAC do.

    Examples
    --------
    >>> plain_steps("$.a['b c'][*]")
    ('a', 'b c', None)
    >>> plain_steps("$..a") is None
    True
    """
    rest = _rooted(text)[1:]
    steps: list[Step] = []
    position = 0
    while position < len(rest):
        found = _STEP.match(rest, position)
        if found is None:
            return None
        steps.append(_step(found))
        position = found.end()
    return tuple(steps)


def compile_path(text: str, where: str, *, nulls: bool = False) -> Finder:
    """Compile a JSONPath; JSON null leads nowhere unless ``nulls`` are asked for.

    Raises
    ------
    MappingError
        It is none.
    """
    steps = plain_steps(text)
    if steps is None:
        return _full(text, where, nulls)
    names = tuple(step for step in steps if isinstance(step, str))
    if len(names) == len(steps) and not nulls:
        return partial(_member, names=names)
    return lambda item: list(_follow(item, steps, nulls))


def _rooted(text: str) -> str:
    if text.startswith("$"):
        return text
    return "$" + text if text.startswith(("[", ".")) else "$." + text


def _step(found: re.Match[str]) -> Step:
    if found["all"]:
        return None
    if found["index"]:
        return int(found["index"])
    return found["member"] if found["name"] is None else found["name"]


def _full(text: str, where: str, nulls: bool) -> Finder:
    try:
        query = jsonpath_rfc9535.compile(_rooted(text))
    except JSONPathError as error:
        raise MappingError(
            "This is not a JSONPath",
            where=f"{where}: {text}",
            why=str(error),
            remedy="write it like $.members[*], $['a name'] or $.items[?@.size > 2]",
        ) from error
    return lambda item: [
        node.value for node in query.finditer(item) if nulls or node.value is not None
    ]


def _member(item: Any, names: tuple[str, ...]) -> list[Any]:
    for name in names:
        if type(item) is not dict:
            return []
        item = item.get(name)
    return [] if item is None else [item]


def _follow(value: Any, steps: tuple[Step, ...], nulls: bool) -> Iterator[Any]:
    if not steps:
        if nulls or value is not None:
            yield value
        return
    head, rest = steps[0], steps[1:]
    if head is None:
        if isinstance(value, dict | list):
            for child in value.values() if isinstance(value, dict) else value:
                yield from _follow(child, rest, nulls)
    elif isinstance(head, int):
        if isinstance(value, list) and -len(value) <= head < len(value):
            yield from _follow(value[head], rest, nulls)
    elif isinstance(value, dict) and head in value:
        yield from _follow(value[head], rest, nulls)
