"""Batches of a mapping become rows of one table, as a person would expect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
import shapely

from ontology import CRS84, GEO, RDF_TYPE, EntityBatch, Lane, Property, TermColumn, to_wkb
from store import TablesPolicy
from store.catalog import SUBJECT

if TYPE_CHECKING:
    from .conftest import Forming

AREA = "http://p/area"


def _nodes(predicate: str, texts: Sequence[str | None]) -> Property:
    return Property(predicate, TermColumn(Lane.NODE, pa.array(texts, pa.string())))


def _area(values: Sequence[float | None]) -> Property:
    return Property(AREA, TermColumn(Lane.DOUBLE, pa.array(values, pa.float64())))


def _features(numbers: Sequence[int], *more: Property, graph: str | None = None) -> EntityBatch:
    properties = (
        _nodes(RDF_TYPE, ["http://c/Field"] * len(numbers)),
        _nodes(GEO + "hasGeometry", [f"http://e/{n}/g" for n in numbers]),
        *more,
    )
    subjects = pa.array([f"http://e/{n}" for n in numbers])
    return EntityBatch(subjects, properties, graph, "fields")


def _shapes(numbers: Sequence[int], graph: str | None = None) -> EntityBatch:
    wkb = to_wkb(shapely.points([[n, n] for n in numbers]))
    shape = Property(GEO + "asWKT", TermColumn(Lane.GEOMETRY, wkb, crs=CRS84))
    return EntityBatch(
        pa.array([f"http://e/{n}/g" for n in numbers]), (shape,), graph, "geometries"
    )


@pytest.mark.parametrize("turned", [False, True])
def test_a_feature_and_its_geometry_are_two_views_of_one_row(
    forming: Forming, turned: bool
) -> None:
    batches = [_features([1, 2, 3], _area([1.5, None, 2.5])), _shapes([1, 2, 3])]
    staging = forming.staged(batches[::-1] if turned else batches)
    (formed,) = forming.form(staging)
    assert formed.entry.views == (SUBJECT, "hasGeometry")
    assert {c.name: c.view for c in formed.entry.columns} == {
        "area": SUBJECT,
        "hasGeometry": SUBJECT,
        "type": SUBJECT,
        "geometry": "hasGeometry",
    }
    assert [row["hasGeometry"] for row in forming.rows(formed)] == [
        f"http://e/{n}/g" for n in (1, 2, 3)
    ]
    assert not staging.lanes.keys


def test_views_are_found_in_plain_rdf(forming: Forming) -> None:
    batches = [
        EntityBatch(batch.subjects, (prop,))
        for batch in (_features([1, 2, 3]), _shapes([3, 1, 2]))
        for prop in batch.properties
    ]
    (formed,) = forming.form(forming.staged(batches))
    assert formed.entry.views == (SUBJECT, "hasGeometry")
    assert formed.entry.name.startswith("Field-")
    assert {row[SUBJECT]: row["hasGeometry"] for row in forming.rows(formed)} == {
        f"http://e/{n}": f"http://e/{n}/g" for n in (1, 2, 3)
    }


def test_a_node_of_two_rows_is_no_view(forming: Forming) -> None:
    shared = EntityBatch(
        pa.array(["http://e/1", "http://e/2"]),
        (_nodes("http://p/run", ["http://r", "http://r"]), _area([1, 2])),
        theme="fields",
    )
    run = EntityBatch(
        pa.array(["http://r", "http://r"]), (_nodes(RDF_TYPE, ["http://c/Run"] * 2),), theme="run"
    )
    formed = forming.form(forming.staged([shared, run]))
    assert [group.entry.views for group in formed] == [(SUBJECT,)] * 2
    assert [group.rows for group in formed] == [2, 1]


def test_chunks_gather_in_one_table_even_if_one_lacks_a_column(forming: Forming) -> None:
    batches = [
        _features(range(5), _area([1.0] * 5)),
        _features(range(5, 9)),
        _features(range(9, 12), _area([2.0] * 3), graph="http://g"),
    ]
    (formed,) = forming.form(forming.staged(batches))
    assert formed.rows == 12
    assert sum(row["area"] is None for row in forming.rows(formed)) == 4
    assert sum(row["_graph"] is None for row in forming.rows(formed)) == 9


def test_later_rows_join_the_table_and_its_names(forming: Forming) -> None:
    first = forming.form(forming.staged([_features([1, 2], _area([1, 2])), _shapes([1, 2])]))
    later = forming.form(
        forming.staged([_features([3], _area([None])), _shapes([3])]), before=first
    )
    assert [group.entry for group in later] == [first[0].entry]


def test_the_report_names_a_subject_that_is_not_unique(forming: Forming) -> None:
    numbers = [*range(1200), 7]
    staging = forming.staged([_features(numbers, _area([float(k) for k in range(1201)]))])
    (formed,) = forming.form(staging, "auto")
    assert formed.rows == 1199
    assert staging.remarks == [
        "fields: 2 rows share a subject with another row or with single triples"
        " and are kept as single triples, for example http://e/7"
    ]
    assert {key.predicate for key in staging.lanes.keys} == {RDF_TYPE, GEO + "hasGeometry", AREA}


def test_a_number_that_turned_into_text_makes_a_table_beside(forming: Forming) -> None:
    first = forming.form(forming.staged([_features([1, 2], _area([1, 2]))]))
    text = Property(AREA, TermColumn(Lane.STRING, pa.array(["2 ha", "about 3"])))
    staging = forming.staged([_features([3, 4], text)])
    (later,) = forming.form(staging, before=first)
    assert later.entry.name != first[0].entry.name
    assert staging.remarks == [
        f"area was double in the table {first[0].entry.name} and is string now:"
        f" the new rows are in a table of their own, {later.entry.name}"
    ]


def test_the_report_says_that_a_number_is_partly_text_now(forming: Forming) -> None:
    first = forming.form(forming.staged([_features([1, 2], _area([1, 2]))]))
    text = Property(AREA, TermColumn(Lane.STRING, pa.array([None, "about 3"])))
    staging = forming.staged([_features([3, 4], _area([2, None]), text)])
    (later,) = forming.form(staging, before=first)
    assert staging.remarks == [
        f"area was double in the table {first[0].entry.name} and is double and string now:"
        f" the new rows are in a table of their own, {later.entry.name}"
    ]


def test_the_report_names_a_source_whose_subjects_repeat(forming: Forming) -> None:
    numbers = [number % 3 for number in range(30)]
    staging = forming.staged([_features(numbers, _area([float(k) for k in range(30)]))])
    forming.form(staging)
    assert staging.remarks == [
        "fields: its subjects are not unique per row;"
        " what its rows say of a subject is put together, triple by triple"
    ]


@pytest.mark.parametrize(("policy", "tables"), [("auto", 0), ("never", 0), ("always", 1)])
def test_few_rows_stay_in_lanes_unless_asked(
    forming: Forming, policy: TablesPolicy, tables: int
) -> None:
    staging = forming.staged([_features([1, 2])], rows=policy != "never")
    assert len(forming.form(staging, policy)) == tables
    assert bool(staging.lanes.keys) == (tables == 0)


def test_a_value_that_no_column_holds_keeps_its_row_in_lanes(forming: Forming) -> None:
    staging = forming.staged([_features([1, 2, 3], _area([1.0, float("nan"), -0.0]))])
    formed = forming.form(staging)
    assert {row[SUBJECT] for g in formed for row in forming.rows(g) if row.get("area")} == {
        "http://e/1"
    }
    assert any(key.lane is Lane.OTHER for key in staging.lanes.keys)


def test_a_class_given_twice_counts_once(forming: Forming) -> None:
    batch = _features([1, 2], _nodes(RDF_TYPE, ["http://c/Field", "http://c/Plot"]))
    (formed,) = forming.form(forming.staged([batch]))
    assert [(r["type"], r["type_2"]) for r in forming.rows(formed)] == [
        ("http://c/Field", None),
        ("http://c/Field", "http://c/Plot"),
    ]
