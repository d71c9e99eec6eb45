from __future__ import annotations

import pytest

from federation.decompose import Decomposer, only_needed, remote_leaves
from federation.descriptions import Description, PredicateFacts
from federation.selection import Selector
from federation.writer import write_select
from ontology import UnsupportedError
from store import algebra as al
from store import parse_query

EX = "http://example.org/"
PREFIX = f"PREFIX : <{EX}> PREFIX geof: <http://www.opengis.net/def/function/geosparql/> "
A, B = frozenset({EX + "a/"}), frozenset({EX + "b/"})
TEXT = frozenset({'"'})


def described(name: str, /, **facts: PredicateFacts) -> Description:
    return Description(name, {EX + p: f for p, f in facts.items()}, classes={})


LEFT = described(
    "left",
    crop=PredicateFacts(9, A, TEXT),
    near=PredicateFacts(9, A, A),
    wkt=PredicateFacts(9, A, TEXT),
    same=PredicateFacts(2, A, B),
)
RIGHT = described(
    "right",
    code=PredicateFacts(5, B, TEXT),
    near=PredicateFacts(5, B, B),
    wkt=PredicateFacts(5, B, TEXT),
    name=PredicateFacts(5, B, TEXT),
)


class Federated:
    def __init__(self, *descriptions: Description, home: str | None = None, can=(), ask=True):
        self.reasons: list[tuple[str, str]] = []
        self.asked: list[tuple[str, str]] = []

        def asking(source: str, text: str) -> bool | None:
            self.asked.append((source, text))
            return ask

        selector = Selector(descriptions, asking, lambda s, t: self.reasons.append((s, t)))
        self.decomposer = Decomposer(selector, home, lambda s, f: f in can)

    def plan(self, text: str) -> al.Plan:
        query = parse_query(PREFIX + text)
        return only_needed(self.decomposer.decompose(query.plan), query.variables)


def leaves(plan: al.Plan) -> list[tuple[str, str]]:
    short = []
    for leaf in remote_leaves(plan):
        text = write_select(al.Project(leaf.variables, leaf.plan))
        short.append((leaf.source, text.replace(f"<{EX}", ":").replace(">", "")))
    return short


def test_one_source_answers_a_whole_query():
    plan = Federated(LEFT, RIGHT).plan("SELECT ?f { ?f :crop ?c FILTER(?c < 3) } LIMIT 5")
    assert isinstance(plan, al.RemoteScan)
    assert plan.source == "left"
    assert "LIMIT 5" in write_select(plan.plan)


def test_exclusive_groups_and_reasons():
    federated = Federated(LEFT, RIGHT)
    plan = federated.plan("SELECT * { ?f :crop ?c ; :wkt ?w . ?p :code ?c ; :wkt ?v }")
    assert [source for source, _ in leaves(plan)] == ["left", "right"]
    assert all(text.count(":wkt") == 1 for _, text in leaves(plan))
    assert ("right", f"has no <{EX}crop>, for ?f <{EX}crop> ?c") in federated.reasons
    assert any("its ?f cannot be" in reason for _, reason in federated.reasons)
    assert not federated.asked


def test_stars_stay_whole_where_sources_cannot_mix():
    plan = Federated(LEFT, RIGHT).plan("SELECT * { ?x :near ?y ; :wkt ?w }")
    assert isinstance(plan.child if isinstance(plan, al.Project) else plan, al.Union)
    assert [source for source, _ in leaves(plan)] == ["left", "right"]
    assert all(":near" in text and ":wkt" in text for _, text in leaves(plan))


def test_patterns_are_asked_apart_where_sources_may_mix():
    unknown = described("third", near=PredicateFacts(), wkt=PredicateFacts())
    plan = Federated(LEFT, unknown).plan("SELECT * { ?x :near ?y ; :wkt ?w }")
    assert sorted(source for source, _ in leaves(plan)) == ["left", "left", "third", "third"]


def test_links_between_sources_join_locally():
    plan = Federated(LEFT, RIGHT).plan("SELECT * { ?f :same ?p . ?p :name ?n }")
    assert [source for source, _ in leaves(plan)] == ["left", "right"]


def test_constants_prune():
    federated = Federated(LEFT, RIGHT)
    plan = federated.plan(f"SELECT * {{ <{EX}b/1> :wkt ?w }}")
    assert [source for source, _ in leaves(plan)] == ["right"]
    assert any("no subject" in reason for _, reason in federated.reasons)


def test_nobody_can_answer():
    plan = Federated(LEFT, RIGHT).plan("SELECT * { ?x :crop ?c ; :code ?d }")
    assert not remote_leaves(plan)
    assert any(isinstance(node, al.Empty) for node in (plan, *al.child_plans(plan)))


