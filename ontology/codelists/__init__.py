"""Code lists as SKOS: classes with hierarchy, search, and crosswalks between the lists."""

from .crosswalk import MATCHES, Crosswalk, Match, crosswalk
from .load import CODE_LISTS, code_list, code_lists
from .model import CodeList, Concept, Lookup
from .search import find_concepts
from .skos import skos_batches, skos_text, skos_triples

__all__ = [
    "CODE_LISTS",
    "MATCHES",
    "CodeList",
    "Concept",
    "Crosswalk",
    "Lookup",
    "Match",
    "code_list",
    "code_lists",
    "crosswalk",
    "find_concepts",
    "skos_batches",
    "skos_text",
    "skos_triples",
]
