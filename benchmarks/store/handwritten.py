"""The same queries as SQL, written by hand for the store's files: the bar ours is measured by.

What was done to make each as fast as DuckDB can be on these files:

- files are listed explicitly, a window's files picked by the boxes in the manifest, and ids of
  constants are written in (neither is part of the time measured);
- only the columns that are needed are read; no cast stands on a column, and no test for what a
  person knows of the data: every field is an observation, no row is deleted, nothing is blank, no
  value has a lexical form of its own;
- box columns stand before the exact test, compared with FLOATs: else the column is cast and no
  row group skipped;
- groups are of the text itself, which the files hold as a dictionary;
- what a recursion reads again and again is materialised before it (a third of the time).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from .files import Box, Files, identity
from .queries import CLASS, FIELD, WIDE, WINDOW, ring

_GL: Final = "https://w3id.org/geoloom/ns#"
_GEO: Final = "http://www.opengis.net/ont/geosparql#"
_SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
_DCT: Final = "http://purl.org/dc/terms/"

TYPES: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
CLASSES: Final = f"{_GL}observedClass"
CONFIDENCE: Final = f"{_GL}confidence"
AREA: Final = f"{_GEO}hasMetricArea"
LINK: Final = f"{_GEO}hasGeometry"
SHAPE: Final = f"{_GEO}asWKT"
BROADER: Final = f"{_SKOS}broader"
LABEL: Final = f"{_SKOS}prefLabel"
VISITED: Final = "http://www.w3.org/ns/sosa/hasFeatureOfInterest"
DAY: Final = f"{_DCT}date"
REMARK: Final = f"{_DCT}description"


def _star(files: Files, area: int, columns: str) -> str:
    fields = files[AREA]
    return f"""SELECT {columns} FROM {fields.all}
        WHERE {fields.column(AREA)} > {area} AND {fields.column(CONFIDENCE)} > 0.9"""


def _star_counted(files: Files) -> str:
    return _star(files, 30_000, "count(*)")


def _star_rows(files: Files) -> str:
    fields = files[AREA]
    shown = (fields.column(CLASSES), fields.text(CONFIDENCE), fields.text(AREA))
    return _star(files, 48_000, f"iri, {', '.join(shown)}")


def _group_by(files: Files) -> str:
    fields = files[AREA]
    area, kind = fields.column(AREA), fields.column(CLASSES)
    return f"""SELECT {kind}, count(*), avg({area}) FROM {fields.all}
        WHERE {area} > 10000 GROUP BY {kind}"""


def _having(files: Files) -> str:
    fields = files[AREA]
    area, kind = fields.column(AREA), fields.column(CLASSES)
    return f"""SELECT {kind}, sum({area}) FROM {fields.all}
        GROUP BY {kind} HAVING count(*) > 2000"""


def _window(box: Box) -> Callable[[Files], str]:
    west, south = (f"{float(np.nextafter(np.float32(x), -np.inf))}::FLOAT" for x in box[:2])
    east, north = (f"{float(np.nextafter(np.float32(x), np.inf))}::FLOAT" for x in box[2:])

    def written(files: Files) -> str:
        fields = files[SHAPE]
        shape = f"{fields.column(SHAPE)}::GEOMETRY"
        shown = (fields.column(CLASSES), fields.text(CONFIDENCE), fields.text(AREA))
        xmin, ymin, xmax, ymax = fields.box(SHAPE)
        return f"""SELECT iri, {", ".join(shown)}, ST_AsText({shape})
            FROM {fields.meeting(SHAPE, box)}
            WHERE {xmin} <= {east} AND {xmax} >= {west} AND {ymin} <= {north} AND {ymax} >= {south}
                AND ST_Intersects({shape}, ST_GeomFromText('{ring(box)}'))"""

    return written


def _one_subject(files: Files) -> str:
    fields = files[AREA]
    cells = ", ".join(
        f"{{p: '{predicate}', o: {fields.text(predicate)}}}"
        for predicate in (TYPES, CLASSES, CONFIDENCE, AREA, LINK)
    )
    return f"""SELECT t.p, t.o FROM (SELECT unnest([{cells}]) AS t
        FROM {fields.all} WHERE _iri_id = {identity(FIELD)})"""


def _visits(files: Files, more: str = "") -> str:
    """Visits joined with the fields they are of, and what else is joined."""
    fields, visits = files[AREA], files[VISITED]
    return f"{visits.all} v JOIN {fields.all} f ON f._iri_id = v.{visits.id(VISITED)} {more}"


def _two_entities(files: Files) -> str:
    fields, visits = files[AREA], files[VISITED]
    return f"""SELECT v.iri, v.{visits.text(DAY)}, f.iri, f.{fields.column(CLASSES)},
            f.{fields.text(AREA)}
        FROM {_visits(files)} WHERE f.{fields.column(AREA)} > 48000"""


def _three_entities(files: Files) -> str:
    fields, visits = files[AREA], files[VISITED]
    labels = f"JOIN {files.pairs(LABEL, 'en')} l ON l.s = f.{fields.id(CLASSES)}"
    return f"""SELECT v.iri, v.{visits.text(DAY)}, f.iri, f.{fields.text(AREA)}
        FROM {_visits(files, labels)}
        WHERE l.o = 'crop 3' AND f.{fields.column(AREA)} > 40000"""


def _optional(files: Files) -> str:
    fields, visits = files[AREA], files[VISITED]
    return f"""SELECT f.iri, v.iri FROM {fields.all} f
        LEFT JOIN {visits.all} v ON v.{visits.id(VISITED)} = f._iri_id
        WHERE f.{fields.column(AREA)} > 48000"""


def _top_ten(files: Files) -> str:
    fields = files[AREA]
    area = fields.column(AREA)
    return f"SELECT iri, {area} FROM {fields.all} ORDER BY {area} DESC LIMIT 10"


def _distinct(files: Files) -> str:
    fields = files[CLASSES]
    return f"SELECT DISTINCT {fields.column(CLASSES)} FROM {fields.all}"


def _text_and_date(files: Files) -> str:
    visits = files[REMARK]
    remark, day = visits.column(REMARK), visits.column(DAY)
    return f"""SELECT iri, {remark} FROM {visits.all}
        WHERE starts_with({remark}, 'lodged')
            AND {day} >= DATE '2018-07-01' AND {day} < DATE '2018-08-01'"""


def _path(files: Files) -> str:
    """Fields are counted by class before the path multiplies them."""
    fields = files[CLASSES]
    return f"""WITH RECURSIVE counted AS MATERIALIZED (
            SELECT {fields.id(CLASSES)} AS o, count(*) AS n FROM {fields.all} GROUP BY o),
        steps AS MATERIALIZED (FROM {files.pairs(BROADER)}),
        up AS (SELECT o AS c, o AS up FROM counted
            UNION SELECT up.c, steps.o FROM up JOIN steps ON steps.s = up.up)
        SELECT k.text, n FROM (
            SELECT up, sum(n) AS n FROM counted JOIN up ON up.c = counted.o GROUP BY up
        ) JOIN {files.terms} k ON k.id = up"""


def _ask(files: Files) -> str:
    fields = files[AREA]
    return f"""SELECT EXISTS (FROM {fields.all}
        WHERE {fields.id(CLASSES)} = {identity(CLASS)} AND {fields.column(AREA)} > 59000)"""


HANDWRITTEN: Final[dict[str, Callable[[Files], str]]] = {
    "star, counted": _star_counted,
    "star, rows": _star_rows,
    "group by": _group_by,
    "having": _having,
    "window, 1 km": _window(WINDOW),
    "window, 10 km": _window(WIDE),
    "one subject": _one_subject,
    "two entities": _two_entities,
    "three entities": _three_entities,
    "optional": _optional,
    "top 10": _top_ten,
    "distinct": _distinct,
    "text and date": _text_and_date,
    "path": _path,
    "ask": _ask,
}
