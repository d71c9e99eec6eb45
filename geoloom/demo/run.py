"""The demo, step by step."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from endpoint import ValidationReport, validate
from federation import Federation, Source
from mapper import load_mapping, run_mapping
from ontology import UsageError
from store import Store

from ..assessments import write_assessments
from ..codelists import load_codelists
from ..linking import link_classes
from ..scenario import Scenario, generate
from .checks import GL, Check, map_checks, search_checks, validation_checks
from .report import write_report
from .samples import sample_endpoint

LISTS = ("hcat3", "lucas2018-lc1", "sigrid3-stage")
MARKER = ".geoloom-demo"
SOURCES = """# The demo's two stores as one federation:
#   geoloom federate --sources sources.toml 'SELECT …'
# In the demo itself the samples lie behind an endpoint of their own: endpoint = "http://…/sparql".

[[source]]
name = "map"
store = "store"

[[source]]
name = "lucas"
store = "samples-store"
"""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class DemoReport:
    """Where things lie and how the figures compare with the truth."""

    directory: Path
    store: Path
    report: Path
    checks: tuple[Check, ...]
    seconds: float

    @property
    def good(self) -> bool:
        """Whether every figure equals the truth."""
        return all(check.good for check in self.checks)


def run_demo(
    directory: Path, *, fields: int = 5000, seed: int = 42, say: Say = lambda _: None
) -> DemoReport:
    """Generate, map, load, interlink, validate across two endpoints, search, and check.

    Parameters
    ----------
    directory : Path
        Made if missing; an earlier demo in it is replaced, anything else is refused.
    fields : int
        Number of crop fields.
    seed : int
        Same seed, same scenario.
    say : callable
        Gets one line a step.

    Raises
    ------
    UsageError
        If the directory holds something that is not a demo.
    """
    begun = time.perf_counter()
    _make_room(directory)
    say(f"1. a synthetic scenario of {fields:,} fields (seed {seed})")
    scenario = generate(directory / "data", fields=fields, seed=seed, field_format="gpkg")
    say("2. mapping and loading: fields, products, districts, class raster, ice chart")
    store = Store.create(directory / "store")
    load_codelists(store, LISTS)
    for name in ("fields", "products", "districts", "zones", "ice"):
        _map(name, scenario, store)
    say("3. interlinking products with districts")
    link_classes(store, GL + "Product", GL + "AdministrativeUnit", ("sfIntersects",))
    samples = Store.create(directory / "samples-store")
    _map("samples", scenario, samples)
    say("4. validating against the samples behind a second endpoint")
    report = _validate(store, samples, directory, scenario)
    write_assessments(store, report)
    say("5. searching the catalogue")
    checks = (
        *map_checks(store, scenario),
        *validation_checks(report, scenario),
        *search_checks(store, scenario),
    )
    page = write_report(directory, report, checks)
    return DemoReport(directory, store.path, page, checks, time.perf_counter() - begun)


def _make_room(directory: Path) -> None:
    if directory.exists() and any(directory.iterdir()):
        if not (directory / MARKER).exists():
            raise UsageError(
                "The demo's folder is not empty",
                where=str(directory),
                why="it holds something that is not an earlier demo",
                remedy="name another folder with --dir",
            )
        _clear(directory)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / MARKER).touch()


def _clear(directory: Path) -> None:
    """Take away what a demo makes, and nothing that the user put beside it."""
    for folder in ("data", "store", "samples-store"):
        shutil.rmtree(directory / folder, ignore_errors=True)
    for file in (
        "report.html",
        "validation.html",
        "sources.toml",
        *(p.name for p in directory.glob("*.cache.json")),
    ):
        (directory / file).unlink(missing_ok=True)


def _map(name: str, scenario: Scenario, store: Store) -> None:
    with as_file(files("geoloom.demo") / "mappings" / f"{name}.rml.ttl") as path:
        run_mapping(load_mapping(path), store.begin(), base_dir=scenario.directory)


def _validate(
    store: Store, samples: Store, directory: Path, scenario: Scenario
) -> ValidationReport:
    (directory / "sources.toml").write_text(SOURCES)
    with sample_endpoint(samples.path) as endpoint:
        federation = Federation([Source("lucas", endpoint=endpoint)], store=store)
        return validate(federation, distance=scenario.truth.distance_m)
