"""Fingerprints of a source's rows: equal ones mean that the row says the same as before.

A row's triples follow from its cells, from the parents its joins find, from the mapping, the
functions and this version of geoloom; all of that is in its fingerprint, so whatever changes
makes the rows it touches other rows.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ontology import Prints, Sink, fingerprints, text_print

from ..functions import find_function
from ..language.model import Mapping, ParentMap, TriplesMap
from ..terms.cells import Batch, Cells
from ..terms.faults import Faults
from ..terms.joins import Parents
from .opened import OpenedSource, Workplace
from .plan import function_calls, term_maps
from .provenance import geoloom_version

RowPrints = npt.NDArray[np.uint64]
"""Fingerprints of rows, shape (n, 2): 128 bits each."""

_SEEDS: Final = (0x6765_6F6C, 0x6F6F_6D21)


@runtime_checkable
class RememberingSink(Sink, Protocol):
    """A sink that knows which rows it was given in an earlier run.

    What it is not told of in a run is gone: at commit it takes back what only gone rows said.
    """

    def unknown(self, prints: RowPrints) -> npt.NDArray[np.bool_]:
        """Which of the rows it has not; the others need not be mapped again."""

    def about(self, prints: RowPrints) -> None:
        """Say which rows the batches written next are made of; of none: they stay for good."""


class RowPrinter:
    """Fingerprints the rows of one source.

    Parameters
    ----------
    place, opened, parents
        Of the pass over the source.
    rules : str
        Fingerprint of what else decides on rows, such as shapes.
    """

    def __init__(
        self, place: Workplace, opened: OpenedSource, parents: Parents, rules: str = ""
    ) -> None:
        self._place = place
        self._opened = opened
        self._parents = parents
        triples_maps = opened.part.triples_maps
        self._numbered = any(_has_fresh_nodes(one, place.mapping) for one in triples_maps)
        self._joins = tuple(_joins(triples_maps))
        salt = f"{_salt(place, opened)}\n{rules}"
        self._seeds = tuple(text_print(salt, seed) & 0x7FFF_FFFF_FFFF_FFFF for seed in _SEEDS)

    def prints(self, batch: Batch) -> RowPrints:
        """Fingerprint the rows of a batch, shape (n, 2)."""
        cells = [batch.columns[name] for name in self._opened.references]
        cells += self._joined(batch)
        if self._numbered:
            cells.append(Cells(pa.array(batch.numbers)))
        found = [
            fingerprints(
                (_signed(_of_cells(one, len(batch), seed)) for one in cells), len(batch), seed
            )
            for seed in self._seeds
        ]
        return np.column_stack(found)

    def _joined(self, batch: Batch) -> list[Cells]:
        """Subjects that the joins find: a parent's change is a change of its children."""
        faults = Faults(batch.numbers)
        evaluator = self._place.evaluator
        return [
            self._parents.subjects(link, evaluator(rule, batch, faults), batch)
            for rule, link in self._joins
        ]


def _of_cells(cells: Cells, count: int, seed: int) -> Prints:
    """One print a row; several values of a row count in their order."""
    columns = [cells.values] if cells.kinds is None else [cells.values, cells.kinds]
    about = text_print(f"{cells.crs} {cells.settled}", seed) >> 1
    values = fingerprints(columns, len(cells), seed ^ about)
    if cells.rows is None:
        return values
    first = np.searchsorted(cells.rows, cells.rows, "left")
    place = np.arange(len(values)) - first
    found = np.zeros(count, np.uint64)
    placed = fingerprints([_signed(values), pa.array(place)], len(values), seed)
    np.add.at(found, cells.rows, placed)
    return found


def _signed(values: Prints) -> pa.Array:
    return pa.array(values.view(np.int64))


def _joins(rules: tuple[TriplesMap, ...]) -> Iterator[tuple[TriplesMap, ParentMap]]:
    for rule in rules:
        for pair in rule.predicate_objects:
            for link in pair.objects:
                if isinstance(link, ParentMap) and link.conditions:
                    yield rule, link


def _has_fresh_nodes(rule: TriplesMap, mapping: Mapping) -> bool:
    """Whether blank nodes are named after the number of their row."""
    parents = (
        mapping.triples_map(link.parent).subject
        for pair in rule.predicate_objects
        for link in pair.objects
        if isinstance(link, ParentMap)
    )
    return any(one.expression is None for one in (*term_maps(rule), *parents))


def _salt(place: Workplace, opened: OpenedSource) -> str:
    """Everything but its cells that the triples of a row follow from."""
    functions = sorted(
        {
            f"{call.function} {code_print(find_function(call.function, '').call)}"
            for rule in opened.part.triples_maps
            for term_map in term_maps(rule)
            for call in function_calls(term_map)
        }
    )
    parts = (
        geoloom_version(),
        place.mapping.fingerprint,
        *sorted({rule.base_iri for rule in place.mapping.triples_maps}),
        str(place.around.base_dir.resolve()),
        repr(opened.part.source),
        *functions,
    )
    return "\n".join(parts)


def code_print(function: Callable[..., Any]) -> str:
    """Hash of the file a function is defined in, else of its compiled code."""
    try:
        file = inspect.getsourcefile(inspect.unwrap(function))
        if file is not None:
            return hashlib.sha256(Path(file).read_bytes()).hexdigest()
    except (OSError, TypeError):
        pass
    code = getattr(function, "__code__", None)
    known = function if code is None else (code.co_code, code.co_consts, code.co_names)
    return hashlib.sha256(repr(known).encode()).hexdigest()
