"""Sources and targets of YARRRML."""

from __future__ import annotations

from typing import Any, Final

from rdflib import RDF, BNode, Literal, URIRef

from ..language.vocabulary import D2RQ, FORMATS, GL, SQL_QUERY, SQL_TABLE
from .document import Items, Table, Text, items
from .terms import Terms, rml

_FORMULATIONS: Final = {"csv": "CSV", "jsonpath": "JSONPath", "xpath": "XPath"}
_DATABASES: Final = ("postgresql", "mysql", "sqlserver", "oracle", "sqlite", "duckdb")
_FILES: Final = ("localfile", "file", "void", "dcat")
_SOURCE_KEYS: Final = {
    name: name
    for name in (
        "access",
        "type",
        "referenceFormulation",
        "iterator",
        "query",
        "queryFormulation",
        "table",
        "credentials",
        "encoding",
        "compression",
        "delimiter",
        "nulls",
    )
}
_TARGET_KEYS: Final = {name: name for name in ("access", "type", "serialization", "compression")}
_SERIALIZATIONS: Final = {
    "ntriples": "N-Triples",
    "nquads": "N-Quads",
    "turtle": "Turtle",
    "trig": "TriG",
    "jsonld": "JSON-LD",
    "rdfxml": "RDF_XML",
    "n3": "N3",
}
_SHORT: Final = {"targzip": "targz"}


