"""Named places: administrative units of the store, found by name, code or IRI."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches

from ontology import UsageError

from ..queryable import Queryable, Row, rows

_UNITS = """PREFIX gl: <https://w3id.org/geoloom/ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?unit ?label ?code ?level WHERE {
  ?unit a gl:AdministrativeUnit ; rdfs:label ?label .
  OPTIONAL { ?unit gl:unitCode ?code }
  OPTIONAL { ?unit gl:unitLevel ?level }
}"""


@dataclass(frozen=True, slots=True)
class Place:
    """An administrative unit."""

    iri: str
    label: str


def find_place(store: Queryable, text: str) -> Place:
    """Find the one administrative unit with a name, code or IRI.

    Letter case and accents do not matter unless they tell two units apart.

    Raises
    ------
    UsageError
        None or several are called so; the message names the candidates.
    """
    units = rows(store, _UNITS)
    for matches in (
        {unit["unit"]: unit for unit in units if text in (unit["unit"], unit.get("code"))},
        {unit["unit"]: unit for unit in units if unit["label"] == text},
        {unit["unit"]: unit for unit in units if _plain(unit["label"]) == _plain(text)},
    ):
        if len(matches) == 1:
            found = next(iter(matches.values()))
            return Place(found["unit"], found["label"])
        if matches:
            raise UsageError(
                f"Several places are called {text!r}",
                why="; ".join(sorted(map(_described, matches.values()))[:10]),
                remedy="use the code or the IRI of one of them",
            )
    raise UsageError(f"No place is called {text!r}", remedy=_suggestion(text, units))


def _suggestion(text: str, units: list[Row]) -> str:
    if not units:
        return "the store has no administrative units; load a layer of them, or search by box"
    labels = {_plain(unit["label"]): unit["label"] for unit in units}
    near = get_close_matches(_plain(text), labels, n=3, cutoff=0.6)
    if near:
        return "did you mean " + " or ".join(labels[name] for name in near) + "?"
    return f"{len(units)} places are known, e.g. " + ", ".join(sorted(labels.values())[:3])


def _described(unit: Row) -> str:
    marks = [f"{name} {unit[name]}" for name in ("code", "level") if name in unit]
    return f"{unit['label']} ({', '.join(marks) or unit['unit']})"


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.strip().casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
