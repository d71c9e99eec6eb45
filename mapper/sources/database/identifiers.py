"""SQL identifiers in mappings: delimited, regular and plain names (R2RML, section 5.1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from ontology import MappingError

STANDARD: Final = '"'
"""What delimits identifiers in the standard, and so in R2RML whatever the database."""
_REGULAR: Final = r"[^\W\d][\w$]*"

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
    mark : str
        What delimits identifiers.

    Examples
    --------
    >>> Columns(["Name", "id"], str.lower, strict=True).find("ID")
    'id'
    >>> Columns(["Name", "id"], str.lower, strict=True).find("Name") is None
    True
    >>> Columns(["Name", "id"], str.lower, strict=False).find("Name")
    'Name'
    """

    def __init__(
        self, names: Iterable[str], fold: Fold | None, *, strict: bool, mark: str = STANDARD
    ) -> None:
        self._names = {name if fold else name.casefold(): name for name in names}
        self._fold = fold
        self._strict = strict
        self._mark = mark
        self._one = re.compile(_any(mark))

    def find(self, reference: str) -> str | None:
        """The column a reference means, or None."""
        if not self._strict and self._exact(reference) is not None:
            return self._exact(reference)
        if not self._one.fullmatch(reference):
            return None
        if reference.startswith(self._mark):
            return self._exact(undelimited(reference))
        return self._exact(self._fold(reference) if self._fold else reference)

    def _exact(self, name: str) -> str | None:
        return self._names.get(name if self._fold else name.casefold())


def undelimited(identifier: str) -> str:
    """The name of a delimited identifier."""
    return identifier[1:-1].replace(identifier[0] * 2, identifier[0])


def delimited(name: str, mark: str = STANDARD) -> str:
    """A name as a delimited identifier."""
    return mark + name.replace(mark, mark * 2) + mark


def table_spellings(name: str, mark: str, *, strict: bool, where: str) -> tuple[str, ...]:
    """Identifiers to try for a table, best first, as the database writes them.

    Parameters
    ----------
    name : str
        ``Student``, ``"Student"``, ``"sports"."Student"``; without ``strict`` also any name.
    mark : str
        What delimits identifiers in the database.

    Raises
    ------
    MappingError
        The name is no identifier where it must be one.
    """
    spelt = [] if strict else [delimited(name, mark)]
    one = _any(STANDARD if strict else mark)
    if re.fullmatch(rf"{one}(?:\.{one})*", name):
        parts = re.findall(one, name)
        regular = re.compile(_REGULAR)
        written = (
            part if regular.match(part) else delimited(undelimited(part), mark) for part in parts
        )
        spelt.append(".".join(written))
    if not spelt:
        raise MappingError(
            "This is no name of a table",
            where=where,
            why=repr(name),
            remedy='write a regular name, or a delimited one: rr:tableName "\\"My Table\\""',
        )
    return tuple(spelt)


def _any(mark: str) -> str:
    return rf"(?:{mark}(?:[^{mark}]|{mark}{mark})+{mark}|{_REGULAR})"
