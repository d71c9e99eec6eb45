"""The answer of a query."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console

from ontology import IRI, PREFIXES, BlankNode, Term, Triple, UsageError

from ..values import TERM_STRUCT
from . import geojson, graphs, native, solutions
from .formats import format_named
from .screen import screen_table
from .terms import plain_terms, term_of

if TYPE_CHECKING:
    import geopandas
    import pandas as pd

Form = Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]


@dataclass(slots=True, eq=False)
class Result:
    """Solutions (SELECT), a truth value (ASK) or a graph (CONSTRUCT, DESCRIBE).

    Attributes
    ----------
    form : str
        The query form, in capitals.
    table : pa.Table
        A column a variable (a graph has ``subject``, ``predicate``, ``object``) of ``TERM_STRUCT``,
        perhaps with ``wkb`` and ``crs`` beside: see :func:`store.lower.to_struct`.
    variables : tuple of str
    boolean : bool or None
        The answer of ASK.
    info : dict
        Remarks: timings, files read, the completeness report of a federated answer.
    prefixes : mapping
        Prefixes Turtle is written with.

    Examples
    --------
    >>> Result.ask(True).json()["boolean"]
    True
    """

    form: Form
    table: pa.Table
    variables: tuple[str, ...] = ()
    boolean: bool | None = None
    info: dict[str, Any] = field(default_factory=dict)
    prefixes: Mapping[str, str] = field(default_factory=lambda: PREFIXES)

    @classmethod
    def select(cls, variables: tuple[str, ...], table: pa.Table, **more: Any) -> Result:
        """Solutions: one term column a variable."""
        return cls("SELECT", table, tuple(variables), **more)

    @classmethod
    def ask(cls, answer: bool, **more: Any) -> Result:
        """A truth value."""
        return cls("ASK", pa.table({}), boolean=bool(answer), **more)

    @classmethod
    def graph(cls, table: pa.Table, form: Form = "CONSTRUCT", **more: Any) -> Result:
        """Triples: term columns ``subject``, ``predicate`` and ``object``."""
        return cls(form, table, graphs.TRIPLE, **more)

    def __len__(self) -> int:
        """Number of solutions or triples; 1 for ASK."""
        return 1 if self.form == "ASK" else int(self.table.num_rows)

    def __bool__(self) -> bool:
        """Return the answer of ASK; for others whether there is any solution or triple."""
        return bool(self.boolean) if self.form == "ASK" else len(self) > 0

    def terms(self) -> pa.Table:
        """The table with every column exactly ``TERM_STRUCT``, geometries as text."""
        if all(kind == TERM_STRUCT for kind in self.table.schema.types):
            return self.table
        columns = {
            name: plain_terms(self.table.column(name).combine_chunks())
            for name in self.table.column_names
        }
        return pa.table(columns)

    def rows(self) -> Iterator[dict[str, Term]]:
        """Solutions, one dict a row; an unbound variable is not in it."""
        self._need("SELECT")
        for batch in solutions.batches(self.terms()):
            cells = {name: batch.column(name).to_pylist() for name in self.variables}
            for at in range(batch.num_rows):
                yield {n: term_of(c[at]) for n, c in cells.items() if c[at] is not None}

    def triples(self) -> Iterator[Triple]:
        """Triples of a graph."""
        self._need("CONSTRUCT", "DESCRIBE")
        for batch in solutions.batches(self.terms()):
            for cells in zip(*(batch.column(n).to_pylist() for n in graphs.TRIPLE), strict=True):
                subject, predicate, thing = (term_of(cell) for cell in cells)
                assert isinstance(subject, IRI | BlankNode)
                assert isinstance(predicate, IRI)
                yield subject, predicate, thing

    def arrow(self) -> pa.Table:
        """Natively typed columns: numbers, truth values, times, WKB (geoarrow.wkb), else text."""
        self._need("SELECT", "CONSTRUCT", "DESCRIBE")
        return native.arrow_table(self.variables, self.table)

    def df(self) -> pd.DataFrame:
        """A pandas DataFrame; decimals as floats, geometries as WKT literals."""
        self._need("SELECT", "CONSTRUCT", "DESCRIBE")
        from . import frames  # pandas and GeoPandas take longer to import than a query

        return frames.data_frame(self.variables, self.table)

    def gdf(
        self, geometry: str | None = None, crs: str | None = "EPSG:4326"
    ) -> geopandas.GeoDataFrame:
        """A GeoDataFrame.

        Parameters
        ----------
        geometry : str, optional
            The variable; by default the first one that holds geometries only.
        crs : str, optional
            The CRS wanted, in x, y order; None keeps the data's own.

        Raises
        ------
        UsageError
            No variable holds geometries, or they are in several CRSs and ``crs`` is None.
        """
        self._need("SELECT")
        from . import frames  # as in df

        return frames.geo_data_frame(self.variables, self.table, geometry, crs)

    def json(self) -> dict[str, Any]:
        """SPARQL 1.1 Query Results JSON as a dict."""
        self._need("SELECT", "ASK")
        found: dict[str, Any] = json.loads(b"".join(self.serialize("json")))
        return found

    def serialize(self, format_name: str) -> Iterator[bytes]:
        """Write the answer piece by piece.

        Parameters
        ----------
        format_name : str
            Short name (``json``, ``xml``, ``csv``, ``tsv``, ``geojson``, ``parquet``, ``ttl``,
            ``nt``, ``rdf``, ``jsonld``, ``table``), file extension or media type.

        Raises
        ------
        UsageError
            The format is not known or does not fit the query form.
        """
        return self._write(format_named(format_name, self.form).name)

    stream = serialize

    def _write(self, name: str) -> Iterator[bytes]:
        match name, self.form:
            case "json", "ASK":
                return solutions.json_answer(bool(self.boolean))
            case "xml", "ASK":
                return solutions.xml_answer(bool(self.boolean))
            case "json", _:
                return solutions.json_solutions(self.variables, self.terms())
            case "xml", _:
                return solutions.xml_solutions(self.variables, self.terms())
            case "csv", _:
                return solutions.csv_solutions(self.variables, self.terms())
            case "tsv", _:
                return solutions.tsv_solutions(self.variables, self.terms())
            case "geojson", _:
                return geojson.feature_collection(self.variables, self.table)
            case "parquet", _:
                return iter((self._parquet(),))
            case "nt", _:
                return graphs.ntriples(self.terms())
            case "table", _:
                return iter((self._screen(),))
            case _:
                return graphs.graph_text(self.terms(), name, self.prefixes)

    def _parquet(self) -> bytes:
        sink = io.BytesIO()
        try:
            self.gdf(crs=None).to_parquet(sink, index=False)
        except UsageError:
            pq.write_table(native.arrow_table(self.variables, self.table, wkb=False), sink)
        return sink.getvalue()

    def _screen(self) -> bytes:
        text = io.StringIO()
        console = Console(file=text, width=160, force_terminal=False)
        if self.form == "ASK":
            console.print("yes" if self.boolean else "no")
        else:
            console.print(screen_table(self.variables, self.terms(), self.prefixes))
        return text.getvalue().encode()

    def _need(self, *forms: str) -> None:
        if self.form not in forms:
            raise UsageError(
                f"The answer of a {self.form} query has no such view",
                why=f"it is for {' and '.join(forms)}",
                remedy="use .boolean" if self.form == "ASK" else "use .triples() or .serialize()",
            )
