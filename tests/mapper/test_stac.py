from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from ontology import InputError, MappingError, UnsupportedError

SUBJECT = 'rml:template "http://e.com/{id}"'


def item(name: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": name,
        "collection": "scenes",
        "geometry": {"type": "Point", "coordinates": [16, 48]},
        "bbox": [16, 48, 0, 17, 49, 9],
        "properties": {
            "datetime": "2024-05-01T10:00:00Z",
            "eo:cloud_cover": 7,
            "instruments": ["msi", "x"],
            "providers": [{"name": "A"}, {"name": "B", "roles": ["host"]}],
            "a.b": {"c": 1},
            **properties,
        },
        "assets": {
            "B04": {"href": "./b04.tif", "type": "image/tiff", "eo:bands": [{"name": "red"}]},
            "meta": {"href": "https://e.com/meta.xml", "roles": ["metadata"]},
        },
        "links": [{"rel": "self", "href": f"https://e.com/items/{name}.json"}],
    }


PERIOD = {
    "datetime": None,
    "start_datetime": "2024-01-01T00:00:00Z",
    "end_datetime": "2024-02-01T00:00:00Z",
}
COLLECTION = {
    "type": "Collection",
    "id": "scenes",
    "title": "Scenes",
    "keywords": ["a", "b"],
    "summaries": {"platform": ["p1", "p2"]},
    "extent": {
        "spatial": {"bbox": [[170, -10, -170, 10]]},
        "temporal": {"interval": [["2020-01-01T00:00:00Z", None]]},
    },
    "links": [],
}


def source(iterator: str = "items", name: str = "in.json", extra: str = "") -> str:
    return (
        f'[ rml:source [ rml:path "{name}" ] ; rml:iterator "{iterator}" ; {extra}'
        " rml:referenceFormulation gl:STAC ]"
    )


def field(turtle: Any, reference: str, **options: str) -> str:
    subject = options.pop("subject", SUBJECT)
    return str(turtle(f'rml:reference "{reference}"', subject=subject, source=source(**options)))


def texts(objects: list[str]) -> list[str]:
    return [text.split('"')[1] for text in objects]


@pytest.mark.standard("STAC 1.1: items")
@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("id", ["one", "two"]),
        ("collection", ["scenes", "scenes"]),
        ("geometry", ["POINT (16 48)", "POINT (16 48)"]),
        ("datetime", ["2024-05-01T10:00:00Z"]),
        ("acquired", ["2024-01-01T00:00:00Z", "2024-05-01T10:00:00Z"]),
        ("start", ["2024-01-01T00:00:00Z", "2024-05-01T10:00:00Z"]),
        ("end", ["2024-02-01T00:00:00Z", "2024-05-01T10:00:00Z"]),
        ("bbox.west", ["16", "16"]),
        ("bbox.north", ["49", "49"]),
        ("eo:cloud_cover", ["7", "7"]),
        ("instruments", ["msi", "msi", "x", "x"]),
        ("providers.name", ["A", "A", "B", "B"]),
        ("providers.roles", ["host", "host"]),
        ("assets.*.href", ["./b04.tif", "./b04.tif", *["https://e.com/meta.xml"] * 2]),
        ("assets", ["B04", "B04", "meta", "meta"]),
        ("assets.B04.eo:bands.name", ["red", "red"]),
        ("links.self", ["https://e.com/items/one.json", "https://e.com/items/two.json"]),
    ],
)
def test_fields_of_items(run, turtle, name: str, found: list[str]) -> None:
    collected = {"type": "FeatureCollection", "features": [item("one"), item("two", **PERIOD)]}
    run.file("in.json", json.dumps(collected))
    assert texts(run.objects(field(turtle, name))) == found
    assert run.report.rows_mapped == 2


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("asset.key", ["B04", "meta"]),
        ("asset.href", ["./b04.tif", "https://e.com/meta.xml"]),
        ("asset.url", ["https://e.com/items/b04.tif", "https://e.com/meta.xml"]),
        ("asset.type", ["image/tiff"]),
        ("asset.roles", ["metadata"]),
        ("eo:cloud_cover", ["7", "7"]),
    ],
)
def test_fields_of_assets(run, turtle, name: str, found: list[str]) -> None:
    run.file("in.json", json.dumps(item("one")))
    text = field(turtle, name, iterator="assets", subject='rml:template "http://e.com/{asset.key}"')
    assert texts(run.objects(text)) == found


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("title", ["Scenes"]),
        ("keywords", ["a", "b"]),
        ("summaries.platform", ["p1", "p2"]),
        ("start", ["2020-01-01T00:00:00Z"]),
        ("end", []),
        ("bbox.east", ["-170"]),
        (
            "geometry",
            [
                "MULTIPOLYGON (((170 -10, 180 -10, 180 10, 170 10, 170 -10)), "
                "((-180 -10, -170 -10, -170 10, -180 10, -180 -10)))"
            ],
        ),
    ],
)
def test_fields_of_collections(run, turtle, name: str, found: list[str]) -> None:
    run.file("in.json", json.dumps({"collections": [COLLECTION], "links": []}))
    assert texts(run.objects(field(turtle, name, iterator="collections"))) == found


