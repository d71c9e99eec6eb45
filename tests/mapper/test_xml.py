from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from mapper.language.model import LogicalSource
from mapper.sources import xml_stream
from mapper.sources.xml import XmlSource
from mapper.sources.xpath import plain_path, stays_inside
from ontology import CRSError, InputError, MappingError, UnsupportedError
from tests.mapper.reading import peak

PEOPLE = """<?xml version="1.0"?>
<p:people xmlns:p="http://example.org/p" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <p:about><p:title>all</p:title></p:about>
  <p:person id="1"><name>Venus</name><nick>V</nick><nick>Vee</nick><age>007</age></p:person>
  <p:person id="2"><name>Serena &amp; <![CDATA[<co>]]></name><age xsi:nil="true"/></p:person>
</p:people>
"""
GML = """<c xmlns:gml="http://www.opengis.net/gml/3.2">
  <f id="1"><geom>
    <gml:Point srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>48 16</gml:pos></gml:Point>
  </geom></f>
  <f id="2"><geom><gml:Point {second}><gml:pos>{position}</gml:pos></gml:Point></geom></f>
</c>"""
GEOMETRY = 'rml:reference "geom" ; rml:datatype geo:wktLiteral'


def source(iterator: str, extra: str = "", name: str = "in.xml", spaces: str = "") -> str:
    if spaces:
        pairs = [space.split("=") for space in spaces.split()]
        declared = " , ".join(
            f'[ rml:namespacePrefix "{prefix}" ; rml:namespaceURL "{url}" ]'
            for prefix, url in pairs
        )
        formulation = f"[ a rml:XPathReferenceFormulation ; rml:namespace {declared} ]"
    else:
        formulation = "rml:XPath"
    return (
        f'[ rml:source [ rml:path "{name}" {extra} ] ; rml:iterator "{iterator}" ;'
        f" rml:referenceFormulation {formulation} ]"
    )


def people(turtle: Any, reference: str, **options: str) -> str:
    return turtle(
        f'rml:reference "{reference}"',
        subject='rml:template "http://example.com/{@id}"',
        source=source("/p:people/p:person", spaces="p=http://example.org/p", **options),
    )


@pytest.mark.standard("RML-IO-Registry: XPath")
@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("@id", ['"1"', '"2"']),
        ("name", ['"Serena & <co>"', '"Venus"']),
        ("nick", ['"V"', '"Vee"']),
        ("nick[2]", ['"Vee"']),
        ("age", ['"007"']),
        ("name/text()", ['"Serena & <co>"', '"Venus"']),
        ("count(nick)", ['"0"', '"2"']),
        ("count(nick) div 4", ['"0"', '"0.5"']),
        ("1 div count(nick)", ['"0.5"', '"Infinity"']),
        ("boolean(nick)", ['"false"', '"true"']),
        ("concat(name, '/', @id)", ['"Serena & <co>/2"', '"Venus/1"']),
        ("../p:about/p:title", ['"all"', '"all"']),
        ("/p:people/p:about/p:title", ['"all"', '"all"']),
    ],
)
def test_references(run, turtle, reference: str, found: list[str]) -> None:
    run.file("in.xml", PEOPLE)
    assert run.objects(people(turtle, reference)) == found


def test_elements_in_an_element_are_no_value(run, turtle) -> None:
    run.file("in.xml", "<a><b id='1'><c><d>x</d></c></b><b id='2'><c>y</c></b></a>")
    text = turtle(
        'rml:reference "c"', subject='rml:template "http://e.com/{@id}"', source=source("/a/b")
    )
    assert run.objects(text) == ['"y"']
    assert [(q.row, q.reason) for q in run.report.quarantine] == [
        (1, "c leads to <c>, which has elements in it")
    ]


def test_nulls(run, turtle) -> None:
    run.file("in.xml", "<a><b id='1'><c>-</c></b><b id='2'><c/></b></a>")
    text = turtle(
        'rml:reference "c"',
        subject='rml:template "http://e.com/{@id}"',
        source=source("/a/b", '; rml:null "-"'),
    )
    assert run.objects(text) == ['""']
    run.file("in.xml", "<a><b id='1'><c>-</c></b></a>")
    assert run.objects(text, on_bad="fail") == []
    assert not any("no row has" in remark for remark in run.report.remarks)


