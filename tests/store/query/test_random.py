"""Generated queries: our answers with passes on and off are the oracle's."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Check = Callable[[str], None]

VARIABLES = st.sampled_from(["?x", "?y", "?z"])
NODES = st.sampled_from([":a", ":b", ":c", ":e"])
OBJECTS = st.one_of(VARIABLES, NODES, st.sampled_from(["30", "1", '"x"']))
PREDICATES = st.sampled_from([":knows", ":name", ":age", ":in", ":val", ":mbox", "?p"])

triples = st.builds(
    lambda s, p, o: f"{s} {p} {o} .", st.one_of(VARIABLES, NODES), PREDICATES, OBJECTS
)
conditions = st.one_of(
    st.builds(lambda v: f"BOUND({v})", VARIABLES),
    st.builds(lambda v: f"isIRI({v})", VARIABLES),
    st.builds(lambda v, o, w: f"{v} {o} {w}", VARIABLES, st.sampled_from(["=", "!="]), NODES),
    st.builds(lambda v: f"{v} > 5", VARIABLES),
    st.builds(lambda v, w: f"sameTerm({v}, {w})", VARIABLES, VARIABLES),
)


def groups(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds(lambda a, b: f"{a} {b}", inner, triples),
        st.builds(lambda a, b: f"{a} OPTIONAL {{ {b} }}", inner, inner),
        st.builds(lambda a, b, c: f"{a} OPTIONAL {{ {b} FILTER({c}) }}", inner, inner, conditions),
        st.builds(lambda a, b: f"{{ {a} }} UNION {{ {b} }}", inner, inner),
        st.builds(lambda a, b: f"{a} MINUS {{ {b} }}", inner, inner),
        st.builds(lambda a, b: f"{{ {a} }} {{ {b} }}", inner, inner),
        st.builds(lambda a, c: f"{a} FILTER({c})", inner, conditions),
        st.builds(lambda a, b: f"{a} FILTER NOT EXISTS {{ {b} }}", inner, triples),
        st.builds(lambda a, v: f"{a} VALUES {v} {{ :a UNDEF 1 }}", inner, VARIABLES),
    )


patterns = st.recursive(triples, groups, max_leaves=4)


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(pattern=patterns)
def test_generated_patterns(agree: Check, pattern: str) -> None:
    agree(f"SELECT * {{ {pattern} }}")
