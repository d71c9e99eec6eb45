"""An empty store, and values asked of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from ontology import Literal, Term
from store import Store
from tests.store.time.moments import PREFIXES

Ask = Callable[[Sequence[str]], list[Term | None]]


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store.create(tmp_path_factory.mktemp("time") / "store")


@pytest.fixture
def ask(empty: Store) -> Ask:
    """What expressions are; None is an error."""

    def asked(expressions: Sequence[str]) -> list[Term | None]:
        binds = " ".join(f"({text} AS ?x{k})" for k, text in enumerate(expressions))
        (row,) = empty.query(f"{PREFIXES} SELECT {binds} {{}}").rows()
        return [row.get(f"x{k}") for k in range(len(expressions))]

    return asked


def lexical(term: Term | None) -> str | None:
    return term.lexical if isinstance(term, Literal) else None
