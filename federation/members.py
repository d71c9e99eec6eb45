"""Members of a federation while one query runs: endpoints behind HTTP, stores beside us."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from ontology import RemoteError
from store import algebra as al

from .answers import empty_table, scope_blank_nodes
from .caps import suspicious
from .client import Client, SourceSilentError
from .descriptions import Description
from .harvest import describe_snapshot, harvest
from .local import LocalEngine
from .probes import PROBES
from .report import Usage
from .sources import Box, Source
from .writer import remote_name, write_count, write_select

_MOST_PAGES: Final = 1000


class Member(Protocol):
    """What the planner and the executor ask of a member."""

    usage: Usage
    description: Description

    @property
    def box(self) -> Box | None:
        """Box in degrees that no geometry leaves, if known."""

    def shown(self, text: str) -> bool | None:
        """Answer an ASK query about the data as a whole; remembered with the description."""

    def solutions(self, plan: al.Plan, variables: Sequence[str]) -> pa.Table:
        """Return all solutions, a ``TERM_STRUCT`` column a variable."""

    def ask(self, text: str) -> bool | None:
        """Answer an ASK query; None when the member cannot be asked."""

    def can(self, function: str) -> bool:
        """Return whether the member has shown that it has a function."""


class EndpointMember:
    """A SPARQL endpoint.

    Parameters
    ----------
    source : Source
    client : Client
    usage : Usage
    listed : bool
        False for an address from a SERVICE clause that is only allowed if public.
    """

    def __init__(
        self, source: Source, client: Client, usage: Usage, *, listed: bool = True
    ) -> None:
        self.source = source
        self.usage = usage
        self.description = Description(source.name, row_cap=source.row_cap)
        self._client = client
        self._listed = listed
        self._silent: SourceSilentError | None = None
        self._answers: dict[str, pa.Table] = {}

    def select(self, text: str) -> pa.Table:
        """Send a SELECT and return the table as it came.

        Raises
        ------
        RemoteError
            Also at once when the source has been silent before in this query.
        """
        answer = self._send(text)
        if not isinstance(answer, pa.Table):
            raise RemoteError(
                f"Source {self.source.name!r} answered SELECT with a boolean",
                where=self.source.address,
                remedy="check that the address is that of a SPARQL endpoint",
            )
        return answer

    def _send(self, text: str) -> pa.Table | bool:
        if self._silent is not None:
            raise self._silent
        try:
            answer = self._client.query(self.source, text, self.usage, listed=self._listed)
        except SourceSilentError as error:
            self._silent = error
            raise
        if answer.admitted_cap is not None:
            self._lower_cap(answer.admitted_cap)
        return answer.value

    def _lower_cap(self, cap: int) -> None:
        known = self.description.row_cap
        self.description.row_cap = cap if known is None else min(cap, known)

    @property
    def version(self) -> str:
        """Endpoints do not say when their data change."""
        return ""

    def describe(self) -> Description:
        """Harvest the description.

        Raises
        ------
        RemoteError
            If the source answers nothing.
        """
        found = harvest(self.source.name, self._whole_or_nothing)
        found.row_cap = self.description.row_cap
        self.description = found
        return found

    def _whole_or_nothing(self, text: str) -> pa.Table:
        """Return an answer only if it does not look cut off."""
        table = self.select(text)
        if suspicious(len(table), self.description.row_cap):
            raise RemoteError(
                f"Source {self.source.name!r} may have cut its own description off",
                where=self.source.address,
                why=f"received {len(table)} rows",
                remedy="declare its predicates in the sources file",
            )
        return table

    def ask(self, text: str) -> bool | None:
        """Answer an ASK query; None, with the failure noted, when it cannot."""
        try:
            return self._send(text) is True
        except RemoteError as error:
            self.usage.note("failures", error.in_short())
            return None

    def can(self, function: str) -> bool:
        """Probe a function once; a source that fails the probe does not have it."""
        allowed = self.source.functions
        if function not in PROBES or (allowed is not None and function not in allowed):
            return False
        if not self.shown(PROBES[function]):
            self.usage.note("notes", f"does not have a working <{function}>; evaluated locally")
            return False
        return True

    def shown(self, text: str) -> bool | None:
        """Answer an ASK query once and remember it; None when the source cannot."""
        known = self.description.shown
        if text not in known:
            try:
                known[text] = self._send(text) is True
            except RemoteError:
                return None
        return known[text]

    @property
    def box(self) -> Box | None:
        """The declared box."""
        return self.source.box

    def solutions(self, plan: al.Plan, variables: Sequence[str]) -> pa.Table:
        """Return all solutions; pages through a row cap, or says that it could not.

        The same subquery is sent once.
        """
        self.usage.used = True
        wanted = al.Project(tuple(variables), plan)
        text = write_select(wanted)
        if text not in self._answers:
            self._answers[text] = self._whole(wanted, text)
        return self._answers[text].rename_columns(list(variables) or ["gl0_unit"])

    def _whole(self, wanted: al.Project, text: str) -> pa.Table:
        variables = wanted.variables
        first = self._columns(self.select(text), variables)
        if not suspicious(len(first), self.description.row_cap):
            return first
        total = self._total(wanted)
        if total == len(first):
            return first
        if total is None or total < len(first):
            self.usage.note(
                "capped", f"sent {len(first)} rows, a suspicious number that it could not confirm"
            )
            return first
        self._lower_cap(len(first))
        return self._pages(wanted, len(first), total)

    def _total(self, plan: al.Plan) -> int | None:
        try:
            table = self.select(write_count(plan))
            return int(pc.struct_field(table.column("n"), "value")[0].as_py())
        except (RemoteError, KeyError, IndexError, ValueError):
            return None

    def _pages(self, plan: al.Project, cap: int, total: int) -> pa.Table:
        """Fetch page by page in a fixed order."""
        keys = tuple(al.OrderKey(al.Var(name)) for name in plan.variables)
        ordered = al.Project(plan.variables, al.OrderBy(keys, plan.child))
        pages: list[pa.Table] = []
        got = 0
        try:
            while got < total and len(pages) < _MOST_PAGES:
                text = write_select(al.Slice(ordered, got, cap))
                page = self._columns(self.select(text), plan.variables)
                if not len(page):
                    break
                pages.append(page)
                got += len(page)
        except RemoteError as error:
            self.usage.note("capped", f"stopped while paging: {error}")
        found = pa.concat_tables(pages) if pages else empty_table(plan.variables)
        if got < total:
            self.usage.note("capped", f"sent {got} of {total} rows (row cap {cap})")
        else:
            self.usage.note("notes", f"row cap {cap} found; fetched {total} rows in pages")
        return found

    def _columns(self, table: pa.Table, variables: Sequence[str]) -> pa.Table:
        if not variables:
            return table
        missing = [v for v in variables if remote_name(v) not in table.column_names]
        if missing:
            raise RemoteError(
                f"Source {self.source.name!r} left out asked variables",
                where=self.source.address,
                why=f"?{missing[0]} is not in the head of its answer",
                remedy="check that the endpoint speaks SPARQL 1.1",
            )
        table = table.select([remote_name(v) for v in variables]).rename_columns(list(variables))
        return scope_blank_nodes(table, f"{self.source.name}{self.usage.requests}x")


class StoreMember:
    """A local store that is not the home store: its engine answers, and has every function."""

    def __init__(self, name: str, engine: LocalEngine, usage: Usage) -> None:
        self.usage = usage
        self.description = Description(name)
        self._engine = engine

    @property
    def version(self) -> str:
        """Number of the snapshot."""
        snapshot = self._engine.snapshot
        return "" if snapshot is None else str(snapshot.number)

    def describe(self) -> Description:
        """Describe the store's live snapshot."""
        select = self._engine.select
        name, snapshot = self.description.source, self._engine.snapshot
        if snapshot is not None:
            self.description = describe_snapshot(name, snapshot, select)
        return self.description

    def ask(self, text: str) -> bool | None:
        """Answer an ASK query."""
        return self._engine.ask(text)

    @property
    def box(self) -> Box | None:
        """Nothing is declared for a local store."""
        return None

    def shown(self, text: str) -> bool | None:
        """Answer an ASK query."""
        return self.ask(text)

    def can(self, function: str) -> bool:
        """Every function the engine has works in any of its stores."""
        return bool(function)

    def solutions(self, plan: al.Plan, variables: Sequence[str]) -> pa.Table:
        """Return all solutions."""
        self.usage.used = True
        table = self._engine.solutions(plan, variables)
        self.usage.rows += len(table)
        return table
