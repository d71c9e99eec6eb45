"""Relations of random geometries do not change with how the geometries are written or asked for.

300 pairs always the same; ``GEOLOOM_NIGHTLY=1`` takes 10,000 from a seed it prints, which
``GEOLOOM_SEED`` sets. Every pair is loaded in thirteen forms (shifted, axes swapped with the CRS,
reversed, with collinear points, in another serialisation …) and asked for all 24 relations both
ways round; a pair's parts are put together again by ``geof:union``; and some relations of a batch
are asked as a join, as a property and with a constant, against Shapely.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pytest
import shapely

from ontology import IRI, Literal
from store import Store
from store.algebra import Inference
from tests.geosparql.asking import PROLOGUE
from tests.geosparql.case import literal
from tests.geosparql.oracle import INVERSE, RELATIONS, holds
from tests.geosparql.shapes import Geometry, Random, pair
from tests.geosparql.variants import Literals, plain, split, variants

NIGHTLY: Final = os.environ.get("GEOLOOM_NIGHTLY", "") not in ("", "0")
PAIRS: Final = 10_000 if NIGHTLY else 300
SEED: Final = int(os.environ.get("GEOLOOM_SEED", secrets.randbelow(10**6) if NIGHTLY else 7))
BATCH: Final = 100
OTHERWISE: Final = 3
"""Relations of a batch asked as join, property and with a constant; in turn."""

X: Final = "http://x/"
PREFIX: Final = f"PREFIX x: <{X}>\n{PROLOGUE}"


class Batch:
    """Pairs in a store of their own."""

    def __init__(self, folder: Path, number: int, random: Random) -> None:
        self.pairs = [pair(random) for _ in range(BATCH)]
        self.forms = [variants(one, random) for one in self.pairs]
        self.store = Store.create(folder / f"{number}", tables=("never", "always")[number % 2])
        file = folder / f"{number}.ttl"
        file.write_text(PREFIX + "\n".join(self._triples()), encoding="utf-8")
        self.store.load(file)

    def _triples(self) -> Iterator[str]:
        for at, forms in enumerate(self.forms):
            for form, two in enumerate(forms.values()):
                yield _pair(f"x:p{at}-{form} x:row {at} ; x:form {form}", two)
            one, two = self.pairs[at]
            yield f"x:one{at} geo:asWKT {literal(*plain(one))} ."
            yield f"x:two{at} geo:asWKT {literal(*plain(two))} ."
            if parts := split(one):
                yield _pair(f"x:s{at} x:cut {at} ; x:whole {literal(*plain(two))}", parts)

    def related(self) -> dict[tuple[str, str], np.ndarray]:
        """By relation and way round: a truth value for each pair and form."""
        found = {}
        for way, args in (("forth", "?a, ?b"), ("back", "?b, ?a")):
            calls = " ".join(f"(geof:{name}({args}) AS ?{name})" for name in RELATIONS)
            rows = self._rows(
                f"SELECT ?row ?form {calls} {{ ?p x:row ?row ; x:form ?form ; x:a ?a ; x:b ?b }}"
            )
            for name in RELATIONS:
                table = np.full((BATCH, len(self.forms[0])), None, object)
                for row in rows:
                    table[_int(row["row"]), _int(row["form"])] = _truth(row.get(name))
                found[name, way] = table
        return found

    def put_together(self) -> dict[str, dict[int, bool | None]]:
        """Relations of the union of a geometry's parts."""
        calls = " ".join(f"(geof:{name}(?made, ?w) AS ?{name})" for name in RELATIONS)
        rows = self._rows(
            f"SELECT ?row {calls} {{ ?p x:cut ?row ; x:a ?a ; x:b ?b ; x:whole ?w "
            "BIND(geof:union(?a, ?b) AS ?made) }"
        )
        return {
            name: {_int(row["row"]): _truth(row.get(name)) for row in rows} for name in RELATIONS
        }

    def joined(self, name: str) -> set[tuple[str, str]]:
        """All pairs over the batch that a filter finds."""
        return self._ends(
            "SELECT ?one ?two { ?one geo:asWKT ?a . ?two geo:asWKT ?b "
            f"FILTER(geof:{name}(?a, ?b)) }}"
        )

    def linked(self, name: str) -> set[tuple[str, str]]:
        """All pairs that have the property, computed."""
        return self._ends(f"SELECT ?one ?two {{ ?one geo:{name} ?two }}")

    def selected(self, name: str, constant: str) -> set[str]:
        """What a filter with a constant finds."""
        rows = self._rows(
            f"SELECT ?one {{ ?one geo:asWKT ?a FILTER(geof:{name}(?a, {constant})) }}"
        )
        return {_name(row["one"]) for row in rows}

    def _ends(self, text: str) -> set[tuple[str, str]]:
        return {(_name(row["one"]), _name(row["two"])) for row in self._rows(text)}

    def _rows(self, text: str) -> list[dict[str, object]]:
        return list(self.store.query(PREFIX + text, inference=Inference("computed")).rows())


