"""JSON with a JSONPath iterator. The file is read whole: use GeoParquet or CSV for large data."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from ontology import MappingError, UnsupportedError

from ..cells import Batch
from ..model import LogicalSource
from .base import BATCH_ROWS, unreadable
from .values import cells_of

Step = str | int | None
"""A member's name, an index, or None for every child."""

_STEP: Final = re.compile(
    r"""\.(?P<name>[^.\[\]*'"\s(){}?@$]+) | (?P<all>\.\*|\[\*\]) | \[(?P<index>-?\d+)\]
    | \[(?P<quote>['"])(?P<member>(?:(?!(?P=quote)).)*)(?P=quote)\]""",
    re.VERBOSE,
)


def parse_path(text: str, where: str) -> tuple[Step, ...]:
    """Steps of a JSONPath of names, indices and wildcards.

    Raises
    ------
    MappingError
        It is no JSONPath.
    UnsupportedError
        Filters, slices, ``..``.

    Examples
    --------
    >>> parse_path("$.a['b c'][*]", "")
    ('a', 'b c', None)
    """
    rest = text[1:] if text.startswith("$") else "." + text
    if ".." in rest or "[?" in rest or re.search(r"\[[^'\"\]]*[:,(]", rest):
        raise UnsupportedError(
            "Only names, indices and * are supported in JSONPath",
            where=f"{where}: {text}",
            remedy="reshape the JSON, or name the members one by one",
        )
    steps: list[Step] = []
    position = 0
    while position < len(rest):
        found = _STEP.match(rest, position)
        if found is None:
            raise MappingError(
                "This is not a JSONPath",
                where=f"{where}: {text}",
                why=f"it stops making sense at {rest[position:]!r}",
                remedy="write it like $.members[*] or $['a name']",
            )
        steps.append(_step(found))
        position = found.end()
    return tuple(steps)


def _step(found: re.Match[str]) -> Step:
    if found["all"]:
        return None
    if found["index"]:
        return int(found["index"])
    return found["member"] if found["name"] is None else found["name"]


def follow(value: Any, steps: tuple[Step, ...]) -> Iterator[Any]:
    """Everything a path leads to; JSON null leads nowhere."""
    if not steps:
        if value is not None:
            yield value
        return
    head, rest = steps[0], steps[1:]
    if head is None:
        children: Iterable[Any] = ()
        if isinstance(value, dict):
            children = value.values()
        elif isinstance(value, list):
            children = value
        for child in children:
            yield from follow(child, rest)
    elif isinstance(head, int):
        if isinstance(value, list) and -len(value) <= head < len(value):
            yield from follow(value[head], rest)
    elif isinstance(value, dict) and head in value:
        yield from follow(value[head], rest)


class JsonSource:
    """A JSON file and the rows its iterator finds."""

    def __init__(self, source: LogicalSource, path: Path) -> None:
        self._where = str(path)
        steps = parse_path(source.iterator or "$", f"{path}: rml:iterator")
        try:
            tree = json.loads(path.read_bytes().decode(source.option("encoding") or "utf-8-sig"))
        except (OSError, ValueError) as error:
            raise unreadable(str(path), error, "check that it is JSON in UTF-8") from error
        self._items = list(follow(tree, steps))
        self._nulls = frozenset(source.nulls)
        self.columns: dict[str, pa.DataType] | None = None
        self.crs: str | None = None
        self.rows: int | None = len(self._items)
        self.remarks: tuple[str, ...] = ()
        self.absent: tuple[str, ...] = ()

    def check(self, references: Mapping[str, str]) -> None:
        """Check the path of each reference."""
        for reference, where in references.items():
            parse_path(reference, where)

    def batches(self, references: Collection[str]) -> Iterator[Batch]:
        """Items in batches; a reference is a path from the item."""
        paths = {ref: parse_path(ref, self._where) for ref in references}
        unseen = set(references)
        for start in range(0, len(self._items), BATCH_ROWS):
            items = self._items[start : start + BATCH_ROWS]
            found = {
                ref: [self._values(item, steps) for item in items] for ref, steps in paths.items()
            }
            unseen -= {ref for ref, lists in found.items() if any(lists)}
            rejected = self._nested(found, start)
            keep = np.array([start + i + 1 not in rejected for i in range(len(items))], bool)
            cells = {
                ref: cells_of([v for v, k in zip(lists, keep, strict=True) if k])
                for ref, lists in found.items()
            }
            numbers = np.arange(start + 1, start + len(items) + 1)[keep]
            yield Batch(cells, numbers, tuple(sorted(rejected.items())))
        if self._items:
            self.absent = tuple(sorted(unseen))

    def _values(self, item: Any, steps: tuple[Step, ...]) -> list[Any]:
        found = list(follow(item, steps))
        if not self._nulls:
            return found
        return [v for v in found if not (isinstance(v, str) and v in self._nulls)]

    def _nested(self, found: dict[str, list[list[Any]]], start: int) -> dict[int, str]:
        return {
            start + row + 1: f"{ref} leads to an array or object, not to a value"
            for ref, lists in found.items()
            for row, values in enumerate(lists)
            if any(isinstance(value, dict | list) for value in values)
        }
