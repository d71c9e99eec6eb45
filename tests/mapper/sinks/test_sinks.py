"""Text sinks, read back with pyoxigraph: every format, compression and encoding says the same."""

from __future__ import annotations

import errno
import gzip
import io
import lzma
import tarfile
import zipfile
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyoxigraph
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapper import open_sink
from mapper.sinks import COMPRESSIONS, TextSink, serialisation_sink
from ontology import (
    CRS84,
    RDF_TYPE,
    EntityBatch,
    InputError,
    Lane,
    Property,
    TermColumn,
    UnsupportedError,
    UsageError,
)

EX = "http://example.com/"
FORMATS = {
    ".nt": pyoxigraph.RdfFormat.N_TRIPLES,
    ".nq": pyoxigraph.RdfFormat.N_QUADS,
    ".ttl": pyoxigraph.RdfFormat.TURTLE,
    ".trig": pyoxigraph.RdfFormat.TRIG,
    ".n3": pyoxigraph.RdfFormat.N3,
    ".jsonld": pyoxigraph.RdfFormat.JSON_LD,
    ".rdf": pyoxigraph.RdfFormat.RDF_XML,
}
GRAPHS = [".nq", ".trig", ".jsonld"]


def nodes(*names: str | None) -> pa.Array:
    return pa.array([None if n is None else EX + n for n in names], pa.string())


def batch(graph: str | None = None) -> EntityBatch:
    odd = pa.array(['a "b" \\ \n\r\t é 😀', None, ""], pa.string())
    # 0 is a point at 1 2, as little-endian WKB
    point = bytes.fromhex("0101000000000000000000F03F0000000000000040")
    return EntityBatch(
        nodes("s/1", "s/2", None),
        (
            Property(RDF_TYPE, TermColumn(Lane.NODE, nodes("ns#A", "ns#B", "ns#A"))),
            Property(EX + "text", TermColumn(Lane.STRING, odd)),
            Property(EX + "text", TermColumn(Lane.LANG, odd, lang="de-at")),
            Property(EX + "n", TermColumn(Lane.INTEGER, pa.array([1, 2, 3]))),
            Property(EX + "x", TermColumn(Lane.DOUBLE, pa.array([1e-7, None, 3.0]))),
            Property(EX + "to", TermColumn(Lane.NODE, pa.array(["_:b1", EX + "a/b", None]))),
            Property("http://other.example/deep#p", TermColumn(Lane.BOOLEAN, pa.array([True] * 3))),
            Property(
                "http://www.opengis.net/ont/geosparql#asWKT",
                TermColumn(Lane.GEOMETRY, pa.array([point, None, None]), crs=CRS84),
            ),
        ),
        graph,
    )


def nothing() -> EntityBatch:
    return EntityBatch(
        nodes("s/9"), (Property(EX + "n", TermColumn(Lane.INTEGER, pa.array([None], pa.int64()))),)
    )


def quads(data: bytes, form: pyoxigraph.RdfFormat) -> list[str]:
    found = pyoxigraph.Dataset(pyoxigraph.parse(data, format=form))
    found.canonicalize(pyoxigraph.CanonicalizationAlgorithm.UNSTABLE)
    return sorted(str(quad) for quad in found)


def written(sink: TextSink, *batches: EntityBatch) -> bytes:
    with sink:
        for one in batches:
            sink.write(one)
        report = sink.commit()
    assert report.offered == sum(one.triples for one in batches)
    return sink.path.read_bytes()


@pytest.fixture
def reference(tmp_path: Path) -> list[str]:
    data = written(open_sink(tmp_path / "reference.nt"), batch(), batch())
    return quads(data, pyoxigraph.RdfFormat.N_TRIPLES)


@pytest.mark.standard("RDF 1.1: N-Triples, N-Quads, Turtle, TriG, RDF/XML; JSON-LD 1.1")
@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_says_the_same(suffix: str, tmp_path: Path, reference: list[str]) -> None:
    assert len(reference) == 12
    data = written(open_sink(tmp_path / f"out{suffix}"), batch(), nothing(), batch())
    assert quads(data, FORMATS[suffix]) == reference
    assert {path.name for path in tmp_path.iterdir()} == {"reference.nt", f"out{suffix}"}


@pytest.mark.parametrize("suffix", GRAPHS)
def test_graphs(suffix: str, tmp_path: Path) -> None:
    batches = [batch(), batch(EX + "g"), batch("_:g"), batch(EX + "g")]
    expected = written(open_sink(tmp_path / "reference.nq"), *batches)
    data = written(open_sink(tmp_path / f"out{suffix}"), *batches)
    assert quads(data, FORMATS[suffix]) == quads(expected, FORMATS[".nq"])
    assert len(quads(data, FORMATS[suffix])) == 36


