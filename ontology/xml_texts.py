"""Reading XML texts of untrusted origin, and the lists of numbers in them.

No document type, no entity, no network; libxml2 limits the depth.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from lxml import etree

from .coordinates import Coordinates
from .readings import Unreadable

_LIMITED: Final = 10_000_000
"""Longer text nodes libxml2 reads only where it is told that huge ones may come."""
_LONG: Final = 100_000
"""Texts from this length on are split by Arrow, which holds ten times as many numbers."""
_OF_NUMBERS: Final = b"0123456789+-.eE \t\r\n"
_WHITE: Final = re.compile(r"\s*,\s*")
_USUAL: Final = (".", ",", " ")
_EMPTY: Final = np.empty((0, 2))


@lru_cache
def _parser(huge: bool) -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=huge,
    )


def parse_xml(text: str) -> Any:
    """Parse an XML text and return its root element.

    Raises
    ------
    Unreadable
        The text is not well formed, nested too deep, or has a document type.
    """
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Unreadable("XML with a document type is refused: entities are never expanded")
    try:
        return etree.fromstring(text.encode(), _parser(len(text) > _LIMITED))
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"it is no well-formed XML: {error.msg}") from error


def split_tag(element: Any) -> tuple[str, str]:
    """Namespace and local name of an element; no namespace is an empty one."""
    tag: str = element.tag
    if tag[0] != "{":
        return "", tag
    namespace, _, name = tag[1:].partition("}")
    return namespace, name


def text_in(element: Any) -> str:
    """Text of an element that must have no elements in it."""
    if len(element):
        raise Unreadable(f"{split_tag(element)[1]} must hold numbers only")
    return element.text or ""


def numbers(text: str) -> Coordinates:
    """Read finite decimal numbers divided by white space."""
    if text.encode().translate(None, _OF_NUMBERS):
        raise Unreadable("a coordinate is not a finite decimal number")
    try:
        if len(text) < _LONG:
            return np.array([float(word) for word in text.split()])
        words = pc.replace_substring_regex(_words(text), r"^\+", "")
        return np.asarray(pc.cast(words, pa.float64()))
    except (ValueError, pa.ArrowInvalid) as error:
        raise Unreadable(f"a coordinate is no number: {error}") from error


def _words(text: str) -> pa.Array:
    return pc.utf8_split_whitespace(pa.array([text.strip()], pa.large_string())).values


def positions(text: str, dimension: int) -> Coordinates:
    """Read numbers divided by white space as rows of ``dimension`` numbers."""
    flat = numbers(text)
    if len(flat) % dimension:
        raise Unreadable(f"{len(flat)} numbers are no positions of {dimension}")
    return flat.reshape(-1, dimension)


def tuples(text: str, *, decimal: str = ".", cs: str = ",", ts: str = " ") -> Coordinates:
    """Read tuples of 2 or 3 numbers, ``x,y x,y``, with other signs where they are named."""
    text = _with_usual_signs(text, (decimal, cs, ts))
    if ", " in text or " ," in text or "\n" in text:
        text = _WHITE.sub(",", text)
    words: Any = text.split() if len(text) < _LONG else _words(text)
    if not len(words):
        return _EMPTY
    commas = _commas(words)
    if len(commas) > 1:
        raise Unreadable("its positions differ in how many numbers they have")
    dimension = commas.pop() + 1
    flat = numbers(text.replace(",", " "))
    if dimension not in (2, 3) or len(flat) != dimension * len(words):
        raise Unreadable("a position has not 2 or 3 numbers")
    return flat.reshape(-1, dimension)


def _commas(words: Any) -> set[int]:
    if isinstance(words, list):
        return {word.count(",") for word in words}
    return set(pc.unique(pc.count_substring(words, ",")).to_pylist())


def _with_usual_signs(text: str, signs: tuple[str, str, str]) -> str:
    if signs == _USUAL:
        return text
    if len(set(signs)) < len(signs) or any(len(sign) != 1 for sign in signs):
        raise Unreadable("decimal, cs and ts must be three different signs")
    return text.translate({ord(sign): usual for sign, usual in zip(signs, _USUAL, strict=True)})
