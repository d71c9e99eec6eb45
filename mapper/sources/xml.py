"""XML with an XPath iterator; read piece by piece where the iterator is a plain path."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
from lxml import etree

from ontology import GML_LITERAL, MappingError

from ..language.model import LogicalSource
from ..terms.cells import Batch
from .documents import Drawing, Geometries, NoValueError, Row
from .gml_values import gml_of
from .xml_stream import streamed, whole_tree, xml_root
from .xpath import compile_xpath, plain_path, stays_inside

_NIL: Final = "{http://www.w3.org/2001/XMLSchema-instance}nil"


class XmlSource:
    """An XML file and the elements its iterator (XPath 1.0) leads to.

    A reference is an XPath from such an element. Its values are texts: of attributes, of elements
    without elements in them, of numbers and truth values; ``xsi:nil`` is "no value". An element
    that is a GML geometry, or holds just one, is that geometry.
    """

    def __init__(self, source: LogicalSource, path: Path) -> None:
        self._source = source
        self._path = path
        self._namespaces = dict(source.namespaces)
        self._iterator = source.iterator or "/*"
        compile_xpath(self._iterator, self._namespaces, "rml:iterator")
        self._root = xml_root(source, path)
        self._nulls = frozenset(source.nulls)
        self._crs = source.option("crs")
        self.columns: dict[str, pa.DataType] | None = None
        self.crs: str | None = None
        self.rows: int | None = None
        self.remarks: tuple[str, ...] = ()
        self.absent: tuple[str, ...] = ()

    def check(self, references: Mapping[str, str]) -> None:
        """Check the XPath of each reference, given with its place in the mapping.

        Raises
        ------
        MappingError
            One is no XPath 1.0, or uses a prefix without namespace.
        """
        for reference, where in references.items():
            compile_xpath(reference, self._namespaces, where)

    def batches(self, references: Collection[str]) -> Iterator[Batch]:
        """Elements in batches."""
        readers = {ref: compile_xpath(ref, self._namespaces, str(self._path)) for ref in references}
        drawing = Drawing(tuple(readers), Geometries(GML_LITERAL))

        def draw(element: Any) -> Row:
            found = {ref: read(element) for ref, read in readers.items()}
            if drawing.unseen:
                drawing.unseen -= {ref for ref in drawing.unseen if found[ref] != []}
            return [self._values(ref, value) for ref, value in found.items()]

        try:
            yield from drawing.batches(self._elements(readers), draw)
        except etree.XPathError as error:
            raise MappingError(
                "An XPath cannot be evaluated", where=str(self._path), why=str(error)
            ) from error
        self.absent = drawing.absent
        if not drawing.count:
            self.remarks = (self._nothing(),)

    def _elements(self, readers: Collection[str]) -> Iterator[Any]:
        path = plain_path(self._iterator, self._namespaces)
        if path is not None and all(stays_inside(ref) for ref in readers):
            return streamed(self._source, self._path, path)
        tree = whole_tree(self._source, self._path)
        return self._iterated(compile_xpath(self._iterator, self._namespaces, "rml:iterator")(tree))

    def _iterated(self, found: Any) -> Iterator[Any]:
        if not isinstance(found, list) or not all(isinstance(e, etree._Element) for e in found):
            raise MappingError(
                "The iterator leads to something that is no element",
                where=f"{self._path}: {self._iterator}",
                remedy="let it end at an element and read attributes and texts by references",
            )
        return iter(found)

    def _values(self, reference: str, found: Any) -> list[str]:
        if not isinstance(found, list):
            return [_plain(found)]
        texts = (v if isinstance(v, str) else self._text(reference, v) for v in found)
        return [text for text in texts if text is not None and text not in self._nulls]

    def _text(self, reference: str, element: Any) -> str | None:
        if element.get(_NIL) in ("true", "1"):
            return None
        if not len(element):
            return element.text or ""
        geometry = gml_of(element, self._crs, str(self._path))
        if geometry is None:
            raise NoValueError(
                f"{reference} leads to <{etree.QName(element).localname}>, which has elements in it"
            )
        return geometry

    def _nothing(self) -> str:
        namespace = etree.QName(self._root).namespace
        hint = f"; the root is <{etree.QName(self._root).localname}>"
        if namespace:
            hint += (
                f" in the namespace {namespace}: declare it with rml:namespace"
                " and write its prefix in every step"
            )
        return f"{self._path}: {self._iterator} leads to no element{hint}"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if not math.isfinite(value):
            return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)
