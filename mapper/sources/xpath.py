"""XPath 1.0: checked before anything is read, and looked at for whether it can be streamed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from ontology import MappingError

_STEP: Final = re.compile(r"(?:(?P<prefix>[\w.-]+):)?(?P<name>[\w.-]+|\*)")
_STRING: Final = re.compile(r"\"[^\"]*\"|'[^']*'")
_LEAVES: Final = re.compile(
    r"\.\.|(?:ancestor|parent|preceding|following|namespace)[\w-]*\s*::|\bid\s*\("
    r"|(?:^|[(\[,|=<>+\-!]|\b(?:or|and|div|mod))\s*/"
)
"""What may lead out of the element an expression starts from."""


@dataclass(frozen=True, slots=True)
class PlainPath:
    """An iterator that can be followed while the file is read.

    Attributes
    ----------
    tags : tuple of str
        Names from the root down, as lxml writes them; ``*`` is any.
    anywhere : bool
        ``//name``: elements of this name wherever they are.
    """

    tags: tuple[str, ...]
    anywhere: bool


def compile_xpath(text: str, namespaces: dict[str, str], where: str) -> Any:
    """Compile an XPath 1.0 expression; calling the result with an element evaluates it.

    Raises
    ------
    MappingError
        It is no XPath, or uses a prefix without namespace.
    """
    try:
        compiled = etree.XPath(text, namespaces=namespaces or None, smart_strings=False)
        compiled(etree.Element("none"))
    except etree.XPathError as error:
        undeclared = "prefix" in str(error).lower()
        raise MappingError(
            "A prefix in an XPath has no namespace" if undeclared else "This is not an XPath 1.0",
            where=f"{where}: {text}",
            why=str(error),
            remedy="declare it: rml:referenceFormulation [ a rml:XPathReferenceFormulation ;"
            ' rml:namespace [ rml:namespacePrefix "p" ; rml:namespaceURL "http://…" ] ]'
            if undeclared
            else "write it like /members/member, name or @id",
        ) from error
    return compiled


def plain_path(text: str, namespaces: dict[str, str]) -> PlainPath | None:
    """Return the steps of an iterator such as ``/a/p:b`` or ``//b``; None for any other.

    Examples
    --------
    >>> plain_path("/a/p:b", {"p": "http://example.com/"})
    PlainPath(tags=('a', '{http://example.com/}b'), anywhere=False)
    >>> plain_path("/a[1]/b", {}) is None
    True
    """
    text = text.strip()
    anywhere = text.startswith("//")
    steps = [_STEP.fullmatch(step.strip()) for step in text.lstrip("/").split("/")]
    if not text.startswith("/") or text.startswith("///") or (anywhere and len(steps) > 1):
        return None
    if any(step is None for step in steps):
        return None
    tags = tuple(_tag(step, namespaces) for step in steps if step is not None)
    return None if anywhere and tags == ("*",) else PlainPath(tags, anywhere)


def stays_inside(text: str) -> bool:
    """Whether an expression certainly reads nothing outside of the element it starts from.

    Examples
    --------
    >>> stays_inside("a/@b"), stays_inside("../@b"), stays_inside("a[/b]")
    (True, False, False)
    """
    return not _LEAVES.search(_STRING.sub("''", text))


def _tag(step: re.Match[str], namespaces: dict[str, str]) -> str:
    prefix, name = step["prefix"], step["name"]
    return name if prefix is None else f"{{{namespaces[prefix]}}}{name}"
