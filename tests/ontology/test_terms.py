from __future__ import annotations

import dataclasses

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontology import (
    IRI,
    RDF_LANG_STRING,
    XSD_STRING,
    BlankNode,
    GeoloomError,
    Literal,
)

XSD_INTEGER = "http://www.w3.org/2001/XMLSchema#integer"


@pytest.mark.standard("RDF 1.1 N-Triples, 4")
@pytest.mark.parametrize(
    ("term", "text"),
    [
        (IRI("http://a/b#c"), "<http://a/b#c>"),
        (BlankNode("b0"), "_:b0"),
        (Literal("a"), '"a"'),
        (Literal("a", XSD_STRING), '"a"'),
        (Literal("5", XSD_INTEGER), f'"5"^^<{XSD_INTEGER}>'),
        (Literal("chat", lang="fr"), '"chat"@fr'),
        (Literal('say "hi"\\\n\r'), r'"say \"hi\"\\\n\r"'),
        (Literal("tab\tstays é 🌾"), '"tab\tstays é 🌾"'),
    ],
)
def test_canonical_text(term: IRI | BlankNode | Literal, text: str) -> None:
    assert term.n3 == text


@pytest.mark.parametrize("character", [*'<>"{}|^`\\', " ", "\n", "\x00"])
def test_an_iri_is_checked(character: str) -> None:
    with pytest.raises(GeoloomError, match="not an IRI") as caught:
        IRI(f"http://a/{character}b")
    assert caught.value.remedy == "percent-encode it"


def test_a_language_makes_a_lang_string() -> None:
    assert Literal("a", lang="en").datatype == RDF_LANG_STRING
    assert Literal("a").datatype == XSD_STRING


def test_terms_are_values() -> None:
    assert {Literal("a"), Literal("a"), Literal("a", lang="en")} == {
        Literal("a"),
        Literal("a", lang="en"),
    }
    with pytest.raises(dataclasses.FrozenInstanceError):
        Literal("a").lexical = "b"  # type: ignore[misc]


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_every_literal_reads_back_in_another_parser(text: str) -> None:
    document = f"<http://s> <http://p> {Literal(text).n3} ."
    (quad,) = pyoxigraph.parse(document.encode(), format=pyoxigraph.RdfFormat.N_TRIPLES)
    assert quad.object.value == text
