"""Random queries: forms, projection, grouping, order and slices around a pattern."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from .calls import FORMS, NAMES, Form
from .drawing import VARIABLES, Drawing
from .paths import FORMS as PATHS
from .patterns import EXPRESSIONS, OPERATORS, element, group, holding, path_pattern, values
from .rewriting import plain
from .terms import GRAPHS, NODES, PREDICATES

AGGREGATES = ("COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT")
GROUPED = (
    "COUNT(*)", "COUNT(DISTINCT *)", "SEPARATOR", "GROUP BY expression", "HAVING",
    *AGGREGATES, *(f"{name} DISTINCT" for name in AGGREGATES),
)  # fmt: skip
SELECTED = (
    "SELECT *", "SELECT variables", "SELECT expression", "SELECT DISTINCT", "SELECT REDUCED",
    "ORDER BY", "ORDER BY DESC", "LIMIT", "OFFSET", "VALUES after the query",
)  # fmt: skip
OTHERS = (
    "ASK", "CONSTRUCT", "CONSTRUCT blank node", "CONSTRUCT WHERE", "DESCRIBE iri",
    "DESCRIBE variable", "FROM", "FROM NAMED",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Query:
    """A query, ``marked`` as :mod:`.rewriting` wants it.

    Its slice is kept apart, since which rows it takes is defined only up to ties.
    ``keys`` are the variables of ORDER BY with True for DESC; ``letters`` those whose value is a
    concatenation in any order. ``defined`` asks by CONSTRUCT what we answer to DESCRIBE, which the
    standard leaves open: all triples with the term as subject.
    """

    marked: str
    limit: int | None = None
    offset: int = 0
    keys: tuple[tuple[str, bool], ...] = ()
    letters: tuple[str, ...] = ()
    reduced: bool = False
    defined: str | None = None

    @property
    def text(self) -> str:
        """The query without its slice."""
        return plain(self.marked)

    @property
    def sliced(self) -> str:
        limit = "" if self.limit is None else f" LIMIT {self.limit}"
        return f"{self.text}{limit}{f' OFFSET {self.offset}' if self.offset else ''}"


@cache
def _forms(name: str) -> tuple[Form, ...]:
    return tuple(form for form in FORMS if form.name == name)


def query(drawing: Drawing, wish: str) -> Query:
    """A query that has what is wished for; the rest is drawn."""
    if wish in NAMES:
        return _with_call(drawing, wish)
    if wish in OPERATORS:
        inner = f"{group(drawing, 1)} {element(drawing, wish, 1)}"
        return selected(drawing, f"{inner} {_more(drawing)}")
    if wish.removeprefix("path ") in PATHS:
        inner = path_pattern(drawing, wish.removeprefix("path "), 2)
        return selected(drawing, f"{inner} {_more(drawing)}")
    if wish in GROUPED:
        return grouped(drawing, wish)
    if wish in OTHERS:
        return _other(drawing, wish)
    return selected(drawing, group(drawing, 2), wish)


def _more(drawing: Drawing) -> str:
    return group(drawing, 1) if drawing.chance(3) else ""


def _with_call(drawing: Drawing, name: str) -> Query:
    """The call in a FILTER, in a BIND, in SELECT or, over its own table, everywhere at once."""
    form = drawing.one_of(_forms(name))
    call = EXPRESSIONS.call(drawing, form, 2)
    inner = values(drawing, undef=False) if drawing.chance(3) else group(drawing, 1)
    match drawing.number(1, 4):
        case 1:
            return selected(drawing, f"{inner} FILTER({holding(drawing, call)})")
        case 2:
            computed = drawing.fresh()
            drawing.computed.append(f"?{computed}")
            return selected(drawing, f"{inner} BIND({call} AS ?{computed}) {_more(drawing)}")
        case 3:
            optional = f"{group(drawing, 0)} FILTER({holding(drawing, call)})"
            return Query(f"SELECT * {{ {inner} OPTIONAL {{ {optional} }} }}")
        case _:
            names = " ".join(drawing.some_variables())
            return Query(f"SELECT {names} ({call} AS ?{drawing.fresh()}) {{ {inner} }}")


def selected(drawing: Drawing, inner: str, wish: str = "") -> Query:
    """SELECT with all its modifiers."""
    sorted_, sliced = wish.startswith("ORDER"), wish in ("LIMIT", "OFFSET")
    forms = ("SELECT variables", "SELECT DISTINCT") if sorted_ or sliced else SELECTED[:5]
    form = wish if wish.startswith("SELECT") else drawing.one_of(forms)
    names = drawing.some_variables()
    shown = " ".join(names)
    match form:
        case "SELECT *":
            names, shown = [], "*"
        case "SELECT expression":
            shown += f" ({EXPRESSIONS.of(drawing, 'term', 2)} AS ?{drawing.fresh()})"
        case "SELECT DISTINCT" | "SELECT REDUCED":
            shown = f"{form.removeprefix('SELECT ')} {shown}"
    after = f" {values(drawing, undef=drawing.chance(2))}" if wish.startswith("VALUES") else ""
    reduced = form == "SELECT REDUCED"
    if after or not names or reduced or not (sorted_ or sliced or drawing.chance(4)):
        return Query(f"SELECT {shown} {{ {inner} }}{after}", reduced=reduced)
    return _ordered(drawing, f"SELECT {shown} {{ {inner} }}", names, wish)


def _ordered(drawing: Drawing, text: str, names: list[str], wish: str) -> Query:
    keys = []
    for at, name in enumerate(names):
        down = wish.endswith("DESC") if at == 0 and wish.startswith("ORDER") else drawing.chance(2)
        keys.append((name.removeprefix("?"), bool(down)))
    sort = " ".join(f"{'DESC' if down else 'ASC'}(?{name})" for name, down in keys)
    limit = drawing.number(0, 5) if wish == "LIMIT" or drawing.chance(3) else None
    offset = drawing.number(1, 4) if wish == "OFFSET" or drawing.chance(4) else 0
    return Query(f"{text} ORDER BY {sort}", limit, offset, tuple(keys))


def grouped(drawing: Drawing, wish: str) -> Query:
    """GROUP BY with one to three aggregates; the keys may be expressions."""
    inner = group(drawing, 2)
    key, shown = drawing.variable(), ""
    if wish == "GROUP BY expression" or drawing.chance(3):
        name = drawing.fresh()
        shown = f"?{name} "
        keys = f" GROUP BY ({EXPRESSIONS.of(drawing, 'term', 1)} AS ?{name}) {key}"
    else:
        keys = f" GROUP BY {key}" if not drawing.chance(4) else ""
    shown += key if keys else ""
    letters = []
    for at in range(drawing.number(1, 2)):
        name = drawing.fresh()
        wanted = wish if at == 0 and wish in GROUPED else drawing.one_of(GROUPED)
        call = aggregate(drawing, wanted, key if keys else None)
        if call.startswith("GROUP_CONCAT"):
            letters.append(name)
        shown += f" ({call} AS ?{name})"
    having = f" HAVING({_having(drawing)})" if wish == "HAVING" or drawing.chance(4) else ""
    return Query(f"SELECT {shown} {{ {inner} }}{keys}{having}", letters=tuple(letters))


def aggregate(drawing: Drawing, name: str, key: str | None) -> str:
    """One aggregate whose value does not hang on the order of the rows."""
    distinct = "DISTINCT " if "DISTINCT" in name else ""
    kind = name.removesuffix(" DISTINCT")
    of_number = kind in ("SUM", "AVG") and drawing.chance(2)
    over = EXPRESSIONS.of(drawing, "number" if of_number else "leaf", 1)
    match kind:
        case "COUNT(*)" | "COUNT(DISTINCT *)":
            return kind
        case "SAMPLE":
            return f"SAMPLE({distinct}{key or '1 + 1'})"
        case "GROUP_CONCAT" | "SEPARATOR":
            separator = f" ; SEPARATOR={drawing.pick(*_SEPARATORS)}" if kind != name or (
                kind == "SEPARATOR" or drawing.chance(2)
            ) else ""  # fmt: skip
            return f"GROUP_CONCAT({distinct}STR({drawing.variable()}){separator})"
        case "SUM" | "MIN" | "MAX" | "AVG" | "COUNT":
            return f"{kind}({distinct}{over})"
    return f"COUNT({distinct}{over})"


_SEPARATORS = ('", "', '""', '"|"')


def _having(drawing: Drawing) -> str:
    call = drawing.pick("COUNT(*)", f"COUNT(DISTINCT {drawing.variable()})")
    sign = drawing.pick(">", "<=", "=")
    return f"{call} {sign} {drawing.number(0, 3)}"


def _other(drawing: Drawing, form: str) -> Query:
    inner = group(drawing, 2)
    match form:
        case "ASK":
            return Query(f"ASK {{ {inner} }}")
        case "CONSTRUCT" | "CONSTRUCT blank node":
            return Query(f"CONSTRUCT {{ {template(drawing, form)} }} WHERE {{ {inner} }}")
        case "CONSTRUCT WHERE":
            names = drawing.variable(), drawing.variable()
            return Query(
                f"CONSTRUCT WHERE {{ {names[0]} {drawing.one_of(PREDICATES)} {names[1]} }}"
            )
        case "DESCRIBE iri":
            node = drawing.one_of(NODES)
            triples = f"{node} ?describedBy ?as"
            return Query(f"DESCRIBE {node}", defined=f"CONSTRUCT WHERE {{ {triples} }}")
        case "DESCRIBE variable":
            name = drawing.variable()
            triples = f"{name} ?describedBy ?as"
            where = (
                f"{{ {{ SELECT DISTINCT {name} {{ {inner} FILTER(BOUND({name})) }} }} {triples} }}"
            )
            return Query(
                f"DESCRIBE {name} {{ {inner} }}", defined=f"CONSTRUCT {{ {triples} }} {where}"
            )
        case "FROM":
            other = f" FROM {drawing.one_of(GRAPHS)}" if drawing.chance(2) else ""
            return Query(f"SELECT * FROM {drawing.one_of(GRAPHS)}{other} {{ {inner} }}")
    named = f"FROM {drawing.one_of(GRAPHS)} " if drawing.chance(2) else ""
    body = f"{{ {inner} }} UNION {{ GRAPH {drawing.variable()} {{ {group(drawing, 1)} }} }}"
    return Query(f"SELECT * {named}FROM NAMED {drawing.one_of(GRAPHS)} {{ {body} }}")


def template(drawing: Drawing, form: str) -> str:
    """Triples to construct, among them ill-formed ones, which are left out."""
    subject, thing = drawing.one_of((*VARIABLES, *NODES)), drawing.one_of((*VARIABLES, '"new"'))
    text = f"{subject} {drawing.one_of((*PREDICATES, *VARIABLES))} {thing} ."
    if form != "CONSTRUCT":
        text += f" _:new :r {drawing.variable()} . {drawing.variable()} :q _:new ."
    return text
