"""Functions that give each solution a value of its own: RAND, UUID, STRUUID, BNODE.

SQL may compute an expression more than once a row, so what they draw is bound to a variable of the
pattern beneath, which SQL computes once. ``BNODE(text)`` takes from there which solution it is in:
equal texts give one blank node within a solution, and different ones in two solutions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from ontology import Literal

from ..algebra import Call, Const, Expr, Extend, Plan, Var

_ROW: Final = "row"
_DRAWN: Final = {"RAND": "RAND", "UUID": "STRUUID", "STRUUID": "STRUUID", "BNODE": "STRUUID"}

Fresh = Callable[[str], str]


def drawn_once(expr: Expr, plan: Plan, fresh: Fresh) -> tuple[Expr, Plan]:
    """Return the expression over what is drawn, and the plan that draws it once a solution.

    Examples
    --------
    >>> from ..algebra import Unit
    >>> drawn_once(Call("RAND", ()), Unit(), lambda kind: f".{kind}1")
    (Var(name='.v1'), Extend(variable='.v1', expr=Call(op='RAND', args=()), child=Unit()))
    """
    if not isinstance(expr, Call):
        return expr, plan
    arguments = []
    for argument in expr.args:
        made, plan = drawn_once(argument, plan, fresh)
        arguments.append(made)
    expr = replace(expr, args=tuple(arguments))
    if expr.op not in _DRAWN:
        return expr, plan
    if expr.args:
        row, plan = _row(plan, fresh)
        return Call("blank", (*expr.args, Var(row))), plan
    name = fresh("v")
    plan = Extend(name, Call(_DRAWN[expr.op], ()), plan)
    match expr.op:
        case "UUID":
            return Call("IRI", (Call("CONCAT", (Const(Literal("urn:uuid:")), Var(name))),)), plan
        case "BNODE":
            return Call("BNODE", (Var(name),)), plan
    return Var(name), plan


def _row(plan: Plan, fresh: Fresh) -> tuple[str, Plan]:
    """The variable that tells solutions apart, from an earlier BIND to the same ones if any."""
    below = plan
    while isinstance(below, Extend):
        if below.variable.startswith(f".{_ROW}"):
            return below.variable, plan
        below = below.child
    name = fresh(_ROW)
    return name, Extend(name, Call("STRUUID", ()), plan)
