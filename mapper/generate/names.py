"""Names in Turtle for columns and layers, and texts quoted for it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_OUTSIDE: Final = re.compile(
    "[^0-9A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd]+"
)
"""What may not stand in the local part of a prefixed name, and the hyphen."""


def local_name(text: str, otherwise: str = "column") -> str:
    """A name that Turtle takes without escapes; letters of all scripts stay.

    Examples
    --------
    >>> local_name("CT português"), local_name("SHAPE.AREA"), local_name("2018")
    ('CT_português', 'SHAPE_AREA', '_2018')
    """
    name = _OUTSIDE.sub("_", unicodedata.normalize("NFC", text)).strip("_") or otherwise
    return f"_{name}" if name[0].isdigit() else name


def distinct_names(texts: Iterable[str], otherwise: str = "column") -> tuple[str, ...]:
    """A name for each text; those that would be the same are numbered.

    Examples
    --------
    >>> distinct_names(["a b", "a.b", "a-b"])
    ('a_b', 'a_b_2', 'a_b_3')
    """
    texts = tuple(texts)
    given = [local_name(text, otherwise) for text in texts]
    taken = {name for name, text in zip(given, texts, strict=True) if name == text}
    names: list[str] = []
    for text, name in zip(texts, given, strict=True):
        free, number = name, 1
        while free in names or (free in taken and free != text):
            number += 1
            free = f"{name}_{number}"
        names.append(free)
    return tuple(names)


def class_name(layer: str) -> str:
    """Name of the class of a layer's features.

    Examples
    --------
    >>> class_name("brp_gewas")
    'BrpGewas'
    """
    return "".join(part[:1].upper() + part[1:] for part in layer.split("_")) or "Thing"


def quoted(text: str) -> str:
    """A Turtle string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(_ESCAPES.get(sign, sign) for sign in escaped) + '"'


_ESCAPES: Final = {
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    **{chr(code): f"\\u{code:04X}" for code in (*range(9), *range(11, 13), *range(14, 32), 127)},
}


def one_line(text: str) -> str:
    """A text for a comment."""
    return " ".join(text.split())
