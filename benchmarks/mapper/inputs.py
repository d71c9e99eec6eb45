"""Inputs of the mapper benchmark: a CSV of fields with WKT and the mapping of five triples a row.

Numbers are written in their shortest form, which is how every system here writes a number.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

CORNERS: Final = 9
COLUMNS: Final = ("id", "crop", "name", "area", "wkt")
CSV_NAME: Final = "fields.csv"
_BLOCK: Final = 100_000

MAPPING: Final = """@prefix rml: <http://w3id.org/rml/> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix e: <http://example.org/> .
e:fields a rml:TriplesMap ;
    rml:logicalSource [
        rml:source [ a rml:FilePath ; rml:path "fields.csv" ] ;
        rml:referenceFormulation rml:CSV ] ;
    rml:subjectMap [ rml:template "http://example.org/field/{id}" ; rml:class e:Field ] ;
    rml:predicateObjectMap [ rml:predicate e:crop ;
        rml:objectMap [ rml:template "http://example.org/crop/{crop}" ] ] ;
    rml:predicateObjectMap [ rml:predicate e:name ; rml:objectMap [ rml:reference "name" ] ] ;
    rml:predicateObjectMap [ rml:predicate e:area ;
        rml:objectMap [ rml:reference "area" ; rml:datatype xsd:double ] ] ;
    rml:predicateObjectMap [ rml:predicate geo:asWKT ;
        rml:objectMap [ rml:reference "wkt" ; rml:datatype geo:wktLiteral ] ] .
"""


def fields_csv(work: Path, rows: int) -> Path:
    """Folder with ``fields.csv`` of so many rows and ``fields.rml.ttl``; made once."""
    folder = work / f"fields-{rows}"
    file = folder / CSV_NAME
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "fields.rml.ttl").write_text(MAPPING)
    if not file.is_file():
        made = file.with_suffix(".part")
        _write(made, rows)
        made.rename(file)
    return folder


def _write(file: Path, rows: int) -> None:
    random = np.random.default_rng(7)
    schema = pa.schema([(name, pa.string()) for name in COLUMNS])
    with pacsv.CSVWriter(file, schema, write_options=_PLAIN) as writer:
        for first in range(0, rows, _BLOCK):
            count = min(_BLOCK, rows - first)
            writer.write_table(pa.table(_block(random, first, count), schema=schema))


_PLAIN: Final = pacsv.WriteOptions(quoting_style="needed")


def _block(random: np.random.Generator, first: int, count: int) -> dict[str, list[str]]:
    turns = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    x = random.uniform(9, 17, count)[:, None] + 0.001 * np.cos(turns)
    y = random.uniform(46, 49, count)[:, None] + 0.001 * np.sin(turns)
    numbers = range(first, first + count)
    return {
        "id": [str(n) for n in numbers],
        "crop": [str(n % 300) for n in numbers],
        "name": [f"Field {n}, no. {n % 17}" for n in numbers],
        "area": [repr(a) for a in random.uniform(100, 90_000, count).round(2).tolist()],
        "wkt": [_polygon(*ring) for ring in zip(x.tolist(), y.tolist(), strict=True)],
    }


def _polygon(x: list[float], y: list[float]) -> str:
    points = [f"{_short(a)} {_short(b)}" for a, b in zip(x, y, strict=True)]
    return f"POLYGON (({', '.join([*points, points[0]])}))"


def _short(value: float) -> str:
    return f"{value:.7f}".rstrip("0").rstrip(".")
