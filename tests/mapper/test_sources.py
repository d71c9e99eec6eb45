from __future__ import annotations

import gzip

import geopandas
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from mapper import describe_source
from ontology import CRSError, InputError, MappingError

GEOMETRY = 'rml:reference "geometry" ; rml:datatype geo:wktLiteral'
POINTS = [
    shapely.Point(4550000, 2820000),
    None,
    shapely.Point(),
    shapely.Point(4550000, 2820000, 9),
]


def vector(name: str, extra: str = "", kind: str = "gl:Vector") -> str:
    return f'[ rml:source "{name}" ; rml:referenceFormulation {kind} ; {extra} ]'


@pytest.fixture
def frame():
    data = {"id": [1, 2, 3, 4], "name": ["a", None, "c", "d"]}
    return geopandas.GeoDataFrame(data, geometry=POINTS, crs="EPSG:3035")


def test_missing_source_is_named(run, turtle) -> None:
    with pytest.raises(InputError, match=r"in\.csv") as caught:
        run(turtle('rml:reference "v"'))
    assert "--base-dir" in caught.value.remedy


def test_missing_column_gets_a_suggestion(run, turtle) -> None:
    run.file("in.csv", "id,value\n1,2\n")
    with pytest.raises(MappingError) as caught:
        run(turtle('rml:reference "valeu"'))
    assert "line 12, column valeu" in caught.value.where
    assert "id, value" in caught.value.why
    assert "'value'" in caught.value.remedy


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("in.csv", "id,v\n1,Zoë\n".encode(), ""),
        ("in.csv", "\ufeffid,v\n1,Zoë\n".encode(), ""),
        ("in.csv", "id,v\r\n1,Zoë\r\n".encode(), ""),
        ("in.csv", "id;v\n1;Zoë\n".encode("latin-1"), 'gl:delimiter ";" ; gl:encoding "latin-1"'),
        ("in.tsv", "id\tv\n1\tZoë\n".encode(), ""),
        ("in.csv.gz", gzip.compress("id,v\n1,Zoë\n".encode(), mtime=0), ""),
    ],
)
def test_csv_dialects(run, turtle, name: str, content: bytes, options: str) -> None:
    run.file(name, content)
    source = f'[ rml:source "{name}" ; rml:referenceFormulation rml:CSV ; {options} ]'
    assert run.objects(turtle('rml:reference "v"', source=source)) == ['"Zoë"']


@pytest.mark.standard("RML-IO: null values")
def test_csv_nulls_are_chosen(run, turtle) -> None:
    run.file("in.csv", 'id,v\n1,\n2,""\n3,NULL\n')

    def objects(nulls: str) -> list[str]:
        source = f'[ rml:source [ rml:path "in.csv" {nulls} ] ; rml:referenceFormulation rml:CSV ]'
        return run.objects(turtle('rml:reference "v"', source=source))

    assert objects("") == ['""', '""', '"NULL"']
    assert objects('; rml:null ""') == ['"NULL"']
    assert objects('; rml:null "NULL"') == ['""', '""']
    assert objects('; rml:null "", "NULL"') == []


def test_ragged_csv_rows_are_quarantined_with_their_number(run, turtle) -> None:
    run.file("in.csv", "id,v\n1,a\n2\n3,c,x\n4,d\n5,oops\n")
    assert len(run.objects(turtle('rml:reference "v"'))) == 3
    assert [(q.row, q.reason) for q in run.report.quarantine] == [
        (2, "1 cells, 2 expected"),
        (3, "3 cells, 2 expected"),
    ]
    assert (run.report.rows_read, run.report.rows_mapped, run.report.rows_quarantined) == (5, 3, 2)
    typed = turtle('rml:reference "id" ; rml:datatype xsd:boolean')
    run(typed)
    assert [q.row for q in run.report.quarantine] == [2, 3, 4, 5]


@pytest.mark.parametrize("content", [b"", b"a,a\n1,2\n", b"id,v\n\xff\xfe,1\n"])
def test_unreadable_csv(run, turtle, content: bytes) -> None:
    run.file("in.csv", content)
    with pytest.raises(InputError, match=r"in\.csv"):
        run(turtle('rml:reference "id"', subject="rml:constant ex:s"))
    assert not (run.folder / "out.nq").exists()


