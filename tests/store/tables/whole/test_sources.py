"""Mapped tables that are not what a table should be: nothing is lost, and lanes hold the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from mapper import load_mapping, run_mapping
from store import Store
from tests.store.tables.whole.probing import compare

MAPPING = """
@prefix rml: <http://w3id.org/rml/> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix : <http://ex/> .
:source rml:source [ a rml:FilePath ; rml:path "rows.csv" ] ; rml:referenceFormulation rml:CSV .
:fields a rml:TriplesMap ; rml:logicalSource :source ;
  rml:subjectMap [ rml:template "http://ex/field/{id}" ; rml:class :Field ] ;
  rml:predicateObjectMap
    [ rml:predicate :crop ; rml:objectMap [ rml:reference "crop" ] ] ,
    [ rml:predicate :area ; rml:objectMap [ rml:reference "area" ; rml:datatype TYPE ] ] ,
    [ rml:predicate geo:hasGeometry ; rml:objectMap [ rml:template "http://ex/node/{node}" ] ] .
:nodes a rml:TriplesMap ; rml:logicalSource :source ;
  rml:subjectMap [ rml:template "http://ex/node/{node}" ] ;
  rml:predicateObjectMap
    [ rml:predicate geo:asWKT ;
      rml:objectMap [ rml:reference "wkt" ; rml:datatype geo:wktLiteral ] ] .
"""
DOUBLE = "<http://www.w3.org/2001/XMLSchema#double>"
STRING = "<http://www.w3.org/2001/XMLSchema#string>"
HEADER = "id,crop,area,node,wkt"
ROWS = tuple(f"{at},wheat{at % 3},{at}.5,{at},POINT ({at} 1)" for at in range(12))

SOURCES = {
    "one row each": [(DOUBLE, ROWS)],
    "rows twice": [(DOUBLE, (*ROWS, *ROWS[:4], *ROWS))],
    "the same file twice": [(DOUBLE, ROWS), (DOUBLE, ROWS)],
    "a subject on two rows": [(DOUBLE, (*ROWS, "3,barley,9.5,3,POINT (3 1)"))],
    "a subject on two rows of two loads": [
        (DOUBLE, ROWS[:8]),
        (DOUBLE, (*ROWS[6:], "2,rye,2.5,2,POINT (2 1)")),
    ],
    "two rows, one other node": [(DOUBLE, (*ROWS, "3,wheat0,3.5,99,POINT (9 9)"))],
    "two features, one node": [(DOUBLE, (*ROWS[:6], "40,rye,4.5,2,POINT (2 1)"))],
    "one node, two geometries": [(DOUBLE, (*ROWS[:6], "40,rye,4.5,2,POINT (7 7)"))],
    "a number that becomes text": [(DOUBLE, ROWS[:6]), (STRING, ROWS[6:])],
    "the same rows, a number as text": [(DOUBLE, ROWS[:6]), (STRING, ROWS[:6])],
    "values that are missing": [(DOUBLE, ("1,,1.5,1,POINT (1 1)", "2,rye,,2,", *ROWS[3:]))],
    "values that are missing at first": [
        (DOUBLE, ("1,,1.5,1,POINT (1 1)", "2,rye,,2,POINT (2 1)", *ROWS[3:])),
        (DOUBLE, ("1,oats,1.5,1,POINT (1 1)", "2,rye,2.5,2,POINT (2 1)")),
    ],
}


@pytest.mark.parametrize("name", SOURCES)
def test_source(name: str, tmp_path: Path) -> None:
    stores = [
        Store.create(tmp_path / "lanes", tables="never"),
        Store.create(tmp_path / "tables", tables="always"),
    ]
    for datatype, rows in SOURCES[name]:
        (tmp_path / "map.ttl").write_text(MAPPING.replace("TYPE", datatype), encoding="utf-8")
        (tmp_path / "rows.csv").write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")
        reports = [
            run_mapping(load_mapping(tmp_path / "map.ttl"), store.begin(), base_dir=tmp_path)
            for store in stores
        ]
        assert len({report.triples_written for report in reports}) == 1
        compare(*stores, tmp_path)
    assert any(snapshot.tables for snapshot in stores[1].history())
    stores[1].compact()
    compare(*stores, tmp_path, turn=1)
