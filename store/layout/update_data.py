"""``INSERT DATA`` and ``DELETE DATA``: ground quads on their way into columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Final, cast

import pyoxigraph as ox

from ontology import IRI, BlankNode, Literal, QuerySyntaxError, Term

from ..algebra import Node, Var
from ..sparql.data_blocks import DataBlock
from ..sparql.updates import Data
from .quads import QuadGatherer
from .staging import Staging

_LABELLED: Final = ".b_"
"""How the names of variables begin that stand for a blank node with a label."""


def gather(operation: Data, staging: Staging, scope: str, labels: set[str]) -> None:
    """Stage the quads of an operation.

    Parameters
    ----------
    operation : Data
    staging : Staging
    scope : str
        Prefix of the labels of blank nodes: they belong to the operation.
    labels : set of str
        Labels that data of the request used before; those of this operation are added.

    Raises
    ------
    QuerySyntaxError
        If a long block does not parse, deletes a blank node or uses a label of an earlier one.
    """
    if operation.block is not None:
        _gather_block(operation.block, operation.verb, staging, scope, labels)
        return
    gatherer = QuadGatherer(staging.add, lambda label: f"{scope}-{label}")
    used: set[str] = set()
    for quad in operation.quads:
        subject, predicate, obj = map(_term, quad.nodes)
        assert not isinstance(subject, Literal)
        assert isinstance(predicate, IRI)
        assert not isinstance(quad.graph, Var)
        used |= {node.label for node in (subject, obj) if isinstance(node, BlankNode)}
        gatherer.add_terms(subject, predicate, obj, quad.graph)
    gatherer.flush()
    _use({name.removeprefix(_LABELLED) for name in used if name.startswith(_LABELLED)}, labels)


def _term(node: Node) -> Term:
    return BlankNode(node.name) if isinstance(node, Var) else node


def _use(used: set[str], labels: set[str], where: str | None = None) -> None:
    if again := used & labels:
        raise _refused(where, f"_:{min(again)}", "other labels than in an earlier INSERT DATA")
    labels |= used


def _gather_block(
    block: DataBlock, verb: str, staging: Staging, scope: str, labels: set[str]
) -> None:
    used: set[str] = set()

    def label(name: str) -> str:
        if verb == "DELETE":
            raise _refused(block.place, "a blank node", "no blank node in what is deleted")
        used.add(name)
        return f"{scope}-{name}"

    gatherer = QuadGatherer(staging.add, label)
    document = cast("IO[bytes]", _Stream(block.trig()))
    try:
        for quad in ox.parse(document, ox.RdfFormat.TRIG, base_iri=block.base_iri):
            gatherer.add(quad)
    except SyntaxError as error:
        line = block.line + (error.lineno or 1) - 1
        reason = str(error.msg).split(": ", 1)[-1]
        raise QuerySyntaxError(
            "The SPARQL update does not parse",
            where=f"line {line}",
            why=reason.rpartition(" (line ")[0] or reason,
            remedy="correct the update at this place",
        ) from error
    gatherer.flush()
    _use(used, labels, block.place)


def _refused(where: str | None, found: str, expected: str) -> QuerySyntaxError:
    return QuerySyntaxError(
        "The SPARQL update does not parse",
        where=where,
        why=f"found {found}, expected {expected}",
        remedy="correct the update at this place",
    )


class _Stream:
    """What is yielded, as much of a binary file as a parser needs."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self._left = b""

    def read(self, size: int = -1) -> bytes:
        """Return at most so many bytes, none at the end."""
        while not self._left:
            part = next(self._parts, None)
            if part is None:
                return b""
            self._left = part
        end = len(self._left) if size < 0 else size
        piece, self._left = self._left[:end], self._left[end:]
        return piece
