"""Packed sources of every kind, whole and damaged."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from ontology import InputError, MappingError, UnsupportedError

CSV = b"id,v\n1,a\n2,b\n"
JSON = b'[{"id": 1, "v": "a"}, {"id": 2, "v": "b"}]'
XML = b"<rows><row><id>1</id><v>a</v></row><row><id>2</id><v>b</v></row></rows>"
KINDS = {
    "csv": (CSV, "rml:CSV", ""),
    "json": (JSON, "rml:JSONPath", 'rml:iterator "$[*]" ;'),
    "xml": (XML, "rml:XPath", 'rml:iterator "/rows/row" ;'),
}


def zipped(*files: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return out.getvalue()


def tarred(mode: str) -> Callable[[bytes], bytes]:
    def pack(content: bytes) -> bytes:
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode=f"w:{mode}") as archive:  # type: ignore[call-overload]
            entry = tarfile.TarInfo("folder/in.txt")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        return out.getvalue()

    return pack


PACKINGS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    ".gz": ("gzip", lambda content: gzip.compress(content, mtime=0)),
    ".zst": ("zstd", lambda content: bytes(pa.compress(content, "zstd", asbytes=True))),
    ".bz2": ("bz2", bz2.compress),
    ".xz": ("xz", lzma.compress),
    ".zip": ("zip", lambda content: zipped(("in.txt", content))),
    ".tar": ("tar", tarred("")),
    ".tar.gz": ("targz", tarred("gz")),
    ".tgz": ("targz", tarred("gz")),
    ".tar.xz": ("tarxz", tarred("xz")),
}


def source(kind: str, name: str, extra: str = "") -> str:
    _, formulation, iterator = KINDS[kind]
    return (
        f'[ rml:source [ a rml:FilePath ; rml:path "{name}" {extra} ] ; {iterator}'
        f" rml:referenceFormulation {formulation} ]"
    )


def objects(run: Any, turtle: Any, kind: str, name: str, extra: str = "") -> list[str]:
    text = turtle('rml:reference "v"', source=source(kind, name, extra))
    return list(run.objects(text))


@pytest.mark.parametrize("suffix", PACKINGS)
@pytest.mark.parametrize("kind", KINDS)
def test_packings_by_name(run, turtle, kind: str, suffix: str) -> None:
    run.file(f"in.{kind}{suffix}", PACKINGS[suffix][1](KINDS[kind][0]))
    assert objects(run, turtle, kind, f"in.{kind}{suffix}") == ['"a"', '"b"']


@pytest.mark.standard("RML-IO: compression of sources")
@pytest.mark.parametrize("suffix", [".gz", ".zip", ".tar.gz", ".tar.xz"])
@pytest.mark.parametrize("kind", KINDS)
def test_packings_by_mapping(run, turtle, kind: str, suffix: str) -> None:
    name, pack = PACKINGS[suffix]
    run.file("packed", pack(KINDS[kind][0]))
    assert objects(run, turtle, kind, "packed", f"; rml:compression rml:{name}") == ['"a"', '"b"']
    run.file(f"in{suffix}", KINDS[kind][0])
    assert objects(run, turtle, kind, f"in{suffix}", "; rml:compression rml:none") == [
        '"a"',
        '"b"',
    ]


@pytest.mark.parametrize("suffix", PACKINGS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("damage", ["cut", "other"])
def test_damaged_packings(run, turtle, kind: str, suffix: str, damage: str) -> None:
    ballast = b" " * 40_000
    packed = PACKINGS[suffix][1](KINDS[kind][0] + ballast)
    run.file(f"in.{kind}{suffix}", packed[: len(packed) // 2] if damage == "cut" else b"no packing")
    with pytest.raises(InputError, match=rf"in\.{kind}"):
        objects(run, turtle, kind, f"in.{kind}{suffix}")
    assert not (run.folder / "out.nq").exists()


def test_files_of_an_archive(run, turtle) -> None:
    extras = ("__MACOSX/._in.csv", b"?"), ("sub/", b"")
    run.file("in.zip", zipped(("sub/in.csv", CSV), *extras))
    assert objects(run, turtle, "csv", "in.zip") == ['"a"', '"b"']
    run.file("in.zip", zipped(("one.csv", CSV), ("two.csv", b"id,v\n1,c\n")))
    with pytest.raises(InputError, match=r"one\.csv, two\.csv") as caught:
        objects(run, turtle, "csv", "in.zip")
    assert "gl:member" in caught.value.remedy
    assert objects(run, turtle, "csv", "in.zip", '; gl:member "two.csv"') == ['"c"']
    with pytest.raises(InputError, match=r"'two\.csv'"):
        objects(run, turtle, "csv", "in.zip", '; gl:member "tow.csv"')
    run.file("in.zip", zipped())
    with pytest.raises(InputError, match="no file"):
        objects(run, turtle, "csv", "in.zip")


def test_unknown_compression(run, turtle) -> None:
    run.file("in.csv", CSV)
    with pytest.raises((MappingError, UnsupportedError)):
        objects(run, turtle, "csv", "in.csv", "; rml:compression rml:rar")
