"""Times in years that Python's datetime does not have, in data and in queries."""

from __future__ import annotations

from pathlib import Path

import pytest

from store import Store

XSD = "http://www.w3.org/2001/XMLSchema#"
TIMES = (
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00Z",
    "2020-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-14:00",
)


@pytest.fixture(scope="module", params=("always", "never"))
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder: Path = tmp_path_factory.mktemp("times")
    lines = [
        f'<http://ex/s{k}> <http://ex/at> "{time}"^^<{XSD}dateTime> .\n'
        f'<http://ex/s{k}> <http://ex/number> "{k}"^^<{XSD}integer> .\n'
        for k, time in enumerate(TIMES)
    ]
    (folder / "data.nt").write_text("".join(lines), encoding="utf-8")
    made = Store.create(folder / "store", tables=request.param)
    made.load(folder / "data.nt")
    assert bool(made.snapshot().tables) == (request.param == "always")
    return made


@pytest.mark.parametrize("optimise", [True, False])
@pytest.mark.parametrize("at", range(len(TIMES)))
def test_comparisons(store: Store, at: int, optimise: bool) -> None:
    for sign, expected in (("<", range(at)), ("=", [at]), (">", range(at + 1, len(TIMES)))):
        text = f"""PREFIX xsd: <{XSD}> SELECT ?n {{ ?s <http://ex/at> ?t ; <http://ex/number> ?n
            FILTER(?t {sign} "{TIMES[at]}"^^xsd:dateTime) }} ORDER BY ?n"""
        rows = store.query(text, optimise=optimise).rows()
        assert [int(row["n"].lexical) for row in rows] == list(expected)  # type: ignore[union-attr]
    assert store.explain(text)


@pytest.mark.parametrize("at", range(len(TIMES)))
def test_objects(store: Store, at: int) -> None:
    text = f"""PREFIX xsd: <{XSD}>
        SELECT ?n {{ ?s <http://ex/at> "{TIMES[at]}"^^xsd:dateTime ; <http://ex/number> ?n }}"""
    assert [row["n"].lexical for row in store.query(text).rows()] == [str(at)]  # type: ignore[union-attr]
