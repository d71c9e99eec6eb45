"""A second run of a mapping: the store afterwards holds exactly what a fresh load would."""

from __future__ import annotations

import csv
import random
from pathlib import Path
from typing import Any

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
def test_random_edits_leave_what_a_fresh_load_leaves(tmp_path: Path, tables: str) -> None:
    random_ = random.Random(tables)
    place = Place(tmp_path, tables)
    fields = [random_field(random_) for _ in range(12)]
    owners = [(k, f"owner{k}") for k in range(1, 4)]
    for number in range(4):
        place.write("fields.csv", COLUMNS, fields)
        place.write("owners.csv", ("key", "name"), owners)
        report = place.update(FIELDS + (NUMBERED if tables == "auto" else ""))
        for one in report.sources:
            assert one.rows_read == one.rows_mapped + one.rows_quarantined
            assert one.rows_unchanged <= one.rows_mapped
        fields = edited(fields, random_, random_field)
        owners = edited(owners, random_, lambda r: (r.randint(1, 3), f"owner{r.randint(1, 9)}"))
        if number == 2:
            place.store.compact()
    assert place.store.verify().ok


@pytest.fixture
def place(tmp_path: Path) -> Place:
    found = Place(tmp_path)
    fields = [(k, f"n{k}", k / 2, "2020-01-01", "a", k % 2, f"POINT ({k} 1)") for k in range(6)]
    found.write("fields.csv", COLUMNS, fields)
    found.write("owners.csv", ("key", "name"), [(0, "Ann"), (1, "Bob")])
    found.update()
    return found


def test_what_is_as_it_was_makes_no_snapshot(place: Place) -> None:
    before = place.store.snapshot().number
    report = place.update()
    assert place.store.snapshot().number == before
    assert report.rows_unchanged == report.rows_read == 8
    assert (report.triples_offered, report.triples_written, report.triples_removed) == (0, 0, 0)


def test_order_and_repetition_of_rows_do_not_matter(place: Place) -> None:
    with (place.folder / "fields.csv").open() as file:
        rows = list(csv.reader(file))[1:]
    place.write("fields.csv", COLUMNS, [tuple(row) for row in (*reversed(rows), rows[0])])
    assert place.update().rows_unchanged == 9


@pytest.mark.parametrize(
    "steps",
    [("AA", "AAB", "B"), ("AB", "A", "AC", "ACB", "AC"), ("ABB", "AC", "ACB", "AC", "")],
    ids=["repeated", "gone and back", "both"],
)
def test_numbers_of_repeated_and_gone_rows_are_not_given_to_others(
    place: Place, steps: tuple[str, ...]
) -> None:
    owners = FIELDS[FIELDS.rindex("<#owner>") :]
    for step in steps:
        place.write("owners.csv", ("key", "name"), [(ord(name), name) for name in step])
        place.update(owners)


def test_a_changed_parent_changes_its_children(place: Place) -> None:
    place.write("owners.csv", ("key", "name"), [(0, "Ann"), (1, "Eve")])
    report = place.update()
    assert report.rows_unchanged == 3 + 1
    assert report.triples_removed > 3


def test_a_changed_mapping_maps_everything_again(place: Place) -> None:
    report = place.update(FIELDS.replace("ex:size", "ex:area"))
    assert report.rows_unchanged == 0
    assert report.triples_removed == 6 + 1  # the label of the blank node is another one, too


def test_a_changed_function_maps_everything_again(place: Place) -> None:
    text = f"""
<#x> {source("fields.csv")} ; rml:subjectMap [ rml:template "http://example.com/f/{{id}}" ] ;
  rml:predicateObjectMap [ rml:predicate ex:x ; rml:objectMap [
    rml:functionExecution [ rml:function ex:shift ; rml:input [
      rml:parameter ex:value ; rml:inputValueMap [ rml:reference "id" ] ] ] ] ] .
"""
    module = place.folder / "own.py"
    for ending in ("!", "?"):
        module.write_text(
            "import pyarrow.compute as pc\n"
            f"def shift(value):\n    return pc.binary_join_element_wise(value, {ending!r}, '')\n"
        )
        names: dict[str, Any] = {}
        exec(compile(module.read_text(), str(module), "exec"), names)
        register("http://example.com/shift", names["shift"])
        report = place.update(text)
        assert report.rows_unchanged == 0
    assert report.triples_removed == 6


def test_other_shapes_look_at_every_row_again(place: Place) -> None:
    shapes = place.folder / "shapes.ttl"
    for least, bad in ((0, 0), (1, 2)):
        shapes.write_text(
            "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://example.com/> .\n"
            "ex:S a sh:NodeShape ; sh:targetClass ex:Field ;"
            f" sh:property [ sh:path ex:size ; sh:minInclusive {least}.0 ] .\n"
        )
        report = place.update(shapes=shapes)
        assert (report.rows_unchanged, report.rows_quarantined) == (0, bad)
    assert place.update(shapes=shapes).rows_unchanged == 6


def test_a_first_bad_then_good_row_and_back(place: Place) -> None:
    for text, bad in (("soon", 1), ("2020-05-05", 0), ("never", 1)):
        place.write("fields.csv", COLUMNS, [(1, "a", 1, text, "k", 1, "")])
        report = place.update()
        assert report.rows_quarantined == bad


