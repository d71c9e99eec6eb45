"""Triples around the crop fields: a code list with its hierarchy, and visits to every tenth field.

They give the queries something to join, a path to climb, text, dates and languages.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.fields import CLASSES, Batches, nodes, numbered
from ontology import EntityBatch, Lane, Property, TermColumn

CODES: Final = "https://w3id.org/geoloom/codes/hcat3/"
EVERY: Final = 10

_SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
_CHUNK: Final = 50_000
_FIRST_DAY: Final = 17_532
"""1 January 2018, in days since 1970."""
_REMARKS: Final = pa.array(
    ("stubble", "freshly sown", "lodged after hail", "weeds at the edge", "harvested")
)


def around_batches(fields: int) -> Iterator[Batches]:
    """The code list, then the visits."""
    yield _code_list()
    rng = np.random.default_rng(7)
    count = max(fields // EVERY, 1)
    for start in range(0, count, _CHUNK):
        yield (_visits(rng, np.arange(start, min(start + _CHUNK, count))),)


def _code_list() -> Batches:
    def named(tag: str, word: str) -> Property:
        texts = pa.array([f"{word} {number}" for number in range(len(CLASSES))])
        return Property(f"{_SKOS}prefLabel", TermColumn(Lane.LANG, texts, lang=tag))

    above = [f"{CODES}{code.removeprefix(CODES)[:4]}000000" for code in CLASSES]
    groups = pa.array(sorted(set(above)))
    top = pa.array([f"{CODES}3300000000"] * len(groups))
    upward = nodes(f"{_SKOS}broader", pa.array(above))
    classes = (upward, named("de", "Feldfrucht"), named("en", "crop"))
    return (
        EntityBatch(pa.array(CLASSES), classes, theme="codes"),
        EntityBatch(groups, (nodes(f"{_SKOS}broader", top),), theme="codes"),
    )


def _visits(rng: np.random.Generator, numbers: npt.NDArray[np.int64]) -> EntityBatch:
    rows = len(numbers)
    days = pa.array(_FIRST_DAY + rng.integers(0, 365, rows), pa.int32()).cast(pa.date32())
    kinds = _REMARKS.take(pa.array(rng.integers(0, len(_REMARKS), rows)))
    told = pc.binary_join_element_wise(kinds, pc.cast(pa.array(numbers), pa.string()), ", ")
    visited = numbered("https://example.org/fields/", numbers * EVERY)
    properties = (
        nodes("http://www.w3.org/ns/sosa/hasFeatureOfInterest", visited),
        Property("http://purl.org/dc/terms/date", TermColumn(Lane.DATE, days)),
        Property("http://purl.org/dc/terms/description", TermColumn(Lane.STRING, told)),
    )
    return EntityBatch(numbered("https://example.org/visits/", numbers), properties, theme="visits")
