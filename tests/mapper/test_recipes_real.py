"""Recipes over the samples they are for: all rows, subjects of their own, shapes that hold."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pyogrio
import pyoxigraph
import pyshacl
import pytest
import rdflib

from mapper import NTriplesSink, load_recipe, run_mapping
from ontology import vocabulary_graph
from tests.conformance.suites import require

DATA = require("data")
PARCELS = DATA / "fiboa-lpis-samples"
GL = "https://w3id.org/geoloom/ns#"
GEO = "http://www.opengis.net/ont/geosparql#"
FLANDERS = "be_vlg/Landbouwgebruikspercelen_2023_-_Definitief_(extractie_28-03-2024)_GPKG.zip"
SAMPLES = [
    ("eurocrops", "ec_lv/LV_2021.zip", 100, 100),
    ("eurocrops", "ec_ro/RO_ny.zip", 100, 100),
    ("eurocrops", "ec_si/SI_2021.zip", 100, 100),
    ("austria-invekos", "at/inspire_schlaege_2025-1_polygon.gpkg.zip", 100, 80),
    ("austria-reference-parcels", "at_block/inspire_referenzen_2021_polygon.gpkg.zip", 100, 0),
    ("belgium-flanders", FLANDERS, 100, 100),
    ("belgium-wallonia", "be_wal/LU_ExistingLandUse_SIGEC2022.gml.zip", 10, 10),
    ("switzerland", "ch/lwb_nutzungsflaechen_v2_0_lv95.gpkg", 100, 0),
    ("germany-brandenburg", "de_bb/antrag.zip", 100, 71),
    ("germany-schleswig-holstein", "de_sh/Feldbloecke_2026_GPKG.zip", 100, 0),
    ("denmark", "dk/Marker_2026.zip", 100, 99),
    ("spain-catalonia", "es_cat/Cultius_DUN2023_GPKG.zip", 100, 0),
    ("finland", "fi/LandUse.ExistingLandUse.GSAAAgriculturalParcel.gpkg", 100, 65),
    ("croatia", "hr/land_parcels.gpkg", 100, 100),
    ("ireland", "ie/GSAA_2024.zip", 100, 100),
    ("lithuania", "lt/LT_2024.zip", 100, 100),
    ("latvia", "lv/1_100.xml", 100, 100),
    ("netherlands-brp", "nl/brpgewaspercelen_definitief_2023.gpkg", 100, 91),
    ("netherlands-reference-parcels", "nl_block/referentiepercelen.gpkg", 100, 0),
    ("portugal", "pt/Continente.gpkg", 100, 81),
    ("sweden", "se/se2023.zip", 10, 10),
    ("slovenia", "ec_si/SI_2021.zip", 100, 100),
    (
        "usa-crop-sequence-boundaries",
        "us_usda_cropland/NationalCSB_2017-2024_rev23.zip",
        100,
        100,
    ),
]


def recipe_quads(name: str, file: Path, out: Path) -> tuple[Any, list[pyoxigraph.Quad]]:
    report = run_mapping(load_recipe(name, file), NTriplesSink(out), file=file)
    return report, list(pyoxigraph.parse(path=str(out)))


def objects(quads: list[pyoxigraph.Quad], predicate: str) -> list[Any]:
    return [quad.object for quad in quads if quad.predicate.value == predicate]


@pytest.mark.parametrize(
    ("name", "file", "rows", "classes"), SAMPLES, ids=[f"{n}-{f[:7]}" for n, f, *_ in SAMPLES]
)
def test_parcels(name: str, file: str, rows: int, classes: int, tmp_path: Path) -> None:
    report, quads = recipe_quads(name, PARCELS / file, tmp_path / "o.nt")
    assert (report.rows_read, report.rows_quarantined) == (rows, 0)
    features = {q.subject for q in quads if q.object.value == GL + "Observation"}
    assert len(features) == (71 if name == "germany-brandenburg" else rows)
    assert len(objects(quads, GEO + "asWKT")) == rows
    assert len(objects(quads, GEO + "hasMetricArea")) == rows
    assert all(float(area.value) >= 0 for area in objects(quads, GEO + "hasMetricArea"))
    assert len(objects(quads, GL + "observedClass")) == classes
    assert len(objects(quads, GL + "classCode")) >= classes
    sample = tmp_path / "sample.nt"
    mapping = load_recipe(name, PARCELS / file)
    run_mapping(mapping, NTriplesSink(sample), file=PARCELS / file, sample=30)
    conforms, _, text = checked(sample)
    assert conforms, text


def checked(file: Path) -> tuple[bool, Any, str]:
    """SHACL of the vocabulary over a file, long geometries put short."""
    short = re.sub(r'"[^"\n]{200,}"(?=\^\^)', '"POINT EMPTY"', file.read_text(encoding="utf-8"))
    data = rdflib.Graph().parse(data=short, format="nt")
    found = pyshacl.validate(data, shacl_graph=vocabulary_graph("shapes"), inplace=True)
    return bool(found[0]), found[1], str(found[2])


def test_measured_areas_are_those_declared(tmp_path: Path) -> None:
    """Switzerland publishes square metres."""
    file = PARCELS / "ch" / "lwb_nutzungsflaechen_v2_0_lv95.gpkg"
    _, quads = recipe_quads("switzerland", file, tmp_path / "o.nt")
    areas = sorted(float(area.value) for area in objects(quads, GEO + "hasMetricArea"))

    declared = sorted(pyogrio.read_dataframe(file, read_geometry=False)["flaeche_m2"].tolist())
    assert areas == pytest.approx(declared, rel=0.02, abs=5)


def test_ice_chart_of_the_baltic(tmp_path: Path) -> None:
    file = DATA / "fmi-icechart" / "fmi_icechart_20120227.gpkg"
    report, quads = recipe_quads("fmi-icechart", file, tmp_path / "o.nt")
    assert (report.rows_read, report.rows_quarantined) == (156, 0)
    assert len(objects(quads, GL + "numericValue")) == 156
    assert {name.value for name in objects(quads, GL + "className")} >= {"level ice", "fast ice"}
    conforms, _, text = checked(tmp_path / "o.nt")
    assert conforms, text
