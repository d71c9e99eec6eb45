"""ExtremeEarth's terms in geoloom's vocabulary."""

from __future__ import annotations

from functools import cache
from typing import Final

from ..namespaces import OWL, RDFS
from .read import vocabulary_graph

_MEANS: Final = (
    OWL + "equivalentProperty",
    OWL + "equivalentClass",
    RDFS + "subPropertyOf",
    RDFS + "subClassOf",
)


@cache
def _pairs() -> tuple[tuple[str, str], ...]:
    graph = vocabulary_graph("extremeearth")
    found = {(str(s), str(o)) for s, p, o in graph if str(p) in _MEANS}
    return tuple(sorted(found))


def extremeearth_profile() -> dict[str, str]:
    """Return old IRI to geoloom's (or the reused standard's) IRI, for mappings and queries.

    Only terms whose statements may be read as statements of the new term (equivalent, or
    narrower than it) are in; ``extremeearth.ttl`` also lists the merely similar ones.

    Examples
    --------
    >>> extremeearth_profile()["http://earthanalytics.eu/fs/ontology/hasDN"]
    'https://w3id.org/geoloom/ns#classCode'
    """
    return dict(_pairs())
