"""Sorting geometries by place, in memory, and cutting them in GeoParquet parts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ontology import Boxes, read_boxes

from .part_files import geo_metadata
from .parts import Part, part_size
from .wkb_boxes import around, hilbert, largest

_BOX = ("xmin", "ymin", "xmax", "ymax")


def geometry_parts(table: pa.Table, crs: str) -> Iterator[Part]:
    """Yield the parts of a geometry lane.

    Parameters
    ----------
    table : pa.Table
        Work rows of the lane, geometry as ISO WKB.
    crs : str
        CRS IRI.
    """
    if not table.num_rows:
        return
    wkb = table.column("wkb").combine_chunks()
    boxes = read_boxes(wkb)
    centres = boxes.bounds[:, :2] / 2 + boxes.bounds[:, 2:] / 2  # halves: sums may overflow
    order = np.lexsort((table.column("s").to_numpy(), hilbert(centres)))
    sides = outward(boxes.bounds)
    size = part_size(len(order))
    for start in range(0, len(order), size):
        rows = order[start : start + size]
        some = table.take(pa.array(rows))
        columns = {name: some.column(name) for name in ("g", "s", "s_blank")}
        columns |= {"geom": some.column("wkb"), "lex": some.column("lex")}
        kept = sides[rows]
        for number, name in enumerate(_BOX):
            ordinates = np.ascontiguousarray(kept[:, number])
            columns[name] = pa.array(ordinates, mask=np.isnan(ordinates))
        part = pa.table(columns)
        described = Boxes(boxes.bounds[rows], boxes.kinds[rows], boxes.odd[:0])
        yield Part(
            part.replace_schema_metadata({b"geo": geo_metadata({"geom": (crs, described)})}),
            around(kept),
            largest=largest(part.column("geom")),
        )


def outward(bounds: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Boxes of FLOATs, one step wider than the nearest, so that they never cut into a geometry."""
    with np.errstate(over="ignore"):
        near = bounds.astype(np.float32)
    infinite = np.float32(np.inf)
    return np.column_stack(
        [np.nextafter(near[:, :2], -infinite), np.nextafter(near[:, 2:], infinite)]
    )
