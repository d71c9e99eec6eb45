"""EXPLAIN: how a query is answered, and where its time goes."""

from .explain import explain
from .explanation import Explanation

__all__ = ["Explanation", "explain"]
