from __future__ import annotations

import contextlib
import sqlite3
import warnings

import geopandas
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import rasterio
import rdflib
import shapely
from rdflib import OWL, RDF, RDFS

from mapper import describe_source, generate, generate_mapping
from ontology import InputError


def test_csv(run) -> None:
    run.file(
        "crop-points.csv",
        "POINT_ID,lc1,name,day,area,lon,lat,post\n"
        '1,B16,Zoë "x",2018-06-13,1.5,14.3,48.3,0123\n2,B11,b,2018-06-14,2,14.4,48.4,0456\n',
    )
    text = generate_mapping(run.folder / "crop-points.csv", base_iri="http://data.org/")
    assert "holds codes of lucas2018-lc1" in text
    quads = {(str(q.predicate), str(q.object)) for q in run(text)}
    assert run.report.rows_quarantined == 0
    assert (
        "<http://data.org/ns#area>",
        '"1.5"^^<http://www.w3.org/2001/XMLSchema#double>',
    ) in quads
    assert ("<http://data.org/ns#post>", '"0123"') in quads
    assert (
        "<https://w3id.org/geoloom/ns#observedClass>",
        "<https://w3id.org/geoloom/codes/lucas2018-lc1/B16>",
    ) in quads
    assert any("POINT (14.3 48.3)" in value for _, value in quads)


def test_vector_layers(run) -> None:
    frame = geopandas.GeoDataFrame(
        {"iso": ["A", "B"], "weird name/ü": [1, 2]},
        geometry=[shapely.box(0, 0, 1, 1), None],
        crs="EPSG:3035",
    )
    frame.to_file(run.folder / "in.gpkg", layer="one", engine="pyogrio")
    frame.to_file(run.folder / "in.gpkg", layer="two", engine="pyogrio")
    text = generate_mapping(run.folder / "in.gpkg")
    assert "# CRS of the file: http://www.opengis.net/def/crs/EPSG/0/3035" in text
    quads = run(text)
    assert {s.source for s in run.report.sources} == {"in.gpkg, layer one", "in.gpkg, layer two"}
    assert run.report.rows_mapped == 4
    assert sum("wktLiteral" in str(q.object) for q in quads) == 2


def test_raster(run) -> None:
    values = np.array([[1, 1, 5], [1, 5, 5]], np.uint8)
    grid = rasterio.Affine(10, 0, 4e6, 0, -10, 3e6)
    options = {"driver": "GTiff", "count": 1, "dtype": "uint8", "width": 3, "height": 2}
    with rasterio.open(
        run.folder / "cdl.tif", "w", crs="EPSG:5070", transform=grid, **options
    ) as f:
        f.write(values, 1)
    text = generate_mapping(run.folder / "cdl.tif")
    quads = run(text)
    assert "usda-cdl" in text
    assert "gl:integer" not in text
    assert sum("pixelCount" in str(q.predicate) for q in quads) == 2
    assert any(str(q.object) == "<https://w3id.org/geoloom/codes/usda-cdl/5>" for q in quads)


def test_wkb_without_crs_beside_degrees(run) -> None:
    table = pa.table({"geometry": [shapely.Point(9, 41).wkb], "lon": [9.0], "lat": [41.0]})
    pq.write_table(table, run.folder / "in.parquet")
    quads = run(generate_mapping(run.folder / "in.parquet"))
    assert any("POINT (9 41)" in str(quad) for quad in quads)


def test_table_without_key(run) -> None:
    pq.write_table(pa.table({"v": [1.5, 1.5]}), run.folder / "in.parquet")
    text = generate_mapping(run.folder / "in.parquet")
    assert "blank nodes" in text
    assert len({q.subject for q in run(text)}) == 2


def test_geometry_without_key_is_not_lost(run) -> None:
    frame = geopandas.GeoDataFrame(
        {"v": [1.5, 1.5]}, geometry=[shapely.Point(1, 2), shapely.Point(1, 2)], crs="EPSG:4326"
    )
    frame.to_parquet(run.folder / "in.parquet")
    quads = run(generate_mapping(run.folder / "in.parquet"))
    assert sum("POINT (1 2)" in str(q.object) for q in quads) == 2


