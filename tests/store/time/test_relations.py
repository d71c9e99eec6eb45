"""Every relation of two times against a comparison of their ends in Python."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ontology import Term, UnsupportedError
from store import Store
from store.lower import PERIOD_RELATIONS
from tests.store.time.moments import (
    ALLEN,
    PREFIXES,
    RELATIONS,
    VALUES,
    Value,
    between,
    holds,
    instant,
    period,
)

GLF, STRDF = "https://w3id.org/geoloom/function#", "http://strdf.di.uoa.gr/ontology#"
QUIET = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def truth(term: Term | None) -> bool | None:
    return None if term is None else str(getattr(term, "lexical", "")) == "true"


def test_every_relation_is_known_here() -> None:
    named = {name.replace("glf:", GLF).replace("strdf:", STRDF) for name in RELATIONS}
    assert named == set(PERIOD_RELATIONS)


def _rows(values: Sequence[Value]) -> str:
    rows = " ".join(f"({k} {one.n3})" for k, one in enumerate(values))
    return f"VALUES (?k ?v) {{ {rows} }}"


@given(st.lists(VALUES, min_size=2, max_size=6, unique_by=lambda one: one.n3))
@QUIET
def test_two_values(empty: Store, values: list[Value]) -> None:
    """Values of every kind meet in one column: only the row knows which are times."""
    names = list(RELATIONS)
    found = " ".join(f"BIND({name}(?v, ?w) AS ?r{n})" for n, name in enumerate(names))
    other = _rows(values).replace("?k ?v", "?l ?w")
    query = f"{PREFIXES} SELECT * {{ {_rows(values)} {other} {found} }}"
    for optimise in (True, False):
        rows = list(empty.query(query, optimise=optimise).rows())
        assert len(rows) == len(values) ** 2
        for row in rows:
            first, second = (values[int(str(row[n].lexical))] for n in "kl")  # type: ignore[union-attr]
            for n, name in enumerate(names):
                expected = holds(name, first.ends, second.ends)
                assert truth(row.get(f"r{n}")) is expected, (name, first, second)


@given(st.tuples(VALUES, VALUES))
@QUIET
def test_constants(empty: Store, pair: tuple[Value, Value]) -> None:
    first, second = pair
    names = list(RELATIONS)
    found = " ".join(f"({n}({first.n3}, {second.n3}) AS ?r{k})" for k, n in enumerate(names))
    (row,) = empty.query(f"{PREFIXES} SELECT {found} {{}}").rows()
    held = [truth(row.get(f"r{k}")) for k in range(len(names))]
    assert held == [holds(name, first.ends, second.ends) for name in names]


INSTANTS = VALUES.filter(lambda one: not one.datatype.endswith("wktLiteral"))


@given(st.lists(st.none() | INSTANTS, min_size=4, max_size=4))
@QUIET
def test_four_times(empty: Store, ends: list[Value | None]) -> None:
    """An end that is unbound is open; anything else that is no instant is an error."""
    names = [f"glf:{name}" for name in (*ALLEN, "intersects")]
    binds = " ".join(
        f"OPTIONAL {{ VALUES ?e{k} {{ {one.n3} }} }}" for k, one in enumerate(ends) if one
    )
    found = " ".join(f"({n}(?e0, ?e1, ?e2, ?e3) AS ?r{k})" for k, n in enumerate(names))
    first, second = between(*ends[:2]), between(*ends[2:])
    for optimise in (True, False):
        query = f"{PREFIXES} SELECT {found} {{ {binds} }}"
        (row,) = empty.query(query, optimise=optimise).rows()
        held = [truth(row.get(f"r{k}")) for k in range(len(names))]
        assert held == [holds(name, first, second) for name in names]


@given(st.tuples(VALUES, VALUES).filter(lambda pair: pair[0].ends and pair[1].ends))
@QUIET
def test_exactly_one_of_thirteen_holds(empty: Store, pair: tuple[Value, Value]) -> None:
    first, second = pair
    found = " ".join(f"(glf:{n}({first.n3}, {second.n3}) AS ?{n})" for n in ALLEN)
    (row,) = empty.query(f"{PREFIXES} SELECT {found} {{}}").rows()
    assert sum(truth(row.get(name)) is True for name in ALLEN) == 1


def test_an_error_is_not_false(empty: Store) -> None:
    good, bad = period(0, 1), Value("[2018-06-02, 2018-06-01)", period(0, 1).datatype, None)
    for left, right in ((good, bad), (bad, good)):
        query = f"{PREFIXES} SELECT (!glf:before({left.n3}, {right.n3}) AS ?x) {{}}"
        assert next(iter(empty.query(query).rows())).get("x") is None
        assert not empty.query(f"{PREFIXES} ASK {{ FILTER(!glf:during({left.n3}, {right.n3})) }}")


def test_three_times_are_refused(empty: Store) -> None:
    times = ", ".join(instant(k).n3 for k in range(3))
    with pytest.raises(UnsupportedError, match="two periods, or start and end of two"):
        empty.query(f"{PREFIXES} ASK {{ FILTER(glf:during({times})) }}")


@pytest.mark.parametrize("count", [1, 5])
def test_a_wrong_number_of_arguments_is_refused(empty: Store, count: int) -> None:
    times = ", ".join(instant(k).n3 for k in range(count))
    with pytest.raises(UnsupportedError, match="takes 2 to 4 arguments"):
        empty.query(f"{PREFIXES} ASK {{ FILTER(strdf:during({times})) }}")
