"""The pages on mapping say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mapper import registered
from mapper.functions import find_function
from tests.mapper.recipe_table import recipe_table

DOCS = Path(__file__).parents[2] / "docs"
GL = "https://w3id.org/geoloom/ns#"

pytestmark = pytest.mark.sources


def documented() -> dict[str, set[str]]:
    """Parameters of each gl: function as docs/mapping-reference.md tells them."""
    page = (DOCS / "mapping-reference.md").read_text(encoding="utf-8")
    table = page.split("| function | parameters | gives |")[1].split("\n\n")[0]
    found: dict[str, set[str]] = {}
    for line in table.splitlines()[2:]:
        names, parameters, *_ = line.strip("|").split(" | ")
        for name in re.findall(r"`gl:(\w+)`", names):
            found[name] = set(re.findall(r"`(\w+)`", parameters))
    return found


def test_all_functions_are_documented_with_their_parameters() -> None:
    own = [iri.removeprefix(GL) for iri in registered() if iri.startswith(GL)]
    builtin = [name for name in own if not name.startswith("test")]
    expected = {name: set(find_function(GL + name, "").parameters) for name in builtin}
    assert documented() == expected


def test_the_table_of_recipes_is_current() -> None:
    page = (DOCS / "mapping-recipes.md").read_text(encoding="utf-8")
    assert page.endswith(recipe_table()), "run: python tests/mapper/recipe_table.py"
