"""What functions get: arguments read as numbers, geometries or one value for all rows."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ontology import CRS84, GeometryError, MappingError, parse_wkt

from ..terms.cells import Cells
from ..terms.faults import positions
from ..terms.geometry import decode
from ..terms.literals import text_of
from .registry import Call

_NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"


def single(cells: Cells, name: str, call: Call) -> str:
    """Value of an argument that must be the same in all rows.

    Raises
    ------
    MappingError
        It has several values, or none.
    """
    values = pc.unique(text_of(cells.values)).drop_null()
    if len(values) != 1:
        raise MappingError(
            f"The parameter {name} must have one value for all rows",
            where=call.where,
            why=f"it has {len(values)}",
            remedy="give it with rml:inputValue",
        )
    return str(values[0].as_py())


def whole_number(cells: Cells, name: str, call: Call, low: int, high: int) -> int:
    """The same for a whole number in a range (MappingError if it is none)."""
    text = single(cells, name, call)
    if not text.strip().lstrip("-").isdigit() or not low <= int(text) <= high:
        raise MappingError(
            f"The parameter {name} is a whole number from {low} to {high}",
            where=call.where,
            why=f"it is {text!r}",
        )
    return int(text)


def numbers(call: Call, cells: Cells, name: str) -> Any:
    """Doubles, NaN for no value; texts that are no numbers make their rows bad."""
    values = cells.values
    if cells.crs is None and not pa.types.is_string(values.type):
        try:
            return pc.cast(values, pa.float64()).to_numpy(zero_copy_only=False)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            pass
    texts = text_of(values)
    legal = pc.match_substring_regex(texts, _NUMBER)
    bad = positions(pc.invert(legal))
    call.fault(bad, lambda k: f"{call.where}: {name} {texts[int(bad[k])].as_py()!r} is no number")
    plain = pc.utf8_trim_whitespace(pc.if_else(legal, texts, pa.scalar(None, pa.string())))
    return pc.cast(plain, pa.float64()).to_numpy(zero_copy_only=False)


def shapes(call: Call, geometry: Cells) -> tuple[Any, str]:
    """Shapely geometries of WKB or of WKT texts, and their CRS.

    What is no geometry makes its row bad.

    Raises
    ------
    MappingError
        WKT texts of several CRSs, or a column that holds no texts.
    """
    if geometry.crs is not None:
        return decode(geometry, call.faults, call.where), geometry.crs
    if not pa.types.is_string(geometry.values.type) and not pa.types.is_null(geometry.values.type):
        raise MappingError(
            "A geometry is needed here",
            where=call.where,
            why=f"the column holds {geometry.values.type}",
            remedy="name a geometry column or one with WKT texts",
        )
    parsed = parse_wkt(text_of(geometry.values))
    call.fault(
        [problem.row for problem in parsed.problems],
        lambda k: f"{call.where}: {parsed.problems[k].text_excerpt!r} is no geometry",
        GeometryError,
    )
    names = pc.unique(parsed.crs.dictionary_decode()).drop_null().to_pylist()
    if len(names) > 1:
        raise MappingError(
            "The geometries of a column are in several CRSs",
            where=call.where,
            why=", ".join(names),
            remedy="split the source by CRS",
        )
    own = names[0] if names else CRS84
    return decode(Cells(parsed.wkb, geometry.rows, own), call.faults, call.where), own
