"""Functions a mapping can call (RML-FNML), and the registry users add theirs to."""

from . import codes, grel, measures, places, shaping, texts, times
from .files import load_functions
from .registry import Call, Function, find_function, register, registered

__all__ = [
    "Call",
    "Function",
    "codes",
    "find_function",
    "grel",
    "load_functions",
    "measures",
    "places",
    "register",
    "registered",
    "shaping",
    "texts",
    "times",
]
