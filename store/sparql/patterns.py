"""Graph patterns (SPARQL 1.1 section 19.8, rules 53-105), translated as section 18.2.2 says."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from ontology import IRI, RDF_TYPE, Term

from ..algebra import (
    Bgp,
    Call,
    Expr,
    Extend,
    Filter,
    LeftJoin,
    Minus,
    Node,
    Plan,
    Service,
    TriplePattern,
    Union,
    Unit,
    Values,
    Var,
    visible,
)
from .graphs import in_graph
from .paths import Path, PathParser, join
from .tokens import Token

_RDF = RDF_TYPE.removesuffix("type")
_NIL, _FIRST, _REST = IRI(_RDF + "nil"), IRI(_RDF + "first"), IRI(_RDF + "rest")


class PatternParser(PathParser):
    """Adds group graph patterns."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        super().__init__(text, tokens)
        self._label_block: dict[str, int] = {}
        self._block = 0
        self._triples: Plan = Unit()
        self.plain_predicates = False

    @abstractmethod
    def sub_select(self) -> Plan:
        """Take a ``SELECT`` inside a group."""

    def group(self) -> Plan:
        """Take ``{ … }`` and return its algebra, filters on top."""
        plan, filters = self._group_parts()
        condition = _conjunction(filters)
        return plan if condition is None else Filter(*self.drawn(condition, plan))

    def _group_parts(self) -> tuple[Plan, list[Expr]]:
        self.expect_op("{")
        if self.is_word("SELECT"):
            plan = self.sub_select()
            self.expect_op("}")
            return plan, []
        plan, filters = Unit(), []
        outer, self._block = self._block, self.new_block()
        while not self.is_op("}"):
            if self.accept_word("FILTER"):
                filters.append(self.constraint())
            elif self._at_term():
                plan = _joined(plan, self._triples_block())
                continue
            else:
                plan = self._element(plan)
                self._block = self.new_block()
            self.accept_op(".")
        self.take()
        self._block = outer
        return plan, filters

    def new_block(self) -> int:
        """Begin a basic graph pattern; a blank node label may not be used in two of them."""
        self._fresh += 1
        return self._fresh

    def _element(self, plan: Plan) -> Plan:
        if self.accept_word("OPTIONAL"):
            right, filters = self._group_parts()
            condition = _conjunction(filters)
            if condition is not None:
                condition, right = self.drawn(condition, right)
            return LeftJoin(plan, right, condition)
        if self.accept_word("MINUS"):
            return Minus(plan, self.group())
        if self.accept_word("BIND"):
            return self._bind(plan)
        if self.accept_word("VALUES"):
            return _joined(plan, self.data_block())
        if self.accept_word("GRAPH"):
            name = self.variable() if self.at_variable() else self.iri()
            return _joined(plan, in_graph(self.group(), name, self.fresh("g")))
        if self.accept_word("SERVICE"):
            silent = self.accept_word("SILENT")
            endpoint = self.variable() if self.at_variable() else self.iri()
            return _joined(plan, Service(endpoint, self._remote_group(), silent))
        if self.is_op("{"):
            branches = [self.group()]
            while self.accept_word("UNION"):
                branches.append(self.group())
            return _joined(plan, _united(branches))
        raise self.error("a triple, FILTER, OPTIONAL, UNION, MINUS, BIND, VALUES, GRAPH or '}'")

    def _remote_group(self) -> Plan:
        outer, self.remote = self.remote, True
        plan = self.group()
        self.remote = outer
        return plan

    def _bind(self, plan: Plan) -> Plan:
        self.expect_op("(")
        expr = self.expression()
        self.expect_word("AS")
        at = self.token
        name = self.variable().name
        if name in visible(plan):
            raise self.error("a variable not used before in its group", at)
        self.expect_op(")")
        return Extend(name, *self.drawn(expr, plan))

    def data_block(self) -> Values:
        """Take what follows ``VALUES``."""
        if self.at_variable():
            name = self.variable().name
            self.expect_op("{")
            rows: list[tuple[Term | None, ...]] = []
            while not self.accept_op("}"):
                rows.append((self._data_value(),))
            return Values((name,), tuple(rows))
        names = self._data_variables()
        self.expect_op("{")
        rows = []
        while not self.accept_op("}"):
            at = self.expect_op("(")
            row: list[Term | None] = []
            while not self.accept_op(")"):
                row.append(self._data_value())
            if len(row) != len(names):
                raise self.error(f"{len(names)} values, one a variable", at, f"{len(row)} values")
            rows.append(tuple(row))
        return Values(names, tuple(rows))

    def _data_variables(self) -> tuple[str, ...]:
        self.expect_op("(")
        names: list[str] = []
        while not self.accept_op(")"):
            at = self.token
            names.append(self.variable().name)
            if names[-1] in names[:-1]:
                raise self.error("each variable once", at)
        return tuple(names)

    def _data_value(self) -> Term | None:
        if self.accept_word("UNDEF"):
            return None
        if self.at_iri():
            return self.iri()
        if self.at_literal():
            return self.literal()
        raise self.error("an IRI, a literal or UNDEF")

    # ------------------------------------------------------------------ triples

    def _at_term(self) -> bool:
        kind = self.token.kind
        return kind in ("var", "iri", "pname", "blank") or self.is_op("(", "[") or self.at_literal()

    def _triples_block(self) -> Plan:
        outer, self._triples = self._triples, Unit()
        while self._at_term():
            self._triples_same_subject()
            if self.accept_op("."):
                continue
            if self._at_term():
                raise self.error("'.', ';' or ',' between triples")
            break
        plan, self._triples = self._triples, outer
        return plan

    def _triples_same_subject(self) -> None:
        nested = self.is_op("(", "[")
        before = self._triples
        subject = self._graph_node()
        made_triples = nested and self._triples is not before
        if made_triples and not self._at_verb():
            return
        self._property_list(subject)

    def _at_verb(self) -> bool:
        word = self.token.kind == "word" and self.token.text == "a"
        return word or self.at_variable() or self.at_iri() or self.is_op("^", "!", "(")

    def _property_list(self, subject: Node) -> None:
        self._verb_and_objects(subject)
        while self.accept_op(";"):
            if self._at_verb():
                self._verb_and_objects(subject)

    def _verb_and_objects(self, subject: Node) -> None:
        if self.at_variable():
            verb: Path | Var = self.variable()
        elif self.plain_predicates:
            verb = self._predicate()
        else:
            if not self._at_verb():
                raise self.error("a predicate or a path")
            verb = self.path()
        self._add(subject, verb, self._graph_node())
        while self.accept_op(","):
            self._add(subject, verb, self._graph_node())

    def _add(self, subject: Node, verb: Path | Var, obj: Node) -> None:
        if isinstance(verb, Var):
            addition: Plan = Bgp((TriplePattern(subject, verb, obj),))
        else:
            addition = self.path_plan(subject, verb, obj)
        self._triples = _joined(self._triples, addition)

    def _graph_node(self) -> Node:
        if self.at_variable():
            return self.variable()
        if self.at_iri():
            return self.iri()
        if self.at_literal():
            return self.literal()
        if self.token.kind == "blank":
            return self._labelled_blank()
        if self.accept_op("["):
            return self._blank_with_properties()
        if self.accept_op("("):
            return self._collection()
        raise self.error("a term or a variable")

    def _labelled_blank(self) -> Var:
        token = self.take()
        label = token.text[2:]
        block = self._label_block.setdefault(label, self._block)
        if block != self._block:
            raise self.error("a blank node label of one basic graph pattern only", token)
        return Var(f".b_{label}")

    def _blank_with_properties(self) -> Var:
        node = Var(self.fresh("b"))
        if not self.accept_op("]"):
            self._property_list(node)
            self.expect_op("]")
        return node

    def _collection(self) -> Node:
        if self.accept_op(")"):
            return _NIL
        head = cell = Var(self.fresh("b"))
        while True:
            self._add(cell, _FIRST, self._graph_node())
            if self.accept_op(")"):
                self._add(cell, _REST, _NIL)
                return head
            following = Var(self.fresh("b"))
            self._add(cell, _REST, following)
            cell = following


def _joined(left: Plan, right: Plan) -> Plan:
    if isinstance(left, Unit):
        return right
    if isinstance(right, Unit):
        return left
    return join(left, right)


def _united(branches: Sequence[Plan]) -> Plan:
    """A tree that is as deep as the logarithm of the number of branches."""
    if len(branches) == 1:
        return branches[0]
    half = len(branches) // 2
    return Union(_united(branches[:half]), _united(branches[half:]))


def _conjunction(filters: list[Expr]) -> Expr | None:
    if not filters:
        return None
    condition = filters[0]
    for further in filters[1:]:
        condition = Call("&&", (condition, further))
    return condition
