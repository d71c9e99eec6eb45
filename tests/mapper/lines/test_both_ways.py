"""The short way to lines against the general way, over texts that are nasty."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mapper.runs.source_pass
from mapper import Mapping, MappingReport, NTriplesSink, load_mapping, run_mapping

PREFIXES = """@prefix rml: <http://w3id.org/rml/> .
@prefix gl: <https://w3id.org/geoloom/ns#> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix ex: <http://example.com/> .
@base <http://example.com/mapping/> .
"""
XSD_TYPES = (
    *("integer", "decimal", "double", "float", "boolean", "date", "dateTime", "long", "int"),
    *("short", "byte", "nonNegativeInteger", "positiveInteger", "nonPositiveInteger"),
    *("negativeInteger", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte", "string"),
)


def mapping_of(
    *objects: str, subject: str = 'rml:template "http://e.com/{id}"', more: str = ""
) -> str:
    pairs = "".join(
        f"; rml:predicateObjectMap [ rml:predicate ex:p{k} ; rml:objectMap [ {text} ] ]\n"
        for k, text in enumerate(objects)
    )
    return (
        f"{PREFIXES}<#m> a rml:TriplesMap ; rml:logicalSource [ rml:source [ a rml:FilePath ;"
        f' rml:path "in.csv" ; rml:null "" ] ; rml:referenceFormulation rml:CSV {more} ] ;\n'
        f"rml:subjectMap [ {subject} ]\n{pairs}.\n"
    )


class Watched:
    """Counts rows the short way writes; with ``off`` there is none."""

    def __init__(self, off: bool) -> None:
        self.off = off
        self.rows = 0
        self.used = False

    def __call__(self, *arguments: Any) -> Any:
        made = None if self.off else REAL(*arguments)
        if made is None:
            return None
        self.used = True
        write = made.write

        class Counting:
            @staticmethod
            def write(batch: Any) -> Any:
                written = write(batch)
                self.rows += int((~written.odd).sum())
                return written

        return Counting()


REAL = mapper.runs.source_pass.line_writer


def mapped(plan: Mapping, folder: Path, off: bool) -> tuple[list[bytes], MappingReport, Watched]:
    out, watched = folder / "out.nq", Watched(off)
    mapper.runs.source_pass.line_writer = watched
    try:
        report = run_mapping(plan, NTriplesSink(out), base_dir=folder)
    finally:
        mapper.runs.source_pass.line_writer = REAL
    return sorted(out.read_bytes().split(b"\n")), report, watched


def same(text: str, rows: list[dict[str, str | None]] | bytes) -> Watched:
    """Map both ways; the results must be the same."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in.csv").write_bytes(rows if isinstance(rows, bytes) else written(rows))
        plan = load_mapping(text)
        short, report, watched = mapped(plan, folder, off=False)
        general, wanted, _ = mapped(plan, folder, off=True)
        assert short == general
        for field in (
            *("rows_read", "rows_mapped", "rows_quarantined", "triples_offered"),
            *("triples_written", "remarks"),
        ):
            assert getattr(report, field) == getattr(wanted, field), field
        assert [str(q) for q in report.quarantine] == [str(q) for q in wanted.quarantine]
        assert report.sources[0].nulls == wanted.sources[0].nulls
    return watched


