"""Running the passes in order, and noting what each of them did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Final

from ..algebra import Plan
from ..catalog import Snapshot
from ..engine.limits import check_limit
from .early_counts import count_early
from .filter_placement import place_filters
from .interval_join import recognise_interval_joins
from .join_order import order_joins
from .nearest import find_nearest
from .path_simplification import simplify_paths
from .spatial_bindings import inline_bindings
from .spatial_join import recognise_spatial_joins
from .spatial_pruning import prune_spatial_joins
from .spatial_window import add_windows
from .value_ranges import add_ranges

Pass = Callable[[Plan, Snapshot | None], Plan]

PASSES: Final[tuple[Pass, ...]] = (
    simplify_paths,
    inline_bindings,
    place_filters,
    recognise_spatial_joins,
    recognise_interval_joins,
    add_windows,
    add_ranges,
    find_nearest,
    order_joins,
    count_early,
    prune_spatial_joins,
)


@dataclass(frozen=True, slots=True)
class Step:
    """What one pass did: the plan after it, and how long it took."""

    name: str
    plan: Plan
    changed: bool
    milliseconds: float


def optimise(
    plan: Plan, snapshot: Snapshot | None, passes: Sequence[Pass] = PASSES
) -> tuple[Plan, list[Step]]:
    """Run the passes one after the other; without passes the plan stays as it is.

    The answer is the same bag of solutions with any subset of the passes.
    """
    steps: list[Step] = []
    for rewrite in passes:
        check_limit()
        start = perf_counter()
        changed = rewrite(plan, snapshot)
        spent = (perf_counter() - start) * 1000
        steps.append(Step(rewrite.__name__, changed, changed != plan, spent))
        plan = changed
    return plan, steps
