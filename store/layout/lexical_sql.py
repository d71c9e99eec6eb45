"""SQL that reads values out of the ``other`` lane: numbers, times, periods; NULL if ill-typed.

Columns ``o`` (lexical form) and ``datatype`` (IRI) must be in scope. The bounds of the derived
integers are those of XML Schema 1.1 part 2, section 3.4. Periods (``strdf:period``) are those of
Strabon: ``[start, end)``, see docs/time.md.
"""

from __future__ import annotations

from typing import Final

from ontology import LANE_DATATYPES, PREFIXES, Lane

XSD: Final = LANE_DATATYPES[Lane.INTEGER].removesuffix("integer")

INTEGER_FORM: Final = r"[+-]?[0-9]+"
DECIMAL_FORM: Final = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)"
DOUBLE_FORM: Final = DECIMAL_FORM + r"([eE][+-]?[0-9]+)?"
ZONE_FORM: Final = r"(Z|[+-][0-9]{2}:[0-9]{2})"
DATE_FORM: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
CLOCK_FORM: Final = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"

_BOUNDS: Final[dict[str, tuple[int | None, int | None]]] = {
    "integer": (None, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-128, 127),
    "nonNegativeInteger": (0, None),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 255),
    "positiveInteger": (1, None),
}


def _integer_case(name: str, least: int | None, greatest: int | None) -> str:
    tests = [f"regexp_full_match(o, '{INTEGER_FORM}')"]
    tests += [f"TRY_CAST(o AS DOUBLE) >= {least}"] if least is not None else []
    tests += [f"TRY_CAST(o AS DOUBLE) <= {greatest}"] if greatest is not None else []
    value = f"CASE WHEN {' AND '.join(tests)} THEN TRY_CAST(o AS DOUBLE) END"
    return f"WHEN '{XSD}{name}' THEN {value}"


def _real_case(name: str) -> str:
    return (
        f"WHEN '{XSD}{name}' THEN CASE WHEN o = 'NaN' THEN 'nan'::DOUBLE"
        " WHEN o IN ('INF', '+INF') THEN 'inf'::DOUBLE WHEN o = '-INF' THEN '-inf'::DOUBLE"
        f" WHEN regexp_full_match(o, '{DOUBLE_FORM}') THEN TRY_CAST(o AS DOUBLE) END"
    )


def zone_minutes(zone: str) -> str:
    """SQL of a zone's offset in minutes east of UTC; 0 for ``Z``, NULL for none."""
    minutes = f"{zone}[2:3]::INT * 60 + {zone}[5:6]::INT"
    return (
        f"CASE WHEN {zone} = '' THEN NULL WHEN {zone} = 'Z' THEN 0"
        f" WHEN {zone}[1] = '-' THEN -({minutes}) ELSE {minutes} END"
    )


def timestamp(form: str, clock: str) -> str:
    """SQL of the TIMESTAMP (UTC if zoned) of ``o``, NULL unless it matches the form."""
    zone = f"regexp_extract(o, '{ZONE_FORM}$')"
    local = f"TRY_CAST(o[1:10] || ' ' || {clock} AS TIMESTAMP)"
    offset = f"to_minutes(coalesce({zone_minutes(zone)}, 0))"
    return f"CASE WHEN regexp_full_match(o, '{form}') THEN {local} - {offset} END"


def _clock() -> str:
    return "left(regexp_extract(o[12:], '^[0-9:.]+'), 15)"


NUMBER_SQL: Final = " ".join(
    [
        "CASE datatype",
        *(_integer_case(name, *bounds) for name, bounds in _BOUNDS.items()),
        f"WHEN '{XSD}decimal' THEN CASE WHEN regexp_full_match(o, '{DECIMAL_FORM}')"
        " THEN TRY_CAST(o AS DOUBLE) END",
        _real_case("double"),
        _real_case("float"),
        "ELSE NULL END",
    ]
)
"""The value of a number as DOUBLE."""

DATE_TIME_SQL: Final = timestamp(f"{DATE_FORM}T{CLOCK_FORM}{ZONE_FORM}?", _clock())

