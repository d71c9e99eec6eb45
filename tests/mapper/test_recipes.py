from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas
import pandas
import pyoxigraph
import pytest
import shapely

from mapper import NTriplesSink, load_mapping, load_recipe, recipes, run_mapping
from mapper.recipes import recipe_of
from ontology import InputError, MappingError

NAMES = [recipe.name for recipe in recipes()]

HEADER = """@prefix dcterms: <http://purl.org/dc/terms/> .
@base <https://w3id.org/geoloom/recipes/own> .
<> dcterms:title "T"; dcterms:description "D"; dcterms:format "F"; dcterms:source <http://s.org/> .
<http://s.org/> dcterms:license "L" .
"""


@pytest.mark.parametrize("name", NAMES)
def test_every_recipe_loads_and_says_where_its_data_come_from(name: str) -> None:
    mapping = load_recipe(name, "folder/data.zip")
    assert mapping.triples_maps
    (recipe,) = (one for one in recipes() if one.name == name)
    assert recipe.source_url.startswith("https://")
    assert min(len(text) for text in (recipe.title, recipe.description, recipe.files)) > 10


@pytest.mark.parametrize(
    ("file", "base"),
    [
        ("a/LV_2021.zip", "LV_2021"),
        ("b.gpkg.zip", "b"),
        ("Land Use.v2.gml", "Land%20Use.v2"),
        ("x.csv.gz", "x"),
    ],
)
def test_subjects_begin_with_recipe_and_file(file: str, base: str) -> None:
    (first, *_) = load_recipe("eurocrops", file).triples_maps
    assert first.base_iri == f"https://w3id.org/geoloom/data/eurocrops/{base}/"
    (first, *_) = load_recipe("eurocrops", file, base_iri="http://example.org/").triples_maps
    assert first.base_iri == "http://example.org/"


def test_unknown_recipe() -> None:
    with pytest.raises(InputError, match="did you mean 'eurocrops'"):
        load_recipe("eurocrop", "x.shp")


def test_header(tmp_path: Path) -> None:
    file = tmp_path / "own.rml.ttl"
    file.write_text(HEADER)
    recipe = recipe_of(file)
    assert (recipe.name, recipe.title, recipe.licence) == ("own", "T", "L")
    file.write_text(HEADER.replace('dcterms:title "T"; ', ""))
    with pytest.raises(MappingError, match="needs one dcterms:title"):
        recipe_of(file)
    file.write_text(HEADER.replace('"T"', '"T", "U"'))
    with pytest.raises(MappingError, match="2 found"):
        recipe_of(file)


GL = "https://w3id.org/geoloom/ns#"
CODES = "https://w3id.org/geoloom/codes/"
LUCAS_2018 = """POINT_ID,NUTS0,TH_LAT,TH_LONG,SURVEY_DATE,GPS_LAT,GPS_LONG,OBS_TYPE,LC1,LC1_PERC
38863060,BE,50.487792576,3.862541317,21/09/18,88.888888,88.888888,7,B16,100
38863061,BE,50.5,3.9,22/09/18,50.50001,3.90001,1,8,
38863062,BE,50.6,3.8,,88.888888,88.888888,1,Z99,50
"""
LUCAS_2022 = """POINT_ID,POINT_NUTS0,POINT_LAT,POINT_LONG,SURVEY_DATE,SURVEY_LC1
1001,DE,48.1,11.5,6/27/2022 11:06,B11
1002,DE,48.2,11.6,2022-06-15,c10
1003,DE,48.2,11.6,NA,8
"""


def mapped(name: str, file: Path, out: Path) -> tuple[Any, dict[str, list[str]]]:
    """Report and objects by predicate."""
    report = run_mapping(load_recipe(name, file), NTriplesSink(out), file=file)
    found: dict[str, list[str]] = {}
    for quad in pyoxigraph.parse(path=str(out)):
        found.setdefault(quad.predicate.value, []).append(quad.object.value)
    return report, {predicate: sorted(values) for predicate, values in found.items()}


def vector(folder: Path, layer: str | None, crs: str = "EPSG:25832", **columns: Any) -> Path:
    """A file of two fields of one hectare."""
    boxes = [shapely.box(x, 5_400_000, x + 100, 5_400_100) for x in (500_000, 500_200)]
    frame = geopandas.GeoDataFrame(pandas.DataFrame(columns, index=[0, 1]), geometry=boxes, crs=crs)
    frame.to_file(folder / "fields.gpkg", layer=layer or "fields", engine="pyogrio")
    return folder / "fields.gpkg"


def test_lucas_2018(tmp_path: Path) -> None:
    file = tmp_path / "EU_2018_20200213.csv"
    file.write_text(LUCAS_2018)
    report, found = mapped("lucas2018", file, tmp_path / "o.nt")
    assert (report.rows_mapped, report.rows_quarantined) == (3, 0)
    assert found[GL + "observedClass"] == [CODES + "lucas2018-lc1/B16"]
    assert found[GL + "classCode"] == ["8", "B16", "Z99"]
    assert found[GL + "sampleID"] == ["38863060", "38863061", "38863062"]
    assert found[GL + "validFrom"] == ["2018-09-21T00:00:00", "2018-09-22T00:00:00"]
    points = found["http://www.opengis.net/ont/geosparql#asWKT"]
    assert "POINT (3.862541317 50.487792576)" in points
    assert any("'Z99' is not in lucas2018-lc1 (1 values)" in text for text in report.remarks)


