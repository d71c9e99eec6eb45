"""Functions a mapping can call (RML-FNML), and the registry users add theirs to."""

from . import grel, places, texts
from .registry import Call, Function, find_function, register, registered

__all__ = ["Call", "Function", "find_function", "grel", "places", "register", "registered", "texts"]
