"""JSON and XML files: where their records are, and which paths lead to values."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from lxml import etree

from ontology import InputError

from ..language.model import LogicalSource
from ..language.vocabulary import JSON_PATH, XPATH

_RECORDS: Final = 1000
_DEEPEST: Final = 4
_MEMBERS: Final = 200
_PLAIN: Final = re.compile(r"[^\W\d]\w*")


def json_source(file: Path) -> tuple[LogicalSource, tuple[str, ...]]:
    """The logical source of a JSON file and the paths of its values.

    Records are the members of the outermost array: of the file itself, or of the longest array
    of objects that is a member of the outermost object.

    Raises
    ------
    InputError
        It is no JSON.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise InputError(
            "Cannot read a JSON file",
            where=str(file),
            why=str(error),
            remedy="check it with python -m json.tool",
        ) from error
    iterator, records = _records(content)
    paths = Counter(path for record in records[:_RECORDS] for path in _paths(record, "", 0))
    source = LogicalSource(file.name, "base", JSON_PATH, iterator)
    return source, tuple(islice(paths, _MEMBERS))


def _records(content: Any) -> tuple[str, list[Any]]:
    if isinstance(content, list):
        return "$[*]", content
    lists = {
        name: value
        for name, value in (content.items() if isinstance(content, dict) else ())
        if isinstance(value, list) and value and all(isinstance(one, dict) for one in value)
    }
    if not lists:
        return "$", [content]
    name = max(lists, key=lambda key: len(lists[key]))
    return f"$.{_member(name)[1:]}[*]" if _PLAIN.fullmatch(name) else f"${_member(name)}[*]", lists[
        name
    ]


def _member(name: str) -> str:
    if _PLAIN.fullmatch(name):
        return "." + name
    quote = '"' if "'" in name else "'"
    return f"[{quote}{name}{quote}]"


def _paths(value: Any, path: str, depth: int) -> Iterator[str]:
    if isinstance(value, dict) and depth < _DEEPEST:
        for name, member in value.items():
            yield from _paths(member, path + _member(name), depth + 1)
    elif isinstance(value, list):
        if value and not any(isinstance(one, dict | list) for one in value):
            yield f"{path}[*]".removeprefix(".")
    elif path and not isinstance(value, dict):
        yield path.removeprefix(".") if path.startswith(".") else "$" + path


def xml_source(file: Path) -> tuple[LogicalSource, tuple[str, ...]]:
    """The logical source of an XML file and the XPaths of its values.

    Records are the elements whose path stands most often among those that have elements in
    them; a file whose elements do not repeat is one record.

    Raises
    ------
    InputError
        It is no XML.
    """
    try:
        root = etree.parse(file, etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
    except (etree.XMLSyntaxError, OSError) as error:
        raise InputError("Cannot read an XML file", where=str(file), why=str(error)) from error
    prefixes = _prefixes(root)
    paths: dict[str, list[Any]] = {}
    for element in root.iter(etree.Element):
        if len(element) or element is root:
            paths.setdefault(_path(element, prefixes), []).append(element)
    top = max(paths, key=lambda path: (len(paths[path]), -path.count("/")))
    found = Counter(
        path for record in paths[top][:_RECORDS] for path in _values(record, "", prefixes, 0)
    )
    used = tuple(sorted((prefix, url) for url, prefix in prefixes.items()))
    source = LogicalSource(file.name, "base", XPATH, top, namespaces=used)
    return source, tuple(islice(found, _MEMBERS))


def _prefixes(root: Any) -> dict[str, str]:
    """A prefix for every namespace of the file."""
    given: dict[str, str] = {}
    for element in root.iter(etree.Element):
        for prefix, url in element.nsmap.items():
            if url not in given and (prefix or "ns") not in given.values():
                given[url] = prefix or "ns"
            elif url not in given:
                given[url] = f"ns{len(given)}"
    return given


def _name(tag: str, prefixes: dict[str, str]) -> str:
    name = etree.QName(tag)
    return f"{prefixes[name.namespace]}:{name.localname}" if name.namespace else name.localname


def _path(element: Any, prefixes: dict[str, str]) -> str:
    names = [_name(one.tag, prefixes) for one in (element, *element.iterancestors())]
    return "/" + "/".join(reversed(names))


def _values(element: Any, path: str, prefixes: dict[str, str], depth: int) -> Iterator[str]:
    for attribute in element.attrib:
        if not attribute.startswith("{http://www.w3.org/2001/XMLSchema-instance}"):
            yield f"{path}@{_name(attribute, prefixes)}"
    for child in element.iterchildren(etree.Element):
        step = path + _name(child.tag, prefixes)
        if len(child) and depth < _DEEPEST:
            yield from _values(child, step + "/", prefixes, depth + 1)
        elif not len(child):
            yield step
            yield from _values(child, step + "/", prefixes, depth + 1)
