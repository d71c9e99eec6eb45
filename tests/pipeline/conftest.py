"""A tiny scenario and a pipeline over all of it."""

from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from geoloom.scenario import Scenario, generate

PIPELINE = """
store = "store"
codelists = ["hcat3", "lucas2018-lc1"]

[[map]]
mapping = "mappings/fields.rml.ttl"
base = "data"

[[map]]
mapping = "mappings/products.rml.ttl"
base = "data"

[[map]]
mapping = "mappings/districts.rml.ttl"
base = "data"
on_bad = "quarantine"

[[map]]
mapping = "mappings/samples.rml.ttl"
base = "data"

[[load]]
files = ["extra.ttl"]
graph = "http://example.org/extra"

[[interlink]]
source = "gl:Product"
target = "<https://w3id.org/geoloom/ns#AdministrativeUnit>"
relations = ["sfIntersects", "sfWithin"]

[validate]
distance = 10
report = "report.html"

[[query]]
name = "fields"
file = "fields.rq"
output = "fields.csv"

[[query]]
name = "how many"
text = "SELECT * { ?f a <https://w3id.org/geoloom/ns#Observation> }"
"""

QUERY = """PREFIX gl: <https://w3id.org/geoloom/ns#>
SELECT ?field ?class { ?field a gl:Observation ; gl:observedClass ?class } ORDER BY ?field
"""


@pytest.fixture(scope="session")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    return generate(tmp_path_factory.mktemp("tiny") / "data", fields=60, field_format="gpkg")


@pytest.fixture
def folder(tmp_path: Path, scenario: Scenario) -> Path:
    """Return a folder with a pipeline file, its mappings and its data."""
    (tmp_path / "data").symlink_to(scenario.directory)
    shutil.copytree(str(files("geoloom.demo") / "mappings"), tmp_path / "mappings")
    (tmp_path / "pipeline.toml").write_text(PIPELINE, encoding="utf-8")
    (tmp_path / "fields.rq").write_text(QUERY, encoding="utf-8")
    (tmp_path / "extra.ttl").write_text('<http://a> <http://b> "c" .\n', encoding="utf-8")
    return tmp_path
