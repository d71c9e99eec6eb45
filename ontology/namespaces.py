"""Namespaces used by geoloom and the prefixes it understands without declaration."""

from __future__ import annotations

from typing import Final

GL: Final = "https://w3id.org/geoloom/ns#"
CODES: Final = "https://w3id.org/geoloom/codes/"
GEO: Final = "http://www.opengis.net/ont/geosparql#"
GEOF: Final = "http://www.opengis.net/def/function/geosparql/"
SF: Final = "http://www.opengis.net/ont/sf#"
UOM: Final = "http://www.opengis.net/def/uom/OGC/1.0/"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
SOSA: Final = "http://www.w3.org/ns/sosa/"
PROV: Final = "http://www.w3.org/ns/prov#"
DCAT: Final = "http://www.w3.org/ns/dcat#"
DCTERMS: Final = "http://purl.org/dc/terms/"
TIME: Final = "http://www.w3.org/2006/time#"
RML: Final = "http://w3id.org/rml/"
RR: Final = "http://www.w3.org/ns/r2rml#"
STRDF: Final = "http://strdf.di.uoa.gr/ontology#"
GLF: Final = "https://w3id.org/geoloom/function#"
FS: Final = "http://earthanalytics.eu/fs/ontology/"
UOA_FS: Final = "http://ai.di.uoa.gr/fs/ontology/"
UOA_POLAR: Final = "http://ai.di.uoa.gr/polar/ontology/"

PREFIXES: Final[dict[str, str]] = {
    "gl": GL,
    "geo": GEO,
    "geof": GEOF,
    "sf": SF,
    "uom": UOM,
    "rdf": RDF,
    "rdfs": RDFS,
    "owl": OWL,
    "xsd": XSD,
    "skos": SKOS,
    "sosa": SOSA,
    "prov": PROV,
    "dcat": DCAT,
    "dcterms": DCTERMS,
    "time": TIME,
    "strdf": STRDF,
    "glf": GLF,
    "fs": FS,
}
"""Prefixes a query may use without declaring them (a geoloom extension, named in the docs)."""

RDF_TYPE: Final = RDF + "type"
WKT_LITERAL: Final = GEO + "wktLiteral"
CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