class Places:
    """Makes logical sources and targets.

    Parameters
    ----------
    terms : Terms
    sources, targets : Table
        Sections of the file.
    """

    def __init__(self, terms: Terms, sources: Table, targets: Table) -> None:
        self._terms = terms
        self._document = terms.document
        self._graph = terms.graph
        self._named = sources
        self._targets = targets

    def sources(self, value: Any) -> list[BNode]:
        """Logical sources of a mapping: names, ``[file~csv, iterator]`` or tables."""
        if isinstance(value, Items) and value and all(isinstance(v, Text) for v in value):
            inline = "~" in value[0] and (len(value) == 1 or "~" not in value[1])
            if inline and value[0] not in self._named:
                return [self._source(value)]
        return [self._source(one) for one in items(value)]

    def _source(self, value: Any) -> BNode:
        if isinstance(value, Text):
            if value in self._named:
                return self._source(self._named[value])
            if "~" not in value:
                self._document.no_such("source", value, self._named)
            value = Items([value], value.line)
        if isinstance(value, Items):
            return self._short_source(value)
        return self._long_source(self._document.table(value, "A source"))

    def _short_source(self, value: Items) -> BNode:
        if len(value) == 1 and isinstance(value[0], Items | Table):
            return self._source(value[0])
        texts = [self._document.text(one, "Part of a source") for one in value]
        path, mark, kind = texts[0].rpartition("~")
        if not mark or len(texts) > 2:
            self._document.fail(
                "A source in short form is [file~formulation, iterator]", value.line
            )
        return self._file(path, Text(kind, texts[0].line), texts[1] if len(texts) == 2 else None)

    def _long_source(self, given: Table) -> BNode:
        options = {key: value for key, value in given.items() if ":" in key}
        table = self._document.renamed(given, _SOURCE_KEYS, options)
        self._document.texts(table, "credentials", "nulls")
        kind = table.get("type")
        if "query" in table or "table" in table or (kind is not None and kind in _DATABASES):
            return self._database(table)
        if kind is not None and kind not in _FILES:
            self._document.refuse(
                f"Sources of type {kind} are not read",
                kind.line,
                remedy="save the data to a file",
            )
        for name in ("access", "referenceFormulation"):
            if name not in table:
                self._document.fail(f"A source has no {name}", table.line)
        node = self._file(table["access"], table["referenceFormulation"], table.get("iterator"))
        self._describe(node, table, options)
        return node

    def _describe(self, node: BNode, table: Table, options: dict[str, Any]) -> None:
        """Encoding, compression, nulls and options of ours."""
        source = self._graph.value(node, rml("source"))
        file = BNode()
        self._graph.set((node, rml("source"), file))
        self._graph.add((file, rml("path"), source))  # type: ignore[arg-type]
        if "encoding" in table:
            self._graph.add((file, rml("encoding"), Literal(str(table["encoding"]))))
        if "compression" in table:
            self._graph.add((file, rml("compression"), Literal(str(table["compression"]))))
        for text in items(table["nulls"]) if "nulls" in table else ():
            self._graph.add((file, rml("null"), Literal(str(text))))
        if "delimiter" in table:
            self._graph.add((node, URIRef(GL + "delimiter"), Literal(str(table["delimiter"]))))
        for key, value in options.items():
            option = self._terms.iri(Text(key, value.line))
            self._graph.add((node, option, Literal(str(value))))

    def _file(self, path: str, kind: Text, iterator: Text | None) -> BNode:
        node = BNode()
        if kind.lower() in _FORMULATIONS:
            formulation = rml(_FORMULATIONS[kind.lower()])
        elif ":" in kind:
            formulation = self._terms.iri(kind)
        else:
            self._document.fail(
                f"The reference formulation {str(kind)!r} is not known",
                kind.line,
                remedy="use csv, jsonpath, xpath, or an IRI such as gl:Vector",
            )
        self._graph.add((node, rml("source"), Literal(str(path))))
        self._graph.add((node, rml("referenceFormulation"), formulation))
        if iterator is not None:
            self._graph.add((node, rml("iterator"), Literal(str(iterator))))
        return node

    def _database(self, table: Table) -> BNode:
        node = BNode()
        what = "query" if "query" in table else "table"
        if what not in table:
            self._document.fail("A database source needs a query or a table", table.line)
        formulation = SQL_QUERY if what == "query" else SQL_TABLE
        self._graph.add((node, rml("referenceFormulation"), URIRef(formulation)))
        self._graph.add((node, rml("iterator"), Literal(str(table[what]))))
        if "access" in table:
            self._graph.add((node, rml("source"), self._connection(table)))
        return node

    def _connection(self, table: Table) -> BNode:
        """The ``d2rq:Database``; YARRRML writes hosts as if they spoke HTTP."""
        node = BNode()
        access = str(table["access"])
        if access.startswith(("http://", "https://")):
            access = f"jdbc:{table.get('type', 'postgresql')}://{access.split('://', 1)[1]}"
        self._graph.add((node, RDF.type, URIRef(D2RQ + "Database")))
        self._graph.add((node, URIRef(D2RQ + "jdbcDSN"), Literal(access)))
        credentials = self._document.table(
            table.get("credentials", Table({}, table.line)), "credentials"
        )
        allowed = {"username": "username", "password": "password"}
        for name, value in self._document.renamed(credentials, allowed).items():
            self._graph.add((node, URIRef(D2RQ + name), Literal(str(value))))
        return node

    def add_targets(self, node: BNode, value: Any) -> None:
        """Logical targets of a term map: names, or ``[file~void, turtle, gzip]``."""
        inline = isinstance(value, Items) and value and isinstance(value[0], Text)
        if inline and "~" in value[0]:
            value = Items([value], value.line)
        for one in items(value):
            self._graph.add((node, rml("logicalTarget"), self._target(one)))

    def _target(self, value: Any) -> BNode:
        if isinstance(value, Text) and "~" not in value:
            if value not in self._targets:
                self._document.no_such("target", value, self._targets)
            return self._target(self._targets[value])
        if isinstance(value, Table):
            table = self._document.texts(self._document.renamed(value, _TARGET_KEYS))
        else:
            texts = [self._document.text(one, "Part of a target") for one in items(value)]
            path, _, kind = texts[0].rpartition("~")
            names = ("serialization", "compression")
            table = Table(dict(zip(names, texts[1:], strict=False)), texts[0].line)
            table |= {"access": Text(path, texts[0].line), "type": Text(kind, texts[0].line)}
        return self._file_target(table)

    def _file_target(self, table: Table) -> BNode:
        kind = table.get("type", "void")
        if "access" not in table:
            self._document.fail("A target has no access", table.line)
        if kind not in _FILES:
            self._document.refuse(
                f"Targets of type {kind} are not written",
                kind.line,
                remedy="write to a file: [dump.nq~void]",
            )
        node, file = BNode(), BNode()
        self._graph.add((node, rml("target"), file))
        path = str(table["access"]).removeprefix("file://")
        self._graph.add((file, rml("path"), Literal(path)))
        if "serialization" in table:
            name = str(table["serialization"])
            form = FORMATS + _SERIALIZATIONS.get(name.lower(), name)
            self._graph.add((node, rml("serialization"), Literal(form)))
        if "compression" in table:
            name = str(table["compression"])
            self._graph.add((node, rml("compression"), Literal(_SHORT.get(name, name))))
        return node
