from __future__ import annotations

from pathlib import Path

from federation import load_sources
from store import parse_query

EXAMPLES = Path(__file__).parents[2] / "examples" / "federation"


def test_the_example_file_and_query_are_right():
    found = load_sources(EXAMPLES / "sources.toml")
    assert [source.name for source in found.sources] == ["fields", "lucas"]
    assert parse_query((EXAMPLES / "agree.rq").read_text()).variables == ("sample", "field")
