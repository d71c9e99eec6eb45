"""Random graph patterns: every operator of the algebra, nested."""

from __future__ import annotations

from .calls import Form
from .drawing import VARIABLES, Drawing
from .expressions import Expressions
from .paths import FORMS as PATHS
from .paths import path_of
from .rewriting import TRUTH
from .terms import GRAPHS, LITERALS, NODES, PREDICATES

_COMMON = PREDICATES[0]
OPERATORS = (
    "triples", "blank node", "path", "OPTIONAL", "OPTIONAL filter", "UNION", "MINUS", "FILTER",
    "GRAPH iri", "GRAPH variable", "VALUES", "UNDEF", "BIND", "nested group", "sub-SELECT",
    "sub-SELECT DISTINCT LIMIT", "sub-SELECT aggregate",
)  # fmt: skip


def triple(drawing: Drawing) -> str:
    """A triple pattern, the predicate mostly constant and the ends mostly variables."""
    predicate = drawing.variable() if drawing.chance(8) else drawing.one_of((_COMMON, *PREDICATES))
    subject = _subject(drawing)
    return f"{subject} {predicate} {_object(drawing, subject)} ."


def triples(drawing: Drawing, most: int = 2) -> str:
    count = drawing.number(1, most) if drawing.chance(2) else 1
    return " ".join(triple(drawing) for _ in range(count))


def _subject(drawing: Drawing) -> str:
    return str(drawing.one_of(NODES)) if drawing.chance(8) else drawing.variable()


def _object(drawing: Drawing, subject: str = "") -> str:
    """Mostly another variable than the subject."""
    if drawing.chance(8):
        literals = (text for kind in drawing.kinds for text in LITERALS[kind])
        return str(drawing.pick(*NODES, *literals))
    others = tuple(name for name in VARIABLES if name != subject)
    return str(drawing.one_of(VARIABLES if drawing.chance(8) else others))


def group(drawing: Drawing, depth: int) -> str:
    """What stands between the braces of a group."""
    parts = [triples(drawing)] if not drawing.chance(8) else []
    count = drawing.number(0, 2 if depth > 0 else 0)
    parts += [element(drawing, drawing.one_of(OPERATORS), depth - 1) for _ in range(count)]
    return " ".join(parts)


EXPRESSIONS = Expressions(group)


def condition(drawing: Drawing, depth: int = 1) -> str:
    return holding(drawing, EXPRESSIONS.of(drawing, "boolean", depth))


def holding(drawing: Drawing, expression: str) -> str:
    """The expression as a condition; half of them hold where they are errors."""
    held = expression if drawing.chance(2) else f"COALESCE({expression}, true)"
    return TRUTH[0] + held + TRUTH[1]


def element(drawing: Drawing, operator: str, depth: int) -> str:
    """One element of a group with this operator outermost."""
    match operator:
        case "triples":
            return triples(drawing, 3)
        case "blank node":
            return _with_blank(drawing)
        case "path":
            return path_pattern(drawing, drawing.one_of(PATHS), depth + 1)
        case "FILTER":
            return f"FILTER({condition(drawing, depth + 1)})"
        case "VALUES" | "UNDEF":
            return values(drawing, undef=operator == "UNDEF")
        case "BIND":
            return bind(drawing, EXPRESSIONS.of(drawing, "term", depth + 1))
    inner = group(drawing, depth)
    match operator:
        case "OPTIONAL":
            return f"OPTIONAL {{ {inner} }}"
        case "OPTIONAL filter":
            return f"OPTIONAL {{ {inner} FILTER({condition(drawing)}) }}"
        case "UNION":
            return f"{{ {inner} }} UNION {{ {group(drawing, depth)} }}"
        case "MINUS":
            return f"MINUS {{ {inner} }}"
        case "GRAPH iri":
            return f"GRAPH {drawing.one_of(GRAPHS)} {{ {inner} }}"
        case "GRAPH variable":
            return f"GRAPH {drawing.variable()} {{ {inner} }}"
        case "nested group":
            return f"{{ {inner} }}"
    return f"{{ {_sub_select(drawing, operator, inner)} }}"


def bind(drawing: Drawing, expression: str) -> str:
    name = drawing.fresh()
    text = f"BIND({expression} AS ?{name})"
    drawing.computed.append(f"?{name}")
    return text


def path_pattern(drawing: Drawing, form: str, depth: int = 1) -> str:
    subject = _subject(drawing)
    return f"{subject} {path_of(drawing, form, depth)} {_object(drawing, subject)} ."


def exists(drawing: Drawing, form: Form) -> str:
    return EXPRESSIONS.call(drawing, form, 1)


def _with_blank(drawing: Drawing) -> str:
    """Blank nodes by label, twice in one block, and by brackets."""
    if drawing.chance(2):
        predicates = drawing.one_of(PREDICATES), drawing.one_of(PREDICATES)
        return f"{_subject(drawing)} {predicates[0]} [ {predicates[1]} {_object(drawing)} ] ."
    label = f"_:{drawing.fresh()}"
    return (
        f"{label} {drawing.one_of(PREDICATES)} {_object(drawing)} ; "
        f"{drawing.one_of(PREDICATES)} {label} ."
        if drawing.chance(4)
        else f"{_subject(drawing)} {drawing.one_of(PREDICATES)} {label} . "
        f"{label} {drawing.one_of(PREDICATES)} {_object(drawing)} ."
    )


def values(drawing: Drawing, *, undef: bool) -> str:
    """Inline data; with ``undef`` the first cell of the last row is UNDEF."""
    names = drawing.some_variables(1, 2)
    rows = [[_cell(drawing) for _ in names] for _ in range(drawing.number(1, 3))]
    if undef:
        rows[-1][0] = "UNDEF"
    cells = " ".join(f"({' '.join(row)})" for row in rows)
    return f"VALUES ({' '.join(names)}) {{ {cells} }}"


def _cell(drawing: Drawing) -> str:
    kind = "node" if drawing.chance(2) else drawing.one_of(drawing.kinds)
    return str(drawing.one_of(NODES if kind == "node" else LITERALS[kind]))


def _sub_select(drawing: Drawing, operator: str, inner: str) -> str:
    """A sub-query; LIMIT stands only where the order is total."""
    name = drawing.variable()
    match operator:
        case "sub-SELECT DISTINCT LIMIT":
            sort = f"ORDER BY {drawing.pick('', 'DESC')}({name})"
            slice_ = f"LIMIT {drawing.number(0, 3)} OFFSET {drawing.number(0, 2)}"
            return f"SELECT DISTINCT {name} {{ {inner} FILTER(isIRI({name})) }} {sort} {slice_}"
        case "sub-SELECT aggregate":
            key, counted = drawing.variable(), drawing.fresh()
            over = drawing.pick("*", name, f"DISTINCT {name}")
            drawing.computed.append(f"?{counted}")
            if drawing.chance(4):
                return f"SELECT (COUNT({over}) AS ?{counted}) {{ {inner} }}"
            return f"SELECT {key} (COUNT({over}) AS ?{counted}) {{ {inner} }} GROUP BY {key}"
        case _:
            names = " ".join(drawing.some_variables(1, 3))
            computed = drawing.fresh()
            expression = EXPRESSIONS.of(drawing, "term", 1)
            shown = drawing.pick("*", names, f"{names} ({expression} AS ?{computed})")
            if "AS" in shown:
                drawing.computed.append(f"?{computed}")
            distinct = drawing.pick("", "DISTINCT ")
            return f"SELECT {distinct}{shown} {{ {inner} }}"
