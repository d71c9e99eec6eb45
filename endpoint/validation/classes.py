"""Which map classes agree with a sample class, and what classes are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from ontology import CODE_LISTS, Crosswalk, UnknownCodeError, UsageError, code_list, crosswalk

Compatible = Callable[[str], frozenset[str]]


def compatibility(
    sample_scheme: str,
    map_scheme: str,
    given: Crosswalk | Mapping[str, frozenset[str]] | None = None,
) -> Compatible:
    """Make the function from a sample class to the map classes that agree with it.

    Parameters
    ----------
    sample_scheme, map_scheme : str
        Names of code lists.
    given : Crosswalk or mapping, optional
        Instead of the crosswalk of geoloom: one between the two lists, or class to classes as
        they stand in the data.

    Returns
    -------
    callable
        Sample class (concept IRI, or a bare code) to concept IRIs; empty for classes that the
        crosswalk does not map and for classes that are not in the list.

    Raises
    ------
    UsageError
        A code list is unknown, or the crosswalk is between others.
    """
    if isinstance(given, Mapping):
        return lambda kind: frozenset(given.get(kind, ()))
    for scheme in (sample_scheme, map_scheme):
        if scheme not in CODE_LISTS:
            raise UsageError(
                f"There is no code list {scheme!r}", remedy="use one of " + ", ".join(CODE_LISTS)
            )
    if given is None and sample_scheme == map_scheme:
        return cache(lambda kind: _own_subtree(sample_scheme, kind))
    walk = given if given is not None else crosswalk(sample_scheme, map_scheme)
    if (walk.source.name, walk.target.name) != (sample_scheme, map_scheme):
        raise UsageError(
            "The crosswalk does not lead from the samples' list to the map's",
            why=f"it leads from {walk.source.name} to {walk.target.name}",
        )
    return cache(lambda kind: _mapped(walk, kind))


def _own_subtree(scheme: str, kind: str) -> frozenset[str]:
    listed = code_list(scheme)
    try:
        return frozenset(listed.iri(code) for code in listed.subtree(kind))
    except UnknownCodeError:
        return frozenset()


def _mapped(walk: Crosswalk, kind: str) -> frozenset[str]:
    code = kind.removeprefix(walk.source.scheme_iri + "/")
    if code not in walk.source:
        return frozenset()
    return frozenset(walk.target.iri(target) for target in walk.compatible(code))


def class_label(kind: str) -> str:
    """Code and label of a concept IRI of a known list; any other class as it stands."""
    for name in CODE_LISTS:
        listed = code_list(name)
        code = kind.removeprefix(listed.scheme_iri + "/")
        if code != kind and code in listed:
            return f"{code} {listed.label(code)}"
    return kind
