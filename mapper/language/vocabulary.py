"""The vocabulary of RML that the mapper knows, and of what it adds."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

RML: Final = "http://w3id.org/rml/"
GL: Final = "https://w3id.org/geoloom/ns#"
R2RML: Final = "http://www.w3.org/ns/r2rml#"
OLD_RML: Final = "http://semweb.mmlab.be/ns/rml#"
FORMATS: Final = "http://www.w3.org/ns/formats/"
D2RQ: Final = "http://www.wiwiss.fu-berlin.de/suhl/bizer/D2RQ/0.1#"

CSV: Final = RML + "CSV"
JSON_PATH: Final = RML + "JSONPath"
XPATH: Final = RML + "XPath"
SPARQL: Final = FORMATS + "SPARQL_Results_CSV"
STAC: Final = GL + "STAC"
VECTOR: Final = GL + "Vector"
GEO_PARQUET: Final = GL + "GeoParquet"
RASTER_ZONES: Final = GL + "RasterZones"
RASTER_FRACTIONS: Final = GL + "RasterFractions"
RASTER_CHANGE: Final = GL + "RasterChange"
RASTERS: Final = (RASTER_ZONES, RASTER_FRACTIONS, RASTER_CHANGE)
SQL_TABLE: Final = RML + "SQL2008Table"
SQL_QUERY: Final = RML + "SQL2008Query"
R2RML_TABLE: Final = GL + "R2RMLTable"
R2RML_VIEW: Final = GL + "R2RMLView"
"""Logical tables of R2RML, whose references are SQL identifiers."""
DATABASES: Final = (SQL_TABLE, SQL_QUERY, R2RML_TABLE, R2RML_VIEW)
FORMULATIONS: Final = (
    CSV,
    JSON_PATH,
    XPATH,
    SPARQL,
    VECTOR,
    GEO_PARQUET,
    STAC,
    *RASTERS,
    *DATABASES,
)

DEFAULT_GRAPH: Final = RML + "defaultGraph"

SOURCE_OPTIONS: Final = frozenset(
    {
        "layer",
        "crs",
        "targetCRS",
        "geometryColumn",
        "delimiter",
        "encoding",
        "quote",
        "doubleQuote",
        "comment",
        "header",
        "headerRows",
        "skipRows",
        "skipColumns",
        "skipInitialSpace",
        "trim",
        "member",
        "lines",
        "band",
        "confidence",
        "confidenceBand",
        "confidenceScale",
        "confidenceLayer",
        "probabilities",
        "smallZones",
        "after",
        "afterBand",
        "afterLayer",
        "afterConfidence",
        "afterConfidenceBand",
        "afterConfidenceLayer",
        "afterProbabilities",
        "blockSize",
        "minimumShare",
        "classBands",
        "fractionScale",
        "area",
        "breaks",
        "unit",
        "minimumPixels",
        "connectedness",
        "cut",
        "nodata",
    }
)
"""Options of ours on a logical source: ``gl:layer``, ``gl:crs``, …"""

KNOWN: Final = frozenset(
    {
        "TriplesMap",
        "LogicalSource",
        "AbstractLogicalSource",
        "Source",
        "SubjectMap",
        "PredicateMap",
        "ObjectMap",
        "GraphMap",
        "PredicateObjectMap",
        "RefObjectMap",
        "Join",
        "LanguageMap",
        "DatatypeMap",
        "TermMap",
        "ExpressionMap",
        "Strategy",
        "ParentMap",
        "ChildMap",
        "logicalSource",
        "subjectMap",
        "subject",
        "predicateObjectMap",
        "predicateMap",
        "predicate",
        "objectMap",
        "object",
        "graphMap",
        "graph",
        "class",
        "constant",
        "reference",
        "template",
        "termType",
        "datatype",
        "datatypeMap",
        "language",
        "languageMap",
        "parentTriplesMap",
        "joinCondition",
        "child",
        "parent",
        "childMap",
        "parentMap",
        "baseIRI",
        "defaultGraph",
        "IRI",
        "URI",
        "UnsafeIRI",
        "UnsafeURI",
        "BlankNode",
        "Literal",
        "source",
        "referenceFormulation",
        "ReferenceFormulation",
        "iterator",
        "FilePath",
        "RelativePathSource",
        "BaseSource",
        "root",
        "path",
        "MappingDirectory",
        "CurrentWorkingDirectory",
        "encoding",
        "null",
        "logicalTarget",
        "LogicalTarget",
        "Target",
        "target",
        "serialization",
        "compression",
        "gzip",
        "zip",
        "targz",
        "tarxz",
        "none",
        "Encoding",
        "Compression",
        "UTF-8",
        "UTF-16",
        "CSV",
        "JSONPath",
        "SQL2008Query",
        "SQL2008Table",
        "XPath",
        "XPathReferenceFormulation",
        "Namespace",
        "namespace",
        "namespacePrefix",
        "namespaceURL",
        "functionExecution",
        "function",
        "functionMap",
        "input",
        "Input",
        "parameter",
        "parameterMap",
        "inputValue",
        "inputValueMap",
        "return",
        "returnMap",
        "FunctionExecution",
        "Execution",
        "FunctionMap",
        "ParameterMap",
        "ReturnMap",
        "InputValueMap",
        "condition",
        "ConditionMap",
    }
)
"""Terms of the RML namespace (RML-Core, RML-IO, RML-FNML) that are understood."""

UNSUPPORTED: Final = frozenset(
    {
        "SQL2016",
        "mode",
        "gather",
        "gatherAs",
        "allowEmptyListAndContainer",
        "strategy",
        "append",
        "cartesianProduct",
        "LogicalView",
        "viewOn",
        "field",
        "fieldName",
        "leftJoin",
        "innerJoin",
        "parentLogicalView",
        "Field",
        "IterableField",
        "ExpressionField",
        "structuralAnnotation",
        "PrimaryKeyAnnotation",
        "ForeignKeyAnnotation",
        "UniqueAnnotation",
        "NotNullAnnotation",
        "InclusionAnnotation",
        "IriSafeAnnotation",
        "onFields",
        "targetView",
        "targetFields",
        "starMap",
        "StarMap",
        "quotedTriplesMap",
        "AssertedTriplesMap",
        "NonAssertedTriplesMap",
        "query",
        "UTF-32",
        "Kafka",
    }
)
"""Legal RML that this version refuses by name instead of doing something else."""


def did_you_mean(name: str, known: Iterable[object]) -> str:
    """Remedy that names the nearest known word, or all of them if none is near."""
    words = sorted(str(word) for word in known)
    near = get_close_matches(name, words, n=3, cutoff=0.6)
    if near:
        return "did you mean " + " or ".join(repr(word) for word in near)
    shown = ", ".join(words[:30]) + (", …" if len(words) > 30 else "")
    return f"use one of {shown}" if shown else "check the name"
