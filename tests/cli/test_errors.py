"""Bad input: one clear paragraph with file, place and remedy, and the store as it was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio import Affine

from geoloom.cli import main
from geoloom.scenario import Scenario
from ontology import InputError
from store import Store
from tests.cli.conftest import MAPPINGS, Geoloom, Ran

FIELDS = (MAPPINGS / "fields.rml.ttl").read_text(encoding="utf-8")
ZONES = (MAPPINGS / "zones.rml.ttl").read_text(encoding="utf-8")
DISTRICTS = (MAPPINGS / "districts.rml.ttl").read_text(encoding="utf-8")


def fails(ran: Ran, *words: str | Path, code: int = 1) -> None:
    text = ran.paragraph()
    assert ran.code == code, text
    assert not [str(word) for word in words if str(word) not in text], text


class Untouched:
    """Says whether a store is still what it was."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.before = self.look()

    def look(self) -> tuple[int, list[str]]:
        names = sorted(str(p.relative_to(self.folder)) for p in self.folder.rglob("*"))
        return Store.open(self.folder).snapshot().number, [n for n in names if "lock" not in n]

    def check(self) -> None:
        assert self.look() == self.before


@pytest.fixture
def same(store: Path) -> Untouched:
    return Untouched(store)


def mapping(folder: Path, text: str) -> Path:
    file = folder / "given.rml.ttl"
    file.write_text(text, encoding="utf-8")
    return file


def test_missing_source(geoloom: Geoloom, same: Untouched, tmp_path: Path) -> None:
    file = mapping(tmp_path, FIELDS)
    ran = geoloom("map", file, "--store", same.folder, "--base-dir", tmp_path)
    fails(ran, tmp_path / "fields.gpkg", "Try: ")
    same.check()


def test_a_new_store_is_not_left_half_made(geoloom: Geoloom, tmp_path: Path) -> None:
    file = mapping(tmp_path, FIELDS)
    fails(geoloom("map", file, "--store", tmp_path / "new", "--base-dir", tmp_path), "fields.gpkg")
    fails(geoloom("load", tmp_path / "new", tmp_path / "gone.ttl"), "gone.ttl")
    assert not (tmp_path / "new").exists()
    fails(geoloom("map", file, "-o", tmp_path / "out.nt", "--base-dir", tmp_path), "fields.gpkg")
    assert [p.name for p in tmp_path.iterdir()] == [file.name]


@pytest.mark.parametrize("kept", [0, 10, 5000])
def test_unreadable_source(
    geoloom: Geoloom, same: Untouched, tmp_path: Path, scenario: Scenario, kept: int
) -> None:
    whole = (scenario.directory / "fields.gpkg").read_bytes()
    (tmp_path / "fields.gpkg").write_bytes(whole[:kept])
    file = mapping(tmp_path, FIELDS)
    ran = geoloom("map", file, "--store", same.folder, "--base-dir", tmp_path)
    fails(ran, tmp_path / "fields.gpkg", "Try: ")
    same.check()


def test_unreadable_raster(geoloom: Geoloom, same: Untouched, tmp_path: Path) -> None:
    (tmp_path / "classmap.tif").write_bytes(b"II*\0 not really")
    write_raster(tmp_path / "confidence.tif", "EPSG:32633")
    ran = geoloom("map", mapping(tmp_path, ZONES), "--store", same.folder, "--base-dir", tmp_path)
    fails(ran, "classmap.tif", "Try: ")
    same.check()


def write_raster(file: Path, crs: str | None, values: int = 1) -> None:
    profile = {"driver": "GTiff", "dtype": "uint8", "count": 1, "width": 4, "height": 4}
    where = Affine(10, 0, 600_000, 0, -10, 5_000_000)
    with rasterio.open(file, "w", **profile, crs=crs, transform=where) as raster:
        raster.write(np.full((4, 4), values, np.uint8), 1)


def test_raster_without_crs(geoloom: Geoloom, same: Untouched, tmp_path: Path) -> None:
    write_raster(tmp_path / "classmap.tif", None)
    write_raster(tmp_path / "confidence.tif", None)
    ran = geoloom("map", mapping(tmp_path, ZONES), "--store", same.folder, "--base-dir", tmp_path)
    fails(ran, "classmap.tif", "coordinate reference system", "gl:crs")
    same.check()


