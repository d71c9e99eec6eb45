"""What is known of a source: harvested from the source itself, no VoID or rdf:type needed.

A prefix summary says where the subjects and objects of a predicate lie: an IRI counts by its
prefix, a blank node by its source, a literal as a literal. Two positions whose summaries share
nothing can never join.
"""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ontology import IRI, RDF_TYPE, BlankNode, Term

LITERALS: Final = '"'
MAX_AGE: Final = 24 * 3600.0  # seconds
Summary = frozenset[str] | None  # None: unknown

# scheme, authority and up to two path segments; the same text serves SPARQL and Python
PREFIX_PATTERN: Final = "^([^:/?#]+:(//[^/?#]*)?([^/?#]*[/?#]){0,3}).*$"
_PREFIX: Final = re.compile(PREFIX_PATTERN, re.DOTALL)


def blank_class(source: str) -> str:
    """Return the summary entry of a source's blank nodes."""
    return f"_:{source}"


def term_class(term: Term, source: str) -> str:
    """Return the summary entry of a term.

    >>> term_class(IRI("http://example.org/fields/17"), "a")
    'http://example.org/fields/'
    """
    match term:
        case IRI(value):
            found = _PREFIX.match(value)
            return found[1] if found else value
        case BlankNode():
            return blank_class(source)
    return LITERALS


@dataclass(frozen=True, slots=True)
class PredicateFacts:
    """One predicate at one source: number of triples, summaries of both ends."""

    count: int | None = None
    subjects: Summary = None
    objects: Summary = None


@dataclass(slots=True)
class Description:
    """What is known of one source.

    Attributes
    ----------
    predicates : dict, optional
        Every predicate of the default graph; None when unknown.
    classes : dict, optional
        Instances by class; None when unknown.
    shown : dict
        ASK text to answer: probes of functions, facts about the data as a whole.
    row_cap : int, optional
        Declared or observed.
    harvested : float
        Seconds since the epoch.
    version : str
        Of a local store: its snapshot; empty for endpoints.
    problem : str, optional
        Why the source could not be described.
    """

    source: str
    predicates: dict[str, PredicateFacts] | None = None
    classes: dict[str, int] | None = None
    shown: dict[str, bool] = field(default_factory=dict)
    row_cap: int | None = None
    harvested: float = field(default_factory=time.time)
    version: str = ""
    problem: str | None = None

    def facts(self, predicate: str) -> PredicateFacts | None:
        """Return the predicate's facts: None when the source is known not to have it."""
        if self.predicates is None:
            return PredicateFacts()
        return self.predicates.get(predicate)

    def instances(self, class_: str) -> int | None:
        """Return the number of instances of a class: 0 when it has none, None when unknown."""
        if self.classes is None:
            return None
        return self.classes.get(class_, 0)

    def fresh(self, version: str) -> bool:
        """Return whether the description may still be used."""
        if self.problem is not None:
            return False
        if version or self.version:
            return version == self.version
        return time.time() - self.harvested < MAX_AGE


def declared(source: str, predicates: Iterable[str], classes: Iterable[str] | None) -> Description:
    """Describe a source by what its owner declares."""
    return Description(
        source,
        predicates={p: PredicateFacts() for p in (*predicates, RDF_TYPE)},
        classes=None if classes is None else dict.fromkeys(classes, 1),
    )


class DescriptionCache:
    """Descriptions kept in a JSON file; a file that does not parse counts as absent."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._changed = False
        self._known: dict[str, dict[str, Any]] = {}
        if path is not None and path.exists():
            try:
                loaded = json.loads(path.read_text(encoding="utf-8"))
                self._known = loaded if isinstance(loaded, dict) else {}
            except (OSError, ValueError):
                self._known = {}

    def get(self, address: str, name: str) -> Description | None:
        """Return the description of the source at an address."""
        try:
            return _load(self._known[address], name)
        except (KeyError, TypeError, ValueError, AttributeError):
            return None

    def put(self, address: str, description: Description) -> None:
        """Remember a description."""
        if description.problem is not None:
            return
        dumped = _dump(description)
        with self._lock:
            self._changed = self._changed or self._known.get(address) != dumped
            self._known[address] = dumped

    def save(self) -> None:
        """Write the file; a folder that cannot be written costs the cache, nothing else."""
        with self._lock:
            if self._path is None or not self._changed:
                return
            self._changed = False
            try:
                temporary = self._path.with_suffix(f".{os.getpid()}.tmp")
                temporary.write_text(json.dumps(self._known, indent=1), encoding="utf-8")
                temporary.replace(self._path)
            except OSError:
                self._path = None


def _dump(description: Description) -> dict[str, Any]:
    facts = description.predicates
    blank = blank_class(description.source)

    def listed(summary: Summary) -> list[str] | None:
        return None if summary is None else sorted("_:" if s == blank else s for s in summary)

    return {
        "harvested": description.harvested,
        "version": description.version,
        "row_cap": description.row_cap,
        "shown": description.shown,
        "classes": description.classes,
        "predicates": None
        if facts is None
        else {p: [f.count, listed(f.subjects), listed(f.objects)] for p, f in facts.items()},
    }


def _load(stored: Mapping[str, Any], name: str) -> Description:
    def summary(items: list[str] | None) -> Summary:
        if items is None:
            return None
        return frozenset(blank_class(name) if i == "_:" else str(i) for i in items)

    facts = stored["predicates"]
    return Description(
        name,
        predicates=None
        if facts is None
        else {p: PredicateFacts(n, summary(s), summary(o)) for p, (n, s, o) in facts.items()},
        classes=stored["classes"],
        shown=dict(stored["shown"]),
        row_cap=stored["row_cap"],
        harvested=float(stored["harvested"]),
        version=str(stored["version"]),
    )
