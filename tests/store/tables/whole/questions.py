"""Questions over the demo's scenario and a few graphs beside it, every form of query among them.

Answers are compared as bags, as lists where the name ends in "in order".
"""

from __future__ import annotations

from typing import Final

PROLOGUE: Final = """
PREFIX demo: <https://w3id.org/geoloom/demo/>
PREFIX field: <https://w3id.org/geoloom/demo/field/>
PREFIX hcat: <https://w3id.org/geoloom/codes/hcat3/>
PREFIX : <http://ex/>
"""

EXTRA: Final = """
@prefix : <http://ex/> .
@prefix gl: <https://w3id.org/geoloom/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix field: <https://w3id.org/geoloom/demo/field/> .
:farm1 a :Farm ; rdfs:label "Hof"@de, "farm"@en ; :works field:F00000001 ; :size 12 ; :owner _:ann .
:farm2 a :Farm ; rdfs:label "Gut"@de ; :works field:F00000002 ; :size 12.5 ; :owner _:ben .
:farm3 a :Farm ; rdfs:label "no tag" ; :works field:F00000003 ; :size "large" ; :owner _:ann .
:farm4 a :Farm ; rdfs:label "Hube"@de ; :works field:F00000004 ; :size 7 ;
    :since "1990"^^xsd:gYear .
_:ann a :Person ; :name "Ann" ; :knows _:ben .
_:ben a :Person ; :name "Ben" ; :knows _:ann , :farm1 .
:visits2018 {
  :v1 a :Visit ; :of field:F00000001 ; :on "2018-06-01"^^xsd:date ; :mark 1 .
  :v2 a :Visit ; :of field:F00000002 ; :on "2018-06-02"^^xsd:date ; :mark 2 .
  :v3 a :Visit ; :of field:F00000002 ; :on "2018-07-02Z"^^xsd:date ; :mark 2 .
  field:F00000001 gl:classCode "other" ; :seen true .
}
:visits2019 {
  :v1 a :Visit ; :of field:F00000001 ; :on "2019-06-01"^^xsd:date ; :mark 3 .
  :v4 a :Visit ; :of field:F00000005 ; :on "2019-06-02"^^xsd:date ; :mark 5 .
  field:F00000001 gl:classCode "third" ; :seen false .
}
"""

