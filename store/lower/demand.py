"""Which variables' node texts an expression reads: the rest is decoded last."""

from __future__ import annotations

from typing import Final

from ontology import LANE_DATATYPES, PREFIXES, Lane

from ..algebra import Aggregate, Call, Const, Exists, Expr, Var

_READS_TEXT: Final = frozenset(
    {"STR", "IRI", "URI", "resolve", "STRDT", LANE_DATATYPES[Lane.STRING]}
)
_READS_SECOND: Final = frozenset(PREFIXES[name] + "transform" for name in ("geof", "strdf"))
_PASSES_ON: Final = frozenset({"IF", "COALESCE"})


def text_demand(expr: Expr | Aggregate, *, whole: bool = False) -> frozenset[str]:
    """Variables whose node text must be decoded before the expression is evaluated.

    Parameters
    ----------
    expr : Expr or Aggregate
    whole : bool
        The text of the result itself is needed too, as for ``ORDER BY``.

    Examples
    --------
    >>> sorted(text_demand(Call("=", (Call("STR", (Var("a"),)), Var("b")))))
    ['a']
    """
    match expr:
        case Var(name):
            return frozenset({name}) if whole else frozenset()
        case Const() | Exists():
            return frozenset()
        case Aggregate(name, inner):
            if inner is None:
                return frozenset()
            return text_demand(inner, whole=name in ("GROUP_CONCAT", "MIN", "MAX"))
        case Call(op, args):
            return _of_call(op, args, whole)


def _of_call(op: str, args: tuple[Expr, ...], whole: bool) -> frozenset[str]:
    needed = [op in _READS_TEXT or (whole and op in _PASSES_ON)] * len(args)
    if op == "IF":
        needed[0] = False
    if op in _READS_SECOND:
        needed[1:] = [True] * (len(args) - 1)
    found = (text_demand(arg, whole=need) for arg, need in zip(args, needed, strict=True))
    return frozenset().union(*found)
