"""A small store, the same data in pyoxigraph, and a comparison of their answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from store import Store
from store.query import run_query

PREFIXES = "PREFIX : <http://ex/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n"
XSD = "http://www.w3.org/2001/XMLSchema#"

DATA = """
@prefix : <http://ex/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:a :name "Ann" ; :age 30 ; :knows :b, :c ; :born "1990-05-01"^^xsd:date .
:b :name "Bob"@en ; :age 25.5 ; :knows :c .
:c :age "x" ; :knows :a ; :mbox <mailto:c@ex> .
:d :name "Dan" ; :knows _:x ; :seen "2020-01-01T00:00:00Z"^^xsd:dateTime .
_:x :name "Blank" ; :age 7 .
:e :val 1, 2, 3, 1.5, 2.5e0, "s", true, "odd"^^:kind .
:f :self :f ; :knows :f .
:g1 { :a :in :b . :b :in :c }
:g2 { :a :in :c . :c :in :c }
"""

Check = Callable[[str], None]


def _ours(cell: dict[str, Any] | None) -> object:
    if cell is None:
        return None
    if cell["kind"] < 3:
        return f"<{cell['value']}>" if cell["kind"] == 1 else "_:"
    return _literal(cell["value"], cell["datatype"], cell["lang"])


def _literal(value: str, datatype: str, lang: str | None) -> object:
    if datatype in (XSD + "decimal", XSD + "double", XSD + "integer"):
        return (datatype.removeprefix(XSD), round(float(value), 9))
    return (value, lang or datatype)


def _theirs(term: Any) -> object:
    if term is None:
        return None
    if isinstance(term, ox.Literal):
        return _literal(term.value, term.datatype.value, term.language)
    return "_:" if isinstance(term, ox.BlankNode) else str(term)


def theirs(graph: ox.Store, text: str) -> object:
    """The oracle's answer: a truth value or a bag of rows."""
    found = graph.query(text)
    if isinstance(found, ox.QueryBoolean):
        return bool(found)
    if isinstance(found, ox.QuerySolutions):
        names = [variable.value for variable in found.variables]
        return Counter(frozenset((n, _theirs(row[n])) for n in names) for row in found)
    sides = ("subject", "predicate", "object")
    return Counter(frozenset((s, _theirs(getattr(t, s))) for s in sides) for t in found)


def ours(store: Store, text: str, *, optimise: bool) -> object:
    """Our answer in the same form."""
    result = run_query(store.snapshot(), text, optimise=optimise)
    if result.form == "ASK":
        return result.boolean
    names = result.variables
    return Counter(
        frozenset((name, _ours(row[name])) for name in names) for row in result.terms().to_pylist()
    )


def make_pair(folder: Path, trig: str) -> tuple[Store, ox.Store]:
    """The same data in a store of ours and in pyoxigraph."""
    file = folder / "data.trig"
    file.write_text(trig, encoding="utf-8")
    store = Store.create(folder / "store")
    store.load(file)
    graph = ox.Store()
    graph.load(path=str(file))
    return store, graph


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, ox.Store]:
    return make_pair(tmp_path_factory.mktemp("people"), DATA)


@pytest.fixture(scope="session")
def agree(people: tuple[Store, ox.Store]) -> Check:
    """Assert that we and the oracle agree, with passes on and off."""
    store, graph = people

    def check(text: str) -> None:
        text = PREFIXES + text
        wanted = theirs(graph, text)
        for optimise in (True, False):
            assert ours(store, text, optimise=optimise) == wanted, f"optimise={optimise}: {text}"

    return check
