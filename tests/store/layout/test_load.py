from __future__ import annotations

import gzip
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyoxigraph as ox
import pytest

from ontology import InputError, UnsupportedError, UsageError
from store import Store

Write = Callable[[str, str], Path]
Quads = Callable[[Store], set[ox.Quad]]


@pytest.fixture(autouse=True)
def _tokenised(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the tokeniser have even a small file."""
    monkeypatch.setattr("store.layout.line_files.SMALL_BYTES", -1)


FIELDS = """@prefix x: <http://x/> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
x:f1 a x:Field ; x:area 3000.5e0 ; x:crop "maize"@en , "Mais"@de ;
    geo:hasGeometry [ geo:asWKT "POLYGON ((14 48, 15 48, 15 49, 14 48))"^^geo:wktLiteral ] .
"""


def test_turtle_arrives_whole(store: Store, write: Write) -> None:
    report = store.load(write("fields.ttl", FIELDS))
    assert (report.offered, report.new, report.rejected) == (6, 6, ())
    assert report.seconds > 0
    assert report.triples_per_second > 0
    snapshot = store.snapshot()
    assert snapshot.number == 1
    assert snapshot.prefixes["x"] == "http://x/"
    lanes = {(table.predicate.rpartition("/")[2], str(table.lane)) for table in snapshot.lanes}
    assert ("area", "double") in lanes
    assert ("crop", "lang") in lanes
    assert ("geosparql#asWKT", "geometry") in lanes


@pytest.mark.parametrize("name", ["a.nt", "a.ttl"])
def test_loading_the_same_document_twice_changes_nothing(
    store: Store, write: Write, name: str
) -> None:
    text = "<http://a> <http://p> _:b .\n_:b <http://p> 'x' .\n_:c <http://p> 'x' .\n"
    if name == "a.ttl":
        text += "<http://a> <http://q> [ <http://p> 1 ] .\n"
    file = write(name, text.replace("'", '"'))
    first, again = store.load(file), store.load(file)
    assert first.new == first.offered
    assert again.new == 0
    assert store.snapshot().number == 1


def test_compressed_and_plain_are_one_document(store: Store, write: Write, quads_of: Quads) -> None:
    plain = write("a.nt", '_:b <http://p> "x" .\n')
    packed = plain.with_name("b.nt.gz")
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert store.load([plain, packed]).new == 1
    assert len(quads_of(store)) == 1


def test_duplicates_count_once(store: Store, write: Write) -> None:
    file = write("a.ttl", '<http://a> <http://p> 1, 1, 1.0, "1" . <http://a> <http://p> 1 .')
    report = store.load(file)
    assert (report.offered, report.new) == (5, 3)


def test_the_same_triple_in_two_graphs_is_two(store: Store, write: Write) -> None:
    file = write("a.nt", '<http://a> <http://p> "x" .\n')
    assert store.load(file, graph="http://g1").new == 1
    assert store.load(file, graph="http://g2").new == 1
    assert store.load(file).new == 1
    assert store.load(file, graph="http://g1").new == 0
    assert store.snapshot().graphs == ("http://g1", "http://g2")


def test_blank_nodes_of_two_files_stay_apart(store: Store, write: Write, quads_of: Quads) -> None:
    one = write("one.nt", '_:b <http://p> "1" .\n')
    two = write("two.nt", '_:b <http://p> "2" .\n')
    store.load([one, two])
    assert len({quad.subject for quad in quads_of(store)}) == 2


def test_named_graphs_of_the_file_stay(store: Store, write: Write, quads_of: Quads) -> None:
    text = "<http://a> <http://p> <http://b> <http://g> .\n<http://a> <http://p> <http://b> .\n"
    store.load(write("a.nq", text), graph="http://default")
    names = {quad.graph_name.value for quad in quads_of(store)}
    assert names == {"http://g", "http://default"}


def test_bad_rdf_names_the_place_and_leaves_the_store(
    store: Store, write: Write, quads_of: Quads
) -> None:
    good = write("good.nt", "<http://a> <http://p> <http://b> .\n")
    store.load(good)
    before = quads_of(store)
    bad = write("bad.nt", "<http://a> <http://p> <http://c> .\n<http://a> <http://p> oops .\n")
    with pytest.raises(InputError, match=r"bad\.nt, line 2, column 23") as caught:
        store.load([write("more.nt", "<http://x> <http://p> <http://y> .\n"), bad])
    assert caught.value.remedy is not None
    assert "skip_bad" in caught.value.remedy
    assert quads_of(store) == before
    assert store.snapshot().number == 1
    assert not list(store.path.glob("tmp-*"))
    assert store.load(good).new == 0, "the writer lock is free again"


def test_skip_bad_lists_what_it_left_out(store: Store, write: Write) -> None:
    lines = ["<http://a> <http://p> <http://b> .", "rubbish", "<http://a> <http://p> oops ."]
    lines += ['<http://a> <http://p> "ok" .']
    report = store.load(write("a.nt", "\n".join(lines) + "\n"), skip_bad=True)
    assert report.new == 2
    assert [entry.line for entry in report.rejected] == [2, 3]
    assert "a.nt, line 2" in str(report.rejected[0])


def test_geometry_that_does_not_parse_is_kept_with_a_remark(
    store: Store, write: Write, quads_of: Quads
) -> None:
    geo = "http://www.opengis.net/ont/geosparql#"
    text = "".join(
        f'<http://a{k}> <{geo}asWKT> "{wkt}"^^<{geo}wktLiteral> .\n'
        for k, wkt in enumerate(
            ["POINT (1 2)", "POYNT (1 2)", "<http://no/such/crs> POINT (1 2)", "POINT EMPTY"]
        )
    )
    report = store.load(write("a.nt", text))
    assert report.new == 4
    assert len(report.remarks) == 1
    assert "2 geometry literals" in report.remarks[0]
    assert len(quads_of(store)) == 4


def test_files_that_cannot_be_read(store: Store, write: Write, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Cannot read the file.*nowhere\.nt"):
        store.load(tmp_path / "nowhere.nt")
    torn = tmp_path / "torn.nt.gz"
    torn.write_bytes(gzip.compress(b"<http://a> <http://p> <http://b> .\n" * 1000)[:60])
    with pytest.raises(InputError, match=r"torn\.nt\.gz"):
        store.load(torn)
    with pytest.raises(InputError, match="RDF format"):
        store.load(write("a.docx", ""))
    assert store.snapshot().number == 0


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.nq", '<http://a> <http://p> "x" _:g .\n'),
        ("a.nt", "<http://a> <http://p> <<( <http://a> <http://p> <http://b> )>> .\n"),
        ("a.ttl", "<http://a> <http://p> <<( <http://a> <http://p> <http://b> )>> .\n"),
        ("b.ttl", '<http://a> <http://p> "x"@en--ltr .\n'),
    ],
)
def test_what_is_not_stored_is_refused(store: Store, write: Write, name: str, text: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        store.load(write(name, text))
    assert name in str(caught.value.where)
    assert store.snapshot().number == 0
    report = store.load(write(name, text + "<http://a> <http://p> <http://b> .\n"), skip_bad=True)
    assert (report.new, report.rejected_count) == (1, 1)
    assert name in str(report.rejected[0])


def test_a_line_that_is_not_stored_is_named(store: Store, write: Write) -> None:
    with pytest.raises(UnsupportedError, match=r"a\.nt, line 2, column 1"):
        store.load(write("a.nt", '# c\n<http://a> <http://p> "x"@en--ltr .\n'))


@pytest.mark.parametrize("graph", ["_:b", "rel", "not an iri", ""])
def test_a_graph_must_be_an_iri(store: Store, write: Write, graph: str) -> None:
    with pytest.raises(UsageError, match="The graph is not an absolute IRI"):
        store.load(write("a.nt", ""), graph=graph)


def test_a_base_must_be_an_iri(store: Store, write: Write) -> None:
    with pytest.raises(UsageError, match="The base is not an absolute IRI"):
        store.load(write("a.ttl", ""), base_iri="maps/")


def test_a_pipe_is_read_once(store: Store, tmp_path: Path) -> None:
    """What two pipes call by one label are two nodes."""
    pipe = tmp_path / "pipe.nt"
    os.mkfifo(pipe)
    for _ in range(2):
        text = '_:a <http://p> "x" .\n'
        writer = threading.Thread(target=pipe.write_text, args=(text,), daemon=True)
        writer.start()
        assert store.load(pipe).new == 1
        writer.join()


@pytest.mark.parametrize("name", ["a.nt", "a.ttl", "a.nt.gz"])
def test_a_mark_of_utf8_is_no_data(store: Store, tmp_path: Path, name: str) -> None:
    data = b'\xef\xbb\xbf<http://a> <http://p> "x" .\n'
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    assert store.load(tmp_path / name).new == 1


def test_utf16_is_named(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.nt").write_bytes('<http://a> <http://p> "x" .\n'.encode("utf-16"))
    with pytest.raises(InputError, match="UTF-16"):
        store.load(tmp_path / "a.nt")


def test_formats_by_name(store: Store, write: Write) -> None:
    rdf = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="http://x/">'
        '<rdf:Description rdf:about="http://a"><x:p>v</x:p></rdf:Description></rdf:RDF>'
    )
    assert store.load(write("a.rdf", rdf)).new == 1
    assert store.load(write("a.jsonld", '{"@id":"http://a","http://x/p":"v"}')).new == 0
    assert store.load(write("a.txt", '<http://a> <http://x/p> "v" .'), format="nt").new == 0
    assert store.load(write("r.ttl", "<r> <http://x/p> 1 ."), base_iri="http://base/").new == 1
    assert store.snapshot().known(["http://base/r"])


def test_a_document_in_two_graphs_has_two_sets_of_blank_nodes(
    store: Store, write: Write, quads_of: Quads
) -> None:
    file = write("a.nt", '_:b <http://p> "x" .\n')
    for graph in ("http://g1", "http://g2", None):
        assert store.load(file, graph=graph).new == 1
        assert store.load(file, graph=graph).new == 0
    assert len({quad.subject for quad in quads_of(store)}) == 3


def test_rejected_lines_are_set_aside(store: Store, write: Write) -> None:
    bad = '<http://a> <http://p> "caf\\x" .'
    file = write("a.nt", f'<http://a> <http://p> "x" .\n{bad}\n_:b <http://p> rubbish\n')
    report = store.load(file, skip_bad=True)
    assert (report.new, report.rejected_count) == (1, 2)
    assert report.quarantine == store.path.with_name("store.rejected")
    aside = report.quarantine.read_text().splitlines()
    assert aside[1::2] == [bad, "_:b <http://p> rubbish"]
    assert aside[0].startswith(f"# {file}, line 2, column 27: ")
    other = store.path.with_name("other.txt")
    assert store.load(file, quarantine=other).quarantine == other
    assert other.read_text().splitlines() == aside
    good = store.load(write("b.nt", '<http://a> <http://p> "x" .\n'), skip_bad=True)
    assert (good.quarantine, good.rejected_count) == (None, 0)


def test_what_is_not_stored_can_be_set_aside(store: Store, write: Write) -> None:
    text = '<http://a> <http://p> "x" _:g .\n<http://a> <http://p> "x" <http://g> .\n'
    report = store.load(write("a.nq", text), skip_bad=True)
    assert (report.new, report.rejected_count) == (1, 1)
    assert "blank" in report.rejected[0].reason


def test_lines_are_counted_across_blocks(
    store: Store, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.layout.sources.blocks.__defaults__", (100,))
    lines = [f'<http://a{k}> <http://p> "{k}" .' for k in range(200)]
    lines[150] = "rubbish"
    file = write("a.nt", "\n".join(lines))
    with pytest.raises(InputError, match=r"line 151, column 1"):
        store.load(file)
    report = store.load(file, skip_bad=True)
    assert report.new == 199
    assert report.rejected[0].line == 151


def test_zstandard(store: Store, write: Write) -> None:
    plain = write("a.nt", '_:b <http://p> "x" .\n' * 1000)
    packed = plain.with_name("b.nt.zst")
    with pa.output_stream(str(packed), compression="zstd") as out:
        out.write(plain.read_bytes())
    assert store.load([plain, packed]).new == 1
    packed.write_bytes(packed.read_bytes()[:20])
    with pytest.raises(InputError, match=r"b\.nt\.zst"):
        store.load(packed)


def test_progress_is_told(store: Store, write: Write) -> None:
    told: list[int] = []
    store.load(write("a.nt", '<http://a> <http://p> "x" .\n'), progress=told.append)
    assert told == [1]


def test_a_small_file_is_read_to_the_same_triples(
    store: Store, write: Write, quads_of: Quads, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ['_:b <http://p> "x"@EN .', "# c", "", "rubbish", '_:b <http://p> "caf\\u00e9" .']
    file = write("a.nt", "\n".join(lines))
    assert [found.line for found in store.load(file, skip_bad=True).rejected] == [4]
    held = quads_of(store)
    monkeypatch.undo()
    again = store.load(file, skip_bad=True)
    assert (again.new, [found.line for found in again.rejected]) == (0, [4])
    assert quads_of(store) == held
    assert len(held) == 2


def test_a_term_beyond_what_documents_hold_is_read_from_lines(tmp_path: Path) -> None:
    triple = f'<http://ex/a> <http://ex/p> "{"x" * 17 * 2**20}" .'
    (tmp_path / "a.ttl").write_text(triple)
    (tmp_path / "a.nt").write_text(triple)
    store = Store.create(tmp_path / "store")
    with pytest.raises(InputError, match=r"too large.*a\.ttl.*N-Triples"):
        store.load(tmp_path / "a.ttl")
    assert store.load(tmp_path / "a.nt").new == 1
