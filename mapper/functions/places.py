"""Built-in functions on geometry, in the ``gl:`` namespace. Measures are in metres."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from ontology import (
    CRS84,
    GeometryError,
    MappingError,
    crs_from,
    crs_iri,
    geodesic_area,
    geodesic_length,
    is_geographic,
    parse_wkt,
    to_wkb,
    transform,
)

from ..cells import Cells
from ..geometry import decode, move
from ..literals import text_of
from ..vocabulary import GL
from .registry import Call, register
from .texts import single


def _transform(call: Call, geometry: Cells, crs: Cells) -> Cells:
    """The geometry in another CRS, which is then kept."""
    wanted = crs_iri(single(crs, "crs", call))
    shapes, own = _shapes(call, geometry)
    moved = move(shapes, own, wanted, geometry, call.faults, call.where)
    return Cells(to_wkb(moved), crs=wanted, settled=True)


def _point(call: Call, x: Cells, y: Cells, crs: Cells | None = None) -> Cells:
    """Point of an easting or longitude and a northing or latitude; CRS84 by default."""
    across, up = _numbers(call, x, "x"), _numbers(call, y, "y")
    made = shapely.points(np.nan_to_num(across), np.nan_to_num(up))
    return _placed(call, made, np.isnan(across) | np.isnan(up), crs)


def _box(
    call: Call,
    xmin: Cells,
    ymin: Cells,
    xmax: Cells | None = None,
    ymax: Cells | None = None,
    width: Cells | None = None,
    height: Cells | None = None,
    crs: Cells | None = None,
) -> Cells:
    """Rectangle from two corners, or from the lower left corner, width and height."""
    left, low = _numbers(call, xmin, "xmin"), _numbers(call, ymin, "ymin")
    right = _far_side(call, left, xmax, width, "xmax or width")
    top = _far_side(call, low, ymax, height, "ymax or height")
    turned = np.flatnonzero((right < left) | (top < low))
    call.fault(turned, f"{call.where}: a box ends before it begins")
    missing = np.isnan(left) | np.isnan(low) | np.isnan(right) | np.isnan(top)
    return _placed(call, shapely.box(*map(np.nan_to_num, (left, low, right, top))), missing, crs)


def _far_side(call: Call, near: Any, far: Cells | None, size: Cells | None, name: str) -> Any:
    if far is not None:
        return _numbers(call, far, name)
    if size is None:
        raise MappingError(f"gl:box needs {name}", where=call.where)
    return near + _numbers(call, size, name)


def _centroid(call: Call, geometry: Cells) -> Cells:
    shapes, own = _shapes(call, geometry)
    return Cells(to_wkb(shapely.centroid(shapes)), crs=own)


def _area(call: Call, geometry: Cells) -> pa.Array:
    """Square metres: geodesic in geographic CRSs, planar in projected ones."""
    return _measure(call, geometry, shapely.area, geodesic_area, 2)


def _length(call: Call, geometry: Cells) -> pa.Array:
    """Metres: geodesic in geographic CRSs, planar in projected ones."""
    return _measure(call, geometry, shapely.length, geodesic_length, 1)


def _measure(
    call: Call,
    geometry: Cells,
    planar: Callable[[Any], Any],
    geodesic: Callable[[Any], Any],
    power: int,
) -> pa.Array:
    shapes, own = _shapes(call, geometry)
    if is_geographic(own):
        measured = geodesic(transform(shapes, own, CRS84))
    else:
        measured = planar(shapes) * crs_from(own).axis_info[0].unit_conversion_factor ** power
    return pa.array(measured, from_pandas=True)


def _shapes(call: Call, geometry: Cells) -> tuple[Any, str]:
    if geometry.crs is not None:
        return decode(geometry, call.faults, call.where), geometry.crs
    parsed = parse_wkt(text_of(geometry.values))
    call.fault(
        [problem.row for problem in parsed.problems],
        lambda k: f"{call.where}: {parsed.problems[k].text_excerpt!r} is no geometry",
        GeometryError,
    )
    names = pc.unique(parsed.crs.dictionary_decode()).drop_null().to_pylist()
    if len(names) > 1:
        raise MappingError(
            "The geometries of a column are in several CRSs",
            where=call.where,
            why=", ".join(names),
            remedy="split the source by CRS",
        )
    own = names[0] if names else CRS84
    return decode(Cells(parsed.wkb, geometry.rows, own), call.faults, call.where), own


def _numbers(call: Call, cells: Cells, name: str) -> Any:
    """Doubles, NaN for no value."""
    try:
        values = pc.cast(cells.values, pa.float64())
    except pa.ArrowInvalid:
        texts = text_of(cells.values)
        legal = pc.match_substring_regex(texts, r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$")
        bad = np.flatnonzero(pc.invert(legal).fill_null(False).to_numpy(zero_copy_only=False))
        call.fault(
            bad, lambda k: f"{call.where}: {name} {texts[int(bad[k])].as_py()!r} is no number"
        )
        values = pc.cast(pc.if_else(legal, texts, pa.scalar(None, pa.string())), pa.float64())
    return values.to_numpy(zero_copy_only=False)


def _placed(call: Call, shapes: Any, missing: Any, crs: Cells | None) -> Cells:
    """Geometries in the CRS of their rows; several CRSs are brought to CRS84."""
    shapes = np.asarray(shapes, np.object_)
    shapes[missing] = None
    if crs is None:
        return Cells(to_wkb(shapes), crs=CRS84)
    named = text_of(crs.values).dictionary_encode()
    codes = pc.fill_null(named.indices, -1).to_numpy(zero_copy_only=False)
    call.fault(np.flatnonzero((codes < 0) & ~missing), f"{call.where}: the row names no CRS")
    iris = [
        crs_iri(f"EPSG:{name}" if name.isdigit() else name) for name in named.dictionary.to_pylist()
    ]
    if len(set(iris)) == 1:
        return Cells(to_wkb(shapes), crs=iris[0])
    for code, iri in enumerate(iris):
        mine = codes == code
        shapes[mine] = transform(shapes[mine], iri, CRS84)
    return Cells(to_wkb(shapes), crs=CRS84)


for _name, _function in (
    ("transform", _transform),
    ("asWKT", _transform),
    ("point", _point),
    ("box", _box),
    ("centroid", _centroid),
    ("area", _area),
    ("length", _length),
):
    register(GL + _name, _function, native=True)
