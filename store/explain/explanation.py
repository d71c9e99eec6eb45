"""What EXPLAIN tells."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlglot import parse_one

from ..passes import Step


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a query is answered.

    Attributes
    ----------
    before, after : str
        The plan as written and as rewritten (S-expressions).
    steps : tuple of Step
        Each pass, whether it changed the plan, and its milliseconds.
    files : dict of path to rows
        Lane files that are read, after pruning; ``files_held`` is how many there are.
    sql : str
        What DuckDB runs.
    physical : str, optional
        DuckDB's own plan, with actual row counts where it was asked to run.
    """

    before: str
    after: str
    steps: tuple[Step, ...]
    files: dict[Path, int]
    files_held: int
    sql: str
    physical: str | None = None

    @property
    def fired(self) -> tuple[str, ...]:
        """Names of the passes that changed the plan."""
        return tuple(step.name for step in self.steps if step.changed)

    def __str__(self) -> str:
        rows = sum(self.files.values())
        parts = [
            f"plan as written:\n{self.before}",
            f"plan after {', '.join(self.fired) or 'no pass'}:\n{self.after}",
            f"files read: {len(self.files)} of {self.files_held} ({rows} rows)",
            f"SQL:\n{laid_out(self.sql)}",
        ]
        return "\n\n".join(parts + ([self.physical] if self.physical else []))


def laid_out(text: str) -> str:
    """Return the SQL in lines."""
    return parse_one(text, dialect="duckdb").sql(dialect="duckdb", pretty=True)
