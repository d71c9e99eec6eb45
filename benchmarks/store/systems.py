"""Three systems that answer the same queries: ours, Oxigraph, and SQL written by hand."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyoxigraph as ox

from store import Result, Store
from store.engine.connection import connect

from .files import Files
from .handwritten import HANDWRITTEN
from .queries import PREFIXES, QUERIES

OURS: Final = "geoloom"
UNSEEN: Final = "geoloom, query never seen"
BY_HAND: Final = "SQL by hand"
PEER: Final = "Oxigraph"


class Systems:
    """The systems over stores of the same triples; each gives the whole answer as text.

    Ours and hand-written SQL give it as Arrow, Oxigraph as TSV, which is its fastest way out.
    """

    def __init__(self, store: Path, peer: Path | None) -> None:
        self._store = Store.open(store)
        self._files = Files(self._store.snapshot())
        self._by_hand = connect(folder=store)
        self._peer = None if peer is None else ox.Store.read_only(str(peer))
        self._fresh = count()

    @property
    def has_peer(self) -> bool:
        """Whether Oxigraph holds the data."""
        return self._peer is not None

    def ours(self, case: str) -> Result:
        """Ours; a plan made before is used again."""
        return self._whole(PREFIXES + QUERIES[case])

    def unseen(self, case: str) -> Result:
        """Ours, with a text it has never seen."""
        return self._whole(f"{PREFIXES}{QUERIES[case]}\n# {next(self._fresh)}")

    def _whole(self, text: str) -> Result:
        result = self._store.query(text)
        if result.form != "ASK":
            result.terms()
        return result

    def by_hand(self, case: str) -> pa.Table:
        """SQL by hand."""
        return self._by_hand.execute(self.sql(case)).to_arrow_table()

    def sql(self, case: str) -> str:
        """The hand-written SQL of a case."""
        return HANDWRITTEN[case](self._files)

    def peer(self, case: str) -> Any:
        """Oxigraph's solutions, not yet read."""
        assert self._peer is not None
        return self._peer.query(PREFIXES + QUERIES[case])

    def peer_text(self, case: str) -> bytes | bool:
        """Oxigraph, the whole answer as text."""
        found = self.peer(case)
        if isinstance(found, ox.QueryBoolean):
            return bool(found)
        written: bytes = found.serialize(format=ox.QueryResultsFormat.TSV)
        return written