@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "fgb", "parquet"])
def test_formats_give_the_same_triples(run, turtle, frame, suffix: str) -> None:
    if suffix == "parquet":
        frame.to_parquet(run.folder / "in.parquet")
    elif suffix == "geojson":
        frame.to_crs("OGC:CRS84").to_file(
            run.folder / "in.geojson", driver="GeoJSON", engine="pyogrio"
        )
    elif suffix == "fgb":  # holds neither empty points nor mixed dimensions
        frame.loc[3, "geometry"] = frame.loc[0, "geometry"]
        frame.drop(index=2).to_file(run.folder / "in.fgb", engine="pyogrio", SPATIAL_INDEX="NO")
    else:
        frame.to_file(run.folder / "in.gpkg", engine="pyogrio")
    kind = "gl:GeoParquet" if suffix == "parquet" else "gl:Vector"
    text = turtle(GEOMETRY, 'rml:reference "name"', source=vector(f"in.{suffix}", kind=kind))
    found = [shapely.from_wkt(str(o).split('"')[1]) for o in run.objects(text)]
    shapes = [g for g in found if not g.is_empty]
    assert [(round(g.x, 3), round(g.y, 3)) for g in shapes] == [(13.095, 48.45)] * 2
    if suffix == "fgb":
        return
    assert {g.has_z for g in shapes} == {True, False}
    assert run.objects(text, "p1") == ['"a"', '"c"', '"d"']
    assert run.report.rows_mapped == 4


def test_target_crs(run, turtle, frame) -> None:
    frame.to_file(run.folder / "in.gpkg", engine="pyogrio")
    keep = turtle(GEOMETRY, source=vector("in.gpkg", 'gl:targetCRS "source"'))
    assert any("EPSG/0/3035> POINT (2820000 4550000)" in o for o in run.objects(keep))
    other = turtle(GEOMETRY, source=vector("in.gpkg", 'gl:targetCRS "EPSG:32633"'))
    assert any("EPSG/0/32633> POINT" in o for o in run.objects(other))


def test_missing_crs_is_asked_for(run, turtle, frame) -> None:
    bare = frame.iloc[:1].set_crs(None, allow_override=True)
    with pytest.warns(UserWarning, match="crs"):
        pyogrio.write_dataframe(bare, run.folder / "in.fgb")
    with pytest.raises(CRSError) as caught:
        run(turtle(GEOMETRY, source=vector("in.fgb")))
    assert "gl:crs" in caught.value.remedy
    assert len(run.objects(turtle(GEOMETRY, source=vector("in.fgb", 'gl:crs "EPSG:3035"')))) == 1


def test_parquet_with_null_crs_is_asked_for(run, turtle, frame) -> None:
    frame.set_crs(None, allow_override=True).to_parquet(run.folder / "in.parquet")
    with pytest.raises(CRSError):
        run(turtle(GEOMETRY, source=vector("in.parquet", kind="gl:GeoParquet")))


def test_wkb_column_of_plain_parquet(run, turtle) -> None:
    table = pa.table({"id": [1], "g": pa.array([shapely.Point(1, 2).wkb], pa.binary())})
    pq.write_table(table, run.folder / "in.parquet")
    source = vector("in.parquet", 'gl:geometryColumn "g" ; gl:crs "CRS84"', "gl:GeoParquet")
    assert run.objects(turtle(GEOMETRY, source=source))[0].startswith('"POINT (1 2)"')


def test_layers(run, turtle, frame) -> None:
    frame.to_file(run.folder / "in.gpkg", layer="one", engine="pyogrio")
    frame.iloc[:2].to_file(run.folder / "in.gpkg", layer="two", engine="pyogrio")
    with pytest.raises(InputError, match="one, two"):
        run(turtle(GEOMETRY, source=vector("in.gpkg")))
    with pytest.raises(InputError, match="'two'"):
        run(turtle(GEOMETRY, source=vector("in.gpkg", 'gl:layer "tow"')))
    run(turtle(GEOMETRY, source=vector("in.gpkg", 'gl:layer "two"')))
    assert run.report.rows_read == 2
    one, two = describe_source(run.folder / "in.gpkg")
    assert (one.rows, two.rows, two.source.option("layer")) == (4, 2, "two")


@pytest.mark.parametrize("kind", ["gl:Vector", "gl:GeoParquet", "gl:RasterZones", "rml:JSONPath"])
def test_unreadable_files(run, turtle, kind: str) -> None:
    run.file("in.bin", b"no such format")
    with pytest.raises(InputError, match=r"in\.bin"):
        run(turtle('rml:reference "id"', source=vector("in.bin", kind=kind)))


@pytest.mark.standard("RML-IO: roots of paths")
def test_roots(run, turtle, tmp_path) -> None:
    (tmp_path / "maps").mkdir()
    run.file("in.csv", "id,v\n1,base\n")
    run.file("maps/in.csv", "id,v\n1,beside\n")
    source = (
        '[ rml:source [ rml:path "in.csv" ; rml:root rml:MappingDirectory ] ;'
        " rml:referenceFormulation rml:CSV ]"
    )
    path = run.file("maps/m.ttl", turtle('rml:reference "v"', source=source))
    assert run.objects(str(path)) == ['"beside"']
    path.write_text(turtle('rml:reference "v"'))
    assert run.objects(str(path)) == ['"base"']