def test_confidence_in_another_crs(geoloom: Geoloom, same: Untouched, tmp_path: Path) -> None:
    write_raster(tmp_path / "classmap.tif", "EPSG:32633")
    write_raster(tmp_path / "confidence.tif", "EPSG:32632")
    ran = geoloom("map", mapping(tmp_path, ZONES), "--store", same.folder, "--base-dir", tmp_path)
    fails(ran, "confidence.tif", "EPSG:32632", "resample it to (4, 4) pixels", "EPSG:32633")
    same.check()


def test_coordinates_that_are_not_of_the_crs(
    geoloom: Geoloom, same: Untouched, tmp_path: Path
) -> None:
    """Metres in a file that says degrees, as when a projection was lost on the way."""
    ring = [[600000, 5e6], [600010, 5e6], [600010, 5000010], [600000, 5e6]]
    feature = {
        "type": "Feature",
        "properties": {"name": "x", "code": "1", "level": 2},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    collection = {"type": "FeatureCollection", "features": [feature]}
    (tmp_path / "districts.geojson").write_text(json.dumps(collection), encoding="utf-8")
    given = mapping(tmp_path, DISTRICTS)
    ran = geoloom("map", given, "--store", same.folder, "--base-dir", tmp_path)
    fails(ran, "districts.geojson", "row 1", "no degrees", "EPSG/0/4326")
    same.check()


def test_unknown_crs(geoloom: Geoloom, same: Untouched, tmp_path: Path, scenario: Scenario) -> None:
    text = FIELDS.replace(
        "rml:referenceFormulation gl:Vector",
        'gl:crs "EPSG:99999" ; rml:referenceFormulation gl:Vector',
    )
    given = mapping(tmp_path, text)
    ran = geoloom("map", given, "--store", same.folder, "--base-dir", scenario.directory)
    fails(ran, "EPSG:99999", "Try: ")
    same.check()


def test_unknown_class_code(
    geoloom: Geoloom, same: Untouched, tmp_path: Path, scenario: Scenario
) -> None:
    text = FIELDS.replace('"hcat3"', '"worldcover"')
    given = mapping(tmp_path, text)
    words = ("map", given, "--store", same.folder, "--base-dir", scenario.directory)
    fails(geoloom(*words), "fields.gpkg", "row 1", "worldcover")
    same.check()
    ran = geoloom(*words, "--on-bad", "quarantine")
    assert ran.code == 0
    assert "0 mapped, 60 quarantined" in ran.out
    assert "worldcover" in ran.out


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("rml:subjectMap [", "rml:subjectMap [[", ["line"]),
        ("rml:template", "rml:templat", ["templat"]),
        ("gl:concept", "gl:concpt", ["concpt", "concept"]),
        ('"image_id"', '"imageid"', ["imageid", "image_id"]),
        ("{field_id}", "{field id", ["{field id"]),
        ("gl:Vector", "gl:Vectr", ["Vectr"]),
    ],
)
def test_broken_mapping(
    geoloom: Geoloom,
    same: Untouched,
    tmp_path: Path,
    scenario: Scenario,
    old: str,
    new: str,
    words: list[str],
) -> None:
    assert old in FIELDS
    given = mapping(tmp_path, FIELDS.replace(old, new))
    ran = geoloom("map", given, "--store", same.folder, "--base-dir", scenario.directory)
    fails(ran, *words)
    same.check()


