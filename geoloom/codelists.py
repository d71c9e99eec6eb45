"""Code lists of ``ontology`` into a store, as SKOS."""

from __future__ import annotations

from ontology import SinkReport, code_list, skos_batches
from store import Store


def load_codelist(store: Store, name: str) -> SinkReport:
    """Write one code list (concepts, labels, hierarchy) into the store's default graph.

    Raises
    ------
    UsageError
        If geoloom has no list of that name.
    """
    chosen = code_list(name)
    with store.begin(theme=f"codes-{name}") as sink:
        for batch in skos_batches(chosen.name):
            sink.write(batch)
        return sink.commit()
