"""Characteristic sets: measured over lanes and tables, bounded, kept up under updates."""

from __future__ import annotations

from pathlib import Path

import pytest

from ontology import Lane, term_id
from store import Store, parse_query
from store.catalog import CharacteristicSets
from store.estimates import Estimator
from store.layout import characteristic_statistics as measuring
from store.layout.manifest import TablesPolicy
from store.passes import optimise

PREFIX = "PREFIX : <http://ex/> "
POLICIES: tuple[TablesPolicy, ...] = ("never", "always")
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


def made(folder: Path, tables: TablesPolicy) -> Store:
    """300 fields of 60 owners, 100 sites; names are had by owners and sites."""
    lines = ["@prefix : <http://ex/> ."]
    for k in range(300):
        lines.append(f":f{k} a :Field ; :size {k} ; :owner :p{k % 60} .")
        if k % 3 == 0:
            lines.append(f":f{k} :wet true .")
    lines += [f":p{k} a :Person ; :name 'p{k}' ; :age {k} ." for k in range(60)]
    lines += [f":s{k} a :Site ; :name 's{k}' ; :part :s{k + 1} ." for k in range(100)]
    lines += [f":g {{ :f{k} :size {k} }}" for k in range(50)]
    path = folder / "a.trig"
    path.write_text("\n".join(lines), encoding="utf-8")
    store = Store.create(folder / "store", tables=tables)
    store.load([path])
    return store


def sets(store: Store) -> CharacteristicSets:
    held = store.snapshot().sets
    assert held is not None
    return held


def named(held: CharacteristicSets) -> dict[frozenset[str], int]:
    """Subjects by the ends of the names of what they have."""
    classes = {term_id(f"<http://ex/{name}>"): name for name in ("Field", "Person", "Site")}
    names = [
        classes.get(one.node or 0, "?") if one.predicate == TYPE else one.predicate[10:]
        for one in held.features
    ]
    return {frozenset(names[k] for k, _ in one.triples): one.subjects for one in held.sets}


@pytest.mark.parametrize("tables", POLICIES)
def test_sets_and_links_are_those_of_the_data(tmp_path: Path, tables: TablesPolicy) -> None:
    held = sets(made(tmp_path, tables))
    assert named(held) == {
        frozenset({"Field", "size", "owner"}): 200,
        frozenset({"Field", "size", "owner", "wet"}): 100,
        frozenset({"Person", "name", "age"}): 60,
        frozenset({"Site", "name", "part"}): 100,
        frozenset({"size"}): 50,
    }
    links: dict[str, int] = {}
    for _, feature, end, triples in held.links:
        name = held.features[feature].predicate[10:] + ("" if end >= 0 else " nowhere")
        links[name] = links.get(name, 0) + triples
    assert links == {"owner": 300, "part": 99, "part nowhere": 1}
    assert sum(held.rows) == made_triples(held)


def made_triples(held: CharacteristicSets) -> int:
    return sum(triples for one in held.sets for _, triples in one.triples)


ESTIMATES = (
    ("?x a :Field ; :size ?n ; :owner ?o", 300),
    ("?x a :Person ; :size ?n", 0),
    ("?x a :Site ; :name ?n ; :part ?p", 100),
    ("?x :wet ?w ; :owner ?o", 100),
    ("?x :name ?n ; :age ?a", 60),
    ("?x :owner ?o . ?o :name ?n", 300),
    ("?x :owner ?o . ?o a :Site", 0),
    ("?x :part ?y . ?y :part ?z", 99),
    ("?x :wet ?w ; :owner ?o . ?o :age ?a", 100),
    ("?x :size ?n OPTIONAL { ?x :wet ?w }", 300),
    ("?x a :Field FILTER NOT EXISTS { ?x :wet ?w }", 200),
    ("?x a :Field FILTER EXISTS { ?x :wet ?w }", 100),
    ("GRAPH :g { ?x :size ?n }", 50),
    ("{ ?x :wet ?w } UNION { ?x :part ?w } ?x a :Site", 100),
)


@pytest.mark.parametrize("tables", POLICIES)
def test_estimates_follow_them(tmp_path: Path, tables: TablesPolicy) -> None:
    store = made(tmp_path, tables)
    for text, expected in ESTIMATES:
        plan, _ = optimise(parse_query(f"{PREFIX}SELECT * {{ {text} }}").plan, store.snapshot())
        found = Estimator(store.snapshot()).of(plan).rows
        assert found == pytest.approx(expected, rel=0.15, abs=2), text


@pytest.mark.parametrize("tables", POLICIES)
def test_they_follow_updates_once_a_tenth_has_changed(tmp_path: Path, tables: TablesPolicy) -> None:
    store = made(tmp_path, tables)
    before = sets(store)
    store.update(PREFIX + "INSERT DATA { :p0 :size 5 }")
    assert sets(store) == before
    new = " ".join(f":n{k} a :Site ; :age {k} ." for k in range(150))
    store.update(f"{PREFIX}INSERT DATA {{ {new} }}")
    assert named(sets(store))[frozenset({"Site", "age"})] == 150
    store.update(f"{PREFIX}DELETE WHERE {{ ?x :age ?a }}")
    assert not any("age" in one for one in named(sets(store)))


def test_small_stores_have_none_and_large_ones_a_bounded_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = Store.create(tmp_path / "small")
    small.update("INSERT DATA { <s:a> <p:p> 1 }")
    assert small.snapshot().sets is None
    monkeypatch.setattr(measuring, "FEWEST", 1)
    lines = " ".join(f"<s:{k}> <p:{k % 250}> {k} ; <q:{k % 7}> {k} ." for k in range(600))
    small.update(f"INSERT DATA {{ {lines} }}")
    held = sets(small)
    assert len(held.sets) == measuring.MOST_SETS
    assert sum(one.subjects for one in held.sets) == 601


def test_samples_scale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "SAMPLE_SUBJECTS", 100)
    held = sets(made(tmp_path, "never"))
    found = named(held)
    assert found[frozenset({"Field", "size", "owner"})] == pytest.approx(200, rel=0.35)
    assert found[frozenset({"Person", "name", "age"})] == pytest.approx(60, rel=0.5)


def test_a_damaged_file_does_not_stop_a_write(tmp_path: Path) -> None:
    store = made(tmp_path, "never")
    lane = next(x for x in store.snapshot().lanes if x.lane is Lane.STRING)
    lane.files[0].path.write_bytes(b"no parquet at all, and long enough to be read")
    new = " ".join(f"<n:{k}> <n:p> {k} ." for k in range(200))
    store.update(f"INSERT DATA {{ {new} }}")
    assert store.snapshot().sets is not None
