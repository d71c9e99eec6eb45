"""W3C manifests (mf:Manifest) as typed cases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rdflib import Graph, Namespace
from rdflib.collection import Collection
from rdflib.namespace import RDF
from rdflib.term import Node

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")


@dataclass(frozen=True, slots=True)
class Case:
    """One test: folder and name, type, and files; ``lax`` answers may repeat rows less often."""

    folder: str
    name: str
    kind: str
    query: Path
    data: tuple[Path, ...]
    graphs: tuple[Path, ...]
    result: Path | None
    lax: bool

    @property
    def text(self) -> str:
        """The query, with its own file as the base of relative IRIs."""
        return f"BASE <{self.query.as_uri()}>\n{self.query.read_text(encoding='utf-8')}"


def _path(node: Node | None) -> Path | None:
    return Path(str(node).removeprefix("file://")) if node is not None else None


def cases(folder: Path) -> Iterator[Case]:
    """Yield the cases of every manifest.ttl below a folder."""
    for file in sorted(folder.rglob("manifest.ttl")):
        graph = Graph().parse(file, format="turtle", publicID=file.as_uri())
        for entries in graph.objects(None, MF.entries):
            for entry in Collection(graph, entries):
                yield _case(graph, entry, file.parent.name)


def _case(graph: Graph, entry: Node, folder: str) -> Case:
    action = graph.value(entry, MF.action)
    query = graph.value(action, QT.query) or action
    return Case(
        folder=folder,
        name=f"{folder}/{graph.value(entry, MF.name)}",
        kind=str(graph.value(entry, RDF.type)).rpartition("#")[2],
        query=_path(query) or Path(),
        data=tuple(filter(None, map(_path, graph.objects(action, QT.data)))),
        graphs=tuple(filter(None, map(_path, graph.objects(action, QT.graphData)))),
        result=_path(graph.value(entry, MF.result)),
        lax=(entry, MF.resultCardinality, MF.LaxCardinality) in graph,
    )
