from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
import shapely

from mapper import load_functions, register, registered
from ontology import InputError, MappingError, UnknownCodeError

XSD = "http://www.w3.org/2001/XMLSchema#"


def call(function: str, returned: str = "", **inputs: str) -> str:
    """An object map; an input that starts with = is constant, else a column."""
    parts = ", ".join(
        f'[ rml:parameter gl:{name} ; rml:inputValue "{value[1:]}" ]'
        if value.startswith("=")
        else f'[ rml:parameter gl:{name} ; rml:inputValueMap [ rml:reference "{value}" ] ]'
        for name, value in inputs.items()
    )
    given = f"; rml:input {parts}" if parts else ""
    return f"rml:functionExecution [ rml:function gl:{function} {given} ] {returned}"


@pytest.mark.standard("RML-FNML: function executions")
@pytest.mark.parametrize(
    ("value", "function", "inputs", "expected"),
    [
        ("Ann", "upper", {"value": "v"}, ['"ANN"']),
        ("Ann", "lower", {"value": "v"}, ['"ann"']),
        (" x ", "trim", {"value": "v"}, ['"x"']),
        ("a|b", "split", {"value": "v", "separator": "=|"}, ['"a"', '"b"']),
        ("Oats; Rye", "first", {"value": "v", "separator": "=;"}, ['"Oats"']),
        ("Oats", "first", {"value": "v", "separator": "=;"}, ['"Oats"']),
        ("a-b", "replace", {"value": "v", "find": "=-", "replacement": "=+"}, ['"a+b"']),
        ("91.5", "multiply", {"value": "v", "factor": "=0.5"}, [f'"45.75"^^<{XSD}double>']),
        (
            "13.06.2018",
            "date",
            {"value": "v", "format": "=%d.%m.%Y"},
            [f'"2018-06-13"^^<{XSD}date>'],
        ),
        (
            "2012-02-27 14:22:00+00",
            "dateTime",
            {"value": "v"},
            [f'"2012-02-27T14:22:00Z"^^<{XSD}dateTime>'],
        ),
        (
            "2012-02-27 14:22:00",
            "dateTime",
            {"value": "v"},
            [f'"2012-02-27T14:22:00"^^<{XSD}dateTime>'],
        ),
        (
            "2018",
            "date",
            {"value": "v", "format": "=%d.%m.%Y|year"},
            [f'"2018-01-01"^^<{XSD}date>'],
        ),
        ("43264", "date", {"value": "v", "format": "=excel"}, [f'"2018-06-13"^^<{XSD}date>']),
        ("1", "date", {"value": "v", "format": "=excel"}, [f'"1900-01-01"^^<{XSD}date>']),
        (
            "43264.75",
            "dateTime",
            {"value": "v", "format": "=excel"},
            [f'"2018-06-13T18:00:00"^^<{XSD}dateTime>'],
        ),
        (
            "1528891200",
            "dateTime",
            {"value": "v", "format": "=unix"},
            [f'"2018-06-13T12:00:00Z"^^<{XSD}dateTime>'],
        ),
        (
            "1528891200500",
            "dateTime",
            {"value": "v", "format": "=unix-ms"},
            [f'"2018-06-13T12:00:00.5Z"^^<{XSD}dateTime>'],
        ),
        ("b", "lookup", {"value": "v", "table": "=a=1|b=2=3"}, ['"2=3"']),
        ("c", "lookup", {"value": "v", "table": "=a=1", "unknown": "=none"}, []),
        (
            "J",
            "boolean",
            {"value": "v", "true": "=j|ja", "false": "=n"},
            [f'"true"^^<{XSD}boolean>'],
        ),
        ("false", "boolean", {"value": "v"}, [f'"false"^^<{XSD}boolean>']),
        ("12.0", "integer", {"value": "v"}, [f'"12"^^<{XSD}integer>']),
        ("2018", "startOfYear", {"value": "v"}, [f'"2018-01-01T00:00:00"^^<{XSD}dateTime>']),
        ("2018.0", "endOfYear", {"value": "v"}, [f'"2018-12-31T23:59:59"^^<{XSD}dateTime>']),
        ("abc", "md5", {"value": "v"}, ['"900150983cd24fb0d6963f7d28e17f72"']),
        ("abc", "sha1", {"value": "v"}, ['"a9993e364706816aba3e25717850c26c9cd0d89d"']),
        ("b16", "conceptLabel", {"scheme": "=lucas2018-lc1", "code": "v"}, ['"Maize"']),
        ("Z99", "conceptLabel", {"scheme": "=lucas2018-lc1", "code": "v"}, []),
        ("5", "atLeast", {"value": "v", "limit": "=5"}, [f'"true"^^<{XSD}boolean>']),
        (
            "abc",
            "sha256",
            {"value": "v"},
            ['"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"'],
        ),
    ],
)
def test_text_functions(run, turtle, value, function, inputs, expected) -> None:
    run.file("in.csv", f"id,v\n1,{value}\n2,\n")
    assert run.objects(turtle(call(function, **inputs))) == expected


