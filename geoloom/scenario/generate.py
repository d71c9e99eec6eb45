"""The generator: everything written, everything known."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import Transformer

from ontology import InputError, UsageError

from .crops import CROPS
from .districts import make_districts, write_districts
from .fields import FieldChunk, field_chunks, in_window, window_bounds
from .files import field_batch, field_writer
from .ice import make_ice, write_ice
from .layout import LAEA, Layout, make_layout, random
from .products import CLEAR_PERCENT, Products, make_products, write_products
from .raster import WINDOW_BLOCKS, write_rasters
from .readme import readme
from .samples import DISTANCE_M, make_samples, write_samples
from .searches import cover_search, district_search, inconsistent_search
from .tiles import UTM, containing
from .truth import Confusion, Scenario, Truth

FieldFormat = Literal["auto", "gpkg", "parquet"]
_LARGE: Final = 100_000
_INSIDE_TILE_M: Final = 500.0


def generate(
    directory: str | Path,
    *,
    fields: int = 5000,
    seed: int = 42,
    error_rate: float = 0.15,
    field_format: FieldFormat = "auto",
) -> Scenario:
    """Write a synthetic scenario and return it with its true answers.

    The same arguments give the same values in every file.

    Parameters
    ----------
    directory : str or Path
        Made when missing; files of an earlier scenario in it are replaced.
    fields : int
        Number of crop fields, at least 1.
    seed : int
        Not negative.
    error_rate : float
        Part of the fields that the map gives a wrong class, 0 to 1.
    field_format : {"auto", "gpkg", "parquet"}
        Of the fields; "auto" is GeoPackage up to 100,000 fields, else GeoParquet.

    Raises
    ------
    UsageError
        If an argument is out of range.
    InputError
        If the directory cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> scenario = generate(tempfile.mkdtemp(), fields=50)
    >>> sum(scenario.truth.counts().values()) == scenario.truth.samples
    True
    """
    _check(seed, error_rate, field_format)
    layout = make_layout(fields, seed)
    suffix = field_format if field_format != "auto" else "gpkg" if fields <= _LARGE else "parquet"
    folder = Path(directory)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        truth = _write(folder, layout, fields, seed, error_rate, f"fields.{suffix}")
    except (OSError, DataSourceError, DataLayerError) as error:
        raise InputError(
            "Cannot write the scenario",
            where=str(folder),
            why=getattr(error, "strerror", None) or str(error),
            remedy="choose a folder you may write to, on a disk with room",
        ) from error
    return Scenario(folder, f"fields.{suffix}", truth)


def read_scenario(directory: str | Path) -> Scenario:
    """Open a scenario that was generated before.

    Raises
    ------
    InputError
        If there is none in the directory.
    """
    folder = Path(directory)
    names = [n for n in ("fields.gpkg", "fields.parquet") if (folder / n).is_file()]
    try:
        text = (folder / "truth.json").read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(
            "There is no scenario here", where=str(folder), why=error.strerror or str(error)
        ) from error
    if not names:
        raise InputError("The scenario has no fields", where=str(folder))
    return Scenario(folder, names[0], Truth.from_json(text, str(folder / "truth.json")))


def _check(seed: int, error_rate: float, field_format: str) -> None:
    if seed < 0:
        raise UsageError("The seed of a scenario cannot be negative", why=f"it is {seed}")
    if not 0 <= error_rate <= 1:
        raise UsageError(
            "The error rate of a scenario lies between 0 and 1", why=f"it is {error_rate}"
        )
    if field_format not in ("auto", "gpkg", "parquet"):
        raise UsageError(
            f"Fields cannot be written as {field_format!r}",
            remedy="must be one of 'auto', 'gpkg', 'parquet'",
        )


def _write(
    folder: Path, layout: Layout, fields: int, seed: int, error_rate: float, name: str
) -> Truth:
    _forget(folder)
    products = make_products(layout, seed)
    notes = _write_fields(folder / name, layout, products, seed, error_rate)
    blocks = min(layout.side, WINDOW_BLOCKS)
    pixels = write_rasters(*notes.window(), window_bounds(layout, blocks), folder)
    samples = make_samples(layout, notes.true, notes.mapped, seed)
    write_samples(samples, folder / "lucas_points.csv", seed)
    write_products(products, folder)
    districts = make_districts(layout, seed)
    write_districts(districts, folder / "districts.geojson")
    ice = make_ice(seed)
    write_ice(ice, folder)
    truth = Truth(
        seed=seed,
        fields=fields,
        samples=layout.blocks,
        products=len(products),
        distance_m=DISTANCE_M,
        agree=samples.ids("agree"),
        disagree=samples.ids("disagree"),
        no_field=samples.ids("no_field"),
        no_crosswalk=samples.ids("no_crosswalk"),
        sample_confusion=samples.confusion(),
        field_confusion=notes.confusion(),
        pixels=pixels,
        cover=cover_search(products),
        district=district_search(products, districts),
        inconsistent=inconsistent_search(products, samples),
        ice=ice.search,
    )
    (folder / "README.txt").write_text(readme(truth, layout, name), encoding="utf-8")
    (folder / "truth.json").write_text(truth.to_json(), encoding="utf-8")
    return truth


def _forget(folder: Path) -> None:
    for name in ("fields.gpkg", "fields.parquet", "truth.json"):
        (folder / name).unlink(missing_ok=True)


class _Notes:
    """What is kept of the fields while they are written."""

    def __init__(self, layout: Layout) -> None:
        self.true = np.zeros(layout.blocks, np.int64)
        self.mapped = np.zeros(layout.blocks, np.int64)
        self._counts: Counter[int] = Counter()
        self._window: list[tuple[npt.NDArray[Any], ...]] = []
        self._layout = layout

    def take(self, chunk: FieldChunk) -> None:
        block = chunk.block[chunk.sampled]
        self.true[block] = chunk.true[chunk.sampled]
        self.mapped[block] = chunk.mapped[chunk.sampled]
        pairs = np.bincount(chunk.true * len(CROPS) + chunk.mapped)
        self._counts.update({int(p): int(pairs[p]) for p in np.flatnonzero(pairs)})
        inside = in_window(self._layout, chunk, WINDOW_BLOCKS)
        if inside.any():
            self._window.append(
                (chunk.geometry[inside], chunk.mapped[inside], chunk.confidence[inside])
            )

    def window(self) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        if not self._window:
            return np.empty(0, object), np.empty(0, np.int64), np.empty(0, np.float64)
        geometry, mapped, confidence = zip(*self._window, strict=True)
        return np.concatenate(geometry), np.concatenate(mapped), np.concatenate(confidence)

    def confusion(self) -> tuple[Confusion, ...]:
        rows = [
            Confusion(CROPS[pair // len(CROPS)].hcat, CROPS[pair % len(CROPS)].hcat, count)
            for pair, count in self._counts.items()
        ]
        return tuple(sorted(rows, key=lambda row: (row.actual, row.mapped)))


def _write_fields(
    path: Path, layout: Layout, products: Products, seed: int, error_rate: float
) -> _Notes:
    notes = _Notes(layout)
    to_utm = Transformer.from_crs(LAEA, UTM, always_xy=True)
    with field_writer(path) as write:
        for number, chunk in enumerate(field_chunks(layout, seed, error_rate)):
            x, y = to_utm.transform(chunk.centre[:, 0], chunk.centre[:, 1])
            tile = containing(products.tiles, x, y, _INSIDE_TILE_M)
            image = _seen_in(products, tile, random(seed, "images", number))
            write(field_batch(chunk, image))
            notes.take(chunk)
    return notes


def _seen_in(
    products: Products, tile: npt.NDArray[np.int64], rng: np.random.Generator
) -> npt.NDArray[np.str_]:
    """A clear product of each field's tile."""
    image = np.empty(len(tile), products.image_id.dtype)
    for index in np.unique(tile):
        here = tile == index
        choice = products.image_id[(products.tile == index) & (products.cloud < CLEAR_PERCENT)]
        image[here] = rng.choice(choice, int(here.sum()))
    return image
