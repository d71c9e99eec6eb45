"""Random expressions: calls within calls, mostly of fitting kinds."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from .calls import CONSTANTS, FORMS, Form
from .drawing import VARIABLES, Drawing
from .rewriting import TRUTH
from .terms import LITERALS, NODES, NUMERIC, TEXTUAL

RESULTS = ("boolean", "number", "string", "iri", "time")
_LANES = {
    "boolean": ("boolean",),
    "number": NUMERIC,
    "string": TEXTUAL,
    "text": TEXTUAL,
    "time": ("dateTime", "date"),
}
_GIVES = {"any": "term", "text": "string"}
_ANYTHING = tuple(text for texts in LITERALS.values() for text in texts)

Group = Callable[[Drawing, int], str]


@cache
def _forms(result: str) -> tuple[Form, ...]:
    return tuple(form for form in FORMS if form.result == result)


class Expressions:
    """Expressions; ``group`` makes what stands in EXISTS."""

    def __init__(self, group: Group) -> None:
        self._group = group

    def of(self, drawing: Drawing, kind: str, depth: int) -> str:
        """An expression of about this kind; one in eight is of another."""
        if kind in CONSTANTS and not drawing.chance(6):
            return str(drawing.one_of(CONSTANTS[kind]))
        if kind == "variable":
            return drawing.variable()
        kind = self._loosely(drawing, kind)
        if depth <= 0 or kind == "leaf" or drawing.chance(3):
            return self._leaf(drawing, kind)
        form = drawing.one_of(_forms(_GIVES.get(kind, kind)))
        if "group" in form.arguments and drawing.chance(2):
            return self._leaf(drawing, kind)
        return self.call(drawing, form, depth - 1)

    def _loosely(self, drawing: Drawing, kind: str) -> str:
        if kind == "lexical":
            return str(drawing.pick("leaf", "text", "iri", "boolean"))
        if kind in ("term", "ordered") or (kind != "text" and drawing.chance(8)):
            return str(drawing.pick(*RESULTS, "any"))
        return kind if kind in (*RESULTS, "text", "leaf") else "string"

    def call(self, drawing: Drawing, form: Form, depth: int) -> str:
        """The call with arguments of its own kinds; ``same`` is of the kind of the first."""
        first = drawing.one_of(RESULTS)
        arguments = []
        for kind in form.arguments:
            if kind == "group":
                arguments.append(f"{{ {self._group(drawing, depth)} }}")
                continue
            drawn = first if kind in ("term", "ordered", "same") else kind
            argument = self.of(drawing, drawn, depth)
            arguments.append(f"{TRUTH[0]}{argument}{TRUTH[1]}" if kind == "boolean" else argument)
        return form.text.format(*arguments)

    def _leaf(self, drawing: Drawing, kind: str) -> str:
        if not drawing.chance(3):
            computed = drawing.computed if kind in ("number", "any") else ()
            return str(drawing.one_of((*VARIABLES, *computed)))
        if kind == "iri":
            return str(drawing.one_of(NODES))
        if kind in _LANES and not drawing.chance(4):
            return str(drawing.one_of(LITERALS[drawing.one_of(_LANES[kind])]))
        return str(drawing.one_of(_ANYTHING))
