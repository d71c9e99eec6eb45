"""SQL identifiers in mappings: delimited, regular and plain names (R2RML, section 5.1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from ontology import MappingError

_DELIMITED: Final = r'"(?:[^"]|"")+"'
_REGULAR: Final = r"[^\W\d][\w$]*"
_ONE: Final = re.compile(rf"(?:{_DELIMITED}|{_REGULAR})\Z")
_CHAIN: Final = re.compile(rf"(?:{_DELIMITED}|{_REGULAR})(?:\.(?:{_DELIMITED}|{_REGULAR}))*\Z")
_PARTS: Final = re.compile(rf"{_DELIMITED}|{_REGULAR}")

Fold = Callable[[str], str]
"""What a database makes of a regular identifier before it compares."""


class Columns:
    """Columns of a result, found by what a mapping calls them.

    Parameters
    ----------
    names : iterable of str
        As the database gives them.
    fold : callable, optional
        Makes of a regular identifier the name it means; None compares all names without case.
    strict : bool
        References are SQL identifiers (R2RML): ``Name`` is folded, ``"Name"`` is not. Otherwise
        (RML) they are names, and identifiers only where no column has the name.

    Examples
    --------
    >>> Columns(["Name", "id"], str.lower, strict=True).find("ID")
    'id'
    >>> Columns(["Name", "id"], str.lower, strict=True).find("Name") is None
    True
    >>> Columns(["Name", "id"], str.lower, strict=False).find("Name")
    'Name'
    """

    def __init__(self, names: Iterable[str], fold: Fold | None, *, strict: bool) -> None:
        self._names = {name if fold else name.casefold(): name for name in names}
        self._fold = fold
        self._strict = strict

    def find(self, reference: str) -> str | None:
        """The column a reference means, or None."""
        if not self._strict and self._exact(reference) is not None:
            return self._exact(reference)
        if not _ONE.match(reference):
            return None
        if reference.startswith('"'):
            return self._exact(undelimited(reference))
        return self._exact(self._fold(reference) if self._fold else reference)

    def _exact(self, name: str) -> str | None:
        return self._names.get(name if self._fold else name.casefold())


def undelimited(identifier: str) -> str:
    """The name of a delimited identifier."""
    return identifier[1:-1].replace('""', '"')


def delimited(name: str, mark: str = '"') -> str:
    """A name as a delimited identifier."""
    return mark + name.replace(mark, mark * 2) + mark


def table_spellings(name: str, mark: str, *, strict: bool, where: str) -> tuple[str, ...]:
    """Identifiers to try for a table, best first.

    Raises
    ------
    MappingError
        The name is no identifier where it must be one.
    """
    spelt = [] if strict else [delimited(name, mark)]
    if _CHAIN.match(name):
        parts = [
            delimited(undelimited(part), mark) if part.startswith('"') else part
            for part in _PARTS.findall(name)
        ]
        spelt.append(".".join(parts))
    if not spelt:
        raise MappingError(
            "This is no name of a table",
            where=where,
            why=repr(name),
            remedy='write a regular name, or a delimited one: rr:tableName "\\"My Table\\""',
        )
    return tuple(spelt)
