"""A million fields, alone or with samples on the ground, as stores; and the queries over them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from benchmarks.fields import CLASSES, Batches, field_batches, nodes, numbered
from benchmarks.store.files import Rows
from ontology import (
    CRS84,
    RDF_TYPE,
    EntityBatch,
    Lane,
    Property,
    TermColumn,
    read_wkb,
    to_wkb,
    transform,
)
from store import Store

from .cases import Case

FIELDS: Final = 936_566
SAMPLES: Final = 8_841
REACH: Final = 10.0
"""Metres."""

_SEED: Final = 7
_AGREE: Final = 0.8
_FAR: Final = 200.0
"""How far in metres samples lie from the middle of a field, at most."""
_CLEAR: Final = 1e-4
"""Metres from ``REACH`` at which a pair can be called."""
_EQUATOR: Final = 6_378_137.0
_SQUARED_ECCENTRICITY: Final = 0.00669437999014132
_GL: Final = "https://w3id.org/geoloom/ns#"
_GEO: Final = "http://www.opengis.net/ont/geosparql#"
_KINDS: Final = (f"{_GL}Observation", f"{_GL}Sample")
_CLASS, _SHAPE = f"{_GL}observedClass", f"{_GEO}asWKT"

_PREFIXES: Final = f"""PREFIX gl: <{_GL}>
PREFIX geo: <{_GEO}>
PREFIX geof: <http://www.opengis.net/def/function/geosparql/>
PREFIX uom: <http://www.opengis.net/def/uom/OGC/1.0/>
"""
SELF_JOIN: Final = (
    _PREFIXES
    + """SELECT {} WHERE {{
    ?a geo:asWKT ?g . ?b geo:asWKT ?h .
    FILTER(geof:sfIntersects(?g, ?h)) }}"""
)
VALIDATION: Final = (
    _PREFIXES
    + f"""SELECT ?field ?sample WHERE {{
    ?field a gl:Observation ; gl:observedClass ?class ; geo:hasGeometry/geo:asWKT ?g1 .
    ?sample a gl:Sample ; gl:observedClass ?class ; geo:hasGeometry/geo:asWKT ?g2 .
    FILTER(geof:distance(?g1, ?g2, uom:metre) <= {REACH:g}) }}"""
)

Points = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Samples:
    """Points on the ground in CRS84, with the class seen there (its place in ``CLASSES``)."""

    points: Points
    classes: npt.NDArray[np.int64]

    def batches(self, crs: str) -> Batches:
        """The samples as a mapping gives them."""
        numbers = np.arange(len(self.points))
        subjects = numbered("https://example.org/samples/", numbers)
        places = numbered("https://example.org/samples/", numbers, "/geometry")
        wkb = to_wkb(_carried(shapely.points(self.points), crs))
        properties = (
            nodes(RDF_TYPE, pa.array([f"{_GL}Sample"] * len(numbers))),
            nodes(_CLASS, pa.array(CLASSES).take(pa.array(self.classes))),
            nodes(f"{_GEO}hasGeometry", places),
        )
        shape = Property(_SHAPE, TermColumn(Lane.GEOMETRY, wkb, crs=crs))
        return (
            EntityBatch(subjects, properties, theme="samples"),
            EntityBatch(places, (shape,), theme="places"),
        )


class Fields:
    """The fields as shapes and classes, to draw samples from and to answer without a store."""

    def __init__(self, count: int) -> None:
        shapes, classes = [], []
        for fields, geometries in field_batches(count):
            shapes.append(read_wkb(geometries.properties[0].objects.values)[0])
            classes.append(fields.properties[1].objects.values)
        self.shapes = np.concatenate(shapes)
        held = pa.chunked_array(classes).combine_chunks()
        self.classes = np.asarray(pc.index_in(held, pa.array(CLASSES)))

    def samples(self, count: int) -> Samples:
        """Points around the middle of some fields; four of five have the field's class."""
        rng = np.random.default_rng((_SEED, count))
        rows = rng.choice(len(self.shapes), count, replace=False)
        middle = shapely.get_coordinates(shapely.centroid(self.shapes[rows]))
        away, turn = rng.uniform(0, _FAR, count), rng.uniform(0, 2 * np.pi, count)
        north = away * np.sin(turn) / 111_320
        east = away * np.cos(turn) / 111_320 / np.cos(np.radians(middle[:, 1]))
        other = rng.integers(0, len(CLASSES), count)
        classes = np.where(rng.random(count) < _AGREE, self.classes[rows], other)
        return Samples(middle + np.stack([east, north], 1), classes)

    def near(self, samples: Samples, crs: str) -> int:
        """Pairs of equal class within reach, told without the store.

        Raises
        ------
        ValueError
            If a pair lies at the very distance.
        """
        points = shapely.points(samples.points)
        boxes = shapely.buffer(points, 3 * REACH / 111_320 * 1.6, cap_style="square")
        sample, field = shapely.STRtree(self.shapes).query(boxes)
        same = samples.classes[sample] == self.classes[field]
        sample, field = sample[same], field[same]
        if crs == CRS84:
            apart = _on_the_ground(self.shapes[field], samples.points[sample])
        else:
            apart = shapely.distance(
                _carried(self.shapes[field], crs), _carried(points[sample], crs)
            )
        if np.any(np.abs(apart - REACH) < _CLEAR):
            raise ValueError("a sample lies too near to the limit to be called")
        return int(np.sum(apart <= REACH))


