"""Geometries over which GEOS itself would end the process."""

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