@pytest.mark.parametrize("broken", ["???x", "a[", "f(", "q:name", "$v", "nosuch()"])
def test_broken_xpaths_are_found_before_reading(run, turtle, broken: str) -> None:
    run.file("in.xml", PEOPLE.replace("</p:people>", ""))
    with pytest.raises(MappingError) as caught:
        run(people(turtle, broken))
    assert broken in caught.value.where
    with pytest.raises(MappingError):
        run(turtle('rml:reference "@id"', source=source(broken)))
    assert not (run.folder / "out.nq").exists()


def test_a_default_namespace_is_named_where_nothing_is_found(run, turtle) -> None:
    run.file("in.xml", '<a xmlns="http://example.org/"><b id="1"/></a>')
    subject = 'rml:template "http://e.com/{@id}"'
    run(turtle('rml:reference "@id"', subject=subject, source=source("/a/b")))
    assert "in the namespace http://example.org/" in run.report.remarks[0]
    found = source("/x:a/x:b", spaces="x=http://example.org/")
    assert run.objects(turtle('rml:reference "@id"', subject=subject, source=found)) == ['"1"']


def test_iterator_must_lead_to_elements(run, turtle) -> None:
    run.file("in.xml", PEOPLE)
    with pytest.raises(MappingError, match="no element"):
        run(turtle('rml:reference "."', subject="rml:constant ex:s", source=source("//@id")))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"id,v\n1,2\n",
        b"<a><b></a>",
        b"<a><b>cut",
        b"<a><b>\xff</b></a>",
        b"<?xml version='1.0' encoding='UTF-16'?><a/>",
        b"<a>&undefined;</a>",
    ],
)
def test_unreadable_xml(run, turtle, content: bytes) -> None:
    run.file("in.xml", content)
    with pytest.raises(InputError, match=r"in\.xml"):
        run(turtle('rml:reference "b"', subject="rml:constant ex:s", source=source("/a")))
    assert not (run.folder / "out.nq").exists()


