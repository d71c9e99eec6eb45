"""The query forms and solution modifiers (SPARQL 1.1 section 19.8, rules 1-27)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Literal

from ontology import IRI

from ..algebra import (
    Aggregate,
    Bgp,
    Call,
    Const,
    Distinct,
    Empty,
    Expr,
    Extend,
    Filter,
    Group,
    Join,
    OrderBy,
    OrderKey,
    Plan,
    Project,
    Query,
    Slice,
    TriplePattern,
    Union,
    Unit,
    Var,
    expression_variables,
    visible,
)
from .patterns import PatternParser

_FORMS: Final = ("SELECT", "CONSTRUCT", "ASK", "DESCRIBE")
Selection = list[tuple[str, Expr | None]]
Keys = tuple[tuple[str, Expr], ...]


class QueryParser(PatternParser):
    """Adds whole queries."""

    default_graphs: tuple[IRI, ...] = ()
    named_graphs: tuple[IRI, ...] = ()

    def query(self) -> Query:
        """Take a query and nothing after it."""
        self.prologue()
        if not self.is_word(*_FORMS):
            raise self.error("SELECT, CONSTRUCT, ASK or DESCRIBE")
        form = self.token.text.upper()
        made = {
            "SELECT": self._select_query,
            "CONSTRUCT": self._construct_query,
            "ASK": self._ask_query,
            "DESCRIBE": self._describe_query,
        }[form]()
        if self.token.kind != "end":
            raise self.error("the end of the query")
        return made

    def _finish(
        self,
        form: Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"],
        plan: Plan,
        variables: tuple[str, ...] = (),
        template: tuple[TriplePattern, ...] = (),
    ) -> Query:
        return Query(
            form,
            plan,
            variables,
            template,
            default_graphs=self.default_graphs,
            named_graphs=self.named_graphs,
            prefixes=tuple(self.declared.items()),
        )

    def _dataset(self) -> None:
        while self.accept_word("FROM"):
            if self.accept_word("NAMED"):
                self.named_graphs += (self.iri(),)
            else:
                self.default_graphs += (self.iri(),)

    def _where(self) -> Plan:
        self.accept_word("WHERE")
        return self.group()

    # ------------------------------------------------------------------- SELECT

    def _select_query(self) -> Query:
        plan = self._select(top=True)
        return self._finish("SELECT", plan, _projected(plan))

    def sub_select(self) -> Plan:
        """Take a ``SELECT`` inside a group."""
        return self._select(top=False)

    def _select(self, *, top: bool) -> Plan:
        outer, self.aggregates = self.aggregates, {}
        self.expect_word("SELECT")
        distinct = self.accept_word("DISTINCT", "REDUCED")
        selection = self._selection()
        if top:
            self._dataset()
        where = self._where_without_aggregates()
        if not selection and self.is_word("GROUP"):
            raise self.error("no GROUP BY after SELECT *")
        plan, order, limits = self._modified(where, selection)
        names = tuple(name for name, _ in selection) or _star(plan)
        plan = self._extended(plan, selection)
        plan = Project(names, self._ordered(order, plan))
        self.aggregates = outer
        return _sliced(Distinct(plan) if distinct else plan, *limits)

    def _where_without_aggregates(self) -> Plan:
        collected, self.aggregates = self.aggregates, None
        plan = self._where()
        self.aggregates = collected
        return plan

    def _selection(self) -> Selection:
        if self.accept_op("*"):
            return []
        selection: Selection = []
        while self.at_variable() or self.is_op("("):
            at = self.token
            if self.accept_op("("):
                expr: Expr | None = self.expression()
                self.expect_word("AS")
                at = self.token
                name = self.variable().name
                self.expect_op(")")
            else:
                expr, name = None, self.variable().name
            taken = [known for known, made in selection if made is not None or expr is not None]
            if name in taken:
                raise self.error("a variable not selected before", at)
            selection.append((name, expr))
        if not selection:
            raise self.error("variables, (expression AS ?variable) or *")
        return [pair for k, pair in enumerate(selection) if pair not in selection[:k]]

    def _modified(
        self, where: Plan, selection: Selection
    ) -> tuple[Plan, tuple[OrderKey, ...], tuple[int, int | None]]:
        keys = self._group_by()
        having = self._having()
        order = self._order_by()
        limits = self._limit_offset()
        values = self.data_block() if self.accept_word("VALUES") else None
        aggregates: dict[Aggregate, str] = self.aggregates or {}
        if keys is not None or aggregates:
            self._check_grouped(selection, having, keys or (), set(aggregates.values()))
            where = self._grouped(keys or (), aggregates, where)
        for condition in having:
            where = Filter(*self.drawn(condition, where))
        return (where if values is None else Join(where, values)), order, limits

    def _grouped(self, keys: Keys, aggregates: dict[Aggregate, str], where: Plan) -> Plan:
        drawn_keys, drawn = [], []
        for name, expr in keys:
            made, where = self.drawn(expr, where)
            drawn_keys.append((name, made))
        for call, name in aggregates.items():
            if call.expr is not None:
                made, where = self.drawn(call.expr, where)
                call = replace(call, expr=made)
            drawn.append((name, call))
        return Group(tuple(drawn_keys), tuple(drawn), where)

    def _check_grouped(
        self, selection: Selection, having: list[Expr], keys: Keys, aggregates: set[str]
    ) -> None:
        allowed = {name for name, _ in keys} | aggregates
        for name, expr in selection:
            used = {name} if expr is None else expression_variables(expr)
            strange = sorted(used - allowed)
            if strange:
                raise self.error(
                    "only grouped variables and aggregates in SELECT beside GROUP BY",
                    found=f"?{strange[0]}",
                )
            allowed.add(name)

    def _extended(self, plan: Plan, selection: Selection) -> Plan:
        bound = set(visible(plan))
        for name, expr in selection:
            if expr is None:
                continue
            if name in bound:
                raise self.error(f"a new name after AS; ?{name} is bound in the pattern")
            bound.add(name)
            plan = Extend(name, *self.drawn(expr, plan))
        return plan

    def _group_by(self) -> Keys | None:
        if not self.accept_word("GROUP"):
            return None
        self.expect_word("BY")
        collected, self.aggregates = self.aggregates, None
        keys: list[tuple[str, Expr]] = []
        while True:
            if self.at_variable():
                variable = self.variable()
                keys.append((variable.name, variable))
            elif self.is_op("("):
                keys.append(self._group_expression())
            elif self.at_iri() or (self.token.kind == "word" and not self._at_modifier()):
                keys.append((self.fresh("k"), self.constraint()))
            else:
                break
        self.aggregates = collected
        if not keys:
            raise self.error("a variable or an expression to group by")
        return tuple(dict(keys).items())

    def _group_expression(self) -> tuple[str, Expr]:
        self.expect_op("(")
        expr = self.expression()
        name = self.variable().name if self.accept_word("AS") else self.fresh("k")
        self.expect_op(")")
        return name, expr

    def _at_modifier(self) -> bool:
        return self.is_word("HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES")

    def _having(self) -> list[Expr]:
        conditions: list[Expr] = []
        if self.accept_word("HAVING"):
            conditions.append(self.constraint())
            while self.is_op("(") or self.at_iri() or self._at_builtin():
                conditions.append(self.constraint())
        return conditions

    def _at_builtin(self) -> bool:
        return self.token.kind == "word" and not self._at_modifier()

    def _order_by(self) -> tuple[OrderKey, ...]:
        if not self.accept_word("ORDER"):
            return ()
        self.expect_word("BY")
        keys: list[OrderKey] = []
        while True:
            if self.is_word("ASC", "DESC"):
                descending = self.take().text.upper() == "DESC"
                if not self.is_op("("):
                    raise self.error("an expression in brackets")
                keys.append(OrderKey(self.constraint(), descending))
            elif self.at_variable():
                keys.append(OrderKey(self.variable()))
            elif self.is_op("(") or self.at_iri() or self._at_builtin():
                keys.append(OrderKey(self.constraint()))
            else:
                break
        if not keys:
            raise self.error("something to order by")
        return tuple(keys)

    def _limit_offset(self) -> tuple[int, int | None]:
        found: dict[str, int] = {}
        while self.is_word("LIMIT", "OFFSET"):
            word = self.take()
            if word.text.upper() in found:
                raise self.error(f"{word.text} once", word)
            if self.token.kind != "integer":
                raise self.error("a whole number")
            found[word.text.upper()] = int(self.take().text)
        return found.get("OFFSET", 0), found.get("LIMIT")

    # --------------------------------------------------------------- other forms

    def _ask_query(self) -> Query:
        self.take()
        self._dataset()
        where = self._where_without_aggregates()
        self.aggregates = {}
        return self._finish("ASK", self._with_modifiers(where))

    def _with_modifiers(self, where: Plan) -> Plan:
        plan, order, limits = self._modified(where, [])
        return _sliced(self._ordered(order, plan), *limits)

    def _ordered(self, order: tuple[OrderKey, ...], plan: Plan) -> Plan:
        keys = []
        for key in order:
            made, plan = self.drawn(key.expr, plan)
            keys.append(replace(key, expr=made))
        return OrderBy(tuple(keys), plan) if keys else plan

    def _construct_query(self) -> Query:
        self.take()
        if self.is_op("{"):
            template = self._template()
            self._dataset()
            where = self._where_without_aggregates()
        else:
            self._dataset()
            self.expect_word("WHERE")
            template = self._template()
            where = Bgp(template) if template else Unit()
        self.aggregates = {}
        return self._finish("CONSTRUCT", self._with_modifiers(where), template=template)

    def _template(self) -> tuple[TriplePattern, ...]:
        self.expect_op("{")
        self.plain_predicates = True
        labels = dict(self._label_block)
        self._block = self.new_block()
        plan = self._triples_block()
        self._label_block = labels
        self.plain_predicates = False
        self.expect_op("}")
        return plan.patterns if isinstance(plan, Bgp) else ()

    def _describe_query(self) -> Query:
        self.take()
        terms: list[Var | IRI] = []
        star = self.accept_op("*")
        while not star and (self.at_variable() or self.at_iri()):
            terms.append(self.variable() if self.at_variable() else self.iri())
        if not star and not terms:
            raise self.error("a variable, an IRI or *")
        self._dataset()
        plain = not (self.is_op("{") or self.is_word("WHERE"))
        where = Unit() if plain else self._where_without_aggregates()
        self.aggregates = {}
        plan = self._with_modifiers(where)
        described = tuple(Var(name) for name in _star(plan)) if star else tuple(terms)
        branches, template = _descriptions(plan, described)
        query = self._finish("DESCRIBE", branches, template=template)
        return replace(query, described=described)


def _sliced(plan: Plan, offset: int, limit: int | None) -> Plan:
    return plan if not offset and limit is None else Slice(plan, offset, limit)


def _star(plan: Plan) -> tuple[str, ...]:
    return tuple(name for name in visible(plan) if not name.startswith("."))


def _projected(plan: Plan) -> tuple[str, ...]:
    while isinstance(plan, Slice | Distinct):
        plan = plan.child
    return plan.variables if isinstance(plan, Project) else ()


def _descriptions(
    plan: Plan, described: tuple[Var | IRI, ...]
) -> tuple[Plan, tuple[TriplePattern, ...]]:
    """Plan and template of all triples whose subject is one of the described terms."""
    predicate, obj = Var(".dp"), Var(".do")
    template: list[TriplePattern] = []
    branches: Plan = Empty()
    for number, term in enumerate(described):
        subject = Var(f".ds{number}") if isinstance(term, IRI) else term
        template.append(TriplePattern(subject, predicate, obj))
        scan: Plan = Bgp((TriplePattern(term, predicate, obj),))
        if isinstance(term, IRI):
            branch: Plan = Extend(subject.name, Const(term), scan)
        else:
            found = Filter(Call("BOUND", (term,)), plan)
            branch = Join(Distinct(Project((term.name,), found)), scan)
        branches = branch if isinstance(branches, Empty) else Union(branches, branch)
    return branches, tuple(template)
