"""YAML as texts, lists and tables that know their lines; nothing is taken for a number."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ontology import MappingError, UnsupportedError

from ..language.vocabulary import did_you_mean


class Text(str):
    """A scalar as it stands in the file."""

    line: int

    def __new__(cls, text: str, line: int) -> Text:  # noqa: D102
        made = super().__new__(cls, text)
        made.line = line
        return made


class Items(list[Any]):
    """A sequence."""

    def __init__(self, items: list[Any], line: int) -> None:
        super().__init__(items)
        self.line = line


class Table(dict[str, Any]):
    """A mapping of keys to values."""

    def __init__(self, entries: dict[str, Any], line: int) -> None:
        super().__init__(entries)
        self.line = line


class Document:
    """A YAML file and the errors in it.

    Parameters
    ----------
    text : str
    origin : str
        File name, for messages.

    Raises
    ------
    MappingError
        It is no YAML, or not a table of names.
    """

    def __init__(self, text: str, origin: str) -> None:
        self._origin = origin
        try:
            node = YAML(typ="safe", pure=True).compose(text)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self.fail(
                "The mapping is not valid YAML",
                0 if mark is None else mark.line + 1,
                why=error.problem or error.context,
                remedy="correct this line, or the indentation before it",
            )
        except YAMLError as error:
            self.fail("The mapping is not valid YAML", 0, why=str(error))
        root = Table({}, 1) if node is None else self._value(node)
        if not isinstance(root, Table):
            self.fail("A YARRRML mapping is a table of prefixes, sources and mappings", 1)
        self.root = root

    def fail(
        self, what: str, line: int, *, why: str | None = None, remedy: str | None = None
    ) -> NoReturn:
        """Raise MappingError with file and line."""
        raise MappingError(what, where=self._where(line), why=why, remedy=remedy)

    def refuse(
        self, what: str, line: int, *, why: str | None = None, remedy: str | None = None
    ) -> NoReturn:
        """Raise UnsupportedError with file and line."""
        raise UnsupportedError(what, where=self._where(line), why=why, remedy=remedy)

    def no_such(self, kind: str, name: Text, known: Collection[str]) -> NoReturn:
        """Raise MappingError for a name that its section does not have."""
        self.fail(
            f"There is no {kind} {str(name)!r}",
            name.line,
            remedy="name one of " + (", ".join(known) or f"{kind}s, which is missing"),
        )

    def _where(self, line: int) -> str:
        return f"{self._origin}, line {line}" if line else self._origin

    def _value(self, node: Node) -> Any:
        line = node.start_mark.line + 1
        if isinstance(node, ScalarNode):
            return Text(str(node.value), line)
        if isinstance(node, SequenceNode):
            return Items([self._value(item) for item in node.value], line)
        assert isinstance(node, MappingNode)
        entries: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key, value in node.value:
            name = str(key.value)
            if name == "<<":
                merged |= self.table(self._value(value), "What is merged")
                continue
            if name in entries:
                self.fail(f"{name!r} stands twice", key.start_mark.line + 1)
            entries[name] = self._value(value)
        return Table(merged | entries, line)

    def table(self, value: Any, what: str) -> Table:
        """Value that must be a table."""
        if not isinstance(value, Table):
            self.fail(f"{what} must be a table of names and values", getattr(value, "line", 0))
        return value

    def text(self, value: Any, what: str) -> Text:
        """Value that must be a text."""
        if not isinstance(value, Text):
            self.fail(f"{what} must be a text", getattr(value, "line", 0))
        return value

    def texts(self, table: Table, *but: str) -> Table:
        """Table whose values, except those named, must be texts."""
        for name, value in table.items():
            if name not in but:
                self.text(value, name)
        return table

    def renamed(self, table: Table, names: dict[str, str], extra: Collection[str] = ()) -> Table:
        """Table whose keys are the long names; unknown ones are refused.

        Parameters
        ----------
        table : Table
        names : dict
            Long name by every name that may stand.
        extra : collection of str
            Keys that may stand beside.
        """
        found: dict[str, Any] = {}
        for key, value in table.items():
            name = key if key in extra else names.get(key)
            line = getattr(value, "line", table.line)
            if name is None:
                self.fail(f"{key!r} is not known here", line, remedy=did_you_mean(key, names))
            if name in found:
                self.fail(f"{name!r} stands twice, under two names", line)
            found[name] = value
        return Table(found, table.line)


def items(value: Any) -> Items:
    """A list, or a list of the one value."""
    return value if isinstance(value, Items) else Items([value], getattr(value, "line", 0))