def test_json(run) -> None:
    run.file("in.json", '[{"id": 1}]')
    (description,) = describe_source(run.folder / "in.json")
    assert description.source.iterator == "$[*]"
    assert "rml:JSONPath" in generate_mapping(run.folder / "in.json")


def test_unknown_files(run) -> None:
    with pytest.raises(InputError, match="does not exist"):
        generate_mapping(run.folder / "no.gpkg")
    run.file("in.xyz", "nothing")
    with pytest.raises(InputError, match="not known"):
        generate_mapping(run.folder / "in.xyz")


XSD = "http://www.w3.org/2001/XMLSchema#"
NS = "http://example.com/ns#"


def objects(quads, name: str) -> list[str]:
    """Objects of a predicate of the new vocabulary, sorted."""
    return sorted(str(q.object) for q in quads if q.predicate.value == NS + name)


def test_values_of_texts_are_guessed(run) -> None:
    run.file(
        "t.csv",
        "id,jahr,von,tag,ist_bio,flaeche,bemerkung,leer,plz\n"
        "1,2018,01.02.2018,20180201,J,1.5,a,,0123\n"
        "2,2019,28.02.2019,20190228,N,NA,-,,0456\n"
        "3,2019,31.12.2019,20191231,J,2,b,,0789\n",
    )
    text = generate_mapping(run.folder / "t.csv")
    quads = run(text)
    assert run.report.rows_quarantined == 0
    assert objects(quads, "jahr") == [f'"{y}"^^<{XSD}gYear>' for y in (2018, 2019, 2019)]
    assert objects(quads, "von")[0] == f'"2018-02-01"^^<{XSD}date>'
    assert objects(quads, "tag")[0] == f'"2018-02-01"^^<{XSD}date>'
    assert objects(quads, "ist_bio").count(f'"true"^^<{XSD}boolean>') == 2
    assert objects(quads, "flaeche") == [f'"1.5"^^<{XSD}double>', f'"2"^^<{XSD}double>']
    assert objects(quads, "bemerkung") == ['"-"', '"a"', '"b"']
    assert objects(quads, "plz")[0] == '"0123"'
    for line in (
        "# guess: jahr: years",
        "# guess: von: dates written %d.%m.%Y",
        "# guess: tag: days as numbers",
        "# guess: ist_bio: j is true, n is false",
        "# guess: flaeche: 'NA' mean no value",
        "# leer is empty in all rows that were looked at",
        "# guess: plz: leading zeros, so these are codes",
    ):
        assert line in text


def test_texts_that_mean_no_value_elsewhere_stay(run) -> None:
    run.file("t.csv", "id,area,note\n1,1.5,NA\n2,NA,x\n")
    quads = run(generate_mapping(run.folder / "t.csv"))
    assert objects(quads, "area") == ['"1.5"', '"NA"']
    assert objects(quads, "note") == ['"NA"', '"x"']


def test_names_that_turtle_does_not_take(run) -> None:
    names = ["a b", "a.b", "a-b", "Fläche (m²)", "2018", "{x}", 'q"t', "日本", "%", "a_b"]
    header = ",".join(f'"{name.replace(chr(34), chr(34) * 2)}"' for name in names)
    run.file("t.csv", f"id,{header}\n1,{','.join('abcdefghij')}\n")
    text = generate_mapping(run.folder / "t.csv")
    found = {q.predicate.value: q.object.value for q in run(text)}
    given = {predicate.removeprefix(NS): value for predicate, value in found.items()}
    expected = ["a_b_2", "a_b_3", "a_b_4", "Fläche_m", "_2018", "x", "q_t", "日本", "column", "a_b"]
    assert {name: given[name] for name in expected} == dict(
        zip(expected, "abcdefghij", strict=True)
    )


