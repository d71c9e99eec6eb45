"""Query cases grouped by the data they ask, so that each dataset is loaded once.

One store for all: opening one costs more than emptying it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from ontology import IRI, UnsupportedError
from store import Store, parse_query
from tests.conformance.manifest import Case


def loaded(cases: Iterable[Case], store: Store) -> Iterator[list[Case]]:
    """Fill the store with one dataset after the other; yield the cases that ask it.

    Graphs of FROM and FROM NAMED are files too; they are loaded under their own IRI.
    """
    groups: dict[tuple[tuple[Path, ...], tuple[Path, ...]], list[Case]] = {}
    for case in cases:
        files = sorted({*case.graphs, *_graphs_named_in(case)})
        groups.setdefault((case.data, tuple(files)), []).append(case)
    for (data, graphs), members in groups.items():
        store.update("DROP ALL")
        if data:
            store.load(data)
        for file in graphs:
            store.load([file], graph=file.as_uri())
        yield members


def _graphs_named_in(case: Case) -> Iterator[Path]:
    try:
        query = parse_query(case.text)
    except UnsupportedError:  # the case fails when it is asked
        return
    for graph in (*query.default_graphs, *query.named_graphs):
        assert isinstance(graph, IRI)
        yield Path(graph.value.removeprefix("file://"))
