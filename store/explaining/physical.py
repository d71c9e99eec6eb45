"""DuckDB's own plan, read from its JSON: as text, and as kinds of work with their share."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from .explanation import Work

_KINDS: Final[Mapping[str, str]] = {
    "READ_PARQUET": "reading files",
    "TABLE_SCAN": "reading files",
    "HASH_JOIN": "joining",
    "PIECEWISE_MERGE_JOIN": "joining",
    "IE_JOIN": "joining",
    "SPATIAL_JOIN": "joining by place",
    "CROSS_PRODUCT": "comparing every pair",
    "NESTED_LOOP_JOIN": "comparing every pair",
    "BLOCKWISE_NL_JOIN": "comparing every pair",
    "LEFT_DELIM_JOIN": "joining",
    "RIGHT_DELIM_JOIN": "joining",
    "HASH_GROUP_BY": "grouping",
    "PERFECT_HASH_GROUP_BY": "grouping",
    "UNGROUPED_AGGREGATE": "grouping",
    "ORDER_BY": "sorting",
    "TOP_N": "sorting",
    "FILTER": "testing conditions",
    "PROJECTION": "computing values",
    "WINDOW": "numbering rows",
    "STREAMING_WINDOW": "numbering rows",
    "RECURSIVE_CTE": "following paths",
    "CTE": "keeping parts used again",
    "CTE_SCAN": "keeping parts used again",
    "UNION": "uniting",
}
PAIRWISE: Final = "comparing every pair"
_SHOWN: Final = (
    "Join Type",
    "Conditions",
    "Condition",
    "Filters",
    "Expression",
    "Groups",
    "Order By",
)
_LONGEST: Final = 70


@dataclass(frozen=True, slots=True)
class PhysicalNode:
    """One operator of DuckDB's plan; ``rows`` and ``seconds`` only after a run."""

    name: str
    details: tuple[str, ...]
    estimated: int | None
    rows: int | None
    seconds: float
    children: tuple[PhysicalNode, ...]

    @property
    def product(self) -> int:
        """Rows of the operators right below, multiplied; expected ones where none were counted.

        Nothing where all but one have a single row: that is no more than reading the other.
        """
        counts = [
            child.rows if child.rows is not None else child.estimated or 0
            for child in self.children
        ]
        return math.prod(counts) if sum(count > 1 for count in counts) > 1 else 0

    def walk(self, depth: int = 0) -> Iterator[tuple[int, PhysicalNode]]:
        """The operator itself and those below it, with their depth."""
        yield depth, self
        for child in self.children:
            yield from child.walk(depth + 1)


@dataclass(frozen=True, slots=True)
class Profile:
    """DuckDB's plan and, after a run, seconds and peak memory of the whole."""

    root: PhysicalNode
    seconds: float | None = None
    peak_memory: int | None = None

    @property
    def rows(self) -> int:
        """Rows the statement gave, after a run; a CTE hands on what its last part gives."""
        node = self.root
        while node.name == "CTE":
            node = node.children[-1]
        return node.rows or 0

    def work(self) -> tuple[Work, ...]:
        """Kinds of work by their share of the processor time, the largest first."""
        seconds: Counter[str] = Counter()
        rows: Counter[str] = Counter()
        for _, node in self.root.walk():
            kind = _KINDS.get(node.name, "other work")
            seconds[kind] += node.seconds  # type: ignore[assignment]
            rows[kind] += node.rows or 0
        total = sum(seconds.values()) or 1.0
        made = (Work(kind, spent / total, rows[kind]) for kind, spent in seconds.items())
        return tuple(sorted(made, key=lambda work: -work.share))

    def pairs(self) -> int:
        """Pairs of rows compared where every row meets every other, in the largest such place."""
        found = (node for _, node in self.root.walk() if _KINDS.get(node.name) == PAIRWISE)
        return max((node.product for node in found), default=0)

    def __str__(self) -> str:
        return "\n".join(_line(node, depth) for depth, node in self.root.walk())


def read_profile(text: str) -> Profile:
    """Read what ``EXPLAIN (FORMAT JSON)`` gave, with or without ANALYZE."""
    document = json.loads(text)
    if isinstance(document, list):
        return Profile(_node(document[0]))
    top = document["children"][0]
    if _name(top) == "EXPLAIN_ANALYZE":
        top = top["children"][0]
    return Profile(_node(top), document["latency"], document["system_peak_buffer_memory"])


def _name(item: Mapping[str, Any]) -> str:
    return str(item.get("operator_name") or item.get("name")).strip()


def _node(item: Mapping[str, Any]) -> PhysicalNode:
    extra = item.get("extra_info") or {}
    estimated = extra.get("Estimated Cardinality")
    return PhysicalNode(
        _name(item),
        (*_lane(extra), *(_shown(extra[key]) for key in _SHOWN if extra.get(key))),
        None if estimated is None else int(estimated),
        item.get("operator_cardinality"),
        float(item.get("operator_timing") or 0.0),
        tuple(_node(child) for child in item["children"]),
    )


def _lane(extra: Mapping[str, Any]) -> Iterator[str]:
    """The folder a scan reads from; DuckDB names files only after a run."""
    if names := extra.get("Filename(s)"):
        folder = Path(str(names).split(", ", 1)[0]).parent
        yield f"{folder.parent.name}/{folder.name}"


def _shown(value: str | Sequence[str]) -> str:
    return value if isinstance(value, str) else " and ".join(value)


def _line(node: PhysicalNode, depth: int) -> str:
    details = " ".join(" ".join(node.details).split())
    if len(details) > _LONGEST:
        details = details[: _LONGEST - 1] + "…"
    counts = "" if node.rows is None else f"{node.rows:,} rows, {node.seconds * 1000:.1f} ms"
    if not counts and node.estimated is not None:
        counts = f"about {node.estimated:,} rows"
    return "  " * depth + "  ".join(part for part in (node.name, details, counts) if part)
