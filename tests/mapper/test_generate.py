from __future__ import annotations

import geopandas
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rasterio
import shapely

from mapper import describe_source, generate_mapping
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
    assert sum("pixelCount" in str(q.predicate) for q in quads) == 2
    assert any(str(q.object) == "<https://w3id.org/geoloom/codes/usda-cdl/5>" for q in quads)


def test_table_without_key(run) -> None:
    pq.write_table(pa.table({"v": [1.5, 1.5]}), run.folder / "in.parquet")
    text = generate_mapping(run.folder / "in.parquet")
    assert "blank nodes" in text
    assert len({q.subject for q in run(text)}) == 2


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