def test_missing_mapping(geoloom: Geoloom, same: Untouched, tmp_path: Path) -> None:
    fails(geoloom("map", tmp_path / "no.ttl", "--store", same.folder), "no.ttl", "Try: ")
    same.check()


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.nt", '<http://a> <http://b> "c" .\n<http://a> <http://b\n', ["a.nt", "line 2"]),
        ("a.ttl", "@prefix x: <http://x/> .\nx:a x:b \n", ["a.ttl", "line"]),
        ("a.rdf", "<rdf:RDF", ["a.rdf"]),
        ("a.docx", "x", ["a.docx", "Try: "]),
    ],
)
def test_bad_rdf(
    geoloom: Geoloom, same: Untouched, tmp_path: Path, name: str, text: str, words: list[str]
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    ran = geoloom("load", same.folder, tmp_path / name)
    fails(ran, *words, code=2 if name == "a.docx" and ran.code == 2 else 1)
    same.check()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SELECT ?x WHERE { ?x a ", ["line 1"]),
        ("SELECT ?x\nWHERE { ?x a gl:Zone .. }", ["line 2"]),
        ("PREFIX nope: <http://n/>\nSELECT ?x { ?x nop:b ?y }", ["nop", "line 2"]),
        ("SELEKT ?x {}", ["line 1", "SELEKT"]),
        ("", []),
    ],
)
def test_syntax_errors(geoloom: Geoloom, loaded: Path, text: str, words: list[str]) -> None:
    fails(geoloom("query", loaded, text), *words)


def test_syntax_error_in_an_update(geoloom: Geoloom, same: Untouched) -> None:
    text = "INSERT DATA { <http://a> <http://b> 1 } ;\nDELETE DATA { <http://a> }"
    fails(geoloom("update", same.folder, text), "line 2")
    same.check()


def test_missing_query_file(geoloom: Geoloom, loaded: Path, tmp_path: Path) -> None:
    fails(geoloom("query", loaded, "-f", tmp_path / "no.rq"), "no.rq", "Try: ")


@pytest.mark.parametrize("verb", ["query", "update", "verify", "compact", "vacuum", "interlink"])
@pytest.mark.parametrize("kind", ["missing", "folder", "file", "broken"])
def test_a_store_that_is_not_one(geoloom: Geoloom, tmp_path: Path, verb: str, kind: str) -> None:
    place = tmp_path / "thing"
    if kind == "folder":
        place.mkdir()
        (place / "photo.jpg").write_bytes(b"x")
    elif kind == "file":
        place.write_bytes(b"x")
    elif kind == "broken":
        Store.create(place)
        (place / "CURRENT").write_text("nonsense", encoding="ascii")
    more = {"query": ["ASK {}"], "update": ["CLEAR ALL"]}.get(verb, [])
    if verb == "interlink":
        more = ["--source", "gl:Zone", "--target", "gl:Zone"]
    before = sorted(tmp_path.rglob("*"))
    fails(geoloom(verb, place, *more), place, "Try: ")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("verb", ["load", "map"])
def test_writing_into_what_is_not_a_store(
    geoloom: Geoloom, tmp_path: Path, scenario: Scenario, verb: str
) -> None:
    place = tmp_path / "photos"
    place.mkdir()
    (place / "photo.jpg").write_bytes(b"x")
    (tmp_path / "a.nt").write_text("", encoding="utf-8")
    words = {
        "load": ("load", place, tmp_path / "a.nt"),
        "map": ("map", MAPPINGS / "fields.rml.ttl", "--store", place),
    }
    fails(geoloom(*words[verb]), place, "Try: ")
    assert [p.name for p in place.iterdir()] == ["photo.jpg"]


def test_nothing_to_link(geoloom: Geoloom, same: Untouched) -> None:
    ran = geoloom("interlink", same.folder, "--source", "gl:Product", "--target", "gl:Zone")
    fails(ran, "https://w3id.org/geoloom/ns#Zone", "Try: ")
    same.check()


def test_a_damaged_file_is_named(geoloom: Geoloom, store: Path) -> None:
    for victim in (store / "lanes").rglob("*.parquet"):
        victim.write_bytes(b"rotten")
    fails(geoloom("query", store, "SELECT * { ?s a ?o }"), "parquet")


def test_errors_as_json(geoloom: Geoloom, tmp_path: Path) -> None:
    ran = geoloom("query", tmp_path / "none", "ASK {}", "--json")
    assert (ran.code, ran.out) == (1, "")
    error = json.loads(ran.err)
    assert error["error"] == "bad-store"
    assert str(tmp_path / "none") in error["where"]
    assert error["try"]


