"""Geometries over which GEOS itself would end the process, or numbers would overflow."""

from __future__ import annotations

from pathlib import Path

from ontology import WKT_LITERAL
from store import Store


def test_collections_with_empty_parts_are_joined(tmp_path: Path) -> None:
    """GEOS 3.14 ends the process over a relation of such a collection."""
    parts = "POLYGON ((6 2, 6 4, 5 4, 5 2, 6 2)), POLYGON EMPTY, POLYGON ((7 0, 7 2, 4 2, 7 0))"
    wkt = f'"GEOMETRYCOLLECTION ({parts})"^^<{WKT_LITERAL}>'
    box = f'"POLYGON ((0 0, 5 0, 5 5, 0 5, 0 0))"^^<{WKT_LITERAL}>'
    lines = (f"<http://x/a> <http://x/c> {wkt} .", f"<http://x/b> <http://x/p> {box} .", "")
    (tmp_path / "d.nt").write_text("\n".join(lines))
    store = Store.create(tmp_path / "store")
    store.load(tmp_path / "d.nt")
    for values in ("?a <http://x/c> ?x .", f"VALUES ?x {{ {wkt} }}"):
        found = store.query(
            f"SELECT ?b {{ {values} ?b <http://x/p> ?y FILTER(geof:sfIntersects(?x, ?y)) }}"
        )
        assert found.terms().num_rows == 1


def test_coordinates_at_the_end_of_doubles_are_loaded_without_a_warning(tmp_path: Path) -> None:
    """Warnings are errors in tests."""
    far = f'"POINT (1e308 1e308)"^^<{WKT_LITERAL}>'
    (tmp_path / "d.nt").write_text(f"<http://x/a> <http://x/p> {far} .\n")
    store = Store.create(tmp_path / "store")
    store.load(tmp_path / "d.nt")
    found = store.query(f"SELECT ?a {{ ?a <http://x/p> ?g FILTER(geof:sfEquals(?g, {far})) }}")
    assert found.terms().num_rows == 1
