"""IRIs as people write them."""

from __future__ import annotations

from ontology import PREFIXES, UsageError


def expand_iri(name: str) -> str:
    """Expand ``gl:Zone`` or ``<iri>`` to an IRI with the prefixes geoloom knows.

    Raises
    ------
    UsageError
        If the prefix is not known.

    Examples
    --------
    >>> expand_iri("gl:Zone")
    'https://w3id.org/geoloom/ns#Zone'
    """
    if name.startswith("<") and name.endswith(">"):
        return name[1:-1]
    prefix, colon, local = name.partition(":")
    if colon and prefix in PREFIXES:
        return PREFIXES[prefix] + local
    if colon and (local.startswith("//") or prefix == "urn"):
        return name
    raise UsageError(
        f"'{name}' is not an IRI",
        why=f"it has no known prefix; known are {', '.join(sorted(PREFIXES))}",
        remedy="write it whole, in angle brackets",
    )
