"""Built-in calls of SPARQL 1.1 (section 19.8, rule 121) and how many arguments each takes."""

from __future__ import annotations

from typing import Final

from ontology import PREFIXES

MANY: Final = 1 << 30

ARITY: Final[dict[str, tuple[int, int]]] = {
    **dict.fromkeys(("STR", "LANG", "DATATYPE", "BOUND", "IRI", "URI", "ABS", "CEIL"), (1, 1)),
    **dict.fromkeys(("FLOOR", "ROUND", "STRLEN", "UCASE", "LCASE", "ENCODE_FOR_URI"), (1, 1)),
    **dict.fromkeys(("YEAR", "MONTH", "DAY", "HOURS", "MINUTES", "SECONDS"), (1, 1)),
    **dict.fromkeys(("TIMEZONE", "TZ", "MD5", "SHA1", "SHA256", "SHA384", "SHA512"), (1, 1)),
    **dict.fromkeys(("ISIRI", "ISURI", "ISBLANK", "ISLITERAL", "ISNUMERIC"), (1, 1)),
    **dict.fromkeys(("LANGMATCHES", "CONTAINS", "STRSTARTS", "STRENDS", "STRBEFORE"), (2, 2)),
    **dict.fromkeys(("STRAFTER", "STRLANG", "STRDT", "SAMETERM"), (2, 2)),
    **dict.fromkeys(("RAND", "NOW", "UUID", "STRUUID"), (0, 0)),
    "BNODE": (0, 1),
    "IF": (3, 3),
    "REGEX": (2, 3),
    "SUBSTR": (2, 3),
    "REPLACE": (3, 4),
    "CONCAT": (0, MANY),
    "COALESCE": (0, MANY),
}

AGGREGATES: Final = frozenset(
    ("COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"),
)

AGGREGATE_IRIS: Final = PREFIXES["geof"] + "agg"
"""How the IRIs begin that are aggregates only."""

ONE_ARGUMENT_AGGREGATES: Final = frozenset(
    {
        PREFIXES["geof"] + "union",
        PREFIXES["strdf"] + "union",
        PREFIXES["strdf"] + "intersection",
        PREFIXES["strdf"] + "extent",
    }
)
"""IRIs that are aggregates with one argument; with two they are functions, if any."""

ALIASES: Final = {"URI": "IRI", "ISURI": "ISIRI"}
"""Two spellings of one function; the plan knows only the second."""
