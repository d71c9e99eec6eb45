"""Random changes of a store of entity tables, held against a set of statements."""

from __future__ import annotations

from collections import Counter
from itertools import product
from pathlib import Path
from random import Random

import pyoxigraph as ox
import pytest

from ontology import IRI
from store import Store
from store.layout import folding
from store.layout.tables import fold
from tests.store.tables.changes import invariants
from tests.store.tables.changes.batches import batches
from tests.store.tables.changes.vocabulary import (
    AS_WKT,
    BROKEN,
    FIELD,
    GRAPHS,
    HAS_GEOMETRY,
    TYPE,
    VALUES,
    Quad,
    crs_of,
    entities,
    line,
    quad,
)

STEPS = 10


class Model:
    """A store and the set of statements it must hold."""

    def __init__(self, path: Path, random: Random) -> None:
        self.folder = path
        self.store = Store.create(path / "store", tables="always")
        self.random = random
        self.quads: set[Quad] = set()
        self.named: set[IRI] = set()
        self.past: dict[int, set[Quad]] = {0: set()}

    def step(self) -> str:
        """Change both in the same way; what was done."""
        steps = {
            self.insert_entities: 6,
            self.load: 3,
            self.write: 5,
            self.insert: 4,
            self.delete: 4,
            self.delete_entities: 1,
            self.replace: 3,
            self.clear: 1,
            self.transfer: 3,
            self.compact: 3,
            self.again: 1,
        }
        done = self.random.choices([*steps], [*steps.values()])[0]
        text = done()
        self.past[self.store.snapshot().number] = set(self.quads)
        return text

    def insert(self) -> str:
        quads = [quad(self.random) for _ in range(self.random.randint(1, 3))]
        return self._insert(quads)

    def insert_entities(self) -> str:
        return self._insert(entities(self.random))

    def again(self) -> str:
        """Insert what is there; nothing may come of it."""
        number = self.store.snapshot().number
        text = self._insert(sorted(self.quads, key=line))
        assert self.store.snapshot().number == number
        return f"again: {text}"

    def _insert(self, quads: list[Quad]) -> str:
        report = self.store.insert(quads)
        assert report.inserted == len(set(quads) - self.quads)
        assert report.deleted == 0
        self._add(quads)
        return "insert\n" + "\n".join(map(line, quads))

    def _add(self, quads: list[Quad]) -> None:
        self.quads |= set(quads)
        self.named |= {graph for *_, graph in quads if graph is not None}

    def load(self) -> str:
        quads = [q for q in entities(self.random) if "_:" not in line(q)]
        file = self.folder / "load.nq"
        file.write_text("\n".join(map(line, quads)), encoding="utf-8")
        report = self.store.load(file)
        assert report.new == len(set(quads) - self.quads)
        self._add(quads)
        return "load\n" + "\n".join(map(line, quads))

    def write(self) -> str:
        """Write rows as a mapper does."""
        made, quads = batches(self.random, 0.2)
        with self.store.begin("fields") as sink:
            for batch in made:
                sink.write(batch)
            report = sink.commit()
        assert report.written == len(set(quads) - self.quads)
        self._add(quads)
        return "write\n" + "\n".join(map(line, quads))

    def delete(self) -> str:
        some = sorted(self.quads, key=line)
        quads = self.random.sample(some, min(len(some), self.random.randint(1, 3)))
        return self._delete([*quads, quad(self.random)])

    def delete_entities(self) -> str:
        subjects = {s for s, *_ in self.quads if self.random.random() < 0.3}
        return self._delete([q for q in sorted(self.quads, key=line) if q[0] in subjects])

    def _delete(self, quads: list[Quad]) -> str:
        report = self.store.delete(quads)
        assert report.deleted == len(set(quads) & self.quads)
        assert report.inserted == 0
        self.quads -= set(quads)
        return "delete\n" + "\n".join(map(line, quads))

    def replace(self) -> str:
        """Give subjects another value of a predicate, or the same again."""
        predicate = self.random.choice(list(VALUES))
        value = next(v for v in VALUES[predicate] if "_:" not in v.n3)
        graph = self.random.choice(GRAPHS)
        head = "" if graph is None else f"WITH {graph.n3} "
        p, v = predicate.n3, value.n3
        text = f"{head}DELETE {{ ?s {p} ?o }} INSERT {{ ?s {p} {v} }} WHERE {{ ?s {p} ?o }}"
        report = self.store.update(text)
        old = {q for q in self.quads if q[1] == predicate and q[3] == graph}
        new: set[Quad] = {(s, p, value, g) for s, p, _, g in old}
        assert (report.deleted, report.inserted) == (len(old), len(new))
        self.quads = self.quads - old | new
        return text

    def clear(self) -> str:
        target = self.random.choice(["DEFAULT", "NAMED", "ALL", *sorted(g.n3 for g in self.named)])
        verb = self.random.choice(["CLEAR", "DROP"])
        text = f"{verb} {'GRAPH ' * target.startswith('<')}{target}"
        gone = {
            q
            for q in self.quads
            if target == "ALL"
            or (target == "NAMED" and q[3] is not None)
            or (target == "DEFAULT" and q[3] is None)
            or (q[3] is not None and q[3].n3 == target)
        }
        assert self.store.update(text).deleted == len(gone)
        self.quads -= gone
        if verb == "DROP":
            self.named -= {g for g in self.named if target in ("ALL", "NAMED", g.n3)}
        return text

    def transfer(self) -> str:
        verb = self.random.choice(["COPY", "MOVE", "ADD"])
        source, target = (
            self.random.choice([None, *sorted(self.named, key=str)]),
            self.random.choice(GRAPHS),
        )
        names = ["DEFAULT" if g is None else f"GRAPH {g.n3}" for g in (source, target)]
        text = f"{verb} {names[0]} TO {names[1]}"
        report = self.store.update(text)
        if source == target:
            assert (report.inserted, report.deleted) == (0, 0)
            return text
        kept = {q for q in self.quads if verb == "ADD" or q[3] != target}
        taken = {q for q in self.quads if q[3] == source}
        after = kept | {(s, p, o, target) for s, p, o, _ in taken}
        assert report.inserted == len(after) - len(kept)
        assert report.deleted == len(self.quads) - len(kept) + len(taken) * (verb == "MOVE")
        self.quads = after - (taken if verb == "MOVE" else set())
        self.named |= {target} - {None}  # type: ignore[arg-type]
        self.named -= {source} if verb == "MOVE" and source is not None else set()
        return text

    def compact(self) -> str:
        self.store.compact()
        number = self.store.snapshot().number
        self.store.compact()
        assert self.store.snapshot().number == number, "compact twice changes nothing more"
        return "compact"

    def check(self) -> None:
        """Everything is there, nothing else, and the files are as they must be."""
        found, expected = self._dumped(), {_parsed(q) for q in self.quads}
        assert not expected - found, "lost"
        assert not found - expected, "too much"
        invariants.check(self.store)
        assert set(self.store.snapshot().graphs) == {graph.value for graph in self.named}

    def check_geometries(self) -> None:
        """Features are found with their geometries wherever those lie."""
        for graph, kind in product((None, *self.named), (None, FIELD)):
            columns = self.store.geometries(
                None if kind is None else kind.value, None if graph is None else graph.value
            )
            found = Counter((id_, c.crs) for c in columns for id_ in c.ids.to_pylist())
            assert found == self._geometries(graph, kind)

    def _geometries(self, graph: IRI | None, kind: IRI | None) -> Counter[tuple[str, str]]:
        here = [(s, p, o) for s, p, o, g in self.quads if g == graph]
        shapes = [(s, o) for s, p, o in here if p == AS_WKT and o.n3 not in BROKEN]
        fields = {s for s, p, o in here if p == TYPE and o == kind}
        return Counter(
            (feature.value if isinstance(feature, IRI) else feature.n3, crs_of(literal))
            for feature, p, node in here
            if p == HAS_GEOMETRY and (kind is None or feature in fields)
            for shape, literal in shapes
            if shape == node
        )

    def check_past(self) -> None:
        """Older snapshots are what they were."""
        for number in self.random.sample(sorted(self.past), min(3, len(self.past))):
            assert self._dumped(number) == {_parsed(q) for q in self.past[number]}

    def _dumped(self, as_of: int | None = None) -> set[ox.Quad]:
        path = self.folder / "dump.nq"
        count = self.store.dump(path, as_of=as_of)
        quads = list(ox.parse(path=str(path)))
        assert count == len(quads) == len(set(quads))
        return set(quads)


def _parsed(statement: Quad) -> ox.Quad:
    (parsed,) = ox.parse(line(statement).encode(), ox.RdfFormat.N_QUADS)
    return parsed


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_any_sequence_of_changes(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.fsync", lambda _: None)
    if seed % 3:
        monkeypatch.setattr(fold, "WORN_SHARE", 1)
    if seed % 2:
        monkeypatch.setattr(folding, "MANY_FILES", 1)
    model = Model(tmp_path, Random(seed))
    done: list[str] = []
    try:
        for _ in range(STEPS):
            done.append("?")
            done[-1] = model.step()
            model.check()
        model.check_geometries()
        model.check_past()
    except BaseException as error:
        error.add_note("\n\n".join(done))
        raise
