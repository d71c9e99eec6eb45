from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from ontology import IRI, Literal
from store import Store, run_query
from store.emit import Statement
from store.plan_cache import PlanCache, Planned, Request

X = "http://example.org/"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store.create(tmp_path / "s")
    made.insert((IRI(f"{X}{k}"), IRI(f"{X}p"), Literal(f"v{k}")) for k in range(3))
    return made


def _values(store: Store, text: str) -> list[str]:
    return [str(row["v"].lexical) for row in store.query(text).rows()]


def test_a_query_seen_before_is_not_planned_again(store: Store) -> None:
    text = f"SELECT ?v {{ ?s <{X}p> ?v }} # once"
    first = store.query(text).info["plan_ms"]
    assert min(store.query(text).info["plan_ms"] for _ in range(3)) < first / 3


def test_an_update_is_seen_by_the_same_text(store: Store) -> None:
    text = f"SELECT ?v {{ <{X}new> <{X}p> ?v }}"
    assert _values(store, text) == []
    store.insert([(IRI(f"{X}new"), IRI(f"{X}p"), Literal("now"))])
    assert _values(store, text) == ["now"]
    assert not len(store.query(text, as_of=1))


def test_a_store_made_anew_in_the_same_place_is_another(tmp_path: Path) -> None:
    text = f"SELECT ?v {{ ?s <{X}p> ?v }}"
    for name in ("one", "two"):
        folder = tmp_path / "s"
        made = Store.create(folder)
        made.insert([(IRI(f"{X}a"), IRI(f"{X}p"), Literal(name))])
        assert _values(Store.open(folder), text) == [name]
        folder.rename(tmp_path / name)


def test_the_dataset_is_part_of_the_key(store: Store) -> None:
    store.update(f'INSERT DATA {{ GRAPH <{X}g> {{ <{X}s> <{X}p> "in g" }} }}')
    text = f"SELECT ?v {{ ?s <{X}p> ?v }}"
    assert len(_values(store, text)) == 3
    assert len(store.query(text, default_graphs=(f"{X}g",))) == 1
    assert len(store.query(text, named_graphs=(f"{X}g",))) == 0
    assert len(_values(store, text)) == 3


@pytest.mark.parametrize("call", ["STR(UUID())", "STRUUID()", "STR(RAND())"])
def test_fresh_values_are_fresh_in_every_run(store: Store, call: str) -> None:
    text = f"SELECT ?v {{ ?s <{X}p> ?o BIND({call} AS ?v) }}"
    first, second = _values(store, text), _values(store, text)
    assert len({*first, *second}) == 6


def test_blank_nodes_are_fresh_in_every_run(store: Store) -> None:
    text = f"SELECT ?b {{ ?s <{X}p> ?o BIND(BNODE() AS ?b) }}"
    labels = {row["b"] for _ in range(2) for row in store.query(text).rows()}
    assert len(labels) == 6


def test_now_is_one_instant_a_run_not_a_plan(store: Store) -> None:
    text = f"SELECT (STR(NOW()) AS ?v) {{ ?s <{X}p> ?o }}"
    runs = []
    for _ in range(3):
        (instant,) = {*_values(store, text)}
        runs.append(instant)
        time.sleep(0.002)
    assert all(earlier < later for earlier, later in pairwise(runs))


def test_threads_share_the_cache(store: Store) -> None:
    texts = [f'SELECT ?v {{ ?s <{X}p> ?v FILTER(?v != "{k % 4}") }}' for k in range(40)]
    with ThreadPoolExecutor(4) as pool:
        assert all(len(found) == 3 for found in pool.map(lambda t: _values(store, t), texts))


def _planned(size: int) -> Planned:
    return Planned("SELECT", ("v",), Statement("x" * size, {}, {}), None)


def test_memory_is_bounded_and_the_oldest_goes_first() -> None:
    cache = PlanCache(memory=50_000, largest=25_000)
    for name in "abc":
        cache.put(Request(name), None, _planned(4_000))
    assert cache.held <= 50_000
    assert cache.get(Request("a"), None) is None
    assert cache.get(Request("c"), None) is not None


def test_what_is_asked_for_stays() -> None:
    cache = PlanCache(memory=50_000, largest=25_000)
    for name in "abc":
        cache.put(Request(name), None, _planned(4_000))
        cache.get(Request("a"), None)
    assert cache.get(Request("a"), None) is not None
    assert cache.get(Request("b"), None) is None


def test_a_plan_with_large_values_is_not_kept() -> None:
    cache = PlanCache(memory=50_000, largest=25_000)
    cache.put(Request("large"), None, _planned(10_000))
    assert len(cache) == 0
    assert cache.held == 0


def test_a_plan_of_another_snapshot_is_not_given(store: Store) -> None:
    cache = PlanCache()
    first, planned = store.snapshot(0), _planned(1)
    cache.put(Request("q"), first, planned)
    assert cache.get(Request("q"), first) is planned
    assert cache.get(Request("q"), store.snapshot(1)) is None
    assert cache.get(Request("q"), None) is None


def test_a_query_over_no_store_is_remembered_too() -> None:
    text = "SELECT ?v { VALUES ?v { 1 2 } }"
    assert [len(run_query(None, text)) for _ in range(2)] == [2, 2]
