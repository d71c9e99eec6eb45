"""Plans to SQL, as sqlglot expressions over the lane files of a snapshot."""

from .part_pruning import Pruned
from .statement import Statement, emit_query
from .tiles import JOINED

__all__ = ["JOINED", "Pruned", "Statement", "emit_query"]
