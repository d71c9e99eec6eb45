"""One paragraph: what, where, why, what to try."""

from __future__ import annotations

import pytest

from ontology import GeoloomError


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (GeoloomError("It broke"), "It broke."),
        (GeoloomError("It broke.", where="a.tif"), "It broke. Where: a.tif."),
        (
            GeoloomError("It broke", why="no disk", remedy="did you mean b.tif?"),
            "It broke. Why: no disk. Try: did you mean b.tif?",
        ),
    ],
)
def test_every_part_ends_once(error: GeoloomError, text: str) -> None:
    assert str(error) == text


def test_machines_get_the_fields() -> None:
    error = GeoloomError("It broke", where="a.tif", remedy="check the path")
    assert error.as_dict() == {
        "error": "error",
        "what": "It broke",
        "where": "a.tif",
        "why": None,
        "try": "check the path",
    }
    assert error.in_short() == "It broke"