@pytest.mark.parametrize("suffix", sorted(FORMATS.keys() - set(GRAPHS)))
def test_a_format_without_graphs_refuses_them(suffix: str, tmp_path: Path) -> None:
    out = tmp_path / f"out{suffix}"
    with pytest.raises(UsageError, match=r"cannot hold named graphs.*\.nq"):
        written(open_sink(out), batch(), batch(EX + "g"))
    assert list(tmp_path.iterdir()) == []


def unpacked(data: bytes, compression: str) -> bytes:
    match compression:
        case "gzip":
            return gzip.decompress(data)
        case "zstd":
            return bytes(pa.CompressedInputStream(pa.BufferReader(data), "zstd").read())
        case "zip":
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                assert archive.namelist() == ["out.nq"]
                return archive.read("out.nq")
        case "targz" | "tarxz":
            plain = gzip.decompress(data) if compression == "targz" else lzma.decompress(data)
            with tarfile.open(fileobj=io.BytesIO(plain)) as archive:
                assert archive.getnames() == ["out.nq"]
                member = archive.extractfile("out.nq")
                assert member is not None
                return member.read()
    return data


@pytest.mark.standard("RML-IO: compression of targets")
@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_compressions(compression: str, tmp_path: Path, reference: list[str]) -> None:
    ends = {"gzip": ".gz", "zstd": ".zst", "zip": ".zip", "targz": ".tar.gz", "tarxz": ".tar.xz"}
    out = tmp_path / f"out.nq{ends.get(compression, '')}"
    data = written(open_sink(out), batch(), batch())
    assert quads(unpacked(data, compression), FORMATS[".nq"]) == reference
    named = "http://www.w3.org/ns/formats/N-Quads"
    same = written(serialisation_sink(out, named, compression, "UTF-8"), batch(), batch())
    assert same == data or compression == "targz"  # which holds the time


@pytest.mark.standard("RML-IO: encoding of targets")
@pytest.mark.parametrize("encoding", ["UTF-16", "UTF-8", "UTF-16LE"])
@pytest.mark.parametrize("serialisation", ["N-Quads", "Turtle", "JSON-LD"])
def test_encodings(encoding: str, serialisation: str, tmp_path: Path, reference: list[str]) -> None:
    iri = f"http://www.w3.org/ns/formats/{serialisation}"
    sink = serialisation_sink(tmp_path / "out", iri, "none", encoding)
    text = written(sink, batch(), batch()).decode(encoding)
    assert (text[0] == "\ufeff") is False
    suffix = {"N-Quads": ".nq", "Turtle": ".ttl", "JSON-LD": ".jsonld"}[serialisation]
    assert quads(text.encode(), FORMATS[suffix]) == reference


def test_turtle_is_short(tmp_path: Path) -> None:
    text = written(open_sink(tmp_path / "out.ttl"), batch(), batch()).decode()
    assert text.count("@prefix") == 5
    assert "<http://example.com/s/1> a ns1:A ;\n    ns2:text " in text
    assert '"POINT (1 2)"^^geo:wktLiteral' in text


def test_prefixes_only_where_names_allow(tmp_path: Path) -> None:
    odd = [EX + "1a", EX + "a.b", EX + "a/", "urn:x:y", EX + "é", EX + "ok-1"]
    objects = TermColumn(Lane.INTEGER, pa.array([1]))
    one = EntityBatch(nodes("s"), tuple(Property(iri, objects) for iri in odd))
    data = written(open_sink(tmp_path / "out.ttl"), one)
    assert data.count(b"ns1:") == 2
    assert len(quads(data, FORMATS[".ttl"])) == len(odd)


@pytest.mark.parametrize("name", ["out.txt", "out", "out.gz", "out.csv.gz"])
def test_unknown_names(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.nq, \.ttl"):
        open_sink(tmp_path / name)


def test_unknown_serialisation(tmp_path: Path) -> None:
    iri = "http://www.w3.org/ns/formats/RDF_JSON"
    with pytest.raises(UnsupportedError, match="RDF_JSON is not written"):
        serialisation_sink(tmp_path / "out", iri, "none", "UTF-8")


@pytest.mark.parametrize("text", ["a\x01b", "\x0b", "\ufffe"])
def test_rdf_xml_refuses_texts_that_xml_cannot_hold(tmp_path: Path, text: str) -> None:
    texts = TermColumn(Lane.STRING, pa.array([text], pa.string()))
    one = EntityBatch(nodes("s"), (Property(EX + "p", texts),))
    with pytest.raises(UnsupportedError, match="control characters"):
        written(open_sink(tmp_path / "out.rdf"), one)
    assert list(tmp_path.iterdir()) == []


def test_rdf_xml_refuses_predicates_without_a_name(tmp_path: Path) -> None:
    objects = TermColumn(Lane.INTEGER, pa.array([1]))
    one = EntityBatch(nodes("s"), (Property(EX + "1/2", objects),))
    with pytest.raises(UnsupportedError, match="RDF/XML cannot hold"):
        written(open_sink(tmp_path / "out.rdf"), one)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [*FORMATS, ".nt.gz", ".nt.zst", ".nt.zip", ".nt.tar.xz"])
