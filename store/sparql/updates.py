"""SPARQL 1.1 Update text to operations (SPARQL 1.1 Query, section 19.8, rules 29-51)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from ontology import IRI, QuerySyntaxError, UnsupportedError

from ..algebra import Bgp, Join, Node, Plan, TriplePattern, Unit, Var
from .data_blocks import DataBlock, Piece, cut_blocks
from .guard import check_size, checked_tokens, resolve_codepoints
from .queries import QueryParser
from .tokens import Token

GraphTarget = IRI | Literal["default", "named", "all"]

MAX_CHARACTERS: Final = 1 << 28
"""Characters an update request may have; all but its data blocks at most 1 MiB."""


@dataclass(frozen=True, slots=True)
class QuadPattern:
    """A triple pattern of a template and its graph; None is the default graph.

    Blank nodes are variables whose name begins with a full stop.
    """

    triple: TriplePattern
    graph: Var | IRI | None

    @property
    def nodes(self) -> tuple[Node, Node, Node]:
        """Subject, predicate and object."""
        return self.triple.subject, self.triple.predicate, self.triple.object


@dataclass(frozen=True, slots=True)
class Data:
    """``INSERT DATA`` and ``DELETE DATA``: quads, or a long block not parsed yet."""

    verb: Literal["INSERT", "DELETE"]
    quads: tuple[QuadPattern, ...] = ()
    block: DataBlock | None = None


@dataclass(frozen=True, slots=True)
class Modify:
    """``DELETE``/``INSERT`` … ``WHERE``.

    ``with_graph`` stands for the default graph in ``where``; the parser has put it into the
    templates already.
    """

    deletes: tuple[QuadPattern, ...]
    inserts: tuple[QuadPattern, ...]
    where: Plan
    with_graph: IRI | None = None
    using: tuple[IRI, ...] = ()
    using_named: tuple[IRI, ...] = ()


@dataclass(frozen=True, slots=True)
class Load:
    """``LOAD``; a target of None is the default graph."""

    source: IRI
    target: IRI | None
    silent: bool


@dataclass(frozen=True, slots=True)
class Clear:
    """``CLEAR`` and ``DROP``, which also forgets the graph itself."""

    verb: Literal["CLEAR", "DROP"]
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


Operation = Data | Modify | Load | Clear | Create | Transfer


def parse_update(text: str, base_iri: str | None = None) -> tuple[Operation, ...]:
    """Parse an update request.

    Parameters
    ----------
    text : str
        At most 256 Mi characters; without its data blocks at most 1 MiB.
    base_iri : str, optional
        What relative IRIs are resolved against until ``BASE`` says otherwise.

    Raises
    ------
    QuerySyntaxError
        With line and column.
    UnsupportedError
        Past the limits of size and depth.
    """
    try:
        return _parsed(text, base_iri)
    except QuerySyntaxError as error:
        raise QuerySyntaxError(
            error.what.replace("query", "update"),
            where=error.where,
            why=error.why and error.why.replace("the query", "the update"),
            remedy=error.remedy and error.remedy.replace("the query", "the update"),
        ) from error


def _parsed(text: str, base_iri: str | None) -> tuple[Operation, ...]:
    if len(text) > MAX_CHARACTERS:
        raise UnsupportedError(
            "The update is too long",
            why=f"{len(text)} characters, the limit is {MAX_CHARACTERS}",
            remedy="load the data from files, or send it in parts",
        )
    resolved = resolve_codepoints(text)
    short, blocks = cut_blocks(resolved)
    check_size(len(short) - sum(pieces[-1].end - start - 1 for start, pieces in blocks.items()))
    tokens = checked_tokens(short)
    try:
        return UpdateParser(resolved, tokens, blocks, base_iri).update()
    except RecursionError:
        raise UnsupportedError(
            "The update is nested too deeply", remedy="flatten its patterns"
        ) from None


class UpdateParser(QueryParser):
    """Adds update operations to the query grammar.

    Parameters
    ----------
    text : str
        The request, for messages.
    tokens : list of Token
        Its tokens, without those of long data blocks.
    blocks : dict
        The pieces of each long block by the offset of its opening brace.
    base_iri : str, optional
    """

    def __init__(
        self,
        text: str,
        tokens: list[Token],
        blocks: dict[int, tuple[Piece, ...]],
        base_iri: str | None,
    ) -> None:
        super().__init__(text, tokens)
        self.base = base_iri
        self._blocks = blocks
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
        raise self.error("INSERT, DELETE, WITH, LOAD, CLEAR, DROP, CREATE, ADD, COPY or MOVE")

    def _readers(self) -> dict[str, Callable[[], Operation]]:
        return {
            "INSERT": self._insert,
            "DELETE": self._delete,
            "WITH": self._with,
            "LOAD": self._load,
            "CLEAR": lambda: self._clear("CLEAR"),
            "DROP": lambda: self._clear("DROP"),
            "CREATE": self._create,
            "ADD": lambda: self._transfer("ADD"),
            "COPY": lambda: self._transfer("COPY"),
            "MOVE": lambda: self._transfer("MOVE"),
        }

    # ------------------------------------------------------------ INSERT, DELETE

    def _insert(self) -> Operation:
        if self.accept_word("DATA"):
            return self._data("INSERT")
        return self._modify(None, deletes=())

    def _delete(self) -> Operation:
        if self.accept_word("DATA"):
            return self._data("DELETE")
        if self.accept_word("WHERE"):
            quads = self._quads(None, blanks=False)
            return Modify(quads, (), _pattern(quads))
        return self._modify(None)

    def _data(self, verb: Literal["INSERT", "DELETE"]) -> Operation:
        pieces = self._blocks.get(self.token.start)
        if pieces is None:
            return Data(verb, self._quads(None, variables=False, blanks=verb == "INSERT"))
        self.expect_op("{")
        self.expect_op("}")
        return Data(verb, block=DataBlock(self.text, pieces, dict(self.prefixes), self.base))

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
        if not self.is_word("WHERE"):
            raise self.error("WHERE")
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
        nodes = [node for quad in quads for node in (*quad.nodes, quad.graph)]
        names = {node.name for node in nodes if isinstance(node, Var)}
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

    def _load(self) -> Operation:
        silent = self.accept_word("SILENT")
        source = self.iri()
        if not self.accept_word("INTO"):
            return Load(source, None, silent)
        self.expect_word("GRAPH")
        return Load(source, self.iri(), silent)

    def _clear(self, verb: Literal["CLEAR", "DROP"]) -> Operation:
        silent = self.accept_word("SILENT")
        for word, target in _WORDS.items():
            if self.accept_word(word):
                return Clear(verb, target, silent)
        self.expect_word("GRAPH")
        return Clear(verb, self.iri(), silent)

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


def _pattern(quads: tuple[QuadPattern, ...]) -> Plan:
    """The pattern of ``DELETE WHERE``: what it deletes."""
    plan: Plan = Unit()
    for graph in dict.fromkeys(quad.graph for quad in quads):
        block = Bgp(tuple(quad.triple for quad in quads if quad.graph == graph), graph)
        plan = block if isinstance(plan, Unit) else Join(plan, block)
    return plan
