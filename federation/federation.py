"""The face of the package: several sources asked as if they were one store."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, Self

from ontology import UnsupportedError
from store import Result, Store

from .descriptions import DescriptionCache
from .session import Session, Setting
from .sources import Source, load_sources, unique_names

HOME = "store"


class Federation:
    """Sources that answer SPARQL together.

    Parameters
    ----------
    sources : iterable of Source
        Endpoints and local stores.
    store : Store, optional
        The home store. Its data never leaves the engine, so the largest side of a spatial
        join belongs there. Without it, the first local store among the sources is home.
    service : tuple of str, or "public"
        Endpoints that SERVICE clauses may name beside the sources.
    cache : Path, optional
        JSON file that keeps what was harvested from the sources; in memory without it.

    Examples
    --------
    >>> fields = Source("fields", endpoint="https://fields.example.org/sparql")
    >>> [source.name for source in Federation([fields]).sources]
    ['fields']
    """

    def __init__(
        self,
        sources: Iterable[Source],
        *,
        store: Store | None = None,
        service: tuple[str, ...] | Literal["public"] = (),
        cache: Path | None = None,
    ) -> None:
        members = tuple(sources)
        stores = {s.name: Store.open(s.store) for s in members if s.store is not None}
        home = next(iter(stores), None)
        if store is not None:
            same = [name for name, other in stores.items() if other.path == store.path]
            home = same[0] if same else HOME
            if not same:
                members = (Source(HOME, store=store.path), *members)
            stores[home] = store
        unique_names(members)
        self.sources = members
        self._opening = (members, None if home is None else stores[home].path, service, cache)
        self._setting = Setting(members, stores, home, service, DescriptionCache(cache))

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process opens the stores for itself."""
        return _reopened, self._opening

    @classmethod
    def from_toml(cls, path: str | Path, *, store: Store | None = None) -> Self:
        """Read a sources file; what is harvested is kept beside it (``NAME.cache.json``).

        Raises
        ------
        InputError, StoreError
            If the file, or a store it names, cannot be used.
        """
        path = Path(path)
        found = load_sources(path)
        cache = path.with_suffix(".cache.json")
        return cls(found.sources, store=store, service=found.service, cache=cache)

    def query(
        self,
        text: str,
        *,
        strict: bool = False,
        timeout: float | None = None,
        default_graphs: tuple[str, ...] = (),
        named_graphs: tuple[str, ...] = (),
    ) -> Result:
        """Answer a SPARQL query over all sources.

        Parameters
        ----------
        text : str
            SELECT, ASK or CONSTRUCT.
        strict : bool
            Raise instead of giving an incomplete answer.
        timeout : float, optional
            Seconds for the whole query.
        default_graphs, named_graphs : tuple of str
            Must be empty: the sources have graphs of their own.

        Returns
        -------
        Result
            ``result.info["completeness"]`` is its :class:`~federation.CompletenessReport`.

        Raises
        ------
        QuerySyntaxError, UnsupportedError, DeadlineError
        IncompleteError
            If ``strict`` and a source failed or was cut off.
        RemoteError
            If a SERVICE without SILENT fails.
        """
        if default_graphs or named_graphs:
            raise UnsupportedError(
                "A dataset cannot be given for a federated query",
                why="the sources have graphs of their own",
                remedy="use GRAPH inside the query",
            )
        with Session(self._setting, timeout) as session:
            return session.answer(text, strict=strict)

    def explain(self, text: str) -> str:
        """Return plan, subqueries and reasons as text; sources are described, not queried.

        Raises
        ------
        QuerySyntaxError, UnsupportedError
        """
        with Session(self._setting, None) as session:
            return session.explain(text)


def _reopened(
    sources: tuple[Source, ...], home: Path | None, service: Any, cache: Path | None
) -> Federation:
    store = None if home is None else Store.open(home)
    return Federation(sources, store=store, service=service, cache=cache)