@pytest.mark.parametrize(
    "head",
    [
        "<!DOCTYPE a>",
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_document_types_are_refused(run, turtle, head: str) -> None:
    run.file("in.xml", f"<?xml version='1.0'?>{head}<a><b>x</b></a>")
    with pytest.raises(UnsupportedError, match="document type"):
        run(turtle('rml:reference "b"', subject="rml:constant ex:s", source=source("/a")))


def test_entities_that_grow_are_refused(run, turtle) -> None:
    grown = "".join(f'<!ENTITY e{k} "{f"&e{k - 1};" * 10}">' for k in range(1, 9))
    run.file("in.xml", f'<!DOCTYPE a [<!ENTITY e0 "x">{grown}]><a b="&e8;"/>')
    with pytest.raises((InputError, UnsupportedError)):
        run(turtle('rml:reference "@b"', subject="rml:constant ex:s", source=source("/a")))


@pytest.mark.parametrize(
    ("name", "content", "extra"),
    [
        ("in.xml", "<?xml version='1.0' encoding='UTF-16'?><a><b>é</b></a>".encode("utf-16"), ""),
        (
            "in.xml",
            "<?xml version='1.0' encoding='ISO-8859-1'?><a><b>é</b></a>".encode("latin1"),
            "",
        ),
        ("in.xml", "<a><b>é</b></a>".encode("latin1"), '; gl:encoding "ISO-8859-1"'),
        ("in.xml.gz", gzip.compress("<a><b>é</b></a>".encode(), mtime=0), ""),
    ],
)
def test_encodings_and_packing(run, turtle, name: str, content: bytes, extra: str) -> None:
    run.file(name, content)
    text = turtle(
        'rml:reference "b"', subject="rml:constant ex:s", source=source("/a", extra, name)
    )
    assert run.objects(text) == ['"é"']


@pytest.mark.parametrize(
    ("second", "position", "found"),
    [
        ('srsName="urn:ogc:def:crs:EPSG::4326"', "47 15", "POINT (15 47)"),
        ('srsName="urn:ogc:def:crs:EPSG::3857"', "0 0", "POINT (0 0)"),
    ],
)
def test_gml_is_geometry(run, turtle, second: str, position: str, found: str) -> None:
    run.file("in.xml", GML.format(second=second, position=position))
    text = turtle(GEOMETRY, subject='rml:template "http://e.com/{@id}"', source=source("/c/f"))
    assert [o.split('"')[1] for o in run.objects(text)] == sorted(["POINT (16 48)", found])


def test_gml_without_crs_is_asked_for(run, turtle) -> None:
    run.file("in.xml", GML.format(second="", position="1 2"))
    subject = 'rml:template "http://e.com/{@id}"'
    with pytest.raises(CRSError, match="line 5"):
        run(turtle(GEOMETRY, subject=subject, source=source("/c/f")))
    declared = source("/c/f", '; gl:crs "EPSG:4326"')
    found = run.objects(turtle(GEOMETRY, subject=subject, source=declared))
    assert [o.split('"')[1] for o in found] == ["POINT (16 48)", "POINT (2 1)"]


def test_broken_gml_is_quarantined(run, turtle) -> None:
    run.file("in.xml", GML.format(second='srsName="EPSG:3035"', position="here"))
    text = turtle(GEOMETRY, subject='rml:template "http://e.com/{@id}"', source=source("/c/f"))
    assert len(run.objects(text)) == 1
    assert [(q.row, q.reason.split(":")[0]) for q in run.report.quarantine] == [(2, "geom")]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("/a/b", True),
        ("//b", True),
        (" /a / b ", True),
        ("/*/b", True),
        ("//a/b", False),
        ("/a//b", False),
        ("/a/b[1]", False),
        ("a/b", False),
        ("/", False),
        ("//*", False),
    ],
)
def test_which_iterators_are_plain(text: str, plain: bool) -> None:
    assert (plain_path(text, {}) is not None) == plain


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("a/b[@c='../x']", True),
        ("a[b/c]//d", True),
        ("count(a/b) > 2 and c", True),
        ("../a", False),
        ("parent::a", False),
        ("ancestor-or-self :: a", False),
        ("preceding-sibling::b", False),
        ("a | /b", False),
        ("a and //b", False),
        ("id('x')", False),
    ],
)
def test_which_references_stay_inside(text: str, inside: bool) -> None:
    assert stays_inside(text) == inside


names = st.sampled_from("abc")
trees = st.recursive(
    st.tuples(names, st.just([])),
    lambda inner: st.tuples(names, st.lists(inner, max_size=4)),
    max_leaves=30,
)


def _element(tree: Any, numbers: list[int]) -> Any:
    element = etree.Element(tree[0], n=str(len(numbers)))
    numbers.append(0)
    element.extend(_element(child, numbers) for child in tree[1])
    return element


@given(
    tree=trees,
    path=st.sampled_from(["/a/b", "/a/*/c", "//b", "/*/a", "/b/a/c", "/a"]),
    chunk=st.sampled_from([1, 7, 30, 1000]),
)
def test_streaming_finds_what_the_whole_tree_has(
    tmp_path_factory: Any, tree: Any, path: str, chunk: int
) -> None:
    file: Path = tmp_path_factory.getbasetemp() / "streamed.xml"
    root = _element(tree, [])
    file.write_bytes(etree.tostring(root))
    opened = XmlSource(LogicalSource(file.name, "base", "", iterator=path), file)
    found: list[Any] = []
    with patch.object(xml_stream, "_CHUNK", chunk):
        for batch in opened.batches(["@n", "count(.//*)"]):
            numbers, counts = (cells.values.to_pylist() for cells in batch.columns.values())
            found += zip(numbers, counts, strict=True)
    wanted = root.getroottree().xpath(path)
    assert found == [(e.get("n"), str(len(list(e.iter())) - 1)) for e in wanted]


def test_memory_stays_flat(tmp_path: Path) -> None:
    def needed(rows: int) -> int:
        file = tmp_path / "rows.xml"
        with file.open("w") as out:
            out.write("<a>")
            out.writelines(f"<other>{'y' * 100}</other><b><c>{k}</c></b>" for k in range(rows))
            out.write("</a>")
        found, memory = peak("xml", "XmlSource", "/a/b", "c", file)
        assert found == rows
        return memory

    assert needed(220_000) - needed(66_000) < 24
