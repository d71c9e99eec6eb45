"""SC1 to SC3 over the 10,000 triples, in function and property form, and SQL by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.store.files import Files

from .cases import Case
from .suite import query_texts
from .windows import box_test

FILE: Final = "scalability_10K.nt"
ROWS: Final = (554, 2, 2)
"""Rows on which seven of eight systems agree."""

_GEO: Final = "http://www.opengis.net/ont/geosparql#"
_CODE: Final = "http://data.linkedeodata.eu/ontology#has_code"


def scalability_cases(suite: Path, files: Files) -> Iterator[Case]:
    """Six cases; Oxigraph knows the functions, not the properties."""
    for folder, form in (("scalabilityFunc", "function"), ("scalabilityPred", "property")):
        for (name, text), rows in zip(query_texts(suite, folder).items(), ROWS, strict=True):
            which = name.split("_")[1]
            kind = "selection" if which == "SC1" else "join"
            peer = text if form == "function" else ""
            yield Case(f"{which}, {form}", kind, text, _SQL[which](files, text), rows, peer)


def _window(files: Files, text: str) -> str:
    wkt = text[text.index('"') + 1 : text.rindex('"')]
    shapes = files[f"{_GEO}asWKT"]
    shape = shapes.column(f"{_GEO}asWKT")
    written = f'coalesce(f."_{shape[1:-1]}_lex", ST_AsText(f.{shape}::GEOMETRY))'
    return f"""SELECT f.iri, {written} FROM {shapes.all} f
        WHERE {box_test(shapes, f"{_GEO}asWKT", wkt)}
            AND ST_Intersects(f.{shape}::GEOMETRY, ST_GeomFromText('{wkt}'))"""


def _joined(files: Files, codes: str) -> str:
    """Features by code first, then their geometries."""
    sides = [_coded(files, test) for test in ("= 1001", codes)]
    return f"""WITH a AS MATERIALIZED ({sides[0]}), b AS MATERIALIZED ({sides[1]})
        SELECT a.iri, b.iri FROM a JOIN b ON ST_Intersects(a.g, b.g)"""


def _coded(files: Files, test: str) -> str:
    coded, shapes = files[_CODE], files[f"{_GEO}asWKT"]
    shape = shapes.column(f"{_GEO}asWKT")
    return f"""SELECT c.iri, f.{shape}::GEOMETRY AS g FROM {coded.all} c
        JOIN {shapes.all} f ON f._iri_id = c.{coded.id(f"{_GEO}hasGeometry")}
        WHERE c.{coded.column(_CODE)} {test}"""


def _intensive(files: Files, text: str) -> str:
    code = f"c.{files[_CODE].column(_CODE)}"
    return _joined(files, f"> 5000 AND {code} < 6000 AND {code} <> 5260")


def _relaxed(files: Files, text: str) -> str:
    return _joined(files, "IN (5622, 5601, 5641, 5621, 5661)")


_SQL: Final = {"SC1": _window, "SC2": _intensive, "SC3": _relaxed}
