"""The examples are whole: every mapping and query in them is read, also without their data."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from geoloom.pipeline import load_pipeline
from mapper import load_mapping
from store import Store

EXAMPLES = Path(__file__).parents[2] / "examples"
pytestmark = pytest.mark.sources


@pytest.mark.parametrize("name", ["kansas.toml", "austria.toml", "icechart.toml"])
def test_example(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "examples"
    shutil.copytree(EXAMPLES, folder, ignore=shutil.ignore_patterns("data", "*-store"))
    for step in tomllib.loads((folder / name).read_text(encoding="utf-8"))["map"]:
        (folder / step["base"]).mkdir(parents=True, exist_ok=True)
    pipeline = load_pipeline(folder / name)
    for mapped in pipeline.map:
        assert load_mapping(mapped.mapping)
    store = Store.create(pipeline.store)
    assert [len(store.query(query.sparql())) for query in pipeline.query] == [0] * len(
        pipeline.query
    )


def test_every_query_and_mapping_belongs_to_an_example() -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in EXAMPLES.glob("*.toml"))
    ours = [*(EXAMPLES / "queries").iterdir(), *(EXAMPLES / "mappings").iterdir()]
    assert [file.name for file in ours if f"{file.parent.name}/{file.name}" not in text] == []
