"""Making periods, taking them apart, and what literals mean, by hand."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ontology import Term
from store import Store
from tests.store.time.conftest import Ask, lexical
from tests.store.time.moments import (
    PERIOD,
    PREFIXES,
    VALUES,
    Ends,
    Value,
    between,
    instant,
    micros,
    period,
)

QUIET = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def p(text: str) -> str:
    return f'"{text}"^^<{PERIOD}>'


WRITTEN = {
    "[2010-01-01T00:00:00, 2011-01-01T00:00:00)": ("2010-01-01T00:00:00", "2011-01-01T00:00:00"),
    "[2010-01-01T00:00:00Z,2011-01-01T02:00:00+02:00)": (
        "2010-01-01T00:00:00Z", "2011-01-01T00:00:00Z",
    ),
    "[2012-11-19 12:41:00+02, 2012-11-19 13:41:00+02]": (
        "2012-11-19T10:41:00Z", "2012-11-19T11:41:00.000001Z",
    ),
    "[2010-01-01, 2010-01-02)": ("2010-01-01T00:00:00", "2010-01-02T00:00:00"),
    "[2010-01-01+02:00, 2010-01-02Z)": ("2009-12-31T22:00:00Z", "2010-01-02T00:00:00Z"),
    "(2010-01-01, 2010-01-02]": ("2010-01-01T00:00:00.000001", "2010-01-02T00:00:00.000001"),
    "[2010-01-01T24:00:00, UC)": ("2010-01-02T00:00:00", None),
    "[2010-01-01T00:00:00.1234567, \\\"now\\\")": ("2010-01-01T00:00:00.123456", None),
    "[, 2010-01-02)": (None, "2010-01-02T00:00:00"),
    "[2010-01-01T00:00:00-0530, 2010-01-01T05:30:01Z)": (
        "2010-01-01T05:30:00Z", "2010-01-01T05:30:01Z",
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", WRITTEN)
def test_both_ends(ask: Ask, text: str) -> None:
    found = ask([f"glf:periodStart({p(text)})", f"glf:periodEnd({p(text)})"])
    assert tuple(map(lexical, found)) == WRITTEN[text]
    assert ask([f"strdf:period_start({p(text)})", f"strdf:period_end({p(text)})"]) == found


BAD = (
    "", "[", "[2010-01-01", "2010-01-01", "[2010-01-02, 2010-01-01)", "[2010-01-01, 2010-01-01)",
    "[2010-02-30, 2011-01-01)", "[2010-01-01, 2010-13-01)", "[0000-01-01, 2011-01-01)", "[UC, UC)",
    "[2010-01-01T25:00:00, UC)", "[2010-01-01T00:00:00+15:00, UC)", "[2010-01-01T00:00, UC)",
    "[2010-01-01, 2011-01-01, 2012-01-01)", "[2010-01-01; 2011-01-01)", "[2010-01-01, later)",
    "[10000-01-01, UC)", "[2010-01-01 , 2011-01-01) x",
)  # fmt: skip


@pytest.mark.parametrize("text", BAD)
def test_bad_literals_are_kept_and_are_errors(ask: Ask, text: str) -> None:
    literal = p(text)
    good = p("[2000-01-01, UC)")
    start, related, made, same, plain = ask(
        [
            f"glf:periodStart({literal})",
            f"glf:intersects({literal}, {good})",
            f"strdf:period_intersect({good}, {literal})",
            f"sameTerm({literal}, {literal})",
            f"STR({literal})",
        ]
    )
    assert (start, related, made) == (None, None, None)
    assert (lexical(same), lexical(plain)) == ("true", text)


def test_an_instant_is_a_microsecond(ask: Ask) -> None:
    moment = '"2010-01-01T00:00:00Z"^^xsd:dateTime'
    start, until = ask([f"glf:periodStart({moment})", f"glf:periodEnd({moment})"])
    assert lexical(start) == "2010-01-01T00:00:00Z"
    assert lexical(until) == "2010-01-01T00:00:00.000001Z"


def test_making(ask: Ask) -> None:
    zoned, plain = '"2010-01-01T02:00:00+02:00"^^xsd:dateTime', '"2011-01-01"^^xsd:date'
    found = ask(
        [
            f"glf:period({zoned}, {plain})",
            f"strdf:period({plain}, ?nothing)",
            f"glf:period(?nothing, {plain})",
            "glf:period(?nothing, ?nothing)",
            f"glf:period({plain}, {zoned})",
            f"glf:period({plain}, {plain})",
            f"glf:period({plain}, 7)",
            f'glf:period({plain}, xsd:dateTime("no"))',
            f"glf:period({p('[2010-01-01, 2010-01-02)')}, {plain})",
        ]
    )
    assert [lexical(one) for one in found] == [
        "[2010-01-01T00:00:00Z, 2011-01-01T00:00:00Z)",
        "[2011-01-01T00:00:00, UC)",
        "[, 2011-01-01T00:00:00)",
        "[, UC)",
        *[None] * 5,
    ]
    assert getattr(found[0], "datatype", None) == PERIOD


def _shared(a: Ends, b: Ends) -> Ends | None:
    return (max(a[0], b[0]), min(a[1], b[1])) if max(a[0], b[0]) < min(a[1], b[1]) else None


def _both(a: Ends, b: Ends) -> Ends | None:
    touching = a[0] <= b[1] and b[0] <= a[1]
    return (min(a[0], b[0]), max(a[1], b[1])) if touching else None


def _before(a: Ends, b: Ends) -> Ends | None:
    return (a[0], min(a[1], b[0])) if a[0] < b[0] else None


def _after(a: Ends, b: Ends) -> Ends | None:
    return (max(a[0], b[1]), a[1]) if b[1] < a[1] else None


def _left(a: Ends, b: Ends) -> Ends | None:
    pieces = [one for one in (_before(a, b), _after(a, b)) if one is not None]
    if _shared(a, b) is None:
        return a
    return pieces[0] if len(pieces) == 1 else None


MADE = {
    "period_intersect": _shared,
    "period_union": _both,
    "period_minus": _left,
    "preceding_period": _before,
    "succeeding_period": _after,
}


@given(st.lists(VALUES, min_size=2, max_size=6, unique_by=lambda one: one.n3))
@QUIET
def test_made_of_two(empty: Store, values: list[Value]) -> None:
    """What comes out is the period worked out by hand, and reads back as itself."""
    rows = [" ".join(f"({k} {one.n3})" for k, one in enumerate(values))] * 2
    made = " ".join(
        f"BIND(strdf:{name}(?v, ?w) AS ?m{n}) BIND(glf:periodStart(?m{n}) AS ?s{n})"
        f" BIND(glf:periodEnd(?m{n}) AS ?e{n}) BIND(STRDT(STR(?m{n}), <{PERIOD}>) AS ?t{n})"
        f" BIND(strdf:equalsPeriod(?m{n}, ?t{n}) AS ?q{n})"
        for n, name in enumerate(MADE)
    )
    query = f"SELECT * {{ VALUES (?k ?v) {{ {rows[0]} }} VALUES (?l ?w) {{ {rows[1]} }} {made} }}"
    for row in empty.query(PREFIXES + query).rows():
        first, second = (values[int(lexical(row[name]) or "")] for name in "kl")
        for n, (name, by_hand) in enumerate(MADE.items()):
            ends = by_hand(first.ends, second.ends) if first.ends and second.ends else None
            assert ends_of(row.get(f"s{n}"), row.get(f"e{n}"), row.get(f"m{n}")) == ends, name
            assert lexical(row.get(f"q{n}")) == (None if ends is None else "true")


def ends_of(start: Term | None, until: Term | None, made: Term | None) -> Ends | None:
    """Both ends of a literal that was made, from its accessors."""
    if made is None:
        return None
    found = [None if one is None else _time(lexical(one) or "") for one in (start, until)]
    return (-math.inf if found[0] is None else found[0], found[1] or math.inf)


def _time(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return micros(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


@given(st.lists(VALUES, min_size=2, max_size=6, unique_by=lambda one: one.n3))
@QUIET
def test_constructor(empty: Store, values: list[Value]) -> None:
    rows = [" ".join(f"({k} {one.n3})" for k, one in enumerate(values))] * 2
    made = "BIND(glf:period(?v, ?w) AS ?m) BIND(glf:periodStart(?m) AS ?s)"
    made += " BIND(glf:periodEnd(?m) AS ?e)"
    query = f"SELECT * {{ VALUES (?k ?v) {{ {rows[0]} }} VALUES (?l ?w) {{ {rows[1]} }} {made} }}"
    for row in empty.query(PREFIXES + query).rows():
        pair = (values[int(lexical(row[name]) or "")] for name in "kl")
        assert ends_of(row.get("s"), row.get("e"), row.get("m")) == between(*pair)


def test_of_computed_literals(empty: Store) -> None:
    """STRDT at run time gives periods, too."""
    query = f"""{PREFIXES} SELECT ?x (glf:periodStart(?v) AS ?s) {{
        VALUES (?x ?t) {{ (1 "[2010-01-01, UC)") (2 "[2010-01-01, 2009-01-01)") (3 "x") }}
        BIND(STRDT(?t, <{PERIOD}>) AS ?v) }} ORDER BY ?x"""
    found = [lexical(row.get("s")) for row in empty.query(query).rows()]
    assert found == ["2010-01-01T00:00:00", None, None]


def test_of_casts(ask: Ask) -> None:
    (found,) = ask([f'glf:startedBy({p("[2010-01-01Z, UC)")}, xsd:date("2010-01-01Z"))'])
    assert lexical(found) == "true"


def test_periods_sort_by_their_start(empty: Store) -> None:
    texts = ["[2010-01-01T00:00:00+02:00, UC)", "[2009-12-31T23:00:00Z, UC)", "[, UC)"]
    rows = " ".join(map(p, texts))
    query = f"{PREFIXES} SELECT ?v {{ VALUES ?v {{ {rows} }} }} ORDER BY ?v"
    found = [lexical(row.get("v")) for row in empty.query(query).rows()]
    assert found == [texts[2], texts[0], texts[1]]


def test_periods_are_equal_as_terms_only(ask: Ask) -> None:
    first, second = p("[2010-01-01Z, UC)"), p("[2010-01-01T00:00:00Z, UC)")
    equal, same, alike = ask(
        [f"{first} = {second}", f"strdf:equalsPeriod({first}, {second})", f"{first} = {first}"]
    )
    assert (equal, lexical(same), lexical(alike)) == (None, "true", "true")


def test_periods_are_no_dates(ask: Ask) -> None:
    literal, moment = period(0, 5).n3, instant(1).n3
    found = ask([f"{literal} < {moment}", f"YEAR({literal})", f"xsd:dateTime({literal})"])
    assert found == [None, None, None]
