"""W3C SPARQL 1.1 update evaluation: what the store holds afterwards, graph by graph.

All 94 cases. Every graph must be there, none besides, empty ones included, and each must be the
expected one up to the names of its blank nodes; lexical forms are compared byte for byte.
``sparql11-update-tables`` are the cases that meet entity tables, before the request or after it,
where they are made whenever they can be; with passes only.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import RDFS, Graph, Namespace
from rdflib.collection import Collection
from rdflib.namespace import RDF
from rdflib.term import Node

from ontology import GeoloomError
from store import Store
from store.layout.manifest import TablesPolicy
from tests.conformance.judge import POLICIES, judge, suite_of
from tests.conformance.manifest import MF
from tests.conformance.suites import require

SUITE = require("conformance/w3c-sparql/sparql/sparql11")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")

Graphs = dict[str, list[Path]]
"""Files by the IRI of their graph; the default graph is ''."""


@dataclass(frozen=True, slots=True)
class UpdateCase:
    """A request, what the store holds before it and what it must hold afterwards."""

    name: str
    request: Path
    before: Graphs
    after: Graphs


def _path(node: Node | None) -> Path:
    return Path(str(node).removeprefix("file://"))


def _graphs(manifest: Graph, state: Node | None) -> Graphs:
    found: Graphs = {}
    for file in manifest.objects(state, UT.data):
        found.setdefault("", []).append(_path(file))
    for named in manifest.objects(state, UT.graphData):
        label = str(manifest.value(named, RDFS.label))
        found.setdefault(label, []).append(_path(manifest.value(named, UT.graph)))
    return found


def update_cases() -> Iterator[UpdateCase]:
    """Yield every update evaluation test."""
    for file in sorted(SUITE.rglob("manifest.ttl")):
        manifest = Graph().parse(file, format="turtle", publicID=file.as_uri())
        for entries in manifest.objects(None, MF.entries):
            for entry in Collection(manifest, entries):
                if (entry, RDF.type, MF.UpdateEvaluationTest) in manifest:
                    action = manifest.value(entry, MF.action)
                    yield UpdateCase(
                        f"{file.parent.name}/{manifest.value(entry, MF.name)}",
                        _path(manifest.value(action, UT.request)),
                        _graphs(manifest, action),
                        _graphs(manifest, manifest.value(entry, MF.result)),
                    )


def _canonical(triples: list[ox.Triple]) -> ox.Dataset:
    dataset = ox.Dataset(ox.Quad(*triple) for triple in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return dataset


def _expected(graphs: Graphs) -> dict[str, ox.Dataset]:
    read = {
        name: [
            quad.triple for file in files for quad in ox.parse(path=file, base_iri=file.as_uri())
        ]
        for name, files in {"": [], **graphs}.items()
    }
    return {name: _canonical(triples) for name, triples in read.items()}


def _actual(store: Store, folder: Path) -> dict[str, ox.Dataset]:
    store.dump(folder / "after.nq")
    read: dict[str, list[ox.Triple]] = {name: [] for name in ("", *store.snapshot().graphs)}
    for quad in ox.parse(path=folder / "after.nq"):
        name = "" if quad.graph_name == ox.DefaultGraph() else quad.graph_name.value
        read[name].append(quad.triple)
    return {name: _canonical(triples) for name, triples in read.items()}


def _passes(case: UpdateCase, tables: TablesPolicy) -> tuple[bool, ...]:
    """With passes or without; it matters only where there is a WHERE."""
    where = "WHERE" in case.request.read_text(encoding="utf-8").upper()
    return (True, False) if where and tables == "never" else (True,)


def _wrong(stores: Stores, case: UpdateCase, folder: Path) -> str | None:
    """What is wrong with a case's outcome, or None."""
    text = case.request.read_text(encoding="utf-8")
    wanted = _expected(case.after)
    for optimise in _passes(case, stores.tables):
        try:
            store = stores.holding(case.before)
            store.update(text, base_iri=case.request.as_uri(), optimise=optimise)
        except GeoloomError as error:
            return f"{type(error).__name__}: {error}"
        found = _actual(store, folder)
        if found != wanted:
            differing = [name for name in {*found, *wanted} if found.get(name) != wanted.get(name)]
            return f"passes {'on' if optimise else 'off'}: other graphs {differing}"
    return None


class Stores:
    """Stores that hold what cases start from; many cases start alike."""

    def __init__(self, folder: Path, tables: TablesPolicy) -> None:
        self.tables = tables
        self._folder = folder
        self._changed = folder / "changed"
        self._prepared: dict[str, Path] = {}

    def holding(self, graphs: Graphs) -> Store:
        """A store of these graphs to change, until the next is asked for."""
        key = repr(sorted(graphs.items()))
        if key not in self._prepared:
            self._prepared[key] = self._prepare(graphs)
        shutil.rmtree(self._changed, ignore_errors=True)
        return Store.open(shutil.copytree(self._prepared[key], self._changed))

    def had_tables(self) -> bool:
        """Whether the store last asked for has or had entity tables."""
        return any(snapshot.tables for snapshot in Store.open(self._changed).history())

    def _prepare(self, graphs: Graphs) -> Path:
        store = Store.create(self._folder / f"prepared-{len(self._prepared)}", tables=self.tables)
        for name, files in graphs.items():
            for file in files:
                store.load(file, graph=name or None, base_iri=file.as_uri())
        return store.path


@pytest.mark.timeout(300)
@pytest.mark.parametrize("tables", POLICIES)
def test_update_evaluation(
    tables: TablesPolicy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda handle: None)  # whether it lasts is tested elsewhere
    stores = Stores(tmp_path, tables)
    every = list(update_cases())
    assert len({case.name for case in every}) == len(every) == 94
    outcomes = {
        case.name: wrong
        for case in every
        for wrong in (_wrong(stores, case, tmp_path),)
        if tables == "never" or stores.had_tables()
    }
    judge(suite_of("sparql11-update", tables), outcomes)
