"""Mappings as they are named on the command line and in pipelines: a file, or a recipe."""

from __future__ import annotations

from pathlib import Path

from mapper import Mapping, load_mapping, load_recipe
from ontology import UsageError


def mapping_of(
    path: Path,
    recipe: str | None,
    base_iri: str | None = None,
    layer: str | None = None,
    crs: str | None = None,
) -> Mapping:
    """Load the mapping at ``path``, or a recipe for (a layer of) the data file at ``path``.

    Raises
    ------
    UsageError
        A layer or CRS without a recipe: a mapping says itself what it reads.
    """
    if recipe is not None:
        return load_recipe(recipe, path, base_iri=base_iri, layer=layer, crs=crs)
    for option, value in (("layer", layer), ("crs", crs)):
        if value is not None:
            raise UsageError(
                f"--{option} is for recipes",
                where=f"--{option} {value}",
                remedy=f"write gl:{option} on the logical source of the mapping",
            )
    return load_mapping(path, base_iri=base_iri)


def update_name(path: Path, recipe: str | None) -> str:
    """What the store calls the mapping whose earlier run it updates."""
    place = str(path.resolve())
    return f"{recipe} {place}" if recipe else place
