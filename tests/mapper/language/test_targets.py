"""Logical targets: which triples go where, and that all files appear together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyoxigraph
import pytest

from mapper import NTriplesSink, load_mapping, open_sink, run_mapping
from ontology import GeoloomError, InputError, MappingError, UnsupportedError, UsageError
from tests.mapper.conftest import PREFIXES, SOURCE, Collector

TARGETS = """
ex:one a rml:LogicalTarget ; rml:target [ a rml:FilePath ; rml:root "ROOT" ; rml:path "one.nq" ] .
ex:two a rml:LogicalTarget ; rml:target [ a rml:FilePath ; rml:root "ROOT" ; rml:path "two.nq" ] .
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in.csv").write_text("id,name,kind\n1,Ann,x\n2,Bob,y\n")
    return tmp_path


def mapping(folder: Path, objects: str = "", subject: str = "", targets: str = TARGETS) -> str:
    text = f"""{PREFIXES}<#m> a rml:TriplesMap ; rml:logicalSource {SOURCE} ;
rml:subjectMap [ rml:template "http://example.com/{{id}}" ; {subject} ] {objects} .
{targets}"""
    return text.replace("ROOT", str(folder))


def execute(folder: Path, text: str, **options: Any) -> Any:
    sink = options.pop("sink", None) or NTriplesSink(folder / "out.nq")
    return run_mapping(load_mapping(text), sink, base_dir=folder, **options)


def said(folder: Path, name: str) -> list[str]:
    """Subject, predicate and graph of the quads of a file, short."""
    found = pyoxigraph.parse((folder / name).read_bytes(), format=pyoxigraph.RdfFormat.N_QUADS)
    texts = {f"{q.subject} {q.predicate} {q.graph_name}" for q in found}
    for long, short in (("http://example.com/", ""), (" DEFAULT", ""), ("<", ""), (">", "")):
        texts = {text.replace(long, short) for text in texts}
    return sorted(texts)


def pair(predicate: str = "", value: str = "", graph: str = "") -> str:
    graphs = f"; rml:graphMap [ {graph} ]" if graph else ""
    return f"""; rml:predicateObjectMap [ rml:predicateMap [ rml:constant ex:p {predicate} ] ;
        rml:objectMap [ rml:reference "name" {value} ] {graphs} ]"""


ONE = "; rml:logicalTarget ex:one"
TWO = "; rml:logicalTarget ex:two"
BOTH = "; rml:logicalTarget ex:one, ex:two"
P = ["1 p", "2 p"]
ROUTES: dict[str, tuple[str, str, dict[str, list[str]]]] = {
    "none": ("", pair(), {"out": P, "one": [], "two": []}),
    "subject": (ONE[2:], pair(), {"out": [], "one": P, "two": []}),
    "predicate": ("", pair(ONE), {"out": [], "one": P, "two": []}),
    "object": ("", pair("", ONE), {"out": [], "one": P, "two": []}),
    "both at once": ("", pair("", BOTH), {"out": [], "one": P, "two": P}),
    "subject and object": (ONE[2:], pair("", TWO), {"out": [], "one": P, "two": P}),
    "language": (
        "",
        pair("", f'; rml:languageMap [ rml:constant "en" {ONE} ]'),
        {"out": [], "one": P, "two": []},
    ),
    "datatype": (
        "",
        pair("", f"; rml:datatypeMap [ rml:constant xsd:string {ONE} ]"),
        {"out": [], "one": P, "two": []},
    ),
    "graph": (
        "",
        pair("", "", f"rml:constant ex:g {ONE}") + pair(),
        {"out": P, "one": ["1 p g", "2 p g"], "two": []},
    ),
    "two graphs": (
        "",
        pair("", "", f"rml:constant ex:g {ONE}")
        + pair("", "", f'rml:template "http://example.com/{{kind}}" {TWO}'),
        {"out": [], "one": ["1 p g", "2 p g"], "two": ["1 p x", "2 p y"]},
    ),
    "classes": (
        "rml:class ex:C " + ONE,
        pair(),
        {"out": [], "one": ["1 a", *P[:1], "2 a", *P[1:]], "two": []},
    ),
    "some": ("", pair(ONE) + pair().replace("ex:p", "ex:q"), {"out": ["1 q", "2 q"], "one": P}),
    "predicate from data": (
        "",
        """; rml:predicateObjectMap [ rml:object 1 ;
            rml:predicateMap [ rml:template "http://example.com/{kind}" ;
                rml:logicalTarget ex:one ] ]""",
        {"out": [], "one": ["1 x", "2 y"]},
    ),
    "self join": (
        "",
        """; rml:predicateObjectMap [ rml:predicate ex:p ;
            rml:objectMap [ rml:parentTriplesMap <#m> ; rml:logicalTarget ex:one ] ]""",
        {"out": [], "one": P},
    ),
}


@pytest.mark.standard("RML-IO: logical targets")
@pytest.mark.parametrize("route", ROUTES)
def test_routes(folder: Path, route: str) -> None:
    subject, objects, expected = ROUTES[route]
    report = execute(folder, mapping(folder, objects, subject))
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    for name, quads in expected.items():
        if name != "out" and not (folder / f"{name}.nq").exists():
            assert quads == []
            continue
        assert [t.replace(rdf, "a") for t in said(folder, f"{name}.nq")] == quads
    assert report.rows_read == report.rows_mapped == 2


def test_counts_and_remarks(folder: Path) -> None:
    report = execute(folder, mapping(folder, pair("", BOTH) + pair().replace("ex:p", "ex:q")))
    assert (report.triples_offered, report.triples_written) == (4, 6)
    assert any("one.nq: 2 triples written" in remark for remark in report.remarks)


