"""A federated plan as text: what stays local, what each source is asked, what was left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ontology import UnsupportedError
from store import algebra as al

from .report import CompletenessReport
from .scope import rewrite_below
from .selection import show
from .writer import write_expression, write_select

Rows = Callable[[al.Plan], float | None]


def explain_plan(plan: al.Plan, report: CompletenessReport, rows: Rows) -> str:
    """Return the plan as an indented tree, then each source's part and the reasons.

    Parameters
    ----------
    plan : store.algebra.Plan
        With its remote leaves.
    report : CompletenessReport
        After source selection.
    rows : callable (plan) -> float or None
        Expected rows of a leaf.
    """
    lines = ["plan", *_tree(plan, 1, rows), "sources"]
    for source in report.sources:
        lines.append(f"  {source.name} ({source.address}): {source.requests} requests so far")
        lines += [f"    {reason}" for reason in (*source.reasons, *source.left_out)]
    return "\n".join(lines)


def _expected(rows: float | None) -> str:
    return "rows unknown" if rows is None else f"about {rows:.0f} rows"


def _tree(plan: al.Plan, depth: int, rows: Rows) -> Iterator[str]:
    indent = "  " * depth
    match plan:
        case al.RemoteScan(source, inner, variables):
            yield f"{indent}RemoteScan {source}, {_expected(rows(plan))}"
            yield f"{indent}  {write_select(al.Project(variables, inner))}"
            return
        case al.Service():
            yield f"{indent}Service {plan.endpoint}{' SILENT' if plan.silent else ''}"
            return
        case al.Bgp():
            yield f"{indent}Local patterns, {_expected(rows(plan))}"
            yield from (f"{indent}  {show(pattern)}" for pattern in plan.patterns)
            return
    yield f"{indent}{type(plan).__name__}{_detail(plan)}"
    below: list[al.Plan] = []

    def note(child: al.Plan) -> al.Plan:
        below.append(child)
        return child

    rewrite_below(plan, note)
    for child in below:
        yield from _tree(child, depth + 1, rows)


def _detail(plan: al.Plan) -> str:
    match plan:
        case al.Filter() if not _holds_exists(plan.condition):
            return f" {_text(plan.condition)}"
        case al.Extend() if not _holds_exists(plan.expr):
            return f" ?{plan.variable} = {_text(plan.expr)}"
        case al.Project(variables):
            return " " + " ".join(f"?{name}" for name in variables)
        case al.Slice():
            return f" offset {plan.offset}, limit {plan.limit}"
    return ""


def _text(expr: al.Expr) -> str:
    try:
        return write_expression(expr)
    except UnsupportedError:
        return "(local)"


def _holds_exists(expr: al.Expr) -> bool:
    if isinstance(expr, al.Call):
        return any(_holds_exists(argument) for argument in expr.args)
    return isinstance(expr, al.Exists)
