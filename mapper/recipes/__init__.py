"""Ready mappings for public data sets: each file beside this is one, and describes itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import quote

import pyoxigraph
from pyoxigraph import NamedNode

from ontology import InputError, MappingError

from ..language.model import Mapping
from ..language.parse import load_mapping
from ..language.vocabulary import VECTOR, did_you_mean

_SUFFIX: Final = ".rml.ttl"
_BASE: Final = "https://w3id.org/geoloom/recipes/"
_DATA: Final = "https://w3id.org/geoloom/data/"
_DCTERMS: Final = "http://purl.org/dc/terms/"
_PACKED: Final = frozenset({".zip", ".gz", ".zst", ".tar", ".tgz", ".bz2", ".xz"})


@dataclass(frozen=True, slots=True)
class Recipe:
    """A mapping geoloom carries, and the data set it is for.

    Attributes
    ----------
    name : str
    title, description : str
        Of the data set; what becomes of it.
    files : str
        The kinds of files it takes, and which columns they need.
    source_url : str
        Where the data set is published.
    licence : str
        Of the data set: an IRI, or a name where it has none.
    """

    name: str
    title: str
    description: str
    files: str
    source_url: str
    licence: str


@cache
def recipes() -> tuple[Recipe, ...]:
    """Return all recipes by name.

    Examples
    --------
    >>> "eurocrops" in {recipe.name for recipe in recipes()}
    True
    """
    folder = Path(__file__).parent
    return tuple(recipe_of(path) for path in sorted(folder.glob("*" + _SUFFIX)))


def load_recipe(
    name: str,
    file: str | Path,
    *,
    base_iri: str | None = None,
    layer: str | None = None,
    crs: str | None = None,
) -> Mapping:
    """Load a recipe for a file; run it with ``run_mapping(mapping, sink, file=file)``.

    Parameters
    ----------
    name : str
    file : path
        Only its name is looked at.
    base_iri : str, optional
        Subjects begin with it, so that those of several files stay apart. Default
        ``https://w3id.org/geoloom/data/{name}/{file name without suffixes}/``.
    layer : str, optional
        To read where the file has several, instead of what the recipe says.
    crs : str, optional
        Of the file, where it does not say its CRS, or says it wrongly.

    Raises
    ------
    InputError
        There is no recipe of this name.
    """
    names = [recipe.name for recipe in recipes()]
    if name not in names:
        raise InputError(
            f"There is no recipe {name!r}",
            why="there are " + ", ".join(names),
            remedy=did_you_mean(name, names),
        )
    base = base_iri or f"{_DATA}{name}/{quote(_stem(Path(file).name), safe='')}/"
    mapping = load_mapping(Path(__file__).with_name(name + _SUFFIX), base_iri=base)
    return _said_by_the_user(mapping, layer, crs)


def _said_by_the_user(mapping: Mapping, layer: str | None, crs: str | None) -> Mapping:
    """The mapping with every vector source reading this layer, and every source in this CRS."""
    maps = []
    for rule in mapping.triples_maps:
        given = {"layer": layer if rule.source.formulation == VECTOR else None, "crs": crs}
        said = {option: value for option, value in given.items() if value is not None}
        options = tuple(sorted({**dict(rule.source.options), **said}.items()))
        maps.append(replace(rule, source=replace(rule.source, options=options)))
    return replace(mapping, triples_maps=tuple(maps))


def _stem(name: str) -> str:
    path = Path(name)
    while path.suffix.lower() in _PACKED:
        path = path.with_suffix("")
    return path.stem


def recipe_of(path: Path) -> Recipe:
    """Read what a recipe says of itself: Dublin Core terms on the document's own node.

    The node is ``<>`` with ``@base <https://w3id.org/geoloom/recipes/NAME>``: its
    ``dcterms:title``, ``dcterms:description``, ``dcterms:format`` and ``dcterms:source``, and
    the source's ``dcterms:license``.

    Raises
    ------
    MappingError
        One of them is missing, or stands twice.
    """
    name = path.name.removesuffix(_SUFFIX)
    graph = pyoxigraph.Store()
    graph.bulk_extend(pyoxigraph.parse(path=str(path), format=pyoxigraph.RdfFormat.TURTLE))

    def one(subject: NamedNode, term: str) -> str:
        found = [
            quad.object.value
            for quad in graph.quads_for_pattern(subject, NamedNode(_DCTERMS + term), None)
            if isinstance(quad.object, NamedNode | pyoxigraph.Literal)
        ]
        if len(found) != 1:
            raise MappingError(
                f"A recipe needs one dcterms:{term}",
                where=f"{path}: <{subject.value}>",
                why=f"{len(found)} found",
                remedy=f"write it on <> with @base <{_BASE}{name}>",
            )
        return found[0]

    document = NamedNode(_BASE + name)
    source = one(document, "source")
    return Recipe(
        name,
        one(document, "title"),
        one(document, "description"),
        one(document, "format"),
        source,
        one(NamedNode(source), "license"),
    )
