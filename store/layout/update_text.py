"""SPARQL 1.1 Update text to operations (SPARQL 1.1 Query, section 19.8, rules 29-51)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from ontology import IRI, UnsupportedError

from ..algebra import Bgp, Join, Plan, TriplePattern, Unit, Var
from ..sparql.guard import guarded_tokens
from ..sparql.queries import QueryParser
from ..sparql.tokens import Token

GraphTarget = IRI | Literal["default", "named", "all"]


@dataclass(frozen=True, slots=True)
class QuadPattern:
    """A triple pattern of a template and its graph; None is the default graph.

    Blank nodes are variables whose name begins with a full stop.
    """

    triple: TriplePattern
    graph: Var | IRI | None


@dataclass(frozen=True, slots=True)
class Modify:
    """``DELETE``/``INSERT``; ``where`` is None for ``INSERT DATA`` and ``DELETE DATA``.

    ``with_graph`` stands for the default graph in ``where``; the parser has put it into the
    templates already.
    """

    deletes: tuple[QuadPattern, ...] = ()
    inserts: tuple[QuadPattern, ...] = ()
    where: Plan | None = None
    with_graph: IRI | None = None
    using: tuple[IRI, ...] = ()
    using_named: tuple[IRI, ...] = ()


@dataclass(frozen=True, slots=True)
class Clear:
    """``CLEAR`` and ``DROP``, which are the same here: empty graphs are not recorded."""

    target: GraphTarget
    silent: bool


@dataclass(frozen=True, slots=True)
class Create:
    """``CREATE GRAPH``."""

    graph: IRI
    silent: bool


@dataclass(frozen=True, slots=True)
class Transfer:
    """``ADD``, ``COPY`` or ``MOVE`` between graphs; None is the default graph."""

    verb: Literal["ADD", "COPY", "MOVE"]
    source: IRI | None
    target: IRI | None
    silent: bool


Operation = Modify | Clear | Create | Transfer


def parse_update(text: str) -> tuple[Operation, ...]:
    """Parse an update request.

    Raises
    ------
    QuerySyntaxError
        With line and column.
    UnsupportedError
        For ``LOAD``, and past the limits of size and depth.
    """
    return UpdateParser(*guarded_tokens(text)).update()


class UpdateParser(QueryParser):
    """Adds update operations to the query grammar."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        super().__init__(text, tokens)
        self._data_labels: set[str] = set()

    def update(self) -> tuple[Operation, ...]:
        """Take a request and nothing after it."""
        operations: list[Operation] = []
        known: dict[str, str] = {}
        while True:
            self.prologue()
            known |= self.declared
            self.prefixes |= known
            if self.token.kind == "end":
                return tuple(operations)
            operations.append(self._operation())
            if not self.accept_op(";"):
                break
        if self.token.kind != "end":
            raise self.error("';' or the end of the update")
        return tuple(operations)

    def _operation(self) -> Operation:
        for word, read in self._readers().items():
            if self.accept_word(word):
                return read()
        if self.is_word("LOAD"):
            raise UnsupportedError(
                "LOAD is not supported in an update",
                remedy="load the file with `geoloom load`, or Store.load",
            )
        raise self.error("INSERT, DELETE, WITH, CLEAR, DROP, CREATE, ADD, COPY or MOVE")

    def _readers(self) -> dict[str, Callable[[], Operation]]:
        return {
            "INSERT": self._insert,
            "DELETE": self._delete,
            "WITH": self._with,
            "CLEAR": self._clear,
            "DROP": self._clear,
            "CREATE": self._create,
            "ADD": lambda: self._transfer("ADD"),
            "COPY": lambda: self._transfer("COPY"),
            "MOVE": lambda: self._transfer("MOVE"),
        }

    # ------------------------------------------------------------ INSERT, DELETE

    def _insert(self) -> Operation:
        if self.accept_word("DATA"):
            return Modify(inserts=self._quads(None, variables=False))
        return self._modify(None, deletes=())

    def _delete(self) -> Operation:
        if self.accept_word("DATA"):
            return Modify(deletes=self._quads(None, variables=False, blanks=False))
        if self.accept_word("WHERE"):
            quads = self._quads(None, blanks=False)
            return Modify(deletes=quads, where=_pattern(quads))
        return self._modify(None)

    def _with(self) -> Operation:
        graph = self.iri()
        if self.accept_word("DELETE"):
            return self._modify(graph)
        self.expect_word("INSERT")
        return self._modify(graph, deletes=())

    def _modify(
        self, graph: IRI | None, deletes: tuple[QuadPattern, ...] | None = None
    ) -> Operation:
        """Take what follows ``DELETE``, or ``INSERT`` when there are no deletes to read."""
        inserts: tuple[QuadPattern, ...] = ()
        if deletes is None:
            deletes = self._quads(graph, blanks=False)
            if self.accept_word("INSERT"):
                inserts = self._quads(graph)
        else:
            inserts = self._quads(graph)
        using, named = self._using()
        self.expect_word("WHERE")
        where = self._where_without_aggregates()
        return Modify(deletes, inserts, where, graph, using, named)

    def _using(self) -> tuple[tuple[IRI, ...], tuple[IRI, ...]]:
        using: list[IRI] = []
        named: list[IRI] = []
        while self.accept_word("USING"):
            (named if self.accept_word("NAMED") else using).append(self.iri())
        return tuple(using), tuple(named)

    def _quads(
        self, default: IRI | None, *, variables: bool = True, blanks: bool = True
    ) -> tuple[QuadPattern, ...]:
        at = self.expect_op("{")
        self.plain_predicates = True
        labels, self._label_block = dict(self._label_block), {}
        self._block = self.new_block()
        quads: list[QuadPattern] = []
        while not self.accept_op("}"):
            if self.accept_word("GRAPH"):
                name = self.variable() if self.at_variable() else self.iri()
                self.expect_op("{")
                quads += self._quad_block(name)
                self.expect_op("}")
                self.accept_op(".")
            elif self._at_term():
                quads += self._quad_block(default)
            else:
                raise self.error("a triple, GRAPH or '}'")
        self.plain_predicates = False
        used, self._label_block = set(self._label_block), labels
        if not variables:
            if used & self._data_labels:
                raise self.error("other labels than in an earlier INSERT DATA", at)
            self._data_labels |= used
        names = {node.name for quad in quads for node in _nodes(quad) if isinstance(node, Var)}
        if not blanks and any(name.startswith(".") for name in names):
            raise self.error("no blank node in what is deleted", at, "a blank node")
        if not variables and any(not name.startswith(".") for name in names):
            raise self.error("no variable in DATA", at, "a variable")
        return tuple(quads)

    def _quad_block(self, graph: Var | IRI | None) -> list[QuadPattern]:
        plan = self._triples_block()
        patterns = plan.patterns if isinstance(plan, Bgp) else ()
        return [QuadPattern(pattern, graph) for pattern in patterns]

    # ------------------------------------------------------------ whole graphs

    def _clear(self) -> Operation:
        silent = self.accept_word("SILENT")
        for word in ("DEFAULT", "NAMED", "ALL"):
            if self.accept_word(word):
                return Clear(_WORDS[word], silent)
        self.expect_word("GRAPH")
        return Clear(self.iri(), silent)

    def _create(self) -> Operation:
        silent = self.accept_word("SILENT")
        self.expect_word("GRAPH")
        return Create(self.iri(), silent)

    def _transfer(self, verb: Literal["ADD", "COPY", "MOVE"]) -> Operation:
        silent = self.accept_word("SILENT")
        source = self._graph_or_default()
        self.expect_word("TO")
        return Transfer(verb, source, self._graph_or_default(), silent)

    def _graph_or_default(self) -> IRI | None:
        if self.accept_word("DEFAULT"):
            return None
        self.accept_word("GRAPH")
        return self.iri()


_WORDS: Final[dict[str, Literal["default", "named", "all"]]] = {
    "DEFAULT": "default",
    "NAMED": "named",
    "ALL": "all",
}


def _nodes(quad: QuadPattern) -> tuple[object, ...]:
    return (quad.triple.subject, quad.triple.predicate, quad.triple.object, quad.graph)


def _pattern(quads: tuple[QuadPattern, ...]) -> Plan:
    """The pattern of ``DELETE WHERE``: what it deletes."""
    plan: Plan = Unit()
    for graph in dict.fromkeys(quad.graph for quad in quads):
        block = Bgp(tuple(quad.triple for quad in quads if quad.graph == graph), graph)
        plan = block if isinstance(plan, Unit) else Join(plan, block)
    return plan
