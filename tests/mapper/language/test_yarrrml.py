"""YARRRML mappings make the triples their RML would."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyoxigraph
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapper import NTriplesSink, load_mapping, run_mapping
from ontology import GeoloomError, MappingError, UnsupportedError

HEAD = """prefixes:
  ex: http://example.com/
  xsd: http://www.w3.org/2001/XMLSchema#
  grel: http://users.ugent.be/~bjdmeest/function/grel.ttl#
"""
ONE = """mappings:
  person:
    sources: [people.csv~csv]
    s: ex:person/$(id)
    po:
"""
PO = "      - [ex:p, x]\n"
PEOPLE = "id,name,lang,age,home,page\n1,Ann,en,007,L 1,http://a.org/x\n2,Zoë,fr,8,W,http://b.org/\n"
HOMES = '{"homes": [{"key": "L 1", "town": "Linz"}, {"key": "W", "town": "Wien"}]}'


class Yarrrml:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "people.csv").write_text(PEOPLE)
        (folder / "homes.json").write_text(HOMES)

    def load(self, text: str, name: str = "mapping.yml") -> Any:
        path = self.folder / name
        path.write_text(text)
        return load_mapping(path)

    def __call__(self, text: str) -> list[str]:
        out = self.folder / "out.nq"
        run_mapping(self.load(text), NTriplesSink(out), on_bad="fail")
        return self.triples("out.nq")

    def triples(self, name: str) -> list[str]:
        """Lines with example.com as ex: and without datatypes' namespace."""
        data = (self.folder / name).read_bytes()
        found = pyoxigraph.parse(data, format=pyoxigraph.RdfFormat.N_QUADS)
        texts = {f"{q.subject} {q.predicate} {q.object} {q.graph_name}" for q in found}
        for long, short in (
            ("<http://example.com/", "<"),
            ("http://www.w3.org/2001/XMLSchema#", "xsd:"),
            ("<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>", "a"),
            (" DEFAULT", ""),
        ):
            texts = {text.replace(long, short) for text in texts}
        return sorted(texts)

    def objects(self, *lines: str) -> list[str]:
        """Objects of the predicate ex:p of a mapping with these predicate-objects."""
        body = "".join(f"      - {line}\n" for line in lines)
        found = {t.split(" <p> ")[1] for t in self(HEAD + ONE + body) if " <p> " in t}
        return sorted(found)


@pytest.fixture
def yarrrml(tmp_path: Path) -> Yarrrml:
    return Yarrrml(tmp_path)


