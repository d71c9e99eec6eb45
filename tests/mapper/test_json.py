from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapper.language.model import LogicalSource
from mapper.sources import json_scan
from mapper.sources.json import JsonSource
from ontology import InputError, MappingError
from tests.mapper.reading import peak

XSD = "http://www.w3.org/2001/XMLSchema#"
SUBJECT = 'rml:template "http://example.com/{$.id}"'
ROWS = '{"a": {"rows": [{"id": 1, "x y": {"z": [5, null]}}, {"id": 2, "p:q-r": 0.5}]}}'


def source(iterator: str, extra: str = "", name: str = "in.json") -> str:
    return (
        f'[ rml:source [ rml:path "{name}" {extra} ] ; rml:iterator "{iterator}" ;'
        " rml:referenceFormulation rml:JSONPath ]"
    )


def mapped(turtle: Any, reference: str, **options: str) -> str:
    return turtle(
        f'rml:reference "{reference}"',
        subject=options.pop("subject", SUBJECT),
        source=source(options.pop("iterator", "$.a['rows'][*]"), **options),
    )


@pytest.mark.standard("RML-IO-Registry: JSONPath")
@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("$.id", ["1", "2"]),
        ("id", ["1", "2"]),
        ("$['x y'].z[0]", ["5"]),
        ("$['x y'].z[*]", ["5"]),
        ("$['x y'].z[-2]", ["5"]),
        ("$['x y']['z'][0:1]", ["5"]),
        ("$..z[0]", ["5"]),
        ("$['id','x y']..z[0]", ["5"]),
        ("$[?@ == 2]", ["2"]),
        ("$[?@ > 0.4 && @ < 0.6]", ["0.5"]),
        ("$['x y'].z[?@ > 4]", ["5"]),
        ("$.p:q-r", ["0.5"]),
    ],
)
@pytest.mark.parametrize("iterator", ["$.a['rows'][*]", "$.a.rows[*]", "$..rows[?@.id]"])
def test_references(run, turtle, iterator: str, reference: str, found: list[str]) -> None:
    run.file("in.json", ROWS)
    objects = run.objects(mapped(turtle, reference, iterator=iterator))
    assert [text.split('"')[1] for text in objects] == found


def test_arrays_and_objects_are_no_values(run, turtle) -> None:
    run.file("in.json", ROWS)
    assert run.objects(mapped(turtle, "$['x y'].z")) == []
    assert [(q.row, q.reason) for q in run.report.quarantine] == [
        (1, "$['x y'].z leads to an array or object, not to a value")
    ]


def test_a_reference_no_item_has_is_told(run, turtle) -> None:
    run.file("in.json", ROWS)
    text = mapped(turtle, "$.nothing")
    run(text)
    assert any("$.nothing" in remark for remark in run.report.remarks)
    with pytest.raises(MappingError, match=r"No row of the source has \$\.nothing"):
        run(text, on_bad="fail")


@pytest.mark.parametrize("reference", ["$.v", "$['v']", "$.list[0]", "$.list[*]", "$..w"])
def test_null_in_every_item_is_not_nowhere(run, turtle, reference: str) -> None:
    run.file("in.json", '[{"id": 1, "v": null, "list": [null], "deep": {"w": null}}]')
    assert run(mapped(turtle, reference, iterator="$[*]"), on_bad="fail") == set()
    assert not any("no row has" in remark for remark in run.report.remarks)


@pytest.mark.parametrize("broken", ["$.id]", "$[?", "$.a;b", "$[1", "$.a..", "$[?@.x ~ 1]", "a b"])
def test_broken_paths_are_found_before_reading(run, turtle, broken: str) -> None:
    run.file("in.json", '{"a": {"rows": [1,')
    with pytest.raises(MappingError, match="JSONPath"):
        run(mapped(turtle, broken, iterator="$.a.rows[*]"))
    with pytest.raises(MappingError, match="JSONPath"):
        run(mapped(turtle, "$.id", iterator=broken))


@pytest.mark.parametrize("iterator", ["$[*]", "$[0:9]"])
def test_numbers_are_exact(run, turtle, iterator: str) -> None:
    run.file("in.json", '[{"id": 1, "v": 123456789012345678901}, {"id": 2, "v": 1e-7}, {"id": 3}]')
    found = run.objects(mapped(turtle, "$.v", iterator=iterator))
    assert found == [f'"123456789012345678901"^^<{XSD}integer>', f'"1e-07"^^<{XSD}double>']


