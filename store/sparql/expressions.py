"""Expressions (SPARQL 1.1 section 19.8, rules 106-128) as algebra nodes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Final

from ontology import IRI
from ontology import Literal as RdfLiteral

from ..algebra import Aggregate, Call, Const, Exists, Expr, Plan, Var
from .builtins import AGGREGATE_IRIS, AGGREGATES, ALIASES, ARITY, ONE_ARGUMENT_AGGREGATES
from .terms import XSD, TermParser
from .tokens import Token
from .volatile import drawn_once

_COMPARISONS: Final = ("=", "!=", "<", ">", "<=", ">=")
_BRACKETS: Final = {"(": 1, "{": 1, "[": 1, ")": -1, "}": -1, "]": -1}


class ExpressionParser(TermParser):
    """Adds expressions. Aggregates met on the way are put into :attr:`aggregates`."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        super().__init__(text, tokens)
        self.aggregates: dict[Aggregate, str] | None = None
        self._fresh = 0
        self.remote = False
        """Within SERVICE, whose text another store reads."""

    @abstractmethod
    def group(self) -> Plan:
        """Take a ``{ group graph pattern }``; EXISTS needs it."""

    def fresh(self, kind: str) -> str:
        """Name a new variable no query can write."""
        self._fresh += 1
        return f".{kind}{self._fresh}"

    def expression(self) -> Expr:
        """Take an expression."""
        operands = [self._and()]
        while self.accept_op("||"):
            operands.append(self._and())
        return _balanced("||", operands)

    def _and(self) -> Expr:
        operands = [self._relational()]
        while self.accept_op("&&"):
            operands.append(self._relational())
        return _balanced("&&", operands)

    def _relational(self) -> Expr:
        left = self._additive()
        if self.is_op(*_COMPARISONS):
            return Call(self.take().text, (left, self._additive()))
        if self.accept_word("IN"):
            return Call("in", (left, *self._arguments()))
        if self.is_word("NOT"):
            self.take()
            self.expect_word("IN")
            return Call("not in", (left, *self._arguments()))
        return left

    def _additive(self) -> Expr:
        left = self._multiplicative()
        while self.is_op("+", "-"):
            operator = self.take().text
            left = Call(operator, (left, self._multiplicative()))
        return left

    def _multiplicative(self) -> Expr:
        left = self._unary()
        while self.is_op("*", "/"):
            operator = self.take().text
            left = Call(operator, (left, self._unary()))
        return left

    def _unary(self) -> Expr:
        if self._at_signed_number():
            return Const(self.literal())
        if not self.is_op("!", "-", "+"):
            return self._primary()
        operator = self.take()
        if self.is_op("!", "-", "+") and not self._at_signed_number():
            raise self.error("an operand; put brackets around repeated operators")
        operand = self._primary()
        if operator.text == "+":
            zero = Const(RdfLiteral("0", XSD + "integer"))
            return Call("+", (zero, operand))
        return Call("neg" if operator.text == "-" else "!", (operand,))

    def _primary(self) -> Expr:
        if self.accept_op("("):
            inner = self.expression()
            self.expect_op(")")
            return inner
        if self.at_variable():
            return self.variable()
        if self.at_iri():
            return self._iri_or_function()
        if self.at_literal():
            return Const(self.literal())
        if self.token.kind == "word":
            return self._builtin()
        raise self.error("an expression")

    def constraint(self) -> Expr:
        """Take what may follow FILTER, HAVING: brackets, a built-in or a function call."""
        if self.is_op("("):
            return self._primary()
        if self.at_iri():
            at = self.token
            call = self._iri_or_function()
            if isinstance(call, Const):
                raise self.error("a function call", at)
            return call
        if self.token.kind == "word":
            return self._builtin()
        raise self.error("a condition in brackets or a function call")

    def _iri_or_function(self) -> Expr:
        at = self.token
        name = self.iri()
        if not self.is_op("("):
            return Const(name)
        if name.value.startswith(AGGREGATE_IRIS) or (
            name.value in ONE_ARGUMENT_AGGREGATES and self._one_argument()
        ):
            return self._aggregate(name.value, at)
        if self.tokens[self.index + 1].text.upper() == "DISTINCT":
            raise self.error("an argument; DISTINCT is for aggregates", self.tokens[self.index + 1])
        return Call(name.value, self._arguments())

    def _one_argument(self) -> bool:
        """Whether the brackets that open here hold one argument, however it is built."""
        depth = 0
        for token in self.tokens[self.index :]:
            depth += _BRACKETS.get(token.text, 0) if token.kind == "op" else 0
            if depth == 0:
                return True
            if depth == 1 and token.kind == "op" and token.text == ",":
                return False
        return True

    def _arguments(self) -> tuple[Expr, ...]:
        self.expect_op("(")
        arguments: list[Expr] = []
        if self.accept_op(")"):
            return ()
        arguments.append(self.expression())
        while self.accept_op(","):
            arguments.append(self.expression())
        self.expect_op(")")
        return tuple(arguments)

    def _builtin(self) -> Expr:
        token = self.take()
        name = token.text.upper()
        if name == "EXISTS":
            return self._exists(negated=False)
        if name == "NOT":
            self.expect_word("EXISTS")
            return self._exists(negated=True)
        if name in AGGREGATES:
            return self._aggregate(name, token)
        if name not in ARITY:
            raise self.error("a built-in function such as STR, BOUND, REGEX", token)
        arguments = self._arguments()
        least, most = ARITY[name]
        if not least <= len(arguments) <= most:
            wanted = str(least) if least == most else f"at least {least}"
            raise self.error(f"{wanted} arguments for {name}", token, f"{len(arguments)}")
        if name == "BOUND" and not isinstance(arguments[0], Var):
            raise self.error("a variable in BOUND", token)
        name = ALIASES.get(name, name)
        if name == "IRI" and self.base is not None and not self.remote:
            return Call("resolve", (arguments[0], Const(IRI(self.base))))
        return Call(name, arguments)

    def drawn(self, expr: Expr, plan: Plan) -> tuple[Expr, Plan]:
        """The expression and the plan that draws its RAND, UUID, … once a solution."""
        return (expr, plan) if self.remote else drawn_once(expr, plan, self.fresh)

    def _exists(self, *, negated: bool) -> Expr:
        outer, self.aggregates = self.aggregates, None
        plan = self.group()
        self.aggregates = outer
        return Exists(plan, negated)

    def _aggregate(self, name: str, token: Token) -> Expr:
        collected = self.aggregates
        if collected is None:
            raise self.error("no aggregate here; they stand in SELECT, HAVING and ORDER BY", token)
        self.aggregates = None
        self.expect_op("(")
        distinct = self.accept_word("DISTINCT")
        star = name == "COUNT" and self.accept_op("*")
        argument = None if star else self.expression()
        parameters = self._parameters() if name not in AGGREGATES else ()
        separator = " "
        if name == "GROUP_CONCAT" and self.accept_op(";"):
            self.expect_word("SEPARATOR")
            self.expect_op("=")
            separator = self.string()
        self.expect_op(")")
        self.aggregates = collected
        aggregate = Aggregate(name, argument, distinct, separator, parameters)
        return Var(collected.setdefault(aggregate, self.fresh("a")))

    def _parameters(self) -> tuple[Const, ...]:
        """Further arguments of an aggregate that is a function: constants."""
        found: list[Const] = []
        while self.accept_op(","):
            at = self.token
            given = self.expression()
            if not isinstance(given, Const):
                raise self.error("a constant as a further argument of an aggregate", at)
            found.append(given)
        return tuple(found)


def _balanced(op: str, operands: Sequence[Expr]) -> Expr:
    """An associative operator over its operands as a shallow tree."""
    if len(operands) == 1:
        return operands[0]
    half = (len(operands) + 1) // 2
    return Call(op, (_balanced(op, operands[:half]), _balanced(op, operands[half:])))
