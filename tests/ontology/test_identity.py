from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from ontology import (
    IRI,
    SEED,
    BlankNode,
    Literal,
    compiled,
    hash_texts,
    node_ids,
    node_texts,
    term_id,
)


def signed(value: int) -> int:
    return value - 2**64 if value >= 2**63 else value


@pytest.mark.parametrize(
    ("text", "seed", "expected"),
    [
        ("", 0, 0xEF46DB3751D8E999),
        ("a", 0, 0xD24EC4F1A98C6E5B),
        ("abc", 0, 0x44BC2CF5AD770999),
        ("Nobody inspects the spammish repetition", 0, 0xFBCEA83C8A378BF1),
    ],
)
def test_published_vectors(text: str, seed: int, expected: int) -> None:
    assert term_id(text, seed) == signed(expected)


def test_the_empty_text_has_the_id_spark_gives_it() -> None:
    assert SEED == 42
    assert term_id("") == -7444071767201028348


@pytest.mark.parametrize("length", [*range(70), 127, 128, 129, 1000, 65_537])
def test_every_tail_length_against_the_reference(length: int) -> None:
    text = ("abcdefghijklmnopqrstuvwxyz0123456789" * (length // 36 + 1))[:length]
    for seed in (0, SEED, 2**63):
        assert term_id(text, seed) == signed(xxhash.xxh64_intdigest(text.encode(), seed))


@given(st.lists(st.text(), max_size=20))
def test_columns_against_the_reference(texts: list[str]) -> None:
    expected = [signed(xxhash.xxh64_intdigest(text.encode(), SEED)) for text in texts]
    assert hash_texts(pa.array(texts, pa.string())).tolist() == expected


def test_slices_chunks_large_strings_and_nulls() -> None:
    texts = pa.array(["one", "two", None, "three", "fünf"])
    whole = hash_texts(texts)
    assert whole[2] == term_id("")
    np.testing.assert_array_equal(hash_texts(texts.slice(1, 3)), whole[1:4])
    np.testing.assert_array_equal(hash_texts(pa.chunked_array([texts[:2], texts[2:]])), whole)
    np.testing.assert_array_equal(hash_texts(texts.cast(pa.large_string())), whole)
    assert hash_texts(pa.array([None, None], pa.string())).tolist() == [term_id("")] * 2
    assert len(hash_texts(pa.array([], pa.string()))) == 0


def test_a_node_is_hashed_by_its_canonical_text() -> None:
    nodes = pa.array(["http://a/b", "_:x"])
    assert node_texts(nodes).to_pylist() == ["<http://a/b>", "_:x"]
    expected = [term_id(IRI("http://a/b").n3), term_id(BlankNode("x").n3)]
    assert node_ids(nodes).tolist() == expected
    assert node_ids(pa.chunked_array([nodes])).tolist() == expected


def test_kinds_of_terms_do_not_share_a_text() -> None:
    terms = [
        IRI("http://a"),
        Literal("http://a"),
        Literal("<http://a>"),
        Literal("http://a", lang="en"),
        Literal("http://a", "http://d"),
        BlankNode("http"),
    ]
    assert len({term_id(term.n3) for term in terms}) == len(terms)


def test_kernels_work_where_nothing_can_be_cached(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("no locator available")

    monkeypatch.setattr("numba.core.caching.FunctionCache.__init__", refuse)
    assert compiled(lambda value: value + 1)(41) == 42