@pytest.mark.parametrize(
    ("name", "content", "extra"),
    [
        ("in.json", '\ufeff[{"id": 1, "v": "é"}]'.encode(), ""),
        ("in.json", '[{"id": 1, "v": "é"}]'.encode("utf-16"), "; rml:encoding rml:UTF-16"),
        ("in.json", '[{"id": 1, "v": "é"}]'.encode("latin-1"), '; gl:encoding "latin-1"'),
        ("in.json.gz", gzip.compress('[{"id": 1, "v": "é"}]'.encode(), mtime=0), ""),
    ],
)
@pytest.mark.parametrize("iterator", ["$[*]", "$[0:9]"])
def test_encodings_and_packing(run, turtle, name, content, extra, iterator) -> None:
    run.file(name, content)
    assert run.objects(mapped(turtle, "$.v", iterator=iterator, name=name, extra=extra)) == ['"é"']


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "Expecting value"),
        (b"[", "too early"),
        (b'[{"id": 1}, ', "too early"),
        (b'[{"id": NaN}]', "NaN"),
        (b'[{"id": 1}] x', "x"),
        (b'[{"id": 1},\n {"v": "\xff"}]', "line 2 (byte 21)"),
        (b"<a/>", "Expecting value"),
        (b"[" * 100_000, ""),
        (b'[{"id": 1} {"id": 2}]', "']', found '{\"id\": 2}]'"),
    ],
)
@pytest.mark.parametrize("iterator", ["$[*]", "$[0:9]"])
def test_unreadable_json(run, turtle, iterator: str, content: bytes, why: str) -> None:
    run.file("in.json", content)
    with pytest.raises(InputError, match=r"in\.json") as caught:
        run(mapped(turtle, "$.id", iterator=iterator))
    if iterator == "$[*]" or "byte" in why:
        assert why in str(caught.value.why)
    assert not (run.folder / "out.nq").exists()


@pytest.mark.parametrize(
    "rest", [', "rows": []}', ', "a": 1', ', "a" 1}', ', "a": 1} 2', ", 2: 3}", "", "]"]
)
def test_what_follows_the_items_is_checked(run, turtle, rest: str) -> None:
    run.file("in.json", '{"a": [1], "rows": [{"id": 1}]' + rest)
    with pytest.raises(InputError, match=r"in\.json"):
        run(mapped(turtle, "$.id", iterator="$.rows[*]"))
    assert not (run.folder / "out.nq").exists()


def test_a_json_text_a_line(run, turtle) -> None:
    lines = '{"id": 1, "v": "a"}\n\n\x1e{"id": 2, "v": "b"}\r\n{"id": 3,\n{"id": 4, "v": "d"}'
    run.file("in.ndjson", lines)
    assert run.objects(mapped(turtle, "$.v", iterator="$", name="in.ndjson")) == [
        '"a"',
        '"b"',
        '"d"',
    ]
    assert [q.row for q in run.report.quarantine] == [3]
    assert run.report.rows_read == 4
    run.file("in.json", '{"id": 1, "v": "a"}\n{"id": 2, "v": "b"}\n')
    other = source("$").replace("rml:iterator", 'gl:lines "true" ; rml:iterator')
    text = turtle('rml:reference "$.v"', subject=SUBJECT, source=other)
    assert run.objects(text) == ['"a"', '"b"']


def feature(number: int, geometry: Any) -> dict[str, Any]:
    return {"type": "Feature", "id": number, "geometry": geometry, "properties": {}}


POINTS = [
    feature(1, {"type": "Point", "coordinates": [16, 48]}),
    feature(2, None),
    feature(3, {"type": "GeometryCollection", "geometries": []}),
    feature(4, {"type": "Point", "coordinates": [16, 48, 7]}),
]


