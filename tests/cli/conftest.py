"""The command line in this process, and a store of tiny data to use it on."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pytest

from geoloom.cli import main
from geoloom.codelists import load_codelists
from geoloom.scenario import Scenario, generate
from mapper import load_mapping, run_mapping
from store import Store

MAPPINGS = Path(str(files("geoloom.demo") / "mappings"))


@dataclass(frozen=True)
class Ran:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    def paragraph(self) -> str:
        """Return standard error, which must be one clear paragraph, and none on output."""
        assert self.out == "", self.out
        assert self.err.startswith("Error: "), self.err
        assert self.err.count("\n") == 1, self.err
        assert "Traceback" not in self.err
        assert "did not expect" not in self.err, self.err
        return self.err


Geoloom = Callable[..., Ran]


@pytest.fixture
def geoloom(capfd: pytest.CaptureFixture[str]) -> Geoloom:
    def run(*words: str | Path) -> Ran:
        capfd.readouterr()
        with pytest.raises(SystemExit) as caught:
            main([str(word) for word in words])
        out, err = capfd.readouterr()
        assert isinstance(caught.value.code, int)
        return Ran(caught.value.code, out, err)

    return run


@pytest.fixture(scope="session")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    return generate(tmp_path_factory.mktemp("tiny"), fields=60, field_format="gpkg")


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory, scenario: Scenario) -> Path:
    """A store of fields, products, districts and samples that no test changes."""
    store = Store.create(tmp_path_factory.mktemp("loaded") / "store")
    load_codelists(store, ("hcat3", "lucas2018-lc1"))
    for name in ("fields", "products", "districts", "samples"):
        mapping = load_mapping(MAPPINGS / f"{name}.rml.ttl")
        run_mapping(mapping, store.begin(), base_dir=scenario.directory)
    return store.path


@pytest.fixture
def store(loaded: Path, tmp_path: Path) -> Path:
    """A copy of the loaded store, to change."""
    return Path(shutil.copytree(loaded, tmp_path / "store"))
