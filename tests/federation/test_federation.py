from __future__ import annotations

import json
import time

import pytest

from federation import Federation, Source
from ontology import (
    DeadlineError,
    IncompleteError,
    QuerySyntaxError,
    RemoteError,
    StoreError,
    UnsupportedError,
)

EX = "PREFIX : <http://example.org/> "
LEFT = (
    EX.replace("PREFIX", "@prefix").rstrip()
    + " ."
    + "".join(
        f"<http://example.org/left/{i}> :code {i % 7} ;"
        f" :twin <http://example.org/right/{i * 2}> .\n"
        for i in range(40)
    )
)
RIGHT = (
    EX.replace("PREFIX", "@prefix").rstrip()
    + " ."
    + "".join(f'<http://example.org/right/{i}> :name "n{i}" ; :size {i} .\n' for i in range(3000))
)


def rows(result) -> list[dict[str, str]]:
    found = result.json()["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in found]


@pytest.fixture
def two(serve):
    left, right = serve(LEFT), serve(RIGHT)
    sources = [Source("left", endpoint=left.url), Source("right", endpoint=right.url)]
    return Federation(sources), left, right


def test_few_known_values_are_sent_instead_of_fetching_all(two):
    federation, _, right = two
    result = federation.query(EX + "SELECT ?t ?n { ?x :twin ?t . ?t :name ?n }")
    assert len(rows(result)) == 40
    assert sum("VALUES" in text for text in right.queries) == 1
    report = {s.name: s for s in result.info["completeness"].sources}
    assert report["right"].rows < 100


def test_batches_shrink_when_refused(two):
    federation, _, right = two

    def fussy(text):
        return (413, {}, b"") if text.count("/right/") > 10 else None

    right.misbehave = fussy
    result = federation.query(EX + "SELECT ?t ?n { ?x :twin ?t . ?t :name ?n }", strict=True)
    assert len(rows(result)) == 40
    assert max(t.count("/right/") for t in right.queries if "VALUES" in t) == 40


def test_nothing_known_on_one_side_asks_nothing_of_the_other(two):
    federation, left, right = two
    federation.query(EX + "SELECT * { ?x :code 1 ; :twin ?t . ?t :name ?n }")
    right.queries.clear()
    result = federation.query(EX + "SELECT * { ?x :code 99 ; :twin ?t . ?t :name ?n }")
    assert rows(result) == []
    assert result.info["completeness"].complete
    assert right.queries == []
    assert left.queries


def test_optional_union_minus_exists_and_aggregates_across_sources(two):
    federation, *_ = two
    ask = federation.query
    joined = "?x :twin ?t OPTIONAL { ?t :size ?s FILTER(?s < 20) }"
    found = rows(ask(EX + f"SELECT * {{ {joined} }}"))
    assert len(found) == 40
    assert sum("s" in row for row in found) == 10
    assert len(rows(ask(EX + "SELECT * { { ?x :code 1 } UNION { ?x :size 1 } }"))) == 7
    assert len(rows(ask(EX + "SELECT * { ?x :twin ?t MINUS { ?t :size 4 } }"))) == 39
    assert len(rows(ask(EX + "SELECT * { ?x :twin ?t FILTER EXISTS { ?t :size 4 } }"))) == 1
    (total,) = rows(ask(EX + "SELECT (SUM(?s) AS ?n) { ?x :twin ?t . ?t :size ?s }"))
    assert total["n"] == str(sum(i * 2 for i in range(40)))
    top = rows(ask(EX + "SELECT ?s { ?x :twin ?t . ?t :size ?s } ORDER BY DESC(?s) LIMIT 2"))
    assert [row["s"] for row in top] == ["78", "76"]
    inner = "{ SELECT ?t (MAX(?c) AS ?m) { ?x :code ?c ; :twin ?t } GROUP BY ?t }"
    assert len(rows(ask(EX + f"SELECT * {{ {inner} ?t :name ?n }}"))) == 40


def test_other_forms(two):
    federation, *_ = two
    assert federation.query(EX + "ASK { ?x :twin ?t . ?t :size 4 }").json()["boolean"] is True
    with pytest.raises(UnsupportedError, match="DESCRIBE"):
        federation.query(EX + "DESCRIBE :x")
    with pytest.raises(UnsupportedError, match="FROM"):
        federation.query(EX + "SELECT * FROM :g { ?s ?p ?o }")
    with pytest.raises(UnsupportedError, match="dataset"):
        federation.query("ASK {}", default_graphs=("http://example.org/g",))
    with pytest.raises(QuerySyntaxError):
        federation.query("SELECT * {")


def test_the_deadline_of_a_query(two):
    federation, left, _ = two
    left.delay = 0.3
    started = time.monotonic()
    with pytest.raises((DeadlineError, RemoteError)):
        federation.query(EX + "SELECT * { ?x :twin ?t }", strict=True, timeout=0.2)
    assert time.monotonic() - started < 2


def test_blank_nodes_of_two_answers_do_not_join_and_say_so(serve):
    data = "@prefix : <http://example.org/> . :a :p _:x . _:x :q 1 . :b :p _:y . _:y :q 2 ."
    one, two = serve(data), serve(data)
    together = Federation([Source("one", endpoint=one.url)])
    assert len(rows(together.query(EX + "SELECT ?s ?v { ?s :p ?x . ?x :q ?v }"))) == 2
    summaries = Federation([Source("one", endpoint=one.url), Source("two", endpoint=two.url)])
    result = summaries.query(EX + "SELECT ?s ?v { ?s :p ?x . ?x :q ?v }", strict=True)
    assert len(rows(result)) == 4
    declared = {"predicates": ("http://example.org/p", "http://example.org/q")}
    blind = Federation(
        [Source("one", endpoint=one.url, **declared), Source("two", endpoint=two.url, **declared)]
    )
    report = blind.query(EX + "SELECT ?s ?v { ?s :p ?x . ?x :q ?v }").info["completeness"]
    assert not report.complete
    assert "blank nodes" in str(report)


# ------------------------------------------------------------------------ SERVICE


def test_service_names_a_source_or_an_allowed_address(serve, two):
    federation, left, right = two
    text = EX + f"SELECT * {{ ?x :code 3 ; :twin ?t SERVICE <{right.url}> {{ ?t :name ?n }} }}"
    assert len(rows(federation.query(text))) == 6
    extra = serve(RIGHT)
    allowed = Federation([Source("left", endpoint=left.url)], service=(extra.url,))
    text = text.replace(right.url, extra.url)
    result = allowed.query(text)
    assert len(rows(result)) == 6
    assert {s.name: s.status for s in result.info["completeness"].sources}[extra.url] == "used"
    assert all(t.count("SELECT") == 1 for t in extra.queries)


@pytest.mark.parametrize("service", [(), "public"])
def test_other_services_are_refused_without_a_request(serve, two, service):
    _, left, _ = two
    secret = serve(RIGHT)
    federation = Federation([Source("left", endpoint=left.url)], service=service)
    text = EX + f"SELECT * {{ SERVICE <{secret.url}> {{ ?t :name ?n }} }}"
    with pytest.raises(RemoteError, match=r"neither a source nor|not a public"):
        federation.query(text)
    result = federation.query(text.replace("SERVICE", "SERVICE SILENT"))
    assert rows(result) == [{}]
    assert not result.info["completeness"].complete
    assert secret.queries == []


def test_a_failing_service(two):
    federation, _, right = two
    right.misbehave = lambda text: (500, {}, b"broken")
    text = EX + f"SELECT * {{ ?x :code 3 SERVICE <{right.url}> {{ ?t :size 4 }} }}"
    with pytest.raises(RemoteError, match="HTTP 500"):
        federation.query(text)
    result = federation.query(text.replace("SERVICE", "SERVICE SILENT"))
    assert len(rows(result)) == 6
    with pytest.raises(IncompleteError):
        federation.query(text.replace("SERVICE", "SERVICE SILENT"), strict=True)


def test_a_service_with_a_variable_asks_each_endpoint_it_is_bound_to(serve, two):
    federation, left, right = two
    left.store.update(
        f"INSERT DATA {{ <http://example.org/here> <http://example.org/at> <{right.url}> }}"
    )
    text = EX + "SELECT * { ?x :at ?e SERVICE ?e { ?t :size 4 } }"
    assert len(rows(federation.query(text, strict=True))) == 1
    left.store.update(
        "INSERT DATA { <http://example.org/h> <http://example.org/at> <http://10.0.0.1/sparql> }"
    )
    with pytest.raises(RemoteError, match="neither a source"):
        federation.query(text)
    with pytest.raises(UnsupportedError, match="bind the variable"):
        federation.query(EX + "SELECT * { SERVICE ?e { ?t :size 4 } }")


# ------------------------------------------------------------- files and descriptions


def test_from_toml_keeps_what_it_harvested(tmp_path, two):
    _, left, right = two
    path = tmp_path / "sources.toml"
    path.write_text(
        f'[[source]]\nname = "left"\nendpoint = "{left.url}"\n'
        f'[[source]]\nname = "right"\nendpoint = "{right.url}"\n'
    )
    query = EX + "SELECT ?t ?n { ?x :twin ?t . ?t :name ?n }"
    first = Federation.from_toml(path).query(query)
    cache = tmp_path / "sources.cache.json"
    assert json.loads(cache.read_text())[left.url]["predicates"]
    second = Federation.from_toml(path).query(query)
    assert rows(first) == rows(second)
    assert second.info["completeness"].requests == 2
    cache.write_text("{broken")
    assert len(rows(Federation.from_toml(path).query(query))) == 40


def test_a_description_that_is_cut_off_is_not_believed(serve):
    wide = serve(
        "@prefix : <http://example.org/> ." + "".join(f":a :p{i} {i} .\n" for i in range(50))
    )
    wide.row_cap = 20
    federation = Federation([Source("wide", endpoint=wide.url, row_cap=20)])
    for i in range(0, 50, 7):
        result = federation.query(EX + f"SELECT * {{ ?s :p{i} ?o }}", strict=True)
        assert len(rows(result)) == 1
    assert any(text.startswith("ASK") for text in wide.queries)


def test_explain_shows_plan_subqueries_and_reasons(two):
    federation, left, _ = two
    text = federation.explain(EX + "SELECT ?t ?n { ?x :twin ?t . ?t :name ?n FILTER(?n != 'x') }")
    assert "RemoteScan left, about 40 rows" in text
    assert 'FILTER((?n != "x"))' in text
    assert "has no <http://example.org/name>" in text
    assert not any(":twin" in query and "COUNT" not in query for query in left.queries)


def test_a_source_that_is_not_a_store(tmp_path):
    with pytest.raises(StoreError):
        Federation([Source("x", store=tmp_path / "none")])


def test_report_as_plain_values(two):
    report = two[0].query(EX + "SELECT * { ?x :twin ?t }").info["completeness"]
    plain = json.loads(json.dumps(report.as_dict()))
    assert plain["complete"] is True
    assert plain["sources"][1]["status"] == "pruned"
    assert "pruned" in str(report)
    assert "has no <http://example.org/twin>" in str(report)
