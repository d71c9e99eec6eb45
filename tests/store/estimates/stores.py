"""Stores to judge estimates by: the demo's map, fields, and a land register.

The register has several themes, whose columns tell something of one another, and links between.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from benchmarks.fields import field_batches
from geoloom.codelists import load_codelists
from geoloom.linking import link_classes
from geoloom.scenario import generate
from mapper import load_mapping, run_mapping
from store import Store
from store.layout.manifest import TablesPolicy

EX = "http://ex/"
GEO = "http://www.opengis.net/ont/geosparql#"
GL = "https://w3id.org/geoloom/ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"
CROPS = 12
ARCHIVE = f"{EX}archive"


def scenario(folder: Path, tables: TablesPolicy) -> Store:
    """The demo's map: fields, products, districts, zones, ice, samples, code lists and links."""
    made = generate(folder / "scenario", fields=300, field_format="gpkg")
    store = Store.create(folder / "scenario-store", tables=tables)
    load_codelists(store, ("hcat3", "lucas2018-lc1", "sigrid3-stage"))
    for name in ("fields", "products", "districts", "zones", "ice", "samples"):
        with as_file(files("geoloom.demo") / "mappings" / f"{name}.rml.ttl") as path:
            run_mapping(load_mapping(path), store.begin(), base_dir=made.directory)
    link_classes(store, f"{GL}Product", f"{GL}AdministrativeUnit", ("sfIntersects",))
    return store


def fields(folder: Path, tables: TablesPolicy) -> Store:
    """The store benchmark's fields: two classes, a link each."""
    store = Store.create(folder / "fields", tables=tables)
    with store.begin("fields") as sink:
        for batches in field_batches(3000):
            for batch in batches:
                sink.write(batch)
    return store


def register(folder: Path, tables: TablesPolicy) -> Store:
    """Parcels, owners, sensors and readings; most columns tell something of the others."""
    rng = np.random.default_rng(7)
    path = folder / "register.nq"
    path.write_text("".join(_register(rng)), encoding="utf-8")
    store = Store.create(folder / "register", tables=tables)
    store.load([path])
    return store


def _register(rng: np.random.Generator) -> Iterator[str]:
    towns = rng.uniform((10, 46), (16, 48), (8, 2))
    yield from _owners(rng, 200)
    yield from _parcels(rng, 4000, towns)
    yield from _sensors(rng, 150, towns)
    for k in range(CROPS):
        yield _triple(f"crop{k}", "label", f'"crop {k}"@en')
        yield _triple(f"crop{k}", "a", f"<{EX}Crop>")
        if k:
            yield _triple(f"crop{k}", "broader", f"<{EX}crop{k // 3}>")


def _owners(rng: np.random.Generator, count: int) -> Iterator[str]:
    for k in range(count):
        yield _triple(f"owner{k}", "a", f"<{EX}{'Company' if k % 5 == 0 else 'Person'}>")
        yield _triple(f"owner{k}", "town", f"<{EX}town{int(rng.integers(8))}>")
        yield _triple(f"owner{k}", "label", f'"owner {k}"')
        if k % 5 == 0:
            yield _triple(f"owner{k}", "taxNumber", f'"{k}"^^<{XSD}integer>')


def _parcels(rng: np.random.Generator, count: int, towns: np.ndarray) -> Iterator[str]:
    """A parcel's crop decides whether it is irrigated, its soil and about its area."""
    for k in range(count):
        crop, town = min(int(rng.geometric(0.25)) - 1, CROPS - 1), int(rng.integers(8))
        name, day = f"parcel{k}", int(rng.integers(0, 365))
        for graph in ("", ARCHIVE) if k % 4 == 0 else ("",):
            yield _triple(name, "a", f"<{EX}Parcel>", graph)
            yield _triple(name, "crop", f"<{EX}crop{crop}>", graph)
            area = rng.lognormal(7 + crop / 4, 0.5)
            yield _triple(name, "area", f'"{area:.2f}"^^<{XSD}decimal>', graph)
        yield _triple(name, "soil", f'"{"clay" if crop < 3 else "loam" if crop < 6 else "sand"}"')
        yield _triple(name, "owner", f"<{EX}owner{(int(rng.zipf(1.6)) * 5 + town) % 200}>")
        yield _triple(name, "label", f'"parcel {k}"')
        if crop in (1, 4):
            yield _triple(name, "irrigatedSince", f'"{2000 + day % 20}-05-01"^^<{XSD}date>')
            yield _triple(name, "water", f'"{rng.gamma(2, 30):.1f}"^^<{XSD}double>')
        x, y = towns[town] + rng.normal(0, 0.15, 2)
        yield from _place(name, x, y, 0.01)


def _sensors(rng: np.random.Generator, count: int, towns: np.ndarray) -> Iterator[str]:
    for k in range(count):
        kind = ("Rain", "Wind", "Soil")[k % 3]
        yield _triple(f"sensor{k}", "a", f"<{EX}{kind}Sensor>")
        yield _triple(f"sensor{k}", "a", f"<{EX}Sensor>")
        yield _triple(f"sensor{k}", "label", f'"{kind} {k}"')
        x, y = towns[k % 3] + rng.normal(0, 0.2, 2)
        yield from _place(f"sensor{k}", x, y, 0.0)
        for j in range(int(rng.integers(0, 30))):
            name = f"reading{k}-{j}"
            moment = f"2024-{1 + j % 12:02d}-{1 + k % 28:02d}T{j % 24:02d}:00:00Z"
            yield _triple(name, "a", f"<{EX}Reading>")
            yield _triple(name, "madeBy", f"<{EX}sensor{k}>")
            yield _triple(name, "at", f'"{moment}"^^<{XSD}dateTime>')
            yield _triple(name, "value", f'"{rng.normal(k % 3 * 50, 10):.2f}"^^<{XSD}double>')
            if k % 3 == 1:
                yield _triple(name, "direction", f'"{int(rng.integers(360))}"^^<{XSD}integer>')


def _place(name: str, x: float, y: float, side: float) -> Iterator[str]:
    ring = f"{x} {y}, {x + side} {y}, {x + side} {y + side}, {x} {y + side}, {x} {y}"
    wkt = f"POLYGON (({ring}))" if side else f"POINT ({x} {y})"
    yield f"<{EX}{name}> <{GEO}hasGeometry> <{EX}{name}/place> .\n"
    yield f'<{EX}{name}/place> <{GEO}asWKT> "{wkt}"^^<{GEO}wktLiteral> .\n'


def _triple(name: str, predicate: str, target: str, graph: str = "") -> str:
    type_of = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    iri = type_of if predicate == "a" else EX + predicate
    return f"<{EX}{name}> <{iri}> {target} {f'<{graph}> ' if graph else ''}.\n"
