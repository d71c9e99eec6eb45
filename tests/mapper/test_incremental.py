"""A second run of a mapping: the store afterwards holds exactly what a fresh load would."""

from __future__ import annotations

import csv
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from mapper import MappingReport, load_mapping, register, run_mapping
from ontology import GeoloomError, MappingError
from store import Store

PREFIXES = """
@prefix rml: <http://w3id.org/rml/> . @prefix gl: <https://w3id.org/geoloom/ns#> .
@prefix ex: <http://example.com/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
"""


def source(name: str) -> str:
    return (
        f'rml:logicalSource [ rml:source [ a rml:FilePath ; rml:path "{name}" ; rml:null "" ] ;'
        " rml:referenceFormulation rml:CSV ]"
    )


FIELDS = f"""
<#field> {source("fields.csv")} ; gl:theme "fields" ;
  rml:subjectMap [ rml:template "http://example.com/f/{{id}}" ; rml:class ex:Field ] ;
  rml:predicateObjectMap [ rml:predicate ex:name ; rml:objectMap [ rml:reference "name" ;
    rml:language "en" ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:size ; rml:objectMap [ rml:reference "size" ;
    rml:datatype xsd:double ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:sown ; rml:objectMap [ rml:reference "sown" ;
    rml:datatype xsd:date ] ] ;
  rml:predicateObjectMap [ rml:predicate geo:hasGeometry ; rml:objectMap [
    rml:template "http://example.com/g/{{id}}" ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:owner ; rml:objectMap [
    rml:parentTriplesMap <#owner> ; rml:joinCondition [ rml:child "owner" ; rml:parent "key" ] ] ] ;
  rml:predicateObjectMap [ rml:predicateMap [ rml:template "http://example.com/p/{{kind}}" ] ;
    rml:objectMap [ rml:reference "kind" ] ; rml:graphMap [
    rml:template "http://example.com/graph/{{kind}}" ] ] .
<#shape> {source("fields.csv")} ; gl:theme "shapes" ;
  rml:subjectMap [ rml:template "http://example.com/g/{{id}}" ] ;
  rml:predicateObjectMap [ rml:predicate geo:asWKT ; rml:objectMap [ rml:reference "wkt" ;
    rml:datatype geo:wktLiteral ] ] .
<#kind> {source("fields.csv")} ;
  rml:subjectMap [ rml:template "{{kind}}" ; rml:termType rml:BlankNode ] ;
  rml:predicateObjectMap [ rml:predicate ex:of ; rml:object ex:everything ] .
<#all> {source("fields.csv")} ;
  rml:subjectMap [ rml:constant ex:everything ] ;
  rml:predicateObjectMap [ rml:predicate ex:has ; rml:objectMap [
    rml:template "http://example.com/f/{{id}}" ] ] .
<#owner> {source("owners.csv")} ; gl:theme "owners" ;
  rml:subjectMap [ rml:template "http://example.com/o/{{name}}" ] ;
  rml:predicateObjectMap [ rml:predicate ex:key ; rml:objectMap [ rml:reference "key" ;
    rml:datatype xsd:integer ] ] .
"""
NUMBERED = f"""
<#n> {source("fields.csv")} ; rml:subjectMap [ rml:termType rml:BlankNode ] ;
  rml:predicateObjectMap [ rml:predicate ex:name ; rml:objectMap [ rml:reference "name" ] ] .
"""
COLUMNS = ("id", "name", "size", "sown", "kind", "owner", "wkt")


class Place:
    """A folder with sources, and a store that is updated."""

    def __init__(self, folder: Path, tables: Any = "auto") -> None:
        self.folder = folder
        self.tables = tables
        self.store = Store.create(folder / "store", tables=tables)
        self.fresh = 0

    def write(self, name: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
        with (self.folder / name).open("w", newline="") as file:
            csv.writer(file).writerows([columns, *rows])

    def update(self, text: str = FIELDS, **options: Any) -> MappingReport:
        """Map again, and compare with a fresh load."""
        report = self.run(self.store, text, updating="m", **options)
        self.fresh += 1
        fresh = Store.create(self.folder / f"fresh{self.fresh}", tables=self.tables)
        self.run(fresh, text, **options)
        assert lines(self.store) == lines(fresh)
        return report

    def run(
        self, store: Store, text: str, updating: str | None = None, **options: Any
    ) -> MappingReport:
        path = self.folder / "map.ttl"
        path.write_text(PREFIXES + text)
        return run_mapping(load_mapping(path), store.begin(updating=updating), **options)


def lines(store: Store) -> set[str]:
    path = store.path.with_suffix(".nq")
    store.dump(path)
    return set(path.read_text().splitlines())


def random_field(random_: random.Random) -> tuple[Any, ...]:
    x, y = random_.randint(-9, 9), random_.randint(-9, 9) / 4
    return (
        random_.randint(1, 12),
        random_.choice(["", "acre", 'quo"te', "ä\n☃"]),
        random_.choice(["1", "1.50", "1.5E0", "-0.0", "NaN", "", "bad"]),
        random_.choice(["2020-01-01", "2021-02-03", "", "soon"]),
        random_.choice(["a", "b", "c d"]),
        random_.randint(1, 3),
        random_.choice([f"POINT ({x} {y})", f"LINESTRING (0 0,{x} {y})", "POINT M (1 2 3)", ""]),
    )


def edited(rows: list[Any], random_: random.Random, make: Any) -> list[Any]:
    rows = list(rows)
    for _ in range(random_.randint(0, 3)):
        choice = random_.random()
        at = random_.randrange(len(rows)) if rows else 0
        if choice < 0.35 or not rows:
            rows.insert(at, make(random_))
        elif choice < 0.6:
            rows.pop(at)
        elif choice < 0.9:
            rows[at] = make(random_)
        else:
            random_.shuffle(rows)
    return rows


@pytest.mark.parametrize("tables", ["auto", "always", "never"])
@pytest.mark.parametrize("seed", [1, 2])
def test_random_edits_leave_what_a_fresh_load_leaves(
    tmp_path: Path, tables: str, seed: int
) -> None:
    random_ = random.Random(f"{tables} {seed}")
    place = Place(tmp_path, tables)
    fields = [random_field(random_) for _ in range(12)]
    owners = [(k, f"owner{k}") for k in range(1, 4)]
    for number in range(6):
        place.write("fields.csv", COLUMNS, fields)
        place.write("owners.csv", ("key", "name"), owners)
        report = place.update(FIELDS + (NUMBERED if seed == 2 else ""))
        for one in report.sources:
            assert one.rows_read == one.rows_mapped + one.rows_quarantined
            assert one.rows_unchanged <= one.rows_mapped
        fields = edited(fields, random_, random_field)
        owners = edited(
            owners, random_, lambda r: (r.randint(1, 3), f"owner{r.randint(1, 9)}")
        )
        if number == 3:
            place.store.compact()
    assert place.store.verify().ok
