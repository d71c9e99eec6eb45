"""A small world of terms, so that random changes meet one another."""

from __future__ import annotations

from random import Random
from typing import Final

from ontology import CRS84, IRI, PREFIXES, RDF_TYPE, BlankNode, Literal, Term

Quad = tuple[IRI | BlankNode, IRI, Term, IRI | None]

XSD: Final = PREFIXES["xsd"]
EX: Final = "http://example.org/"
GRAPHS: Final = (None, None, IRI(EX + "g1"), IRI(EX + "g2"))
FEATURES: Final = (*(IRI(f"{EX}f{n}") for n in range(5)), BlankNode("f5"), BlankNode("f6"))
SHAPES: Final = (*(IRI(f"{EX}shape{n}") for n in range(5)), BlankNode("shape5"))
HAS_GEOMETRY: Final = IRI(PREFIXES["geo"] + "hasGeometry")
AS_WKT: Final = IRI(PREFIXES["geo"] + "asWKT")
TYPE: Final = IRI(RDF_TYPE)
FIELD: Final = IRI(EX + "Field")
_WKT: Final = PREFIXES["geo"] + "wktLiteral"
_LAEA: Final = "http://www.opengis.net/def/crs/EPSG/0/3035"


def _typed(datatype: str, *lexical: str) -> tuple[Literal, ...]:
    return tuple(Literal(text, XSD + datatype) for text in lexical)


VALUES: Final[dict[IRI, tuple[Term, ...]]] = {
    TYPE: (FIELD, IRI(EX + "Farm"), IRI(EX + "Place")),
    IRI(EX + "name"): (Literal("a"), Literal("b\n\"'"), Literal("a", lang="en")),
    IRI(EX + "area"): (
        *_typed("double", "1.5E0", "1.5", "NaN", "-0.0E0", "2.0E0"),
        *_typed("float", "1.5"),
    ),
    IRI(EX + "count"): _typed("integer", "1", "01", "2") + _typed("decimal", "1.0", "1.50"),
    IRI(EX + "when"): (
        *_typed("date", "2018-06-01", "2018-06-01Z"),
        *_typed("dateTime", "2018-06-01T00:00:00Z", "2018-06-01T02:00:00+02:00"),
        *_typed("dateTime", "2018-06-01T00:00:00"),
    ),
    IRI(EX + "odd"): (*_typed("boolean", "true", "1"), Literal("x", EX + "type"), Literal("y")),
    IRI(EX + "next"): FEATURES,
    HAS_GEOMETRY: SHAPES,
    AS_WKT: (
        Literal("POINT (1 2)", _WKT),
        Literal("POINT(1 2)", _WKT),
        Literal(f"<{_LAEA}> POINT (4321000 3210000)", _WKT),
        Literal("POLYGON ((0 0, 1 0, 1 1, 0 0))", _WKT),
        Literal("PINT (1 2)", _WKT),
    ),
}
"""Objects of each predicate; the first is what most subjects have."""


def quad(random: Random) -> Quad:
    """Some statement."""
    predicate = random.choice(list(VALUES))
    return (
        random.choice(SHAPES if predicate == AS_WKT or random.random() < 0.1 else FEATURES),
        predicate,
        _value(random, predicate),
        random.choice(GRAPHS),
    )


def entities(random: Random) -> list[Quad]:
    """Some subjects described alike, as rows of a source would be."""
    predicates = random.sample(list(VALUES), random.randint(1, len(VALUES)))
    graph = random.choice(GRAPHS)
    quads: list[Quad] = []
    chosen = random.sample(range(len(SHAPES)), random.randint(1, len(SHAPES)))
    for number in chosen:
        for predicate in predicates:
            subject = SHAPES[number] if predicate == AS_WKT else FEATURES[number]
            value = SHAPES[number] if predicate == HAS_GEOMETRY else _value(random, predicate)
            quads.append((subject, predicate, value, graph))
    return quads


def _value(random: Random, predicate: IRI) -> Term:
    values = VALUES[predicate]
    return values[0] if random.random() < 0.6 else random.choice(values)


def line(quad: Quad) -> str:
    """The statement in N-Quads."""
    return " ".join(term.n3 for term in quad if term is not None) + " ."


BROKEN: Final = {value.n3 for value in VALUES[AS_WKT] if "PINT" in value.n3}
"""Literals that no geometry can be read from."""


def crs_of(literal: Term) -> str:
    """CRS of a geometry literal."""
    return _LAEA if _LAEA in literal.n3 else CRS84
