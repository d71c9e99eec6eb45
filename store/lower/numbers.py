"""Numbers: promotion integer < decimal < float < double, comparison, arithmetic.

SPARQL 1.1 section 17.3. A value's *parts* are its typed expressions by numeric kind, each
NULL in rows of another kind, so a mixed operation is a COALESCE over the pairs that can occur.
"""

from __future__ import annotations

from typing import Final, Literal

from sqlglot import exp

from ontology import LANE_DATATYPES, Lane

from ..values import Facet, Value, tag
from . import sql
from .binding import let, named, pack, unpacked
from .constants import INTEGERS
from .shapes import NUMBER_LANES, XSD, has_lane, of_lane
from .sql import Sql

Kind = Literal["integer", "decimal", "float", "double"]
ORDER: Final[tuple[Kind, ...]] = ("integer", "decimal", "float", "double")
_LANE: Final[dict[Kind, Lane]] = {
    "integer": Lane.INTEGER,
    "decimal": Lane.DECIMAL,
    "float": Lane.FLOAT,
    "double": Lane.DOUBLE,
}
DECIMAL: Final = "DECIMAL(38, 12)"


def parts(value: Value) -> dict[Kind, Sql]:
    """Typed expressions of the numeric kinds the value can have, each NULL in other rows."""
    found = {kind: of_lane(value, lane) for kind, lane in _LANE.items() if lane in value.lanes}
    if Lane.OTHER not in value.lanes or not value.has("double"):
        return found
    for kind, node in _other_parts(value).items():
        found[kind] = sql.first_of([found[kind], node]) if kind in found else node
    return {kind: found[kind] for kind in ORDER if kind in found}


def _other_parts(value: Value) -> dict[Kind, Sql]:
    name, double = value.get("datatype"), value.get("double")
    numeric = [has_lane(value, (Lane.OTHER,)), sql.not_null(double)]
    derived = sql.one_of(name, [sql.string(iri) for iri in sorted(INTEGERS)])
    single = sql.binary("=", name, sql.string(XSD + "float"))
    whole = sql.try_cast(value.get("text"), "BIGINT")
    return {
        "integer": sql.when(sql.every([*numeric, derived]), whole),
        "float": sql.when(sql.every([*numeric, single]), double),
        "double": sql.when(
            sql.every(
                [
                    *numeric,
                    sql.negate(single),
                    sql.any_of([sql.negate(derived), sql.is_null(whole)]),
                ]
            ),
            double,
        ),
    }


def is_number(value: Value) -> Sql:
    """SQL: the row is a number; NULL when unbound."""
    plain = has_lane(value, NUMBER_LANES)
    if Lane.OTHER not in value.lanes or not value.has("double"):
        return plain
    odd = sql.every([has_lane(value, (Lane.OTHER,)), sql.not_null(value.get("double"))])
    return sql.any_of([plain, odd]) if value.lanes & NUMBER_LANES else odd


def higher(left: Kind, right: Kind) -> Kind:
    """The kind both are promoted to."""
    return max(left, right, key=ORDER.index)


def promote(node: Sql, source: Kind, target: Kind) -> Sql:
    """The number as the target kind."""
    if source == target:
        return node
    if target == "decimal":
        return sql.cast(node, DECIMAL)
    if target == "float":
        return sql.cast(sql.cast(node, "FLOAT"), "DOUBLE")
    return sql.cast(node, "DOUBLE")


def compare(op: str, left: Value, right: Value) -> Sql | None:
    """Numeric comparison, NULL where a side is not a number; None if that is always so."""
    sides = {"p1": parts(left), "p2": parts(right)}
    if not all(sides.values()):
        return None
    if Lane.OTHER not in left.lanes | right.lanes:
        return _compared(op, left, right, *sides.values())
    named_parts = [
        {kind: sql.field(named(name), kind) for kind in found} for name, found in sides.items()
    ]
    bindings = {name: sql.struct(list(found.items())) for name, found in sides.items()}
    return let(bindings, _compared(op, left, right, *named_parts))


def _compared(
    op: str, left: Value, right: Value, left_parts: dict[Kind, Sql], right_parts: dict[Kind, Sql]
) -> Sql:
    pairs = [
        _compare(op, (lk, ln), (rk, rn), left, right)
        for lk, ln in left_parts.items()
        for rk, rn in right_parts.items()
    ]
    return sql.first_of(pairs)


def _compare(op: str, left: tuple[Kind, Sql], right: tuple[Kind, Sql], lv: Value, rv: Value) -> Sql:
    kind = higher(left[0], right[0])
    a, b = promote(left[1], left[0], kind), promote(right[1], right[0], kind)
    plain = sql.binary(op, a, b)
    if kind not in ("float", "double"):
        return plain
    doubtful = [
        (node, other)
        for node, other, v, source in ((a, b, lv, left[0]), (b, a, rv, right[0]))
        if source in ("float", "double") and (v.maybe_nan or Lane.OTHER in v.lanes)
    ]
    if not doubtful:
        return plain
    tests = [sql.func("isnan", node) for node, _ in doubtful]
    if op == "!=":
        made = sql.any_of([plain, *tests])
    else:
        made = sql.every([plain, *map(sql.negate, tests)])
    errors = [sql.not_null(other) for _, other in doubtful if not _is_constant(other)]
    return sql.when(sql.every(errors), made) if errors else made


