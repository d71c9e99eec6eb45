"""GeoPackages in a projected CRS into the store and to N-Triples, in CRS84."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

import numpy as np
import pyogrio.raw
import shapely

from .chosen import Chosen, Found
from .report import at_least, median_cpu, rows_of
from .systems import Run, run_ours

SYSTEMS: Final = {
    "EPSG:3035": (4.3e6, 2.6e6),
    "EPSG:31287": (3.0e5, 3.5e5),
}
CORNERS: Final = 14
GOAL: Final = 150_000.0
MOST: Final = 500_000

MAPPING: Final = """@prefix rml: <http://w3id.org/rml/> .
@prefix gl: <https://w3id.org/geoloom/ns#> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix e: <http://example.org/> .
e:fields a rml:TriplesMap ;
    rml:logicalSource [
        rml:source [ a rml:FilePath ; rml:path "fields.gpkg" ] ;
        rml:referenceFormulation gl:Vector ] ;
    rml:subjectMap [ rml:template "http://example.org/field/{id}" ; rml:class e:Field ] ;
    rml:predicateObjectMap [ rml:predicate e:crop ;
        rml:objectMap [ rml:template "http://example.org/crop/{crop}" ] ] ;
    rml:predicateObjectMap [ rml:predicate geo:asWKT ;
        rml:objectMap [ rml:reference "geometry" ] ] .
"""


def vector(chosen: Chosen) -> Found:
    """Each CRS, into the store and to text."""
    count = min(chosen.rows, MOST)
    rows, targets = [], []
    for crs, corner in SYSTEMS.items():
        mapping = fields_gpkg(chosen.work, count, crs, corner)
        for way, module, out in (
            ("into the store", "to_store", chosen.work / "store"),
            ("to N-Triples", "to_lines", chosen.work / "out.nt"),
        ):
            case = f"GPKG in {crs} {way}"
            place = mapping if module == "to_store" else mapping.parent
            runs: list[Run] = [run_ours(module, place, out) for _ in range(chosen.rounds)]
            rows += rows_of(case, {"geoloom": runs}, count, 3 * count)
            rate = count / median_cpu(runs)
            targets.append(at_least(f"{case}, geometries per CPU second", rate, GOAL))
            _remove(out)
    return rows, targets


def _remove(out: Path) -> None:
    if out.is_dir():
        shutil.rmtree(out)
    else:
        out.unlink()


def fields_gpkg(work: Path, count: int, crs: str, corner: tuple[float, float]) -> Path:
    """The mapping of a GeoPackage of so many polygons of fourteen corners; made once."""
    folder = work / f"gpkg-{crs.replace(':', '-')}-{count}"
    folder.mkdir(parents=True, exist_ok=True)
    mapping, file = folder / "fields.rml.ttl", folder / "fields.gpkg"
    mapping.write_text(MAPPING)
    if not file.is_file():
        random = np.random.default_rng(11)
        centres = random.uniform(0, 2e5, (count, 1, 2)) + corner
        turns = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
        radii = random.uniform(20, 80, (count, CORNERS, 1))
        rings = centres + radii * np.column_stack([np.cos(turns), np.sin(turns)])
        shapes = shapely.polygons(np.concatenate([rings, rings[:, :1]], axis=1))
        made = file.with_name("made.gpkg")
        pyogrio.raw.write(
            made,
            shapely.to_wkb(shapes),
            [np.arange(count), np.arange(count) % 300],
            ["id", "crop"],
            layer="fields",
            geometry_type="Polygon",
            crs=crs,
        )
        made.rename(file)
    return mapping