@pytest.mark.parametrize("iterator", ["$.features[*]", "$.features[0:9]"])
def test_geojson_is_geometry(run, turtle, iterator: str) -> None:
    run.file("in.json", json.dumps({"type": "FeatureCollection", "features": POINTS}))
    found = run.objects(mapped(turtle, "$.geometry", iterator=iterator))
    assert [text.split('"')[1] for text in found] == [
        "GEOMETRYCOLLECTION EMPTY",
        "POINT (16 48)",
        "POINT Z (16 48 7)",
    ]
    assert all(text.endswith("#wktLiteral>") for text in found)


@pytest.mark.parametrize("iterator", ["$.features[*]", "$.features[0:9]"])
def test_crs_of_old_geojson(run, turtle, iterator: str) -> None:
    metres = [feature(1, {"type": "Point", "coordinates": [4321000, 3210000]})]
    named = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3035"}}
    run.file("in.json", json.dumps({"crs": named, "features": metres}))
    text = mapped(turtle, "$.geometry", iterator=iterator)
    assert run.objects(text)[0].split('"')[1] == "POINT (10 52)"
    run.file("in.json", json.dumps({"features": metres}))
    assert run.objects(text) == []
    assert "degrees" in run.report.quarantine[0].reason
    declared = mapped(turtle, "$.geometry", iterator=iterator, extra='; gl:crs "EPSG:3035"')
    assert run.objects(declared)[0].split('"')[1] == "POINT (10 52)"


def test_broken_geometries_are_quarantined(run, turtle) -> None:
    broken = [feature(5, {"type": "Point", "coordinates": ["x"]}), feature(6, "POINT (1 2)")]
    run.file("in.json", json.dumps({"features": [*POINTS, *broken]}))
    assert len(run.objects(mapped(turtle, "$.geometry", iterator="$.features[*]"))) == 3
    assert [q.row for q in run.report.quarantine] == [5, 6]


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["v", "a", "item", "b.c"]), inner, max_size=3)
    ),
    max_leaves=20,
)


@given(
    tree=values,
    path=st.sampled_from(["$[*]", "$.a[*]", "$.v.a[*]", "$.item[*]", "$.a.v[*]"]),
    chunk=st.sampled_from([1, 7, 30, 1000]),
)
def test_streaming_finds_what_the_whole_file_has(
    tmp_path_factory: Any, tree: Any, path: str, chunk: int
) -> None:
    file: Path = tmp_path_factory.getbasetemp() / "streamed.json"
    file.write_text(json.dumps(tree))

    def found(iterator: str) -> list[Any]:
        opened = JsonSource(LogicalSource(file.name, "base", "", iterator=iterator), file)
        return [
            (batch.numbers.tolist(), cells.values.to_pylist(), _kinds(cells), batch.rejected)
            for batch in opened.batches(["$.v"])
            for cells in batch.columns.values()
        ]

    with patch.object(json_scan, "_CHUNK", chunk):
        streamed = found(path)
    assert str(streamed) == str(found(path.replace("[*]", "[?@ == @]")))


@pytest.mark.parametrize("chunk", range(1, 12))
def test_numbers_across_pieces(tmp_path: Path, chunk: int) -> None:
    numbers = [2.7297715708358644e16, -1e-300, 12.5, -7, 123456789012345678901234567890, 0.1]
    file = tmp_path / "in.json"
    file.write_text(json.dumps([{"v": number} for number in numbers] + numbers))
    opened = JsonSource(LogicalSource("", "base", "", iterator="$[*]"), file)
    with patch.object(json_scan, "_CHUNK", chunk):
        (batch,) = opened.batches(["$"])
    assert [reason for _, reason in batch.rejected] == [batch.rejected[0][1]] * len(numbers)
    found = zip(batch.columns["$"].values.to_pylist(), numbers, strict=True)
    assert all(type(number)(text) == number for text, number in found)


def _kinds(cells: Any) -> Any:
    return None if cells.kinds is None else cells.kinds.to_pylist()


def test_memory_stays_flat(tmp_path: Path) -> None:
    def needed(rows: int) -> int:
        file = tmp_path / "rows.json"
        with file.open("w") as out:
            out.write('{"features": [')
            out.writelines(f'{{"id": {k}, "ballast": {[k] * 20}}},' for k in range(rows))
            out.write('{"id": 0}]}')
        found, memory = peak("json", "JsonSource", "$.features[*]", "$.id", file)
        assert found == rows + 1
        return memory

    assert needed(220_000) - needed(66_000) < 24
