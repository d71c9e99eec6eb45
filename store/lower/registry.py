"""Every operator and function in one table a kind; what is in none raises a named error.

``SPECIAL`` take their arguments unlowered (an error in one is not an error of the whole),
``LOWERED`` take values, ``REFUSED`` say why not. ``docs/functions.md`` is made from these.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from ontology import PREFIXES, UnsupportedError

from ..algebra import Call
from ..engine.limits import check_limit
from ..values import Value
from . import casts, dates, logic, numbers, strings, terms
from .binding import with_bound
from .compare import equal, ordered, same_term, unequal
from .geometry.functions import GEO_FUNCTIONS, GEO_REFUSED
from .periods import PERIOD_FUNCTIONS, PERIOD_SPECIAL
from .scope import Context
from .shapes import error, truth
from .sql import Sql

MANY: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Function:
    """How a call is lowered, and how many arguments it takes."""

    lower: Callable[..., Value]
    least: int
    most: int


def _arithmetic(op: str, left: Value, right: Value) -> Value:
    return numbers.arithmetic(op, left, right) or error()


def _unary(functions: dict[numbers.Kind, str | None], value: Value) -> Value:
    return numbers.unary(value, functions) or error()


def _each(name: str, *, integers: bool) -> partial[Value]:
    whole = name if integers else None
    names: dict[numbers.Kind, str | None] = {
        "integer": whole, "decimal": name, "float": name, "double": name
    }  # fmt: skip
    return partial(_unary, names)


def _compared(function: Callable[[Value, Value], Sql]) -> Callable[[Value, Value], Value]:
    return lambda left, right: truth(function(left, right))


def _plus(value: Value) -> Value:
    return numbers.unary(value, dict.fromkeys(numbers.ORDER)) or error()


SPECIAL: Final[Mapping[str, Function]] = {
    "&&": Function(logic.conjunction, 1, MANY),
    "||": Function(logic.disjunction, 1, MANY),
    "!": Function(logic.negation, 1, 1),
    "BOUND": Function(logic.bound, 1, 1),
    "IF": Function(logic.conditional, 3, 3),
    "COALESCE": Function(logic.coalesce, 0, MANY),
    "in": Function(logic.contained, 1, MANY),
    "not in": Function(logic.not_contained, 1, MANY),
    **{iri: Function(f, least, most) for iri, (f, least, most) in PERIOD_SPECIAL.items()},
}

LOWERED: Final[Mapping[str, Function]] = {
    "=": Function(_compared(equal), 2, 2),
    "!=": Function(_compared(unequal), 2, 2),
    **{op: Function(_compared(partial(ordered, op)), 2, 2) for op in ("<", ">", "<=", ">=")},
    **{op: Function(partial(_arithmetic, op), 2, 2) for op in ("+", "-", "*", "/")},
    "neg": Function(_each("-", integers=True), 1, 1),
    "pos": Function(_plus, 1, 1),
    "SAMETERM": Function(_compared(same_term), 2, 2),
    "ISIRI": Function(terms.is_iri, 1, 1),
    "ISURI": Function(terms.is_iri, 1, 1),
    "ISBLANK": Function(terms.is_blank, 1, 1),
    "ISLITERAL": Function(terms.is_literal, 1, 1),
    "ISNUMERIC": Function(terms.is_numeric, 1, 1),
    "STR": Function(terms.string, 1, 1),
    "LANG": Function(terms.lang, 1, 1),
    "DATATYPE": Function(terms.datatype, 1, 1),
    "IRI": Function(terms.iri, 1, 1),
    "URI": Function(terms.iri, 1, 1),
    "BNODE": Function(terms.blank_node, 0, 1),
    "STRDT": Function(terms.typed, 2, 2),
    "STRLANG": Function(terms.tagged, 2, 2),
    "UUID": Function(terms.uuid, 0, 0),
    "STRUUID": Function(terms.struuid, 0, 0),
    "RAND": Function(terms.rand, 0, 0),
    "NOW": Function(dates.now, 0, 0),
    "ABS": Function(_each("abs", integers=True), 1, 1),
    "CEIL": Function(_each("ceil", integers=False), 1, 1),
    "FLOOR": Function(_each("floor", integers=False), 1, 1),
    "ROUND": Function(_each("half up", integers=False), 1, 1),
    "STRLEN": Function(strings.length, 1, 1),
    "SUBSTR": Function(strings.substring, 2, 3),
    "UCASE": Function(strings.upper, 1, 1),
    "LCASE": Function(strings.lower, 1, 1),
    "STRSTARTS": Function(strings.starts, 2, 2),
    "STRENDS": Function(strings.ends, 2, 2),
    "CONTAINS": Function(strings.contains, 2, 2),
    "STRBEFORE": Function(strings.before, 2, 2),
    "STRAFTER": Function(strings.after, 2, 2),
    "ENCODE_FOR_URI": Function(strings.encode_for_uri, 1, 1),
    "CONCAT": Function(strings.concat, 0, MANY),
    "LANGMATCHES": Function(strings.lang_matches, 2, 2),
    "REGEX": Function(strings.matches, 2, 3),
    "REPLACE": Function(strings.replace, 3, 4),
    "YEAR": Function(dates.year, 1, 1),
    "MONTH": Function(dates.month, 1, 1),
    "DAY": Function(dates.day, 1, 1),
    "HOURS": Function(dates.hours, 1, 1),
    "MINUTES": Function(dates.minutes, 1, 1),
    "SECONDS": Function(dates.seconds, 1, 1),
    "TIMEZONE": Function(dates.timezone, 1, 1),
    "TZ": Function(dates.zone_name, 1, 1),
    "MD5": Function(terms.md5, 1, 1),
    "SHA1": Function(terms.sha1, 1, 1),
    "SHA256": Function(terms.sha256, 1, 1),
    "SHA384": Function(terms.sha384, 1, 1),
    "SHA512": Function(terms.sha512, 1, 1),
    **{iri: Function(cast, 1, 1) for iri, cast in casts.XSD_CASTS.items()},
    **{iri: Function(f, least, most) for iri, (f, least, most) in GEO_FUNCTIONS.items()},
    **{iri: Function(f, least, most) for iri, (f, least, most) in PERIOD_FUNCTIONS.items()},
}

INTERNAL: Final[Mapping[str, Function]] = {
    "blank": Function(terms.blank_node, 2, 2),
    "resolve": Function(terms.resolved, 2, 2),
}
"""What the parser makes of a ``BNODE(text)`` and of an ``IRI(text)`` below a BASE."""

REFUSED: Final[Mapping[str, str]] = GEO_REFUSED


def lower_call(call: Call, context: Context) -> Value:
    """Lower an operator or function call.

    Raises
    ------
    UnsupportedError
        The function is unknown, refused, or has the wrong number of arguments.
    """
    check_limit()
    special = SPECIAL.get(call.op)
    if special is not None:
        _check(call, special)
        return special.lower(context, call)
    function = LOWERED.get(call.op) or INTERNAL.get(call.op)
    if function is None:
        raise _unknown(call.op)
    _check(call, function)
    return with_bound([context.value(arg) for arg in call.args], function.lower)


def _check(call: Call, function: Function) -> None:
    found = len(call.args)
    if function.least <= found <= function.most:
        return
    wanted = str(function.least)
    if function.most >= MANY:
        wanted = f"at least {wanted}"
    elif function.most != function.least:
        wanted = f"{wanted} to {function.most}"
    raise UnsupportedError(
        f"{shown(call.op)} takes {wanted} arguments, but {found} were given", where=shown(call.op)
    )


def _unknown(op: str) -> UnsupportedError:
    if op in REFUSED:
        return UnsupportedError(f"{shown(op)} is not supported", why=REFUSED[op])
    known = {shown(name): name for name in (*SPECIAL, *LOWERED)}
    near = difflib.get_close_matches(shown(op), known, n=1, cutoff=0.6)
    return UnsupportedError(
        f"The function {shown(op)} is not known",
        where=op,
        remedy=f"did you mean {near[0]}?" if near else "docs/functions.md lists all functions",
    )


def shown(op: str) -> str:
    """The name with a well-known prefix instead of its namespace."""
    for prefix, namespace in PREFIXES.items():
        if op.startswith(namespace):
            return f"{prefix}:{op.removeprefix(namespace)}"
    return op
