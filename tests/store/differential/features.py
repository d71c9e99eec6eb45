"""What the language has, each with a pattern that finds it in the text of a query.

The generator writes infix operators with blanks around them and path operators without.
"""

from __future__ import annotations

import re

from .calls import NAMES
from .paths import FORMS as PATHS
from .patterns import OPERATORS
from .queries import GROUPED, OTHERS, SELECTED
from .updates import OPERATIONS

QUERY_FEATURES = (
    *NAMES,
    *(f"path {form}" for form in PATHS),
    *OPERATORS,
    *GROUPED,
    *SELECTED,
    *OTHERS,
)
UPDATE_FEATURES = OPERATIONS

_SPECIAL = {
    "DELETE": r"(^|;\n)DELETE \{[^{}]*(\{[^{}]*\} )?\} (USING|WHERE)",
    "INSERT": r"(^|;\n)INSERT \{",
    "DELETE INSERT": r"\} INSERT \{",
    "USING": r"USING :",
    "! operator": r"\(! ",
    "+ sign": r"\(\+ ",
    "- sign": r"\(- ",
    "IN": r"(?<!NOT) IN \(",
    "EXISTS": r"(?<!NOT )\bEXISTS\b",
    "path ^": r"\^\(",
    "path /": r"\)/\(",
    "path |": r"\)\|\(",
    "path *": r"\)\*",
    "path +": r"\)\+",
    "path ?": r"\)\?",
    "path !": r"!:",
    "path !^": r"!\^:",
    "path !(|)": r"!\(\S+\|",
    "triples": r"[?:]\w+ [?:]\w+ \S+ \.",
    "blank node": r"_:v\d|\[ ",
    "path": r"(?<=[ {])[!^(]\S+ (?=[?:\"_\d-])",
    "OPTIONAL filter": r"OPTIONAL \{.*FILTER",
    "GRAPH iri": r"GRAPH :",
    "GRAPH variable": r"GRAPH \?",
    "VALUES": r"VALUES \(",
    "nested group": r"[{.})] +\{ [^(]",
    "sub-SELECT": r"\{ SELECT",
    "sub-SELECT DISTINCT LIMIT": r"\{ SELECT DISTINCT .*LIMIT",
    "sub-SELECT aggregate": r"\{ SELECT .*COUNT\(",
    "GROUP BY expression": r"GROUP BY \(",
    "SELECT variables": r"^SELECT \?",
    "SELECT *": r"^SELECT \*",
    "SELECT expression": r"^SELECT [^{]*\(",
    "SELECT DISTINCT": r"^SELECT DISTINCT",
    "SELECT REDUCED": r"^SELECT REDUCED",
    "ORDER BY DESC": r"ORDER BY DESC",
    "VALUES after the query": r"\} VALUES",
    "CONSTRUCT blank node": r"^CONSTRUCT \{[^}]*_:",
    "DESCRIBE iri": r"^DESCRIBE :",
    "DESCRIBE variable": r"^DESCRIBE \?",
    "COUNT(*)": r"COUNT\(\*\)",
    "COUNT(DISTINCT *)": r"COUNT\(DISTINCT \*\)",
    "FROM": r" FROM :",
}


def _pattern(name: str) -> str:
    if name in _SPECIAL:
        return _SPECIAL[name]
    if name.endswith(" operator"):
        return rf" {re.escape(name.removesuffix(' operator'))} "
    if name.endswith(" DISTINCT"):
        return rf"\b{name.removesuffix(' DISTINCT')}\(DISTINCT"
    return rf"(?<![\w:]){re.escape(name)}\b"


_STRING = re.compile(r'"[^"]*"')


class Counter:
    """How often each feature stood in the queries that were compared."""

    def __init__(self, features: tuple[str, ...]) -> None:
        self._patterns = {name: re.compile(_pattern(name)) for name in features}
        self.drawn = dict.fromkeys(features, 0)
        self.queries = 0

    def note(self, text: str) -> set[str]:
        """Count a query; return the features it has."""
        plain = _STRING.sub('""', text)
        found = {name for name, pattern in self._patterns.items() if pattern.search(plain)}
        for name in found:
            self.drawn[name] += 1
        self.queries += 1
        return found