def test_keys_of_several_columns_and_links_between_layers(run) -> None:
    fields = geopandas.GeoDataFrame(
        {"block_id": ["x", "x", "y"], "part": ["1", "2", "1"], "owner_id": [7, 7, 8]},
        geometry=shapely.points([14, 15, 16], [48, 49, 50]),
        crs="EPSG:4326",
    )
    fields.to_file(run.folder / "in.gpkg", layer="fields", engine="pyogrio")
    owners = geopandas.pd.DataFrame({"owner_id": [7, 8, 9], "name": ["A", "B", "C"]})
    pyogrio.write_dataframe(owners, run.folder / "in.gpkg", layer="owners")
    text = generate_mapping(run.folder / "in.gpkg")
    assert "# guess: block_id and part together are unique in all rows" in text
    assert "# guess: owner_id leads to owners" in text
    quads = run(text)
    subjects = {q.subject.value for q in quads}
    assert "http://example.com/fields/x/2" in subjects
    links = objects(quads, "owners")
    assert links == ["<http://example.com/owners/7>"] * 2 + ["<http://example.com/owners/8>"]
    assert "http://example.com/owners/9" in subjects
    assert ("label", '"A"') in {(q.predicate.value.split("#")[-1], str(q.object)) for q in quads}


def test_layers_without_rows_and_without_crs(run) -> None:
    frame = geopandas.GeoDataFrame({"id": [1]}, geometry=[shapely.Point(1, 2)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame.to_file(run.folder / "in.gpkg", layer="bare", engine="pyogrio", crs=None)
        frame[:0].to_file(run.folder / "in.gpkg", layer="none", engine="pyogrio")
    text = generate_mapping(run.folder / "in.gpkg")
    assert 'add: gl:crs "EPSG:..."' in text
    run(text)
    assert run.report.rows_read == 1


def test_nested_json(run) -> None:
    run.file(
        "in.json",
        '{"meta": {"n": 2}, "features": ['
        '{"id": 1, "props": {"crop name": "maize", "area": 1.5}, "tags": ["a", "b"]},'
        '{"id": 2, "props": {"crop name": "rye", "area": null}, "extra": true}]}',
    )
    text = generate_mapping(run.folder / "in.json")
    assert 'rml:iterator "$.features[*]"' in text
    quads = run(text)
    assert run.report.rows_mapped == 2
    assert len({q.subject for q in quads}) == 2
    values = {q.object.value for q in quads}
    assert {"maize", "rye", "1.5", "a", "b", "true"} <= values


def test_xml_records(run) -> None:
    run.file(
        "in.xml",
        '<r xmlns="http://x.org/" xmlns:c="http://c.org/">'
        '<head><title>t</title></head><f id="1"><c:name>A</c:name><in><v>5</v></in></f>'
        '<f id="2"><c:name>B</c:name><in><v>6</v></in></f></r>',
    )
    text = generate_mapping(run.folder / "in.xml")
    assert 'rml:iterator "/ns:r/ns:f"' in text
    quads = run(text)
    assert run.report.rows_mapped == 2
    assert {"A", "B", "5", "6", "1", "2"} <= {q.object.value for q in quads}


def test_tables_of_a_database(run) -> None:
    with contextlib.closing(sqlite3.connect(run.folder / "in.sqlite")) as database:
        database.executescript(
            "CREATE TABLE owner (nr INTEGER PRIMARY KEY, name TEXT);"
            "CREATE TABLE field (a TEXT, b INTEGER, owner INTEGER REFERENCES owner (nr),"
            " PRIMARY KEY (a, b));"
            "INSERT INTO owner VALUES (1, 'Ann'); INSERT INTO field VALUES ('x', 2, 1);"
        )
    text = generate_mapping(run.folder / "in.sqlite")
    assert "# the table's primary key" in text
    assert "# a password is not kept here" in text
    quads = run(text)
    assert run.report.rows_mapped == 2
    assert objects(quads, "owner")[-1] == "<http://example.com/owner/1>"
    assert "http://example.com/field/x/2" in {q.subject.value for q in quads}


def test_the_same_file_gives_the_same_texts(run) -> None:
    run.file("t.csv", "id,lc1,a b\n1,B16,x\n2,B11,y\n")
    first, second = (generate(run.folder / "t.csv") for _ in range(2))
    assert first == second


def test_vocabulary_describes_what_the_mapping_uses(run) -> None:
    run.file("t.csv", 'id,lc1,a b,jahr\n1,B16,"x ""q""",2018\n2,B11,y,2019\n')
    made = generate(run.folder / "t.csv")
    graph = rdflib.Graph().parse(data=made.vocabulary, format="turtle")
    ns = rdflib.Namespace(NS)
    assert (ns.T, RDF.type, OWL.Class) in graph
    assert graph.value(ns.jahr, RDFS.range) == rdflib.XSD.gYear
    assert str(graph.value(ns.a_b, RDFS.label)) == "a b"
    assert graph.value(ns.a_b, RDFS.domain) == ns.T
    comment = str(graph.value(ns.lc1, RDFS.comment))
    assert comment.startswith("Guessed.")
    assert "Codes of lucas2018-lc1" in comment
    assert 'x "q"' in str(graph.value(ns.a_b, RDFS.comment))


def test_paths_begin_beside_the_mapping(run) -> None:
    (run.folder / "data").mkdir()
    run.file("data/t.csv", "id\n1\n")
    text = generate_mapping(run.folder / "data" / "t.csv", beside=run.folder / "mappings")
    assert 'rml:path "../data/t.csv"' in text


def test_bad_files(run) -> None:
    run.file("broken.json", "{")
    run.file("broken.zip", "no archive")
    with pytest.raises(InputError, match="Cannot read a JSON file"):
        generate_mapping(run.folder / "broken.json")
    with pytest.raises(InputError, match="Cannot read an archive"):
        generate_mapping(run.folder / "broken.zip")
    run.file("broken.xml", "<a>")
    with pytest.raises(InputError, match="Cannot read an XML file"):
        generate_mapping(run.folder / "broken.xml")


def test_stac_items(run) -> None:
    run.file(
        "items.json",
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "stac_version": "1.0.0",'
        '"id": "S2A", "collection": "s2", "bbox": [14, 48, 15, 49],'
        '"geometry": {"type": "Point", "coordinates": [14.5, 48.5]},'
        '"properties": {"datetime": "2024-06-01T10:00:00Z", "eo:cloud_cover": 12.5,'
        '"proj:shape": [10, 10], "nested": {"a": 1}}, "links": [], "assets": {}}]}',
    )
    text = generate_mapping(run.folder / "items.json")
    assert "gl:STAC" in text
    quads = run(text)
    assert run.report.rows_mapped == 1
    assert objects(quads, "eo_cloud_cover") == [f'"12.5"^^<{XSD}double>']
    assert any("POINT (14.5 48.5)" in str(q.object) for q in quads)
    assert "http://example.com/items/S2A" in {q.subject.value for q in quads}


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (b"id;name\n1;a\n2;b,c\n", 'gl:delimiter ";"'),
        (b"id\tname\n1\ta\n2\tb\n", 'gl:delimiter "\\t"'),
        ("id,name\n1,Grün\n2,b\n".encode("cp1252"), 'gl:encoding "cp1252"'),
        ("id;name\n1;Grün\n2;b\n".encode("cp1252"), 'gl:encoding "cp1252"'),
    ],
)
def test_delimiters_and_encodings_of_csv(run, content: bytes, options: str) -> None:
    run.file("t.csv", content)
    text = generate_mapping(run.folder / "t.csv")
    assert options in text
    quads = run(text)
    assert (run.report.rows_mapped, run.report.rows_quarantined) == (2, 0)
    labels = sorted(q.object.value for q in quads if q.predicate.value.endswith("label"))
    assert labels[0] in ("a", "Grün")


def test_a_column_without_a_name(run) -> None:
    run.file("t.csv", "id,\n1,2\n")
    quads = run(generate_mapping(run.folder / "t.csv"), on_bad="fail")
    assert objects(quads, "column") == [f'"2"^^<{XSD}integer>']


def test_a_datatype_that_not_all_values_were_asked_for_is_a_guess(run) -> None:
    run.file("t.csv", "id,n\n" + "".join(f"{k},{k}\n" for k in range(20_001)) + "x,y\n")
    text = generate_mapping(run.folder / "t.csv")
    assert "# guess: n: as the first 20,000 different values are" in text


def test_paths_that_lead_nowhere_are_left_out(run) -> None:
    run.file("in.json", '[{"id": 1, "never": null, "now": 1}, {"id": 2, "now": null}]')
    text = generate_mapping(run.folder / "in.json")
    assert "# never is left out: it holds no value" in text
    run(text, on_bad="fail")
    assert run.report.rows_mapped == 2