def written(rows: list[dict[str, str | None]]) -> bytes:
    """CSV; None is an empty cell."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


NASTY = st.one_of(
    st.sampled_from(
        [
            *(None, "", " ", "a", '"', '""', "a\nb", "a\r\nb", "\t", "\\", "é", "😀", "a%20", "%"),
            *("a/b", "#", "a b", "<x>", "\x85", "\x7f", "\xa0", "_:x", "http://e.com/x", "x:y"),
            *("urn:a", "1:2", "%zz", "%4", "a\\nb", "'", "{", "}", "|", "^", "`", "ä" * 9, "Â\x90"),
        ]
    ),
    st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=20),
)
NUMBERS = st.one_of(
    st.sampled_from(
        [
            *(
                None,
                "",
                "007",
                "-0",
                "+5",
                "1e-7",
                "1E5",
                "1e",
                ".5",
                "5.",
                ".",
                "1.",
                "NaN",
                "INF",
            ),
            *("-INF", "+INF", "9007199254740993", "9223372036854775808", "99999999999999999999"),
            *(
                "-1",
                "0",
                "128",
                "255",
                "256",
                "65536",
                "4294967296",
                "1 ",
                " 1",
                "1,5",
                "0x1",
                "1_0",
            ),
            *(
                "true",
                "false",
                "True",
                "1.0000000000001",
                "123456789012345678901234567890.1",
                "--1",
            ),
            *("1e400", "-1e400", "1e-400", "0.0000", "-0.0", "٣", "1.5e+3", "1.5e+", "truefalse"),
        ]
    ),
    st.integers(-(2**70), 2**70).map(str),
    st.floats(allow_nan=False).map(repr),
    st.decimals(allow_nan=False, allow_infinity=False, places=5).map(str),
)
DATES = st.one_of(
    st.dates().map(str),
    st.datetimes(timezones=st.none() | st.timezones()).map(lambda t: t.isoformat()),
    st.sampled_from(
        [
            *("2020-02-30", "1900-02-29", "2000-02-29", "0000-01-01", "0001-01-01", "9999-12-31"),
            *("12020-01-01", "-0044-03-15", "2020-1-1", "2020-01-01Z", "2020-01-01T24:00:00"),
            *("2020-01-01T23:59:60", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00+14:00", "x"),
            *("2020-01-01T00:00:00.123456", "2020-01-01T00:00:00.1234567", "2020-01-01 00:00:00"),
            *("2020-01-01T00:00:00-00:00", "2020-13-01", "2020-00-10", "2020-01-01T00:00:00+15:00"),
            *("2020-01-01T00:00:00.", "2020-01-01T00:00", "٢٠٢٠-01-01", None, ""),
        ]
    ),
)


@pytest.mark.parametrize("datatype", XSD_TYPES)
@settings(max_examples=12, deadline=None)
@given(st.lists(NUMBERS | DATES | NASTY, min_size=1, max_size=30))
def test_datatypes(datatype: str, values: list[str | None]) -> None:
    text = mapping_of(f'rml:reference "v" ; rml:datatype xsd:{datatype}')
    rows = [{"id": str(k), "v": v} for k, v in enumerate(values)]
    assert same(text, rows).used


TERMS = (
    'rml:reference "v"',
    'rml:reference "v" ; rml:datatype ex:own',
    'rml:reference "v" ; rml:language "de-AT"',
    'rml:template "{v}, {w}\\\\\\\\ \\"q\\"" ; rml:termType rml:Literal',
    'rml:template "{v}-{w}" ; rml:termType rml:Literal ; rml:language "EN"',
    'rml:template "http://e.com/{v}/{w}#x"',
    'rml:template "http://e.com/é/{v}" ; rml:termType rml:URI',
    'rml:template "http://e.com/{v}?{w}" ; rml:termType rml:UnsafeIRI',
    'rml:template "part/{v}"',
    'rml:template "{v}{w}"',
    'rml:template "{v}{w}" ; rml:termType rml:URI',
    'rml:template "b{v}" ; rml:termType rml:BlankNode',
    'rml:reference "v" ; rml:termType rml:BlankNode',
    'rml:reference "v" ; rml:termType rml:IRI',
    'rml:reference "v" ; rml:termType rml:URI',
    'rml:reference "v" ; rml:termType rml:UnsafeURI',
    'rml:constant "a \\"b\\" \\n"',
    "rml:constant ex:x",
    'rml:constant "POLYGON((0 0,1 0,1 1,0 0))"^^geo:wktLiteral',
    'rml:constant "007"^^xsd:integer',
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(NASTY, NASTY), min_size=1, max_size=30))
def test_terms(values: list[tuple[str | None, str | None]]) -> None:
    rows = [{"id": str(k), "v": v, "w": w} for k, (v, w) in enumerate(values)]
    assert same(mapping_of(*TERMS), rows).used


@pytest.mark.parametrize(
    "subject",
    [
        'rml:template "http://e.com/{v}{w}" ; rml:class ex:A, ex:B ; '
        "rml:graph ex:g, rml:defaultGraph",
        'rml:reference "v"',
        'rml:template "{v}" ; rml:termType rml:BlankNode',
        "rml:constant ex:s",
    ],
)
@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(NASTY, NASTY, NUMBERS), min_size=1, max_size=20))
def test_subjects_and_graphs(
    subject: str, values: list[tuple[str | None, str | None, str | None]]
) -> None:
    rows = [{"v": v, "w": w, "n": n} for v, w, n in values]
    numbers = 'rml:reference "n" ; rml:datatype xsd:integer'
    assert same(mapping_of('rml:reference "w"', numbers, subject=subject), rows).used


ORDINATES = st.one_of(
    st.floats(-180, 180).map(repr),
    st.floats(-90, 90).map(lambda v: f"{v:.7f}"),
    st.integers(-95, 95).map(str),
    st.sampled_from(
        ["1e1", "0.0001", "-0", "-0.0", "007", "1.", ".5", "+1", "nan", "1.50", "1000"]
    ),
    st.decimals(-90, 90, places=12).map(str),
)
SPACES = st.sampled_from([" ", " ", " ", "  ", "\t"])


@st.composite
def points(draw: Any, least: int, closed: bool) -> str:
    some = draw(st.lists(st.tuples(ORDINATES, SPACES, ORDINATES), min_size=least, max_size=8))
    texts = ["".join(one) for one in some]
    if closed and draw(st.integers(0, 9)):
        texts.append(texts[0])
    return draw(st.sampled_from([", ", ",", " , "])).join(texts)


@st.composite
def wkt(draw: Any) -> str | None:
    rings = st.lists(points(3, True), min_size=1, max_size=3)
    lines = st.lists(points(2, False), min_size=1, max_size=3)
    kind = draw(st.integers(0, 6))
    gap = draw(st.sampled_from([" ", "", "  "]))
    if kind == 0:
        return f"POINT{gap}({draw(points(1, False))})"
    if kind == 1:
        return f"LINESTRING{gap}({draw(points(2, False))})"
    if kind == 2:
        return f"POLYGON{gap}(({'), ('.join(draw(rings))}))"
    if kind == 3:
        return f"MULTILINESTRING{gap}(({'),('.join(draw(lines))}))"
    if kind == 4:
        several = [
            f"(({'), ('.join(one)}))" for one in draw(st.lists(rings, min_size=1, max_size=2))
        ]
        return f"MULTIPOLYGON{gap}({', '.join(several)})"
    if kind == 5:
        return draw(NASTY)
    return draw(
        st.sampled_from(
            [
                *(
                    "POINT EMPTY",
                    "POINT Z (1 2 3)",
                    "POINT ZM (1 2 3 4)",
                    "point(1 2)",
                    "POINT(1 2",
                ),
                *(
                    "POINT(1 2))",
                    "POINT(1 2) ",
                    " POINT(1 2)",
                    "SRID=4326;POINT(1 2)",
                    "POLYGON EMPTY",
                ),
                *("MULTIPOINT((1 2),(3 4))", "GEOMETRYCOLLECTION(POINT(1 2))", "POINT(400 2)"),
                *("POINT(1 91)", "POLYGON((0 0,1 1))", "POLYGON((0 0,1 1,1 0,0 1))", "CIRCLE(1 2)"),
                *("<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(47 13)", "POINT(1\n2)"),
                *(
                    "<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POINT(13 47)",
                    "LINESTRING(1 1,1 1)",
                ),
                *(
                    "POLYGON((0 0,1 1,1 0,0 1,0 0))",
                    "POLYGON((0 0,4 0,4 4,0 4,0 0),(1 1,2 1,2 2,1 1))",
                ),
                *(
                    "POLYGON((0 0,4 0,2 0,2 2,0 0))",
                    "POLYGON((0 0,2 0,4 0,4 4,0 4,0 0))",
                    "POINT",
                    "(",
                ),
            ]
        )
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(wkt(), min_size=1, max_size=25))
def test_geometries(values: list[str | None]) -> None:
    rows = [{"id": str(k), "v": v} for k, v in enumerate(values)]
    text = mapping_of('rml:reference "v" ; rml:datatype geo:wktLiteral')
    assert same(text, rows).used


def test_ordinary_rows_go_the_short_way() -> None:
    rows = [
        {"id": str(k), "n": f"{k}.5", "t": f'{k} "x", ü', "d": "2020-02-29", "g": shape}
        for k, shape in enumerate(["POINT (1 2)", "POLYGON((0 0,3.10 0,3 3,1 1,0 3,0 0))"] * 20)
    ]
    text = mapping_of(
        'rml:reference "n" ; rml:datatype xsd:double',
        'rml:reference "t" ; rml:language "en"',
        'rml:reference "d" ; rml:datatype xsd:date',
        'rml:reference "g" ; rml:datatype geo:wktLiteral',
    )
    assert same(text, rows).rows == 40


def test_rows_longer_than_the_buffer() -> None:
    rows = [{"id": str(k), "v": 'a"\\' * 1_000_000} for k in range(3)]
    assert same(mapping_of('rml:reference "v"'), rows).rows == 3


@pytest.mark.parametrize(
    "term",
    [
        'rml:template "{v}://x"',
        'rml:reference "v" ; rml:datatype geo:gmlLiteral',
        'rml:reference "v" ; rml:datatypeMap [ rml:template "http://e.com/{id}" ]',
        'rml:template "{v}" ; rml:termType rml:Literal ; rml:datatype xsd:integer',
    ],
)
def test_what_only_the_general_way_can(term: str) -> None:
    rows = [{"id": "1", "v": "2"}]
    assert not same(mapping_of(term), rows).used


def test_other_axis_orders_are_left_to_the_general_way() -> None:
    text = mapping_of(
        'rml:reference "v" ; rml:datatype geo:wktLiteral', more='; gl:crs "EPSG:3035"'
    )
    assert not same(text, [{"id": "1", "v": "POINT (4321000 3210000)"}]).used


def test_ragged_rows_and_quotes() -> None:
    text = mapping_of('rml:reference "v"')
    same(text, b'id,v\n1,"a\nb"\n2\n3,x,y\n4,"q""q"\r\n5,a"b\n')


def test_texts_with_datatypes_of_their_own_go_the_general_way(tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text('[{"id": 1, "v": 1.5}, {"id": 2, "v": "x"}]')
    text = (
        mapping_of('rml:reference "v"')
        .replace("rml:CSV", 'rml:JSONPath ; rml:iterator "$[*]"')
        .replace("in.csv", "in.json")
    )
    plan = load_mapping(text)
    short, _, watched = mapped(plan, tmp_path, off=False)
    assert watched.rows == 0
    assert short == mapped(plan, tmp_path, off=True)[0]
    assert any(b"XMLSchema#double" in line for line in short)
