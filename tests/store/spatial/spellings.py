"""Random conditions on two geometries, and queries around them."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.store.spatial.worlds import WORLDS, literal, shapes_of

RELATIONS = (
    *(f"sf{name}" for name in (
        "Equals", "Disjoint", "Intersects", "Touches", "Within", "Contains", "Overlaps", "Crosses"
    )),
    *(f"eh{name}" for name in (
        "Equals", "Disjoint", "Meet", "Overlap", "Covers", "CoveredBy", "Inside", "Contains"
    )),
    *(f"rcc8{name}" for name in ("eq", "dc", "ec", "po", "tppi", "tpp", "ntpp", "ntppi")),
)  # fmt: skip
MADE = (
    "geof:envelope({})", "geof:convexHull({})", "geof:buffer({}, 300, uom:metre)",
    "geof:centroid({})", "geof:boundary({})", "geof:metricBuffer({}, 50)",
)  # fmt: skip
DISTANCES = (
    "geof:distance({}, {}, uom:metre)", "geof:distance({}, {}, uom:kilometre) * 1000",
    "geof:metricDistance({}, {})",
)  # fmt: skip
LIMITS = ("0", "400", "1e3", "?ar", "?br + 1", "2 * ?ar", "-1", "(100 * 3)", "?nothing")


def _geometry(variable: str) -> st.SearchStrategy[str]:
    made = st.sampled_from(MADE).map(lambda text: text.format(variable))
    return st.one_of(*[st.just(variable)] * 5, made)


def pairs(one: str, other: str) -> st.SearchStrategy[tuple[str, str]]:
    """The two geometries in either order, sometimes something made of them."""
    both = st.tuples(_geometry(one), _geometry(other))
    return both.flatmap(lambda pair: st.sampled_from([pair, pair[::-1]]))


@st.composite
def relations(draw: st.DrawFn, one: str, other: str) -> str:
    """A relation, by its name or as a pattern."""
    first, second = draw(pairs(one, other))
    if draw(st.integers(0, 5)):
        return f"geof:{draw(st.sampled_from(RELATIONS))}({first}, {second})"
    pattern = draw(
        st.sampled_from(("T********", "FF*FF****", "T*F**F***", "****T****", "F***T****"))
    )
    return f"geof:relate({first}, {second}, '{pattern}')"


@st.composite
def distances(draw: st.DrawFn, one: str, other: str) -> str:
    """A distance compared with a number or a variable."""
    apart = draw(st.sampled_from(DISTANCES)).format(*draw(pairs(one, other)))
    if " * " in apart:
        apart = f"({apart})"
    op = draw(st.sampled_from(("<", "<=", "<", "<=", ">", ">=", "=")))
    limit = draw(st.sampled_from(LIMITS))
    turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}[op]
    return draw(st.sampled_from([f"{apart} {op} {limit}", f"{limit} {turned} {apart}"]))


def _plain(one: str, other: str) -> st.SearchStrategy[str]:
    return st.one_of(relations(one, other), relations(one, other), distances(one, other))


@st.composite
def conditions(draw: st.DrawFn, one: str = "?aw", other: str = "?bw", third: str = "") -> str:
    """A condition; with ``third`` a disjunction may relate the first to that instead."""
    first = draw(_plain(one, other))
    second = draw(_plain(one, third or other))
    return draw(
        st.sampled_from(
            [
                *[first] * 4,
                *[f"!({first})"] * 2,
                f"{first} || {second}",
                f"{first} && {second}",
                f"!({first} && {second})",
                f"!({first} || !({second}))",
                f"({first}) = true" if "distance" not in first.lower() else first,
                f"{first} || ?ar > 1000",
                f"{first} && ?ao = ?bo",
                f"{first} && ?ao != ?bo",
            ]
        )
    )


A = "?a a :A ; :in :{w} ; :reach ?ar ; :owner ?ao ; {p} ?aw ."
B = "?b a :B ; :in :{w} ; :reach ?br ; :owner ?bo ; {p} ?bw ."
FORMS = (
    "SELECT ?a ?b {{ {A} {B} FILTER({c}) }}",
    "SELECT ?a ?b {{ {A} {B} FILTER({c}) }}",
    "SELECT (COUNT(*) AS ?n) {{ {A} {B} FILTER({c}) }}",
    "SELECT ?a {{ {A} FILTER EXISTS {{ {B} FILTER({c}) }} }}",
    "SELECT ?a {{ {A} FILTER NOT EXISTS {{ {B} FILTER({c}) }} }}",
    "SELECT ?a ?b {{ {A} OPTIONAL {{ {B} FILTER({c}) }} }}",
    "SELECT ?a {{ {A} MINUS {{ {A} {B} FILTER({c}) }} }}",
    "SELECT ?a ?b {{ {A} {B} BIND(IF({c}, 1, 2) AS ?k) FILTER(?k = 1) }}",
)


@st.composite
def queries(draw: st.DrawFn) -> str:
    """A query over two kinds of things of one world."""
    world = draw(st.sampled_from(WORLDS))
    place = {"w": world.name, "p": world.predicate}
    form = draw(st.sampled_from(FORMS))
    return form.format(A=A.format(**place), B=B.format(**place), c=draw(conditions()))


@st.composite
def selections(draw: st.DrawFn) -> str:
    """A query over one kind, with constants as literals, in VALUES or by BIND."""
    at = draw(st.integers(0, len(WORLDS) - 1))
    world = WORLDS[at]
    shapes = shapes_of(world, 10 * at + 5)
    one, two = (
        literal(draw(st.sampled_from(shapes)), draw(st.sampled_from(world.crs))) for _ in "12"
    )
    condition = draw(conditions("?aw", "?one", "?two"))
    head = f"SELECT ?a {{ {A.format(w=world.name, p=world.predicate)} "
    match draw(st.integers(0, 3)):
        case 0:
            condition = condition.replace("?one", one).replace("?two", two)
        case 1:
            head += f"BIND({one} AS ?one) BIND({two} AS ?two) "
        case 2:
            head += f"VALUES (?one ?two) {{ ({one} {two}) }} "
        case _:
            head += f"VALUES ?one {{ {one} {two} }} BIND({two} AS ?two) "
    return f"{head} FILTER({condition}) }}"
