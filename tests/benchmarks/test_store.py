"""The store benchmark compares like with like: same triples, same answers, a limit that holds."""

from __future__ import annotations

import sys
from itertools import chain, islice
from pathlib import Path

import pyoxigraph as ox
import pytest

from benchmarks.fields import TRIPLES_PER_FIELD, field_batches, write_batches
from benchmarks.store.answers import of_arrow, of_oxigraph, of_result
from benchmarks.store.around import around_batches
from benchmarks.store.clients import Heard, requests
from benchmarks.store.queries import HUNDRED_TIMES, QUERIES, SCANS, SELECTIVE
from benchmarks.store.serving import oxigraph_command
from benchmarks.store.systems import Systems
from benchmarks.store.watch import run_watched
from store import Store

FIELDS = 15_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store from batches, and Oxigraph from the N-Triples of them."""
    folder = tmp_path_factory.mktemp("benchmark")
    made = Store.create(folder / "geoloom")
    with made.begin("fields") as sink:
        for group in chain(field_batches(FIELDS), around_batches(FIELDS)):
            for batch in group:
                sink.write(batch)
    write_batches(folder / "data.nt", chain(field_batches(FIELDS), around_batches(FIELDS)))
    peer = ox.Store(str(folder / "oxigraph"))
    peer.bulk_load(path=folder / "data.nt", format=ox.RdfFormat.N_TRIPLES)
    peer.flush()
    return folder


@pytest.fixture(scope="module")
def systems(folder: Path) -> Systems:
    return Systems(folder / "geoloom", folder / "oxigraph")


@pytest.mark.parametrize("case", QUERIES)
def test_systems_agree(systems: Systems, case: str) -> None:
    ours = of_result(systems.ours(case))
    assert ours == of_arrow(systems.by_hand(case))
    assert ours == of_oxigraph(systems.peer(case))
    assert ours or case == "window, 1 km"


def test_batches_and_triples_are_the_same(folder: Path, tmp_path: Path) -> None:
    loaded = Store.create(tmp_path / "store")
    report = loaded.load(folder / "data.nt")
    expected = Store.open(folder / "geoloom")
    assert report.new == expected.snapshot().manifest.triples
    for store, path in ((loaded, tmp_path / "a.nt"), (expected, tmp_path / "b.nt")):
        store.dump(path)
    first, second = ((tmp_path / name).read_text().splitlines() for name in ("a.nt", "b.nt"))
    assert sorted(first) == sorted(second)


def test_fields_are_the_same_each_time() -> None:
    first, second = (next(field_batches(100)) for _ in range(2))
    assert first == second
    assert sum(len(b.subjects) * len(b.properties) for b in first) == 100 * TRIPLES_PER_FIELD


def test_named_queries_exist() -> None:
    assert {*SCANS, *SELECTIVE, *HUNDRED_TIMES} <= {*QUERIES}


def test_clients_ask_different_queries() -> None:
    texts = [form for client in range(3) for _, form in islice(requests(1000, client), 20)]
    assert len({*texts}) > 50
    assert {kind for kind, _ in islice(requests(1000, 0), 20)} == {"point", "window"}


def test_what_came_late_counts_in_percentiles_only() -> None:
    heard = Heard(2, 10.0, ["point"] * 3, [1.0, 2.0, 12.0], [0.1, 0.1, 9.0])
    assert heard.rate == 0.2
    assert heard.percentile(1.0) == 9.0
    assert heard.median("window") == float("inf")


def test_a_tree_of_processes_may_not_hold_more_than_its_limit() -> None:
    hold = "held = bytearray(120_000_000)\nimport time\ntime.sleep(5)"
    outer = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {hold!r}])"
    with pytest.raises(SystemExit, match="more than the limit"):
        run_watched([sys.executable, "-c", outer], limit=100_000_000)


def test_a_watched_command_tells_its_output_and_peak() -> None:
    hold = "held = b'x' * 50_000_000\nimport time\ntime.sleep(0.3)\nprint('done')"
    done = run_watched([sys.executable, "-c", hold], limit=1 << 30)
    assert done.output.strip() == "done"
    assert 50 < done.peak_mb < 200
    with pytest.raises(SystemExit, match="ended with 3"):
        run_watched([sys.executable, "-c", "raise SystemExit(3)"])


def test_a_server_that_is_not_installed_is_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert oxigraph_command(tmp_path, 1) is None
    (tmp_path / "oxigraph").touch()
    assert oxigraph_command(tmp_path, 1) is not None
