"""The query plan: frozen, typed nodes of the SPARQL 1.1 algebra (section 18.2).

Parsing makes them, passes rewrite them, :mod:`store.emit` turns them into SQL. Federation
builds the same nodes with :class:`RemoteScan` leaves. Nothing else describes a query.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from ontology import IRI, BlankNode, Term, UsageError
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
    """``COUNT``, ``SUM``, ``MIN``, ``MAX``, ``AVG``, ``SAMPLE``, ``GROUP_CONCAT``, or an IRI.

    ``expr`` is None only for ``COUNT(*)``; ``parameters`` are further arguments, the same for all
    rows.
    """

    name: str
    expr: Expr | None
    distinct: bool = False
    separator: str = " "
    parameters: tuple[Const, ...] = ()


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
class Window:
    """A box that every geometry a variable may take must meet; made by a pass.

    ``box`` is (xmin, ymin, xmax, ymax), easting or longitude first, in the CRS ``crs`` (an IRI).
    With ``empty`` only geometries that have no box are meant, and nothing that is no geometry.
    """

    variable: str
    box: tuple[float, float, float, float]
    crs: str
    empty: bool = False


@dataclass(frozen=True, slots=True)
class ValueRange:
    """Where every value a variable may take must lie; made by a pass.

    Attributes
    ----------
    variable : str
    kind : str
        What the values are compared as; a value of another kind is none of them. ``time`` are dates
        and dateTimes alike.
    low, high : float or str, optional
        Ends, included; None is no bound. Times are seconds since 1970, as stored: in UTC, or as
        written where there is no zone.
    nodes : tuple of IRI
        All a node may be.
    """

    variable: str
    kind: Literal["node", "text", "number", "date", "dateTime", "time"]
    low: float | str | None = None
    high: float | str | None = None
    nodes: tuple[IRI, ...] = ()


@dataclass(frozen=True, slots=True)
class Bgp:
    """A basic graph pattern in one graph.

    ``windows`` and ``ranges`` only spare reading, they never decide.
    """

    patterns: tuple[TriplePattern, ...]
    graph: GraphName = None
    windows: tuple[Window, ...] = ()
    ranges: tuple[ValueRange, ...] = ()


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
class Given:
    """Solutions that the statement being emitted already has under a name; never in a query."""

    name: str
    variables: tuple[str, ...]


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
class Closure:
    """A path ``step?``, ``step*`` or ``step+`` between two ends (SPARQL 1.1 section 9.3).

    ``step`` is the plan of one step; its variables ``start`` and ``end`` are the step's ends.
    ``graph`` is where the nodes of zero-length paths come from.
    """

    subject: Node
    object: Node
    step: Plan
    start: str
    end: str
    sign: Literal["?", "*", "+"]
    graph: GraphName = None


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
class Nearest:
    """The solutions that come first going up by a distance, among others; made by a pass.

    Among them are the ``count`` first of ``child``, where errors come before all, and every one
    that ties with the last of these.

    Attributes
    ----------
    child : Plan
    key : Expr
        The distance.
    count : int
    variable : str
        The geometry it is measured from.
    steps : tuple of (Window, float)
        Boxes to look in, the smallest first, and up to which distance a box holds all there is.
    """

    child: Plan
    key: Expr
    count: int
    variable: str
    steps: tuple[tuple[Window, float], ...]


@dataclass(frozen=True, slots=True)
class IntervalJoin:
    """A join by when two things are, each end a comparison; made by a pass, never by the parser.

    ``conditions`` (relations of periods, or comparisons) hold for every result; ``residual`` are
    further filters to check after them.
    """

    left: Plan
    right: Plan
    conditions: tuple[Call, ...]
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
    """``MINUS``.

    ``apart`` are variables that must be equal on both sides but do not count as shared: the graph
    of a ``GRAPH ?g`` around it.
    """

    left: Plan
    right: Plan
    apart: tuple[str, ...] = ()


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
    """``OFFSET`` and ``LIMIT``; ``per`` are variables of whose every binding it is counted anew."""

    child: Plan
    offset: int = 0
    limit: int | None = None
    per: tuple[str, ...] = ()


Plan = (
    Unit
    | Empty
    | Bgp
    | Values
    | TermTable
    | Given
    | RemoteScan
    | Service
    | Closure
    | Join
    | SpatialJoin
    | IntervalJoin
    | Nearest
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
class Inference:
    """What a query is answered from beside the asserted triples; see docs/decisions/0005.

    Attributes
    ----------
    topology : {"asserted", "computed", "both"}
        Triples of the topological properties (``geo:sfWithin`` …).
    properties : {"asserted", "both"}
        Whether a geometry without them gets ``geo:dimension``, ``geo:hasMetricArea`` … computed.
    classes : bool
        RDFS entailment with the GeoSPARQL vocabulary and the schema in the data.

    Raises
    ------
    UsageError
        A value is none of these.
    """

    topology: Literal["asserted", "computed", "both"] = "both"
    properties: Literal["asserted", "both"] = "both"
    classes: bool = False

    def __post_init__(self) -> None:
        for name, known in (
            ("topology", ("asserted", "computed", "both")),
            ("properties", ("asserted", "both")),
            ("classes", (False, True)),
        ):
            value = getattr(self, name)
            if value not in known:
                raise UsageError(
                    f"There is no {name} {value!r} to answer from",
                    where=f"Inference({name}=…)",
                    remedy="give " + " or ".join(map(repr, known)),
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


# ------------------------------------------------------------------ traversal


def map_plans(plan: Plan, change: Callable[[Plan], Plan]) -> Plan:
    """The same node with its child plans changed; plans inside EXISTS are not children."""
    match plan:
        case Join() | SpatialJoin() | IntervalJoin() | LeftJoin() | Union() | Minus():
            return replace(plan, left=change(plan.left), right=change(plan.right))
        case Filter() | Extend() | Group() | OrderBy() | Project() | Distinct() | Slice():
            return replace(plan, child=change(plan.child))
        case Nearest():
            return replace(plan, child=change(plan.child))
        case RemoteScan() | Service():
            return replace(plan, plan=change(plan.plan))
        case Closure():
            return replace(plan, step=change(plan.step))
    return plan


def child_plans(plan: Plan) -> tuple[Plan, ...]:
    """The child plans of a node; plans inside EXISTS are not children."""
    children: list[Plan] = []

    def note(child: Plan) -> Plan:
        children.append(child)
        return child

    map_plans(plan, note)
    return tuple(children)


def map_expressions(plan: Plan, change: Callable[[Expr], Expr]) -> Plan:
    """The same node with every sub-expression of its own expressions changed, inner first."""
    deep = partial(_changed, change=change)
    match plan:
        case Filter():
            return replace(plan, condition=deep(plan.condition))
        case LeftJoin() if plan.condition is not None:
            return replace(plan, condition=deep(plan.condition))
        case Extend():
            return replace(plan, expr=deep(plan.expr))
        case Nearest():
            return replace(plan, key=deep(plan.key))
        case OrderBy():
            return replace(plan, keys=tuple(replace(k, expr=deep(k.expr)) for k in plan.keys))
        case Group():
            keys = tuple((name, deep(expr)) for name, expr in plan.keys)
            aggregates = tuple(
                (name, a if a.expr is None else replace(a, expr=deep(a.expr)))
                for name, a in plan.aggregates
            )
            return replace(plan, keys=keys, aggregates=aggregates)
    return plan


def _changed(expr: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """No function within the other one: that would hold what ``change`` holds in a circle."""
    if isinstance(expr, Call):
        expr = Call(expr.op, tuple(_changed(arg, change) for arg in expr.args))
    return change(expr)


def own_expressions(plan: Plan, note: Callable[[Expr], None]) -> None:
    """Hand over the expressions of a node, whole, without going into them."""
    match plan:
        case Filter():
            note(plan.condition)
        case LeftJoin() if plan.condition is not None:
            note(plan.condition)
        case Extend():
            note(plan.expr)
        case Nearest():
            note(plan.key)
        case OrderBy():
            for key in plan.keys:
                note(key.expr)
        case Group():
            for _, expr in plan.keys:
                note(expr)
            for _, aggregate in plan.aggregates:
                if aggregate.expr is not None:
                    note(aggregate.expr)


def expression_variables(expr: Expr) -> Set[str]:
    """Variables an expression reads, those an EXISTS could share with its surroundings too."""
    match expr:
        case Var(name):
            return {name}
        case Call(_, args):
            return set().union(*(expression_variables(arg) for arg in args))
        case Exists(plan):
            return mentioned(plan)
        case Const():
            return frozenset()


def mentioned(plan: Plan) -> Set[str]:
    """Every variable a plan writes or reads, at any depth."""
    found = set(visible(plan))

    def note(expr: Expr) -> Expr:
        found.update(expression_variables(expr))
        return expr

    map_expressions(plan, note)
    return found.union(*(mentioned(child) for child in child_plans(plan)))


def visible(plan: Plan) -> Set[str]:
    """The in-scope variables of a plan (SPARQL 1.1 section 18.2.1), by first appearance."""
    return dict.fromkeys(_visible(plan)).keys()


def _visible(plan: Plan) -> Iterator[str]:
    match plan:
        case Bgp(patterns, graph):
            for pattern in patterns:
                nodes = (pattern.subject, pattern.predicate, pattern.object)
                yield from (node.name for node in nodes if isinstance(node, Var))
            if isinstance(graph, Var):
                yield graph.name
        case Closure():
            ends = (plan.subject, plan.object, plan.graph)
            yield from (node.name for node in ends if isinstance(node, Var))
        case Project() | Values() | TermTable() | Given() | RemoteScan() | Empty():
            yield from plan.variables
        case Service():
            if isinstance(plan.endpoint, Var):
                yield plan.endpoint.name
            yield from _visible(plan.plan)
        case Join() | SpatialJoin() | IntervalJoin() | LeftJoin() | Union():
            yield from _visible(plan.left)
            yield from _visible(plan.right)
        case Minus():
            yield from _visible(plan.left)
        case Extend():
            yield from _visible(plan.child)
            yield plan.variable
        case Group():
            yield from (name for name, _ in (*plan.keys, *plan.aggregates))
        case Filter() | OrderBy() | Distinct() | Slice() | Nearest():
            yield from _visible(plan.child)
        case Unit():
            return
