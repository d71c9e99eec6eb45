"""RDF files asked with SPARQL (RML-IO, ``formats:SPARQL_Results_CSV``)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyoxigraph

from ontology import MappingError, UnsupportedError

from ..language.model import LogicalSource
from ..terms.cells import Batch, column
from .base import BATCH_ROWS, unreadable
from .compressed import BROKEN, opened, plain_name

_QUOTED: Final = re.compile(
    r"<[^<>\"{}|^`\\\s]*>|'''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|#[^\n]*",
    re.DOTALL,
)
_SERVICE: Final = re.compile(r"(?<![?$\w:])SERVICE\b(?!:)", re.IGNORECASE)


class SparqlSource:
    """Solutions of a SELECT query over an RDF file, which is held in memory.

    Every value is text, as in the CSV results of SPARQL; an unbound variable is "no value".
    """

    crs: str | None = None
    rows: int | None = None
    remarks: tuple[str, ...] = ()

    def __init__(self, source: LogicalSource, path: Path) -> None:
        self._path = path
        self._source = source
        self._names = [variable.value for variable in self._solutions().variables]

    @property
    def columns(self) -> dict[str, pa.DataType] | None:
        """Variables of the query, all text."""
        return dict.fromkeys(self._names, pa.string())

    def batches(self, references: Collection[str]) -> Iterator[Batch]:
        """Ask the query and give its solutions."""
        solutions, done = self._solutions(), 0
        while rows := list(islice(solutions, BATCH_ROWS)):
            cells = {
                name: column(
                    pa.array([_text(row[name]) for row in rows], pa.string()),
                    nulls=self._source.nulls,
                )
                for name in references
            }
            yield Batch(cells, np.arange(done + 1, done + len(rows) + 1))
            done += len(rows)

    def _solutions(self) -> Any:
        query = self._query()
        try:
            found = self._loaded().query(query)
        except SyntaxError as error:
            raise MappingError(
                "The query of a source is not valid SPARQL", where=str(self._path), why=str(error)
            ) from error
        if not isinstance(found, pyoxigraph.QuerySolutions):
            raise MappingError(
                "The query of a source must be a SELECT query",
                where=str(self._path),
                remedy="use the Turtle or N-Triples of a graph as they are, or SELECT from them",
            )
        return found

    def _query(self) -> str:
        query = self._source.iterator
        if query is None:
            raise MappingError(
                "A source of RDF has no query",
                where=str(self._path),
                remedy='add rml:iterator "SELECT …"',
            )
        if _SERVICE.search(_QUOTED.sub(" ", query)):
            raise UnsupportedError(
                "A query of a source asks other endpoints",
                where=str(self._path),
                remedy="leave out SERVICE: sources are not fetched from the network",
            )
        return query

    def _loaded(self) -> pyoxigraph.Store:
        suffix = Path(plain_name(self._path)).suffix.removeprefix(".")
        form = pyoxigraph.RdfFormat.from_extension(suffix)
        if form is None:
            raise UnsupportedError(
                f"No format of RDF has the suffix {suffix!r}",
                where=str(self._path),
                remedy="name the file .ttl, .nt, .nq, .trig, .rdf or .jsonld",
            )
        store = pyoxigraph.Store()
        try:
            with opened(self._source, self._path) as stream:
                store.load(stream, form, base_iri=self._path.resolve().as_uri())
        except (SyntaxError, *BROKEN) as error:
            raise unreadable(str(self._path), error, "check that it is RDF") from error
        return store


def _text(term: Any) -> str | None:
    if term is None:
        return None
    return f"_:{term.value}" if isinstance(term, pyoxigraph.BlankNode) else str(term.value)
