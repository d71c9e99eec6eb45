"""Expected number of rows of a subquery at one source; None when nothing is known."""

from __future__ import annotations

from collections import defaultdict

from ontology import IRI, RDF_TYPE
from store import algebra as al

from .descriptions import Description

_FILTER_SHARE = 0.3
_CONSTANT_SHARE = 0.1


def estimate(plan: al.Plan, known: Description) -> float | None:
    """Return the rows a source is expected to send for a plan.

    A star of patterns around one subject has as many rows as its rarest predicate; stars that
    are linked to each other have as many as the largest.
    """
    match plan:
        case al.Bgp():
            return _bgp(plan, known)
        case al.Values():
            return float(len(plan.rows))
        case al.Filter():
            return _scaled(estimate(plan.child, known), _FILTER_SHARE)
        case al.Join() | al.Union():
            left, right = estimate(plan.left, known), estimate(plan.right, known)
            if left is None or right is None:
                return None
            return left + right if isinstance(plan, al.Union) else max(left, right)
        case al.LeftJoin() | al.Minus():
            return estimate(plan.left, known)
        case al.Slice():
            below = estimate(plan.child, known)
            return below if plan.limit is None else min(float(plan.limit), below or plan.limit)
        case al.Group():
            return 1.0 if not plan.keys else _scaled(estimate(plan.child, known), _CONSTANT_SHARE)
        case al.Extend() | al.OrderBy() | al.Project() | al.Distinct():
            return estimate(plan.child, known)
    return None


def _scaled(rows: float | None, share: float) -> float | None:
    return None if rows is None else rows * share


def _bgp(plan: al.Bgp, known: Description) -> float | None:
    stars: dict[object, list[float]] = defaultdict(list)
    for pattern in plan.patterns:
        rows = _pattern(pattern, known)
        if rows is None or plan.graph is not None:
            return None
        stars[pattern.subject].append(rows)
    return max((min(rows) for rows in stars.values()), default=1.0)


def _pattern(pattern: al.TriplePattern, known: Description) -> float | None:
    if not isinstance(pattern.predicate, IRI) or known.predicates is None:
        return None
    facts = known.predicates.get(pattern.predicate.value)
    if facts is None or facts.count is None:
        return None
    if pattern.predicate.value == RDF_TYPE and isinstance(pattern.object, IRI):
        instances = known.instances(pattern.object.value)
        return facts.count if instances is None else instances
    constants = sum(not isinstance(n, al.Var) for n in (pattern.subject, pattern.object))
    return max(1.0, facts.count * _CONSTANT_SHARE**constants)
