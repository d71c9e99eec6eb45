"""Functions, conditions and joins of YARRRML."""

from __future__ import annotations

from typing import Any, Final

from rdflib import BNode, URIRef

from ..language.vocabulary import GL
from .document import Items, Table, Text, items
from .terms import Terms, rml, without_suffix

_CALL: Final = {
    alias: long
    for long, names in {
        "function": "functions fn f",
        "parameters": "pms",
        "type": "",
        "value": "v",
    }.items()
    for alias in (long, *names.split())
}
_PARAMETER: Final = {name: name for name in ("parameter", "value", "type", "from")}
_SIDES: Final = {
    "s": "child",
    "subject": "child",
    "str1": "child",
    "o": "parent",
    "object": "parent",
    "str2": "parent",
}
_EQUAL: Final = {"str1": "first", "str2": "second"}


class Functions:
    """Makes function executions and join conditions.

    Parameters
    ----------
    terms : Terms
    """

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._document = terms.document
        self._graph = terms.graph

    def fill(self, node: BNode, table: Table) -> None:
        """Give a term map the execution of a function."""
        self._graph.add((node, rml("functionExecution"), self._execution(table)))

    def add_condition(self, node: BNode, value: Any) -> None:
        """Give a term map the condition it is made under."""
        conditions = items(value)
        if len(conditions) > 1 or (node, rml("condition"), None) in self._graph:
            self._document.refuse(
                "Several conditions on one term are not supported",
                conditions.line,
                remedy="write one function that holds when all of them do",
            )
        if (node, rml("parentTriplesMap"), None) in self._graph:
            self._document.refuse(
                "A condition beside a join is not supported",
                conditions.line,
                remedy="put it on the subject of the mapping",
            )
        table = self._call(conditions[0])
        condition = BNode()
        self._graph.add((node, rml("condition"), condition))
        self.fill(condition, table)

    def add_joins(self, node: BNode, value: Any) -> None:
        """Give a reference to a mapping its join conditions."""
        for one in items(value):
            table = self._call(one)
            if str(table["function"]).rsplit(":", 1)[-1] != "equal":
                self._document.refuse(
                    f"Joins by {table['function']} are not supported",
                    table.line,
                    remedy="use equal",
                )
            sides = dict(self._sides(table))
            if set(sides) != {"child", "parent"}:
                self._document.fail("A join needs a value of each side", table.line)
            condition = BNode()
            self._graph.add((node, rml("joinCondition"), condition))
            for side, text in sides.items():
                made = self._terms.value_map(text, "Literal")
                self._graph.add((condition, rml(side + "Map"), made))

    def _sides(self, table: Table) -> list[tuple[str, Text]]:
        found = []
        for parameter, value, side in self._parameters(table):
            name = str(parameter if side is None else side)
            if name not in _SIDES:
                self._document.fail(
                    f"{name!r} is no side of a join", parameter.line, remedy="use s or o"
                )
            found.append((_SIDES[name], self._document.text(value, "A value of a join")))
        return found

    def _call(self, value: Any) -> Table:
        table = self._document.renamed(self._document.table(value, "A function"), _CALL)
        if "function" not in table:
            self._document.fail("A condition has no function", table.line)
        return table

    def _execution(self, table: Table) -> BNode:
        node = BNode()
        name = self._document.text(table["function"], "function")
        if "(" in name:
            self._document.refuse(
                "Functions in one line are not supported",
                name.line,
                why=str(name),
                remedy="write function: and parameters: apart",
            )
        plain = name == "equal"
        function = URIRef(GL + "equal") if plain else self._terms.iri(name)
        self._graph.add((node, rml("function"), function))
        for parameter, value, _ in self._parameters(table):
            given = BNode()
            self._graph.add((node, rml("input"), given))
            iri = (
                URIRef(GL + _EQUAL[parameter])
                if plain and parameter in _EQUAL
                else self._terms.iri(parameter)
            )
            self._graph.add((given, rml("parameter"), iri))
            self._graph.add((given, rml("inputValueMap"), self._value(value)))
        return node

    def _value(self, value: Any) -> BNode:
        """Value of a parameter: a text, or another function."""
        node = BNode()
        if isinstance(value, Table):
            table = self._call(value)
            self.fill(node, table)
            return node
        text, suffix = without_suffix(self._document.text(value, "A parameter"))
        if suffix == "iri" and "$(" not in text:
            self._graph.add((node, rml("constant"), self._terms.iri(text)))
        else:
            self._terms.fill(node, text, "Literal")
        return node

    def _parameters(self, table: Table) -> list[tuple[Text, Any, Text | None]]:
        """Name, value and side of each parameter."""
        found = []
        given = items(table.get("parameters", Items([], table.line)))
        for one in given:
            if isinstance(one, Items):
                if len(one) not in (2, 3):
                    self._document.fail("A parameter is [name, value]", one.line)
                parameter = self._document.text(one[0], "The name of a parameter")
                found.append((parameter, one[1], one[2] if len(one) == 3 else None))
                continue
            entry = self._document.renamed(self._document.table(one, "A parameter"), _PARAMETER)
            for name in ("parameter", "value"):
                if name not in entry:
                    self._document.fail(f"A parameter has no {name}", entry.line)
            self._document.texts(entry, "value")
            found.append((entry["parameter"], entry["value"], entry.get("from")))
        return found
