"""The synthetic data set of Geographica 2: its features, tags and triples, and its answers.

After the benchmark's description: land ownerships (small hexagons), states (large ones) and their
centres, roads (lines across the world, half of them one way, half the other) and points of
interest on sloping lines. Feature number ``k`` has the tags 1, 2, 4 .. N that divide ``k``, so tag
``t`` selects one in ``t``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from .hexagons import WIDTH, Hexagons, Indices, Mask, Numbers, meets_window, reaches

NAMESPACE: Final = "http://geographica.di.uoa.gr/generator/"
_WKT: Final = '"^^<http://www.opengis.net/ont/geosparql#wktLiteral>'
_OFFSET: Final = 0.37
"""How far states are moved, in apothems of land ownerships: else borders of both would coincide."""


@dataclass(frozen=True, slots=True)
class World:
    """A world of ``count`` hexagons an axis."""

    count: int

    @property
    def land(self) -> Hexagons:
        """Land ownerships."""
        return Hexagons(self.count)

    @property
    def states(self) -> Hexagons:
        """States."""
        return Hexagons(self.count // 3, _OFFSET * self.land.apothem)

    def points(self) -> Numbers:
        """Points of interest: N on each of N lines that lean east by one step."""
        column, row = np.divmod(np.arange(self.count**2), self.count)
        step = WIDTH / self.count
        return np.stack([(column + (row + 0.5) / self.count) * step, (row + 0.5) * step], 1)

    def roads(self) -> Numbers:
        """Roads of three points, half of them from south to north: shape (N, 3, 2)."""
        half = self.count // 2
        along = np.array([0.0, 0.5, 1.0]) * WIDTH
        across = (np.arange(half)[:, None] + np.array([0.25, 0.5, 0.75])) * (WIDTH / half)
        flat = np.stack([np.broadcast_to(along, across.shape), across], -1)
        return np.concatenate([flat, flat[..., ::-1]])

    def tagged(self, features: int, tag: int) -> Mask:
        """Which features have a tag."""
        return np.asarray(np.arange(features) % tag == 0)

    def land_in(self, tag: int, width: float, height: float) -> int:
        """Land ownerships with a tag that meet a rectangle at the origin."""
        return int(
            np.sum(self.tagged(len(self.land), tag) & meets_window(self.land, width, height))
        )

    def points_in(self, tag: int, width: float, height: float) -> int:
        """Points with a tag within a rectangle at the origin, its border left out."""
        points = self.points()
        return int(np.sum(self.tagged(len(points), tag) & np.all(points < (width, height), 1)))

    def land_and_states(self, land_tag: int, state_tag: int) -> int:
        """Pairs that meet."""
        return self._met(self.land.centres(), self.land.apothem, land_tag, state_tag)

    def points_and_states(self, point_tag: int, state_tag: int) -> int:
        """Pairs of a point and the state it is in."""
        return self._met(self.points(), 0.0, point_tag, state_tag)

    def states_and_states(self, first_tag: int, second_tag: int) -> int:
        """Pairs of neighbours, in both orders."""
        chosen = (self.tagged(len(self.states), tag) for tag in (first_tag, second_tag))
        return self.states.neighbours(*chosen)

    def _met(self, centres: Numbers, apothem: float, tag: int, state_tag: int) -> int:
        states = self.states
        one, two = states.near(centres)
        chosen = (one % tag == 0) & (two % state_tag == 0)
        one, two = one[chosen], two[chosen]
        offset = centres[one] - states.centres()[two]
        return int(np.sum(reaches(offset, states.apothem + apothem)))

    def write(self, path: Path) -> int:
        """Write the N-Triples and return how many they are."""
        written = 0
        with path.open("wb") as out:
            for lines in self._lines():
                written += len(lines)
                out.write(pc.binary_join_element_wise(lines, "", "\n").buffers()[2])
        return written

    def _lines(self) -> Iterator[pa.Array]:
        states = self.states
        shapes = {
            "landOwnership": shapely.polygons(self.land.rings()),
            "state": shapely.polygons(states.rings()),
            "stateCenter": shapely.points(states.centres()),
            "road": shapely.linestrings(self.roads()),
            "pointOfInterest": shapely.points(self.points()),
        }
        for theme, geometries in shapes.items():
            wkt = shapely.to_wkt(geometries, rounding_precision=-1)
            yield from self._described(f"{NAMESPACE}{theme}/", pa.array(wkt, pa.string()))

    def _described(self, theme: str, wkt: pa.Array) -> Iterator[pa.Array]:
        numbers = np.arange(len(wkt))
        features, shapes = _nodes(theme, numbers), _nodes(theme, numbers, "/geometry")
        yield _triples(features, f"{theme}hasGeometry", shapes)
        yield _triples(shapes, f"{theme}asWKT", pc.binary_join_element_wise('"', wkt, _WKT, ""))
        tag = 1
        while tag <= self.count:
            held = numbers[::tag]
            tags = _nodes(theme, held, f"/tag/{tag}")
            yield _triples(_nodes(theme, held), f"{theme}hasTag", tags)
            yield _triples(tags, f"{theme}hasKey", _plain(str(tag), len(held)))
            yield _triples(tags, f"{theme}hasValue", _plain(str(tag), len(held)))
            tag *= 2


def _nodes(theme: str, numbers: Indices, after: str = "") -> pa.Array:
    digits = pc.cast(pa.array(numbers), pa.string())
    return pc.binary_join_element_wise(f"<{theme}", digits, f"{after}>", "")


def _plain(text: str, count: int) -> pa.Array:
    return pa.array([f'"{text}"'] * count, pa.string())


def _triples(subjects: pa.Array, predicate: str, objects: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(subjects, f"<{predicate}>", objects, ".", " ")