def _pair(subject: str, two: tuple[Literals, Literals] | tuple[Geometry, Geometry]) -> str:
    one, other = (literal(*(plain(t) if isinstance(t, Geometry) else t)) for t in two)
    return f"{subject} ; x:a {one} ; x:b {other} ."


def _int(term: object) -> int:
    assert isinstance(term, Literal)
    return int(term.lexical)


def _truth(term: object) -> bool | None:
    return None if term is None else isinstance(term, Literal) and term.lexical == "true"


def _name(term: object) -> str:
    assert isinstance(term, IRI)
    return term.value.removeprefix(X)


def _changed(batch: Batch) -> Iterator[str]:
    """Pairs whose relations differ between forms, ways round, parts and whole, or from Shapely."""
    one, two = (np.array(side, object) for side in zip(*batch.pairs, strict=True))
    related = batch.related()
    whole = batch.put_together()
    forms = list(batch.forms[0])
    for name in RELATIONS:
        wanted = holds(name, one, two)
        for way, asked in (("forth", name), ("back", INVERSE[name])):
            for at, form in np.argwhere(related[asked, way] != wanted[:, None]):
                found = related[asked, way][at, form]
                yield f"{asked} {way} {forms[form]}: {found}, {batch.forms[at][forms[form]]}"
        for at, found in whole[name].items():
            if found != wanted[at]:
                yield f"{name} of the union of {split(one[at])} and {two[at]}: {found}"


def _asked_otherwise(batch: Batch, number: int) -> Iterator[str]:
    """Differences of joins, properties and constants from Shapely, for some relations."""
    names = [f"{side}{at}" for at in range(BATCH) for side in ("one", "two")]
    shapes = np.array([shape for two in batch.pairs for shape in two], object)
    first, second = np.meshgrid(np.arange(len(shapes)), np.arange(len(shapes)), indexing="ij")
    for turn in range(OTHERWISE):
        name = RELATIONS[(number * OTHERWISE + turn) % len(RELATIONS)]
        found = holds(name, shapes[first], shapes[second])
        wanted = {(names[a], names[b]) for a, b in np.argwhere(found)}
        for how, answer in (("join", batch.joined(name)), ("property", batch.linked(name))):
            if answer != wanted:
                more, less = sorted(answer - wanted)[:3], sorted(wanted - answer)[:3]
                shown = {end: str(shapes[names.index(end)]) for ab in (*more, *less) for end in ab}
                yield f"{name} as {how}: too many {more}, missing {less}: {shown}"
        constant = (number + turn) % len(shapes)
        picked = batch.selected(name, literal(*plain(shapes[constant])))
        if picked != {names[a] for a in np.flatnonzero(found[:, constant])}:
            yield f"{name} with the constant {shapes[constant]}: {sorted(picked)[:9]}"


@pytest.mark.slow
@pytest.mark.timeout(0 if NIGHTLY else 300)
def test_relations_do_not_change(tmp_path: Path) -> None:
    print(f"GEOLOOM_SEED={SEED}")
    violations: list[str] = []
    for number in range(PAIRS // BATCH):
        batch = Batch(tmp_path, number, np.random.default_rng([SEED, number]))
        found = [*_changed(batch), *_asked_otherwise(batch, number)]
        for line in found if NIGHTLY else ():
            print(f"VIOLATION {line}", flush=True)
        violations += found
    assert not violations, f"{len(violations)}\n" + "\n".join(violations[:40])


def test_the_variants_are_what_they_say() -> None:
    random = np.random.default_rng(1)
    for _ in range(100):
        one, two = pair(random)
        for form, (a, _) in variants((one, two), random).items():
            if form in ("reversed", "collinear points"):
                assert shapely.equals(shapely.from_wkt(a[0]), one)
        if parts := split(one):
            assert shapely.equals(shapely.union(*parts), one)
