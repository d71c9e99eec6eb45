"""The solutions around an EXISTS put into its pattern (SPARQL 1.1 section 18.6, substitute).

The standard evaluates the pattern once for each solution. Here it is evaluated once for all of
them: their rows are numbered, joined to whatever mentions one of their variables, and everything
that is not a join (OPTIONAL, MINUS, LIMIT, groups) is done for each number. Variables that a
sub-query does not select are its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce

from ..algebra import (
    Bgp,
    Call,
    Closure,
    Exists,
    Expr,
    Extend,
    Filter,
    Given,
    Group,
    IntervalJoin,
    Join,
    LeftJoin,
    Minus,
    Plan,
    Project,
    Service,
    Slice,
    SpatialJoin,
    TermTable,
    Union,
    Values,
    Var,
    child_plans,
    map_expressions,
    map_plans,
    mentioned,
    visible,
)
from ..conditions import conjunction


def needs_rows(expr: Expr, outer: frozenset[str]) -> bool:
    """Return whether an expression holds an EXISTS that a semi-join alone does not answer."""
    match expr:
        case Exists(plan):
            return _sensitive(plan, outer)
        case Call(_, args):
            return any(needs_rows(arg, outer) for arg in args)
    return False


def _sensitive(plan: Plan, outer: frozenset[str]) -> bool:
    """Return whether joining the solutions around at the end differs from putting them in."""
    match plan:
        case LeftJoin() | Minus() | Slice() | Project() | Group():
            return bool(mentioned(plan) & outer)
        case Union(left, right):
            if visible(left) & outer != visible(right) & outer:
                return True
        case Values(variables, rows):
            return any(None in row for row in rows) and not outer.isdisjoint(variables)
        case TermTable(variables):
            return not outer.isdisjoint(variables)
        case Extend(variable) if variable in outer:
            return True
    inside: list[bool] = []

    def note(expr: Expr) -> Expr:
        if isinstance(expr, Exists):
            inside.append(_sensitive(expr.plan, outer | visible(plan)))
        return expr

    map_expressions(plan, note)
    return any(inside) or any(_sensitive(child, outer) for child in child_plans(plan))


@dataclass(frozen=True, slots=True)
class Substitution:
    """Rows to put into a pattern; ``names`` are their variables that count there."""

    given: Given
    names: frozenset[str]

    @property
    def number(self) -> str:
        """The variable that numbers the rows."""
        return self.given.variables[0]

    def bound(self, plan: Plan) -> Plan:
        """The pattern for each row, the row's number and variables bound."""
        made = self.each(plan)
        return made if {self.number, *self.names} <= visible(made) else Join(self._rows(), made)

    def each(self, plan: Plan) -> Plan:
        """As :meth:`bound`, but what mentions none of the variables stays as it is."""
        if self.names.isdisjoint(mentioned(plan)):
            return plan
        match plan:
            case Bgp() | Closure() | Values() | TermTable() | Service() | Given():
                return Join(self._rows(), plan)
            case Join():
                return self._join(plan)
            case SpatialJoin(left, right, condition, residual):
                every = conjunction((condition, *residual))
                return self.each(Filter(every, Join(left, right)))
            case IntervalJoin(left, right, conditions, residual):
                every = conjunction((*conditions, *residual))
                return self.each(Filter(every, Join(left, right)))
            case LeftJoin(left, right, condition):
                return LeftJoin(self.bound(left), self.each(right), condition)
            case Minus():
                return self._minus(plan)
            case Extend(variable, expr, child) if variable in self.names:
                inner = self._only(self.names - {variable}).bound(child)
                return Join(self._rows(), Extend(variable, expr, inner))
            case Slice(child, per=per):
                return replace(plan, child=self.bound(child), per=(*per, self.number))
            case Project(names, child):
                return self._project(plan, names, child)
            case Group(keys, _, child):
                inside = self._only(self.names & {name for name, _ in keys})
                number = (self.number, Var(self.number))
                if not inside.names:
                    return plan
                return replace(plan, keys=(*keys, number), child=inside.bound(child))
        return map_plans(plan, self.bound)

    def _rows(self) -> Plan:
        return replace(self.given, variables=(self.number, *sorted(self.names)))

    def _only(self, names: frozenset[str]) -> Substitution:
        return replace(self, names=names)

    def _join(self, plan: Join) -> Plan:
        """The rows joined once to the plain parts of a join."""
        parts = list(_parts(plan))
        plain = [part for part in parts if isinstance(part, Bgp | Closure | Values | Given)]
        others = [self.each(part) for part in parts if part not in plain]
        joined = reduce(Join, plain, self._rows())
        return reduce(Join, others, joined)

    def _minus(self, plan: Minus) -> Plan:
        """Only variables of both patterns count as shared, not those the rows brought in."""
        left, right = self.bound(plan.left), self.each(plan.right)
        if right == plan.right:
            return replace(plan, left=left)
        brought = self.names - visible(plan.left)
        kept = tuple(name for name in visible(plan.right) if name not in brought)
        return Minus(left, Project((*kept, self.number), right), (*plan.apart, self.number))

    def _project(self, plan: Project, names: tuple[str, ...], child: Plan) -> Plan:
        inside = self._only(self.names & frozenset(names))
        if not inside.names or inside.names.isdisjoint(mentioned(child)):
            return plan
        made = inside.each(child)
        if self.number not in visible(made):
            return replace(plan, child=made)
        return Project((*names, self.number), made)


def _parts(plan: Plan) -> list[Plan]:
    return [*_parts(plan.left), *_parts(plan.right)] if isinstance(plan, Join) else [plan]
