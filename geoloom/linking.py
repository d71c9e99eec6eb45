"""Interlinking two classes of one store."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import shapely

from interlink import GeometryColumn, LinkReport, link
from ontology import GeoloomError, to_wkb, transform
from store import Store


def geometry_column(store: Store, class_iri: str) -> GeometryColumn:
    """Return the features of a class with their geometries, in one CRS.

    Features of several CRSs are brought into that of the most features.

    Raises
    ------
    GeoloomError
        If no feature of the class has a geometry.
    """
    columns = store.geometries(class_iri)
    if not columns:
        raise GeoloomError(
            "Nothing to link",
            where=class_iri,
            why="no feature of this class has geo:hasGeometry/geo:asWKT in the default graph",
            remedy="check the class IRI, or map the layer first",
        )
    ordered = sorted(columns, key=lambda part: -len(part[0]))
    crs = ordered[0][2]
    ids = pa.concat_arrays([part[0] for part in ordered])
    wkb = pa.concat_arrays([_in_crs(part[1], part[2], crs) for part in ordered])
    return GeometryColumn(ids=ids, wkb=wkb, crs=crs, name=class_iri)


def _in_crs(wkb: pa.Array, source: str, target: str) -> pa.Array:
    if source == target:
        return wkb
    geometries = shapely.from_wkb(np.asarray(wkb.to_numpy(zero_copy_only=False), object))
    return to_wkb(transform(geometries, source, target))


def link_remarks(report: LinkReport) -> tuple[str, ...]:
    """Say which geometries took no part or are invalid, and which pairs GEOS gave up on."""
    sides = ((report.source, report.rejected_source), (report.target, report.rejected_target))
    kinds = {
        "unreadable": "unreadable geometries left out",
        "infinite": "geometries with infinite coordinates left out",
        "empty": "empty geometries: they meet nothing",
        "invalid": "invalid geometries: linked by what GEOS makes of them",
    }
    named = [
        f"{name}: {len(found):,} {words}, first {found[0]}"
        for name, rejected in sides
        for kind, words in kinds.items()
        if (found := getattr(rejected, kind))
    ]
    if report.failed:
        first = report.failed[0]
        pair = f"{first.source} and {first.target}: {first.reason}"
        named.append(f"{len(report.failed):,} pairs could not be decided, first {pair}")
    return tuple(named)


def link_classes(
    store: Store, source: str, target: str, relations: Sequence[str] = ("sfIntersects",)
) -> LinkReport:
    """Write the links between two classes into the store, in one snapshot.

    Parameters
    ----------
    source, target : str
        Class IRIs; links run from features of the first to features of the second.
    relations : sequence of str
        Names of GeoSPARQL relations, for example ``sfWithin`` or ``ehCovers``.
    """
    left, right = geometry_column(store, source), geometry_column(store, target)
    with store.begin(theme="links") as sink:
        report = link(left, right, tuple(relations), sink=sink)
        sink.commit()
    return report
