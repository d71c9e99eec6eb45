"""What EXPLAIN tells: typed, for programs as well as for people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from ..passes import Step
from .places import Place
from .text import lay_out

WRONG: Final = 10.0
"""How many times an estimate may be off before it is flagged."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator of the plan after the passes.

    Attributes
    ----------
    label : str
        What it does, for example a triple pattern or a filter's condition.
    estimated : float
        Solutions expected from the statistics.
    actual : int, optional
        Solutions counted; None if the query was not run, or ``remark`` says why not.
    milliseconds : float, optional
        Time to work out and count these solutions, those of the operators below included.
    remark : str
        Why there is no count.
    """

    label: str
    estimated: float
    actual: int | None = None
    milliseconds: float | None = None
    remark: str = ""
    children: tuple[Operator, ...] = ()

    @property
    def error(self) -> float | None:
        """How many times the estimate is off (q-error, Moerkotte et al., VLDB 2009), or None."""
        if self.actual is None:
            return None
        expected, found = max(self.estimated, 1.0), max(float(self.actual), 1.0)
        return max(expected / found, found / expected)

    @property
    def wrong(self) -> bool:
        """Return whether the estimate is off by more than a factor of ten."""
        return self.error is not None and self.error > WRONG

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Operator]]:
        """The operator itself and those below it, with their depth."""
        yield depth, self
        for child in self.children:
            yield from child.walk(depth + 1)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one scan reads: files and row groups that statistics do not rule out.

    Counts are upper bounds: while it runs, DuckDB may skip more by keys a join has seen.

    Attributes
    ----------
    what : str
        Predicate and kind of object, name of an entity table, or "texts of nodes".
    conditions : tuple of str
        Conditions on stored columns that rule out row groups.
    bytes : int
        Compressed size of the columns named, in those row groups.
    columns : tuple of str
        Of an entity table: those that are used.
    spared : tuple of (reason, parts)
        Parts of an entity table that are not read: for their "graph", for "space" (their boxes),
        "time" or "value" (their least and greatest values), or by "index" (a look-up).
    """

    what: str
    conditions: tuple[str, ...]
    files: int
    files_held: int
    groups: int
    groups_held: int
    rows: int
    bytes: int
    columns: tuple[str, ...] = ()
    spared: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Tables:
    """Entity tables a query reads: the others are spared by theme."""

    read: int = 0
    held: int = 0
    parts_read: int = 0
    parts_held: int = 0


@dataclass(frozen=True, slots=True)
class Work:
    """A kind of work DuckDB did: its share of all processor time, and the rows it put out."""

    kind: str
    share: float
    rows: int


@dataclass(frozen=True, slots=True)
class Run:
    """How the query ran; ``rows`` is None if it was stopped, and ``remark`` says why."""

    rows: int | None
    milliseconds: float
    peak_memory: int | None = None
    work: tuple[Work, ...] = ()
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a query is answered; ``str`` of it is for people.

    Attributes
    ----------
    snapshot : int, optional
        Number of the snapshot.
    before, after : str
        The plan as written and as rewritten (S-expressions).
    steps : tuple of Step
        Each pass, whether it changed the plan, and its milliseconds.
    plan_ms : float
        Milliseconds from the text to SQL.
    root : Operator
        The plan after the passes, with estimated and actual rows.
    readings : tuple of Reading
        What is read, scan by scan.
    files : dict of path to rows
        Files of lanes and parts of entity tables that are read, after pruning; ``files_held`` is
        how many there are.
    tables : Tables
        How many of the entity tables are read, and how many of all their parts.
    sql : str
        What DuckDB runs.
    physical : str
        DuckDB's own plan, with actual row counts where the query was run.
    remarks : tuple of str
        What to look at first.
    run : Run, optional
        How it ran, if it was asked to.
    inferred : tuple of str
        The patterns that are answered from more than asserted triples, and from what.
    places : tuple of Place
        The conditions on places, and which operator answers each.
    """

    snapshot: int | None
    before: str
    after: str
    steps: tuple[Step, ...]
    plan_ms: float
    root: Operator
    readings: tuple[Reading, ...]
    files: dict[Path, int]
    files_held: int
    sql: str
    physical: str
    remarks: tuple[str, ...] = ()
    run: Run | None = field(default=None)
    tables: Tables = field(default_factory=Tables)
    inferred: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()

    @property
    def fired(self) -> tuple[str, ...]:
        """Names of the passes that changed the plan."""
        return tuple(step.name for step in self.steps if step.changed)

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain values that JSON can hold."""
        return {
            "snapshot": self.snapshot,
            "plan_ms": round(self.plan_ms, 3),
            "remarks": list(self.remarks),
            "run": None if self.run is None else asdict(self.run),
            "plan": _operator(self.root),
            "reading": [asdict(reading) for reading in self.readings],
            "files": {"read": len(self.files), "held": self.files_held},
            "tables": asdict(self.tables),
            "inferred": list(self.inferred),
            "places": [asdict(place) for place in self.places],
            "passes": [
                {"name": step.name, "fired": step.changed, "ms": round(step.milliseconds, 3)}
                for step in self.steps
            ],
            "as_written": self.before,
            "rewritten": self.after,
            "sql": self.sql,
            "physical": self.physical,
        }

    def as_text(self, *, physical: bool = False) -> str:
        """Lay it out for a terminal of 100 columns; ``physical`` adds DuckDB's own plan."""
        return lay_out(self, physical=physical)

    def __str__(self) -> str:
        return self.as_text()


def _operator(operator: Operator) -> dict[str, Any]:
    return {
        "label": operator.label,
        "estimated": round(operator.estimated, 2),
        "actual": operator.actual,
        "error": None if operator.error is None else round(operator.error, 2),
        "ms": None if operator.milliseconds is None else round(operator.milliseconds, 3),
        "remark": operator.remark,
        "children": [_operator(child) for child in operator.children],
    }
