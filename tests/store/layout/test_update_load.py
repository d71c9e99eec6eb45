"""LOAD in an update: from allowed places only, all or nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from ontology import (
    DeadlineError,
    GeoloomError,
    InputError,
    MemoryLimitError,
    RemoteError,
    StoreError,
    UsageError,
)
from store import Store, UpdateReport

Write = Callable[[str, str], Path]
Quads = Callable[[Store], set[ox.Quad]]

TURTLE = "PREFIX seen: <http://seen/> <#a> <http://p> 1 , <b> ; <http://q> [] ."


@pytest.fixture
def data(tmp_path: Path, write: Write) -> Path:
    (tmp_path / "data" / "below").mkdir(parents=True)
    return write("data/below/x y.ttl", TURTLE)


def test_a_file_is_loaded_from_an_allowed_folder(store: Store, quads_of: Quads, data: Path) -> None:
    text = f"LOAD <{data.as_uri()}> ; LOAD <{data.as_uri()}> INTO GRAPH <http://g>"
    report = store.update(text, load_from=[data.parent.parent])
    assert report == UpdateReport(inserted=6, deleted=0)
    assert store.snapshot().number == 1
    assert store.snapshot().graphs == ("http://g",)
    assert store.snapshot().prefixes["seen"] == "http://seen/"
    subjects = {quad.subject.value for quad in quads_of(store)}
    assert subjects == {data.as_uri() + "#a"}
    assert store.update(text, load_from=[str(data)]) == UpdateReport(0, 0)


def test_later_operations_see_what_was_loaded(store: Store, data: Path) -> None:
    text = (
        f"LOAD <{data.as_uri()}> ; DELETE {{ ?s <http://p> ?o }} WHERE {{ ?s <http://p> ?o }} ;"
        f"LOAD SILENT <{data.as_uri()}.gone> ; INSERT DATA {{ <http://a> <http://p> 7 }}"
    )
    assert store.update(text, load_from=[data.parent]) == UpdateReport(inserted=4, deleted=2)


def test_what_is_not_allowed_is_refused(store: Store, tmp_path: Path, data: Path) -> None:
    outside = tmp_path / "outside.ttl"
    outside.write_text(TURTLE)
    link = data.parent / "link.ttl"
    link.symlink_to(outside)
    allowed = [data.parent, "https://example.org/data/", "http://127.0.0.1:8000/a.ttl"]
    calls: list[str] = []
    for iri in (
        outside.as_uri(),
        link.as_uri(),
        data.parent.as_uri() + "/../../outside.ttl",
        data.parent.as_uri() + "/%2e%2e/%2e%2e/outside.ttl",
        data.parent.as_uri() + "-next/x.ttl",
        "file://elsewhere" + data.as_uri().removeprefix("file://"),
        "https://example.org/database",
        "https://example.org/data/../secret",
        "https://example.org/data/%2e%2e/secret",
        "https://example.org:444/data/x",
        "https://example.org.evil.org/data/x",
        "https://me@example.org/data/x",
        "http://example.org/data/x",
        "http://127.0.0.1:8000/b.ttl",
    ):
        with pytest.raises(UsageError, match="may not read") as caught:
            store.update(f"LOAD <{iri}>", load_from=allowed, fetch=_fetching(data, calls))
        assert "--allow-load" in (caught.value.remedy or "")
        with pytest.raises(UsageError, match="may not read"):
            store.update(f"LOAD <{iri}>")
        text = f"LOAD SILENT <{iri}> INTO GRAPH <http://g>"
        assert store.update(text, load_from=allowed) == UpdateReport(0, 0)
    assert not calls
    assert store.snapshot().number == 0
    with pytest.raises(InputError, match="files and the web only"):
        store.update("LOAD <ftp://example.org/x.ttl>", load_from=["ftp://example.org/"])


def _fetching(
    data: Path, calls: list[str], media: str | None = "text/turtle; charset=utf-8"
) -> Callable[[str, Path, bool], str | None]:
    def fetch(url: str, file: Path, public_only: bool) -> str | None:
        calls.append(f"{url} {'public' if public_only else 'any'}")
        shutil.copy(data, file)
        return media

    return fetch


def test_the_web_is_read_through_the_fetcher_given(
    store: Store, quads_of: Quads, data: Path
) -> None:
    calls: list[str] = []
    fetch = _fetching(data, calls)
    for url, place in (
        ("https://example.org/data/x?y=1", "https://example.org/data/"),
        ("https://example.org/data", "https://example.org/data"),
        ("https://elsewhere.org/", "https://"),
        ("http://127.0.0.1:8000/a.ttl", "http://127.0.0.1:8000"),
    ):
        assert store.update(f"LOAD <{url}>", load_from=[place], fetch=fetch).inserted == 3
        assert f"{url}#a".partition("?")[0] in str(quads_of(store))
    assert [call.rpartition(" ")[2] for call in calls] == ["any", "any", "public", "any"]
    plain = _fetching(data, calls, "text/plain")
    named = "LOAD <https://example.org/data/file.ttl>"
    assert store.update(named, load_from=["https://"], fetch=plain).inserted == 3
    with pytest.raises(InputError, match="Cannot tell the RDF format"):
        store.update("LOAD <https://example.org/data/>", load_from=["https://"], fetch=plain)
    with pytest.raises(UsageError, match="may not read"):
        store.update(named, load_from=["https://"])


def test_a_failing_load_leaves_nothing(
    store: Store, quads_of: Quads, data: Path, write: Write
) -> None:
    bad = write("data/bad.ttl", "<http://a> <http://p> 1 . <http://a> <http://p> nonsense .")

    def failing(url: str, file: Path, public_only: bool) -> str | None:
        raise RemoteError("The document cannot be fetched", where=url)

    store.update("INSERT DATA { <http://old> <http://p> 1 }")
    before = quads_of(store)
    for iri, error in (
        (bad.as_uri(), InputError),
        (data.as_uri() + ".gone", InputError),
        ("https://example.org/x", RemoteError),
    ):
        with pytest.raises(error):
            store.update(
                f"INSERT DATA {{ <http://a> <http://p> 2 }} ; LOAD <{iri}>",
                load_from=[bad.parent, "https://"],
                fetch=failing,
            )
        assert quads_of(store) == before
        text = f"LOAD SILENT <{iri}> ; INSERT DATA {{ <http://a> <http://p> 2 }}"
        report = store.update(text, load_from=[bad.parent, "https://"], fetch=failing)
        assert report.inserted == 1
        store.update("DELETE DATA { <http://a> <http://p> 2 }")
    files = {store.path / entry.path for entry in store.snapshot().manifest.files}
    store.vacuum()
    assert set(store.path.rglob("*.parquet")) == files


@pytest.mark.parametrize("iri", ["http://[bad/x.ttl", "file:///a%00b.ttl", "file://%s/loop/x.ttl"])
def test_an_address_that_is_none_is_named(store: Store, tmp_path: Path, iri: str) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    iri = iri.replace("%s", str(tmp_path))
    places = ["/", "http://[bad", "http://"]
    with pytest.raises((InputError, UsageError)) as caught:
        store.update(f"LOAD <{iri}>", load_from=places)
    assert caught.value.where is not None
    assert store.update(f"LOAD SILENT <{iri}>", load_from=places) == UpdateReport(0, 0)


@pytest.mark.parametrize("error", [StoreError, DeadlineError, MemoryLimitError])
def test_silent_does_not_hide_what_is_not_the_documents_fault(
    store: Store, error: type[GeoloomError]
) -> None:
    def fetch(url: str, file: Path, public_only: bool) -> str | None:
        raise error("Stopped")

    with pytest.raises(error):
        store.update("LOAD SILENT <http://a/x.ttl>", load_from=["http://a/"], fetch=fetch)
    assert store.snapshot().number == 0
