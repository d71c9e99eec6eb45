"""Query cases grouped by the data they ask, so that each dataset is loaded once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from ontology import IRI, UnsupportedError
from store import Store, parse_query
from tests.conformance.manifest import Case


def loaded(cases: Iterable[Case], folder: Path) -> Iterator[tuple[Store, list[Case]]]:
    """Yield a store for each dataset with the cases that ask it.

    Graphs of FROM and FROM NAMED are files too; they are loaded under their own IRI.
    """
    groups: dict[tuple[tuple[Path, ...], tuple[Path, ...]], list[Case]] = {}
    for case in cases:
        graphs = sorted({*case.graphs, *_graphs_named_in(case)})
        groups.setdefault((case.data, tuple(graphs)), []).append(case)
    for number, ((data, graphs), members) in enumerate(groups.items()):
        store = Store.create(folder / str(number))
        if data:
            store.load(data)
        for file in graphs:
            store.load([file], graph=file.as_uri())
        yield store, members


def _graphs_named_in(case: Case) -> Iterator[Path]:
    try:
        query = parse_query(case.text)
    except UnsupportedError:  # the case fails when it is asked
        return
    for graph in (*query.default_graphs, *query.named_graphs):
        assert isinstance(graph, IRI)
        yield Path(graph.value.removeprefix("file://"))