@pytest.mark.standard("RML-IO: roots of targets")
def test_roots(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere, rules = folder / "elsewhere", folder / "rules"
    elsewhere.mkdir()
    rules.mkdir()
    monkeypatch.chdir(elsewhere)
    forms = {
        "cwd.nq": "rml:root rml:CurrentWorkingDirectory",
        "default.nq": "",
        "mapping.nq": "rml:root rml:MappingDirectory",
        "absolute.nq": f'rml:root "{folder}"',
    }
    targets = "".join(
        f'ex:t{k} rml:target [ a rml:FilePath ; rml:path "{name}" ; {root} ] .\n'
        for k, (name, root) in enumerate(forms.items())
    )
    text = mapping(folder, pair("", "; rml:logicalTarget ex:t0, ex:t1, ex:t2, ex:t3"), "", targets)
    (rules / "m.ttl").write_text(text)
    run_mapping(load_mapping(rules / "m.ttl"), NTriplesSink(folder / "out.nq"), base_dir=folder)
    for path in ("elsewhere/cwd.nq", "elsewhere/default.nq", "rules/mapping.nq", "absolute.nq"):
        assert said(folder, path) == P


def test_one_file_under_two_names_is_written_once(folder: Path) -> None:
    again = TARGETS.replace("ex:two", "ex:one2").replace('path "two.nq"', 'path "./one.nq"')
    text = mapping(folder, pair("", "; rml:logicalTarget ex:one, ex:one2"), "", again)
    execute(folder, text)
    assert len((folder / "one.nq").read_text().splitlines()) == 2


class Failing(Collector):
    def commit(self) -> Any:
        raise RuntimeError


def test_targets_and_sink_become_visible_together(folder: Path) -> None:
    text = mapping(folder, pair("", ONE) + pair("", TWO))
    (folder / "one.nq").write_text("before")
    sink = Failing()
    with pytest.raises(RuntimeError):
        execute(folder, text, sink=sink)
    assert sink.state == "aborted"
    assert (folder / "one.nq").read_text() == "before"
    assert sorted(p.name for p in folder.iterdir()) == ["in.csv", "one.nq"]


def test_a_target_that_cannot_be_written_ends_the_run(folder: Path) -> None:
    text = mapping(folder, pair("", ONE) + pair("", TWO)).replace("two.nq", "gone/two.nq")
    sink = Collector()
    with pytest.raises(InputError, match=r"Cannot write the triples.*gone/two\.nq"):
        execute(folder, text, sink=sink)
    assert sink.state == "aborted"
    assert [p.name for p in folder.iterdir()] == ["in.csv"]


def test_a_bad_row_ends_the_run_with_its_targets(folder: Path) -> None:
    text = mapping(folder, pair("", f"{ONE} ; rml:datatype xsd:integer"))
    with pytest.raises(MappingError):
        execute(folder, text, on_bad="fail")
    assert [p.name for p in folder.iterdir()] == ["in.csv"]


def test_the_sink_s_own_file_is_no_target(folder: Path) -> None:
    text = mapping(folder, pair("", ONE))
    with pytest.raises(UsageError, match="would overwrite another file"):
        execute(folder, text, sink=open_sink(folder / "one.nq"))
    over = mapping(folder, pair("", ONE)).replace("one.nq", "in.csv")
    with pytest.raises(UsageError, match=r"in\.csv.*is read by this run"):
        execute(folder, over)
    assert (folder / "in.csv").read_text().startswith("id,name")


def test_one_file_in_two_formats_is_refused(folder: Path) -> None:
    other = TARGETS.replace(
        'path "two.nq" ]',
        'path "one.nq" ] ; rml:serialization <http://www.w3.org/ns/formats/Turtle>',
    )
    with pytest.raises(MappingError, match="One file"):
        execute(folder, mapping(folder, pair("", BOTH), "", other))


def test_whoever_commits_later_cannot_have_targets(folder: Path) -> None:
    with pytest.raises(UsageError, match="Logical targets"):
        execute(folder, mapping(folder, pair("", ONE)), commit=False)


BROKEN: dict[str, tuple[type[GeoloomError], str]] = {
    "ex:t a rml:LogicalTarget .": (MappingError, "does not say where to write"),
    "ex:t rml:target [ a rml:FilePath ] .": (MappingError, "does not say where its file is"),
    'ex:t rml:target [ rml:path "a", "b" ] .': (MappingError, "Only one rml:path"),
    'ex:t rml:target [ rml:path "a" ; rml:compression rml:CSV ] .': (MappingError, "compression"),
    'ex:t rml:target [ rml:path "a" ; rml:encoding "no-such" ] .': (InputError, "encoding"),
    'ex:t rml:target [ rml:path "a" ] ; rml:serialization <http://www.w3.org/ns/formats/RDFa> .': (
        UnsupportedError,
        "RDFa is not written",
    ),
    "ex:t rml:target [ <http://rdfs.org/ns/void#dataDump> <http://x.org/d.nq> ] .": (
        UnsupportedError,
        "another machine",
    ),
    "ex:t rml:target [ a <http://www.w3.org/ns/sparql-service-description#Service> ] .": (
        UnsupportedError,
        "SPARQL endpoints",
    ),
    "ex:t rml:target [ a <https://www.w3.org/2019/wot/td#Thing> ] .": (UnsupportedError, "streams"),
    'ex:t rml:target [ rml:path "a" ; rml:mode "append" ] .': (UnsupportedError, "rml:mode"),
}


@pytest.mark.parametrize("target", BROKEN)
def test_broken_targets(folder: Path, target: str) -> None:
    kind, message = BROKEN[target]
    with pytest.raises(kind, match=message):
        execute(folder, mapping(folder, pair("", "; rml:logicalTarget ex:t"), "", target))
    assert [p.name for p in folder.iterdir()] == ["in.csv"]