@pytest.mark.parametrize(
    ("function", "inputs"),
    [
        ("multiply", {"value": "v", "factor": "=2"}),
        ("date", {"value": "v"}),
        ("dateTime", {"value": "v"}),
        ("date", {"value": "v", "format": "=%d.%m.%Y|year|excel"}),
        ("dateTime", {"value": "v", "format": "=unix"}),
        ("point", {"x": "v", "y": "v"}),
        ("lookup", {"value": "v", "table": "=a=1"}),
        ("boolean", {"value": "v"}),
        ("integer", {"value": "v"}),
        ("startOfYear", {"value": "v"}),
    ],
)
def test_bad_values_quarantine_their_row(run, turtle, function, inputs) -> None:
    run.file("in.csv", "id,v\n1,oops\n")
    assert run.objects(turtle(call(function, **inputs))) == []
    assert "'oops'" in run.report.quarantine[0].reason


CONCEPT = call("concept", "; rml:termType rml:IRI", scheme="=lucas2018-lc1", code="v")


def test_codes_become_concepts(run, turtle) -> None:
    run.file("in.csv", "id,v\n1,B16\n2,\n3,b11\n")
    base = "https://w3id.org/geoloom/codes/lucas2018-lc1"
    assert run.objects(turtle(CONCEPT)) == [f"<{base}/B11>", f"<{base}/B16>"]


def test_unknown_code_names_row_column_and_code(run, turtle) -> None:
    run.file("in.csv", "id,v\n1,B16\n2,Q99\n")
    assert len(run.objects(turtle(CONCEPT))) == 1
    (entry,) = run.report.quarantine
    assert entry.row == 2
    assert "column v" in entry.reason
    assert "'Q99'" in entry.reason
    with pytest.raises(UnknownCodeError) as caught:
        run(turtle(CONCEPT), on_bad="fail")
    assert "in.csv, row 2" in caught.value.where


NATIONAL = {"scheme": "=hcat3", "notation": "=at", "code": "v"}


def test_unknown_codes_may_be_no_value_and_are_told(run, turtle) -> None:
    run.file("in.csv", "id,v\n1,110\n2,Q99\n3,Q99\n4,\n5,0110\n")
    lenient = call("concept", "; rml:termType rml:IRI", **NATIONAL, unknown="=none")
    assert run.objects(turtle(lenient)) == [
        "<https://w3id.org/geoloom/codes/hcat3/3301010401>",
        "<https://w3id.org/geoloom/codes/hcat3/3301010401>",
    ]
    assert run.report.rows_quarantined == 0
    (remark,) = run.report.remarks
    assert "code 'Q99' is not in hcat3 (at) (2 values)" in remark
    assert run.objects(turtle(call("concept", **NATIONAL))) != []
    assert run.report.rows_quarantined == 2
    with pytest.raises(MappingError, match="did you mean 'none'"):
        run(turtle(call("concept", **NATIONAL, unknown="=nome")))
    wrong = NATIONAL | {"notation": "=att"}
    with pytest.raises(UnknownCodeError, match="did you mean at"):
        run(turtle(call("concept", **wrong)))


