"""Mappings in the older vocabularies say the same as in RML."""

from __future__ import annotations

import gzip
from typing import Any

import pyoxigraph
import pytest

from mapper import load_mapping
from ontology import MappingError

OLD = """@prefix rr: <http://www.w3.org/ns/r2rml#> .
@prefix rml: <http://semweb.mmlab.be/ns/rml#> .
@prefix ql: <http://semweb.mmlab.be/ns/ql#> .
@prefix fnml: <http://semweb.mmlab.be/ns/fnml#> .
@prefix fno: <https://w3id.org/function/ontology#> .
@prefix grel: <http://users.ugent.be/~bjdmeest/function/grel.ttl#> .
@prefix rmlt: <http://semweb.mmlab.be/ns/rml-target#> .
@prefix comp: <http://semweb.mmlab.be/ns/rml-compression#> .
@prefix formats: <http://www.w3.org/ns/formats/> .
@prefix void: <http://rdfs.org/ns/void#> .
@prefix ex: <http://example.com/> .
ex:m a rr:TriplesMap ; rml:logicalSource [
    rml:source "in.csv" ; rml:referenceFormulation ql:CSV ] ;
  rr:subjectMap [ rr:template "http://example.com/{id}" ; rr:class ex:C ] ;
  rr:predicateObjectMap [ rr:predicate ex:p0 ; rr:objectMap [ OBJECT ] ] .
"""
FUNCTIONS = {
    "functionValue": """fnml:functionValue [
        rr:predicateObjectMap [ rr:predicate fno:executes ;
            rr:objectMap [ rr:constant grel:toUpperCase ] ] ;
        rr:predicateObjectMap [ rr:predicate grel:valueParam ;
            rr:objectMap [ rml:reference "name" ] ] ]""",
    "functionValue with shortcuts": """fnml:functionValue [ rr:logicalSource [ ] ;
        rr:predicateObjectMap [ rr:predicateMap [ rr:constant fno:executes ] ;
            rr:object grel:toUpperCase ] ;
        rr:predicateObjectMap [ rr:predicateMap [ rr:constant grel:valueParam ] ;
            rr:objectMap [ rml:reference "name" ] ] ]""",
    "execution": """fnml:execution [ a fnml:Execution ; fnml:function grel:toUpperCase ;
        fnml:input [ a fnml:Input ; fnml:parameter grel:valueParam ;
            fnml:valueMap [ a fnml:ValueMap ; rml:reference "name" ] ] ]""",
}


@pytest.mark.standard("RML of 2014 and its functions")
@pytest.mark.parametrize("form", FUNCTIONS)
def test_functions(run: Any, form: str) -> None:
    run.file("in.csv", "id,name\n1,Ann\n")
    assert run.objects(OLD.replace("OBJECT", FUNCTIONS[form])) == ['"ANN"']


def test_a_function_value_must_say_what_it_executes() -> None:
    broken = OLD.replace(
        "OBJECT",
        "fnml:functionValue [ rr:predicateObjectMap [ rr:predicate grel:valueParam ;"
        ' rr:objectMap [ rml:reference "name" ] ] ]',
    )
    with pytest.raises(MappingError, match="what it executes"):
        load_mapping(broken)
    with pytest.raises(MappingError, match="no constant predicate"):
        load_mapping(broken.replace("rr:predicate grel:valueParam ;", ""))


@pytest.mark.standard("RML logical targets of 2021")
def test_targets(run: Any) -> None:
    run.file("in.csv", "id,name\n1,Ann\n")
    out = run.folder / "dump.nt.gz"
    target = f"""rml:reference "name" ; rmlt:logicalTarget [ a rmlt:LogicalTarget ;
        rmlt:serialization formats:N-Triples ; rmlt:compression comp:gzip ;
        rmlt:target [ a void:Dataset ; void:dataDump <file://{out}> ] ]"""
    assert run.objects(OLD.replace("OBJECT", target)) == []
    (triple,) = pyoxigraph.parse(
        gzip.decompress(out.read_bytes()), format=pyoxigraph.RdfFormat.N_TRIPLES
    )
    assert str(triple.object) == '"Ann"'
