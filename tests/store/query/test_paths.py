"""Property paths: random paths over random graphs against the oracle, and what it gets wrong."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store import Store
from store.passes import optimise as run_passes
from store.passes.path_simplification import simplify_paths
from store.query import run_query
from store.sparql import parse_query
from tests.store.query.conftest import PREFIXES, make_pair, ours, theirs

NODES = [f":n{k}" for k in range(6)]
Pair = tuple[Store, ox.Store]


def _graph(chance: random.Random) -> str:
    """Each node once, then random edges, some of them to literals."""
    lines = [f"{node} :of :all ." for node in NODES]
    for _ in range(9):
        target = chance.choice([*NODES, *NODES, '"end"', "1"])
        lines.append(f"{chance.choice(NODES)} {chance.choice([':p', ':q'])} {target} .")
    return "\n".join(lines)


@pytest.fixture(scope="module")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Random graphs: one unnamed, six named."""
    chance = random.Random(7)
    named = (f":g{k} {{ {_graph(chance)} }}" for k in range(6))
    text = "\n".join(["@prefix : <http://ex/> .", _graph(chance), *named])
    return make_pair(tmp_path_factory.mktemp("graphs"), text)


atoms = st.sampled_from([":p", ":q", "^:p", "!:p", "!(:p|^:q)", "!^:of"])
paths = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.builds(lambda a, sign: f"({a}){sign}", inner, st.sampled_from("?*+")),
        st.builds(lambda a, b: f"({a})/({b})", inner, inner),
        st.builds(lambda a, b: f"({a})|({b})", inner, inner),
        st.builds(lambda a: f"^({a})", inner),
    ),
    max_leaves=4,
)
ends = st.sampled_from(["?x", "?x", "?y", *NODES[:2]])
places = st.sampled_from(
    [
        "{{ {0} }}",
        "{{ GRAPH ?g {{ {0} }} }}",
        "{{ GRAPH :g1 {{ {0} }} }}",
        "{{ ?x :q ?w . {0} }}",
        "{{ GRAPH ?g {{ {0} . ?y :p ?w }} }}",
        "{{ ?x :p ?w OPTIONAL {{ {0} }} }}",
        "{{ ?x :of ?w FILTER EXISTS {{ {0} }} }}",
        "FROM :g1 FROM :g2 {{ {0} }}",
        "FROM NAMED :g3 {{ GRAPH ?g {{ {0} }} }}",
    ]
)


@settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(start=ends, path=paths, end=st.one_of(ends, st.just('"end"')), place=places)
def test_random_paths(graphs: Pair, start: str, path: str, end: str, place: str) -> None:
    """The oracle drops duplicates of alternatives, so only different rows are compared with it."""
    store, graph = graphs
    query = f"{PREFIXES}SELECT DISTINCT * {place.format(f'{start} {path} {end}')}"
    assert ours(store, query, optimise=True) == theirs(graph, query), query
    bag = query.replace("DISTINCT ", "")
    assert ours(store, bag, optimise=True) == ours(store, bag, optimise=False), bag


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    path=st.builds(lambda a, sign: f"({a}){sign}", paths, st.sampled_from("?*+")),
    start=st.sampled_from(["?x", ":n0", ":nowhere", '"end"']),
)
def test_simplified_paths_have_the_same_pairs(graphs: Pair, path: str, start: str) -> None:
    store, _ = graphs
    query = parse_query(f"{PREFIXES}SELECT * {{ {start} {path} ?y }}")
    plan, _ = run_passes(query.plan, store.snapshot(), (simplify_paths,))
    simplified = type(query)(query.form, plan, query.variables)
    answers = [run_query(store.snapshot(), q, optimise=False) for q in (query, simplified)]
    bags = [Counter(map(str, answer.terms().to_pylist())) for answer in answers]
    assert bags[0] == bags[1]


@pytest.fixture(scope="module")
def rows(graphs: Pair) -> Callable[[str], list[dict[str, str]]]:
    def ask(text: str) -> list[dict[str, str]]:
        found = run_query(graphs[0].snapshot(), PREFIXES + text).terms().to_pylist()
        return [{n: cell["value"] for n, cell in row.items() if cell} for row in found]

    return ask