@pytest.mark.standard("YARRRML: objects, datatypes, languages")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("[ex:p, $(name)]", ['"Ann"', '"Zoë"']),
        ("[ex:p, 'Hello $(name)!']", ['"Hello Ann!"', '"Hello Zoë!"']),
        ("[ex:p, $(name), en~lang]", ['"Ann"@en', '"Zoë"@en']),
        ("[ex:p, $(name), $(lang)~lang]", ['"Ann"@en', '"Zoë"@fr']),
        ("[ex:p, $(age), xsd:integer]", ['"007"^^<xsd:integer>', '"8"^^<xsd:integer>']),
        ("[ex:p, 007, xsd:integer]", ['"007"^^<xsd:integer>']),
        ("[ex:p, yes]", ['"yes"']),
        ("[ex:p, $(page)~iri]", ["<http://a.org/x>", "<http://b.org/>"]),
        ("[ex:p, ex:home/$(home)~iri]", ["<home/L%201>", "<home/W>"]),
        ("[ex:p, ex:home/$(home)]", ["<home/L%201>", "<home/W>"]),
        ("[ex:p, ex:Thing]", ["<Thing>"]),
        ("[ex:p, http://c.org/]", ["<http://c.org/>"]),
        ("[ex:p, 'ratio: 1']", ['"ratio: 1"']),
        ("[ex:p, '\\$\\(a\\) $(name)']", ['"$(a) Ann"', '"$(a) Zoë"']),
        ("[ex:p, 'x { $(name) }']", ['"x { Ann }"', '"x { Zoë }"']),
        ("[ex:p, [$(name), a b], de~lang]", ['"Ann"@de', '"Zoë"@de', '"a b"@de']),
        ("{p: ex:p, o: {value: $(name), language: de}}", ['"Ann"@de', '"Zoë"@de']),
        ("{p: ex:p, o: {value: $(page), type: iri}}", ["<http://a.org/x>", "<http://b.org/>"]),
        ("{p: ex:p, o: {value: ex:Thing, type: literal}}", ['"ex:Thing"']),
        ("{p: ex:p, o: [[$(age), xsd:integer], x]}", None),
        ("{predicates: [ex:p, ex:q], objects: $(name)}", ['"Ann"', '"Zoë"']),
        ("{predicate: ex:p, object: {v: $(age), datatype: xsd:byte}}", None),
        (
            "{p: ex:p, o: {f: grel:toUpperCase, pms: [[grel:valueParam, $(lang)]]}}",
            ['"EN"', '"FR"'],
        ),
        (
            "{p: ex:p, o: {function: grel:toUpperCase, type: iri, parameters: "
            "[{parameter: grel:valueParam, value: {function: grel:toLowerCase, "
            "parameters: [[grel:valueParam, 'X:$(lang)']]}}]}}",
            ["<X:EN>", "<X:FR>"],
        ),
        (
            "{p: ex:p, o: $(name), condition: {function: equal, parameters: "
            "[[str1, $(lang)], [str2, en]]}}",
            ['"Ann"'],
        ),
    ],
)
def test_objects(yarrrml: Yarrrml, line: str, expected: list[str] | None) -> None:
    found = yarrrml.objects(line)
    if expected is None:
        assert any("007" in text for text in found)
    else:
        assert found == expected


@pytest.mark.standard("YARRRML: classes, predicates from data")
def test_classes_and_predicates(yarrrml: Yarrrml) -> None:
    body = "      - [a, ex:Person]\n      - [ex:has-$(lang), x]\n"
    assert yarrrml(HEAD + ONE + body) == [
        '<person/1> <has-en> "x"',
        "<person/1> a <Person>",
        '<person/2> <has-fr> "x"',
        "<person/2> a <Person>",
    ]


@pytest.mark.standard("YARRRML: sources, joins")
def test_named_sources_and_joins(yarrrml: Yarrrml) -> None:
    text = (
        HEAD
        + """sources:
  homes:
    access: homes.json
    referenceFormulation: jsonpath
    iterator: "$.homes[*]"
  people: [people.csv~csv]
mappings:
  home:
    sources: homes
    subjects: ex:home/$(key)
    predicateobjects:
      - predicates: ex:town
        objects: $(town)
  person:
    source: [people]
    subject: ex:person/$(id)
    po:
      - p: ex:home
        o:
          - mapping: home
            condition:
              function: equal
              parameters:
                - [str1, $(home), s]
                - [str2, $(key), o]
"""
    )
    expected = [
        '<home/L%201> <town> "Linz"',
        '<home/W> <town> "Wien"',
        "<person/1> <home> <home/L%201>",
        "<person/2> <home> <home/W>",
    ]
    assert yarrrml(text) == expected
    assert yarrrml(text.replace("[str2, $(key), o]", "[str2, $(key)]")) == expected
    turned = text.replace("$(home), s]", "$(key), o]").replace("$(key), o]\n", "$(home), s]\n")
    assert yarrrml(text.replace("[str1, $(home), s]", "{parameter: a, value: $(home), from: s}"))
    assert turned != text


