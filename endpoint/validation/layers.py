"""The two layers of a validation and the queries that pull them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ontology import IRI, Literal

_GL: Final = "https://w3id.org/geoloom/ns#"
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_PROLOGUE: Final = """PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX geof: <http://www.opengis.net/def/function/geosparql/>
PREFIX uom: <http://www.opengis.net/def/uom/OGC/1.0/>
"""


@dataclass(frozen=True, slots=True)
class Layer:
    """Things with a class and a geometry.

    Attributes
    ----------
    type : str, optional
        IRI of their rdf:type; None takes everything that has the class property.
    class_property : str
        IRI of the property that leads to the class (a concept, or a code).
    """

    type: str | None
    class_property: str = _GL + "observedClass"

    def pattern(self, thing: str, kind: str, wkt: str) -> str:
        """SPARQL pattern that binds the thing, its class and its WKT to the named variables."""
        typed = f"?{thing} a {IRI(self.type).n3} . " if self.type is not None else ""
        return (
            f"{typed}?{thing} {IRI(self.class_property).n3} ?{kind} ; "
            f"geo:hasGeometry/geo:asWKT ?{wkt} ."
        )


SAMPLES: Final = Layer(_GL + "Sample")
FEATURES: Final = Layer(_GL + "Observation")


def samples_query(samples: Layer) -> str:
    """All samples: ``?sample ?class ?wkt``."""
    return f"""{_PROLOGUE}SELECT DISTINCT ?sample ?class ?wkt WHERE {{
  {samples.pattern("sample", "class", "wkt")}
}}"""


def pairs_query(samples: Layer, features: Layer, distance: float) -> str:
    """All pairs within ``distance`` metres: ``?sample ?feature ?mapped ?metres``."""
    limit = Literal(repr(float(distance)), _XSD + "double").n3
    metres = "geof:distance(?point, ?shape, uom:metre)"
    return f"""{_PROLOGUE}SELECT DISTINCT ?sample ?feature ?mapped ?metres WHERE {{
  {samples.pattern("sample", "class", "point")}
  {features.pattern("feature", "mapped", "shape")}
  FILTER({metres} <= {limit})
  BIND({metres} AS ?metres)
}}"""
