"""Answers and dumps in forms that can be compared."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from ontology import PREFIXES
from store import Result, Store
from tests.store.tables.whole.questions import PROLOGUE, QUESTIONS

_DOUBLE = PREFIXES["xsd"] + "double"

Answer = bool | list[Any] | Counter[Any]


def answer(store: Store, name: str, as_of: int | None = None) -> Answer:
    """What a store says to one of the questions."""
    result = store.query(PROLOGUE + QUESTIONS[name], as_of=as_of)
    if result.form == "ASK":
        return bool(result.boolean)
    return rows_of(result) if name.endswith("in order") else Counter(rows_of(result))


def rows_of(result: Result) -> list[Any]:
    """The rows of an answer, in its order."""
    names = result.variables
    return [tuple(_cell(row[name]) for name in names) for row in result.terms().to_pylist()]


def answers(store: Store, as_of: int | None = None) -> dict[str, Answer]:
    """What a store says to all of them."""
    return {name: answer(store, name, as_of) for name in QUESTIONS}


def _cell(cell: dict[str, Any] | None) -> Any:
    """A term; doubles to twelve digits, since the order of a sum is the engine's."""
    if cell is None:
        return None
    value = cell["value"]
    if cell["datatype"] == _DOUBLE and value[-1].isdigit():
        value = f"{float(value):.12g}"
    return (cell["kind"], value, cell["datatype"], cell["lang"])


def dumped(store: Store, folder: Path) -> list[str]:
    """Every triple of a store, and no triple twice."""
    file = folder / "dump.nq"
    count = store.dump(file)
    lines = file.read_text(encoding="utf-8").splitlines()
    assert count == len(lines) == len(set(lines))
    return sorted(lines)
