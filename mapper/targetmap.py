"""Read ``rml:logicalTarget`` nodes (RML-IO, section "Logical Target")."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import unquote, urlsplit

import rdflib
from rdflib import Graph, URIRef

from ontology import MappingError, UnsupportedError

from .model import LogicalTarget
from .sinks import COMPRESSIONS, check_serialisation
from .vocabulary import GL, RML, did_you_mean

_FORMATS: Final = "http://www.w3.org/ns/formats/"
_DUMPS: Final = (
    "http://rdfs.org/ns/void#dataDump",
    "http://www.w3.org/ns/dcat#downloadURL",
    "http://www.w3.org/ns/dcat#accessURL",
)
_ROOTS: Final = {RML + "MappingDirectory": "mapping", RML + "CurrentWorkingDirectory": "cwd"}


def logical_targets(graph: Graph, node: Any, where: str) -> tuple[LogicalTarget, ...]:
    """Targets of a term map, in order of their paths.

    Raises
    ------
    MappingError
        A target without a file, with unknown compression, or twice one of a property.
    UnsupportedError
        A target that is no file of this machine, or a format that is not written.
    """
    targets = {
        _logical_target(graph, target, where)
        for target in graph.objects(node, URIRef(RML + "logicalTarget"))
    }
    return tuple(sorted(targets, key=lambda target: (target.root, target.path)))


def _logical_target(graph: Graph, node: Any, where: str) -> LogicalTarget:
    access = _one(graph, (node,), "target", where)
    if access is None:
        raise MappingError(
            "A logical target does not say where to write",
            where=where,
            remedy='add rml:target [ a rml:FilePath; rml:path "file.nq" ]',
        )
    holders = (node, access)
    path, root = _location(graph, access, where)
    serialisation = str(_one(graph, holders, "serialization", where) or _FORMATS + "N-Quads")
    check_serialisation(serialisation, where)
    return LogicalTarget(
        path=path,
        root=root,
        serialization=serialisation,
        compression=_compression(graph, holders, where),
        encoding=str(_one(graph, holders, "encoding", where) or "UTF-8").removeprefix(RML),
    )


def _location(graph: Graph, access: Any, where: str) -> tuple[str, str]:
    """Path and root; RML-IO's default root is the current working directory."""
    if isinstance(access, rdflib.Literal):
        return str(access), "cwd"
    path = _one(graph, (access,), "path", where)
    if path is not None:
        root = str(_one(graph, (access,), "root", where) or RML + "CurrentWorkingDirectory")
        return str(path), _ROOTS.get(root, root)
    found = next((url for name in _DUMPS for url in graph.objects(access, URIRef(name))), None)
    if found is None:
        raise UnsupportedError(
            "A logical target is no file",
            where=where,
            why="it has neither rml:path nor void:dataDump",
            remedy='write to a file: rml:target [ a rml:FilePath; rml:path "file.nq" ]',
        )
    parts = urlsplit(str(found))
    if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
        raise UnsupportedError(
            "A logical target on another machine is not written",
            where=where,
            why=str(found),
            remedy="write to a file and upload it",
        )
    return unquote(parts.path), "cwd"


def _compression(graph: Graph, holders: tuple[Any, ...], where: str) -> str | None:
    value = _one(graph, holders, "compression", where)
    if value is None:
        return "none"
    name = str(value).removeprefix(RML).removeprefix(GL)
    if name not in COMPRESSIONS:
        raise MappingError(
            f"rml:{name} is no compression", where=where, remedy=did_you_mean(name, COMPRESSIONS)
        )
    return name


def _one(graph: Graph, holders: tuple[Any, ...], name: str, where: str) -> Any:
    """Value of a property that stands on the logical target or on what it writes to."""
    values = {value for node in holders for value in graph.objects(node, URIRef(RML + name))}
    if len(values) > 1:
        raise MappingError(
            f"Only one rml:{name} may stand", where=where, why=f"{len(values)} found"
        )
    return values.pop() if values else None