@pytest.mark.standard("SPARQL 1.1 §18.4 ZeroLengthPath")
@pytest.mark.parametrize("sign", ["*", "?", "*)+", "?|:q)+"])
def test_a_constant_matches_itself_though_no_graph_holds_it(
    rows: Callable[[str], list[dict[str, str]]], sign: str
) -> None:
    opening = "(" if ")" in sign else ""
    for term in (":nowhere", '"no text"'):
        value = term.strip('"').replace(":", "http://ex/")
        assert rows(f"SELECT * {{ {term} {opening}:p{sign} ?y }}") == [{"y": value}]
        assert rows(f"SELECT * {{ {term} {opening}:p{sign} {term} }}") == [{}]
        graphs_ = rows(f"SELECT * {{ GRAPH ?g {{ {term} {opening}:p{sign} ?y }} }}")
        assert [row["y"] for row in graphs_] == [value] * 6
    assert rows(f"SELECT * {{ :nowhere {opening}:p{sign} :elsewhere }}") == []


@pytest.mark.standard("SPARQL 1.1 §9.3, §18.4")
def test_a_variable_bound_elsewhere_is_no_node_of_the_graph(
    rows: Callable[[str], list[dict[str, str]]],
) -> None:
    """Both ends are variables of the path, so only nodes of the graph match."""
    assert rows("SELECT * { VALUES ?x { :nowhere } ?x :p* ?y }") == []
    assert rows("SELECT * { BIND(:nowhere AS ?x) { ?x :p* ?y } }") == []


@pytest.mark.standard("SPARQL 1.1 §18.4")
def test_alternatives_and_sequences_keep_duplicates(
    rows: Callable[[str], list[dict[str, str]]],
) -> None:
    once = rows("SELECT * { ?x :p ?y }")
    assert len(rows("SELECT * { ?x :p|:p ?y }")) == 2 * len(once)
    assert len(rows("SELECT * { ?x (:p|:p)? ?y }")) == len(rows("SELECT * { ?x :p? ?y }"))
    assert len(rows("SELECT * { ?x (:p|:p)+ ?y }")) == len(rows("SELECT * { ?x :p+ ?y }"))
    all_to_all = rows("SELECT * { ?x :of/^:of ?y }")
    assert len(all_to_all) == len(NODES) ** 2


def test_a_path_starts_from_a_limited_sub_query(
    rows: Callable[[str], list[dict[str, str]]],
) -> None:
    """The sub-query runs once: what it happens to give is what the path starts from."""
    found = rows("SELECT * { { SELECT ?x { ?x :of :all } LIMIT 2 } ?x :p* ?y }")
    assert len({row["x"] for row in found}) == 2
    found = rows("SELECT * { { SELECT ?x ?r { ?x :of :all BIND(RAND() AS ?r) } } ?x :p* ?y }")
    assert len({row["x"] for row in found}) == len(NODES)


def test_paths_from_ends_are_walked_from_there(tmp_path: Path) -> None:
    """A closure of 20,000 x 20,000 pairs is never made when few of its ends are wanted."""
    lines = [f"<http://ex/{k}> <http://ex/up> <http://ex/{k // 2}> ." for k in range(1, 20_000)]
    lines += [f"<http://ex/f{k}> <http://ex/class> <http://ex/{19_000 + k}> ." for k in range(5)]

    (tmp_path / "tree.nt").write_text("\n".join(lines))
    store = Store.create(tmp_path / "store")
    store.load(tmp_path / "tree.nt")
    for pattern, wanted in {
        "?f :class ?c . ?c :up* ?top": 5 * 16,
        "?f :class ?c OPTIONAL { ?c :up+ ?top }": 5 * 15,
        "?f :class/:up* ?top": 5 * 16,
        "?f :class ?c FILTER EXISTS { ?c :up+ ?top . ?top :up :0 }": 5,
        "?f :class ?c MINUS { ?c :up+ ?top . ?top :up :0 }": 0,
        "?top :up* ?c . ?f :class ?c": 5,
        "?f :class ?c { ?c :up* ?top } UNION { ?c :up+ ?top }": 5 * 31,
    }.items():
        query = f"PREFIX : <http://ex/> SELECT (COUNT(*) AS ?n) {{ {pattern} }}"
        result = run_query(store.snapshot(), query, timeout=20)
        assert result.terms().to_pylist()[0]["n"]["value"] == str(wanted), pattern