def _carried(shapes: npt.NDArray[np.object_], crs: str) -> npt.NDArray[np.object_]:
    return shapes if crs == CRS84 else transform(shapes, CRS84, crs)


def _on_the_ground(shapes: npt.NDArray[np.object_], points: Points) -> Points:
    """Metres, in the plane that touches the ellipsoid at each point: right to 1e-5 at 100 m."""
    latitude = np.radians(points[:, 1])
    root = np.sqrt(1 - _SQUARED_ECCENTRICITY * np.sin(latitude) ** 2)
    meridian = _EQUATOR * (1 - _SQUARED_ECCENTRICITY) / root**3
    scale = np.radians(np.stack([_EQUATOR / root * np.cos(latitude), meridian], 1))
    coordinates, pair = shapely.get_coordinates(shapes, return_index=True)
    placed = shapely.set_coordinates(shapes.copy(), (coordinates - points[pair]) * scale[pair])
    origin = shapely.points(0.0, 0.0)
    return np.asarray(shapely.distance(placed, origin))


def load_fields(folder: Path, count: int) -> Store:
    """A store of fields."""
    made = Store.create(folder)
    with made.begin("fields") as sink:
        for group in field_batches(count):
            for batch in group:
                sink.write(batch)
    return made


def load_validation(folder: Path, count: int, samples: Samples, crs: str) -> Store:
    """A store of fields and samples, all in one CRS."""
    made = Store.create(folder)
    with made.begin("validation") as sink:
        for group in (*_moved(count, crs), samples.batches(crs)):
            for batch in group:
                sink.write(batch)
    return made


def _moved(count: int, crs: str) -> Iterator[Batches]:
    for fields, geometries in field_batches(count):
        (shape,) = geometries.properties
        wkb = to_wkb(_carried(read_wkb(shape.objects.values)[0], crs))
        own = replace(shape, objects=TermColumn(Lane.GEOMETRY, wkb, crs=crs))
        yield fields, replace(geometries, properties=(own,))


def self_join_cases(store: Store) -> Iterator[Case]:
    """The self join, counted and as rows."""
    (table,) = store.snapshot().tables
    rows = Rows(table)
    shape = f"{rows.column(_SHAPE)}::GEOMETRY"
    nodes = rows.column(f"{_GEO}hasGeometry")
    side = f"(SELECT {nodes} AS iri, {shape} AS g FROM {rows.all})"
    both = f"FROM {side} a JOIN {side} b ON ST_Intersects(a.g, b.g)"
    for form, shown, sql in (
        ("counted", "(COUNT(*) AS ?n)", f"SELECT count(*) {both}"),
        ("rows", "?a ?b", f"SELECT a.iri, b.iri {both}"),
    ):
        yield Case(f"self join, {form}", "self join", SELF_JOIN.format(shown), sql)


def validation_case(store: Store, expected: int, crs: str) -> Case:
    """The validation query; SQL by hand only where distances are planar."""
    name = f"validation, {'geodesic' if crs == CRS84 else 'projected'}"
    sql = "" if crs == CRS84 else _by_hand(store)
    return Case(name, "validation", VALIDATION, sql, expected)


def _by_hand(store: Store) -> str:
    tables = [Rows(table) for table in store.snapshot().tables]
    fields, samples = (" UNION ALL ".join(_typed(rows, kind) for rows in tables) for kind in _KINDS)
    return f"""SELECT f.iri, s.iri FROM ({fields}) f JOIN ({samples}) s
        ON ST_DWithin(f.g, s.g, {REACH}) WHERE CASE WHEN f.c = s.c THEN true ELSE false END"""


def _typed(rows: Rows, kind: str) -> str:
    return f"""SELECT iri, {rows.id(_CLASS)} AS c, {rows.column(_SHAPE)}::GEOMETRY AS g
        FROM {rows.all} WHERE {rows.column(RDF_TYPE)} = '{kind}'"""
