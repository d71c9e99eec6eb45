from __future__ import annotations

import pyoxigraph as ox
import pytest
import rdflib

from federation.writer import remote_name, write_ask, write_count, write_select, write_term
from ontology import IRI, BlankNode, Literal, UnsupportedError
from store import algebra as al

EX = "http://example.org/"
XSD = "http://www.w3.org/2001/XMLSchema#"
DATA = """
@prefix : <http://example.org/> .
:a :n 1 ; :name "one" ; :near :b .
:b :n 2 ; :name "zwei"@de .
:c :n 3 ; :near :a .
"""


def pattern(s: str, p: str, o: str) -> al.Bgp:
    return al.Bgp((al.TriplePattern(*(node(x) for x in (s, p, o))),))


def node(text: str) -> al.Var | IRI:
    return al.Var(text[1:]) if text[0] == "?" else IRI(EX + text)


def integer(value: int) -> al.Const:
    return al.Const(Literal(str(value), XSD + "integer"))


N, NAME, NEAR = pattern("?s", "n", "?n"), pattern("?s", "name", "?l"), pattern("?s", "near", "?o")
BIG = al.Call(">", (al.Var("n"), integer(1)))
PLANS = {
    "unit": (al.Unit(), 1),
    "empty": (al.Empty(("s",)), 0),
    "bgp": (N, 3),
    "blank": (pattern("?s", "near", "?.b0"), 2),
    "join": (al.Join(N, NAME), 2),
    "filter": (al.Filter(BIG, N), 2),
    "left": (al.LeftJoin(N, NAME), 3),
    "left with outer filter": (al.LeftJoin(N, NAME, BIG), 3),
    "left with own filter": (al.LeftJoin(NAME, al.Filter(BIG, N)), 2),
    "union": (al.Union(NAME, NEAR), 4),
    "join of unions": (al.Join(al.Union(NAME, NEAR), al.Union(N, NAME)), 7),
    "minus": (al.Minus(N, NEAR), 1),
    "extend": (al.Extend("m", al.Call("+", (al.Var("n"), integer(1))), N), 3),
    "filter over extend": (
        al.Filter(
            al.Call("=", (al.Var("m"), integer(3))),
            al.Extend("m", al.Call("+", (al.Var("n"), integer(1))), N),
        ),
        1,
    ),
    "values": (al.Join(al.Values(("n",), ((Literal("2", XSD + "integer"),), (None,))), N), 4),
    "project": (al.Project(("s",), al.LeftJoin(N, NAME)), 3),
    "distinct": (al.Distinct(al.Project(("l",), al.LeftJoin(N, NAME))), 3),
    "slice": (al.Slice(al.OrderBy((al.OrderKey(al.Var("n"), True),), N), 1, 1), 1),
    "group": (
        al.Group((("k", BIG),), (("t", al.Aggregate("SUM", al.Var("n"))),), N),
        2,
    ),
    "having": (
        al.Filter(
            al.Call(">", (al.Var("t"), integer(3))),
            al.Group((("k", BIG),), (("t", al.Aggregate("SUM", al.Var("n"), True)),), N),
        ),
        1,
    ),
    "concat": (
        al.Group((), (("t", al.Aggregate("GROUP_CONCAT", al.Var("l"), False, "'\"\\")),), NAME),
        1,
    ),
    "exists": (al.Filter(al.Exists(NEAR, negated=True), N), 1),
    "in": (al.Filter(al.Call("in", (al.Var("n"), integer(1), integer(7))), N), 1),
    "functions": (
        al.Filter(
            al.Call(
                "!", (al.Call("REGEX", (al.Call("STR", (al.Var("l"),)), al.Const(Literal("^z")))),)
            ),
            NAME,
        ),
        1,
    ),
    "cast": (al.Filter(al.Call("=", (al.Call(XSD + "integer", (al.Var("n"),)), integer(2))), N), 1),
    "graph": (al.Bgp(N.patterns, al.Var("g")), 0),
}


# It joins UNDEF wrongly, drops rows that bind nothing, and has no GRAPH without a dataset.
RDFLIB_DIFFERS = {"values", "distinct", "graph"}


@pytest.fixture(scope="module")
def oxigraph() -> ox.Store:
    store = ox.Store()
    store.load(DATA.encode(), format=ox.RdfFormat.TURTLE)
    return store


@pytest.mark.parametrize("name", PLANS)
def test_two_engines_read_the_text_and_give_the_solutions(name: str, oxigraph: ox.Store) -> None:
    plan, expected = PLANS[name]
    text = write_select(plan)
    solutions = oxigraph.query(text)
    assert isinstance(solutions, ox.QuerySolutions)
    assert len(list(solutions)) == expected, text
    if name not in RDFLIB_DIFFERS:
        graph = rdflib.Graph().parse(data=DATA)
        assert len(list(graph.query(text))) == expected, text


def test_count_and_ask(oxigraph: ox.Store) -> None:
    (row,) = oxigraph.query(write_count(al.Slice(N, 0, 2)))
    assert row["n"].value == "2"
    assert bool(oxigraph.query(write_ask(N)))
    assert not bool(oxigraph.query(write_ask(pattern("?s", "missing", "?o"))))


NASTY = [
    'quote " and \\ and \n and \r and \t',
    "\\u0041 \\U00000041 \\\\u0041",
    "ünï ☃ 𝄞",
    "}} UNION { ?s ?p ?o } #",
    "\x00\x07",
    "",
]


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("kind", ["plain", "lang", "typed"])
def test_any_literal_comes_back_unchanged(text: str, kind: str) -> None:
    term = {
        "plain": Literal(text),
        "lang": Literal(text, lang="de-AT"),
        "typed": Literal(text, EX + "type"),
    }[kind]
    query = write_select(al.Values(("x",), ((term,),)))
    (row,) = ox.Store().query(query)
    assert row["x"].value == text
    assert row["x"].datatype.value == term.datatype
    (other,) = rdflib.Graph().query(query)
    assert str(other[0]) == text


def test_names_stay_apart() -> None:
    names = ["b0", ".b0", "gl0_x2e_b0", "x.y", ".x_y", ".x.y", "é"]
    assert len({remote_name(name) for name in names}) == len(names)


def test_what_cannot_be_sent_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="blank node"):
        write_term(BlankNode("x"))
    with pytest.raises(UnsupportedError, match="RemoteScan"):
        write_select(al.RemoteScan("x", N, ("s",)))
    with pytest.raises(UnsupportedError, match="operator"):
        write_select(al.Filter(al.Call("a) || (b", ()), N))
