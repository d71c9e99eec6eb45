"""The same features in every format give the same triples."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import geopandas
import pandas
import pyogrio
import pytest
import shapely

IDS = [1, 2, 3]
NAMES = ["Äcker", "b, c", 'd "e"']
AREAS = [0.5, 2.25, 1e-3]
SHAPES = [shapely.box(k, 48, k + 1, 49 + k / 8) for k in IDS]
GEOMETRY = "rml:datatype geo:wktLiteral"


def table() -> Any:
    made = frame()
    return pandas.DataFrame(made.drop(columns="geometry")).assign(
        geometry=[shapely.to_wkt(shape, rounding_precision=15) for shape in SHAPES]
    )


class Written(NamedTuple):
    """How a file is described in a mapping."""

    name: str
    formulation: str
    extra: str = ""
    geometry: str = "geometry"


def frame() -> Any:
    data = {"id": IDS, "name": NAMES, "area": AREAS}
    return geopandas.GeoDataFrame(data, geometry=SHAPES, crs="EPSG:4326")


def ogr(suffix: str, driver: str, **options: Any) -> Callable[[Path], Written]:
    def write(folder: Path) -> Written:
        made = frame().rename(columns={"id": "number"} if driver == "LIBKML" else {})
        pyogrio.write_dataframe(made, folder / f"in{suffix}", driver=driver, **options)
        return Written(f"in{suffix}", "gl:Vector")

    return write


def packed_shapefile(folder: Path) -> Written:
    inside = folder / "inside"
    inside.mkdir()
    pyogrio.write_dataframe(frame(), inside / "in.shp")
    with zipfile.ZipFile(folder / "in.shp.zip", "w") as archive:
        for file in sorted(inside.iterdir()):
            archive.write(file, file.name)
    return Written("in.shp.zip", "gl:Vector")


def parquet(folder: Path) -> Written:
    frame().to_parquet(folder / "in.parquet")
    return Written("in.parquet", "gl:GeoParquet")


def delimited(suffix: str, separator: str) -> Callable[[Path], Written]:
    def write(folder: Path) -> Written:
        table().to_csv(folder / f"in{suffix}", sep=separator, index=False)
        return Written(f"in{suffix}", "rml:CSV")

    return write


def spreadsheet(suffix: str, driver: str) -> Callable[[Path], Written]:
    def write(folder: Path) -> Written:
        pyogrio.write_dataframe(table(), folder / f"in{suffix}", driver=driver, layer="in")
        return Written(f"in{suffix}", "gl:Vector")

    return write


def geojson_as_json(folder: Path) -> Written:
    (folder / "in.json").write_text(json.dumps(json.loads(frame().to_json())))
    return Written("in.json", "rml:JSONPath", 'rml:iterator "$.features[*]" ;', "$.geometry")


def json_lines(folder: Path) -> Written:
    features = json.loads(frame().to_json())["features"]
    (folder / "in.ndjson").write_text("\n".join(json.dumps(one) for one in features))
    return Written("in.ndjson", "rml:JSONPath", 'rml:iterator "$" ;', "$.geometry")


def gml_as_xml(folder: Path) -> Written:
    ogr(".gml", "GML")(folder)
    spaces = "".join(
        f'rml:namespace [ rml:namespacePrefix "{prefix}" ; rml:namespaceURL "{url}" ] ; '
        for prefix, url in (
            ("ogr", "http://ogr.maptools.org/"),
            ("gml", "http://www.opengis.net/gml/3.2"),
        )
    )
    return Written(
        "in.gml",
        f"[ a rml:XPathReferenceFormulation ; {spaces} ]",
        'rml:iterator "/ogr:FeatureCollection/ogr:featureMember/ogr:in" ;',
        "ogr:geometryProperty",
    )


OF_ITEMS = {"id": "$.properties.id", "name": "$.properties.name", "area": "$.properties.area"}
OF_XML = {"id": "ogr:id", "name": "ogr:name", "area": "ogr:area"}
OF_KML = {"id": "number", "name": "Name"}
FORMATS: dict[str, Callable[[Path], Written]] = {
    "GeoJSON": ogr(".geojson", "GeoJSON", RFC7946=True, COORDINATE_PRECISION=15),
    "GeoJSONSeq": ogr(".geojsonl", "GeoJSONSeq", COORDINATE_PRECISION=15),
    "JSON-FG": ogr(".jsonfg", "JSONFG"),
    "Shapefile": ogr(".shp", "ESRI Shapefile", ENCODING="UTF-8"),
    "zipped Shapefile": packed_shapefile,
    "GeoPackage": ogr(".gpkg", "GPKG"),
    "SpatiaLite": ogr(".sqlite", "SQLite"),
    "FlatGeobuf": ogr(".fgb", "FlatGeobuf", SPATIAL_INDEX="NO"),
    "GML": ogr(".gml", "GML"),
    "LIBKML": ogr(".kml", "LIBKML"),
    "MapInfo": ogr(".tab", "MapInfo File", ENCODING="UTF-8"),
    "File Geodatabase": ogr(
        ".gdb",
        "OpenFileGDB",
        layer="features",
        TARGET_ARCGIS_VERSION="ARCGIS_PRO_3_2_OR_LATER",
    ),
    "GeoParquet": parquet,
    "CSV": delimited(".csv", ","),
    "TSV": delimited(".tsv", "\t"),
    "XLSX": spreadsheet(".xlsx", "XLSX"),
    "ODS": spreadsheet(".ods", "ODS"),
    "JSON": geojson_as_json,
    "JSON lines": json_lines,
    "XML": gml_as_xml,
}
ROUGH = {"MapInfo": 1e-6, "File Geodatabase": 1e-8}
"""Formats that keep coordinates as whole numbers of a grid, and how exact these are."""


@pytest.mark.parametrize("name", FORMATS)
def test_same_triples(run, turtle, name: str) -> None:
    written = FORMATS[name](run.folder)
    names = {"$": OF_ITEMS, "o": OF_XML}.get(written.geometry[0], OF_KML if "KML" in name else {})
    source = (
        f'[ rml:source [ a rml:FilePath ; rml:path "{written.name}" ] ; {written.extra}'
        f" rml:referenceFormulation {written.formulation} ]"
    )
    references = [names.get(column, column) for column in ("id", "name", "area")]
    text = turtle(
        f'rml:reference "{references[0]}" ; rml:datatype xsd:integer',
        f'rml:reference "{references[1]}" ; rml:datatype xsd:string',
        f'rml:reference "{references[2]}" ; rml:datatype xsd:double',
        f'rml:reference "{written.geometry}" ; {GEOMETRY}',
        subject=f'rml:template "http://example.com/{{{references[0]}}}"',
        source=source,
    )
    quads = run(text)
    assert (run.report.rows_read, run.report.rows_mapped) == (3, 3)
    values = {
        (quad.subject.value, quad.predicate.value.rsplit("/", 1)[1]): quad.object for quad in quads
    }
    assert len(values) == len(quads) == 12
    for k, shape in zip(IDS, SHAPES, strict=True):
        subject = f"http://example.com/{k}"
        assert values[subject, "p0"].value == str(k)
        assert values[subject, "p1"].value == NAMES[k - 1]
        assert float(values[subject, "p2"].value) == AREAS[k - 1]
        found = shapely.force_2d(shapely.from_wkt(values[subject, "p3"].value))
        assert not values[subject, "p3"].value.startswith("<")
        found = found.geoms[0] if found.geom_type == "MultiPolygon" else found
        exact = ROUGH.get(name, 1e-12)
        assert found.normalize().equals_exact(shape.normalize(), exact)
