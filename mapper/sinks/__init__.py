"""Sinks that write RDF text to files."""

from .files import COMPRESSIONS, OutputFile
from .ntriples import NTriplesSink
from .opening import check_serialisation, open_sink, serialisation_sink
from .text import TextSink
from .turtle import TurtleSink

__all__ = [
    "COMPRESSIONS",
    "NTriplesSink",
    "OutputFile",
    "TextSink",
    "TurtleSink",
    "check_serialisation",
    "open_sink",
    "serialisation_sink",
]
