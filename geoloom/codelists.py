"""Code lists of ``ontology`` into a store, as SKOS."""

from __future__ import annotations

from ontology import SinkReport, skos_batches
from store import Store


def load_codelists(store: Store, names: tuple[str, ...]) -> SinkReport:
    """Write code lists (concepts, labels, hierarchy) and the crosswalks among them.

    Raises
    ------
    UnknownCodeError
        If geoloom has no list of such a name.
    """
    with store.begin(theme="codes") as sink:
        for batch in skos_batches(names):
            sink.write(batch)
        return sink.commit()
