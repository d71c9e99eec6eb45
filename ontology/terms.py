"""RDF terms and their canonical N-Triples text.

The canonical text (RDF 1.1 N-Triples, section 4) is what a term's identity is
computed from, see :mod:`ontology.identity`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from .errors import GeoloomError
from .namespaces import RDF, XSD

XSD_STRING: Final = XSD + "string"
RDF_LANG_STRING: Final = RDF + "langString"

_IRI_FORBIDDEN = re.compile(r'[\x00-\x20<>"{}|^`\\]')
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"}
_ESCAPE_RE = re.compile(r'[\\"\n\r]')


@dataclass(frozen=True, slots=True)
class IRI:
    """An absolute IRI."""

    value: str

    def __post_init__(self) -> None:
        found = _IRI_FORBIDDEN.search(self.value)
        if found:
            raise GeoloomError(
                "This is not an IRI",
                where=repr(self.value),
                why=f"the character {found.group()!r} is not allowed in an IRI",
                remedy="percent-encode it",
            )

    @property
    def n3(self) -> str:
        """Canonical N-Triples text."""
        return f"<{self.value}>"


@dataclass(frozen=True, slots=True)
class BlankNode:
    """A blank node; ``label`` is unique within a store (see design section 3)."""

    label: str

    @property
    def n3(self) -> str:
        """Canonical N-Triples text."""
        return f"_:{self.label}"


@dataclass(frozen=True, slots=True)
class Literal:
    """An RDF literal: lexical form, datatype IRI and, for language-tagged strings, the tag."""

    lexical: str
    datatype: str = XSD_STRING
    lang: str | None = None

    def __post_init__(self) -> None:
        if self.lang is not None and self.datatype != RDF_LANG_STRING:
            object.__setattr__(self, "datatype", RDF_LANG_STRING)

    @property
    def n3(self) -> str:
        """Canonical N-Triples text."""
        quoted = '"' + _ESCAPE_RE.sub(lambda m: _ESCAPES[m.group()], self.lexical) + '"'
        if self.lang is not None:
            return f"{quoted}@{self.lang}"
        if self.datatype == XSD_STRING:
            return quoted
        return f"{quoted}^^<{self.datatype}>"


Term = IRI | BlankNode | Literal
Triple = tuple[IRI | BlankNode, IRI, Term]