@pytest.mark.standard("YARRRML: references to mappings")
def test_a_mapping_of_the_same_source_needs_no_condition(yarrrml: Yarrrml) -> None:
    text = HEAD + ONE + "      - {p: ex:p, o: {mapping: name}}\n"
    text += "  name:\n    sources: [people.csv~csv]\n    s: [ex:n/$(name), ex:m/$(id)]\n"
    assert yarrrml(text) == [
        "<person/1> <p> <m/1>",
        "<person/1> <p> <n/Ann>",
        "<person/2> <p> <m/2>",
        "<person/2> <p> <n/Zoë>",
    ]


@pytest.mark.standard("YARRRML: graphs")
def test_graphs(yarrrml: Yarrrml) -> None:
    text = HEAD + ONE + "      - {p: ex:p, o: $(name), graphs: ex:g/$(id)}\n      - [ex:q, x]\n"
    text = text.replace("    po:", "    graphs: ex:all\n    po:")
    assert [line for line in yarrrml(text) if "person/1" in line] == [
        '<person/1> <p> "Ann" <all>',
        '<person/1> <p> "Ann" <g/1>',
        '<person/1> <q> "x" <all>',
    ]


@pytest.mark.standard("YARRRML: conditions on mappings")
def test_a_condition_on_a_mapping(yarrrml: Yarrrml) -> None:
    condition = "    condition: {function: equal, parameters: [[str1, $(id)], [str2, '2']]}\n"
    text = HEAD + ONE.replace("    po:", condition + "    po:") + "      - [ex:p, $(name)]\n"
    assert yarrrml(text) == ['<person/2> <p> "Zoë"']


@pytest.mark.standard("YARRRML: subjects")
def test_without_subject_each_row_is_a_blank_node(yarrrml: Yarrrml) -> None:
    text = (HEAD + ONE + "      - [ex:p, $(name)]\n").replace("    s: ex:person/$(id)\n", "")
    found = yarrrml(text)
    assert len({line.split()[0] for line in found}) == 2
    assert all(line.startswith("_:") for line in found)
    several = (HEAD + ONE + "      - [ex:p, x]\n").replace(
        "s: ex:person/$(id)", "s: [ex:a/$(id), {value: 'b$(id)', type: blank}]"
    )
    assert len(yarrrml(several)) == 4


@pytest.mark.standard("YARRRML: targets")
def test_targets(yarrrml: Yarrrml) -> None:
    out = yarrrml.folder / "dump.nq"
    text = f"""targets:
  dump: [{out}~void, nquads]
{HEAD}{ONE}      - p: ex:p
        o: {{value: $(name), targets: dump}}
      - [ex:q, $(lang)]
      - p: ex:r
        o: {{value: x, targets: ["{out}.gz~void", turtle, gzip]}}
"""
    assert yarrrml(text) == ['<person/1> <q> "en"', '<person/2> <q> "fr"']
    assert yarrrml.triples("dump.nq") == ['<person/1> <p> "Ann"', '<person/2> <p> "Zoë"']
    assert (yarrrml.folder / "dump.nq.gz").read_bytes()[:2] == b"\x1f\x8b"


@pytest.mark.standard("YARRRML: external references, base")
def test_external_and_base(yarrrml: Yarrrml) -> None:
    text = "external:\n  country: Austria\nbase: http://base.org/\n" + HEAD + ONE
    text += "      - [ex:p, 'from $(_country)']\n      - [near, $(_other)~iri]\n"
    with pytest.raises(MappingError, match="no column '_other'"):
        yarrrml(text)
    found = yarrrml(text.replace("$(_other)", "$(page)"))
    assert '<person/1> <p> "from Austria"' in found
    assert "<person/1> <http://base.org/near> <http://a.org/x>" in found


def test_options_of_ours_and_anchors(yarrrml: Yarrrml) -> None:
    (yarrrml.folder / "odd.csv").write_bytes("id;name\n1;Zoë\n2;-\n".encode("latin-1"))
    text = (
        HEAD
        + """mappings:
  odd: &common
    sources:
      - access: odd.csv
        referenceFormulation: csv
        encoding: latin-1
        nulls: '-'
        gl:delimiter: ';'
    s: ex:odd/$(id)
    po:
      - [ex:p, $(name)]
  again:
    <<: *common
    s: ex:again/$(id)
"""
    )
    assert yarrrml(text) == ['<again/1> <p> "Zoë"', '<odd/1> <p> "Zoë"']