def test_functions_from_a_file(run, turtle, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    iri = "https://w3id.org/geoloom/ns#testFromFile"
    file.write_text(
        "import pyarrow.compute as pc\nfrom mapper import register\n"
        f"register({iri!r}, lambda value: pc.utf8_capitalize(value))\n"
    )
    assert load_functions(file) == (iri,)
    run.file("in.csv", "id,v\n1,abc\n")
    assert run.objects(turtle(call("testFromFile", value="v"))) == ['"Abc"']


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        (None, InputError, "no such file"),
        ("x = 1\n", MappingError, "registers no function"),
        ("x = 1\ny = (\n", MappingError, "line 2.*SyntaxError"),
        ("x = 1\n\nundefined\n", MappingError, "line 3.*NameError"),
    ],
)
def test_broken_files_of_functions(tmp_path: Path, text, kind, message) -> None:
    file = tmp_path / "mine.py"
    if text is not None:
        file.write_text(text)
    with pytest.raises(kind, match=message):
        load_functions(file)


def wkt_of(texts: list[str]) -> list[shapely.Geometry]:
    return [shapely.from_wkt(text.split('"')[1].split("> ")[-1]) for text in texts]


WKT = "; rml:datatype geo:wktLiteral"


def test_points_and_boxes(run, turtle) -> None:
    run.file("in.csv", "id,x,y,e\n1,14.3,48.3,4326\n2,,48,4326\n3,500000,5300000,32633\n")
    found = wkt_of(run.objects(turtle(call("point", WKT, x="x", y="y", crs="e"))))
    assert [(round(g.x, 2), round(g.y, 2)) for g in found] == [(14.3, 48.3), (15.0, 47.85)]
    run.file("in.csv", "id,x,y\n1,500000,5300000\n")
    box = call("box", WKT, xmin="x", ymin="y", width="=1200", height="=600", crs="=EPSG:32633")
    (shape,) = wkt_of(run.objects(turtle(box + ' ; gl:targetCRS "source"')))
    assert shape.bounds == (500000, 5300000, 501200, 5300600)


def test_measures_are_metres(run, turtle) -> None:
    wkt = "POLYGON((14 48,14.01 48,14.01 48.01,14 48.01,14 48))"
    run.file("in.csv", f'id,v\n1,"{wkt}"\n')
    (area,) = run.objects(turtle(call("area", geometry="v")))
    assert float(area.split('"')[1]) == pytest.approx(829_300, rel=1e-3)
    (length,) = run.objects(turtle(call("length", geometry="v")))
    assert float(length.split('"')[1]) == pytest.approx(3715, rel=1e-3)
    (centre,) = wkt_of(run.objects(turtle(call("centroid", WKT, geometry="v"))))
    assert (round(centre.x, 3), round(centre.y, 3)) == (14.005, 48.005)
    (moved,) = run.objects(turtle(call("asWKT", WKT, geometry="v", crs="=EPSG:4326")))
    assert "EPSG/0/4326> POLYGON ((48 14" in moved


@pytest.mark.standard("RML-FNML: errors")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        (call("uper", value="v"), "did you mean .*upper"),
        (call("upper", valeu="v"), "did you mean 'value'"),
        (call("upper"), "needs its parameter value"),
        (call("upper", value="w"), "no column 'w'"),
        ("rml:functionExecution [ rml:input [ ] ]", "no rml:function"),
        (call("concept", scheme="=nonsense", code="v"), "nonsense"),
    ],
)
def test_broken_calls(run, turtle, text: str, message: str) -> None:
    run.file("in.csv", "id,v\n1,a\n")
    with pytest.raises((MappingError, UnknownCodeError), match=message):
        run(turtle(text))


def test_users_register_their_own(run, turtle) -> None:
    iri = "https://w3id.org/geoloom/ns#testReverse"
    register(iri, lambda value: pc.utf8_reverse(value))
    assert iri in registered()
    run.file("in.csv", "id,v\n1,abc\n")
    assert run.objects(turtle(call("testReverse", value="v"))) == ['"cba"']
    register(iri, lambda value: pa.array(["too", "many"]))
    with pytest.raises(MappingError, match="one value a row"):
        run(turtle(call("testReverse", value="v")))


def test_calls_nest(run, turtle) -> None:
    run.file("in.csv", "id,v\n1,a|b\n")
    inner = call("split", value="v", separator="=|")
    outer = (
        "rml:functionExecution [ rml:function gl:upper ; rml:input "
        f"[ rml:parameter gl:value ; rml:inputValueMap [ {inner} ] ] ]"
    )
    assert run.objects(turtle(outer)) == ['"A"', '"B"']
