"""Natural RDF forms of SQL values, and identifiers, against independent reckoning."""

from __future__ import annotations

import math
import re
import sqlite3
import struct
import sys
from collections.abc import Callable
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapper.language.model import Database
from mapper.sources.database.identifiers import Columns, delimited, table_spellings, undelimited
from mapper.sources.database.natural import DOUBLE, Field, canonical, decimal_texts, natural
from mapper.terms.cells import Cells
from ontology import InputError, MappingError
from tests.mapper.conftest import Runner
from tests.mapper.databases.test_sqlite import TABLE

DOUBLES = st.floats() | st.integers(-(10**17), 10**17).map(lambda n: n / 1000)


@given(st.lists(DOUBLES | st.none(), min_size=1))
def test_doubles_of_r2rml(values: list[float | None]) -> None:
    cells = canonical(Cells(pa.array(values, pa.float64())))
    assert cells.kinds is not None
    assert set(cells.kinds.to_pylist()) == {DOUBLE}
    for value, text in zip(values, cells.values.to_pylist(), strict=True):
        if value is None:
            assert text is None
        elif not math.isfinite(value):
            assert text == ("NaN" if math.isnan(value) else "INF" if value > 0 else "-INF")
        else:
            assert re.fullmatch(r"-?(?:[1-9]\.(?:\d*[1-9]|0)E-?(?:[1-9]\d*|0)|0\.0E0)", text)
            assert struct.pack("d", float(text)) == struct.pack("d", value)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_decimals_have_no_exponent(values: list[float]) -> None:
    for value, text in zip(values, decimal_texts(pa.array(values)).to_pylist(), strict=True):
        assert re.fullmatch(r"-?\d+(?:\.\d+)?", text)
        assert Decimal(text) == Decimal(repr(value))


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1))
def test_reals_are_the_doubles_of_their_shortest_decimals(values: list[float]) -> None:
    array = pa.array(values, pa.float32())
    found = natural(array, Field("x", pa.float32())).values
    assert found.type == pa.float64()
    for value, double in zip(values, found.to_pylist(), strict=True):
        assert struct.unpack("f", struct.pack("f", double))[0] == value
        assert len(repr(double).replace("-", "").split("e")[0].replace(".", "").strip("0")) <= 9


@given(st.text(min_size=1).filter(lambda name: "\0" not in name))
def test_delimited_names_are_read_back_by_a_database(name: str) -> None:
    try:
        name.encode()
    except UnicodeEncodeError:
        return
    assert undelimited(delimited(name)) == name
    connection = sqlite3.connect(":memory:")
    connection.execute(f"CREATE TABLE {delimited(name)} (x)")
    ((found,),) = connection.execute("SELECT name FROM sqlite_schema").fetchall()
    connection.close()
    assert found == name
    assert Columns([name], str.lower, strict=True).find(delimited(name)) == name


@pytest.mark.parametrize(
    ("name", "strict", "spelt"),
    [
        ("Student", True, ("Student",)),
        ("Student", False, ("`Student`", "Student")),
        ('"My Farm"."Plot"', True, ("`My Farm`.`Plot`",)),
        ('"My Farm"', False, ('`"My Farm"`',)),
        ("farm.plot", False, ("`farm.plot`", "farm.plot")),
        ("a`b", False, ("`a``b`",)),
        ("Größe", True, ("Größe",)),
    ],
)
def test_names_of_tables(name: str, strict: bool, spelt: tuple[str, ...]) -> None:
    assert table_spellings(name, "`", strict=strict, where="") == spelt


@pytest.mark.parametrize("name", ["my table", "t; DROP TABLE t", "a..b", '"x', "1st", "t --"])
def test_names_that_are_no_identifiers(name: str) -> None:
    with pytest.raises(MappingError, match="no name of a table"):
        table_spellings(name, '"', strict=True, where="")


@pytest.mark.parametrize(
    ("url", "module", "extra"),
    [
        ("postgresql://host/farm", "adbc_driver_postgresql.dbapi", "postgresql"),
        ("mysql://host/farm", "pymysql", "mysql"),
    ],
)
def test_a_driver_that_is_not_installed(
    run: Runner,
    turtle: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    module: str,
    extra: str,
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(InputError, match=rf"not installed.*geoloom\[{extra}\]"):
        run(turtle(source=TABLE.format("t")), database=url)


def test_a_database_does_not_show_its_secrets() -> None:
    shown = repr(Database("postgresql://ann:s3cret@host/x", "ann", "s3cret"))
    assert "s3cret" not in shown
    assert "ann" in shown