def test_formulations_of_ours(yarrrml: Yarrrml) -> None:
    (yarrrml.folder / "a.geojson").write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"id": 1},'
        ' "geometry": {"type": "Point", "coordinates": [1, 2]}}]}'
    )
    text = HEAD + ONE.replace("people.csv~csv", "a.geojson~gl:Vector")
    found = yarrrml(text + "      - [geo:asWKT, $(geometry)]\n")
    assert "POINT (1 2)" in found[0]


def test_tables_of_the_run_s_database(yarrrml: Yarrrml) -> None:
    text = HEAD + ONE.replace("[people.csv~csv]", "{table: people}") + "      - [ex:p, $(name)]\n"
    (rule,) = yarrrml.load(text).triples_maps
    assert (rule.source.formulation, rule.source.iterator) == (
        "http://w3id.org/rml/SQL2008Table",
        "people",
    )
    assert rule.source.database is None
    source = (
        "{access: 'http://localhost/db', type: postgresql, query: SELECT 1, "
        "credentials: {username: u, password: p}}"
    )
    (rule,) = yarrrml.load(text.replace("{table: people}", source)).triples_maps
    assert rule.source.database is not None
    assert rule.source.database.url == "jdbc:postgresql://localhost/db"
    assert rule.source.database.user == "u"


BROKEN = {
    "a: [": (MappingError, "not valid YAML.*line"),
    "a\tb: 1\n\t- c": (MappingError, "not valid YAML"),
    "- a": (MappingError, "is a table"),
    "": (MappingError, "no triples map"),
    "maps: {}": (MappingError, "'maps' is not known here.*line 1.*mappings"),
    HEAD + "mappings:\n  m:\n    s: ex:a\n": (MappingError, "'m' has no sources.*line 7"),
    HEAD + ONE + "      - [ex:p]\n": (MappingError, "short form.*line 10"),
    HEAD + ONE + "      - [no:p, x]\n": (MappingError, "prefix 'no' is not declared.*line 10"),
    HEAD + ONE + "      - [p, x]\n": (MappingError, "not an IRI.*line 10"),
    HEAD + ONE + "      - [ex:p q, x]\n": (MappingError, "not an IRI.*line 10"),
    HEAD + ONE + "      - {p: ex:p}\n": (MappingError, "no objects.*line 10"),
    HEAD + ONE + "      - {p: ex:p, o: {language: de}}\n": (MappingError, "neither value.*line 10"),
    HEAD + ONE + "      - {p: ex:p, q: x}\n": (MappingError, "'q' is not known here.*line 10"),
    HEAD + ONE + "      - {p: ex:p, o: {mapping: x}}\n": (MappingError, "no mapping 'x'.*line 10"),
    HEAD + ONE + "      - [ex:p, $()]\n": (MappingError, "reference is empty.*line 10"),
    HEAD + ONE + "      - [ex:p, $(nme)]\n": (MappingError, "no column 'nme'.*line 10.*name"),
    HEAD + ONE + "      - [ex:p, $(page)~what]\n": (MappingError, "'what' is no type.*line 10"),
    HEAD + ONE + "      - [ex:p, ex:x~iri, en~lang]\n": (MappingError, "Only a literal.*line 10"),
    HEAD + ONE + "      - {p: ex:p, o: x}\n        x: y\n": (
        MappingError,
        "not valid YAML.*line 11",
    ),
    HEAD + ONE + "    s: ex:a\n": (MappingError, "'s' stands twice.*line 10"),
    HEAD + ONE + "    subjects: ex:a\n": (MappingError, "'subjects' stands twice.*line 10"),
    HEAD + ONE.replace("people.csv~csv", "peple") + PO: (MappingError, "no source 'peple'.*line 7"),
    HEAD + ONE.replace("~csv", "~yaml") + PO: (MappingError, "formulation 'yaml'.*line 7"),
    HEAD + ONE.replace("[people.csv~csv]", "{access: x}") + PO: (
        MappingError,
        "referenceForm.*line 7",
    ),
    HEAD + ONE.replace("[people.csv~csv]", "{type: kafka}") + PO: (
        UnsupportedError,
        "kafka.*line 7",
    ),
    HEAD + ONE + "      - {p: ex:p, o: {quoted: m}}\n": (UnsupportedError, "Quoted.*line 10"),
    HEAD + ONE + "      - {p: ex:p, o: {value: x, targets: t}}\n": (
        MappingError,
        "no target 't'.*line 10",
    ),
    HEAD + ONE + "      - {p: ex:p, o: {value: x, targets: [t~sparql]}}\n": (
        UnsupportedError,
        "type sparql.*line 10",
    ),
    HEAD + ONE + "      - {p: ex:p, o: {f: 'ex:f(ex:x = 1)'}}\n": (UnsupportedError, "one line"),
    HEAD + ONE + "      - {p: ex:p, o: {f: ex:f}}\n": (MappingError, "ex.*f"),
    HEAD + ONE + "      - {p: ex:p, o: x, condition: {pms: []}}\n": (MappingError, "no function"),
    HEAD + ONE + "      - p: ex:p\n        o: {mapping: person, condition: {f: ex:less}}\n": (
        UnsupportedError,
        "Joins by ex:less.*line 11",
    ),
    HEAD
    + ONE
    + "      - p: ex:p\n        o: {mapping: person, condition: {f: equal, pms: []}}\n": (
        MappingError,
        "each side.*line 11",
    ),
}