def test_home_patterns_stay_local():
    plan = Federated(LEFT, RIGHT, home="left").plan(
        "SELECT * { ?f :crop ?c ; :wkt ?w . ?p :code ?c ; :wkt ?v }"
    )
    assert [source for source, _ in leaves(plan)] == ["right"]


DISTANCE = "FILTER(geof:distance(?w, ?v) < 10)"
FUNCTION = "http://www.opengis.net/def/function/geosparql/distance"


def test_filters_over_two_sources_stay_local_even_if_both_have_the_function():
    plan = Federated(LEFT, RIGHT, can={FUNCTION}).plan(
        f"SELECT * {{ ?f :crop ?c ; :wkt ?w . ?p :code ?c ; :wkt ?v {DISTANCE} }}"
    )
    assert not any("distance" in text for _, text in leaves(plan))


@pytest.mark.parametrize("can", [True, False])
def test_functions_go_only_where_shown(can):
    plan = Federated(LEFT, RIGHT, can={FUNCTION} if can else set()).plan(
        'SELECT * { ?f :crop ?c ; :wkt ?w FILTER(geof:distance(?w, "POINT(1 1)") < 10 && ?c = 1) }'
    )
    ((_, text),) = leaves(plan)
    assert ("distance" in text) is can
    assert "= " in text


@pytest.mark.parametrize("function", ["RAND()", "NOW()", "STRUUID()"])
def test_functions_that_differ_from_call_to_call_stay_local(function):
    plan = Federated(LEFT).plan(f"SELECT * {{ ?f :crop ?c FILTER(STR({function}) != ?c) }}")
    assert not any("FILTER" in text for _, text in leaves(plan))


def test_a_filter_on_an_optional_variable_is_not_pushed_into_the_optional_side():
    plan = Federated(LEFT, RIGHT).plan(
        "SELECT * { ?f :same ?p OPTIONAL { ?p :name ?n } FILTER(!BOUND(?n)) }"
    )
    assert not any("FILTER" in text for _, text in leaves(plan))


def test_aggregates_go_to_the_source():
    plan = Federated(LEFT, RIGHT).plan("SELECT ?c (COUNT(?f) AS ?n) { ?f :crop ?c } GROUP BY ?c")
    ((source, text),) = leaves(plan)
    assert source == "left"
    assert "COUNT(?f)" in text


def test_only_variables_that_are_read_are_fetched():
    plan = Federated(LEFT, RIGHT).plan("SELECT ?w { ?f :same ?p ; :wkt ?w . ?p :name ?n }")
    assert [text.split(" WHERE")[0] for _, text in leaves(plan)] == ["SELECT ?p ?w", "SELECT ?p"]


def test_unsure_sources_are_asked():
    unknown = Description("third")
    yes, no = Federated(LEFT, unknown), Federated(LEFT, unknown, ask=False)
    assert len(leaves(yes.plan("SELECT * { ?f :crop ?c }"))) == 2
    assert len(leaves(no.plan("SELECT * { ?f :crop ?c }"))) == 1
    assert yes.asked
    assert yes.asked[0][0] == "third"
    assert any("answered ASK with no" in reason for _, reason in no.reasons)


def test_patterns_in_named_graphs_are_asked():
    federated = Federated(LEFT, RIGHT)
    plan = federated.plan("SELECT * { GRAPH ?g { ?f :crop ?c } }")
    assert len(federated.asked) == 2
    assert all("GRAPH ?g" in text for _, text in leaves(plan))


def test_inline_data_travel_with_the_subquery():
    plan = Federated(LEFT, RIGHT).plan("SELECT * { VALUES ?c { 1 2 } ?f :crop ?c }")
    ((_, text),) = leaves(plan)
    assert "VALUES (?c)" in text


def test_optional_and_union_of_one_source_stay_together():
    federated = Federated(LEFT, RIGHT)
    plan = federated.plan("SELECT * { ?p :code ?c OPTIONAL { ?p :name ?n } }")
    assert len(leaves(plan)) == 1
    plan = federated.plan("SELECT * { { ?p :code ?c } UNION { ?p :name ?n } }")
    assert len(leaves(plan)) == 1


def test_paths():
    federated = Federated(LEFT, RIGHT)
    assert leaves(federated.plan("SELECT * { ?f :same/:name ?n }"))
    assert leaves(federated.plan("SELECT * { ?f :same+ ?n }"))
    with pytest.raises(UnsupportedError, match="length zero"):
        federated.plan("SELECT * { ?f :same* ?n }")


def test_relations_that_nobody_holds_are_not_silently_empty():
    with pytest.raises(UnsupportedError, match=r"geof:sfWithin"):
        Federated(LEFT, RIGHT).plan("SELECT * { ?f geo:sfWithin ?g ; :crop ?c }")