_DATE_SQL: Final = timestamp(f"{DATE_FORM}{ZONE_FORM}?", "'00:00:00'")

PERIOD: Final = PREFIXES["strdf"] + "period"
"""Datatype of ``[start, end)``."""

_PERIOD_ZONE: Final = "Z|[+-](?:0[0-9]|1[0-3])(?::?[0-5][0-9])?|[+-]14(?::?00)?"
"""With hours alone, as PostgreSQL and so Strabon write them."""
_PERIOD_CLOCK: Final = CLOCK_FORM.replace("(", "(?:")
_MOMENT: Final = f"({DATE_FORM})(?:[T ]({_PERIOD_CLOCK}))?({_PERIOD_ZONE})?"
PERIOD_FORM: Final = (
    rf'\s*([\[(])\s*"?(?:{_MOMENT})?"?\s*,\s*'
    rf'"?(?:{_MOMENT}|[Uu][Cc]|[Nn][Oo][Ww])?"?\s*([\])])\s*'
)
_PARTS: Final = "['opening', 'day', 'clock', 'zone', 'day2', 'clock2', 'zone2', 'closing']"


def _moment(suffix: str, opened: str, moved: str) -> str:
    """SQL of an end of the parts ``p``: a microsecond later where ``moved``, else ``opened``."""
    day, clock, zone = (f"struct_extract(p, '{name}{suffix}')" for name in ("day", "clock", "zone"))
    digits = f"rpad(replace(substr({zone}, 2), ':', ''), 4, '0')"
    minutes = f"(left({digits}, 2)::INT * 60 + right({digits}, 2)::INT)"
    east = (
        f"CASE WHEN {zone} IN ('', 'Z') THEN 0"
        f" WHEN starts_with({zone}, '-') THEN -{minutes} ELSE {minutes} END"
    )
    known = f"CASE WHEN {day} >= '0001' THEN {day} END"
    local = f"TRY_CAST(rtrim({known} || ' ' || left({clock}, 15)) AS TIMESTAMP)"
    step = f"CASE WHEN {moved} THEN 1 ELSE 0 END"
    return (
        f"CASE WHEN {day} = '' THEN '{opened}'::TIMESTAMP"
        f" ELSE {local} - to_minutes({east}) + to_microseconds({step}) END"
    )


def _period(end: str) -> str:
    """SQL of an end of a period, NULL unless it is one: it starts before it ends."""
    start = _moment("", "-infinity", "struct_extract(p, 'opening') = '('")
    until = _moment("2", "infinity", "struct_extract(p, 'closing') = ']'")
    parts = f"regexp_extract(o, '^(?:{PERIOD_FORM})$', {_PARTS})"
    ends = f"CASE WHEN struct_extract(p, 'opening') <> '' THEN [{start}, {until}] END"
    ends = f"list_transform([{parts}], lambda p: {ends})"
    chosen = f"CASE WHEN e[1] < e[2] THEN e[{end}] END"
    return f"list_extract(list_transform({ends}, lambda e: {chosen}), 1)"


PERIOD_START_SQL: Final = _period("1")
"""The start of a period, whatever its datatype; NULL for what is none."""

TIME_SQL: Final = (
    f"CASE datatype WHEN '{XSD}dateTime' THEN {DATE_TIME_SQL}"
    f" WHEN '{XSD}date' THEN {_DATE_SQL}"
    f" WHEN '{PERIOD}' THEN {PERIOD_START_SQL}"
    " ELSE NULL END"
)
"""The instant of a date or dateTime, the start of a period, as TIMESTAMP in UTC."""

UNTIL_SQL: Final = (
    f"CASE datatype WHEN '{XSD}dateTime' THEN {DATE_TIME_SQL} + to_microseconds(1)"
    f" WHEN '{XSD}date' THEN {_DATE_SQL} + to_microseconds(1)"
    f" WHEN '{PERIOD}' THEN {_period('2')}"
    " ELSE NULL END"
)
"""The end of a period, which does not belong to it; the microsecond after an instant."""