def test_lucas_2022(tmp_path: Path) -> None:
    file = tmp_path / "EU_LUCAS_2022.csv"
    file.write_text(LUCAS_2022)
    report, found = mapped("lucas2022", file, tmp_path / "o.nt")
    assert (report.rows_mapped, report.rows_quarantined) == (3, 0)
    assert found[GL + "observedClass"] == [
        CODES + "lucas2018-lc1/B11",
        CODES + "lucas2018-lc1/C10",
    ]
    assert found[GL + "validFrom"] == ["2022-06-15T00:00:00", "2022-06-27T11:06:00"]


@pytest.mark.parametrize(
    ("name", "layer", "columns", "labels"),
    [
        ("france-rpg", "PARCELLES_GRAPHIQUES", {"ID_PARCEL": ["1", "2"], "CODE_CULTU": "BTH"}, 2),
        ("eurocrops", None, {"EC_hcat_c": ["3301010600", "999"], "EC_hcat_n": "x"}, 1),
        (
            "denmark",
            None,
            {"Marknr": ["1-0", "1-1"], "Afgkode": [1.0, 9999.0], "Afgroede": "Vårbyg"},
            1,
        ),
        (
            "netherlands-brp",
            "brp_gewas",
            {"gewascode": [174, None], "gewas": "Bloemzaden", "jaar": 2023},
            1,
        ),
        (
            "finland",
            None,
            {
                "KASVIKOODI": "1110",
                "KASVIKOODI_SELITE_FI": "Syysvehnä",
                "KASVIKOODI_SELITE_SV": "Höstvete",
                "PERUSLOHKOTUNNUS": "0040000372",
                "VUOSI": 2023.0,
            },
            2,
        ),
        (
            "spain-catalonia",
            "CULTIUS_DUN2030",
            {"cultiu": "BLAT", "campanya": [2030, 2030]},
            0,
        ),
    ],
)
def test_national_layouts(
    name: str, layer: str | None, columns: dict[str, Any], labels: int, tmp_path: Path
) -> None:
    file = vector(tmp_path, layer, **columns)
    report, found = mapped(name, file, tmp_path / "o.nt")
    assert (report.rows_mapped, report.rows_quarantined) == (2, 0)
    assert len(found.get(GL + "observedClass", [])) == labels
    assert all(
        value.startswith(CODES + "hcat3/33") for value in found.get(GL + "observedClass", [])
    )
    areas = [float(v) for v in found["http://www.opengis.net/ont/geosparql#hasMetricArea"]]
    assert areas == pytest.approx([10_000, 10_000])
    if GL + "validTo" in found:
        assert found[GL + "validTo"][0].endswith("-12-31T23:59:59")


def test_sigrid3(tmp_path: Path) -> None:
    ice = {"POLY_TYPE": ["I", "W"], "CT": ["91", "55"], "SA": ["87", "-9"]}
    report, found = mapped("sigrid3", vector(tmp_path, None, **ice), tmp_path / "o.nt")
    assert report.rows_mapped == 2
    assert found[GL + "observedClass"] == [CODES + "sigrid3-stage/87"]
    assert found[GL + "className"] == ["I", "W"]
    assert [float(v) for v in found[GL + "numericValue"]] == [0.0, 95.0]


def test_s411(tmp_path: Path) -> None:
    ice = {"iceact": [92, 13], "icesod": ["95", "[95, 93]"]}
    report, found = mapped("s411", vector(tmp_path, "seaice", **ice), tmp_path / "o.nt")
    assert report.rows_mapped == 2
    assert found[GL + "observedClass"] == [CODES + "sigrid3-stage/95"]
    assert found[GL + "classCode"] == ["95", "[95, 93]"]
    assert sorted(float(v) for v in found[GL + "numericValue"]) == [20.0, 100.0]


def test_a_recipe_refuses_files_of_another_layout(tmp_path: Path) -> None:
    file = vector(tmp_path, None, EC_hcat_c="3301010600")
    with pytest.raises(MappingError, match="has no column 'EC_hcat_n'"):
        mapped("eurocrops", file, tmp_path / "o.nt")


def test_a_layer_is_chosen_where_a_file_has_several(tmp_path: Path) -> None:
    parcels = {"EC_hcat_c": "3301010600", "EC_hcat_n": "grain_maize_corn_popcorn"}
    vector(tmp_path, "styles", other="x")
    file = vector(tmp_path, "LV_2021", **parcels)
    with pytest.raises(InputError, match="A layer must be chosen"):
        mapped("eurocrops", file, tmp_path / "o.nt")
    chosen = load_recipe("eurocrops", file, layer="LV_2021")
    report = run_mapping(chosen, NTriplesSink(tmp_path / "o.nt"), file=file)
    assert report.rows_mapped == 2


def test_a_file_may_be_said_to_be_in_a_crs() -> None:
    said = load_recipe("worldcereal-croptype", "out.nc", crs="EPSG:32631")
    assert {rule.source.option("crs") for rule in said.triples_maps} == {"EPSG:32631"}
    plain = load_recipe("worldcereal-croptype", "out.nc")
    assert {rule.source.option("crs") for rule in plain.triples_maps} == {None}


def test_reports_name_the_file_that_was_given(tmp_path: Path) -> None:
    file = tmp_path / "my_survey.csv"
    file.write_text("POINT_ID,TH_LAT,TH_LONG,LC1\n1,48.1,16.2,B11\n", encoding="utf-8")
    mapping = load_mapping(
        """@prefix rml: <http://w3id.org/rml/> . @base <http://example.com/m/> .
        <#p> rml:logicalSource [ rml:source [ a rml:FilePath ; rml:path "placeholder.csv" ] ;
            rml:referenceFormulation rml:CSV ] ;
          rml:subjectMap [ rml:template "http://example.com/{POINT_ID}" ;
            rml:class <http://example.com/P> ] ."""
    )
    report = run_mapping(mapping, NTriplesSink(tmp_path / "o.nt"), file=file)
    assert [source.source for source in report.sources] == ["my_survey.csv"]
