"""Every verb once, as a user types it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import geopandas as gpd
import pyoxigraph
import pytest

from geoloom.cli import cli
from geoloom.scenario import Scenario
from mapper import load_mapping
from store import Inference, Store
from tests.cli.conftest import MAPPINGS, Geoloom

FIELDS = """PREFIX gl: <https://w3id.org/geoloom/ns#>
PREFIX geo: <http://www.opengis.net/ont/geosparql#>
SELECT ?field ?shape { ?field a gl:Observation ; geo:hasGeometry/geo:asWKT ?shape }"""


def test_help_lists_the_verbs(geoloom: Geoloom) -> None:
    ran = geoloom("--help")
    assert ran.code == 0
    assert all(f"  {verb} " in ran.out for verb in cli.commands or ("run", "map", "query"))


@pytest.mark.parametrize("verb", ["run", "map", "load", "query", "update", "interlink", "verify"])
def test_help_of_a_verb(geoloom: Geoloom, verb: str) -> None:
    ran = geoloom(verb, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"Usage: geoloom {verb}")


def test_version(geoloom: Geoloom) -> None:
    assert geoloom("--version").out.startswith("geoloom, version ")


def test_map_into_a_store(geoloom: Geoloom, scenario: Scenario, tmp_path: Path) -> None:
    words = ("map", MAPPINGS / "fields.rml.ttl", "--base-dir", scenario.directory)
    ran = geoloom(*words, "--store", tmp_path / "s")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("60 rows read, 60 mapped, 0 quarantined; ")
    again = geoloom(*words, "--store", tmp_path / "s", "--json")
    report = json.loads(again.out)
    assert (report["rows_read"], report["triples_written"]) == (60, 0)


def test_map_to_text_and_load_it(geoloom: Geoloom, scenario: Scenario, tmp_path: Path) -> None:
    file = tmp_path / "fields.nt"
    words = ("map", MAPPINGS / "fields.rml.ttl", "--base-dir", scenario.directory, "--sample", "7")
    assert json.loads(geoloom(*words, "-o", file, "--json").out)["rows_read"] == 7
    lines = file.read_text(encoding="utf-8").splitlines()
    ran = geoloom("load", tmp_path / "s", file, "--json")
    assert ran.code == 0
    assert json.loads(ran.out)["files"]["new"] == len(set(lines))


def test_generated_mapping_runs(geoloom: Geoloom, scenario: Scenario, tmp_path: Path) -> None:
    file = tmp_path / "made.rml.ttl"
    ran = geoloom("mapping", "generate", scenario.directory / "districts.geojson", "-o", file)
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert load_mapping(file)
    shown = geoloom("mapping", "generate", scenario.directory / "districts.geojson")
    assert len(shown.out.splitlines()) == len(file.read_text(encoding="utf-8").splitlines()) + 1
    mapped = geoloom("map", file, "--store", tmp_path / "s", "--json")
    assert json.loads(mapped.out)["rows_mapped"] > 0


def test_generated_vocabulary_has_what_the_mapping_uses(
    geoloom: Geoloom, scenario: Scenario, tmp_path: Path
) -> None:
    mapping, stub = tmp_path / "made.rml.ttl", tmp_path / "voc.ttl"
    source = scenario.directory / "districts.geojson"
    ran = geoloom("mapping", "generate", source, "-o", mapping, "--vocabulary", stub)
    assert ran.code == 0
    defined = {str(quad.subject) for quad in pyoxigraph.parse(path=str(stub))}
    ns = "<http://example.com/ns#"
    quads = pyoxigraph.parse(path=str(mapping))
    used = {str(quad.object) for quad in quads if str(quad.object).startswith(ns)}
    assert used == {name for name in defined if name.startswith(ns)}


def test_recipes_are_listed_and_run(geoloom: Geoloom, tmp_path: Path) -> None:
    listed = json.loads(geoloom("mapping", "recipes", "--json").out)
    assert "eurocrops" in {recipe["name"] for recipe in listed}
    assert "eurocrops: EuroCrops" in geoloom("mapping", "recipes").out
    ran = geoloom("map", tmp_path / "m.ttl", "--layer", "a", "-o", tmp_path / "o.nt")
    assert "--layer is for recipes" in ran.err
    ran = geoloom("map", "--recipe", "eurocrop", tmp_path / "x.shp", "-o", tmp_path / "o.nt")
    assert ran.code != 0
    assert "did you mean 'eurocrops'" in ran.err


def test_load_a_code_list(geoloom: Geoloom, tmp_path: Path) -> None:
    ran = geoloom("load", tmp_path / "s", "--codelist", "worldcover")
    assert ran.code == 0
    assert "triples of code lists" in ran.out
    report = json.loads(geoloom("load", tmp_path / "s", "--codelist", "worldcover", "--json").out)
    assert report["codelists"]["written"] == 0
    assert report["codelists"]["offered"] > 0


def test_load_and_skip(geoloom: Geoloom, tmp_path: Path) -> None:
    file = tmp_path / "half.nt"
    file.write_text('<http://a> <http://b> "c" .\nnonsense .\n', encoding="utf-8")
    ran = geoloom("load", tmp_path / "s", file, "--skip-bad", "--graph", "http://g")
    assert ran.code == 0
    assert "1 rejected" in ran.out
    assert "half.nt" in ran.out
    assert Store.open(tmp_path / "s").query("ASK { GRAPH <http://g> { ?s ?p 'c' } }")


@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv", "geojson", "table"])
def test_query_formats(geoloom: Geoloom, loaded: Path, name: str) -> None:
    ran = geoloom("query", loaded, FIELDS, "--format", name)
    assert (ran.code, ran.err) == (0, "")
    assert "demo/field/" in ran.out
    if name == "csv":
        assert len(list(csv.DictReader(io.StringIO(ran.out)))) == 60


def test_query_to_files(geoloom: Geoloom, loaded: Path, tmp_path: Path) -> None:
    query = tmp_path / "q.rq"
    query.write_text(FIELDS, encoding="utf-8")
    for name in ("fields.geojson", "fields.parquet"):
        ran = geoloom("query", loaded, "-f", query, "-o", tmp_path / name)
        assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert len(gpd.read_file(tmp_path / "fields.geojson")) == 60
    assert len(gpd.read_parquet(tmp_path / "fields.parquet")) == 60
    assert not list(tmp_path.glob("*.part"))


def test_query_json_and_explain(geoloom: Geoloom, loaded: Path) -> None:
    bindings = json.loads(geoloom("query", loaded, FIELDS, "--json").out)["results"]["bindings"]
    assert len(bindings) == 60
    plan = geoloom("query", loaded, FIELDS, "--explain")
    assert plan.code == 0
    assert "SQL" in plan.out


def test_a_graph_is_turtle(geoloom: Geoloom, loaded: Path) -> None:
    text = FIELDS.replace("SELECT ?field ?shape", "CONSTRUCT { ?field a <http://x/F> } WHERE")
    assert "http://x/F" in geoloom("query", loaded, text).out


def test_update_and_an_older_snapshot(geoloom: Geoloom, store: Path) -> None:
    before = Store.open(store).snapshot().number
    ran = geoloom("update", store, "INSERT DATA { <http://a> <http://b> 1, 2 }")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "2 triples inserted, 0 deleted\n"
    report = json.loads(geoloom("update", store, "DELETE WHERE { <http://a> ?p 2 }", "--json").out)
    assert report == {"inserted": 0, "deleted": 1}
    ask = "ASK { <http://a> ?p 2 }"
    assert json.loads(geoloom("query", store, ask, "--json").out)["boolean"] is False
    older = geoloom("query", store, ask, "--json", "--as-of", str(before + 1))
    assert json.loads(older.out)["boolean"] is True


def test_interlink(geoloom: Geoloom, store: Path) -> None:
    words = ("interlink", store, "--source", "gl:Product", "--target", "gl:AdministrativeUnit")
    ran = geoloom(*words, "--relation", "sfIntersects", "--relation", "sfWithin")
    assert (ran.code, ran.err) == (0, "")
    assert "sfIntersects: " in ran.out
    report = json.loads(geoloom(*words, "--json").out)
    linked = Store.open(store).query(
        "SELECT * { ?p <http://www.opengis.net/ont/geosparql#sfIntersects> ?d }",
        inference=Inference(topology="asserted"),
    )
    assert report["links"]["sfIntersects"] == len(linked) > 0


def test_run(geoloom: Geoloom, scenario: Scenario, tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    mapping = MAPPINGS / "districts.rml.ttl"
    file.write_text(
        f'store = "s"\n[[map]]\nmapping = "{mapping}"\nbase = "{scenario.directory}"\n', "utf-8"
    )
    ran = geoloom("run", file)
    assert (ran.code, ran.err) == (0, "")
    assert "districts.rml.ttl" in ran.out
    report = json.loads(geoloom("run", file, "--json").out)
    assert report["store"] == str(tmp_path / "s")
    assert report["steps"][0]["outcome"]["complete"] is True


def test_verify_compact_vacuum(geoloom: Geoloom, store: Path) -> None:
    assert geoloom("verify", store).out.endswith("files checked, all as written\n")
    assert json.loads(geoloom("verify", store, "--json").out)["problems"] == []
    assert "files became" in geoloom("compact", store).out
    assert json.loads(geoloom("compact", store, "--json").out)
    assert "files removed" in geoloom("vacuum", store).out
    assert geoloom("verify", store).code == 0
    assert (
        len(json.loads(geoloom("query", store, FIELDS, "--json").out)["results"]["bindings"]) == 60
    )


def test_verify_names_the_damage(geoloom: Geoloom, store: Path) -> None:
    victim = next((store / "lanes").rglob("*.parquet"))
    victim.write_bytes(victim.read_bytes()[:-1])
    ran = geoloom("verify", store)
    assert ran.code == 1
    assert victim.name in ran.paragraph()
    assert "Try: " in ran.err


def test_validate_and_search(
    geoloom: Geoloom, store: Path, scenario: Scenario, tmp_path: Path
) -> None:
    ran = geoloom("validate", store, "--html", tmp_path / "r.html", "--csv", tmp_path / "r.csv")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"{scenario.truth.samples} samples: ")
    assert (tmp_path / "r.html").stat().st_size > 1000
    found = geoloom("search", store, "--limit", "5", "--json")
    assert found.code == 0
    assert json.loads(found.out)


def test_a_run_that_misses_a_source_is_incomplete(
    geoloom: Geoloom, store: Path, tmp_path: Path
) -> None:
    (tmp_path / "sources.toml").write_text(
        '[[source]]\nname = "gone"\nendpoint = "http://127.0.0.1:9/sparql"\n', encoding="utf-8"
    )
    file = tmp_path / "p.toml"
    file.write_text(f'store = "{store.name}"\n[validate]\nsources = "sources.toml"\n', "utf-8")
    ran = geoloom("run", file, "--json")
    assert ran.code == 3, ran
    outcome = json.loads(ran.out)["steps"][0]["outcome"]
    assert outcome["complete"] is False
    assert "INCOMPLETE" in outcome["text"]
