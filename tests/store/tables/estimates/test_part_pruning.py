"""Which parts of a table a scan must read; only what is sure rules one out."""

from __future__ import annotations

from pathlib import Path

import pytest

from ontology import CRS84, IRI, XSD_STRING, Lane, Literal, term_id
from store.algebra import Node, ValueRange, Var, Window
from store.catalog import SUBJECT, ColumnRange, EntityColumn, EntityPart, EntityTable
from store.emit.part_pruning import Pruned, needed_parts

XSD = "http://www.w3.org/2001/XMLSchema#"
ARCHIVE = 77


def column(name: str, lane: Lane) -> EntityColumn:
    return EntityColumn(
        name, f"http://ex/{name}", lane, crs=CRS84 if lane is Lane.GEOMETRY else None
    )


COLUMNS = {
    name: column(name, lane)
    for name, lane in {
        "size": Lane.INTEGER,
        "ratio": Lane.FLOAT,
        "name": Lane.STRING,
        "kind": Lane.NODE,
        "seen": Lane.DATETIME,
        "place": Lane.GEOMETRY,
        "good": Lane.BOOLEAN,
        "title": Lane.LANG,
    }.items()
}


def part(number: int, graph: int | None = None, **ranges: ColumnRange) -> EntityPart:
    boxes = {"place": (number * 10.0, 0.0, number * 10.0 + 5, 5.0)}
    return EntityPart(Path(f"{number}.parquet"), 10, graph, boxes, ranges)


KINDS = tuple(term_id(f"<http://ex/k{k}>") for k in range(4))
TABLE = EntityTable(
    "things",
    (SUBJECT,),
    tuple(COLUMNS.values()),
    (
        part(
            0,
            size=ColumnRange(0, 0, 9),
            ratio=ColumnRange(0, 0.10000000149011612, 0.5),
            name=ColumnRange(0, "a", "f"),
            kind=ColumnRange(0, KINDS[0], KINDS[0]),
            seen=ColumnRange(0, 0.0, 3600.0),
            good=ColumnRange(0, 0, 0),
            title=ColumnRange(0, "a", "b"),
        ),
        part(
            1,
            size=ColumnRange(3, 10, 2**60),
            ratio=ColumnRange(10),
            name=ColumnRange(0, None, None),
            kind=ColumnRange(0, KINDS[1], KINDS[1]),
            seen=ColumnRange(2, 7200.0, 9000.0),
            good=ColumnRange(0, 0, 1),
        ),
        part(2, ARCHIVE),
    ),
)
ANY = Var("o")


def numbers(pruned: Pruned) -> list[int]:
    return [int(held.path.stem) for held in pruned.parts]


def read(name: str, node: Node = ANY, ranges: tuple[ValueRange, ...] = ()) -> list[int]:
    return numbers(needed_parts(TABLE, None, [(COLUMNS[name], node)], ranges=ranges))


@pytest.mark.parametrize(
    ("graphs", "kept"),
    [(None, [0, 1]), ((ARCHIVE,), [2]), ((1, ARCHIVE), [2]), ((1,), []), ((), [])],
)
def test_graphs(graphs: tuple[int, ...] | None, kept: list[int]) -> None:
    found = needed_parts(TABLE, graphs, [])
    assert numbers(found) == kept
    assert (found.held, found.by.get("graph", 0)) == (3, 3 - len(kept))


@pytest.mark.parametrize(
    ("name", "wanted", "kept"),
    [
        ("size", ValueRange("o", "number", 4.0, 8.0), [0]),
        ("size", ValueRange("o", "number", 9.5, None), [1]),
        ("size", ValueRange("o", "number", 9.000001, None), [0, 1]),  # as floats they may be equal
        ("size", ValueRange("o", "number", None, -1.0), []),
        ("size", ValueRange("o", "text", "a", "z"), []),
        ("size", ValueRange("o", "dateTime", 0.0, 9.0), []),
        ("ratio", ValueRange("o", "number", 0.0, 0.1), [0]),
        ("name", ValueRange("o", "text", "b", "b"), [0, 1]),
        ("name", ValueRange("o", "text", "g", "g"), [1]),
        ("kind", ValueRange("o", "node", nodes=(IRI("http://ex/k1"),)), [1]),
        ("kind", ValueRange("o", "node", nodes=()), []),
        ("seen", ValueRange("o", "dateTime", 3600.0, None), [0, 1]),
        ("seen", ValueRange("o", "dateTime", 3601.0, 7000.0), []),
        ("seen", ValueRange("o", "date", 0.0, 9.0), []),
        ("seen", ValueRange("other", "dateTime", 3601.0, 7000.0), [0, 1]),
        ("title", ValueRange("o", "text", "a", "a"), []),
    ],
)
def test_ranges(name: str, wanted: ValueRange, kept: list[int]) -> None:
    assert read(name, ranges=(wanted,)) == kept


@pytest.mark.parametrize(
    ("name", "node", "kept"),
    [
        ("size", Literal("7", f"{XSD}integer"), [0]),
        ("size", Literal("7", f"{XSD}decimal"), []),
        ("size", Literal("7.5", f"{XSD}double"), []),
        ("name", Literal("c", XSD_STRING), [0, 1]),
        ("name", Literal("x", XSD_STRING), [1]),
        ("name", Literal("c", XSD_STRING, "en"), []),
        ("title", Literal("x", XSD_STRING, "en"), [0, 1]),
        ("kind", IRI("http://ex/k0"), [0]),
        ("kind", IRI("http://ex/k2"), []),
        ("good", Literal("true", f"{XSD}boolean"), [1]),
        ("seen", Literal("1970-01-01T04:00:00+02:00", f"{XSD}dateTime"), [1]),
        ("seen", Literal("1970-01-01", f"{XSD}date"), []),
        ("seen", Literal("1970", f"{XSD}gYear"), []),
    ],
)
def test_constants(name: str, node: Node, kept: list[int]) -> None:
    assert read(name, node) == kept


def test_columns_without_a_value_are_not_read() -> None:
    assert read("ratio") == [0]
    found = needed_parts(TABLE, None, [(COLUMNS["ratio"], ANY)])
    assert found.by == {"graph": 1, "value": 1}


def test_windows_and_what_counts_first() -> None:
    asked = [(COLUMNS["place"], ANY), (COLUMNS["size"], Var("n"))]
    window = Window("o", (9.0, 1.0, 11.0, 2.0), CRS84)
    found = needed_parts(TABLE, None, asked, [window], [ValueRange("n", "number", 10.0, 20.0)])
    assert (numbers(found), found.by) == ([1], {"graph": 1, "space": 1})
    assert found.columns == ("place", "size")
    beside = needed_parts(TABLE, None, asked, [Window("n", (90, 90, 91, 91), CRS84)])
    assert numbers(beside) == [0, 1]


def test_a_look_up_rules_out_the_rest() -> None:
    found = needed_parts(TABLE, None, []).only({Path("1.parquet")})
    assert (numbers(found), found.by) == ([1], {"graph": 1, "index": 1})
    assert found.only({Path("1.parquet")}) == found
