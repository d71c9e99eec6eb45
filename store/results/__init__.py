"""Answers of queries and the formats they are written in."""

from .formats import Format, NotAcceptableError, format_named, formats_for, negotiate
from .result import Result

__all__ = [
    "Format",
    "NotAcceptableError",
    "Result",
    "format_named",
    "formats_for",
    "negotiate",
]
