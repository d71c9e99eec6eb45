"""The plans that inference makes reach the passes: windows, spatial joins, one scan a star."""

from __future__ import annotations

from pathlib import Path

import pytest

from store import Inference, Store

X = "http://example.org/"
BOX = '"POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0))"^^geo:wktLiteral'

POINT = '"POINT (3 3)"^^geo:wktLiteral'


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Features of two kinds, each with one geometry."""
    made = Store.create(tmp_path_factory.mktemp("plans") / "s", tables="always")
    triples = "".join(
        f':f{k} :kind "{"ab"[k % 2]}" ; geo:hasGeometry :g{k} . '
        f':g{k} geo:asWKT "POINT ({k} {k})"^^geo:wktLiteral . '
        for k in range(20)
    )
    made.update(f"PREFIX : <{X}> INSERT DATA {{ {triples} }}")
    return made


def _plan(store: Store, text: str, inference: Inference | None = None) -> str:
    told = store.explain(f"PREFIX : <{X}> {text}", inference=inference or Inference())
    return " ".join(told.after.split())


def test_a_constant_becomes_a_window_of_the_literal_that_is_there(store: Store) -> None:
    plan = _plan(store, f"SELECT * {{ ?g geo:asWKT ?w ; geo:sfWithin {BOX} }}")
    assert plan.startswith('(project ?g ?w (filter (geof:sfWithin ?w "POLYGON')
    assert plan.count("bgp") == 1
    assert "(bgp ?g geo:asWKT ?w window ?w 0 0 9 9 http" in plan


def test_features_go_by_their_geometry_alone(store: Store) -> None:
    plan = _plan(store, f'SELECT ?f {{ ?f :kind "a" ; geo:sfWithin {BOX} }}')
    assert plan.count("bgp") == 1
    assert "union" not in plan
    assert "distinct" not in plan
    assert "window" in plan


def test_two_variables_become_a_spatial_join_of_what_is_asked_of_each(store: Store) -> None:
    plan = _plan(store, 'SELECT * { ?a :kind "a" . ?b :kind "b" . ?a geo:sfTouches ?b }')
    assert plan.count("spatial-join") == 1
    assert plan.count("bgp") == 2
    assert "union" not in plan
    assert "distinct" not in plan


def test_a_constant_node_is_looked_up(store: Store) -> None:
    plan = _plan(store, "SELECT ?b { :f3 geo:sfEquals ?b . ?b :kind ?k }")
    assert '(geof:sfEquals "POINT (3 3)"' in plan
    assert "window ?.i1 3 3 3 3" in plan


def test_features_and_geometries_meet_in_one_spatial_join(store: Store) -> None:
    plan = _plan(store, "SELECT * { ?a geo:sfIntersects ?b }")
    assert plan.count("spatial-join") == 1
    assert plan.count("union") == 2
    assert "distinct" not in plan


def test_a_node_without_place_is_in_no_relation(store: Store) -> None:
    assert "(empty" in _plan(store, "SELECT * { :nowhere geo:sfIntersects ?b }")
    assert "(empty" in _plan(store, 'SELECT * { ?a geo:sfIntersects "no geometry" }')


def test_whole_solutions_are_told_apart_by_what_was_asked(store: Store) -> None:
    text = "SELECT (COUNT(DISTINCT *) AS ?n) { ?a geo:sfIntersects ?b }"
    assert "(count distinct *)) (project ?a ?b" in _plan(store, text)
    (row,) = store.query(f"PREFIX : <{X}> {text}").rows()
    assert row["n"].lexical == "80"


def test_asserted_alone_is_as_it_was_written(store: Store) -> None:
    plan = _plan(store, "SELECT * { ?a geo:sfIntersects ?b }", Inference("asserted", "asserted"))
    assert plan == "(project ?a ?b (bgp ?a geo:sfIntersects ?b))"


def test_links_count_once_beside_what_is_computed(tmp_path: Path) -> None:
    made = Store.create(tmp_path / "s")
    made.update(
        f"""PREFIX : <{X}> INSERT DATA {{
        :a geo:asWKT "POINT (1 1)"^^geo:wktLiteral ; geo:sfEquals :a, :elsewhere }}"""
    )
    text = "SELECT ?b { ?a geo:sfEquals ?b }"
    assert sorted(row["b"].value for row in made.query(text).rows()) == [X + "a", X + "elsewhere"]
    plan = _plan(made, text)
    assert plan.count("minus") == 1
    one = made.query(text, inference=Inference(topology="computed"))
    assert [row["b"].value for row in one.rows()] == [X + "a"]


def test_paths_and_variable_predicates_see_asserted_triples(store: Store) -> None:
    assert not len(store.query("SELECT * { ?a geo:sfEquals+ ?b }"))
    found = store.query("SELECT DISTINCT ?p { ?a ?p ?b }").rows()
    assert not any("sfEquals" in row["p"].value for row in found)


def test_optional_and_exists_are_rewritten(store: Store) -> None:
    text = f"""PREFIX : <{X}> SELECT ?f ?b {{ ?f :kind "a"
        OPTIONAL {{ ?f geo:sfEquals ?b . ?b geo:asWKT ?w }} }}"""
    assert sum("b" in row for row in store.query(text).rows()) == 10
    text = f"""PREFIX : <{X}> SELECT ?f {{ ?f :kind "a"
        FILTER EXISTS {{ ?f geo:sfWithin {BOX} }} }}"""
    assert len(store.query(text)) == 4


@pytest.mark.parametrize("optimise", [True, False])
@pytest.mark.parametrize(
    ("pattern", "rows"),
    [
        (f"BIND({BOX} AS ?w) ?g :is ?n ; geo:sfWithin ?w", 4),
        (f"VALUES ?w {{ {BOX} {BOX} }} ?g :is ?n ; geo:sfWithin ?w", 8),
        (f"VALUES ?w {{ {POINT} {BOX} }} ?g :is ?n . ?w geo:sfContains ?g", 5),
        (f"VALUES ?w {{ :g3 {POINT} }} ?g :is ?n ; geo:sfEquals ?w", 2),
        ("VALUES ?w { :g3 :f4 } ?g :is ?n ; geo:sfEquals ?w", 2),
        ('BIND("no geometry" AS ?w) ?g :is ?n ; geo:sfEquals ?w', 0),
        ('?x :mark ?w . ?g :is ?n ; geo:sfEquals ?w', 1),
        ("?g :is ?n OPTIONAL { ?g geo:sfWithin ?w }", 10),
    ],
)  # fmt: skip
def test_variables_that_are_bound_to_literals(
    tmp_path: Path, pattern: str, rows: int, optimise: bool
) -> None:
    made = Store.create(tmp_path / "s")
    triples = "".join(
        f":f{k} geo:hasGeometry :g{k} . :g{k} :is {k} ;"
        f' geo:asWKT "POINT ({k} {k})"^^geo:wktLiteral . '
        for k in (3, 4, 5, 6, 12)
    )
    made.update(
        f'PREFIX : <{X}> INSERT DATA {{ {triples} :x :mark "POINT (5 5)"^^geo:wktLiteral }}'
    )
    found = made.query(f"PREFIX : <{X}> SELECT * {{ {pattern} }}", optimise=optimise)
    assert len(found) == rows


def test_what_is_computed_from_another_serialisation_is_joined_by_place(tmp_path: Path) -> None:
    made = Store.create(tmp_path / "s")
    made.update(
        f"""PREFIX : <{X}> INSERT DATA {{ :a geo:asWKT "POINT (3 3)"^^geo:wktLiteral ; :kind 1 .
        :b geo:asKML "<Point><coordinates>3,3</coordinates></Point>"^^geo:kmlLiteral ; :kind 2 }}"""
    )
    text = """SELECT ?a ?b { ?a :kind 1 ; geo:asWKT ?x . ?b :kind 2 ; geo:asWKT ?y
        OPTIONAL { ?a :name ?n } FILTER(geof:sfEquals(?x, ?y)) }"""
    told = made.explain(f"PREFIX : <{X}> {text}")
    assert [place.operator for place in told.places] == ["spatial join (equals)"] * 4
    assert len(made.query(f"PREFIX : <{X}> {text}")) == 1
