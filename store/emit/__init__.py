"""Plans to SQL, as sqlglot expressions over the lane files of a snapshot."""

from .statement import Statement, emit_query

__all__ = ["Statement", "emit_query"]
