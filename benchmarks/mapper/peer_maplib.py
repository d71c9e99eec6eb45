"""Run by the peers' Python: maplib over the fields of a folder. Arguments: FOLDER OUT."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
from clock import Clock
from maplib import Model

_TEMPLATE = """@prefix e: <http://example.org/> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix ottr: <http://ns.ottr.xyz/0.4/> .
e:Row [ottr:IRI ?s, ottr:IRI ?crop, xsd:string ?name, xsd:double ?area, geo:wktLiteral ?wkt] :: {
  ottr:Triple(?s, a, e:Field), ottr:Triple(?s, e:crop, ?crop), ottr:Triple(?s, e:name, ?name),
  ottr:Triple(?s, e:area, ?area), ottr:Triple(?s, geo:asWKT, ?wkt) } .
"""

folder, out = Path(sys.argv[1]), sys.argv[2]
clock = Clock()
texts = {"id": pl.String, "crop": pl.String, "name": pl.String, "wkt": pl.String}
frame = pl.read_csv(folder / "fields.csv", schema_overrides=texts | {"area": pl.Float64}).select(
    ("http://example.org/field/" + pl.col("id")).alias("s"),
    ("http://example.org/crop/" + pl.col("crop")).alias("crop"),
    "name",
    "area",
    "wkt",
)
model = Model()
model.add_template(_TEMPLATE)
model.map("http://example.org/Row", frame)
model.write(out, format="ntriples")
clock.tell()
