"""Triples around the crop fields: a code list with its hierarchy, and visits to every tenth field.

They give the queries something to join, a path to climb, text, dates and languages.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.fields import CLASSES

CODES: Final = "https://w3id.org/geoloom/codes/hcat3/"
EVERY: Final = 10

_SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_FIRST_DAY: Final = date(2018, 1, 1)
_REMARKS: Final = ("stubble", "freshly sown", "lodged after hail", "weeds at the edge", "harvested")


def write_around(path: Path, fields: int) -> int:
    """Write the triples as N-Triples and return how many they are."""
    lines = [*_code_list(), *_visits(fields)]
    path.write_text("".join(f"{line} .\n" for line in lines), encoding="utf-8")
    return len(lines)


def _code_list() -> list[str]:
    lines = []
    for number, code in enumerate(CLASSES):
        group = code.removeprefix(CODES)[:4]
        lines.append(f"<{code}> <{_SKOS}broader> <{CODES}{group}000000>")
        lines.append(f'<{code}> <{_SKOS}prefLabel> "Feldfrucht {number}"@de')
        lines.append(f'<{code}> <{_SKOS}prefLabel> "crop {number}"@en')
    groups = sorted({code.removeprefix(CODES)[:4] for code in CLASSES})
    upward = (f"<{CODES}{group}000000> <{_SKOS}broader> <{CODES}3300000000>" for group in groups)
    return [*lines, *upward]


def _visits(fields: int) -> list[str]:
    rng = np.random.default_rng(7)
    count = max(fields // EVERY, 1)
    days = rng.integers(0, 365, count).tolist()
    remarks = rng.integers(0, len(_REMARKS), count).tolist()
    lines = []
    for number in range(count):
        visit = f"<https://example.org/visits/{number:08d}>"
        field = f"<https://example.org/fields/{number * EVERY:08d}>"
        day = _FIRST_DAY + timedelta(days[number])
        lines.append(f"{visit} <http://www.w3.org/ns/sosa/hasFeatureOfInterest> {field}")
        lines.append(f'{visit} <http://purl.org/dc/terms/date> "{day}"^^<{_XSD}date>')
        remark = f"{_REMARKS[remarks[number]]}, {number}"
        lines.append(f'{visit} <http://purl.org/dc/terms/description> "{remark}"')
    return lines