QUESTIONS: Final = {
    # stars, alone and through the geometry node
    "star": "SELECT * { ?f a gl:Observation ; gl:classCode ?c ; gl:confidence ?k ; gl:imageID ?i }",
    "star with filter": """SELECT ?f ?a { ?f a gl:Observation ; geo:hasMetricArea ?a ;
        gl:confidence ?k FILTER(?a > 20000 && ?k > 0.8) }""",
    "star through the geometry": """SELECT ?f ?c ?w { ?f gl:classCode ?c ;
        geo:hasGeometry/geo:asWKT ?w }""",
    "geometry node named": """SELECT * { ?f geo:hasGeometry ?g . ?g a geo:Geometry ;
        geo:asWKT ?w . ?f gl:sampleID ?i }""",
    "object constant": "SELECT ?f { ?f gl:observedClass hcat:3301010101 }",
    "subject constant": "SELECT * { field:F00000003 ?p ?o }",
    "subject and predicate": "SELECT ?a { field:F00000003 geo:hasMetricArea ?a }",
    "all constant": "ASK { field:F00000003 a gl:Observation ; gl:classCode ?c }",
    "not there": "ASK { field:F99999999 ?p ?o }",
    "one row, geometry as constant": """SELECT ?f { ?f geo:hasGeometry
        <https://w3id.org/geoloom/demo/field/F00000003/geometry> }""",
    "predicate variable, object constant": "SELECT ?s ?p { ?s ?p hcat:3301010101 }",
    "predicate variable joined": "SELECT ?p (COUNT(*) AS ?n) { ?s a gl:Zone ; ?p ?o } GROUP BY ?p",
    "every predicate": "SELECT DISTINCT ?p { ?s ?p ?o }",
    "every triple": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "every class": "SELECT ?c (COUNT(?s) AS ?n) { ?s a ?c } GROUP BY ?c",
    "two classes": "SELECT ?s { ?s a gl:Observation , geo:Feature }",
    "same variable twice": "SELECT ?x { ?x :knows/:knows ?x }",
    "same object": "SELECT ?a ?b { ?a gl:imageID ?i . ?b gl:imageID ?i FILTER(STR(?a) < STR(?b)) }",
    "value join": """SELECT ?f ?p { ?f a gl:Observation ; gl:imageID ?i .
        ?p a gl:Product ; gl:imageID ?i }""",
    "entity join": """SELECT ?f ?t { ?f gl:seenIn ?p ; gl:confidence ?c .
        ?p gl:tile ?t ; gl:cloudCover ?cc FILTER(?cc < 50) }""",
    "chain": """SELECT DISTINCT ?t ?k { ?f gl:seenIn ?p . ?p gl:hasCoverShare ?s ; gl:tile ?t .
        ?s gl:ofClass ?k ; gl:share ?x FILTER(?x > 0.05) }""",
    # optional, minus, exists, union, values, bind
    "optional": """SELECT ?z ?n ?a { ?z a gl:Zone OPTIONAL { ?z gl:pixelCount ?n }
        OPTIONAL { ?z gl:noSuch ?a } }""",
    "optional in the row": """SELECT ?s ?c ?k ?n { ?s gl:classCode ?c
        OPTIONAL { ?s gl:confidence ?k } OPTIONAL { ?s gl:pixelCount ?n } }""",
    "optional nested": """SELECT * { ?f a :Farm OPTIONAL { ?f :owner ?o
        OPTIONAL { ?o :name ?n } } }""",
    "optional with filter": """SELECT ?f ?a { ?f gl:classCode ?c
        OPTIONAL { ?f geo:hasMetricArea ?a FILTER(?a > 30000) } }""",
    "optional star": """SELECT ?f ?c ?w { ?f :works ?x
        OPTIONAL { ?x gl:classCode ?c ; geo:hasGeometry/geo:asWKT ?w } }""",
    "minus": "SELECT ?s { ?s gl:classCode ?c MINUS { ?s gl:pixelCount ?n } }",
    "exists": "SELECT ?s { ?s gl:classCode ?c FILTER EXISTS { ?s gl:confidence ?k } }",
    "not exists": """SELECT ?p { ?p a gl:Product
        FILTER NOT EXISTS { ?f gl:seenIn ?p } }""",
    "exists in the row": """SELECT ?f { ?f a gl:Observation FILTER EXISTS {
        ?f gl:confidence ?k FILTER(?k < 0.7) } }""",
    "union": "SELECT ?s ?x { { ?s gl:classCode ?x } UNION { ?s gl:unitCode ?x } }",
    "values": """SELECT * { VALUES ?f { field:F00000001 field:F00000002 :none }
        ?f gl:classCode ?c ; gl:seenIn ?p }""",
    "values of two": """SELECT * { VALUES (?c ?k) { ("3301010101" UNDEF) (UNDEF 12) }
        { ?s gl:classCode ?c } UNION { ?s :size ?k } }""",
    "bind": """SELECT ?f ?h { ?f geo:hasMetricArea ?a BIND(FLOOR(?a / 10000) AS ?h)
        FILTER(?h > 2) }""",
    "in": 'SELECT ?f { ?f gl:classCode ?c FILTER(?c IN ("3301010101", "3301020600", "8")) }',
    "text functions": """SELECT ?c { ?f a gl:Product ; gl:imageID ?i ; gl:platform ?p
        BIND(CONCAT(SUBSTR(?i, 1, 3), "-", LCASE(?p)) AS ?c) FILTER(STRENDS(?i, "1")) }""",
    "regex": 'SELECT ?f { ?f gl:imageID ?i FILTER(REGEX(?i, "T33U[UV]P")) }',
    "terms": """SELECT ?o (DATATYPE(?o) AS ?d) (LANG(?o) AS ?l) (isBlank(?o) AS ?b)
        { ?s a :Farm ; ?p ?o }""",
    # paths
    "path star": "SELECT ?x ?y { ?x :knows* ?y }",
    "path plus": "SELECT ?y { :farm3 (:owner/:knows+) ?y }",
    "path through tables": "SELECT ?s ?w { ?s (:works/geo:hasGeometry)/geo:asWKT ?w }",
    "inverse path": "SELECT ?f { ?f ^:works ?farm . ?farm :size ?n }",
    "alternative path": "SELECT ?s ?x { ?s gl:tile|gl:unitCode ?x }",
    "optional path": "SELECT ?x { :farm1 :works? ?x }",
    "negated set": "SELECT ?p (COUNT(*) AS ?n) { ?s a ?p ; !(rdf:type|gl:imageID) ?o } GROUP BY ?p",
    # forms
    "describe a row": "DESCRIBE field:F00000004",
    "describe found": "DESCRIBE ?f { ?f gl:confidence ?k FILTER(?k > 0.95) }",
    "describe with blanks": "DESCRIBE :farm1 :farm4",
    "construct": """CONSTRUCT { ?f :area ?a ; :of ?c } WHERE { ?f geo:hasMetricArea ?a ;
        gl:observedClass ?c FILTER(?a < 20000) }""",
    "construct where": "CONSTRUCT WHERE { ?f a gl:Observation ; gl:seenIn ?p }",
    # graphs
    "in every graph": "SELECT ?g ?v ?m { GRAPH ?g { ?v a :Visit ; :mark ?m } }",
    "in one graph": "SELECT * { GRAPH :visits2018 { ?v :of ?f ; :on ?d } }",
    "graph joined": "SELECT ?v ?c { GRAPH ?g { ?v :of ?f } ?f gl:classCode ?c }",
    "one subject in three graphs": """SELECT ?g ?c { { field:F00000001 gl:classCode ?c }
        UNION { GRAPH ?g { field:F00000001 gl:classCode ?c } } }""",
    "from": "SELECT ?v ?m FROM :visits2018 FROM :visits2019 { ?v a :Visit ; :mark ?m }",
    "from named": "SELECT ?g ?v FROM NAMED :visits2019 { GRAPH ?g { ?v a :Visit } }",
    "from and a star": """SELECT ?v ?f ?d FROM :visits2018 { ?v :of ?f ; :on ?d ; :mark ?m
        FILTER(?m > 1) }""",
    # aggregates
    "group by class": """SELECT ?c (COUNT(*) AS ?n) (SUM(?a) AS ?t) (AVG(?k) AS ?m)
        { ?f gl:observedClass ?c ; geo:hasMetricArea ?a ; gl:confidence ?k } GROUP BY ?c""",
    "having": """SELECT ?i (COUNT(?f) AS ?n) { ?f a gl:Observation ; gl:imageID ?i }
        GROUP BY ?i HAVING(COUNT(?f) > 1)""",
    "distinct count": "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?s gl:observedClass ?c }",
    "least and greatest": """SELECT (MIN(?d) AS ?a) (MAX(?d) AS ?b) (MIN(?x) AS ?c)
        { { ?p gl:acquired ?d } UNION { ?p gl:cloudCover ?x } }""",
    "dates": """SELECT ?m (COUNT(*) AS ?n) { ?p gl:acquired ?d BIND(MONTH(?d) AS ?m)
        FILTER(?d >= "2018-06-01T00:00:00Z"^^xsd:dateTime) } GROUP BY ?m""",
    "one row, in order": """SELECT ?f ?a { ?f a gl:Observation ; geo:hasMetricArea ?a }
        ORDER BY DESC(?a) ?f LIMIT 10""",
    "texts, in order": "SELECT ?n ?o { ?s :size ?n ; :works ?o } ORDER BY ?n ?o",
    "offset, in order": """SELECT DISTINCT ?t { ?p gl:tile ?t } ORDER BY ?t LIMIT 2 OFFSET 1""",
    "sub-query": """SELECT ?f ?a ?m { { SELECT ?c (MAX(?x) AS ?m)
        { ?y gl:observedClass ?c ; geo:hasMetricArea ?x } GROUP BY ?c }
        ?f gl:observedClass ?c ; geo:hasMetricArea ?a FILTER(?a = ?m) }""",
    # geometry
    "window": """SELECT ?f { ?f a gl:Observation ; geo:hasGeometry/geo:asWKT ?w
        FILTER(geof:sfIntersects(?w,
            "POLYGON ((13.7 48.1, 13.8 48.1, 13.8 48.2, 13.7 48.2, 13.7 48.1))"^^geo:wktLiteral
        )) }""",
    "window of the whole": """SELECT (COUNT(*) AS ?n) { ?g geo:asWKT ?w
        FILTER(geof:sfWithin(?w,
            "POLYGON ((10 45, 20 45, 20 50, 10 50, 10 45))"^^geo:wktLiteral)) }""",
    "spatial join": """SELECT ?s ?f { ?s a gl:Sample ; geo:hasGeometry/geo:asWKT ?a .
        ?f a gl:Observation ; geo:hasGeometry/geo:asWKT ?b FILTER(geof:sfWithin(?a, ?b)) }""",
    "near": """SELECT ?s ?f { ?s a gl:Sample ; geo:hasGeometry/geo:asWKT ?a .
        ?f a gl:Observation ; geo:hasGeometry/geo:asWKT ?b
        FILTER(geof:distance(?a, ?b, uom:metre) < 200) }""",
    "computed area": """SELECT ?f { ?f geo:hasMetricArea ?a ; geo:hasGeometry/geo:asWKT ?w
        FILTER(ABS(geof:metricArea(?w) - ?a) > 1) }""",
}  # fmt: skip
"""By name; some rest on what :data:`UPDATES` change."""

