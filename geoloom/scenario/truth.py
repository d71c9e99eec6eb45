"""What the generator knows about its scenario."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ontology import InputError

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often ``actual`` was mapped as ``mapped``."""

    actual: str
    mapped: str
    count: int


@dataclass(frozen=True, slots=True)
class CoverSearch:
    """Products of one month whose footprint meets a box and that hold enough of a class.

    ``class_code`` is an HCAT 3 code; the cover share asked for is the sum over the class and
    all classes below it, and must be over ``min_share``. ``start`` is inclusive, ``end`` not.
    ``box`` is west, south, east, north in degrees.
    """

    class_name: str
    class_code: str
    min_share: float
    box: Box
    start: str
    end: str
    image_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DistrictSearch:
    """Products of a period (``end`` exclusive) whose footprint intersects a district."""

    district: str
    start: str
    end: str
    image_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InconsistentSearch:
    """Products of a period (``end`` exclusive) with a disagreeing sample in the footprint."""

    start: str
    end: str
    image_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IceSearch:
    """Ice polygons over ``min_concentration`` percent within ``distance_m`` of a harbour.

    Distances are geodesic (WGS84), from the harbour to the nearest place of the polygon.
    """

    harbour: str
    distance_m: float
    min_concentration: int
    ice_ids: tuple[str, ...]

    @property
    def count(self) -> int:
        """Number of polygons."""
        return len(self.ice_ids)


@dataclass(frozen=True, slots=True)
class Truth:
    """The true answers.

    Attributes
    ----------
    seed, fields, samples, products : int
    distance_m : float
        A sample is compared with fields within this distance.
    agree, disagree, no_field, no_crosswalk : tuple of str
        POINT_IDs by outcome; each sample is in exactly one. Every ``no_crosswalk`` sample has
        a field within the distance, every ``no_field`` sample a class with a crosswalk.
    sample_confusion : tuple of Confusion
        LC1 code of a sample and HCAT 3 code of the field beside it, agreeing or not.
    field_confusion : tuple of Confusion
        HCAT 3 code that grows and HCAT 3 code mapped, over all fields.
    pixels : dict of str to int
        HCAT 3 code to number of pixels of the class raster.
    cover, district, inconsistent, ice
        Four searches with parameters and answers.
    """

    seed: int
    fields: int
    samples: int
    products: int
    distance_m: float
    agree: tuple[str, ...]
    disagree: tuple[str, ...]
    no_field: tuple[str, ...]
    no_crosswalk: tuple[str, ...]
    sample_confusion: tuple[Confusion, ...]
    field_confusion: tuple[Confusion, ...]
    pixels: dict[str, int]
    cover: CoverSearch
    district: DistrictSearch
    inconsistent: InconsistentSearch
    ice: IceSearch

    def counts(self) -> dict[str, int]:
        """Return the number of samples by outcome."""
        names = ("agree", "disagree", "no_field", "no_crosswalk")
        return {name: len(getattr(self, name)) for name in names}

    def to_json(self) -> str:
        """Return the text of ``truth.json``."""
        return json.dumps({"synthetic": True, **asdict(self)}, indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str, where: str = "truth.json") -> Truth:
        """Read ``truth.json``.

        Raises
        ------
        InputError
            If it is not what :meth:`to_json` writes.
        """
        try:
            raw: dict[str, Any] = json.loads(text)
            raw.pop("synthetic")
            for name in ("sample_confusion", "field_confusion"):
                raw[name] = [Confusion(**row) for row in raw[name]]
            for name, kind in _SEARCHES.items():
                raw[name] = kind(**{key: _frozen(value) for key, value in raw[name].items()})
            return cls(**{key: _frozen(value) for key, value in raw.items()})
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                "This is not the truth file of a scenario",
                where=where,
                why=str(error),
                remedy="generate the scenario again",
            ) from error


_SEARCHES: dict[str, type[Any]] = {
    "cover": CoverSearch,
    "district": DistrictSearch,
    "inconsistent": InconsistentSearch,
    "ice": IceSearch,
}


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class Scenario:
    """A generated scenario: its folder, its files by name, its truth.

    Attributes
    ----------
    directory : Path
    fields_file : str
        ``fields.gpkg`` or ``fields.parquet``.
    truth : Truth
    """

    directory: Path
    fields_file: str
    truth: Truth

    @property
    def fields_path(self) -> Path:
        """Where the fields lie."""
        return self.directory / self.fields_file

    def path(self, name: str) -> Path:
        """Return the path of one of the files.

        Raises
        ------
        InputError
            If the scenario has no such file.
        """
        found = self.directory / name
        if not found.is_file():
            raise InputError(
                "The scenario has no such file",
                where=str(found),
                why="there are " + ", ".join(sorted(p.name for p in self.directory.iterdir())),
            )
        return found