@pytest.mark.parametrize("text", BROKEN)
def test_errors_name_the_line(yarrrml: Yarrrml, text: str) -> None:
    kind, message = BROKEN[text]
    with pytest.raises(kind, match=message) as caught:
        yarrrml(text)
    assert "mapping.yml" in str(caught.value) or "column" in str(caught.value)


WHOLE = (
    HEAD
    + """sources: {people: {access: people.csv, referenceFormulation: csv, nulls: ''}}
targets: {t: [dump.nq~void, nquads, gzip]}
mappings:
  person:
    sources: people
    s: ex:person/$(id)
    g: [ex:g, ex:h/$(lang)]
    po:
      - [a, ex:Person]
      - [[ex:name, ex:q], $(name), en~lang]
      - p: ex:home
        o:
          mapping: home
          condition: {function: equal, parameters: [[str1, $(home), s], [str2, $(key)]]}
      - p: ex:x
        o: {f: ex:f, pms: [{parameter: ex:p, value: {f: ex:g, pms: [[ex:a, b]]}}], type: iri}
  home:
    sources: [[homes.json~jsonpath, '$.homes[*]']]
    s: ex:home/$(key)
"""
)
TOKENS = re.findall(r"[\w$().~:/]+|\s+|.", WHOLE)
ODD = ["[]", "{}", "''", "~", "*a", "- ", "null", ": ", "<<: x", "|", "\t", "[a", "{a: [b]}", "$("]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(TOKENS) - 1),
            st.sampled_from([*ODD, "", *sorted(set(TOKENS))]),
            st.booleans(),
        ),
        max_size=3,
    )
)
def test_a_mapping_with_mistakes_is_an_error_or_a_mapping(
    edits: list[tuple[int, str, bool]],
) -> None:
    tokens = list(TOKENS)
    for at, token, instead in edits:
        tokens[at] = token if instead else token + tokens[at]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "m.yml"
        path.write_text("".join(tokens))
        with suppress(GeoloomError):
            assert load_mapping(path).triples_maps
