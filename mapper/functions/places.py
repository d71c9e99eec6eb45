"""Built-in functions that place geometries: points, boxes, other CRSs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow.compute as pc
import shapely

from ontology import CRS84, MappingError, crs_iri, to_wkb, transform

from ..language.vocabulary import GL
from ..terms.cells import Cells
from ..terms.geometry import move
from ..terms.literals import text_of
from .arguments import numbers, shapes, single
from .registry import Call, register


def _transform(call: Call, geometry: Cells, crs: Cells) -> Cells:
    """The geometry in another CRS, which is then kept."""
    wanted = crs_iri(single(crs, "crs", call))
    found, own = shapes(call, geometry)
    moved = move(found, own, wanted, geometry, call.faults, call.where)
    return Cells(to_wkb(moved), crs=wanted, settled=True)


def _point(call: Call, x: Cells, y: Cells, crs: Cells | None = None) -> Cells:
    """Point of an easting or longitude and a northing or latitude; CRS84 by default."""
    across, up = numbers(call, x, "x"), numbers(call, y, "y")
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
    left, low = numbers(call, xmin, "xmin"), numbers(call, ymin, "ymin")
    right = _far_side(call, left, xmax, width, "xmax or width")
    top = _far_side(call, low, ymax, height, "ymax or height")
    turned = np.flatnonzero((right < left) | (top < low))
    call.fault(turned, f"{call.where}: a box ends before it begins")
    missing = np.isnan(left) | np.isnan(low) | np.isnan(right) | np.isnan(top)
    return _placed(call, shapely.box(*map(np.nan_to_num, (left, low, right, top))), missing, crs)


def _far_side(call: Call, near: Any, far: Cells | None, size: Cells | None, name: str) -> Any:
    if far is not None:
        return numbers(call, far, name)
    if size is None:
        raise MappingError(f"gl:box needs {name}", where=call.where)
    return near + numbers(call, size, name)


def _placed(call: Call, made: Any, missing: Any, crs: Cells | None) -> Cells:
    """Geometries in the CRS of their rows; several CRSs are brought to CRS84."""
    made = np.asarray(made, np.object_)
    made[missing] = None
    if crs is None:
        return Cells(to_wkb(made), crs=CRS84)
    named = text_of(crs.values).dictionary_encode()
    codes = pc.fill_null(named.indices, -1).to_numpy(zero_copy_only=False)
    call.fault(np.flatnonzero((codes < 0) & ~missing), f"{call.where}: the row names no CRS")
    iris = [
        crs_iri(f"EPSG:{name}" if name.isdigit() else name) for name in named.dictionary.to_pylist()
    ]
    if len(set(iris)) == 1:
        return Cells(to_wkb(made), crs=iris[0])
    for code, iri in enumerate(iris):
        mine = codes == code
        made[mine] = transform(made[mine], iri, CRS84)
    return Cells(to_wkb(made), crs=CRS84)


for _name, _function in (
    ("transform", _transform),
    ("asWKT", _transform),
    ("point", _point),
    ("box", _box),
):
    register(GL + _name, _function, native=True)
