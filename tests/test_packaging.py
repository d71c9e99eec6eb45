"""The seven import packages belong to geoloom alone and come from one folder."""

from __future__ import annotations

import importlib
import importlib.metadata
from pathlib import Path

import pytest

PACKAGES = ("geoloom", "ontology", "mapper", "interlink", "store", "federation", "endpoint")


@pytest.mark.parametrize("name", PACKAGES)
def test_only_geoloom_owns_the_name(name: str) -> None:
    owners = set(importlib.metadata.packages_distributions().get(name, []))
    others = owners - {"geoloom"}
    assert not others, f"{name} is also installed by {others}"


def test_all_packages_come_from_one_folder() -> None:
    folders = {Path(str(importlib.import_module(name).__file__)).parent.parent for name in PACKAGES}
    assert len(folders) == 1


@pytest.mark.parametrize("name", PACKAGES)
def test_packages_are_typed(name: str) -> None:
    folder = Path(str(importlib.import_module(name).__file__)).parent
    assert (folder / "py.typed").exists()
