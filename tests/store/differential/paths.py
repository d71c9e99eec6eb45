"""Random property paths; brackets are written so that each operator can be told apart."""

from __future__ import annotations

from .drawing import Drawing
from .terms import PREDICATES

FORMS = ("^", "/", "|", "*", "+", "?", "!", "!^", "!(|)")


def path(drawing: Drawing, depth: int) -> str:
    if depth <= 0:
        return str(drawing.one_of(PREDICATES))
    return path_of(drawing, drawing.one_of(FORMS), depth)


def path_of(drawing: Drawing, form: str, depth: int) -> str:
    """A path with this operator outermost."""
    iri = drawing.one_of(PREDICATES)
    match form:
        case "!" | "!^":
            return f"{form}{iri}"
        case "!(|)":
            other = drawing.pick("", "^") + drawing.one_of(PREDICATES)
            return f"!({drawing.pick('', '^')}{iri}|{other})"
    inner = path(drawing, depth - 1 - drawing.number(0, 1))
    match form:
        case "^":
            return f"^({inner})"
        case "/" | "|":
            return f"(({inner}){form}({path(drawing, depth - 1)}))"
        case _:
            return f"({inner}){form}"
