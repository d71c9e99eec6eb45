"""Read ``rml:logicalTarget`` nodes (RML-IO, section "Logical Target")."""

from __future__ import annotations

from typing import Any

from rdflib import Graph, URIRef

from ontology import MappingError, UnsupportedError

from ..sinks import check_serialisation
from .locations import compression, location, one
from .model import LogicalTarget
from .vocabulary import FORMATS, RML


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
    access = one(graph, (node,), "target", where)
    if access is None:
        raise MappingError(
            "A logical target does not say where to write",
            where=where,
            remedy='add rml:target [ a rml:FilePath; rml:path "file.nq" ]',
        )
    holders = (node, access)
    path, root = location(graph, access, "cwd", where)
    if "://" in path:
        raise UnsupportedError(
            "A logical target on another machine is not written",
            where=where,
            why=path,
            remedy="write to a file and upload it",
        )
    serialisation = str(one(graph, holders, "serialization", where) or FORMATS + "N-Quads")
    check_serialisation(serialisation, where)
    return LogicalTarget(
        path=path,
        root=root,
        serialization=serialisation,
        compression=compression(graph, holders, where) or "none",
        encoding=str(one(graph, holders, "encoding", where) or "UTF-8").removeprefix(RML),
    )