UPDATES: Final = (
    # a second value, another kind of value, one value gone, a new predicate
    'INSERT DATA { field:F00000001 gl:classCode "second" }',
    'DELETE { ?f gl:confidence ?k } INSERT { ?f gl:confidence "high" } '
    "WHERE { ?f gl:confidence ?k FILTER(?k > 0.95) }",
    "DELETE WHERE { field:F00000002 gl:seenIn ?p }",
    "INSERT DATA { field:F00000003 :note 'fallow'@en ; a :Checked }",
    # a geometry node gets a second geometry, a link a second target, a view loses its value
    """INSERT DATA { <https://w3id.org/geoloom/demo/field/F00000004/geometry>
        geo:asWKT "POINT (13.75 48.15)"^^geo:wktLiteral }""",
    "INSERT DATA { field:F00000005 geo:hasGeometry :else . :else geo:asWKT "
    '"POINT (13.75 48.15)"^^geo:wktLiteral }',
    """DELETE WHERE { <https://w3id.org/geoloom/demo/field/F00000006/geometry> geo:asWKT ?w }""",
    # the whole of a subject goes, comes back, and goes elsewhere
    "DELETE WHERE { field:F00000007 ?p ?o }",
    'INSERT DATA { field:F00000007 a gl:Observation ; gl:classCode "new" ; gl:confidence 0.5 }',
    "INSERT { GRAPH :copy { ?f ?p ?o } } WHERE { ?f a gl:Zone ; ?p ?o }",
    # many rows at once
    "DELETE { ?z gl:pixelCount ?n } INSERT { ?z gl:pixelCount ?m } "
    "WHERE { ?z gl:pixelCount ?n BIND(?n + 1 AS ?m) FILTER(?n > 20) }",
    """INSERT { ?p gl:platform 'both' } WHERE { ?p a gl:Product ; gl:tile ?t
        FILTER(STRENDS(?t, 'UVP')) }""",
    # rows of the farms, in graphs
    "DELETE DATA { GRAPH :visits2018 { :v2 :mark 2 } }",
    "COPY :visits2019 TO :visits2020",
    "ADD :visits2018 TO DEFAULT",
    "CLEAR GRAPH :visits2019",
    "DELETE { ?s :knows ?o } WHERE { ?s :knows ?o FILTER(isBlank(?o)) }",
)
