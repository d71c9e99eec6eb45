"""Write a first mapping for a file: keys, datatypes, geometry and code lists are guessed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ontology import CODE_LISTS, PREFIXES, code_list

from .describe import Column, SourceDescription, describe_source
from .template import escape
from .vocabulary import CSV, GEO_PARQUET, GL, JSON_PATH, RASTER_ZONES, RML, VECTOR

_FORMULATIONS: Final = {
    CSV: "rml:CSV",
    JSON_PATH: "rml:JSONPath",
    VECTOR: "gl:Vector",
    GEO_PARQUET: "gl:GeoParquet",
    RASTER_ZONES: "gl:RasterZones",
}
_HINTS: Final = {
    "usda-cdl": r"cdl",
    "lucas2018-lc1": r"lc1|lucas",
    "hcat3": r"hcat",
    "worldcover": r"worldcover|(^|_)wc(_|$)",
    "corine": r"corine|clc|code_?(18|12|06|00)",
    "sigrid3-stage": r"sigrid|(^|_)(sod|stage)(_|$)",
}
_KEY: Final = re.compile(r"(^|_)(id|fid|gid|oid|uid|uuid|key|code|iso)$|id$", re.IGNORECASE)
_X: Final = frozenset({"lon", "lng", "long", "longitude", "x"})
_Y: Final = frozenset({"lat", "latitude", "y"})
_LABEL: Final = frozenset({"name", "label", "title"})
_TEXT_TYPES: Final = (
    ("xsd:integer", r"^[+-]?\d{1,18}$"),
    ("xsd:double", r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"),
    ("xsd:date", r"^\d{4}-\d\d-\d\d$"),
    ("xsd:dateTime", r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$"),
    ("xsd:boolean", r"^(true|false)$"),
    ("geo:wktLiteral", r"(?i)^\s*(<[^>]*>\s*)?(MULTI)?(POINT|LINESTRING|POLYGON)\s*(Z|M|ZM)?\s*\("),
)
_ZONE_PROPERTIES: Final = {
    "value": "gl:classCode",
    "pixels": "gl:pixelCount",
    "area": "geo:hasMetricArea",
    "mean_confidence": "gl:confidence",
    "min_confidence": "gl:minConfidence",
}


def generate_mapping(file: str | Path, *, base_iri: str = "http://example.com/") -> str:
    """Write an RML mapping for a file, to be corrected by hand.

    Parameters
    ----------
    file : path
        Anything :func:`mapper.describe_source` knows.
    base_iri : str
        Subjects become ``{base_iri}{layer}/{key}``, predicates ``{base_iri}ns#{column}``.

    Returns
    -------
    str
        Turtle that :func:`mapper.load_mapping` takes and that maps the file as it is, with
        the file's folder as ``base_dir``. Guesses are marked by comments.

    Raises
    ------
    InputError
        The file is missing or of no known kind.
    """
    base = base_iri if base_iri.endswith(("/", "#")) else base_iri + "/"
    prefixes = {**PREFIXES, "rml": RML, "gl": GL, "ns": base + "ns#"}
    used = ("rml", "gl", "geo", "rdfs", "xsd", "ns")
    lines = [f"@prefix {name}: <{prefixes[name]}> ." for name in used]
    lines.append(f"@base <{base}mapping/> .")
    for description in describe_source(file):
        lines.append("")
        lines.extend(_Writer(description, base).lines())
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class _Writer:
    description: SourceDescription
    base: str

    def lines(self) -> Iterator[str]:
        """Triples maps of one layer: the features and, if there are, their geometries."""
        source = self.description.source
        layer = _slug(source.option("layer") or Path(source.path).stem.split(".")[0])
        key = self._key()
        geometry = self._geometry(key)
        yield f"<#{layer}> a rml:TriplesMap ;"
        yield from self._source()
        if key is None:
            yield "  # no column is unique in the first rows: subjects are blank nodes"
            classes = self._classes(layer)
            yield f"  rml:subjectMap [ rml:termType rml:BlankNode ; rml:class {classes} ]"
        else:
            yield f"  # guess: {key} is unique"
            template = _quoted(f"{self.base}{layer}/{{{escape(key)}}}")
            yield f"  rml:subjectMap [ rml:template {template} ; rml:class {self._classes(layer)} ]"
        for column in self.description.columns:
            yield from self._property(column)
        if geometry is None:
            yield "."
            return
        node = _quoted(f"{self.base}{layer}/{{{escape(str(key))}}}/geometry")
        yield "  ; rml:predicateObjectMap [ rml:predicate geo:hasGeometry ;"
        yield f"      rml:objectMap [ rml:template {node} ] ] ."
        yield ""
        yield f"<#{layer}_geometry> a rml:TriplesMap ;"
        yield from self._source()
        yield f"  rml:subjectMap [ rml:template {node} ; rml:class geo:Geometry ] ;"
        yield "  rml:predicateObjectMap [ rml:predicate geo:asWKT ;"
        yield f"      rml:objectMap [ {geometry} ] ] ."

    def _source(self) -> Iterator[str]:
        source = self.description.source
        yield "  rml:logicalSource ["
        nulls = "".join(f" ; rml:null {_quoted(text)}" for text in source.nulls)
        yield f"      rml:source [ a rml:FilePath ; rml:path {_quoted(source.path)}{nulls} ] ;"
        if source.iterator is not None:
            yield f"      rml:iterator {_quoted(source.iterator)} ;"
        for name, value in source.options:
            yield f"      gl:{name} {_quoted(value)} ;"
        if self.description.has_geometry:
            if self.description.crs is None:
                yield '      # the file does not say its CRS; add: gl:crs "EPSG:..." ;'
            else:
                yield f"      # CRS of the file: {self.description.crs}"
        yield f"      rml:referenceFormulation {_FORMULATIONS[source.formulation]} ] ;"

    def _classes(self, layer: str) -> str:
        own = f"ns:{layer.title().replace('_', '')}"
        if self.description.source.formulation == RASTER_ZONES:
            return "gl:Zone"
        places = self.description.has_geometry or self._pair() or self._wkt()
        return f"{own}, geo:Feature" if places else own

    def _key(self) -> str | None:
        names = [c.name for c in self.description.columns if c.unique and _may_be_key(c)]
        for wanted in ("zone", "fid"):
            if wanted in names and self.description.source.formulation != CSV:
                named = [n for n in names if _KEY.search(n) and n != wanted]
                return named[0] if named and wanted == "fid" else wanted
        return next((n for n in names if _KEY.search(n)), names[0] if names else None)

    def _geometry(self, key: str | None) -> str | None:
        """Object map of the geometry, or None when there is none that can be read."""
        if key is None:
            return None
        if self.description.has_geometry and self.description.crs is not None:
            return 'rml:reference "geometry" ; rml:datatype geo:wktLiteral'
        wkt, pair = self._wkt(), self._pair()
        if wkt is not None:
            return f"rml:reference {_quoted(wkt)} ; rml:datatype geo:wktLiteral"
        if pair is None or self.description.has_geometry:
            return None
        inputs = ", ".join(
            f"[ rml:parameter gl:{axis} ; rml:inputValueMap [ rml:reference {_quoted(name)} ] ]"
            for axis, name in zip("xy", pair, strict=True)
        )
        call = f"[ rml:function gl:point ; rml:input {inputs} ]"
        return f"rml:functionExecution {call} ; rml:datatype geo:wktLiteral"

    def _pair(self) -> tuple[str, str] | None:
        by_name = {c.name.lower(): c.name for c in self.description.columns}
        x = next((by_name[n] for n in by_name if n in _X), None)
        y = next((by_name[n] for n in by_name if n in _Y), None)
        return (x, y) if x and y else None

    def _wkt(self) -> str | None:
        found = (c.name for c in self.description.columns if _datatype(c) == "geo:wktLiteral")
        return next(found, None)

    def _property(self, column: Column) -> Iterator[str]:
        datatype = _datatype(column)
        if column.kind == "binary" or datatype == "geo:wktLiteral":
            return
        raster = self.description.source.formulation == RASTER_ZONES
        predicate = _ZONE_PROPERTIES.get(column.name) if raster else f"ns:{_slug(column.name)}"
        if predicate is None:
            return
        if column.name.lower() in _LABEL:
            predicate = "rdfs:label"
        typed = f" ; rml:datatype {datatype}" if datatype else ""
        yield f"  ; rml:predicateObjectMap [ rml:predicate {predicate} ;"
        yield f"      rml:objectMap [ rml:reference {_quoted(column.name)}{typed} ] ]"
        scheme = _code_list(column, self.description.source.path)
        if scheme is not None:
            yield f"  # guess: {column.name} holds codes of {scheme}"
            yield "  ; rml:predicateObjectMap [ rml:predicate gl:observedClass ;"
            yield "      rml:objectMap [ rml:functionExecution [ rml:function gl:concept ;"
            yield f'        rml:input [ rml:parameter gl:scheme ; rml:inputValue "{scheme}" ] ,'
            yield "          [ rml:parameter gl:code ;"
            yield f"            rml:inputValueMap [ rml:reference {_quoted(column.name)} ] ] ] ;"
            yield "        rml:termType rml:IRI ] ]"


def _may_be_key(column: Column) -> bool:
    return column.kind.startswith(("int", "uint")) or column.kind == "string"


def _datatype(column: Column) -> str | None:
    if column.kind != "string" or len(column.values) == 0:
        return None
    for datatype, pattern in _TEXT_TYPES:
        if pc.all(pc.match_substring_regex(column.values, pattern)).as_py():
            leading_zero = pc.any(pc.match_substring_regex(column.values, r"^0\d")).as_py()
            return None if datatype == "xsd:integer" and leading_zero else datatype
    return None


def _code_list(column: Column, path: str) -> str | None:
    """Name of the code list all values of a column are in, if name or form point to one."""
    if not _may_be_key(column) or not 0 < len(column.values) < 500:
        return None
    texts = pc.cast(column.values, pa.string())
    numbers = pc.all(pc.match_substring_regex(texts, r"^\d+$")).as_py()
    named = column.name + " " + (path if column.name.lower() in ("value", "code", "class") else "")
    for scheme in CODE_LISTS:
        hinted = re.search(_HINTS.get(scheme, "^$"), named.lower())
        if not hinted and (numbers or len(texts) < 2):
            continue
        if not code_list(scheme).lookup(texts).unknown:
            return scheme
    return None


def _slug(text: str) -> str:
    slug = re.sub(r"\W+", "_", text).strip("_") or "column"
    return f"_{slug}" if slug[0].isdigit() else slug


def _quoted(text: str) -> str:
    escaped = (
        text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    )
    return f'"{escaped}"'