def test_every_way_of_saving_gives_the_same_items(run, turtle) -> None:
    one, two = item("one"), item("two")
    texts_of = {
        "list.json": json.dumps([one, two]),
        "collection.json": json.dumps({"type": "FeatureCollection", "features": [one, two]}),
        "lines.ndjson": f"{json.dumps(one)}\n{json.dumps(two)}\n",
    }
    for name, text in texts_of.items():
        run.file(name, text)
        assert texts(run.objects(field(turtle, "id", name=name))) == ["one", "two"]
    folder = run.folder / "catalog" / "deep"
    folder.mkdir(parents=True)
    (folder / "one.json").write_text(json.dumps(one))
    (folder.parent / "two.json").write_text(json.dumps(two))
    (folder.parent / "catalog.json").write_text(json.dumps({"type": "Catalog", "id": "c"}))
    (folder.parent / "readme.txt").write_text("no JSON")
    assert texts(run.objects(field(turtle, "id", name="catalog"))) == ["one", "two"]
    assert any("1 files without STAC items: catalog.json" in r for r in run.report.remarks)


def test_geoparquet_of_items(run, turtle) -> None:
    table = pa.table(
        {
            "id": ["one", "two"],
            "geometry": [shapely.Point(16, 48).wkb] * 2,
            "datetime": pa.array([0, None], pa.timestamp("us", "UTC")),
            "start_datetime": pa.array([None, 0], pa.timestamp("us", "UTC")),
            "bbox": [{"xmin": 16.0}, {"xmin": 17.0}],
            "instruments": [["msi"], ["a", "b"]],
            "assets": [{"B04": {"href": "x.tif"}}, {"B04": {"href": None}}],
            "providers": [[{"name": "A"}, {"name": "B"}], []],
        }
    )
    meta = {"primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB"}}}
    table = table.replace_schema_metadata({"geo": json.dumps(meta)})
    pq.write_table(table, run.folder / "in.parquet")

    def found(name: str) -> list[str]:
        return texts(run.objects(field(turtle, name, name="in.parquet")))

    assert found("geometry") == ["POINT (16 48)"] * 2
    assert found("acquired") == ["1970-01-01T00:00:00Z"] * 2
    assert found("bbox.west") == ["16.0", "17.0"]
    assert found("instruments") == ["a", "b", "msi"]
    assert found("assets.B04.href") == ["x.tif"]
    assert found("providers.name") == ["A", "B"]
    assert found("eo:cloud_cover") == []
    assert any("eo:cloud_cover" in remark for remark in run.report.remarks)
    with pytest.raises(MappingError, match="Parquet"):
        found("assets.*.href")
    with pytest.raises(UnsupportedError, match="assets"):
        run(field(turtle, "id", name="in.parquet", iterator="assets"))


@pytest.mark.parametrize("name", ["", "a..b", "bbox", "bbox.up"])
def test_names_that_are_no_fields(run, turtle, name: str) -> None:
    run.file("in.json", json.dumps(item("one")))
    with pytest.raises(MappingError):
        run(field(turtle, name))


def test_optional_fields_may_be_absent(run, turtle) -> None:
    run.file("in.json", json.dumps(item("one")))
    assert run.objects(field(turtle, "sar:polarizations"), on_bad="fail") == []
    assert any("no row has sar:polarizations" in remark for remark in run.report.remarks)


def test_objects_are_no_values(run, turtle) -> None:
    run.file("in.json", json.dumps(item("one")))
    assert run.objects(field(turtle, "assets.B04")) == []
    assert "assets.B04 leads to an object" in run.report.quarantine[0].reason


def test_bad_sources(run, turtle) -> None:
    (run.folder / "empty").mkdir()
    with pytest.raises(InputError, match="no file of STAC"):
        run(field(turtle, "id", name="empty"))
    with pytest.raises(MappingError, match="'scenes'"):
        run(field(turtle, "id", name="empty", iterator="scenes"))
    run.file("empty/broken.json", '{"type": "Feature", ')
    with pytest.raises(InputError, match=r"broken\.json"):
        run(field(turtle, "id", name="empty"))
    run.file("in.ndjson", json.dumps(item("one")) + "\n{\n" + json.dumps(item("two")))
    assert texts(run.objects(field(turtle, "id", name="in.ndjson"))) == ["one", "two"]
    assert [q.row for q in run.report.quarantine] == [2]
