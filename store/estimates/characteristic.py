"""Characteristic sets as vectors: which subjects a pattern has, and where its objects lead.

Neumann and Moerkotte (ICDE 2011) count subjects by the predicates they have; Gubichev and Neumann
(EDBT 2014) count pairs of such sets for links. Here every variable has a share in each set, and a
join multiplies the shares set by set, which tells what occurs together without a list of stars.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Final

import numpy as np
import numpy.typing as npt

from ..catalog import CharacteristicSets, Feature, LaneTable

Vector = npt.NDArray[np.float64]

_REMEMBERED: Final = 8


@dataclass(slots=True)
class Sets:
    """Characteristic sets of a snapshot; the last place of every vector is "no subject".

    Attributes
    ----------
    subjects : vector
        Subjects of each set, at least one.
    """

    subjects: Vector
    _triples: dict[Feature, Vector]
    _classes: dict[Feature, dict[int | None, Vector]]
    _links: dict[Feature, Vector]
    _steps: dict[Feature, Vector] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.subjects)

    def of_lane(self, lane: LaneTable, node: int | None = None) -> Vector | None:
        """Triples of a lane by the sets of their subjects, None if it was not measured.

        ``node`` is a class, where only its triples count.
        """
        home = _home(lane)
        if node is not None and (classes := self._classes.get(home)):
            return classes.get(node, classes.get(None))
        return self._triples.get(home)

    def steps(self, lane: LaneTable) -> Vector:
        """For each set, the shares of the sets its triples of a lane lead to; rows add up to 1."""
        home = _home(lane)
        if (found := self._steps.get(home)) is None:
            found = self._steps[home] = self._shares(self._links.get(home))
        return found

    def _shares(self, links: Vector | None) -> Vector:
        if links is None:
            nowhere = np.zeros((len(self), len(self)))
            nowhere[:, -1] = 1.0
            return nowhere
        whole = links.sum(axis=0)
        sums = links.sum(axis=1, keepdims=True)
        made: Vector = np.where(sums > 0, links / np.maximum(sums, 1e-300), whole / whole.sum())
        return made


def _home(lane: LaneTable) -> Feature:
    place = lane.place
    table, column = ("", "") if place is None else (place.table.name, place.column.name)
    return Feature(
        lane.predicate, lane.lane, lane.crs or "", table, column, datatype=lane.datatype or ""
    )


def _compiled(held: CharacteristicSets) -> Sets:
    size = len(held.sets) + 1
    by_number = np.zeros((len(held.features), size))
    for place, one in enumerate(held.sets):
        for number, triples in one.triples:
            by_number[number, place] = triples
    links: dict[Feature, Vector] = {}
    for start, number, end, triples in held.links:
        matrix = links.setdefault(held.features[number], np.zeros((size, size)))
        matrix[start, end] += triples
    sums: dict[Feature, Vector] = {}
    classes: dict[Feature, dict[int | None, Vector]] = {}
    for feature, row in zip(held.features, by_number, strict=True):
        home = replace(feature, node=None)
        sums[home] = sums.get(home, np.zeros(size)) + row
        if feature.node is not None or home in classes:
            classes.setdefault(home, {})[feature.node] = row
    subjects = np.array([*(max(one.subjects, 1) for one in held.sets), 1], np.float64)
    return Sets(subjects, sums, classes, links)


_COMPILED: OrderedDict[int, tuple[CharacteristicSets, Sets]] = OrderedDict()
_LOCK: Final = Lock()


def sets_of(held: CharacteristicSets | None) -> Sets | None:
    """The sets of a snapshot as vectors; the last few are remembered."""
    if held is None or not held.sets:
        return None
    with _LOCK:
        found = _COMPILED.get(id(held))
        if found is None:
            found = _COMPILED[id(held)] = (held, _compiled(held))
            if len(_COMPILED) > _REMEMBERED:
                _COMPILED.popitem(last=False)
        return found[1]
