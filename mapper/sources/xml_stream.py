"""Elements of an XML file of untrusted origin, streamed where their path is plain.

No document type, no entity, nothing external; in a stream only the element at hand is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

from lxml import etree

from ontology import InputError, UnsupportedError

from ..language.model import LogicalSource
from .base import unreadable
from .compressed import BROKEN, opened
from .xpath import PlainPath

_CHUNK: Final = 1 << 18
_REMEDY: Final = "check that it is well-formed XML; say rml:encoding if its own is wrong"
_BROKEN: Final = (*BROKEN, etree.XMLSyntaxError, LookupError)


def xml_root(source: LogicalSource, path: Path) -> Any:
    """Return the root element as it begins: its name, attributes and namespaces.

    Raises
    ------
    InputError
        The file is no XML.
    UnsupportedError
        It has a document type.
    """
    parser = etree.XMLPullParser(events=("start",), **_options(source, huge=False))
    try:
        with opened(source, path) as stream:
            while chunk := stream.read(4096):
                parser.feed(chunk)
                for _, element in parser.read_events():
                    _refuse_document_type(element, path)
                    return element
            parser.close()
    except _BROKEN as error:
        raise unreadable(str(path), error, _REMEDY) from error
    raise InputError("A source has no element", where=str(path), remedy=_REMEDY)


def whole_tree(source: LogicalSource, path: Path) -> Any:
    """Parse all of the file."""
    try:
        with opened(source, path) as stream:
            tree = etree.parse(stream, etree.XMLParser(**_options(source, huge=True)))
    except _BROKEN as error:
        raise unreadable(str(path), error, _REMEDY) from error
    return tree


def streamed(source: LogicalSource, path: Path, wanted: PlainPath) -> Iterator[Any]:
    """Elements of a path in document order; each is gone when the next ones are asked for."""
    try:
        with opened(source, path) as stream:
            yield from _elements(stream, source, wanted)
    except _BROKEN as error:
        raise unreadable(str(path), error, _REMEDY) from error


def _elements(stream: IO[bytes], source: LogicalSource, wanted: PlainPath) -> Iterator[Any]:
    options = _options(source, huge=True)
    parser = etree.XMLPullParser(events=("end",), tag=wanted.tags[-1], **options)
    root: Any = None
    while chunk := stream.read(_CHUNK):
        parser.feed(chunk)
        for _, element in parser.read_events():
            root = element.getroottree().getroot() if root is None else root
            yield from _matching(element, wanted)
        if root is not None:
            _prune(root, wanted)
    parser.close()
    for _, element in parser.read_events():
        yield from _matching(element, wanted)


def _matching(element: Any, wanted: PlainPath) -> Iterator[Any]:
    if wanted.anywhere:
        if next(element.iterancestors(wanted.tags[-1]), None) is None:
            yield from element.iter(wanted.tags[-1])
        return
    above = [parent.tag for parent in element.iterancestors()][::-1]
    if len(above) == len(wanted.tags) - 1 and all(
        tag in ("*", found) for tag, found in zip(wanted.tags, above, strict=False)
    ):
        yield element


def _prune(root: Any, wanted: PlainPath) -> None:
    """Drop what is complete: all but the last child, from the root down to the wanted level."""
    element, depth = root, 1
    while len(element):
        if wanted.anywhere and element.tag == wanted.tags[-1]:
            return
        if not wanted.anywhere and depth >= len(wanted.tags):
            return
        del element[:-1]
        element, depth = element[-1], depth + 1


def _options(source: LogicalSource, *, huge: bool) -> dict[str, Any]:
    return {
        "encoding": source.option("encoding"),
        "resolve_entities": False,
        "no_network": True,
        "load_dtd": False,
        "dtd_validation": False,
        "remove_comments": True,
        "remove_pis": True,
        "huge_tree": huge,
    }


def _refuse_document_type(element: Any, path: Path) -> None:
    found = element.getroottree().docinfo
    if found.doctype or found.internalDTD is not None:
        raise UnsupportedError(
            "XML with a document type is refused",
            where=str(path),
            why="entities are never expanded, and nothing external is read",
            remedy="write it without <!DOCTYPE>, for example with xmllint --dropdtd --noent",
        )
