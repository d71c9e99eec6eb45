"""Rewrite passes: one file, one function, one fixture each. PASSES is the order."""

from .driver import PASSES, Pass, Step, optimise
from .printer import format_expr, format_head, format_node, format_plan

__all__ = [
    "PASSES",
    "Pass",
    "Step",
    "format_expr",
    "format_head",
    "format_node",
    "format_plan",
    "optimise",
]
