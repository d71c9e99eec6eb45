"""Whatever is a row of a table and whatever is not, a query has the same answer."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from store import Store
from store.layout.manifest import TablesPolicy
from tests.store.tables.queries.drawn import changes, entities, query

ENTITIES = 40
QUERIES = 60
POLICIES: tuple[TablesPolicy, ...] = ("always", "never")


@pytest.fixture(scope="module", params=(1, 2), ids="data {}".format)
def stores(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Store]:
    folder: Path = tmp_path_factory.mktemp("same")
    random = Random(request.param)
    (folder / "data.nq").write_text(
        entities(random, ENTITIES, odd=request.param == 2), encoding="utf-8"
    )
    update = changes(random, ENTITIES)
    made = [Store.create(folder / policy, tables=policy) for policy in POLICIES]
    for store in made:
        store.load(folder / "data.nq")
        store.update(update)
    tables = made[0].snapshot().tables
    assert tables
    assert any(len(table.views) > 1 for table in tables) == (request.param == 1)
    return made


def answer(store: Store, text: str, *, optimise: bool = True) -> Counter[str]:
    """The bag of solutions."""
    return Counter(map(str, store.query(text, optimise=optimise).terms().to_pylist()))


@pytest.mark.slow
@pytest.mark.parametrize("number", range(QUERIES))
def test_same_answers(stores: list[Store], number: int) -> None:
    text = query(Random(number), ENTITIES)
    rows, lanes = (answer(store, text) for store in stores)
    assert rows == lanes, f"{text}\nmissing {lanes - rows}\ntoo many {rows - lanes}"
    assert answer(stores[0], text, optimise=False) == lanes, text