@pytest.mark.parametrize(
    "words",
    [
        ("qeury", "s"),
        ("query",),
        ("query", "s", "--frmat", "csv"),
        ("load", "s"),
        ("load", "s", "--codelist", "hcat4"),
        ("map", "m.ttl", "--store", "s", "--on-bad", "skip"),
        ("map", "m.ttl", "--store", "s", "--sample", "many"),
        ("interlink", "s", "--source", "gl:Zone"),
    ],
)
def test_wrong_usage_is_2(geoloom: Geoloom, words: tuple[str, ...]) -> None:
    ran = geoloom(*words)
    assert (ran.code, ran.out) == (2, "")
    assert "Usage: geoloom" in ran.err
    assert "Traceback" not in ran.err


def test_wrong_usage_that_only_the_verb_can_see(
    geoloom: Geoloom, loaded: Path, tmp_path: Path
) -> None:
    fails(geoloom("query", loaded), "text or with -f", code=2)
    fails(geoloom("query", loaded, "ASK {}", "-f", "x.rq"), "text or with -f", code=2)
    fails(geoloom("query", loaded, "SELECT * {}", "--format", "cvs"), "cvs", "csv", code=2)
    fails(geoloom("query", loaded, "SELECT * {}", "-o", tmp_path / "x"), "format", code=2)
    fails(geoloom("map", MAPPINGS / "fields.rml.ttl"), "--store", code=2)
    words = ("interlink", loaded, "--source", "Zone", "--target", "gl:Zone")
    fails(geoloom(*words), "'Zone' is not an IRI", "angle brackets", code=2)
    (tmp_path / "p.toml").write_text("stroe = 's'", encoding="utf-8")
    fails(geoloom("run", tmp_path / "p.toml"), "'stroe'", "did you mean 'store'", code=2)


def test_a_typo_is_understood(geoloom: Geoloom) -> None:
    assert "Did you mean 'query'?" in geoloom("qeury", "s").err


def test_an_incomplete_answer_is_3(geoloom: Geoloom, tmp_path: Path, loaded: Path) -> None:
    """A source nobody serves: what is known is shown, and the exit code says there is more."""
    sources = tmp_path / "sources.toml"
    sources.write_text(
        '[[source]]\nname = "gone"\nendpoint = "http://127.0.0.1:9/sparql"\n', encoding="utf-8"
    )
    ran = geoloom("federate", "--sources", sources, "SELECT * { ?s ?p ?o }", "--json")
    assert ran.code == 3, ran
    assert "gone" in ran.err
    assert "Traceback" not in ran.err


def test_an_error_nobody_expected_is_still_a_paragraph(
    geoloom: Geoloom, loaded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(Store, "query", explode)
    ran = geoloom("query", loaded, "ASK {}")
    assert ran.code == 1
    assert "ZeroDivisionError" in ran.err
    assert "GEOLOOM_DEBUG=1" in ran.err
    assert "Traceback" not in ran.err
    monkeypatch.setenv("GEOLOOM_DEBUG", "1")
    assert "Traceback" in geoloom("query", loaded, "ASK {}").err


def test_warnings_of_libraries_are_one_line(
    geoloom: Geoloom, loaded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def warn(*_: object, **__: object) -> None:
        warnings.warn("the file is odd", RuntimeWarning, stacklevel=1)
        raise InputError("Cannot read it")

    monkeypatch.setattr(Store, "query", warn)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        ran = geoloom("query", loaded, "ASK {}")
    assert ran.err == "Warning: the file is odd\nError: Cannot read it.\n"


def test_interrupt(monkeypatch: pytest.MonkeyPatch, loaded: Path) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Store, "query", interrupt)
    with pytest.raises(SystemExit) as caught:
        main(["query", str(loaded), "ASK {}"])
    assert caught.value.code == 130


def test_a_closed_pipe_is_quiet(loaded: Path) -> None:
    """``geoloom query … | head -1`` ends without noise."""
    read, write = os.pipe()
    os.close(read)
    words = [sys.executable, "-m", "geoloom", "query", str(loaded), "SELECT * { ?s ?p ?o }"]
    done = subprocess.run(
        [*words, "--format", "csv"], stdout=write, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(write)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert done.returncode == 1
