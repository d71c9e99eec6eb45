"""Texts of YARRRML as RDF terms and term maps: prefixes, references, templates."""

from __future__ import annotations

import re
from typing import Any, Final

from rdflib import BNode, Graph, Literal, URIRef

from ontology import PREFIXES, RDF_TYPE

from ..language.template import escape
from ..language.vocabulary import RML
from .document import Document, Table, Text, items

_PART: Final = re.compile(r"\\([\\$()~])|\$\(((?:\\.|[^\\)])*)\)")
_CURIE: Final = re.compile(r"([A-Za-z_][\w.-]*|):(?!//)(.*)", re.DOTALL)
_FORBIDDEN: Final = re.compile(r"[\x00-\x20<>\"{}|^`\\]")
_SCHEMES: Final = frozenset({"urn", "tag", "mailto", "geo", "data", "info", "doi", "tel", "_"})
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_TYPES: Final = {
    "iri": "IRI",
    "blank": "BlankNode",
    "blanknode": "BlankNode",
    "literal": "Literal",
    "uri": "URI",
    "unsafeiri": "UnsafeIRI",
    "unsafeuri": "UnsafeURI",
}


def rml(name: str) -> URIRef:
    """Term of the RML vocabulary."""
    return URIRef(RML + name)


class Terms:
    """Makes term maps of texts.

    Parameters
    ----------
    graph : Graph
        Takes the triples.
    document : Document
    prefixes, external : Table
        Sections of the file.
    base : str, optional
    """

    def __init__(
        self,
        graph: Graph,
        document: Document,
        prefixes: Table,
        external: Table,
        base: str | None,
    ) -> None:
        self.graph = graph
        self.document = document
        self._base = base
        self._external = external
        self._prefixes = dict(PREFIXES)
        for name, value in prefixes.items():
            self._prefixes[name] = str(document.text(value, f"Prefix {name!r}"))

    def iri(self, text: Text) -> URIRef:
        """IRI of a text without references."""
        if text == "a":
            return URIRef(RDF_TYPE)
        parts = self._parts(text)
        if any(isinstance(part, tuple) for part in parts):
            self.document.fail(
                "A fixed IRI is needed here", text.line, why=f"{text} has references"
            )
        expanded = self._expanded("".join(map(str, parts)), text.line)
        if not _ABSOLUTE.match(expanded):
            if self._base is None:
                self.document.fail(
                    "This is not an IRI",
                    text.line,
                    why=repr(str(text)),
                    remedy="use a declared prefix, or write it in full",
                )
            expanded = self._base + expanded
        if _FORBIDDEN.search(expanded):
            self.document.fail(
                "This is not an IRI",
                text.line,
                why=repr(expanded),
                remedy="percent-encode what no IRI may hold, such as blanks",
            )
        return URIRef(expanded)

    def looks_like_iri(self, text: Text) -> bool:
        """Whether a text begins with a declared prefix, or with http:// or https://."""
        found = _CURIE.match(text)
        known = found is not None and found[1] in self._prefixes and " " not in text
        return known or (text.startswith(("http://", "https://")) and " " not in text)

    def value_map(self, text: Text, kind: str) -> BNode:
        """Term map of a text: ``kind`` is the name of a term type of RML."""
        node = BNode()
        self.fill(node, text, kind)
        return node

    def fill(self, node: BNode, text: Text, kind: str) -> None:
        """Give a term map its expression and its term type."""
        parts = self._parts(text)
        references = [part[0] for part in parts if isinstance(part, tuple)]
        if not references and kind == "Literal":
            self.graph.add((node, rml("constant"), Literal("".join(map(str, parts)))))
            return
        if not references and kind == "IRI":
            self.graph.add((node, rml("constant"), self.iri(text)))
            return
        if len(parts) == 1 and references:
            self.graph.add((node, rml("reference"), Literal(references[0])))
        else:
            self.graph.add((node, rml("template"), Literal(self._template(parts, kind, text.line))))
        self.graph.add((node, rml("termType"), rml(kind)))

    def term_type(self, text: Text) -> str:
        """Name RML has for a ``type``."""
        if text.lower() not in _TYPES:
            self.document.fail(
                f"{str(text)!r} is no type of terms",
                text.line,
                remedy="use iri, literal or blank",
            )
        return _TYPES[text.lower()]

    def qualify(self, node: BNode, datatype: Text | None, language: Text | None) -> None:
        """Give a literal its datatype or language, which may come from the data."""
        if datatype is not None:
            if "$(" in datatype:
                self.graph.add((node, rml("datatypeMap"), self.value_map(datatype, "IRI")))
            else:
                self.graph.add((node, rml("datatype"), self.iri(datatype)))
        if language is not None:
            if "$(" in language:
                self.graph.add((node, rml("languageMap"), self.value_map(language, "Literal")))
            else:
                self.graph.add((node, rml("language"), Literal(str(language))))

    def _template(self, parts: list[str | tuple[str]], kind: str, line: int) -> str:
        texts = [
            f"{{{escape(part[0])}}}" if isinstance(part, tuple) else escape(part) for part in parts
        ]
        if kind != "Literal" and parts and isinstance(parts[0], str):
            texts[0] = escape(self._expanded(parts[0], line))
        return "".join(texts)

    def _expanded(self, text: str, line: int) -> str:
        found = _CURIE.match(text)
        if found is None or found[1] in _SCHEMES:
            return text
        if found[1] not in self._prefixes:
            self.document.fail(
                f"The prefix {found[1]!r} is not declared",
                line,
                remedy="add it to prefixes",
            )
        return self._prefixes[found[1]] + found[2]

    def _parts(self, text: Text) -> list[str | tuple[str]]:
        """Fixed texts, and references as tuples of one; external references are put in."""
        parts: list[str | tuple[str]] = []
        end = 0
        for found in _PART.finditer(text):
            _join(parts, text[end : found.start()])
            end = found.end()
            if found[1] is not None:
                _join(parts, found[1])
                continue
            name = re.sub(r"\\(.)", r"\1", found[2])
            if name.startswith("_") and name[1:] in self._external:
                _join(parts, self.document.text(self._external[name[1:]], f"External {name!r}"))
            elif name:
                parts.append((name,))
            else:
                self.document.fail("A reference is empty", text.line, why=repr(str(text)))
        _join(parts, text[end:])
        return parts


def _join(parts: list[str | tuple[str]], text: str) -> None:
    if not text:
        return
    if parts and isinstance(parts[-1], str):
        parts[-1] += text
    else:
        parts.append(str(text))


def without_suffix(text: Text) -> tuple[Text, str | None]:
    """Text and what stands after its last ``~`` (``$(page)~iri``), if anything does."""
    found = re.fullmatch(r"(.*[^\\])~([A-Za-z]+)", text, re.DOTALL)
    return (Text(found[1], text.line), found[2]) if found else (text, None)


def every(value: Any) -> list[Any]:
    """Values of a key that may have one or several."""
    return list(items(value)) if value is not None else []
