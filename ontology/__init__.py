"""Vocabulary, code lists and the shared kernel: terms, lanes, geometry, CRS, errors."""

from . import allocator  # before pyarrow

# isort: split
from .addresses import get_byte, get_word, put_byte, put_word
from .codelists import (
    CODE_LISTS,
    CodeList,
    Concept,
    Crosswalk,
    Lookup,
    Match,
    code_list,
    code_lists,
    crosswalk,
    find_concepts,
    skos_batches,
    skos_text,
    skos_triples,
)
from .columns import ARROW_TYPES, EntityBatch, Property, Sink, SinkReport, TermColumn
from .compiled import compiled
from .crs import crs_from, crs_iri, is_geographic, northing_first, same_crs, transform
from .decimals import LONGER as DECIMAL_LONGER
from .decimals import SHORTEST as DECIMAL_SHORTEST
from .decimals import UNKNOWN as DECIMAL_UNKNOWN
from .decimals import read_decimal
from .earth import AROUND as CIRCLE_GROWTH
from .earth import SEGMENTS as QUARTER_SEGMENTS
from .earth import circle_around, metres_buffer, on_globe
from .errors import (
    BusyError,
    CrashError,
    CRSError,
    DeadlineError,
    GeoloomError,
    GeometryError,
    IncompleteError,
    InputError,
    MappingError,
    MemoryLimitError,
    QuerySyntaxError,
    RemoteError,
    StoreError,
    UnknownCodeError,
    UnsupportedError,
    UsageError,
)
from .fingerprints import Prints, fingerprints, text_print
from .geometry import (
    GeometryLiteral,
    GeometryProblem,
    ParsedGeometries,
    format_wkt,
    guard_wkt,
    parse_wkt,
    read_wkb,
    to_wkb,
)
from .identity import SEED, hash_span, hash_texts, node_ids, node_texts, term_id
from .lanes import LANE_CODES, LANE_DATATYPES, Lane
from .lexical import lexical_forms
from .memory import give_back, reuse_memory
from .metres import (
    area as geodesic_area,
)
from .metres import (
    degree_margin_columns,
    degree_margins,
    metres_distance,
)
from .metres import (
    distance as geodesic_distance,
)
from .metres import (
    length as geodesic_length,
)
from .metres import (
    perimeter as geodesic_perimeter,
)
from .namespaces import CRS84, GEO, PREFIXES, RDF_TYPE, UOM, WKT_LITERAL
from .number_texts import NUMBER_LANES, keeping_forms, keeping_odd, read_numbers
from .serialisations import (
    DGGS_LITERAL,
    GEOJSON_LITERAL,
    GEOMETRY_DATATYPES,
    GML_LITERAL,
    KML_LITERAL,
    format_dggs,
    format_geometries,
    parse_geometries,
)
from .sound import without_empty_members
from .spans import Spans, spans_of
from .terms import IRI, RDF_LANG_STRING, XSD_STRING, BlankNode, Literal, Term, Triple
from .units import UNITS, Unit, unit, unit_factor
from .vocabulary import VOCABULARIES, extremeearth_profile, vocabulary_graph, vocabulary_text
from .wkb_moving import Moved, move_wkb, transform_wkb
from .wkb_rows import Boxes, read_boxes
from .wkb_validity import surely_valid
from .wkt_canonical import MOST_VERTICES, ODD, UNSURE, put_wkt
from .words import load_word, lowest_byte

__all__ = [
    "ARROW_TYPES",
    "CIRCLE_GROWTH",
    "CODE_LISTS",
    "CRS84",
    "DECIMAL_LONGER",
    "DECIMAL_SHORTEST",
    "DECIMAL_UNKNOWN",
    "DGGS_LITERAL",
    "GEO",
    "GEOJSON_LITERAL",
    "GEOMETRY_DATATYPES",
    "GML_LITERAL",
    "IRI",
    "KML_LITERAL",
    "LANE_CODES",
    "LANE_DATATYPES",
    "MOST_VERTICES",
    "NUMBER_LANES",
    "ODD",
    "PREFIXES",
    "QUARTER_SEGMENTS",
    "RDF_LANG_STRING",
    "RDF_TYPE",
    "SEED",
    "UNITS",
    "UNSURE",
    "UOM",
    "VOCABULARIES",
    "WKT_LITERAL",
    "XSD_STRING",
    "BlankNode",
    "Boxes",
    "BusyError",
    "CRSError",
    "CodeList",
    "Concept",
    "CrashError",
    "Crosswalk",
    "DeadlineError",
    "EntityBatch",
    "GeoloomError",
    "GeometryError",
    "GeometryLiteral",
    "GeometryProblem",
    "IncompleteError",
    "InputError",
    "Lane",
    "Literal",
    "Lookup",
    "MappingError",
    "Match",
    "MemoryLimitError",
    "Moved",
    "ParsedGeometries",
    "Prints",
    "Property",
    "QuerySyntaxError",
    "RemoteError",
    "Sink",
    "SinkReport",
    "Spans",
    "StoreError",
    "Term",
    "TermColumn",
    "Triple",
    "Unit",
    "UnknownCodeError",
    "UnsupportedError",
    "UsageError",
    "allocator",
    "circle_around",
    "code_list",
    "code_lists",
    "compiled",
    "crosswalk",
    "crs_from",
    "crs_iri",
    "degree_margin_columns",
    "degree_margins",
    "extremeearth_profile",
    "find_concepts",
    "fingerprints",
    "format_dggs",
    "format_geometries",
    "format_wkt",
    "geodesic_area",
    "geodesic_distance",
    "geodesic_length",
    "geodesic_perimeter",
    "get_byte",
    "get_word",
    "give_back",
    "guard_wkt",
    "hash_span",
    "hash_texts",
    "is_geographic",
    "keeping_forms",
    "keeping_odd",
    "lexical_forms",
    "load_word",
    "lowest_byte",
    "metres_buffer",
    "metres_distance",
    "move_wkb",
    "node_ids",
    "node_texts",
    "northing_first",
    "on_globe",
    "parse_geometries",
    "parse_wkt",
    "put_byte",
    "put_wkt",
    "put_word",
    "read_boxes",
    "read_decimal",
    "read_numbers",
    "read_wkb",
    "reuse_memory",
    "same_crs",
    "skos_batches",
    "skos_text",
    "skos_triples",
    "spans_of",
    "surely_valid",
    "term_id",
    "text_print",
    "to_wkb",
    "transform",
    "transform_wkb",
    "unit",
    "unit_factor",
    "vocabulary_graph",
    "vocabulary_text",
    "without_empty_members",
]
