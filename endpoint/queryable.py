"""What the endpoint needs of whatever answers queries: a store or a federation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable


@runtime_checkable
class Answer(Protocol):
    """Result of a query.

    ``form`` is ``SELECT``, ``ASK``, ``CONSTRUCT`` or ``DESCRIBE``; ``info`` holds remarks such
    as the completeness report of a federated answer.
    """

    @property
    def form(self) -> str:
        """The query form, in capitals."""

    @property
    def info(self) -> dict[str, Any]:
        """Remarks on the answer."""

    def json(self) -> dict[str, Any]:
        """SPARQL 1.1 Query Results JSON as a dict (SELECT and ASK)."""

    def serialize(self, format_name: str) -> Iterable[bytes]:
        """Write the answer piecewise; ``format_name`` as in :class:`store.Format`."""


@runtime_checkable
class Queryable(Protocol):
    """Answers SPARQL queries."""

    def query(
        self,
        text: str,
        *,
        timeout: float | None = None,
        default_graphs: tuple[str, ...] = (),
        named_graphs: tuple[str, ...] = (),
    ) -> Answer:
        """Answer a query within ``timeout`` seconds over the given dataset (empty: the query's).

        Raises
        ------
        QuerySyntaxError
            The text does not parse.
        DeadlineError
            The time is up.
        UnsupportedError
            The query is legal but needs something this version does not do.
        """


Row = dict[str, str]


def rows(queryable: Queryable, text: str) -> list[Row]:
    """Run a SELECT and return its solutions as lexical forms; an unbound variable is absent."""
    bindings = queryable.query(text).json()["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in bindings]


def completeness(answer: Answer) -> dict[str, Any] | None:
    """Completeness report of a federated answer as plain values, None for a local one."""
    report = answer.info.get("completeness")
    if report is None or isinstance(report, dict):
        return report
    found: dict[str, Any] = report.as_dict()
    return found
