"""Data that is hard on entity tables, each with updates that are hard on it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from tests.store.layout.test_round_trip import FORMS, GEOMETRIES

NIGHTLY: Final = os.environ.get("GEOLOOM_NIGHTLY", "") not in ("", "0")
_WIDE: Final = 300 if NIGHTLY else 70
_GRAPHS: Final = 500 if NIGHTLY else 60
PREFIXES: Final = """
PREFIX : <http://ex/>
PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
ODD_NAMES: Final = (
    "it's", "a.b", "a-b", "(x)", "%22", "é", "😀", "", "a,b", "a;b", "$x", "*", "a=1", "@x", "1",
    "select", "CON", "a/", "x" * 300, "ﬁ", "a%20b", "..", "~", "_", "__",
    "!", "&amp", "A+B",
)  # fmt: skip
OWN_NAMES: Final = (
    "iri", "_graph", "_iri_id", "name", "_name_id", "_name_lex", "_name", "g", "s", "o", "lex",
    "geom", "geometry", "bbox", "filename", "file_row_number", "rowid", "type", "crs", "id",
    "graph", "s_blank", "wkb", "xmin", "_geometry_xmin", "lang", "IRI", "_GRAPH", "count",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Attack:
    """TriG to load, and updates to run after it."""

    data: str
    updates: tuple[str, ...] = ()


def _rows(count: int, text: str) -> str:
    """Text with ``%d`` for the number of the row."""
    return "\n".join(text.replace("%d", str(at)) for at in range(count))


def _typed(forms: Iterable[str], datatype: str) -> str:
    quoted = (form.replace("\\", "\\\\").replace('"', '\\"') for form in forms)
    return "\n".join(
        f':s{datatype}{at} :value "{form}"^^{datatype} ; :rank {at} .'.replace(
            f":s{datatype}", ":s" + datatype.replace(":", "")
        )
        for at, form in enumerate(quoted)
    )


def _named(names: Iterable[str]) -> str:
    pairs = [(f"<http://ex/{name}>", at) for at, name in enumerate(names)]
    return "\n".join(
        f":s{row} {' ; '.join(f'{name} {at + row}' for name, at in pairs)} ." for row in range(3)
    )


FEATURES: Final = _rows(
    5,
    ":f%d a :Field ; :area %d.5 ; geo:hasGeometry :g%d . "
    ':g%d geo:asWKT "POINT (%d 1)"^^geo:wktLiteral .',
)

KINDS: Final = (
    "1", '"one"', "1.5", "1e0", "true", ":s0", "_:b", '"a"@en', '"2018-01-01"^^xsd:date',
    '"2018-01-01T00:00:00Z"^^xsd:dateTime', '"POINT (1 1)"^^geo:wktLiteral', '"x"^^:odd',
    '"1"^^xsd:float', '"x"^^xsd:integer', '"1"^^xsd:byte', '""',
)  # fmt: skip

ATTACKS: Final = {
    "names that differ by case": Attack(
        _rows(4, ':s%d :name "a%d" ; :Name "b%d" ; :NAME %d ; :nAme :s%d .'),
        ('INSERT DATA { :s0 :Name "second" }', "DELETE WHERE { :s1 :NAME ?o }"),
    ),
    "names with odd characters": Attack(_named(ODD_NAMES)),
    "names of the table's own columns": Attack(
        _named(OWN_NAMES) + _rows(3, ':t%d :geometry "POINT (%d 1)"^^geo:wktLiteral ; :_iri_id 3 .')
    ),
    "one local name": Attack(
        _rows(4, ":s%d <http://a/area> %d ; <http://b/area> %d ; <http://c#area> 'x%d' .")
    ),
    "many predicates": Attack(
        "\n".join(
            f":s{row} {' ; '.join(f':p{at} {at * row}' for at in range(_WIDE))} ."
            for row in range(3)
        ),
        ("INSERT DATA { :s1 :p17 'second' }", "DELETE WHERE { :s2 ?p 34 }"),
    ),
    "many classes": Attack(_rows(1000, ':s%d a :C%d ; :name "n%d" ; :size %d .')),
    "many graphs": Attack(
        _rows(_GRAPHS, "GRAPH :g%d { :s a :Thing ; :size %d . :t%d :size %d }"),
        ("CLEAR GRAPH :g3", "ADD :g4 TO :g5", "DELETE WHERE { GRAPH :g9 { ?s :size 9 } }"),
    ),
    "languages": Attack(
        _rows(6, ':s%d rdfs:label "Feld %d"@de , "field %d"@en ; :size %d .')
        + ':s1 rdfs:label "plain" . :s2 rdfs:label "Acker"@de . '
        + ':s3 rdfs:label "x"@en-Latn-GB-x-a1 .',
        (
            'INSERT DATA { :s4 rdfs:label "pré"@fr }',
            'DELETE DATA { :s0 rdfs:label "field 0"@EN }',
            "DELETE { ?s rdfs:label ?l } WHERE { ?s rdfs:label ?l FILTER(LANG(?l) = 'de') }",
        ),
    ),
    "a subject in three graphs": Attack(
        ":s :a 1 ; :b 'x' . :t :a 1 ; :b 'x' ."
        "GRAPH :g { :s :a 1 ; :b 'x' . :t :a 2 ; :b 'y' } GRAPH :h { :s :a 3 ; :b 'z' ; :c :s }",
        (
            "DELETE DATA { GRAPH :g { :s :a 1 } }",
            "INSERT DATA { GRAPH :h { :s :a 4 } }",
            "MOVE :h TO :g",
            "ADD :g TO DEFAULT",
        ),
    ),
    "two coordinate systems": Attack(
        FEATURES
        + _rows(
            5,
            ":f1%d a :Field ; :area %d.0 ; geo:hasGeometry :g1%d . :g1%d geo:asWKT "
            '"<http://www.opengis.net/def/crs/EPSG/0/3035> POINT (4321000 32100%d)"'
            "^^geo:wktLiteral .",
        ),
        (
            'DELETE { :g1 geo:asWKT ?w } INSERT { :g1 geo:asWKT "<http://www.opengis.net/def/crs/'
            'EPSG/0/4326> POINT (1 1)"^^geo:wktLiteral } WHERE { :g1 geo:asWKT ?w }',
        ),
    ),
    "geometries of every form": Attack(_typed(GEOMETRIES, "geo:wktLiteral")),
    "empty geometries only": Attack(
        _rows(4, ':s%d :size %d ; geo:asWKT "POINT EMPTY"^^geo:wktLiteral .')
    ),
    "literals of every form": Attack(
        "\n".join(_typed(forms, f"xsd:{name}") for name, forms in FORMS.items())
    ),
    "kinds that change row by row": Attack(
        "\n".join(f":s{at} :value {value} ; :rank {at} ." for at, value in enumerate(KINDS * 2)),
        ("INSERT { ?s :value ?r } WHERE { ?s :rank ?r FILTER(?r < 4) }",),
    ),
    "huge texts": Attack(
        f':s0 :text "{"a" * 1_000_000}" ; :n 0 . :s1 :text "{"é" * 100_000}" ; :n 1 .'
        f' :s2 :text "" ; :n 2 . <http://ex/{"x" * 9000}> :text "c" ; :n 3 .',
        ("DELETE WHERE { :s0 :n ?n }",),
    ),
    "own object": Attack(
        _rows(4, ":s%d :self :s%d ; :next :s1 ; :size %d . :s%d :s%d :self . :self :next :self ."),
        ("DELETE WHERE { ?s :self ?s }",),
    ),
    "blank nodes everywhere": Attack(
        _rows(
            4, '_:b%d :name "n%d" ; :knows _:b1 ; :at [ :x %d ; :y %d ] ; :list ( 1 :a _:b%d ) .'
        ),
        ("DELETE WHERE { ?s :name 'n1' }", "INSERT { ?s :name 'two' } WHERE { ?s :x 2 }"),
    ),
    "a link that gets a second source": Attack(
        FEATURES,
        (
            "INSERT DATA { :f0 geo:hasGeometry :g1 }",
            "INSERT DATA { :new geo:hasGeometry :g2 }",
        ),
    ),
    "a link that gets a second target": Attack(
        FEATURES,
        (
            "INSERT DATA { :f0 geo:hasGeometry :more . "
            ':more geo:asWKT "POINT (9 9)"^^geo:wktLiteral }',
            "DELETE WHERE { :f1 geo:hasGeometry ?g }",
            "DELETE { :f2 geo:hasGeometry ?g } INSERT { :f2 geo:hasGeometry :g3 } "
            "WHERE { :f2 geo:hasGeometry ?g }",
        ),
    ),
    "one geometry node for all": Attack(
        _rows(5, ":f%d a :Field ; :area %d.5 ; geo:hasGeometry :g .")
        + ':g geo:asWKT "POINT (1 1)"^^geo:wktLiteral .'
    ),
    "geometry nodes in another graph": Attack(
        _rows(
            5,
            ":f%d :area %d ; geo:hasGeometry :g%d . "
            'GRAPH :far { :g%d geo:asWKT "POINT (%d 1)"^^geo:wktLiteral }',
        )
    ),
    "features and nodes in both graphs": Attack(
        f"{FEATURES} GRAPH :h {{ {FEATURES} }}", ("DELETE WHERE { GRAPH :h { ?s geo:asWKT ?w } }",)
    ),
    "a node with values of the feature": Attack(
        FEATURES + _rows(5, ":g%d a :Field ; :area %d . "),
    ),
    "links in a ring": Attack(
        _rows(4, ":a%d :to :b%d ; :x %d . :b%d :to :c%d ; :y %d . :c%d :to :a%d ; :z %d .")
    ),
    "nodes that come later": Attack(
        _rows(5, ":f%d a :Field ; :area %d.5 ; geo:hasGeometry :g%d ."),
        (
            "INSERT DATA { "
            + _rows(4, ':g%d geo:asWKT "POINT (%d 1)"^^geo:wktLiteral ; :made %d .')
            + " }",
            "DELETE WHERE { :f1 :area ?a }",
        ),
    ),
    "rows of rows of rows": Attack(
        _rows(
            5,
            ":a%d :name 'a%d' ; :part :b%d . :b%d :size %d ; :part :c%d ; :by _:m%d . "
            ":c%d :size %d.5 ; :mark 'm%d' . _:m%d :name 'm%d' .",
        ),
        (
            "DELETE WHERE { :c0 :mark ?m }",
            "INSERT DATA { :b1 :part :c2 }",
            "DELETE WHERE { ?m :name 'm3' }",
            "DELETE { ?b :by ?m } INSERT { ?m :of ?b } WHERE { ?b :by ?m }",
        ),
    ),
    "a second class": Attack(
        FEATURES, ("INSERT DATA { :f0 a :Meadow }", "INSERT { ?f a :All } WHERE { ?f :area ?a }")
    ),
    "two classes each": Attack(
        _rows(5, ":s%d a :A , :B ; :x %d ."),
        ("DELETE WHERE { :s1 a :B }", "DELETE WHERE { ?s a :A }"),
    ),
    "a subject that goes and comes back": Attack(
        FEATURES,
        (
            "DELETE WHERE { :f0 ?p ?o }",
            'INSERT DATA { :f0 a :Field ; :area 0.5 ; geo:hasGeometry :g0 }',
            "DELETE DATA { :f1 :area 1.5 } ; INSERT DATA { :f1 :area 1.5 }",
            "DELETE WHERE { :f2 ?p ?o } ; INSERT DATA { :f2 :area 1 }",
            "DELETE { ?f :area ?a } INSERT { ?f :area ?a } WHERE { ?f :area ?a }",
            "DELETE WHERE { ?g geo:asWKT ?w }",
        ),
    ),
    "predicates and classes as subjects": Attack(
        FEATURES + ":area rdfs:label 'area' ; :size 1 . :Field rdfs:label 'field' ; :size 2 ."
        " geo:asWKT rdfs:label 'text' ; :size 3 . :area :area :area .",
    ),
    "forms of one value": Attack(
        ':s0 :x 1 ; :y "a" . :s1 :x "01"^^xsd:integer ; :y "a" . '
        ':s2 :x "+1"^^xsd:integer ; :y "a" .',
        (
            "DELETE DATA { :s1 :x 1 }",
            'DELETE DATA { :s1 :x "01"^^xsd:integer }',
            "INSERT DATA { :s0 :x 01 }",
        ),
    ),
    "everything goes": Attack(FEATURES, ("DROP ALL", "INSERT DATA { :f0 :area 1 }")),
    "one subject": Attack(":s :a 1 ; :b 2 ."),
    "one triple": Attack(":s :a 1 ."),
}  # fmt: skip
