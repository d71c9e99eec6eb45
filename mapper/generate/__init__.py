"""Write a first mapping for a file: keys, datatypes, geometry, links and code lists are guessed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ontology import PREFIXES

from ..describe import SourceDescription, describe_source
from ..language.vocabulary import D2RQ, GL, RML
from .layers import guess_layers
from .stub import stub_lines
from .writing import LayerWriter

__all__ = ["Generated", "generate", "generate_mapping"]

_OWL: Final = "http://www.w3.org/2002/07/owl#"


@dataclass(frozen=True, slots=True)
class Generated:
    """Turtle of a mapping, and of the vocabulary it uses."""

    mapping: str
    vocabulary: str


def generate(
    file: str | Path, *, base_iri: str = "http://example.com/", beside: str | Path | None = None
) -> Generated:
    """Write an RML mapping for a file and a stub of its vocabulary, to be corrected by hand.

    Up to a million rows are read; the same file always gives the same texts.

    Parameters
    ----------
    file : path
        Anything :func:`mapper.describe_source` knows, also the URL of a database.
    base_iri : str
        Subjects become ``{base_iri}{layer}/{key}``, predicates ``{base_iri}ns#{column}``.
    beside : path, optional
        Folder the mapping will lie in; its paths begin there. Default the file's folder.

    Returns
    -------
    Generated
        The mapping is what :func:`mapper.load_mapping` takes and maps the file as it is.
        Guesses are marked by comments.

    Raises
    ------
    InputError
        The file is missing or of no known kind.
    """
    base = base_iri if base_iri.endswith(("/", "#")) else base_iri + "/"
    descriptions = describe_source(file)
    folder = Path(file).parent
    layers = guess_layers(descriptions, folder)
    databases = any(one.source.database for one in descriptions)
    mapping = _head(base, ("rml", "gl", "geo", "rdfs", "xsd", "ns"), d2rq=databases)
    mapping.append(f"@base <{base}mapping/> .")
    for layer in layers:
        path = _path(layer.description, folder, beside)
        mapping += ["", *LayerWriter(layer, layers, base, path).lines()]
    stub = _head(base, ("geo", "rdfs", "xsd", "ns"), owl=True)
    stub += stub_lines(layers)
    return Generated("\n".join(mapping) + "\n", "\n".join(stub) + "\n")


def generate_mapping(
    file: str | Path, *, base_iri: str = "http://example.com/", beside: str | Path | None = None
) -> str:
    """Write only the mapping of :func:`generate`."""
    return generate(file, base_iri=base_iri, beside=beside).mapping


def _head(base: str, used: tuple[str, ...], *, d2rq: bool = False, owl: bool = False) -> list[str]:
    prefixes = {**PREFIXES, "rml": RML, "gl": GL, "ns": base + "ns#", "d2rq": D2RQ, "owl": _OWL}
    names = (*used, *(["d2rq"] if d2rq else []), *(["owl"] if owl else []))
    return [f"@prefix {name}: <{prefixes[name]}> ." for name in names]


def _path(description: SourceDescription, folder: Path, beside: str | Path | None) -> str:
    name = description.source.path
    if beside is None or not name:
        return name
    return Path(os.path.relpath((folder / name).resolve(), Path(beside).resolve())).as_posix()
