"""Constants of a query are looked up: the answer is that of a scan, and little is read for it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ontology import StoreError
from store import Store
from store.layout import lane_files, parts
from store.layout.manifest import FileEntry, manifest_path
from store.layout.snapshot import StoredSnapshot

ROWS = 1000
E = "https://example.org/"


def lines(rows: int) -> Iterator[str]:
    for k in range(rows):
        subject = f"<{E}s/{k}>"
        yield f'{subject} <{E}name> "name {k}" .'
        yield f"{subject} <{E}knows> <{E}s/{k * 7 % rows}> ."
        yield f"{subject} <{E}in> <{E}region/{k % 50}> ."
        yield f'{subject} <{E}size> "{k % 100}"^^<http://www.w3.org/2001/XMLSchema#integer> .'
        if k % 97 == 0:
            yield f'{subject} <{E}name> "second name {k}" .'
            yield f"{subject} <{E}rare> <{E}s/{k + 1}> ."


@pytest.fixture(scope="module", autouse=True)
def small_files() -> Iterator[None]:
    """Lanes and tables of several files, each with an index."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "PART_ROWS", 300)
        patch.setattr(lane_files, "GROUP_ROWS", 50)
        yield


@pytest.fixture(scope="module", params=["never", "always"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("looked-up")
    (folder / "data.nt").write_text("\n".join(lines(ROWS)), encoding="utf-8")
    made = Store.create(folder / "store", tables=request.param)
    made.load(folder / "data.nt")
    return made


def answer(store: Store, text: str) -> Counter[str]:
    return Counter(str(sorted(row.items())) for row in store.query(text).rows())


def scanned(store: Store, text: str, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    with monkeypatch.context() as patch:
        patch.setattr(StoredSnapshot, "rows_of", lambda *_: {})
        return answer(Store.open(store.path), text)


numbers = st.integers(0, ROWS + 2) | st.integers(0, 3).map(lambda k: 97 * k)
subjects = st.just("?s") | numbers.map(lambda k: f"<{E}s/{k}>")
predicates = st.sampled_from(["?p", f"<{E}name>", f"<{E}knows>", f"<{E}in>", f"<{E}rare>"])
objects = st.sampled_from(["?o", '"name 97"', "50", f"<{E}region/3>"]) | subjects
listed = st.lists(numbers, min_size=1, max_size=3).map(lambda ks: [f"<{E}s/{k}>" for k in ks])
filters = st.one_of(
    st.just(""),
    listed.map(lambda nodes: f"FILTER(?s IN ({', '.join(nodes)}))"),
    listed.map(lambda nodes: f"VALUES ?s {{ {' '.join(nodes)} }}"),
    listed.map(lambda nodes: f"VALUES ?o {{ {' '.join(nodes)} UNDEF <{E}region/3> }}"),
)
patterns = (
    st.tuples(subjects, predicates, objects).filter(lambda p: "<" in p[0] + p[2]).map(" ".join)
)
forms = st.sampled_from(
    [
        "SELECT * {{ {0} {2} }}",
        "SELECT * {{ {0} . {1} {2} }}",
        "SELECT * {{ {0} OPTIONAL {{ {1} }} {2} }}",
        "SELECT (COUNT(*) AS ?n) {{ {{ {0} }} UNION {{ {1} }} {2} }}",
    ]
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(form=forms, first=patterns, second=patterns, test=filters)
def test_look_ups_equal_scans(
    store: Store, monkeypatch: pytest.MonkeyPatch, form: str, first: str, second: str, test: str
) -> None:
    text = form.format(first, second, test) + " "
    assert answer(store, text) == scanned(store, text, monkeypatch)


def test_a_subject_is_described_from_few_files(store: Store) -> None:
    found = store.query(f"SELECT ?p ?o {{ <{E}s/98> ?p ?o }}")
    assert len(found) == 4
    assert found.info["files"] <= 4
    nobody = store.query(f"SELECT ?p ?o {{ <{E}region/1> ?p ?o }}")
    assert len(nobody) == 0
    assert nobody.info["files"] == 0


def test_explain_says_what_is_read(store: Store) -> None:
    told = str(store.explain(f"SELECT ?o {{ <{E}s/5> <{E}knows> ?o }}"))
    assert "1 of 4" in told
    assert "file_row_number" in told


def test_a_damaged_index_is_named(tmp_path: Path) -> None:
    store = small(tmp_path, "never")
    index = next(store.path.rglob("*.arrow"))
    content = bytearray(index.read_bytes())
    content[len(content) // 2] ^= 0xFF
    index.write_bytes(content)
    with pytest.raises(StoreError, match=index.name):
        Store.open(store.path).query(f"SELECT * {{ <{E}s/5> ?p ?o }}")
    assert [problem.file for problem in store.verify().problems] == [str(index)]
    index.unlink()
    with pytest.raises(StoreError, match=index.name):
        Store.open(store.path).query(f"SELECT * {{ <{E}s/5> ?p ?o }}")


def test_files_without_index_are_scanned(tmp_path: Path) -> None:
    store = small(tmp_path, "never")
    path = manifest_path(store.path, store.snapshot().number)
    document = json.loads(path.read_text(encoding="utf-8"))
    del document["digest"]
    for lane in document["lanes"]:
        for file in lane["files"]:
            del file["index"]
    path.write_text(json.dumps(document), encoding="utf-8")
    old = Store.open(store.path)
    assert not any(isinstance(file.index, FileEntry) for file in old.snapshot().manifest.files)
    assert len(old.query(f"SELECT * {{ <{E}s/5> ?p ?o }}")) == 4


def test_vacuum_keeps_the_indexes_in_use(tmp_path: Path) -> None:
    store = small(tmp_path, "never")
    store.update(f'DELETE DATA {{ <{E}s/5> <{E}name> "name 5" }}')
    store.vacuum()
    assert store.verify().ok
    assert len(store.query(f"SELECT * {{ <{E}s/5> ?p ?o }}")) == 3


@pytest.mark.parametrize("tables", ["never", "always"])
def test_what_was_looked_up_is_of_its_snapshot(tmp_path: Path, tables: str) -> None:
    store = small(tmp_path, tables)
    text = f"SELECT ?o {{ <{E}s/5> <{E}name> ?o }}"
    before = store.snapshot().number
    assert [row["o"] for row in values(store, text)] == ["name 5"]
    store.update(
        f'DELETE {{ ?s <{E}name> ?o }} INSERT {{ ?s <{E}name> "other" }}'
        f" WHERE {{ ?s <{E}name> ?o FILTER(?s = <{E}s/5>) }}"
    )
    assert [row["o"] for row in values(store, text)] == ["other"]
    assert [row["o"] for row in values(store, text, as_of=before)] == ["name 5"]
    store.update(f"DELETE WHERE {{ <{E}s/5> ?p ?o }}")
    assert values(store, text) == []
    assert [row["o"] for row in values(store, text, as_of=before)] == ["name 5"]
    store.compact()
    assert values(store, text) == []
    assert [row["o"] for row in values(store, text.replace("s/5", "s/6"))] == ["name 6"]


def small(folder: Path, tables: str) -> Store:
    (folder / "data.nt").write_text("\n".join(lines(ROWS)), encoding="utf-8")
    made = Store.create(folder / "store", tables=tables)  # type: ignore[arg-type]
    made.load(folder / "data.nt")
    return made


def values(store: Store, text: str, as_of: int | None = None) -> list[dict[str, str]]:
    found = store.query(text, as_of=as_of).rows()
    return [{name: term.lexical for name, term in row.items()} for row in found]  # type: ignore


def test_a_predicate_may_be_called_as_the_engine_calls_row_numbers(tmp_path: Path) -> None:
    lines = [
        f'<{E}s/{k}> <{E}file_row_number> "{k}" .\n<{E}s/{k}> <{E}rowid> "{k + 1}" .'
        for k in range(100)
    ]
    (tmp_path / "data.nt").write_text("\n".join(lines), encoding="utf-8")
    store = Store.create(tmp_path / "store", tables="always")
    store.load(tmp_path / "data.nt")
    assert values(store, f"SELECT ?o {{ <{E}s/98> <{E}file_row_number> ?o }}") == [{"o": "98"}]
    found = values(store, f"SELECT ?o {{ <{E}s/98> ?p ?o }} ORDER BY ?o")
    assert found == [{"o": "98"}, {"o": "99"}]
