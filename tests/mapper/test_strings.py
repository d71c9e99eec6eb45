from __future__ import annotations

import csv
import io
import re
import tempfile
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pyoxigraph
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mapper import NTriplesSink, load_mapping, run_mapping
from mapper.terms.encode import forbidden_in_iri

MAPPING = """@prefix rml: <http://w3id.org/rml/> .
@prefix ex: <http://example.com/> .
ex:m rml:logicalSource [ rml:source "in.csv" ; rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ rml:template "http://example.com/{id}/{text}" ; rml:termType rml:URI ] ;
  rml:predicateObjectMap
    [ rml:predicate ex:text ; rml:objectMap [ rml:reference "text" ] ],
    [ rml:predicate ex:lang ; rml:objectMap [ rml:reference "text" ; rml:language "en" ] ],
    [ rml:predicate ex:node ;
      rml:objectMap [ rml:template "{text}" ; rml:termType rml:BlankNode ] ] .
"""
ODD = st.text(
    st.sampled_from(list("a\"'\\\n\r\t%/# <>{}|^`~é😀ß.,;:_-\u00a0\u200b\U0001f600"))
    | st.characters(exclude_categories=("Cs",), exclude_characters="\x00"),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(ODD, min_size=1, max_size=8))
def test_any_text_comes_back(texts: list[str]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(["id", "text"])
    writer.writerows((k, value) for k, value in enumerate(texts))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in.csv").write_bytes(text.getvalue().encode())
        report = run_mapping(load_mapping(MAPPING), NTriplesSink(folder / "o.nt"), base_dir=folder)
        quads = list(pyoxigraph.parse(path=folder / "o.nt"))
    assert report.rows_mapped == len(texts)
    expected = set()
    for k, value in enumerate(texts):
        iri = f"http://example.com/{k}/{quote(value, safe='-._~')}"
        expected |= {(iri, "text", value, None), (iri, "lang", value, "en")}
    found = {
        (q.subject.value, q.predicate.value[19:], q.object.value, q.object.language)
        for q in quads
        if isinstance(q.object, pyoxigraph.Literal)
    }
    assert found == expected
    labels = {q.object.value for q in quads if isinstance(q.object, pyoxigraph.BlankNode)}
    assert len(labels) == len(set(texts))


FORBIDDEN = re.compile(
    r'[\x00-\x20\x7f-\x9f<>"{}|^`\\\ue000-\uf8ff\ufdd0-\ufdef\ufff0-\uffff\U000f0000-\U0010ffff]'
    r"|%(?![0-9A-Fa-f]{2})"
)


@given(
    st.lists(
        st.text(
            st.sampled_from(
                "aZ9-%<>é\x7f\x80\x9f\xa0\u3042\ue000\uf900\ufffd\U0001f600\U000f0000 {F"
            )
        )
    )
)
@settings(max_examples=300, deadline=None)
def test_forbidden_characters_are_those_of_the_grammar(texts: list[str]) -> None:
    column = pa.array([*texts, None], pa.string())
    expected = [FORBIDDEN.search(text) is not None for text in texts]
    assert forbidden_in_iri(column).tolist() == [*expected, False]
    assert forbidden_in_iri(column.slice(1)).tolist() == [*expected, False][1:]