def test_triples_removed_by_hand_come_back(place: Place) -> None:
    place.store.update("DELETE WHERE { ?s <http://example.com/name> ?o }")
    report = place.update()
    assert report.triples_written == 6
    assert any("removed from the store meanwhile" in remark for remark in report.remarks)
    assert place.update().rows_unchanged == 8
    place.store.update("DROP ALL")
    assert place.update().triples_written > 20


def test_what_others_said_stays(place: Place) -> None:
    place.store.update(
        "INSERT DATA { <http://example.com/f/1> <http://example.com/name> 'theirs' ;"
        " <http://example.com/note> 'kept' }"
    )
    place.write("fields.csv", COLUMNS, [])
    place.run(place.store, FIELDS, updating="m")
    left = {line for line in lines(place.store) if "/f/1>" in line}
    assert len(left) == 2


def test_what_another_mapping_says_too_stays(place: Place) -> None:
    before = lines(place.store)
    place.run(place.store, FIELDS, updating="other")
    assert lines(place.store) == before
    (place.folder / "owners.csv").write_text("key,name\n")
    (place.folder / "fields.csv").write_text(",".join(COLUMNS) + "\n")
    place.run(place.store, FIELDS, updating="m")
    assert lines(place.store) == before
    place.run(place.store, FIELDS, updating="other")
    assert lines(place.store) == set()


def test_a_failing_run_leaves_store_and_ledger_as_they_were(place: Place) -> None:
    before, number = lines(place.store), place.store.snapshot().number
    (place.folder / "fields.csv").write_text(
        ",".join(COLUMNS) + "\n7,x,1,2020-01-01,a,1,\n8,x,bad,2020-01-01,a,1,\n"
    )
    with pytest.raises(MappingError):
        place.run(place.store, FIELDS, updating="m", on_bad="fail")
    assert (lines(place.store), place.store.snapshot().number) == (before, number)
    assert place.update().rows_quarantined == 1


def test_a_sample_and_targets_are_refused(place: Place) -> None:
    with pytest.raises(GeoloomError, match="sample") as caught:
        place.run(place.store, FIELDS, updating="m", sample=3)
    place.store.begin(lock_timeout_s=0).abort()  # while the error is held, the lock is not
    assert caught.value.remedy
    target = FIELDS.replace(
        "rml:constant ex:everything",
        'rml:constant ex:everything ; rml:logicalTarget [ rml:target [ rml:path "t.nt" ] ;'
        " rml:serialization <http://www.w3.org/ns/formats/N-Triples> ]",
    )
    with pytest.raises(GeoloomError, match="targets"):
        place.run(place.store, target, updating="m")


def test_ledgers_are_verified_and_vacuumed(place: Place) -> None:
    place.write("owners.csv", ("key", "name"), [(0, "Ann")])
    place.update()
    files = set((place.store.path / "ledgers").rglob("*.parquet"))
    place.store.vacuum()
    left = set((place.store.path / "ledgers").rglob("*.parquet"))
    assert left < files
    assert place.store.verify().ok
    next(iter(left)).write_bytes(b"no")
    assert not place.store.verify().ok
    with pytest.raises(GeoloomError, match="damaged"):
        place.run(Store.open(place.store.path), FIELDS, updating="m")


def test_a_record_of_each_run_stays(place: Place) -> None:
    graph = "http://example.com/runs"
    for _ in range(2):
        place.run(place.store, FIELDS, updating="m", provenance_graph=graph)
    runs = place.store.query(
        "SELECT ?r { GRAPH <http://example.com/runs>"
        " { ?r a <https://w3id.org/geoloom/ns#MappingRun> } }"
    )
    assert len(runs) == 2


def test_a_layer_of_a_geopackage(tmp_path: Path) -> None:
    geopandas = pytest.importorskip("geopandas")
    shapely = pytest.importorskip("shapely")
    text = """
<#f> rml:logicalSource [ rml:source [ a rml:FilePath ; rml:path "f.gpkg" ] ;
    rml:referenceFormulation gl:Vector ] ;
  rml:subjectMap [ rml:template "http://example.com/f/{id}" ] ;
  rml:predicateObjectMap [ rml:predicate ex:size ; rml:objectMap [ rml:reference "size" ] ] ;
  rml:predicateObjectMap [ rml:predicate geo:asWKT ; rml:objectMap [ rml:reference "geometry" ;
    rml:datatype geo:wktLiteral ] ] .
"""
    place = Place(tmp_path)
    shapes = [shapely.Point(4_300_000 + k, 3_000_000).buffer(50 + k) for k in range(20)]
    frame = geopandas.GeoDataFrame(
        {"id": range(20), "size": [k / 3 for k in range(20)]}, geometry=shapes, crs="EPSG:3035"
    )
    for edit in range(4):
        if edit == 1:
            frame.loc[3, "geometry"] = shapely.Point(4_300_000, 3_000_001)
        elif edit == 2:
            frame.loc[5, "size"] = None
        elif edit == 3:
            frame = frame.drop(index=[0, 19])
        frame.to_file(tmp_path / "f.gpkg", engine="pyogrio")
        report = place.update(text)
        assert report.rows_unchanged == (0, 19, 19, 18)[edit]
