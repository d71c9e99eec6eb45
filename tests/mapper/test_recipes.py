from __future__ import annotations

from pathlib import Path

import pytest

from mapper import load_recipe, recipes
from mapper.recipes import recipe_of
from ontology import InputError, MappingError

NAMES = [recipe.name for recipe in recipes()]

HEADER = """@prefix dcterms: <http://purl.org/dc/terms/> .
@base <https://w3id.org/geoloom/recipes/own> .
<> dcterms:title "T"; dcterms:description "D"; dcterms:format "F"; dcterms:source <http://s.org/> .
<http://s.org/> dcterms:license "L" .
"""


@pytest.mark.parametrize("name", NAMES)
def test_every_recipe_loads_and_says_where_its_data_come_from(name: str) -> None:
    mapping = load_recipe(name, "folder/data.zip")
    assert mapping.triples_maps
    (recipe,) = (one for one in recipes() if one.name == name)
    assert recipe.source_url.startswith("https://")
    assert min(len(text) for text in (recipe.title, recipe.description, recipe.files)) > 10


@pytest.mark.parametrize(
    ("file", "base"),
    [
        ("a/LV_2021.zip", "LV_2021"),
        ("b.gpkg.zip", "b"),
        ("Land Use.v2.gml", "Land%20Use.v2"),
        ("x.csv.gz", "x"),
    ],
)
def test_subjects_begin_with_recipe_and_file(file: str, base: str) -> None:
    (first, *_) = load_recipe("eurocrops", file).triples_maps
    assert first.base_iri == f"https://w3id.org/geoloom/data/eurocrops/{base}/"
    (first, *_) = load_recipe("eurocrops", file, base_iri="http://example.org/").triples_maps
    assert first.base_iri == "http://example.org/"


def test_unknown_recipe() -> None:
    with pytest.raises(InputError, match="did you mean 'eurocrops'"):
        load_recipe("eurocrop", "x.shp")


def test_header(tmp_path: Path) -> None:
    file = tmp_path / "own.rml.ttl"
    file.write_text(HEADER)
    recipe = recipe_of(file)
    assert (recipe.name, recipe.title, recipe.licence) == ("own", "T", "L")
    file.write_text(HEADER.replace('dcterms:title "T"; ', ""))
    with pytest.raises(MappingError, match="needs one dcterms:title"):
        recipe_of(file)
    file.write_text(HEADER.replace('"T"', '"T", "U"'))
    with pytest.raises(MappingError, match="2 found"):
        recipe_of(file)
