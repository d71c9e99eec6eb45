"""The 36 synthetic queries: what each asks, read from its text; its rows; and SQL by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from benchmarks.store.files import Files

from .cases import Case
from .windows import box_test
from .world import NAMESPACE, World

_THEME: Final = re.compile(rf"\?s(\d) <{NAMESPACE}(\w+)/hasGeometry>")
_TAG: Final = re.compile(r'\?tag(\d) <[^>]*hasKey> "(\d+)"')
_WINDOW: Final = re.compile(r'"(POLYGON \(\([^"]*\)\))"')
_RELATION: Final = re.compile(r"geof:sf(\w+)\(")
_LARGEST: Final = 512
"""The tag written in the queries for the rarest one."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a query asks for: a relation of tagged features of a theme to a window or a theme."""

    relation: str
    themes: tuple[str, ...]
    tags: tuple[int, ...]
    window: str = ""

    @property
    def corner(self) -> tuple[float, float]:
        """Far corner of the window."""
        x, y = self.window.split(",")[2].split()
        return float(x), float(y)

    def rows(self, world: World) -> int:
        """Rows the answer has."""
        match self.relation, self.themes:
            case "Intersects", ("landOwnership",):
                return world.land_in(*self.tags, *self.corner)
            case "Within", ("pointOfInterest",):
                return world.points_in(*self.tags, *self.corner)
            case "Intersects", ("landOwnership", "state"):
                return world.land_and_states(*self.tags)
            case "Touches", ("state", "state"):
                return world.states_and_states(*self.tags)
            case "Within", ("pointOfInterest", "state"):
                return world.points_and_states(*self.tags)
        raise SystemExit(f"no rows can be told of {self}")

    def sql(self, files: Files) -> str:
        """SQL by hand: tags by key first, of a window the boxes, then the relation."""
        if self.window:
            shape = f"ST_GeomFromText('{self.window}')"
            test = box_test(
                files[f"{NAMESPACE}{self.themes[0]}/asWKT"], self._shape(0), self.window
            )
            exact = f"ST_{self.relation}({{}}::GEOMETRY, {shape})"
            return self._tagged(files, 0, "f.iri", test, exact)
        sides = [self._tagged(files, side, "f.iri AS iri, {}::GEOMETRY AS g") for side in (0, 1)]
        return f"""WITH a AS MATERIALIZED ({sides[0]}), b AS MATERIALIZED ({sides[1]})
            SELECT a.iri, b.iri FROM a JOIN b ON ST_{self.relation}(a.g, b.g)"""

    def _shape(self, side: int) -> str:
        return f"{NAMESPACE}{self.themes[side]}/asWKT"

    def _tagged(self, files: Files, side: int, items: str, *tests: str) -> str:
        theme = f"{NAMESPACE}{self.themes[side]}/"
        keys, features = files[f"{theme}hasKey"], files[f"{theme}asWKT"]
        column = f"f.{features.column(f'{theme}asWKT')}"
        where = " AND ".join([f"k.{keys.column(f'{theme}hasKey')} = '{self.tags[side]}'", *tests])
        return f"""SELECT {items} FROM {keys.all} k
            JOIN {files.pairs(f"{theme}hasTag")} t ON t.o = k._iri_id
            JOIN {features.all} f ON f._iri_id = t.s WHERE {where}""".replace("{}", column)


def asked(text: str) -> Asked:
    """What the text of a query asks.

    Raises
    ------
    SystemExit
        If it is written in another way.
    """
    relation, window = _RELATION.search(text), _WINDOW.search(text)
    themes, tags = (dict(found.findall(text)) for found in (_THEME, _TAG))
    if relation is None or not themes or themes.keys() != tags.keys():
        raise SystemExit(f"this is no query of the synthetic set:\n{text}")
    order = sorted(themes)
    return Asked(
        relation[1],
        tuple(themes[side] for side in order),
        tuple(int(tags[side]) for side in order),
        window[1] if window else "",
    )


def synthetic_cases(texts: dict[str, str], world: World, files: Files) -> Iterator[Case]:
    """One case a query; in a world with fewer tags the rarest takes the place of 512."""
    rarest = min(_LARGEST, 1 << (world.count.bit_length() - 1))
    for name, text in texts.items():
        query = text.replace(f'"{_LARGEST}"', f'"{rarest}"')
        what = asked(query)
        kind = "selection" if what.window else "join"
        yield Case(name, kind, query, what.sql(files), what.rows(world), peer=query)
