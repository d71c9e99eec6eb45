"""Both engines side by side: a dataset in each, and what they say about a query."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox

from ontology import GeoloomError
from store import Store
from store.layout.manifest import TablesPolicy

from .answers import difference, ours, theirs
from .data import Data
from .faults import cured
from .queries import Query
from .rewriting import plain
from .terms import PROLOGUE

_EVERYTHING = Query("SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }")


class Engines:
    """A store of ours for the data, and one for the cured data of a known fault, by policy.

    Attributes
    ----------
    excused : dict
        How often each known fault of the oracle explained a difference.
    tables : int
        Datasets of which our store made entity tables.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stores: dict[tuple[str, TablesPolicy], Store] = {}
        self._loaded: dict[Store, Data] = {}
        self._graph = ox.Store()
        self._store = self._second = self._made("store", "never")
        self.excused: dict[str, int] = {}
        self.tables = 0

    def _made(self, name: str, tables: TablesPolicy) -> Store:
        key = (name, tables)
        if key not in self._stores:
            self._stores[key] = Store.create(self._folder / f"{name}-{tables}", tables=tables)
        return self._stores[key]

    def hold(self, data: Data) -> None:
        """Give both engines this dataset."""
        self._store, self._second = (self._made(n, data.tables) for n in ("store", "second"))
        self._graph = self._put(self._store, data)
        self.tables += bool(self._store.snapshot().tables)

    def _put(self, store: Store, data: Data) -> ox.Store:
        if self._loaded.get(store) != data:
            data.put(store, self._folder)
            self._loaded[store] = data
        return data.oracle()

    def compare(self, query: Query, data: Data, *, optimise: bool = True) -> str | None:
        """How our answer differs from the oracle's, unless a known fault of its explains that."""
        found = _compared(self._store, self._graph, query, optimise=optimise)
        if found is None:
            return None
        changed, other, faults = cured(query, data)
        if not faults:
            return found
        graph = self._put(self._second, other)
        if _compared(self._second, graph, changed, optimise=optimise) is not None:
            return found
        self._excuse(faults)
        return None

    def compare_update(self, request: str, data: Data) -> str | None:
        """How the dataset differs after an update; both engines hold others afterwards."""
        found = self._after(self._store, self._graph, Query(request))
        if found is None:
            return None
        changed, other, faults = cured(Query(request), data)
        graph = self._put(self._second, other)
        if not faults or self._after(self._second, graph, changed) is not None:
            return found
        self._excuse(faults)
        return None

    def _after(self, store: Store, graph: ox.Store, request: Query) -> str | None:
        self._loaded.pop(store, None)
        graph.update(PROLOGUE + plain(request.defined or request.marked))
        try:
            store.update(PROLOGUE + request.text)
        except GeoloomError as error:
            return f"{type(error).__name__}: {error}"
        return _compared(store, graph, _EVERYTHING, optimise=True)

    def _excuse(self, faults: tuple[str, ...]) -> None:
        for name in faults:
            self.excused[name] = self.excused.get(name, 0) + 1


def _compared(store: Store, graph: ox.Store, query: Query, *, optimise: bool) -> str | None:
    try:
        whole = theirs(graph, query)
    except (SyntaxError, ValueError, RuntimeError) as error:
        return f"pyoxigraph refuses it: {error}"
    try:
        return difference(query, ours(store, query.sliced, optimise=optimise), whole)
    except GeoloomError as error:
        return f"{type(error).__name__}: {error}"
