"""Access to the Turtle files of this package."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final

from ..errors import UsageError

if TYPE_CHECKING:
    import rdflib

VOCABULARIES: Final = ("geoloom", "shapes", "extremeearth")
"""Names of the files: the vocabulary, its SHACL shapes, the ExtremeEarth term mapping."""


def vocabulary_text(name: str = "geoloom") -> str:
    """Return a vocabulary file as Turtle.

    Parameters
    ----------
    name : str
        One of :data:`VOCABULARIES`.

    Raises
    ------
    UsageError
        If there is no such file.
    """
    if name not in VOCABULARIES:
        raise UsageError(
            f"There is no vocabulary {name!r}", remedy="use one of " + ", ".join(VOCABULARIES)
        )
    return files(__package__).joinpath(name + ".ttl").read_text(encoding="utf-8")


def vocabulary_graph(*names: str) -> rdflib.Graph:
    """Return vocabulary files as one rdflib graph, by default the vocabulary alone.

    Raises
    ------
    UsageError
        If there is no such file.
    """
    import rdflib  # takes 0.2 s to import, and most programs never look at the vocabulary

    graph = rdflib.Graph()
    for name in names or ("geoloom",):
        graph.parse(data=vocabulary_text(name), format="turtle")
    return graph
