"""One user's day on the command line, with a map that becomes entity tables by itself."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import geopandas
import pyarrow.parquet as pq
import pytest
import shapely

from geoloom.cli import main
from geoloom.scenario import generate
from store import Store
from tests.store.tables.whole.filling import MAPPINGS
from tests.store.tables.whole.questions import PROLOGUE

FIELDS = 1000
ATLAS = "http://ex/atlas"

Command = Callable[..., str]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Command:
    """Run a command that must succeed; returns what it printed."""

    def command(*words: str | Path) -> str:
        capfd.readouterr()
        with pytest.raises(SystemExit) as caught:
            main([str(word) for word in words])
        out, err = capfd.readouterr()
        assert caught.value.code == 0, err
        return out

    return command


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    generate(folder, fields=FIELDS, field_format="gpkg")
    return folder


def _asked(run: Command, store: Path, text: str, *options: str) -> list[dict[str, str]]:
    printed = run("query", store, PROLOGUE + text, "--format", "json", *options)
    rows = json.loads(printed)["results"]["bindings"]
    return [{name: cell["value"] for name, cell in row.items()} for row in rows]


def _opened(store: Path) -> geopandas.GeoDataFrame:
    """The fields, read by GeoPandas from the files as they lie."""
    table = Store.open(store).snapshot().tables[0]
    assert table.name.startswith("fields_map")
    return geopandas.pd.concat([geopandas.read_parquet(part.path) for part in table.parts])


@pytest.mark.timeout(900)
def test_day(run: Command, data: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    printed = run("map", MAPPINGS / "fields.rml.ttl", "--store", store, "--base-dir", data)
    assert f"{FIELDS:,} mapped" in printed
    _reads_files(store, data)
    _asks(run, store)
    _maps_again(run, store, data)
    _updates(run, store)
    _tidies(run, store)


def _reads_files(store: Path, data: Path) -> None:
    fields, wanted = _opened(store), geopandas.read_file(data / "fields.gpkg")
    assert fields.crs is not None
    assert len(fields) == len(wanted) == FIELDS
    assert set(fields["classCode"]) == set(wanted["hcat3_code"])
    assert fields["iri"].str.startswith("https://w3id.org/geoloom/demo/field/").all()
    areas = [frame.to_crs(3035).area.sum() for frame in (fields, wanted)]
    assert areas[0] == pytest.approx(areas[1])
    for part in Store.open(store).snapshot().tables[0].parts:
        assert b"geo" in pq.read_schema(part.path).metadata


def _asks(run: Command, store: Path) -> None:
    star = """SELECT ?f ?a ?w { ?f gl:confidence ?k ; geo:hasMetricArea ?a ;
        geo:hasGeometry/geo:asWKT ?w FILTER(?k > 0.9) }"""
    assert "fields_map" in run("query", store, PROLOGUE + star, "--explain")
    rows = _asked(run, store, star)
    assert 0 < len(rows) < FIELDS
    area = sum(float(row["a"]) for row in rows)
    assert all(shapely.from_wkt(row["w"]).is_valid for row in rows)
    (total,) = _asked(run, store, "SELECT (SUM(?a) AS ?t) { ?f geo:hasMetricArea ?a }")
    assert area < float(total["t"])


def _maps_again(run: Command, store: Path, data: Path) -> None:
    """The same source again, and then one in which a number has changed."""
    mapping = MAPPINGS / "fields.rml.ttl"
    assert "0 triples written" in run("map", mapping, "--store", store, "--base-dir", data)
    changed = Path(shutil.copytree(data, store.parent / "changed"))
    with sqlite3.connect(changed / "fields.gpkg") as con:
        for (name,) in con.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            con.execute(f'DROP TRIGGER "{name}"')
        con.execute("UPDATE fields SET confidence = 0.125 WHERE field_id = 'F00000007'")
    assert "1 triples written" in run("map", mapping, "--store", store, "--base-dir", changed)
    rows = _asked(run, store, "SELECT ?k { field:F00000007 gl:confidence ?k }")
    assert len(rows) == 2
    assert {"k": "0.125"} in rows


def _updates(run: Command, store: Path) -> None:
    before = Store.open(store).snapshot().number
    run(
        "update",
        store,
        PROLOGUE + "DELETE DATA { field:F00000007 gl:confidence '0.125'^^xsd:double }",
    )
    run("update", store, PROLOGUE + "INSERT DATA { field:F00000008 a :Checked ; :by 'Ann' }")
    run("update", store, PROLOGUE + "DELETE WHERE { field:F00000009 ?p ?o }")
    extra = store.parent / "extra.ttl"
    extra.write_text(
        "<http://ex/a> <http://ex/near> <https://w3id.org/geoloom/demo/field/F00000010> ."
    )
    run("load", store, extra, "--graph", ATLAS)
    count = "SELECT (COUNT(*) AS ?n) { ?f a gl:Observation }"
    assert _asked(run, store, count) == [{"n": str(FIELDS - 1)}]
    assert _asked(run, store, count, "--as-of", str(before)) == [{"n": str(FIELDS)}]
    near = "SELECT ?c { GRAPH ?g { ?a :near ?f } ?f gl:classCode ?c }"
    assert len(_asked(run, store, near)) == 1
    assert len(json.loads(run("history", store, "--json"))) == before + 5


def _tidies(run: Command, store: Path) -> None:
    before = sorted(map(str, _asked(run, store, "SELECT * { ?s ?p ?o }")))
    assert "all as written" in run("verify", store)
    for command in ("compact", "vacuum", "verify"):
        run(command, store)
    assert sorted(map(str, _asked(run, store, "SELECT * { ?s ?p ?o }"))) == before
    assert len(json.loads(run("history", store, "--json"))) == 1
    assert len(_opened(store)) >= FIELDS - 3
