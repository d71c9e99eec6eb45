"""The short way to text: column buffers to lines of N-Triples without terms in between.

It decides nothing: a row of which compiled kernels are not sure is left to the general way.
"""

from .program import Builder, Longer
from .writer import LineWriter, Written, line_writer, why_general

__all__ = ["Builder", "LineWriter", "Longer", "Written", "line_writer", "why_general"]
