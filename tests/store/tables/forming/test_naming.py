from __future__ import annotations

from dataclasses import replace

import pytest

from ontology import GEO, RDF_TYPE, Lane
from store.layout.tables.column_keys import Cell, ColumnKey
from store.layout.tables.naming import column_names, local_name, table_name


@pytest.mark.parametrize(
    ("iri", "name"),
    [
        ("https://w3id.org/geoloom/ns#observedClass", "observedClass"),
        ("http://p/area/", "area"),
        ("urn:x:crop-code", "crop_code"),
        ("http://p/irisCode", "p_irisCode"),
        ("http://p/_hidden", "hidden"),
        ("http://p/2018", "p_2018"),
        ("http://p/größe", "gr_e"),
        ("http://p/ÄÖ", "column"),
        ("http://", "http"),
    ],
)
def test_a_column_is_called_as_its_predicate_ends(iri: str, name: str) -> None:
    assert local_name(iri) == name


def _named(*keys: ColumnKey) -> tuple[str, ...]:
    return column_names([Cell(key) for key in keys])


def test_names_differ_where_case_does_not_count() -> None:
    keys = [ColumnKey(p, Lane.STRING) for p in ("http://a/Name", "http://b/name", "http://c/NAME")]
    assert _named(*keys) == ("Name", "name_2", "NAME_3")


def test_kinds_and_languages_of_one_predicate() -> None:
    label = "http://www.w3.org/2000/01/rdf-schema#label"
    assert _named(
        ColumnKey(label, Lane.STRING),
        ColumnKey(label, Lane.INTEGER),
        ColumnKey(label, Lane.LANG, lang="en"),
        ColumnKey(label, Lane.LANG, lang="de-AT"),
        ColumnKey(RDF_TYPE, Lane.NODE),
        ColumnKey(RDF_TYPE, Lane.NODE, slot=1),
    ) == ("label", "label_2", "label_en", "label_de_AT", "type", "type_2")


def test_the_first_geometry_is_called_geometry_whatever_else_is() -> None:
    assert _named(
        ColumnKey("http://p/geometry", Lane.NODE),
        ColumnKey(GEO + "asWKT", Lane.GEOMETRY, "http://crs/1"),
        ColumnKey("http://p/centroid", Lane.GEOMETRY, "http://crs/1"),
    ) == ("geometry_node", "geometry", "centroid")


def test_a_column_of_a_view_is_told_from_one_of_the_row() -> None:
    link = Cell(ColumnKey(GEO + "hasGeometry", Lane.NODE))
    kind = ColumnKey(RDF_TYPE, Lane.NODE)
    assert column_names([link, Cell(kind), Cell(kind, 0), Cell(replace(kind, slot=1), 0)]) == (
        "hasGeometry",
        "type",
        "hasGeometry_type",
        "hasGeometry_type_2",
    )


def test_a_table_is_called_by_its_theme_and_shape() -> None:
    assert table_name("http://c/Field", ("a",)).startswith("Field-")
    assert table_name("fields", ("a",)) != table_name("fields", ("b",))
    assert table_name("../x y", ("a",)).split("-")[0] == "x_y"
