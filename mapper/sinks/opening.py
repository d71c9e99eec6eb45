"""Choose the sink for a file."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from ontology import UnsupportedError, UsageError

from ..language.vocabulary import FORMATS, did_you_mean
from .converted import JSON_LD, RDF_XML, ConvertedSink
from .files import SUFFIXES, plain_name
from .ntriples import NTriplesSink
from .text import TextSink
from .turtle import TurtleSink

_MAKERS: Final[dict[str, Callable[..., TextSink]]] = {
    "N-Triples": partial(NTriplesSink, quads=False),
    "N-Quads": partial(NTriplesSink, quads=True),
    "Turtle": partial(TurtleSink, graphs=False),
    "TriG": partial(TurtleSink, graphs=True),
    "N3": partial(TurtleSink, graphs=False),
    "JSON-LD": partial(ConvertedSink, target=JSON_LD),
    "RDF_XML": partial(ConvertedSink, target=RDF_XML),
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