def _is_constant(node: Sql) -> bool:
    while isinstance(node, exp.Cast):
        node = node.this
    return isinstance(node, exp.Literal)


def arithmetic(op: str, left: Value, right: Value) -> Value | None:
    """``+ - * /`` with promotion; None when a side can never be a number."""
    sides = {"p1": parts(left), "p2": parts(right)}
    if not all(sides.values()):
        return None
    if Lane.OTHER not in left.lanes | right.lanes:
        return _combined(op, *sides.values())
    named_parts = [
        {kind: sql.field(named(name), kind) for kind in found} for name, found in sides.items()
    ]
    made = _combined(op, *named_parts)
    bindings = {name: sql.struct(list(found.items())) for name, found in sides.items()}
    return unpacked(made, let(bindings, pack(made)))


def _combined(op: str, left: dict[Kind, Sql], right: dict[Kind, Sql]) -> Value:
    by_kind: dict[Kind, list[Sql]] = {}
    for lk, ln in left.items():
        for rk, rn in right.items():
            kind = higher(lk, rk)
            if op == "/" and kind == "integer":
                kind = "decimal"
            node = _apply(op, promote(ln, lk, kind), promote(rn, rk, kind), kind)
            by_kind.setdefault(kind, []).append(node)
    return number({kind: sql.first_of(by_kind[kind]) for kind in ORDER if kind in by_kind})


def _apply(op: str, left: Sql, right: Sql, kind: Kind) -> Sql:
    if kind == "integer":
        return sql.guarded(sql.binary(op, left, right))
    if kind == "decimal":
        return _decimal(op, left, right)
    node = _divide_real(left, right) if op == "/" else sql.binary(op, left, right)
    return promote(node, "double", "float") if kind == "float" else node


def _decimal(op: str, left: Sql, right: Sql) -> Sql:
    if op in ("+", "-"):
        return sql.guarded(sql.cast(sql.binary(op, left, right), DECIMAL))
    real = (sql.cast(left, "DOUBLE"), sql.cast(right, "DOUBLE"))
    if op == "*":
        exact = sql.guarded(sql.cast(sql.binary("*", left, right), DECIMAL))
        return sql.first_of([exact, sql.try_cast(sql.binary("*", *real), DECIMAL)])
    divisor = sql.func("nullif", real[1], sql.number(0))
    return sql.try_cast(sql.quotient(real[0], divisor), DECIMAL)


def _divide_real(left: Sql, right: Sql) -> Sql:
    zero = sql.number(0)
    quotient = sql.quotient(left, right)
    nan = sql.cast(sql.string("NaN"), "DOUBLE")
    both = sql.every([sql.binary("=", left, zero), sql.binary("=", right, zero)])
    return sql.case([(both, nan)], quotient)


def number(by_kind: dict[Kind, Sql]) -> Value:
    """A number from expressions by kind, each NULL where another kind holds."""
    facets: dict[Facet, Sql] = {}
    reals = [by_kind[kind] for kind in ("float", "double") if kind in by_kind]
    for kind in ("integer", "decimal"):
        if kind in by_kind:
            facets[kind] = by_kind[kind]
    if reals:
        facets["double"] = sql.first_of(reals)
    tags = [(sql.not_null(node), tag(_LANE[kind])) for kind, node in by_kind.items()]
    lanes = frozenset(_LANE[kind] for kind in by_kind)
    return Value(lanes, {"tag": sql.case(tags), **facets}, maybe_nan=bool(reals))


def unary(value: Value, functions: dict[Kind, str | None]) -> Value | None:
    """ABS, CEIL, FLOOR, ROUND, minus: one SQL function a kind, None leaves the number as it is."""
    by_kind = {kind: _unary(node, kind, functions[kind]) for kind, node in parts(value).items()}
    return number(by_kind) if by_kind else None


def _unary(node: Sql, kind: Kind, name: str | None) -> Sql:
    if name is None:
        return node
    if name == "half up":
        half = sql.cast(sql.number("0.5"), "DOUBLE" if kind in ("float", "double") else DECIMAL)
        made = sql.func("floor", sql.binary("+", node, half))
    elif name == "-":
        made = exp.Neg(this=exp.Paren(this=sql.own(node)))
    else:
        made = sql.func(name, node)
    types = {"integer": "BIGINT", "decimal": DECIMAL, "float": "DOUBLE", "double": "DOUBLE"}
    return sql.guarded(sql.cast(made, types[kind]))


def datatype_of(kind: Kind) -> str:
    """Datatype IRI of a numeric kind."""
    return LANE_DATATYPES[_LANE[kind]]
