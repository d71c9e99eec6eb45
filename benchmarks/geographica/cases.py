"""What is asked: a query, the same as SQL by hand, and the number of rows it must give."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["selection", "join", "self join", "validation"]


@dataclass(frozen=True, slots=True)
class Case:
    """One query.

    Attributes
    ----------
    name : str
    kind : str
        What its targets are.
    query : str
        SPARQL.
    sql : str
        The same by hand, over the same files.
    rows : int, optional
        Rows of the answer, where they are known beforehand. A single row of one number counts as
        that many.
    peer : str, optional
        The query for Oxigraph; empty where it has no means to answer.
    """

    name: str
    kind: Kind
    query: str
    sql: str
    rows: int | None = None
    peer: str = ""


def write_cases(path: Path, cases: Iterable[Case]) -> None:
    """Write cases for another process."""
    path.write_text("".join(json.dumps(asdict(case)) + "\n" for case in cases))


def read_cases(path: Path) -> list[Case]:
    """Read cases."""
    return [Case(**json.loads(line)) for line in path.read_text().splitlines()]
