"""A JSON text read piece by piece: the items of one array are made one at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

_CHUNK: Final = 1 << 20
_WHITE: Final = " \t\r\n"
_AFTER: Final = _WHITE + ",]}"
_NEAR_END: Final = 16
"""An error so near the end of what was read may be due to what is still to come."""


def refuse_constant(text: str) -> Any:
    """Refuse ``NaN`` and ``Infinity``, which are no JSON."""
    raise ValueError(f"{text} is no JSON")


_decode: Final = json.JSONDecoder(parse_constant=refuse_constant).raw_decode


class ArrayScanner:
    """Finds the array of ``$.a.b[*]`` and gives its items.

    Parameters
    ----------
    read : callable
        Gives about so many signs of the text, none at its end.
    names : tuple of str
        Members that lead to the array.

    Attributes
    ----------
    before : dict
        Members of the outermost object that stand before the array.
    """

    def __init__(self, read: Callable[[int], str], names: tuple[str, ...]) -> None:
        self._read = read
        self._names = names
        self._text = ""
        self._at = 0
        self._done = False
        self._size = _CHUNK
        self.before: dict[str, Any] = {}

    def enter(self) -> bool:
        """Go to the array; False where the path does not lead to one.

        Raises
        ------
        ValueError
            The text is no JSON.
        """
        for depth, name in enumerate(self._names):
            if not self._taken("{") or not self._member(name, depth == 0):
                return False
        return self._taken("[")

    def items(self) -> Iterator[Any]:
        """Items of the array :meth:`enter` found; the rest of the text is then checked.

        Raises
        ------
        ValueError
            The text is no JSON.
        """
        if not self._taken("]"):
            yield self._value()
            while self._taken(","):
                yield self._value()
            self._expect("]")
        for name in reversed(self._names):
            while self._taken(","):
                if self._name() == name:
                    raise ValueError(f"the member {name!r} stands twice")
                self._value()
            self._expect("}")
        if self._next():
            raise self._error("Expecting the end of the text")

    def _member(self, wanted: str, outermost: bool) -> bool:
        if self._taken("}"):
            return False
        while True:
            name = self._name()
            if name == wanted:
                return True
            value = self._value()
            if outermost:
                self.before[name] = value
            if not self._taken(","):
                self._expect("}")
                return False

    def _name(self) -> str:
        if self._next() != '"':
            raise self._error("Expecting a name")
        name: str = self._value()
        self._expect(":")
        return name

    def _next(self) -> str:
        """Go over white space; the next sign, none at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _WHITE:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _taken(self, sign: str) -> bool:
        found = self._next() == sign
        self._at += found
        return found

    def _expect(self, sign: str) -> None:
        if not self._taken(sign):
            raise self._error(f"Expecting {sign!r}")

    def _value(self) -> Any:
        self._next()
        while True:
            try:
                value, end = _decode(self._text, self._at)
            except json.JSONDecodeError as error:
                cut = error.msg.startswith("Unterminated") or error.pos > (
                    len(self._text) - _NEAR_END
                )
                if not (cut and self._more()):
                    raise self._error(error.msg, error.pos) from error
            else:
                if self._ends(end) or not self._more():
                    self._at = end
                    return value

    def _ends(self, end: int) -> bool:
        """Whether a value surely ends here; a number may go on in what is still to come."""
        if self._text[end - 1] in '"]}' or len(self._text) - end > _NEAR_END:
            return True
        return end < len(self._text) and self._text[end] in _AFTER

    def _more(self) -> bool:
        """Read on; ever more at a time while one value needs it."""
        if self._done:
            return False
        self._size = self._size * 2 if self._at < len(self._text) else _CHUNK
        more = self._read(self._size)
        self._done = not more
        self._text, self._at = self._text[self._at :] + more, 0
        return bool(more)

    def _error(self, wanted: str, at: int | None = None) -> ValueError:
        start = self._at if at is None else at
        found = self._text[start : start + 20]
        return ValueError(f"{wanted}, found {found!r}" if found else "it ends too early")
