"""RML mappings from files, tables and class rasters to column batches of linked data."""

from ontology import allocator as _allocator  # noqa: F401 - before pyarrow

# isort: split
from .describe import Column, SourceDescription, describe_source
from .functions import load_functions, register, registered
from .generate import Generated, generate, generate_mapping
from .language.model import Mapping
from .language.parse import load_mapping
from .ntriples import term_texts
from .recipes import Recipe, load_recipe, recipes
from .runs.explain import MappingPlan, explain_mapping
from .runs.reports import MappingReport, SourceReport
from .runs.row_prints import RememberingSink
from .runs.run import run_mapping
from .sinks import NTriplesSink, TextSink, open_sink
from .terms.faults import Quarantined

__all__ = [
    "Column",
    "Generated",
    "Mapping",
    "MappingPlan",
    "MappingReport",
    "NTriplesSink",
    "Quarantined",
    "Recipe",
    "RememberingSink",
    "SourceDescription",
    "SourceReport",
    "TextSink",
    "describe_source",
    "explain_mapping",
    "generate",
    "generate_mapping",
    "load_functions",
    "load_mapping",
    "load_recipe",
    "open_sink",
    "recipes",
    "register",
    "registered",
    "run_mapping",
    "term_texts",
]
