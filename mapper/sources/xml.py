"""XML with an XPath iterator; read piece by piece where the iterator is a plain path."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from lxml import etree

from ontology import MappingError

from ..cells import Batch, Cells
from ..model import LogicalSource
from .base import BATCH_ROWS
from .gml_values import Gml, geometry_cells, gml_of
from .values import cells_of, without
from .xml_stream import streamed, whole_tree, xml_root
from .xpath import compile_xpath, plain_path, stays_inside

_NIL: Final = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_BATCH_SIGNS: Final = 32 << 20
"""Signs of text after which a batch ends."""


_Row = list[list[str]]
"""Values of each reference."""


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
        seen: set[str] = set()
        done = 0
        try:
            for rows, rejected in self._portions(readers):
                columns = {ref: [row[k] for row in rows] for k, ref in enumerate(readers)}
                seen |= {ref for ref, lists in columns.items() if any(lists)}
                yield _batch(columns, len(rows), rejected, done)
                done += len(rows)
        except etree.XPathError as error:
            raise MappingError(
                "An XPath cannot be evaluated", where=str(self._path), why=str(error)
            ) from error
        if not done:
            self.remarks = (self._nothing(),)
        else:
            self.absent = tuple(sorted(set(references) - seen))

    def _portions(self, readers: dict[str, Any]) -> Iterator[tuple[list[_Row], dict[int, str]]]:
        """Values of some elements, and which of these have to be left out."""
        rows: list[_Row] = []
        rejected: dict[int, str] = {}
        signs = 0
        for element in self._elements(readers):
            try:
                row = [self._values(ref, read(element)) for ref, read in readers.items()]
            except _NoValue as error:
                row = [[] for _ in readers]
                rejected[len(rows)] = str(error)
            rows.append(row)
            signs += sum(len(value) for values in row for value in values)
            if len(rows) == BATCH_ROWS or signs > _BATCH_SIGNS:
                yield rows, rejected
                rows, rejected, signs = [], {}, 0
        if rows:
            yield rows, rejected

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
            raise _NoValue(
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


class _NoValue(Exception):
    """An element stands where a value is needed."""


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


def _batch(
    columns: dict[str, list[list[str]]], count: int, rejected: dict[int, str], done: int
) -> Batch:
    cells: dict[str, Cells] = {}
    for name, lists in columns.items():
        if any(isinstance(value, Gml) for values in lists for value in values):
            cells[name], reasons = geometry_cells(lists)
            rejected = {row: f"{name}: {reason}" for row, reason in reasons.items()} | rejected
        else:
            cells[name] = cells_of(lists)
    return without(Batch(cells, np.arange(done + 1, done + count + 1)), rejected)
