"""Choose the sink for a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from ontology import UnsupportedError, UsageError

from ..language.vocabulary import FORMATS, did_you_mean
from .converted import JSON_LD, RDF_XML, ConvertedSink
from .files import SUFFIXES, plain_name
from .ntriples import NTriplesSink
from .text import TextSink
from .turtle import TurtleSink

_Maker = Callable[..., TextSink]


def _quads(path: Path, **options: Any) -> TextSink:
    return NTriplesSink(path, quads=True, **options)


def _triples(path: Path, **options: Any) -> TextSink:
    return NTriplesSink(path, quads=False, **options)


def _turtle(path: Path, **options: Any) -> TextSink:
    return TurtleSink(path, graphs=False, **options)


def _trig(path: Path, **options: Any) -> TextSink:
    return TurtleSink(path, graphs=True, **options)


def _json_ld(path: Path, **options: Any) -> TextSink:
    return ConvertedSink(path, JSON_LD, **options)


def _rdf_xml(path: Path, **options: Any) -> TextSink:
    return ConvertedSink(path, RDF_XML, **options)


_MAKERS: Final[dict[str, _Maker]] = {
    "N-Triples": _triples,
    "N-Quads": _quads,
    "Turtle": _turtle,
    "TriG": _trig,
    "N3": _turtle,
    "JSON-LD": _json_ld,
    "RDF_XML": _rdf_xml,
}
_BY_SUFFIX: Final = {
    ".nt": "N-Triples",
    ".nq": "N-Quads",
    ".ttl": "Turtle",
    ".trig": "TriG",
    ".n3": "N3",
    ".jsonld": "JSON-LD",
    ".rdf": "RDF_XML",
}


def open_sink(path: str | Path) -> TextSink:
    """Sink for a file, by the end of its name.

    Parameters
    ----------
    path : path
        ``.nt``, ``.nq``, ``.ttl``, ``.trig``, ``.n3``, ``.jsonld`` or ``.rdf``, plain or with
        ``.gz``, ``.zst``, ``.zip``, ``.tar.gz`` or ``.tar.xz`` after it.

    Raises
    ------
    UsageError
        Another name.
    """
    suffix = Path(plain_name(Path(path))).suffix.lower()
    if suffix not in _BY_SUFFIX:
        raise UsageError(
            f"No format is known by the name {suffix or Path(path).name!r}",
            where=str(path),
            remedy=f"name the file {', '.join(_BY_SUFFIX)}, and add {', '.join(SUFFIXES)} to"
            " compress it",
        )
    return _MAKERS[_BY_SUFFIX[suffix]](Path(path))


def serialisation_sink(
    path: Path, serialisation: str, compression: str, encoding: str, where: str = ""
) -> TextSink:
    """Sink for a file of a format of ``http://www.w3.org/ns/formats/``, whatever its name.

    Raises
    ------
    UnsupportedError
        A format that is not written.
    """
    check_serialisation(serialisation, where)
    maker = _MAKERS[serialisation.removeprefix(FORMATS)]
    return maker(path, compression=compression, encoding=encoding)


def check_serialisation(serialisation: str, where: str) -> None:
    """Raise UnsupportedError for a format that is not written."""
    name = serialisation.removeprefix(FORMATS)
    if name not in _MAKERS:
        raise UnsupportedError(
            f"The serialization {name} is not written",
            where=where,
            remedy=did_you_mean(name, _MAKERS),
        )
