"""All guesses about the layers of a file, before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ..describe import PATHS, Column, SourceDescription
from ..language.vocabulary import RASTER_ZONES
from .codes import CodeGuess, best_of, code_guess
from .keys import Key, Link, key_of, links_of
from .names import class_name, distinct_names
from .values import Form, form_of, is_wkt, native_form

_LABELS: Final = frozenset(
    {"name", "label", "title", "bezeichnung", "nom", "nombre", "nome", "naam", "navn", "namn"}
    | {"nimi", "nazwa", "naziv", "naslov", "pavadinimas", "nosaukums", "nazev", "nazov"}
)
_PAIRS: Final = (
    ("lon", "lat"),
    ("lng", "lat"),
    ("long", "lat"),
    ("longitude", "latitude"),
    ("th_long", "th_lat"),
    ("gps_long", "gps_lat"),
    ("x", "y"),
)
_ZONE_PROPERTIES: Final = {
    "value": "gl:classCode",
    "pixels": "gl:pixelCount",
    "area": "geo:hasMetricArea",
    "mean_confidence": "gl:confidence",
    "min_confidence": "gl:minConfidence",
}


@dataclass(frozen=True, slots=True)
class PropertyGuess:
    """A column and the predicate, datatype and code list guessed for it."""

    column: Column
    predicate: str
    form: Form
    codes: CodeGuess | None = None
    class_predicate: str = "gl:observedClass"

    @property
    def own(self) -> bool:
        """Whether the predicate is one of the new vocabulary."""
        return self.predicate.startswith("ns:")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a layer's geometry comes from: its own, a column of WKT, two columns of degrees."""

    kind: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LayerGuess:
    """Everything guessed about a layer.

    Attributes
    ----------
    name, class_name : str
        Local names.
    nulls : tuple of str
        Texts that mean "no value".
    """

    description: SourceDescription
    name: str
    class_name: str
    key: Key
    properties: tuple[PropertyGuess, ...]
    links: tuple[Link, ...]
    place: Place | None
    nulls: tuple[str, ...]

    @property
    def observed(self) -> bool:
        """Whether a column names classes, so that rows are observations."""
        return any(one.codes for one in self.properties)

    @property
    def left_out(self) -> tuple[str, ...]:
        """Names of columns that are not mapped."""
        found = self.description
        return tuple(c.name for c in found.columns if not _is_mapped(c, found))


def guess_layers(descriptions: Sequence[SourceDescription], folder: Path) -> tuple[LayerGuess, ...]:
    """Guess about all layers of a file together."""
    names = distinct_names((_layer_name(one) for one in descriptions), "layer")
    keys = [key_of(one, folder) for one in descriptions]
    links = links_of(descriptions, keys)
    return tuple(
        _guess(one, name, key, tuple(own))
        for one, name, key, own in zip(descriptions, names, keys, links, strict=True)
    )


def _layer_name(description: SourceDescription) -> str:
    source = description.source
    member = source.option("member")
    stem = Path(member or source.path).name.split(".")[0]
    return source.option("layer") or stem or source.iterator or "layer"


def _guess(
    description: SourceDescription, name: str, key: Key, links: tuple[Link, ...]
) -> LayerGuess:
    place = _place(description)
    used = place.columns if place is not None and place.kind == "wkt" else ()
    left_out = {c.name for c in description.columns if not _is_mapped(c, description)}
    columns = [c for c in description.columns if c.name not in used and c.name not in left_out]
    raster = description.source.formulation == RASTER_ZONES
    forms = {c.name: native_form(c) if raster else form_of(c) for c in columns}
    nulls = _nulls(columns, forms)
    locals_ = distinct_names(column.name for column in columns)
    beside = frozenset(column.name.lower() for column in description.columns)
    properties = tuple(
        PropertyGuess(
            column,
            predicate,
            forms[column.name],
            code_guess(column, description.source.path, beside),
        )
        for column, local in zip(columns, locals_, strict=True)
        if (predicate := _predicate(column.name, local, raster)) is not None
    )
    properties = _one_class(properties)
    return LayerGuess(description, name, class_name(name), key, properties, links, place, nulls)


def _is_mapped(column: Column, description: SourceDescription) -> bool:
    """Not bytes or structures, nor a path that leads to no value (a run would refuse it)."""
    if description.source.formulation in PATHS and not len(column.values) and column.rows:
        return False
    return not column.kind.startswith(("binary", "struct", "map", "list<item: struct"))


def _one_class(properties: tuple[PropertyGuess, ...]) -> tuple[PropertyGuess, ...]:
    """Several columns with codes: one says the class, the others get predicates of their own."""
    coded = [one for one in properties if one.codes]
    if len(coded) < 2:
        return properties
    direct = [one for one in coded if one.codes and one.codes.notation == "code"]
    best = best_of([one.column.name for one in direct or coded])
    return tuple(
        replace(one, class_predicate=f"{one.predicate}_class")
        if one.codes and one.column.name != best
        else one
        for one in properties
    )


def _predicate(column: str, local: str, raster: bool) -> str | None:
    if raster:
        return _ZONE_PROPERTIES.get(column)
    return "rdfs:label" if column.lower() in _LABELS else f"ns:{local}"


def _nulls(columns: Sequence[Column], forms: dict[str, Form]) -> tuple[str, ...]:
    """Texts that mean "no value" in the whole source; not where another column has them as text."""
    wanted = {text for form in forms.values() for text in form.nulls}
    for column in columns:
        if forms[column.name].nulls or column.kind != "string" or not wanted:
            continue
        found = pc.is_in(pa.array(sorted(wanted), pa.string()), value_set=column.values)
        wanted -= {t for t, here in zip(sorted(wanted), found.to_pylist(), strict=True) if here}
    for name, form in forms.items():
        if not set(form.nulls) <= wanted:
            forms[name] = Form("xsd:string", note="some texts that mean no value")
    return tuple(sorted(wanted))


def _place(description: SourceDescription) -> Place | None:
    if description.has_geometry and description.crs is not None:
        return Place("own")
    wkt = next((c.name for c in description.columns if is_wkt(c)), None)
    if wkt is not None:
        return Place("wkt", (wkt,))
    by_name = {c.name.lower(): c for c in description.columns}
    for x, y in _PAIRS:
        if x in by_name and y in by_name:
            pair = by_name[x], by_name[y]
            if _within(pair[0], 360) and _within(pair[1], 90):
                return Place("pair", (pair[0].name, pair[1].name))
    return None


def _within(column: Column, limit: float) -> bool:
    """Whether all values are numbers of degrees."""
    try:
        values = pc.cast(column.values, pa.float64())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return False
    return len(values) > 0 and bool(pc.all(pc.less_equal(pc.abs(values), limit)).as_py())
