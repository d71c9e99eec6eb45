"""The query plan: frozen, typed nodes of the SPARQL 1.1 algebra (section 18.2).

Parsing makes them, passes rewrite them, :mod:`store.emit` turns them into SQL. Federation
builds the same nodes with :class:`RemoteScan` leaves. Nothing else describes a query.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from ontology import IRI, BlankNode, Term
from ontology import Literal as RdfLiteral

if TYPE_CHECKING:
    import pyarrow as pa

# ---------------------------------------------------------------- expressions


@dataclass(frozen=True, slots=True)
class Var:
    """A variable, without ``?``. Blank nodes of a query become variables named ``.b…``."""

    name: str


@dataclass(frozen=True, slots=True)
class Const:
    """A constant term."""

    term: Term


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or function.

    ``op`` is the SPARQL operator (``=``, ``!=``, ``<``, ``>``, ``<=``, ``>=``, ``+``, ``-``,
    ``*``, ``/``, ``neg``, ``!``, ``&&``, ``||``, ``in``, ``not in``), the upper-case keyword of a
    built-in (``STR``, ``BOUND``, ``IF``, ``COALESCE`` ...) or the IRI of a function or cast.
    """

    op: str
    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Exists:
    """``EXISTS { plan }``, or ``NOT EXISTS`` when negated."""

    plan: Plan
    negated: bool = False


Expr = Var | Const | Call | Exists


@dataclass(frozen=True, slots=True)
class Aggregate:
    """``COUNT``, ``SUM``, ``MIN``, ``MAX``, ``AVG``, ``SAMPLE``, ``GROUP_CONCAT``.

    ``expr`` is None only for ``COUNT(*)``.
    """

    name: str
    expr: Expr | None
    distinct: bool = False
    separator: str = " "


# ----------------------------------------------------------------- plan nodes

Node = Var | IRI | BlankNode | RdfLiteral
GraphName = Var | IRI | None  # None is the default graph


@dataclass(frozen=True, slots=True)
class TriplePattern:
    """One triple pattern; constants are terms, the rest are variables."""

    subject: Node
    predicate: Node
    object: Node


@dataclass(frozen=True, slots=True)
class Unit:
    """One solution that binds nothing."""


@dataclass(frozen=True, slots=True)
class Empty:
    """No solution; ``variables`` keeps the schema."""

    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bgp:
    """A basic graph pattern in one graph."""

    patterns: tuple[TriplePattern, ...]
    graph: GraphName = None


@dataclass(frozen=True, slots=True)
class Values:
    """Inline data; None in a row is UNDEF."""

    variables: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class TermTable:
    """Solutions that already lie in Arrow, for example those a remote endpoint sent.

    ``table`` has a column per variable of type ``TERM_STRUCT`` (see :mod:`store.values`);
    a null is unbound.
    """

    variables: tuple[str, ...]
    table: pa.Table
    label: str = "table"


@dataclass(frozen=True, slots=True)
class RemoteScan:
    """A sub-plan that one remote source answers; replaced by a TermTable before emitting."""

    source: str
    plan: Plan
    variables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """``SERVICE``: an explicit remote leaf."""

    endpoint: Var | IRI
    plan: Plan
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Join:
    """Compatible merge of both sides."""

    left: Plan
    right: Plan


@dataclass(frozen=True, slots=True)
class SpatialJoin:
    """A join by a spatial predicate; made by a pass, never by the parser.

    ``condition`` holds for every result; ``residual`` are further filters to check after it.
    """

    left: Plan
    right: Plan
    condition: Call
    residual: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftJoin:
    """``OPTIONAL`` with its filter."""

    left: Plan
    right: Plan
    condition: Expr | None = None


@dataclass(frozen=True, slots=True)
class Union:
    """Bag union."""

    left: Plan
    right: Plan


@dataclass(frozen=True, slots=True)
class Minus:
    """``MINUS``."""

    left: Plan
    right: Plan


@dataclass(frozen=True, slots=True)
class Filter:
    """Solutions for which the condition has effective boolean value true."""

    condition: Expr
    child: Plan


@dataclass(frozen=True, slots=True)
class Extend:
    """``BIND`` and ``SELECT (… AS ?v)``; an error leaves the variable unbound."""

    variable: str
    expr: Expr
    child: Plan


@dataclass(frozen=True, slots=True)
class Group:
    """``GROUP BY`` keys (named expressions) with aggregates bound to variables."""

    keys: tuple[tuple[str, Expr], ...]
    aggregates: tuple[tuple[str, Aggregate], ...]
    child: Plan


@dataclass(frozen=True, slots=True)
class OrderKey:
    """One ``ORDER BY`` comparator."""

    expr: Expr
    descending: bool = False


@dataclass(frozen=True, slots=True)
class OrderBy:
    """Sorted solutions."""

    keys: tuple[OrderKey, ...]
    child: Plan


@dataclass(frozen=True, slots=True)
class Project:
    """Keep these variables, in this order."""

    variables: tuple[str, ...]
    child: Plan


@dataclass(frozen=True, slots=True)
class Distinct:
    """``DISTINCT``; ``REDUCED`` is answered the same way."""

    child: Plan


@dataclass(frozen=True, slots=True)
class Slice:
    """``OFFSET`` and ``LIMIT``."""

    child: Plan
    offset: int = 0
    limit: int | None = None


Plan = (
    Unit
    | Empty
    | Bgp
    | Values
    | TermTable
    | RemoteScan
    | Service
    | Join
    | SpatialJoin
    | LeftJoin
    | Union
    | Minus
    | Filter
    | Extend
    | Group
    | OrderBy
    | Project
    | Distinct
    | Slice
)


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query: its form, its plan and, by form, template, described terms, dataset."""

    form: Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]
    plan: Plan
    variables: tuple[str, ...] = ()
    template: tuple[TriplePattern, ...] = ()
    described: tuple[Var | IRI, ...] = ()
    default_graphs: tuple[IRI, ...] = ()
    named_graphs: tuple[IRI, ...] = ()
    prefixes: tuple[tuple[str, str], ...] = field(default=())
