"""The fused plan, told before a run."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from mapper import explain_mapping, load_mapping
from ontology import CRS84, InputError
from tests.mapper.conftest import PREFIXES

CSV = """rml:logicalSource [ rml:source [ a rml:FilePath ; rml:path "in.csv" ; rml:null "" ] ;
  rml:referenceFormulation rml:CSV ]"""
TEXT = f"""{PREFIXES}
<#a> {CSV} ; gl:theme "things" ; rml:subjectMap [ rml:template "http://example.com/{{id}}" ;
    rml:class ex:A ; rml:graph ex:g ] ;
  rml:predicateObjectMap [ rml:predicate ex:n ; rml:objectMap [ rml:reference "n" ] ] .
<#b> {CSV} ; rml:subjectMap [ rml:template "http://example.com/b/{{id}}" ] ;
  rml:predicateObjectMap [ rml:predicate ex:up ; rml:objectMap [
    rml:functionExecution [ rml:function gl:upper ; rml:input [ rml:parameter gl:value ;
      rml:inputValueMap [ rml:reference "n" ] ] ] ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:at ; rml:objectMap [ rml:parentTriplesMap <#c> ;
    rml:joinCondition [ rml:child "place" ; rml:parent "key" ] ] ] .
<#c> rml:logicalSource [ rml:source [ a rml:FilePath ; rml:path "p.gpkg" ] ;
    rml:referenceFormulation gl:Vector ] ;
  rml:subjectMap [ rml:template "http://example.com/p/{{key}}" ] ;
  rml:predicateObjectMap [ rml:predicate geo:asWKT ; rml:objectMap [ rml:reference "geometry" ;
    rml:datatype geo:wktLiteral ] ] .
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "m.ttl").write_text(TEXT)
    (tmp_path / "in.csv").write_text("id,n,place,unused\n1,a,2,x\n")
    frame = gpd.GeoDataFrame({"key": [2]}, geometry=[shapely.Point(4e6, 3e6)], crs=3035)
    frame.to_file(tmp_path / "p.gpkg", engine="pyogrio")
    return tmp_path


def test_the_whole_plan(folder: Path) -> None:
    plan = explain_mapping(load_mapping(folder / "m.ttl"))
    table, layer = plan.sources
    assert table.columns_read == ("id", "n", "place")
    assert table.columns_unread == ("unused",)
    assert [rule.classes for rule in table.rules] == [("http://example.com/A",), ()]
    assert (table.rules[0].theme, table.rules[0].graphs) == ("things", ("http://example.com/g",))
    assert table.rules[1].functions == ("gl:upper",)
    (join,) = table.rules[1].joins
    assert (join.parent_source, join.child_keys, join.parent_keys) == (
        *("p.gpkg", ("{place}",)),
        ("{key}",),
    )
    assert table.crs is table.target_crs is None
    assert table.way.startswith("general: ")
    assert layer.rows == 1
    assert (layer.crs, layer.target_crs) == (
        "http://www.opengis.net/def/crs/EPSG/0/3035",
        CRS84,
    )
    assert [file.name for source in plan.sources for file in source.files] == ["in.csv", "p.gpkg"]


def test_the_text_says_it_all(folder: Path) -> None:
    text = str(explain_mapping(load_mapping(folder / "m.ttl")))
    assert "2 sources, each read once" in text
    assert "CRS: http://www.opengis.net/def/crs/EPSG/0/3035 → " + CRS84 in text
    assert "columns not read: unused" in text
    assert "where {place} = {key}; the parents' keys and subjects are kept in memory" in text


def test_texts_to_lines_go_the_short_way(folder: Path) -> None:
    (folder / "m.ttl").write_text(TEXT.partition("<#b>")[0])
    (source,) = explain_mapping(load_mapping(folder / "m.ttl")).sources
    assert source.way.startswith("short ")
    plan = explain_mapping(load_mapping(folder / "m.ttl"), workers=4, into="out.nt")
    assert plan.sources[0].processes == "1 to N-Triples and N-Quads, else 1"
    assert "each read once, into out.nt\n" in str(plan)


def test_what_a_run_would_refuse_is_refused(folder: Path) -> None:
    (folder / "p.gpkg").unlink()
    with pytest.raises(InputError, match=r"p\.gpkg"):
        explain_mapping(load_mapping(folder / "m.ttl"))