def test_all_or_nothing(suffix: str, tmp_path: Path) -> None:
    out = tmp_path / f"out{suffix}"
    out.write_text("before")
    sink = open_sink(out)
    with suppress(RuntimeError), sink:
        sink.write(batch())
        raise RuntimeError
    assert out.read_text() == "before"
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("suffix", FORMATS)
def test_each_commit_is_a_whole_file(suffix: str, tmp_path: Path, reference: list[str]) -> None:
    sink = open_sink(tmp_path / f"out{suffix}")
    written(sink, batch())
    assert quads(written(sink, batch(), batch()), FORMATS[suffix]) == reference


@pytest.mark.parametrize("suffix", FORMATS)
def test_nothing_written_is_a_valid_file(suffix: str, tmp_path: Path) -> None:
    assert quads(written(open_sink(tmp_path / f"out{suffix}")), FORMATS[suffix]) == []


@pytest.mark.parametrize("suffix", [".nt", ".ttl.zst", ".jsonld", ".nq.tar.gz"])
def test_a_missing_folder_is_named(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Cannot write the triples.*gone"):
        written(open_sink(tmp_path / "gone" / f"out{suffix}"), batch())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full (Linux)")
@pytest.mark.parametrize("suffix", [".nt", ".ttl", ".nt.gz", ".nt.zst", ".jsonld", ".nt.zip"])
def test_a_full_disk_is_named(suffix: str, tmp_path: Path, monkeypatch: Any) -> None:
    real = Path.open

    def full(self: Path, mode: str = "r", *args: Any, **options: Any) -> Any:
        if "w" in mode:
            return real(Path("/dev/full"), mode, 0)
        return real(self, mode, *args, **options)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(InputError, match=r"disk is full.*mounted at /.*bytes are free") as caught:
        written(open_sink(tmp_path / f"out{suffix}"), batch())
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno == errno.ENOSPC
    assert list(tmp_path.iterdir()) == []


TEXTS = st.one_of(st.none(), st.text(st.characters(codec="utf-8", exclude_characters="\x00")))
IRIS = st.one_of(
    st.none(), st.sampled_from(["_:b", EX, EX + "a", EX + "ns#B", "urn:x", EX + "é/ñ"])
)


@st.composite
def columns(draw: st.DrawFn, count: int) -> TermColumn:
    def values(of: st.SearchStrategy[Any], kind: pa.DataType) -> pa.Array:
        return pa.array(draw(st.lists(of, min_size=count, max_size=count)), kind)

    lane = draw(st.sampled_from([Lane.NODE, Lane.STRING, Lane.LANG, Lane.INTEGER, Lane.OTHER]))
    if lane is Lane.NODE:
        return TermColumn(lane, values(IRIS, pa.string()))
    if lane is Lane.INTEGER:
        return TermColumn(lane, values(st.one_of(st.none(), st.integers(-9, 9)), pa.int64()))
    lang = "en" if lane is Lane.LANG else None
    datatype = EX + "type" if lane is Lane.OTHER else None
    return TermColumn(lane, values(TEXTS, pa.string()), lang=lang, datatype=datatype)


@st.composite
def batches(draw: st.DrawFn) -> EntityBatch:
    count = draw(st.integers(0, 4))
    predicates = st.sampled_from([RDF_TYPE, EX + "p", EX + "q-1", EX + "1", "urn:x:p"])
    subjects = draw(st.lists(IRIS, min_size=count, max_size=count))
    properties = [
        Property(predicate, draw(columns(count)))
        for predicate in draw(st.lists(predicates, max_size=4))
    ]
    return EntityBatch(pa.array(subjects, pa.string()), tuple(properties))


@settings(max_examples=60, deadline=None)
@given(st.lists(batches(), max_size=3))
def test_any_batch_is_the_same_in_every_format(given_batches: list[EntityBatch]) -> None:
    with TemporaryDirectory() as folder:
        found = {
            suffix: quads(written(open_sink(Path(folder) / f"o{suffix}"), *given_batches), form)
            for suffix, form in FORMATS.items()
            if suffix in (".nt", ".ttl", ".trig", ".jsonld")
        }
    assert found[".ttl"] == found[".trig"] == found[".jsonld"] == found[".nt"]
